/* SPDX-License-Identifier: Apache-2.0 */
/* People, in words: a row of them as a sentence. */
#include "common/base/text.h"
#include "daemon/plan/planner.h"

enum {
        PEOPLE_NAMED_MAX = 2,     /* people, things: more are counted */
        PERMISSIONS_NAMED_MAX = 4,
};

/* By how many do it. */
static const struct {
        const char *one, *more;
} verbs[_PEOPLE_VERB_N] = {
        [PEOPLE_GAIN] = {"gains", "gain"},
        [PEOPLE_MAY_GAIN] = {"may gain", "may gain"},
        [PEOPLE_LOSE] = {"loses", "lose"},
        [PEOPLE_LOSE_ALL] = {"loses all access", "lose all access"},
        [PEOPLE_MAY_LOSE] = {"may lose", "may lose"},
};

static const struct {
        Kind kind;
        const char *words;
} plurals[] = {
        {KIND_REPOSITORY, "repositories"},
        {KIND_QUERY, "queries"},
        {KIND_BRANCH, "branches"},
};

static void append_plural(Kind kind, Text *text) {
        for (size_t i = 0; i < sizeof plurals / sizeof *plurals; i++)
                if (plurals[i].kind == kind) {
                        text_append(text, plurals[i].words);
                        return;
                }
        text_appendf(text, "%ss", kind_row(kind)->noun);
}

/* `a, b and c` */
static const char *glue(size_t at, size_t n) {
        return at == 0 ? "" : at + 1 == n ? " and " : ", ";
}

/* known: what is said of those who are counted, when they are not named; or NULL */
static void describe_who(const char *known, const char *const *names, size_t n_names, const PeopleLosing *everyone,
                         Text *text) {
        size_t n_more = everyone->n_everyone - everyone->n_everyone_named;
        size_t n = (known ? 1 : n_names) + everyone->n_everyone_named + (n_more > 0), at = 0;

        if (known)
                text_appendf(text, "%s%s", glue(at++, n), known);
        for (size_t i = 0; !known && i < n_names; i++)
                text_appendf(text, "%s%s", glue(at++, n), names[i]);
        for (size_t i = 0; i < everyone->n_everyone_named; i++)
                text_appendf(text, "%severyone in %s", glue(at++, n), everyone->everyone[i]);
        if (n_more > 0)
                text_appendf(text, "%severyone in %zu more groups", glue(at, n), n_more);
}

static void describe_people(const PeopleRow *row, Text *text) {
        const PeopleLosing everyone = {row->n_known, row->n_everyone, row->everyone, row->n_everyone_named};
        char *known = row->n_known > PEOPLE_NAMED_MAX ? mem_printf(NULL, "%u known people", (unsigned)row->n_known)
                                                      : NULL;

        describe_who(known, row->known, row->n_known_named, &everyone, text);
        mem_free(known);
}

static void describe_permissions(const Plan *plan, const PeopleRow *row, Text *text) {
        Mem *frame = mem_new(NULL, char);
        size_t n = (size_t)__builtin_popcount(row->bits), at = 0;

        for (uint32_t bits = row->bits; bits && at < PERMISSIONS_NAMED_MAX; bits &= bits - 1, at++)
                text_appendf(text, "%s%s", glue(at, n),
                             permission_word(frame, &plan->permissions.items[row->space], bits & -bits));
        if (n > at)
                text_appendf(text, " and %zu more permission%s", n - at, n - at == 1 ? "" : "s");
        mem_free(frame);
}

static void describe_things(const PeopleRow *row, Text *text) {
        if (row->n_things > PEOPLE_NAMED_MAX) {
                text_appendf(text, "%u ", (unsigned)row->n_things);
                if (row->is_root)
                        text_append(text, "roots");
                else
                        append_plural(row->kind, text);
        } else {
                if (!row->is_root && row->n_things == 1)
                        text_appendf(text, "%s ", kind_row(row->kind)->noun);
                for (size_t i = 0; i < row->n_things; i++) {
                        if (i == 0 && !row->is_root && row->n_things > 1) {
                                append_plural(row->kind, text);
                                text_append(text, " ");
                        }
                        text_appendf(text, "%s%s", glue(i, row->n_things), row->things[i]);
                }
        }
        if (row->each == PEOPLE_EACH_SOME)
                text_append(text, ", each on some of them");
        else if (row->each != PEOPLE_EACH_ALL)
                text_appendf(text, ", each on %u of them", (unsigned)row->each);
}

void people_describe(const Plan *plan, const PeopleRow *row, Text *text) {
        bool is_one = row->n_known + row->n_everyone == 1;

        describe_people(row, text);
        text_appendf(text, " %s ", is_one ? verbs[row->verb].one : verbs[row->verb].more);
        if (row->verb == PEOPLE_LOSE_ALL) {
                text_append(text, "to ");
                describe_things(row, text);
                text_append(text, ": ");
                describe_permissions(plan, row, text);
                return;
        }
        describe_permissions(plan, row, text);
        text_append(text, " on ");
        describe_things(row, text);
}

/* --- losing all ------------------------------------------------------------------------------- */

static void describe_losing(const Plan *plan, uint32_t owner, Text *text) {
        const PeopleLosing *losing = &plan->people->losing[owner];
        char *known = losing->n_known == 0 ? NULL
                                           : mem_printf(NULL, "%u known %s", (unsigned)losing->n_known,
                                                        losing->n_known == 1 ? "person" : "people");

        if (text->n > 0)
                text_append(text, "; ");
        if (plan->people->n_uncompared > 0)
                text_appendf(text, "%zu comparisons of people are too many; as far as it was compared, ",
                             plan->people->n_uncompared);
        if (losing->n_known + losing->n_everyone == 0)
                text_append(text, "nobody");
        describe_who(known, NULL, 0, losing, text);
        text_appendf(text, " %s all access to something in %s, %smore than `limits: { people_losing: %lld }` lets pass",
                     losing->n_known + losing->n_everyone > 1 ? "lose" : "loses",
                     desired_label(plan->desired->projects[owner].name),
                     plan->people->n_uncompared > 0 ? "perhaps " : "", (long long)plan->people_losing);
        mem_free(known);
}

static bool is_held_there(const Plan *plan, uint32_t owner) {
        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].state == STEP_HELD && plan->steps[i].brake == BRAKE_PEOPLE_LOSING &&
                    text_equal(plan->steps[i].project_name, plan->desired->projects[owner].name))
                        return true;
        return false;
}

const char *people_losing_reason(Plan *plan) {
        char *reason = NULL;
        Text text;

        text_init(&text, NULL);
        for (uint32_t i = 0; plan->people && i < plan->desired->n_projects; i++)
                if (plan_loses_too_many(plan, i) && is_held_there(plan, i))
                        describe_losing(plan, i, &text);
        if (text.n > 0)
                reason = mem_strdup(plan, text.data);
        text_deinit(&text);
        return reason;
}
