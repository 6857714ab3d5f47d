/* Prints messages.def in another language, to standard output:
 *
 *     gen_messages typescript    plugin/src/messages.ts
 *     gen_messages json          the table, for tests/golden/run.mjs
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "json_write.h"
#include "messages.h"
#include "status.h"

/* By enum tn_message_direction. */
static const char *const direction_names[] = {
    "request", "control", "input", "comm", "reply", "event",
};

/* By enum tn_field_kind; a choice is its own type. */
static const struct {
    const char *name;
    const char *typescript;
} kinds[] = {
    {"string", "string"},
    {"bool", "boolean"},
    {"int", "number"},
    {"number", "number"},
    {"object", "JsonObject"},
    {"array", "JsonValue[]"},
    {"strings", "string[]"},
    {"bundle", "MimeBundle"},
    {"any", "JsonValue"},
    {"choice", NULL},
};

/* By enum tn_field_need. */
static const char *const need_names[] = {
    "required", "optional", "ok", "error",
};

static const char typescript_head[] =
    "// The messages between page and kernel.  Made from bridge/messages.def\n"
    "// by bridge/gen_messages.c; tests/golden/current.mjs sees that it is\n"
    "// current.\n"
    "\n"
    "export type JsonValue =\n"
    "  | null\n"
    "  | boolean\n"
    "  | number\n"
    "  | string\n"
    "  | JsonValue[]\n"
    "  | JsonObject;\n"
    "\n"
    "export interface JsonObject {\n"
    "  [key: string]: JsonValue;\n"
    "}\n"
    "\n"
    "/** Representations of one value, by mime type. */\n"
    "export type MimeBundle = JsonObject;\n"
    "\n"
    "export interface MessageHeader {\n"
    "  msg_id: string;\n"
    "  msg_type: MessageType;\n"
    "  session?: string;\n"
    "  username?: string;\n"
    "  date?: string;\n"
    "  version?: string;\n"
    "}\n"
    "\n"
    "export interface Message<T extends MessageType = MessageType> {\n"
    "  header: MessageHeader & { msg_type: T };\n"
    "  /** Empty where a message answers to none. */\n"
    "  parent_header: Partial<MessageHeader>;\n"
    "  metadata: JsonObject;\n"
    "  content: MessageContents[T];\n"
    "  buffers?: Uint8Array[];\n"
    "}\n"
    "\n"
    "/** The answer to a request of type T. */\n"
    "export type ReplyMessage<T extends keyof MessageReplies> =\n"
    "  | Message<MessageReplies[T]>\n"
    "  | Message<'error_reply'>;\n";

static const char typescript_foot[] =
    "\n"
    "/** Tells the type of a message to the compiler. */\n"
    "export function isMessage<T extends MessageType>(\n"
    "  message: Message,\n"
    "  type: T,\n"
    "): message is Message<T> {\n"
    "  return message.header.msg_type === type;\n"
    "}\n";

/* execute_request -> ExecuteRequestContent */
static void
print_type_name(const char *name)
{
    bool starts_word = true;
    for (; *name != '\0'; name++) {
        if (*name == '_') {
            starts_word = true;
        }
        else {
            /* The names are ASCII and lower case. */
            putchar(starts_word ? *name - 'a' + 'A' : *name);
            starts_word = false;
        }
    }
    fputs("Content", stdout);
}

/* `status` is put in place of the choices where it is not NULL. */
static void
print_member(const struct tn_message_field *field, bool is_optional,
             const char *status, const char *indent)
{
    printf("%s%s%s: ", indent, field->key, is_optional ? "?" : "");
    if (field->kind != TN_FIELD_CHOICE) {
        printf("%s;\n", kinds[field->kind].typescript);
        return;
    }
    putchar('\'');
    for (const char *next = status != NULL ? status : field->choices;
         *next != '\0'; next++) {
        if (*next == '|') {
            fputs("' | '", stdout);
        }
        else {
            putchar(*next);
        }
    }
    fputs("';\n", stdout);
}

static bool
depends_on_status(const struct tn_message_info *info)
{
    for (const struct tn_message_field *field = info->fields;
         field->key != NULL; field++) {
        if (field->need == TN_NEED_OK || field->need == TN_NEED_ERROR) {
            return true;
        }
    }
    return false;
}

/* The members that a content of this status has. */
static void
print_variant(const struct tn_message_info *info, const char *status)
{
    printf("  | {\n");
    for (const struct tn_message_field *field = info->fields;
         field->key != NULL; field++) {
        bool is_status = strcmp(field->key, "status") == 0;
        bool is_other = field->need != TN_NEED_REQUIRED
                        && field->need != TN_NEED_OPTIONAL
                        && strcmp(need_names[field->need], status) != 0;
        if (!is_other) {
            print_member(field, field->need == TN_NEED_OPTIONAL,
                         is_status ? status : NULL, "      ");
        }
    }
    printf("    }");
}

