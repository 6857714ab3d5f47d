# A report starts from a snapshot, or with --cold from nothing.
printf '%%%% py\nimport numpy\n' >n.iomd
tincture pack n.iomd
tincture info n.html | sed -n '/part$/,$p'
tincture pack n.iomd --cold -o cold.html
tincture info cold.html | sed -n '/part$/,$p'
echo "-- run.mjs is told the same"
cat >"$TINCTURE_DIST/run.mjs" <<'EOF'
import { readFileSync } from 'node:fs';
const { wasm, snapshot, images, cells } = JSON.parse(readFileSync(0, 'utf8'));
console.error(wasm, snapshot, ...images.map(({ file }) => file));
const cell = { status: 'ok', execution_count: 1, outputs: [] };
console.log(JSON.stringify({ cells: cells.map(() => cell) }));
EOF
tincture pack n.iomd --run
tincture pack n.iomd --run --cold
echo "-- a dist without snapshots"
sed -i 's/"warm"/"cool"/g' "$TINCTURE_DIST/profiles.json"
tincture pack n.iomd; echo "exit $?"
tincture pack n.iomd --cold; echo "exit $?"
