/* SPDX-License-Identifier: Apache-2.0 */
/* Membership: who is to be in which group, against who is. */
#include <stdlib.h>

#include "daemon/plan/planner.h"

static int compare_edges(const void *a_, const void *b_) {
        const Edge *a = a_, *b = b_;

        if (a->container.index != b->container.index)
                return a->container.index < b->container.index ? -1 : 1;
        if (a->member.index != b->member.index)
                return a->member.index < b->member.index ? -1 : 1;
        return a->why.line < b->why.line ? -1 : a->why.line > b->why.line;
}

static bool is_wanted(const Draft *draft, Index container, Index member) {
        size_t low = 0, high = draft->n_edges;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const Edge *edge = &draft->edges[middle];

                if (edge->container.index == container && edge->member.index == member)
                        return true;
                if (edge->container.index < container ||
                    (edge->container.index == container && edge->member.index < member))
                        low = middle + 1;
                else
                        high = middle;
        }
        return false;
}

static void want_edge(Draft *draft, const Actor *container, const Actor *member, Place why) {
        Planner *planner = draft->planner;

        if (container->index == INDEX_NONE || member->index == INDEX_NONE ||
            container->index == member->index)
                return;
        if (container->principal.identity != INDEX_NONE &&
            identity_is_computed(&planner->live->identities[container->principal.identity])) {
                planner_add_finding(
                        planner, "membership", FINDING_WARNING, draft->desired->name, why,
                        "the service itself works out who is in %s; its members are never changed",
                        container->principal.display);
                return;
        }
        *mem_push(planner->scratch, draft->edges, draft->n_edges) =
                (Edge){*container, *member, why};
}

static void collect_edges(Draft *draft) {
        size_t n = 0;

        for (size_t i = 0; i < draft->desired->n_principals; i++) {
                const Party *party = &draft->parties[i];
                const PrincipalList *members = &party->desired->members,
                                    *groups = &party->desired->member_of;

                for (size_t k = 0; k < members->n; k++) {
                        Actor member = draft_find_actor(draft, &members->items[k]);

                        want_edge(draft, &party->actor, &member, members->items[k].place);
                }
                for (size_t k = 0; k < groups->n; k++) {
                        Actor group = draft_find_actor(draft, &groups->items[k]);

                        want_edge(draft, &group, &party->actor, groups->items[k].place);
                }
        }
        if (draft->n_edges > 1)
                qsort(draft->edges, draft->n_edges, sizeof *draft->edges, compare_edges);
        for (size_t i = 0; i < draft->n_edges; i++)
                if (n == 0 ||
                    draft->edges[n - 1].container.index != draft->edges[i].container.index ||
                    draft->edges[n - 1].member.index != draft->edges[i].member.index)
                        draft->edges[n++] = draft->edges[i];
        draft->n_edges = n;
}

/* --- steps ------------------------------------------------------------------------------------ */

static const DesiredPrincipal *desired_of(const Draft *draft, Index identity) {
        Index party = identity == INDEX_NONE ? INDEX_NONE : draft->planner->party_of[identity];

        if (party != INDEX_NONE)
                return draft->parties[party].desired;
        /* Between a project and the organisation each looks at what the charter says of the other's. */
        if (identity != INDEX_NONE && (desired_is_organization(draft->desired) ||
                                       draft->planner->live->identities[identity].project == INDEX_NONE))
                return planner_find_listed(draft->planner, identity);
        return NULL;
}

/* The project by whose rights a group's members are changed. */
static Index project_of_group(const Draft *draft, const StepPrincipal *group) {
        return group->identity == INDEX_NONE
                       ? organisation_scope_of(draft->planner->live, draft->project)
                       : draft->planner->live->identities[group->identity].project;
}

Step draft_membership_step(Draft *draft, StepVerb verb, const Actor *container, const Actor *member) {
        const Organisation *live = draft->planner->live;
        Step step = step_begin(draft, verb,
                               verb == STEP_ADD_MEMBER ? RANK_ADD_MEMBER : RANK_REMOVE_MEMBER);
        const Party *party = draft_find_party(draft, container->principal.name);
        const DesiredPrincipal *principal = desired_of(draft, member->principal.identity);
        bool is_team = party && party->actor.index == container->index && party->desired->is_team;

        if (container->principal.identity != INDEX_NONE)
                is_team = live->identities[container->principal.identity].is_team;
        step.kind = is_team ? KIND_TEAM : KIND_GROUP;
        step.name = container->principal.name;
        step.container = container->principal;
        step.principal = member->principal;
        if (party && party->actor.index == container->index) {
                step.entity = party->team;
                draft_restrain(draft, &step, &party->desired->policies);
        }
        draft_restrain(draft, &step, principal ? &principal->policies : NULL);
        step.after_creation = container->principal.identity == INDEX_NONE ||
                              member->principal.identity == INDEX_NONE;
        step.waits_for = draft_missing_right(draft, project_of_group(draft, &container->principal),
                                             NAMESPACE_IDENTITY);
        return step;
}

