/* Messages on their way out: ids, dates, the envelope, begin and end.
 *
 * The envelope's members stand in the order header, parent_header, content,
 * metadata, because content is written in place and metadata may be known
 * after it.
 */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#ifndef NDEBUG
#include <stdio.h>
#endif
#include <string.h>

#include "bridge_state.h"

/* Room for a small message, so that its buffer need not grow. */
#define OUTGOING_FIRST_SIZE ((size_t)1024)

static void
draw(struct tn_bridge *bridge, unsigned char *out, size_t size)
{
    if (bridge->random_left < size) {
        bridge->config.random(bridge->config.context, bridge->random,
                              OUTGOING_RANDOM_SIZE);
        bridge->random_left = OUTGOING_RANDOM_SIZE;
    }
    size_t start = OUTGOING_RANDOM_SIZE - bridge->random_left;
    memcpy(out, bridge->random + start, size);
    bridge->random_left -= size;
}

void
outgoing_make_id(struct tn_bridge *bridge, char id[OUTGOING_ID_SIZE + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[OUTGOING_ID_SIZE / 2];
    draw(bridge, bytes, sizeof(bytes));
    /* RFC 9562: version 4, variant 10. */
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        id[2 * i] = digits[bytes[i] >> 4];
        id[2 * i + 1] = digits[bytes[i] & 15];
    }
    id[OUTGOING_ID_SIZE] = '\0';
}

/* Gives the date of a day counted from 1970-01-01.  Years start in March
 * here, so that the leap day is the last one; an era is 400 of them. */
static void
split_days(int64_t days, int *year, int *month, int *day)
{
    days += 719468; /* from 0000-03-01 */
    int64_t era = days / 146097;
    int64_t day_of_era = days % 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460
                           + day_of_era / 36524 - day_of_era / 146096)
                          / 365;
    int64_t day_of_year =
        day_of_era
        - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (int)(month_from_march < 10 ? month_from_march + 3
                                         : month_from_march - 9);
    *year = (int)(era * 400 + year_of_era + (*month <= 2 ? 1 : 0));
}

/* Writes `number` in `count` digits to `out`; gives what follows them. */
static char *
put_digits(char *out, int number, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return out + count;
}

/* The same, with a sign before it. */
static char *
put_part(char *out, char sign, int number, int count)
{
    *out = sign;
    return put_digits(out + 1, number, count);
}

/* ISO 8601 in UTC, to the millisecond. */
static void
write_date(struct tn_json_writer *writer, double wall_ms)
{
    static const double last_ms = 253402300799999.0; /* of the year 9999 */
    /* This form also takes a clock that answers NaN. */
    int64_t time_ms = wall_ms >= 0 ? (int64_t)fmin(wall_ms, last_ms) : 0;
    int time_of_day_ms = (int)(time_ms % 86400000);
    int year, month, day;
    split_days(time_ms / 86400000, &year, &month, &day);

    char text[sizeof("2000-01-01T00:00:00.000Z")];
    char *end = put_digits(text, year, 4);
    end = put_part(end, '-', month, 2);
    end = put_part(end, '-', day, 2);
    end = put_part(end, 'T', time_of_day_ms / 3600000, 2);
    end = put_part(end, ':', time_of_day_ms / 60000 % 60, 2);
    end = put_part(end, ':', time_of_day_ms / 1000 % 60, 2);
    end = put_part(end, '.', time_of_day_ms % 1000, 3);
    *end++ = 'Z';
    tn_json_write_string(writer, text, (size_t)(end - text));
}

static void
write_header(struct tn_bridge *bridge, struct tn_json_writer *writer,
             enum tn_message_type type)
{
    char id[OUTGOING_ID_SIZE + 1];
    outgoing_make_id(bridge, id);
    tn_json_begin_object(writer);
    tn_json_key(writer, "msg_id");
    tn_json_write_text(writer, id);
    tn_json_key(writer, "session");
    tn_json_write_text(writer, bridge->session);
    tn_json_key(writer, "username");
    tn_json_write_text(writer, "kernel");
    tn_json_key(writer, "date");
    write_date(writer, bridge->config.wall_ms(bridge->config.context));
    tn_json_key(writer, "msg_type");
    tn_json_write_text(writer, tn_message_name(type));
    tn_json_key(writer, "version");
    tn_json_write_text(writer, TN_MESSAGES_VERSION);
    tn_json_end_object(writer);
}

