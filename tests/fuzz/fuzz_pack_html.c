/* Fuzzes what renders a notebook's own text: HTML, Markdown, terminal text.
 *
 * Contained HTML is a fixed point: containing it again changes nothing.  Were
 * something left open, or a stray end tag kept, the second pass would find it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ansi.h"
#include "buffer.h"
#include "html.h"
#include "markdown.h"
#include "status.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void
require_contained(const struct tn_buffer *html)
{
    struct tn_buffer again = {0};
    tn_html_fragment(&again, html->size != 0 ? html->data : "", html->size);
    require(again.error == TN_OK && again.size == html->size);
    require(html->size == 0 ||
            memcmp(again.data, html->data, html->size) == 0);
    tn_buffer_clear(&again);
}

static void
check_escaping(const char *text, size_t size)
{
    struct tn_buffer escaped = {0};
    struct tn_buffer plain = {0};
    tn_html_escape(&escaped, text, size);
    require(escaped.size == 0 ||
            memchr(escaped.data, '<', escaped.size) == NULL);
    tn_html_unescape(&plain, escaped.size != 0 ? escaped.data : "",
                     escaped.size);
    int is_plain = 1; /* without what becomes U+FFFD */
    for (size_t i = 0; i < size; i++) {
        is_plain = is_plain && text[i] != '\0' &&
                   !tn_utf8_is_surrogate(text + i, size - i);
    }
    if (is_plain) {
        require(plain.size == size);
        require(size == 0 || memcmp(plain.data, text, size) == 0);
    }
    tn_buffer_clear(&escaped);
    tn_buffer_clear(&plain);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct tn_buffer html = {0};
    tn_html_fragment(&html, text, size);
    require_contained(&html);
    tn_buffer_clear(&html);

    require(tn_markdown_append(&html, text, size, NULL) == TN_OK);
    require_contained(&html);
    tn_buffer_clear(&html);

    tn_ansi_append(&html, text, size);
    require_contained(&html);
    tn_buffer_clear(&html);
    check_escaping(text, size);
    return 0;
}
