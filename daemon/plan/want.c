/* SPDX-License-Identifier: Apache-2.0 */
/* Want: what each principal of the charter is to have, from its rules (charter.md, A grant rule). */
#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/plan/draft.h"

static uint64_t want_hash(const Draft *draft, int space, const char *token, Index viewed) {
        return token_hash(token, draft_space(draft, space)->separator) ^ ((uint64_t)viewed * 0x9E3779B97F4A7C15) ^
               ((uint64_t)space << 56);
}

Want *draft_find_want(const Draft *draft, int space, const char *token, Index viewed) {
        char separator = draft_space(draft, space)->separator;
        TableCursor cursor = table_find(&draft->want_table, want_hash(draft, space, token, viewed));

        for (uint32_t row; (row = table_next(&draft->want_table, &cursor)) != TABLE_NONE;) {
                Want *want = &draft->wants[row];

                if (draft->holders[want->holder].viewed == viewed && want->spot.space == space &&
                    token_compare(want->spot.token, token, separator) == 0)
                        return want;
        }
        return NULL;
}

static Want *want_at(Draft *draft, size_t holder, const Spot *spot, Place why) {
        Index viewed = draft->holders[holder].viewed;
        Want *want = draft_find_want(draft, spot->space, spot->token, viewed);

        if (want)
                return want;
        table_add(&draft->want_table, want_hash(draft, spot->space, spot->token, viewed), (uint32_t)draft->n_wants);
        want = mem_push(draft->mem, draft->wants, draft->n_wants);
        *want = (Want){.holder = holder, .spot = *spot, .why = why};
        return want;
}

/* --- words ---------------------------------------------------------------------------------------------------------- */

/* A word that one kind of `own` does not have is one of another; what no kind has was told when the charter was read, or
 * is told here when the service's own list lacks it too. */
static uint32_t mask_of_words(Draft *draft, const Spot *spot, const Word *words, size_t n) {
        const PermissionNamespace *space = draft_space(draft, spot->space);
        uint32_t mask = 0;

        for (size_t i = 0; i < n; i++)
                mask |= permission_bit(space, words[i].text);
        return mask & ~space->system_mask;
}

/* Words that are no permission of any kind the rule is about. */
static void check_words(Draft *draft, const Spot *spots, size_t n_spots, const Word *words, size_t n) {
        for (size_t i = 0; i < n; i++) {
                bool is_known = n_spots == 0;

                for (size_t k = 0; k < n_spots && !is_known; k++)
                        is_known = permission_bit(draft_space(draft, spots[k].space), words[i].text) != 0;
                if (!is_known)
                        draft_find(draft, "word", FINDING_WARNING, words[i].place,
                                   "the service has no permission `%s` there; the rule gives nothing for it",
                                   words[i].text);
        }
}

/* --- same_as -------------------------------------------------------------------------------------------------------- */

typedef struct Likeness {
        uint32_t allow;
        uint32_t unknown;
        const char *waits_for; /* it cannot be told */
} Likeness;

static void lay_wants(Draft *draft, size_t holder);

static Index find_source(Draft *draft, const SameAs *same_as) {
        PrincipalName name = {.form = same_as->of_organization ? PRINCIPAL_ORGANIZATION_GROUP : PRINCIPAL_GROUP,
                              .name = same_as->group,
                              .place = same_as->place};
        size_t holder = same_as->of_organization ? HOLDER_NONE : draft_find_holder(draft, same_as->group);

        /* Its wanted state counts: that is laid first. */
        if (holder != HOLDER_NONE)
                lay_wants(draft, holder);
        return draft_find_name(draft, &name);
}

/* Asked again for each of a thousand teams. */
typedef struct LikenessKept {
        Index source;
        int space;
        const char *token;
        Likeness likeness;
} LikenessKept;

static Likeness evaluate(Draft *draft, Index source, const char *group, const Spot *at) {
        AccessSubject *subject = access_subject_new(draft->mem, draft->wanted, source);
        AccessMasks masks = access_evaluate(draft->wanted, subject, (uint8_t)at->space, at->token);

        mem_free(subject);
        masks.allow &= ~draft_space(draft, at->space)->system_mask;
        if (masks.allow == 0)
                return (Likeness){.unknown = masks.unknown,
                                  .waits_for = mem_printf(draft->mem, "`same_as`: `%s` has no permission there", group)};
        return (Likeness){.allow = masks.allow, .unknown = masks.unknown & ~masks.allow};
}

