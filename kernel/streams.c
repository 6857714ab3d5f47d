/* Text on its way to `stream` messages.
 *
 * What sys.stdout and sys.stderr write, and what C code writes to fd 1 and 2,
 * is collected here in the order of writing and leaves
 *
 *   - with the next tick of the eval breaker, about every 10 ms,
 *   - before the kernel waits, and before any other message,
 *   - at an explicit flush(),
 *   - when the other stream is written,
 *   - when KERNEL_STREAM_BATCH_SIZE bytes have come together, and
 *   - with its line, where the host wants that (tn_kernel_set_eager) and none
 *     left so a moment before.
 *
 * So a cell that prints quickly makes few messages and one that prints slowly
 * is seen printing.  Past TN_KERNEL_CELL_OUTPUT_LIMIT the rest of a cell's
 * text is dropped, which one notice on stderr says.
 */
#include "internal.h"

/* Longest start of a UTF-8 sequence that can be waiting for its end. */
#define UTF8_TAIL_LIMIT 3

static const char *const stream_names[] = {"stdout", "stderr"};

/* How many bytes at the end begin a UTF-8 sequence that is not complete. */
static size_t
unfinished_tail(const char *text, size_t size)
{
    size_t limit = size < UTF8_TAIL_LIMIT ? size : UTF8_TAIL_LIMIT;
    for (size_t back = 1; back <= limit; back++) {
        unsigned char byte = (unsigned char)text[size - back];
        if (byte >= 0xC0) {
            size_t needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            return needed > back ? back : 0;
        }
        if (byte < 0x80) {
            return 0;
        }
    }
    return 0;
}

static void
send_text(struct tn_kernel *kernel, enum tn_kernel_stream stream,
          const char *text, size_t size)
{
    struct tn_json_writer *writer
        = tn_bridge_begin(kernel->bridge, TN_MESSAGE_STREAM);
    tn_json_key(writer, "name");
    tn_json_write_text(writer, stream_names[stream]);
    tn_json_key(writer, "text");
    tn_json_write_string(writer, text, size);
    /* Without memory for the message its text is lost; the cell learns of
     * the lack of memory by itself soon enough. */
    (void)tn_bridge_end(kernel->bridge, NULL, 0);
}

static void
flush_stream(struct tn_kernel *kernel, enum tn_kernel_stream stream,
             bool is_last)
{
    struct tn_buffer *text = &kernel->streams.streams[stream].text;
    size_t tail = is_last ? 0 : unfinished_tail(text->data, text->size);
    if (text->size == tail) {
        return;
    }
    char kept[UTF8_TAIL_LIMIT];
    memcpy(kept, text->data + text->size - tail, tail);
    send_text(kernel, stream, text->data, text->size - tail);
    tn_buffer_clear(text);
    if (tail > 0 && tn_buffer_append(text, kept, tail) < 0) {
        /* These three bytes at most are lost, but not what comes next. */
        tn_buffer_clear(text);
    }
}

static void
flush_both(struct tn_kernel *kernel, bool is_last)
{
    flush_stream(kernel, TN_KERNEL_STDOUT, is_last);
    flush_stream(kernel, TN_KERNEL_STDERR, is_last);
}

static void
collect(struct tn_kernel *kernel)
{
    struct kernel_streams *streams = &kernel->streams;
    if (kernel->host->collect == NULL || streams->is_collecting) {
        return;
    }
    streams->is_collecting = true;
    kernel->host->collect(kernel->host->context);
    streams->is_collecting = false;
}

/* True for a line that leaves at once, at most one in a tick's time. */
static bool
is_line_due(struct tn_kernel *kernel, const struct tn_buffer *text)
{
    struct kernel_streams *streams = &kernel->streams;

    if (!streams->is_eager || text->size == 0
        || text->data[text->size - 1] != '\n') {
        return false;
    }
    double now_ms = kernel->host->wall_ms(kernel->host->context);
    double passed_ms = now_ms - streams->sent_ms;
    if (passed_ms >= 0 && passed_ms < TN_KERNEL_YIELD_INTERVAL_MS) {
        return false;
    }
    streams->sent_ms = now_ms;
    return true;
}

