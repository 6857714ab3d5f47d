// The lines of a `%% fetch` chunk: Iodide's grammar to the letter, its error
// names included.  Pure.

export type DataType = 'text' | 'json' | 'blob' | 'arrayBuffer' | 'bytes';
export type AssetType = 'js' | 'css' | 'plugin';

export type FetchLine =
  | { type: AssetType; path: string }
  | { type: DataType; path: string; name: string };

export type FetchErrorName =
  | 'MISSING_FETCH_TYPE'
  | 'INVALID_FETCH_TYPE'
  | 'INVALID_FETCH_URL'
  | 'INVALID_VARIABLE_NAME';

export class FetchSyntaxError extends Error {
  /** `line` counts from 1 within the chunk. */
  constructor(
    override readonly name: FetchErrorName,
    readonly line: number,
    text: string,
  ) {
    super(`${name} in line ${line}: ${text}`);
  }
}

const ASSET_TYPES: readonly string[] = ['js', 'css', 'plugin'];
const DATA_TYPES: readonly string[] = [
  'text',
  'json',
  'blob',
  'arrayBuffer',
  'bytes',
];

export function isDataType(type: unknown): type is DataType {
  return DATA_TYPES.includes(type as string);
}

/** True for what is fetched from the network rather than from the file. */
export function isRemote(path: string): boolean {
  return /^https?:\/\//.test(path);
}

function isPath(path: string): boolean {
  return /^(ftp|http)s?:\/\/[^ "]+$/.test(path) || /^[^ "]+$/.test(path);
}

/** Whether `var NAME` would be accepted, asked of the language itself. */
function isVariableName(name: string): boolean {
  if (name === '' || /[\s;=:@,(){}[\]/*]/.test(name)) {
    return false;
  }
  try {
    new Function(`var ${name}`);
    return true;
  } catch {
    return false;
  }
}

/** One line; undefined for blank lines and comments. */
function parseLine(text: string, line: number): FetchLine | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.startsWith('//')) {
    return undefined;
  }
  const fail = (name: FetchErrorName): never => {
    throw new FetchSyntaxError(name, line, trimmed);
  };
  const separator = trimmed.indexOf(': ');
  if (separator < 0) {
    return fail('MISSING_FETCH_TYPE');
  }
  const type = trimmed.slice(0, separator);
  const comment = trimmed.indexOf(' //', separator + 1);
  const payload = trimmed
    .slice(separator + 2, comment < 0 ? undefined : comment)
    .trim();
  if (ASSET_TYPES.includes(type)) {
    return isPath(payload)
      ? { type: type as AssetType, path: payload }
      : fail('INVALID_FETCH_URL');
  }
  if (!isDataType(type)) {
    return fail('INVALID_FETCH_TYPE');
  }
  const equals = payload.indexOf('=');
  const name = payload.slice(0, Math.max(equals, 0)).trim();
  const path = payload.slice(equals + 1).trim();
  if (!isVariableName(name)) {
    return fail('INVALID_VARIABLE_NAME');
  }
  return isPath(path)
    ? { type, path, name }
    : fail('INVALID_FETCH_URL');
}

/** All lines of a chunk; the first wrong one throws, and nothing is fetched. */
export function parseFetchChunk(text: string): FetchLine[] {
  return text
    .split('\n')
    .map((line, index) => parseLine(line, index + 1))
    .filter((line) => line !== undefined);
}

/** The name of an embedded file: `files/` in front is Iodide's old form. */
export function embeddedName(path: string): string {
  return path.replace(/^(\.\/)?(files\/)?/, '');
}
