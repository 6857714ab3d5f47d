// Reads a golden conversation: the text of a .jsonl file becomes steps.
//
// This file, match.mjs and play.mjs know neither Node nor a page, so that the
// same conversations are played in both; README.md describes the format.

import { isObject, WILD } from './match.mjs';

const DEFAULT_TIMEOUT_S = 300;

/** A conversation that cannot be read, or was not held as written. */
export class ConversationError extends Error {
  constructor(where, message) {
    super(`${where}: ${message}`);
    this.name = 'ConversationError';
  }
}

/** Splits `A B` into two JSON texts where B is optional. */
function parseJsonPair(text) {
  try {
    return [JSON.parse(text), {}];
  } catch (error) {
    for (let at = text.indexOf('} {'); at >= 0; at = text.indexOf('} {', at + 1)) {
      try {
        return [JSON.parse(text.slice(0, at + 1)), JSON.parse(text.slice(at + 2))];
      } catch {
        // Inside a string; there may be another place.
      }
    }
    throw error;
  }
}

const EXTRA_KEYS = { '>': ['metadata', 'buffers'], '<': ['metadata', 'buffers', 'parent'] };

function parseMessageLine(line, where) {
  const match = /^([<>]) ([a-z_]+)(?: (.*))?$/s.exec(line);
  if (match === null) {
    throw new ConversationError(where, `this is neither message nor comment: ${line}`);
  }
  const [, mark, type, json] = match;
  const step = { kind: mark === '>' ? 'send' : 'expect', type, where };
  if (json === undefined) {
    step.content = mark === '>' ? {} : WILD;
    return step;
  }
  let extra;
  try {
    [step.content, extra] = parseJsonPair(json);
  } catch (error) {
    throw new ConversationError(where, `not JSON: ${error.message}`);
  }
  for (const key of Object.keys(extra)) {
    if (!EXTRA_KEYS[mark].includes(key)) {
      throw new ConversationError(where, `no such member beside the content: ${key}`);
    }
  }
  return { ...step, ...extra };
}

export function decodeBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function encodeBase64(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}

function parseLine(line, where) {
  if (line.startsWith('>>64 ')) {
    return { kind: 'raw', bytes: decodeBase64(line.slice(5)), where };
  }
  if (line === '>>' || line.startsWith('>> ')) {
    return { kind: 'raw', bytes: new TextEncoder().encode(line.slice(3)), where };
  }
  return parseMessageLine(line, where);
}

export function isStream(step) {
  return step?.kind === 'expect' && step.type === 'stream' && isObject(step.content);
}

/** Where a kernel cuts a stream into messages is its own affair. */
function joinsStream(last, step) {
  return (
    isStream(last) &&
    isStream(step) &&
    last.content.name === step.content.name &&
    typeof last.content.text === 'string' &&
    typeof step.content.text === 'string'
  );
}

const DIRECTIVES = {
  timeout: (options, word) => {
    options.timeout_ms = Number(word) * 1000;
    return options.timeout_ms > 0;
  },
  needs: (options, word) => {
    options.needsSuspend = true;
    return word === 'suspend';
  },
};

/** Reads a .jsonl file's text into steps and options. */
export function parseConversation(text, name) {
  const options = { timeout_ms: DEFAULT_TIMEOUT_S * 1000, needsSuspend: false };
  const steps = [];
  text.split('\n').forEach((line, index) => {
    const where = `${name}:${index + 1}`;
    if (line === '' || line.startsWith('#')) {
      const directive = /^# (\w+):? (\S+)$/.exec(line);
      if (directive !== null && directive[1] in DIRECTIVES) {
        if (!DIRECTIVES[directive[1]](options, directive[2])) {
          throw new ConversationError(where, `no such ${directive[1]}: ${directive[2]}`);
        }
      }
      return;
    }
    const step = parseLine(line, where);
    const last = steps[steps.length - 1];
    if (joinsStream(last, step)) {
      last.content.text += step.content.text;
    } else {
      steps.push(step);
    }
  });
  return { name, steps, options };
}
