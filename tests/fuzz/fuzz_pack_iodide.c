/* Fuzzes the reader of Iodide's pages. */
#include "pack_roundtrip.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_notebook("x.html", data, size);
    return 0;
}
