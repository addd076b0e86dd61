/* SPDX-License-Identifier: Apache-2.0 */
/* Write: the requests that carry out a rank's changes, entries of one token together. */
#include <assert.h>
#include <stdlib.h>

#include "common/base/text.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/pipeline_users.h"
#include "daemon/azdo/role.h"
#include "daemon/azdo/team.h"
#include "daemon/engine/write.h"

/* How an entry is changed (architecture.md, Which call writes what). */
typedef enum EntryCall {
        ENTRY_REPLACE, /* merge:false with the full mask */
        ENTRY_MERGE,   /* merge:true with what is added */
        ENTRY_CLEAR,   /* DELETE permissions: bits taken from both masks */
        ENTRY_REMOVE,  /* the whole entry goes */
} EntryCall;

typedef struct EntryWrite {
        Change *change;
        EntryCall call;
        AccessControlEntry entry; /* ENTRY_CLEAR: allow holds the bits */
} EntryWrite;

ChangeExactness write_exactness(const Desired *desired, const Step *step) {
        const DesiredProject *project = desired_find_project(desired, step->project_name);
        const DesiredPrincipal *principal;

        if (step->undoes)
                return CHANGE_EXACT;
        if (!project || !step->principal.name) /* a flag has no principal */
                return CHANGE_EXACT;
        principal = desired_find_principal(project, step->principal.name);
        return principal && principal->grants_policy == GRANTS_ADDITIVE ? CHANGE_ADDITIVE : CHANGE_EXACT;
}

static void push_merge_and_clear(Mem *parent, EntryWrite **writesp, size_t *np, Change *change,
                                 uint32_t system_mask) {
        const Step *step = change->step;
        uint32_t add_allow = step->allow_after & ~step->allow_before & ~system_mask;
        uint32_t add_deny = step->deny_after & ~step->deny_before & ~system_mask;
        uint32_t before = step->allow_before | step->deny_before;
        uint32_t after = step->allow_after | step->deny_after;
        uint32_t clear = before & ~after & ~system_mask;

        if (add_allow || add_deny)
                *mem_push(parent, *writesp, *np) =
                        (EntryWrite){change, ENTRY_MERGE, {step->principal.identity, add_allow, add_deny}};
        if (clear)
                *mem_push(parent, *writesp, *np) =
                        (EntryWrite){change, ENTRY_CLEAR, {step->principal.identity, clear, 0}};
}

static void push_entry(Mem *parent, EntryWrite **writesp, size_t *np, Change *change,
                       const Organisation *live, ChangeExactness exactness) {
        const Step *step = change->step;
        uint32_t system_mask = live->permissions.items[step->space].system_mask;
        uint32_t masks =
                step->allow_before | step->deny_before | step->allow_after | step->deny_after;
        bool goes = step->verb == STEP_REMOVE_ENTRY || (step->allow_after | step->deny_after) == 0;

        if ((masks & system_mask) || ((exactness == CHANGE_ADDITIVE || step->undoes) && !goes)) {
                push_merge_and_clear(parent, writesp, np, change, system_mask);
                return;
        }
        *mem_push(parent, *writesp, *np) =
                (EntryWrite){change,
                             goes ? ENTRY_REMOVE : ENTRY_REPLACE,
                             {step->principal.identity, step->allow_after, step->deny_after}};
}

static int compare_writes(const void *a_, const void *b_) {
        const EntryWrite *a = a_, *b = b_;
        int r;

        if (a->call != b->call)
                return a->call < b->call ? -1 : 1;
        if (a->change->step->space != b->change->step->space)
                return a->change->step->space < b->change->step->space ? -1 : 1;
        r = text_compare(a->change->step->token, b->change->step->token);
        if (r)
                return r;
        return a->entry.identity < b->entry.identity   ? -1
               : a->entry.identity > b->entry.identity ? 1
                                                       : 0;
}

enum {
        WRITE_REMOVE_MAX = 8, /* descriptors in an address: a long one is answered 404 (facts §7.2) */
};

static size_t entries_max(EntryCall call) {
        return call == ENTRY_REMOVE ? WRITE_REMOVE_MAX : ACL_POST_ENTRIES_MAX;
}

static bool is_same_request(const EntryWrite *a, const EntryWrite *b) {
        return a->call == b->call && a->call != ENTRY_CLEAR &&
               a->change->step->space == b->change->step->space &&
               text_equal(a->change->step->token, b->change->step->token);
}

