// Cells that try to end the kernel, by every way that we could think of, and
// what must come of each:
//
//   'ok'             the cell ends as if nothing was
//   'SomeError'      it ends with this exception
//   'dies'           its C code traps or ends, and the kernel comes back with
//                    what it held before the cell
//   'anything'       natively undefined: any of the three
//   'waits'          it waits for what never comes, until Stop
//
// Afterwards the kernel runs cells and prints, with its variables. `breaks`
// cells take away what every cell needs, as they would natively: there only
// the answer must come, and an earlier state be had again.

const recursion = {
  'endless recursion': ['RecursionError', 'def f(n): return f(n + 1)\nf(0)'],
  'recursion, 100 000 deep': ['ok', `import sys
sys.setrecursionlimit(10**6)
def f(n): return 0 if n == 0 else 1 + f(n - 1)
assert f(100_000) == 100_000`],
  'recursion, 900 000 deep': ['ok', `import sys
sys.setrecursionlimit(10**6)
def f(n): return 0 if n == 0 else 1 + f(n - 1)
assert f(900_000) == 900_000`],
  'generators in generators': ['RecursionError', `def g(n):
    yield from g(n + 1)
list(g(0))`],
  '__getattr__ of itself': ['RecursionError', `class A:
    def __getattr__(self, name): return getattr(self, name + 'x')
A().y`],
  'equality through lists': ['RecursionError', `class A:
    def __eq__(self, other): return [self] == [other]
A() == A()`],
  'C recursion below a raised limit': ['RecursionError', `import sys
sys.setrecursionlimit(10**6)
value = []
for _ in range(10**5): value = [value]
repr(value)`],
  'a recursion limit of 1': ['RecursionError', `import sys
sys.setrecursionlimit(1)`],
  'a pattern of many groups': ['RecursionError',
    'import re\nre.compile("(" * 100_000)'],
  'signs before a number': ['MemoryError', 'exec("-" * 100_000 + "1")'],
  'brackets in brackets': ['MemoryError', 'exec("(" * 1000 + ")" * 1000)'],
  'a long sum': ['RecursionError', 'exec("1" + "+1" * 50_000)'],
  'a deep syntax tree': ['RecursionError', `import ast
tree = ast.Constant(1)
for _ in range(100_000): tree = ast.UnaryOp(ast.USub(), tree)
compile(ast.fix_missing_locations(ast.Expression(tree)), '', 'eval')`],
  'SQL in brackets': ['OperationalError', `import sqlite3
sqlite3.connect(':memory:').execute(
    'select ' + '(' * 5000 + '1' + ')' * 5000)`],
  'elements in elements': ['ok', `import xml.etree.ElementTree as tree
tree.fromstring('<a>' * 100_000 + '</a>' * 100_000)`],
  'entities of entities': ['ParseError', `import xml.etree.ElementTree as tree
tree.fromstring('<!DOCTYPE a [<!ENTITY a0 "x">' + ''.join(
    f'<!ENTITY a{i + 1} "&a{i};&a{i};&a{i};&a{i};">' for i in range(30))
    + ']><a>&a30;</a>')`],
};

const pointers = {
  'reading at 0': ['ok', 'import ctypes\nctypes.string_at(0)'],
  'writing at 0': ['ok', 'import ctypes\nctypes.memset(0, 255, 100_000)'],
  'writing over everything': ['dies',
    'import ctypes\nctypes.memset(1024, 255, 30_000_000)'],
  'reading past the end': ['dies',
    'import ctypes\nctypes.string_at(0xfffffff0, 100)'],
  'a count of references overwritten': ['anything', `import ctypes
value = [1, 2, 3]
ctypes.memset(id(value), 255, 16)
del value`],
  'a type overwritten': ['dies', `import ctypes
value = object()
ctypes.memset(id(value) + 4, 1, 4)
repr(value)`],
  'None overwritten': ['dies', `import ctypes
ctypes.memset(id(None), 0, 8)
[None] * 10`],
  'a function at no address': ['NotImplementedError', `import ctypes
ctypes.CFUNCTYPE(ctypes.c_int)(999_999)()`],
  'a function at 0': ['NotImplementedError', `import ctypes
ctypes.CFUNCTYPE(ctypes.c_int)(0)()`],
  'memory freed twice': ['anything', `import ctypes
free = ctypes.CDLL(None).free
pointer = ctypes.CDLL(None).malloc(100)
free(pointer); free(pointer); free(pointer + 8); free(1_234_567)`],
  'the heap overwritten': ['anything', `import ctypes
pointer = ctypes.CDLL(None).malloc(100)
ctypes.memset(pointer - 16, 255, 200)
blocks = [bytearray(1000) for _ in range(100)]`],
  'bytecode made of all bytes': ['dies', `def f(): pass
f.__code__ = f.__code__.replace(co_code=bytes(range(256)))
f()`],
  'a stack too small for its code': ['anything', `def f(): return [1, [2, [3]]]
f.__code__ = f.__code__.replace(co_stacksize=0)
f()`],
  'unmarshalling of garbage': ['ok', `import marshal
for byte in range(256):
    try: marshal.loads(bytes([byte]) * 1000)
    except (ValueError, EOFError, TypeError, MemoryError, OverflowError): pass`],
};

