/* Private to bridge/: what bridge.c, receive.c and outgoing.c share. */
#ifndef TN_BRIDGE_STATE_H
#define TN_BRIDGE_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge.h"

/* Room that is reserved for the bridge's own messages, so that busy, idle and
 * an error_reply can be sent when memory is exhausted: the longest
 * parent_header and what stands around it. */
#define OUTGOING_SPARE_SIZE (TN_BRIDGE_HEADER_SIZE_LIMIT + (size_t)4096)

#define OUTGOING_ID_SIZE ((size_t)32) /* hexadecimal digits of a UUID */

/* Random bytes that are drawn at once: a host asks its system for them, which
 * takes longer than the rest of a header. */
#define OUTGOING_RANDOM_SIZE ((size_t)1024)

/* One message in the making, between begin and end. */
struct bridge_outgoing {
    enum tn_message_type type;
    bool is_open;
    bool is_refused; /* a reply out of place; end sends nothing */
    struct tn_buffer json;
    size_t content_offset; /* of content's "{" in `json` */
    struct tn_json_writer writer;
    struct tn_buffer metadata;
};

/* A request that waits or is handled. */
struct bridge_request {
    struct bridge_request *next; /* behind it in the queue */
    struct tn_json *json;        /* owns what `request` points to */
    struct tn_buffer header;     /* as text, for parent_header */
    void *buffer_block;          /* copies of the binary buffers */
    bool is_aborted;             /* to be answered without its handler */
    struct tn_request request;
};

/* A request that is being handled.  There is more than one when a message of
 * the control channel arrives while a handler runs. */
struct bridge_scope {
    struct bridge_scope *outer;
    const struct bridge_request *request;
    enum tn_message_type reply; /* still to be given; else TN_MESSAGE_NONE */
    bool is_replied;
    const struct bridge_request *last_at_reply; /* in the queue, then */
};

struct tn_bridge {
    struct tn_bridge_config config;
    char session[OUTGOING_ID_SIZE + 1];
    unsigned char random[OUTGOING_RANDOM_SIZE];
    size_t random_left; /* at the end of `random`, not used yet */
    struct bridge_request *first; /* the queue */
    struct bridge_request *last;
    size_t queue_count;
    struct bridge_scope *scope;      /* innermost; NULL when idle */
    struct tn_buffer last_header;    /* of the last execute_request */
    struct bridge_outgoing outgoing; /* of the innermost scope */
    struct tn_buffer spare;          /* for the bridge's own messages */
};

/* bridge.c */

void bridge_free_request(struct bridge_request *request);

/* Puts a request at the end of the queue, which owns it then. */
void bridge_append(struct tn_bridge *bridge, struct bridge_request *request);

/* Handles a request, also while another one is being handled: status busy,
 * handler, reply, status idle.  The failure is that of tn_bridge_run. */
int bridge_handle(struct tn_bridge *bridge,
                  const struct bridge_request *request);

/* outgoing.c */

/* Writes a new id in hexadecimal, with a NUL. */
void outgoing_make_id(struct tn_bridge *bridge, char id[OUTGOING_ID_SIZE + 1]);

/* Sends a message whose content has one member: `key` is `value`.  Needs no
 * memory but what was reserved, unless `send` came back to the bridge. */
int outgoing_send_state(struct tn_bridge *bridge, enum tn_message_type type,
                        const char *key, const char *value);

/* Sends an error_reply; `parent` may be NULL, `about` (the request's type as
 * far as it is known) too.  Where the sentence has no room a shorter one is
 * sent, which needs no memory. */
int outgoing_send_error(struct tn_bridge *bridge,
                        const struct tn_buffer *parent, const char *about,
                        const char *ename, const char *evalue);

/* Puts away a message left open. */
void outgoing_clear(struct bridge_outgoing *outgoing);

#endif /* TN_BRIDGE_STATE_H */
