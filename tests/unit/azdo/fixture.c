/* SPDX-License-Identifier: Apache-2.0 */
/* Fixture: recorded answers as replies, and a small organisation to take them into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "common/base/text.h"
#include "daemon/azdo/project.h"
#include "tests/unit/azdo/fixture.h"

#define BODY_KEY "\n  \"body\": "
#define BODY_END "\n }\n}"

static char *read_file(Mem *parent, const char *path) {
        FILE *file = fopen(path, "rb");
        char chunk[4096];
        size_t n = 0;
        Text text;

        if (!file)
                fail_msg("%s cannot be read", path);
        text_init(&text, parent);
        while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
                text_append_bytes(&text, chunk, n);
        (void)fclose(file);
        return text.data;
}

/* The bytes of the body as they stand: a reader of JSON would change some of them. */
static char *raw_body(Mem *parent, const char *file) {
        const char *start = strstr(file, BODY_KEY);
        const char *end = NULL;

        assert_non_null(start);
        start += strlen(BODY_KEY);
        for (const char *at = strstr(start, BODY_END); at; at = strstr(at + 1, BODY_END))
                end = at;
        assert_non_null(end);
        return mem_strndup(parent, start, (size_t)(end - start));
}

static const char *header(Mem *parent, const cJSON *headers, const char *name) {
        return mem_strdup(parent, cJSON_GetStringValue(cJSON_GetObjectItem(headers, name)));
}

static Reply *reply_new(Mem *parent, int status) {
        Reply *reply = mem_new(parent, Reply);

        *reply = (Reply){.status = status,
                         .body = "",
                         .retry_after_ms = -1,
                         .rate_limit_delay_ms = -1,
                         .rate_limit_reset_ms = -1,
                         .rate_limit_remaining = -1,
                         .rate_limit_limit = -1};
        return reply;
}

static void set_body(Reply *reply, const char *body) {
        reply->body = body;
        reply->n_body = strlen(body);
}

Reply *fixture_reply(Mem *parent, const char *name) {
        char *file = read_file(parent, mem_printf(parent, FIXTURES "/%s.json", name));
        cJSON *root = cJSON_Parse(file);
        const cJSON *response = cJSON_GetObjectItem(root, "response");
        const cJSON *headers = cJSON_GetObjectItem(response, "headers");
        const cJSON *body = cJSON_GetObjectItem(response, "body");
        Reply *reply = NULL;

        assert_non_null(response);
        reply = reply_new(parent,
                          (int)cJSON_GetNumberValue(cJSON_GetObjectItem(response, "status")));
        reply->content_type = header(parent, headers, "content-type");
        reply->activity_id = header(parent, headers, "activityid");
        reply->location = header(parent, headers, "location");
        reply->continuation = header(parent, headers, "x-ms-continuationtoken");
        if (cJSON_IsString(body))
                set_body(reply, mem_strdup(parent, body->valuestring));
        else if (!cJSON_IsNull(body))
                set_body(reply, mem_printf(parent, "%s%s",
                                           cJSON_IsTrue(cJSON_GetObjectItem(response, "bom"))
                                                   ? "\xEF\xBB\xBF"
                                                   : "",
                                           raw_body(parent, file)));
        cJSON_Delete(root);
        return reply;
}

Reply *reply_json(Mem *parent, const char *body) {
        Reply *reply = reply_new(parent, 200);

        reply->content_type = "application/json; charset=utf-8; api-version=7.1";
        set_body(reply, mem_strdup(parent, body));
        return reply;
}

Reply *reply_status(Mem *parent, int status) {
        return reply_new(parent, status);
}

Reply *reply_edit(Mem *parent, const Reply *reply, const char *from, const char *to) {
        Reply *copy = mem_memdup(parent, reply, sizeof *reply);
        const char *at = strstr(reply->body, from);

        if (!at)
                fail_msg("`%s` does not stand in the answer", from);
        set_body(copy, mem_printf(parent, "%.*s%s%s", (int)(at - reply->body), reply->body, to,
                                  at + strlen(from)));
        return copy;
}

Organisation *world_new(Mem *parent, const char *project, const char *id) {
        Organisation *organisation = organisation_new(parent, "https://dev.azure.com/contoso");
        Project row = {.name = project};

        assert_int_equal(guid_parse(&row.id, id), 0);
        assert_int_equal(organisation_add_project(organisation, &row), 0);
        organization_set_tokens(organisation);
        project_set_tokens(organisation, 0);
        return organisation;
}

void expect_path(const Request *request, const char *path) {
        assert_string_equal(request->path, path);
}

void expect_body(const Request *request, const char *body) {
        assert_string_equal(request->body, body);
}
