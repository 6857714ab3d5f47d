/* A small lexer of Python as IPython reads it, enough to know statements from
 * strings, blocks from one another, and magics from both. */
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

/* Deepest nesting of blocks that is followed; further ones count as code. */
#define BLOCK_LIMIT 32

/* A block that changes what an import in it means. */
struct block {
    size_t indent;
    bool is_ignored; /* `if TYPE_CHECKING:`, else `try:` */
};

struct scan {
    struct lexer lexer;
    struct token token; /* the one being looked at */
    struct block blocks[BLOCK_LIMIT];
    size_t block_count;
    bool has_code;           /* something came before this token */
    bool is_statement_start; /* the token may begin one */
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
report(struct scan *scan, enum tn_import_kind kind, const char *name,
       size_t size, size_t line)
{
    struct tn_import import = {
        .kind = kind, .name = name, .name_size = size, .line = line};
    for (size_t i = 0; i < scan->block_count; i++) {
        if (scan->blocks[i].is_ignored) {
            return;
        }
        import.is_optional = true;
    }
    if (scan->status == TN_OK && size != 0) {
        scan->status = scan->found(scan->context, &import);
    }
}

static void
report_module(struct scan *scan, const struct token *name)
{
    report(scan, TN_IMPORT_MODULE, name->text, name->size, name->line);
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
        report_module(scan, &scan->token);
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
    bool is_relative = is_character(&scan->token, '.');
    struct token module = scan->token;
    while ((scan->token.kind == TOKEN_NAME &&
            !is_word(&scan->token, "import")) ||
           is_character(&scan->token, '.')) {
        advance(scan);
    }
    if (is_word(&scan->token, "import") && !is_relative) {
        report_module(scan, &module);
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
    report(scan, TN_IMPORT_MODULE, text, size, scan->token.line);
}

/* `.x` */
static void
scan_attribute(struct scan *scan)
{
    advance(scan);
    if (scan->token.kind == TOKEN_NAME) {
        report(scan, TN_IMPORT_ATTRIBUTE, scan->token.text, scan->token.size,
               scan->token.line);
    }
}

/* The next word of a line that is no Python; 0 at the line's end. */
static size_t
take_word(struct lexer *lexer, const char **out)
{
    const char *text = lexer->text;
    size_t at = lexer->at;
    while (at < lexer->size && (text[at] == ' ' || text[at] == '\t')) {
        at++;
    }
    size_t start = at;
    while (at < lexer->size && strchr(" \t\n", text[at]) == NULL) {
        at++;
    }
    lexer->at = at;
    *out = text + start;
    return at - start;
}

static bool
is_text(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

/* The packages in `pip install -q a "b>=1"`, the word pip being read. */
static void
scan_pip(struct scan *scan)
{
    const char *word;
    size_t size = take_word(&scan->lexer, &word);
    if (!is_text(word, size, "install")) {
        return;
    }
    while ((size = take_word(&scan->lexer, &word)) != 0) {
        size_t start = word[0] == '"' || word[0] == '\'';
        size_t end = start;
        while (end < size && (is_name_byte(word[end]) ||
                              word[end] == '-' || word[end] == '.')) {
            end++;
        }
        if (word[0] != '-') {
            report(scan, TN_IMPORT_PIP, word + start, end - start,
                   scan->lexer.line);
        }
    }
}

static void
skip_line(struct lexer *lexer)
{
    const char *rest = lexer->text + lexer->at;
    const char *newline = memchr(rest, '\n', lexer->size - lexer->at);
    lexer->at =
        newline != NULL ? (size_t)(newline - lexer->text) : lexer->size;
}

static bool
is_one_of(const char *text, size_t size, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (is_text(text, size, *words)) {
            return true;
        }
    }
    return false;
}

/* A line that begins with %, ! or ?; *scan->token is that character, the
 * lexer stands behind it. */
static void
scan_magic(struct scan *scan)
{
    static const char *const of_python[] = {
        "time", "timeit", "capture", "prun", "python", "python3", NULL};
    static const char *const installers[] = {"pip", "pip3", "conda", "mamba",
                                             NULL};
    struct lexer *lexer = &scan->lexer;
    bool is_magic = is_character(&scan->token, '%');
    bool is_cell = is_magic && lexer->at < lexer->size &&
                   lexer->text[lexer->at] == '%';
    lexer->at += is_cell;
    const char *word;
    size_t size = take_word(lexer, &word);
    bool is_python = is_magic && is_one_of(word, size, of_python);
    if (is_magic) {
        report(scan, TN_IMPORT_MAGIC, word, size, lexer->line);
    }
    if (is_one_of(word, size, installers)) {
        scan_pip(scan);
    }
    if (is_cell && !is_python && !scan->has_code) {
        lexer->at = lexer->size; /* a cell in another language */
    }
    else if (is_cell || !is_python) {
        skip_line(lexer);
    }
    advance(scan);
    scan->is_statement_start = is_python && !is_cell;
}

/* How far the token stands from the start of its line. */
static size_t
indent_of(const struct scan *scan)
{
    const char *text = scan->token.text;
    size_t indent = 0;
    while (text > scan->lexer.text && text[-1] != '\n') {
        text--;
        indent++;
    }
    return indent;
}

/* Ends the blocks that this line is not in, and begins the one it opens. */
static void
follow_blocks(struct scan *scan)
{
    size_t indent = indent_of(scan);
    while (scan->block_count > 0) {
        const struct block *block = &scan->blocks[scan->block_count - 1];
        bool is_handler = indent == block->indent && !block->is_ignored &&
                          is_word(&scan->token, "except");
        if (indent > block->indent || is_handler) {
            break;
        }
        scan->block_count--;
    }
    struct block opened = {.indent = indent};
    if (is_word(&scan->token, "if")) {
        struct lexer ahead = scan->lexer;
        struct token condition = next_token(&ahead);
        if (is_word(&condition, "typing")) {
            (void)next_token(&ahead);
            condition = next_token(&ahead);
        }
        opened.is_ignored = is_word(&condition, "TYPE_CHECKING");
    }
    bool is_block = opened.is_ignored || is_word(&scan->token, "try");
    if (is_block && scan->block_count < BLOCK_LIMIT) {
        scan->blocks[scan->block_count++] = opened;
    }
}

/* Reads the start of a statement; false when it is none of these. */
static bool
scan_statement(struct scan *scan)
{
    const struct token *token = &scan->token;
    scan->is_statement_start = false;
    if (is_word(token, "import")) {
        scan_import(scan);
        return true;
    }
    if (is_word(token, "from")) {
        scan_from(scan);
        return true;
    }
    if (is_character(token, '%') || is_character(token, '!') ||
        is_character(token, '?')) {
        scan_magic(scan);
        return true;
    }
    return false;
}

static void
scan_token(struct scan *scan)
{
    struct token token = scan->token;
    scan->is_statement_start = false;
    if (is_word(&token, "__import__") || is_word(&token, "import_module")) {
        scan_call(scan);
        return;
    }
    if (is_character(&token, '.')) {
        scan_attribute(scan);
        return;
    }
    advance(scan);
    bool is_command = is_character(&token, '=') &&
                      (is_character(&scan->token, '!') ||
                       is_character(&scan->token, '%'));
    if (is_command) {
        scan_magic(scan); /* files = !ls */
        return;
    }
    scan->is_statement_start =
        token.kind == TOKEN_NEWLINE || is_character(&token, ';') ||
        (is_character(&token, ':') && scan->lexer.depth == 0);
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
        .is_statement_start = true,
    };
    bool is_line_start = true;
    advance(&scan);
    while (scan.token.kind != TOKEN_END && scan.status == TN_OK) {
        bool is_newline = scan.token.kind == TOKEN_NEWLINE;
        if (is_line_start && !is_newline) {
            follow_blocks(&scan);
        }
        is_line_start = is_newline;
        if (!scan.is_statement_start || !scan_statement(&scan)) {
            scan_token(&scan);
        }
        scan.has_code = scan.has_code || !is_newline;
    }
    return scan.status;
}
