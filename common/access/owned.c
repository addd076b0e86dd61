/* SPDX-License-Identifier: Apache-2.0 */
/* Owned: the index by which a confinement is judged without looking at every pair. */
#include "common/access/owned.h"

#include <stdlib.h>
#include <string.h>

#include "common/access/evaluate_inside.h"
#include "common/base/text.h"
#include "common/model/token.h"

typedef struct Builder {
        AccessView *view;
        const Organisation *live;
        const AccessNames *names;
        OwnedIndex *index;
        Table things; /* by token */
} Builder;

static char separator_of(const Builder *builder, uint8_t space) {
        return builder->live->permissions.items[space].separator;
}

static void add_things(Builder *builder) {
        OwnedIndex *index = builder->index;

        for (size_t i = 0; i < index->project->n_principals; i++) {
                const DesiredPrincipal *owner = &index->project->principals[i];

                for (size_t j = 0; j < owner->n_owns; j++) {
                        const OwnedArtefact *artefact = &owner->owns[j];
                        AccessPlace place = {0};

                        if (text_equal(artefact->name, "/"))
                                continue; /* the root stays everybody's (charter.md, owns) */
                        place = builder->names->artefact(builder->names->context, index->project,
                                                         artefact->kind, artefact->name);
                        if (!place.token)
                                continue;
                        table_add(&builder->things,
                                  token_hash(place.token, separator_of(builder, place.space)) ^
                                          place.space,
                                  (uint32_t)index->n_things);
                        *mem_push(index, index->things, index->n_things) =
                                (OwnedThing){owner, artefact, place};
                }
        }
}

static uint32_t find_thing(const Builder *builder, uint8_t space, const char *token) {
        char separator = separator_of(builder, space);
        TableCursor cursor = table_find(&builder->things, token_hash(token, separator) ^ space);
        uint32_t row = 0;

        while ((row = table_next(&builder->things, &cursor)) != TABLE_NONE)
                if (builder->index->things[row].place.space == space &&
                    token_compare(builder->index->things[row].place.token, token, separator) == 0)
                        return row;
        return TABLE_NONE;
}

/* The nearest thing above a token; TABLE_NONE when it is one itself, or below none. */
static uint32_t thing_above(const Builder *builder, uint8_t space, const char *token) {
        char separator = separator_of(builder, space);
        char cut[ACCESS_TOKEN_MAX + 1];
        ssize_t n = (ssize_t)strlen(token);

        if (n > ACCESS_TOKEN_MAX || find_thing(builder, space, token) != TABLE_NONE)
                return TABLE_NONE;
        memcpy(cut, token, (size_t)n + 1);
        while ((n = token_parent_length(cut, (size_t)n, separator)) >= 0) {
                uint32_t thing = TABLE_NONE;

                cut[n] = '\0';
                thing = find_thing(builder, space, cut);
                if (thing != TABLE_NONE)
                        return thing;
        }
        return TABLE_NONE;
}

static void add_below(Builder *builder, uint8_t space, const char *token) {
        OwnedIndex *index = builder->index;
        uint32_t thing = thing_above(builder, space, token);

        if (thing == TABLE_NONE)
                return;
        *mem_push(index, index->nodes, index->n_nodes) =
                (OwnedNode){thing, true, token, access_view_node(builder->view, space, token)};
}

static void add_nodes(Builder *builder) {
        OwnedIndex *index = builder->index;
        const Organisation *live = builder->live;

        for (size_t i = 0; i < index->n_things; i++) {
                const AccessPlace *place = &index->things[i].place;

                *mem_push(index, index->nodes, index->n_nodes) =
                        (OwnedNode){(uint32_t)i, false, place->token,
                                    access_view_node(builder->view, place->space, place->token)};
        }
        for (size_t i = 0; i < live->n_acl_order; i++) {
                const AccessControlList *acl = &live->acls[live->acl_order[i]];

                add_below(builder, acl->namespace, acl->token);
        }
        for (size_t i = 0; i < access_view_count_lists(builder->view); i++) {
                uint8_t space = 0;
                const char *token = access_view_list(builder->view, i, &space);

                if (organisation_find_acl(live, space, token) == INDEX_NONE)
                        add_below(builder, space, token);
        }
}

/* A thing's own token stands before what is below it. */
static int compare_nodes(const void *a, const void *b) {
        const OwnedNode *x = a;
        const OwnedNode *y = b;

        if (x->thing != y->thing)
                return x->thing < y->thing ? -1 : 1;
        if (x->is_below != y->is_below)
                return x->is_below ? 1 : -1;
        return strcmp(x->token, y->token);
}

