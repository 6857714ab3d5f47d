// What a front end of Jupyter's (JupyterLite, JupyterLab, nbclient) relies on
// beyond the table of messages: the protocol's rules on what is inside
// headers, bundles and replies.  Every message of every conversation is held
// to them.

const isObject = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === 'string';
const isName = (value) => isText(value) && value !== '';
const isCount = (value) => Number.isInteger(value) && value >= 0;
const isTexts = (value) => Array.isArray(value) && value.every(isText);

const HEADER = ['msg_id', 'session', 'username', 'date', 'msg_type', 'version'];
const MIME_TYPE = /^[\w.+-]+\/[\w.+-]+(;.*)?$/;
const JSON_TYPE = /^application\/(json|[\w.-]+\+json)/;
const VERSION = /^5\.\d+$/;

/** The zone belongs to it: front ends sort by it. */
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;

/** The first sentence of those whose condition does not hold, or null. */
function first(rules) {
  return rules.find(([holds]) => !holds)?.[1] ?? null;
}

function findHeaderFault(header) {
  return first([
    [isName(header.msg_id), 'header.msg_id must not be empty'],
    [isName(header.session), 'header.session must not be empty'],
    [DATE.test(header.date), 'header.date must be a date with its zone'],
    [VERSION.test(header.version), 'header.version must be one of protocol 5'],
  ]);
}

/** Text, or JSON where the type says JSON. */
function findBundleFault(bundle, where) {
  for (const [type, value] of Object.entries(bundle)) {
    if (!MIME_TYPE.test(type)) {
      return `${where} has ${type}, which is no type`;
    }
    if (!JSON_TYPE.test(type) && !isText(value)) {
      return `${where}: ${type} must be text`;
    }
  }
  return null;
}

function findDisplayFault({ data, metadata, transient = {} }) {
  return (
    findBundleFault(data, 'data') ??
    first([
      [isObject(metadata), 'metadata must be an object'],
      [isObject(transient), 'transient must be an object'],
      [
        transient.display_id === undefined || isName(transient.display_id),
        'display_id must be text',
      ],
    ])
  );
}

function findExpressionFault(name, result) {
  if (result.status === 'ok') {
    return (
      findBundleFault(result.data, `user_expressions.${name}`) ??
      first([[isObject(result.metadata), `${name} has no metadata`]])
    );
  }
  return first([
    [result.status === 'error', `${name} has status ${result.status}`],
    [isText(result.ename) && isText(result.evalue), `${name} names no error`],
    [isTexts(result.traceback), `${name} has no traceback`],
  ]);
}

function findExecuteReplyFault(content) {
  if (content.status === 'aborted') {
    return null;
  }
  const { user_expressions: expressions = {}, payload = [] } = content;
  for (const [name, result] of Object.entries(expressions)) {
    const fault = findExpressionFault(name, result);
    if (fault !== null) {
      return fault;
    }
  }
  return first([
    [isCount(content.execution_count), 'a reply has its execution_count'],
    [payload.every((one) => isName(one.source)), 'payload has its source'],
  ]);
}

function findKernelInfoFault(content) {
  const { language_info: language = {}, help_links: links = [] } = content;
  return first([
    [VERSION.test(content.protocol_version), 'protocol_version is 5.x'],
    [isName(language.name), 'language_info.name'],
    [isName(language.version), 'language_info.version'],
    [MIME_TYPE.test(language.mimetype), 'language_info.mimetype'],
    [/^\.\w+$/.test(language.file_extension), 'language_info.file_extension'],
    [
      links.every(({ text, url }) => isName(text) && URL.canParse(url)),
      'help_links are texts with addresses',
    ],
  ]);
}

function findCompleteFault(content) {
  const { matches, cursor_start: start, cursor_end: end, metadata } = content;
  const experimental = metadata._jupyter_types_experimental ?? [];
  return first([
    [isCount(start) && isCount(end) && start <= end, 'cursors are a range'],
    [
      experimental.every(
        (one) => isText(one.text) && isText(one.type) && one.start <= one.end,
      ),
      'types of completions are text, type and range',
    ],
    [
      experimental.length === 0 || experimental.length === matches.length,
      'every match has its type, or none',
    ],
  ]);
}

/** [session, line, input], and with output [input, output] at the end. */
function isHistoryEntry(entry) {
  const [session, line, source] = entry;
  const isPair =
    Array.isArray(source) &&
    isText(source[0]) &&
    (source[1] === null || isText(source[1]));
  return (
    entry.length === 3 &&
    Number.isInteger(session) &&
    Number.isInteger(line) &&
    (isText(source) || isPair)
  );
}

const rules = {
  kernel_info_reply: findKernelInfoFault,
  execute_reply: findExecuteReplyFault,
  complete_reply: findCompleteFault,
  display_data: findDisplayFault,
  update_display_data: (content) =>
    findDisplayFault(content) ??
    first([
      [isName(content.transient.display_id), 'an update names its display'],
    ]),
  execute_result: (content) =>
    findDisplayFault(content) ??
    first([[isCount(content.execution_count), 'execution_count']]),
  execute_input: (content) =>
    first([[isCount(content.execution_count), 'execution_count']]),
  error: (content) => first([[isName(content.ename), 'ename']]),
  inspect_reply: (content) => findBundleFault(content.data, 'data'),
  is_complete_reply: (content) =>
    first([
      [
        (content.indent !== undefined) === (content.status === 'incomplete'),
        'indent belongs to what is incomplete',
      ],
    ]),
  history_reply: (content) =>
    first([
      [content.history.every(isHistoryEntry), 'history is a list of entries'],
    ]),
  comm_info_reply: (content) =>
    first([
      [
        Object.values(content.comms).every((one) => isName(one.target_name)),
        'comms have their targets',
      ],
    ]),
  comm_open: (content) =>
    first([
      [isName(content.comm_id), 'comm_id'],
      [isText(content.target_name), 'target_name'],
      [isObject(content.data), 'data'],
    ]),
};

/**
 * What a front end would stumble over in a message that fits the table; null
 * where there is nothing.
 */
export function findJupyterFault(message) {
  const { header, parent_header: parent, content } = message;
  const envelope =
    findHeaderFault(header) ??
    first([
      [
        Object.keys(parent).length === 0 ||
          // What was malformed is answered as it was.
          header.msg_type === 'error_reply' ||
          HEADER.every((key) => isText(parent[key])),
        'parent_header must be a whole header, or empty',
      ],
      [
        message.buffers === undefined || Array.isArray(message.buffers),
        'buffers must be a list',
      ],
    ]);
  if (envelope !== null) {
    return envelope;
  }
  // A reply that is no success has the members of its error only.
  const isFailure = ['error', 'aborted'].includes(content.status);
  const rule = rules[header.msg_type];
  const isChecked = !isFailure || header.msg_type === 'execute_reply';
  return rule !== undefined && isChecked ? rule(content) : null;
}
