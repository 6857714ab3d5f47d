// The client's reader of notebook text: chunks, their types, flags and ids.

'use strict';

{
  /** As Java hashes strings. */
  const hashOf = (text) => {
    let hash = 0;
    for (let i = 0; i < text.length; i += 1) {
      hash = (hash * 31 + text.charCodeAt(i)) % 2 ** 32;
    }
    return hash | 0;
  };

  /** Lines that begin with two percent signs, and nothing else, delimit. */
  const parse = (iomd) => {
    const counts = {};
    const chunks = [];
    let chunk = { type: '', flags: [], lines: [], startLine: 1 };
    const lines = iomd.split('\n');
    const end = (line) => {
      const { lines: own, ...facts } = chunk;
      const content = own.join('\n');
      const hash = hashOf(content);
      counts[hash] = counts[hash] === undefined ? 0 : counts[hash] + 1;
      chunks.push({ ...facts, content, endLine: line,
                    id: `${hash}_${counts[hash]}` });
    };
    lines.forEach((line, index) => {
      if (!line.startsWith('%%')) {
        chunk.lines.push(line);
        return;
      }
      if (index > 0) {
        end(index);
      }
      const words = line.replace(/^%+/, '').trim().split(/[ \t]+/);
      const [type = '', ...flags] = words;
      chunk = type === ''
        ? { type: chunk.type, flags: [], lines: [], startLine: index + 1 }
        : { type, flags, lines: [], startLine: index + 1 };
    });
    end(lines.length);
    return chunks;
  };

  Object.defineProperty(window, 'iomd', { value: { parse } });
}
