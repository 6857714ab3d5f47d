// Runs a `%% fetch` chunk.

import type { EmbeddedFiles } from './embedded_files.ts';
import { convertBlob, loadPath } from './fetch_data.ts';
import { parseFetchChunk, type FetchLine } from './fetch_grammar.ts';

export interface FetchHost {
  files: EmbeddedFiles;
  /** Takes the JSON text of a plugin's definition. */
  addPlugin(definition: string): Promise<void>;
}

/** Runs a script as an element does, so that its declarations are global. */
async function runScript(blob: Blob, path: string): Promise<void> {
  const source = new Blob([blob], { type: 'text/javascript' });
  const url = URL.createObjectURL(source);
  try {
    await new Promise<void>((resolve, reject) => {
      const script = document.createElement('script');
      script.onload = () => resolve();
      script.onerror = () => reject(new Error(`${path} cannot be run`));
      script.src = url;
      document.head.append(script);
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function addStyle(blob: Blob, path: string): Promise<void> {
  const style = document.createElement('style');
  style.dataset.href = path;
  style.textContent = await blob.text();
  document.head.append(style);
}

/** All lines at once, but for scripts: one often needs the one before it.  A
 * syntax error stops the chunk before any of them. */
export async function runFetchChunk(
  source: string,
  host: FetchHost,
): Promise<void> {
  const lines = parseFetchChunk(source);
  let scripts = Promise.resolve();
  const run = async (line: FetchLine): Promise<void> => {
    const loading = loadPath(line.path, host.files);
    if (line.type === 'js') {
      const before = scripts;
      scripts = Promise.all([loading, before]).then(([blob]) =>
        runScript(blob, line.path),
      );
      return scripts;
    }
    const blob = await loading;
    if (line.type === 'css') {
      await addStyle(blob, line.path);
    } else if (line.type === 'plugin') {
      await host.addPlugin(await blob.text());
    } else if ('name' in line) {
      const value = await convertBlob(blob, line.type);
      (globalThis as unknown as Record<string, unknown>)[line.name] = value;
    }
  };
  await Promise.all(lines.map(run));
}
