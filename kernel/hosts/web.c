/* The WebAssembly host: core.wasm's exports, and the struct tn_host that the
 * kernel sees.
 *
 * There is no Emscripten JavaScript around this module.  plugin/src/kernel.ts
 * gives it the imports of web.h and calls the exports; messages are JSON text
 * and buffers in linear memory, copied by whoever keeps them.
 */
#include "web.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "alloc.h"
#include "json.h"
#include "json_write.h"
#include "kernel.h"
#include "web_signal.h"
#include "web_thread.h"

/* Where the image of the standard library is mounted. */
#define PYTHON_PREFIX "/usr"
#define PYTHON_STDLIB "/usr/lib/python3.13"

/* Longest command line that a configuration can give. */
#define ARGUMENT_LIMIT 64

struct web_state *
web_state(void)
{
    static struct web_state state;

    return &state;
}

_Noreturn void
web_die(const char *reason)
{
    web_import_log(reason, strlen(reason));
    web_import_log("\n", 1);
    __builtin_trap();
}

/* --- The file system ---------------------------------------------------- */

static void
fs_now(void *context, struct timespec *out)
{
    double now_ms = web_import_wall_ms();

    (void)context;
    out->tv_sec = (time_t)(now_ms / 1e3);
    out->tv_nsec = (long)((now_ms - (double)out->tv_sec * 1e3) * 1e6);
}

static void
fs_random(void *context, void *bytes, size_t size)
{
    (void)context;
    web_import_random(bytes, size);
}

/* What C code writes to descriptors 1 and 2 joins the cell's streams.  Last
 * words, like those of Py_FatalError, would never leave the kernel that died
 * of them, so descriptor 2 goes to the console too. */
static ptrdiff_t
fs_write_output(void *context, int stream, const void *bytes, size_t size)
{
    struct web_state *web = context;

    if (stream == 2 || web->kernel == NULL) {
        web_import_log(bytes, size);
    }
    if (web->kernel != NULL) {
        tn_kernel_write(web->kernel,
                        stream == 2 ? TN_KERNEL_STDERR : TN_KERNEL_STDOUT,
                        bytes, size);
    }
    return (ptrdiff_t)size;
}

static int
fs_load_image(void *context, size_t index)
{
    (void)context;
    return web_import_load_image(index);
}

static void
fs_report(void *context, const char *message)
{
    (void)context;
    web_import_log(message, strlen(message));
    web_import_log("\n", 1);
}

/* Made at the first use: images and files arrive before Python starts. */
struct tn_fs *
web_fs(void)
{
    struct web_state *web = web_state();
    const struct tn_fs_config config = {
        .context = web,
        .now = fs_now,
        .random = fs_random,
        .write_output = fs_write_output,
        .report = fs_report,
        .load_image = fs_load_image,
    };

    if (web->fs == NULL && tn_fs_new(&web->fs, &config) < 0) {
        web_die("There is no memory for the file system.");
    }
    return web->fs;
}

/* --- The kernel's host -------------------------------------------------- */

static void
host_send(void *context, const char *json, size_t size,
          const struct tn_bytes *buffers, size_t buffer_count)
{
    (void)context;
    web_import_send(json, size, buffers, buffer_count);
}

static double
host_wall_ms(void *context)
{
    (void)context;
    return web_import_wall_ms();
}

static void
host_yield(void *context)
{
    (void)context;
    web_yield();
}

static int
host_wait(void *context, double timeout_ms)
{
    (void)context;
    return web_wait(timeout_ms);
}

static const char *
host_refuse_wait(void *context)
{
    const struct web_state *web = web_state();

    (void)context;
    /* It waits by stopping everything. */
    if (web->mode == WEB_MODE_BLOCKING && !web_call_is_open()) {
        return NULL;
    }
    return web_strand_refusal();
}

static void
host_wake(void *context)
{
    (void)context;
    web_strand_tell();
    web_import_wake();
}