static bool is_everybodys(const OwnedIndex *index, uint32_t node, Index identity) {
        Kind kind = index->things[index->nodes[node].thing].artefact->kind;

        return index->everybody && kind_has(kind, KIND_HAS_ROLES) &&
               access_subject_has(index->everybody, identity);
}

static void add_touches(OwnedIndex *index, uint32_t node, const AccessNode *level) {
        for (size_t i = 0; i < level->n_entries; i++)
                if (level->entries[i].allow &&
                    !is_everybodys(index, node, level->entries[i].identity))
                        *mem_push(index, index->touches, index->n_touches) =
                                (OwnedTouch){level->entries[i].identity, node};
}

static void add_all_touches(OwnedIndex *index) {
        for (size_t i = 0; i < index->n_nodes; i++) {
                const OwnedNode *node = &index->nodes[i];

                /* What comes down to a token below its thing comes down to the thing. */
                for (const AccessNode *level = node->node; level;
                     level = node->is_below ? NULL : level->up)
                        add_touches(index, (uint32_t)i, level);
        }
}

static void add_deep(OwnedIndex *index) {
        for (size_t i = 0; i < index->n_nodes; i++)
                if (index->nodes[i].node && index->nodes[i].node->is_cut)
                        *mem_push(index, index->deep, index->n_deep) = (uint32_t)i;
}

static int compare_touches(const void *a, const void *b) {
        const OwnedTouch *x = a;
        const OwnedTouch *y = b;

        if (x->identity != y->identity)
                return x->identity < y->identity ? -1 : 1;
        return x->node < y->node ? -1 : x->node > y->node;
}

static AccessSubject *find_everybody(const Builder *builder, OwnedIndex *index) {
        const Organisation *live = builder->live;
        Index project = organisation_find_project(live, index->project->name);

        for (Index i = 0; project != INDEX_NONE && i < live->n_identities; i++)
                if (live->identities[i].role == IDENTITY_ROLE_VALID_USERS &&
                    live->identities[i].project == project &&
                    live->identities[i].merged == INDEX_NONE)
                        return access_subject_new(index, builder->view, i);
        return NULL;
}

OwnedIndex *access_owned_index(AccessView *view, const DesiredProject *project,
                               const AccessNames *names) {
        void **kept = access_view_kept(view);
        OwnedIndex *index = *kept;
        Builder builder = {.view = view, .live = access_view_organisation(view), .names = names};

        if (index && index->project == project && index->context == names->context &&
            index->version == access_view_version(view))
                return index;
        *kept = mem_free(index);
        index = mem_new(access_view_mem(view), OwnedIndex);
        *index = (OwnedIndex){.project = project,
                              .context = names->context,
                              .version = access_view_version(view)};
        builder.index = index;
        table_init(&builder.things, index);
        index->everybody = find_everybody(&builder, index);
        add_things(&builder);
        add_nodes(&builder);
        if (index->n_nodes > 0)
                qsort(index->nodes, index->n_nodes, sizeof(*index->nodes), compare_nodes);
        add_all_touches(index);
        add_deep(index);
        mem_free(builder.things.slots);
        if (index->n_touches > 0)
                qsort(index->touches, index->n_touches, sizeof(*index->touches), compare_touches);
        index->marks = mem_new_array(index, uint8_t, index->n_nodes);
        *kept = index;
        return index;
}

static void mark_identity(OwnedIndex *index, Index identity) {
        size_t low = 0;
        size_t high = index->n_touches;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (index->touches[middle].identity < identity)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (; low < index->n_touches && index->touches[low].identity == identity; low++)
                index->marks[index->touches[low].node] = 1;
}

void access_owned_mark(OwnedIndex *index, const AccessSubject *subject) {
        if (index->n_nodes == 0)
                return;
        if (subject->maybe_anything) {
                memset(index->marks, 1, index->n_nodes);
                return;
        }
        for (size_t i = 0; i < subject->n; i++)
                mark_identity(index, subject->items[i]);
        for (size_t i = 0; i < subject->n_maybe; i++)
                mark_identity(index, subject->maybe[i]);
        for (size_t i = 0; i < index->n_deep; i++)
                index->marks[index->deep[i]] = 1;
}

size_t access_owned_next(const OwnedIndex *index, size_t at) {
        const uint8_t *next =
                at < index->n_nodes ? memchr(index->marks + at, 1, index->n_nodes - at) : NULL;

        return next ? (size_t)(next - index->marks) : index->n_nodes;
}

void access_owned_clear(OwnedIndex *index) {
        memset(index->marks, 0, index->n_nodes);
}
