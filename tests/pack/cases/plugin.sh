# The plugin as one script: an expression around the payload's texts.
printf '(function(){return tincturePayload})()\n' >"$TINCTURE_DIST/tincture.js"
cat >"$TINCTURE_DIST/licences.json" <<'J'
{"packages": [
 {"name": "one", "version": "1", "licence": "MIT", "files": [{"name": "L", "text": "Do /* what */ you like."}]},
 {"name": "two", "version": "2", "licence": "BSD", "files": [], "profiles": ["scientific"]}]}
J
tincture plugin --inline --profile core
cat tincture-inline.js | head -c 300; echo
cat >read.mjs <<'J'
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
const payload = runInThisContext(readFileSync(process.argv[2], 'utf8'));
const table = JSON.parse(payload['tincture-payload']);
for (const { name, codec, encoding, size, chunks } of table.parts) {
  console.log(name, codec, encoding, size, chunks);
}
console.log(Object.keys(payload).join(' '));
J
node read.mjs tincture-inline.js
echo "-- the largest profile, and its licences"
tincture plugin --inline -o all.js
node read.mjs all.js
grep -c '^---- two' all.js
tincture plugin --inline --output again.js && cmp all.js again.js && echo "the same again"
echo "-- what cannot be"
tincture plugin; echo "exit $?"
tincture plugin --inline --profile; echo "exit $?"
tincture plugin --inline what; echo "exit $?"
tincture plugin --inline --profile none; echo "exit $?"
tincture plugin --inline -o missing/x.js; echo "exit $?"
rm "$TINCTURE_DIST/tincture.js"
tincture plugin --inline 2>&1 | sed 's/.*tincture\.js/tincture.js/'
tincture plugin --help | head -1
