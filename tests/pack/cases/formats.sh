try() { tincture pack "$@" -o r.html; echo "exit $?"; }
printf 'x\n' >n.txt
try n.txt
printf '<p>no notebook\n' >n.html
try n.html
printf '{"nbformat":3,"worksheets":[]}' >old.ipynb
try old.ipynb
printf '{"nbformat":4,\n"cells":[1 2]}' >bad.ipynb
try bad.ipynb
printf '{"nbformat":4,"cells":[{"cell_type":"code","source":"a\\u0000"}]}' >nul.ipynb
try nul.ipynb
printf '{"nbformat":4,"cells":[{"cell_type":"chart","source":""}]}' >kind.ipynb
try kind.ipynb
printf '{"nbformat":4,"metadata":{"kernelspec":{"language":"julia"}},"cells":[{"cell_type":"code","source":"1"}]}' >julia.ipynb
try julia.ipynb
tincture info r.html | grep cells
try missing.iomd
try .
printf '%%%% py\n1\n' >n.iomd
tincture pack n.iomd -o n.iomd; echo "exit $?"
tincture pack n.iomd -o no/where.html; echo "exit $?"
tincture pack n.iomd -o r.html && tincture pack r.html -o s.html; echo "exit $?"
ls
