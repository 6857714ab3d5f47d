// What stands behind an address that a notebook names, and the forms in which
// it may have it: files of the page without network, others where the page's
// policy lets them through.

import type { EmbeddedFiles } from './embedded_files.ts';
import { embeddedName, isRemote, type DataType } from './fetch_grammar.ts';
import { pageAllows } from './policy.ts';

/** Throws what tells an author how to get it into the page. */
function checkAllowed(path: string): void {
  if (!pageAllows(document, path)) {
    throw new Error(
      `${path}: this page may not use the network. Pack the notebook with ` +
        `--connect ${new URL(path).origin}, or put the file into it with ` +
        '--file.',
    );
  }
}

async function fetchRemote(path: string): Promise<Blob> {
  checkAllowed(path);
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

function isInline(path: string): boolean {
  return /^(data|blob):/.test(path);
}

/** The bytes of a file of the page, and their mimetype. */
function embedded(
  path: string,
  files: EmbeddedFiles,
): { bytes: Uint8Array<ArrayBuffer>; type: string } | undefined {
  const entry = files.find(embeddedName(path)) ?? files.find(path);
  return entry && { bytes: files.bytes(entry), type: entry.mimetype };
}

function missing(path: string): Error {
  return new Error(
    `There is no file “${embeddedName(path)}” in this page. ` +
      'Pack the notebook with --file to put it in.',
  );
}

/** The bytes behind a path of a fetch line or of a plugin's `url`. */
export async function loadPath(
  path: string,
  files: EmbeddedFiles,
): Promise<Blob> {
  if (isRemote(path)) {
    return fetchRemote(path);
  }
  if (isInline(path)) {
    return (await fetch(path)).blob();
  }
  const file = embedded(path, files);
  if (!file) {
    throw missing(path);
  }
  return new Blob([file.bytes], { type: file.type });
}

export async function convertBlob(
  blob: Blob,
  type: DataType,
): Promise<unknown> {
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

/** Text at once: what `iodide.getDataSync` gives. */
export function readDataSync(path: string, files: EmbeddedFiles): string {
  if (!isRemote(path) && !isInline(path)) {
    const file = embedded(path, files);
    if (!file) {
      throw missing(path);
    }
    return new TextDecoder().decode(file.bytes);
  }
  if (isRemote(path)) {
    checkAllowed(path);
  }
  const request = new XMLHttpRequest();
  request.open('GET', path, false);
  try {
    request.send();
  } catch (error) {
    throw new Error(`${path} cannot be fetched: ${(error as Error).message}`);
  }
  if (isRemote(path) && (request.status < 200 || request.status > 299)) {
    throw new Error(
      `${path} cannot be fetched: ${request.status} ${request.statusText}`,
    );
  }
  return request.responseText;
}
