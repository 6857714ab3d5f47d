/* A small lexer of Python, enough to know statements from strings. */
#include "imports.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "status.h"

enum kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_STRING,
    TOKEN_NEWLINE, /* ends a statement: never inside brackets */
    TOKEN_OTHER,   /* one character of anything else */
};

struct token {
    enum kind kind;
    const char *text;
    size_t size;
    size_t line;
};

struct lexer {
    const char *text;
    size_t size;
    size_t at;
    size_t line;
    size_t depth; /* open brackets */
};

static bool
is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* Length of the string prefix and quote that stand here, 0 for none. */
static size_t
string_start(const struct lexer *lexer)
{
    size_t i = lexer->at;
    while (i < lexer->size && i - lexer->at < 3 &&
           strchr("rRbBuUfFtT", lexer->text[i]) != NULL &&
           lexer->text[i] != '\0') {
        i++;
    }
    bool is_quote = i < lexer->size &&
                    (lexer->text[i] == '"' || lexer->text[i] == '\'');
    return is_quote ? i - lexer->at + 1 : 0;
}

/* Reads the string whose quote ends before `at`; an unclosed one-line string
 * ends at the newline, as the tokenizer of Python would complain there. */
static struct token
read_string(struct lexer *lexer)
{
    const char *text = lexer->text;
    size_t size = lexer->size;
    size_t i = lexer->at;
    assert(i > 0 && (text[i - 1] == '"' || text[i - 1] == '\''));
    char quote = text[i - 1];
    bool is_triple = size - i >= 2 && text[i] == quote && text[i + 1] == quote;
    i += is_triple ? 2 : 0;
    struct token token = {TOKEN_STRING, text + i, 0, lexer->line};
    while (i < size) {
        char c = text[i];
        if (c == '\\' && i + 1 < size) {
            lexer->line += text[i + 1] == '\n';
            i += 2;
            continue;
        }
        if (c == '\n') {
            if (!is_triple) {
                break;
            }
            lexer->line++;
        }
        bool is_end = c == quote &&
                      (!is_triple || (size - i >= 3 && text[i + 1] == quote &&
                                      text[i + 2] == quote));
        if (is_end) {
            token.size = (size_t)(text + i - token.text);
            lexer->at = i + (is_triple ? 3 : 1);
            return token;
        }
        i++;
    }
    token.size = (size_t)(text + i - token.text);
    lexer->at = i;
    return token;
}

/* Skips blanks, comments and joined lines. */
static void
skip_blanks(struct lexer *lexer)
{
    while (lexer->at < lexer->size) {
        const char *text = lexer->text + lexer->at;
        size_t rest = lexer->size - lexer->at;
        if (*text == ' ' || *text == '\t' || *text == '\f') {
            lexer->at++;
        }
        else if (*text == '#') {
            const char *newline = memchr(text, '\n', rest);
            lexer->at += newline == NULL ? rest : (size_t)(newline - text);
        }
        else if (rest >= 2 && text[0] == '\\' && text[1] == '\n') {
            lexer->at += 2;
            lexer->line++;
        }
        else if (*text == '\n' && lexer->depth > 0) {
            lexer->at++;
            lexer->line++;
        }
        else {
            return;
        }
    }
}

static struct token
next_token(struct lexer *lexer)
{
    skip_blanks(lexer);
    struct token token = {TOKEN_END, lexer->text + lexer->at, 0, lexer->line};
    if (lexer->at >= lexer->size) {
        return token;
    }
    size_t prefix = string_start(lexer);
    if (prefix != 0) {
        lexer->at += prefix;
        return read_string(lexer);
    }
    char c = *token.text;
    token.size = 1;
    token.kind = TOKEN_OTHER;
    if (is_name_byte(c)) {
        while (lexer->at + token.size < lexer->size &&
               is_name_byte(token.text[token.size])) {
            token.size++;
        }
        token.kind = TOKEN_NAME;
    }
    else if (c == '\n') {
        token.kind = TOKEN_NEWLINE;
        lexer->line++;
    }
    else if (c == '(' || c == '[' || c == '{') {
        lexer->depth++;
    }
    else if ((c == ')' || c == ']' || c == '}') && lexer->depth > 0) {
        lexer->depth--;
    }
    lexer->at += token.size;
    return token;
}

static bool
is_word(const struct token *token, const char *word)
{
    return token->kind == TOKEN_NAME && strlen(word) == token->size &&
           memcmp(token->text, word, token->size) == 0;
}

static bool
is_character(const struct token *token, char character)
{
    return token->kind == TOKEN_OTHER && token->text[0] == character;
}

struct scan {
    struct lexer lexer;
    struct token token; /* the one being looked at */
    int (*found)(void *context, const struct tn_import *import);
    void *context;
    int status;
};

static void
advance(struct scan *scan)
{
    scan->token = next_token(&scan->lexer);
}

static void
report(struct scan *scan, const char *name, size_t size, size_t line)
{
    struct tn_import import = {name, size, line};
    if (scan->status == TN_OK && size != 0) {
        scan->status = scan->found(scan->context, &import);
    }
}

/* `import a.b as c, d`, after the word import. */
static void
scan_import(struct scan *scan)
{
    do {
        advance(scan);
        if (scan->token.kind != TOKEN_NAME) {
            return;
        }
        report(scan, scan->token.text, scan->token.size, scan->token.line);
        while (scan->token.kind == TOKEN_NAME ||
               is_character(&scan->token, '.')) {
            advance(scan);
        }
    } while (is_character(&scan->token, ','));
}

/* `from a.b import c`, after the word from; `yield from` never starts a
 * statement. */
static void
scan_from(struct scan *scan)
{
    advance(scan);
    if (scan->token.kind != TOKEN_NAME) {
        return; /* relative: a dot comes first */
    }
    struct token module = scan->token;
    while ((scan->token.kind == TOKEN_NAME &&
            !is_word(&scan->token, "import")) ||
           is_character(&scan->token, '.')) {
        advance(scan);
    }
    if (is_word(&scan->token, "import")) {
        report(scan, module.text, module.size, module.line);
    }
}

/* `("x"` after __import__ or import_module. */
static void
scan_call(struct scan *scan)
{
    advance(scan);
    if (!is_character(&scan->token, '(')) {
        return;
    }
    advance(scan);
    if (scan->token.kind != TOKEN_STRING) {
        return;
    }
    const char *text = scan->token.text;
    size_t size = 0;
    while (size < scan->token.size && is_name_byte(text[size])) {
        size++;
    }
    report(scan, text, size, scan->token.line);
}

int
tn_imports_scan(const char *source, size_t size,
                int (*found)(void *context, const struct tn_import *import),
                void *context)
{
    struct scan scan = {
        .lexer = {.text = source, .size = size, .line = 1},
        .found = found,
        .context = context,
    };
    bool is_statement_start = true;
    advance(&scan);
    while (scan.token.kind != TOKEN_END && scan.status == TN_OK) {
        if (is_statement_start && is_word(&scan.token, "import")) {
            scan_import(&scan);
            is_statement_start = false;
            continue;
        }
        if (is_statement_start && is_word(&scan.token, "from")) {
            scan_from(&scan);
            is_statement_start = false;
            continue;
        }
        if (is_word(&scan.token, "__import__") ||
            is_word(&scan.token, "import_module")) {
            scan_call(&scan);
            is_statement_start = false;
            continue;
        }
        is_statement_start =
            scan.token.kind == TOKEN_NEWLINE ||
            is_character(&scan.token, ';') ||
            (is_character(&scan.token, ':') && scan.lexer.depth == 0);
        advance(&scan);
    }
    return scan.status;
}
