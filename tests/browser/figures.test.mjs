// Live figures of matplotlib: a canvas that Python draws and the reader
// moves, and the picture that is left of it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { BUILD } from './page.mjs';
import { eachBrowser, pack } from './suite.mjs';

const NOTEBOOK = `%% py
%matplotlib widget
import matplotlib.pyplot as plt
import numpy as np

fig, ax = plt.subplots()
x = np.linspace(0, 10, 1000)
(line,) = ax.plot(x, np.sin(x), label="sine", picker=5)
ax.set_title("Waves")
ax.legend(loc="lower left")
seen = []
for name in ("key_press_event", "button_press_event", "scroll_event"):
    fig.canvas.mpl_connect(name, lambda event: seen.append(event.name))
fig.canvas.mpl_connect("pick_event", lambda event: seen.append("pick"))
_ = fig.canvas.mpl_connect("key_press_event", lambda e: seen.append(e.key))

%% py
from matplotlib.widgets import Slider

fig2, ax2 = plt.subplots()
fig2.subplots_adjust(bottom=0.25)
(wave,) = ax2.plot(x, np.sin(x))
slider = Slider(fig2.add_axes([0.2, 0.1, 0.6, 0.04]), "speed", 0, 10)
_ = slider.on_changed(lambda value: wave.set_ydata(np.sin(value * x)))

%% py
from matplotlib.animation import FuncAnimation

fig3, ax3 = plt.subplots()
(dot,) = ax3.plot([0], [0], "o", animated=True)
ax3.set(xlim=(0, 10), ylim=(-1, 1))

def move(step):
    dot.set_data([step], [np.sin(step)])
    return (dot,)

animation = FuncAnimation(fig3, move, frames=10, interval=20, blit=True)

%% py
fig4 = plt.figure()
ax4 = fig4.add_subplot(projection="3d")
u = np.linspace(-2, 2, 15)
_ = ax4.plot_surface(*np.meshgrid(u, u), np.outer(u, u), cmap="viridis")

%% py
plt.close(fig)

%% py
def fail(event):
    print("called")
    raise LookupError("of a callback")

_ = fig2.canvas.mpl_connect("key_press_event", fail)
`;

const RUN_WHEN_PACKED = `%% py
%matplotlib widget
import matplotlib.pyplot as plt
fig, ax = plt.subplots(facecolor="red")

%% py
_ = fig.set_facecolor((0, 1, 0))
`;

const ENDLESS = `%% py
%matplotlib widget
import matplotlib.pyplot as plt
fig, ax = plt.subplots()

def spin(event):
    print("spinning", flush=True)
    while True:
        pass

_ = fig.canvas.mpl_connect("key_press_event", spin)
`;

/** What a cell's canvas shows, as text that can be compared. */
function look(page, cell) {
  return page.evaluate(
    (i) => document.querySelector(`[data-cell="${i}"] canvas`)?.toDataURL(),
    cell);
}

/** Runs a cell and waits for its canvas to be painted. */
async function show(page, cell) {
  assert.equal((await page.run(cell)).status, 'ok', await page.describe());
  await page.page.waitForSelector(
    `[data-cell="${cell}"] .tn-figure:not([hidden]) canvas`);
}

async function changed(page, cell, before) {
  await page.page.waitForFunction(
    (i, old) => document.querySelector(`[data-cell="${i}"] canvas`)
      ?.toDataURL() !== old,
    {}, cell, before);
}

/** Where a fraction of the canvas is in the window. */
async function at(page, cell, across, down) {
  const box = await page.evaluate((i) => {
    const canvas = document.querySelector(`[data-cell="${i}"] canvas`);
    canvas.scrollIntoView({ block: 'center' });
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { left, top, width, height };
  }, cell);
  return [box.left + across * box.width, box.top + down * box.height];
}

/** Drags across a figure that Python knows by a name, and waits until Python
 * has seen the end of it: the page sends one batch of events at a time. */