static void
host_log(void *context, const char *text, size_t size)
{
    (void)context;
    web_import_log(text, size);
    web_import_log("\n", 1);
}

static const struct tn_host host = {
    .send = host_send,
    .random = fs_random,
    .wall_ms = host_wall_ms,
    .wake = host_wake,
    .yield = host_yield,
    .wait = host_wait,
    .expose = web_proxy_expose,
    .refuse_wait = host_refuse_wait,
    .waits_on_all_threads = true,
    .log = host_log,
};

/* --- Start -------------------------------------------------------------- */

void *
tn_web_alloc(size_t size)
{
    return tn_alloc(size);
}

void
tn_web_free(void *block)
{
    tn_free(block);
}

int
tn_web_mount(void *image, size_t size, const char *path, size_t path_size,
             const char *name, size_t name_size)
{
    struct web_state *web = web_state();
    char *directory = tn_copy_text(path, path_size);
    char *title = tn_copy_text(name, name_size);
    int status = TN_ERROR_MEMORY;

    if (web->is_running) {
        status = TN_ERROR_STATE;
    }
    else if (directory != NULL && title != NULL) {
        status = tn_fs_mount(web_fs(), directory, title, image, size,
                             TN_FS_IMAGE_OWNED);
    }
    if (status == TN_OK && web_enter(WEB_MODE_PLAIN) == TN_OK) {
        /* A failure was logged; the image is mounted all the same. */
        (void)tn_kernel_mounted(web->kernel, directory);
        web_leave();
    }
    tn_free(directory);
    tn_free(title);
    return status;
}

int
web_set_environment(const struct tn_json_value *variables)
{
    const struct tn_json_value *variable = tn_json_first(variables);

    for (; variable != NULL; variable = tn_json_next(variable)) {
        const char *text = tn_json_string(variable, NULL);

        if (text == NULL) {
            return TN_ERROR_INVALID;
        }
        if (setenv(tn_json_key_of(variable), text, 1) < 0) {
            return TN_ERROR_INVALID;
        }
    }
    tzset();
    return TN_OK;
}

/* Makes a directory and those above it; what is wrong with the path, chdir
 * will say. */
static int
make_directories(const char *path)
{
    char *part = tn_copy_text(path, strlen(path));

    if (part == NULL) {
        return TN_ERROR_MEMORY;
    }
    for (char *at = strchr(part + 1, '/'); at != NULL;
         at = strchr(at + 1, '/')) {
        *at = '\0';
        tn_fs_mkdirat(web_fs(), AT_FDCWD, part, 0755);
        *at = '/';
    }
    tn_fs_mkdirat(web_fs(), AT_FDCWD, part, 0755);
    tn_free(part);
    return TN_OK;
}

static int
start_kernel(struct web_state *web, const struct tn_json_value *settings)
{
    const struct tn_json_value *argument
        = tn_json_first(tn_json_get(settings, "argv"));
    const char *arguments[ARGUMENT_LIMIT];
    struct tn_kernel_config config = {
        .home = tn_json_string(tn_json_get(settings, "home"), NULL),
        .prefix = PYTHON_PREFIX,
        .stdlib = PYTHON_STDLIB,
        .import_site = true,
    };
    int status = web_set_environment(tn_json_get(settings, "env"));

    if (status < 0) {
        return status;
    }
    if (config.home == NULL || config.home[0] != '/') {
        return TN_ERROR_INVALID;
    }
    status = make_directories(config.home);
    if (status < 0) {
        return status;
    }
    for (; argument != NULL; argument = tn_json_next(argument)) {
        if (config.argument_count == ARGUMENT_LIMIT) {
            return TN_ERROR_LIMIT;
        }
        arguments[config.argument_count] = tn_json_string(argument, NULL);
        if (arguments[config.argument_count++] == NULL) {
            return TN_ERROR_INVALID;
        }
    }
    config.argv = config.argument_count > 0 ? arguments : NULL;
    if (web_add_modules() < 0 || web_js_add_module() < 0) {
        return TN_ERROR_MEMORY;
    }
    status = tn_kernel_new(&web->kernel, &host, &config);
    if (status == TN_OK) {
        web_stack_start();
    }
    return status;
}

