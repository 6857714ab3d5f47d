// The notebook's title: what was given to it, or its first heading.  Pure.

/** Of a notebook that nobody has named yet. */
export const UNTITLED = 'Untitled notebook';

/** What a title keeps of Markdown's marks. */
function plain(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|[*`])(?=\S)(.*?\S)\1/g, '$2')
    .replace(/(?<!\w)(__?)(?=\S)(.*?\S)\1(?!\w)/g, '$2')
    .trim();
}

/** The first heading in Markdown texts, as the packer finds it. */
export function headingOf(texts: readonly string[]): string | undefined {
  for (const text of texts) {
    let isCode = false;
    for (const line of text.split('\n')) {
      if (/^ {0,3}(```|~~~)/.test(line)) {
        isCode = !isCode;
      }
      const match = isCode
        ? null
        : /^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/.exec(line);
      const heading = plain(match?.[1] ?? '');
      if (heading !== '') {
        return heading;
      }
    }
  }
  return undefined;
}