static int
append(struct tn_kernel *kernel, enum tn_kernel_stream stream,
       const void *data, size_t size)
{
    enum tn_kernel_stream other
        = stream == TN_KERNEL_STDOUT ? TN_KERNEL_STDERR : TN_KERNEL_STDOUT;
    flush_stream(kernel, other, false);
    struct tn_buffer *text = &kernel->streams.streams[stream].text;
    if (tn_buffer_append(text, data, size) < 0) {
        tn_buffer_clear(text);
        return TN_ERROR_MEMORY;
    }
    if (text->size >= KERNEL_STREAM_BATCH_SIZE || is_line_due(kernel, text)) {
        flush_stream(kernel, stream, false);
    }
    return TN_OK;
}

static int
append_notice(struct tn_kernel *kernel)
{
    struct tn_buffer notice = {0};
    (void)tn_buffer_append_format(
        &notice, "\n[The output of this cell was cut after %zu MiB.]\n",
        TN_KERNEL_CELL_OUTPUT_LIMIT >> 20);
    int status = notice.error;
    if (status == TN_OK) {
        status = append(kernel, TN_KERNEL_STDERR, notice.data, notice.size);
    }
    tn_buffer_clear(&notice);
    return status;
}

/* Appends what the limit leaves of the text. */
static int
append_limited(struct tn_kernel *kernel, enum tn_kernel_stream stream,
               const void *data, size_t size)
{
    struct kernel_streams *streams = &kernel->streams;
    if (streams->is_cut) {
        return TN_OK;
    }
    size_t room = TN_KERNEL_CELL_OUTPUT_LIMIT - streams->cell_size;
    if (size <= room) {
        streams->cell_size += size;
        return append(kernel, stream, data, size);
    }
    streams->is_cut = true;
    room -= unfinished_tail(data, room);
    int status = append(kernel, stream, data, room);
    return status < 0 ? status : append_notice(kernel);
}

int
streams_write(struct tn_kernel *kernel, enum tn_kernel_stream stream,
              const void *data, size_t size)
{
    collect(kernel);
    if (append_limited(kernel, stream, data, size) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

void
tn_kernel_write(struct tn_kernel *kernel, enum tn_kernel_stream stream,
                const void *data, size_t size)
{
    (void)append_limited(kernel, stream, data, size);
}

void
streams_flush(struct tn_kernel *kernel)
{
    collect(kernel);
    flush_both(kernel, false);
}

void
tn_kernel_flush(struct tn_kernel *kernel)
{
    const struct kernel_stream *streams = kernel->streams.streams;
    if ((streams[TN_KERNEL_STDOUT].text.size
         | streams[TN_KERNEL_STDERR].text.size)
        != 0) {
        streams_flush(kernel);
    }
}

void
streams_begin_cell(struct tn_kernel *kernel)
{
    kernel->streams.cell_size = 0;
    kernel->streams.is_cut = false;
}

void
streams_end_cell(struct tn_kernel *kernel)
{
    collect(kernel);
    flush_both(kernel, true);
}

void
streams_clear(struct tn_kernel *kernel)
{
    tn_buffer_clear(&kernel->streams.streams[TN_KERNEL_STDOUT].text);
    tn_buffer_clear(&kernel->streams.streams[TN_KERNEL_STDERR].text);
}

const char *
tn_kernel_unsent(const struct tn_kernel *kernel, enum tn_kernel_stream stream,
                 size_t *out_size)
{
    const struct tn_buffer *text = &kernel->streams.streams[stream].text;

    *out_size = text->size;
    return text->data;
}

void
tn_kernel_set_eager(struct tn_kernel *kernel, bool eager)
{
    kernel->streams.is_eager = eager;
}
