/* SPDX-License-Identifier: Apache-2.0 */
/* Organisation: rows added while it is read, found, merged, sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/organisation.h"

#define SID "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-"

static Mem *mem;
static Organisation *live;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        live = organisation_new(mem, "https://dev.azure.com/contoso/");
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static Guid guid(uint8_t n) {
        return (Guid){{n}};
}

static Index add_project(uint8_t id, const char *name) {
        return organisation_add_project(
                live, &(Project){.id = guid(id), .name = name, .state = PROJECT_SURVEYED});
}

static Index add_group(uint8_t key, Index project, const char *name, const char *descriptor) {
        return organisation_add_identity(live, &(Identity){.storage_key = guid(key),
                                                           .kind = IDENTITY_GROUP,
                                                           .project = project,
                                                           .name = name,
                                                           .descriptor = descriptor});
}

static Index add_user(uint8_t key, const char *name) {
        return organisation_add_identity(live, &(Identity){.storage_key = guid(key),
                                                           .kind = IDENTITY_USER,
                                                           .project = INDEX_NONE,
                                                           .name = name});
}

static Index set_acl(uint8_t space, const char *token, const AccessControlEntry *entries,
                     size_t n) {
        return organisation_set_acl(live,
                                    &(AccessControlList){.namespace = space,
                                                         .inherit = true,
                                                         .project = INDEX_NONE,
                                                         .token = token,
                                                         .entries = (AccessControlEntry *)entries,
                                                         .n_entries = n});
}

static void test_names_of_urls(void **state) {
        static const char *const urls[][2] = {
                {"https://dev.azure.com/contoso", "contoso"},
                {"https://dev.azure.com/contoso//", "contoso"},
                {"https://contoso.visualstudio.com", "contoso.visualstudio.com"},
                {"http://server:8080/tfs/DefaultCollection", "DefaultCollection"},
        };

        for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
                const Organisation *organisation = organisation_new(mem, urls[i][0]);

                assert_string_equal(organisation->name, urls[i][1]);
                assert_string_equal(organisation->url, urls[i][0]);
        }
        assert_int_equal(live->self_identity, INDEX_NONE);
        assert_int_equal(live->permissions.n, 61);
}

static void test_projects(void **state) {
        Index one = add_project(1, "MLOps");
        Index two = add_project(2, "Web");
        Project news = {.id = guid(1), .name = "ML Ops", .visibility = "private", .assumed = true};

        assert_int_equal(organisation_find_project(live, "mlops"), one);
        assert_int_equal(organisation_find_project_id(live, guid(2)), two);
        assert_int_equal(organisation_find_project_id(live, guid(3)), INDEX_NONE);
        /* renamed: found by id, the old name names nothing */
        news.root_token[NAMESPACE_GIT] = "repoV2/1";
        assert_int_equal(organisation_add_project(live, &news), one);
        assert_int_equal(organisation_find_project(live, "ml ops"), one);
        assert_int_equal(organisation_find_project(live, "MLOps"), INDEX_NONE);
        assert_string_equal(live->projects[one].visibility, "private");
        assert_int_equal(live->projects[one].state, PROJECT_SURVEYED);
        assert_false(live->projects[one].assumed); /* it was seen before */
        /* another project of that name: its tokens are new ones */
        news = (Project){
                .id = guid(9), .name = "Web", .root_token = {[NAMESPACE_GIT] = "repoV2/9"}};
        assert_int_equal(organisation_add_project(live, &news), two);
        assert_int_equal(organisation_find_project_id(live, guid(9)), two);
        assert_string_equal(live->projects[two].root_token[NAMESPACE_GIT], "repoV2/9");
        news.root_token[NAMESPACE_GIT] = "repoV2/10";
        organisation_add_project(live, &news);
        assert_string_equal(live->projects[two].root_token[NAMESPACE_GIT], "repoV2/10");
        news.root_token[NAMESPACE_GIT] = NULL;
        organisation_add_project(live, &news);
        assert_string_equal(live->projects[two].root_token[NAMESPACE_GIT], "repoV2/10");
}

