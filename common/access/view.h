/* SPDX-License-Identifier: Apache-2.0 */
/* View: the entries, flags and memberships of an organisation, as they are or as a plan would leave
 * them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/model/organisation.h"

/* What is laid over the organisation is kept apart: the organisation itself never changes, and a
 * view without overlays costs nothing. The organisation is sealed, and not folded into while a view
 * of it lives. */
typedef struct AccessView AccessView;

AccessView *access_view_new(Mem *parent, const Organisation *live);
const Organisation *access_view_organisation(const AccessView *view);

/* A principal that does not exist yet: a group of the project. Its index lies beyond the
 * organisation's own. The service puts every new group into the project's Valid Users (facts
 * §0.15), so this does too. */
Index access_view_add_principal(AccessView *view, Index project, const char *name,
                                const char *display);
/* Name for people; of live and of new principals. */
const char *access_view_display(const AccessView *view, Index principal);

/* Lays an entry over a token (an existing one or one that will be made); allow and deny 0: no
 * entry. */
void access_view_set_entry(AccessView *view, uint8_t space, const char *token,
                           AccessControlEntry entry);
void access_view_set_inherit(AccessView *view, uint8_t space, const char *token, bool inherit);
/* A name for people of a token that does not exist yet: `[MLOps] repository data-science-a`. */
void access_view_name_token(AccessView *view, uint8_t space, const char *token, const char *name);
void access_view_add_member(AccessView *view, Index container, Index member);
void access_view_remove_member(AccessView *view, Index container, Index member);

/* What stands at one token, overlays included. */
typedef struct AccessLevel {
        bool inherit;                      /* true where the token has no list */
        const AccessControlEntry *entries; /* sorted by identity */
        size_t n_entries;
} AccessLevel;
AccessLevel access_view_level(AccessView *view, uint8_t space, const char *token);
/* Direct containers of a principal, overlays included, sorted; *knownp: whether that is all of
 * them. */
const Index *access_view_containers(AccessView *view, Index principal, size_t *np, bool *knownp);
/* Direct members of a group, overlays included, sorted. */
const Index *access_view_members(AccessView *view, Index container, size_t *np, bool *knownp);
