// Compares messages with what a conversation, or the message table, says of
// them, and tells the first difference in words.

/** In a conversation: anything. */
export const WILD = '...';

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `a...b` matches a text that begins with a and ends with b. */
export function matchesText(pattern, text) {
  const parts = pattern.split(WILD);
  const last = parts.pop();
  if (parts.length === 0) {
    return text === last;
  }
  const first = parts.shift();
  if (!text.startsWith(first)) {
    return false;
  }
  let at = first.length;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found < 0) {
      return false;
    }
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

export function show(value) {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 2000 ? `${text.slice(0, 2000)}... (${text.length} characters)` : text;
}

function differ(path, expected, seen) {
  return `at ${path}\n    expected ${show(expected)}\n    seen     ${show(seen)}`;
}

function findArrayDifference(expected, seen, path) {
  if (!Array.isArray(seen) || seen.length !== expected.length) {
    return differ(path, expected, seen);
  }
  for (let i = 0; i < expected.length; i++) {
    const difference = findDifference(expected[i], seen[i], `${path}[${i}]`);
    if (difference !== null) {
      return difference;
    }
  }
  return null;
}

function findObjectDifference(expected, seen, path) {
  if (!isObject(seen)) {
    return differ(path, expected, seen);
  }
  for (const key of Object.keys(expected)) {
    if (key === WILD) {
      continue;
    }
    if (!Object.hasOwn(seen, key)) {
      return differ(`${path}.${key}`, expected[key], undefined);
    }
    const difference = findDifference(expected[key], seen[key], `${path}.${key}`);
    if (difference !== null) {
      return difference;
    }
  }
  for (const key of Object.keys(seen)) {
    if (!Object.hasOwn(expected, key) && !Object.hasOwn(expected, WILD)) {
      return differ(`${path}.${key}`, undefined, seen[key]);
    }
  }
  return null;
}

/** Says where `seen` is not what `expected` describes; null where it is. */
export function findDifference(expected, seen, path) {
  if (expected === WILD) {
    return null;
  }
  if (Array.isArray(expected)) {
    return findArrayDifference(expected, seen, path);
  }
  if (isObject(expected)) {
    return findObjectDifference(expected, seen, path);
  }
  const same =
    typeof expected === 'string' && typeof seen === 'string'
      ? matchesText(expected, seen)
      : Object.is(expected, seen);
  return same ? null : differ(path, expected, seen);
}

const KINDS = {
  string: (value) => typeof value === 'string',
  bool: (value) => typeof value === 'boolean',
  int: (value) => Number.isSafeInteger(value),
  number: (value) => typeof value === 'number',
  object: isObject,
  bundle: isObject,
  array: Array.isArray,
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  any: () => true,
};

function fieldFits(field, value) {
  return field.kind === 'choice'
    ? field.choices.split('|').includes(value)
    : KINDS[field.kind](value);
}

/** What a message from the kernel has wrong by the table; null when nothing. */
export function findTableFault(table, message) {
  const type = message.header?.msg_type;
  const info = table[type];
  if (info === undefined || !['reply', 'event', 'comm'].includes(info.direction)) {
    return `the kernel does not send messages of type ${show(type)}`;
  }
  for (const key of ['msg_id', 'session', 'username', 'date', 'version']) {
    if (typeof message.header[key] !== 'string') {
      return `header.${key} must be a string`;
    }
  }
  if (Number.isNaN(Date.parse(message.header.date))) {
    return `header.date is no date: ${message.header.date}`;
  }
  for (const key of ['parent_header', 'metadata', 'content']) {
    if (!isObject(message[key])) {
      return `${key} must be an object`;
    }
  }
  for (const field of info.fields) {
    const value = message.content[field.key];
    const isNeeded = field.need === 'required' || field.need === message.content.status;
    if (value === undefined ? isNeeded : !fieldFits(field, value)) {
      return `content.${field.key} must be of kind ${field.kind}`;
    }
  }
  return null;
}
