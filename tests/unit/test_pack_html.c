/* Unit tests of what renders: html.h, markdown.h, ansi.h, output.h. */
#include "ansi.h"
#include "check.h"
#include "html.h"
#include "json.h"
#include "markdown.h"
#include "output.h"
#include "status.h"

static void
fragment_of(const char *html, size_t size, const char *expected)
{
    struct tn_buffer out = {0};
    tn_html_fragment(&out, html, size);
    check_text(out.size != 0 ? out.data : "", expected);
    tn_buffer_clear(&out);
}

static void
fragment(const char *html, const char *expected)
{
    fragment_of(html, strlen(html), expected);
}

static void
test_closing(void)
{
    fragment("<div><b>x", "<div><b>x</b></div>");
    fragment("</div></section>x", "x");
    fragment("<div><b>x</div>y</b>", "<div><b>x</b></div>y");
    fragment("<p>a<p>b", "<p>a<p>b");
    fragment("<ul><li>a<li>b</ul>", "<ul><li>a<li>b</ul>");
    fragment("<table><tr><td></div>x", "<table><tr><td>x</table>");
    fragment("<img src=a><br/>", "<img src=\"a\"><br>");
    fragment("a < b <1 &amp; c", "a &lt; b &lt;1 &amp; c");
}

static void
test_comments(void)
{
    fragment("a<!-- b", "a");
    fragment("a<!-- b -->c<!-->d<!--->e", "acde");
    fragment("<!DOCTYPE html><?xml?></ x>a", "a");
    fragment("<![CDATA[a<b]]>c", "a&lt;bc");
}

static void
test_documents(void)
{
    fragment("<html><head><base href=x><meta a></head><body>x</body></html>",
             "x");
    fragment("<plaintext>x", "");
    fragment("<noscript><div></noscript>x", "x");
    fragment("<iframe srcdoc=\"<b>\"></b></iframe>x",
             "<iframe srcdoc=\"<b>\"></iframe>x");
    fragment("<title>t</title>x", "x");
}

static void
test_attributes(void)
{
    fragment("<a href='x\"y' b c=d e='>'>t</a>",
             "<a href=\"x&quot;y\" b c=\"d\" e=\">\">t</a>");
    fragment("<a href=\"x", "");
    fragment("<a \"b\" c=d>t", "<a c=\"d\">t</a>");
    fragment("<p id=iomd><b id='cell-3' id=part-0-1>", "<p><b></b>");
    fragment("<b id=part-1><i id=cell-a>", "<b id=\"part-1\"><i id=\"cell-a\">"
                                           "</i></b>");
    /* What nothing can close in a foreignObject. */
    fragment("<svg><foreignObject><plaintext/></svg>x",
             "<svg><foreignObject>x</foreignobject></svg>");
    fragment("<svg><title/><xmp/></svg>", "<svg><title></title></svg>");
    fragment("<svg><foreignObject><p>x</svg>",
             "<svg><foreignObject><p>x</p></foreignobject></svg>");
    /* Without its NUL it would be an id of the page. */
    static const char hidden[] = "<b id=fi\0le-1 class=a>x";
    fragment_of(hidden, sizeof hidden - 1, "<b class=\"a\">x</b>");
    static const char script[] = "<script id='\0iomd'>x</script>y";
    fragment_of(script, sizeof script - 1, "y");
}

static void
test_scripts(void)
{
    fragment("<script>a<b</script>c", "<script>a<b</script>c");
    fragment("<script>x", "<script>x</script>");
    fragment("<script>\"<!--<script>\"</script>d",
             "<script>\"<!--\\x3Cscript>\"</script>d");
    fragment("<script><!-- x\n\"<b>\" //--></script>e",
             "<script><!-- x\n\"<b>\" //--></script>e");
    fragment("<script>a<scripts</script>f", "<script>a<scripts</script>f");
    fragment("<script id=iomd>x</script><script id='part-0-0'>y</script>z",
             "z");
    fragment("<style>a{}</STYLE >b", "<style>a{}</style>b");
    fragment("<svg><style>a<b</style><path d='M0'/></svg>",
             "<svg><style>a&lt;b</style><path d=\"M0\"></path></svg>");
}

static void
test_depth(void)
{
    struct tn_buffer in = {0};
    struct tn_buffer out = {0};
    for (int i = 0; i < 5000; i++) {
        tn_buffer_append_text(&in, "<div>");
    }
    tn_html_fragment(&out, in.data, in.size);
    check_int(out.error, TN_OK);
    check_int(out.size, 300 * (5 + 6));
    tn_buffer_clear(&in);
    tn_buffer_clear(&out);
}

static void
markdown(const char *text, const char *expected)
{
    struct tn_buffer out = {0};
    check_int(tn_markdown_append(&out, text, strlen(text), NULL), TN_OK);
    check_text(out.size != 0 ? out.data : "", expected);
    tn_buffer_clear(&out);
}

