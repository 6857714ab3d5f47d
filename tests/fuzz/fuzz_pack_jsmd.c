/* Fuzzes the reader of JSMD. */
#include "pack_roundtrip.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_notebook("x.jsmd", data, size);
    return 0;
}
