// Programs whose work is one loop in C that nobody waits for to end. Stop must
// end each with KeyboardInterrupt, run its `finally`, and leave what the loop
// worked on whole.
//
// `setup` is quick; `loop` is one statement; `whole` is true of what is left.
// Most never end. Those that do take so long that a page which gets no turn
// before they end is told from one that does.

const endless = {
  'sum of a range': { loop: 'sum(range(10**12))' },
  'sum of a range beyond machine words': {
    loop: 'sum(range(10**30, 10**31))',
  },
  'sum of floats': {
    setup: 'from itertools import repeat',
    loop: 'sum(repeat(0.5))',
  },
  'max of a count': {
    setup: 'from itertools import count',
    loop: 'max(count())',
  },
  'min with a key': {
    setup: 'from itertools import count',
    loop: 'min(count(), key=abs)',
  },
  'any': {
    setup: 'from itertools import repeat',
    loop: 'any(repeat(0))',
  },
  'all': {
    setup: 'from itertools import repeat',
    loop: 'all(repeat(1))',
  },
  'in, on a count': {
    setup: 'from itertools import count',
    loop: '-1 in count()',
  },
  'in, on a range of other things': { loop: '"a" in range(10**12)' },
  'operator.countOf': {
    setup: 'from itertools import repeat\nimport operator',
    loop: 'operator.countOf(repeat(0), 1)',
  },
  'a deque that keeps nothing': {
    setup: 'from itertools import repeat\nfrom collections import deque',
    loop: 'deque(repeat(0), maxlen=0)',
  },
  'a deque that keeps the last': {
    setup: `from itertools import count
from collections import deque
last = deque(maxlen=3)`,
    loop: 'last.extend(count())',
    whole: 'last[2] - last[0] == 2',
  },
  'a deque filled from the left': {
    setup: `from itertools import count
from collections import deque
last = deque(maxlen=3)`,
    loop: 'last.extendleft(count())',
    whole: 'last[0] - last[2] == 2',
  },
  'list': {
    setup: `from itertools import repeat
some = []`,
    loop: 'some.extend(repeat(7))',
    whole: 'sum(some) == 7 * len(some)',
  },
  'tuple': {
    setup: 'from itertools import repeat',
    loop: 'tuple(repeat(0))',
  },
  'set': {
    setup: `from itertools import cycle
some = set()`,
    loop: 'some.update(cycle(range(1000)))',
    whole: 'some <= set(range(1000))',
  },
  'dict': {
    setup: `from itertools import cycle
some = {}`,
    loop: 'some.update(zip(cycle(range(1000)), cycle("ab")))',
    whole: 'all(some[key] in "ab" for key in some)',
  },
  'dict.fromkeys': {
    setup: 'from itertools import cycle',
    loop: 'dict.fromkeys(cycle("abc"))',
  },
  'Counter': {
    setup: 'from itertools import cycle\nfrom collections import Counter',
    loop: 'Counter(cycle("abc"))',
  },
  'bytearray': {
    setup: 'from itertools import repeat',
    loop: 'bytearray(repeat(1))',
  },
  'bytes': {
    setup: 'from itertools import repeat',
    loop: 'bytes(repeat(1))',
  },
  'array': {
    setup: 'from itertools import repeat\nfrom array import array',
    loop: 'array("b", repeat(1))',
  },
  'join of what is made on the way': {
    setup: 'from itertools import repeat',
    loop: '"".join(map(str, repeat(1)))',
  },
  'unpacking': {
    setup: 'from itertools import repeat',
    loop: 'first, *rest = repeat(0)',
  },
  'arguments': {
    setup: 'from itertools import repeat',
    loop: 'print(*repeat(0))',
  },
  'reduce': {
    setup: `from itertools import repeat
import functools, operator`,
    loop: 'functools.reduce(operator.add, repeat(0))',
  },
  'math.fsum': {
    setup: 'from itertools import repeat\nimport math',
    loop: 'math.fsum(repeat(0.5))',
  },
  'math.prod': {
    setup: 'from itertools import repeat\nimport math',
    loop: 'math.prod(repeat(1))',
  },
  'math.sumprod': {
    setup: 'from itertools import repeat\nimport math',
    loop: 'math.sumprod(repeat(1), repeat(0))',
  },
  'a call until it gives something else': { loop: 'sum(iter(int, 1))' },
  'filter': {
    setup: 'from itertools import repeat',
    loop: 'next(filter(None, repeat(0)))',
  },
  'filterfalse': {
    setup: 'from itertools import filterfalse, repeat',
    loop: 'next(filterfalse(None, repeat(1)))',
  },
  'dropwhile': {
    setup: 'from itertools import dropwhile, repeat',
    loop: 'next(dropwhile(bool, repeat(1)))',
  },
  'takewhile': {
    setup: 'from itertools import repeat, takewhile',
    loop: 'sum(takewhile(bool, repeat(1)))',
  },
  'islice that skips': {
    setup: 'from itertools import islice, repeat',
    loop: 'next(islice(repeat(0), 10**9, None)); sum(repeat(0))',
  },
  'compress': {
    setup: 'from itertools import compress, repeat',
    loop: 'next(compress(repeat(0), repeat(0)))',
  },
  'chain of nothing': {
    setup: 'from itertools import chain, repeat',
    loop: 'next(chain.from_iterable(repeat(())))',
  },
  'groupby': {
    setup: 'from itertools import groupby, repeat',
    loop: 'groups = groupby(repeat(0)); next(groups); next(groups)',
  },
  'starmap, accumulate, pairwise, zip, enumerate': {
    setup: 'from itertools import *',
    loop: `sum(a for a, b in enumerate(zip(pairwise(accumulate(
        starmap(pow, repeat((1, 1))))), repeat(0))))`,
  },
  'product': {
    setup: `from itertools import product
from collections import deque`,
    loop: 'deque(product(range(100), repeat=9), 0)',
  },
  'permutations': {
    setup: `from itertools import permutations
from collections import deque`,
    loop: 'deque(permutations(range(20)), 0)',
  },
  'combinations': {
    setup: `from itertools import combinations
from collections import deque`,
    loop: 'deque(combinations(range(60), 30), 0)',
  },
  'combinations_with_replacement': {
    setup: `from itertools import combinations_with_replacement
from collections import deque`,
    loop: 'deque(combinations_with_replacement(range(60), 30), 0)',
  },
  'slow work for each item': {
    setup: `from itertools import repeat
from collections import deque
text = "a" * 3_000_000`,
    loop: 'deque(map(text.count, repeat("b")), 0)',
  },
  'lines of a table': {
    setup: 'from itertools import repeat\nimport csv',
    loop: 'sum(map(len, csv.reader(repeat("a,b"))))',
  },
};

