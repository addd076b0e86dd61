/* SPDX-License-Identifier: Apache-2.0 */
/* FaultText: what an answer that is no success says, in one line for people. */
#include <string.h>
#include <strings.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/fault.h"

static bool has_type(const Reply *reply, const char *type) {
        size_t n = strlen(type);

        return reply->content_type && strncasecmp(reply->content_type, type, n) == 0 &&
               strchr("; \t", reply->content_type[n]) != NULL;
}

bool fault_is_json(const Reply *reply) {
        return has_type(reply, "application/json");
}

/* The front of a text, cut between characters; what is no printable text becomes blanks. */
static char *one_line(Mem *parent, const char *bytes, size_t n, size_t max) {
        Text text;
        size_t length = 0;

        text_init(&text, parent);
        for (size_t at = 0; at < n; at += length) {
                uint32_t code_point = text_code_point(bytes + at, n - at, &length);

                if (text.n + length > max) {
                        text_append(&text, "...");
                        break;
                }
                if (code_point > 0x20 && code_point != 0x7F && code_point != 0xFFFD &&
                    (code_point < 0x80 || code_point > 0x9F))
                        text_append_bytes(&text, bytes + at, length);
                else if (text.n > 0 && text.data[text.n - 1] != ' ')
                        text_append(&text, " ");
        }
        while (text.n > 0 && text.data[text.n - 1] == ' ')
                text.data[--text.n] = '\0';
        return text.data;
}

static char *line_of(Mem *parent, const char *text) {
        return text && *text ? one_line(parent, text, strlen(text), FAULT_MESSAGE_MAX) : NULL;
}

static void read_json(Mem *parent, const Reply *reply, ErrorBody *body) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        const char *reason = NULL;

        if (body_parse(scratch, reply, &root, &reason) == 0) {
                body->message = line_of(parent, json_get_text(root, "message"));
                if (!body->message)
                        body->message =
                                line_of(parent, json_get_text(json_get(root, "value"), "Message"));
                body->type_key = line_of(parent, json_get_text(root, "typeKey"));
        }
        mem_free(scratch);
}

ErrorBody fault_read_body(Mem *parent, const Reply *reply) {
        ErrorBody body = {.is_html = has_type(reply, "text/html") ||
                                     has_type(reply, "application/xhtml+xml")};

        /* What a success says is for whoever asked. */
        if (reply->n_body == 0 || body.is_html || (reply->status >= 200 && reply->status < 300))
                return body;
        if (fault_is_json(reply))
                read_json(parent, reply, &body);
        else if (has_type(reply, "text/plain"))
                body.message = one_line(parent, reply->body, reply->n_body, FAULT_MESSAGE_MAX);
        return body;
}

bool fault_has_code(const ErrorBody *body, const char *code) {
        size_t n = strlen(code);

        return body->message && strncasecmp(body->message, code, n) == 0 &&
               strchr(":. ", body->message[n]) != NULL;
}

static void append_status(Text *text, const Reply *reply, const ErrorBody *body) {
        if (reply->failure != REPLY_ANSWERED)
                return;
        text_appendf(text, "%d", reply->status);
        if (body->type_key)
                text_appendf(text, " %s", body->type_key);
        if (body->message)
                text_appendf(text, ": %s", body->message);
        else if (body->is_html)
                text_append(text, " with a page instead of data");
        else if (reply->n_body == 0)
                text_append(text, " without a body");
}

char *fault_text(Mem *parent, const Request *request, const Reply *reply, const ErrorBody *body,
                 const char *what, const char *advice) {
        size_t n_path = strcspn(request->path, "?");
        char *path = one_line(parent, request->path, n_path, FAULT_PATH_MAX);
        Text text;

        text_init(&text, parent);
        text_appendf(&text, "%s %s: ", method_name(request->method), path);
        if (what)
                text_append(&text, one_line(parent, what, strlen(what), FAULT_MESSAGE_MAX));
        else
                append_status(&text, reply, body);
        if (advice)
                text_appendf(&text, "; %s", advice);
        mem_free(path);
        return text.data;
}
