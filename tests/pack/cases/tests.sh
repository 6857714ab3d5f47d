# Suites, and the images beside the profiles.
parts() { tincture info "$1" | grep -oE '(profile +[a-z_]+|[a-z_.-]+\.image|[a-z_]+\.wasm|file +[^ ]+)$'; }
carried() { grep -oE '<summary>[a-z-]+ 1\.0' "$1"; }

echo "== a notebook that imports pytest"
printf '%%%% py\nimport pytest, hypothesis\n' > n.iomd
tincture pack n.iomd -o n.html
parts n.html
carried n.html
echo "== one that does not"
printf '%%%% py\nimport json\n' > plain.iomd
tincture pack plain.iomd -o plain.html
parts plain.html
carried plain.html

echo "== a directory of tests"
mkdir -p mine/deep/__pycache__ mine/.hidden
echo 'import csv, pandas' > mine/deep/test_b.py
echo 'def test_a(): pass' > mine/test_a.py
echo 'x' > mine/deep/__pycache__/test_b.pyc
echo 'x' > mine/.hidden/test_c.py
tincture pack --tests mine/
parts tests-of-mine.html
tincture unpack tests-of-mine.html -d out
cat out/tests-of-mine.iomd
grep -o '<div class="tn-suite">.*</div>' tests-of-mine.html

echo "== a package with a kernel of its own for its tests"
tincture pack --tests numpy -o numpy.html
parts numpy.html
carried numpy.html
grep -o '"images":\[[^]]*\]' numpy.html
tincture unpack numpy.html -d out && cat out/tests-of-numpy.iomd
echo "== one whose tests need more than it does"
tincture pack --tests pandas -o pandas.html --title "All of pandas"
parts pandas.html
carried pandas.html
tincture info pandas.html | head -2
tincture pack --tests pandas -o small.html --profile pandas
parts small.html
echo "== one without either"
tincture pack --tests cycler -o cycler.html
parts cycler.html
echo "== repacked"
tincture repack pandas.html -o again.html
parts again.html
grep -o '"images":\[[^]]*\]' again.html
tincture repack numpy.html -o again.html && parts again.html
rm "$TINCTURE_DIST/tests.json"
tincture repack numpy.html -o again.html; echo "$?"

echo "== what cannot be"
tincture pack --tests numpy; echo "$?"
tincture pack --tests json; echo "$?"
tincture pack --tests no/such; echo "$?"
tincture pack --tests; echo "$?"
tincture pack n.iomd --tests numpy; echo "$?"
mkdir 'a"b' && tincture pack --tests 'a"b'; echo "$?"