// 2 to the power of 60 comparisons, of 60 lists.
const doubled = (pair) => `
def double():
    value = ${pair.replaceAll('value', '0')}
    for _ in range(60):
        value = ${pair}
    return value
one, other = double(), double()`;

const nested = {
  'comparison of lists': { setup: doubled('[value, value]'), loop: 'one == other' },
  'order of lists': { setup: doubled('[value, value]'), loop: 'one < other' },
  'comparison of tuples': {
    setup: doubled('(value, value)'),
    loop: 'one == other',
  },
  'hash of a tuple': { setup: doubled('(value, value)'), loop: 'hash(one)' },
  'comparison of dicts': {
    setup: doubled('{1: value, 2: value}'),
    loop: 'one == other',
  },
  'comparison of deques': {
    setup: `from collections import deque${doubled('deque([value, value])')}`,
    loop: 'one == other',
  },
  'repr': { setup: doubled('(value, value)'), loop: 'repr(one)' },
  'isinstance': {
    setup: doubled('(value, value)').replaceAll('0, 0', 'str, str'),
    loop: 'isinstance(1, one)',
  },
  'issubclass': {
    setup: doubled('(value, value)').replaceAll('0, 0', 'str, str'),
    loop: 'issubclass(int, one)',
  },
  'search in a list': {
    setup: doubled('[value, value]'),
    loop: '[one].index(other)',
  },
  'search in a tuple': {
    setup: doubled('[value, value]'),
    loop: '(one,).count(other)',
  },
  'sort of lists': {
    setup: doubled('[value, value]'),
    loop: 'sorted([one, other, one])',
  },
  'heap of lists': {
    setup: `import heapq${doubled('[value, value]')}`,
    loop: 'heapq.heapify([one, other, one])',
  },
  'JSON': {
    setup: `import json${doubled('[value, value]')}`,
    loop: 'json.dumps(one)',
  },
};

