/* SPDX-License-Identifier: Apache-2.0 */
/* Members: the groups that principals of the charter are in, and who is in theirs. */
#include "common/base/guid.h"
#include "common/base/text.h"
#include "daemon/plan/draft.h"

/* A membership that the charter wants; indexes of the view. */
typedef struct Edge {
        Index container;
        Index member;
        Place why;
} Edge;

typedef struct Edges {
        Draft *draft;
        Edge *items;
        size_t n;
        Table table;
} Edges;

static uint64_t edge_hash(Index container, Index member) {
        return ((uint64_t)container << 32 | member) * 0x9E3779B97F4A7C15;
}

static bool is_wanted(const Edges *edges, Index container, Index member) {
        TableCursor cursor = table_find(&edges->table, edge_hash(container, member));

        for (uint32_t row; (row = table_next(&edges->table, &cursor)) != TABLE_NONE;)
                if (edges->items[row].container == container && edges->items[row].member == member)
                        return true;
        return false;
}

static void want_edge(Edges *edges, Index container, Index member, Place why) {
        if (is_wanted(edges, container, member))
                return;
        table_add(&edges->table, edge_hash(container, member), (uint32_t)edges->n);
        *mem_push(edges->draft->mem, edges->items, edges->n) = (Edge){container, member, why};
        access_view_add_member(edges->draft->wanted, container, member);
}

/* --- names that nobody has ------------------------------------------------------------------------------------------ */

/* An Entra group that the organisation has not met: brought in by its object id, as the charter names it. */
static void materialise(Draft *draft, const PrincipalName *name) {
        Step *step;
        Guid id;

        if (guid_parse(&id, name->name) < 0) {
                draft_find(draft, "identity", FINDING_WARNING, name->place,
                           "the organisation has no Entra group `%s`; give its object id", name->name);
                return;
        }
        for (size_t i = draft->first_step; i < draft->plan->n_steps; i++)
                if (draft->plan->steps[i].verb == STEP_CREATE && draft->plan->steps[i].principal.name &&
                    text_equal(draft->plan->steps[i].principal.name, name->name))
                        return;
        step = draft_add_step(draft, RANK_CREATE, STEP_CREATE);
        step->kind = KIND_GROUP;
        step->name = name->name;
        step->principal.name = step->principal.display = name->name;
        step->why = name->place;
        step->cause = "an Entra group that the organisation has not met";
}

static void tell_nobody(Draft *draft, const PrincipalName *name) {
        switch (name->form) {
        case PRINCIPAL_USER:
        case PRINCIPAL_SERVICE_PRINCIPAL:
                draft_find(draft, "identity", FINDING_WARNING, name->place,
                           "%s is not in the organisation; charterd brings nobody in", name->name);
                return;
        case PRINCIPAL_ENTRA_GROUP:
                materialise(draft, name);
                return;
        case PRINCIPAL_GROUP:
        case PRINCIPAL_ORGANIZATION_GROUP:
                draft_find(draft, "missing", FINDING_WARNING, name->place, "there is no group `%s`", name->name);
                return;
        }
}

/* --- what is wanted ------------------------------------------------------------------------------------------------- */

static void want_members(Edges *edges, const Holder *holder) {
        const PrincipalList *members = &holder->desired->members;

        for (size_t i = 0; i < members->n; i++) {
                Index member = draft_find_name(edges->draft, &members->items[i]);

                if (member == INDEX_NONE)
                        tell_nobody(edges->draft, &members->items[i]);
                else
                        want_edge(edges, holder->viewed, member, members->items[i].place);
        }
}

static void want_containers(Edges *edges, const Holder *holder) {
        const PrincipalList *groups = &holder->desired->member_of;

        for (size_t i = 0; i < groups->n; i++) {
                Index container = draft_find_name(edges->draft, &groups->items[i]);

                if (container == INDEX_NONE)
                        tell_nobody(edges->draft, &groups->items[i]);
                else
                        want_edge(edges, container, holder->viewed, groups->items[i].place);
        }
}

/* --- steps ---------------------------------------------------------------------------------------------------------- */

static void set_container(const Draft *draft, Step *step, Index viewed) {
        StepPrincipal member = step->principal;
        uint32_t holder;

        draft_set_principal(draft, step, viewed);
        step->container = step->principal;
        step->principal = member;
        holder = draft_holder_of(draft, viewed);
        step->kind = KIND_GROUP;
        if (viewed < draft->live->n_identities ? draft->live->identities[viewed].is_team
                                               : holder != HOLDER_NONE && draft->holders[holder].desired->is_team)
                step->kind = KIND_TEAM;
        step->name = step->container.name;
}

static void add_missing(Edges *edges) {
        Draft *draft = edges->draft;

        for (size_t i = 0; i < edges->n; i++) {
                const Edge *edge = &edges->items[i];
                Step *step;

                if (edge->container < draft->live->n_identities && edge->member < draft->live->n_identities &&
                    organisation_is_member(draft->live, edge->container, edge->member))
                        continue;
                step = draft_add_step(draft, RANK_ADD_MEMBER, STEP_ADD_MEMBER);
                draft_set_principal(draft, step, edge->member);
                set_container(draft, step, edge->container);
                step->why = edge->why;
                step->cause = "wanted by the charter";
        }
}

typedef struct Surplus {
        Index container;
        Index member;
        Policy policy;
        Place why;
        const Holder *of; /* whose list it is beyond */
        bool is_own_trace;
} Surplus;

