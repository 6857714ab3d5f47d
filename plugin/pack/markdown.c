/* Markdown by md4c's parser; the HTML is written here. */
#include "markdown.h"

#include <assert.h>
#include <md4c.h>
#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "html.h"
#include "output.h"
#include "pack_limits.h"
#include "status.h"

struct render {
    struct tn_buffer html;
    struct tn_buffer heading; /* the inside of the heading being read */
    struct tn_buffer slug;    /* its plain text, made an id */
    const struct tn_json_value *attachments;
    unsigned heading_level; /* 0 outside of one */
    unsigned image_depth;   /* inside an image's alternative text */
    unsigned depth;         /* open blocks, for the limit */
};

/* What is written now goes here. */
static struct tn_buffer *
target(struct render *r)
{
    return r->heading_level != 0 ? &r->heading : &r->html;
}

static void
put(struct render *r, const char *text)
{
    tn_buffer_append_text(target(r), text);
}

static void
put_attribute(struct tn_buffer *out, const MD_ATTRIBUTE *attribute)
{
    for (size_t i = 0; attribute->text != NULL &&
                       attribute->substr_offsets[i] < attribute->size;
         i++) {
        MD_OFFSET start = attribute->substr_offsets[i];
        size_t size = attribute->substr_offsets[i + 1] - start;
        if (attribute->substr_types[i] == MD_TEXT_ENTITY) {
            tn_buffer_append(out, attribute->text + start, size);
        }
        else {
            tn_html_escape(out, attribute->text + start, size);
        }
    }
}

static void
put_align(struct render *r, const char *element, MD_ALIGN align)
{
    static const char *const names[] = {
        [MD_ALIGN_DEFAULT] = "",
        [MD_ALIGN_LEFT] = " align=\"left\"",
        [MD_ALIGN_CENTER] = " align=\"center\"",
        [MD_ALIGN_RIGHT] = " align=\"right\"",
    };
    put(r, "<");
    put(r, element);
    put(r, names[align]);
    put(r, ">");
}

static void
enter_item(struct render *r, const MD_BLOCK_LI_DETAIL *item)
{
    if (!item->is_task) {
        put(r, "<li>");
        return;
    }
    put(r, "<li class=\"tn-task\"><input type=\"checkbox\" disabled");
    put(r, item->task_mark == ' ' ? "> " : " checked> ");
}

static void
enter_code(struct render *r, const MD_BLOCK_CODE_DETAIL *code)
{
    put(r, "<pre><code");
    if (code->lang.text != NULL) {
        put(r, " data-language=\"");
        put_attribute(target(r), &code->lang);
        put(r, "\"");
    }
    put(r, ">");
}

static void
enter_list(struct render *r, const MD_BLOCK_OL_DETAIL *list)
{
    if (list->start == 1) {
        put(r, "<ol>\n");
    }
    else {
        tn_buffer_append_format(target(r), "<ol start=\"%u\">\n",
                                list->start);
    }
}

static int
enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct render *r = context;
    if (++r->depth > TN_LIMIT_HTML_DEPTH) {
        /* fragment.c would drop it too, but md4c need not go on for it. */
        return TN_OK;
    }
    switch (type) {
    case MD_BLOCK_DOC:
    case MD_BLOCK_HTML:
        break;
    case MD_BLOCK_QUOTE:
        put(r, "<blockquote>\n");
        break;
    case MD_BLOCK_UL:
        put(r, "<ul>\n");
        break;
    case MD_BLOCK_OL:
        enter_list(r, detail);
        break;
    case MD_BLOCK_LI:
        enter_item(r, detail);
        break;
    case MD_BLOCK_HR:
        put(r, "<hr>\n");
        break;
    case MD_BLOCK_H:
        r->heading_level = ((const MD_BLOCK_H_DETAIL *)detail)->level;
        break;
    case MD_BLOCK_CODE:
        enter_code(r, detail);
        break;
    case MD_BLOCK_P:
        put(r, "<p>");
        break;
    case MD_BLOCK_TABLE:
        put(r, "<table>\n");
        break;
    case MD_BLOCK_THEAD:
        put(r, "<thead>\n");
        break;
    case MD_BLOCK_TBODY:
        put(r, "<tbody>\n");
        break;
    case MD_BLOCK_TR:
        put(r, "<tr>");
        break;
    case MD_BLOCK_TH:
        put_align(r, "th", ((const MD_BLOCK_TD_DETAIL *)detail)->align);
        break;
    case MD_BLOCK_TD:
        put_align(r, "td", ((const MD_BLOCK_TD_DETAIL *)detail)->align);
        break;
    }
    return target(r)->error;
}

