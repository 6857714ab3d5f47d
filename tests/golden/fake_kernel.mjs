// A kernel for selftest.mjs: answers execute_request on stdin and stdout as
// the request's code tells it to, rightly or wrongly.

let count = 0;

function send(type, parent, content, { header: own, ...more } = {}) {
  const header = {
    msg_id: `fake-${++count}`,
    session: 'fake',
    username: 'fake',
    date: '2026-01-02T03:04:05.678Z',
    msg_type: type,
    version: '5.3',
    ...own,
  };
  const message = { header, parent_header: parent, metadata: {}, content, ...more };
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const status = (parent, state) => send('status', parent, { execution_state: state });
const print = (parent, text) => send('stream', parent, { name: 'stdout', text });
const REPLY = { status: 'ok', execution_count: 1 };
const reply = (parent, content = REPLY) => send('execute_reply', parent, content);

/** What happens between busy and idle, by the request's code. */
const deeds = {
  plain: (parent) => {
    print(parent, 'a\u2028\n');
    print(parent, 'b\n');
    reply(parent);
  },
  buffers: (parent) => {
    send('display_data', parent, { data: {}, metadata: {} }, { buffers: ['AAEC'] });
    reply(parent);
  },
  'reply twice': (parent) => {
    reply(parent);
    reply(parent);
  },
  'reply never': () => {},
  'wrong reply': (parent) => send('interrupt_reply', parent, { status: 'ok' }),
  'wrong field': (parent) => {
    send('stream', parent, { name: 'stdout', text: 1 });
    reply(parent);
  },
  'wrong type': (parent) => send('execute_request', parent, { code: '' }),
  'wrong parent': (parent) => print({ ...parent, session: 'x' }, 'a'),
  'wrong choice': (parent) => reply(parent, { status: 'fine' }),
  'bundle of lists': (parent) =>
    send('display_data', parent, { data: { 'text/plain': ['a'] }, metadata: {} }),
  'no mime type': (parent) =>
    send('display_data', parent, { data: { plain: 'a' }, metadata: {} }),
  'no count': (parent) => reply(parent, { status: 'ok' }),
  'local date': (parent) =>
    send(
      'stream',
      parent,
      { name: 'stdout', text: 'a' },
      { header: { date: '2026-01-02T03:04:05' } },
    ),
  'id twice': (parent) => {
    send('stream', parent, { name: 'stdout', text: 'a' }, { header: { msg_id: 'same' } });
    send('stream', parent, { name: 'stderr', text: 'a' }, { header: { msg_id: 'same' } });
  },
  'update of nothing': (parent) =>
    send('update_display_data', parent, { data: {}, metadata: {}, transient: {} }),
  'not json': () => process.stdout.write('nonsense\n'),
  die: () => {
    process.stderr.write('last words\n');
    process.exit(3);
  },
  hang: () => {},
};

function handle(message) {
  const parent = message.header;
  const { code } = message.content;
  if (code === 'no busy') {
    reply(parent);
    status(parent, 'idle');
    return;
  }
  status(parent, 'busy');
  send('execute_input', parent, {
    code: code === 'wrong input' ? 'x' : code,
    execution_count: 1,
  });
  (deeds[code] ?? reply)(parent);
  if (code !== 'hang') {
    status(parent, 'idle');
  }
  if (code === 'more after idle') {
    print(parent, 'more');
  }
  if (code === 'fail at exit') {
    process.exitCode = 4;
  }
}

let text = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', (chunk) => {
  const lines = (text + chunk).split('\n');
  text = lines.pop();
  for (const line of lines) {
    try {
      handle(JSON.parse(line));
    } catch {
      const content = { status: 'error', ename: 'Malformed', evalue: `read ${line.length}` };
      send('error_reply', {}, content);
    }
  }
});