static void test_identities(void **state) {
        Index project = add_project(1, "MLOps");
        Index group = add_group(1, project, "Contributors", SID "1-1-1-1-1-5-5-5-5");
        Index other = add_group(2, INDEX_NONE, "Contributors", SID "1-1-1-1-1-6-6-6-6");
        Index user = add_user(3, "Ana@Contoso.com");
        Index entra = organisation_add_identity(live, &(Identity){.storage_key = guid(4),
                                                                  .kind = IDENTITY_ENTRA_GROUP,
                                                                  .project = INDEX_NONE,
                                                                  .name = "Data people",
                                                                  .origin_id = "7D0D5BB4"});

        assert_int_equal(organisation_find_group(live, project, "contributors"), group);
        assert_int_equal(organisation_find_group(live, INDEX_NONE, "contributors"), other);
        assert_int_equal(organisation_find_group(live, project, "ana@contoso.com"), INDEX_NONE);
        assert_int_equal(organisation_find_person(live, "ana@contoso.COM"), user);
        assert_int_equal(organisation_find_person(live, "7d0d5bb4"), entra);
        assert_int_equal(organisation_find_person(live, "data people"), entra);
        assert_int_equal(organisation_find_person(live, "Contributors"), INDEX_NONE);
        assert_int_equal(organisation_find_identity(live, guid(3)), user);
        assert_int_equal(organisation_find_descriptor(live, SID "1-1-1-1-1-5-5-5-5"), group);
        /* without regard to case */
        assert_int_equal(
                organisation_find_descriptor(
                        live,
                        "microsoft.teamfoundation.identity;s-1-9-1551374245-1-1-1-1-1-5-5-5-5"),
                group);
}

/* Adding completes what was unknown; a newer name counts, a newer role does not. */
static void test_completing(void **state) {
        Index row = add_group(1, 0, "Ops", NULL);
        Identity news = {.storage_key = guid(1),
                         .kind = IDENTITY_GROUP,
                         .project = 0,
                         .name = "Operations",
                         .display = "[MLOps]\\Operations",
                         .descriptor = SID "9",
                         .subject = "vssgp.Uy0x",
                         .is_team = true,
                         .members_known = true,
                         .assumed = true};

        add_project(1, "MLOps");
        assert_int_equal(organisation_add_identity(live, &news), row);
        assert_string_equal(live->identities[row].name, "Operations");
        assert_string_equal(live->identities[row].display, "[MLOps]\\Operations");
        assert_true(live->identities[row].is_team);
        assert_true(live->identities[row].members_known);
        assert_false(live->identities[row].assumed);
        assert_int_equal(organisation_find_group(live, 0, "Ops"), INDEX_NONE);
        assert_int_equal(organisation_find_group(live, 0, "operations"), row);
        assert_int_equal(organisation_find_descriptor(live, "VSSGP.uy0x"), row);
        news.members_known = false;
        news.role = IDENTITY_ROLE_ADMINISTRATORS;
        organisation_add_identity(live, &news);
        assert_true(live->identities[row].members_known);
        assert_int_equal(live->identities[row].role, IDENTITY_ROLE_ADMINISTRATORS);
        news.role = IDENTITY_ROLE_VALID_USERS;
        organisation_add_identity(live, &news);
        assert_int_equal(live->identities[row].role, IDENTITY_ROLE_ADMINISTRATORS);
}

/* A list names somebody before it is known who that is. */
static void test_an_unknown_row_is_completed(void **state) {
        Index row = organisation_descriptor_row(live, SID "x");
        Identity identity = {.storage_key = guid(5),
                             .kind = IDENTITY_GROUP,
                             .project = INDEX_NONE,
                             .name = "Late"};

        assert_int_equal(live->identities[row].kind, IDENTITY_UNKNOWN);
        assert_string_equal(live->identities[row].descriptor, SID "x");
        assert_int_equal(organisation_descriptor_row(live, SID "X"), row);
        assert_int_equal(organisation_resolve_descriptor(live, SID "x", &identity), row);
        assert_int_equal(live->identities[row].kind, IDENTITY_GROUP);
        assert_int_equal(organisation_find_identity(live, guid(5)), row);
        assert_int_equal(organisation_find_group(live, INDEX_NONE, "late"), row);
        /* a subject descriptor has no type before a semicolon */
        row = organisation_descriptor_row(live, "vssgp.abc");
        assert_null(live->identities[row].descriptor);
        assert_string_equal(live->identities[row].subject, "vssgp.abc");
}

