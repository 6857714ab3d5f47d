// Random Python programs, the same ones for the same seed. They define, change
// and print values of many types, call the library, and fail now and then.

/** What programs import; each has functions below. */
const IMPORTS = [
  'bisect', 'collections', 'copy', 'datetime', 'decimal', 'fractions',
  'functools', 'hashlib', 'heapq', 'itertools', 'json', 'math', 'random', 're',
  'statistics', 'string', 'textwrap', 'zlib',
];

/** A generator of numbers (mulberry32). */
function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes one program: each method makes an expression of one type. */
class Writer {
  #random;
  #names = { int: [], float: [], str: [], list: [], dict: [], set: [] };
  #count = 0;

  constructor(seed) {
    this.#random = makeRandom(seed);
  }

  below(limit) {
    return Math.floor(this.#random() * limit);
  }

  pick(choices) {
    return choices[this.below(choices.length)];
  }

  /** A name that is new, and known from now on as one of this type. */
  bind(type) {
    const name = `${type}_${this.#count++}`;
    this.#names[type].push(name);
    return name;
  }

  /** A name of this type, or else what `make` writes. */
  known(type, make) {
    const names = this.#names[type];
    return names.length > 0 && this.below(3) > 0 ? this.pick(names) : make();
  }

  int(depth = 2) {
    const small = () => String(this.below(40) - 10);
    if (depth === 0) {
      return this.known('int', small);
    }
    const next = () => this.int(depth - 1);
    return this.pick([
      () => this.known('int', small),
      () => `(${next()} ${this.pick(['+', '-', '*', '|', '&', '^'])} ${next()})`,
      () => `(${next()} ${this.pick(['//', '%'])} ${next()})`,
      () => `len(${this.pick([this.str(0), this.list(0), this.dict(0)])})`,
      () => `math.gcd(${next()}, ${next()})`,
      () => `pow(${next()}, abs(${next()}) % 30, 1009)`,
      () => `sum(${this.list(0)}[:5])`,
      () => `hash(${this.str(0)}) % 1000`,
      () => `zlib.crc32(${this.str(0)}.encode())`,
      () => `random.randrange(1 + abs(${next()}))`,
      () => `int(${this.float(0)} // 1)`,
      () => `next((n for n in ${this.list(0)} if n > 3), -1)`,
      () => `(${next()} if ${next()} > ${next()} else ${next()})`,
      () => `bisect.bisect(sorted(${this.list(0)}), ${next()})`,
      () => `functools.reduce(lambda a, b: a ^ b, ${this.list(0)}, 1)`,
    ])();
  }

  float(depth = 1) {
    const plain = () => `${(this.#random() * 20 - 10).toFixed(3)}`;
    if (depth === 0) {
      return this.known('float', plain);
    }
    const next = () => this.float(depth - 1);
    return this.pick([
      () => this.known('float', plain),
      () => `(${next()} ${this.pick(['+', '-', '*', '/'])} ${next()})`,
      () => `math.${this.pick(['sin', 'exp', 'sqrt', 'log', 'atan'])}(${next()})`,
      () => `round(${next()}, ${this.below(5)})`,
      () => `statistics.fmean([${next()}, ${next()}])`,
      () => `float(fractions.Fraction(${this.int(0)}, ${this.int(0)}))`,
      () => `random.gauss(${next()}, 1)`,
    ])();
  }

  str(depth = 1) {
    const words = ['', 'tea', 'Ω', 'a b', 'über', '12', '\\n', "it's", '🍵'];
    const plain = () => JSON.stringify(this.pick(words)).replace('\\\\', '\\');
    if (depth === 0) {
      return this.known('str', plain);
    }
    const next = () => this.str(depth - 1);
    return this.pick([
      () => this.known('str', plain),
      () => `(${next()} + ${next()})`,
      () => `${next()}[${this.int(0)}:${this.int(0)}]`,
      () => `${next()}.${this.pick(['upper', 'title', 'strip', 'casefold'])}()`,
      () => `f"{${this.int(0)}:>5}|{${this.float(0)}:.3g}|{${next()}!r}"`,
      () => `re.sub(r"[aeiou]", "*", ${next()})`,
      () => `json.dumps(${this.dict(0)}, default=str, sort_keys=True)`,
      () => `hashlib.sha256(${next()}.encode()).hexdigest()[:8]`,
      () => `", ".join(map(repr, ${this.list(0)}))`,
      () => `textwrap.shorten(${next()} * 9, 12)`,
      () => `str(decimal.Decimal(${this.int(0)}) / 7)`,
      () => `${next()}[${this.int(0)}]`,
      () =>
        '(datetime.date(2026, 1, 1) + ' +
        `datetime.timedelta(${this.int(0)})).isoformat()`,
    ])();
  }

  list(depth = 1) {
    const plain = () => `[${this.int(0)}, ${this.int(0)}, ${this.int(0)}]`;
    if (depth === 0) {
      return this.known('list', plain);
    }
    const next = () => this.list(depth - 1);
    return this.pick([
      () => this.known('list', plain),
      () => `[n * ${this.int(0)} for n in ${next()} if n % 2 == 0]`,
      () => `sorted(${next()}, key=lambda n: (n % 3, n))`,
      () => `list(itertools.accumulate(${next()}))`,
      () => `list(range(${this.int(0)}, ${this.int(0)}, 3))`,
      () => `[*${next()}, *${next()}][::-1]`,
      () => `heapq.nsmallest(3, ${next()})`,
      () => `list(${this.set(0)})`,
      () => `random.sample(${next()}, 2)`,
      () => `[a - b for a, b in zip(${next()}, ${next()})]`,
      () => `list(${this.dict(0)}.values())`,
      () => `[len(part) for part in ${this.str(0)}.split()]`,
    ])();
  }

  dict(depth = 1) {
    const plain = () => `{${this.str(0)}: ${this.int(0)}, "k": ${this.int(0)}}`;
    if (depth === 0) {
      return this.known('dict', plain);
    }
    return this.pick([
      () => this.known('dict', plain),
      () => `{n: n * n for n in ${this.list(0)}}`,
      () => `dict(collections.Counter(${this.str(0)}).most_common(4))`,
      () => `{**${this.dict(0)}, ${this.str(0)}: ${this.int(0)}}`,
      () => `dict(zip(${this.str(0)}, ${this.list(0)}))`,
      () => `copy.deepcopy(${this.dict(0)})`,
    ])();
  }

  set(depth = 1) {
    const plain = () => `{${this.str(0)}, ${this.str(0)}, ${this.int(0)}}`;
    if (depth === 0) {
      return this.known('set', plain);
    }
    return this.pick([
      () => this.known('set', plain),
      () => `set(${this.str(0)})`,
      () => `(${this.set(0)} | {${this.int(0)}, ${this.str(0)}})`,
      () => `(${this.set(0)} ^ set(${this.list(0)}))`,
    ])();
  }

  /** A statement of some lines. */
  statement() {
    const types = ['int', 'float', 'str', 'list', 'dict', 'set'];
    const bind = () => {
      const type = this.pick(types);
      const value = this[type](2);
      return [`${this.bind(type)} = ${value}`];
    };
    return this.pick([
      bind,
      bind,
      bind,
      () => [`print(${this.str()}, ${this.int()})`],
      () => this.#function(),
      () => this.#class(),
      () => this.#loop(),
      () => this.#handler(),
      () => this.#generator(),
      () => [`{len(n): n for n in map(str, ${this.set()})}`],
      () => [`assert ${this.int()} != ${this.int()}, ${this.str()}`],
      () => [`del ${this.list(0)}[${this.int(0)}]`],
    ])();
  }

  #function() {
    const name = `function_${this.#count++}`;
    const call = `${name}(${this.int()}, b=${this.int()})`;
    return [
      `def ${name}(a, b=2, *rest, **named):`,
      `    c = ${this.int(1)} + a`,
      `    return c * b if b ${this.pick(['<', '>', '=='])} a else ${this.int(1)}`,
      `${this.bind('int')} = ${call}`,
    ];
  }