const ends = {
  'os.abort': ['dies', 'import os\nos.abort()'],
  'os._exit(0)': ['dies', 'import os\nos._exit(0)'],
  'os._exit(3)': ['dies', 'import os\nos._exit(3)'],
  'sys.exit': ['SystemExit', 'import sys\nsys.exit(2)'],
  'exit()': ['SystemExit', 'exit()'],
  'quit()': ['SystemExit', 'quit()'],
  'SystemExit': ['SystemExit', 'raise SystemExit'],
  'KeyboardInterrupt': ['KeyboardInterrupt', 'raise KeyboardInterrupt'],
  'GeneratorExit': ['GeneratorExit', 'raise GeneratorExit'],
  'BaseException': ['BaseException', 'raise BaseException'],
  'a segmentation fault': ['dies',
    'import faulthandler\nfaulthandler._sigsegv()'],
  'an abort in C': ['dies', 'import faulthandler\nfaulthandler._sigabrt()'],
  'a division by zero in C': ['dies',
    'import faulthandler\nfaulthandler._sigfpe()'],
  'a read at 0 in C': ['ok', 'import faulthandler\nfaulthandler._read_null()'],
  'SIGKILL': ['dies', 'import os, signal\nos.kill(os.getpid(), signal.SIGKILL)'],
  'SIGTERM': ['dies', 'import os, signal\nos.kill(os.getpid(), signal.SIGTERM)'],
  'SIGSEGV': ['dies', 'import signal\nsignal.raise_signal(signal.SIGSEGV)'],
  'SIGABRT': ['dies', 'import signal\nsignal.raise_signal(signal.SIGABRT)'],
  'SIGINT': ['KeyboardInterrupt',
    'import signal\nsignal.raise_signal(signal.SIGINT)'],
  'SIGINT as the system has it': ['dies', `import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.raise_signal(signal.SIGINT)`],
  'SIGINT ignored': ['ok', `import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.raise_signal(signal.SIGINT)`],
  'a handler that raises': ['ValueError', `import signal
def handle(*args): raise ValueError
signal.signal(signal.SIGUSR1, handle)
signal.raise_signal(signal.SIGUSR1)`],
  'an alarm': ['dies', `import signal, time
signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(100)`],
  'an alarm that nobody waits for': ['ok', `import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_REAL, 0.01)`],
  'functions for the end': ['ok', `import atexit
@atexit.register
def fail(): raise ValueError
atexit._run_exitfuncs()`],
};

const finalisers = {
  'exceptions in __del__': ['ok', `class A:
    def __del__(self): raise ValueError
for _ in range(10_000): A()`],
  '__del__ that makes another': ['ok', `class A:
    def __del__(self): A()
A()`],
  'resurrection': ['ok', `keep = []
class A:
    def __del__(self): keep.append(self)
for _ in range(1000): A()
keep.clear()`],
  'weak references that collect': ['ok', `import gc, weakref
class A: pass
def make():
    a = A(); a.me = a
    return weakref.ref(a, lambda reference: gc.collect())
references = [make() for _ in range(200)]
gc.collect()`],
  'collection at every object': ['ok', `import gc
gc.set_threshold(1)
value = [[i] for i in range(10_000)]`],
  'callbacks of the collector that raise': ['ok', `import gc
gc.callbacks.append(lambda *args: 1 / 0)
gc.collect()
gc.callbacks.clear()`],
  '__del__ that empties sys.modules': ['ok', `import sys
class A:
    def __del__(self): sys.modules.clear()
A()`],
};

