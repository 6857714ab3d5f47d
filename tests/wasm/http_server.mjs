// A server on loopback that pages from elsewhere may read, for what Python
// asks of http.  Each path of `answers` is one kind of answer.

import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': '*, X-Test, Content-Type',
  'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'Access-Control-Expose-Headers': '*',
};

export const TABLE = 'name,number\none,1\ntwo,2\n';

/** Bytes of every value, as many as asked for. */
export function makeBytes(size) {
  return Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251));
}

async function readBody(request) {
  const pieces = [];
  for await (const piece of request) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function send(response, content, headers = {}) {
  response.writeHead(200, { 'Content-Type': 'text/plain', ...headers });
  response.end(content);
}

const answers = {
  text: (request, response) => send(response, 'hello'),
  table: (request, response) =>
    send(response, TABLE, { 'Content-Type': 'text/csv' }),
  async echo(request, response) {
    const body = await readBody(request);
    const { method, url, headers } = request;
    const seen = { method, url, headers, body: body.toString('latin1') };
    send(response, JSON.stringify(seen), { 'Content-Type': 'application/json' });
  },
  /** The status that the query says. */
  status(request, response, query) {
    response.writeHead(Number(query.get('code')), { 'X-Test': 'told' });
    response.end(`status ${query.get('code')}`);
  },
  /** Redirects as often as the query says, then to /text. */
  redirect(request, response, query) {
    const left = Number(query.get('left'));
    const Location = left > 1 ? `/redirect?left=${left - 1}` : '/text?final=1';
    response.writeHead(Number(query.get('code') ?? 302), { Location });
    response.end();
  },
  gzip: (request, response) =>
    send(response, gzipSync('unpacked '.repeat(1000)), {
      'Content-Encoding': 'gzip',
    }),
  bytes: (request, response, query) =>
    send(response, makeBytes(Number(query.get('size')))),
  /** One line, and the next when somebody asks for /next. */
  lines(request, response, query, server) {
    response.writeHead(200, { 'Content-Type': 'text/plain' });
    response.write('line 1\n');
    server.next = () => response.end('line 2\nline 3');
  },
  next(request, response, query, server) {
    server.next();
    send(response, 'done');
  },
  /** Begins, and never goes on. */
  stuck(request, response) {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('begun');
  },
  silent() {},
  /** Ends in the middle. */
  broken(request, response) {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('begun', () => response.destroy());
  },
  /** Answers that no page may read. */
  closed(request, response) {
    Object.keys(CORS).forEach((name) => response.removeHeader(name));
    send(response, 'for pages of this origin only');
  },
};

/** Resolves to { origin, seen, closed(path), close() }: `seen` has method and
 * path of every request, and closed(path) resolves when the page has given
 * one up. */
export async function serveHttp() {
  const state = { seen: [], next: () => undefined };
  const waiting = new Map();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://h');
    state.seen.push(`${request.method} ${pathname}`);
    response.on('close', () => {
      if (!response.writableFinished) {
        waiting.get(pathname)?.();
      }
    });
    Object.entries(CORS).forEach((field) => response.setHeader(...field));
    const answer = answers[pathname.slice(1)];
    if (request.method === 'OPTIONS') {
      response.writeHead(pathname === '/closed' ? 403 : 204).end();
    } else if (answer === undefined) {
      response.writeHead(404).end('nothing here');
    } else {
      void answer(request, response, searchParams, state);
    }
  });
  await new Promise((settle) => {
    server.listen(0, '127.0.0.1', settle);
  });
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    seen: state.seen,
    closed: (path) =>
      new Promise((settle) => {
        waiting.set(path, settle);
      }),
    close: () =>
      new Promise((settle) => {
        server.closeAllConnections();
        server.close(settle);
      }),
  };
}
