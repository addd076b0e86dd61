/* SPDX-License-Identifier: Apache-2.0 */
/* People: whom a difference concerns, over organisations and differences made from a number, beside a comparison of
 * everybody at every list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/access/people_inside.h"
#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/plan/planner.h"
#include "tests/unit/live/live.h"
#include "tests/unit/plan/chance.h"

enum {
        SEEDS = 600,
        CHANGES_MAX = 6,
        SHARE_BEFORE = 5,  /* one of so many changes is made in both views */
        SHARE_CLOSED = 6,  /* of one of so many groups the members are not known */
        FACTS_OF_EACH_VERB = 100,
};

/* --- two views -------------------------------------------------------------------------------- */

typedef struct Trial {
        Mem *mem;
        unsigned seed;
        Chance chance;
        Organisation *live;
        PeopleSpec spec;
} Trial;

static PeopleThing thing_of(void *context, uint8_t space, const char *token) {
        const Trial *trial = context;

        return (PeopleThing){.kind = KIND_REPOSITORY,
                             .name = mem_printf(trial->mem, "%u %s", (unsigned)space, token)};
}

static uint32_t no_owner(void *context, Index container, Index member) {
        return UINT32_MAX;
}

static Index any_identity(Trial *trial) {
        return organisation_canonical_identity(trial->live,
                                               roll(&trial->chance, (unsigned)trial->live->n_identities));
}

static Index any_group(Trial *trial) {
        Index group = any_identity(trial);

        while (trial->live->identities[group].kind != IDENTITY_GROUP)
                group = any_identity(trial);
        return group;
}

typedef enum Form {
        FORM_ENTRY,
        FORM_NO_ENTRY,
        FORM_FLAG,
        FORM_MEMBER,
        FORM_NO_MEMBER,
        _FORM_N,
} Form;

/* One thing that is other than it is live; the same for each of the views. */
static void change(Trial *trial, AccessView *const *views, size_t n_views) {
        Form form = (Form)roll(&trial->chance, _FORM_N);
        const AccessControlList *list = &trial->live->acls[roll(&trial->chance, (unsigned)trial->live->n_acls)];
        const char *token = list->token;
        AccessControlEntry entry = {.identity = any_identity(trial)};
        Index group = any_group(trial);

        if (roll(&trial->chance, SHARE_BEFORE) == 0) /* where no list is yet */
                token = mem_printf(trial->mem, "%s%cbelow", token,
                                   trial->live->permissions.items[list->namespace].separator);
        if (list->n_entries > 0 && form == FORM_NO_ENTRY)
                entry.identity = list->entries[roll(&trial->chance, (unsigned)list->n_entries)].identity;
        if (form == FORM_ENTRY) {
                entry.allow = 1u << roll(&trial->chance, 5) | 1u << roll(&trial->chance, 5);
                entry.deny = roll(&trial->chance, 3) == 0 ? (1u << roll(&trial->chance, 5)) & ~entry.allow : 0;
        }
        if (form == FORM_NO_MEMBER && trial->live->n_memberships > 0) {
                const Membership *edge =
                        &trial->live->memberships[roll(&trial->chance, (unsigned)trial->live->n_memberships)];

                group = edge->container;
                entry.identity = edge->member;
        }
        for (size_t i = 0; i < n_views; i++)
                switch (form) {
                case FORM_ENTRY:
                case FORM_NO_ENTRY:
                        access_view_set_entry(views[i], list->namespace, token, entry);
                        break;
                case FORM_FLAG:
                        access_view_set_inherit(views[i], list->namespace, token, !list->inherit);
                        break;
                case FORM_MEMBER:
                        access_view_add_member(views[i], group, entry.identity);
                        break;
                case FORM_NO_MEMBER:
                        access_view_remove_member(views[i], group, entry.identity);
                        break;
                case _FORM_N:
                        break;
                }
}

static Trial make_trial(unsigned seed) {
        Trial trial = {.mem = mem_alloc_zero(NULL, 1, "trial"), .seed = seed, .chance = chance_of(seed)};
        const char *live = chance_live(trial.mem, &trial.chance);
        AccessView *views[2];

        trial.live = live_parse(trial.mem, live, strlen(live), "live.json");
        for (size_t i = 0; i < trial.live->n_identities; i++)
                if (trial.live->identities[i].kind == IDENTITY_GROUP && roll(&trial.chance, SHARE_CLOSED) == 0)
                        trial.live->identities[i].members_known = false;
        views[0] = access_view_new(trial.mem, trial.live);
        views[1] = access_view_new(trial.mem, trial.live);
        for (unsigned n = 1 + roll(&trial.chance, CHANGES_MAX); n > 0; n--) {
                bool is_in_both = roll(&trial.chance, SHARE_BEFORE) == 0;

                change(&trial, is_in_both ? views : views + 1, is_in_both ? 2 : 1);
        }
        trial.spec = (PeopleSpec){.before = views[0],
                                  .after = views[1],
                                  .except = trial.live->self_identity,
                                  .n_owners = 1,
                                  .thing = thing_of,
                                  .owner_of_member = no_owner};
        return trial;
}

