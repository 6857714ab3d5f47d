// XXH64 with seed 0, for short texts; page.wasm has it for all else. Pure.

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);

function rotate(value: bigint, bits: bigint): bigint {
  return wrap(value << bits) | (value >> (64n - bits));
}

function mix(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + input * PRIME_2), 31n) * PRIME_1);
}

function merge(hash: bigint, lane: bigint): bigint {
  return wrap((hash ^ mix(0n, lane)) * PRIME_1 + PRIME_4);
}

/** The hash of the whole stripes of 32 bytes. */
function hashStripes(view: DataView, end: number): bigint {
  const lanes = [wrap(PRIME_1 + PRIME_2), PRIME_2, 0n, wrap(-PRIME_1)];
  for (let at = 0; at < end; at += 32) {
    for (let i = 0; i < 4; i++) {
      lanes[i] = mix(lanes[i]!, view.getBigUint64(at + 8 * i, true));
    }
  }
  const turns = [1n, 7n, 12n, 18n];
  const sum = lanes.reduce((all, lane, i) => all + rotate(lane, turns[i]!), 0n);
  return lanes.reduce(merge, wrap(sum));
}

/** The 16 hexadecimal digits of a text's hash, as UTF-8. */
export function xxh64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = bytes.length;
  let at = size - (size % 32);
  let hash = at > 0 ? hashStripes(view, at) : PRIME_5;
  hash = wrap(hash + BigInt(size));
  for (; at + 8 <= size; at += 8) {
    hash ^= mix(0n, view.getBigUint64(at, true));
    hash = wrap(rotate(hash, 27n) * PRIME_1 + PRIME_4);
  }
  if (at + 4 <= size) {
    hash ^= wrap(BigInt(view.getUint32(at, true)) * PRIME_1);
    hash = wrap(rotate(hash, 23n) * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < size; at++) {
    hash ^= wrap(BigInt(bytes[at]!) * PRIME_5);
    hash = wrap(rotate(hash, 11n) * PRIME_1);
  }
  hash = wrap((hash ^ (hash >> 33n)) * PRIME_2);
  hash = wrap((hash ^ (hash >> 29n)) * PRIME_3);
  return (hash ^ (hash >> 32n)).toString(16).padStart(16, '0');
}
