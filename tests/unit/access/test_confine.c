/* SPDX-License-Identifier: Apache-2.0 */
/* Confine: what a confined team can reach of others, and what an assertion says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/access/confine.h"
#include "tests/unit/access/charter.h"
#include "tests/unit/live/live.h"

static Mem *mem;
static Organisation *live;
static Index row;
static AccessView *view;
static AccessNames names;
static DesiredProject *project;
static const DesiredPrincipal *team_a;

static int setup(void **state) {
        static const char *const teams[][3] = {
                {"Data Science A", "data-science-a"},
                {"Data Science B", "data-science-b"},
                {"Operations", "operations"},
        };

        mem = mem_alloc_zero(NULL, 1, "test");
        live = live_read(mem, FIXTURES "/article/live.json");
        row = organisation_find_project(live, "MLOps");
        view = access_view_new(mem, live);
        names = access_names_of(live);
        project = charter_project(mem, "MLOps");
        for (size_t i = 0; i < 3; i++) {
                DesiredPrincipal *team = charter_team(mem, project, teams[i][0]);

                charter_own(mem, team, KIND_REPOSITORY, teams[i][1]);
                charter_own(mem, team, KIND_PIPELINE_FOLDER, teams[i][0]);
                charter_own(mem, team, KIND_AREA, teams[i][0]);
        }
        team_a = &project->principals[0];
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static void set_entry(const char *place, const char *principal, uint32_t allow, uint32_t deny) {
        uint8_t space = 0;
        const char *token = live_token(mem, live, row, place, &space);

        access_view_set_entry(
                view, space, token,
                (AccessControlEntry){live_principal(live, row, principal), allow, deny});
}

static void set_inherit(const char *place, bool inherit) {
        uint8_t space = 0;
        const char *token = live_token(mem, live, row, place, &space);

        access_view_set_inherit(view, space, token, inherit);
}

static void join(const char *container, const char *member) {
        access_view_add_member(view, live_principal(live, row, container),
                               live_principal(live, row, member));
}

static AccessVerdicts confine(void) {
        return access_confine(mem, view, project, team_a, &names);
}

/* The verdict of a thing, or NULL. */
static const AccessVerdict *find(AccessVerdicts verdicts, Kind kind, const char *name) {
        for (size_t i = 0; i < verdicts.n; i++)
                if (verdicts.items[i].kind == kind && strcmp(verdicts.items[i].name, name) == 0)
                        return &verdicts.items[i];
        return NULL;
}

static void test_closed(void **state) {
        assert_int_equal(confine().n, 0);
        assert_int_equal(access_confine(mem, view, project, &project->principals[1], &names).n, 0);
}

static void test_open_by_a_group(void **state) {
        AccessVerdicts verdicts;
        const AccessVerdict *verdict = NULL;

        join("Contributors", "Data Science A");
        verdicts = confine();
        /* operations does not inherit; its folder and area do */
        assert_int_equal(verdicts.n, 5);
        assert_null(find(verdicts, KIND_REPOSITORY, "operations"));
        verdict = find(verdicts, KIND_REPOSITORY, "data-science-b");
        assert_non_null(verdict);
        assert_int_equal(verdict->answer, ACCESS_OPEN);
        assert_string_equal(verdict->permission, "Read");
        assert_string_equal(verdict->principal, "[MLOps]\\Data Science A");
        assert_string_equal(
                verdict->message,
                "[MLOps]\\Data Science A can Read at [MLOps] repository data-science-b, owned by Data Science B: "
                "member of [MLOps]\\Contributors -> Allow Read on all repositories of MLOps; also Contribute, Create "
                "branch, Create tag, Manage notes, Contribute to pull requests");
        assert_int_equal(verdict->n_path, 3);
        assert_string_equal(verdict->path[0], "[MLOps]\\Data Science A");
        assert_string_equal(verdict->path[1], "[MLOps]\\Contributors");
        assert_string_equal(verdict->path[2], "the root of repositories in MLOps: Allow Read");
        assert_int_equal(verdict->place.line, 1);
        assert_false(verdict->is_member);
        verdict = find(verdicts, KIND_AREA, "Operations");
        assert_string_equal(verdict->permission, "View work items in this node");
}

