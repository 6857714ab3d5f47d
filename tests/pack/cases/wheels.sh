# Packages from their wheels: what is taken, what is refused, what comes out.
python3 "$DATA/wheels.py" w
any=py3-none-any.whl
printf '%%%% py\nimport alpha, beta, other\n' >n.iomd
tincture pack n.iomd --wheel w/alpha-1.0-$any --wheel w/beta-2.1-$any
tincture info n.html | sed -n '/^profile/p; /^wheels/,/^$/p; /image$/p'
grep -o '"packages":.*"cells"' n.html
grep -c 'alpha 1.0 (MIT)' n.html
tincture pack n.iomd -o m.html --wheel w/beta-2.1-$any --wheel w/alpha-1.0-$any
cmp n.html m.html && echo "the order changes nothing"
tincture unpack n.html -d out
cat out/requirements.txt
echo "-- what is missing is said"
tincture pack n.iomd --wheel w/alpha-1.0-$any
echo "-- any compression"
tincture pack n.iomd --wheel w/deflated-1.0-$any && tincture info n.html |
    sed -n '/deflated/p'
echo "-- refused"
for name in old-1.0-$any newer-1.0-$any escape-1.0-$any liar-1.0-$any \
    damaged-1.0-$any native-1.0-cp313-cp313-manylinux_2_17_x86_64.whl \
    numpy-1.26-cp313-cp313-manylinux_2_17_x86_64.whl absent-1-$any
do
    tincture pack n.iomd -o x.html --wheel "w/$name"
done
cp w/beta-2.1-$any beta.whl
tincture pack n.iomd -o x.html --wheel beta.whl
ls
