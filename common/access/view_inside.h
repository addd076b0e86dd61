/* SPDX-License-Identifier: Apache-2.0 */
/* View, inside: what the files of common/access alone know of one. */
#pragma once

#include "common/access/doubt.h"
#include "common/access/view.h"
#include "common/base/arena.h"
#include "common/model/table.h"

/* A token that has a list, connected with the next one above that an evaluation reaches. */
typedef struct AccessNode {
        const char *token;
        const struct AccessNode
                *up; /* NULL: inheritance is off here, or nothing above has a list */
        const AccessControlEntry *entries; /* sorted by identity */
        uint32_t n_entries;
        uint32_t key; /* of the view: two nodes never have the same */
        uint8_t space;
        bool is_cut; /* a token too long or with too many levels: nothing is known */
} AccessNode;

/* The node of a token, or of the next one above it that an evaluation reaches; NULL when there is
 * none. It lives until the view is changed. */
const AccessNode *access_view_node(AccessView *view, uint8_t space, const char *token);

const AccessDoubts *access_view_doubts(AccessView *view);

/* NULL for a principal that does not exist yet. */
const Identity *access_view_identity(const AccessView *view, Index principal);
/* Counted up by every change. */
uint64_t access_view_version(const AccessView *view);
/* The artefact of a token, exactly; INDEX_NONE: none. */
Index access_view_entity(AccessView *view, uint8_t space, const char *token);
/* A name given by access_view_name_token(), or NULL. */
const char *access_view_token_name(const AccessView *view, uint8_t space, const char *token);
/* Lists laid over the organisation's. */
size_t access_view_count_lists(const AccessView *view);
const char *access_view_list(const AccessView *view, size_t list, uint8_t *spacep);
bool access_view_has_list(const AccessView *view, uint8_t space, const char *token);
/* Those of the organisation and new ones: all indexes are below. */
size_t access_view_count_principals(const AccessView *view);
/* Groups whose members are laid over the organisation's. */
size_t access_view_count_groups(const AccessView *view);
Index access_view_group(const AccessView *view, size_t group);
/* What a file of common/access keeps with a view, freed with it; the view's owner alone looks at
 * it. */
void **access_view_kept(AccessView *view);
Mem *access_view_mem(AccessView *view);