static void take(Edges *edges, const Surplus *surplus) {
        Draft *draft = edges->draft;
        const char *member = access_view_display(draft->wanted, surplus->member);
        const char *container = access_view_display(draft->wanted, surplus->container);
        Step *step;

        if (surplus->policy == POLICY_IGNORE)
                return;
        if (surplus->policy == POLICY_REPORT) {
                draft_find(draft, "unlisted", FINDING_WARNING, surplus->why,
                           "%s is a member of %s, which the charter does not say", member, container);
                return;
        }
        access_view_remove_member(draft->wanted, surplus->container, surplus->member);
        step = draft_add_step(draft, RANK_REMOVE_MEMBER, STEP_REMOVE_MEMBER);
        draft_set_principal(draft, step, surplus->member);
        set_container(draft, step, surplus->container);
        step->why = surplus->why;
        step->cause = surplus->is_own_trace ? "given to charterd for making it" : "not in the charter";
        step->is_own_trace = surplus->is_own_trace;
        step->frees_leak = surplus->of->desired->confined;
}

/* Computed by the service, or its own: never touched. */
static bool is_service_container(const Identity *group) {
        return group->role == IDENTITY_ROLE_VALID_USERS || group->role == IDENTITY_ROLE_PROJECT_SCOPED_USERS ||
               group->role == IDENTITY_ROLE_SECURITY_SERVICE;
}

static void police_containers(Edges *edges, const Holder *holder) {
        Draft *draft = edges->draft;
        size_t n;
        const Membership *containers = organisation_containers(draft->live, holder->identity, &n);

        if (!draft->live->identities[holder->identity].containers_known)
                draft_find(draft, "not_known", FINDING_WARNING, holder->desired->member_of.place,
                           "not every group that %s is in could be read", holder->display);
        for (size_t i = 0; i < n; i++) {
                Index container = containers[i].container;
                const Identity *group = &draft->live->identities[container];

                draft->n_base++;
                if (is_wanted(edges, container, holder->identity) || is_service_container(group))
                        continue;
                if (group->project != INDEX_NONE && group->project != draft->live_project &&
                    !desired_find_project(draft->spec->desired, draft->live->projects[group->project].name)) {
                        draft_find(draft, "unlisted", FINDING_WARNING, holder->desired->member_of.place,
                                   "%s is a member of %s, in a project outside the charter", holder->display,
                                   access_view_display(draft->wanted, container));
                        continue;
                }
                take(edges, &(Surplus){container, holder->identity, holder->desired->policies.unlisted_memberships,
                                       holder->desired->member_of.place, holder, false});
        }
}

/* The rest of charterd's rights does not hang on being a member there. */
static bool self_can_leave(const Draft *draft, Index container) {
        AccessView *view = access_view_new(draft->mem, draft->live);
        const Project *project = &draft->live->projects[draft->live_project];
        AccessSubject *self;
        bool can = true;

        access_view_remove_member(view, container, draft->live->self_identity);
        self = access_subject_new(view, view, draft->live->self_identity);
        for (int space = 0; space < _NAMESPACE_N && can; space++) {
                uint32_t needed = draft_space(draft, space)->write_permission;

                if (project->root_token[space] && (project->rights.may_write & (1u << space)))
                        can = (access_evaluate(view, self, (uint8_t)space, project->root_token[space]).allow & needed) ==
                              needed;
        }
        mem_free(view);
        return can;
}

static void police_member(Edges *edges, const Holder *holder, Index member) {
        Draft *draft = edges->draft;
        uint32_t other = draft_holder_of(draft, member);
        Surplus surplus = {holder->identity, member, holder->desired->policies.unlisted_members,
                           holder->desired->members.place, holder, false};

        if (is_wanted(edges, holder->identity, member))
                return;
        /* Its own `member_of` says so already. */
        if (other != HOLDER_NONE && draft->holders[other].desired->member_of.mentioned)
                return;
        if (member == draft->live->self_identity) {
                surplus.is_own_trace = true;
                surplus.policy = POLICY_REMOVE;
                if (self_can_leave(draft, holder->identity))
                        take(edges, &surplus);
                return;
        }
        if (draft->live->identities[member].kind == IDENTITY_UNKNOWN)
                draft_find(draft, "identity", FINDING_WARNING, holder->desired->members.place,
                           "%s has a member that cannot be told, which stays", holder->display);
        else if (!draft_is_exempt(draft, member))
                take(edges, &surplus);
}

static void police_members(Edges *edges, const Holder *holder) {
        Draft *draft = edges->draft;
        size_t n;
        const Membership *members = organisation_members(draft->live, holder->identity, &n);

        if (!draft->live->identities[holder->identity].members_known) {
                draft_find(draft, "not_known", FINDING_WARNING, holder->desired->members.place,
                           "the members of %s could not all be read; nobody is taken out", holder->display);
                return;
        }
        for (size_t i = 0; i < n; i++) {
                draft->n_base++;
                police_member(edges, holder, members[i].member);
        }
}

void draft_memberships(Draft *draft) {
        Edges edges = {.draft = draft};

        table_init(&edges.table, draft->mem);
        for (size_t i = 0; i < draft->n_holders; i++) {
                if (draft->holders[i].viewed == INDEX_NONE)
                        continue;
                want_members(&edges, &draft->holders[i]);
                want_containers(&edges, &draft->holders[i]);
        }
        add_missing(&edges);
        for (size_t i = 0; i < draft->n_holders; i++) {
                const Holder *holder = &draft->holders[i];

                if (holder->identity == INDEX_NONE || draft->live->identities[holder->identity].assumed)
                        continue;
                if (holder->desired->member_of.mentioned)
                        police_containers(&edges, holder);
                if (holder->desired->members.mentioned)
                        police_members(&edges, holder);
                else if (draft_is_made_by_us(draft, holder) &&
                         organisation_is_member(draft->live, holder->identity, draft->live->self_identity))
                        police_member(&edges, holder, draft->live->self_identity);
        }
}
