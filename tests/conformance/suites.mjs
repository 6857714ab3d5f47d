// The suites: which kernel and images each needs, and how long it may take.
// What runs it is what tincture_tests says (packages/tincture-tests).
//
// Limits guard against what hangs; they measure nothing, so they are ten
// times what a busy machine needs.

/** No result for so long, and the test that runs counts as hung. */
const TEST_LIMIT_S = 600;
/** A kernel's units may not take longer, however many tests they have. */
const UNIT_LIMIT_S = 3600;
/** What the process that runs a unit may take of the machine's memory. */
const MEMORY_LIMIT_BYTES = 5 * 2 ** 30;

const DEFAULTS = {
  testLimit_s: TEST_LIMIT_S,
  unitLimit_s: UNIT_LIMIT_S,
  memoryLimit_bytes: MEMORY_LIMIT_BYTES,
  // A file that cannot be imported is one result, not the end of the run.
  arguments: ['--continue-on-collection-errors'],
  // A page and pytest take seconds to start, and before pandas' first test are
  // seconds of importing: too many to wait for with each of a thousand files.
  unitsPerKernel: 8,
};

const SUITE_TABLE = {
  python: {
    profile: 'core_tests',
    images: ['pytest', 'hypothesis'],
    // Its files change the interpreter, and upstream too gives each its own.
    unitsPerKernel: 1,
  },
  numpy: {
    profile: 'numpy_tests',
    images: ['numpy-tests', 'pytest', 'hypothesis'],
    unitsPerKernel: 24,
  },
  pandas: {
    images: ['pandas-tests', 'pytest', 'hypothesis'],
    unitsPerKernel: 64,
  },
  matplotlib: {
    images: ['matplotlib-tests', 'pytest'],
    // Figures are large, and memory never shrinks.
    unitsPerKernel: 12,
  },
};

/** A suite by its name, with everything that runs it. */
export function suiteOf(name) {
  return { name, ...DEFAULTS, ...SUITE_TABLE[name] };
}
