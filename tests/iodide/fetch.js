// The client's `%% fetch`: its grammar, and the request for one line.

'use strict';

{
  const ASSETS = ['js', 'css', 'plugin'];
  const DATA = ['text', 'json', 'blob', 'arrayBuffer', 'bytes'];

  const isName = (name) => {
    if (/[ ;=:@]/.test(name)) {
      return false;
    }
    try {
      new Function(`var ${name}`);
      return true;
    } catch {
      return false;
    }
  };

  /** One line, {error} for what cannot be read, nothing for a comment. */
  const parseLine = (text) => {
    const line = text.trim();
    if (line === '' || line.startsWith('//')) {
      return undefined;
    }
    const [, type, rest] = /^([^:]*): (.*)$/.exec(line) ?? [];
    if (type === undefined) {
      return { error: 'MISSING_FETCH_TYPE' };
    }
    if (![...ASSETS, ...DATA].includes(type)) {
      return { error: 'INVALID_FETCH_TYPE' };
    }
    const payload = rest.replace(/ \/\/.*$/, '').trim();
    const [, name, named] = DATA.includes(type)
      ? /^([^=]*)=(.*)$/.exec(payload) ?? [] : [];
    if (DATA.includes(type) && (name === undefined || !isName(name.trim()))) {
      return { error: 'INVALID_VARIABLE_NAME' };
    }
    const path = (named ?? payload).trim();
    if (!/^[^ "]+$/.test(path)) {
      return { error: 'INVALID_FETCH_URL' };
    }
    return { type, path, name: name?.trim() };
  };

  /** What is no address of the web is a file of the notebook, wherever its
   * name seems to point. */
  const addressOf = (path) => (/^https?:\/\//.test(path)
    ? path : `files/${path.replace(/^files\//, '')}`);

  const read = async ({ type, path }) => {
    const response = await fetch(addressOf(path));
    if (!response.ok) {
      throw new Error(`${response.status} ${response.statusText}`);
    }
    switch (type) {
      case 'json': return response.json();
      case 'blob': return response.blob();
      case 'arrayBuffer': return response.arrayBuffer();
      case 'bytes': return new Uint8Array(await response.arrayBuffer());
      default: return response.text();
    }
  };

  const parse = (content) => content.split('\n').map(parseLine)
    .filter((line) => line !== undefined);

  Object.defineProperty(window, 'fetchCell', { value: { parse, read } });
}