/* --- everybody at every list ------------------------------------------------------------------ */

typedef struct Both {
        AccessMasks before, after;
} Both;

typedef struct Verdicts {
        uint32_t bits[_PEOPLE_VERB_N];
} Verdicts;

static AccessMasks within(AccessMasks masks, uint32_t bits) {
        return (AccessMasks){masks.allow & bits, masks.deny & bits, masks.unknown & bits};
}

static Both masks_of(const Trial *trial, Mem *frame, Index who, uint8_t space, const char *token) {
        uint32_t bits = permission_settable(&trial->live->permissions.items[space]);
        const PeopleSpec *spec = &trial->spec;

        return (Both){
                within(access_evaluate(spec->before, access_subject_new(frame, spec->before, who), space, token), bits),
                within(access_evaluate(spec->after, access_subject_new(frame, spec->after, who), space, token), bits),
        };
}

/* Bit by bit, as README says it. */
static Verdicts verdicts_of(Both masks) {
        Verdicts verdicts = {0};

        for (uint32_t bit = 1; bit; bit <<= 1) {
                bool had = masks.before.allow & bit, has = masks.after.allow & bit;
                bool may_have_had = masks.before.unknown & bit, may_have = masks.after.unknown & bit;

                if (has && !had)
                        verdicts.bits[may_have_had ? PEOPLE_MAY_GAIN : PEOPLE_GAIN] |= bit;
                else if (may_have && !had && !may_have_had)
                        verdicts.bits[PEOPLE_MAY_GAIN] |= bit;
                else if (had && may_have)
                        verdicts.bits[PEOPLE_MAY_LOSE] |= bit;
                else if (had && !has)
                        verdicts.bits[masks.after.allow || masks.after.unknown ? PEOPLE_LOSE : PEOPLE_LOSE_ALL] |= bit;
                else if (may_have_had && !has && !may_have)
                        verdicts.bits[PEOPLE_MAY_LOSE] |= bit;
        }
        return verdicts;
}

static uint32_t all_of(const Verdicts *verdicts) {
        uint32_t bits = 0;

        for (size_t verb = 0; verb < _PEOPLE_VERB_N; verb++)
                bits |= verdicts->bits[verb];
        return bits;
}

static uint32_t sure_of(const Verdicts *verdicts) {
        return verdicts->bits[PEOPLE_GAIN] | verdicts->bits[PEOPLE_LOSE] | verdicts->bits[PEOPLE_LOSE_ALL];
}

static bool is_one_of_them(const Trial *trial, Index who) {
        const Identity *identity = &trial->live->identities[who];

        if (identity->merged != INDEX_NONE || who == trial->live->self_identity || identity->kind == IDENTITY_SERVICE)
                return false;
        return identity->kind == IDENTITY_USER || identity->kind == IDENTITY_SERVICE_PRINCIPAL ||
               !identity->members_known;
}

/* What the comparison found of somebody at a list. */
static Verdicts found_of(const Trial *trial, const PeopleComparison *comparison, Index who, uint8_t space,
                         const char *token) {
        char separator = trial->live->permissions.items[space].separator;
        Verdicts found = {0};

        for (size_t i = 0; i < comparison->n_facts; i++) {
                const PeopleFact *fact = &comparison->facts[i];
                const PeopleClass *class = &comparison->classes[fact->class];
                const DifferentList *list = &comparison->difference->lists[fact->list];

                if (list->space != space || token_compare(list->token, token, separator) != 0)
                        continue;
                for (size_t k = 0; k < class->n; k++)
                        if (comparison->members[class->first + k] == who)
                                found.bits[fact->verb] |= fact->bits;
        }
        return found;
}

static bool inherits(const Trial *trial, uint8_t space, const char *token) {
        return access_view_level(trial->spec.before, space, token).inherit &&
               access_view_level(trial->spec.after, space, token).inherit;
}

/* What differs at the token above comes down: it is told there. */
static uint32_t told_above(const Trial *trial, Mem *frame, Index who, uint8_t space, const char *token) {
        ssize_t n = token_parent_length(token, strlen(token), trial->live->permissions.items[space].separator);
        Verdicts above;

        if (n < 0 || !inherits(trial, space, token))
                return 0;
        above = verdicts_of(masks_of(trial, frame, who, space, mem_strndup(frame, token, (size_t)n)));
        return all_of(&above);
}