static Request entries_request(Mem *parent, const Organisation *live, const EntryWrite *writes, size_t n) {
        const Step *step = writes[0].change->step;
        uint8_t space = (uint8_t)step->space;
        AccessControlEntry *entries = mem_new_array(parent, AccessControlEntry, n);
        Index *identities = mem_new_array(parent, Index, n);

        for (size_t i = 0; i < n; i++) {
                entries[i] = writes[i].entry;
                identities[i] = writes[i].entry.identity;
        }
        switch (writes[0].call) {
        case ENTRY_REPLACE:
                return acl_set_entries_request(parent, live, space, step->token, ACE_REPLACE, entries, n);
        case ENTRY_MERGE:
                return acl_set_entries_request(parent, live, space, step->token, ACE_MERGE, entries, n);
        case ENTRY_CLEAR:
                return acl_clear_bits_request(parent, live, space, step->token, identities[0],
                                              entries[0].allow);
        case ENTRY_REMOVE:
                return acl_remove_entries_request(parent, live, space, step->token, identities, n);
        }
        assert(!"an entry call without a request");
        return (Request){0};
}

static void add_write(Mem *parent, WriteList *list, Request request, Change *change) {
        Write *write = mem_push(parent, list->items, list->n);

        write->request = request;
        if (change)
                *mem_push(parent, write->changes, write->n_changes) = change;
}

static void add_entry_writes(Mem *parent, WriteList *list, const Organisation *live, EntryWrite *writes,
                             size_t n) {
        size_t i = 0;

        if (n > 1)
                qsort(writes, n, sizeof *writes, compare_writes);
        while (i < n) {
                size_t k = 1;

                while (i + k < n && k < entries_max(writes[i].call) && is_same_request(&writes[i], &writes[i + k]))
                        k++;
                add_write(parent, list, entries_request(parent, live, &writes[i], k), NULL);
                for (size_t m = 0; m < k; m++) {
                        Write *write = &list->items[list->n - 1];

                        *mem_push(parent, write->changes, write->n_changes) = writes[i + m].change;
                }
                i += k;
        }
}

static Request areas_request(Mem *parent, const Organisation *live, const Step *step) {
        TeamAreas areas = {.team = step->entity, .known = true, .n_areas = step->n_areas};

        areas.areas = mem_memdup(parent, step->areas, step->n_areas * sizeof *step->areas);
        areas.default_path = step->n_areas ? step->areas[0].path : NULL;
        return team_set_areas_request(parent, live, step->entity, &areas);
}

static Request pipelines_request(Mem *parent, const Organisation *live, const Step *step) {
        return pipeline_users_change_request(
                parent, live,
                &(PipelineUsersChange){
                        .entity = step->entity,
                        .grant = step->rank == RANK_GIVE ? PIPELINE_GRANT_GIVEN : PIPELINE_GRANT_TAKEN,
                        .all = step->all_pipelines,
                        .ids = step->pipelines,
                        .n_ids = step->n_pipelines,
                });
}

/* One identity at a time: an answer that tells of nobody is then about somebody. */
static Request role_request(Mem *parent, const Organisation *live, const Step *step) {
        const RoleResource resource = {step->kind, step->project,
                                       step->at_root ? INDEX_NONE : step->entity};

        assert(kind_has(step->kind, KIND_HAS_ROLES));
        if (step->verb == STEP_SET_INHERIT)
                return role_inherit_request(parent, live, &resource, step->inherit_after);
        if (step->verb == STEP_REMOVE_ROLE)
                return role_remove_request(parent, live, &resource, step->principal.identity);
        return role_set_request(parent, live, &resource, step->principal.identity, step->role_after);
}

WriteList write_list_of(Mem *parent, const Organisation *live, const Desired *desired,
                        Change *const *changes, size_t n_changes) {
        WriteList list = {0};
        EntryWrite *entries = NULL;
        size_t n_entries = 0;

        for (size_t i = 0; i < n_changes; i++) {
                const Step *step = changes[i]->step;

                switch (step->verb) {
                case STEP_SET_ENTRY:
                case STEP_REMOVE_ENTRY:
                case STEP_SET_ADMIN:
                case STEP_REMOVE_ADMIN:
                        push_entry(parent, &entries, &n_entries, changes[i], live,
                                   write_exactness(desired, step));
                        break;
                case STEP_ADD_MEMBER:
                        add_write(parent, &list,
                                  identity_add_member_request(parent, live, step->container.identity,
                                                              step->principal.identity),
                                  changes[i]);
                        break;
                case STEP_REMOVE_MEMBER:
                        add_write(parent, &list,
                                  identity_remove_member_request(parent, live, step->container.identity,
                                                                 step->principal.identity),
                                  changes[i]);
                        break;
                case STEP_SET_PIPELINES:
                        add_write(parent, &list, pipelines_request(parent, live, step), changes[i]);
                        break;
                case STEP_SET_AREAS:
                        add_write(parent, &list, areas_request(parent, live, step), changes[i]);
                        break;
                case STEP_SET_INHERIT:
                case STEP_SET_ROLE:
                case STEP_REMOVE_ROLE:
                        add_write(parent, &list, role_request(parent, live, step), changes[i]);
                        break;
                case STEP_CREATE:
                        assert(!"not a write of this list");
                        break;
                }
        }
        add_entry_writes(parent, &list, live, entries, n_entries);
        return list;
}
