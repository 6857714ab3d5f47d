# Everything that went in comes out, byte for byte.
printf '%%%% md\r\n# CRLF\r\n%%%% py\r\nopen("a b.csv")\r\n' >n.iomd
printf 'a,b\n1,2\n' >'a b.csv'
: >empty.txt
head -c 400000 /dev/zero >large.bin
tincture pack n.iomd --file 'a b.csv' --file empty.txt --file large.bin -o r.html
tincture unpack r.html -d out
for name in n.iomd 'a b.csv' empty.txt large.bin; do cmp "$name" "out/$name"; done
ls out
tincture pack n.iomd --file 'a b.csv' --file empty.txt --file large.bin -o again.html
cmp r.html again.html
tincture info r.html
tincture info r.html --json
