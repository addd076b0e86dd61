/* SPDX-License-Identifier: Apache-2.0 */
/* Admins: who administers a team, which is an entry of the Identity namespace (facts §3.4). */
#include "daemon/plan/draft.h"

enum {
        TEAM_ADMINISTRATOR_BITS = 31,
};

typedef struct Team {
        Draft *draft;
        const Holder *holder;
        Spot spot;
        const AccessControlList *acl; /* or NULL */
        Index *wanted;
        size_t n_wanted;
} Team;

static bool find_team(Draft *draft, const Holder *holder, Team *team) {
        const Project *project = &draft->live->projects[draft->live_project];
        const char *root = project->root_token[NAMESPACE_IDENTITY];
        char separator = draft_space(draft, NAMESPACE_IDENTITY)->separator;
        Index acl = INDEX_NONE;

        if (!root)
                return false;
        *team = (Team){.draft = draft, .holder = holder};
        team->spot = (Spot){.kind = KIND_TEAM,
                            .name = holder->name,
                            .is_new = holder->entity == INDEX_NONE,
                            .entity = holder->entity,
                            .space = NAMESPACE_IDENTITY};
        if (team->spot.is_new)
                return true;
        team->spot.token = mem_printf(draft->mem, "%s%c%s", root, separator, draft->live->entities[holder->entity].id);
        acl = organisation_find_acl(draft->live, NAMESPACE_IDENTITY, team->spot.token);
        team->acl = acl == INDEX_NONE ? NULL : &draft->live->acls[acl];
        return true;
}

static void change(Team *team, Index viewed, AccessControlEntry before, uint32_t allow_after, Place why,
                   const char *cause, bool is_own_trace) {
        bool gives = (allow_after & ~before.allow) != 0;
        Step *step = draft_add_step(team->draft, gives ? RANK_ADD_MEMBER : RANK_REMOVE_MEMBER,
                                    gives ? STEP_SET_ADMIN : STEP_REMOVE_ADMIN);

        draft_set_spot(step, &team->spot);
        draft_set_principal(team->draft, step, viewed);
        step->entry_before_exists = before.allow || before.deny;
        step->entry_after_exists = allow_after || before.deny;
        step->allow_before = before.allow;
        step->deny_before = before.deny;
        step->allow_after = allow_after;
        step->deny_after = before.deny;
        step->why = why;
        step->cause = cause;
        step->is_own_trace = is_own_trace;
}

static void give(Team *team, const PrincipalName *name) {
        Index viewed = draft_find_name(team->draft, name);
        const AccessControlEntry *entry = NULL;
        AccessControlEntry before = {.identity = viewed};

        if (viewed == INDEX_NONE) {
                draft_find(team->draft, "identity", FINDING_WARNING, name->place,
                           "%s is not in the organisation, so it cannot administer %s", name->name,
                           team->holder->display);
                return;
        }
        *mem_push(team->draft->mem, team->wanted, team->n_wanted) = viewed;
        if (team->acl && viewed < team->draft->live->n_identities)
                entry = acl_find_entry(team->acl, viewed);
        if (entry)
                before = *entry;
        if ((before.allow & TEAM_ADMINISTRATOR_BITS) != TEAM_ADMINISTRATOR_BITS)
                change(team, viewed, before, before.allow | TEAM_ADMINISTRATOR_BITS, name->place,
                       "wanted by the charter", /* is_own_trace= */ false);
}

static bool is_wanted(const Team *team, Index identity) {
        for (size_t i = 0; i < team->n_wanted; i++)
                if (team->wanted[i] == identity)
                        return true;
        return false;
}

static void police(Team *team, const AccessControlEntry *entry) {
        Draft *draft = team->draft;
        bool is_self = entry->identity == draft->live->self_identity;
        Policy policy = is_self ? POLICY_REMOVE : team->holder->desired->policies.unlisted_members;

        if (is_wanted(team, entry->identity) || !(entry->allow & TEAM_ADMINISTRATOR_BITS) ||
            draft_is_exempt(draft, entry->identity))
                return;
        if (!is_self && !team->holder->desired->admins.mentioned)
                return;
        if (is_self && !draft_self_keeps_rights(draft, NAMESPACE_IDENTITY, team->spot.token, entry->identity))
                return;
        if (policy == POLICY_REPORT)
                draft_find(draft, "unlisted", FINDING_WARNING, team->holder->desired->admins.place,
                           "%s administers %s, which the charter does not say",
                           access_view_display(draft->wanted, entry->identity), team->holder->display);
        else if (policy == POLICY_REMOVE)
                change(team, entry->identity, *entry, entry->allow & ~(uint32_t)TEAM_ADMINISTRATOR_BITS,
                       is_self ? team->holder->desired->place : team->holder->desired->admins.place,
                       is_self ? "given to charterd for making it" : "not in the charter", is_self);
}

void draft_admins(Draft *draft) {
        for (size_t i = 0; i < draft->n_holders; i++) {
                const Holder *holder = &draft->holders[i];
                Team team;

                if (!holder->desired->is_team || holder->viewed == INDEX_NONE ||
                    !(holder->desired->admins.mentioned || draft_is_made_by_us(draft, holder)) ||
                    !find_team(draft, holder, &team))
                        continue;
                for (size_t k = 0; k < holder->desired->admins.n; k++)
                        give(&team, &holder->desired->admins.items[k]);
                for (size_t k = 0; team.acl && k < team.acl->n_entries; k++)
                        police(&team, &team.acl->entries[k]);
        }
}
