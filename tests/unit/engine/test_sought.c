/* SPDX-License-Identifier: Apache-2.0 */
/* Sought: which entry of the audit log tells of a drift, and which do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/sought.h"

enum {
        MINUTE = 60 * 1000,
        SINCE = 100 * MINUTE,          /* the survey before began */
        BEGUN = SINCE + 10 * MINUTE,   /* the survey that showed it */
        SEEN = BEGUN + 5 * 1000,
        BETWEEN = SINCE + 5 * MINUTE,
};

static const Guid self = {{1}}, somebody = {{2}}, team = {{3}}, group = {{4}}, git = {{5}};

/* `[MLOps]\Data Science A` was put into Contributors. */
static Sought joined(SoughtPart *part) {
        *part = (SoughtPart){.is_membership = true,
                             .is_added = true,
                             .who = {.key = team, .display = "[MLOps]\\Data Science A"},
                             .group = {.key = group, .display = "[MLOps]\\Contributors"}};
        return (Sought){.parts = part, .n_parts = 1, .since = SINCE, .begun = BEGUN, .seen = SEEN};
}

static Sought granted(SoughtPart *part) {
        *part = (SoughtPart){.who = {.key = team, .descriptor = "i;S-1", .subject = "vssgp.A", .display = "[MLOps]\\A"},
                             .space = git,
                             .token = "repoV2/p/r",
                             .separator = '/'};
        return (Sought){.parts = part, .n_parts = 1, .since = SINCE, .begun = BEGUN, .seen = SEEN};
}

static AuditEntry entry_at(int64_t wall, AuditKind kind) {
        return (AuditEntry){.wall = wall, .action = "X", .kind = kind, .actor = somebody, .client = "Mozilla"};
}

static SoughtMatch match_membership(AuditMembership one, int64_t wall, Guid actor, const char *client) {
        AuditEntry entry = entry_at(wall, AUDIT_MEMBERSHIPS);
        SoughtPart part;
        Sought sought = joined(&part);

        entry.memberships = &one;
        entry.n_memberships = 1;
        entry.actor = actor;
        entry.client = client;
        return sought_match(&sought, self, &entry);
}

static void test_memberships(void **state) {
        const AuditMembership it = {.group = group, .member = team, .is_added = true};
        AuditMembership one = it;

        assert_int_equal(match_membership(one, BETWEEN, somebody, "Mozilla"), SOUGHT_FOUND);
        one.is_added = false; /* the other way */
        assert_int_equal(match_membership(one, BETWEEN, somebody, "Mozilla"), SOUGHT_OTHER);
        one = it;
        one.member = somebody;
        assert_int_equal(match_membership(one, BETWEEN, somebody, "Mozilla"), SOUGHT_OTHER);
        one = it;
        one.group = somebody;
        assert_int_equal(match_membership(one, BETWEEN, somebody, "Mozilla"), SOUGHT_OTHER);
        /* Without keys by name, in any case. */
        one = (AuditMembership){.group_name = "[mlops]\\contributors", .member_name = "[MLOps]\\Data Science A", .is_added = true};
        assert_int_equal(match_membership(one, BETWEEN, somebody, "Mozilla"), SOUGHT_FOUND);
        one.member_name = NULL;
        assert_int_equal(match_membership(one, BETWEEN, somebody, "Mozilla"), SOUGHT_OTHER);
}

static void test_window(void **state) {
        const AuditMembership it = {.group = group, .member = team, .is_added = true};

        assert_int_equal(match_membership(it, SINCE - SOUGHT_SKEW_MS - 1, somebody, "Mozilla"), SOUGHT_OTHER);
        assert_int_equal(match_membership(it, SINCE - SOUGHT_SKEW_MS, somebody, "Mozilla"), SOUGHT_FOUND);
        assert_int_equal(match_membership(it, SEEN + SOUGHT_SKEW_MS, somebody, "Mozilla"), SOUGHT_FOUND);
        assert_int_equal(match_membership(it, SEEN + SOUGHT_SKEW_MS + 1, somebody, "Mozilla"), SOUGHT_OTHER);
}