typedef struct Case {
        const char *name;
        const char *place;
        const char *principal;
        uint32_t allow;
        uint32_t deny;
        Kind kind;
        const char *thing;
        AccessAnswer answer; /* ACCESS_CLOSED: no verdict at all */
        bool is_member;
} Case;

/* One entry each over the closed organisation. */
static const Case cases[] = {
        {"own entry", "repositories/data-science-b", "Data Science A", 4, 0, KIND_REPOSITORY,
         "data-science-b", ACCESS_OPEN, false},
        {"denied", "repositories/data-science-b", "Data Science A", 0, 4, KIND_REPOSITORY,
         "data-science-b", ACCESS_CLOSED, false},
        {"on its own thing", "repositories/data-science-a", "Data Science A", 4, 0, KIND_REPOSITORY,
         "data-science-a", ACCESS_CLOSED, false},
        {"everybody's group", "pipeline_folders/Operations", "Project Valid Users", 1, 0,
         KIND_PIPELINE_FOLDER, "Operations", ACCESS_OPEN, false},
        {"everybody's group of the organisation", "areas/Operations",
         "Project Collection Valid Users", 2, 0, KIND_AREA, "Operations", ACCESS_OPEN, false},
        {"at the root", "areas", "Data Science A", 16, 0, KIND_AREA, "Operations", ACCESS_OPEN,
         false},
        {"at the root, inheritance off", "repositories", "Data Science A", 2, 0, KIND_REPOSITORY,
         "operations", ACCESS_CLOSED, false},
        {"on a branch below", "repositories/operations//refs/heads/6d00", "Data Science A", 4, 0,
         KIND_REPOSITORY, "operations", ACCESS_OPEN, false},
        {"on a pipeline below", "pipeline_folders/Operations//12", "Data Science A", 1, 0,
         KIND_PIPELINE_FOLDER, "Operations", ACCESS_OPEN, false},
        {"on a pipeline of the root", "pipeline_folders//12", "Data Science A", 1, 0,
         KIND_PIPELINE_FOLDER, "Operations", ACCESS_CLOSED, false},
        {"on what nobody owns", "areas/Data Science A/Research", "Data Science B", 16, 0, KIND_AREA,
         "Data Science A", ACCESS_CLOSED, false},
        {"somebody else", "repositories/data-science-b", "Readers", 2, 0, KIND_REPOSITORY,
         "data-science-b", ACCESS_CLOSED, false},
        {"a member by herself", "repositories/data-science-b", "ana@contoso.com", 2, 0,
         KIND_REPOSITORY, "data-science-b", ACCESS_OPEN, true},
        {"somebody else's member", "repositories/data-science-b", "olga@contoso.com", 2, 0,
         KIND_REPOSITORY, "data-science-b", ACCESS_CLOSED, false},
};

static void test_one_entry(void **state) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                const Case *row_of = &cases[i];
                const AccessVerdict *verdict = NULL;

                view = access_view_new(mem, live);
                set_entry(row_of->place, row_of->principal, row_of->allow, row_of->deny);
                verdict = find(confine(), row_of->kind, row_of->thing);
                if (row_of->answer == ACCESS_CLOSED) {
                        if (verdict)
                                fail_msg("%s: %s", row_of->name, verdict->message);
                        continue;
                }
                if (!verdict)
                        fail_msg("%s: no verdict", row_of->name);
                assert_int_equal(verdict->answer, row_of->answer);
                assert_int_equal(verdict->is_member, row_of->is_member);
                assert_true(verdict->n_path >= 2);
        }
}

