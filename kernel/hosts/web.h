/* Private to the WebAssembly host: what the page gives, and the state that the
 * system calls share.
 *
 * The files: web.c is the border (exports, life of the kernel), web_wait.c
 * every way to let time pass, web_syscalls.c files and names, web_wasi.c the
 * calls that go by WASI's names, web_memory.c mmap, web_process.c what a page
 * has not: other processes, users, sockets; web_snapshot.c goes on from a copy
 * of memory, web_pages.c tells what changed in it; web_thread.c and
 * web_pthread.c are threads, web_stack.c their stacks.
 */
#ifndef TN_WEB_H
#define TN_WEB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "fs.h"

struct tn_kernel;
struct web_strand; /* web_thread.h */

/* Everything that core.wasm asks of the page; web_border.txt lists the same
 * names, and the build compares them. */
#define WEB_IMPORT(name)                                                      \
    __attribute__((import_module("tincture"), import_name(name)))

WEB_IMPORT("send")
void web_import_send(const char *json, size_t size,
                     const struct tn_bytes *buffers, size_t buffer_count);
WEB_IMPORT("yield") void web_import_yield(void);
WEB_IMPORT("wait") int web_import_wait(double timeout_ms);
/* Ends a wait; where nothing runs, tn_web_run_tasks is called soon. */
WEB_IMPORT("wake") void web_import_wake(void);
/* `strand` is to run as soon as nothing else does; NULL: call
 * tn_web_strand_pick after that time (negative: only when something wakes the
 * kernel).  web_import_strand_park suspends `strand` until then. */
WEB_IMPORT("strand_next")
void web_import_strand_next(struct web_strand *strand, double delay_ms);
WEB_IMPORT("strand_park")
void web_import_strand_park(struct web_strand *strand);
WEB_IMPORT("monotonic_ms") double web_import_monotonic_ms(void);
WEB_IMPORT("wall_ms") double web_import_wall_ms(void);
WEB_IMPORT("random") void web_import_random(void *bytes, size_t size);
WEB_IMPORT("log") void web_import_log(const char *text, size_t size);

/* Puts the files of the index-th image into memory, at its address, and calls
 * tn_web_image_loaded; negative when that is not possible. */
WEB_IMPORT("load_image") int web_import_load_image(size_t index);

/* What the page calls, beside `_initialize`: the exports.  The memory is the
 * page's, imported as `env.memory`; the module's custom section `tincture`
 * (web_bare.py) says how large a cold start wants it. */
#define WEB_EXPORT(name) __attribute__((export_name(name)))

/* Memory for what the page passes in.  tn_web_alloc gives NULL when there is
 * no more. */
WEB_EXPORT("tn_web_alloc") void *tn_web_alloc(size_t size);
WEB_EXPORT("tn_web_free") void tn_web_free(void *block);

/* The same for an image: whole pages of 4096 bytes that hold nothing else;
 * behind `size` they are zero. */
WEB_EXPORT("tn_web_alloc_pages") void *tn_web_alloc_pages(size_t size);

/* Lays an image over a directory, also while Python lives, but not while it
 * runs.  On success the image's memory, which came from tn_web_alloc_pages,
 * belongs to the file system. */
WEB_EXPORT("tn_web_mount")
int tn_web_mount(void *image, size_t size, const char *path, size_t path_size,
                 const char *name, size_t name_size);

/* The mounted images: a JSON array of {"path", "name", "address", "size",
 * "index_size"} in *out, to be freed with tn_web_free.  A copy of memory may
 * leave out whole pages of files' contents: those from `address` +
 * `index_size` up to the end of the image's last page. */
WEB_EXPORT("tn_web_images") int tn_web_images(struct tn_bytes *out);

/* The contents of the index-th image are in their place. */
WEB_EXPORT("tn_web_image_loaded") int tn_web_image_loaded(size_t index);

/* Puts an image with all directories and some of the files of the index-th in
 * its place; terms as of tn_fs_replace_image, memory as of tn_web_mount. */
WEB_EXPORT("tn_web_replace_image")
int tn_web_replace_image(size_t index, void *image, size_t size,
                         const char *name, size_t name_size);

/* Starts Python.  The configuration is a JSON object: `home` (a path), `env`
 * (an object of strings), `argv` (an array of strings). */
WEB_EXPORT("tn_web_start")
int tn_web_start(const char *config, size_t size);

