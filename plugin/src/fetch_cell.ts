// Runs a `%% fetch` chunk: files of the page without network, addresses where
// the page's policy lets them through.

import type { EmbeddedFiles } from './embedded_files.ts';
import {
  embeddedName,
  isRemote,
  parseFetchChunk,
  type DataType,
  type FetchLine,
} from './fetch_grammar.ts';

export interface FetchHost {
  files: EmbeddedFiles;
  /** Takes the JSON text of a plugin's definition. */
  addPlugin(definition: string): Promise<void>;
}

/** Whether the page's policy lets scripts use the network at all. */
export function networkIsAllowed(root: Document): boolean {
  const meta = root.querySelector('meta[http-equiv="Content-Security-Policy"]');
  const policy = meta?.getAttribute('content');
  if (!policy) {
    return true;
  }
  const directives = policy.split(';').map((part) => part.trim().split(/\s+/));
  const rule =
    directives.find(([name]) => name === 'connect-src') ??
    directives.find(([name]) => name === 'default-src');
  return rule === undefined || rule.some((word) => /^(\*|https?:)/.test(word));
}

async function fetchRemote(path: string): Promise<Blob> {
  if (!networkIsAllowed(document)) {
    throw new Error(
      `${path}: this page may not use the network. Pack the notebook with ` +
        '--allow-network, or put the file into it with --file.',
    );
  }
  let response: Response;
  try {
    response = await fetch(path);
  } catch (error) {
    throw new Error(`${path} cannot be fetched: ${(error as Error).message}`);
  }
  if (!response.ok) {
    throw new Error(
      `${path} cannot be fetched: ${response.status} ${response.statusText}`,
    );
  }
  return response.blob();
}

/** The bytes behind a path of a fetch line or of a plugin's `url`. */
export async function loadPath(
  path: string,
  files: EmbeddedFiles,
): Promise<Blob> {
  if (isRemote(path)) {
    return fetchRemote(path);
  }
  const entry = files.find(embeddedName(path)) ?? files.find(path);
  if (entry) {
    return new Blob([files.bytes(entry)], { type: entry.mimetype });
  }
  if (/^(data|blob):/.test(path)) {
    return (await fetch(path)).blob();
  }
  throw new Error(
    `There is no file “${embeddedName(path)}” in this page. ` +
      'Pack the notebook with --file to put it in.',
  );
}

async function convert(blob: Blob, type: DataType): Promise<unknown> {
  switch (type) {
    case 'text':
      return blob.text();
    case 'json':
      return JSON.parse(await blob.text()) as unknown;
    case 'blob':
      return blob;
    case 'arrayBuffer':
      return blob.arrayBuffer();
    case 'bytes':
      return new Uint8Array(await blob.arrayBuffer());
  }
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

async function runLine(line: FetchLine, host: FetchHost): Promise<void> {
  const blob = await loadPath(line.path, host.files);
  if (line.type === 'js') {
    await runScript(blob, line.path);
  } else if (line.type === 'css') {
    await addStyle(blob, line.path);
  } else if (line.type === 'plugin') {
    await host.addPlugin(await blob.text());
  } else if ('name' in line) {
    const value = await convert(blob, line.type);
    (globalThis as unknown as Record<string, unknown>)[line.name] = value;
  }
}

/** All lines at once; a syntax error stops the chunk before any of them. */
export async function runFetchChunk(
  source: string,
  host: FetchHost,
): Promise<void> {
  const lines = parseFetchChunk(source);
  await Promise.all(lines.map((line) => runLine(line, host)));
}
