/* Unit tests of plugin/pack/iomd.h, by the facts of Iodide's own parser. */
#include "check.h"
#include "iomd.h"
#include "status.h"

static struct tn_notebook *
parse(const char *text)
{
    struct tn_notebook *notebook;
    struct tn_problem problem = {0};
    check_int(tn_notebook_new(&notebook, "x.iomd", TN_FORMAT_IOMD), TN_OK);
    check_int(tn_iomd_parse(notebook, text, strlen(text), &problem), TN_OK);
    return notebook;
}

static void
check_chunk(const struct tn_notebook *notebook, size_t i, const char *type,
            const char *flags, const char *source, size_t line)
{
    check(i < notebook->chunk_count);
    if (i < notebook->chunk_count) {
        const struct tn_chunk *chunk = &notebook->chunks[i];
        check_text(chunk->type, type);
        check_text(chunk->flags, flags);
        check_text(chunk->source, source);
        check_int(chunk->source_size, strlen(source));
        check_int(chunk->line, line);
    }
}

static void
test_delimiters(void)
{
    struct tn_notebook *n = parse("%% md\na\n\n%%py\nb\n%%%%%% js \t x  y\nc");
    check_int(n->chunk_count, 3);
    check_chunk(n, 0, "md", "", "a\n", 2);
    check_chunk(n, 1, "py", "", "b", 5);
    check_chunk(n, 2, "js", "x y", "c", 7);
    tn_notebook_free(n);
}

static void
test_content_lines(void)
{
    struct tn_notebook *n = parse("%% py\n %% py\n% x\n%\n%% % y\n");
    check_int(n->chunk_count, 2);
    check_chunk(n, 0, "py", "", " %% py\n% x\n%", 2);
    check_chunk(n, 1, "%", "y", "", 6);
    tn_notebook_free(n);
}

static void
test_inheritance(void)
{
    struct tn_notebook *n = parse("%%\na\n%% py skipRunAll\n%%\nb\n%%%\n");
    check_int(n->chunk_count, 4);
    check_chunk(n, 0, "", "", "a", 2);
    check_chunk(n, 1, "py", "skipRunAll", "", 4);
    check_chunk(n, 2, "py", "", "b", 5);
    check_chunk(n, 3, "py", "", "", 7);
    check(tn_notebook_has_flag(&n->chunks[1], "skipRunAll"));
    check(!tn_notebook_has_flag(&n->chunks[1], "skipRun"));
    check(!tn_notebook_has_flag(&n->chunks[2], "skipRunAll"));
    tn_notebook_free(n);
}

static void
test_preamble(void)
{
    struct tn_notebook *n = parse("one\n\n%% md\nx");
    check_text(n->preamble, "one\n");
    check_int(n->chunk_count, 1);
    tn_notebook_free(n);
    n = parse("only\ntext\n");
    check_text(n->preamble, "only\ntext\n");
    check_int(n->chunk_count, 0);
    tn_notebook_free(n);
}

static void
test_writing(void)
{
    /* Written anew, a chunk without lines has an empty one. */
    static const char text[] = "before\n%% md\n# A\n\n%% py x y\n%% raw\n";
    struct tn_notebook *n = parse(text);
    struct tn_buffer out = {0};
    check_int(tn_iomd_write(n, &out), TN_OK);
    check_text(out.data, "before\n%% md\n# A\n\n%% py x y\n\n%% raw\n");
    tn_buffer_clear(&out);
    tn_notebook_free(n);

    struct tn_problem problem = {0};
    check_int(tn_notebook_new(&n, "x.iomd", TN_FORMAT_IOMD), TN_OK);
    check_int(tn_iomd_read(n, text, strlen(text), &problem), TN_OK);
    check_int(tn_iomd_write(n, &out), TN_OK);
    check_text(out.data, text);
    tn_buffer_clear(&out);
    tn_notebook_free(n);
}

static void
test_escaping(void)
{
    struct tn_notebook *n = parse("%% py\n");
    struct tn_chunk *chunk = &n->chunks[0];
    struct tn_buffer out = {0};
    static const char text[] = "%%time\nx\n %% y\n%%\n";
    check_int(tn_notebook_set_escaped(chunk, text, strlen(text)), TN_OK);
    check_text(chunk->source, " %%time\nx\n %% y\n %%\n");
    check_int(chunk->escaped_count, 2);
    check_int(chunk->escaped[0], 0);
    check_int(chunk->escaped[1], 3);
    check_int(tn_notebook_append_unescaped(chunk, &out), TN_OK);
    check_text(out.data, text);
    tn_buffer_clear(&out);
    tn_notebook_free(n);
}

int
main(void)
{
    run_test(test_delimiters);
    run_test(test_content_lines);
    run_test(test_inheritance);
    run_test(test_preamble);
    run_test(test_writing);
    run_test(test_escaping);
    return check_report();
}
