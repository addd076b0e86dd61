/* SPDX-License-Identifier: Apache-2.0 */
/* Trace: what the service gave charterd itself for making something, taken back when its owner has
 * what it is to have and charterd's rights hold without it. */
#include "daemon/plan/planner.h"

/* One thing to take back, already taken away in the wanted view. */
typedef struct Trace {
        Draft *draft;
        Step step;
        AccessControlEntry before; /* of an entry */
        bool stays;
} Trace;

typedef struct Traces {
        Planner *planner;
        Trace *items;
        size_t n;
} Traces;

static void add(Traces *traces, Draft *draft, const Step *step) {
        Trace *trace = mem_push(traces->planner->scratch, traces->items, traces->n);

        *trace = (Trace){
                .draft = draft,
                .step = *step,
                .before = {traces->planner->live->self_identity, step->allow_before,
                           step->deny_before},
        };
        trace->step.is_own_trace = true;
        trace->step.principal =
                actor_of_identity(traces->planner, traces->planner->live->self_identity).principal;
        trace->step.cause = "what the service gave charterd for making it";
}

/* Who is still to be given something waits for that: until it is seen, what charterd has stays. */
static void mark_unserved(const Draft *draft) {
        const Plan *plan = draft->planner->plan;

        for (size_t i = 0; i < plan->n_steps; i++) {
                const Step *step = &plan->steps[i];
                Party *party;
                Spot *spot;

                if ((step->rank != RANK_GIVE && step->rank != RANK_DENY) ||
                    !step->principal.name || /* a flag, pipelines */
                    !text_equal(step->project_name, draft->desired->name))
                        continue;
                party = draft_find_party(draft, step->principal.name);
                if (!party)
                        continue;
                party->is_unserved = true;
                spot = draft_find_spot(draft, step->kind, step->name);
                if (spot && spot->owner == party->desired && !step->below)
                        spot->is_unserved = true;
        }
}

static void set_masks(Step *step, const AccessControlEntry *entry, uint32_t allow_after) {
        step->allow_before = entry->allow;
        step->deny_before = step->deny_after = entry->deny;
        step->allow_after = allow_after;
        step->entry_before_exists = true;
        step->entry_after_exists = allow_after | entry->deny;
}

static void find_entries(Traces *traces, Draft *draft) {
        const Organisation *live = traces->planner->live;

        for (size_t i = 0; i < draft->n_strangers; i++) {
                const Stranger *stranger = &draft->strangers[i];
                const Spot *spot = stranger->spot;
                const PermissionNamespace *space = &live->permissions.items[spot->space];
                uint32_t kept = stranger->entry.allow & (~space->all_bits | space->system_mask);
                Step step;

                if (stranger->entry.identity != live->self_identity || stranger->is_below ||
                    !kind_has(spot->kind, KIND_IS_CREATED) || spot->is_unserved || stranger->entry.allow == kept)
                        continue;
                step = step_begin(draft,
                                  kept | stranger->entry.deny ? STEP_SET_ENTRY : STEP_REMOVE_ENTRY,
                                  RANK_TAKE);
                step.kind = spot->kind;
                step.name = spot->name;
                step.entity = spot->entity;
                step.space = spot->space;
                step.token = spot->token;
                draft_restrain(draft, &step, &spot->owned->policies);
                step.why = spot->owned->place;
                step.waits_for = draft_missing_right(draft, draft->project, spot->space);
                set_masks(&step, &stranger->entry, kept);
                add(traces, draft, &step);
        }
}

static bool is_wanted_member(const Draft *draft, const Party *party) {
        Index self = draft->planner->live->self_identity;

        for (size_t i = 0; i < draft->n_edges; i++)
                if (draft->edges[i].container.index == party->identity &&
                    draft->edges[i].member.index == self)
                        return true;
        return false;
}

static bool is_wanted_admin(Draft *draft, const Party *party) {
        const PrincipalList *admins = &party->desired->admins;

        for (size_t i = 0; i < admins->n; i++)
                if (draft_find_actor(draft, &admins->items[i]).index ==
                    draft->planner->live->self_identity)
                        return true;
        return false;
}

static void find_membership(Traces *traces, Draft *draft, const Party *party) {
        const Organisation *live = traces->planner->live;
        Step step;

        if (!organisation_is_member(live, party->identity, live->self_identity) ||
            is_wanted_member(draft, party))
                return;
        step = step_begin(draft, STEP_REMOVE_MEMBER, RANK_REMOVE_MEMBER);
        step.kind = KIND_TEAM;
        step.name = party->desired->name;
        step.entity = party->team;
        step.container = party->actor.principal;
        draft_restrain(draft, &step, &party->desired->policies);
        step.why = party->desired->members.mentioned ? party->desired->members.place
                                                     : party->desired->place;
        step.waits_for = draft_missing_right(draft, draft->project, NAMESPACE_IDENTITY);
        add(traces, draft, &step);
}

