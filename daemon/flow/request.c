/* SPDX-License-Identifier: Apache-2.0 */
/* Request: one HTTP request as a value, with its Reply. */
#include "daemon/flow/request.h"

static const char *const method_names[] = {
        [METHOD_GET] = "GET",     [METHOD_POST] = "POST",     [METHOD_PUT] = "PUT",
        [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE", [METHOD_HEAD] = "HEAD",
};

const char *method_name(Method method) {
        return method_names[method];
}

bool request_is_read(const Request *request) {
        return request->method == METHOD_GET || request->method == METHOD_HEAD || request->only_asks;
}

Request *request_copy(Mem *parent, const Request *request) {
        Request *copy = mem_new(parent, Request);

        *copy = *request;
        copy->path = mem_strdup(copy, request->path);
        copy->body = mem_strdup(copy, request->body);
        copy->media_type = mem_strdup(copy, request->media_type);
        return copy;
}
