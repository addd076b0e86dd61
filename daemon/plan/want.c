/* SPDX-License-Identifier: Apache-2.0 */
/* Want: the entries each governed principal is to have, against those it has. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/organization_permission.h"
#include "daemon/plan/planner.h"

/* What the rules of one principal say of one place. */
typedef struct Want {
        const Spot *spot;
        uint32_t allow; /* explicit */
        uint32_t deny;  /* explicit */
        uint32_t same;  /* from `same_as` */
        uint32_t keep;  /* bits of which `same_as` tells nothing: they stay as they are */
        const char *role;
        const char *waits_for;
        const char *later;         /* how much it is shows once the project is made */
        Place why;                 /* of the first rule */
        Place why_allow, why_deny; /* of the first explicit words */
} Want;

/* What a group has at a kind's root, worked out once: its own wants are done before. */
typedef struct Same {
        Index group;
        const Spot *from;
        AccessMasks masks;
} Same;

/* A group that `same_as` looks at, with all it is to be in. */
typedef struct Source {
        Index group;
        AccessSubject *subject;
} Source;

/* Grants that wait for the same reason. */
typedef struct Waiting {
        const char *reason;
        const char *first; /* whose, where */
        size_t n;
        Place place;
} Waiting;

typedef struct Wanting {
        Draft *draft;
        Same *sames;
        size_t n_sames;
        Source *sources;
        size_t n_sources;
        Waiting *waitings;
        size_t n_waitings;
        /* of the principal at hand: */
        Party *party;
        Want *wants;
        size_t n_wants;
} Wanting;

static const PermissionNamespace *namespace_of(const Draft *draft, int space) {
        return &draft->planner->live->permissions.items[space];
}

/* --- words ------------------------------------------------------------------------------------ */

/* A word of `own` need not be one of each kind owned, only of one. */
static bool is_known_word(const Draft *draft, const Places *places, const char *word) {
        for (size_t i = 0; i < places->n; i++)
                if (draft_bit_at(draft, places->items[i], word))
                        return true;
        return places->n == 0;
}

/* The live namespaces may have a word that the program's table has not, and that is several. */
static const char *tell_unknown_word(const Draft *draft, const Spot *spot, const Word *word) {
        OrganizationPermission found[_NAMESPACE_N];
        size_t n = spot->kind == KIND_ORGANIZATION
                           ? organization_permission_find(&draft->planner->live->permissions,
                                                          word->text, found)
                           : 0;

        if (n < 2)
                return arena_printf(draft->planner->arena,
                                    "the service knows no permission `%s` of %s (%s:%u)", word->text,
                                    kind_row(spot->kind)->key, word->place.file, word->place.line);
        return arena_printf(draft->planner->arena,
                            "`%s` is a permission of several namespaces; write `%s/%s` or `%s/%s` (%s:%u)",
                            word->text, namespace_of(draft, found[0].space)->name, word->text,
                            namespace_of(draft, found[1].space)->name, word->text, word->place.file,
                            word->place.line);
}

static uint32_t bits_of(Wanting *wanting, const Places *places, Want *want, const Word *words,
                        size_t n) {
        Draft *draft = wanting->draft;
        uint32_t bits = 0;

        for (size_t i = 0; i < n; i++) {
                if (!is_known_word(draft, places, words[i].text))
                        want->waits_for = tell_unknown_word(draft, want->spot, &words[i]);
                bits |= draft_bit_at(draft, want->spot, words[i].text);
        }
        return bits & permission_settable(namespace_of(draft, want->spot->space));
}

/* --- same_as ---------------------------------------------------------------------------------- */

static const AccessSubject *subject_of(Wanting *wanting, Index group) {
        Planner *planner = wanting->draft->planner;
        Source *source;

        for (size_t i = 0; i < wanting->n_sources; i++)
                if (wanting->sources[i].group == group)
                        return wanting->sources[i].subject;
        source = mem_push(planner->scratch, wanting->sources, wanting->n_sources);
        *source =
                (Source){group, access_subject_new(planner->scratch, planner->wanted_view, group)};
        return source->subject;
}

