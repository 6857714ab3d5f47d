// `iodide.environment` of 2018: values that a notebook froze into itself, so
// that what took long to compute came with it.  JSMD has them in its meta
// chunk as [form, text], the text compressed by LZ-string; so are they kept
// here.

import LZString from 'lz-string';

export type Frozen = Record<string, [form: string, text: string]>;

export interface EnvironmentHost {
  read(): Frozen;
  write(frozen: Frozen): void;
}

export interface Environment {
  /** Adds values by name. */
  freeze(values: Record<string, unknown>): void;
  /** The same for strings, which stay as they are. */
  freezeRawString(values: Record<string, string>): void;
  /** One value for one name, a list for several. */
  get(...names: string[]): unknown;
  list(): string[];
  clear(): void;
}

function encode(name: string, value: unknown): [string, string] {
  if (typeof value === 'string') {
    return ['string', LZString.compressToBase64(value)];
  }
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) {
    throw new TypeError(`JSON cannot say the value of ${name}`);
  }
  return ['object', LZString.compressToBase64(text)];
}

function expand(name: string, text: string): string {
  const expanded = LZString.decompressFromBase64(text) as string | null;
  if (expanded === null || (expanded === '' && text.length > 8)) {
    throw new Error(`the frozen value of ${name} is damaged`);
  }
  return expanded;
}

function decode(name: string, [form, text]: [string, string]): unknown {
  switch (form) {
    case 'rawString':
      return text;
    case 'string':
      return expand(name, text);
    case 'object':
      try {
        return JSON.parse(expand(name, text)) as unknown;
      } catch (error) {
        const reason = (error as Error).message;
        throw new Error(`the frozen value of ${name} is damaged: ${reason}`);
      }
    default:
      throw new TypeError(`${name} is frozen in an unknown form, "${form}"`);
  }
}

function entriesOf(values: unknown): [string, unknown][] {
  if (values === null || typeof values !== 'object') {
    throw new TypeError('freeze takes an object of names and their values');
  }
  return Object.entries(values);
}

export function makeEnvironment(host: EnvironmentHost): Environment {
  const add = (frozen: [string, [string, string]][]): void =>
    host.write({ ...host.read(), ...Object.fromEntries(frozen) });
  const get = (name: string): unknown => {
    const frozen = host.read();
    const entry = Object.hasOwn(frozen, name) ? frozen[name] : undefined;
    if (!entry) {
      throw new ReferenceError(`nothing is frozen under the name ${name}`);
    }
    return decode(name, entry);
  };
  return {
    freeze: (values) =>
      add(entriesOf(values).map(([name, value]) => [name, encode(name, value)])),
    freezeRawString: (values) =>
      add(
        entriesOf(values).map(([name, value]) => {
          if (typeof value !== 'string') {
            throw new TypeError(`the value of ${name} is no string`);
          }
          return [name, ['rawString', value]];
        }),
      ),
    get: (...names) =>
      names.length === 1 ? get(names[0]!) : names.map((name) => get(name)),
    list: () => Object.keys(host.read()),
    clear: () => host.write({}),
  };
}
