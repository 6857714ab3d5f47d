# What a report may contact: --connect, its policy, info, repack.
printf '%%%% py\nprint(1)\n' > a.iomd
policy() { grep -o 'connect-src [^"]*' "$1"; grep -o 'cells may contact [^<]*' "$1"; }

tincture pack a.iomd --connect https://Server.example --connect wss://*.server.example:8443 --connect https://server.example
policy a.html
tincture info a.html | grep contacts
tincture info a.html --json | grep -o '"connect":[^]]*]'

echo "-- repacked"
tincture repack a.html -o b.html
policy b.html

echo "-- anything"
tincture pack a.iomd -o c.html --connect any
policy c.html
tincture repack c.html && policy c.html

echo "-- nothing"
tincture pack a.iomd -o d.html
grep -o 'connect-src [^"]*' d.html
tincture info d.html | grep -c contacts
tincture info d.html --json | grep -o '"connect":[^]]*]'

echo "-- the whole network"
tincture pack a.iomd -o e.html --allow-network --connect https://server.example
tincture repack e.html && grep -o 'font-src [^"]*' e.html

echo "-- a report whose policy somebody has written into"
sed 's|connect-src data: blob: https://server.example|& "onload=x https://b.example/c https://ok.example|' a.html > f.html
tincture repack f.html && policy f.html

echo "-- what is fetched"
printf '%%%% fetch\ntext: x = https://a.example/x\ntext: y = http://b.example/y\ntext: z = https://c.d.example\n' > g.iomd
tincture pack g.iomd --connect https://a.example --connect 'https://*.d.example'
tincture pack g.iomd --connect any
tincture pack g.iomd --allow-network

echo "-- refused"
for word in server.example https:// https://server.example/ https://server.example/a 'https://a b' "https://a;b" \
    https://a:0 https://a:65536 https://a: https://a..example ftp://a '*' 'https://*' 'https://a.example@b' 'https://é.example'; do
  tincture pack a.iomd --connect "$word" && echo "taken: $word"
done
true
