/* A reader of requirements by descent; markers are evaluated as they are
 * read. */
#include "requirement.h"

#include <string.h>

#include "pack_limits.h"
#include "pep440.h"
#include "status.h"

/* A text of the marker's language: of an environment variable, or quoted. */
struct value {
    const char *text;
    size_t size;
    bool is_version; /* compared as one where the other side is one too */
};

struct marker {
    const char *at;
    const char *end;
    const char *python;
    unsigned depth;
    bool has_failed;
};

enum comparison {
    COMPARE_EQUAL,
    COMPARE_UNEQUAL,
    COMPARE_AT_MOST,
    COMPARE_AT_LEAST,
    COMPARE_LESS,
    COMPARE_MORE,
    COMPARE_COMPATIBLE,
    COMPARE_IN,
    COMPARE_NOT_IN,
    COMPARE_NONE,
};

/* The longest operator first, so that none hides another. */
static const struct {
    const char *text;
    enum comparison comparison;
} operators[] = {
    {"===", COMPARE_EQUAL},   {"==", COMPARE_EQUAL},
    {"!=", COMPARE_UNEQUAL},  {"<=", COMPARE_AT_MOST},
    {">=", COMPARE_AT_LEAST}, {"~=", COMPARE_COMPATIBLE},
    {"<", COMPARE_LESS},      {">", COMPARE_MORE},
};

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

static bool
is_text(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

static void
skip_blanks(struct marker *m)
{
    while (m->at < m->end && is_blank(*m->at)) {
        m->at++;
    }
}

/* Reads the word if it stands here and ends here. */
static bool
take_word(struct marker *m, const char *word)
{
    skip_blanks(m);
    size_t size = strlen(word);
    if ((size_t)(m->end - m->at) < size || memcmp(m->at, word, size) != 0 ||
        (m->at + size < m->end && is_name_byte(m->at[size]))) {
        return false;
    }
    m->at += size;
    return true;
}

static bool
take_character(struct marker *m, char character)
{
    skip_blanks(m);
    bool is_there = m->at < m->end && *m->at == character;
    m->at += is_there;
    return is_there;
}

/* The value of a variable of the report's Python; false for unknown ones. */
static bool
find_variable(const struct marker *m, const char *name, size_t size,
              struct value *out)
{
    static const struct {
        const char *name;
        const char *text;
    } variables[] = {
        {"os_name", "posix"},
        {"os.name", "posix"},
        {"sys_platform", "emscripten"},
        {"sys.platform", "emscripten"},
        {"platform_machine", "wasm32"},
        {"platform.machine", "wasm32"},
        {"platform_python_implementation", "CPython"},
        {"platform.python_implementation", "CPython"},
        {"python_implementation", "CPython"},
        {"platform_system", "Emscripten"},
        {"platform_release", ""},
        {"platform_version", ""},
        {"platform.version", ""},
        {"implementation_name", "cpython"},
        {"extra", ""},
    };
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        if (is_text(name, size, variables[i].name)) {
            *out = (struct value){variables[i].text,
                                  strlen(variables[i].text), false};
            return true;
        }
    }
    bool is_full = is_text(name, size, "python_full_version") ||
                   is_text(name, size, "implementation_version");
    if (!is_full && !is_text(name, size, "python_version")) {
        return false;
    }
    *out = (struct value){m->python, strlen(m->python), true};
    const char *dot = strchr(m->python, '.');
    const char *second = dot != NULL ? strchr(dot + 1, '.') : NULL;
    if (!is_full && second != NULL) {
        out->size = (size_t)(second - m->python);
    }
    return true;
}

static struct value
take_value(struct marker *m)
{
    struct value value = {"", 0, false};
    skip_blanks(m);
    if (m->at < m->end && (*m->at == '"' || *m->at == '\'')) {
        const char *start = m->at + 1;
        const char *quote =
            memchr(start, *m->at, (size_t)(m->end - start));
        m->has_failed = m->has_failed || quote == NULL;
        if (quote != NULL) {
            value = (struct value){start, (size_t)(quote - start), true};
            m->at = quote + 1;
        }
        return value;
    }
    const char *start = m->at;
    while (m->at < m->end && is_name_byte(*m->at)) {
        m->at++;
    }
    if (!find_variable(m, start, (size_t)(m->at - start), &value)) {
        m->has_failed = true;
    }
    return value;
}

static enum comparison
take_comparison(struct marker *m)
{
    skip_blanks(m);
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        size_t size = strlen(operators[i].text);
        if ((size_t)(m->end - m->at) >= size &&
            memcmp(m->at, operators[i].text, size) == 0) {
            m->at += size;
            return operators[i].comparison;
        }
    }
    if (take_word(m, "in")) {
        return COMPARE_IN;
    }
    if (take_word(m, "not") && take_word(m, "in")) {
        return COMPARE_NOT_IN;
    }
    m->has_failed = true;
    return COMPARE_NONE;
}

static bool
contains(const struct value *outer, const struct value *inner)
{
    if (inner->size == 0) {
        return true;
    }
    for (size_t i = 0; i + inner->size <= outer->size; i++) {
        if (memcmp(outer->text + i, inner->text, inner->size) == 0) {
            return true;
        }
    }
    return false;
}

static bool
decide(enum comparison comparison, int order)
{
    switch (comparison) {
    case COMPARE_EQUAL:
        return order == 0;
    case COMPARE_UNEQUAL:
        return order != 0;
    case COMPARE_AT_MOST:
        return order <= 0;
    case COMPARE_AT_LEAST:
        return order >= 0;
    case COMPARE_LESS:
        return order < 0;
    case COMPARE_MORE:
        return order > 0;
    default:
        return false;
    }
}

