# A report of version 1, whose parts are base64, is still read.
tincture info "$DATA/version_1.html" | grep -v 'core.wasm\|page.wasm'
tincture unpack "$DATA/version_1.html" -d out
cat out/tea.iomd
cksum out/data.bin
