// A static server on loopback, for what cannot be loaded from disk.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/**
 * Serves `folders`, an object of first path segment -> directory, on a free
 * port.  Resolves to { origin, close() }.
 */
export async function serve(folders) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://h').pathname);
    const [, first, ...rest] = path.split('/');
    const folder = folders[first];
    const file = folder && normalize(join(folder, rest.join('/')));
    try {
      if (!file?.startsWith(folder + sep)) {
        throw new Error('outside');
      }
      const content = await readFile(file);
      response.writeHead(200, {
        'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
        'Content-Length': content.length,
      });
      response.end(content);
    } catch {
      response.writeHead(404, { 'Content-Type': 'text/plain' });
      response.end('Not Found');
    }
  });
  await new Promise((settle) => {
    server.listen(0, '127.0.0.1', settle);
  });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((settle) => {
      server.closeAllConnections();
      server.close(settle);
    }),
  };
}
