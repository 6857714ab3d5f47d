// Comms between the page and the kernel.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Comms } = await load('comms');

/** A registry over a kernel that only writes down what it is sent. */
function makeComms() {
  const posted = [];
  const comms = new Comms((type, content, buffers) => {
    posted.push({ type, content, buffers });
    return `m${posted.length}`;
  });
  return { comms, posted };
}

function listen(heard) {
  return {
    onMessage: (data, buffers) => heard.push(['message', data, buffers]),
    onClose: () => heard.push(['close']),
    onOutput: (message) => heard.push(['output', message.header.msg_type]),
  };
}

function message(type, content, parent = '', buffers = []) {
  return { header: { msg_type: type }, parent_header: { msg_id: parent },
           content, buffers };
}

test('the kernel opens a comm, speaks, and closes it', () => {
  const { comms, posted } = makeComms();
  const heard = [];
  let opened;
  comms.register('target', (comm, data) => {
    opened = comm;
    heard.push(['open', data]);
    return listen(heard);
  });
  comms.handle(message('comm_open', { comm_id: 'c', target_name: 'target',
                                      data: { a: 1 } }));
  const bytes = new Uint8Array([1, 2]);
  comms.handle(message('comm_msg', { comm_id: 'c', data: { b: 2 } }, '',
                       [bytes]));
  assert.equal(comms.find('c'), opened);
  assert.equal(opened.send({ d: 4 }), true);
  comms.handle(message('comm_close', { comm_id: 'c', data: {} }));
  comms.handle(message('comm_msg', { comm_id: 'c', data: { late: true } }));
  assert.deepEqual(heard, [['open', { a: 1 }], ['message', { b: 2 }, [bytes]],
                           ['close']]);
  assert.deepEqual(posted, [{ type: 'comm_msg', buffers: [],
                              content: { comm_id: 'c', data: { d: 4 } } }]);
  assert.equal(comms.find('c'), undefined);
  assert.equal(opened.isOpen, false);
  assert.equal(opened.send({}), false, 'nobody takes it any more');
});

test('a target that nobody knows is closed, as in Jupyter', () => {
  const { comms, posted } = makeComms();
  comms.handle(message('comm_open', { comm_id: 'x', target_name: 'odd',
                                      data: {} }));
  assert.deepEqual(posted.map(({ type, content }) => [type, content.comm_id]),
                   [['comm_close', 'x']]);
});

test('the page opens a comm; output of its callbacks finds it', () => {
  const { comms, posted } = makeComms();
  const heard = [];
  const comm = comms.open('table', { id: 7 }, listen(heard));
  assert.equal(posted[0].type, 'comm_open');
  assert.deepEqual(posted[0].content,
                   { comm_id: comm.id, target_name: 'table', data: { id: 7 } });
  comm.send({});
  comms.handle(message('stream', { name: 'stdout', text: 'x' }, 'm2'));
  comms.handle(message('stream', { name: 'stdout', text: 'x' }, 'other'));
  comms.handle(message('status', { execution_state: 'idle' }, 'm2'));
  assert.deepEqual(heard, [['output', 'stream']]);
  comm.close();
  comm.close();
  assert.deepEqual(heard.at(-1), ['close']);
  assert.equal(posted.filter(({ type }) => type === 'comm_close').length, 1);
});

test('without a kernel a comm is closed before it was open', () => {
  const comms = new Comms(() => {
    throw new Error('no kernel');
  });
  const heard = [];
  assert.equal(comms.open('table', {}, listen(heard)).isOpen, false);
  assert.deepEqual(heard, [['close']]);
});

test('the end of the kernel is the end of every comm', () => {
  const { comms } = makeComms();
  const heard = [];
  comms.open('a', {}, listen(heard));
  comms.open('b', {}, listen(heard));
  comms.endAll();
  assert.deepEqual(heard, [['close'], ['close']]);
});