static void test_a_view_that_changes(void **state) {
        assert_int_equal(confine().n, 0);
        set_entry("repositories/data-science-b", "Data Science A", 2, 0);
        assert_int_equal(confine().n, 1);
        set_entry("repositories/data-science-b", "Data Science A", 0, 0);
        set_inherit("repositories/operations", true);
        join("Readers", "Data Science A");
        assert_int_equal(confine().n, 4); /* two repositories, two areas */
        access_view_remove_member(view, live_principal(live, row, "Readers"),
                                  live_principal(live, row, "Data Science A"));
        assert_int_equal(confine().n, 0);
}

static void test_not_known(void **state) {
        AccessVerdicts verdicts;
        const AccessVerdict *verdict = NULL;

        /* it may be in any group whose members are not known */
        live->identities[live_principal(live, row, "Data Science A")].containers_known = false;
        live->identities[live_principal(live, row, "Contributors")].members_known = false;
        verdicts = confine();
        verdict = find(verdicts, KIND_REPOSITORY, "data-science-b");
        assert_non_null(verdict);
        assert_int_equal(verdict->answer, ACCESS_UNKNOWN);
        assert_string_equal(
                verdict->message,
                "whether [MLOps]\\Data Science A can reach [MLOps] repository data-science-b, owned by Data Science B, "
                "is not known: not every group that [MLOps]\\Data Science A is in is known");
        /* the unresolved group that has Read there may be one of them too */
        assert_int_equal(find(verdicts, KIND_REPOSITORY, "operations")->answer, ACCESS_UNKNOWN);
}

static void test_an_unresolved_identity(void **state) {
        uint8_t space = 0;
        const char *token = live_token(mem, live, row, "repositories/data-science-b", &space);
        const char *tail =
                strstr(live->identities[live_principal(live, row, "Data Science A")].descriptor,
                       "-7-7-") +
                4;
        Index stranger = organisation_descriptor_row(
                live,
                mem_printf(mem, "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-9-9-9-9%s",
                           tail));

        organisation_seal(live);
        view = access_view_new(mem, live);
        access_view_set_entry(view, space, token, (AccessControlEntry){stranger, 2, 0});
        assert_int_equal(confine().n, 1);
        assert_int_equal(confine().items[0].answer, ACCESS_UNKNOWN);
        /* a Deny of somebody unknown opens nothing */
        access_view_set_entry(view, space, token, (AccessControlEntry){stranger, 0, 2});
        assert_int_equal(confine().n, 0);
}

/* What everybody of the project has on things with roles breaks nothing; what is beyond it does. */
static void test_roles(void **state) {
        const AccessVerdict *verdict = NULL;

        charter_own(mem, &project->principals[2], KIND_SERVICE_CONNECTION, "azure-production");
        assert_int_equal(confine().n, 0); /* Valid Users are Readers at the root */
        set_entry("service_connections/azure-production", "Data Science A", 16, 0);
        assert_int_equal(confine().n, 0); /* no more than that */
        set_entry("service_connections/azure-production", "Data Science A", 1 | 16, 0);
        verdict = find(confine(), KIND_SERVICE_CONNECTION, "azure-production");
        assert_non_null(verdict);
        assert_int_equal(verdict->answer, ACCESS_OPEN);
        assert_string_equal(verdict->message,
                            "[MLOps]\\Data Science A can Use Service Connection at [MLOps] service connection "
                            "azure-production, owned by Operations: Allow Use Service Connection on [MLOps] service "
                            "connection azure-production");
        /* Without inheritance everybody has nothing, so that any bit counts. */
        set_inherit("service_connections/azure-production", false);
        set_entry("service_connections/azure-production", "Data Science A", 16, 0);
        verdict = find(confine(), KIND_SERVICE_CONNECTION, "azure-production");
        assert_non_null(verdict);
        assert_string_equal(verdict->permission, "View Service Connection");
        set_entry("service_connections/azure-production", "Data Science A", 0, 0);
        assert_int_equal(confine().n, 0);
        /* By a group, and a group alone. */
        set_entry("service_connections/azure-production", "Contributors", 1, 0);
        join("Contributors", "Data Science A");
        assert_int_equal(find(confine(), KIND_SERVICE_CONNECTION, "azure-production")->n_path, 3);
        /* One's own are not asked about. */
        assert_null(find(access_confine(mem, view, project, &project->principals[2], &names),
                         KIND_SERVICE_CONNECTION, "azure-production"));
}