/* What unknown groups might change is told of everyone in them. */
static bool may_be_in_more(const Trial *trial, Mem *frame, Index who) {
        const AccessSubject *before = access_subject_new(frame, trial->spec.before, who);
        const AccessSubject *after = access_subject_new(frame, trial->spec.after, who);

        return before->n_maybe > 0 || after->n_maybe > 0;
}

typedef struct Tally {
        size_t n_facts[_PEOPLE_VERB_N];
        size_t n_above; /* told at a token above alone */
} Tally;

static void check_at(const Trial *trial, const PeopleComparison *comparison, Index who, uint8_t space,
                     const char *token, Tally *tally) {
        Mem *frame = mem_alloc_zero(NULL, 1, "frame");
        Verdicts found = found_of(trial, comparison, who, space, token);
        Verdicts wanted = verdicts_of(masks_of(trial, frame, who, space, token));

        if (all_of(&found)) {
                for (size_t verb = 0; verb < _PEOPLE_VERB_N; verb++) {
                        if (found.bits[verb] != wanted.bits[verb])
                                fail_msg("seed %u: %s at %s: verb %zu: %x, not %x", trial->seed,
                                         access_view_display(trial->spec.after, who), token, verb, found.bits[verb],
                                         wanted.bits[verb]);
                        tally->n_facts[verb] += found.bits[verb] != 0;
                }
        } else if (all_of(&wanted)) {
                uint32_t bits = may_be_in_more(trial, frame, who) ? sure_of(&wanted) : all_of(&wanted);

                if (bits & ~told_above(trial, frame, who, space, token))
                        fail_msg("seed %u: nothing is told of %s at %s, where %x differs", trial->seed,
                                 access_view_display(trial->spec.after, who), token, bits);
                tally->n_above++;
        }
        mem_free(frame);
}

static void check_lists(const Trial *trial, const PeopleComparison *comparison, Index who, Tally *tally) {
        AccessView *const views[] = {trial->spec.before, trial->spec.after};

        for (size_t i = 0; i < trial->live->n_acls; i++)
                check_at(trial, comparison, who, trial->live->acls[i].namespace, trial->live->acls[i].token, tally);
        for (size_t v = 0; v < 2; v++)
                for (size_t i = 0; i < access_view_count_lists(views[v]); i++) {
                        uint8_t space;
                        const char *token = access_view_list(views[v], i, &space);

                        if (organisation_find_acl(trial->live, space, token) == INDEX_NONE)
                                check_at(trial, comparison, who, space, token, tally);
                }
}

/* --- in rows ---------------------------------------------------------------------------------- */

static size_t count_people(const PeopleComparison *comparison) {
        size_t n = 0;

        for (size_t i = 0; i < comparison->n_facts; i++)
                n += comparison->classes[comparison->facts[i].class].n;
        return n;
}

/* Each fact of each of its people stands in one row, no fact in two; folded rows say less. */
static void check_rows(const Trial *trial, const PeopleComparison *comparison, const People *told) {
        size_t n = 0;

        if (told->n_left_out[0] > 0)
                return;
        for (size_t i = 0; i < told->n_rows; i++) {
                const PeopleRow *row = &told->rows[i];

                if (row->each == PEOPLE_EACH_SOME)
                        return;
                n += (size_t)(row->n_known + row->n_everyone) *
                     (row->each == PEOPLE_EACH_ALL ? row->n_things : row->each);
        }
        if (n != count_people(comparison))
                fail_msg("seed %u: the rows tell %zu facts of %zu", trial->seed, n, count_people(comparison));
}

static void check_losing(const Trial *trial, const PeopleComparison *comparison, const People *told) {
        Mem *frame = mem_alloc_zero(NULL, 1, "frame");
        uint32_t n_known = 0, n_everyone = 0;

        for (Index who = 0; who < trial->live->n_identities; who++) {
                bool loses = false;

                for (size_t i = 0; i < comparison->difference->n_lists; i++) {
                        const DifferentList *list = &comparison->difference->lists[i];
                        Verdicts found = found_of(trial, comparison, who, list->space, list->token);
                        Both masks = masks_of(trial, frame, who, list->space, list->token);

                        loses |= all_of(&found) && masks.before.allow && !masks.after.allow;
                }
                if (!loses)
                        continue;
                if (trial->live->identities[who].kind == IDENTITY_USER)
                        n_known++;
                else
                        n_everyone++;
        }
        assert_int_equal(told->losing[0].n_known, n_known);
        assert_int_equal(told->losing[0].n_everyone, n_everyone);
        mem_free(frame);
}