static Likeness likeness(Draft *draft, const SameAs *same_as, const Spot *spot) {
        Index source = find_source(draft, same_as);
        Spot at = *spot;
        LikenessKept *kept;

        if (source == INDEX_NONE)
                return (Likeness){.waits_for = mem_printf(draft->mem, "`same_as`: there is no group `%s`",
                                                          same_as->group)};
        if (!same_as->from_artefact)
                draft_find_root(draft, spot->kind, &at);
        for (size_t i = 0; i < draft->n_kept; i++)
                if (draft->kept[i].source == source && draft->kept[i].space == at.space &&
                    draft->kept[i].token == at.token)
                        return draft->kept[i].likeness;
        kept = mem_push(draft->mem, draft->kept, draft->n_kept);
        *kept = (LikenessKept){source, at.space, at.token, evaluate(draft, source, same_as->group, &at)};
        return kept->likeness;
}

/* --- rules ---------------------------------------------------------------------------------------------------------- */

static void apply_same_as(Draft *draft, Want *want, const Rule *rule) {
        const SameAs *same_as = rule->same_as;
        Likeness like = likeness(draft, same_as, &want->spot);

        if (like.waits_for) {
                want->waits_for = like.waits_for;
                return;
        }
        want->allow |= (like.allow | mask_of_words(draft, &want->spot, same_as->plus, same_as->n_plus)) &
                       ~mask_of_words(draft, &want->spot, same_as->minus, same_as->n_minus);
        want->kept |= like.unknown & ~mask_of_words(draft, &want->spot, same_as->minus, same_as->n_minus);
}

static void apply_words(Draft *draft, Want *want, const Rule *rule) {
        uint32_t allow = mask_of_words(draft, &want->spot, rule->allow, rule->n_allow);
        uint32_t deny = mask_of_words(draft, &want->spot, rule->deny, rule->n_deny);

        want->allow = (want->allow | allow) & ~deny;
        want->deny = (want->deny | deny) & ~allow;
        want->kept &= ~(allow | deny);
}

static void apply_rule(Draft *draft, size_t holder, const Rule *rule) {
        size_t n = 0;
        Spot *spots = draft_spots_of_at(draft, &rule->at, draft->holders[holder].desired, &n);

        if (rule->same_as) {
                check_words(draft, spots, n, rule->same_as->plus, rule->same_as->n_plus);
                check_words(draft, spots, n, rule->same_as->minus, rule->same_as->n_minus);
        }
        check_words(draft, spots, n, rule->allow, rule->n_allow);
        check_words(draft, spots, n, rule->deny, rule->n_deny);
        for (size_t i = 0; i < n; i++) {
                Want want = *want_at(draft, holder, &spots[i], rule->place);

                /* The array may move while a source's wants are laid. */
                if (rule->same_as)
                        apply_same_as(draft, &want, rule);
                else
                        apply_words(draft, &want, rule);
                *want_at(draft, holder, &spots[i], rule->place) = want;
        }
        mem_free(spots);
}

/* --- one principal -------------------------------------------------------------------------------------------------- */

static AccessControlEntry live_entry(const Draft *draft, const Want *want) {
        Index identity = draft->holders[want->holder].identity;
        AccessControlEntry none = {.identity = identity};
        const AccessControlEntry *entry;
        Index acl;

        if (want->spot.is_new || identity == INDEX_NONE)
                return none;
        acl = organisation_find_acl(draft->live, (uint8_t)want->spot.space, want->spot.token);
        entry = acl == INDEX_NONE ? NULL : acl_find_entry(&draft->live->acls[acl], identity);
        return entry ? *entry : none;
}

/* Reserved bits and bits the live namespace does not list stay as they are (architecture.md, Which call writes what);
 * where the policy is not exact, so does what live has beyond. */
WantedMasks draft_wanted_masks(const Draft *draft, const Holder *holder, int space, const Want *want,
                               AccessControlEntry before) {
        const PermissionNamespace *names = draft_space(draft, space);
        uint32_t allow = want ? want->allow : 0, deny = want ? want->deny : 0;
        uint32_t foreign = names->system_mask | ~names->all_bits | (want ? want->kept : 0);

        if ((want && want->waits_for) || holder->desired->grants_policy != GRANTS_EXACT)
                foreign = UINT32_MAX;
        return (WantedMasks){.allow = allow | (before.allow & foreign & ~deny),
                             .deny = deny | (before.deny & foreign & ~allow)};
}