const numbers = {
  'a power': { loop: '10**10**8' },
  'a product': {
    setup: 'one, other = 3 << 100_000_000, 5 << 90_000_000',
    loop: '(one - 1) * (other - 1)',
  },
  'a square': { setup: 'one = (3 << 100_000_000) - 1', loop: 'one * one' },
  'a quotient': {
    setup: 'one, other = (3 << 40_000_000) - 1, (5 << 20_000_000) - 1',
    loop: 'one // other',
  },
  'a power of a remainder': {
    setup: 'one = (1 << 300_000) - 1',
    loop: 'pow(3, one, one - 2)',
  },
  'a greatest common divisor': {
    setup: 'import math\none, other = 3**4_000_000, 5**3_000_000',
    loop: 'math.gcd(one, other)',
  },
  'a root': {
    setup: 'import math\none = (3 << 100_000_000) - 1',
    loop: 'math.isqrt(one)',
  },
  'a factorial': { setup: 'import math', loop: 'math.factorial(20_000_000)' },
  'binomial coefficients': {
    setup: 'import math',
    loop: 'math.comb(20_000_000, 10_000_000)',
  },
  'the text of an int': {
    setup: `import sys
sys.set_int_max_str_digits(0)
one = (3 << 60_000_000) - 1`,
    loop: 'str(one)',
  },
  'an int of a text': {
    setup: `import sys
sys.set_int_max_str_digits(0)
one = "7" * 10_000_000`,
    loop: 'int(one)',
  },
  'an int of a text to another base': {
    setup: `import sys
sys.set_int_max_str_digits(0)
one = "2" * 5_000_000`,
    loop: 'int(one, 3)',
  },
  'a product of decimals': {
    setup: `import decimal
decimal.getcontext().prec = 100_000_000
decimal.getcontext().Emax = decimal.MAX_EMAX
one = decimal.Decimal("7" * 20_000_000)`,
    loop: 'one * one',
  },
  'a decimal of an int': {
    setup: 'import decimal\none = (3 << 30_000_000) - 1',
    loop: 'decimal.Decimal(one)',
  },
  'an int of a decimal': {
    setup: 'import decimal\none = decimal.Decimal("7" * 6_000_000)',
    loop: 'int(one)',
  },
};

const memory = {
  'a sort of ints': {
    setup: `numbers = [number * 7919 % 4_000_037 for number in range(4_000_000)]
total = sum(numbers)`,
    loop: 'numbers.sort()',
    whole: 'len(numbers) == 4_000_000 and sum(numbers) == total',
  },
  'a sort by keys': {
    setup: `numbers = [number * 7919 % 4_000_037 for number in range(4_000_000)]
total = sum(numbers)`,
    loop: 'numbers.sort(key=float, reverse=True)',
    whole: 'len(numbers) == 4_000_000 and sum(numbers) == total',
  },
  'a heap': {
    setup: `import heapq
numbers = [number * 7919 % 4_000_037 for number in range(4_000_000)]
total = sum(numbers)`,
    loop: 'for _ in range(9): numbers.reverse(); heapq.heapify(numbers)',
    whole: 'len(numbers) == 4_000_000 and sum(numbers) == total',
  },
  'a match that goes wrong': {
    setup: 'import re',
    loop: 're.match("(a*)*b", "a" * 60)',
  },
  'many matches': {
    setup: 'import re\ntext = "ab " * 10_000_000',
    loop: 're.findall("[a-z]+", text)',
  },
  'many replacements': {
    setup: 'import re\ntext = "ab " * 10_000_000',
    loop: 're.sub("[a-z]+", "x", text)',
  },
  'many parts': {
    setup: 'import re\ntext = "ab " * 10_000_000',
    loop: 're.split(" ", text)',
  },
  'reading JSON': {
    setup: 'import json\ntext = "[" + "[1.5]," * 5_000_000 + "1]"',
    loop: 'json.loads(text)',
  },
  'writing JSON': {
    setup: 'import json\nnumbers = [1.5] * 5_000_000',
    loop: 'json.dumps(numbers)',
  },
  'pickling': {
    setup: 'import pickle\nnumbers = [(1, 2)] * 20_000_000',
    loop: 'pickle.dumps(numbers, 1)',
  },
  'compression by zlib': {
    setup: `import random, zlib
random.seed(1)
data = random.randbytes(1 << 20) * 30`,
    loop: 'zlib.compress(data, 9)',
  },
  'decompression by zlib': {
    setup: 'import zlib\ndata = zlib.compress(bytes(400_000_000), 1)',
    loop: 'zlib.decompress(data)',
    endsSoon: true,
  },
  'compression by bzip2': {
    setup: `import bz2, random
random.seed(1)
data = random.randbytes(1 << 20) * 20`,
    loop: 'bz2.compress(data)',
  },
  'compression by xz': {
    setup: `import lzma, random
random.seed(1)
data = random.randbytes(1 << 20) * 20`,
    loop: 'lzma.compress(data)',
  },
};

