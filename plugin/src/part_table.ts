// The table of a report's parts, the script element `tincture-payload`. Pure.
//
// From version 3 on its last member is the checksum of all the text before it:
//
//   {"version":3,"parts":[...],"checksum":"<XXH64 of what is left of this>"}

import { xxh64 } from './xxh64.ts';

export interface Part {
  name: string;
  codec: 'zstd' | 'gzip' | 'none';
  /** How the bytes are written; base64 where it does not say. */
  encoding?: 'base91';
  /** Bytes after decoding. */
  size: number;
  /** Bytes before, which is what `checksum` is of. */
  stored_size: number;
  /** xxh64 in hexadecimal digits. */
  checksum: string;
  /** Number of script elements. */
  chunks: number;
  /** Where an image is mounted. */
  path?: string;
}

export interface PartTable {
  version: number;
  parts: Part[];
}

/** Also of one whose version is damaged: it must not get around the check. */
function isChecked(version: number): boolean {
  return version !== 1 && version !== 2;
}

const CHECKSUM = /,"checksum":"([0-9a-f]{16})"\}$/;

/** The table as it stands in a script element. */
export function writeTable({ version, parts }: PartTable): string {
  const text = JSON.stringify({ version, parts }).replace(/</g, '\\u003c');
  if (!isChecked(version)) {
    return text;
  }
  const start = text.slice(0, -1);
  return `${start},"checksum":"${xxh64(start)}"}`;
}

/** Throws an Error that says what is wrong with it. */
export function readTable(text: string): PartTable {
  let table: Partial<PartTable> | null;
  try {
    table = JSON.parse(text) as Partial<PartTable> | null;
  } catch {
    throw new Error('it is not JSON');
  }
  const { version, parts } = table ?? {};
  if (!Array.isArray(parts) || typeof version !== 'number') {
    throw new Error('it has no list of parts');
  }
  const found = CHECKSUM.exec(text.trimEnd());
  if (found ? xxh64(text.slice(0, found.index)) !== found[1] : isChecked(version)) {
    throw new Error('its checksum does not match');
  }
  return { version, parts };
}
