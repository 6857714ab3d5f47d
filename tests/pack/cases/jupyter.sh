# Ids, metadata, outputs, attachments and magics of an .ipynb.
cat >n.ipynb <<'J'
{"nbformat":4,"nbformat_minor":5,
 "metadata":{"kernelspec":{"name":"python3","language":"python"},"title":"From Jupyter"},
 "cells":[
  {"cell_type":"markdown","id":"aa","metadata":{"tags":["x"]},
   "source":["# Picture\n","![p](attachment:p.png)"],
   "attachments":{"p.png":{"image/png":"iVBORw0KGgo="}}},
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
    {"output_type":"error","ename":"Bad","evalue":"v","traceback":["Trace","\u001b[0;31mBad\u001b[0m: v"]}]},
  {"cell_type":"raw","id":"cc","metadata":{},"source":"raw"}]}
J
tincture pack n.ipynb --view explore
sed -n '/<main/,/<\/main/p' n.html
grep -o '<script type="application/json" id="tincture-notebook">.*' n.html
grep -A9 -o 'id="iomd">.*' n.html | head -9
