/* Versions, read from left to right and compared field by field. */
#include "pep440.h"

#include <string.h>
#include <strings.h>

/* Numbers of a release that count; what follows is as if it were not there. */
#define NUMBER_LIMIT 16

/* The order of what may stand behind a release. */
enum phase {
    PHASE_DEV = -4, /* a development version of the release itself */
    PHASE_ALPHA,
    PHASE_BETA,
    PHASE_CANDIDATE,
    PHASE_FINAL,
};

/* What is missing is -1 for post, and above every number for dev. */
struct version {
    unsigned long long epoch;
    unsigned long long numbers[NUMBER_LIMIT];
    size_t count;
    enum phase phase;
    unsigned long long phase_number;
    long long post;
    unsigned long long dev;
    const char *local;
    size_t local_size;
};

struct reader {
    const char *at;
    const char *end;
};

#define NUMBER_MAX 999999999999999999ULL

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A number, cut off where no real version goes. */
static unsigned long long
read_number(struct reader *r)
{
    unsigned long long number = 0;
    while (r->at < r->end && is_digit(*r->at)) {
        number = number < NUMBER_MAX / 10
                     ? number * 10 + (unsigned)(*r->at - '0')
                     : NUMBER_MAX;
        r->at++;
    }
    return number;
}

static bool
at_digit(const struct reader *r)
{
    return r->at < r->end && is_digit(*r->at);
}

static bool
is_separator(char c)
{
    return c == '.' || c == '-' || c == '_';
}

static void
skip_separator(struct reader *r)
{
    r->at += r->at < r->end && is_separator(*r->at);
}

static bool
skip_word(struct reader *r, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(r->end - r->at) < size ||
        strncasecmp(r->at, word, size) != 0) {
        return false;
    }
    r->at += size;
    return true;
}

/* [.-_]WORD[.-_]N, where the number may be missing; false when none of the
 * words stands here, and then nothing is read. */
static bool
read_mark(struct reader *r, const char *const *words, size_t count,
          size_t *index, unsigned long long *number)
{
    struct reader start = *r;
    skip_separator(r);
    for (size_t i = 0; i < count; i++) {
        if (skip_word(r, words[i])) {
            struct reader behind = *r;
            skip_separator(r);
            if (!at_digit(r)) {
                *r = behind;
            }
            *index = i;
            *number = read_number(r);
            return true;
        }
    }
    *r = start;
    return false;
}

static void
read_marks(struct reader *r, struct version *out)
{
    static const struct {
        const char *word;
        enum phase phase;
    } phases[] = {
        {"alpha", PHASE_ALPHA},    {"beta", PHASE_BETA},
        {"preview", PHASE_CANDIDATE}, {"pre", PHASE_CANDIDATE},
        {"rc", PHASE_CANDIDATE},   {"a", PHASE_ALPHA},
        {"b", PHASE_BETA},         {"c", PHASE_CANDIDATE},
    };
    static const char *const posts[] = {"post", "rev", "r"};
    static const char *const devs[] = {"dev"};
    size_t index;
    unsigned long long number;
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++) {
        if (read_mark(r, &phases[i].word, 1, &index, &out->phase_number)) {
            out->phase = phases[i].phase;
            break;
        }
    }
    bool is_bare = r->end - r->at > 1 && r->at[0] == '-' && is_digit(r->at[1]);
    if (is_bare) {
        r->at++;
        out->post = (long long)read_number(r);
    }
    else if (read_mark(r, posts, 3, &index, &number)) {
        out->post = (long long)number;
    }
    if (read_mark(r, devs, 1, &index, &number)) {
        out->dev = number;
        if (out->phase == PHASE_FINAL && out->post < 0) {
            out->phase = PHASE_DEV;
        }
    }
}