static void find_administration(Traces *traces, Draft *draft, const Party *party) {
        const Organisation *live = traces->planner->live;
        const char *root = draft->row->root_token[NAMESPACE_IDENTITY];
        const AccessControlEntry *entry;
        char id[GUID_TEXT_SIZE];
        char *token;
        Index acl;
        Step step;

        if (!root)
                return;
        guid_format(live->identities[party->identity].storage_key, id);
        token = arena_printf(traces->planner->arena, "%s\\%s", root, id);
        acl = organisation_find_acl(live, NAMESPACE_IDENTITY, token);
        entry = acl == INDEX_NONE ? NULL : acl_find_entry(&live->acls[acl], live->self_identity);
        if (!entry || (entry->allow & IDENTITY_ADMINISTRATOR_BITS) != IDENTITY_ADMINISTRATOR_BITS ||
            is_wanted_admin(draft, party))
                return;
        step = step_begin(draft, STEP_REMOVE_ADMIN, RANK_REMOVE_MEMBER);
        step.kind = KIND_TEAM;
        step.name = party->desired->name;
        step.entity = party->team;
        step.space = NAMESPACE_IDENTITY;
        step.token = token;
        draft_restrain(draft, &step, &party->desired->policies);
        step.why = party->desired->admins.mentioned ? party->desired->admins.place
                                                    : party->desired->place;
        step.waits_for = draft_missing_right(draft, draft->project, NAMESPACE_IDENTITY);
        set_masks(&step, entry, entry->allow & ~IDENTITY_ADMINISTRATOR_BITS);
        add(traces, draft, &step);
}

/* A place in a team is taken for a trace where the charter governs that list, or when charterd made
 * the team: else it may be the place of the person whose credential charterd uses. */
static void find_places(Traces *traces, Draft *draft) {
        for (size_t i = 0; i < draft->desired->n_principals; i++) {
                const Party *party = &draft->parties[i];
                const KnownThing *known;
                bool is_made;

                if (party->team == INDEX_NONE || party->identity == INDEX_NONE ||
                    party->is_unserved)
                        continue;
                known = planner_find_known(traces->planner, KIND_TEAM, draft->desired->name,
                                           party->desired->name);
                is_made = known && known->is_made_by_us;
                if (party->desired->members.mentioned || is_made)
                        find_membership(traces, draft, party);
                if (party->desired->admins.mentioned || is_made)
                        find_administration(traces, draft, party);
        }
}

static void lay(const Trace *trace, uint32_t allow, AccessView *view) {
        const Step *step = &trace->step;

        if (step->verb != STEP_REMOVE_MEMBER)
                access_view_set_entry(
                        view, (uint8_t)step->space, step->token,
                        (AccessControlEntry){trace->before.identity, allow, trace->before.deny});
        else if (allow)
                access_view_add_member(view, step->container.identity, trace->before.identity);
        else
                access_view_remove_member(view, step->container.identity, trace->before.identity);
}

static void give_back(Trace *trace, AccessView *view) {
        trace->stays = true;
        lay(trace, trace->step.verb == STEP_REMOVE_MEMBER ? UINT32_MAX : trace->before.allow, view);
}

void planner_work_out_self(Planner *planner) {
        mem_free(planner->self_wanted);
        planner->self_wanted = access_subject_new(planner->scratch, planner->wanted_view,
                                                  planner->live->self_identity);
}

static bool holds_at(Planner *planner, int space, const char *token) {
        const PermissionNamespace *permissions = &planner->live->permissions.items[space];
        uint32_t needed = permissions->read_permission | permissions->write_permission;
        AccessMasks masks =
                access_evaluate(planner->wanted_view, planner->self_wanted, (uint8_t)space, token);

        return (masks.allow & needed) == needed;
}

/* Of a place in a team: all that charterd may do at the project's roots it may do without. */
static bool holds_at_roots(Planner *planner, const Draft *draft) {
        for (int space = 0; space < _NAMESPACE_N; space++) {
                const PermissionNamespace *permissions = &planner->live->permissions.items[space];
                const char *token = draft->row->root_token[space];
                AccessMasks before, after;

                if (!token)
                        continue;
                before = access_evaluate(planner->live_view, planner->self_live, (uint8_t)space,
                                         token);
                after = access_evaluate(planner->wanted_view, planner->self_wanted, (uint8_t)space,
                                        token);
                if (before.allow & ~after.allow &
                    (permissions->read_permission | permissions->write_permission))
                        return false;
        }
        return true;
}

static void keep_needed(Traces *traces) {
        Planner *planner = traces->planner;
        const Draft *last = NULL;
        bool holds = true;

        for (size_t i = 0; i < traces->n; i++) {
                Trace *trace = &traces->items[i];

                if (trace->step.verb != STEP_REMOVE_MEMBER)
                        continue;
                if (trace->draft != last)
                        holds = holds_at_roots(planner, trace->draft);
                last = trace->draft;
                if (!holds)
                        give_back(trace, planner->wanted_view);
        }
        planner_work_out_self(planner);
        for (size_t i = 0; i < traces->n; i++) {
                Trace *trace = &traces->items[i];

                if (trace->step.verb != STEP_REMOVE_MEMBER &&
                    !holds_at(planner, trace->step.space, trace->step.token))
                        give_back(trace, planner->wanted_view);
        }
}

void planner_take_back_traces(Planner *planner) {
        Traces traces = {.planner = planner};

        if (!planner->self_live)
                return;
        for (size_t i = 0; i < planner->spec->desired->n_projects; i++) {
                Draft *draft = planner->plan->drafts[i];

                if (!draft || !draft->row)
                        continue;
                mark_unserved(draft);
                find_entries(&traces, draft);
                find_places(&traces, draft);
        }
        for (size_t i = 0; i < traces.n; i++)
                lay(&traces.items[i], traces.items[i].step.allow_after, planner->wanted_view);
        planner_work_out_self(planner);
        keep_needed(&traces);
        for (size_t i = 0; i < traces.n; i++)
                if (!traces.items[i].stays)
                        draft_add_step(traces.items[i].draft, &traces.items[i].step);
}
