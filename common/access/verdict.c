/* SPDX-License-Identifier: Apache-2.0 */
/* Verdict: what confinements, assertions and matrices share. */
#include "common/access/verdict.h"

#include "common/access/view_inside.h"
#include "common/base/text.h"

/* facts §3.2; the first of a namespace tells most */
static const uint32_t read_bits[_NAMESPACE_N][3] = {
        [NAMESPACE_PROJECT] = {1, 512}, /* View project-level information, View test runs */
        [NAMESPACE_GIT] = {2},          /* Read */
        [NAMESPACE_BUILD] = {1, 1024},  /* View builds, View build pipeline */
        [NAMESPACE_CSS] = {16,
                           1}, /* View work items in this node, View permissions for this node */
        [NAMESPACE_IDENTITY] = {1},           /* View identity information */
        [NAMESPACE_SERVICE_ENDPOINTS] = {16}, /* View Service Connection */
        [NAMESPACE_ENVIRONMENT] = {1},        /* View */
        [NAMESPACE_LIBRARY] = {1},            /* View library item */
        [NAMESPACE_DISTRIBUTED_TASK] = {1},   /* View */
        [NAMESPACE_ITERATION] = {1},       /* View permissions for this node */
        [NAMESPACE_QUERIES] = {1},         /* Read */
        [NAMESPACE_TAGGING] = {1},         /* Enumerate tag definitions */
        [NAMESPACE_RELEASE] = {1, 32},     /* View release pipeline, View releases */
        [NAMESPACE_ANALYTICS_VIEWS] = {1}, /* View shared Analytics views */
        [NAMESPACE_PLAN] = {1},            /* View */
        [NAMESPACE_DASHBOARDS] = {1},      /* Read */
        [NAMESPACE_COLLECTION] = {1},      /* View instance-level information */
};

uint32_t access_read_bits(uint8_t space) {
        return read_bits[space][0] | read_bits[space][1] | read_bits[space][2];
}

uint32_t access_telling_bit(uint8_t space, uint32_t bits) {
        for (size_t i = 0; i < sizeof(read_bits[space]) / sizeof(*read_bits[space]); i++)
                if (bits & read_bits[space][i])
                        return read_bits[space][i];
        return bits & -bits;
}

const char *access_tell_visibility(Mem *parent, const AccessView *view,
                                   const DesiredProject *project) {
        const Organisation *live = access_view_organisation(view);
        Index row = organisation_find_project(live, project->name);
        const char *visibility = project->visibility;

        if (row != INDEX_NONE)
                visibility = live->projects[row].visibility;
        if (!visibility)
                return row == INDEX_NONE
                               ? NULL
                               : mem_printf(parent, "whether project %s is private is not known",
                                            project->name);
        if (text_equal(visibility, "private"))
                return NULL;
        return mem_printf(parent,
                          "project %s is not private (%s): others than its members may read in it",
                          project->name, visibility);
}

typedef struct Persons {
        Index *items;
        size_t n;
} Persons;

static void add_once(Mem *parent, Persons *list, Index index) {
        for (size_t i = 0; i < list->n; i++)
                if (list->items[i] == index)
                        return;
        *mem_push(parent, list->items, list->n) = index;
}

static bool is_person(const Identity *identity) {
        return identity &&
               (identity->kind == IDENTITY_USER || identity->kind == IDENTITY_SERVICE_PRINCIPAL);
}

static bool is_group(const Identity *identity) {
        return !identity || identity->kind == IDENTITY_GROUP ||
               identity->kind == IDENTITY_ENTRA_GROUP;
}

const Index *access_persons_of(Mem *parent, AccessView *view, Index group, size_t *np) {
        Persons groups = {0};
        Persons persons = {0};

        add_once(parent, &groups, group);
        for (size_t at = 0; at < groups.n && persons.n < ACCESS_PERSONS_MAX; at++) {
                size_t n = 0;
                bool known = false;
                const Index *members = access_view_members(view, groups.items[at], &n, &known);

                for (size_t i = 0; i < n && persons.n < ACCESS_PERSONS_MAX; i++) {
                        const Identity *identity = access_view_identity(view, members[i]);

                        if (is_person(identity))
                                add_once(parent, &persons, members[i]);
                        else if (is_group(identity))
                                add_once(parent, &groups, members[i]);
                }
        }
        mem_free(groups.items);
        *np = persons.n;
        return persons.items;
}
