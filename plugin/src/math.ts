// TeX to MathML, by Temml: its own bundle, which only reports with formulas
// carry.

import temml from 'temml';

declare const TINCTURE_MATH_STYLE: string;

/** What MathML of Temml's wants; to be put into the page once. */
export const style = TINCTURE_MATH_STYLE;

/** A `math` element; TeX that is wrong shows itself, in red. */
export function render(tex: string, isDisplay: boolean): string {
  return temml.renderToString(tex, {
    displayMode: isDisplay,
    throwOnError: false,
  });
}
