/* SPDX-License-Identifier: Apache-2.0 */
/* Author: who brought about a drift, as far as the audit log tells. */
#pragma once

#include "common/base/json.h"
#include "common/base/text.h"

typedef enum AuthorState {
        AUTHOR_ASKED, /* the audit log does not tell yet */
        AUTHOR_KNOWN,
        AUTHOR_UNKNOWN, /* for `reason`, and it stays so */
} AuthorState;

/* Texts are as others wrote them; NULL: not told. */
typedef struct Author {
        AuthorState state;
        int64_t wall; /* when it was done, ms since 1970 */
        const char *actor;   /* name for people */
        const char *account; /* ana@contoso.com */
        const char *key;     /* storage key */
        const char *address;
        const char *client;
        const char *mechanism;
        const char *action; /* Group.UpdateGroupMembership.Add */
        const char *reason; /* why it is not known, for people */
} Author;

/* With its texts below it. */
Author *author_copy(Mem *parent, const Author *author);
/* `known`, `asked`, `unknown`. */
const char *author_state_word(AuthorState state);
/* An object of that name, or null without an author. */
void author_write_json(const Author *author, JsonWriter *writer, const char *key);
/* Such an object; texts live as long as the node. 0, or -EBADMSG when it is none. */
int author_read_json(const JsonNode *node, Author *author);
/* `by Ana (ana@contoso.com) at 2026-04-01T09:00:03Z, from 203.0.113.7, with Mozilla/5.0`, or why that is not known; not
 * yet made visible. */
void author_describe(const Author *author, Text *text);

/* Authors of the steps and findings of an organisation's plans. */
typedef struct Authors Authors;

/* By which a step or finding is found again in later plans. */
typedef uint64_t AuthorKey;
AuthorKey author_key_of_step(const char *step_id);
AuthorKey author_key_of_finding(const char *project, const char *kind, const char *message);

Authors *authors_new(Mem *parent);
/* NULL: none is, or was, asked for; `authors` may be NULL. */
const Author *authors_find(const Authors *authors, AuthorKey key);
/* What is told of it from now on; texts are copied. */
void authors_set(Authors *authors, AuthorKey key, const Author *author);
void authors_remove(Authors *authors, AuthorKey key);
