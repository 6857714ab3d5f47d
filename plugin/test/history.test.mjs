// Steps back and forth, and moving in a list.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { History, moved } = await load('history');

const step = (what) => ({ what, before: [], after: [what] });

test('back, and forward again', () => {
  const history = new History();
  history.note(step('a'));
  history.note(step('b'));
  assert.equal(history.undo().what, 'b');
  assert.equal(history.last.what, 'a');
  assert.equal(history.undo().what, 'a');
  assert.equal(history.undo(), undefined);
  assert.equal(history.redo().what, 'a');
  assert.equal(history.redo().what, 'b');
  assert.equal(history.redo(), undefined);
});

test('something new ends the way forward', () => {
  const history = new History();
  history.note(step('a'));
  history.undo();
  history.note(step('b'));
  assert.equal(history.redo(), undefined);
  assert.equal(history.undo().what, 'b');
  history.clear();
  assert.equal(history.undo(), undefined);
});

test('the oldest steps are forgotten', () => {
  const history = new History();
  for (let number = 0; number < 250; number++) {
    history.note(step(number));
  }
  let count = 0;
  while (history.undo()) {
    count += 1;
  }
  assert.equal(count, 100);
});

test('an item moves as far as there is room', () => {
  const list = ['a', 'b', 'c'];
  assert.deepEqual(moved(list, 'a', 1), ['b', 'a', 'c']);
  assert.deepEqual(moved(list, 'a', 2), ['b', 'c', 'a']);
  assert.deepEqual(moved(list, 'c', -1), ['a', 'c', 'b']);
  assert.equal(moved(list, 'c', 1), undefined);
  assert.equal(moved(list, 'a', -1), undefined);
  assert.equal(moved(list, 'x', 1), undefined);
  assert.equal(moved(list, 'a', 0), undefined);
  assert.deepEqual(list, ['a', 'b', 'c']);
});
