/* Choosing images beside a profile's own. */
#include "extras.h"

#include <string.h>

#include "json_write.h"

static const struct tn_json_value *
find_named(const struct tn_json_value *root, const char *name)
{
    const struct tn_json_value *image =
        tn_json_first(tn_json_get(root, "images"));
    while (image != NULL &&
           strcmp(tn_json_text_of(image, "name"), name) != 0) {
        image = tn_json_next(image);
    }
    return image;
}

const struct tn_json_value *
tn_extras_find(const struct tn_catalogue *catalogue, const char *name)
{
    const struct tn_json_value *image =
        find_named(catalogue->profiles, name);
    return image != NULL ? image : find_named(catalogue->tests, name);
}

bool
tn_extras_has_module(const struct tn_json_value *part, const char *name,
                     size_t size)
{
    const struct tn_json_value *module =
        tn_json_first(tn_json_get(part, "modules"));
    for (; module != NULL; module = tn_json_next(module)) {
        size_t module_size;
        const char *text = tn_json_string(module, &module_size);
        if (text != NULL && module_size == size &&
            memcmp(text, name, size) == 0) {
            return true;
        }
    }
    return false;
}

const struct tn_json_value *
tn_extras_find_module(const struct tn_json_value *profiles, const char *name,
                      size_t size)
{
    const struct tn_json_value *image =
        tn_json_first(tn_json_get(profiles, "images"));
    while (image != NULL &&
           !tn_extras_has_module(image, name, size)) {
        image = tn_json_next(image);
    }
    return image;
}

static bool
has_image(const struct tn_extras *extras, const struct tn_json_value *image)
{
    size_t i = 0;
    while (i < extras->count && extras->images[i] != image) {
        i++;
    }
    return i < extras->count;
}

static int
add_one(struct tn_extras *extras, const struct tn_catalogue *catalogue,
        const char *name, struct tn_problem *problem)
{
    const struct tn_json_value *image = tn_extras_find(catalogue, name);
    if (image == NULL) {
        return tn_problem_set(problem, TN_ERROR_INVALID, NULL, 0,
                              "this build of Tincture has no image %s", name);
    }
    if (has_image(extras, image)) {
        return TN_OK;
    }
    if (extras->count == TN_EXTRA_LIMIT) {
        return tn_problem_set(problem, TN_ERROR_LIMIT, NULL, 0,
                              "more than %d images beside the profile's",
                              TN_EXTRA_LIMIT);
    }
    extras->images[extras->count++] = image;
    return TN_OK;
}

int
tn_extras_add(struct tn_extras *extras, const struct tn_catalogue *catalogue,
              const char *name, struct tn_problem *problem)
{
    /* Whatever is added is looked at for what it needs. */
    size_t next = extras->count;
    int status = add_one(extras, catalogue, name, problem);
    for (; status == TN_OK && next < extras->count; next++) {
        const struct tn_json_value *need = tn_json_first(
            tn_json_get(extras->images[next], "needs"));
        for (; status == TN_OK && need != NULL; need = tn_json_next(need)) {
            const char *text = tn_json_string(need, NULL);
            status = add_one(extras, catalogue, text != NULL ? text : "",
                             problem);
        }
    }
    return status;
}

static bool
has_file(const struct tn_json_value *profile, const char *file)
{
    const struct tn_json_value *own =
        tn_json_first(tn_json_get(profile, "images"));
    while (own != NULL && strcmp(tn_json_text_of(own, "file"), file) != 0) {
        own = tn_json_next(own);
    }
    return own != NULL;
}

void
tn_extras_drop_own(struct tn_extras *extras,
                   const struct tn_json_value *profile)
{
    size_t count = 0;
    for (size_t i = 0; i < extras->count; i++) {
        const struct tn_json_value *image = extras->images[i];
        if (!has_file(profile, tn_json_text_of(image, "file"))) {
            extras->images[count++] = image;
        }
    }
    extras->count = count;
}

int
tn_extras_keep(const struct tn_extras *extras, struct tn_notebook *notebook)
{
    struct tn_buffer list = {0};
    struct tn_json_writer w;
    if (extras->count == 0) {
        return tn_notebook_set_text(&notebook->images, NULL, 0);
    }
    tn_json_writer_init(&w, &list);
    tn_json_begin_array(&w);
    for (size_t i = 0; i < extras->count; i++) {
        tn_json_write_text(&w, tn_json_text_of(extras->images[i], "name"));
    }
    tn_json_end_array(&w);
    int status = list.error;
    if (status == TN_OK) {
        status =
            tn_notebook_set_text(&notebook->images, list.data, list.size);
    }
    tn_buffer_clear(&list);
    return status;
}

int
tn_extras_add_listed(struct tn_extras *extras,
                     const struct tn_catalogue *catalogue, const char *list,
                     struct tn_problem *problem)
{
    struct tn_json *names = NULL;
    if (list == NULL) {
        return TN_OK;
    }
    int status = tn_json_parse(&names, list, strlen(list), NULL);
    const struct tn_json_value *name =
        status == TN_OK ? tn_json_first(tn_json_root(names)) : NULL;
    for (; status == TN_OK && name != NULL; name = tn_json_next(name)) {
        const char *text = tn_json_string(name, NULL);
        status = tn_extras_add(extras, catalogue, text != NULL ? text : "",
                               problem);
    }
    tn_json_free(names);
    return status;
}
