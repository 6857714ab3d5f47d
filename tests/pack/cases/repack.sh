# An old report onto the present kernel: nothing of the notebook is lost.
facts() {
    tincture info "$1" | sed -n '2,/^outputs/p; /^wheels/,/^$/p; /part$/,$p'
    grep -o '<html lang="[a-z]*"' "$1"
    grep -o '"report":{[^}]*}' "$1"
    grep -o 'data-cell-state="[a-z]*"' "$1"
    sed -n '/<main/,/<\/main/p' "$1" | grep -c tn-output
    grep -o 'alpha 1.0 (MIT)' "$1"
}
cp "$DATA/version_2.html" old.html
tincture repack old.html -o new.html
facts new.html
tincture unpack old.html -d old >out.txt
tincture unpack new.html -d new >out.txt
diff -r old new && echo "the same comes out"
sed -n '/id="tincture-notebook"/p' old.html | grep -o '"cells":.*' >old.json
sed -n '/id="tincture-notebook"/p' new.html | grep -o '"cells":.*' |
    sed 's/"part":7/"part":6/' >new.json
cmp old.json new.json && echo "the same cells"
echo "-- the report id stays, the revision grows, in place"
cp new.html again.html
tincture repack again.html
grep -o '"report":{[^}]*}' again.html
tincture repack "$DATA/version_1.html" -o one.html
tincture info one.html | sed -n '/part$/,$p'
echo "-- states of cells and the policy"
printf '%%%% py\n1\n%%%% md\n# T\n%%%% py\nboom\n' >n.iomd
tincture pack n.iomd --run --allow-errors --allow-network --worker
tincture repack n.html -o m.html --cold
grep -o 'data-cell-state="[a-z]*"' m.html
grep -c 'wss: ws:' m.html
tincture info m.html | grep worker
tincture info m.html | sed -n '/part$/,$p'
echo "-- a profile that is no more"
sed 's/"profile":"core"/"profile":"kernel"/' m.html >k.html
tincture repack k.html && tincture info k.html | grep profile
echo "-- a live state is not thrown away without a word"
sed 's/{"version":3,"parts"/{"version":2,"parts"/
    s/"name":"editor.js"/"name":"state"/' n.html >live.html
tincture repack live.html; echo "exit $?"
tincture repack live.html -o l.html; echo "exit $?"
echo "-- what is refused"
sed 's/"cells":\[{/"cells":[{},{/' n.html >bad.html
tincture repack bad.html; echo "exit $?"
sed 's/id="part-1-0">...../id="part-1-0">AAAAA/' n.html >bad.html
tincture repack bad.html && echo "its kernel is not needed"
tincture repack; echo "exit $?"
tincture repack n.html m.html; echo "exit $?"
tincture repack n.iomd; echo "exit $?"
tincture repack missing.html; echo "exit $?"
ls
