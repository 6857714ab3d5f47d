/* Memory as the state: what happens when the module finds memory that another
 * instance has filled, and what the page needs to know for a copy of it.
 *
 * A snapshot is linear memory without the images' bytes, taken while no stack
 * is in use.  Then the C stack's pointer, the one mutable global, stands where
 * a new instance has it, and nothing else has to be carried over.
 */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "json.h"
#include "json_write.h"
#include "kernel.h"
#include "web_thread.h"

/* The unit in which the page copies memory. */
#define COPY_UNIT 4096

/* Images begin and end with pages of their own, so that a copy of memory can
 * leave them out whole. */
void *
tn_web_alloc_pages(size_t size)
{
    size_t whole_size = (size + COPY_UNIT - 1) / COPY_UNIT * COPY_UNIT;
    void *pages;

    if (whole_size < size
        || posix_memalign(&pages, COPY_UNIT, whole_size) != 0) {
        return NULL;
    }
    memset((char *)pages + size, 0, whole_size - size);
    return pages;
}

static void
write_image(struct tn_json_writer *writer, const struct tn_fs_image *image)
{
    tn_json_begin_object(writer);
    tn_json_key(writer, "path");
    tn_json_write_text(writer, image->path);
    tn_json_key(writer, "name");
    tn_json_write_text(writer, image->name);
    tn_json_key(writer, "address");
    tn_json_write_int(writer, (int64_t)(uintptr_t)image->bytes);
    tn_json_key(writer, "size");
    tn_json_write_int(writer, (int64_t)image->size);
    tn_json_key(writer, "index_size");
    tn_json_write_int(writer, (int64_t)image->index_size);
    tn_json_end_object(writer);
}

int
tn_web_images(struct tn_bytes *out)
{
    struct tn_buffer text = {0};
    struct tn_json_writer writer;
    struct tn_fs_image image;
    char *result = NULL;
    size_t size = 0;
    int status;

    tn_json_writer_init(&writer, &text);
    tn_json_begin_array(&writer);
    for (size_t i = 0; tn_fs_image_at(web_fs(), i, &image) == TN_OK; i++) {
        write_image(&writer, &image);
    }
    tn_json_end_array(&writer);
    status = tn_buffer_take(&text, &result, &size);
    *out = (struct tn_bytes){result, size};
    return status;
}

int
tn_web_image_loaded(size_t index)
{
    return tn_fs_set_image_present(web_fs(), index, true);
}

int
tn_web_replace_image(size_t index, void *image, size_t size, const char *name,
                     size_t name_size)
{
    char *title = tn_copy_text(name, name_size);
    int status = TN_ERROR_MEMORY;

    if (title != NULL) {
        status = tn_fs_replace_image(web_fs(), index, title, image, size,
                                     TN_FS_IMAGE_OWNED);
    }
    tn_free(title);
    return status;
}

/* What a restart of the page's clock would do to Python: time.monotonic() and
 * what was computed from it must not go back.  A build's snapshot and a saved
 * state go on where they were left; for a checkpoint the time between counts,
 * because the page's clock is still the same one. */
static void
rebase_clock(struct web_state *web, bool is_same_page)
{
    double now_ms = web_import_monotonic_ms() + web->clock_offset_ms;

    if (!is_same_page || now_ms < web->last_clock_ms) {
        web->clock_offset_ms += web->last_clock_ms - now_ms;
    }
}

/* Which images are whole: those of the list, or all. */
static void
mark_images(const struct tn_json_value *list)
{
    const struct tn_json_value *item = tn_json_first(list);
    bool are_all = list == NULL;
    size_t count = 0;

    while (tn_fs_set_image_present(web_fs(), count, are_all) == TN_OK) {
        count++;
    }
    for (; item != NULL; item = tn_json_next(item)) {
        double index = tn_json_number(item, -1);

        if (index >= 0 && index < (double)count) {
            (void)tn_fs_set_image_present(web_fs(), (size_t)index, true);
        }
    }
}

static int
resume(struct web_state *web, const struct tn_json_value *settings)
{
    const char *kind = tn_json_text_of(settings, "kind");
    bool is_build = strcmp(kind, "build") == 0;
    bool is_checkpoint = strcmp(kind, "checkpoint") == 0;
    int status = TN_OK;

    if (!is_build && !is_checkpoint && strcmp(kind, "saved") != 0) {
        return TN_ERROR_INVALID;
    }
    /* A checkpoint's images are where they were, as far as they were. */
    if (!is_checkpoint || tn_json_get(settings, "images") != NULL) {
        mark_images(tn_json_get(settings, "images"));
    }
    rebase_clock(web, is_checkpoint);
    web->is_interrupted = false;
    /* Who asked is gone; of another page, the proxies of what Python gave. */
    tn_kernel_clear_queue(web->kernel);
    if (!is_checkpoint) {
        web_proxy_forget();
    }
    web_js_resume(is_checkpoint);
    if (!is_checkpoint) {
        status = web_enter(WEB_MODE_PLAIN);
        if (status == TN_OK) {
            web_teach_engine();
            status = tn_kernel_resume(web->kernel, settings, is_build);
            web_leave();
        }
    }
    return status;
}

int
tn_web_can_snapshot(void)
{
    const struct web_state *web = web_state();

    return web->kernel == NULL || web->is_running || web_strand_count() > 0
        ? TN_ERROR_STATE
        : TN_OK;
}

int
tn_web_resume(const char *config, size_t size)
{
    struct web_state *web = web_state();
    struct tn_json *json = NULL;
    int status = tn_web_can_snapshot();

    if (status == TN_OK) {
        status = tn_json_parse(&json, config, size, NULL);
    }
    if (status == TN_OK) {
        status = resume(web, tn_json_root(json));
    }
    tn_json_free(json);
    return status;
}
