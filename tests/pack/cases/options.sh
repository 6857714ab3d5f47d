printf '%%%% py\n1\n' >n.iomd
tincture pack n.iomd --title 'A <b> & c' --view explore --allow-network --cold
grep -E '<title>|Content-Security-Policy|<html|<details class' n.html
tincture info n.html | grep -E 'title|view'
rm "$TINCTURE_DIST/player.js"
tincture pack n.iomd -o m.html; echo "exit $?"
TINCTURE_DIST=/nonexistent tincture pack n.iomd -o m.html; echo "exit $?"
ls
