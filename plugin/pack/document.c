/* The markup of a report. */
#include "document.h"

#include <assert.h>
#include <string.h>

#include "alloc.h"
#include "cell.h"
#include "connect.h"
#include "html.h"
#include "json_write.h"
#include "pack_limits.h"
#include "markdown.h"
#include "script.h"
#include "version.h"

/* No network at all; what a notebook's own code may do stays open: js cells
 * and plugins are evaluated. */
static const char policy_closed[] =
    "default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: "
    "data:; "
    "style-src 'unsafe-inline'; img-src data: blob:; media-src data: blob:; "
    "font-src data:; worker-src blob:; "
    "form-action 'none'; " TN_CONNECT_RULE;

static const char policy_open[] =
    "default-src 'none'; "
    "script-src 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data: "
    "https: http:; "
    "style-src 'unsafe-inline' https: http:; "
    "img-src data: blob: https: http:; media-src data: blob: https: http:; "
    "font-src data: https: http:; "
    "frame-src data: blob: https: http:; worker-src blob:; "
    "form-action 'none'; " TN_CONNECT_RULE " https: http: wss: ws:";

static const char *
view_of(const struct tn_notebook *notebook)
{
    return notebook->view != NULL ? notebook->view : "report";
}

static bool
has_connect(const struct tn_document *document)
{
    return document->connect != NULL && document->connect[0] != '\0';
}

/* The rule for connections stands last, so that its words can follow. */
static void
put_policy(struct tn_buffer *out, const struct tn_document *document)
{
    tn_buffer_append_text(out, document->allow_network ? policy_open
                                                       : policy_closed);
    if (!document->allow_network && has_connect(document)) {
        tn_buffer_append_text(out, " ");
        tn_buffer_append_text(out, document->connect);
    }
}

