// Proves that the golden runner can fail: each wrong conversation, and each
// wrong kernel, is found out, and found for its own reason.
//
//     node --test selftest.mjs      (MESSAGES=FILE, as `gen_messages json` prints it)

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parseConversation } from './conversation.mjs';
import { findDifference, matchesText } from './match.mjs';
import { findUnseen, playConversation } from './play.mjs';
import { StdioTransport } from './transports.mjs';

const FAKE_KERNEL = fileURLToPath(new URL('fake_kernel.mjs', import.meta.url));
const table = JSON.parse(await readFile(process.env.MESSAGES, 'utf8'));

/** Plays on the fake kernel; null when it passed, else why it did not. */
async function play(text, seen = new Set()) {
  const transport = new StdioTransport([process.execPath, FAKE_KERNEL]);
  try {
    await playConversation(parseConversation(text, 'test'), transport, table, seen);
    return null;
  } catch (error) {
    assert.equal(error.name, 'ConversationError', error.stack);
    return error.message;
  } finally {
    transport.dispose();
  }
}

const execute = (code) => `> execute_request {"code":"${code}"}\n`;
const stdout = (text) => `< stream {"name":"stdout","text":"${text}"}\n`;
const REPLY = '< execute_reply {"status":"ok","execution_count":1}\n';

test('what is right passes', async () => {
  const plain = `# a comment\n\n${execute('plain')}`;
  assert.equal(await play(plain + stdout('a\u2028\\nb\\n') + REPLY), null);
  assert.equal(await play(plain + stdout('a\u2028') + stdout('\\nb\\n') + REPLY), null);
  assert.equal(await play(plain + stdout('a...') + REPLY), null);
  const written =
    '< status {"execution_state":"busy"}\n' +
    '< execute_input {"code":"","execution_count":"..."} {"parent":1}\n' +
    REPLY +
    '< status {"execution_state":"idle"}\n';
  assert.equal(await play(execute('') + written), null);
  const two = execute('') + execute('') + REPLY + '< execute_reply {"...":"..."} {"parent":2}\n';
  assert.equal(await play(two), null);
  const buffers = '< display_data {"data":{},"metadata":{}} {"buffers":["AAEC"]}\n';
  assert.equal(await play(execute('buffers') + buffers + REPLY), null);
  const raw = '< error_reply {"evalue":"read 3","...":"..."}\n';
  assert.equal(await play(`>> abc\n${raw}>>64 YWJj\n${raw}`), null);
});

const WRONG = [
  ['another text', execute('plain') + stdout('a'), /at content\.text/],
  ['too much text', execute('plain') + stdout('a\u2028\\nb\\nc'), /at content\.text/],
  ['another stream', execute('plain') + stdout('...').replace('out', 'err'), /content\.name/],
  ['another type', execute('') + '< stream {"name":"stdout","text":"a"}\n', /in type/],
  [
    'another member',
    execute('') + '< execute_reply {"status":"ok","execution_count":1,"x":1}\n',
    /content\.x/,
  ],
  ['a member too few', execute('') + '< execute_reply {}\n', /content\.status/],
  ['a message too few', execute(''), /not expected: execute_reply/],
  ['a message too many', `# timeout 1\n${execute('')}${REPLY}${REPLY}`, /no message: nothing came/],
  ['another parent', execute('') + '< execute_reply {"...":"..."} {"parent":2}\n', /at parent/],
  ['buffers unsaid', execute('buffers') + '< display_data\n', /buffers/],
  ['metadata unsaid', execute('') + `${REPLY.trim()} {"metadata":{"a":1}}\n`, /metadata/],
  ['two replies', execute('reply twice') + REPLY + REPLY, /a second reply/],
  ['no reply', execute('reply never'), /idle came before the reply/],
  ['a wrong reply', execute('wrong reply') + '< interrupt_reply\n', /is no reply to/],
  ['a wrong field', execute('wrong field') + '< stream\n', /content\.text must be of kind string/],
  ['a wrong choice', execute('wrong choice') + '< execute_reply\n', /content\.status must be/],
  ['a request from the kernel', execute('wrong type'), /does not send messages of type/],
  ['a wrong parent', execute('wrong parent') + '< stream\n', /parent_header must be/],
  ['a wrong execute_input', execute('wrong input') + REPLY, /must repeat the code/],
  ['no busy', execute('no busy') + REPLY, /between busy and idle/],
  ['text after the end', execute('more after idle') + REPLY, /not expected: stream/],
  ['text in lists', execute('bundle of lists') + '< display_data\n', /must be text/],
  ['data of no type', execute('no mime type') + '< display_data\n', /which is no type/],
  ['a reply without count', execute('no count') + '< execute_reply\n', /execution_count/],
  ['a date without zone', execute('local date') + stdout('a'), /with its zone/],
  ['two of an id', `${execute('id twice')}${stdout('a')}< stream\n`, /have the id same/],
  ['an update of nothing', execute('update of nothing') + '< update_display_data\n', /names its/],
  ['a line that is no JSON', execute('not json'), /not JSON/],
  ['a kernel that dies', execute('die'), /status 3; its stderr:\nlast words/],
  ['a kernel that fails at its end', execute('fail at exit') + REPLY, /status 4/],
  ['a kernel that hangs', `# timeout 1\n${execute('hang')}`, /nothing came for 1 s/],
  ['a raw line that is not refused', '>> {"header":{},"content":{}}\n', /parent_header must be/],
  ['a message for no request', '# timeout 1\n>> x\n< error_reply\n< error_reply\n', /nothing came/],
  ['a line that is nothing', 'execute\n', /test:1: this is neither/],
  ['content that is no JSON', '> execute_request {a}\n', /test:1: not JSON/],
  ['an unknown extra', '< stream {} {"x":1}\n', /no such member/],
  ['an unknown need', '# needs magic\n', /no such needs/],
];

for (const [name, text, reason] of WRONG) {
  test(`${name} is found`, async () => {
    assert.match((await play(text)) ?? 'nothing was found', reason);
  });
}

test('a message that was never exercised is found', async () => {
  const seen = new Set();
  assert.equal(await play(execute('plain') + stdout('...') + REPLY, seen), null);
  const unseen = findUnseen(table, seen);
  assert.ok(unseen.includes('error_reply') && unseen.includes('comm_open'));
  for (const type of ['execute_request', 'execute_reply', 'stream', 'status', 'execute_input']) {
    assert.ok(!unseen.includes(type), type);
  }
});

test('a refused request does not count as exercised', async () => {
  const seen = new Set();
  const refused = '> execute_request 1\n< error_reply\n';
  await play(refused, seen);
  assert.ok(!seen.has('execute_request'));
});

test('patterns', () => {
  assert.ok(matchesText('a...c', 'abc') && matchesText('a...c', 'ac'));
  assert.ok(!matchesText('a...c', 'abcd') && !matchesText('ab...bc', 'abc'));
  assert.ok(matchesText('...b...', 'abc') && !matchesText('...d...', 'abc'));
  assert.equal(findDifference([1, '...'], [1, {}], 'x'), null);
  assert.match(findDifference([1, '...'], [1], 'x'), /^at x/);
  assert.match(findDifference({ a: [0] }, { a: [-0] }, 'x'), /^at x\.a\[0\]/);
  assert.match(findDifference({ a: null }, {}, 'x'), /seen +nothing/);
  assert.equal(findDifference({ '...': '...' }, { a: 1 }, 'x'), null);
});
