/* The message bridge: Jupyter messages in, Jupyter messages out.
 *
 * The bridge parses and checks every request against messages.def, queues it,
 * hands it to its handler, and sees to it that there is exactly one reply for
 * each.  It knows no Python, no JavaScript and no platform: the kernel gives
 * it handlers, the host gives it a way to send.
 *
 * Life of a request: tn_bridge_receive() checks and queues it; a malformed or
 * unknown one gets an error_reply at once.  Messages of the control channel
 * (interrupt_request, shutdown_request, and input_reply, which has no reply)
 * are handled inside tn_bridge_receive, also while another handler is
 * running.  The others wait for tn_bridge_run(), which takes them in order:
 * status busy, handler, reply, status idle.  Only input_reply, as in Jupyter,
 * has no status around it.  A handler that returned without replying is a
 * bug: the bridge then answers with an error_reply of its own.
 *
 * Busy, idle and error_reply need no memory, so that a request is answered
 * when there is none left.
 *
 * The bridge is not thread-safe: a host with threads locks around it.
 */
#ifndef TN_BRIDGE_H
#define TN_BRIDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "json.h"
#include "json_write.h"
#include "messages.h" /* enum tn_message_type, from messages.def */
#include "status.h"

/* Limits; a request beyond one gets an error_reply that names it.  The size
 * of a request is that of its JSON and its buffers together. */
#define TN_BRIDGE_REQUEST_SIZE_LIMIT ((size_t)256 << 20)
#define TN_BRIDGE_HEADER_SIZE_LIMIT ((size_t)16 << 10)
#define TN_BRIDGE_BUFFER_COUNT_LIMIT ((size_t)1024)
#define TN_BRIDGE_QUEUE_LIMIT ((size_t)4096)

struct tn_bridge;

/* A checked request; everything in it is borrowed until the handler returns.
 * `header`, `content` and their members are there as messages.def says;
 * `metadata` is NULL where the sender had none.  Buffers are aligned to 16
 * bytes where the allocator is. */
struct tn_request {
    enum tn_message_type type;
    const struct tn_json_value *header;
    const struct tn_json_value *metadata;
    const struct tn_json_value *content;
    const struct tn_bytes *buffers;
    size_t buffer_count;
    bool is_stopped; /* before it began: tn_bridge_stop_next */
};

/* Handles one request: writes events with tn_bridge_begin/end and, for types
 * that have a reply, that reply.  A negative status makes the bridge answer
 * with an error_reply that says so. */
typedef int (*tn_request_handler)(void *context, struct tn_bridge *bridge,
                                  const struct tn_request *request);

struct tn_bridge_config {
    void *context; /* passed to every function below */

    /* Delivers one whole message: the JSON envelope and its buffers, valid
     * for the call only.  It may call tn_bridge_receive. */
    void (*send)(void *context, const char *json, size_t size,
                 const struct tn_bytes *buffers, size_t buffer_count);

    /* Fills `bytes` with randomness for message and session ids. */
    void (*random)(void *context, void *bytes, size_t size);

    /* Milliseconds since 1970-01-01 UTC, for the headers' `date`. */
    double (*wall_ms)(void *context);

    /* By enum tn_message_type, TN_MESSAGE_COUNT long; NULL where this kernel
     * does not handle a type, which then gets an error_reply. */
    const tn_request_handler *handlers;
};

/* `config` is copied, the table it points to is borrowed for good. */
int tn_bridge_new(struct tn_bridge **out,
                  const struct tn_bridge_config *config);

/* Not while a handler runs.  Requests that wait get no answer any more. */
void tn_bridge_free(struct tn_bridge *bridge);

/* Takes one message: the JSON envelope (header, parent_header, metadata,
 * content) and its binary buffers, all copied.  What the sender did wrong is
 * answered with an error_reply and is not a failure here.
 * TN_ERROR_MEMORY, after an attempt to say so. */
int tn_bridge_receive(struct tn_bridge *bridge, const char *json, size_t size,
                      const struct tn_bytes *buffers, size_t buffer_count);

/* Handles queued requests until none is left.  When called while running
 * (from inside a handler) it does nothing.  What a handler fails with is
 * answered, and is not a failure here.  TN_ERROR_MEMORY: a reply or status
 * was lost, which takes exhausted memory and a `send` that came back. */
int tn_bridge_run(struct tn_bridge *bridge);

/* The same, but stops before an execute_request (unless it was aborted) when
 * this call has handled something: TN_BRIDGE_MORE, call again.  So the host
 * can keep the state before each cell. */
#define TN_BRIDGE_MORE 1
int tn_bridge_run_cell(struct tn_bridge *bridge);

/* Forgets what is queued, without an answer: for a state that was kept and
 * brought back, whose requests are those of another life.  Not while a handler
 * runs. */
void tn_bridge_clear_queue(struct tn_bridge *bridge);

/* Begins a new session, with an id that no other has: for a copy of memory
 * that many start from.  Not while a handler runs. */
void tn_bridge_renew(struct tn_bridge *bridge);

/* Overwrites what is left of messages in memory that the bridge keeps. */
void tn_bridge_trim(struct tn_bridge *bridge);

/* Drops the queue after a failed execute_request, as Jupyter's stop_on_error
 * says: every execute_request that waits will, in its turn, get an
 * execute_reply with status "aborted" instead of its handler.  Those that
 * came after the failed one's reply was sent are spared. */
void tn_bridge_abort_queue(struct tn_bridge *bridge);

/* Marks the first execute_request that waits (and is not aborted) as stopped,
 * which its handler will see.  Without one it does nothing. */
void tn_bridge_stop_next(struct tn_bridge *bridge);

/* True while a handler runs. */
bool tn_bridge_is_running(const struct tn_bridge *bridge);
size_t tn_bridge_queue_count(const struct tn_bridge *bridge);

/* One outgoing message: begin returns a writer that stands inside `content`,
 * an open object; write its members, then end.  The parent is the header of
 * the running request, between requests (a task of an earlier cell writes)
 * that of the last execute_request, before the first one {}.  Messages do not
 * nest, but a message of the control channel that arrives between begin and
 * end may be handled there. */
struct tn_json_writer *tn_bridge_begin(struct tn_bridge *bridge,
                                       enum tn_message_type type);

/* JSON text of an object, for the envelope's metadata; call it between begin
 * and end, at most once.  Without it metadata is {}. */
void tn_bridge_set_metadata(struct tn_bridge *bridge, const char *json,
                            size_t size);

/* Checks the content against messages.def in debug builds and sends.
 * TN_ERROR_MEMORY: nothing was sent.  TN_ERROR_STATE, and nothing was sent: a
 * reply that is not the running request's, or its second one. */
int tn_bridge_end(struct tn_bridge *bridge, const struct tn_bytes *buffers,
                  size_t buffer_count);

#endif /* TN_BRIDGE_H */
