/* Receives a message: checks it, and makes a request of it.
 *
 * What a sender did wrong becomes a `struct complaint`, which ends in an
 * error_reply; only exhausted memory is a failure of these functions.
 */
#include <string.h>

#include "alloc.h"
#include "bridge_state.h"

/* A message type that is longer is not worth repeating. */
#define LONGEST_TYPE_NAME ((size_t)64)

/* Bytes from one copied buffer to the next: enough for any element type that
 * a view on it may have. */
#define BUFFER_ALIGNMENT ((size_t)16)

/* Why a message is not accepted. */
struct complaint {
    const char *ename;
    struct tn_buffer evalue;
    char type[LONGEST_TYPE_NAME + 1]; /* "" while it is not known */
};

/* The result when a complaint has been put down; without room for its words
 * it is exhausted memory. */
static int
complain(struct complaint *complaint, const char *ename)
{
    complaint->ename = ename;
    return complaint->evalue.error != TN_OK ? complaint->evalue.error
                                            : TN_ERROR_INVALID;
}

static int
complain_text(struct complaint *complaint, const char *ename, const char *text)
{
    (void)tn_buffer_append_text(&complaint->evalue, text);
    return complain(complaint, ename);
}

static int
check_size(size_t size, const struct tn_bytes *buffers, size_t buffer_count,
           struct complaint *complaint)
{
    if (buffer_count > TN_BRIDGE_BUFFER_COUNT_LIMIT) {
        (void)tn_buffer_append_format(
            &complaint->evalue, "a message may have %zu buffers, not %zu",
            TN_BRIDGE_BUFFER_COUNT_LIMIT, buffer_count);
        return complain(complaint, "LimitExceeded");
    }
    bool fits = size <= TN_BRIDGE_REQUEST_SIZE_LIMIT;
    for (size_t i = 0; i < buffer_count && fits; i++) {
        fits = buffers[i].size <= TN_BRIDGE_REQUEST_SIZE_LIMIT - size;
        size += buffers[i].size;
    }
    if (!fits) {
        (void)tn_buffer_append_format(&complaint->evalue,
                                      "a message may have %zu bytes",
                                      TN_BRIDGE_REQUEST_SIZE_LIMIT);
        return complain(complaint, "LimitExceeded");
    }
    return TN_OK;
}

static int
parse_message(struct bridge_request *request, const char *text, size_t size,
              struct complaint *complaint)
{
    struct tn_json_error error = {0};
    int status = tn_json_parse(&request->json, text, size, &error);
    if (status == TN_OK || status == TN_ERROR_MEMORY) {
        return status;
    }
    (void)tn_buffer_append_format(&complaint->evalue,
                                  "not JSON: %s (at byte %zu)", error.reason,
                                  error.offset);
    return complain(complaint, status == TN_ERROR_LIMIT ? "LimitExceeded"
                                                        : "MalformedMessage");
}

/* Checks that an envelope's member is of the kind, or not there. */
static int
check_member(const struct tn_json_value *object, const char *key,
             enum tn_json_kind kind, const char *sentence,
             struct complaint *complaint)
{
    const struct tn_json_value *value = tn_json_get(object, key);
    if (value == NULL || tn_json_kind_of(value) == kind) {
        return TN_OK;
    }
    return complain_text(complaint, "MalformedMessage", sentence);
}