/* False when something is left that is no part of a version. */
static bool
read_version(const char *text, size_t size, struct version *out)
{
    struct reader r = {text, text + size};
    *out = (struct version){
        .phase = PHASE_FINAL, .post = -1, .dev = NUMBER_MAX + 1};
    while (r.at < r.end && (*r.at == ' ' || *r.at == '\t')) {
        r.at++;
    }
    while (r.end > r.at && (r.end[-1] == ' ' || r.end[-1] == '\t')) {
        r.end--;
    }
    skip_word(&r, "v");
    if (!at_digit(&r)) {
        return false;
    }
    unsigned long long number = read_number(&r);
    if (r.at < r.end && *r.at == '!') {
        out->epoch = number;
        r.at++;
        if (!at_digit(&r)) {
            return false;
        }
        number = read_number(&r);
    }
    out->numbers[out->count++] = number;
    while (r.end - r.at > 1 && r.at[0] == '.' && is_digit(r.at[1])) {
        r.at++;
        number = read_number(&r);
        if (out->count < NUMBER_LIMIT) {
            out->numbers[out->count++] = number;
        }
    }
    read_marks(&r, out);
    if (r.at < r.end && *r.at == '+') {
        out->local = ++r.at;
        while (r.at < r.end && (is_separator(*r.at) || is_letter(*r.at) ||
                                is_digit(*r.at))) {
            r.at++;
        }
        out->local_size = (size_t)(r.at - out->local);
        return out->local_size != 0 && r.at == r.end;
    }
    return r.at == r.end;
}

bool
tn_pep440_is_version(const char *text, size_t size)
{
    struct version version;
    return read_version(text, size, &version);
}

static int
order(unsigned long long a, unsigned long long b)
{
    return a < b ? -1 : a > b;
}

static int
compare_numbers(const struct version *a, const struct version *b)
{
    int result = order(a->epoch, b->epoch);
    for (size_t i = 0; result == 0 && i < NUMBER_LIMIT; i++) {
        result = order(i < a->count ? a->numbers[i] : 0,
                       i < b->count ? b->numbers[i] : 0);
    }
    return result;
}

/* Everything but the local part. */
static int
compare_public(const struct version *a, const struct version *b)
{
    int result = compare_numbers(a, b);
    if (result == 0) {
        result = a->phase < b->phase ? -1 : a->phase > b->phase;
    }
    if (result == 0) {
        result = order(a->phase_number, b->phase_number);
    }
    if (result == 0) {
        result = a->post < b->post ? -1 : a->post > b->post;
    }
    return result != 0 ? result : order(a->dev, b->dev);
}

/* A local part makes a version newer; numbers in it count as numbers, and
 * more than words. */
static int
compare_local(const struct version *a, const struct version *b)
{
    struct reader left = {a->local, a->local + a->local_size};
    struct reader right = {b->local, b->local + b->local_size};
    while (left.at < left.end && right.at < right.end) {
        size_t sizes[2] = {0, 0};
        struct reader *sides[2] = {&left, &right};
        const char *starts[2] = {left.at, right.at};
        bool is_number[2] = {true, true};
        for (int i = 0; i < 2; i++) {
            while (sides[i]->at < sides[i]->end &&
                   !is_separator(*sides[i]->at)) {
                is_number[i] = is_number[i] && is_digit(*sides[i]->at);
                sides[i]->at++;
            }
            sizes[i] = (size_t)(sides[i]->at - starts[i]);
            skip_separator(sides[i]);
        }
        if (is_number[0] != is_number[1]) {
            return is_number[0] ? 1 : -1;
        }
        struct reader one = {starts[0], starts[0] + sizes[0]};
        struct reader two = {starts[1], starts[1] + sizes[1]};
        size_t shorter = sizes[0] < sizes[1] ? sizes[0] : sizes[1];
        int result = is_number[0]
                         ? order(read_number(&one), read_number(&two))
                         : strncasecmp(starts[0], starts[1], shorter);
        if (result == 0 && !is_number[0]) {
            result = order(sizes[0], sizes[1]);
        }
        if (result != 0) {
            return result;
        }
    }
    return (left.at < left.end) - (right.at < right.end);
}

