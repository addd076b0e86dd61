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
/* One element with a scratch of its own. 0, or negative with *reasonp a constant sentence. */
typedef int (*BodyVisitFn)(void *context, Mem *scratch, const JsonNode *element,
                           const char **reasonp);
/* Visits the elements of such an array one by one: no more than one is held as a tree, however long
 * the list. What is wrong further on is found after the elements before it were visited. *np: how
 * many were. 0, or negative with *reasonp a constant sentence. */
int body_each(const Reply *reply, BodyVisitFn visit, void *context, size_t *np,
              const char **reasonp);
/* Whether a document that n elements of its list were cut out of is one, holds no others, and counts as
 * many. */
int body_check_cut_list(const char *bytes, size_t n_bytes, size_t n, const char **reasonp);
/* 0, or -EBADMSG when absent or no GUID. */
int body_guid(const JsonNode *object, const char *key, Guid *guidp);
/* Text that is there and not empty, or NULL. */
const char *body_text(const JsonNode *object, const char *key);