const surroundings = {
  'sys.modules emptied': ['ok', 'import sys\nsys.modules.clear()'],
  'the kernel out of sys.modules': ['ok', `import sys
for name in list(sys.modules):
    if name.startswith('tincture'): del sys.modules[name]`],
  'no __build_class__': ['ok', 'import builtins\ndel builtins.__build_class__'],
  'no open': ['ok', 'import builtins\nbuiltins.open = None'],
  'sys.stdout closed': ['ok', 'import sys\nsys.stdout.close()'],
  'sys.stdout is None': ['ok', 'import sys\nsys.stdout = None\nprint(1)'],
  'sys.displayhook is None': ['ok', 'import sys\nsys.displayhook = None\n1'],
  'sys.excepthook is None': ['ZeroDivisionError',
    'import sys\nsys.excepthook = None\n1 / 0'],
  'sys.unraisablehook is None': ['ok', `import sys
sys.unraisablehook = None
class A:
    def __del__(self): raise ValueError
A()`],
  'nowhere to import from': ['ok',
    'import sys\nsys.path.clear(); sys.meta_path.clear()'],
  'a trace function that raises': ['ValueError', `import sys
def trace(*args): raise ValueError
sys.settrace(trace)
def f(): pass
f()`],
  'a trace function left behind': ['ok', `import sys
def trace(*args): return trace
sys.settrace(trace)`],
  'json and traceback broken': ['ok', `import json, traceback
json.dumps = json.loads = None
traceback.TracebackException = None`],
  'no builtins in exec': ['ImportError',
    'exec("import sys", {"__builtins__": {}})'],
};

const files = {
  'descriptors 0, 1 and 2 closed': ['ok',
    'import os\nfor number in (0, 1, 2): os.close(number)'],
  'all descriptors closed': ['ok', 'import os\nos.closerange(0, 1000)'],
  'descriptors 1 and 2 in a file': ['ok', `import os
number = os.open('x', os.O_CREAT | os.O_WRONLY)
os.dup2(number, 1); os.dup2(number, 2)
print('hidden')`],
  'home deleted': ['ok', `import os, shutil
shutil.rmtree(os.path.expanduser('~'), ignore_errors=True)`],
  'the working directory deleted': ['ok', `import os
os.makedirs('d'); os.chdir('d'); os.rmdir(os.getcwd())`],
  'everything deleted': ['ok',
    'import shutil\nshutil.rmtree("/", ignore_errors=True)'],
  'all descriptors taken': ['OSError',
    'taken = []\nwhile True: taken.append(open("f", "w"))'],
  'links in a circle': ['OSError', `import os
os.symlink('a', 'b'); os.symlink('b', 'a'); open('a')`],
  'a long name': ['OSError', 'open("x" * 100_000, "w")'],
  'deep directories': ['ok',
    'import os\nfor _ in range(2000): os.mkdir("d"); os.chdir("d")'],
};

const others = {
  'a thread': ['ok',
    'import threading\nthreading.Thread(target=print).start()'],
  'a pool of threads': ['ok', `import concurrent.futures
with concurrent.futures.ThreadPoolExecutor() as pool: pool.submit(print)`],
  'a process': ['OSError', 'import subprocess\nsubprocess.run(["ls"])'],
  'os.fork': ['OSError', 'import os\nos.fork()'],
  'os.execv': ['OSError', 'import os\nos.execv("/bin/ls", ["ls"])'],
  'multiprocessing': ['OSError', `import multiprocessing
multiprocessing.Process(target=print).start()`],
  'a connection': ['gaierror', `import socket
socket.create_connection(('localhost.invalid', 80), timeout=1)`],
  'much output': ['ok', 'for i in range(300_000): print(i)'],
  'a long line': ['ok', 'print("x" * 20_000_000)'],
  'many displays': ['ok', 'for i in range(2000): display(i)'],
  '__repr__ that raises': ['ok', `class A:
    def __repr__(self): raise ValueError
A()`],
  '__repr__ that exits': ['SystemExit', `class A:
    def __repr__(self): raise SystemExit
A()`],
  '__str__ of an exception that raises': ['E', `class E(Exception):
    def __str__(self): raise ValueError
raise E`],
  'an exception of a broken class': ['E', `class M(type):
    def __getattribute__(cls, name): raise ValueError
class E(Exception, metaclass=M): pass
raise E`],
  'an exception that is its own cause': ['ValueError', `error = ValueError()
error.__cause__ = error.__context__ = error
raise error`],
  'lone surrogates': ['ValueError',
    'print("\\ud800"); raise ValueError("\\udc00")'],
  'a closed event loop': ['ok',
    'import asyncio\nasyncio.get_event_loop().close()'],
  'a database closed by its own function': ['ProgrammingError', `import sqlite3
database = sqlite3.connect(':memory:')
database.create_function('f', 0, database.close)
database.execute('select f()').fetchall()`],
  'a buffer that shrinks below a view': ['BufferError', `data = bytearray(10)
view = memoryview(data)
data.clear()`],
};

