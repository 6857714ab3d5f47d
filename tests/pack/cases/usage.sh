try() { "$@"; echo "exit $?"; }
try tincture
try tincture frobnicate
try tincture pack
try tincture pack a.iomd b.iomd
try tincture pack --frobnicate
try tincture pack a.iomd -o
try tincture pack a.iomd --view pretty
try tincture unpack
try tincture unpack a b
try tincture unpack a -d
try tincture info
try tincture info --yaml
try tincture compress
try tincture compress --level 23 a
try tincture compress --level 9
