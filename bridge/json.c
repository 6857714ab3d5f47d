/* Reading JSON: json.h over cJSON, which no other file knows.
 *
 * json_check() has seen the text before cJSON does, so that a failure of cJSON
 * can only be want of memory.  A value is a cJSON item; of a string's, the
 * unused `valuedouble` holds the size, because cJSON keeps none.
 */
#include "json.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "alloc.h"
#include "buffer.h"
#include "json_check.h"
#include "json_write.h"
#include "status.h"

struct tn_json {
    cJSON *root;
};

static const cJSON *
item_of(const struct tn_json_value *value)
{
    return (const cJSON *)value;
}

static const struct tn_json_value *
value_of(const cJSON *item)
{
    return (const struct tn_json_value *)item;
}

/* Puts NUL bytes back, in place, and returns the size. */
static size_t
restore_nuls(char *text)
{
    size_t size = 0;
    for (const char *next = text; *next != '\0'; next++) {
        if (strncmp(next, JSON_CHECK_NUL, 2) == 0) {
            text[size++] = '\0';
            next++;
        }
        else {
            text[size++] = *next;
        }
    }
    text[size] = '\0';
    return size;
}

/* Gives every string of the tree its size.  The recursion is as deep as the
 * tree, and that is limited. */
static void
measure_strings(cJSON *item)
{
    for (; item != NULL; item = item->next) {
        if (cJSON_IsString(item)) {
            item->valuedouble = (double)restore_nuls(item->valuestring);
        }
        measure_strings(item->child);
    }
}

int
tn_json_parse(struct tn_json **out, const char *text, size_t size,
              struct tn_json_error *error)
{
    struct tn_json_error ignored;
    struct tn_buffer rewritten = {0};
    struct tn_json *json = NULL;
    if (error == NULL) {
        error = &ignored;
    }
    *out = NULL;

    int status = json_check(text, size, &rewritten, error);
    if (status != TN_OK) {
        goto done;
    }
    if (rewritten.size != 0) {
        text = rewritten.data;
        size = rewritten.size;
    }
    json = tn_alloc_zeroed(1, sizeof(*json));
    if (json != NULL) {
        /* The hooks are cJSON's one global; it always gets the same ones. */
        cJSON_Hooks hooks = {.malloc_fn = tn_alloc, .free_fn = tn_free};
        cJSON_InitHooks(&hooks);
        json->root = cJSON_ParseWithLengthOpts(text, size, NULL, 0);
    }
    if (json == NULL || json->root == NULL) {
        *error = (struct tn_json_error){0, "out of memory"};
        status = TN_ERROR_MEMORY;
        goto done;
    }
    measure_strings(json->root);
    *out = json;
    json = NULL;
done:
    tn_free(json);
    tn_buffer_clear(&rewritten);
    return status;
}

void
tn_json_free(struct tn_json *json)
{
    if (json != NULL) {
        cJSON_Delete(json->root);
        tn_free(json);
    }
}

const struct tn_json_value *
tn_json_root(const struct tn_json *json)
{
    return value_of(json->root);
}

enum tn_json_kind
tn_json_kind_of(const struct tn_json_value *value)
{
    const cJSON *item = item_of(value);
    if (cJSON_IsBool(item)) {
        return TN_JSON_BOOL;
    }
    if (cJSON_IsNumber(item)) {
        return TN_JSON_NUMBER;
    }
    if (cJSON_IsString(item)) {
        return TN_JSON_STRING;
    }
    if (cJSON_IsArray(item)) {
        return TN_JSON_ARRAY;
    }
    return cJSON_IsObject(item) ? TN_JSON_OBJECT : TN_JSON_NULL;
}

const struct tn_json_value *
tn_json_get(const struct tn_json_value *object, const char *key)
{
    /* cJSON would look through an array's items too. */
    return cJSON_IsObject(item_of(object))
               ? value_of(
                     cJSON_GetObjectItemCaseSensitive(item_of(object), key))
               : NULL;
}

