/* Fuzzes the scanner of imports: names lie in the source, lines in order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "imports.h"
#include "status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    const char *source;
    size_t size;
    size_t line_limit;
    size_t last;
};

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

static int
found(void *context, const struct tn_import *import)
{
    struct seen *seen = context;
    require(import->kind <= TN_IMPORT_PIP);
    require(import->name >= seen->source && import->name_size > 0);
    size_t start = (size_t)(import->name - seen->source);
    require(start + import->name_size <= seen->size);
    require(import->line >= 1 && import->line <= seen->line_limit);
    require(start >= seen->last);
    seen->last = start;
    return TN_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {.source = (const char *)data, .size = size};
    seen.line_limit = 1;
    for (size_t i = 0; i < size; i++) {
        seen.line_limit += data[i] == '\n';
    }
    require(tn_imports_scan(seen.source, size, found, &seen) == TN_OK);
    return 0;
}
