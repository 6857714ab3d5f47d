// The notebook's text, edited chunk by chunk: everything that was not edited
// stays as it was, byte for byte.  Pure; the parser is in C (page.wasm).

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

/** The text with the contents of some chunks replaced; chunk 0 is the first
 * that has a delimiter.  Only "\n" ends a line, as in the parser. */
export function replaceChunks(
  text: string,
  edits: ReadonlyMap<number, string>,
): string {
  const result: string[] = [];
  let content: string[] = [];
  let index = -1;
  const flush = () => {
    const edit = edits.get(index);
    if (edit === undefined) {
      for (const line of content) {
        result.push(line);
      }
    } else if (edit !== '' || content.length > 0) {
      result.push(edit);
    }
    content = [];
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('%%')) {
      flush();
      index += 1;
      result.push(line);
    } else {
      content.push(line);
    }
  }
  flush();
  return result.join('\n');
}
