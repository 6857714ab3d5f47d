# An embedded name never leads out of the directory.
printf '%%%% py\n1\n' >n.iomd
printf 'x\n' >d.csv
tincture pack n.iomd --file d.csv
for name in '..' '../d.csv' 'a/b' '' '/etc/x' 'a\\\\b' '.'; do
    sed "s|\"files\":\\[{\"name\":\"d.csv\"|\"files\":[{\"name\":\"$name\"|" n.html >bad.html
    tincture unpack bad.html -d out; echo "exit $?"
done
# Version 2 has no checksum that would say so first.
sed 's|{"version":3,"parts"|{"version":2,"parts"|
    s|"name":"source:n.iomd"|"name":"source:../n.iomd"|' n.html >bad.html
tincture unpack bad.html -d out; echo "exit $?"
ls -A out 2>/dev/null
mkdir one two; printf 'y\n' >two/d.csv; cp d.csv one
tincture pack n.iomd --file one/d.csv --file two/d.csv; echo "exit $?"
tincture pack n.iomd --file .; echo "exit $?"
tincture pack n.iomd --file missing.csv; echo "exit $?"
ls
tincture pack n.iomd --file n.iomd; echo "exit $?"
printf '{"nbformat":4,"cells":[{"cell_type":"code","source":""}]}' >n.ipynb
tincture pack n.ipynb --file n.iomd; echo "exit $?"
new="$(printf 'a\nb.iomd')"
cp n.iomd "$new"; tincture pack "$new"; echo "exit $?"
