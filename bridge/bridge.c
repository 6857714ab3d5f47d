/* The bridge: its life, its queue, and the handling of a request.  How one
 * comes to be is receive.c's. */
#include "bridge.h"

#include <assert.h>
#include <stdio.h>

#include "alloc.h"
#include "bridge_state.h"

/* A sentence of a message's name and a few words. */
#define FAILURE_TEXT_CAPACITY 128

int
tn_bridge_new(struct tn_bridge **out, const struct tn_bridge_config *config)
{
    assert(config->send != NULL && config->random != NULL
           && config->wall_ms != NULL && config->handlers != NULL);
    *out = NULL;
    struct tn_bridge *bridge = tn_alloc_zeroed(1, sizeof(*bridge));
    if (bridge == NULL) {
        return TN_ERROR_MEMORY;
    }
    bridge->config = *config;
    outgoing_make_id(bridge, bridge->session);
    int status = tn_buffer_reserve(&bridge->spare, OUTGOING_SPARE_SIZE);
    if (status != TN_OK) {
        tn_bridge_free(bridge);
        return status;
    }
    *out = bridge;
    return TN_OK;
}

void
bridge_free_request(struct bridge_request *request)
{
    if (request != NULL) {
        tn_json_free(request->json);
        tn_buffer_clear(&request->header);
        tn_free(request->buffer_block);
        tn_free(request);
    }
}

void
bridge_append(struct tn_bridge *bridge, struct bridge_request *request)
{
    if (bridge->last == NULL) {
        bridge->first = request;
    }
    else {
        bridge->last->next = request;
    }
    bridge->last = request;
    bridge->queue_count++;
}

static struct bridge_request *
take_first(struct tn_bridge *bridge)
{
    struct bridge_request *request = bridge->first;
    if (request != NULL) {
        bridge->first = request->next;
        if (bridge->first == NULL) {
            bridge->last = NULL;
        }
        bridge->queue_count--;
        request->next = NULL;
    }
    return request;
}

void
tn_bridge_free(struct tn_bridge *bridge)
{
    if (bridge == NULL) {
        return;
    }
    assert(bridge->scope == NULL);
    tn_bridge_clear_queue(bridge);
    outgoing_clear(&bridge->outgoing);
    tn_buffer_clear(&bridge->last_header);
    tn_buffer_clear(&bridge->spare);
    tn_free(bridge);
}

void
tn_bridge_renew(struct tn_bridge *bridge)
{
    assert(bridge->scope == NULL);
    bridge->random_left = 0;
    outgoing_make_id(bridge, bridge->session);
    tn_buffer_clear(&bridge->last_header);
}

void
tn_bridge_trim(struct tn_bridge *bridge)
{
    tn_buffer_trim(&bridge->spare);
}

/* Answers for a handler that failed, or gave no reply. */
static int
answer_failure(struct tn_bridge *bridge, const struct bridge_request *request,
               int status)
{
    const char *name = tn_message_name(request->request.type);
    if (status == TN_ERROR_MEMORY) {
        return outgoing_send_error(bridge, &request->header, name,
                                   "OutOfMemory", "out of memory");
    }
    char text[FAILURE_TEXT_CAPACITY];
    if (status < 0) {
        (void)snprintf(text, sizeof(text), "%s: failed with status %d", name,
                       status);
    }
    else {
        (void)snprintf(text, sizeof(text), "%s: got no reply", name);
    }
    return outgoing_send_error(bridge, &request->header, name,
                               "HandlerFailed", text);
}

static int
call_handler(struct tn_bridge *bridge, const struct bridge_request *request)
{
    struct bridge_scope *scope = bridge->scope;
    int status = bridge->config.handlers[request->request.type](
        bridge->config.context, bridge, &request->request);
    assert(bridge->scope == scope);

    /* Left open by a handler that failed halfway. */
    outgoing_clear(&bridge->outgoing);
    bool is_owed = scope->reply != TN_MESSAGE_NONE;
    if (scope->is_replied || (status >= 0 && !is_owed)) {
        return TN_OK;
    }
    return answer_failure(bridge, request, status);
}

