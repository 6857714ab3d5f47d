# Packages found by pip, from a directory in the place of an index.
python3 "$DATA/wheels.py" w
export PIP_NO_INDEX=1 PIP_FIND_LINKS="$PWD/w" PIP_CONFIG_FILE=/dev/null
printf '%%%% py\nimport alpha\n' >n.iomd
tincture pack n.iomd --requirements alpha
tincture info n.html | sed -n '/^profile/p; /^wheels/,/^$/p'
tincture unpack n.html -d out
tincture pack n.iomd -o again.html --requirements out/requirements.txt
cmp n.html again.html && echo "packed again: the same"
echo "-- by extras, files, nested files"
printf -- '-r b.txt\nplots # needs pandas\n' >a.txt
printf 'beta[x] \\\n  >=2\n' >b.txt
tincture pack n.iomd -o m.html --requirements a.txt
tincture info m.html | sed -n '/^profile/p; /^  [a-z]*-/p'
tincture pack n.iomd -o m.html --requirements alpha \
    --wheel w/deflated-1.0-py3-none-any.whl
tincture info m.html | sed -n '/^profile/p; /^  [a-z]*-/p'
echo "-- built in is not fetched"
tincture pack n.iomd -o m.html --requirements 'numpy>=2'
tincture info m.html | sed -n '/^profile/p; /^wheels/p'
echo "-- pure Python that a larger profile has is packed, unless it is there"
tincture pack n.iomd -o m.html --requirements turns
tincture info m.html | sed -n '/^profile/p; /^  [a-z]*-/p'
printf '%%%% py\nimport matplotlib\n' >plot.iomd
tincture pack plot.iomd -o m.html --requirements turns
tincture info m.html | sed -n '/^profile/p; /^  [a-z]*-/p'
tincture pack plot.iomd -o m.html --wheel w/cycler-0.12.1-py3-none-any.whl
tincture info m.html | sed -n '/^profile/p; /^wheels/p'
tincture pack plot.iomd -o m.html --wheel w/cycler-0.13.0-py3-none-any.whl
echo "-- refused"
tincture pack n.iomd --requirements numpy==1.26
tincture pack n.iomd --requirements old
tincture pack n.iomd --requirements newer
tincture pack n.iomd --requirements native
tincture pack n.iomd --requirements nowhere
tincture pack n.iomd --requirements beta==7
tincture pack n.iomd --requirements absent.txt
printf 'beta==2.1 --hash=sha256:%064d\n' 0 >c.txt
tincture pack n.iomd --requirements c.txt
PATH="$PWD/empty:${PATH%%:*}" tincture pack n.iomd --requirements beta