/* The three-word spelling of a built-in group of the organisation is that group (facts §5.3). */
static void test_an_unknown_row_is_merged(void **state) {
        Index known = add_group(1, INDEX_NONE, "Project Collection Administrators",
                                SID "2-2-2-2-0-0-0-0-1");
        Index stranger =
                organisation_descriptor_row(live, SID "1204400969-2402986413-2179408616-0-0-0-0-1");
        Index user = add_user(2, "ana@contoso.com");
        const AccessControlEntry entries[] = {{stranger, 1, 0}, {user, 2, 0}, {known, 4, 8}};
        Index acl = set_acl(NAMESPACE_GIT, "repoV2", entries, 3);
        Identity identity = {.storage_key = guid(1),
                             .kind = IDENTITY_GROUP,
                             .project = INDEX_NONE,
                             .descriptor = SID "2-2-2-2-0-0-0-0-1"};

        organisation_add_membership(live, stranger, user);
        organisation_add_membership(live, known, user);
        live->self_identity = stranger;
        assert_int_equal(organisation_resolve_descriptor(
                                 live, SID "1204400969-2402986413-2179408616-0-0-0-0-1", &identity),
                         known);
        assert_int_equal(organisation_canonical_identity(live, stranger), known);
        organisation_seal(live);
        /* one entry, masks united; one membership */
        assert_int_equal(live->acls[acl].n_entries, 2);
        assert_int_equal(acl_find_entry(&live->acls[acl], known)->allow, 1 | 4);
        assert_int_equal(acl_find_entry(&live->acls[acl], known)->deny, 8);
        assert_null(acl_find_entry(&live->acls[acl], stranger));
        assert_int_equal(live->n_memberships, 1);
        assert_true(organisation_is_member(live, known, user));
        assert_int_equal(live->self_identity, known);
        assert_int_equal(organisation_find_descriptor(live, SID
                                                      "1204400969-2402986413-2179408616-0-0-0-0-1"),
                         known);
        assert_string_equal(live->identities[known].name, "Project Collection Administrators");
        /* entries added later are settled at once */
        set_acl(NAMESPACE_GIT, "repoV2", entries, 3);
        assert_int_equal(live->acls[acl].n_entries, 2);
}

static void test_a_descriptor_that_changes_hands(void **state) {
        Index first = add_group(1, INDEX_NONE, "First", SID "d");
        Index second = add_group(2, INDEX_NONE, "Second", SID "d");

        assert_int_not_equal(first, second);
        assert_int_equal(organisation_find_descriptor(live, SID "d"), second);
}

static void test_entities(void **state) {
        Index project = add_project(1, "MLOps");
        Entity entity = {.kind = KIND_REPOSITORY,
                         .project = project,
                         .name = "Data-A",
                         .id = "11",
                         .token = "repoV2/1/11",
                         .identity = INDEX_NONE};
        Index row = organisation_add_entity(live, &entity);

        assert_int_equal(organisation_find_entity(live, project, KIND_REPOSITORY, "data-a"), row);
        assert_int_equal(organisation_find_entity(live, project, KIND_AREA, "data-a"), INDEX_NONE);
        assert_int_equal(organisation_find_entity(live, project + 1, KIND_REPOSITORY, "data-a"),
                         INDEX_NONE);
        assert_int_equal(organisation_find_entity_id(live, KIND_REPOSITORY, "11"), row);
        assert_int_equal(organisation_find_entity_id(live, KIND_AREA, "11"), INDEX_NONE);
        entity.name = "data-b"; /* renamed */
        assert_int_equal(organisation_add_entity(live, &entity), row);
        assert_int_equal(organisation_find_entity(live, project, KIND_REPOSITORY, "Data-A"),
                         INDEX_NONE);
        assert_int_equal(organisation_find_entity(live, project, KIND_REPOSITORY, "data-b"), row);
        entity.name = "Data-A"; /* a new one under the old name */
        entity.id = "12";
        assert_int_not_equal(organisation_add_entity(live, &entity), row);
        /* from a creation, then seen */
        entity = (Entity){.kind = KIND_AREA,
                          .project = project,
                          .name = "A",
                          .identity = INDEX_NONE,
                          .assumed = true};
        row = organisation_add_entity(live, &entity);
        assert_true(live->entities[row].assumed);
        entity.assumed = false;
        entity.id = "g";
        assert_int_equal(organisation_add_entity(live, &entity), row);
        assert_false(live->entities[row].assumed);
        assert_int_equal(organisation_find_entity_id(live, KIND_AREA, "G"), row);
}

