// JavaScript seen from Python in real browsers: the programs that Node runs,
// and what only a page has.

import assert from 'node:assert/strict';

import {
  cases,
  setup,
  waitingCases,
} from '../wasm/interop_js_cases.mjs';
import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% md
What a program of the page's does with Python.

%% py
import js
before = js.document.title
body = js.document.body
made = js.document.createElement("i")
`;

/** True only where there is no page. */
const outside = 'there is no document outside of a page';

const pageCases = {
  'elements, events and collections of a document': `
from js import document, window, Node
from pyodide.ffi import JsDomElement, JsArray
p = document.createElement("p")
p.textContent = "x"; p.className = "c d"; p.style.color = "red"
p.append("y", document.createElement("b"))
assert isinstance(p, JsDomElement) and p.outerHTML == (
    '<p class="c d" style="color: red;">xy<b></b></p>'), p.outerHTML
assert len(p.childNodes) == 3 and p.childNodes[-1].tagName == "B"
assert [n.nodeType for n in p.childNodes][0] == Node.TEXT_NODE
assert p.childNodes[0] is p.firstChild and list(p.classList) == ["c", "d"]
assert [*p.childNodes[1:]] == list(p.childNodes)[1:]
assert p.dataset.as_object_map().get("none") is None
p.dataset.some = "v"; assert p.getAttribute("data-some") == "v"
got = []
p.addEventListener("click", lambda event: got.append(event.target is p))
p.click(); assert got == [True]
p.onclick = lambda event: got.append(event.type)
p.click(); assert got == [True, True, "click"]
assert window == js.self == js.globalThis and window is js.window
assert document.body is js.document.body`,
  'what other origins and documents hide': `
frame = js.document.createElement("iframe")
frame.setAttribute("sandbox", "allow-scripts")
frame.srcdoc = "<p>"
js.document.body.append(frame)
other = frame.contentWindow
assert isinstance(repr(other), str) and other is frame.contentWindow
try:
    other.document
    refused = False
except Exception as error:
    refused = True
    assert "SecurityError" in str(error) or "denied" in str(error), error
assert refused
frame.remove()
assert js.document.all is None or len(js.document.all) > 0`,
};

eachBrowser('interop of JavaScript', (test) => {
  const report = pack('interop_js', NOTEBOOK);

  const check = async (page, code) => {
    const failure = await page.evaluate(
      (program) => window.tincture.runPythonAsync(program).then(
        () => '', (error) => error.message || String(error)),
      code);
    assert.equal(failure, '');
  };

  test('JavaScript\'s objects are in Python what they are in Node',
    async (open) => {
      const page = await (await open(report)).ready();
      await check(page, setup);
      const all = { ...cases, ...waitingCases, ...pageCases };
      for (const [name, code] of Object.entries(all)) {
        if (name !== outside) {
          await check(page, code).catch((error) => {
            error.message = `${name}: ${error.message}`;
            throw error;
          });
        }
      }
    });

  test('what one cell holds the next one finds as it is', async (open) => {
    const page = await (await open(report)).ready();
    assert.equal((await page.run(1)).status, 'ok');
    await check(page, `
made.id = "kept"
body.append(made)
assert js.document.getElementById("kept") is made
made.remove()`);
  });
});
