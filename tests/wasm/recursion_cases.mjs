// Programs that recurse in C until something stops them. Whatever stops them
// must be a Python exception; none may end in a trap, on any stack of any
// engine. kernel/hosts/README.md says what limits them.
//
// Each sets `outcome` to the exception's name, or to 'done' where the work is
// no longer recursive in CPython. `deep` is deeper than any limit.

const prelude = `
import sys
deep = 100_000
def attempt(work):
    global outcome
    try:
        work()
    except (RecursionError, MemoryError, SyntaxError) as error:
        outcome = type(error).__name__
    else:
        outcome = 'done'
def nest(depth=deep, make=lambda inner: [inner]):
    value = make(None)
    for _ in range(depth):
        value = make(value)
    return value
`;

const programs = {
  'plain function': `
def f(): return f()
attempt(f)`,
  'plain function, limit raised': `
sys.setrecursionlimit(10**6)
def f(n): return 0 if n == 0 else 1 + f(n - 1)
attempt(lambda: f(20_000))`,
  'method with keywords': `
class A:
    def f(self, /, *args, **kw): return self.f(*args, **kw)
attempt(lambda: A().f(1, 2, a=3))`,
  'json.dumps of nested lists': `
import json
attempt(lambda: json.dumps(nest()))`,
  'json.dumps of nested dicts, indented': `
import json
attempt(lambda: json.dumps(nest(make=lambda v: {'a': v}), indent=1))`,
  'json.loads of nested lists': `
import json
attempt(lambda: json.loads('[' * deep))`,
  'json.loads of nested objects': `
import json
attempt(lambda: json.loads('{"a":' * deep))`,
  'repr of nested lists': `attempt(lambda: repr(nest()))`,
  'repr of nested tuples': `attempt(lambda: repr(nest(make=lambda v: (v,))))`,
  'repr of nested dicts': `
attempt(lambda: repr(nest(make=lambda v: {1: v})))`,
  'repr of nested mappingproxy': `
import types
attempt(lambda: repr(nest(make=lambda v: types.MappingProxyType({1: v}))))`,
  'repr of nested OrderedDict': `
import collections
attempt(lambda: repr(nest(2000, lambda v: collections.OrderedDict(a=v))))`,
  'repr of nested deques': `
import collections
attempt(lambda: repr(nest(make=lambda v: collections.deque([v]))))`,
  'repr of a dataclass chain': `
import dataclasses
@dataclasses.dataclass
class N:
    next: object
attempt(lambda: repr(nest(make=N)))`,
  'str through __repr__': `
class A:
    def __repr__(self): return f'<{self!r}>'
attempt(lambda: str(A()))`,
  'format through __format__': `
class A:
    def __format__(self, spec): return format(self, spec)
attempt(lambda: f'{A():>10}')`,
  '% formatting through __str__': `
class A:
    def __str__(self): return '%s' % self
attempt(lambda: str(A()))`,
  'comparison of nested lists': `
a, b = nest(), nest()
attempt(lambda: a == b)`,
  'comparison of nested tuples': `
a = nest(make=lambda v: (v,)); b = nest(make=lambda v: (v,))
attempt(lambda: a < b)`,
  'hash of nested tuples': `
attempt(lambda: hash(nest(make=lambda v: (v,))))`,
  'hash of nested frozensets': `
attempt(lambda: hash(nest(2000, lambda v: frozenset([v]))))`,
  'pickle.dumps of nested lists': `
import pickle
attempt(lambda: pickle.dumps(nest()))`,
  'pickle.dumps of objects with __reduce__': `
import pickle
class A:
    def __init__(self, v): self.v = v
    def __reduce__(self): return A, (self.v,)
attempt(lambda: pickle.dumps(nest(make=A)))`,
  'pickle, python version': `
import pickle
attempt(lambda: pickle._dumps(nest()))`,
  'marshal.dumps of nested tuples': `
import marshal
try:
    marshal.dumps(nest(make=lambda v: (v,)))
except ValueError:
    outcome = 'ValueError'
else:
    outcome = 'done'`,
  'marshal.dumps just below its limit': `
import marshal
attempt(lambda: None)
for depth in range(100, 2001, 100):
    try:
        marshal.dumps(nest(depth, lambda v: (v,)))
    except ValueError:
        outcome = 'ValueError'
        break`,
  'marshal.loads just below its limit': `
import marshal, struct
attempt(lambda: None)
for depth in range(100, 2101, 100):
    try:
        marshal.loads(b'(\\x01\\x00\\x00\\x00' * depth + b'N')
    except (ValueError, EOFError, TypeError):
        outcome = 'ValueError'
        break`,
  'copy.deepcopy': `
import copy
attempt(lambda: copy.deepcopy(nest()))`,
  'sorted with a key that sorts': `
def key(x): return sorted([x], key=key)
attempt(lambda: sorted([1], key=key))`,
  'map in map': `
def f(x): return list(map(f, [x]))
attempt(lambda: f(1))`,
  'nested map iterators': `
it = iter([1])
for _ in range(deep): it = map(int, it)
attempt(lambda: next(it))`,
  'nested itertools.chain': `
import itertools
it = iter([1])
for _ in range(deep): it = itertools.chain(it)
attempt(lambda: next(it))`,
  'functools.reduce in itself': `
import functools
def f(a, b): return functools.reduce(f, [a, b])
attempt(lambda: f(1, 2))`,
  'functools.partial chain': `
import functools
class P(functools.partial): pass
q = lambda: None
for _ in range(deep):
    q = P(q); q.x = 1
attempt(q)`,
  'functools.lru_cache in itself': `
import functools
@functools.lru_cache(None)
def f(n): return f(n + 1)
attempt(lambda: f(0))`,
  'functools.cmp_to_key': `
import functools
def c(a, b): return len(sorted([a, b], key=functools.cmp_to_key(c)))
attempt(lambda: c(1, 2))`,
  '__getattr__': `
class A:
    def __getattr__(self, name): return getattr(self, name + 'x'[:0])
attempt(lambda: A().b)`,
  '__getattribute__': `
class A:
    def __getattribute__(self, name): return getattr(self, name)
attempt(lambda: A().b)`,
  '__setattr__': `
class A:
    def __setattr__(self, name, value): setattr(self, name, value)
def work(): A().b = 1
attempt(work)`,
  '__getitem__': `
class A:
    def __getitem__(self, i): return self[i]
attempt(lambda: A()[1])`,
  '__missing__': `
class A(dict):
    def __missing__(self, key): return self[key]
attempt(lambda: A()[1])`,
  '__eq__': `
class A:
    def __eq__(self, other): return self == other
attempt(lambda: A() == A())`,
  '__eq__ through list.index': `
class A:
    def __eq__(self, other): return [self].index(other)
attempt(lambda: A() == A())`,
  '__hash__': `
class A:
    def __hash__(self): return hash(self)
attempt(lambda: {A(): 1})`,
  '__lt__ through sort': `
class A:
    def __lt__(self, other): return [self, other].sort()
attempt(lambda: A() < A())`,
  '__add__ and __radd__': `
class A:
    def __add__(self, other): return other + self
    __radd__ = __add__
attempt(lambda: A() + 1)`,
  '__call__': `
class A:
    def __call__(self, *a, **k): return self(*a, **k)
attempt(A())`,
  '__call__ chain of instances': `
class A: pass
A.__call__ = A()
attempt(lambda: A()())`,
  '__iter__': `
class A:
    def __iter__(self): return iter(self)
attempt(lambda: list(A()))`,
  '__bool__ and __len__': `
class A:
    def __len__(self): return len(self)
attempt(lambda: bool(A()))`,
  '__index__': `
class A:
    def __index__(self): return range(9)[self]
attempt(lambda: [1][A()])`,
  '__contains__': `
class A:
    def __contains__(self, x): return x in self
attempt(lambda: 1 in A())`,
  '__init__ through type call': `
class A:
    def __init__(self): A()
attempt(A)`,
  '__new__': `
class A:
    def __new__(cls): return cls()
attempt(A)`,
  '__init_subclass__': `
class A:
    def __init_subclass__(cls): type('B', (cls,), {})
attempt(lambda: type('B', (A,), {}))`,
  '__prepare__ and metaclass': `
class M(type):
    def __new__(m, *a): return m(*a)
attempt(lambda: M('A', (), {}))`,
  '__del__': `
class A:
    def __init__(self, n): self.n = n
    def __del__(self):
        if self.n: A(self.n - 1)
attempt(lambda: A(5000) and None)`,
  '__enter__': `
class A:
    def __enter__(self):
        with self: pass
    def __exit__(self, *a): pass
attempt(A().__enter__)`,
  'property': `
class A:
    @property
    def p(self): return self.p
attempt(lambda: A().p)`,
  'descriptor': `
class D:
    def __get__(self, o, t=None): return o.d
class A: d = D()
attempt(lambda: A().d)`,
  'super': `
class A:
    def f(self): return super().__getattribute__('f')()
attempt(A().f)`,
  'isinstance with nested tuples': `
attempt(lambda: isinstance(1, nest(make=lambda v: (v or str,))))`,
  'issubclass with nested tuples': `
attempt(lambda: issubclass(int, nest(make=lambda v: (v or str,))))`,
  '__instancecheck__': `
class M(type):
    def __instancecheck__(cls, x): return isinstance(x, cls)
class A(metaclass=M): pass
attempt(lambda: isinstance(1, A))`,
  '__subclasscheck__ of abc': `
import abc
class A(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other): return issubclass(other, cls)
attempt(lambda: issubclass(int, A))`,
  '__bases__ that lead to themselves': `
class C:
    def __getattr__(self, name): return (self, self)
attempt(lambda: issubclass(C(), int))`,
  'union types': `
t = int
for _ in range(3000): t = t | type('A', (), {})
attempt(lambda: isinstance(1.0, t))`,
  'typing generics': `
import typing
t = typing.TypeVar('T')
for _ in range(3000): t = list[t]
attempt(lambda: repr(t[int]))`,
  'eval in eval': `
f = lambda g: eval('g(g)', {'g': g})
attempt(lambda: f(f))`,
  'exec in exec': `
code = 'exec(code, globals())'
attempt(lambda: exec(code, globals()))`,
  'generator in generator': `
def g(): yield from g()
attempt(lambda: next(g()))`,
  'deep chain of generators': `
def g(inner): yield from inner
it = iter([1])
for _ in range(deep): it = g(it)
attempt(lambda: next(it))`,
  'generator expressions': `
it = iter([1])
for _ in range(deep): it = (x for x in it)
attempt(lambda: next(it))`,
  'coroutine chain': `
async def f(n): return await f(n + 1)
attempt(lambda: f(0).send(None))`,
  'throw into generators': `
def g(inner):
    try: yield from inner
    finally: pass
def base(): yield 1; yield 2
it = base()
for _ in range(150): it = g(it)
next(it)
def work():
    try: it.throw(ValueError)
    except ValueError: pass
attempt(work)`,
  'compile of nested parentheses': `
attempt(lambda: compile('(' * 190 + '1' + ')' * 190, 's', 'eval'))`,
  'compile of too many parentheses': `
attempt(lambda: compile('(' * deep, 's', 'eval'))`,
  'compile of nested lists': `
attempt(lambda: compile('[' * 190 + ']' * 190, 's', 'eval'))`,
  'compile of nested calls': `
attempt(lambda: compile('f(' * 190 + ')' * 190, 's', 'eval'))`,
  'compile of nested lambdas': `
attempt(lambda: compile('lambda: ' * 5000 + '1', 's', 'eval'))`,
  'compile of unary operators': `
attempt(lambda: compile('-' * deep + '1', 's', 'eval'))`,
  'compile of not': `
attempt(lambda: compile('not ' * deep + '1', 's', 'eval'))`,
  'compile of powers': `
attempt(lambda: compile('1**' * deep + '1', 's', 'eval'))`,
  'compile of additions': `
attempt(lambda: compile('1+' * deep + '1', 's', 'eval'))`,
  'compile of attributes': `
attempt(lambda: compile('a' + '.b' * deep, 's', 'eval'))`,
  'compile of subscripts': `
attempt(lambda: compile('a' + '[0]' * deep, 's', 'eval'))`,
  'compile of chained calls': `
attempt(lambda: compile('a' + '()' * deep, 's', 'eval'))`,
  'compile of if-else': `
attempt(lambda: compile('1 if 2 else ' * deep + '3', 's', 'eval'))`,
  'compile of elif': `
source = 'if a: pass\\n' + 'elif a: pass\\n' * 5000
attempt(lambda: compile(source, 's', 'exec'))`,
  'compile of nested blocks': `
source = ''.join(' ' * i + 'if 1:\\n' for i in range(99)) + ' ' * 99 + 'pass'
attempt(lambda: compile(source, 's', 'exec'))`,
  'compile of nested functions': `
source = ''.join(' ' * i + 'def f():\\n' for i in range(99)) + ' ' * 99 + 'pass'
attempt(lambda: compile(source, 's', 'exec'))`,
  'compile of nested f-strings': `
s = '1'
for _ in range(140): s = "f'{" + s + "}'"
attempt(lambda: compile(s, 's', 'eval'))`,
  'compile of nested comprehensions': `
attempt(lambda: compile('[' * 60 + 'x' + ' for x in y]' * 60, 's', 'eval'))`,
  'compile of a nested match pattern': `
source = 'match x:\\n case ' + '[' * 180 + 'a' + ']' * 180 + ': pass'
attempt(lambda: compile(source, 's', 'exec'))`,
  'compile of mixed brackets': `
attempt(lambda: compile('{1:[(' * 60 + '1' + ')]}' * 60, 's', 'eval'))`,
  'compile with syntax error, second pass': `
attempt(lambda: compile('f(' * 190 + '1 2' + ')' * 190, 's', 'eval'))`,
  'compile of a syntax error in lambdas': `
attempt(lambda: compile('lambda: ' * 1000 + '1 2', 's', 'eval'))`,
  'ast.parse and unparse': `
import ast
attempt(lambda: ast.unparse(ast.parse('-' * 2000 + '1')))`,
  'ast.literal_eval': `
import ast
attempt(lambda: ast.literal_eval('[' * 150 + ']' * 150))`,
  'ast tree made by hand': `
import ast
at = {'lineno': 1, 'col_offset': 0, 'end_lineno': 1, 'end_col_offset': 0}
node = ast.Constant(1, **at)
for _ in range(deep): node = ast.UnaryOp(ast.USub(**at), node, **at)
attempt(lambda: compile(ast.Expression(node), 's', 'eval'))`,
  'ast.dump': `
import ast
attempt(lambda: ast.dump(ast.parse('-' * 1000 + '1')))`,
  'ast to objects and back': `
import ast
attempt(lambda: compile(ast.parse('-' * 3000 + '1', mode='eval'), 's', 'eval'))`,
  're.compile of groups': `
import re
attempt(lambda: re.compile('(' * 3000 + ')' * 3000))`,
  're.match with backtracking': `
import re
attempt(lambda: re.match('(?:a|ab)*c', 'a' * deep))`,
  're.sub calling itself': `
import re
def f(m): return re.sub('a', f, m[0])
attempt(lambda: re.sub('a', f, 'a'))`,
  'xml.etree with deep elements': `
import xml.etree.ElementTree as ET
root = ET.fromstring('<a>' * 50_000 + '</a>' * 50_000)
attempt(lambda: ET.tostring(root))`,
  'xml.etree deepcopy': `
import copy, xml.etree.ElementTree as ET
attempt(lambda: copy.deepcopy(ET.fromstring('<a>' * 5000 + '</a>' * 5000)))`,
  'xml.etree iter and findall': `
import xml.etree.ElementTree as ET
root = ET.fromstring('<a>' * 5000 + '</a>' * 5000)
attempt(lambda: (len(list(root.iter())), root.findall('.//a')))`,
  'expat in an expat handler': `
import xml.parsers.expat as expat
def f(*a):
    p = expat.ParserCreate(); p.StartElementHandler = f; p.Parse('<a/>', True)
attempt(f)`,
  'expat entities': `
import xml.parsers.expat as expat
text = '<!DOCTYPE a [<!ENTITY e0 "x">' + ''.join(
    f'<!ENTITY e{i + 1} "&e{i};">' for i in range(2000)) + ']><a>&e2000;</a>'
p = expat.ParserCreate()
def work():
    try: p.Parse(text, True)
    except expat.ExpatError: pass
attempt(work)`,
  'expat content model': `
import xml.parsers.expat as expat
text = '<!DOCTYPE a [<!ELEMENT a ' + '(' * 5000 + 'b' + ')' * 5000 + '>]><a/>'
p = expat.ParserCreate()
p.ElementDeclHandler = lambda *a: None
def work():
    try: p.Parse(text, True)
    except expat.ExpatError: pass
attempt(work)`,
  'sqlite3 nested expression': `
import sqlite3
def work():
    try: sqlite3.connect(':memory:').execute('select ' + '(' * 900 + '1' + ')' * 900)
    except sqlite3.OperationalError: pass
attempt(work)`,
  'sqlite3 long expression': `
import sqlite3
def work():
    try: sqlite3.connect(':memory:').execute('select ' + '-' * 990 + '1 ' + '+ 1' * 900)
    except sqlite3.OperationalError: pass
attempt(work)`,
  'sqlite3 nested selects': `
import sqlite3
def work():
    try: sqlite3.connect(':memory:').execute('select * from (' * 90 + 'select 1' + ')' * 90)
    except sqlite3.OperationalError: pass
attempt(work)`,
  'sqlite3 function that queries': `
import sqlite3
db = sqlite3.connect(':memory:')
def f(n):
    return db.execute('select f(?)', [n + 1]).fetchone()[0]
db.create_function('f', 1, f)
def work():
    try: f(0)
    except sqlite3.OperationalError: pass
attempt(work)`,
  'sqlite3 compound select': `
import sqlite3
def work():
    try: sqlite3.connect(':memory:').execute(' union all '.join(['select 1'] * 500)).fetchall()
    except sqlite3.OperationalError: pass
attempt(work)`,
  'sqlite3 json': `
import sqlite3
def work():
    try: sqlite3.connect(':memory:').execute('select json(?)', ['[' * 5000 + ']' * 5000]).fetchall()
    except sqlite3.OperationalError: pass
attempt(work)`,
  'sqlite3 fts5 expression': `
import sqlite3
db = sqlite3.connect(':memory:')
def work():
    try:
        db.execute('create virtual table t using fts5(a)')
        db.execute('select * from t where t match ?', ['(' * 300 + 'a' + ')' * 300]).fetchall()
    except sqlite3.OperationalError: pass
attempt(work)`,
  'decimal through __float__ hooks': `
import decimal
class A(decimal.Decimal):
    def __add__(self, other): return self + other
attempt(lambda: A(1) + 1)`,
  'weakref callback chain': `
import weakref
class A: pass
def f(r=None):
    a = A(); w = weakref.ref(a, f); del a
import sys
attempt(lambda: None)`,
  'deallocation of nested lists': `
v = nest(); del v
attempt(lambda: None)`,
  'deallocation of nested tuples and dicts': `
v = nest(make=lambda v: ({1: (v,)},)); del v
attempt(lambda: None)`,
  'deallocation of a chain of objects': `
class A: pass
def make(v):
    a = A(); a.v = v; return a
v = nest(make=make); del v
attempt(lambda: None)`,
  'deallocation of slots': `
class A: __slots__ = ('v',)
def make(v):
    a = A(); a.v = v; return a
v = nest(make=make); del v
attempt(lambda: None)`,
  'deallocation of generators': `
def g(v): yield v
v = nest(make=lambda v: g(v)); del v
attempt(lambda: None)`,
  'deallocation of iterators': `
v = nest(make=lambda v: iter([v])); del v
attempt(lambda: None)`,
  'deallocation of partials': `
import functools
v = nest(make=lambda v: functools.partial(print, v)); del v
attempt(lambda: None)`,
  'deallocation of bound methods': `
class A:
    def __init__(self, v): self.v = v
    def m(self): pass
v = nest(make=lambda v: A(v).m); del v
attempt(lambda: None)`,
  'deallocation of closures': `
v = nest(make=lambda v: (lambda: v)); del v
attempt(lambda: None)`,
  'deallocation of exceptions': `
e = None
for _ in range(deep):
    n = Exception(); n.__context__ = e; e = n
del e, n
attempt(lambda: None)`,
  'deallocation of itertools.tee': `
import itertools
v = nest(make=lambda v: itertools.chain([v])); del v
attempt(lambda: None)`,
  'deallocation of elements': `
import xml.etree.ElementTree as ET
def make(v):
    e = ET.Element('a')
    if v is not None: e.append(v)
    return e
v = nest(make=make); del v
attempt(lambda: None)`,
  'deallocation by the collector': `
import gc
class A: pass
def make(v):
    a = A(); a.v = v; a.me = a; return a
v = nest(make=make); del v
gc.collect()
attempt(lambda: None)`,
  'traceback of a deep recursion': `
import traceback
def f(): f()
try: f()
except RecursionError: text = traceback.format_exc()
attempt(lambda: None)`,
  'exception chain printed': `
import traceback
e = None
for _ in range(5000):
    n = ValueError(); n.__cause__ = e; e = n
attempt(lambda: traceback.format_exception(e))`,
  'exception groups': `
import traceback
e = ValueError()
for _ in range(2000): e = ExceptionGroup('a', [e])
attempt(lambda: (traceback.format_exception(e), e.split(TypeError), e.derive([e])))`,
  'import in import': `
import sys, importlib.abc, importlib.util
class F(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.startswith('deep_'):
            __import__('deep_' + str(int(name[5:]) + 1))
sys.meta_path.insert(0, F())
def work():
    try: __import__('deep_0')
    except ImportError: pass
attempt(work)
sys.meta_path.pop(0)`,
  'sys.settrace that recurses': `
def f(): f()
def t(*a): return t
sys.settrace(t)
attempt(f)
sys.settrace(None)`,
  'sys.setprofile that recurses': `
def f(): f()
sys.setprofile(lambda *a: None)
attempt(f)
sys.setprofile(None)`,
  'audit-like hooks: __import__ replaced': `
import builtins
real = builtins.__import__
def fake(*a, **k): return builtins.__import__(*a, **k)
builtins.__import__ = fake
def work(): import math
attempt(work)
builtins.__import__ = real`,
  'collections.abc mixins': `
import collections.abc
class A(collections.abc.Mapping):
    def __getitem__(self, k): return self.get(k)
    def __iter__(self): return iter(self.keys())
    def __len__(self): return len(self.items())
attempt(lambda: A()['a'])`,
  'collections.UserList in itself': `
import collections
u = collections.UserList(); u.append(u)
attempt(lambda: repr(u))`,
  'ChainMap nested': `
import collections
m = {}
for _ in range(5000): m = collections.ChainMap(m)
attempt(lambda: m.get('a'))`,
  'struct, memoryview, array conversions': `
class A:
    def __index__(self): return memoryview(b'ab')[self]
import array
attempt(lambda: array.array('b', [A()]))`,
  'io wrappers in wrappers': `
import io
def work():
    b = io.BytesIO(b'a')
    for _ in range(5000): b = io.BufferedReader(b)
    b.read(1)
attempt(work)`,
  'codecs error handler that encodes': `
import codecs
def h(e): return ('\\udc00'.encode('ascii', 'again'), e.end)
codecs.register_error('again', h)
attempt(lambda: '\\udc00'.encode('ascii', 'again'))`,
  'zlib, struct and hash objects': `
import hashlib
class A(bytes):
    def __bytes__(self): return bytes(self)
attempt(lambda: bytes(A()))`,
  'datetime through tzinfo': `
import datetime
class T(datetime.tzinfo):
    def utcoffset(self, d): return d.utcoffset()
attempt(lambda: datetime.datetime(2020, 1, 1, tzinfo=T()).utcoffset())`,
  'contextvars and Context.run': `
import contextvars
def f(): contextvars.copy_context().run(f)
attempt(f)`,
  'operator.methodcaller': `
import operator
class A:
    def f(self): return operator.methodcaller('f')(self)
attempt(A().f)`,
  'operator.attrgetter': `
import operator
class A:
    p = property(operator.attrgetter('p'))
attempt(lambda: A().p)`,
  'string.Formatter': `
import string
class F(string.Formatter):
    def format_field(self, value, spec): return self.format('{}', value)
attempt(lambda: F().format('{}', 'a'))`,
  'str.format nested': `
class A:
    def __format__(self, s): return '{}'.format(self)
attempt(lambda: '{}'.format(A()))`,
  'sum, min, max with hooks': `
class A:
    def __lt__(self, o): return min(self, o)
attempt(lambda: min(A(), A()))`,
  'all and any': `
def f(): return all(f() for _ in [1])
attempt(f)`,
  'dict key comparison': `
class A:
    def __hash__(self): return 1
    def __eq__(self, o): return {self: 1}.get(o)
attempt(lambda: {A(): 1}.get(A()))`,
  'set operations with __eq__': `
class A:
    def __hash__(self): return 1
    def __eq__(self, o): return {self} & {o}
attempt(lambda: {A()} & {A()})`,
  'type creation with __set_name__': `
class D:
    def __set_name__(self, owner, name): type('X', (), {'d': self})
attempt(lambda: type('X', (), {'d': D()}))`,
  'mro': `
class M(type):
    def mro(cls): return type.mro(M('A', (), {}))
attempt(lambda: M('A', (), {}))`,
  'a class tower': `
c = object
for _ in range(800): c = type('C', (c,), {})
attempt(lambda: c().missing if hasattr(c(), 'missing') else None)`,
  'asyncio tasks in tasks': `
import asyncio
async def f(n):
    return await asyncio.gather(f(n + 1)) if n < 50 else n
attempt(lambda: f(0).close())`,
  'threading.local and locks': `
import threading
lock = threading.RLock()
def f():
    with lock: f()
attempt(f)`,
  'csv and textwrap callbacks': `
import csv
class A:
    def __str__(self):
        import io
        csv.writer(io.StringIO()).writerow([self]); return ''
attempt(lambda: str(A()))`,
  'itertools.groupby and accumulate': `
import itertools
def f(a, b): return list(itertools.accumulate([a, b], f))
attempt(lambda: f(1, 2))`,
  'bisect and heapq with __lt__': `
import heapq, bisect
class A:
    def __lt__(self, o): heapq.heapify([self, o]); return True
attempt(lambda: heapq.heapify([A(), A()]))`,
  'graphlib and heap of comparisons': `
import bisect
class A:
    def __lt__(self, o): return bisect.bisect([self], o)
attempt(lambda: bisect.bisect([A()], A()))`,
  'callback of ctypes in itself': `
import ctypes
sys.unraisablehook = lambda raised: None
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)
def f(depth): return f(depth + 1)
attempt(lambda: f(0))`,
  'callback of ctypes below qsort': `
import ctypes
sys.unraisablehook = lambda raised: None
pointer = ctypes.POINTER(ctypes.c_int)
numbers = (ctypes.c_int * 2)(2, 1)
@ctypes.CFUNCTYPE(ctypes.c_int, pointer, pointer)
def f(a, b):
    ctypes.CDLL(None).qsort(numbers, 2, 4, f)
    return 0
attempt(lambda: f(numbers, numbers))`,
};

export const recursionCases = Object.entries(programs).map(([name, code]) => ({
  name,
  code: prelude + code,
}));