static AccessMasks masks_of_group(Wanting *wanting, Index group, const Spot *from) {
        Draft *draft = wanting->draft;
        AccessView *view = draft->planner->wanted_view;
        const AccessSubject *subject = subject_of(wanting, group);
        Same *same;

        if (!from->is_root)
                return access_evaluate(view, subject, (uint8_t)from->space, from->view_token);
        for (size_t i = 0; i < wanting->n_sames; i++)
                if (wanting->sames[i].group == group && wanting->sames[i].from == from)
                        return wanting->sames[i].masks;
        same = mem_push(draft->planner->scratch, wanting->sames, wanting->n_sames);
        *same = (Same){group, from,
                       access_evaluate(view, subject, (uint8_t)from->space, from->view_token)};
        return same->masks;
}

/* The party of a row of the wanted view, or NULL. */
static Party *party_of_row(const Draft *draft, Index row) {
        Index party;

        if (row < draft->planner->live->n_identities) {
                party = draft->planner->party_of[row];
                return party == INDEX_NONE ? NULL : &draft->parties[party];
        }
        for (size_t i = 0; i < draft->desired->n_principals; i++)
                if (draft->parties[i].actor.index == row)
                        return &draft->parties[i];
        return NULL;
}

/* What the group has hangs on what is being worked out: it is in the principal at hand, or in one
 * that waits for it. */
static bool goes_round(Wanting *wanting, Index group) {
        const AccessSubject *subject = subject_of(wanting, group);

        for (size_t i = 0; i < subject->n; i++) {
                const Party *party = party_of_row(wanting->draft, subject->items[i]);

                if (party && party->desired->grants_mentioned && party->state != PARTY_DONE)
                        return true;
        }
        return false;
}

static GroupScope scope_of(const SameAs *same_as) {
        return same_as->of_organization ? GROUP_OF_ORGANIZATION : GROUP_OF_PROJECT;
}