static void test_a_project_that_is_not_private(void **state) {
        live->projects[row].visibility = "public";
        assert_int_equal(confine().n, 1);
        assert_int_equal(find(confine(), KIND_PROJECT, "")->answer, ACCESS_UNKNOWN);
        live->projects[row].visibility = NULL;
        assert_int_equal(confine().n, 1);
}

static void test_a_team_that_is_not_there(void **state) {
        project->principals[0].name = "Data Science 0";
        assert_int_equal(confine().n, 0);
}

/* The root of areas belongs to everybody, whoever's it is. */
static void test_the_root_is_not_owned(void **state) {
        charter_own(mem, &project->principals[2], KIND_AREA, "/");
        set_entry("areas/Data Science A", "Data Science A", 113, 0);
        assert_int_equal(confine().n, 0);
}

static void test_many_alike(void **state) {
        AccessVerdicts verdicts;

        for (size_t i = 0; i < 3 * ACCESS_ALIKE_MAX; i++) {
                const char *name = mem_printf(mem, "more-%02zu", i);
                Entity entity = {.kind = KIND_REPOSITORY,
                                 .project = row,
                                 .name = name,
                                 .id = name,
                                 .identity = INDEX_NONE};

                entity.token = mem_printf(mem, "%s/%s",
                                          live->projects[row].root_token[NAMESPACE_GIT], name);
                organisation_add_entity(live, &entity);
                charter_own(mem, &project->principals[2], KIND_REPOSITORY, name);
        }
        organisation_seal(live);
        view = access_view_new(mem, live);
        set_entry("repositories", "Data Science A", 2, 0);
        verdicts = confine();
        assert_int_equal(verdicts.n, ACCESS_ALIKE_MAX);
        /* and data-science-b */
        assert_non_null(
                strstr(verdicts.items[verdicts.n - 1].message, "; and 21 more by the same entry"));
        assert_null(strstr(verdicts.items[0].message, "more by"));
}

/* By chance, against asking about every thing and what is below it. */

enum {
        ROUNDS = 150,
        CHANGES = 14,
};

static uint64_t chance_state;

static uint32_t chance(uint32_t below) {
        chance_state ^= chance_state << 13;
        chance_state ^= chance_state >> 7;
        chance_state ^= chance_state << 17;
        return (uint32_t)(chance_state >> 33) % below;
}

/* Things of others than Data Science A, with what is below them. */
static const char *const others[][4] = {
        {"repositories", "data-science-b", "repositories/data-science-b",
         "repositories/data-science-b//refs"},
        {"repositories", "operations", "repositories/operations",
         "repositories/operations//refs/heads/6d00"},
        {"pipeline_folders", "Data Science B", "pipeline_folders/Data Science B",
         "pipeline_folders/Data Science B//12"},
        {"areas", "Operations", "areas/Operations", NULL},
};
static const char *const above[] = {"repositories", "pipeline_folders", "areas", "git repoV2"};
static const char *const principals[] = {"Data Science A",
                                         "Contributors",
                                         "Readers",
                                         "Project Valid Users",
                                         "Project Collection Valid Users",
                                         "Operations"};

static void change_by_chance(void) {
        uint32_t thing = chance(4);
        const char *place = chance(2) ? above[chance(4)] : others[thing][2 + chance(2)];

        if (!place)
                place = others[thing][2];
        switch (chance(5)) {
        case 0:
                set_inherit(place, chance(2));
                break;
        case 1:
                join(principals[1 + chance(2)], "Data Science A");
                break;
        case 2:
                access_view_remove_member(view,
                                          live_principal(live, row, principals[1 + chance(3)]),
                                          live_principal(live, row, "Data Science A"));
                break;
        default:
                set_entry(place, principals[chance(6)], chance(3) ? 0 : chance(64),
                          chance(4) ? 0 : chance(64));
                break;
        }
}

