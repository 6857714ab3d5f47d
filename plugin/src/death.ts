// How Python ended, and what was undone, in words for people. Pure.

/** What engines call a stack that is full. */
const stackTexts = /call stack|too much recursion/i;

/** A trap's text, as Chromium, Firefox and Safari say it, and what it means. */
const meanings: readonly [RegExp, string][] = [
  [stackTexts, 'its C code called itself too deep'],
  [/out.of.bounds/i, 'its C code reached outside its memory'],
  [
    /signature|null function|indirect call|table index/i,
    'its C code called what is no such function',
  ],
  [/unreachable/i, 'its C code gave up'],
  [/divide|integer overflow|float unrepresentable/i, 'its C code miscounted'],
  [/allocation|out of memory/i, 'the browser has no memory left for it'],
];

function isCppException(error: unknown): boolean {
  const { Exception } = WebAssembly as { Exception?: unknown };
  return typeof Exception === 'function' && error instanceof Exception;
}

/** An exception that came out of wasm. */
export function describeTrap(error: unknown): string {
  if (isCppException(error)) {
    return 'its C++ code threw an exception that nothing caught';
  }
  const text = error instanceof Error ? error.message : String(error);
  const known = meanings.find(([pattern]) => pattern.test(text));
  return known ? `${known[1]} (${text})` : text;
}

/** What of a KernelDiedError these texts need. */
export interface Death {
  message: string;
  undone: readonly string[] | null;
  callsUndone?: number;
  isFreshStart: boolean;
}

/** What became of Python, once that is known. */
export function tellOutcome(death: Omit<Death, 'message'>): string {
  if (death.undone === null) {
    return 'Python does not run any more.';
  }
  if (death.isFreshStart) {
    return (
      'Python was started anew: variables and imports are gone. Run the ' +
      'cells that you need again.'
    );
  }
  if (death.callsUndone) {
    const calls =
      death.callsUndone === 1 ? 'the call' : `the ${death.callsUndone} calls`;
    return (
      'Python is back in the state of a moment before: what was running is ' +
      `undone, and ${calls} right before it. All other variables, imports ` +
      'and files are as they were.'
    );
  }
  return (
    'Python is back in the state before, and what was running is undone. ' +
    'All other variables, imports and files are as they were.'
  );
}

/** Where something else is undone than what was running: `others` names it. */
export function tellDeath(death: Death, others: readonly string[]): string {
  const isLess = death.undone === null || death.isFreshStart;
  return isLess || others.length === 0
    ? death.message
    : `${death.message}\nThe last copy of its memory was older, so this is ` +
        `undone as well: ${others.join(', ')}.`;
}