static int
compare_text(const struct value *a, const struct value *b)
{
    size_t shorter = a->size < b->size ? a->size : b->size;
    int order = memcmp(a->text, b->text, shorter);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

/* `left OPERATOR right` for versions: the side that may end in .* or stand
 * behind ~= is the right one. */
static bool
compare_versions(const struct value *left, enum comparison comparison,
                 const struct value *right, bool *is_done)
{
    char version[64];
    char clause[96];
    *is_done = left->size < sizeof version &&
               right->size + 3 < sizeof clause &&
               tn_pep440_is_version(left->text, left->size);
    if (!*is_done) {
        return false;
    }
    memcpy(version, left->text, left->size);
    version[left->size] = '\0';
    const char *operator = "==";
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (operators[i].comparison == comparison) {
            operator = operators[i].text;
        }
    }
    size_t size = strlen(operator);
    memcpy(clause, operator, size);
    memcpy(clause + size, right->text, right->size);
    return tn_pep440_meets(version, clause, size + right->size);
}

static bool
compare_values(const struct value *left, enum comparison comparison,
               const struct value *right)
{
    if (comparison == COMPARE_IN) {
        return contains(right, left);
    }
    if (comparison == COMPARE_NOT_IN) {
        return !contains(right, left);
    }
    if (left->is_version && right->is_version) {
        bool is_done;
        bool result = compare_versions(left, comparison, right, &is_done);
        if (is_done) {
            return result;
        }
    }
    return decide(comparison, compare_text(left, right));
}

static bool evaluate_or(struct marker *m);

static bool
evaluate_one(struct marker *m)
{
    if (take_character(m, '(')) {
        if (++m->depth > TN_LIMIT_MARKER_DEPTH) {
            m->has_failed = true;
            return true;
        }
        bool result = evaluate_or(m);
        m->has_failed = m->has_failed || !take_character(m, ')');
        m->depth--;
        return result;
    }
    struct value left = take_value(m);
    enum comparison comparison = take_comparison(m);
    struct value right = take_value(m);
    return !m->has_failed && compare_values(&left, comparison, &right);
}

static bool
evaluate_and(struct marker *m)
{
    bool result = evaluate_one(m);
    while (!m->has_failed && take_word(m, "and")) {
        bool next = evaluate_one(m);
        result = result && next;
    }
    return result;
}

static bool
evaluate_or(struct marker *m)
{
    bool result = evaluate_and(m);
    while (!m->has_failed && take_word(m, "or")) {
        bool next = evaluate_and(m);
        result = result || next;
    }
    return result;
}

static bool
evaluate(const char *text, size_t size, const char *python)
{
    struct marker m = {.at = text, .end = text + size, .python = python};
    bool result = evaluate_or(&m);
    skip_blanks(&m);
    return m.has_failed || m.at != m.end || result;
}

/* The end of what stands before the marker: the `;`, which in the address of
 * "name @ address" has a blank before it. */
static const char *
find_marker(const char *at, const char *end)
{
    const char *start = at;
    bool is_address = memchr(at, '@', (size_t)(end - at)) != NULL;
    for (; at < end; at++) {
        if (*at == ';' &&
            (!is_address || (at > start && is_blank(at[-1])))) {
            return at;
        }
    }
    return end;
}

bool
tn_requirement_parse(struct tn_requirement *out, const char *text,
                     size_t size, const char *python)
{
    struct marker m = {.at = text, .end = text + size, .python = python};
    *out = (struct tn_requirement){.clauses = "", .applies = true};
    skip_blanks(&m);
    out->name = m.at;
    while (m.at < m.end && is_name_byte(*m.at)) {
        m.at++;
    }
    out->name_size = (size_t)(m.at - out->name);
    if (take_character(&m, '[')) {
        const char *end = memchr(m.at, ']', (size_t)(m.end - m.at));
        m.at = end != NULL ? end + 1 : m.end;
    }
    skip_blanks(&m);
    const char *end = find_marker(m.at, m.end);
    if (m.at < end && *m.at != '@') {
        const char *stop = end;
        while (stop > m.at && is_blank(stop[-1])) {
            stop--;
        }
        if (*m.at == '(' && stop > m.at && stop[-1] == ')') {
            m.at++;
            stop--;
        }
        out->clauses = m.at;
        out->clauses_size = stop > m.at ? (size_t)(stop - m.at) : 0;
    }
    if (end < m.end) {
        out->applies = evaluate(end + 1, (size_t)(m.end - end - 1), python);
    }
    return out->name_size != 0;
}

int
tn_requirement_append_name(struct tn_buffer *out, const char *name,
                           size_t size)
{
    bool is_run = false;
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        bool is_separator = c == '.' || c == '-' || c == '_';
        if (is_separator && !is_run) {
            tn_buffer_append_char(out, '-');
        }
        else if (!is_separator) {
            bool is_upper = c >= 'A' && c <= 'Z';
            tn_buffer_append_char(out, (char)(is_upper ? c - 'A' + 'a' : c));
        }
        is_run = is_separator;
    }
    return out->error;
}

/* The next character of a normalised name, '\0' at its end. */
static char
next_of(const char **at, const char *end)
{
    if (*at == end) {
        return '\0';
    }
    char c = *(*at)++;
    if (c == '.' || c == '-' || c == '_') {
        while (*at < end && (**at == '.' || **at == '-' || **at == '_')) {
            (*at)++;
        }
        return '-';
    }
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool
tn_requirement_is_name(const char *name, size_t size, const char *other)
{
    const char *end = name + size;
    const char *other_end = other + strlen(other);
    char c;
    do {
        c = next_of(&name, end);
        if (c != next_of(&other, other_end)) {
            return false;
        }
    } while (c != '\0');
    return true;
}