static void test_entity_order(void **state) {
        static const char *const names[] = {"b", "A", "c"};
        Index one = add_project(1, "one");
        Index two = add_project(2, "two");

        for (size_t i = 0; i < 3; i++) {
                organisation_add_entity(live, &(Entity){.kind = KIND_AREA,
                                                        .project = two,
                                                        .name = names[i],
                                                        .identity = INDEX_NONE});
                organisation_add_entity(live, &(Entity){.kind = KIND_REPOSITORY,
                                                        .project = two,
                                                        .name = names[i],
                                                        .identity = INDEX_NONE});
                organisation_add_entity(live, &(Entity){.kind = KIND_AREA,
                                                        .project = one,
                                                        .name = names[i],
                                                        .identity = INDEX_NONE});
        }
        organisation_seal(live);
        for (size_t i = 0; i < live->n_entities; i++) {
                static const char *const wanted[] = {"A", "b", "c"};
                const Entity *entity = &live->entities[live->entity_order[i]];

                assert_int_equal(entity->project, i < 3 ? one : two);
                assert_int_equal(entity->kind, i >= 3 && i < 6 ? KIND_REPOSITORY : KIND_AREA);
                assert_string_equal(entity->name, wanted[i % 3]);
        }
}

static void test_memberships(void **state) {
        Index a = add_group(1, INDEX_NONE, "a", NULL);
        Index b = add_group(2, INDEX_NONE, "b", NULL);
        Index user = add_user(3, "u@x");
        Index other = add_user(4, "v@x");
        size_t n = 7;

        organisation_seal(live);
        assert_false(organisation_is_member(live, a, user));
        organisation_members(live, a, &n);
        assert_int_equal(n, 0);
        organisation_add_membership(live, b, user);
        organisation_add_membership(live, a, user);
        organisation_add_membership(live, a, other);
        organisation_add_membership(live, a, user);
        organisation_add_membership(live, b, a);
        organisation_seal(live);
        assert_int_equal(live->n_memberships, 4);
        assert_true(organisation_is_member(live, a, user));
        assert_false(organisation_is_member(live, user, a));
        assert_int_equal(organisation_members(live, a, &n)[1].member, other);
        assert_int_equal(n, 2);
        assert_int_equal(organisation_containers(live, user, &n)[0].container, a);
        assert_int_equal(n, 2);
        organisation_containers(live, other, &n);
        assert_int_equal(n, 1);
        live->identities[a].members_known = true;
        organisation_clear_members(live, a);
        organisation_seal(live);
        assert_false(live->identities[a].members_known);
        assert_false(organisation_is_member(live, a, user));
        assert_true(organisation_is_member(live, b, user));
        assert_true(organisation_is_member(live, b, a));
}

/* What was seen counts, not what was assumed of the same. */
static void test_an_assumed_membership_that_is_seen(void **state) {
        Index a = add_group(1, INDEX_NONE, "a", NULL);
        Index user = add_user(3, "u@x");
        size_t n = 0;

        organisation_add_membership(live, a, user);
        live->memberships[0].assumed = true;
        organisation_seal(live);
        assert_true(organisation_members(live, a, &n)[0].assumed);
        organisation_add_membership(live, a, user);
        organisation_seal(live);
        assert_int_equal(live->n_memberships, 1);
        assert_false(organisation_members(live, a, &n)[0].assumed);
        assert_false(organisation_containers(live, user, &n)[0].assumed);
}

static void test_lists(void **state) {
        Index project = add_project(1, "MLOps");
        Index a = add_group(1, INDEX_NONE, "a", NULL);
        Index b = add_group(2, INDEX_NONE, "b", NULL);
        const AccessControlEntry entries[] = {{b, 1, 0}, {a, 2, 4}, {b, 8, 16}};
        Index row = set_acl(NAMESPACE_GIT, "repoV2/1/R", entries, 3);
        Index entity = INDEX_NONE;

        assert_int_equal(live->acls[row].n_entries, 2);
        assert_int_equal(live->acls[row].entries[0].identity, a);
        assert_int_equal(acl_find_entry(&live->acls[row], b)->allow, 9);
        assert_int_equal(acl_find_entry(&live->acls[row], b)->deny, 16);
        assert_int_equal(organisation_find_acl(live, NAMESPACE_GIT, "REPOV2/1/r/"), row);
        assert_int_equal(organisation_find_acl(live, NAMESPACE_BUILD, "repoV2/1/R"), INDEX_NONE);
        assert_int_equal(organisation_find_acl(live, NAMESPACE_GIT, "repoV2/1"), INDEX_NONE);
        entity = organisation_add_entity(live, &(Entity){.kind = KIND_REPOSITORY,
                                                         .project = project,
                                                         .name = "r",
                                                         .id = "r",
                                                         .token = "repov2/1/r",
                                                         .identity = INDEX_NONE});
        organisation_seal(live);
        assert_int_equal(live->acls[row].entity, entity);
        assert_int_equal(live->acls[row].project, project);
        /* replaced: fewer, then more */
        assert_int_equal(set_acl(NAMESPACE_GIT, "repoV2/1/r", entries, 1), row);
        assert_int_equal(live->acls[row].n_entries, 1);
        assert_int_equal(set_acl(NAMESPACE_GIT, "repoV2/1/r", entries, 2), row);
        assert_int_equal(live->acls[row].n_entries, 2);
        assert_int_equal(live->n_acls, 1);
        /* set from its own entries */
        assert_int_equal(organisation_set_acl(live, &live->acls[row]), row);
        assert_int_equal(live->acls[row].n_entries, 2);
}

