/* Fuzzes the reader of Jupyter's notebooks. */
#include "pack_roundtrip.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_notebook("x.ipynb", data, size);
    return 0;
}
