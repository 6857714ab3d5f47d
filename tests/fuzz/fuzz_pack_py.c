/* Fuzzes the reader of Python with cells. */
#include "pack_roundtrip.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_notebook("x.py", data, size);
    return 0;
}