/* What charterd did is blamed on nobody; what is older than its last word on it is no cause. Its identity with another
 * program is somebody. */
static void test_own(void **state) {
        const AuditMembership it = {.group = group, .member = team, .is_added = true};

        assert_int_equal(match_membership(it, SEEN, self, "charterd/1.0"), SOUGHT_OWN);
        assert_int_equal(match_membership(it, SEEN, self, NULL), SOUGHT_OWN);
        assert_int_equal(match_membership(it, BETWEEN, self, "charterd/1.0"), SOUGHT_BARRED);
        assert_int_equal(match_membership(it, BETWEEN, self, "Mozilla"), SOUGHT_FOUND);
        assert_int_equal(match_membership(it, BETWEEN, somebody, "charterd/1.0"), SOUGHT_FOUND);
}

static SoughtMatch match_entry(AuditKind kind, Guid space, const char *token, AuditSubject subject) {
        AuditEntry entry = entry_at(BETWEEN, kind);
        SoughtPart part;
        Sought sought = granted(&part);

        entry.space = space;
        entry.tokens = &token;
        entry.n_tokens = token ? 1 : 0;
        entry.subjects = &subject;
        entry.n_subjects = 1;
        return sought_match(&sought, self, &entry);
}

static void test_entries(void **state) {
        const AuditSubject by_subject = {.descriptor = "VSSGP.a"}, by_descriptor = {.descriptor = "i;s-1"};
        const AuditSubject by_name = {.name = "[MLOps]\\A"}, other = {.descriptor = "vssgp.B", .name = "[MLOps]\\B"};

        assert_int_equal(match_entry(AUDIT_SUBJECTS, git, "repoV2/p/r", by_subject), SOUGHT_FOUND);
        assert_int_equal(match_entry(AUDIT_SUBJECTS, git, "REPOV2/P/R/", by_descriptor), SOUGHT_FOUND);
        assert_int_equal(match_entry(AUDIT_SUBJECTS, git, "repoV2/p/r", by_name), SOUGHT_FOUND);
        assert_int_equal(match_entry(AUDIT_SUBJECTS, git, NULL, by_name), SOUGHT_FOUND);
        assert_int_equal(match_entry(AUDIT_SUBJECTS, git, "repoV2/p/r", other), SOUGHT_OTHER);
        assert_int_equal(match_entry(AUDIT_SUBJECTS, git, "repoV2/p", by_name), SOUGHT_OTHER);
        assert_int_equal(match_entry(AUDIT_SUBJECTS, team, "repoV2/p/r", by_name), SOUGHT_OTHER);
        assert_int_equal(match_entry(AUDIT_LISTS, git, "repoV2/p/r", other), SOUGHT_FOUND);
        assert_int_equal(match_entry(AUDIT_OTHER, git, "repoV2/p/r", by_name), SOUGHT_OTHER);
}

/* A list that is removed with all below it, and a switch, which is nobody's entry. */
static void test_lists(void **state) {
        const char *above = "repoV2/p";
        AuditEntry entry = entry_at(BETWEEN, AUDIT_LISTS);
        SoughtPart part;
        Sought sought = granted(&part);

        entry.space = git;
        entry.tokens = &above;
        entry.n_tokens = 1;
        assert_int_equal(sought_match(&sought, self, &entry), SOUGHT_OTHER);
        entry.is_below_too = true;
        assert_int_equal(sought_match(&sought, self, &entry), SOUGHT_FOUND);
        part.is_whole = true;
        above = "repoV2/p/r";
        entry.kind = AUDIT_SUBJECTS;
        assert_int_equal(sought_match(&sought, self, &entry), SOUGHT_FOUND);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_memberships), cmocka_unit_test(test_window), cmocka_unit_test(test_own),
                cmocka_unit_test(test_entries),     cmocka_unit_test(test_lists),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
