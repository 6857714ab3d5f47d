// What a figure tells Python: movements never pile up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { addEvent, EventQueue, modifiersOf, stepsOf } =
  await load('figure_input');

const move = (x, buttons = 0) => ({ type: 'move', x, y: 0, buttons,
                                    modifiers: [] });
const press = (x) => ({ type: 'press', x, y: 0, button: 0, modifiers: [] });

function collect(...events) {
  return events.reduce(addEvent, []);
}

/** A queue whose batches the test answers itself. */
function makeQueue(isTaken = () => true) {
  const sent = [];
  const queue = new EventQueue({
    send: (batch, events) => {
      sent.push({ batch, events });
      return isTaken();
    },
    nextTurn: () => Promise.resolve(),
  });
  return { queue, sent };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

test('a movement takes the place of the one before it', () => {
  assert.deepEqual(collect(move(1), move(2), move(3)), [move(3)]);
  assert.deepEqual(collect(move(1), press(2), move(3, 1), move(4, 1)),
                   [move(1), press(2), move(4, 1)]);
});

test('a movement with other buttons is another one', () => {
  assert.deepEqual(collect(move(1, 1), move(2, 0)), [move(1, 1), move(2, 0)]);
});

test('sizes replace each other, steps of the wheel add up', () => {
  const size = (width) => ({ type: 'resize', width, height: 5 });
  assert.deepEqual(collect(size(1), size(2)), [size(2)]);
  const scroll = (step, x) => ({ type: 'scroll', step, x, y: 0,
                                 modifiers: [] });
  assert.deepEqual(collect(scroll(1, 1), scroll(2, 9)), [scroll(3, 9)]);
});

test('what nobody answers does not grow for ever', () => {
  let waiting = [];
  for (let i = 0; i < 1000; i += 1) {
    waiting = addEvent(waiting, press(i));
  }
  assert.equal(waiting.length, 200);
});

test('one batch is under way; the next waits for its answer', async () => {
  const { queue, sent } = makeQueue();
  queue.push(press(0));
  queue.push(move(1, 1));
  await settle();
  assert.deepEqual(sent, [{ batch: 1, events: [press(0), move(1, 1)] }]);
  assert.equal(queue.isUnderWay, true);
  queue.push(move(2, 1));
  await settle();
  queue.push(move(3, 1));
  await settle();
  assert.equal(sent.length, 1);
  queue.acknowledge(0);
  await settle();
  assert.equal(sent.length, 1, 'an old answer is no answer');
  queue.acknowledge(1);
  await settle();
  assert.deepEqual(sent[1], { batch: 2, events: [move(3, 1)] });
  queue.acknowledge(2);
  await settle();
  assert.equal(sent.length, 2, 'nothing to say, nothing said');
  assert.equal(queue.isUnderWay, false);
});

test('what cannot wait goes first, and alone', async () => {
  const { queue, sent } = makeQueue();
  queue.push(press(0));
  queue.sendNow({ type: 'rerun' });
  assert.deepEqual(sent, [{ batch: 0, events: [{ type: 'rerun' }] }]);
  await settle();
  assert.equal(sent.length, 1, 'what waited is dropped');
});

test('where nobody takes a batch the queue does not wait for ever',
  async () => {
    const { queue, sent } = makeQueue(() => false);
    queue.push(press(0));
    await settle();
    queue.push(press(1));
    await settle();
    assert.equal(sent.length, 2);
  });

test('modifiers and wheels in matplotlib\'s words', () => {
  const keys = { ctrlKey: true, altKey: false, shiftKey: true,
                 metaKey: true };
  assert.deepEqual(modifiersOf(keys), ['ctrl', 'shift', 'super']);
  assert.equal(stepsOf(-100, 0), 1);
  assert.equal(stepsOf(3, 1), -1);
  assert.equal(stepsOf(-5000, 0), 3);
});
