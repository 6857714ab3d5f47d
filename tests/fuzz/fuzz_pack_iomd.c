/* Fuzzes the reader of IOMD. */
#include "pack_roundtrip.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_notebook("x.iomd", data, size);
    return 0;
}
