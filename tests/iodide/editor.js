// The editor's page: the queue, the languages, and the console, which shows
// what chunks give.  Tests speak to `window.iodideHost`.

'use strict';

{
  const SANITISED = {
    ALLOWED_TAGS: ['div', 'span', 'ol', 'ul', 'li', 'table', 'thead', 'tbody',
      'th', 'tr', 'td', 'pre'],
    ALLOWED_ATTR: ['style', 'class'],
  };

  const definitions = {
    js: { languageId: 'js', module: 'window', evaluator: 'eval', url: '' },
  };
  const loaded = new Set(['js']);
  const lines = [];
  const waiting = new Map();
  let port;
  let isReady;
  const ready = new Promise((settle) => { isReady = settle; });
  let requestCount = 0;
  let historyCount = 0;
  let userVariables = [];

  // ---- The console

  const show = (level, ...content) => {
    const line = document.createElement('div');
    line.className = level.toLowerCase();
    line.append(...content);
    document.querySelector('#console').append(line);
  };

  const say = (level, text) => {
    lines.push({ level, text });
    show(level, text);
  };

  const pre = (text) => {
    const element = document.createElement('pre');
    element.textContent = text;
    return element;
  };

  /** Shows a value, by what the frame says of it, and gives what was shown. */
  const showValue = (level, told) => {
    switch (told.how) {
      case 'renderer':
      case 'iodideRender': {
        const html = DOMPurify.sanitize(told.html, SANITISED);
        const box = document.createElement('div');
        box.innerHTML = html;
        show(level, box);
        return { ...told, html };
      }
      case 'error':
        if (told.shown) {
          show(level, pre([told.text, ...told.frames].join('\n')));
        }
        return told;
      case 'table': {
        const table = document.createElement('table');
        for (const row of [told.keys, ...told.rows]) {
          const cells = table.insertRow();
          row.forEach((text) => { cells.insertCell().textContent = text; });
        }
        show(level, table);
        return told;
      }
      default:
        show(level, pre([told.text, ...told.members].join('\n  ')));
        return told;
    }
  };

  // ---- The frame

  const request = async (type, content = {}) => {
    await ready;
    requestCount += 1;
    port.postMessage({ id: requestCount, type, ...content });
    return new Promise((settle, fail) => {
      waiting.set(requestCount, { settle, fail });
    });
  };

  const take = ({ data }) => {
    if (data.say) {
      say(data.say.level, data.say.text);
      return;
    }
    const { settle, fail } = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.failure === undefined) {
      settle(data.value);
    } else {
      fail(data.failure);
    }
  };

  window.addEventListener('message', ({ data, ports, source }) => {
    if (data === 'EVAL_FRAME_READY') {
      source.postMessage('EDITOR_READY', '*');
    } else if (data === 'EVAL_FRAME_SENDING_PORT') {
      [port] = ports;
      port.onmessage = take;
      isReady();
    }
  });
  // Not before there is somebody to hear that it is ready.
  document.querySelector('#eval-frame').src = 'eval-frame.html';

  // ---- Languages

  const addLanguage = async (definition) => {
    const { languageId, url, displayName = languageId } = definition;
    definitions[languageId] = definition;
    if (url === undefined) {
      say('ERROR', 'plugin definition missing "url"');
    } else {
      await request('EVAL_LANGUAGE_PLUGIN',
                    { definition: { url, displayName } });
    }
    loaded.add(languageId);
  };

  const addPlugin = (text) => {
    let definition;
    try {
      definition = JSON.parse(text);
    } catch (error) {
      say('ERROR', `plugin definition failed to parse:\n${error.message}`);
      return Promise.reject(new Error('halt'));
    }
    return addLanguage(definition);
  };

  // ---- Chunks

  /** Asks how a value shows, and shows it. */
  const display = async (level, historyId) => showValue(
    level, await request('REP_INFO_REQUEST', { historyId }));

  const evaluateCode = async ({ type, content, id }) => {
    const definition = definitions[type];
    if (!loaded.has(type)) {
      await addLanguage(definition);
    }
    await request('ADD_TARGET', { chunkId: id });
    historyCount += 1;
    const historyId = historyCount;
    const status = await request('EVAL_CODE', {
      definition, code: content, chunkId: id, historyId });
    const shown = await display(status === 'ERROR' ? 'ERROR' : 'OUTPUT',
                                historyId);
    return { status: status === 'ERROR' ? 'error' : 'ok', ...shown };
  };

  const fetchLine = async (line) => {
    const { type, path, name } = line;
    const value = await window.fetchCell.read(line);
    if (type === 'plugin') {
      return addPlugin(value);
    }
    if (type === 'js') {
      return request('LOAD_SCRIPT', { text: value });
    }
    return type === 'css'
      ? request('ADD_CSS', { text: value, href: path })
      : request('ASSIGN_VARIABLE', { name, value });
  };

  const evaluateFetch = async ({ content }) => {
    const parsed = window.fetchCell.parse(content);
    const errors = parsed.filter(({ error }) => error);
    if (errors.length > 0) {
      errors.forEach(({ error }) => say('ERROR', error));
      return { status: 'error', text: errors[0].error };
    }
    const ended = await Promise.allSettled(parsed.map(fetchLine));
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed) {
      say('ERROR', String(failed.reason));
    }
    return { status: failed ? 'error' : 'ok', text: String(failed?.reason) };
  };

  /** By the type; what fails here is the console's, too. */
  const evaluate = async (chunk) => {
    const { type, content } = chunk;
    show('code', content);
    try {
      if (type === 'plugin') {
        await addPlugin(content);
        return { status: 'ok' };
      }
      if (type === 'fetch') {
        return await evaluateFetch(chunk);
      }
      if (definitions[type] !== undefined) {
        return await evaluateCode(chunk);
      }
    } catch (failure) {
      return { status: 'error', ...(typeof failure === 'string'
        ? await display('ERROR', failure) : {}) };
    }
    const text = `No evaluator available for chunks of type "${type}"`;
    say('ERROR', text);
    return { status: 'error', text };
  };

  const isQueued = ({ type, content, flags }) => content.trim() !== ''
    && !['', 'md', 'css', 'raw'].includes(type)
    && !flags.some((flag) => flag.toLowerCase() === 'skiprunall');

  /** Runs a whole notebook; an error drops the rest of the queue. */
  const run = async (text) => {
    const chunks = window.iomd.parse(text);
    const isText = (type) => ['md', 'html', 'css'].includes(type);
    await request('REPORT', { chunks: chunks.map((chunk) => ({
      ...chunk,
      isCode: isText(chunk.type) ? null : chunk.type in definitions,
    })) });
    const done = [];
    for (const chunk of chunks.filter(isQueued)) {
      done.push(await evaluate(chunk));
      userVariables = await request('UPDATE_USER_VARIABLES');
      if (done.at(-1).status === 'error') {
        break;
      }
    }
    return done;
  };

  window.iodideHost = {
    /** A language that is known, and loaded when a chunk of it comes. */
    define(definition) {
      definitions[definition.languageId] = definition;
      loaded.delete(definition.languageId);
    },
    run,
    /** What is typed into the console has no chunk, and no place to write. */
    runInConsole: (type, content) => evaluate({ type, content, id: null,
                                                flags: [] }),
    complete: (language, code) => request('CODE_COMPLETION_REQUEST', {
      definition: definitions[language], code }),
    lines,
    userVariables: () => userVariables,
  };
}