/* Reads the header, and keeps it as text as soon as it is one. */
static int
read_header(struct bridge_request *request, struct complaint *complaint)
{
    static const char *const texts[][2] = {
        {"msg_id", "header.msg_id must be a string"},
        {"msg_type", "header.msg_type must be a string"},
        {"session", "header.session must be a string"},
        {"username", "header.username must be a string"},
        {"date", "header.date must be a string"},
        {"version", "header.version must be a string"},
    };
    const struct tn_json_value *root = tn_json_root(request->json);
    const struct tn_json_value *header = tn_json_get(root, "header");
    if (tn_json_kind_of(header) != TN_JSON_OBJECT) {
        return complain_text(complaint, "MalformedMessage",
                             tn_json_kind_of(root) == TN_JSON_OBJECT
                                 ? "header must be an object"
                                 : "a message must be an object");
    }
    int status = tn_json_print(header, &request->header);
    if (status != TN_OK) {
        tn_buffer_clear(&request->header); /* half of it is no parent */
        return status;
    }
    if (request->header.size > TN_BRIDGE_HEADER_SIZE_LIMIT) {
        tn_buffer_clear(&request->header);
        (void)tn_buffer_append_format(&complaint->evalue,
                                      "a header may have %zu bytes",
                                      TN_BRIDGE_HEADER_SIZE_LIMIT);
        return complain(complaint, "LimitExceeded");
    }
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        bool is_needed = i < 2;
        if (is_needed && tn_json_get(header, texts[i][0]) == NULL) {
            return complain_text(complaint, "MalformedMessage", texts[i][1]);
        }
        status = check_member(header, texts[i][0], TN_JSON_STRING,
                              texts[i][1], complaint);
        if (status != TN_OK) {
            return status;
        }
    }
    request->request.header = header;
    return TN_OK;
}

/* Finds the type, which must be one that is sent to the kernel. */
static int
read_type(struct bridge_request *request, struct complaint *complaint)
{
    size_t size;
    const char *name =
        tn_json_string(tn_json_get(request->request.header, "msg_type"),
                       &size);
    if (size > LONGEST_TYPE_NAME) {
        (void)tn_buffer_append_format(
            &complaint->evalue, "no message type has a name of %zu bytes",
            size);
        return complain(complaint, "UnknownMessage");
    }
    memcpy(complaint->type, name, size);
    enum tn_message_type type = tn_message_find(name, size);
    if (type == TN_MESSAGE_NONE) {
        (void)tn_buffer_append_format(&complaint->evalue,
                                      "%s: no such message type",
                                      complaint->type);
        return complain(complaint, "UnknownMessage");
    }
    enum tn_message_direction direction = tn_message_describe(type)->direction;
    if (direction == TN_DIRECTION_REPLY || direction == TN_DIRECTION_EVENT) {
        (void)tn_buffer_append_format(
            &complaint->evalue, "%s: only the kernel sends this message",
            complaint->type);
        return complain(complaint, "MalformedMessage");
    }
    request->request.type = type;
    return TN_OK;
}

static int
read_body(struct bridge_request *request, struct complaint *complaint)
{
    const struct tn_json_value *root = tn_json_root(request->json);
    int status = check_member(root, "parent_header", TN_JSON_OBJECT,
                              "parent_header must be an object", complaint);
    if (status == TN_OK) {
        status = check_member(root, "metadata", TN_JSON_OBJECT,
                              "metadata must be an object", complaint);
    }
    if (status != TN_OK) {
        return status;
    }
    request->request.metadata = tn_json_get(root, "metadata");
    request->request.content = tn_json_get(root, "content");
    status = tn_message_check(request->request.type, request->request.content,
                              &complaint->evalue);
    return status == TN_ERROR_INVALID ? complain(complaint, "MalformedMessage")
                                      : status;
}

static size_t
padded(size_t size)
{
    return (size + BUFFER_ALIGNMENT - 1) / BUFFER_ALIGNMENT * BUFFER_ALIGNMENT;
}

/* Copies the buffers into one block, each at an aligned place; the list of
 * them is at its end, so that the data has the block's own alignment. */
