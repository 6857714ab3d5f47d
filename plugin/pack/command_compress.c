/* `tincture compress FILE...`: what the build calls once, so that packing
 * need not compress the kernel each time. */
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "codec.h"
#include "pack_limits.h"
#include "os.h"
#include "status.h"

#define LEVEL_LIMIT 22 /* zstd's highest */

static const char help[] =
    "usage: tincture compress [--level N] FILE...\n"
    "\n"
    "Writes FILE.zst beside each FILE.  For building Tincture: `tincture\n"
    "pack` takes these instead of compressing again.\n";

/* True when FILE.zst is there and was made from these bytes. */
static bool
is_current(const char *packed_path, const struct tn_buffer *data)
{
    struct tn_buffer packed = {0};
    struct tn_problem ignored = {0};
    bool is_there = os_exists(packed_path) &&
                    os_read_file(&packed, packed_path, TN_LIMIT_FILE_SIZE,
                                 &ignored) == TN_OK;
    bool result = is_there && tn_codec_is_frame_of(packed.data, packed.size,
                                                   data->data, data->size);
    tn_buffer_clear(&packed);
    return result;
}

static int
compress(const char *path, int level, struct tn_problem *problem)
{
    struct tn_buffer data = {0};
    struct tn_buffer packed_path = {0};
    char *frame = NULL;
    size_t frame_size;
    int status = tn_buffer_append_format(&packed_path, "%s.zst", path);
    if (status == TN_OK) {
        status = os_read_file(&data, path, TN_LIMIT_FILE_SIZE, problem);
    }
    if (status != TN_OK || is_current(packed_path.data, &data)) {
        goto done;
    }
    status = tn_codec_encode(&frame, &frame_size, data.data, data.size,
                             level);
    if (status == TN_OK) {
        status = os_write_file(packed_path.data, frame, frame_size, problem);
    }
done:
    tn_free(frame);
    tn_buffer_clear(&data);
    tn_buffer_clear(&packed_path);
    return status;
}

/* A level from 1 to the limit, or 0. */
static int
read_level(const char *text)
{
    char *end;
    long level = strtol(text, &end, 10);
    bool is_good = end != text && *end == '\0' && level >= 1 &&
                   level <= LEVEL_LIMIT;
    return is_good ? (int)level : 0;
}

int
command_compress(int count, char **arguments)
{
    if (count == 0) {
        return command_usage("compress", "no file given");
    }
    if (strcmp(arguments[0], "--help") == 0) {
        fputs(help, stdout);
        return EXIT_FINE;
    }
    int level = TN_CODEC_LEVEL;
    int first = 0;
    if (strcmp(arguments[0], "--level") == 0) {
        level = count > 2 ? read_level(arguments[1]) : 0;
        first = 2;
        if (level == 0) {
            return command_usage("compress", "--level takes 1 to 22, and "
                                             "then files");
        }
    }
    for (int i = first; i < count; i++) {
        struct tn_problem problem = {0};
        int status = compress(arguments[i], level, &problem);
        if (status != TN_OK) {
            return command_fail(status, &problem);
        }
    }
    return EXIT_FINE;
}