const memory = {
  'a block beyond all memory': ['OverflowError', 'bytearray(2**32)'],
  'two blocks of half of it': ['MemoryError',
    'blocks = [bytearray(2**31 - 101) for _ in range(2)]'],
  'bytes doubled': ['MemoryError', 'data = b"x"\nwhile True: data += data'],
  'a tuple repeated': ['MemoryError', 'data = (0,) * 2**30'],
  'wide characters': ['MemoryError',
    'text = "\\U0001F600" * 2**28\nagain = text + text'],
  'an int shifted': ['OverflowError', '1 << 2**40'],
  'a list of a range': ['OverflowError', 'list(range(2**31))'],
  'a wide format': ['MemoryError', 'f"{1:>{2**31 - 5}}" * 2'],
  'the end in handling the end': ['MemoryError', `blocks = []
try:
    while True: blocks.append(bytearray(10**8))
except MemoryError:
    while True: blocks.append(bytearray(10**7))`],
  'files until the end': ['OSError', `number = 0
while True:
    with open(f'f{number}', 'wb') as file: file.write(bytes(100_000_000))
    number += 1`],
};

const waiting = {
  'signal.pause': ['waits', 'import signal\nsignal.pause()'],
  'a lock of its own': ['waits', `import threading
lock = threading.Lock()
lock.acquire(); lock.acquire()`],
  'a lock with a limit': ['ok', `import threading
lock = threading.Lock()
lock.acquire(); lock.acquire(timeout=0.1)`],
  'an event': ['waits', 'import threading\nthreading.Event().wait()'],
  'a queue': ['waits', 'import queue\nqueue.Queue().get()'],
  'a barrier': ['waits', 'import threading\nthreading.Barrier(2).wait()'],
  'select': ['waits', 'import select\nselect.select([], [], [])'],
  'poll': ['waits', 'import select\nselect.poll().poll()'],
  'sys.stdin': ['waits', 'import sys\nsys.stdin.read()'],
  'a future': ['waits', 'import asyncio\nawait asyncio.Future()'],
};

const breaking = {
  'no builtins': `import builtins
for name in list(vars(builtins)):
    if not name.startswith('__') and name != 'delattr':
        delattr(builtins, name)`,
  'len that fails': `import builtins
builtins.len = builtins.isinstance = lambda *args: 1 / 0`,
  'no __import__': 'import builtins\ndel builtins.__import__',
  'no streams': 'import sys\ndel sys.stdout, sys.stderr',
  'streams that fail': `import sys
class Failing:
    def write(self, text): raise ValueError
    flush = None
sys.stdout = sys.stderr = Failing()`,
  'an audit hook that raises': `import sys
def fail(*args): raise RuntimeError
sys.addaudithook(fail)`,
  'no globals': 'globals().clear()',
  'no kernel module': `import _tincture
for name in list(vars(_tincture)): setattr(_tincture, name, None)`,
  'no entry to the kernel': `import tincture.entry
vars(tincture.entry).clear()`,
};

export const deathCases = Object.entries({
  ...recursion,
  ...pointers,
  ...ends,
  ...finalisers,
  ...surroundings,
  ...files,
  ...others,
  ...waiting,
  ...memory,
}).map(([name, [expected, code]]) => ({
  name,
  code,
  expected,
  fills: Object.hasOwn(memory, name),
}));

export const breakingCases = Object.entries(breaking).map(([name, code]) => ({
  name,
  code,
}));