async function drag(page, cell, from, to, figure = 'fig') {
  const { mouse } = page.page;
  await ask(page, `released = []
_ = ${figure}.canvas.mpl_connect("button_release_event",
                                 lambda event: released.append(event.name))`);
  await mouse.move(...await at(page, cell, ...from));
  await mouse.down();
  await mouse.move(...await at(page, cell, ...to), { steps: 8 });
  await mouse.up();
  await until(page, 'len(released) > 0');
}

function tool(page, cell, name) {
  return page.evaluate(
    (i, which) => document.querySelector(
      `[data-cell="${i}"] [data-tool="${which}"]`).click(), cell, name);
}

/** A value, asked behind everything that was sent before. */
async function ask(page, code) {
  const answer = await page.python(code);
  assert.ok('value' in answer, answer.message);
  return answer.value;
}

/** Waits until it is so in Python: what the reader did may be on its way. */
function until(page, code) {
  return page.page.waitForFunction(
    (text) => window.tincture.runPythonAsync(text), {}, code);
}

/** Waits until the axes show these limits. */
function untilLimits(page, limits) {
  return until(page, `list(ax.get_xlim()) == ${JSON.stringify(limits)}`);
}

eachBrowser('figures', (test) => {
  const report = pack('figures', NOTEBOOK);

  test('a figure is a canvas with tools, and a picture for the file',
    async (open) => {
      const page = await (await open(report)).ready();
      await show(page, 0);
      const found = await page.evaluate(() => {
        const canvas = document.querySelector('[data-cell="0"] canvas');
        const { width, height } = canvas.getBoundingClientRect();
        const colours = new Set(new Uint32Array(canvas.getContext('2d')
          .getImageData(0, 0, canvas.width, canvas.height).data.buffer));
        const [output] = window.tincture.notebook.cells[0].outputs;
        return {
          size: [Math.round(width), Math.round(height)],
          ratio: canvas.width / width / devicePixelRatio,
          colours: colours.size,
          label: canvas.getAttribute('aria-label'),
          mimes: Object.keys(output.data).sort(),
          tools: [...document.querySelectorAll('[data-cell="0"] [data-tool]')]
            .map((each) => each.getAttribute('aria-label') !== null),
          imageIsHidden: document.querySelector('[data-cell="0"] img').hidden,
        };
      });
      assert.deepEqual(found.size, [640, 480]);
      assert.ok(Math.abs(found.ratio - 1) < 0.02, `ratio ${found.ratio}`);
      assert.ok(found.colours > 10, 'something is drawn');
      assert.equal(found.label, 'Figure 1');
      assert.deepEqual(found.mimes, ['application/vnd.tincture.figure+json',
                                     'image/png', 'text/plain']);
      assert.deepEqual(found.tools, Array(7).fill(true));
      assert.equal(found.imageIsHidden, true);
      await page.screenshot('figure');
    });

  test('dragging pans, and home goes back', async (open) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    const home = await ask(page, 'list(ax.get_xlim())');
    const before = await look(page, 0);
    await tool(page, 0, 'pan');
    await drag(page, 0, [0.5, 0.5], [0.7, 0.6]);
    await changed(page, 0, before);
    const moved = await ask(page, 'list(ax.get_xlim())');
    assert.ok(moved[0] < home[0] - 1, `${home} -> ${moved}`);
    const width = (limits) => limits[1] - limits[0];
    assert.ok(Math.abs(width(moved) - width(home)) < 1e-6);
    await tool(page, 0, 'home');
    await untilLimits(page, home);
  });

  test('a rectangle zooms, back and forward remember', async (open) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    const home = await ask(page, 'list(ax.get_xlim())');
    await tool(page, 0, 'zoom');
    const { mouse } = page.page;
    await mouse.move(...await at(page, 0, 0.4, 0.4));
    await mouse.down();
    await mouse.move(...await at(page, 0, 0.6, 0.6), { steps: 4 });
    await page.page.waitForSelector('[data-cell="0"] .tn-rubberband',
                                    { visible: true });
    await mouse.up();
    await page.page.waitForSelector('[data-cell="0"] .tn-rubberband',
                                    { hidden: true });
    const zoomed = await ask(page, 'list(ax.get_xlim())');
    assert.ok(zoomed[0] > home[0] + 1 && zoomed[1] < home[1] - 1);
    await page.page.waitForSelector('[data-tool="back"]:not(:disabled)');
    await tool(page, 0, 'back');
    await untilLimits(page, home);
    await page.page.waitForSelector('[data-tool="forward"]:not(:disabled)');
    await tool(page, 0, 'forward');
    await untilLimits(page, zoomed);
  });

  test('pointer, wheel, keys and picks reach Python', async (open) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    const { mouse, keyboard } = page.page;
    await mouse.move(...await at(page, 0, 0.5, 0.5));
    await page.page.waitForFunction(() => document.querySelector(
      '[data-cell="0"] .tn-figure-message').value.includes('(x, y)'));
    const [across, up] = await ask(page,
      'list(map(float, (ax.transData.transform((5, np.sin(5)))'
      + ' / fig.bbox.size)))');
    await mouse.click(...await at(page, 0, across, 1 - up));
    await keyboard.press('ArrowUp');
    await keyboard.down('Shift');
    await keyboard.press('F5');
    await keyboard.up('Shift');
    await mouse.wheel({ deltaY: -100 });
    for (const name of ['button_press_event', 'pick', 'key_press_event', 'up',
      'shift+f5', 'scroll_event']) {
      await until(page, `"${name}" in seen`);
    }
  });

  test('the grip resizes the figure', async (open) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    const before = await ask(page, 'list(map(float, fig.get_size_inches()))');
    await page.evaluate(() => document.querySelector(
      '[data-cell="0"] .tn-grip').focus());
    await page.page.keyboard.press('ArrowRight');
    await page.page.keyboard.press('ArrowDown');
    await page.page.waitForFunction((ratio) => {
      const canvas = document.querySelector('[data-cell="0"] canvas');
      return canvas.width === Math.floor(656 * ratio)
        && canvas.height === Math.floor(496 * ratio);
    }, {}, await page.evaluate(() => Math.max(1, devicePixelRatio)));
    const after = await ask(page, 'list(map(float, fig.get_size_inches()))');
    assert.ok(after[0] > before[0] && after[1] > before[1]);
  });

  test('a drag redraws again and again', async (open) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    await tool(page, 0, 'pan');
    const { mouse } = page.page;
    await mouse.move(...await at(page, 0, 0.3, 0.5));
    await mouse.down();
    for (const across of [0.4, 0.5, 0.6, 0.7]) {
      const before = await look(page, 0);
      await mouse.move(...await at(page, 0, across, 0.55));
      await changed(page, 0, before);
    }
    await mouse.up();
  });

  test('a saved report has the view as it was left', async (open, name) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    const before = await look(page, 0);
    await tool(page, 0, 'pan');
    await drag(page, 0, [0.5, 0.5], [0.6, 0.5]);
    await changed(page, 0, before);
    const now = await look(page, 0);
    const text = await page.evaluate(async () => {
      HTMLAnchorElement.prototype.click = () => {};
      const { notebook } = window.tincture;
      return (await notebook.save({ variables: false })).text();
    });
    const path = join(BUILD, 'browser', `figure-saved-${name}.html`);
    writeFileSync(path, text);
    const saved = await (await open(path)).ready();
    const found = await saved.evaluate(() => ({
      source: document.querySelector('[data-cell="0"] img').src,
      width: document.querySelector('[data-cell="0"] img').width,
      canvases: document.querySelectorAll('canvas').length,
    }));
    assert.equal(found.source, now);
    assert.equal(found.width, 640);
    assert.equal(found.canvases, 0);
  });

  test('the tools download the figure', async (open) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    await page.evaluate(() => {
      window.downloads = [];
      HTMLAnchorElement.prototype.click = async function note() {
        const blob = await (await fetch(this.href)).blob();
        const { download } = this;
        window.downloads.push({ download, type: blob.type,
                                start: (await blob.text()).slice(0, 200) });
      };
    });
    await tool(page, 0, 'png');
    await tool(page, 0, 'svg');
    await page.page.waitForFunction(() => window.downloads.length === 2);
    const [png, svg] = (await page.evaluate(() => window.downloads))
      .sort((one, other) => one.type.localeCompare(other.type));
    assert.equal(png.download, 'Figure_1.png');
    assert.match(png.start, /PNG/);
    assert.equal(svg.download, 'Figure_1.svg');
    assert.match(svg.start, /<\?xml/);
  });

  test('sliders slide, animations move, surfaces turn', async (open) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    await show(page, 1);
    await drag(page, 1, [0.25, 0.88], [0.5, 0.88], 'fig2');
    const value = await ask(page, 'float(slider.val)');
    assert.ok(value > 3 && value < 7, `the slider is at ${value}`);
    await show(page, 2);
    const first = await look(page, 2);
    await changed(page, 2, first);
    await ask(page, 'animation.event_source.stop()');
    await show(page, 3);
    const view = await ask(page, 'float(ax4.azim)');
    await drag(page, 3, [0.4, 0.5], [0.6, 0.5], 'fig4');
    assert.notEqual(await ask(page, 'float(ax4.azim)'), view);
    await page.screenshot('figures');
  });

  test('closing a figure leaves its picture', async (open) => {
    const page = await (await open(report)).ready();
    await show(page, 0);
    const last = await look(page, 0);
    await page.run(4);
    await page.page.waitForFunction(
      () => document.querySelectorAll('canvas').length === 0);
    const image = await page.evaluate(() => {
      const { src, hidden, width } =
        document.querySelector('[data-cell="0"] img');
      return { src, hidden, width };
    });
    assert.deepEqual(image, { src: last, hidden: false, width: 640 });
    assert.deepEqual(await ask(page, 'plt.get_fignums()'), []);
  });

  test('a cell that runs again has one figure, and Python too',
    async (open) => {
      const page = await (await open(report)).ready();
      await show(page, 0);
      await show(page, 0);
      await show(page, 0);
      const count = await page.evaluate(
        () => document.querySelectorAll('canvas').length);
      assert.equal(count, 1);
      assert.equal(await ask(page, 'len(plt.get_fignums())'), 1);
    });

  test('what a callback prints and raises stands below its figure',
    async (open) => {
      const page = await (await open(report)).ready();
      await show(page, 0);
      await show(page, 1);
      await page.run(5);
      await page.evaluate(() => document.querySelector(
        '[data-cell="1"] canvas').focus());
      await page.page.keyboard.press('k');
      await page.page.waitForSelector('[data-cell="1"] [data-error]');
      const { outputs } = await page.cell(1);
      assert.ok(outputs.some(({ text }) => text === 'called\n'));
      assert.ok(outputs.some(({ error }) => error === 'LookupError'));
    });

  test('a notebook run by the packer has the last picture', async (open) => {
    const packed = pack('figures-run', RUN_WHEN_PACKED, ['--run']);
    const page = await open(packed);
    const found = await page.evaluate(async () => {
      const image = document.querySelector('[data-cell="0"] img');
      await image.decode();
      const canvas = document.createElement('canvas');
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      return {
        pixel: [...context.getImageData(2, 2, 1, 1).data],
        width: image.width,
        natural: image.naturalWidth,
        live: document.querySelectorAll('.tn-figure').length,
      };
    });
    assert.deepEqual(found, { pixel: [0, 255, 0, 255], width: 640,
                              natural: 1280, live: 0 });
    await page.ready();
  });

  test('Stop ends a callback that does not end', async (open) => {
    const page = await (await open(pack('figures-endless', ENDLESS))).ready();
    await show(page, 0);
    await page.evaluate(() => document.querySelector('canvas').focus());
    await page.page.keyboard.press('x');
    await page.printed(0, 'spinning');
    assert.equal(await page.reach('running', 'failed'), 'running');
    await page.click('.tn-button-stop');
    await page.page.waitForSelector('[data-error="KeyboardInterrupt"]');
    assert.equal(await page.reach('ready', 'failed'), 'ready');
    assert.equal(await ask(page, '6 * 7'), 42);
  });
});
