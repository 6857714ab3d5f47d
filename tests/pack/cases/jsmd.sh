# A single file of 2018, with everything that JSMD could say.
cat >old.html <<'J'
<!DOCTYPE html><html><head><title>Old one - iodide</title></head><body>
<script id="jsmd" type="text/jsmd">
%% meta
{"title": "Old & good", "viewMode": "presentation", "savedEnvironment": {"foo": ["object", "N4IghiBcCMC+Q==="]}}

%% markdown {"rowSettings.REPORT.input": "SCROLL"}
# Hello

%% resource
// a library
https://example.com/d3.js
https://example.com/plain
css:https://example.com/x.css

%% code {"language": "py"}
print("in <b>Python</b>")

%% CODE
let js = 1

%% js {"skipInRunAll": true}
later()

%% widget {bad}
x

%% plugin
{"type": "language"}
</script>
<div id="page"></div></body></html>
J
tincture pack old.html -o new.html
tincture unpack new.html -d out
cmp old.html out/old.html
cat out/old.iomd; echo
grep -o '<script type="application/json" id="tincture-notebook">.*' new.html
grep '<title>' new.html
tincture info new.html | head -7
cat >server.html <<'J'
<html><head><title>Served</title></head><body>
<script id="iomd" type="text/iomd">%% md
&lt;b&gt;bold&lt;/b&gt; &amp;amp;
%% fetch
text: t = files/a.txt
json: u = missing.json // comment
js: https://example.com/x.js</script>
<script id="file-a.txt" type="application/base64" mimetype="text/plain">aGVsbG8=</script>
</body></html>
J
tincture pack server.html -o s.html
tincture unpack s.html -d served
cat served/server.iomd served/a.txt; echo
