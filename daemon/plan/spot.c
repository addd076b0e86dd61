/* SPDX-License-Identifier: Apache-2.0 */
/* Spot: where the things of the charter have their entries, live or in the wanted view. */
#include <string.h>

#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/plan/draft.h"

Index draft_find_entity(const Draft *draft, Kind kind, const char *name) {
        const KnownThing *known = draft_known(draft, kind, name);

        if (draft->live_project == INDEX_NONE)
                return INDEX_NONE;
        if (known && known->state == KNOWN_RENAMED)
                name = known->live_name;
        return organisation_find_entity(draft->live, draft->live_project, kind, name);
}

bool draft_will_make(const Draft *draft, Kind kind, const char *name) {
        const OwnedArtefact *owned = NULL;

        return kind_has(kind, KIND_IS_CREATED) && draft->spec->may_create &&
               desired_find_owner(draft->project, kind, name, &owned) && owned->policies.create;
}

bool draft_find_root(const Draft *draft, Kind kind, Spot *spot) {
        int space = kind == KIND_PROJECT ? NAMESPACE_PROJECT : organisation_namespace_of_kind(kind);
        const char *token;

        if (space < 0 || draft->live_project == INDEX_NONE)
                return false;
        token = draft->live->projects[draft->live_project].root_token[space];
        if (!token)
                return false;
        *spot = (Spot){.kind = kind,
                       .name = "",
                       .at_root = kind != KIND_PROJECT,
                       .entity = INDEX_NONE,
                       .space = space,
                       .token = token};
        return true;
}

/* The token that a thing will have: below its parent's. Of a folder it is what the service will make of it; of others the
 * last part stands for the id that is not known yet. */
static const char *token_to_come(Draft *draft, Kind kind, const char *name, const Spot *root) {
        const char *slash = kind_has(kind, KIND_IS_NESTED) ? strrchr(name, '/') : NULL;
        char separator = draft_space(draft, root->space)->separator;
        const char *last = slash ? slash + 1 : name;
        Spot parent = *root;

        if (slash && slash > name) {
                const char *above = mem_strndup(draft->mem, name, (size_t)(slash - name));

                if (!draft_find_spot(draft, kind, above, &parent)) {
                        parent = *root;
                        parent.token = token_to_come(draft, kind, above, root);
                }
        }
        return mem_printf(draft->mem, "%s%c%s%s", parent.token, separator,
                          kind == KIND_PIPELINE_FOLDER ? "" : "new ", last);
}

bool draft_find_spot(Draft *draft, Kind kind, const char *name, Spot *spot) {
        Index entity = draft_find_entity(draft, kind, name);
        Spot root;

        if (!draft_find_root(draft, kind, &root))
                return false;
        *spot = root;
        spot->at_root = false;
        spot->name = name;
        spot->entity = entity;
        if (entity != INDEX_NONE) {
                spot->token = draft->live->entities[entity].token;
                return spot->token != NULL;
        }
        if (!draft_will_make(draft, kind, name))
                return false;
        spot->is_new = true;
        spot->token = token_to_come(draft, kind, name, &root);
        access_view_name_token(draft->wanted, (uint8_t)spot->space, spot->token,
                               mem_printf(draft->mem, "[%s] %s %s", draft->project->name, kind_row(kind)->noun, name));
        return true;
}

/* --- the other way: from a token to its thing ---------------------------------------------------------------------- */

static Index entity_of_token(const Draft *draft, const char *token, size_t n, int space, char separator) {
        char *prefix = mem_strndup(NULL, token, n);
        TableCursor cursor = table_find(&draft->entity_table, token_hash(prefix, separator));
        Index found = INDEX_NONE;

        for (uint32_t row; (row = table_next(&draft->entity_table, &cursor)) != TABLE_NONE;) {
                const Entity *entity = &draft->live->entities[row];

                if (organisation_namespace_of_kind(entity->kind) == space &&
                    token_compare(entity->token, prefix, separator) == 0)
                        found = row;
        }
        mem_free(prefix);
        return found;
}

