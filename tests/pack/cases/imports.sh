# The profile by the imports, and warnings with lines.
cat >n.iomd <<'J'
%% md
import nothing_here
%% py
import os, sys
x = "import not_this"
def f():
    from unknown_thing.sub import y
%% py
import unknown_thing
import helper; __import__("dynamic_one")
J
printf 'import numpy\n' >helper.py
tincture pack n.iomd
tincture info n.html | grep profile
tincture pack n.iomd --file helper.py
tincture info n.html | grep -E 'profile|wasm'
printf '{"nbformat":4,"cells":[{"cell_type":"code","source":"1\\nimport absent"}]}' >n.ipynb
tincture pack n.ipynb