const counting = `WITH RECURSIVE n(x) AS
 (SELECT 1 UNION ALL SELECT x + 1 FROM n)`;

const databases = {
  'a query': {
    setup: `import sqlite3
database = sqlite3.connect(":memory:")
database.execute("CREATE TABLE t(x)")
database.execute("INSERT INTO t VALUES (1)")`,
    loop: `database.execute("""${counting} SELECT count(*) FROM n""")`,
    whole: 'database.execute("SELECT x FROM t").fetchall() == [(1,)]',
  },
  'an insertion': {
    setup: `import sqlite3
database = sqlite3.connect(":memory:")
database.execute("CREATE TABLE t(x)")`,
    loop: `database.execute("""INSERT INTO t ${counting}
SELECT x FROM n""")`,
    whole: `database.execute("SELECT count(*) FROM t").fetchone() == (0,)
and database.execute("PRAGMA integrity_check").fetchone() == ("ok",)`,
  },
  'rows of a query': {
    setup: 'import sqlite3\ndatabase = sqlite3.connect(":memory:")',
    loop: `database.execute("""${counting}
SELECT x FROM n""").fetchall()`,
    whole: 'database.execute("SELECT 1").fetchone() == (1,)',
  },
};

export const stopCases = Object.entries({
  ...endless,
  ...nested,
  ...numbers,
  ...memory,
  ...databases,
}).map(([name, { setup = '', loop, whole = 'True', endsSoon = false }]) => ({
  name,
  // A quick machine may be through before Stop comes.
  endsSoon,
  code: `${setup}
ended = False
print('begun', flush=True)
try:
    ${loop}
finally:
    ended = True`,
  whole: `ended and (${whole.replaceAll('\n', ' ')})`,
}));

/** What a stubborn program calls where it is ready to resist. */
export const stubbornSetup = `def begin(told=[]):
    if not told:
        told.append(True)
        print("begun", flush=True)`;

/** Programs that go on after a first Stop, if it comes when they have begun:
 * `stops` is the least that they take. */
export const stubbornCases = [
  {
    name: 'a loop that swallows everything',
    stops: 2,
    code: `while True:
    try:
        begin()
        while True:
            pass
    except BaseException:
        continue`,
  },
  {
    name: 'functions that all swallow it',
    stops: 2,
    code: `def work(depth):
    while True:
        try:
            if depth:
                work(depth - 1)
            begin()
            while True:
                pass
        except:
            pass
work(5)`,
  },
  {
    name: 'a cleanup that hangs',
    stops: 2,
    code: `try:
    begin()
    while True:
        pass
finally:
    while True:
        pass`,
  },
  {
    name: 'a context manager that hangs and swallows',
    stops: 2,
    code: `import contextlib
class Stubborn:
    def __enter__(self):
        return self
    def __exit__(self, *details):
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
with contextlib.ExitStack() as stack:
    stack.enter_context(Stubborn())
    begin()
    while True:
        pass`,
  },
  {
    name: 'a sleep that is taken up again',
    stops: 2,
    code: `import time
while True:
    try:
        begin()
        time.sleep(100)
    except BaseException as error:
        print(repr(error))`,
  },
  {
    name: 'a task that takes its await up again',
    stops: 2,
    code: `import asyncio
async def stubborn():
    while True:
        try:
            begin()
            await asyncio.sleep(100)
        except BaseException:
            pass
await stubborn()`,
  },
  {
    name: 'a generator that goes on',
    stops: 2,
    code: `def numbers():
    while True:
        try:
            yield 1
            begin()
            for _ in range(1_000_000):
                pass
        except BaseException:
            pass
for number in numbers():
    pass`,
  },
];
