/* Fuzzes requirements, their markers, and versions in any order. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pep440.h"
#include "requirement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

static int
sign(int number)
{
    return (number > 0) - (number < 0);
}

/* The first half and the rest as two versions. */
static void
check_order(const char *text, size_t size)
{
    size_t half = size / 2;
    const char *right = text + half;
    size_t rest = size - half;
    if (!tn_pep440_is_version(text, half) ||
        !tn_pep440_is_version(right, rest)) {
        return;
    }
    int order = tn_pep440_compare(text, half, right, rest);
    require(sign(order) ==
            -sign(tn_pep440_compare(right, rest, text, half)));
    require(tn_pep440_compare(text, half, text, half) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct tn_requirement it;
    bool is_one = tn_requirement_parse(&it, text, size, "3.13.5");
    require(is_one == (it.name_size != 0));
    if (is_one) {
        require(it.name >= text && it.name + it.name_size <= text + size);
        require(it.clauses_size == 0 ||
                (it.clauses >= text &&
                 it.clauses + it.clauses_size <= text + size));
        (void)tn_pep440_meets("2.5.5", it.clauses, it.clauses_size);
    }
    check_order(text, size);
    return 0;
}