typedef struct Walk {
        const char *tokens[8];
        size_t n;
} Walk;

static void note(void *context, Index acl) {
        Walk *walk = context;

        walk->tokens[walk->n++] = live->acls[acl].token;
}

static void test_walking(void **state) {
        static const char *const tokens[] = {"repoV2/p!", "repoV2/p/b/refs", "repoV2",
                                             "repoV2/pa", "repoV2/p/a",      "repoV2/P/b"};
        Walk walk = {0};

        for (size_t i = 0; i < 6; i++)
                set_acl(NAMESPACE_GIT, tokens[i], NULL, 0);
        set_acl(NAMESPACE_BUILD, "repoV2/p/c", NULL, 0);
        organisation_seal(live);
        organisation_walk_acls(live, NAMESPACE_GIT, "repoV2/p/", note, &walk);
        assert_int_equal(walk.n, 3);
        assert_string_equal(walk.tokens[0], "repoV2/p/a");
        assert_string_equal(walk.tokens[1], "repoV2/P/b");
        assert_string_equal(walk.tokens[2], "repoV2/p/b/refs");
        walk.n = 0;
        organisation_walk_acls(live, NAMESPACE_GIT, "repoV2", note, &walk);
        assert_int_equal(walk.n, 6);
        walk.n = 0;
        organisation_walk_acls(live, NAMESPACE_GIT, "repoV2/q", note, &walk);
        assert_int_equal(walk.n, 0);
        /* what is forgotten is found no more, until it is read again */
        organisation_clear_acls(live, NAMESPACE_GIT, "repoV2/p/b");
        assert_int_equal(organisation_find_acl(live, NAMESPACE_GIT, "repoV2/p/b/refs"), INDEX_NONE);
        organisation_walk_acls(live, NAMESPACE_GIT, "repoV2/p", note, &walk);
        assert_int_equal(walk.n, 1);
        organisation_seal(live);
        assert_int_equal(live->n_acl_order, 5);
        set_acl(NAMESPACE_GIT, "repoV2/p/b/refs", NULL, 0);
        organisation_seal(live);
        walk.n = 0;
        organisation_walk_acls(live, NAMESPACE_GIT, "repoV2/p", note, &walk);
        assert_int_equal(walk.n, 2);
}

static void test_team_areas(void **state) {
        TeamArea areas[] = {{"A", true}, {"B/C", false}};
        Index team = organisation_add_entity(
                live,
                &(Entity){.kind = KIND_TEAM, .project = 0, .name = "T", .identity = INDEX_NONE});
        TeamAreas given = {
                .team = team, .known = true, .default_path = "A", .areas = areas, .n_areas = 2};

        assert_null(organisation_find_team_areas(live, team));
        organisation_set_team_areas(live, &given);
        areas[0].path = "changed";
        assert_string_equal(organisation_find_team_areas(live, team)->areas[0].path, "A");
        assert_false(organisation_find_team_areas(live, team)->areas[1].include_children);
        given.n_areas = 0;
        given.areas = NULL;
        given.default_path = NULL;
        organisation_set_team_areas(live, &given);
        assert_int_equal(organisation_find_team_areas(live, team)->n_areas, 0);
        assert_null(organisation_find_team_areas(live, team)->default_path);
        assert_int_equal(live->n_team_areas, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_names_of_urls),
                TEST(test_projects),
                TEST(test_identities),
                TEST(test_completing),
                TEST(test_an_unknown_row_is_completed),
                TEST(test_an_unknown_row_is_merged),
                TEST(test_a_descriptor_that_changes_hands),
                TEST(test_entities),
                TEST(test_entity_order),
                TEST(test_memberships),
                TEST(test_an_assumed_membership_that_is_seen),
                TEST(test_lists),
                TEST(test_walking),
                TEST(test_team_areas),
        };

        return cmocka_run_group_tests_name("model-organisation", tests, NULL, NULL);
}
