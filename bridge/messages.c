/* The message table and the check of a content against it. */
#include "messages.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "buffer.h"
#include "json.h"
#include "status.h"

/* Beyond it a double no longer tells neighbouring whole numbers apart. */
#define LARGEST_WHOLE 9007199254740992.0

#define TN_MESSAGE(id, name, direction, reply)                                \
    [TN_MESSAGE_##id] = {name, TN_DIRECTION_##direction, TN_MESSAGE_##reply,  \
                         (const struct tn_message_field[]){
#define TN_FIELD(key, kind, need)                                             \
    {key, TN_FIELD_##kind, TN_NEED_##need, NULL},
#define TN_CHOICE(key, choices, need)                                         \
    {key, TN_FIELD_CHOICE, TN_NEED_##need, choices},
#define TN_MESSAGE_END {NULL, TN_FIELD_ANY, TN_NEED_OPTIONAL, NULL}}},
static const struct tn_message_info messages[TN_MESSAGE_COUNT] = {
#include "messages.def"
};
#undef TN_MESSAGE
#undef TN_FIELD
#undef TN_CHOICE
#undef TN_MESSAGE_END

const struct tn_message_info *
tn_message_describe(enum tn_message_type type)
{
    assert(type > TN_MESSAGE_NONE && type < TN_MESSAGE_COUNT);
    return &messages[type];
}

const char *
tn_message_name(enum tn_message_type type)
{
    return tn_message_describe(type)->name;
}

static bool
is_text(const char *text, size_t size, const char *expected)
{
    return strlen(expected) == size && memcmp(text, expected, size) == 0;
}

enum tn_message_type
tn_message_find(const char *name, size_t size)
{
    for (int i = 0; i < TN_MESSAGE_COUNT; i++) {
        if (is_text(name, size, messages[i].name)) {
            return (enum tn_message_type)i;
        }
    }
    return TN_MESSAGE_NONE;
}

/* Goes through "a|b|c"; *choices is NULL after the last one. */
static size_t
next_choice(const char **choices, const char **choice)
{
    *choice = *choices;
    size_t size = strcspn(*choices, "|");
    *choices = (*choices)[size] == '|' ? *choices + size + 1 : NULL;
    return size;
}

static bool
is_choice(const struct tn_json_value *value, const char *choices)
{
    size_t size;
    const char *text = tn_json_string(value, &size);
    while (text != NULL && choices != NULL) {
        const char *choice;
        size_t choice_size = next_choice(&choices, &choice);
        if (size == choice_size && memcmp(text, choice, size) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_strings(const struct tn_json_value *value)
{
    if (tn_json_kind_of(value) != TN_JSON_ARRAY) {
        return false;
    }
    for (value = tn_json_first(value); value != NULL;
         value = tn_json_next(value)) {
        if (tn_json_kind_of(value) != TN_JSON_STRING) {
            return false;
        }
    }
    return true;
}

static bool
is_whole(const struct tn_json_value *value)
{
    double number = tn_json_number(value, 0.5);
    return number == floor(number) && fabs(number) <= LARGEST_WHOLE;
}

static bool
field_fits(const struct tn_message_field *field,
           const struct tn_json_value *value)
{
    enum tn_json_kind kind = tn_json_kind_of(value);
    switch (field->kind) {
    case TN_FIELD_STRING:
        return kind == TN_JSON_STRING;
    case TN_FIELD_BOOL:
        return kind == TN_JSON_BOOL;
    case TN_FIELD_INT:
        return is_whole(value);
    case TN_FIELD_NUMBER:
        return kind == TN_JSON_NUMBER;
    case TN_FIELD_OBJECT:
    case TN_FIELD_BUNDLE:
        return kind == TN_JSON_OBJECT;
    case TN_FIELD_ARRAY:
        return kind == TN_JSON_ARRAY;
    case TN_FIELD_STRINGS:
        return is_strings(value);
    case TN_FIELD_ANY:
        return true;
    case TN_FIELD_CHOICE:
        return is_choice(value, field->choices);
    }
    return false;
}

static void
describe_kind(const struct tn_message_field *field, struct tn_buffer *reason)
{
    static const char *const texts[] = {
        [TN_FIELD_STRING] = "a string",
        [TN_FIELD_BOOL] = "true or false",
        [TN_FIELD_INT] = "a whole number",
        [TN_FIELD_NUMBER] = "a number",
        [TN_FIELD_OBJECT] = "an object",
        [TN_FIELD_ARRAY] = "an array",
        [TN_FIELD_STRINGS] = "an array of strings",
        [TN_FIELD_BUNDLE] = "a mime bundle (an object)",
        [TN_FIELD_ANY] = "a value",
    };
    if (field->kind != TN_FIELD_CHOICE) {
        (void)tn_buffer_append_text(reason, texts[field->kind]);
        return;
    }
    const char *choices = field->choices;
    while (choices != NULL) {
        const char *choice;
        bool is_first = choices == field->choices;
        size_t size = next_choice(&choices, &choice);
        (void)tn_buffer_append_text(reason, is_first          ? "\""
                                            : choices == NULL ? "\" or \""
                                                              : "\", \"");
        (void)tn_buffer_append(reason, choice, size);
    }
    (void)tn_buffer_append_char(reason, '"');
}

static bool
is_needed(const struct tn_message_field *field,
          const struct tn_json_value *status)
{
    switch (field->need) {
    case TN_NEED_REQUIRED:
        return true;
    case TN_NEED_OPTIONAL:
        return false;
    case TN_NEED_OK:
        return is_choice(status, "ok");
    case TN_NEED_ERROR:
        return is_choice(status, "error");
    }
    return false;
}

static int
refuse_field(const char *name, const struct tn_message_field *field,
             bool is_missing, struct tn_buffer *reason)
{
    (void)tn_buffer_append_format(reason, "%s: content.%s %s", name,
                                  field->key,
                                  is_missing ? "is missing, it must be "
                                             : "must be ");
    describe_kind(field, reason);
    return reason->error == TN_OK ? TN_ERROR_INVALID : reason->error;
}

int
tn_message_check(enum tn_message_type type,
                 const struct tn_json_value *content, struct tn_buffer *reason)
{
    const struct tn_message_info *info = tn_message_describe(type);
    if (tn_json_kind_of(content) != TN_JSON_OBJECT) {
        int status = tn_buffer_append_format(
            reason, "%s: content must be an object", info->name);
        return status == TN_OK ? TN_ERROR_INVALID : status;
    }
    const struct tn_json_value *status = tn_json_get(content, "status");
    for (const struct tn_message_field *field = info->fields;
         field->key != NULL; field++) {
        const struct tn_json_value *value = tn_json_get(content, field->key);
        if (value == NULL ? is_needed(field, status)
                          : !field_fits(field, value)) {
            return refuse_field(info->name, field, value == NULL, reason);
        }
    }
    return TN_OK;
}