static void
put_head(struct tn_buffer *out, const struct tn_document *document)
{
    const char *title = document->notebook->title;
    /* Screen readers choose a voice by it.  The page's words are English. */
    const char *language = document->notebook->language;
    tn_buffer_append_format(out,
                            "<!DOCTYPE html>\n<html lang=\"%s\" "
                            "data-tincture-state=\"saved\" "
                            "data-tincture-view=\"",
                            language != NULL ? language : "en");
    tn_buffer_append_text(out, view_of(document->notebook));
    tn_buffer_append_text(
        out, "\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" "
             "content=\"width=device-width, initial-scale=1\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"");
    put_policy(out, document);
    tn_buffer_append_text(out, "\">\n<title>");
    tn_html_escape(out, title != NULL ? title : "",
                   title != NULL ? strlen(title) : 0);
    tn_buffer_append_text(out, "</title>\n<meta name=\"generator\" "
                               "content=\"Tincture " TN_VERSION "\">\n"
                               "<style id=\"tn-style\">\n");
    tn_html_raw(out, "style", document->style, document->style_size);
    tn_buffer_append_text(out, "</style>\n</head>\n<body>\n");
}

/* Parses JSON that a chunk holds; NULL text gives NULL. */
static int
parse_member(struct tn_json **out, const char *text)
{
    *out = NULL;
    return text == NULL ? TN_OK
                        : tn_json_parse(out, text, strlen(text), NULL);
}

static int
put_chunk(struct tn_buffer *out, const struct tn_notebook *notebook, size_t i)
{
    const struct tn_chunk *chunk = &notebook->chunks[i];
    struct tn_json *outputs = NULL;
    struct tn_json *attachments = NULL;
    struct tn_buffer source = {0}; /* as people wrote it */
    int status = tn_notebook_append_unescaped(chunk, &source);
    if (status == TN_OK) {
        status = parse_member(&outputs, chunk->outputs);
    }
    if (status == TN_OK) {
        status = parse_member(&attachments, chunk->attachments);
    }
    if (status == TN_OK) {
        struct tn_cell cell = {
            .index = i,
            .type = chunk->type,
            .flags = chunk->flags,
            .source = source.size != 0 ? source.data : "",
            .source_size = source.size,
            .outputs = outputs != NULL ? tn_json_root(outputs) : NULL,
            .attachments =
                attachments != NULL ? tn_json_root(attachments) : NULL,
            .state = chunk->state,
            .is_open = strcmp(view_of(notebook), "explore") == 0,
        };
        status = tn_cell_append(out, &cell);
    }
    tn_buffer_clear(&source);
    tn_json_free(outputs);
    tn_json_free(attachments);
    return status;
}

static void
put_member(struct tn_buffer *out, const struct tn_json_value *object,
           const char *key)
{
    size_t size;
    const char *text = tn_json_string(tn_json_get(object, key), &size);
    if (text != NULL) {
        tn_html_escape(out, text, size);
    }
}

static void
put_package(struct tn_buffer *out, const struct tn_json_value *package)
{
    tn_buffer_append_text(out, "<details><summary>");
    put_member(out, package, "name");
    tn_buffer_append_char(out, ' ');
    put_member(out, package, "version");
    tn_buffer_append_text(out, " (");
    put_member(out, package, "licence");
    tn_buffer_append_text(out, ")</summary>\n");
    const struct tn_json_value *file =
        tn_json_first(tn_json_get(package, "files"));
    for (; file != NULL; file = tn_json_next(file)) {
        tn_buffer_append_text(out, "<pre>");
        put_member(out, file, "text");
        tn_buffer_append_text(out, "</pre>\n");
    }
    tn_buffer_append_text(out, "</details>\n");
}

/* Whether one of these is among the report's images; their names have no
 * quotes in them. */
static bool
carries_image(const struct tn_json_value *names, const char *images)
{
    const struct tn_json_value *name = tn_json_first(names);
    bool is_there = false;
    for (; images != NULL && name != NULL && !is_there;
         name = tn_json_next(name)) {
        const char *text = tn_json_string(name, NULL);
        size_t size = text != NULL ? strlen(text) : 0;
        const char *at = images;
        while (!is_there && size > 0 && (at = strstr(at, text)) != NULL) {
            is_there = at > images && at[-1] == '"' && at[size] == '"';
            at += size;
        }
    }
    return is_there;
}

bool
tn_document_carries(const struct tn_json_value *package, const char *profile,
                    const char *images)
{
    const struct tn_json_value *own = tn_json_get(package, "images");
    const struct tn_json_value *list = tn_json_get(package, "profiles");
    if (carries_image(own, images)) {
        return true;
    }
    if (list == NULL) {
        return own == NULL;
    }
    const struct tn_json_value *name = tn_json_first(list);
    for (; name != NULL && profile != NULL; name = tn_json_next(name)) {
        size_t size;
        const char *text = tn_json_string(name, &size);
        if (text != NULL && strcmp(text, profile) == 0) {
            return true;
        }
    }
    return profile == NULL;
}

/* `packages` is an array as in licences.json, or NULL. */
static void
put_packages(struct tn_buffer *out, const struct tn_json_value *packages,
             const struct tn_notebook *notebook)
{
    const struct tn_json_value *package = tn_json_first(packages);
    for (; package != NULL; package = tn_json_next(package)) {
        if (tn_document_carries(package, notebook->profile,
                                notebook->images)) {
            put_package(out, package);
        }
    }
}

static void
put_colophon(struct tn_buffer *out, const struct tn_document *document)
{
    tn_buffer_append_text(
        out, "<footer id=\"tn-colophon\">\n<p>Made with Tincture " TN_VERSION
             ". This page holds its text, its data and the Python that made "
             "it");
    if (document->allow_network) {
        tn_buffer_append_text(out, "; its cells may use the network.</p>\n");
    }
    else if (has_connect(document)) {
        tn_buffer_append_text(out, "; its cells may contact ");
        tn_html_escape(out, document->connect, strlen(document->connect));
        tn_buffer_append_text(out, ".</p>\n");
    }
    else {
        tn_buffer_append_text(out, "; it needs no network.</p>\n");
    }
    if (document->licences != NULL || document->wheel_licences != NULL) {
        tn_buffer_append_text(out, "<details id=\"tn-licences\"><summary>"
                                   "Licences of what is inside</summary>\n");
        const struct tn_notebook *notebook = document->notebook;
        put_packages(out, tn_json_get(document->licences, "packages"),
                     notebook);
        put_packages(out, document->test_licences, notebook);
        put_packages(out, tn_json_get(document->wheel_licences, "packages"),
                     notebook);
        tn_buffer_append_text(out, "</details>\n");
    }
    tn_buffer_append_text(out, "</footer>\n");
}

static void
write_json_or(struct tn_json_writer *w, const char *key, const char *json,
              const char *fallback)
{
    const char *text = json != NULL ? json : fallback;
    tn_json_key(w, key);
    tn_json_write_raw(w, text, strlen(text));
}

static void
write_text_or_null(struct tn_json_writer *w, const char *key, const char *text)
{
    tn_json_key(w, key);
    if (text != NULL) {
        tn_json_write_text(w, text);
    }
    else {
        tn_json_write_null(w);
    }
}

static void
write_cell(struct tn_json_writer *w, const struct tn_chunk *chunk)
{
    tn_json_begin_object(w);
    write_text_or_null(w, "id", chunk->id);
    write_json_or(w, "metadata", chunk->metadata, "{}");
    tn_json_key(w, "execution_count");
    if (chunk->execution_count == TN_NEVER_RUN) {
        tn_json_write_null(w);
    }
    else {
        tn_json_write_int(w, chunk->execution_count);
    }
    write_json_or(w, "outputs", chunk->outputs, "[]");
    write_json_or(w, "attachments", chunk->attachments, "{}");
    tn_json_key(w, "escaped");
    tn_json_begin_array(w);
    for (size_t i = 0; i < chunk->escaped_count; i++) {
        tn_json_write_int(w, (int64_t)chunk->escaped[i]);
    }
    tn_json_end_array(w);
    tn_json_end_object(w);
}

int
tn_document_append_notebook(struct tn_buffer *out,
                            const struct tn_notebook *notebook)
{
    struct tn_json_writer w;
    tn_json_writer_init(&w, out);
    tn_json_begin_object(&w);
    tn_json_key(&w, "version");
    tn_json_write_int(&w, TN_REPORT_VERSION);
    write_text_or_null(&w, "title", notebook->title);
    write_text_or_null(&w, "view", view_of(notebook));
    write_text_or_null(&w, "profile", notebook->profile);
    tn_json_key(&w, "source");
    tn_json_begin_object(&w);
    write_text_or_null(&w, "name", notebook->name);
    write_text_or_null(&w, "format",
                       tn_notebook_format_name(notebook->format));
    tn_json_end_object(&w);
    write_json_or(&w, "metadata", notebook->metadata, "{}");
    if (notebook->packages != NULL) {
        write_json_or(&w, "packages", notebook->packages, "[]");
    }
    if (notebook->images != NULL) {
        write_json_or(&w, "images", notebook->images, "[]");
    }
    if (notebook->in_worker) {
        tn_json_key(&w, "worker");
        tn_json_write_bool(&w, true);
    }
    if (notebook->report_id != NULL) {
        tn_json_key(&w, "report");
        tn_json_begin_object(&w);
        write_text_or_null(&w, "id", notebook->report_id);
        tn_json_key(&w, "revision");
        tn_json_write_int(&w, notebook->revision);
        tn_json_end_object(&w);
    }
    tn_json_key(&w, "cells");
    tn_json_begin_array(&w);
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        write_cell(&w, &notebook->chunks[i]);
    }
    tn_json_end_array(&w);
    tn_json_key(&w, "files");
    tn_json_begin_array(&w);
    for (size_t i = 0; i < notebook->file_count; i++) {
        const struct tn_file *file = &notebook->files[i];
        tn_json_begin_object(&w);
        write_text_or_null(&w, "name", file->name);
        write_text_or_null(&w, "mimetype", file->mimetype);
        tn_json_key(&w, "size");
        tn_json_write_int(&w, (int64_t)file->size);
        if (file->part != TN_NO_PART) {
            tn_json_key(&w, "part");
            tn_json_write_int(&w, (int64_t)file->part);
        }
        tn_json_end_object(&w);
    }
    tn_json_end_array(&w);
    tn_json_end_object(&w);
    return out->error;
}