static int
first_failure(int status, int other)
{
    return status != TN_OK ? status : other;
}

int
bridge_handle(struct tn_bridge *bridge, const struct bridge_request *request)
{
    const struct tn_message_info *info =
        tn_message_describe(request->request.type);
    struct bridge_scope scope = {
        .outer = bridge->scope, .request = request, .reply = info->reply};
    struct bridge_outgoing outer_message = bridge->outgoing;
    bridge->scope = &scope;
    bridge->outgoing = (struct bridge_outgoing){0};

    /* As in Jupyter, where input_reply is of a channel without status. */
    bool has_status = info->direction != TN_DIRECTION_INPUT;
    int status = TN_OK;
    if (has_status) {
        status = outgoing_send_state(bridge, TN_MESSAGE_STATUS,
                                     "execution_state", "busy");
    }
    int handled = request->is_aborted
                      ? outgoing_send_state(bridge, info->reply, "status",
                                            "aborted")
                      : call_handler(bridge, request);
    status = first_failure(status, handled);
    if (has_status) {
        status = first_failure(
            status, outgoing_send_state(bridge, TN_MESSAGE_STATUS,
                                        "execution_state", "idle"));
    }
    bridge->scope = scope.outer;
    bridge->outgoing = outer_message;
    return status;
}

/* Handles what is first in the queue, which is not empty. */
static int
handle_first(struct tn_bridge *bridge)
{
    struct bridge_request *request = take_first(bridge);
    int status = bridge_handle(bridge, request);

    if (request->request.type == TN_MESSAGE_EXECUTE_REQUEST) {
        tn_buffer_clear(&bridge->last_header);
        bridge->last_header = request->header;
        request->header = (struct tn_buffer){0};
    }
    bridge_free_request(request);
    return status;
}

int
tn_bridge_run(struct tn_bridge *bridge)
{
    int status = TN_OK;

    while (bridge->scope == NULL && bridge->first != NULL) {
        status = first_failure(status, handle_first(bridge));
    }
    return status;
}

int
tn_bridge_run_cell(struct tn_bridge *bridge)
{
    int status = TN_OK;
    bool is_first = true;

    while (bridge->scope == NULL && bridge->first != NULL) {
        const struct bridge_request *next = bridge->first;
        bool is_cell = next->request.type == TN_MESSAGE_EXECUTE_REQUEST;

        if (is_cell && !next->is_aborted && !is_first) {
            return status != TN_OK ? status : TN_BRIDGE_MORE;
        }
        status = first_failure(status, handle_first(bridge));
        is_first = false;
    }
    return status;
}

void
tn_bridge_clear_queue(struct tn_bridge *bridge)
{
    struct bridge_request *request;

    /* The other life may have used them. */
    bridge->random_left = 0;
    while ((request = take_first(bridge)) != NULL) {
        bridge_free_request(request);
    }
}

void
tn_bridge_abort_queue(struct tn_bridge *bridge)
{
    /* Who has seen the reply, which told of the failure, sends knowingly. */
    const struct bridge_scope *scope = bridge->scope;
    const struct bridge_request *last =
        scope != NULL && scope->is_replied ? scope->last_at_reply
                                           : bridge->last;
    if (last == NULL) {
        return;
    }
    for (struct bridge_request *request = bridge->first; request != NULL;
         request = request == last ? NULL : request->next) {
        if (request->request.type == TN_MESSAGE_EXECUTE_REQUEST) {
            request->is_aborted = true;
        }
    }
}

void
tn_bridge_stop_next(struct tn_bridge *bridge)
{
    for (struct bridge_request *request = bridge->first; request != NULL;
         request = request->next) {
        if (request->request.type == TN_MESSAGE_EXECUTE_REQUEST
            && !request->is_aborted) {
            request->request.is_stopped = true;
            return;
        }
    }
}

bool
tn_bridge_is_running(const struct tn_bridge *bridge)
{
    return bridge->scope != NULL;
}

size_t
tn_bridge_queue_count(const struct tn_bridge *bridge)
{
    return bridge->queue_count;
}