static AccessAnswer ask_all(const AccessSubject *subject, const char *const thing[4]) {
        AccessAnswer answer = ACCESS_CLOSED;

        for (size_t i = 2; i < 4 && thing[i]; i++) {
                uint8_t space = 0;
                const char *token = live_token(mem, live, row, thing[i], &space);
                AccessMasks masks = access_evaluate(view, subject, space, token);

                if (masks.allow)
                        return ACCESS_OPEN;
                if (masks.unknown)
                        answer = ACCESS_UNKNOWN;
        }
        return answer;
}

static void test_equals_asking_about_everything(void **state) {
        size_t n_answers[3] = {0};

        for (uint64_t round = 1; round <= ROUNDS; round++) {
                chance_state = round * 0x9E3779B97F4A7C15;
                view = access_view_new(mem, live);
                live->identities[live_principal(live, row, "Readers")].members_known = chance(2);
                live->identities[live_principal(live, row, "Data Science A")].containers_known =
                        chance(3);
                for (int i = 0; i < CHANGES; i++) {
                        AccessSubject *subject = NULL;
                        AccessVerdicts verdicts;

                        change_by_chance();
                        subject = access_subject_new(mem, view,
                                                     live_principal(live, row, "Data Science A"));
                        verdicts = confine();
                        for (size_t j = 0; j < 4; j++) {
                                const AccessVerdict *verdict =
                                        find(verdicts, kind_by_key(others[j][0]), others[j][1]);
                                AccessAnswer answer = ask_all(subject, others[j]);

                                n_answers[answer]++;
                                assert_int_equal(verdict && !verdict->is_member ? verdict->answer
                                                                                : ACCESS_CLOSED,
                                                 answer);
                        }
                }
        }
        for (size_t i = 0; i < 3; i++)
                assert_true(n_answers[i] > 100);
}

/* Assertions */

typedef struct AssertCase {
        AssertSubject subject;
        const char *name;
        const char *can;
        const char *word;
        At at;
        size_t n;            /* verdicts */
        AccessAnswer answer; /* of the first */
        bool breaks;
        bool is_member;
} AssertCase;

static Word names_b[] = {{"data-science-b", {0}}};
static Word names_none[] = {{"no-such", {0}}};