static int
put_notebook(struct tn_buffer *out, const struct tn_notebook *notebook)
{
    struct tn_buffer json = {0};
    int status = tn_document_append_notebook(&json, notebook);
    if (status == TN_OK) {
        status = tn_script_append_json(out, "tincture-notebook", json.data,
                                       json.size);
    }
    tn_buffer_clear(&json);
    return status;
}

int
tn_document_append(struct tn_buffer *out, const struct tn_document *document)
{
    const struct tn_notebook *notebook = document->notebook;
    assert(document->iomd != NULL && document->style != NULL);
    put_head(out, document);
    tn_buffer_append_text(out, "<main id=\"tn-notebook\">\n");
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        int status = put_chunk(out, notebook, i);
        if (status != TN_OK) {
            return status;
        }
    }
    tn_buffer_append_text(out, "</main>\n");
    put_colophon(out, document);
    tn_script_append_iomd(out, document->iomd, document->iomd_size);
    int status = put_notebook(out, notebook);
    for (size_t i = 0; status == TN_OK && i < notebook->file_count; i++) {
        const struct tn_file *file = &notebook->files[i];
        if (file->part == TN_NO_PART && file->data != NULL) {
            status = tn_script_append_file(out, file->name, file->mimetype,
                                           file->data, file->size);
        }
    }
    return status;
}

int
tn_document_append_program(struct tn_buffer *out, const char *text,
                           size_t size)
{
    tn_buffer_append_text(out, "<script id=\"tn-player\">\n");
    tn_html_raw(out, "script", text, size);
    return tn_buffer_append_text(out, "</script>\n");
}

int
tn_document_append_end(struct tn_buffer *out)
{
    return tn_buffer_append_text(out, "</body>\n</html>\n");
}

static int
find_heading(const struct tn_notebook *notebook, struct tn_buffer *out)
{
    for (size_t i = 0; i < notebook->chunk_count; i++) {
        const struct tn_chunk *chunk = &notebook->chunks[i];
        if (strcmp(chunk->type, "md") == 0) {
            int status = tn_markdown_append_title(out, chunk->source,
                                                  chunk->source_size);
            if (status != TN_OK || out->size != 0) {
                return status;
            }
        }
    }
    return TN_OK;
}

int
tn_document_find_title(struct tn_notebook *notebook)
{
    if (notebook->title != NULL && notebook->title[0] != '\0') {
        return TN_OK;
    }
    struct tn_buffer heading = {0};
    int status = find_heading(notebook, &heading);
    if (status == TN_OK && heading.size != 0) {
        status = tn_notebook_set_text(&notebook->title, heading.data,
                                      heading.size);
    }
    else if (status == TN_OK) {
        const char *dot = strrchr(notebook->name, '.');
        size_t size = dot != NULL && dot != notebook->name
                          ? (size_t)(dot - notebook->name)
                          : strlen(notebook->name);
        status =
            tn_notebook_set_text(&notebook->title, notebook->name, size);
    }
    tn_buffer_clear(&heading);
    return status;
}
