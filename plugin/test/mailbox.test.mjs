// The mailbox: messages of any size keep their order and their buffers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Mailbox } = await load('mailbox');

/** What messages are gathered to. */
const batchSize = 65536;

/** As many bytes are left for a message that fills a batch by itself. */
const largestSize = batchSize - 2;

/** A message of `size` bytes whose text is not ASCII. */
function encode(id, size) {
  const message = {
    header: { msg_id: id, msg_type: 'stream' },
    parent_header: {},
    content: { text: 'é' },
  };
  const left = size - Buffer.byteLength(JSON.stringify(message));
  message.content.text += 'x'.repeat(Math.max(0, left));
  return Buffer.from(JSON.stringify(message));
}

function makeMailbox() {
  const seen = [];
  const take = ({ header, content, buffers }) => {
    seen.push({ id: header.msg_id, text: content.text, buffers });
  };
  const owner = { isRunning: false, replied: () => undefined };
  return { seen, mailbox: new Mailbox(owner, take) };
}

test('messages of all sizes come whole and in order', () => {
  const { seen, mailbox } = makeMailbox();
  const sizes = [200, largestSize - 1, 200, 200, largestSize, 300,
                 largestSize + 1, 200, 3 * batchSize, 200];
  const sent = sizes.map((size, i) => encode(String(i), size));
  assert.deepEqual(sent.map(({ length }) => length), sizes);

  sent.forEach((bytes, i) => {
    // The kernel's memory is written over when the call is over.
    const copy = Uint8Array.from(bytes);
    mailbox.put(copy, i % 3 === 0 ? [Uint8Array.of(i)] : []);
    copy.fill(0);
  });
  assert.deepEqual(seen, []);
  assert.equal(mailbox.isEmpty, false);
  mailbox.dispatch();
  assert.equal(mailbox.isEmpty, true);

  assert.deepEqual(seen, sent.map((bytes, i) => ({
    id: String(i),
    text: JSON.parse(bytes.toString()).content.text,
    buffers: i % 3 === 0 ? [Uint8Array.of(i)] : [],
  })));
});

test('a batch that two messages fill to the last byte', () => {
  for (const size of [batchSize - 1, batchSize, batchSize + 1]) {
    const { seen, mailbox } = makeMailbox();
    mailbox.put(encode('0', 1000), []);
    mailbox.put(encode('1', size - 1000 - 3), []); // two brackets, a comma
    mailbox.dispatch();
    assert.deepEqual(seen.map(({ id }) => id), ['0', '1']);
  }
});

test('what a listener brings comes behind what was sent before', () => {
  const ids = [];
  const owner = { isRunning: false, replied: () => undefined };
  const mailbox = new Mailbox(owner, ({ header }) => {
    ids.push(header.msg_id);
    if (header.msg_id === '0') {
      mailbox.put(encode('2', 200), []);
      mailbox.dispatch();
    }
  });
  mailbox.put(encode('0', 200), []);
  mailbox.put(encode('1', 200), []);
  mailbox.dispatch();
  assert.deepEqual(ids, ['0', '1', '2']);
});
