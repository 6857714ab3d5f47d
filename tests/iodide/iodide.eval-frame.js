// The document in which a notebook's code runs: plugins, `js` chunks, the
// report, `window.iodide`.  It speaks with the editor over one port only.
//
// Written from the description of the contract; what is on `window` here is
// what a plugin may meet.  A classic script whose name the client looks for
// in stacks.

'use strict';

{
  const TABLE_ROWS_CHECKED = 100;
  const ROWS_SHOWN = 10;
  const LONG_TEXT = 1000;
  const TEXT_SHOWN = 500;

  let port;
  let mostRecentChunkId = null;
  let renderers = [];
  const results = {};
  const known = new Set();

  // ---- How values show

  const isPlain = (value) => Object.prototype.toString.call(value)
    === '[object Object]' && typeof value === 'object'
    && Object.getPrototypeOf(value) === Object.prototype;

  const isRowTable = (value) => {
    if (!Array.isArray(value) || value.length < 2) {
      return false;
    }
    const keys = (row) => Object.keys(row).sort().join('\n');
    return value.slice(0, TABLE_ROWS_CHECKED).every(
      (row) => isPlain(row) && keys(row) === keys(value[0]));
  };

  const classOf = (value) => value.constructor?.name
    ?? Object.prototype.toString.call(value).slice(8, -1);

  const shorten = (text) => (text.length > LONG_TEXT
    ? `${text.slice(0, TEXT_SHOWN)}…` : text);

  /** One line for a value inside another. */
  const summarise = (value) => {
    if (typeof value === 'string') {
      return JSON.stringify(shorten(value));
    }
    if (value === null || !['object', 'function'].includes(typeof value)) {
      return String(value);
    }
    const size = Array.isArray(value) || ArrayBuffer.isView(value)
      ? value.length : value.size ?? Object.getOwnPropertyNames(value).length;
    return `${classOf(value)}(${size})`;
  };

  const membersOf = (value) => {
    if (value instanceof Map || value instanceof Set) {
      return [...value.entries()].map(([key, item]) => [summarise(key), item]);
    }
    return Object.getOwnPropertyNames(value).filter(
      (name) => !(name === 'length' && Array.isArray(value)),
    ).map((name) => [name, value[name]]);
  };

  const describeTree = (value) => {
    const isLeaf = value === null
      || !['object', 'function'].includes(typeof value);
    return {
      how: 'tree',
      type: isLeaf ? typeof value : classOf(value),
      text: summarise(value),
      members: isLeaf ? [] : membersOf(value).slice(0, TABLE_ROWS_CHECKED)
        .map(([name, item]) => `${name}: ${summarise(item)}`),
    };
  };

  /** What the console shows of an Error.  Where the stack has no frame in a
   * form that browsers write, the client's parser throws, and nothing is. */
  const describeError = (error) => {
    const frames = (error.stack ?? '').split('\n').filter(
      (line) => /^\s*at .*(\S+:\d+|\(native\))/.test(line)
        || /(^|@)\S+:\d+/.test(line));
    const own = frames.findIndex((line) => /\biodide\.eval-frame/.test(line));
    return {
      how: 'error',
      shown: frames.length > 0,
      text: `${error.name}: ${error.message}`,
      frames: own === -1 ? frames : frames.slice(0, own),
    };
  };

  /** The first of five ways that fits. */
  const describe = (value) => {
    for (const renderer of renderers) {
      if (renderer.shouldRender(value)) {
        renderer.render(value);
        const html = renderer.render(value);
        if (typeof html === 'string' && html !== '') {
          return { how: 'renderer', html };
        }
      }
    }
    if (value !== null && value !== undefined
        && value.iodideRender instanceof Function) {
      return { how: 'iodideRender', html: value.iodideRender() };
    }
    if (value instanceof Error) {
      return describeError(value);
    }
    if (isRowTable(value)) {
      const rows = value.slice(0, ROWS_SHOWN).map(
        (row) => Object.values(row).map(summarise));
      return { how: 'table', keys: Object.keys(value[0]),
               count: value.length, rows };
    }
    return describeTree(value);
  };

  // ---- The editor's requests

  const say = (level, text) => port.postMessage({ say: { level, text } });

  const loadPlugin = ({ url, displayName }) => new Promise((settle, fail) => {
    const request = new XMLHttpRequest();
    request.open('GET', url, true);
    request.addEventListener('load', () => {
      if (request.status > 400 && request.status < 600) {
        say('ERROR', `failed to load: ${request.status} ${request.statusText}`);
      }
      say('LOG', `${displayName} plugin downloaded, initializing`);
      window.languagePluginUrl = url;
      // What throws here is caught by nobody, and the queue stands still.
      Promise.resolve(window.eval(request.responseText)).then(() => {
        delete window.languagePluginUrl;
        say('LOG', `${displayName} plugin ready`);
        settle();
      }, fail);
    });
    request.addEventListener('error', () => {
      say('ERROR', `failed to load: ${url} not found`);
      fail(undefined);
    });
    request.send();
  });

  const evaluate = async ({ definition, code, chunkId, historyId }) => {
    mostRecentChunkId = chunkId;
    const { module, evaluator, asyncEvaluator } = definition;
    try {
      results[historyId] = await (asyncEvaluator === undefined
        ? window[module][evaluator](code)
        : window[module][asyncEvaluator](code, (text) => say('LOG', text)));
      return 'SUCCESS';
    } catch (error) {
      results[historyId] = error;
      return 'ERROR';
    }
  };

  const addReport = ({ chunks }) => {
    const container = document.querySelector('#eval-container');
    for (const { type, content, id, isCode } of chunks) {
      const element = document.createElement(type === 'css' ? 'style' : 'div');
      if (type === 'css') {
        element.textContent = content;
      } else if (type === 'md' || type === 'html') {
        element.className = 'user-markdown';
        element.innerHTML = content;
      } else if (isCode) {
        element.id = `side-effect-target-${id}`;
      }
      container.append(isCode === false ? document.createComment(id) : element);
    }
  };

  /** The report follows when a chunk's language becomes known. */
  const addTarget = ({ chunkId }) => {
    const container = document.querySelector('#eval-container');
    for (const node of container.childNodes) {
      if (node.nodeType === Node.COMMENT_NODE && node.data === chunkId) {
        const element = document.createElement('div');
        element.id = `side-effect-target-${chunkId}`;
        node.replaceWith(element);
      }
    }
  };

  const loadScript = ({ text }) => new Promise((settle, fail) => {
    const script = document.createElement('script');
    script.src = URL.createObjectURL(
      new Blob([text], { type: 'text/javascript' }));
    script.onload = () => settle();
    script.onerror = () => fail(new Error('the script does not load'));
    document.head.append(script);
  });

  const handlers = {
    EVAL_LANGUAGE_PLUGIN: ({ definition }) => loadPlugin(definition),
    EVAL_CODE: evaluate,
    REPORT: addReport,
    ADD_TARGET: addTarget,
    LOAD_SCRIPT: loadScript,
    ADD_CSS({ text, href }) {
      const style = document.createElement('style');
      style.dataset.href = href;
      style.textContent = text;
      document.head.append(style);
    },
    ASSIGN_VARIABLE({ name, value }) {
      window[name] = value;
    },
    UPDATE_USER_VARIABLES: () => Object.keys(window).filter(
      (name) => !known.has(name)),
    // At once: what is a promise cannot be posted.
    CODE_COMPLETION_REQUEST: ({ definition, code }) => {
      const names = window[definition.module][definition.autocomplete](code);
      structuredClone(names);
      return names;
    },
    REP_INFO_REQUEST: ({ historyId }) => describe(results[historyId]),
  };

  const answer = async ({ data: { id, type, ...rest } }) => {
    try {
      port.postMessage({ id, value: await handlers[type](rest) });
    } catch (error) {
      const historyId = `failure-${id}`;
      results[historyId] = error;
      port.postMessage({ id, failure: historyId });
    }
  };

  // ---- What is on `window`

  const target = () => document.getElementById(
    `side-effect-target-${mostRecentChunkId}`);
  const element = (type) => {
    const made = document.createElement(type);
    target().append(made);
    return made;
  };

  const api = {
    addOutputRenderer: (renderer) => renderers.push(renderer),
    clearOutputRenderers: () => { renderers = []; },
    getDataSync(url) {
      const request = new XMLHttpRequest();
      request.open('GET', url, false);
      request.send(null);
      return request.response;
    },
    output: {
      element,
      text(words) {
        for (const line of String(words).split('\n')) {
          element('div').textContent = line;
        }
      },
    },
    VERSION: 'dev',
  };

  window.iodide = api;
  window.IODIDE_EVALUATION_RESULTS = results;
  Object.keys(window).forEach((name) => known.add(name));

  window.addEventListener('message', function listen({ data }) {
    if (data !== 'EDITOR_READY') {
      return;
    }
    window.removeEventListener('message', listen);
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = answer;
    window.parent.postMessage('EVAL_FRAME_SENDING_PORT', '*', [channel.port2]);
  });
  window.parent.postMessage('EVAL_FRAME_READY', '*');
}
