# Nothing that differs is replaced, nothing is written when something differs.
printf '%%%% py\n1\n' >n.iomd
printf 'data\n' >d.csv
tincture pack n.iomd --file d.csv
mkdir out
printf 'mine\n' >out/d.csv
tincture unpack n.html -d out; echo "exit $?"
ls out; cat out/d.csv
tincture unpack n.html -d out --force; echo "exit $?"
cat out/d.csv
tincture unpack n.html -d out; echo "exit $?"
ln -sf ../n.iomd out/d.csv
tincture unpack n.html -d out --force; echo "exit $?"
cat n.iomd; test -L out/d.csv || echo "no link any more"
tincture unpack n.html -d n.iomd; echo "exit $?"
tincture unpack missing.html; echo "exit $?"
