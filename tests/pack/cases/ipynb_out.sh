# Notebooks of Jupyter's go in and come out again, and others become one.
check() { python3 "$DATA/check_ipynb.py" "$@" && echo "valid, and the same"; }

echo "-- Jupyter's own, with its outputs"
tincture pack "$DATA/jupyter.ipynb" -o a.html
tincture unpack a.html --ipynb -d a
check "$DATA/jupyter.ipynb" a/jupyter.ipynb
tincture unpack a.html -d original
cmp "$DATA/jupyter.ipynb" original/jupyter.ipynb && echo "byte for byte without --ipynb"
head -14 a/jupyter.ipynb

echo "-- edited in the page"
sed 's/x = 1$/x = 2/' a.html > edited.html
tincture unpack edited.html -d edited
grep -c 'x = 2' edited/jupyter.ipynb
sed 's/x = 2/x = 1/' edited/jupyter.ipynb > back.ipynb
check "$DATA/jupyter.ipynb" back.ipynb

echo "-- IOMD, and back"
printf 'first\n\n%%%% md\n# T\n\n%%%% js\na = 1 < 2\n\n%%%% html\n<b>x</b>\n\n%%%% css\nb {}\n\n%%%% fetch\ntext: a = b.csv\n\n%%%% py skipRunAll\nprint(1)\n' > x.iomd
tincture pack x.iomd --title Other --file "$DATA/wheels.py" 2> /dev/null
tincture unpack x.html --ipynb -d x
check x/x.ipynb
cat x/x.ipynb
tincture pack x/x.ipynb -o y.html 2> /dev/null
tincture unpack y.html -d y
cmp x/x.iomd y/x.iomd && echo "the same text"

echo "-- ids that are missing, twice or cannot be"
printf '{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[%s,%s,%s,%s]}' \
  '{"cell_type":"code","metadata":{},"source":"1","outputs":[],"execution_count":null}' \
  '{"cell_type":"code","id":"cell-1","metadata":{},"source":"2","outputs":[],"execution_count":3}' \
  '{"cell_type":"raw","id":"cell-1","metadata":{},"source":"3"}' \
  '{"cell_type":"markdown","id":"no id","metadata":{},"source":"4"}' > i.ipynb
tincture pack i.ipynb && tincture unpack i.html --ipynb -d i
check i/i.ipynb
grep '"id"' i/i.ipynb
