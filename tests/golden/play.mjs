// Plays a conversation over a transport, and sees beside what it says that
// the kernel keeps the protocol: every message is as the table has it and
// answers to one that was sent, every request has busy, one reply and idle.
//
// A transport is an object with
//     send(message)        to the kernel; buffers are Uint8Arrays
//     sendRaw(bytes)       to the kernel, whatever it is
//     finish(timeout_ms)   no more will be sent; resolves when all that the
//                          kernel had to say was delivered, to null or to a
//                          sentence on what went wrong
//     onMessage, onEnd     set here; called with each of the kernel's messages
//                          (buffers as Uint8Arrays), and with the reason when
//                          no more can come

import { ConversationError, decodeBase64, encodeBase64, isStream } from './conversation.mjs';
import { findJupyterFault } from './jupyter.mjs';
import { findDifference, findTableFault, show, WILD } from './match.mjs';

/** What became of one request. */
class Exchange {
  constructor(header, content, info) {
    this.header = header;
    this.content = content;
    this.info = info;
    this.state = null; // of the last status
    this.reply = null;
  }

  get wantsReply() {
    return this.info !== undefined && this.info.reply !== undefined;
  }

  /** Whether nothing more is to come of it by itself. */
  get isDone() {
    if (this.reply === 'error_reply' && this.state === null) {
      return true; // refused before it was handled
    }
    if (this.info === undefined) {
      return this.reply !== null;
    }
    if (this.info.direction === 'input') {
      return true;
    }
    return this.state === 'idle' && (!this.wantsReply || this.reply !== null);
  }

  /** Whether it was a message that the kernel handles. */
  get isAccepted() {
    const directions = ['request', 'control', 'input', 'comm'];
    return directions.includes(this.info?.direction) && this.reply !== 'error_reply';
  }

  /** Takes a message with this exchange's header as parent; says what is
   * wrong with it, null when nothing is. */
  take(message, table) {
    const type = message.header.msg_type;
    if (type === 'status') {
      return this.#takeStatus(message.content.execution_state);
    }
    if (table[type].direction === 'reply') {
      return this.#takeReply(type);
    }
    if (type === 'execute_input') {
      return message.content.code === this.content.code
        ? null
        : 'execute_input must repeat the code';
    }
    return null;
  }

  #takeStatus(state) {
    const before = this.state;
    this.state = state;
    if (state === 'busy') {
      return before === null && this.reply === null ? null : 'busy must come first';
    }
    if (state === 'idle') {
      if (this.wantsReply && this.reply === null) {
        return 'idle came before the reply';
      }
      return before === 'busy' ? null : 'idle must come after busy';
    }
    return null;
  }

  #takeReply(type) {
    if (this.reply !== null) {
      return `a second reply, after ${this.reply}`;
    }
    this.reply = type;
    if (type === 'error_reply') {
      return null;
    }
    if (this.info?.reply !== type) {
      return `${type} is no reply to ${this.header.msg_type}`;
    }
    return this.state === 'busy' ? null : 'a reply must come between busy and idle';
  }
}

/** Messages as they arrive, and whoever waits for them. */
class Inbox {
  #messages = [];
  #wake = null;
  #end = null; // why nothing more will come

  push(message) {
    this.#messages.push(message);
    this.#wake?.();
  }

  end(reason) {
    this.#end ??= reason;
    this.#wake?.();
  }

  /** Waits for a message, leaves it there; null when none will come. */
  async peek(timeout_ms) {
    let timer;
    const timeout = new Promise((resolve) => {
      timer = setTimeout(resolve, timeout_ms, 'timeout');
    });
    while (this.#messages.length === 0 && this.#end === null) {
      const woken = new Promise((resolve) => {
        this.#wake = resolve;
      });
      if ((await Promise.race([woken, timeout])) === 'timeout') {
        this.end(`nothing came for ${timeout_ms / 1000} s`);
      }
    }
    clearTimeout(timer);
    return this.#messages[0] ?? null;
  }

  take() {
    return this.#messages.shift();
  }

  get endReason() {
    return this.#end;
  }
}

const AUTOMATIC = ['status', 'execute_input'];

/** One playing of a conversation. */
class Player {
  #exchanges = [];
  #inbox = new Inbox();
  #rawCount = 0; // sent, and not yet refused
  #ids = new Set(); // of all messages of the kernel
  #seen;
  #table;
  #transport;
  #conversation;

  constructor(conversation, transport, table, seen) {
    this.#conversation = conversation;
    this.#transport = transport;
    this.#table = table;
    this.#seen = seen;
  }

  async play() {
    this.#transport.onMessage = (message) => this.#inbox.push(message);
    this.#transport.onEnd = (reason) => this.#inbox.end(reason);
    for (const step of this.#conversation.steps) {
      if (step.kind === 'send') {
        this.#send(step);
      } else if (step.kind === 'raw') {
        this.#rawCount++;
        this.#transport.sendRaw(step.bytes);
      } else {
        await this.#expect(step);
      }
    }
    await this.#finish();
  }

