/* Origins that a report may contact. */
#include "connect.h"

#include <string.h>

#include "pack_limits.h"
#include "status.h"
#include "text.h"

/* Everything that fetch can reach. */
static const char any_words[] = "https: http: wss: ws:";

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

/* The size of the scheme with its ://, 0 for others. */
static size_t
scheme_size(const char *text)
{
    static const char *const schemes[] = {
        "https://", "http://", "wss://", "ws://",
    };
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t size = strlen(schemes[i]);
        if (strncmp(text, schemes[i], size) == 0) {
            return size;
        }
    }
    return 0;
}

/* The size of one name between dots, 0 where there is none. */
static size_t
label_size(const char *text)
{
    size_t size = 0;
    while (text[size] != '\0'
           && (strchr(letters, text[size]) != NULL
               || strchr(digits, text[size]) != NULL
               || text[size] == '-' || text[size] == '_')) {
        size++;
    }
    return size;
}

/* The size of a name or IPv4 address, 0 for others. */
static size_t
host_size(const char *text)
{
    size_t size = strncmp(text, "*.", 2) == 0 ? 2 : 0;
    for (;;) {
        size_t label = label_size(text + size);
        if (label == 0) {
            return 0;
        }
        size += label;
        if (text[size] != '.') {
            return size;
        }
        size++;
    }
}

static bool
is_port(const char *text)
{
    long port = 0;
    size_t size = strspn(text, digits);
    for (size_t i = 0; i < size && port <= TN_LIMIT_PORT; i++) {
        port = 10 * port + (text[i] - '0');
    }
    return size != 0 && text[size] == '\0' && port > 0
           && port <= TN_LIMIT_PORT;
}

static bool
is_origin(const char *text)
{
    size_t scheme = scheme_size(text);
    size_t host = scheme != 0 ? host_size(text + scheme) : 0;
    const char *rest = text + scheme + host;
    return host != 0 && strlen(text) <= TN_LIMIT_ORIGIN_SIZE
           && (*rest == '\0' || (*rest == ':' && is_port(rest + 1)));
}

/* Whether the words have this one. */
static bool
has_word(const struct tn_buffer *words, const char *word, size_t size)
{
    size_t at = 0;
    while (at < words->size) {
        const char *start = words->data + at;
        const char *end = memchr(start, ' ', words->size - at);
        size_t length = end != NULL ? (size_t)(end - start)
                                    : words->size - at;
        if (length == size && memcmp(start, word, size) == 0) {
            return true;
        }
        at += length + 1;
    }
    return false;
}

int
tn_connect_add(struct tn_buffer *words, const char *what,
               struct tn_problem *problem)
{
    bool is_any = strcmp(what, "any") == 0;
    if (!is_any && !is_origin(what)) {
        return tn_problem_set(problem, TN_ERROR_INVALID, NULL, 0,
                              "--connect takes an origin like "
                              "https://example.org or "
                              "https://example.org:8443, or `any`, not %s",
                              what);
    }
    const char *word = is_any ? any_words : what;
    struct tn_buffer lower = {0};
    for (const char *c = word; *c != '\0'; c++) {
        bool is_capital = *c >= 'A' && *c <= 'Z';
        tn_buffer_append_char(&lower, (char)(is_capital ? *c + 32 : *c));
    }
    if (lower.error == TN_OK && !has_word(words, lower.data, lower.size)) {
        tn_buffer_append_text(words, words->size != 0 ? " " : "");
        tn_buffer_append(words, lower.data, lower.size);
    }
    int status = lower.error != TN_OK ? lower.error : words->error;
    tn_buffer_clear(&lower);
    return status;
}

/* Whether one word means an origin. */
static bool
word_allows(const char *word, size_t word_size, const char *origin,
            size_t size)
{
    size_t star = tn_text_find(word, word_size, 0, "*.", false);
    if (word[word_size - 1] == ':') {
        return size > word_size && memcmp(origin, word, word_size) == 0;
    }
    if (star == word_size) {
        return size == word_size && memcmp(origin, word, size) == 0;
    }
    size_t end = word_size - star - 1;
    return size > star + end && memcmp(origin, word, star) == 0
           && memcmp(origin + size - end, word + star + 1, end) == 0;
}

bool
tn_connect_allows(const char *words, const char *origin, size_t size)
{
    size_t count = strlen(words);
    size_t at = 0;
    while (at < count) {
        size_t end = tn_text_find(words, count, at, " ", false);
        if (word_allows(words + at, end - at, origin, size)) {
            return true;
        }
        at = end + 1;
    }
    return false;
}

/* One of the words of `any`. */
static bool
is_scheme(const char *word)
{
    size_t size = strlen(word);
    return size != 0 && word[size - 1] == ':'
           && tn_text_find(any_words, sizeof any_words - 1, 0, word, false)
                  < sizeof any_words - 1;
}

/* Appends one word of a policy, which came with a report. */
static int
add_read(struct tn_buffer *words, const char *text, size_t size)
{
    struct tn_buffer word = {0};
    tn_buffer_append(&word, text, size);
    int status = tn_buffer_append_char(&word, '\0');
    if (status == TN_OK && (is_scheme(word.data) || is_origin(word.data))) {
        tn_buffer_append_text(words, words->size != 0 ? " " : "");
        status = tn_buffer_append(words, text, size);
    }
    tn_buffer_clear(&word);
    return status;
}

int
tn_connect_read(struct tn_buffer *words, const char *document, size_t size)
{
    /* The policy stands before any text of the notebook's. */
    size_t head = tn_text_find(document, size, 0, "<title>", false);
    size_t at = tn_text_find(document, head, 0, TN_CONNECT_RULE, false);
    size_t end = tn_text_find(document, head, at, "\"", false);
    /* Reports of old have the rule in the middle. */
    end = tn_text_find(document, end, at, ";", false);
    int status = TN_OK;
    at += strlen(TN_CONNECT_RULE);
    while (status == TN_OK && at < end) {
        size_t space = tn_text_find(document, end, at, " ", false);
        status = add_read(words, document + at, space - at);
        at = space + 1;
    }
    return status;
}
