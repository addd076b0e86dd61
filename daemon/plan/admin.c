/* SPDX-License-Identifier: Apache-2.0 */
/* Admin: the administrators of teams, entries of the Identity namespace (facts §3.4). */
#include "daemon/plan/planner.h"

static const char *token_of(const Draft *draft, const Party *party) {
        char id[GUID_TEXT_SIZE];

        if (party->team == INDEX_NONE || !draft->row->root_token[NAMESPACE_IDENTITY])
                return NULL;
        guid_format(draft->planner->live->identities[party->identity].storage_key, id);
        return arena_printf(draft->planner->arena, "%s\\%s",
                            draft->row->root_token[NAMESPACE_IDENTITY], id);
}

static bool is_administrator(const AccessControlEntry *entry) {
        return entry && (entry->allow & IDENTITY_ADMINISTRATOR_BITS) == IDENTITY_ADMINISTRATOR_BITS;
}

static Step admin_step(Draft *draft, const Party *party, const char *token, StepVerb verb,
                       const Actor *admin) {
        Step step = step_begin(draft, verb,
                               verb == STEP_SET_ADMIN ? RANK_ADD_MEMBER : RANK_REMOVE_MEMBER);

        step.kind = KIND_TEAM;
        step.name = party->desired->name;
        step.entity = party->team;
        step.space = NAMESPACE_IDENTITY;
        step.token = token;
        step.principal = admin->principal;
        draft_restrain(draft, &step, &party->desired->policies);
        step.after_creation = !token || admin->principal.identity == INDEX_NONE;
        step.waits_for = draft_missing_right(draft, draft->project, NAMESPACE_IDENTITY);
        return step;
}

static void set_masks(Step *step, Masks before, Masks after) {
        step->allow_before = before.allow;
        step->deny_before = before.deny;
        step->allow_after = after.allow;
        step->deny_after = after.deny;
        step->entry_before_exists = before.allow | before.deny;
        step->entry_after_exists = after.allow | after.deny;
}

static void add_admin_step(Draft *draft, const Step *step, const Actor *admin) {
        draft_add_step(draft, step);
        if (step->token)
                access_view_set_entry(draft->planner->wanted_view, NAMESPACE_IDENTITY, step->token,
                                      (AccessControlEntry){admin->index, step->allow_after, step->deny_after});
}

static void add_wanted(Draft *draft, const Party *party, const char *token,
                       const AccessControlList *list) {
        const PrincipalList *admins = &party->desired->admins;

        for (size_t i = 0; i < admins->n; i++) {
                Actor admin = draft_find_actor(draft, &admins->items[i]);
                const AccessControlEntry *entry = list && admin.principal.identity != INDEX_NONE
                                                          ? acl_find_entry(list, admin.index)
                                                          : NULL;
                Masks before = entry ? (Masks){entry->allow, entry->deny} : (Masks){0};
                Step step;

                if (admin.index == INDEX_NONE || is_administrator(entry))
                        continue;
                step = admin_step(draft, party, token, STEP_SET_ADMIN, &admin);
                set_masks(&step, before,
                          (Masks){before.allow | IDENTITY_ADMINISTRATOR_BITS,
                                  before.deny & ~IDENTITY_ADMINISTRATOR_BITS});
                step.why = admins->items[i].place;
                step.cause = "missing";
                add_admin_step(draft, &step, &admin);
        }
}

static bool is_wanted(Draft *draft, const Party *party, Index identity) {
        const PrincipalList *admins = &party->desired->admins;

        for (size_t i = 0; i < admins->n; i++)
                if (draft_find_actor(draft, &admins->items[i]).index == identity)
                        return true;
        return false;
}

static void add_surplus(Draft *draft, const Party *party, const char *token,
                        const AccessControlList *list) {
        Planner *planner = draft->planner;
        Policy policy = party->desired->policies.unlisted_members;
        NameList reported;

        name_list_init(&reported, planner->scratch);
        for (size_t i = 0; list && !list->assumed && i < list->n_entries; i++) {
                const AccessControlEntry *entry = &list->entries[i];
                Actor admin = actor_of_identity(planner, entry->identity);
                Step step;

                if (!is_administrator(entry) || entry->identity == party->identity ||
                    entry->identity == planner->live->self_identity || /* trace.c */
                    draft_exemption(draft, party->desired, entry->identity) ||
                    is_wanted(draft, party, entry->identity))
                        continue;
                if (policy == POLICY_REPORT)
                        name_list_add(&reported, admin.principal.display);
                if (policy != POLICY_REMOVE)
                        continue;
                step = admin_step(draft, party, token, STEP_REMOVE_ADMIN, &admin);
                set_masks(&step, (Masks){entry->allow, entry->deny},
                          (Masks){entry->allow & ~IDENTITY_ADMINISTRATOR_BITS, entry->deny});
                step.why = party->desired->admins.place;
                step.cause = "not in the charter";
                add_admin_step(draft, &step, &admin);
        }
        if (reported.n > 0)
                planner_add_finding(planner, "unlisted", FINDING_WARNING, draft->desired->name,
                                    party->desired->admins.place,
                                    "administrators of %s that the charter does not list: %s",
                                    party->actor.principal.display, name_list_end(&reported));
}

void draft_plan_admins(Draft *draft) {
        const Organisation *live = draft->planner->live;

        for (size_t i = 0; i < draft->desired->n_principals; i++) {
                const Party *party = &draft->parties[i];
                const AccessControlList *list = NULL;
                const char *token = NULL;
                Index acl = INDEX_NONE;

                if (!party->desired->is_team || !party->desired->admins.mentioned ||
                    party->actor.index == INDEX_NONE ||
                    (party->identity != INDEX_NONE && party->team == INDEX_NONE))
                        continue;
                if (draft->row)
                        token = token_of(draft, party);
                if (token)
                        acl = organisation_find_acl(live, NAMESPACE_IDENTITY, token);
                if (acl != INDEX_NONE)
                        list = &live->acls[acl];
                add_wanted(draft, party, token, list);
                add_surplus(draft, party, token, list);
        }
}