/* Writes the heading that was collected, with an anchor that links can name:
 * its text in lower case, - for spaces, punctuation left out. */
static void
leave_heading(struct render *r)
{
    struct tn_buffer *out = &r->html;
    assert(r->heading_level >= 1 && r->heading_level <= 6);
    tn_buffer_append_format(out, "<h%u", r->heading_level);
    if (r->slug.size != 0) {
        tn_buffer_append_text(out, " id=\"");
        if (tn_html_is_reserved_id(r->slug.data, r->slug.size)) {
            tn_buffer_append_text(out, "section-");
        }
        tn_html_escape(out, r->slug.data, r->slug.size);
        tn_buffer_append_text(out, "\"");
    }
    tn_buffer_append_text(out, ">");
    tn_buffer_append(out, r->heading.data, r->heading.size);
    tn_buffer_append_format(out, "</h%u>\n", r->heading_level);
    if (r->heading.error != TN_OK && out->error == TN_OK) {
        out->error = r->heading.error;
    }
    tn_buffer_clear(&r->heading);
    tn_buffer_clear(&r->slug);
    r->heading_level = 0;
}

static int
leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    static const char *const ends[] = {
        [MD_BLOCK_DOC] = "",
        [MD_BLOCK_QUOTE] = "</blockquote>\n",
        [MD_BLOCK_UL] = "</ul>\n",
        [MD_BLOCK_OL] = "</ol>\n",
        [MD_BLOCK_LI] = "</li>\n",
        [MD_BLOCK_HR] = "",
        [MD_BLOCK_H] = "",
        [MD_BLOCK_CODE] = "</code></pre>\n",
        [MD_BLOCK_HTML] = "",
        [MD_BLOCK_P] = "</p>\n",
        [MD_BLOCK_TABLE] = "</table>\n",
        [MD_BLOCK_THEAD] = "</thead>\n",
        [MD_BLOCK_TBODY] = "</tbody>\n",
        [MD_BLOCK_TR] = "</tr>\n",
        [MD_BLOCK_TH] = "</th>",
        [MD_BLOCK_TD] = "</td>",
    };
    struct render *r = context;
    (void)detail;
    assert(r->depth > 0);
    if (r->depth-- > TN_LIMIT_HTML_DEPTH) {
        return TN_OK;
    }
    if (type == MD_BLOCK_H) {
        leave_heading(r);
        return r->html.error;
    }
    put(r, ends[type]);
    return target(r)->error;
}

static int
hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The attachment of this name, which may be written as in an address: with
 * %20 for a space. */
static const struct tn_json_value *
find_attachment(struct render *r, const char *text, size_t size)
{
    struct tn_buffer name = {0};
    struct tn_buffer plain = {0};
    const struct tn_json_value *found = NULL;
    tn_buffer_append(&name, text, size);
    for (size_t i = 0; i < size; i++) {
        int high = size - i > 2 && text[i] == '%' ? hex_value(text[i + 1])
                                                  : -1;
        int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        char c = low >= 0 ? (char)(high << 4 | low) : text[i];
        i += low >= 0 ? 2 : 0;
        tn_buffer_append_char(&plain, c);
    }
    if (name.error == TN_OK && plain.error == TN_OK) {
        found = tn_json_get(r->attachments, name.data);
        found = found != NULL ? found
                              : tn_json_get(r->attachments, plain.data);
    }
    else {
        r->html.error = TN_ERROR_MEMORY;
    }
    tn_buffer_clear(&name);
    tn_buffer_clear(&plain);
    return found;
}