static void try_seed(unsigned seed, Tally *tally) {
        Trial trial = make_trial(seed);
        const PeopleComparison *comparison;
        const People *told;

        trial.spec.context = &trial;
        comparison = people_compare(trial.mem, &trial.spec);
        told = access_people_new(trial.mem, &trial.spec);
        assert_int_equal(comparison->n_uncompared + comparison->n_untold, 0);
        for (Index who = 0; who < trial.live->n_identities; who++)
                if (is_one_of_them(&trial, who))
                        check_lists(&trial, comparison, who, tally);
        check_rows(&trial, comparison, told);
        check_losing(&trial, comparison, told);
        mem_free(trial.mem);
}

static void test_seeds(void **state) {
        Tally tally = {0};

        for (unsigned seed = 0; seed < SEEDS; seed++)
                try_seed(seed, &tally);
        for (size_t verb = 0; verb < _PEOPLE_VERB_N; verb++)
                assert_true(tally.n_facts[verb] >= FACTS_OF_EACH_VERB);
        assert_true(tally.n_above > 0);
}

/* --- too much --------------------------------------------------------------------------------- */

enum {
        CROWD = 600,
        FLIPPED = 100,
};

/* Each of the crowd is in a group of its own, all of which may read everything. */
static const char *crowded_live(Mem *mem) {
        Text text;

        text_init(&text, mem);
        text_append(&text, "{\"self\": \"charterd@contoso.com\", \"users\": [\"charterd@contoso.com\"");
        for (int i = 0; i < CROWD; i++)
                text_appendf(&text, ", \"user%d@contoso.com\"", i);
        text_append(&text, "], \"projects\": [{\"name\": \"Shop\", \"groups\": [");
        for (int i = 0; i < CROWD; i++)
                text_appendf(&text, "{\"name\": \"Group %d\", \"members\": [\"user%d@contoso.com\"]}, ", i, i);
        text_append(&text, "{\"name\": \"Crowd\", \"members\": [");
        for (int i = 0; i < CROWD; i++)
                text_appendf(&text, "%s\"Group %d\"", i ? ", " : "", i);
        text_append(&text, "]}], \"repositories\": [");
        for (int i = 0; i < FLIPPED; i++)
                text_appendf(&text, "%s\"r%d\"", i ? ", " : "", i);
        text_append(&text, "], \"acls\": {\"repositories\": {\"entries\": {\"Crowd\": \"Read\"}}}}]}");
        return text.data;
}

/* What is beyond the limits is counted, and the brake does not take it for nobody. */
static void test_too_much(void **state) {
        Trial trial = {.mem = mem_alloc_zero(NULL, 1, "trial")};
        const char *live = crowded_live(trial.mem);
        Plan plan = {.people_losing = CROWD};

        trial.live = live_parse(trial.mem, live, strlen(live), "live.json");
        trial.spec = (PeopleSpec){.before = access_view_new(trial.mem, trial.live),
                                  .after = access_view_new(trial.mem, trial.live),
                                  .except = trial.live->self_identity,
                                  .n_owners = 1,
                                  .thing = thing_of,
                                  .owner_of_member = no_owner,
                                  .context = &trial};
        for (int i = 0; i < FLIPPED; i++) {
                uint8_t space;
                const char *token = live_token(trial.mem, trial.live, 0,
                                               mem_printf(trial.mem, "repositories/r%d", i), &space);

                access_view_set_inherit(trial.spec.after, space, token, false);
        }
        plan.people = access_people_new(trial.mem, &trial.spec);
        assert_int_equal(plan.people->n_uncompared, CROWD * FLIPPED - ACCESS_PEOPLE_COMPARISONS_MAX);
        assert_int_equal(plan.people->n_untold, ACCESS_PEOPLE_COMPARISONS_MAX - ACCESS_PEOPLE_FACTS_MAX);
        assert_int_equal(plan.people->losing[0].n_known, ACCESS_PEOPLE_COMPARISONS_MAX / FLIPPED);
        assert_true(plan_loses_too_many(&plan, 0));
        plan.people->n_uncompared = 0;
        assert_false(plan_loses_too_many(&plan, 0));
        plan.people_losing = (int64_t)plan.people->losing[0].n_known - 1;
        assert_true(plan_loses_too_many(&plan, 0));
        plan.people_losing = -1;
        assert_false(plan_loses_too_many(&plan, 0));
        mem_free(trial.mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_too_much),
                cmocka_unit_test(test_seeds),
        };

        return cmocka_run_group_tests_name("plan-people", tests, NULL, NULL);
}
