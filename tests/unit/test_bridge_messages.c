/* bridge/messages.h: the table and the check against it. */
#include "alloc.h"
#include "buffer.h"
#include "check.h"
#include "json.h"
#include "messages.h"
#include "status.h"

static void
test_table(void)
{
    for (int i = 0; i < TN_MESSAGE_COUNT; i++) {
        enum tn_message_type type = (enum tn_message_type)i;
        const struct tn_message_info *info = tn_message_describe(type);
        check(tn_message_find(info->name, strlen(info->name)) == type);
        /* Requests have a reply, the rest has none. */
        bool is_request = info->direction == TN_DIRECTION_REQUEST
                          || info->direction == TN_DIRECTION_CONTROL;
        check(is_request == (info->reply != TN_MESSAGE_NONE));
        if (is_request) {
            check_int(tn_message_describe(info->reply)->direction,
                      TN_DIRECTION_REPLY);
        }
        for (const struct tn_message_field *field = info->fields;
             field->key != NULL; field++) {
            check((field->choices != NULL)
                  == (field->kind == TN_FIELD_CHOICE));
            /* Only a reply has a status to depend on. */
            check(field->need == TN_NEED_REQUIRED
                  || field->need == TN_NEED_OPTIONAL
                  || info->direction == TN_DIRECTION_REPLY);
        }
    }
}

static void
test_find(void)
{
    check_int(tn_message_find("stream", 6), TN_MESSAGE_STREAM);
    check_int(tn_message_find("stream", 5), TN_MESSAGE_NONE);
    check_int(tn_message_find("stream\0", 7), TN_MESSAGE_NONE);
    check_int(tn_message_find("", 0), TN_MESSAGE_NONE);
    check_text(tn_message_name(TN_MESSAGE_ERROR_REPLY), "error_reply");
}

/* `expected` is the reason, NULL where the content is good. */
static void
check_content(enum tn_message_type type, const char *content,
              const char *expected)
{
    struct tn_json *json;
    struct tn_buffer reason = {0};
    check_int(tn_json_parse(&json, content, strlen(content), NULL), TN_OK);
    int status = tn_message_check(type, tn_json_root(json), &reason);
    check_int(status, expected == NULL ? TN_OK : TN_ERROR_INVALID);
    if (expected != NULL) {
        check_text(reason.data, expected);
    }
    else {
        check_int(reason.size, 0);
    }
    tn_buffer_clear(&reason);
    tn_json_free(json);
}

static void
test_good_contents(void)
{
    check_content(TN_MESSAGE_KERNEL_INFO_REQUEST, "{\"more\":1}", NULL);
    check_content(TN_MESSAGE_EXECUTE_REQUEST, "{\"code\":\"\"}", NULL);
    check_content(TN_MESSAGE_EXECUTE_REPLY, "{\"status\":\"aborted\"}", NULL);
    check_content(TN_MESSAGE_EXECUTE_REPLY,
                  "{\"status\":\"ok\",\"value\":null}", NULL);
    check_content(TN_MESSAGE_EXECUTE_REPLY,
                  "{\"status\":\"error\",\"ename\":\"E\",\"evalue\":\"\","
                  "\"traceback\":[\"a\"]}",
                  NULL);
    check_content(TN_MESSAGE_COMPLETE_REQUEST,
                  "{\"code\":\"\",\"cursor_pos\":-3}", NULL);
    check_content(TN_MESSAGE_STREAM, "{\"name\":\"stderr\",\"text\":\"\"}",
                  NULL);
}

static void
test_bad_contents(void)
{
    check_content(TN_MESSAGE_EXECUTE_REQUEST, "[]",
                  "execute_request: content must be an object");
    check_content(TN_MESSAGE_EXECUTE_REQUEST, "{}",
                  "execute_request: content.code is missing, it must be "
                  "a string");
    check_content(TN_MESSAGE_EXECUTE_REQUEST, "{\"code\":1}",
                  "execute_request: content.code must be a string");
    check_content(TN_MESSAGE_EXECUTE_REQUEST,
                  "{\"code\":\"\",\"silent\":null}",
                  "execute_request: content.silent must be true or false");
    check_content(TN_MESSAGE_EXECUTE_REQUEST,
                  "{\"code\":\"\",\"user_expressions\":[]}",
                  "execute_request: content.user_expressions must be "
                  "an object");
    check_content(TN_MESSAGE_COMPLETE_REQUEST,
                  "{\"code\":\"\",\"cursor_pos\":1.5}",
                  "complete_request: content.cursor_pos must be "
                  "a whole number");
    check_content(TN_MESSAGE_COMPLETE_REQUEST,
                  "{\"code\":\"\",\"cursor_pos\":1e99}",
                  "complete_request: content.cursor_pos must be "
                  "a whole number");
    check_content(TN_MESSAGE_STREAM, "{\"name\":\"std\",\"text\":\"\"}",
                  "stream: content.name must be \"stdout\" or \"stderr\"");
    check_content(TN_MESSAGE_IS_COMPLETE_REPLY, "{\"status\":\"ok\"}",
                  "is_complete_reply: content.status must be \"complete\", "
                  "\"incomplete\", \"invalid\" or \"unknown\"");
    check_content(TN_MESSAGE_ERROR,
                  "{\"ename\":\"\",\"evalue\":\"\",\"traceback\":[1]}",
                  "error: content.traceback must be an array of strings");
    check_content(TN_MESSAGE_DISPLAY_DATA, "{\"data\":\"\"}",
                  "display_data: content.data must be a mime bundle "
                  "(an object)");
}

/* What a reply must have depends on its status. */
static void
test_needs(void)
{
    check_content(TN_MESSAGE_COMPLETE_REPLY, "{\"status\":\"ok\"}",
                  "complete_reply: content.matches is missing, it must be "
                  "an array of strings");
    check_content(TN_MESSAGE_COMPLETE_REPLY, "{\"status\":\"error\"}",
                  "complete_reply: content.ename is missing, it must be "
                  "a string");
    check_content(TN_MESSAGE_ERROR_REPLY,
                  "{\"status\":\"ok\",\"ename\":\"\",\"evalue\":\"\"}",
                  "error_reply: content.status must be \"error\"");
}

int
main(void)
{
    run_test(test_table);
    run_test(test_find);
    run_test(test_good_contents);
    run_test(test_bad_contents);
    run_test(test_needs);
    check_int(tn_alloc_live_count(), 0);
    return check_report();
}