/* Writes all that comes before content's members, and tells where content
 * starts. */
static size_t
open_envelope(struct tn_bridge *bridge, struct tn_json_writer *writer,
              struct tn_buffer *json, enum tn_message_type type,
              const struct tn_buffer *parent)
{
    tn_json_writer_init(writer, json);
    tn_json_begin_object(writer);
    tn_json_key(writer, "header");
    write_header(bridge, writer, type);
    tn_json_key(writer, "parent_header");
    if (parent != NULL && parent->size != 0) {
        tn_json_write_raw(writer, parent->data, parent->size);
    }
    else {
        tn_json_write_raw(writer, "{}", 2);
    }
    tn_json_key(writer, "content");
    size_t content_offset = json->size;
    tn_json_begin_object(writer);
    return content_offset;
}

static int
close_envelope(struct tn_json_writer *writer, const struct tn_buffer *metadata)
{
    tn_json_end_object(writer);
    tn_json_key(writer, "metadata");
    if (metadata != NULL && metadata->size != 0) {
        tn_json_write_raw(writer, metadata->data, metadata->size);
    }
    else {
        tn_json_write_raw(writer, "{}", 2);
    }
    tn_json_end_object(writer);
    assert(writer->depth == 0);
    return writer->out->error;
}

static const struct tn_buffer *
current_parent(const struct tn_bridge *bridge)
{
    return bridge->scope != NULL ? &bridge->scope->request->header
                                 : &bridge->last_header;
}

/* The spare buffer is taken out of the bridge while it is in use: `send` may
 * come back with a message of the control channel, which is answered with
 * another. */
static struct tn_buffer
borrow_spare(struct tn_bridge *bridge)
{
    struct tn_buffer spare = bridge->spare;
    bridge->spare = (struct tn_buffer){0};
    return spare;
}

static void
return_spare(struct tn_bridge *bridge, struct tn_buffer *spare)
{
    tn_buffer_clear(&bridge->spare);
    tn_buffer_reset(spare);
    bridge->spare = *spare;
}

static void
deliver(struct tn_bridge *bridge, const struct tn_buffer *json,
        const struct tn_bytes *buffers, size_t buffer_count)
{
    bridge->config.send(bridge->config.context, json->data, json->size,
                        buffers, buffer_count);
}

int
outgoing_send_state(struct tn_bridge *bridge, enum tn_message_type type,
                    const char *key, const char *value)
{
    struct tn_json_writer writer;
    struct tn_buffer json = borrow_spare(bridge);
    (void)open_envelope(bridge, &writer, &json, type, current_parent(bridge));
    tn_json_key(&writer, key);
    tn_json_write_text(&writer, value);
    int status = close_envelope(&writer, NULL);
    if (status == TN_OK) {
        deliver(bridge, &json, NULL, 0);
    }
    return_spare(bridge, &json);
    return status;
}

static int
compose_error(struct tn_bridge *bridge, struct tn_buffer *json,
              const struct tn_buffer *parent, const char *about,
              const char *ename, const char *evalue)
{
    struct tn_json_writer writer;
    (void)open_envelope(bridge, &writer, json, TN_MESSAGE_ERROR_REPLY, parent);
    tn_json_key(&writer, "status");
    tn_json_write_text(&writer, "error");
    tn_json_key(&writer, "ename");
    tn_json_write_text(&writer, ename);
    tn_json_key(&writer, "evalue");
    tn_json_write_text(&writer, evalue);
    if (about != NULL) {
        tn_json_key(&writer, "message_type");
        tn_json_write_text(&writer, about);
    }
    return close_envelope(&writer, NULL);
}

int
outgoing_send_error(struct tn_bridge *bridge, const struct tn_buffer *parent,
                    const char *about, const char *ename, const char *evalue)
{
    struct tn_buffer json = borrow_spare(bridge);
    int status = compose_error(bridge, &json, parent, about, ename, evalue);
    if (status != TN_OK) {
        tn_buffer_reset(&json);
        status = compose_error(bridge, &json, parent, NULL, "OutOfMemory",
                               "out of memory");
    }
    if (status == TN_OK) {
        deliver(bridge, &json, NULL, 0);
    }
    return_spare(bridge, &json);
    return status;
}