static const AssertCase assert_cases[] = {
        {ASSERT_GROUP,
         "Data Science A",
         "cannot",
         "Read",
         {AT_KIND_OWNED_BY, KIND_REPOSITORY, .team = "Data Science B"},
         0,
         ACCESS_CLOSED,
         false,
         false},
        {ASSERT_GROUP,
         "Data Science A",
         "can",
         "Read",
         {AT_KIND_OWNED_BY, KIND_REPOSITORY, .team = "Data Science B"},
         1,
         ACCESS_CLOSED,
         true,
         false},
        {ASSERT_GROUP,
         "Operations",
         "can",
         "Contribute",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         0,
         ACCESS_OPEN,
         false,
         false},
        {ASSERT_GROUP,
         "Operations",
         "cannot",
         "genericcontribute",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         1,
         ACCESS_OPEN,
         true,
         false},
        {ASSERT_TEAM,
         "Operations",
         "cannot",
         "Contribute",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         2,
         ACCESS_OPEN,
         true,
         false},
        /* ana may be in the Entra group that Data Science B has as a member; ben too */
        {ASSERT_TEAM,
         "Data Science A",
         "cannot",
         "Read",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         2,
         ACCESS_UNKNOWN,
         false,
         true},
        {ASSERT_USER,
         "cleo@contoso.com",
         "can",
         "Read",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         0,
         ACCESS_OPEN,
         false,
         false},
        {ASSERT_USER,
         "nobody@contoso.com",
         "can",
         "Read",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         1,
         ACCESS_UNKNOWN,
         false,
         false},
        {ASSERT_GROUP,
         "No Such Team",
         "cannot",
         "Read",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         0,
         ACCESS_CLOSED,
         false,
         false},
        {ASSERT_GROUP,
         "No Such Team",
         "can",
         "Read",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         1,
         ACCESS_CLOSED,
         true,
         false},
        {ASSERT_GROUP,
         "Data Science A",
         "cannot",
         "Read",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_none, 1},
         0,
         ACCESS_CLOSED,
         false,
         false},
        {ASSERT_GROUP,
         "Data Science A",
         "can",
         "Read",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_none, 1},
         1,
         ACCESS_CLOSED,
         true,
         false},
        {ASSERT_GROUP,
         "Data Science A",
         "cannot",
         "No such word",
         {AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1},
         1,
         ACCESS_UNKNOWN,
         false,
         false},
        {ASSERT_GROUP,
         "Data Science A",
         "can",
         "View project-level information",
         {AT_PROJECT},
         0,
         ACCESS_OPEN,
         false,
         false},
        {ASSERT_GROUP,
         "Data Science A",
         "cannot",
         "View builds",
         {AT_KIND_ROOT, KIND_PIPELINE_FOLDER},
         0,
         ACCESS_CLOSED,
         false,
         false},
        {ASSERT_GROUP,
         "Contributors",
         "cannot",
         "View builds",
         {AT_KIND_ROOT, KIND_PIPELINE_FOLDER},
         1,
         ACCESS_OPEN,
         true,
         false},
        {ASSERT_GROUP,
         "Data Science A",
         "can",
         "Contribute",
         {AT_KIND_OWN, KIND_REPOSITORY},
         0,
         ACCESS_OPEN,
         false,
         false},
        /* a word of one kind says nothing of the others */
        {ASSERT_GROUP,
         "Data Science A",
         "can",
         "Contribute",
         {AT_OWN},
         2,
         ACCESS_UNKNOWN,
         false,
         false},
        {ASSERT_GROUP,
         "Data Science A",
         "cannot",
         "Use",
         {AT_KIND_OWNED_BY, KIND_SERVICE_CONNECTION, .team = "Operations"},
         0,
         ACCESS_CLOSED,
         false,
         false},
        {ASSERT_GROUP,
         "Operations",
         "cannot",
         "Use",
         {AT_KIND_OWN, KIND_SERVICE_CONNECTION},
         1,
         ACCESS_OPEN,
         true,
         false},
};

static void test_assertions(void **state) {
        charter_own(mem, &project->principals[2], KIND_SERVICE_CONNECTION, "azure-production");
        for (size_t i = 0; i < sizeof(assert_cases) / sizeof(*assert_cases); i++) {
                const AssertCase *wanted = &assert_cases[i];
                DesiredAssert *assertion = charter_assert(mem, project, wanted->subject,
                                                          wanted->name, wanted->can, wanted->word);
                AccessVerdicts verdicts;

                assertion->at = wanted->at;
                verdicts = access_assert(mem, view, project, assertion, &names);
                if (verdicts.n != wanted->n)
                        fail_msg("row %zu: %zu verdicts, the first: %s", i, verdicts.n,
                                 verdicts.n ? verdicts.items[0].message : "");
                if (verdicts.n == 0)
                        continue;
                assert_int_equal(verdicts.items[0].answer, wanted->answer);
                assert_int_equal(access_verdict_breaks(assertion, &verdicts.items[0]),
                                 wanted->breaks);
                assert_int_equal(verdicts.items[0].is_member, wanted->is_member);
                assert_int_equal(verdicts.items[0].place.line, 40);
                assert_non_null(verdicts.items[0].message);
        }
}