  #send(step) {
    const number = this.#exchanges.length + 1;
    const header = {
      msg_id: `golden-${number}`,
      session: 'golden',
      username: 'golden',
      date: '2026-01-02T03:04:05.678Z',
      msg_type: step.type,
      version: '5.3',
    };
    this.#exchanges.push(new Exchange(header, step.content, this.#table[step.type]));
    this.#transport.send({
      header,
      parent_header: {},
      metadata: step.metadata ?? {},
      content: step.content,
      buffers: (step.buffers ?? []).map(decodeBase64),
    });
  }

  /** The next message, checked against the table and its request. */
  async #next(where) {
    const message = await this.#inbox.peek(this.#conversation.options.timeout_ms);
    if (message === null) {
      throw new ConversationError(where, `no message: ${this.#inbox.endReason}`);
    }
    this.#inbox.take();
    const fault =
      findTableFault(this.#table, message) ??
      findJupyterFault(message) ??
      this.#findTwin(message) ??
      this.#findParentFault(message);
    if (fault !== null) {
      throw new ConversationError(where, `${fault}\n    in ${show(message)}`);
    }
    this.#seen.add(message.header.msg_type);
    return message;
  }

  /** Front ends know a message by its id. */
  #findTwin({ header: { msg_id: id } }) {
    const isTwin = this.#ids.has(id);
    this.#ids.add(id);
    return isTwin ? `two messages have the id ${id}` : null;
  }

  #findExchange(message) {
    return this.#exchanges.find(
      (exchange) => findDifference(exchange.header, message.parent_header, '') === null,
    );
  }

  #findParentFault(message) {
    const exchange = this.#findExchange(message);
    if (exchange !== undefined) {
      return exchange.take(message, this.#table);
    }
    // A message that could not be read may have no header to answer to.
    if (this.#rawCount !== 0 && message.header.msg_type === 'error_reply') {
      this.#rawCount--;
      return null;
    }
    return 'parent_header must be the header of a message that was sent';
  }

  async #expect(step) {
    let message = await this.#next(step.where);
    while (AUTOMATIC.includes(message.header.msg_type) && message.header.msg_type !== step.type) {
      message = await this.#next(step.where);
    }
    if (isStream(step) && message.header.msg_type === 'stream') {
      message = await this.#joinStream(step, message);
    }
    const difference = this.#compare(step, message);
    if (difference !== null) {
      throw new ConversationError(step.where, `not as written, ${difference}`);
    }
  }

  #compare(step, message) {
    const seen = {
      type: message.header.msg_type,
      content: message.content,
      metadata: message.metadata,
      buffers: (message.buffers ?? []).map(encodeBase64),
    };
    const expected = {
      type: step.type,
      content: step.content,
      metadata: step.metadata ?? {},
      buffers: step.buffers ?? [],
    };
    if (seen.type !== expected.type) {
      const words = [step.type, show(step.content), seen.type, show(seen.content)];
      return `in type\n    expected ${words[0]} ${words[1]}\n    seen     ${words[2]} ${words[3]}`;
    }
    if (step.parent !== undefined) {
      seen.parent = this.#exchanges.indexOf(this.#findExchange(message)) + 1;
      expected.parent = step.parent;
    }
    for (const key of Object.keys(expected)) {
      const difference = findDifference(expected[key], seen[key], key);
      if (difference !== null) {
        return difference;
      }
    }
    return null;
  }

  /** Adds what follows on the same stream, as long as the expected text goes
   * on; one with wild parts may go on to the stream's last message. */
  async #joinStream(step, message) {
    const { name, text } = step.content;
    let joined = message.content.text;
    const goesOn = () =>
      text.includes(WILD) || (joined.length < text.length && text.startsWith(joined));
    while (message.content.name === name && typeof text === 'string' && goesOn()) {
      const next = await this.#inbox.peek(this.#conversation.options.timeout_ms);
      if (next?.header?.msg_type !== 'stream' || next.content?.name !== name) {
        break;
      }
      joined += (await this.#next(step.where)).content.text;
    }
    return { ...message, content: { ...message.content, text: joined } };
  }

  /** Waits until every request was answered, and sees that nothing else came. */
  async #finish() {
    const where = `${this.#conversation.name}: at the end`;
    while (this.#rawCount !== 0 || !this.#exchanges.every((exchange) => exchange.isDone)) {
      this.#refuseUnexpected(await this.#next(where), where);
    }
    this.#exchanges
      .filter((exchange) => exchange.isAccepted)
      .forEach((exchange) => this.#seen.add(exchange.header.msg_type));
    const problem = await this.#transport.finish(this.#conversation.options.timeout_ms);
    for (;;) {
      const message = await this.#inbox.peek(0);
      if (message === null) {
        break;
      }
      this.#refuseUnexpected(await this.#next(where), where);
    }
    if (problem !== null) {
      throw new ConversationError(where, problem);
    }
  }

  #refuseUnexpected(message, where) {
    if (!AUTOMATIC.includes(message.header.msg_type)) {
      throw new ConversationError(
        where,
        `not expected: ${message.header.msg_type} ${show(message.content)}`,
      );
    }
  }
}

/**
 * Plays a parsed conversation.  `seen` is a Set to which the types of all
 * messages are added.  Resolves when it went as written, else rejects with a
 * ConversationError.
 */
export async function playConversation(conversation, transport, table, seen) {
  await new Player(conversation, transport, table, seen).play();
}

/** The table's types that are not in `seen`. */
export function findUnseen(table, seen) {
  return Object.keys(table).filter((type) => !seen.has(type));
}