const char *draft_refuse_member(const Draft *draft, const Actor *container) {
        const PlanSpec *spec = draft->planner->spec;
        const Identity *group;

        if (container->principal.identity == INDEX_NONE)
                return NULL;
        group = &draft->planner->live->identities[container->principal.identity];
        if (identity_is_administrators(group) && !spec->may_administrators)
                return "`may: { administrators: true }` in the settings";
        if (group->project == INDEX_NONE && !spec->may_organization)
                return "`may: { organization: true }` in the settings";
        return NULL;
}

/* Reading told neither all members of the group nor all groups of the member. */
static bool is_unknown(const Draft *draft, const Edge *edge) {
        const Organisation *live = draft->planner->live;
        const Identity *container = &live->identities[edge->container.principal.identity];
        const Identity *member = &live->identities[edge->member.principal.identity];

        return !container->assumed && !member->assumed && !container->members_known &&
               !member->containers_known;
}

static void add_edge(Draft *draft, const Edge *edge) {
        bool is_live = edge->container.principal.identity != INDEX_NONE &&
                       edge->member.principal.identity != INDEX_NONE;
        Step step;

        if (is_live &&
            organisation_is_member(draft->planner->live, edge->container.index, edge->member.index))
                return;
        step = draft_membership_step(draft, STEP_ADD_MEMBER, &edge->container, &edge->member);
        step.why = edge->why;
        step.cause = "missing";
        if (!step.waits_for)
                step.waits_for = draft_refuse_member(draft, &edge->container);
        if (!step.waits_for && is_live && is_unknown(draft, edge))
                step.waits_for =
                        arena_printf(draft->planner->arena, "not all members of %s could be read",
                                     edge->container.principal.display);
        draft_add_step(draft, &step);
        access_view_add_member(draft->planner->wanted_view, edge->container.index,
                               edge->member.index);
}

static void remove_edge(Draft *draft, const Actor *container, const Actor *member, Place why) {
        Step step = draft_membership_step(draft, STEP_REMOVE_MEMBER, container, member);
        const DesiredPrincipal *principal = desired_of(draft, member->principal.identity);

        step.why = why;
        step.cause = principal && principal->retired ? "retired" : "not in the charter";
        draft_add_step(draft, &step);
        access_view_remove_member(draft->planner->wanted_view, container->index, member->index);
}

/* --- members beyond a governed list ----------------------------------------------------------- */

static Policy stronger(Policy a, Policy b) {
        return a > b ? a : b;
}

static Policy policy_for_member(const Draft *draft, const Party *party, Index member) {
        const DesiredPrincipal *principal = desired_of(draft, member);
        Policy policy = party->desired->policies.unlisted_members;

        if (draft_exemption(draft, party->desired, member))
                policy = POLICY_IGNORE;
        if (principal && principal->member_of.mentioned)
                policy = stronger(policy, principal->policies.unlisted_memberships);
        return policy;
}

/* By a `member_of` that names the organisation's group from within a project. */
static bool is_wanted_by_member(const Draft *draft, const Party *party, Index member) {
        const DesiredPrincipal *principal =
                desired_is_organization(draft->desired) ? desired_of(draft, member) : NULL;

        for (size_t i = 0; principal && i < principal->member_of.n; i++)
                if (principal->member_of.items[i].form == PRINCIPAL_ORGANIZATION_GROUP &&
                    text_equal(principal->member_of.items[i].name, party->desired->name))
                        return true;
        return false;
}

/* charterd's own place in a team is what the service gave it for making the team (trace.c). */
static bool is_trace(const Draft *draft, const Party *party, Index member) {
        return party->team != INDEX_NONE && member == draft->planner->live->self_identity;
}

/* Whoever cannot be told stays, and whoever was not read is not taken to be absent. */
static void tell_unread_members(Draft *draft, const Party *party) {
        const Identity *group = &draft->planner->live->identities[party->identity];
        NameList unresolved;
        size_t n;
        const Membership *members = organisation_members(draft->planner->live, party->identity, &n);

        if (!group->members_known && !group->assumed)
                planner_add_finding(draft->planner, "not_known", FINDING_WARNING,
                                    draft->desired->name, party->desired->members.place,
                                    "not all members of %s could be read",
                                    party->actor.principal.display);
        name_list_init(&unresolved, draft->planner->scratch);
        for (size_t i = 0; i < n; i++)
                if (draft->planner->live->identities[members[i].member].kind == IDENTITY_UNKNOWN)
                        name_list_add(&unresolved,
                                      actor_of_identity(draft->planner, members[i].member)
                                              .principal.display);
        if (unresolved.n > 0)
                planner_add_finding(draft->planner, "identity", FINDING_WARNING,
                                    draft->desired->name, party->desired->members.place,
                                    "members of %s who cannot be told, who stay: %s",
                                    party->actor.principal.display, name_list_end(&unresolved));
}

