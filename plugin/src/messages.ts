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

export type KernelInfoRequestContent = Record<string, never>;

export type KernelInfoReplyContent =
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

export interface ExecuteRequestContent {
  code: string;
  silent?: boolean;
  store_history?: boolean;
  user_expressions?: JsonObject;
  allow_stdin?: boolean;
  stop_on_error?: boolean;
  value?: boolean;
  expose?: boolean;
}

export type ExecuteReplyContent =
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

export interface CompleteRequestContent {
  code: string;
  cursor_pos: number;
}

export type CompleteReplyContent =
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

export interface InspectRequestContent {
  code: string;
  cursor_pos: number;
  detail_level?: number;
}

export type InspectReplyContent =
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

export interface IsCompleteRequestContent {
  code: string;
}

export interface IsCompleteReplyContent {
  status: 'complete' | 'incomplete' | 'invalid' | 'unknown';
  indent?: string;
}

export interface HistoryRequestContent {
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

export type HistoryReplyContent =
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

export interface CommInfoRequestContent {
  target_name?: string;
}

export type CommInfoReplyContent =
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

export type InterruptRequestContent = Record<string, never>;

export type InterruptReplyContent =
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

export interface ShutdownRequestContent {
  restart?: boolean;
}

export type ShutdownReplyContent =
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

export interface InputRequestContent {
  prompt: string;
  password: boolean;
}

export interface InputReplyContent {
  value: string;
}

export interface StreamContent {
  name: 'stdout' | 'stderr';
  text: string;
}

export interface DisplayDataContent {
  data: MimeBundle;
  metadata: JsonObject;
  transient?: JsonObject;
}

export interface UpdateDisplayDataContent {
  data: MimeBundle;
  metadata: JsonObject;
  transient: JsonObject;
}

export interface ExecuteInputContent {
  code: string;
  execution_count: number;
}

export interface ExecuteResultContent {
  execution_count: number;
  data: MimeBundle;
  metadata: JsonObject;
  transient?: JsonObject;
}

export interface ErrorContent {
  ename: string;
  evalue: string;
  traceback: string[];
}

export interface ClearOutputContent {
  wait: boolean;
}

export interface StatusContent {
  execution_state: 'busy' | 'idle' | 'starting';
}

export interface CommOpenContent {
  comm_id: string;
  target_name: string;
  target_module?: string;
  data: JsonObject;
}

export interface CommMsgContent {
  comm_id: string;
  data: JsonObject;
}

export interface CommCloseContent {
  comm_id: string;
  data?: JsonObject;
}

export interface ErrorReplyContent {
  status: 'error';
  ename: string;
  evalue: string;
  message_type?: string;
}

export interface MessageContents {
  kernel_info_request: KernelInfoRequestContent;
  kernel_info_reply: KernelInfoReplyContent;
  execute_request: ExecuteRequestContent;
  execute_reply: ExecuteReplyContent;
  complete_request: CompleteRequestContent;
  complete_reply: CompleteReplyContent;
  inspect_request: InspectRequestContent;
  inspect_reply: InspectReplyContent;
  is_complete_request: IsCompleteRequestContent;
  is_complete_reply: IsCompleteReplyContent;
  history_request: HistoryRequestContent;
  history_reply: HistoryReplyContent;
  comm_info_request: CommInfoRequestContent;
  comm_info_reply: CommInfoReplyContent;
  interrupt_request: InterruptRequestContent;
  interrupt_reply: InterruptReplyContent;
  shutdown_request: ShutdownRequestContent;
  shutdown_reply: ShutdownReplyContent;
  input_request: InputRequestContent;
  input_reply: InputReplyContent;
  stream: StreamContent;
  display_data: DisplayDataContent;
  update_display_data: UpdateDisplayDataContent;
  execute_input: ExecuteInputContent;
  execute_result: ExecuteResultContent;
  error: ErrorContent;
  clear_output: ClearOutputContent;
  status: StatusContent;
  comm_open: CommOpenContent;
  comm_msg: CommMsgContent;
  comm_close: CommCloseContent;
  error_reply: ErrorReplyContent;
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
