/* SPDX-License-Identifier: Apache-2.0 */
/* Body: the JSON of an answer, taken apart with one constant sentence for what is wrong. */
#pragma once

#include "common/base/guid.h"
#include "common/base/json.h"
#include "daemon/flow/request.h"

/* -EBADMSG with the sentence. */
int body_fail(const char **reasonp, const char *sentence);
/* The whole document; the nodes live below scratch. */
int body_parse(Mem *scratch, const Reply *reply, const JsonNode **rootp, const char **reasonp);
/* An answer that is one object. */
int body_object(Mem *scratch, const Reply *reply, const JsonNode **objectp, const char **reasonp);
/* The array of `{"count":N,"value":[...]}` (facts §1.7); a count that is there must be right. */
int body_list(Mem *scratch, const Reply *reply, const JsonNode **valuep, const char **reasonp);
/* The array of such a document already parsed. */
int body_list_of(const JsonNode *root, const JsonNode **valuep, const char **reasonp);
/* 0, or -EBADMSG when absent or no GUID. */
int body_guid(const JsonNode *object, const char *key, Guid *guidp);
/* Text that is there and not empty, or NULL. */
const char *body_text(const JsonNode *object, const char *key);