static void plan_surplus_members(Draft *draft, const Party *party) {
        Planner *planner = draft->planner;
        const Organisation *live = planner->live;
        NameList reported;
        size_t n;
        const Membership *members;

        if (!party->desired->members.mentioned || party->identity == INDEX_NONE ||
            identity_is_computed(&live->identities[party->identity]))
                return;
        name_list_init(&reported, planner->scratch);
        members = organisation_members(live, party->identity, &n);
        for (size_t i = 0; i < n; i++) {
                Index member = members[i].member;
                Actor actor;

                if (members[i].assumed || is_wanted(draft, party->identity, member) ||
                    is_wanted_by_member(draft, party, member) || is_trace(draft, party, member))
                        continue;
                actor = actor_of_identity(planner, member);
                switch (policy_for_member(draft, party, member)) {
                case POLICY_IGNORE:
                        break;
                case POLICY_REPORT:
                        name_list_add(&reported, actor.principal.display);
                        break;
                case POLICY_REMOVE:
                        remove_edge(draft, &party->actor, &actor, party->desired->members.place);
                        break;
                }
        }
        tell_unread_members(draft, party);
        if (reported.n > 0)
                planner_add_finding(planner, "unlisted", FINDING_WARNING, draft->desired->name,
                                    party->desired->members.place,
                                    "members of %s that the charter does not list: %s",
                                    party->actor.principal.display, name_list_end(&reported));
}

/* --- groups beyond a member_of ---------------------------------------------------------------- */

typedef struct Surplus {
        NameList reported;
        NameList outside; /* groups of projects that the charter does not have */
} Surplus;

static bool is_of_charter(const Draft *draft, const Identity *group) {
        if (group->project == INDEX_NONE || group->project == draft->project)
                return true;
        return desired_find_project(draft->planner->spec->desired,
                                    draft->planner->live->projects[group->project].name) != NULL;
}

static void plan_surplus_group(Draft *draft, const Party *party, Index container,
                               Surplus *surplus) {
        const Identity *group = &draft->planner->live->identities[container];
        const DesiredPrincipal *governing = desired_of(draft, container);
        Actor actor = actor_of_identity(draft->planner, container);

        if (identity_is_computed(group) || group->kind != IDENTITY_GROUP ||
            (governing && governing->members.mentioned) || draft_is_excepted(draft, party->desired, container))
                return;
        if (!is_of_charter(draft, group)) {
                name_list_add(&surplus->outside, actor.principal.display);
                return;
        }
        switch (party->desired->policies.unlisted_memberships) {
        case POLICY_IGNORE:
                return;
        case POLICY_REPORT:
                name_list_add(&surplus->reported, actor.principal.display);
                return;
        case POLICY_REMOVE:
                remove_edge(draft, &actor, &party->actor, party->desired->member_of.place);
                return;
        }
}

static void plan_surplus_groups(Draft *draft, const Party *party) {
        Planner *planner = draft->planner;
        const PrincipalList *groups = &party->desired->member_of;
        Surplus surplus;
        size_t n;
        const Membership *containers;

        if (!groups->mentioned || party->identity == INDEX_NONE)
                return;
        name_list_init(&surplus.reported, planner->scratch);
        name_list_init(&surplus.outside, planner->scratch);
        containers = organisation_containers(planner->live, party->identity, &n);
        for (size_t i = 0; i < n; i++)
                if (!containers[i].assumed &&
                    !is_wanted(draft, containers[i].container, party->identity))
                        plan_surplus_group(draft, party, containers[i].container, &surplus);
        if (surplus.reported.n > 0)
                planner_add_finding(planner, "unlisted", FINDING_WARNING, draft->desired->name,
                                    groups->place, "groups that %s is in beyond the charter's: %s",
                                    party->actor.principal.display,
                                    name_list_end(&surplus.reported));
        if (surplus.outside.n > 0)
                planner_add_finding(
                        planner, "unlisted", FINDING_WARNING, draft->desired->name, groups->place,
                        "%s is in groups of projects that are not in the charter, which charterd leaves "
                        "alone: %s",
                        party->actor.principal.display, name_list_end(&surplus.outside));
        if (!planner->live->identities[party->identity].containers_known &&
            !planner->live->identities[party->identity].assumed)
                planner_add_finding(planner, "not_known", FINDING_WARNING, draft->desired->name,
                                    groups->place, "not all groups that %s is in could be read",
                                    party->actor.principal.display);
}

void draft_count_memberships(Draft *draft) {
        const Organisation *live = draft->planner->live;

        for (size_t i = 0; i < draft->desired->n_principals; i++) {
                const Party *party = &draft->parties[i];
                size_t n;
                const Membership *members;

                if (party->identity == INDEX_NONE)
                        continue;
                organisation_containers(live, party->identity, &n);
                draft->n_base += n;
                members = organisation_members(live, party->identity, &n);
                for (size_t k = 0; k < n; k++)
                        draft->n_base += draft->planner->party_of[members[k].member] == INDEX_NONE;
        }
}

void draft_plan_memberships(Draft *draft) {
        collect_edges(draft);
        for (size_t i = 0; i < draft->n_edges; i++)
                add_edge(draft, &draft->edges[i]);
        for (size_t i = 0; i < draft->desired->n_principals; i++) {
                plan_surplus_members(draft, &draft->parties[i]);
                plan_surplus_groups(draft, &draft->parties[i]);
        }
        draft_count_memberships(draft);
}