/* In place of `_initialize` and tn_web_start, in an instance whose memory is a
 * copy of another's.  The configuration is a JSON object: `kind`, which says
 * what the copy is, `env` and `argv` as above, and `images`, the numbers of
 * those images whose contents are in their place (without it all; for a
 * checkpoint, as memory says).
 *   "build"       made with the program, the same for everybody: what must be
 *                 fresh at a start is (py/tincture/restore.py)
 *   "saved"       a person's, perhaps from another page: of `env` only what
 *                 describes the page, no `argv`, clocks go on
 *   "checkpoint"  of this page: nothing changes, not even `env`
 * Requests that waited are forgotten.  TN_ERROR_STATE when the copy was taken
 * while a stack was in use, TN_ERROR_INVALID for a configuration that says
 * something else, TN_ERROR_IO after a log when Python raised. */
WEB_EXPORT("tn_web_resume")
int tn_web_resume(const char *config, size_t size);

/* Whether memory can be copied for a snapshot now: TN_ERROR_STATE before
 * Python has started and while it runs or is suspended. */
WEB_EXPORT("tn_web_can_snapshot") int tn_web_can_snapshot(void);

/* Collects garbage and overwrites all free memory with zeros, before a copy
 * that leaves the page.  TN_ERROR_STATE as above. */
WEB_EXPORT("tn_web_trim") int tn_web_trim(void);

/* A hash of the 4096 bytes of a page, of 53 bits; what a scan for changes
 * compares.  Also callable while Python is suspended. */
WEB_EXPORT("tn_web_hash_page") double tn_web_hash_page(uint32_t page);

/* Takes one message.  Also callable while Python is suspended. */
WEB_EXPORT("tn_web_post")
int tn_web_post(const char *json, size_t size, const struct tn_bytes *buffers,
                size_t buffer_count);

/* Handles queued messages; `mode` is an enum web_mode and says how this was
 * called.  0 when none is left; 1 before a further cell, to be called again,
 * so that the page can keep the state between two cells.  TN_ERROR_STATE
 * inside another run. */
WEB_EXPORT("tn_web_run") int tn_web_run(int mode);

/* In how many milliseconds to call tn_web_run_tasks; negative: not before the
 * next message.  Never suspends, so the page spares itself a stack for what
 * has nothing to do. */
WEB_EXPORT("tn_web_next_task") double tn_web_next_task(void);

/* Runs what asyncio tasks of earlier cells have due.  Gives the milliseconds
 * after which to call again; negative: not before the next message. */
WEB_EXPORT("tn_web_run_tasks") double tn_web_run_tasks(int mode);

/* Whether stacks can be suspended in this instance (1), so that threads can
 * start. */
WEB_EXPORT("tn_web_set_suspends") void tn_web_set_suspends(int suspends);

/* The names of Python's threads beside the main one: a JSON array of strings
 * in *out, to be freed with tn_web_free.  At any time. */
WEB_EXPORT("tn_web_threads") int tn_web_threads(struct tn_bytes *out);

/* The whole life of a strand that strand_next named first, as a promise; and
 * a look at who is next. */
WEB_EXPORT("tn_web_strand_run")
void tn_web_strand_run(struct web_strand *strand);
WEB_EXPORT("tn_web_strand_pick") void tn_web_strand_pick(void);

/* The page has done something that a strand may wait for, such as an answer of
 * the network; for the import `wait` it ends that itself.  At any time. */
WEB_EXPORT("tn_web_wake") void tn_web_wake(void);

/* Lines that Python prints are sent at once (1) or collected a little (0), as
 * at first.  A worker that will be terminated can say nothing later. */
WEB_EXPORT("tn_web_set_eager") void tn_web_set_eager(int eager);

/* Text of stdout (0) or stderr (1) that the kernel has not sent yet.  Also
 * callable after a trap: what a cell printed just before is not lost. */
WEB_EXPORT("tn_web_unsent_text") const char *tn_web_unsent_text(int stream);
WEB_EXPORT("tn_web_unsent_size") size_t tn_web_unsent_size(int stream);

/* Stop.  Also callable while Python is suspended. */
WEB_EXPORT("tn_web_interrupt") void tn_web_interrupt(void);

/* Whole files.  tn_web_read_file gives the bytes in *out, to be freed with
 * tn_web_free. */
WEB_EXPORT("tn_web_write_file")
int tn_web_write_file(const char *path, size_t path_size, const void *bytes,
                      size_t size);
WEB_EXPORT("tn_web_read_file")
int tn_web_read_file(const char *path, size_t path_size, struct tn_bytes *out);

/* The names in a directory: a JSON array of {"name", "type" ("file",
 * "directory" or "other"), "size"} in *out, to be freed with tn_web_free. */
