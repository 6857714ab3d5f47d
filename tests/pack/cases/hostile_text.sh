# Refused with file and line, or packed so that nothing breaks out.
printf '%%%% py\nprint(1)\n\001\000' >nul.iomd
tincture pack nul.iomd; echo "exit $?"
printf '%%%% md\n\nna\377ve\n' >latin.iomd
tincture pack latin.iomd; echo "exit $?"
printf 'print(1)\n\n\355\240\200' >surrogate.py
tincture pack surrogate.py; echo "exit $?"
: >empty.iomd
tincture pack empty.iomd; echo "exit $?"
printf 'text only\n' >text.iomd
tincture pack text.iomd; echo "exit $?"
printf '%%%% md\n<!-- open\n%%%% md\n</div></main><script>"<!--<script>"</script><div><table><td>\n%%%% html\n<plaintext><textarea></script>\n%%%% css\n</style><!--\n%%%% py\n"</script><!--<script>"\n%%%% md\n# last\n' >h.iomd
tincture pack h.iomd
sed -n '/<main/,/<\/main/p' h.html
grep -c '^</main>$' h.html
grep -o 'id="iomd">.*' h.html
tincture unpack h.html -d out; cmp h.iomd out/h.iomd
head -c 10000000 /dev/zero | tr '\0' 'x' >line.iomd
printf '\n%%%% py\n1\n' >>line.iomd
tincture pack line.iomd && tincture unpack line.html -d out && cmp line.iomd out/line.iomd
head -c 100000 /dev/zero | tr '\0' '>' >deep.txt
{ printf '%%%% md\n'; cat deep.txt; } >deep.iomd
tincture pack deep.iomd && tincture info deep.html | grep cells
ls *.html
{ printf '{"nbformat":4,\n"cells":'; head -c 100000 /dev/zero | tr '\0' '['; } >deep.ipynb
tincture pack deep.ipynb; echo "exit $?"
yes '%% py' | head -n 100001 >many.iomd
tincture pack many.iomd; echo "exit $?"