static Kind kind_of_space(int space) {
        switch (space) {
        case NAMESPACE_PROJECT:
                return KIND_PROJECT;
        case NAMESPACE_GIT:
                return KIND_REPOSITORY;
        case NAMESPACE_BUILD:
                return KIND_PIPELINE_FOLDER;
        case NAMESPACE_CSS:
                return KIND_AREA;
        default:
                return KIND_SERVICE_CONNECTION;
        }
}

Spot draft_spot_of_acl(const Draft *draft, const AccessControlList *acl) {
        char separator = draft_space(draft, acl->namespace)->separator;
        const char *root = draft->live->projects[draft->live_project].root_token[acl->namespace];
        Spot spot = {.kind = kind_of_space(acl->namespace),
                     .name = "",
                     .entity = INDEX_NONE,
                     .space = acl->namespace,
                     .token = acl->token};
        ssize_t n = (ssize_t)token_length(acl->token, separator);
        size_t whole = (size_t)n;

        for (; n > 0 && spot.entity == INDEX_NONE; n = token_parent_length(acl->token, (size_t)n, separator)) {
                Index entity = entity_of_token(draft, acl->token, (size_t)n, acl->namespace, separator);

                if (entity == INDEX_NONE)
                        continue;
                spot.entity = entity;
                spot.name = draft->live->entities[entity].name;
                if ((size_t)n < whole)
                        spot.below = acl->token + n;
        }
        if (spot.entity == INDEX_NONE && root) {
                spot.at_root = spot.kind != KIND_PROJECT;
                if (token_compare(acl->token, root, separator) != 0)
                        spot.below = acl->token + token_length(root, separator);
        }
        return spot;
}

/* --- what an `at` is about ------------------------------------------------------------------------------------------ */

typedef struct Spots {
        Spot *items;
        size_t n;
} Spots;

static void add_named(Draft *draft, Spots *spots, Kind kind, const char *name) {
        Spot spot;

        if (draft_find_spot(draft, kind, name, &spot))
                *mem_push(draft->mem, spots->items, spots->n) = spot;
}

static void add_owned(Draft *draft, Spots *spots, const DesiredPrincipal *owner, Kind kind) {
        for (size_t i = 0; owner && i < owner->n_owns; i++) {
                const OwnedArtefact *owned = &owner->owns[i];

                if ((kind == _KIND_N || owned->kind == kind) && kind_has(owned->kind, KIND_HAS_PERMISSIONS) &&
                    strcmp(owned->name, "/") != 0)
                        add_named(draft, spots, owned->kind, owned->name);
        }
}

static void add_root(Draft *draft, Spots *spots, Kind kind) {
        Spot spot;

        if (draft_find_root(draft, kind, &spot))
                *mem_push(draft->mem, spots->items, spots->n) = spot;
}

static void add_mentioned(Draft *draft, Spots *spots, const At *at) {
        for (size_t i = 0; i < at->n_names; i++) {
                size_t n = spots->n;

                add_named(draft, spots, at->kind, at->names[i].text);
                if (spots->n == n)
                        draft_find(draft, "missing", FINDING_WARNING, at->names[i].place,
                                   "the %s `%s` is not there, and nobody owns it, so it is not made",
                                   kind_row(at->kind)->noun, at->names[i].text);
        }
}

Spot *draft_spots_of_at(Draft *draft, const At *at, const DesiredPrincipal *owner, size_t *np) {
        Spots spots = {0};

        switch (at->form) {
        case AT_PROJECT:
                add_root(draft, &spots, KIND_PROJECT);
                break;
        case AT_KIND_ROOT:
                add_root(draft, &spots, at->kind);
                break;
        case AT_OWN:
                add_owned(draft, &spots, owner, _KIND_N);
                break;
        case AT_KIND_OWN:
                add_owned(draft, &spots, owner, at->kind);
                break;
        case AT_KIND_OWNED_BY:
                add_owned(draft, &spots, desired_find_principal(draft->project, at->team), at->kind);
                break;
        case AT_KIND_NAMES:
                add_mentioned(draft, &spots, at);
                break;
        case AT_ORGANIZATION:
        case AT_BRANCHES:
                break;
        }
        *np = spots.n;
        return spots.items;
}