WEB_EXPORT("tn_web_list")
int tn_web_list(const char *path, size_t path_size, struct tn_bytes *out);

/* Memory for values that JavaScript passes in a call (SCRATCH_SIZE bytes). */
WEB_EXPORT("tn_web_js_scratch") void *tn_web_js_scratch(void);

/* How tn_web_run was called; kernel.ts passes one of these. */
enum web_mode {
    WEB_MODE_PLAIN = 0,     /* a call that must return at once: no waiting */
    WEB_MODE_PROMISING = 1, /* a stack that the engine can suspend */
    WEB_MODE_BLOCKING = 2,  /* no suspension, but `wait` may stop the thread */
};

struct web_map; /* web_memory.c */

/* All the mutable data of this host; linear memory holds it, so a copy of
 * memory is a copy of it. */
struct web_state {
    struct tn_fs *fs;
    struct tn_kernel *kernel;
    struct web_map *maps;
    struct _ts *main_thread; /* a PyThreadState */
    void *page_region;   /* its C stack while Python is suspended, or NULL */
    size_t call_depth;   /* calls from JavaScript that are open */
    enum web_mode mode;  /* of the tn_web_run that runs */
    bool is_running;     /* inside tn_web_run */
    bool can_suspend;    /* this instance, in a promising call */
    bool is_interrupted; /* Stop was pressed: sleeping ends early */
    bool holds_signals;  /* what is due stays so */
    unsigned signal_count; /* that tn_web_run_tasks has seen to */
    double idle_ms;      /* spent suspended, in all */
    double clock_offset_ms; /* of Python's monotonic clock to the page's */
    double last_clock_ms;   /* the latest time that Python has seen */
    size_t unsent_size;     /* what tn_web_unsent_size says */
};

struct web_state *web_state(void);

/* Tells Python of the profile's extension modules, before it starts; -1 when
 * there is no memory.  Each profile's link has one of its own, made by
 * packages/driver/profiles.py. */
int web_add_modules(void);

/* Lets go of the Python objects that JavaScript held, in a page or a life
 * that has ended. */
void web_proxy_forget(void);

/* A handle for JavaScript; tn_host's expose. */
struct _object;
uint32_t web_proxy_expose(void *context, struct _object *object,
                          uint32_t *out_abilities);
struct tn_fs *web_fs(void);

/* The same of the module behind `import js`. */
int web_js_add_module(void);

/* Memory was restored, in the page where it was taken or in another. */
void web_js_resume(bool is_same_page);

/* Before anything else runs in a new instance, with Python's lock: has the
 * engine compile the eval loop for what comes, too.  What fails of it is left
 * out, as Python can do without. */
void web_teach_engine(void);

/* Python stops running for now. */
void web_js_rest(void);

struct tn_json_value;

/* setenv for every string of the object; NULL is fine. */
int web_set_environment(const struct tn_json_value *variables);

/* The monotonic clock, which goes on over restores of memory. */
double web_monotonic_ms(void);

/* Around every call that runs Python, which there is one of at a time;
 * TN_ERROR_STATE when there is one already, or no kernel. */
int web_enter(enum web_mode mode);
void web_leave(void);

/* Python is about to run: nothing is known of how fast it will be. */
void web_breaker_begin(void);

/* What is about to run may be slow: the breaker looks at the clock soon. */
void web_breaker_hurry(void);

/* What runs now may be slow: the breaker's next check looks at the clock. */
void web_breaker_look(void);

/* The same, and nothing is known of what comes after it. */
void web_breaker_distrust(void);

/* The page's turn; only where this activation can be suspended. */
void web_yield(void);

/* Waits until something was posted, Stop, or `timeout_ms` have passed (none
 * when negative).  TN_ERROR_UNSUPPORTED where this call cannot wait. */
int web_wait(double timeout_ms);

/* Lets `duration_ms` pass, by waiting where that is possible and else by
 * looking at the clock; 0, or -EINTR when Stop or a signal ended it. */
int web_sleep(double duration_ms);

struct timespec;

/* A duration in milliseconds; false where it is none: negative, or with a
 * second or more of nanoseconds. */
bool web_read_timespec(const struct timespec *time, double *out_ms);

/* Whether Stop was pressed since the last time, for what the main strand waits
 * for: it ends as with a signal. */
bool web_take_interrupt(void);

/* Whether a call that blocks would block for good: the strand cannot wait, or
 * nobody is there who could end it. */
bool web_is_alone(void);

/* Ends the kernel: says why on the console, then traps, which the page sees as
 * an exception. */
_Noreturn void web_die(const char *reason);

#endif /* TN_WEB_H */