static void
test_markdown(void)
{
    markdown("# Hi *you*, 2!\n", "<h1 id=\"hi-you-2\">Hi <em>you</em>, 2!"
                                 "</h1>\n");
    markdown("# iomd\n", "<h1 id=\"section-iomd\">iomd</h1>\n");
    markdown("a $x<y$ b\n\n$$z$$\n",
             "<p>a <span class=\"tn-math\">$x&lt;y$</span> b</p>\n"
             "<p><span class=\"tn-math\" data-display>$$z$$</span></p>\n");
    markdown("~~a~~ https://example.com <b>c\n",
             "<p><del>a</del> <a href=\"https://example.com\">"
             "https://example.com</a> <b>c</b></p>\n");
    markdown("- [x] a\n",
             "<ul>\n<li class=\"tn-task\"><input type=\"checkbox\" disabled "
             "checked> a</li>\n</ul>\n");
    markdown("|a|b|\n|-|:-:|\n|1|2|\n",
             "<table>\n<thead>\n<tr><th>a</th><th align=\"center\">b</th>"
             "</tr>\n</thead>\n<tbody>\n<tr><td>1</td><td align=\"center\">2"
             "</td></tr>\n</tbody>\n</table>\n");
    markdown("![a *b* ![c](d)](e \"t\")\n",
             "<p><img src=\"e\" alt=\"a b c\" title=\"t\"></p>\n");
    markdown("```py\na<b\n```\n",
             "<pre><code data-language=\"py\">a&lt;b\n</code></pre>\n");
    markdown("3. x\n", "<ol start=\"3\">\n<li>x</li>\n</ol>\n");
}

static void
test_attachments(void)
{
    static const char text[] = "![p](attachment:p.png)![q](attachment:q)";
    static const char json_text[] = "{\"p.png\":{\"image/png\":\"AAAA\"}}";
    struct tn_json *json;
    struct tn_buffer out = {0};
    check_int(tn_json_parse(&json, json_text, strlen(json_text), NULL),
              TN_OK);
    check_int(tn_markdown_append(&out, text, strlen(text),
                                 tn_json_root(json)),
              TN_OK);
    check_text(out.data, "<p><img src=\"data:image/png;base64,AAAA\" "
                         "alt=\"p\"><img src=\"attachment:q\" alt=\"q\">"
                         "</p>\n");
    tn_buffer_clear(&out);
    tn_json_free(json);
}

static void
ansi(const char *text, const char *expected)
{
    struct tn_buffer out = {0};
    tn_ansi_append(&out, text, strlen(text));
    check_text(out.size != 0 ? out.data : "", expected);
    tn_buffer_clear(&out);
}

static void
test_ansi(void)
{
    ansi("a<b", "a&lt;b");
    ansi("\x1b[31mr\x1b[0mp", "<span class=\"tn-ansi tn-ansi-red\">r</span>p");
    ansi("\x1b[1;92;44mx",
         "<span class=\"tn-ansi tn-ansi-bold tn-ansi-bright-green "
         "tn-ansi-bg-blue\">x</span>");
    ansi("\x1b[38;5;196mx\x1b[39my",
         "<span class=\"tn-ansi\" style=\"color:#ff0000;\">x</span>y");
    ansi("\x1b[48;2;1;2;3mx",
         "<span class=\"tn-ansi\" style=\"background-color:#010203;\">x"
         "</span>");
    ansi("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link");
    ansi("\x1b[2Kx\x1b[", "x");
    ansi("10%\r20%\nnext\r\n", "20%\nnext\n");
    ansi("\x1b[31m10%\r20%\n",
         "<span class=\"tn-ansi tn-ansi-red\">20%\n</span>");
}

static void
output(const char *json_text, const char *expected)
{
    struct tn_json *json;
    struct tn_buffer out = {0};
    check_int(tn_json_parse(&json, json_text, strlen(json_text), NULL),
              TN_OK);
    check_int(tn_output_append_all(&out, tn_json_root(json)), TN_OK);
    check_text(out.size != 0 ? out.data : "", expected);
    tn_buffer_clear(&out);
    tn_json_free(json);
}

static void
test_outputs(void)
{
    output("[{\"output_type\":\"stream\",\"name\":\"stdout\",\"text\":[\"a\","
           "\"b\"]},{\"output_type\":\"stream\",\"name\":\"stdout\",\"text\":"
           "\"c\"}]",
           "<div class=\"tn-output\" data-stream=\"stdout\"><pre>abc</pre>"
           "</div>\n");
    output("[{\"output_type\":\"display_data\",\"data\":{\"text/plain\":\"p\","
           "\"text/html\":\"<i>h\"},\"metadata\":{}}]",
           "<div class=\"tn-output\" data-mime=\"text/html\"><i>h</i>"
           "</div>\n");
    output("[{\"output_type\":\"error\",\"ename\":\"E\",\"evalue\":\"v\","
           "\"traceback\":[]}]",
           "<div class=\"tn-output\" data-error=\"E\"><pre>E: v</pre>"
           "</div>\n");
    output("[{\"output_type\":\"display_data\",\"data\":{\"text/html\":"
           "\"\\ud800<b>\"}},{\"output_type\":\"error\",\"ename\":"
           "\"\\udc00\",\"evalue\":\"\",\"traceback\":[\"\\u0000\"]}]",
           "<div class=\"tn-output\" data-mime=\"text/html\">\xef\xbf\xbd<b>"
           "</b></div>\n<div class=\"tn-output\" data-error=\"\xef\xbf\xbd\">"
           "<pre>\xef\xbf\xbd</pre></div>\n");
    output("[{\"output_type\":\"display_data\",\"data\":{}}, 5, {}]", "");
    output("[{\"output_type\":\"display_data\",\"data\":{\"text/plain\":\"\""
           "}}]",
           "<div class=\"tn-output\" data-mime=\"text/plain\"><pre></pre>"
           "</div>\n");
}

int
main(void)
{
    run_test(test_closing);
    run_test(test_comments);
    run_test(test_documents);
    run_test(test_attributes);
    run_test(test_scripts);
    run_test(test_depth);
    run_test(test_markdown);
    run_test(test_attachments);
    run_test(test_ansi);
    run_test(test_outputs);
    return check_report();
}
