// What is shared by the player and the plugin: names, lines, errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { bareName, lineSink, textSink } = await load('page_api');
const { codePoints, pythonError, unitsOf } = await load('python_session');
const { formatElapsed } = await load('dom');

test('completions are bare names', () => {
  assert.equal(bareName('os.path.join('), 'join');
  assert.equal(bareName('print'), 'print');
});

test('an Error is named after the exception and holds the traceback', () => {
  const error = pythonError({
    ename: 'ZeroDivisionError',
    evalue: 'division by zero',
    traceback: ['Traceback:', '\u001b[31mZeroDivisionError\u001b[0m: no'],
  });
  assert.equal(error.name, 'ZeroDivisionError');
  assert.equal(error.message, 'Traceback:\nZeroDivisionError: no');
  assert.match(error.stack, /iodide\.eval-frame/);
});

test('printed text arrives in lines', () => {
  const lines = [];
  const sink = lineSink((text, name) => lines.push([name, text]), () => {});
  const send = (msg_type, content) => sink({ header: { msg_type }, content });
  send('stream', { name: 'stdout', text: 'a\nb' });
  send('stream', { name: 'stderr', text: 'e\n' });
  send('stream', { name: 'stdout', text: 'c\nd' });
  send('execute_reply', { status: 'ok' });
  assert.deepEqual(lines, [
    ['stdout', 'a'],
    ['stderr', 'e'],
    ['stdout', 'bc'],
    ['stdout', 'd'],
  ]);
});

test('or lines that came together arrive together', () => {
  const texts = [];
  const sink = textSink((text, name) => texts.push([name, text]), () => {});
  const send = (msg_type, content) => sink({ header: { msg_type }, content });
  send('stream', { name: 'stdout', text: 'a' });
  send('stream', { name: 'stdout', text: 'b\nc\n\nd' });
  send('execute_reply', { status: 'ok' });
  assert.deepEqual(texts, [['stdout', 'ab\nc\n'], ['stdout', 'd']]);
});

test('positions in code points', () => {
  assert.equal(codePoints('a𝛼b'), 3);
  assert.equal(unitsOf('a𝛼b', 2), 3);
  assert.equal(unitsOf('ab', 9), 2);
});

test('elapsed time', () => {
  assert.equal(formatElapsed(20), '');
  assert.equal(formatElapsed(1240), '1.2 s');
  assert.equal(formatElapsed(185000), '3 min 05 s');
});
