import os, sys as s; import a.b.c
from x.y import (z,
   w)
from . import q
def f():
    from inner import thing
    if True: import cond
x = "import no"; y = r'''import no''' # import no
z = f"{__import__('dyn')}"
m = importlib.import_module("pkg.sub"); yield from gen
try: import \
   joined
except: pass
d = {"a": import_module('k')}
