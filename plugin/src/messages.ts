// The messages between page and kernel.  Made from bridge/messages.def
// by bridge/gen_messages.c; tests/golden/current.mjs sees that it is
// current.

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | JsonValue[]
  | JsonObject;

export interface JsonObject {
  [key: string]: JsonValue;
}

/** Representations of one value, by mime type. */
export type MimeBundle = JsonObject;

export interface MessageHeader {
  msg_id: string;
  msg_type: MessageType;
  session?: string;
  username?: string;
  date?: string;
  version?: string;
}

export interface Message<T extends MessageType = MessageType> {
  header: MessageHeader & { msg_type: T };
  /** Empty where a message answers to none. */
  parent_header: Partial<MessageHeader>;
  metadata: JsonObject;
  content: MessageContents[T];
  buffers?: Uint8Array[];
}

/** The answer to a request of type T. */
export type ReplyMessage<T extends keyof MessageReplies> =
  | Message<MessageReplies[T]>
  | Message<'error_reply'>;

export type KernelInfoRequest = Record<string, never>;

export type KernelInfoReply =
  | {
      status: 'ok';
      protocol_version: string;
      implementation: string;
      implementation_version: string;
      language_info: JsonObject;
      banner: string;
      help_links?: JsonValue[];
    }
  | {
      status: 'error';
      help_links?: JsonValue[];
      ename: string;
      evalue: string;
      traceback: string[];
    }
  | {
      status: 'aborted';
      help_links?: JsonValue[];
    };

export interface ExecuteRequest {
  code: string;
  silent?: boolean;
  store_history?: boolean;
  user_expressions?: JsonObject;
  allow_stdin?: boolean;
  stop_on_error?: boolean;
  value?: boolean;
}

export type ExecuteReply =
  | {
      status: 'ok';
      execution_count?: number;
      payload?: JsonValue[];
      user_expressions?: JsonObject;
      value?: JsonValue;
    }
  | {
      status: 'error';
      execution_count?: number;
      payload?: JsonValue[];
      user_expressions?: JsonObject;
      value?: JsonValue;
      ename: string;
      evalue: string;
      traceback: string[];
    }
  | {
      status: 'aborted';
      execution_count?: number;
      payload?: JsonValue[];
      user_expressions?: JsonObject;
      value?: JsonValue;
    };

export interface CompleteRequest {
  code: string;
  cursor_pos: number;
}

export type CompleteReply =
  | {
      status: 'ok';
      matches: string[];
      cursor_start: number;
      cursor_end: number;
      metadata: JsonObject;
    }
  | {
      status: 'error';
      ename: string;
      evalue: string;
      traceback: string[];
    }
  | {
      status: 'aborted';
    };

export interface InspectRequest {
  code: string;
  cursor_pos: number;
  detail_level?: number;
}

export type InspectReply =
  | {
      status: 'ok';
      found: boolean;
      data: MimeBundle;
      metadata: JsonObject;
    }
  | {
      status: 'error';
      ename: string;
      evalue: string;
      traceback: string[];
    }
  | {
      status: 'aborted';
    };

export interface IsCompleteRequest {
  code: string;
}

export interface IsCompleteReply {
  status: 'complete' | 'incomplete' | 'invalid' | 'unknown';
  indent?: string;
}

export interface HistoryRequest {
  hist_access_type: 'range' | 'tail' | 'search';
  output?: boolean;
  raw?: boolean;
  session?: number;
  start?: number;
  stop?: number;
  n?: number;
  pattern?: string;
  unique?: boolean;
}

export type HistoryReply =
  | {
      status: 'ok';
      history: JsonValue[];
    }
  | {
      status: 'error';
      ename: string;
      evalue: string;
      traceback: string[];
    }
  | {
      status: 'aborted';
    };

export interface CommInfoRequest {
  target_name?: string;
}

export type CommInfoReply =
  | {
      status: 'ok';
      comms: JsonObject;
    }
  | {
      status: 'error';
      ename: string;
      evalue: string;
      traceback: string[];
    }
  | {
      status: 'aborted';
    };

export type InterruptRequest = Record<string, never>;