/* The data: address of an attachment, or the address as it stands. */
static void
put_image_source(struct render *r, const MD_ATTRIBUTE *source)
{
    static const char scheme[] = "attachment:";
    size_t length = sizeof scheme - 1;
    struct tn_buffer *out = target(r);
    if (r->attachments == NULL || source->size <= length ||
        memcmp(source->text, scheme, length) != 0) {
        put_attribute(out, source);
        return;
    }
    const struct tn_json_value *member = tn_json_first(
        find_attachment(r, source->text + length, source->size - length));
    struct tn_buffer data = {0};
    int status = tn_output_append_lines(&data, member);
    if (status != TN_OK) {
        r->html.error = status;
    }
    if (data.size == 0) {
        put_attribute(out, source);
    }
    else {
        const char *type = tn_json_key_of(member);
        tn_buffer_append_text(out, "data:");
        tn_html_escape(out, type, strlen(type));
        tn_buffer_append_text(out, ";base64,");
        tn_html_escape(out, data.data, data.size);
    }
    tn_buffer_clear(&data);
}

static void
enter_link(struct render *r, const MD_SPAN_A_DETAIL *link)
{
    put(r, "<a href=\"");
    put_attribute(target(r), &link->href);
    if (link->title.text != NULL) {
        put(r, "\" title=\"");
        put_attribute(target(r), &link->title);
    }
    put(r, "\">");
}

static int
enter_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct render *r = context;
    if (r->image_depth != 0) {
        r->image_depth += type == MD_SPAN_IMG;
        return TN_OK;
    }
    switch (type) {
    case MD_SPAN_EM:
        put(r, "<em>");
        break;
    case MD_SPAN_STRONG:
        put(r, "<strong>");
        break;
    case MD_SPAN_A:
        enter_link(r, detail);
        break;
    case MD_SPAN_IMG:
        r->image_depth = 1;
        put(r, "<img src=\"");
        put_image_source(r, &((const MD_SPAN_IMG_DETAIL *)detail)->src);
        put(r, "\" alt=\"");
        break;
    case MD_SPAN_CODE:
        put(r, "<code>");
        break;
    case MD_SPAN_DEL:
        put(r, "<del>");
        break;
    case MD_SPAN_LATEXMATH:
        put(r, "<span class=\"tn-math\">$");
        break;
    case MD_SPAN_LATEXMATH_DISPLAY:
        put(r, "<span class=\"tn-math\" data-display>$$");
        break;
    case MD_SPAN_WIKILINK:
    case MD_SPAN_U:
        break;
    }
    return target(r)->error;
}

static int
leave_span(MD_SPANTYPE type, void *detail, void *context)
{
    static const char *const ends[] = {
        [MD_SPAN_EM] = "</em>",
        [MD_SPAN_STRONG] = "</strong>",
        [MD_SPAN_A] = "</a>",
        [MD_SPAN_IMG] = "",
        [MD_SPAN_CODE] = "</code>",
        [MD_SPAN_DEL] = "</del>",
        [MD_SPAN_LATEXMATH] = "$</span>",
        [MD_SPAN_LATEXMATH_DISPLAY] = "$$</span>",
        [MD_SPAN_WIKILINK] = "",
        [MD_SPAN_U] = "",
    };
    struct render *r = context;
    if (r->image_depth > 1 || (r->image_depth == 1 && type != MD_SPAN_IMG)) {
        r->image_depth -= type == MD_SPAN_IMG;
        return TN_OK;
    }
    if (type == MD_SPAN_IMG) {
        const MD_SPAN_IMG_DETAIL *image = detail;
        r->image_depth = 0;
        if (image->title.text != NULL) {
            put(r, "\" title=\"");
            put_attribute(target(r), &image->title);
        }
        put(r, "\">");
    }
    put(r, ends[type]);
    return target(r)->error;
}

static void
put_slug(struct render *r, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_word = c >= 0x80 || c == '_' || c == '-' ||
                       (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
        if (c >= 'A' && c <= 'Z') {
            tn_buffer_append_char(&r->slug, (char)(c + 32));
        }
        else if (is_word) {
            tn_buffer_append_char(&r->slug, (char)c);
        }
        else if (c == ' ' || c == '\n') {
            tn_buffer_append_char(&r->slug, '-');
        }
    }
}

