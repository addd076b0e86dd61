/* SPDX-License-Identifier: Apache-2.0 */
/* Entries: from what the principals of the charter have to what they are to have. */
#include "common/base/text.h"
#include "daemon/plan/draft.h"

/* --- one entry, rank by rank ---------------------------------------------------------------------------------------- */

typedef struct Masks {
        uint32_t allow, deny;
} Masks;

static Step *add_entry_step(Draft *draft, const EntryChange *change, Rank rank, Masks before, Masks after) {
        bool goes = after.allow == 0 && after.deny == 0;
        Step *step = draft_add_step(draft, rank, goes ? STEP_REMOVE_ENTRY : STEP_SET_ENTRY);

        draft_set_spot(step, &change->spot);
        draft_set_principal(draft, step, change->viewed);
        step->entry_before_exists = before.allow != 0 || before.deny != 0;
        step->entry_after_exists = !goes;
        step->allow_before = before.allow;
        step->deny_before = before.deny;
        step->allow_after = after.allow;
        step->deny_after = after.deny;
        step->why = change->why;
        step->cause = change->cause;
        step->is_own_trace = change->is_own_trace;
        step->frees_leak = change->frees_leak && rank == RANK_TAKE;
        step->after_creation |= change->after_creation;
        if (change->waits_for) {
                step->state = STEP_WAITING;
                step->waits_for = change->waits_for;
        }
        return step;
}

/* Gives first: live and wanted united; then denies; then takes (architecture.md, Ranks of writes). */
void draft_change_entry(Draft *draft, const EntryChange *change) {
        Masks at = {change->allow_before, change->deny_before};
        Masks wanted = {change->allow_after, change->deny_after};
        Masks next = {at.allow | wanted.allow, at.deny & wanted.deny};

        if (change->waits_for) {
                add_entry_step(draft, change, RANK_GIVE, at, wanted);
                return;
        }
        next.allow &= ~next.deny;
        if (next.allow != at.allow || next.deny != at.deny) {
                add_entry_step(draft, change, RANK_GIVE, at, next);
                at = next;
        }
        next = (Masks){at.allow & ~wanted.deny, at.deny | wanted.deny};
        if (next.deny != at.deny) {
                add_entry_step(draft, change, RANK_DENY, at, next);
                at = next;
        }
        if (at.allow != wanted.allow || at.deny != wanted.deny)
                add_entry_step(draft, change, RANK_TAKE, at, wanted);
}

/* --- principals of the charter -------------------------------------------------------------------------------------- */

static const char *cause_of(Masks before, Masks after) {
        bool gains = (after.allow & ~before.allow) || (before.deny & ~after.deny);
        bool loses = (before.allow & ~after.allow) || (after.deny & ~before.deny);

        if (gains && loses)
                return "not what the charter gives";
        return gains ? "less than the charter gives" : "more than the charter gives";
}

/* Under `report` and `additive` what is beyond the charter stays; under `report` it is told. */
static void report_surplus(Draft *draft, const Holder *holder, const Spot *spot, const Want *want,
                           AccessControlEntry entry) {
        uint32_t beyond = entry.allow & ~(want ? want->allow | want->kept : 0) & draft_space(draft, spot->space)->all_bits &
                          ~draft_space(draft, spot->space)->system_mask;

        if (holder->desired->grants_policy != GRANTS_REPORT || beyond == 0)
                return;
        draft_find(draft, "surplus", FINDING_WARNING, holder->desired->place, "%s has more than the charter gives at %s%s%s: %s",
                   holder->display, spot->name[0] ? kind_row(spot->kind)->noun : "the root of ",
                   spot->name[0] ? " " : "", spot->name[0] ? spot->name : kind_row(spot->kind)->key,
                   draft_words(draft, spot->space, beyond));
}

static void compare_entry(Draft *draft, const Holder *holder, const Spot *spot, const Want *want,
                          AccessControlEntry before) {
        WantedMasks after = draft_wanted_masks(draft, holder, spot->space, want, before);
        Masks live = {before.allow, before.deny}, wanted = {after.allow, after.deny};

        report_surplus(draft, holder, spot, want, before);
        if (want && want->waits_for)
                draft_find(draft, "waiting", FINDING_WARNING, want->why, "%s: %s; the entry stays as it is until then",
                           holder->display, want->waits_for);
        else if (live.allow == wanted.allow && live.deny == wanted.deny)
                return;
        draft_change_entry(draft, &(EntryChange){
                                          .spot = *spot,
                                          .viewed = holder->viewed,
                                          .exists = live.allow || live.deny,
                                          .allow_before = live.allow,
                                          .deny_before = live.deny,
                                          .allow_after = wanted.allow,
                                          .deny_after = wanted.deny,
                                          .why = want ? want->why : holder->desired->place,
                                          .cause = cause_of(live, wanted),
                                          .waits_for = want ? want->waits_for : NULL,
                                          .frees_leak = holder->desired->confined,
                                  });
}

void draft_entries(Draft *draft) {
        for (size_t i = 0; i < draft->n_entries; i++) {
                const HolderEntry *one = &draft->entries[i];
                const Holder *holder = &draft->holders[one->holder];
                const AccessControlList *acl = &draft->live->acls[one->acl];
                Want *want = draft_find_want(draft, acl->namespace, acl->token, holder->viewed);
                Spot spot = want ? want->spot : draft_spot_of_acl(draft, acl);

                if (want)
                        want->is_met = true;
                compare_entry(draft, holder, &spot, want, one->entry);
        }
        for (size_t i = 0; i < draft->n_wants; i++) {
                const Want *want = &draft->wants[i];
                const Holder *holder = &draft->holders[want->holder];

                if (!want->is_met)
                        compare_entry(draft, holder, &want->spot, want,
                                      (AccessControlEntry){.identity = holder->identity});
        }
}