void
outgoing_clear(struct bridge_outgoing *outgoing)
{
    tn_buffer_clear(&outgoing->json);
    tn_buffer_clear(&outgoing->metadata);
    *outgoing = (struct bridge_outgoing){0};
}

static bool
is_reply(enum tn_message_type type)
{
    return tn_message_describe(type)->direction == TN_DIRECTION_REPLY;
}

/* A reply is in its place once, for the request that is being handled. */
static bool
is_in_place(const struct tn_bridge *bridge, enum tn_message_type type)
{
    const struct bridge_scope *scope = bridge->scope;
    if (!is_reply(type)) {
        return true;
    }
    return scope != NULL && !scope->is_replied
           && scope->reply != TN_MESSAGE_NONE
           && (type == scope->reply || type == TN_MESSAGE_ERROR_REPLY);
}

struct tn_json_writer *
tn_bridge_begin(struct tn_bridge *bridge, enum tn_message_type type)
{
    struct bridge_outgoing *outgoing = &bridge->outgoing;
    assert(!outgoing->is_open);
    outgoing->type = type;
    outgoing->is_open = true;
    outgoing->is_refused = !is_in_place(bridge, type);
    (void)tn_buffer_reserve(&outgoing->json, OUTGOING_FIRST_SIZE);
    outgoing->content_offset =
        open_envelope(bridge, &outgoing->writer, &outgoing->json, type,
                      current_parent(bridge));
    return &outgoing->writer;
}

void
tn_bridge_set_metadata(struct tn_bridge *bridge, const char *json, size_t size)
{
    assert(bridge->outgoing.is_open && bridge->outgoing.metadata.size == 0);
    (void)tn_buffer_append(&bridge->outgoing.metadata, json, size);
}

#ifndef NDEBUG
/* What the kernel writes wrongly is a bug, and asserted. */
static void
check_outgoing(const struct bridge_outgoing *outgoing, size_t content_end)
{
    struct tn_json_error error = {0};
    struct tn_buffer reason = {0};
    struct tn_json *content = NULL;
    int status = tn_json_parse(
        &content, outgoing->json.data + outgoing->content_offset,
        content_end - outgoing->content_offset, &error);
    if (status == TN_OK) {
        status = tn_message_check(outgoing->type, tn_json_root(content),
                                  &reason);
    }
    else if (status != TN_ERROR_MEMORY) {
        (void)tn_buffer_append_format(&reason, "%s: content: %s",
                                      tn_message_name(outgoing->type),
                                      error.reason);
    }
    if (status != TN_OK && status != TN_ERROR_MEMORY) {
        fprintf(stderr, "outgoing message: %s\n", reason.data);
    }
    assert(status == TN_OK || status == TN_ERROR_MEMORY);
    tn_json_free(content);
    tn_buffer_clear(&reason);
}
#endif

/* After content's members: whether the message is whole and to be sent. */
static int
finish_message(struct bridge_outgoing *outgoing)
{
    assert(outgoing->writer.depth == 2);
    size_t content_end = outgoing->json.size + 1;
    int status = close_envelope(&outgoing->writer, &outgoing->metadata);
    if (status == TN_OK) {
        status = outgoing->metadata.error;
    }
#ifndef NDEBUG
    if (status == TN_OK) {
        check_outgoing(outgoing, content_end);
    }
#else
    (void)content_end;
#endif
    return status == TN_OK && outgoing->is_refused ? TN_ERROR_STATE : status;
}

int
tn_bridge_end(struct tn_bridge *bridge, const struct tn_bytes *buffers,
              size_t buffer_count)
{
    assert(bridge->outgoing.is_open);
    int status = finish_message(&bridge->outgoing);

    /* Out of the bridge before `send`, for it may come back. */
    struct bridge_outgoing message = bridge->outgoing;
    bridge->outgoing = (struct bridge_outgoing){0};
    if (status == TN_OK) {
        if (is_reply(message.type)) {
            bridge->scope->is_replied = true;
            bridge->scope->last_at_reply = bridge->last;
        }
        deliver(bridge, &message.json, buffers, buffer_count);
    }
    outgoing_clear(&message);
    return status;
}