static int
put_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct render *r = context;
    struct tn_buffer *out = target(r);
    if (r->heading_level != 0 && r->image_depth == 0 &&
        type != MD_TEXT_HTML && type != MD_TEXT_ENTITY) {
        put_slug(r, text, size);
    }
    switch (type) {
    case MD_TEXT_NULLCHAR:
        tn_buffer_append_text(out, "\xef\xbf\xbd");
        break;
    case MD_TEXT_BR:
        tn_buffer_append_text(out, r->image_depth != 0 ? " " : "<br>\n");
        break;
    case MD_TEXT_SOFTBR:
        tn_buffer_append_text(out, r->image_depth != 0 ? " " : "\n");
        break;
    case MD_TEXT_HTML:
        if (r->image_depth == 0) {
            tn_buffer_append(out, text, size);
        }
        break;
    case MD_TEXT_ENTITY:
        tn_buffer_append(out, text, size);
        break;
    case MD_TEXT_NORMAL:
    case MD_TEXT_CODE:
    case MD_TEXT_LATEXMATH:
        tn_html_escape(out, text, size);
        break;
    }
    return out->error;
}

static int
run_parser(const MD_PARSER *parser, const char *text, size_t size,
           void *context)
{
    if (size > TN_LIMIT_TEXT_SIZE) {
        return TN_ERROR_LIMIT;
    }
    int result = md_parse(text, (MD_SIZE)size, parser, context);
    /* Its own failures are of memory; ours are negative statuses. */
    return result == 0 ? TN_OK : TN_ERROR_MEMORY;
}

int
tn_markdown_append(struct tn_buffer *out, const char *text, size_t size,
                   const struct tn_json_value *attachments)
{
    static const MD_PARSER parser = {
        .flags = MD_DIALECT_GITHUB | MD_FLAG_LATEXMATHSPANS,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = put_text,
    };
    struct render r = {.attachments = attachments};
    int status = run_parser(&parser, text, size, &r);
    if (status == TN_OK) {
        status = r.html.error;
    }
    if (status == TN_OK && r.html.size != 0) {
        tn_html_fragment(out, r.html.data, r.html.size);
        status = out->error;
    }
    tn_buffer_clear(&r.html);
    tn_buffer_clear(&r.heading);
    tn_buffer_clear(&r.slug);
    return status;
}

/* The first heading's text and whether it was seen whole. */
struct title {
    struct tn_buffer *out;
    bool is_inside;
    bool is_done;
};

static int
title_enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct title *title = context;
    (void)detail;
    title->is_inside = type == MD_BLOCK_H && !title->is_done;
    return 0;
}

static int
title_leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct title *title = context;
    (void)detail;
    if (title->is_inside && type == MD_BLOCK_H) {
        title->is_inside = false;
        title->is_done = title->out->size != 0;
    }
    return 0;
}

static int
title_span(MD_SPANTYPE type, void *detail, void *context)
{
    (void)type;
    (void)detail;
    (void)context;
    return 0;
}

static int
title_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct title *title = context;
    if (!title->is_inside) {
        return 0;
    }
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
        tn_buffer_append_char(title->out, ' ');
    }
    else if (type == MD_TEXT_ENTITY) {
        tn_html_unescape(title->out, text, size);
    }
    else if (type != MD_TEXT_HTML && type != MD_TEXT_NULLCHAR) {
        tn_buffer_append(title->out, text, size);
    }
    return title->out->error;
}

int
tn_markdown_append_title(struct tn_buffer *out, const char *text, size_t size)
{
    static const MD_PARSER parser = {
        .flags = MD_DIALECT_GITHUB,
        .enter_block = title_enter_block,
        .leave_block = title_leave_block,
        .enter_span = title_span,
        .leave_span = title_span,
        .text = title_text,
    };
    struct title title = {.out = out};
    int status = run_parser(&parser, text, size, &title);
    return status != TN_OK ? status : out->error;
}