int
tn_web_start(const char *config, size_t size)
{
    struct web_state *web = web_state();
    struct tn_json *json = NULL;
    int status = TN_ERROR_STATE;

    if (web->kernel == NULL) {
        status = tn_json_parse(&json, config, size, NULL);
    }
    if (status == TN_OK) {
        status = start_kernel(web, tn_json_root(json));
    }
    tn_json_free(json);
    return status;
}

/* --- Messages ----------------------------------------------------------- */

int
tn_web_post(const char *json, size_t size, const struct tn_bytes *buffers,
            size_t buffer_count)
{
    struct web_state *web = web_state();

    if (web->kernel == NULL) {
        return TN_ERROR_STATE;
    }
    web_strand_tell();
    return tn_kernel_post(web->kernel, json, size, buffers, buffer_count);
}

int
web_enter(enum web_mode mode)
{
    struct web_state *web = web_state();
    bool is_promising = mode == WEB_MODE_PROMISING;

    /* A frame of JavaScript on Python's stack must not be suspended. */
    if (web->kernel == NULL || web->is_running
        || web_strand_running() != NULL
        || (is_promising && web_call_is_open())) {
        return TN_ERROR_STATE;
    }
    web->is_running = true;
    web->is_interrupted = false;
    web->mode = mode;
    web_strand_enter(is_promising);
    web_breaker_begin();
    return TN_OK;
}

void
web_leave(void)
{
    struct web_state *web = web_state();

    web_js_rest();
    web->is_running = false;
    web_strand_leave(web->mode == WEB_MODE_PROMISING);
}

void
tn_web_set_suspends(int suspends)
{
    web_state()->can_suspend = suspends != 0;
}

int
tn_web_run(int mode)
{
    int status = web_enter((enum web_mode)mode);

    if (status < 0) {
        return status;
    }
    status = tn_kernel_run_cell(web_state()->kernel);
    web_leave();
    return status;
}

/* A signal that comes while nothing runs: CPython has noted it, or it is due.
 * Its handler belongs to a run, where an exception is told. */
static bool
has_signal(const struct web_state *web)
{
    return web_signal_count() != web->signal_count
           || web_signal_left_ms(web_monotonic_ms()) <= 0;
}

double
tn_web_next_task(void)
{
    struct web_state *web = web_state();
    double delay_ms;

    if (web_enter(WEB_MODE_PLAIN) < 0) {
        return -1;
    }
    web->holds_signals = true;
    delay_ms = has_signal(web) ? 0 : tn_kernel_next_task(web->kernel);
    web->holds_signals = false;
    web_leave();
    return web_signal_cap(delay_ms, web_monotonic_ms());
}

double
tn_web_run_tasks(int mode)
{
    struct web_state *web = web_state();
    double delay_ms;

    if (web_enter((enum web_mode)mode) < 0) {
        return -1;
    }
    web_signal_look(web_monotonic_ms());
    delay_ms = tn_kernel_run_tasks(web->kernel);
    web->signal_count = web_signal_count();
    web_leave();
    return web_signal_cap(delay_ms, web_monotonic_ms());
}

void
tn_web_set_eager(int eager)
{
    struct tn_kernel *kernel = web_state()->kernel;

    if (kernel != NULL) {
        tn_kernel_set_eager(kernel, eager != 0);
    }
}

/* Keeps the size in memory of the host and nothing on the C stack, which may
 * be what the instance died of. */
static const char *
find_unsent(int stream)
{
    struct web_state *web = web_state();

    web->unsent_size = 0;
    if (web->kernel == NULL) {
        return NULL;
    }
    return tn_kernel_unsent(
        web->kernel, stream == 0 ? TN_KERNEL_STDOUT : TN_KERNEL_STDERR,
        &web->unsent_size);
}

const char *
tn_web_unsent_text(int stream)
{
    return find_unsent(stream);
}

