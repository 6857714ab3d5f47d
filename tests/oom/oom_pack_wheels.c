/* Allocation failures from the bytes of wheels to their image. */
#include "json.h"
#include "needs.h"
#include "oom.h"
#include "resolve.h"
#include "wheel_fixture.h"
#include "wheels.h"

static const char profiles_text[] =
    "{\"profiles\":[{\"name\":\"p\",\"packages\":"
    "[{\"name\":\"numpy\",\"version\":\"2.5.5\"}]}]}";

/* A reply of resolve.py with one wheel, made before anything fails. */
static struct tn_buffer reply;

static int
make_image(struct tn_wheels *wheels, const struct tn_json_value *profiles)
{
    struct tn_buffer packages = {0};
    struct tn_buffer notes = {0};
    struct tn_buffer text = {0};
    struct tn_problem problem = {0};
    char *image = NULL;
    size_t size;
    int status = tn_resolve_take_reply(wheels, reply.data, reply.size, 0,
                                       "3.13.5", &packages, &problem);
    if (status == TN_OK) {
        status = tn_needs_find(wheels, profiles, &packages, &notes, &problem);
    }
    if (status == TN_OK) {
        check_text(packages.data, "\nsix\n\nnumpy\n");
        status = tn_needs_drop(wheels, NULL, &problem);
    }
    if (status == TN_OK) {
        status = tn_wheels_append_list(wheels, &text);
    }
    if (status == TN_OK) {
        status = tn_wheels_append_licences(wheels, &text, &problem);
    }
    if (status == TN_OK) {
        status =
            tn_wheels_make_image(wheels, &image, &size, &notes, &problem);
    }
    tn_free(image);
    tn_buffer_clear(&packages);
    tn_buffer_clear(&notes);
    tn_buffer_clear(&text);
    return status;
}

static int
wheels_task(void *context)
{
    static const char *const texts[] = {"a==1"};
    struct tn_wheels wheels = {0};
    struct tn_json *json = NULL;
    struct tn_buffer request = {0};
    (void)context;
    int status = tn_json_parse(&json, profiles_text,
                               sizeof profiles_text - 1, NULL);
    if (status == TN_OK) {
        status = tn_resolve_append_request(&request, tn_json_root(json), NULL,
                                           texts, 1, texts, 1);
    }
    if (status == TN_OK) {
        status = make_image(&wheels, tn_json_root(json));
    }
    tn_buffer_clear(&request);
    tn_wheels_clear(&wheels);
    tn_json_free(json);
    return status;
}

static void
test_wheels(void)
{
    static const struct wheel_file files[] = {
        {"a/b/c.py", "x = 1\n"},
        {"a-1.dist-info/licenses/COPYING", "Do as you like.\n"},
    };
    struct tn_buffer wheel = {0};
    fixture_wheel(&wheel, "a-1", "Requires-Dist: numpy>=2", files, 2);
    tn_buffer_append_text(&reply, "{\"built_in\":[\"six\"],\"wheels\":[{"
                                  "\"file\":\"a-1-py3-none-any.whl\","
                                  "\"base64\":\"");
    tn_base64_append(&reply, wheel.data, wheel.size);
    tn_buffer_append_text(&reply, "\"}]}");
    tn_buffer_clear(&wheel);
    oom_exhaust("wheels", wheels_task, NULL);
    tn_buffer_clear(&reply);
}

int
main(void)
{
    run_test(test_wheels);
    return check_report();
}
