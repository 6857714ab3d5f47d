# A damaged report names the part.
printf '%%%% py\n1\n' >n.iomd
head -c 300000 /dev/urandom >d.bin
tincture pack n.iomd --file d.bin
end=$(wc -c <n.html)
head -c $((end / 2)) n.html >cut.html
tincture info cut.html >/dev/null; echo "exit $?"
tincture unpack cut.html -d out; echo "exit $?"
sed 's/id="part-1-0">...../id="part-1-0">AAAAA/' n.html >bad.html
tincture info bad.html | grep DAMAGED
sed 's/id="part-1-0">...../id="part-1-0">\&\&\&\&\&/' n.html >bad.html
tincture info bad.html | grep DAMAGED
sed 's/id="tincture-payload"/id="x"/' n.html >bad.html
tincture info bad.html; echo "exit $?"
sed 's/{"version":3,"parts"/{"version":3 "parts"/' n.html >bad.html
tincture info bad.html; echo "exit $?"
sed 's/"path":"\/usr/"path":"\/usb/' n.html >bad.html
tincture info bad.html; echo "exit $?"
sed 's/{"version":3,"parts"/{"version":4,"parts"/' n.html >bad.html
tincture info bad.html; echo "exit $?"
echo '<p>hello' >bad.html
tincture info bad.html; echo "exit $?"
: >bad.html
tincture info bad.html; echo "exit $?"