static void lay_view(Draft *draft, const Want *want) {
        const Holder *holder = &draft->holders[want->holder];
        WantedMasks masks = draft_wanted_masks(draft, holder, want->spot.space, want, live_entry(draft, want));

        access_view_set_entry(draft->wanted, (uint8_t)want->spot.space, want->spot.token,
                              (AccessControlEntry){holder->viewed, masks.allow, masks.deny});
}

/* What it has where no rule gives anything goes from the view too. */
static void lay_surplus(Draft *draft, uint32_t index) {
        const Holder *holder = &draft->holders[index];

        for (size_t i = 0; i < draft->n_entries; i++) {
                const HolderEntry *one = &draft->entries[i];
                const AccessControlList *acl = &draft->live->acls[one->acl];
                WantedMasks masks;

                if (one->holder != index || draft_find_want(draft, acl->namespace, acl->token, holder->viewed))
                        continue;
                masks = draft_wanted_masks(draft, holder, acl->namespace, NULL, one->entry);
                access_view_set_entry(draft->wanted, acl->namespace, acl->token,
                                      (AccessControlEntry){holder->viewed, masks.allow, masks.deny});
        }
}

/* Groups of the charter that it is to be in come first: what it effectively has depends on them. */
static void lay_containers(Draft *draft, size_t holder) {
        size_t n;
        bool is_known;
        const Index *containers = access_view_containers(draft->wanted, draft->holders[holder].viewed, &n, &is_known);
        Index *own = mem_memdup(draft->mem, containers, n * sizeof *containers);

        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < draft->n_holders; k++)
                        if (draft->holders[k].viewed == own[i])
                                lay_wants(draft, k);
        mem_free(own);
}

static void lay_wants(Draft *draft, size_t index) {
        Holder *holder = &draft->holders[index];

        if (holder->is_wanted || holder->is_open || holder->viewed == INDEX_NONE)
                return;
        holder->is_open = true;
        lay_containers(draft, index);
        /* Explicit words win over same_as, bit by bit, whatever their order. */
        for (size_t i = 0; i < holder->desired->n_rules; i++)
                if (holder->desired->rules[i].same_as)
                        apply_rule(draft, index, &holder->desired->rules[i]);
        for (size_t i = 0; i < holder->desired->n_rules; i++)
                if (!holder->desired->rules[i].same_as)
                        apply_rule(draft, index, &holder->desired->rules[i]);
        for (size_t i = 0; i < draft->n_wants; i++)
                if (draft->wants[i].holder == index)
                        lay_view(draft, &draft->wants[i]);
        lay_surplus(draft, (uint32_t)index);
        holder->is_wanted = true;
        holder->is_open = false;
}

/* The namespaces in which exact means exact (charter.md, grants_policy). */
static bool is_governed_space(uint8_t space) {
        return space == NAMESPACE_PROJECT || space == NAMESPACE_GIT || space == NAMESPACE_BUILD ||
               space == NAMESPACE_CSS;
}

/* Also counts what removals are a share of: live entries of listed principals. */
static void collect_entries(Draft *draft) {
        const Organisation *live = draft->live;

        for (size_t i = 0; i < live->n_acl_order; i++) {
                Index index = live->acl_order[i];
                const AccessControlList *acl = &live->acls[index];

                if (acl->project != draft->live_project || !is_governed_space(acl->namespace))
                        continue;
                for (size_t k = 0; k < acl->n_entries; k++) {
                        uint32_t holder = draft_holder_of(draft, acl->entries[k].identity);

                        if (holder == HOLDER_NONE)
                                continue;
                        draft->n_base++;
                        if (draft->holders[holder].desired->grants_mentioned)
                                *mem_push(draft->mem, draft->entries, draft->n_entries) =
                                        (HolderEntry){holder, index, acl->entries[k]};
                }
        }
}

void draft_wants(Draft *draft) {
        collect_entries(draft);
        for (size_t i = 0; i < draft->n_holders; i++)
                if (draft->holders[i].desired->grants_mentioned)
                        lay_wants(draft, i);
}
