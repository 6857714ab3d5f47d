# An edited report gives its text, not the original.
printf '{"nbformat":4,"cells":[{"cell_type":"code","source":"%%%%time\\n1","outputs":[],"metadata":{}}]}' >n.ipynb
tincture pack n.ipynb -o r.html
tincture unpack r.html -d whole
ls whole; cmp n.ipynb whole/n.ipynb; cat whole/n.iomd; echo
sed 's/^1<\/script>/2<\/script>/' r.html >e.html
tincture unpack e.html -d edited
ls edited; cat edited/n.iomd; echo
tincture info e.html | grep source