static int
copy_buffers(struct bridge_request *request, const struct tn_bytes *buffers,
             size_t buffer_count)
{
    if (buffer_count == 0) {
        return TN_OK;
    }
    size_t data_size = 0;
    for (size_t i = 0; i < buffer_count; i++) {
        data_size += padded(buffers[i].size);
    }
    char *block = tn_alloc(data_size + buffer_count * sizeof(*buffers));
    if (block == NULL) {
        return TN_ERROR_MEMORY;
    }
    struct tn_bytes *copies = (struct tn_bytes *)(void *)(block + data_size);
    char *next = block;
    for (size_t i = 0; i < buffer_count; i++) {
        if (buffers[i].size != 0) {
            memcpy(next, buffers[i].data, buffers[i].size);
        }
        copies[i] = (struct tn_bytes){next, buffers[i].size};
        next += padded(buffers[i].size);
    }
    request->buffer_block = block;
    request->request.buffers = copies;
    request->request.buffer_count = buffer_count;
    return TN_OK;
}

static bool
is_immediate(const struct bridge_request *request)
{
    enum tn_message_direction direction =
        tn_message_describe(request->request.type)->direction;
    return direction == TN_DIRECTION_CONTROL
           || direction == TN_DIRECTION_INPUT;
}

/* What is right with the message may still be wrong for this kernel, now. */
static int
check_acceptance(const struct tn_bridge *bridge,
                 const struct bridge_request *request,
                 struct complaint *complaint)
{
    if (bridge->config.handlers[request->request.type] == NULL) {
        (void)tn_buffer_append_format(
            &complaint->evalue, "%s: this kernel does not handle it",
            complaint->type);
        return complain(complaint, "UnsupportedMessage");
    }
    if (!is_immediate(request)
        && bridge->queue_count >= TN_BRIDGE_QUEUE_LIMIT) {
        (void)tn_buffer_append_format(&complaint->evalue,
                                      "%zu messages are waiting already",
                                      bridge->queue_count);
        return complain(complaint, "LimitExceeded");
    }
    return TN_OK;
}

/* Fills `request`, or says in `complaint` why not. */
static int
read_request(const struct tn_bridge *bridge, struct bridge_request *request,
             struct tn_bytes text, const struct tn_bytes *buffers,
             size_t buffer_count, struct complaint *complaint)
{
    int status = check_size(text.size, buffers, buffer_count, complaint);
    if (status == TN_OK) {
        status = parse_message(request, text.data, text.size, complaint);
    }
    if (status == TN_OK) {
        status = read_header(request, complaint);
    }
    if (status == TN_OK) {
        status = read_type(request, complaint);
    }
    if (status == TN_OK) {
        status = read_body(request, complaint);
    }
    if (status == TN_OK) {
        status = check_acceptance(bridge, request, complaint);
    }
    if (status == TN_OK) {
        status = copy_buffers(request, buffers, buffer_count);
    }
    return status;
}

static int
answer_complaint(struct tn_bridge *bridge,
                 const struct bridge_request *request,
                 const struct complaint *complaint, int status)
{
    bool is_memory = status == TN_ERROR_MEMORY;
    int sent = outgoing_send_error(
        bridge, request != NULL ? &request->header : NULL,
        complaint->type[0] != '\0' ? complaint->type : NULL,
        is_memory ? "OutOfMemory" : complaint->ename,
        is_memory ? "out of memory" : complaint->evalue.data);
    return is_memory ? status : sent;
}

int
tn_bridge_receive(struct tn_bridge *bridge, const char *json, size_t size,
                  const struct tn_bytes *buffers, size_t buffer_count)
{
    struct complaint complaint = {0};
    struct bridge_request *request = tn_alloc_zeroed(1, sizeof(*request));
    int status = TN_ERROR_MEMORY;
    if (request != NULL) {
        status = read_request(bridge, request, (struct tn_bytes){json, size},
                              buffers, buffer_count, &complaint);
    }
    if (status != TN_OK) {
        status = answer_complaint(bridge, request, &complaint, status);
        goto done;
    }
    if (is_immediate(request)) {
        status = bridge_handle(bridge, request);
        goto done;
    }
    bridge_append(bridge, request);
    request = NULL;
done:
    bridge_free_request(request);
    tn_buffer_clear(&complaint.evalue);
    return status;
}
