// The bytes of a report that a page saves, brought over piece by piece: as one
// answer of the browser they are too many.

const PIECE_SIZE = 3 << 20;

/** Saves by script, without a download; gives the whole file. */
export async function fetchSaved(page, options = {}) {
  const size = await page.evaluate(async (more) => {
    window.savedBlob = await window.tincture.notebook.save(
      { to: 'nowhere', ...more });
    return window.savedBlob.size;
  }, options);
  const pieces = [];
  for (let at = 0; at < size; at += PIECE_SIZE) {
    const base64 = await page.evaluate(async (from, to) => {
      const piece = await window.savedBlob.slice(from, to).arrayBuffer();
      return new Uint8Array(piece).toBase64();
    }, at, at + PIECE_SIZE);
    pieces.push(Buffer.from(base64, 'base64'));
  }
  await page.evaluate(() => {
    delete window.savedBlob;
  });
  return Buffer.concat(pieces);
}
