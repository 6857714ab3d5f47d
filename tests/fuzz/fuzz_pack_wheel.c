/* Fuzzes the reader of wheels: whatever is accepted can be packed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "needs.h"
#include "wheels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

/* No path leads anywhere but below. */
static void
check_paths(const struct tn_wheel *wheel)
{
    for (size_t i = 0; i < wheel->zip->count; i++) {
        const char *path = tn_wheel_place(wheel, &wheel->zip->entries[i]);
        if (path != NULL) {
            require(path[0] != '/' && path[0] != '\0');
            require(strncmp(path, "../", 3) != 0);
            require(strstr(path, "/../") == NULL);
            require(strstr(path, "//") == NULL);
        }
    }
}

static void
pack(struct tn_wheels *wheels)
{
    struct tn_problem problem = {0};
    struct tn_buffer notes = {0};
    struct tn_buffer text = {0};
    char *image = NULL;
    size_t size;
    int status =
        tn_wheels_make_image(wheels, &image, &size, &notes, &problem);
    require((status == TN_OK) == (image != NULL));
    require(status == TN_OK || problem.text[0] != '\0');
    require(tn_needs_find(wheels, NULL, &text, &notes, &problem) == TN_OK ||
            problem.text[0] != '\0');
    tn_buffer_clear(&text);
    require(tn_wheels_append_licences(wheels, &text, &problem) == TN_OK);
    tn_buffer_clear(&text);
    require(tn_wheels_append_list(wheels, &text) == TN_OK);
    tn_buffer_clear(&text);
    tn_buffer_clear(&notes);
    tn_free(image);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tn_wheels wheels = {0};
    struct tn_wheel *wheel;
    struct tn_problem problem = {0};
    char *copy = tn_copy_text((const char *)data, size);
    require(copy != NULL);
    int status = tn_wheel_open(&wheel, "a-1-py3-none-any.whl", copy, size,
                               "3.13.5", &problem);
    require((status == TN_OK) == (wheel != NULL));
    if (status != TN_OK) {
        require(strncmp(problem.text, "a-1-py3-none-any.whl: ", 22) == 0);
        return 0;
    }
    check_paths(wheel);
    require(tn_wheels_add(&wheels, wheel, &problem) == TN_OK);
    pack(&wheels);
    tn_wheels_clear(&wheels);
    return 0;
}