static void
print_content(const struct tn_message_info *info)
{
    printf("\nexport ");
    if (depends_on_status(info)) {
        printf("type ");
        print_type_name(info->name);
        printf(" =\n");
        print_variant(info, "ok");
        printf("\n");
        print_variant(info, "error");
        printf("\n");
        print_variant(info, "aborted");
        printf(";\n");
        return;
    }
    if (info->fields[0].key == NULL) {
        printf("type ");
        print_type_name(info->name);
        printf(" = Record<string, never>;\n");
        return;
    }
    printf("interface ");
    print_type_name(info->name);
    printf(" {\n");
    for (const struct tn_message_field *field = info->fields;
         field->key != NULL; field++) {
        print_member(field, field->need == TN_NEED_OPTIONAL, NULL, "  ");
    }
    printf("}\n");
}

static bool
is_of_direction(const struct tn_message_info *info, const char *names)
{
    return strstr(names, direction_names[info->direction]) != NULL;
}

/* A union of the names of all messages that go one of these ways. */
static void
print_union(const char *type_name, const char *directions)
{
    printf("\nexport type %s =", type_name);
    for (int i = 0; i < TN_MESSAGE_COUNT; i++) {
        const struct tn_message_info *info =
            tn_message_describe((enum tn_message_type)i);
        if (is_of_direction(info, directions)) {
            printf("\n  | '%s'", info->name);
        }
    }
    printf(";\n");
}

static void
print_typescript(void)
{
    fputs(typescript_head, stdout);
    for (int i = 0; i < TN_MESSAGE_COUNT; i++) {
        print_content(tn_message_describe((enum tn_message_type)i));
    }

    printf("\nexport interface MessageContents {\n");
    for (int i = 0; i < TN_MESSAGE_COUNT; i++) {
        printf("  %s: ", tn_message_name((enum tn_message_type)i));
        print_type_name(tn_message_name((enum tn_message_type)i));
        printf(";\n");
    }
    printf("}\n\nexport type MessageType = keyof MessageContents;\n");

    printf("\nexport interface MessageReplies {\n");
    for (int i = 0; i < TN_MESSAGE_COUNT; i++) {
        const struct tn_message_info *info =
            tn_message_describe((enum tn_message_type)i);
        if (info->reply != TN_MESSAGE_NONE) {
            printf("  %s: '%s';\n", info->name, tn_message_name(info->reply));
        }
    }
    printf("}\n\n/** Requests, each of which has one reply. */\n"
           "export type RequestType = keyof MessageReplies;\n");
    printf("\n/** What is sent to the kernel without a reply. */");
    print_union("NoticeType", "input comm");
    printf("\n/** What the kernel sends beside replies. */");
    print_union("EventType", "event comm");
    fputs(typescript_foot, stdout);
    printf("\nexport const protocolVersion = '%s';\n", TN_MESSAGES_VERSION);
}

static void
write_field(struct tn_json_writer *writer,
            const struct tn_message_field *field)
{
    tn_json_begin_object(writer);
    tn_json_key(writer, "key");
    tn_json_write_text(writer, field->key);
    tn_json_key(writer, "kind");
    tn_json_write_text(writer, kinds[field->kind].name);
    tn_json_key(writer, "need");
    tn_json_write_text(writer, need_names[field->need]);
    if (field->choices != NULL) {
        tn_json_key(writer, "choices");
        tn_json_write_text(writer, field->choices);
    }
    tn_json_end_object(writer);
}

static int
print_json(void)
{
    struct tn_buffer json = {0};
    struct tn_json_writer writer;
    tn_json_writer_init(&writer, &json);
    tn_json_begin_object(&writer);
    for (int i = 0; i < TN_MESSAGE_COUNT; i++) {
        const struct tn_message_info *info =
            tn_message_describe((enum tn_message_type)i);
        tn_json_key(&writer, info->name);
        tn_json_begin_object(&writer);
        tn_json_key(&writer, "direction");
        tn_json_write_text(&writer, direction_names[info->direction]);
        if (info->reply != TN_MESSAGE_NONE) {
            tn_json_key(&writer, "reply");
            tn_json_write_text(&writer, tn_message_name(info->reply));
        }
        tn_json_key(&writer, "fields");
        tn_json_begin_array(&writer);
        for (const struct tn_message_field *field = info->fields;
             field->key != NULL; field++) {
            write_field(&writer, field);
        }
        tn_json_end_array(&writer);
        tn_json_end_object(&writer);
    }
    tn_json_end_object(&writer);
    int status = tn_buffer_append_char(&json, '\n');
    if (status == TN_OK) {
        fputs(json.data, stdout);
    }
    tn_buffer_clear(&json);
    return status;
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "typescript") == 0) {
        print_typescript();
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "json") == 0) {
        return print_json() != TN_OK;
    }
    fprintf(stderr, "usage: gen_messages typescript|json\n");
    return 2;
}