const struct tn_json_value *
tn_json_first(const struct tn_json_value *value)
{
    return value != NULL ? value_of(item_of(value)->child) : NULL;
}

const struct tn_json_value *
tn_json_next(const struct tn_json_value *value)
{
    return value != NULL ? value_of(item_of(value)->next) : NULL;
}

size_t
tn_json_count(const struct tn_json_value *value)
{
    size_t count = 0;
    for (value = tn_json_first(value); value != NULL;
         value = tn_json_next(value)) {
        count++;
    }
    return count;
}

const char *
tn_json_key_of(const struct tn_json_value *member)
{
    const cJSON *item = item_of(member);
    return item != NULL && item->string != NULL ? item->string : "";
}

bool
tn_json_is_true(const struct tn_json_value *value)
{
    return cJSON_IsTrue(item_of(value));
}

double
tn_json_number(const struct tn_json_value *value, double fallback)
{
    const cJSON *item = item_of(value);
    return cJSON_IsNumber(item) ? item->valuedouble : fallback;
}

const char *
tn_json_string(const struct tn_json_value *value, size_t *size)
{
    const cJSON *item = item_of(value);
    if (!cJSON_IsString(item)) {
        if (size != NULL) {
            *size = 0;
        }
        return NULL;
    }
    if (size != NULL) {
        *size = (size_t)item->valuedouble;
    }
    return item->valuestring;
}

/* A key keeps JSON_CHECK_NUL in it, so it is put back here. */
static void
print_key(struct tn_json_writer *writer, const char *key)
{
    if (strstr(key, JSON_CHECK_NUL) == NULL) {
        tn_json_key(writer, key);
        return;
    }
    char *copy = tn_copy_text(key, strlen(key));
    if (copy == NULL) {
        writer->out->error = TN_ERROR_MEMORY;
        return;
    }
    tn_json_key_sized(writer, copy, restore_nuls(copy));
    tn_free(copy);
}

static void
print_number(struct tn_json_writer *writer, double number)
{
    if (isinf(number)) {
        /* What was read was such a number too. */
        const char *text = number < 0 ? "-1e999" : "1e999";
        tn_json_write_raw(writer, text, strlen(text));
        return;
    }
    tn_json_write_double(writer, number);
}

static void print_value(struct tn_json_writer *writer, const cJSON *item);

static void
print_items(struct tn_json_writer *writer, const cJSON *item)
{
    bool is_object = cJSON_IsObject(item);
    if (is_object) {
        tn_json_begin_object(writer);
    }
    else {
        tn_json_begin_array(writer);
    }
    for (const cJSON *child = item->child;
         child != NULL && writer->out->error == TN_OK; child = child->next) {
        if (is_object) {
            print_key(writer, child->string);
        }
        print_value(writer, child);
    }
    if (is_object) {
        tn_json_end_object(writer);
    }
    else {
        tn_json_end_array(writer);
    }
}

static void
print_value(struct tn_json_writer *writer, const cJSON *item)
{
    switch (tn_json_kind_of(value_of(item))) {
    case TN_JSON_NULL:
        tn_json_write_null(writer);
        break;
    case TN_JSON_BOOL:
        tn_json_write_bool(writer, cJSON_IsTrue(item));
        break;
    case TN_JSON_NUMBER:
        print_number(writer, item->valuedouble);
        break;
    case TN_JSON_STRING:
        tn_json_write_string(writer, item->valuestring,
                             (size_t)item->valuedouble);
        break;
    case TN_JSON_ARRAY:
    case TN_JSON_OBJECT:
        print_items(writer, item);
        break;
    }
}

int
tn_json_print(const struct tn_json_value *value, struct tn_buffer *out)
{
    assert(value != NULL);
    struct tn_json_writer writer;
    tn_json_writer_init(&writer, out);
    print_value(&writer, item_of(value));
    return out->error;
}

const char *
tn_json_text_of(const struct tn_json_value *object, const char *key)
{
    const char *text = tn_json_string(tn_json_get(object, key), NULL);
    return text != NULL ? text : "";
}
