// The notebook's text, chunk by chunk: what was not edited stays as it was,
// byte for byte.  Pure; the parser is in C (page.wasm).

/** Turns a chunk as a person sees it into lines of IOMD.  A line that begins
 * with `%%` would start a chunk, so it is written with one space before it
 * and its number (from 0) is noted. */
export function escapeChunk(source: string): {
  text: string;
  escaped: number[];
} {
  const escaped: number[] = [];
  const lines = source.split('\n').map((line, index) => {
    if (!line.startsWith('%%')) {
      return line;
    }
    escaped.push(index);
    return ` ${line}`;
  });
  return { text: lines.join('\n'), escaped };
}

/** The reverse of escapeChunk. */
export function unescapeChunk(
  text: string,
  escaped: readonly number[],
): string {
  if (escaped.length === 0) {
    return text;
  }
  const lines = text.split('\n');
  for (const index of escaped) {
    const line = lines[index];
    if (line?.startsWith(' %%')) {
      lines[index] = line.slice(1);
    }
  }
  return lines.join('\n');
}

/** A chunk as it stands in the text. */
export interface ChunkText {
  /** The delimiter line. */
  head: string;
  /** The lines after it; null where there is none. */
  body: string | null;
}

export interface IomdText {
  /** The lines before the first delimiter; null where there is none. */
  preamble: string | null;
  chunks: ChunkText[];
}

/** Takes text apart so that joinIomd puts it together again as it was.  Only
 * "\n" ends a line, as in the parser. */
export function splitIomd(text: string): IomdText {
  // No text at all has no line either.
  const lines = text === '' ? [] : text.split('\n');
  const heads: number[] = [];
  lines.forEach((line, number) => {
    if (line.startsWith('%%')) {
      heads.push(number);
    }
  });
  const between = (start: number, end: number): string | null =>
    start === end ? null : lines.slice(start, end).join('\n');
  return {
    preamble: between(0, heads[0] ?? lines.length),
    chunks: heads.map((head, index) => ({
      head: lines[head]!,
      body: between(head + 1, heads[index + 1] ?? lines.length),
    })),
  };
}

export function joinIomd(text: IomdText): string {
  const pieces = text.preamble === null ? [] : [text.preamble];
  for (const { head, body } of text.chunks) {
    pieces.push(head);
    if (body !== null) {
      pieces.push(body);
    }
  }
  return pieces.join('\n');
}

export function headOf(type: string, flags: readonly string[]): string {
  return ['%%', type, ...flags].filter((word) => word !== '').join(' ');
}

/** A delimiter without a word takes its type from the chunk before, which may
 * be another one now: it is then written with the type's name. */
export function headAfter(
  head: string,
  type: string,
  typeBefore: string | undefined,
): string {
  const isBare = /^%+[ \t]*$/.test(head);
  return isBare && type !== (typeBefore ?? '') ? headOf(type, []) : head;
}
