// Finds and starts the real browsers, each with the network switched off.
//
// Chromium and Firefox are driven by WebDriver BiDi.  The only way out of
// either is a proxy that hangs up and remembers what was asked of it; loopback
// stays open for the tests that need a server of their own.

import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

import puppeteer from 'puppeteer-core';

/* Hang guards, never measures: a busy machine may need minutes. What a call
 * waits for in a page has a limit of its own, which is shorter. */
const START_LIMIT_MS = 300_000;
const PROTOCOL_LIMIT_MS = 600_000;

/* Chromium was seen to start and never open a page.  Such a browser is ended,
 * and another is started. */
const OPEN_LIMIT_MS = 120_000;
const START_ATTEMPTS = 3;

const KINDS = {
  chromium: {
    product: 'chrome',
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    variable: 'TINCTURE_CHROMIUM',
    debian: 'chromium',
  },
  firefox: {
    product: 'firefox',
    programs: ['firefox-esr', 'firefox'],
    variable: 'TINCTURE_FIREFOX',
    debian: 'firefox-esr',
  },
};

const CHROMIUM_FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update',
  '--disable-sync',
];

const FIREFOX_PREFERENCES = {
  // Puppeteer turns this off, and then pages may do what users' may not.
  'security.fileuri.strict_origin_policy': true,
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.ssl': '127.0.0.1',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
};

/* What pulses while Python runs is painted sixty times a second, by the
 * processor where there is no GPU. */
const STILL_FLAGS = ['--force-prefers-reduced-motion'];
const STILL_PREFERENCES = { 'ui.prefersReducedMotion': 1 };

/** The browsers asked for by TINCTURE_BROWSER; both when it is not set. */
export function chosenBrowsers() {
  const chosen = process.env.TINCTURE_BROWSER ?? '';
  const names = chosen === '' ? Object.keys(KINDS) : chosen.split(/[ ,]+/);
  for (const name of names) {
    if (!(name in KINDS)) {
      throw new Error(`TINCTURE_BROWSER names ${name}; it may name `
                      + Object.keys(KINDS).join(' and '));
    }
  }
  return names;
}

function findProgram(kind) {
  const named = process.env[kind.variable];
  if (named) {
    return named;
  }
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const program of kind.programs) {
      const path = join(folder, program);
      if (existsSync(path)) {
        return path;
      }
    }
  }
  throw new Error(`No ${kind.programs.join(' or ')} on PATH: install the`
                  + ` package ${kind.debian}, or set ${kind.variable}.`);
}

/* The first line of a request to a proxy, `CONNECT host:443 HTTP/1.1` or
 * `GET http://x/path HTTP/1.1`, names the host. */
function hostOf(line) {
  const [, target = ''] = line.split(' ');
  return target.replace(/^[a-z]+:\/\//, '').split(/[:/]/)[0];
}

/** Listens where the browser believes its proxy to be. */
async function openDoor() {
  const hosts = new Set();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      hosts.add(hostOf(bytes.toString('latin1')));
      socket.destroy();
    });
  });
  await new Promise((settle) => {
    server.listen(0, '127.0.0.1', settle);
  });
  server.unref();
  return { hosts, port: server.address().port };
}

/* When the process of a page dies, Chromium answers nobody who waits for the
 * page.  When the page is closed, all of them fail at once. */
function closeDeadPages(browser) {
  const connection = browser.cdpConnection;
  connection?.on('Target.targetCrashed', ({ targetId, status, errorCode }) => {
    const death = `the process of a page died: ${status}, ${errorCode}`;
    browser.deaths.push(death);
    console.error(death);
    connection.send('Target.closeTarget', { targetId }).catch(() => {});
  });
}

async function openOnePage(browser) {
  const end = () => browser.process()?.kill('SIGKILL');
  const late = setTimeout(end, OPEN_LIMIT_MS);
  try {
    const page = await browser.newPage();
    await page.close();
  } catch (error) {
    end();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/* A browser that opens pages. */
async function launch(settings) {
  for (let attempt = 1; ; attempt++) {
    try {
      const browser = await puppeteer.launch(settings);
      await openOnePage(browser);
      return browser;
    } catch (error) {
      if (attempt === START_ATTEMPTS) {
        throw error;
      }
      console.error(`${settings.browser} is started again: ${error.message}`);
    }
  }
}

/**
 * Starts one browser; `flags` are added to Chromium's, `preferences` to
 * Firefox's, and no single call may take longer than `protocolLimit_ms`.  With
 * `isStill` it asks pages to move nothing, as a reader may.  Its member
 * `outside` is the set of hosts that it tried to reach, its own makers'
 * included, and `deaths` says which processes of pages died.
 */
export async function startBrowser(name, {
  flags = [], preferences = {}, protocolLimit_ms = PROTOCOL_LIMIT_MS,
  isStill = false,
} = {}) {
  const kind = KINDS[name];
  const { hosts, port } = await openDoor();
  const browser = await launch({
    browser: kind.product,
    protocol: 'webDriverBiDi',
    executablePath: findProgram(kind),
    headless: true,
    timeout: START_LIMIT_MS,
    protocolTimeout: protocolLimit_ms,
    args: name === 'chromium'
      ? [...CHROMIUM_FLAGS, `--proxy-server=127.0.0.1:${port}`,
         ...isStill ? STILL_FLAGS : [], ...flags] : [],
    extraPrefsFirefox: {
      ...FIREFOX_PREFERENCES,
      'network.proxy.http_port': port,
      'network.proxy.ssl_port': port,
      ...isStill ? STILL_PREFERENCES : {},
      ...preferences,
    },
  });
  browser.outside = hosts;
  browser.deaths = [];
  closeDeadPages(browser);
  return browser;
}
