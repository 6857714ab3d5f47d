// Base64 of large texts, by the engine where it can.  Pure.

interface NativeBase64 {
  setFromBase64?(text: string): { read: number; written: number };
  toBase64?(): string;
}

function codeTable(): Uint8Array {
  const table = new Uint8Array(128).fill(255);
  const alphabet =
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  for (let code = 0; code < 64; code++) {
    table[alphabet.charCodeAt(code)] = code;
  }
  return table;
}

let table: Uint8Array | undefined;

/** Decodes without the engine's help, into `target`; the bytes written. */
export function decodeBase64Slowly(text: string, target: Uint8Array): number {
  table ??= codeTable();
  let bits = 0;
  let held = 0;
  let written = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    const code = character < 128 ? table[character]! : 255;
    if (code === 255) {
      if (text[index] === '=' || character <= 32) {
        continue;
      }
      throw new SyntaxError(`not base64: character ${index}`);
    }
    held = ((held << 6) | code) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      if (written === target.length) {
        throw new RangeError('more bytes than announced');
      }
      target[written++] = (held >> bits) & 255;
    }
  }
  return written;
}

/** Decodes `text` into `target` and returns the number of bytes written.
 * Throws when the text is not base64 or does not fit. */
export function decodeBase64(text: string, target: Uint8Array): number {
  const native = target as Uint8Array & NativeBase64;
  if (!native.setFromBase64) {
    return decodeBase64Slowly(text, target);
  }
  const { read, written } = native.setFromBase64(text);
  if (text.slice(read).trim() !== '') {
    throw new RangeError('more bytes than announced');
  }
  return written;
}

export function base64Size(text: string): number {
  const clean = text.replace(/\s+/g, '').replace(/=+$/, '');
  return Math.floor((clean.length * 3) / 4);
}

export function encodeBase64(bytes: Uint8Array): string {
  const native = bytes as Uint8Array & NativeBase64;
  if (native.toBase64) {
    return native.toBase64();
  }
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}