/* Reading is never known to be closed where outsiders read; writing is. */
static void test_assertions_in_public(void **state) {
        DesiredAssert *assertion =
                charter_assert(mem, project, ASSERT_GROUP, "Data Science A", "cannot", "Read");
        AccessVerdicts verdicts;

        live->projects[row].visibility = "public";
        assertion->at = (At){AT_KIND_NAMES, KIND_REPOSITORY, names_b, 1};
        verdicts = access_assert(mem, view, project, assertion, &names);
        assert_int_equal(verdicts.n, 1);
        assert_int_equal(verdicts.items[0].answer, ACCESS_UNKNOWN);
        assert_string_equal(
                verdicts.items[0].message,
                "whether `Data Science A cannot Read` holds at repository data-science-b is not known: "
                "project MLOps is not private (public): others than its members may read in it");
        assertion->permission.text = "Contribute";
        assert_int_equal(access_assert(mem, view, project, assertion, &names).n, 0);
}

/* A thousand teams */

enum {
        MANY = 1000,
        BUDGET_SECONDS = 2, /* generous: sanitizers, a busy machine; 0.1 s by itself */
};

static void add_many(Index valid_users) {
        for (int i = 0; i < MANY; i++) {
                const char *name = mem_printf(mem, "Team %04d", i);
                Identity identity = {.kind = IDENTITY_GROUP,
                                     .project = row,
                                     .name = name,
                                     .display = name,
                                     .members_known = true,
                                     .containers_known = true};
                Entity entity = {.kind = KIND_REPOSITORY,
                                 .project = row,
                                 .name = name,
                                 .id = name,
                                 .identity = INDEX_NONE};
                AccessControlEntry entry = {.allow = 6};
                AccessControlList acl = {.namespace = NAMESPACE_GIT,
                                         .inherit = true,
                                         .project = row,
                                         .entries = &entry,
                                         .n_entries = 1};

                identity.storage_key = live_guid(name);
                identity.descriptor = mem_printf(
                        mem,
                        "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-7-7-7-7-1-%d-7-7-7", i);
                entry.identity = organisation_add_identity(live, &identity);
                organisation_add_membership(live, valid_users, entry.identity);
                acl.token = entity.token = mem_printf(
                        mem, "%s/%s", live->projects[row].root_token[NAMESPACE_GIT], name);
                organisation_add_entity(live, &entity);
                organisation_set_acl(live, &acl);
                charter_own(mem, charter_team(mem, project, name), KIND_REPOSITORY, name);
        }
        organisation_seal(live);
}

static void test_a_thousand_teams(void **state) {
        clock_t start = 0;
        size_t n_open = 0;

        add_many(live_principal(live, row, "Project Valid Users"));
        view = access_view_new(mem, live);
        /* one leak: team 7 at what team 900 owns */
        set_entry("repositories/Team 0900", "Team 0007", 2, 0);
        start = clock();
        for (size_t i = 3; i < project->n_principals; i++) {
                AccessVerdicts verdicts =
                        access_confine(mem, view, project, &project->principals[i], &names);

                n_open += verdicts.n;
                if (verdicts.n > 0)
                        assert_string_equal(verdicts.items[0].name, "Team 0900");
        }
        assert_int_equal(n_open, 1);
        assert_true(clock() - start < BUDGET_SECONDS * CLOCKS_PER_SEC);
        print_message("%d teams in %.3f s\n", MANY, (double)(clock() - start) / CLOCKS_PER_SEC);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_closed),
                TEST(test_open_by_a_group),
                TEST(test_one_entry),
                TEST(test_a_view_that_changes),
                TEST(test_not_known),
                TEST(test_an_unresolved_identity),
                TEST(test_roles),
                TEST(test_a_project_that_is_not_private),
                TEST(test_a_team_that_is_not_there),
                TEST(test_the_root_is_not_owned),
                TEST(test_many_alike),
                TEST(test_equals_asking_about_everything),
                TEST(test_assertions),
                TEST(test_assertions_in_public),
                TEST(test_a_thousand_teams),
        };

        return cmocka_run_group_tests_name("access-confine", tests, NULL, NULL);
}
