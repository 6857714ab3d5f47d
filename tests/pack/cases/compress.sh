# What was compressed is used only when it is of the same bytes.
cd "$TINCTURE_DIST"
tincture compress core.bare.wasm core.snapshot editor.js
ls *.zst
cd ../here
printf '%%%% py\n1\n' >n.iomd
tincture pack n.iomd
cp n.html first.html
printf 'changed\n' >"$TINCTURE_DIST/core.bare.wasm"
tincture pack n.iomd
tincture info n.html | grep core.bare.wasm
tincture compress missing; echo "exit $?"
