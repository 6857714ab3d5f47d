# Ids, metadata, outputs, attachments and magics of an .ipynb.
cat >n.ipynb <<'J'
{"nbformat":4,"nbformat_minor":5,
 "metadata":{"kernelspec":{"name":"python3","language":"python"},"title":"From Jupyter"},
 "cells":[
  {"cell_type":"markdown","id":"aa","metadata":{"tags":["x"]},
   "source":["# Picture\n","![p](attachment:p.png) ![q](attachment:a%20b.png)"],
   "attachments":{"p.png":{"image/png":"iVBORw0KGgo="},
                  "a b.png":{"image/png":["iVBORw0K\n","Ggo="]}}},
  {"cell_type":"code","id":"bb","metadata":{},"execution_count":7,
   "source":["%%time\n","print(1)\n","%%x"],
   "outputs":[
    {"output_type":"stream","name":"stdout","text":["one\n","\u001b[31;1mred\u001b[0m <b>"]},
    {"output_type":"stream","name":"stdout","text":" joined\n10%\r20%\n"},
    {"output_type":"stream","name":"stderr","text":"careful"},
    {"output_type":"execute_result","execution_count":7,"metadata":{"image/png":{"width":9}},
     "data":{"text/plain":"<Figure>","image/png":"iVBORw0K\nGgo="}},
    {"output_type":"display_data","metadata":{},
     "data":{"text/plain":"t","text/html":["<b>open","</div><!-- "]}},
    {"output_type":"display_data","metadata":{},
     "data":{"image/svg+xml":"<?xml version='1.0'?><svg viewBox='0 0 1 1'><path d='M0 0'/></svg>"}},
    {"output_type":"display_data","metadata":{},"data":{"application/json":{"a":[1,"<x>"]}}},
    {"output_type":"display_data","metadata":{},"data":{"text/latex":"$x < y$"}},
    {"output_type":"display_data","metadata":{},"data":{"text/markdown":"*m*"}},
    {"output_type":"display_data","metadata":{},"data":{"application/x-unknown":"?"}},
    {"output_type":"display_data","metadata":{},
     "data":{"application/vnd.own+json":{"a":1},"text/plain":"<Own>"}},
    {"output_type":"display_data","metadata":{"image/jpeg":{"width":20,"height":10}},
     "data":{"image/jpeg":"/9j/","text/plain":"<Image>"}},
    {"output_type":"error","ename":"Bad","evalue":"v","traceback":["Trace","\u001b[0;31mBad\u001b[0m: v"]}]},
  {"cell_type":"raw","id":"cc","metadata":{},"source":"raw"}]}
J
tincture pack n.ipynb --view explore
sed -n '/<main/,/<\/main/p' n.html
grep -o '<script type="application/json" id="tincture-notebook">.*' n.html
grep -A9 -o 'id="iomd">.*' n.html | head -9
echo "-- the language of the prose"
cells='"cells":[{"cell_type":"markdown","source":"Hallo"}]'
for it in '"lang":"de-AT"' '"language":"fr"' '"language":"python"'; do
    printf '{"nbformat":4,"metadata":{%s},%s}' "$it" "$cells" >l.ipynb
    tincture pack l.ipynb && grep -o '<html lang="[^"]*"' l.html
done
tincture pack l.ipynb --lang pt-BR && grep -o '<html lang="[^"]*"' l.html
tincture pack l.ipynb --lang 'x"y'
echo "-- no cells at all"
printf '{"nbformat":4,"metadata":{},"cells":[]}' >none.ipynb
tincture pack none.ipynb && tincture info none.html | grep cells
tincture unpack none.html -d out
cmp none.ipynb out/none.ipynb
echo "-- formulas bring math.js"
tincture info n.html | sed -n '/math/p'
tincture info l.html | sed -n '/math/p'
