# --run: outputs are stored, a failure stops and is the exit code.
printf '%%%% md\n# T\n%%%% py\nprint(1)\n%%%% js\n1\n' >ok.iomd
printf 'd\n' >d.csv
tincture pack ok.iomd --run --file d.csv; echo "exit $?"
sed -n '/<main/,/<\/main/p' ok.html | grep tn-output
printf '%%%% py\n1\n%%%% py\nboom\n%%%% py\n3\n' >bad.iomd
tincture pack bad.iomd --run; echo "exit $?"
grep -o 'data-cell-state="[a-z]*"' bad.html
sed -n '/<main/,/<\/main/p' bad.html | grep tn-output
tincture pack bad.iomd --run --allow-errors; echo "exit $?"
grep -o 'data-cell-state="[a-z]*"' bad.html
sed -n '/<main/,/<\/main/p' bad.html | grep tn-output
printf '%%%% py\ncrash\n' >crash.iomd
tincture pack crash.iomd --run; echo "exit $?"
ls *.html
PATH="${PATH%%:*}" tincture pack ok.iomd --run; echo "exit $?"
rm "$TINCTURE_DIST/run.mjs"
tincture pack ok.iomd --run; echo "exit $?"
