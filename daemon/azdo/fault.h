/* SPDX-License-Identifier: Apache-2.0 */
/* FaultText: what an answer that is no success says, in one line for people. */
#pragma once

#include "daemon/flow/batch.h"

enum {
        FAULT_MESSAGE_MAX = 300, /* bytes of the service's own words */
        FAULT_PATH_MAX = 200,    /* bytes of a path */
};

/* facts §1.8 */
typedef struct ErrorBody {
        const char *message;  /* one line, or NULL */
        const char *type_key; /* or NULL */
        bool is_html;
} ErrorBody;

/* JSON with or without a BOM, the improper wrapper, text/plain, HTML, nothing. */
ErrorBody fault_read_body(Mem *parent, const Reply *reply);
bool fault_is_json(const Reply *reply);
/* True when the service's message begins with this number, `TF400813`. */
bool fault_has_code(const ErrorBody *body, const char *code);
/* `GET /_apis/projects: 403 AccessDenied: the service's words; advice`. what: instead of the
 * status, or NULL. advice: or NULL. The path without its query. */
char *fault_text(Mem *parent, const Request *request, const Reply *reply, const ErrorBody *body,
                 const char *what, const char *advice);
