/* The message table: messages.def as C.
 *
 * Read-only data and the check of a content against it; what is done with a
 * message is bridge.h's.
 */
#ifndef TN_MESSAGES_H
#define TN_MESSAGES_H

#include <stddef.h>

/* The version of the Jupyter messaging protocol that is spoken. */
#define TN_MESSAGES_VERSION "5.3"

enum tn_message_type {
    TN_MESSAGE_NONE = -1,
#define TN_MESSAGE(id, name, direction, reply) TN_MESSAGE_##id,
#define TN_FIELD(key, kind, need)
#define TN_CHOICE(key, choices, need)
#define TN_MESSAGE_END
#include "messages.def"
#undef TN_MESSAGE
#undef TN_FIELD
#undef TN_CHOICE
#undef TN_MESSAGE_END
    TN_MESSAGE_COUNT,
};

/* The words of messages.def, explained there. */
enum tn_message_direction {
    TN_DIRECTION_REQUEST,
    TN_DIRECTION_CONTROL,
    TN_DIRECTION_INPUT,
    TN_DIRECTION_COMM,
    TN_DIRECTION_REPLY,
    TN_DIRECTION_EVENT,
};

enum tn_field_kind {
    TN_FIELD_STRING,
    TN_FIELD_BOOL,
    TN_FIELD_INT,
    TN_FIELD_NUMBER,
    TN_FIELD_OBJECT,
    TN_FIELD_ARRAY,
    TN_FIELD_STRINGS,
    TN_FIELD_BUNDLE,
    TN_FIELD_ANY,
    TN_FIELD_CHOICE,
};

enum tn_field_need {
    TN_NEED_REQUIRED,
    TN_NEED_OPTIONAL,
    TN_NEED_OK,
    TN_NEED_ERROR,
};

struct tn_message_field {
    const char *key; /* NULL ends a list of fields */
    enum tn_field_kind kind;
    enum tn_field_need need;
    const char *choices; /* "a|b|c" of TN_FIELD_CHOICE, else NULL */
};

struct tn_message_info {
    const char *name;
    enum tn_message_direction direction;
    enum tn_message_type reply; /* TN_MESSAGE_NONE where there is none */
    const struct tn_message_field *fields;
};

/* `type` must be one of the table. */
const struct tn_message_info *tn_message_describe(enum tn_message_type type);
const char *tn_message_name(enum tn_message_type type);

/* TN_MESSAGE_NONE when no message has this name of `size` bytes. */
enum tn_message_type tn_message_find(const char *name, size_t size);

struct tn_buffer;
struct tn_json_value;

/* Checks `content` (NULL: it is missing) against the table: TN_OK, or
 * TN_ERROR_INVALID with a sentence that names the message and the member
 * appended to `reason`, or TN_ERROR_MEMORY when the sentence had no room. */
int tn_message_check(enum tn_message_type type,
                     const struct tn_json_value *content,
                     struct tn_buffer *reason);

#endif /* TN_MESSAGES_H */