size_t
tn_web_unsent_size(int stream)
{
    (void)find_unsent(stream);
    return web_state()->unsent_size;
}

int
tn_web_threads(struct tn_bytes *out)
{
    struct tn_buffer text = {0};
    struct web_call call;
    char *result = NULL;
    size_t size = 0;
    int status = web_call_enter(&call);

    *out = (struct tn_bytes){0};
    if (status < 0) {
        return status;
    }
    status = tn_kernel_threads(web_state()->kernel, &text);
    web_call_leave(&call);
    if (status < 0) {
        tn_buffer_clear(&text);
        return status;
    }
    status = tn_buffer_take(&text, &result, &size);
    *out = (struct tn_bytes){result, size};
    return status;
}

void
tn_web_interrupt(void)
{
    struct web_state *web = web_state();

    if (web->kernel == NULL) {
        return;
    }
    tn_kernel_stop(web->kernel);
    if (web->is_running) {
        web->is_interrupted = true;
        web_strand_interrupt();
    }
}

/* --- Files -------------------------------------------------------------- */

int
tn_web_write_file(const char *path, size_t path_size, const void *bytes,
                  size_t size)
{
    char *name = tn_copy_text(path, path_size);
    int status = TN_ERROR_MEMORY;

    if (name != NULL) {
        status = tn_fs_write_file(web_fs(), name, bytes, size);
    }
    tn_free(name);
    return status;
}

int
tn_web_read_file(const char *path, size_t path_size, struct tn_bytes *out)
{
    char *name = tn_copy_text(path, path_size);
    char *bytes = NULL;
    size_t size = 0;
    int status = TN_ERROR_MEMORY;

    if (name != NULL) {
        status = tn_fs_read_file(web_fs(), name, &bytes, &size);
    }
    *out = (struct tn_bytes){bytes, size};
    tn_free(name);
    return status;
}

static const char *
type_name(unsigned char type)
{
    switch (type) {
    case DT_REG:
        return "file";
    case DT_DIR:
        return "directory";
    default:
        return "other";
    }
}

static void
write_entry(struct tn_json_writer *writer, int fd,
            const struct tn_fs_entry *entry)
{
    struct tn_fs_stat stat;

    if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) {
        return;
    }
    if (tn_fs_fstatat(web_fs(), fd, entry->name, &stat, AT_SYMLINK_NOFOLLOW)
        < 0) {
        return;
    }
    tn_json_begin_object(writer);
    tn_json_key(writer, "name");
    tn_json_write_string(writer, entry->name, entry->name_size);
    tn_json_key(writer, "type");
    tn_json_write_text(writer, type_name(entry->type));
    tn_json_key(writer, "size");
    tn_json_write_int(writer, stat.size);
    tn_json_end_object(writer);
}

int
tn_web_list(const char *path, size_t path_size, struct tn_bytes *out)
{
    struct tn_buffer text = {0};
    struct tn_json_writer writer;
    struct tn_fs_entry entry;
    char *name = tn_copy_text(path, path_size);
    char *result = NULL;
    size_t size = 0;
    int status;
    int fd = -1;

    if (name != NULL) {
        fd = tn_fs_openat(web_fs(), AT_FDCWD, name, O_RDONLY | O_DIRECTORY, 0);
    }
    tn_json_writer_init(&writer, &text);
    tn_json_begin_array(&writer);
    while (fd >= 0 && tn_fs_readdir(web_fs(), fd, &entry) == 1) {
        write_entry(&writer, fd, &entry);
    }
    tn_json_end_array(&writer);
    status = tn_buffer_take(&text, &result, &size);
    if (fd >= 0) {
        tn_fs_close(web_fs(), fd);
    }
    else {
        status = name == NULL ? TN_ERROR_MEMORY : TN_ERROR_MISSING;
    }
    *out = (struct tn_bytes){result, size};
    if (status < 0) {
        tn_free(result);
        *out = (struct tn_bytes){0};
    }
    tn_free(name);
    return status;
}
