// The Iodide side of the language-plugin contract, for loading a plugin in a
// test as a notebook client would: definition JSON, loading by text and
// indirect eval, one queue that halts on an error, results shown in a console
// by Iodide's order of precedence, and completion that must answer at once.
//
// Written from the description of the contract; the names on `window` are
// what a plugin may meet there.  A classic script, like the client's frame.

'use strict';

{
  const ALLOWED_TAGS = new Set(['DIV', 'SPAN', 'OL', 'UL', 'LI', 'TABLE',
    'THEAD', 'TBODY', 'TH', 'TR', 'TD', 'PRE']);
  const ALLOWED_ATTRIBUTES = new Set(['style', 'class']);
  const TABLE_ROWS_CHECKED = 100;

  const definitions = {
    js: { languageId: 'js', module: 'window', evaluator: 'eval', url: '' },
  };
  const loaded = new Set(['js']);
  const console_lines = [];
  const results = {};
  const renderers = [];
  const known = new Set(Object.keys(window));
  let chunk_id;
  let chunk_count = 0;

  const say = (level, text) => console_lines.push({ level, text });

  /** Only what the client's sanitiser lets through. */
  function sanitise(html) {
    const parsed = new DOMParser().parseFromString(html, 'text/html');
    for (const element of [...parsed.body.querySelectorAll('*')]) {
      if (!ALLOWED_TAGS.has(element.tagName)) {
        element.replaceWith(...(element.tagName === 'SCRIPT'
          || element.tagName === 'STYLE' ? [] : element.childNodes));
        continue;
      }
      for (const { name } of [...element.attributes]) {
        if (!ALLOWED_ATTRIBUTES.has(name)) {
          element.removeAttribute(name);
        }
      }
    }
    return parsed.body.innerHTML;
  }

  function isRowTable(value) {
    if (!Array.isArray(value) || value.length < 2) {
      return false;
    }
    const plain = (row) => Object.prototype.toString.call(row)
      === '[object Object]' && Object.getPrototypeOf(row) === Object.prototype;
    const keys = (row) => Object.keys(row).sort().join('\n');
    return value.slice(0, TABLE_ROWS_CHECKED).every(
      (row) => plain(row) && keys(row) === keys(value[0]));
  }

  /** How the console shows a value: the first of five ways that fits. */
  function render(value) {
    for (const renderer of renderers) {
      if (renderer.shouldRender(value)) {
        const html = renderer.render(value);
        if (typeof html === 'string' && html !== '') {
          return { how: 'renderer', html: sanitise(html) };
        }
      }
    }
    if (value !== null && value !== undefined
        && value.iodideRender instanceof Function) {
      return { how: 'iodideRender', html: sanitise(value.iodideRender()) };
    }
    if (value instanceof Error) {
      return { how: 'error', ...readError(value) };
    }
    if (isRowTable(value)) {
      return { how: 'table', keys: Object.keys(value[0]),
               count: value.length };
    }
    const is_literal = value === null || typeof value !== 'object';
    return { how: 'tree', type: typeof value, text: is_literal
      ? String(value) : JSON.stringify(value) };
  }

  /* An Error whose stack has no frame shows nothing at all, so it counts as
   * not shown here either. */
  function readError(error) {
    const frames = (error.stack ?? '').split('\n').filter(
      (line) => /^\s+at |@/.test(line));
    const end = frames.findIndex((line) => /iodide\.eval-frame/.test(line));
    return {
      shown: frames.length > 0,
      text: `${error.name}: ${error.message}`,
      frames: end === -1 ? frames : frames.slice(0, end),
    };
  }

  async function fetchText(url) {
    return new Promise((settle, fail) => {
      const request = new XMLHttpRequest();
      request.open('GET', url);
      request.onload = () => settle(request);
      request.onerror = () => fail(new Error(`failed to load: ${url}`));
      request.send();
    });
  }

  async function loadLanguage(definition) {
    const { url, displayName = definition.languageId } = definition;
    const request = await fetchText(url);
    say('log', `${displayName} plugin downloaded, initializing`);
    window.languagePluginUrl = url;
    await Promise.resolve(window.eval(request.responseText));
    delete window.languagePluginUrl;
    say('log', `${displayName} plugin ready`);
    loaded.add(definition.languageId);
  }

  async function evaluate(type, code) {
    const definition = definitions[type];
    if (definition === undefined) {
      throw new Error(`No evaluator available for chunks of type "${type}"`);
    }
    if (!loaded.has(type) && definition.url) {
      await loadLanguage(definition);
    }
    const module = window[definition.module];
    if (definition.asyncEvaluator !== undefined) {
      return module[definition.asyncEvaluator](
        code, (text) => say('message', text));
    }
    return module[definition.evaluator](code);
  }

  function sideEffectTarget() {
    const target = document.createElement('div');
    target.id = `side-effect-target-${chunk_id}`;
    document.querySelector('#eval-container').append(target);
  }

  /** Runs chunks {type, code} one after another; an error drops the rest. */
  async function runChunks(chunks) {
    const done = [];
    for (const { type, code } of chunks) {
      chunk_id = `${type}_${chunk_count}`;
      sideEffectTarget();
      try {
        const value = await evaluate(type, code);
        results[chunk_count] = value;
        done.push({ status: 'ok', ...render(value) });
      } catch (error) {
        done.push({ status: 'error', ...render(error) });
        break;
      } finally {
        chunk_count += 1;
      }
    }
    return done;
  }

  function complete(language, code) {
    const { module, autocomplete } = definitions[language];
    const words = window[module][autocomplete](code);
    structuredClone(words);
    return words;
  }

  const hidden = { value: undefined, enumerable: false, writable: true };
  Object.defineProperty(window, 'IODIDE_EVALUATION_RESULTS',
                        { ...hidden, value: results });
  Object.defineProperty(window, 'iodide', {
    ...hidden,
    value: {
      addOutputRenderer: (renderer) => renderers.push(renderer),
      clearOutputRenderers: () => renderers.splice(0),
      output: {
        element: (node) => document.querySelector(
          `#side-effect-target-${chunk_id}`)
          .appendChild(document.createElement(node)),
        text: (words) => {
          for (const line of String(words).split('\n')) {
            const element = window.iodide.output.element('div');
            element.textContent = line;
          }
        },
      },
    },
  });
  Object.defineProperty(window, 'iodideHost', {
    ...hidden,
    value: {
      define: (definition) => {
        definitions[definition.languageId] = definition;
        loaded.delete(definition.languageId);
      },
      run: runChunks,
      complete,
      console: console_lines,
      results,
      report: () => document.querySelector('#eval-container').innerText,
      userVariables: () => Object.keys(window).filter(
        (name) => !known.has(name)),
    },
  });
}