/* Why what the group has is not known, or NULL. */
static const char *unresolved(const Draft *draft, const SameAs *same_as, const Actor *group,
                              AccessMasks masks) {
        Arena *arena = draft->planner->arena;
        const char *nearest;

        if (group->index == INDEX_NONE) {
                nearest = draft_nearest_group(draft, scope_of(same_as), same_as->group);
                return arena_printf(arena, "`same_as: %s`: there is no such group%s%s%s", same_as->group,
                                    nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
        }
        if (masks.allow == 0 && masks.unknown)
                return arena_printf(arena, "`same_as: %s`: what %s has is not known",
                                    same_as->group, group->principal.display);
        if (masks.allow == 0)
                return arena_printf(arena, "`same_as: %s`: %s has nothing there", same_as->group,
                                    group->principal.display);
        return NULL;
}

/* Of the organisation's namespaces it need not have something in each. */
static bool has_something_beside(Wanting *wanting, Index group, const Places *places, const Want *want) {
        const Draft *draft = wanting->draft;

        for (size_t i = 0; want->spot->kind == KIND_ORGANIZATION && i < places->n; i++)
                if (masks_of_group(wanting, group, places->items[i]).allow &
                    permission_settable(namespace_of(draft, places->items[i]->space)))
                        return true;
        return false;
}

static void want_same(Wanting *wanting, const Places *places, Want *want, const SameAs *same_as) {
        Draft *draft = wanting->draft;
        Actor group = draft_find_group(draft, scope_of(same_as), same_as->group);
        const Spot *from = same_as->from_artefact || want->spot->kind == KIND_ORGANIZATION
                                   ? want->spot
                                   : draft_find_spot(draft, want->spot->kind, "");
        uint32_t bits = permission_settable(namespace_of(draft, want->spot->space));
        AccessMasks masks = {0};
        const Party *source =
                same_as->of_organization ? NULL : draft_find_party(draft, same_as->group);
        const char *waits_for;

        if (!draft->row && group.index != INDEX_NONE && group.principal.identity == INDEX_NONE &&
            !(source && source->desired->grants_mentioned)) {
                want->later =
                        arena_printf(draft->planner->arena,
                                     "as much as %s has once the project is made", same_as->group);
                return;
        }
        if (group.index != INDEX_NONE && goes_round(wanting, group.index)) {
                want->waits_for = arena_printf(
                        draft->planner->arena,
                        "`same_as: %s` goes round in a circle: the group is to be in what is to "
                        "be the same",
                        same_as->group);
                return;
        }
        if (group.index != INDEX_NONE && from && from->view_token)
                masks = masks_of_group(wanting, group.index, from);
        masks.allow &= bits;
        masks.unknown &= bits;
        waits_for = unresolved(draft, same_as, &group, masks);
        if (waits_for && !(group.index != INDEX_NONE && !masks.unknown &&
                           has_something_beside(wanting, group.index, places, want))) {
                want->waits_for = waits_for;
                return;
        }
        want->same |=
                (masks.allow | bits_of(wanting, places, want, same_as->plus, same_as->n_plus)) &
                ~bits_of(wanting, places, want, same_as->minus, same_as->n_minus);
        want->keep |= masks.unknown;
}

/* --- roles ------------------------------------------------------------------------------------ */

static void want_role(const Wanting *wanting, Want *want, const Word *role) {
        const Draft *draft = wanting->draft;
        RoleTable roles = draft_roles_at(draft, want->spot->kind, want->spot->is_root);
        const RoleDefinition *definition = role_find(roles, role->text);
        const char *nearest = role_nearest(roles, role->text);

        if (!definition) {
                want->waits_for = arena_printf(
                        draft->planner->arena, "the service knows no role `%s` of %s (%s:%u)%s%s%s",
                        role->text, kind_row(want->spot->kind)->key, role->place.file,
                        role->place.line, nearest ? "; did you mean `" : "", nearest ? nearest : "",
                        nearest ? "`?" : "");
                return;
        }
        want->role = definition->name;
        want->allow |= definition->allow;
        want->deny |= definition->deny;
}

/* --- wants of one principal ------------------------------------------------------------------- */

static void want_rule(Wanting *wanting, const Rule *rule) {
        Draft *draft = wanting->draft;
        Places places = draft_places_of(draft, wanting->party->desired, &rule->at);

        for (size_t i = 0; i < places.n; i++) {
                Want want = {.spot = places.items[i], .why = rule->place};

                if (rule->n_allow > 0)
                        want.why_allow = rule->place;
                if (rule->n_deny > 0)
                        want.why_deny = rule->place;
                want.allow = bits_of(wanting, &places, &want, rule->allow, rule->n_allow);
                want.deny = bits_of(wanting, &places, &want, rule->deny, rule->n_deny);
                if (rule->same_as)
                        want_same(wanting, &places, &want, rule->same_as);
                if (rule->role)
                        want_role(wanting, &want, rule->role);
                *mem_push(draft->planner->scratch, wanting->wants, wanting->n_wants) = want;
        }
        mem_free(places.items);
}

static int compare_wants(const void *a_, const void *b_) {
        const Want *a = a_, *b = b_;

        if (a->spot != b->spot)
                return a->spot->number < b->spot->number ? -1 : 1;
        if (a->why.line != b->why.line)
                return a->why.line < b->why.line ? -1 : 1;
        return a->why.column < b->why.column ? -1 : a->why.column > b->why.column;
}

static void unite_wants(Wanting *wanting) {
        size_t n = 0;

        if (wanting->n_wants > 1)
                qsort(wanting->wants, wanting->n_wants, sizeof *wanting->wants, compare_wants);
        for (size_t i = 0; i < wanting->n_wants; i++) {
                Want *want = &wanting->wants[i];
                Want *before = n > 0 ? &wanting->wants[n - 1] : NULL;

                if (!before || before->spot != want->spot) {
                        wanting->wants[n++] = *want;
                        continue;
                }
                before->allow |= want->allow;
                before->deny |= want->deny;
                before->same |= want->same;
                before->keep |= want->keep;
                if (!before->why_allow.line)
                        before->why_allow = want->why_allow;
                if (!before->why_deny.line)
                        before->why_deny = want->why_deny;
                if (!before->waits_for)
                        before->waits_for = want->waits_for;
                if (!before->later)
                        before->later = want->later;
                if (!before->role)
                        before->role = want->role;
        }
        wanting->n_wants = n;
}

/* --- against what is live --------------------------------------------------------------------- */

Masks entry_target(const PermissionNamespace *space, GrantsPolicy policy, Masks before,
                   Masks wanted) {
        uint32_t kept = ~permission_settable(space);
        Masks target = wanted;

        if (policy != GRANTS_EXACT) {
                target.allow = (before.allow & ~wanted.deny) | wanted.allow;
                target.deny = (before.deny & ~wanted.allow) | wanted.deny;
        }
        target.allow = (target.allow & ~kept) | (before.allow & kept);
        target.deny = (target.deny & ~kept) | (before.deny & kept);
        return target;
}

static Masks wanted_masks(const Want *want, Masks before) {
        Masks masks = {0};

        if (!want)
                return masks;
        masks.allow = (want->allow | want->same) & ~want->deny;
        masks.deny = want->deny & ~want->allow;
        masks.allow |= want->keep & before.allow & ~want->deny;
        masks.deny |= want->keep & before.deny & ~want->allow;
        return masks;
}

static Step entry_step(const Wanting *wanting, const Spot *spot, Index acl) {
        Draft *draft = wanting->draft;
        const Party *party = wanting->party;
        const AccessControlList *list = acl == INDEX_NONE ? NULL : &draft->planner->live->acls[acl];
        Step step = step_begin(draft, STEP_SET_ENTRY, RANK_GIVE);

        step.principal = party->actor.principal;
        draft_restrain(draft, &step, &party->desired->policies);
        if (spot) {
                step.kind = spot->kind;
                step.name = spot->name;
                step.at_root = spot->is_root;
                step.entity = spot->entity;
                step.space = spot->space;
                step.token = spot->is_new ? NULL : spot->token;
                step.after_creation = spot->is_new;
                draft_restrain(draft, &step, spot->owned ? &spot->owned->policies : NULL);
        } else {
                assert(list); /* an entry that nobody wants is a live one */
                step.space = list->namespace;
                step.token = list->token;
                draft_describe_token(draft, list->namespace, list->token, &step);
        }
        step.after_creation |= party->identity == INDEX_NONE;
        step.waits_for = spot && spot->kind == KIND_ORGANIZATION
                                 ? draft_missing_organization_right(draft, step.space)
                                 : draft_missing_right(draft, draft->project, step.space);
        return step;
}

static const char *tell_place(const Draft *draft, const Step *step) {
        Text text;

        text_init(&text, draft->planner->scratch);
        step_describe_place(step, &text);
        return text.data;
}

static void tell_surplus(const Wanting *wanting, const Step *step, Masks before, Masks wanted) {
        Draft *draft = wanting->draft;
        const PermissionNamespace *space = namespace_of(draft, step->space);
        uint32_t surplus =
                (before.allow | before.deny) & ~(wanted.allow | wanted.deny) & permission_settable(space);
        NameList words;

        if (wanting->party->desired->grants_policy != GRANTS_REPORT || surplus == 0)
                return;
        name_list_init(&words, draft->planner->scratch);
        for (; surplus; surplus &= surplus - 1)
                name_list_add(&words,
                              permission_word(draft->planner->scratch, space, surplus & -surplus));
        planner_add_finding(draft->planner, "surplus", FINDING_WARNING, draft->desired->name,
                            wanting->party->desired->place,
                            "%s has more than the charter gives at %s: %s", step->principal.display,
                            tell_place(draft, step), name_list_end(&words));
}

static void note_waiting(Wanting *wanting, const Step *step, const Want *want) {
        Draft *draft = wanting->draft;
        Waiting *waiting;

        for (size_t i = 0; i < wanting->n_waitings; i++)
                if (strcmp(wanting->waitings[i].reason, want->waits_for) == 0) {
                        wanting->waitings[i].n++;
                        return;
                }
        waiting = mem_push(draft->planner->scratch, wanting->waitings, wanting->n_waitings);
        *waiting = (Waiting){
                .reason = want->waits_for,
                .first = arena_printf(draft->planner->arena, "%s at %s", step->principal.display,
                                      tell_place(draft, step)),
                .n = 1,
                .place = want->why,
        };
}

static void tell_waiting(const Wanting *wanting) {
        Draft *draft = wanting->draft;

        for (size_t i = 0; i < wanting->n_waitings; i++) {
                const Waiting *waiting = &wanting->waitings[i];

                if (waiting->n == 1)
                        planner_add_finding(draft->planner, "waiting", FINDING_WARNING,
                                            draft->desired->name, waiting->place,
                                            "the grant to %s waits: %s; what is there stays",
                                            waiting->first, waiting->reason);
                else
                        planner_add_finding(
                                draft->planner, "waiting", FINDING_WARNING, draft->desired->name,
                                waiting->place,
                                "the grant to %s and %zu more wait: %s; what is there stays",
                                waiting->first, waiting->n - 1, waiting->reason);
        }
}

/* The grant waits: the live entry stays, and a finding says so. */
static void add_waiting(Wanting *wanting, Step step, const Want *want, Masks before) {
        step.allow_before = step.allow_after = before.allow;
        step.deny_before = step.deny_after = before.deny;
        step.entry_before_exists = step.entry_after_exists = before.allow | before.deny;
        step.waits_for = want->waits_for;
        step.cause = "how much it is to be is not known yet";
        draft_add_step(wanting->draft, &step);
        note_waiting(wanting, &step, want);
}

/* Of a project that is still to be made. */
static void add_later(const Wanting *wanting, Step step, const Want *want) {
        Masks after = wanted_masks(want, (Masks){0});

        step.cause = want->later;
        step.allow_after = after.allow;
        step.deny_after = after.deny;
        step.entry_after_exists = true;
        draft_add_step(wanting->draft, &step);
}

static void note_given(const Wanting *wanting, const Spot *spot, Masks wanted) {
        Planner *planner = wanting->draft->planner;

        if (spot && (wanted.allow | wanted.deny))
                *mem_push(planner->scratch, planner->givens, planner->n_givens) =
                        (Given){(uint8_t)spot->space,
                                spot->view_token,
                                {wanting->party->actor.index, wanted.allow, wanted.deny}};
}

/* Each step names the rule that wants it: words of its own before what `same_as` tells. */
static EntryReasons reasons_of(const Party *party, const Want *want, Masks before, Masks after) {
        Place why = want ? want->why : party->desired->place;
        bool retired = party->desired->retired;
        EntryReasons reasons = {
                .gives = {retired ? "retired" : "less than the charter gives", why},
                .denies = {"the charter denies it",
                           want && want->why_deny.line ? want->why_deny : why},
                .takes = {retired ? "retired" : "more than the charter gives", why},
        };

        if (want && want->why_allow.line && (after.allow & ~before.allow & want->allow))
                reasons.gives.why = want->why_allow;
        return reasons;
}

static void plan_entry(Wanting *wanting, const Spot *spot, const Want *want,
                       const Holding *holding) {
        Draft *draft = wanting->draft;
        const Party *party = wanting->party;
        Masks before = {0}, wanted, after;
        EntryReasons reasons;
        Step step;

        if (holding)
                before = (Masks){holding->entry.allow, holding->entry.deny};
        step = entry_step(wanting, spot, holding ? holding->acl : INDEX_NONE);
        step.why = want ? want->why : party->desired->place;
        step.role_after = want ? want->role : NULL;
        if (want && want->waits_for) {
                add_waiting(wanting, step, want, before);
                return;
        }
        if (want && want->later) {
                add_later(wanting, step, want);
                return;
        }
        wanted = wanted_masks(want, before);
        after = entry_target(namespace_of(draft, step.space), party->desired->grants_policy, before,
                             wanted);
        note_given(wanting, spot, wanted);
        tell_surplus(wanting, &step, before, wanted);
        if (after.allow == before.allow && after.deny == before.deny)
                return;
        reasons = reasons_of(party, want, before, after);
        draft_add_entry_steps(draft, &step, before, after, &reasons);
        access_view_set_entry(draft->planner->wanted_view, (uint8_t)step.space,
                              spot ? spot->view_token : step.token,
                              (AccessControlEntry){party->actor.index, after.allow, after.deny});
}

static size_t first_holding(const Draft *draft, uint32_t party) {
        size_t low = 0, high = draft->n_holdings;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (draft->holdings[middle].party < party)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* A merge join by place; what is held at no place of the charter comes last. */
static void join(Wanting *wanting) {
        Draft *draft = wanting->draft;
        uint32_t party = (uint32_t)(wanting->party - draft->parties);
        size_t h = first_holding(draft, party), w = 0;

        while (w < wanting->n_wants ||
               (h < draft->n_holdings && draft->holdings[h].party == party)) {
                const Holding *holding = h < draft->n_holdings && draft->holdings[h].party == party
                                                 ? &draft->holdings[h]
                                                 : NULL;
                const Want *want = w < wanting->n_wants ? &wanting->wants[w] : NULL;

                if (holding && want && holding->spot != want->spot->number) {
                        if (holding->spot < want->spot->number)
                                want = NULL;
                        else
                                holding = NULL;
                }
                assert(want || holding);
                plan_entry(wanting,
                           want                          ? want->spot
                           : holding->spot == UINT32_MAX ? NULL
                                                         : draft->spots[holding->spot],
                           want, holding);
                w += want != NULL;
                h += holding != NULL;
        }
}

/* --- in order: what a `same_as` looks at is worked out before it ------------------------------ */

static void plan_party(Wanting *wanting, Party *party);

static void plan_sources_first(Wanting *wanting, const Party *party) {
        Draft *draft = wanting->draft;

        for (size_t i = 0; i < party->desired->n_rules; i++) {
                const SameAs *same_as = party->desired->rules[i].same_as;
                const AccessSubject *subject;
                Actor group;

                if (!same_as)
                        continue;
                group = draft_find_group(draft, scope_of(same_as), same_as->group);
                if (group.index == INDEX_NONE)
                        continue;
                subject = subject_of(wanting, group.index);
                for (size_t k = 0; k < subject->n; k++) {
                        Party *source = party_of_row(draft, subject->items[k]);

                        if (source)
                                plan_party(wanting, source);
                }
        }
}

static void plan_party(Wanting *wanting, Party *party) {
        if (party->state != PARTY_WAITING)
                return;
        party->state = PARTY_OPEN;
        if (party->desired->grants_mentioned && party->actor.index != INDEX_NONE) {
                plan_sources_first(wanting, party);
                wanting->party = party;
                wanting->wants = NULL;
                wanting->n_wants = 0;
                for (size_t i = 0; i < party->desired->n_rules; i++)
                        want_rule(wanting, &party->desired->rules[i]);
                unite_wants(wanting);
                join(wanting);
                mem_free(wanting->wants);
        }
        party->state = PARTY_DONE;
}

void draft_plan_entries(Draft *draft) {
        Wanting wanting = {.draft = draft};

        for (size_t i = 0; i < draft->desired->n_principals; i++)
                plan_party(&wanting, &draft->parties[i]);
        tell_waiting(&wanting);
}
