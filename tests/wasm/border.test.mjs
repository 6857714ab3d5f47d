// No call of C or Python goes through JavaScript: nothing of Emscripten's is
// imported, and code that runs hot calls no import but the clock, now and then.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kernel, parts } from './load.mjs';

/** What the engine's own frames would be for setjmp, exceptions and calls
 * through pointers of another signature. */
const TRAMPOLINES = /invoke_|trampoline|longjmp|emscripten|__cxa_/i;

test('what is imported is ours', () => {
  const imports = WebAssembly.Module.imports(parts.module);
  assert.ok(imports.length > 0);
  for (const { module, name } of imports) {
    assert.ok(module === 'tincture' || `${module}.${name}` === 'env.memory',
              `${module}.${name}`);
    assert.doesNotMatch(name, TRAMPOLINES);
  }
});

/** Programs of `count` calls each, of every kind that had a trampoline. */
const COUNT = 200_000;
const PROGRAMS = {
  'functions': `def f(x): return x
for i in range(${COUNT}): f(i)`,
  'methods and attributes': `class A:
    def __init__(self): self.n = 0
    def add(self, x): self.n += x
    @property
    def twice(self): return 2 * self.n
a = A()
for i in range(${COUNT}): a.add(a.twice & 1)`,
  'builtins without arguments': `items = []
for i in range(${COUNT}): items.copy()`,
  'callbacks from C': `sorted(range(${COUNT}), key=lambda n: -n)
list(map(str, range(${COUNT})))`,
  'exceptions': `for i in range(${COUNT}):
    try: raise ValueError
    except ValueError: pass`,
  'generators': `sum(n for n in range(${COUNT}))`,
};

/** A kernel whose calls of imports are counted by name. */
async function startCounted(t) {
  const counts = new Map();
  const { instantiate } = WebAssembly;
  t.after(() => {
    WebAssembly.instantiate = instantiate;
  });
  WebAssembly.instantiate = (module, imports) => {
    const counted = {};
    for (const [name, work] of Object.entries(imports.tincture)) {
      counted[name] = typeof work !== 'function' ? work : (...words) => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return work(...words);
      };
    }
    return instantiate.call(WebAssembly, module,
                            { ...imports, tincture: counted });
  };
  const kernel = await Kernel.load(parts, { suspend: false, recovers: false });
  t.after(() => kernel.dispose());
  return { kernel, counts };
}

test('hot code calls no JavaScript', async (t) => {
  const { kernel, counts } = await startCounted(t);
  for (const [name, code] of Object.entries(PROGRAMS)) {
    counts.clear();
    const reply = kernel.requestNow('execute_request', { code });
    assert.equal(reply.content.status, 'ok', name);
    const { monotonic_ms: looks = 0, ...others } = Object.fromEntries(counts);
    const rest = Object.values(others).reduce((sum, one) => sum + one, 0);
    assert.ok(rest < 100, `${name}: ${JSON.stringify(others)}`);
    assert.ok(looks < COUNT / 10, `${name}: ${looks} looks at the clock`);
  }
});
