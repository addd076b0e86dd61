/* SPDX-License-Identifier: Apache-2.0 */
/* AccessStore: what was stored of access over time, as somebody asks for it. Takes no lock. */
#pragma once

#include "common/access/record_matrix.h"

typedef struct AccessStoreQuery {
        const char *state_directory;
        const char *organization; /* its url */
        const char *project;      /* by the name it had then, or has in its last file; NULL: all */
} AccessStoreQuery;

/* A project at a moment. */
typedef struct AccessFound {
        AccessStored stored;   /* record NULL: nothing is stored of that moment */
        const char *project;   /* its last name */
        int64_t first;         /* when the first record was made */
        const char *torn_file; /* the next record is there, and not whole: what it said is not known; or NULL */
        /* by access_ledger_ask() */
        bool is_altered; /* the record is not what its pass stored */
        int64_t left;    /* the charter names the project no more since then; 0: it does, as far as is known */
} AccessFound;

/* The last records up to a moment, of each project; below parent. 0, also when nothing was ever stored; or a negative
 * errno: -EBADMSG when a file is damaged before that is certain. Then *reasonp (below parent) says where and what to
 * do. */
int access_store_find(Mem *parent, const AccessStoreQuery *query, int64_t wall, AccessFound **foundp, size_t *np,
                      const char **reasonp);

/* `before` and `after` live during the call. */
typedef void (*AccessStoreFn)(void *context, const AccessRecord *before, const AccessRecord *after);
/* Each record made after `since` and up to `until`, with the one before it; of each project one after another. */
int access_store_each(Mem *parent, const AccessStoreQuery *query, int64_t since, int64_t until, AccessStoreFn fn,
                      void *context, const char **reasonp);