export type InterruptReply =
  | {
      status: 'ok';
    }
  | {
      status: 'error';
      ename: string;
      evalue: string;
      traceback: string[];
    }
  | {
      status: 'aborted';
    };

export interface ShutdownRequest {
  restart?: boolean;
}

export type ShutdownReply =
  | {
      status: 'ok';
      restart: boolean;
    }
  | {
      status: 'error';
      ename: string;
      evalue: string;
      traceback: string[];
    }
  | {
      status: 'aborted';
    };

export interface InputRequest {
  prompt: string;
  password: boolean;
}

export interface InputReply {
  value: string;
}

export interface Stream {
  name: 'stdout' | 'stderr';
  text: string;
}

export interface DisplayData {
  data: MimeBundle;
  metadata: JsonObject;
  transient?: JsonObject;
}

export interface UpdateDisplayData {
  data: MimeBundle;
  metadata: JsonObject;
  transient: JsonObject;
}

export interface ExecuteInput {
  code: string;
  execution_count: number;
}

export interface ExecuteResult {
  execution_count: number;
  data: MimeBundle;
  metadata: JsonObject;
  transient?: JsonObject;
}

export interface Error {
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface ClearOutput {
  wait: boolean;
}

export interface Status {
  execution_state: 'busy' | 'idle' | 'starting';
}

export interface CommOpen {
  comm_id: string;
  target_name: string;
  target_module?: string;
  data: JsonObject;
}

export interface CommMsg {
  comm_id: string;
  data: JsonObject;
}

export interface CommClose {
  comm_id: string;
  data?: JsonObject;
}

export interface ErrorReply {
  status: 'error';
  ename: string;
  evalue: string;
  message_type?: string;
}

export interface MessageContents {
  kernel_info_request: KernelInfoRequest;
  kernel_info_reply: KernelInfoReply;
  execute_request: ExecuteRequest;
  execute_reply: ExecuteReply;
  complete_request: CompleteRequest;
  complete_reply: CompleteReply;
  inspect_request: InspectRequest;
  inspect_reply: InspectReply;
  is_complete_request: IsCompleteRequest;
  is_complete_reply: IsCompleteReply;
  history_request: HistoryRequest;
  history_reply: HistoryReply;
  comm_info_request: CommInfoRequest;
  comm_info_reply: CommInfoReply;
  interrupt_request: InterruptRequest;
  interrupt_reply: InterruptReply;
  shutdown_request: ShutdownRequest;
  shutdown_reply: ShutdownReply;
  input_request: InputRequest;
  input_reply: InputReply;
  stream: Stream;
  display_data: DisplayData;
  update_display_data: UpdateDisplayData;
  execute_input: ExecuteInput;
  execute_result: ExecuteResult;
  error: Error;
  clear_output: ClearOutput;
  status: Status;
  comm_open: CommOpen;
  comm_msg: CommMsg;
  comm_close: CommClose;
  error_reply: ErrorReply;
}

export type MessageType = keyof MessageContents;

export interface MessageReplies {
  kernel_info_request: 'kernel_info_reply';
  execute_request: 'execute_reply';
  complete_request: 'complete_reply';
  inspect_request: 'inspect_reply';
  is_complete_request: 'is_complete_reply';
  history_request: 'history_reply';
  comm_info_request: 'comm_info_reply';
  interrupt_request: 'interrupt_reply';
  shutdown_request: 'shutdown_reply';
}

/** Requests, each of which has one reply. */
export type RequestType = keyof MessageReplies;

/** What is sent to the kernel without a reply. */
export type NoticeType =
  | 'input_reply'
  | 'comm_open'
  | 'comm_msg'
  | 'comm_close';

/** What the kernel sends beside replies. */
export type EventType =
  | 'input_request'
  | 'stream'
  | 'display_data'
  | 'update_display_data'
  | 'execute_input'
  | 'execute_result'
  | 'error'
  | 'clear_output'
  | 'status'
  | 'comm_open'
  | 'comm_msg'
  | 'comm_close';

/** Tells the type of a message to the compiler. */
export function isMessage<T extends MessageType>(
  message: Message,
  type: T,
): message is Message<T> {
  return message.header.msg_type === type;
}

export const protocolVersion = '5.3';