int
tn_pep440_compare(const char *left, size_t left_size, const char *right,
                  size_t right_size)
{
    struct version a;
    struct version b;
    read_version(left, left_size, &a);
    read_version(right, right_size, &b);
    int result = compare_public(&a, &b);
    return result != 0 ? result : compare_local(&a, &b);
}

/* The first `count` numbers of both releases, missing ones as 0. */
static bool
has_prefix(const struct version *version, const struct version *prefix,
           size_t count)
{
    bool is_same = version->epoch == prefix->epoch;
    for (size_t i = 0; is_same && i < count; i++) {
        is_same = (i < version->count ? version->numbers[i] : 0) ==
                  prefix->numbers[i];
    }
    return is_same;
}

/* == and !=, the one that a clause with or without .* means. */
static bool
is_equal(const struct version *version, const struct version *wanted,
         bool is_prefix)
{
    if (is_prefix) {
        return has_prefix(version, wanted, wanted->count);
    }
    return compare_public(version, wanted) == 0 &&
           (wanted->local == NULL || compare_local(version, wanted) == 0);
}

/* > and < leave out what belongs to the version itself: its own post and
 * local releases, and its own pre-releases. */
static bool
is_beyond(const struct version *version, const struct version *wanted,
          bool is_newer)
{
    int result = compare_public(version, wanted);
    bool is_same_release = compare_numbers(version, wanted) == 0;
    if (is_newer) {
        return result > 0 && !(is_same_release && version->post >= 0 &&
                               wanted->post < 0);
    }
    return result < 0 && !(is_same_release && version->phase < PHASE_FINAL &&
                           wanted->phase == PHASE_FINAL);
}

static bool
meets_clause(const struct version *version, const char *text,
             const char *clause, size_t size)
{
    static const char *const operators[] = {"===", "==", "~=", "!=",
                                            "<=",  ">=", "<",  ">"};
    struct reader r = {clause, clause + size};
    size_t kind = 0;
    while (kind < 8 && !skip_word(&r, operators[kind])) {
        kind++;
    }
    while (r.at < r.end && (*r.at == ' ' || *r.at == '\t')) {
        r.at++;
    }
    size_t rest = (size_t)(r.end - r.at);
    if (kind == 0) {
        return rest == strlen(text) && strncasecmp(r.at, text, rest) == 0;
    }
    bool is_prefix = rest > 2 && memcmp(r.end - 2, ".*", 2) == 0;
    bool may_be_prefix = kind == 1 || kind == 3;
    struct version wanted;
    if (kind == 8 || (is_prefix && !may_be_prefix) ||
        !read_version(r.at, is_prefix ? rest - 2 : rest, &wanted)) {
        return false;
    }
    switch (kind) {
    case 1:
        return is_equal(version, &wanted, is_prefix);
    case 2:
        return wanted.count > 1 && compare_public(version, &wanted) >= 0 &&
               has_prefix(version, &wanted, wanted.count - 1);
    case 3:
        return !is_equal(version, &wanted, is_prefix);
    case 4:
        return compare_public(version, &wanted) <= 0;
    case 5:
        return compare_public(version, &wanted) >= 0;
    default:
        return is_beyond(version, &wanted, kind == 7);
    }
}

bool
tn_pep440_meets(const char *version, const char *clauses, size_t size)
{
    struct version own;
    const char *at = clauses;
    const char *end = clauses + size;
    if (!read_version(version, strlen(version), &own)) {
        return false;
    }
    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma != NULL ? comma : end;
        const char *clause = at;
        at = comma != NULL ? comma + 1 : end;
        while (clause < stop && strchr(" \t\n", *clause) != NULL) {
            clause++;
        }
        while (stop > clause && strchr(" \t\n", stop[-1]) != NULL) {
            stop--;
        }
        if (stop > clause &&
            !meets_clause(&own, version, clause, (size_t)(stop - clause))) {
            return false;
        }
    }
    return true;
}