  #class() {
    const name = `Class${this.#count++}`;
    return [
      `class ${name}(${this.pick(['dict', 'list', 'Exception', ''])}):`,
      `    value = ${this.int(1)}`,
      '    def __str__(self):',
      `        return f"${name} {self.value} {${this.str(1)}}"`,
      `print(${name}(), ${name}.__mro__)`,
    ];
  }

  #loop() {
    const total = this.bind('int');
    return [
      `${total} = 0`,
      `for n in ${this.list()}:`,
      `    if n % 7 == ${this.below(7)}:`,
      `        ${this.pick(['continue', 'break'])}`,
      `    ${total} += n * ${this.below(9)}`,
      'else:',
      `    ${total} -= 1`,
    ];
  }

  #handler() {
    const name = this.bind('str');
    return [
      'try:',
      `    ${name} = str(${this[this.pick(['int', 'float', 'str', 'dict'])](2)})`,
      'except (ValueError, ZeroDivisionError, IndexError) as error:',
      `    ${name} = f"{type(error).__name__}: {error}"`,
      'finally:',
      `    print("done", ${this.int(1)})`,
    ];
  }

  #generator() {
    const name = `generate_${this.#count++}`;
    return [
      `def ${name}(limit):`,
      '    seen = yield limit',
      '    while seen is None and limit > 0:',
      `        limit -= 1 + ${this.below(3)}`,
      `        seen = yield limit, ${this.str(1)}`,
      `print(list(itertools.islice(${name}(${this.int(1)}), 6)))`,
    ];
  }

  /** Every name with its value, at the end. */
  summary() {
    return Object.values(this.#names)
      .flat()
      .map((name) => `    ${JSON.stringify(name)}: ${name},`);
  }
}

/** The cells of the program with this number. */
export function makeProgram(seed) {
  const writer = new Writer(seed);
  const first = [`import ${IMPORTS.join(', ')}`, `random.seed(${seed})`];
  const count = 4 + writer.below(6);
  const cells = Array.from({ length: count }, () =>
    writer.statement().join('\n'),
  );
  const last = ['{', ...writer.summary(), '}'];
  return [first.join('\n'), ...cells, last.join('\n')];
}
