/* SPDX-License-Identifier: Apache-2.0 */
/* Area Security: lists, entries, evaluation (facts §3.3 to §3.10, §5.3). */
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"
#include "tests/unit/simulator/scene.h"

#define GIT "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
#define PROJECT "52d39943-cb85-4d7f-8fa8-c6baac873819"
#define BUILD "33344d9c-fc72-4d6f-aba5-fa317101a7e9"

/* JSON text of a descriptor: its backslash is escaped. */
static const char *quoted(Scene *scene, const char *descriptor) {
        char *text = arena_alloc(&scene->arena, strlen(descriptor) * 2 + 1);
        size_t n = 0;

        for (; *descriptor; descriptor++) {
                if (*descriptor == '\\')
                        text[n++] = '\\';
                text[n++] = *descriptor;
        }
        return text;
}

static const char *entry_of(Scene *scene, const Identity *identity, unsigned allow, unsigned deny) {
        return arena_print(&scene->arena, "{\"descriptor\":\"%s\",\"allow\":%u,\"deny\":%u}",
                           quoted(scene, identity->descriptor), allow, deny);
}

static const cJSON *set_entry(Scene *scene, const char *ns, const char *token, const char *merge, const char *entry) {
        const char *body = arena_print(&scene->arena, "{\"token\":\"%s\",\"merge\":%s,\"accessControlEntries\":[%s]}",
                                       quoted(scene, token), merge, entry);

        return at(scene_ask(scene, 200, (Ask){.body = body}, "_apis/accesscontrolentries/%s", ns), "value.0");
}

static const cJSON *list_of(Scene *scene, const char *ns, const char *token, const char *query) {
        return scene_ask(scene, 200, (Ask){0}, "_apis/accesscontrollists/%s?token=%s%s", ns, encoded(scene, token),
                         query);
}

static void assert_masks(const cJSON *entry, unsigned allow, unsigned deny) {
        assert_non_null(entry);
        assert_int_equal(at(entry, "allow")->valuedouble, allow);
        assert_int_equal(at(entry, "deny")->valuedouble, deny);
}

/* The entry of an identity in the first list of an answer. */
static const cJSON *entry_in(const cJSON *answer, const Scene *scene, const Identity *identity) {
        return cJSON_GetObjectItemCaseSensitive(at(answer, "value.0.acesDictionary"),
                                                identity_acl_descriptor(scene->world, identity));
}

static void test_namespaces(void **state) {
        Scene scene;
        const cJSON *answer, *ns;

        scene_open(&scene);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/securitynamespaces");
        assert_int_equal(at(answer, "count")->valueint, 61);
        cJSON_ArrayForEach(ns, at(answer, "value")) {
                const cJSON *action;
                double last = 0;

                cJSON_ArrayForEach(action, at(ns, "actions")) {
                        assert_true(at(action, "bit")->valuedouble > last);
                        last = at(action, "bit")->valuedouble;
                }
        }
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/securityNamespaces/%s", GIT);
        assert_string_equal(text_at(answer, "value.0.name"), "Git Repositories");
        assert_string_equal(text_at(answer, "value.0.separatorValue"), "/");
        scene_ask(&scene, 404, (Ask){0}, "_apis/securitynamespaces/00000000-0000-0000-0000-000000000001");
        scene_close(&scene);
}

static void test_entries(void **state) {
        static const struct {
                const char *merge;
                unsigned allow, deny;             /* posted */
                unsigned allow_after, deny_after; /* facts §3.5 */
        } ROWS[] = {
                {"true", 65536, 0, 65536, 0},  {"true", 0, 65536, 0, 65536}, {"true", 5, 0, 5, 65536},
                {"true", 8, 0, 13, 65536},     {"true", 65536, 1, 65548, 1}, {"false", 3, 4, 3, 4},
                {"true", 0, 0, 3, 4},          {"false", 0, 0, 0, 0},
        };
        Scene scene;
        Project *project;
        Identity *ada, *bob;
        const char *token;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        token = token_of_project(&scene.arena, project);
        ada = scene_add_user(&scene, "ada@contoso.com");
        bob = scene_add_user(&scene, "bob@contoso.com");
        set_entry(&scene, PROJECT, token, "true", entry_of(&scene, bob, 1, 2));
        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++)
                assert_masks(set_entry(&scene, PROJECT, token, ROWS[i].merge,
                                       entry_of(&scene, ada, ROWS[i].allow, ROWS[i].deny)),
                             ROWS[i].allow_after, ROWS[i].deny_after);
        assert_masks(entry_in(list_of(&scene, PROJECT, token, ""), &scene, bob), 1, 2);
        scene_close(&scene);
}

static void test_entries_removed(void **state) {
        Scene scene;
        Project *project;
        Identity *ada;
        const char *token;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        token = token_of_repositories(&scene.arena, project);
        ada = scene_add_user(&scene, "ada@contoso.com");
        set_entry(&scene, GIT, token, "true", entry_of(&scene, ada, 6, 8));
        answer = scene_ask(&scene, 200, (Ask){.method = "DELETE"}, "_apis/permissions/%s/10?descriptor=%s&token=%s", GIT,
                           encoded(&scene, ada->descriptor), encoded(&scene, token));
        assert_masks(answer, 4, 0);
        for (int i = 0; i < 2; i++) {
                answer = scene_ask(&scene, 200, (Ask){.method = "DELETE"},
                                   "_apis/accesscontrolentries/%s?token=%s&descriptors=%s", GIT, encoded(&scene, token),
                                   encoded(&scene, ada->descriptor));
                assert_true(i == 0 ? cJSON_IsTrue(answer) : cJSON_IsFalse(answer));
        }
        assert_null(entry_in(list_of(&scene, GIT, token, ""), &scene, ada));
        scene_close(&scene);
}

static void test_entries_of_the_deleted(void **state) {
        Scene scene;
        Project *project;
        Identity *ada;
        const char *token;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        token = token_of_repositories(&scene.arena, project);
        ada = scene_add_user(&scene, "ada@contoso.com");
        set_entry(&scene, GIT, token, "true", entry_of(&scene, ada, 6, 0));
        directory_remove(scene.organization, ada);
        assert_masks(entry_in(list_of(&scene, GIT, token, ""), &scene, ada), 6, 0);
        assert_true(cJSON_IsTrue(scene_ask(&scene, 200, (Ask){.method = "DELETE"},
                                           "_apis/accesscontrolentries/%s?token=%s&descriptors=%s", GIT,
                                           encoded(&scene, token), encoded(&scene, ada->descriptor))));
        assert_null(entry_in(list_of(&scene, GIT, token, ""), &scene, ada));
        scene_close(&scene);
}

static void test_reserved_bits(void **state) {
        Scene scene;
        Project *project;
        Identity *ada, *bob;
        const char *token, *body;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        token = token_of_project(&scene.arena, project);
        ada = scene_add_user(&scene, "ada@contoso.com");
        bob = scene_add_user(&scene, "bob@contoso.com");
        body = arena_print(&scene.arena, "{\"token\":\"%s\",\"merge\":true,\"accessControlEntries\":[%s,%s]}", token,
                           entry_of(&scene, ada, 1, 0), entry_of(&scene, bob, 262144, 0));
        answer = scene_ask(&scene, 500, (Ask){.body = body}, "_apis/accesscontrolentries/%s", PROJECT);
        assert_true(text_starts(text_at(answer, "message"), "VS403284"));
        assert_null(entry_in(list_of(&scene, PROJECT, token, ""), &scene, ada));
        body = arena_print(&scene.arena,
                           "{\"value\":[{\"token\":\"%s\",\"inheritPermissions\":true,\"acesDictionary\":{\"x\":%s}}]}",
                           token, entry_of(&scene, bob, 16777216, 0));
        scene_ask(&scene, 500, (Ask){.body = body}, "_apis/accesscontrollists/%s", PROJECT);
        scene_close(&scene);
}

static void test_whole_lists(void **state) {
        Scene scene;
        Project *project;
        Identity *ada;
        const char *token, *body;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        token = token_of_repositories(&scene.arena, project);
        ada = scene_add_user(&scene, "ada@contoso.com");
        body = arena_print(&scene.arena,
                           "{\"value\":[{\"token\":\"%s\",\"inheritPermissions\":false,\"acesDictionary\":{\"x\":%s,"
                           "\"y\":{\"descriptor\":null,\"allow\":1,\"deny\":0}}}]}",
                           token, entry_of(&scene, ada, 6, 0));
        scene_ask(&scene, 204, (Ask){.body = body}, "_apis/accesscontrollists/%s", GIT);
        answer = list_of(&scene, GIT, token, "");
        assert_int_equal(cJSON_GetArraySize(at(answer, "value.0.acesDictionary")), 1);
        assert_true(cJSON_IsFalse(at(answer, "value.0.inheritPermissions")));
        /* An entry leaves the flag alone. */
        set_entry(&scene, GIT, token, "true", entry_of(&scene, ada, 8, 0));
        assert_true(cJSON_IsFalse(at(list_of(&scene, GIT, token, ""), "value.0.inheritPermissions")));
        answer = scene_ask(&scene, 200, (Ask){.method = "DELETE"}, "_apis/accesscontrollists/%s?tokens=%s", GIT,
                           encoded(&scene, token));
        assert_true(cJSON_IsTrue(answer));
        answer = list_of(&scene, GIT, token, "");
        assert_int_equal(at(answer, "count")->valueint, 0);
        assert_true(cJSON_IsArray(at(answer, "value")));
        set_entry(&scene, GIT, token, "true", entry_of(&scene, ada, 8, 0));
        assert_true(cJSON_IsTrue(at(list_of(&scene, GIT, token, ""), "value.0.inheritPermissions")));
        scene_close(&scene);
}

/* Accepted, but not kept (facts §3.6). */
static void test_too_large_a_list(void **state) {
        enum { BLANKS = 600 * 1024 };
        Scene scene;
        Project *project;
        const char *token;
        char *blanks;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        token = token_of_repositories(&scene.arena, project);
        blanks = arena_alloc(&scene.arena, BLANKS + 1);
        memset(blanks, ' ', BLANKS);
        scene_ask(&scene, 204,
                  (Ask){.body = arena_print(&scene.arena,
                                            "{\"value\":[{\"token\":\"%s\",%s\"acesDictionary\":{}}]}", token, blanks)},
                  "_apis/accesscontrollists/%s", GIT);
        assert_int_equal(cJSON_GetArraySize(at(list_of(&scene, GIT, token, ""), "value.0.acesDictionary")), 4);
        scene_close(&scene);
}

static void test_queries(void **state) {
        Scene scene;
        Project *project;
        Repository *repository;
        Identity *ada, *contributors;
        const char *token, *query;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        repository = repository_create(project, "a", scene.administrator);
        token = token_of_repository(&scene.arena, repository);
        ada = scene_add_user(&scene, "ada@contoso.com");
        contributors = directory_find_role(scene.organization, project, GROUP_CONTRIBUTORS);
        /* Any case, one separator at the end. */
        answer = list_of(&scene, GIT, arena_print(&scene.arena, "REPOV2/%s/", project->id), "");
        assert_int_equal(at(answer, "count")->valueint, 1);
        assert_string_equal(text_at(answer, "value.0.token"), arena_print(&scene.arena, "repoV2/%s", project->id));
        assert_string_equal(member_names(&scene, at(answer, "value.0")), "inheritPermissions,token,acesDictionary");
        /* Asked descriptors come back, with nothing where there is none. */
        query = arena_print(&scene.arena, "&descriptors=%s&includeExtendedInfo=true", encoded(&scene, ada->descriptor));
        answer = list_of(&scene, GIT, token, query);
        assert_int_equal(cJSON_GetArraySize(at(answer, "value.0.acesDictionary")), 1);
        assert_masks(entry_in(answer, &scene, ada), 0, 0);
        assert_int_equal(cJSON_GetArraySize(at(entry_in(answer, &scene, ada), "extendedInfo")), 0);
        assert_true(cJSON_IsTrue(at(answer, "value.0.includeExtendedInfo")));
        query = arena_print(&scene.arena, "&descriptors=%s&includeExtendedInfo=true",
                            encoded(&scene, contributors->descriptor));
        answer = list_of(&scene, GIT, token, query);
        assert_int_equal(at(entry_in(answer, &scene, contributors), "extendedInfo.effectiveAllow")->valuedouble, 16502);
        assert_int_equal(at(entry_in(answer, &scene, contributors), "extendedInfo.inheritedAllow")->valuedouble, 16502);
        assert_null(at(entry_in(answer, &scene, contributors), "extendedInfo.effectiveDeny"));
        /* Below a token: it and what lies under it, nothing beside it. */
        scene_add_project(&scene, "Other");
        answer = list_of(&scene, GIT, arena_print(&scene.arena, "repoV2/%s", project->id), "&recurse=true");
        assert_int_equal(at(answer, "count")->valueint, 2);
        answer = list_of(&scene, GIT, "repoV2", "&recurse=true");
        assert_int_equal(at(answer, "count")->valueint, 4);
        answer = scene_ask(&scene, 200, (Ask){0}, "_apis/accesscontrollists/%s", GIT);
        assert_int_equal(at(answer, "count")->valueint, 4);
        scene_ask(&scene, 500, (Ask){0}, "_apis/accesscontrollists/%s?descriptors=%s", GIT,
                  encoded(&scene, "[MLOps]\\Readers"));
        scene_close(&scene);
}

static void test_accepted_silently(void **state) {
        Scene scene;

        scene_open(&scene);
        assert_masks(set_entry(&scene, BUILD, "nowhere", "true",
                               "{\"descriptor\":\"Microsoft.TeamFoundation.Identity;S-1-9-9\",\"allow\":1,\"deny\":0}"),
                     1, 0);
        assert_masks(cJSON_GetObjectItemCaseSensitive(at(list_of(&scene, BUILD, "nowhere", ""), "value.0.acesDictionary"),
                                                      "Microsoft.TeamFoundation.Identity;S-1-9-9"),
                     1, 0);
        scene_ask(&scene, 500,
                  (Ask){.body = "{\"token\":\"repo/x\",\"merge\":true,\"accessControlEntries\":[]}"},
                  "_apis/accesscontrolentries/%s", GIT);
        scene_close(&scene);
}

static void test_generic_spelling(void **state) {
        Scene scene;
        Identity *admins;

        scene_open(&scene);
        admins = scene.organization->administrators;
        assert_string_equal(admins->generic_descriptor,
                            "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-1204400969-2402986413-2179408616-"
                            "0-0-0-0-1");
        assert_non_null(cJSON_GetObjectItemCaseSensitive(at(list_of(&scene, GIT, "repoV2", ""), "value.0.acesDictionary"),
                                                         admins->generic_descriptor));
        /* Written in one spelling, it is the entry of the other. */
        set_entry(&scene, GIT, "repoV2", "false", entry_of(&scene, admins, 6, 0));
        assert_masks(cJSON_GetObjectItemCaseSensitive(at(list_of(&scene, GIT, "repoV2", ""), "value.0.acesDictionary"),
                                                      admins->generic_descriptor),
                     6, 0);
        scene_set_option(&scene, "generic_sids", "no");
        assert_non_null(cJSON_GetObjectItemCaseSensitive(at(list_of(&scene, GIT, "repoV2", ""), "value.0.acesDictionary"),
                                                         admins->descriptor));
        scene_close(&scene);
}

/* "S-1-9-1551374245-{domain}" of a GUID (facts §5.3). */
static const char *sid_prefix(Scene *scene, const char *guid) {
        uint32_t words[4];

        guid_words(guid, words);
        return arena_print(&scene->arena, "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-%u-%u-%u-%u-", words[0],
                           words[1], words[2], words[3]);
}

static void test_sids(void **state) {
        Scene scene;
        Project *project;
        uint32_t words[4];

        scene_open(&scene);
        /* A known pair (facts §5.3). */
        guid_words("d8e7e7fd-44d3-47f8-9c72-5c7907714bf1", words);
        assert_int_equal(words[0], 4259833816u);
        assert_int_equal(words[1], 3544512583u);
        assert_int_equal(words[2], 2624740473u);
        assert_int_equal(words[3], 124865521u);
        project = scene_add_project(&scene, "MLOps");
        const struct {
                GroupRole role;
                const char *domain;
                const char *tail;
        } rows[] = {
                {GROUP_PROJECT_ADMINISTRATORS, project->scope_id, "0-0-0-0-1"},
                {GROUP_PROJECT_VALID_USERS, project->scope_id, "0-0-0-0-3"},
                {GROUP_BUILD_ADMINISTRATORS, project->scope_id, "0-0-0-1-2"},
                {GROUP_CONTRIBUTORS, project->id, "1-"},
                {GROUP_READERS, project->id, "1-"},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                const Identity *group = directory_find_role(scene.organization, project, rows[i].role);

                assert_true(text_starts(group->descriptor, arena_print(&scene.arena, "%s%s",
                                                                       sid_prefix(&scene, rows[i].domain), rows[i].tail)));
        }
        assert_true(text_starts(project->default_team->group->descriptor,
                                arena_print(&scene.arena, "%s1-", sid_prefix(&scene, project->id))));
        scene_close(&scene);
}

/* Evaluation. */

typedef struct Grant {
        const char *who; /* "user", "one", "two" (in one), "-": turns inheritance off there */
        int level;       /* 0 repoV2, 1 project, 2 repository */
        unsigned allow, deny;
} Grant;

static const char *level_token(Scene *scene, const Repository *repository, int level) {
        if (level == 0)
                return "repoV2";
        return level == 1 ? token_of_repositories(&scene->arena, repository->project)
                          : token_of_repository(&scene->arena, repository);
}

static void test_evaluation(void **state) {
        enum { BIT = GIT_CONTRIBUTE };
        static const struct {
                Grant grants[4];
                bool allowed;
        } ROWS[] = {
                {{{0}}, false},
                {{{"user", 2, BIT, 0}}, true},
                {{{"user", 1, BIT, 0}}, true},
                {{{"user", 0, BIT, 0}}, true},
                {{{"one", 1, BIT, 0}}, true}, /* through two groups */
                {{{"user", 1, BIT, 0}, {"one", 1, 0, BIT}}, false}, /* Deny beats Allow on one level */
                {{{"user", 2, BIT, 0}, {"one", 1, 0, BIT}}, true},  /* the nearer level decides */
                {{{"two", 2, 0, BIT}, {"user", 1, BIT, 0}}, false},
                {{{"user", 1, BIT, 0}, {"-", 2, 0, 0}}, false},     /* inheritance off */
                {{{"user", 1, BIT, 0}, {"-", 1, 0, 0}}, true},
                {{{"user", 0, BIT, 0}, {"-", 1, 0, 0}}, false},
                {{{"user", 2, 8, 0}, {"user", 1, BIT, 0}}, true},   /* bit by bit */
        };

        for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
                Scene scene;
                Project *project;
                Repository *repository;
                Identity *user, *one, *two;
                bool allowed;

                scene_open(&scene);
                project = scene_add_project(&scene, "MLOps");
                repository = repository_create(project, "a", NULL);
                user = scene_add_user(&scene, "user@contoso.com");
                scene_set_option(&scene, "team_creation_joins_contributors", "no");
                one = team_create(project, "one", NULL, NULL)->group;
                two = team_create(project, "two", NULL, NULL)->group;
                membership_add(scene.organization, two, one);
                membership_add(scene.organization, user, two);
                for (size_t k = 0; k < 4 && ROWS[i].grants[k].who; k++) {
                        const Grant *grant = &ROWS[i].grants[k];
                        AclTarget target = {scene.world, scene.organization, namespace_get(NAMESPACE_GIT),
                                            level_token(&scene, repository, grant->level)};

                        if (*grant->who == '-')
                                acl_set_inherit(&target, ACL_INHERIT_OFF);
                        else
                                acl_grant(&target,
                                          *grant->who == 'u' ? user
                                          : *grant->who == 'o' ? one
                                                               : two,
                                          grant->allow, grant->deny);
                }
                allowed = evaluation_effective(scene.world, scene.organization, namespace_get(NAMESPACE_GIT),
                                               level_token(&scene, repository, 2), user, AS_OF_NOW) &
                          BIT;
                if (allowed != ROWS[i].allowed)
                        fail_msg("row %zu: %s", i, allowed ? "allowed" : "not allowed");
                scene_close(&scene);
        }
}

static void test_has_permissions(void **state) {
        Scene scene;
        Project *project;
        Identity *ada;
        const char *token, *body;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        ada = scene_add_user(&scene, "ada@contoso.com");
        membership_add(scene.organization, ada, directory_find_role(scene.organization, project, GROUP_READERS));
        token = token_of_repositories(&scene.arena, project);
        answer = scene_ask(&scene, 200, (Ask){.pat = "ada"}, "_apis/permissions/%s/2?tokens=repoV2,%s", GIT,
                           encoded(&scene, token));
        assert_int_equal(at(answer, "count")->valueint, 2);
        assert_true(cJSON_IsFalse(at(answer, "value.0")));
        assert_true(cJSON_IsTrue(at(answer, "value.1")));
        answer = scene_ask(&scene, 200, (Ask){.pat = "ada"}, "_apis/permissions/%s/6?tokens=%s|%s&delimiter=|", GIT,
                           encoded(&scene, token), encoded(&scene, token));
        assert_int_equal(at(answer, "count")->valueint, 2);
        assert_true(cJSON_IsFalse(at(answer, "value.0")));
        body = arena_print(&scene.arena,
                           "{\"alwaysAllowAdministrators\":false,\"evaluations\":[{\"securityNamespaceId\":\"" GIT
                           "\",\"token\":\"%s\",\"permissions\":2},{\"securityNamespaceId\":\"" GIT
                           "\",\"token\":\"%s\",\"permissions\":4}]}",
                           token, token);
        answer = scene_ask(&scene, 200, (Ask){.pat = "ada", .body = body}, "_apis/security/permissionevaluationbatch");
        assert_true(cJSON_IsTrue(at(answer, "evaluations.0.value")));
        assert_true(cJSON_IsFalse(at(answer, "evaluations.1.value")));
        scene_close(&scene);
}

static void test_rights(void **state) {
        Scene scene;
        Project *project;
        Identity *ada;
        const char *token, *body;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        ada = scene_add_user(&scene, "ada@contoso.com");
        token = token_of_repositories(&scene.arena, project);
        body = arena_print(&scene.arena, "{\"token\":\"%s\",\"merge\":true,\"accessControlEntries\":[%s]}", token,
                           entry_of(&scene, ada, 2, 0));
        scene_ask(&scene, 403, (Ask){.pat = "ada", .body = body}, "_apis/accesscontrolentries/%s", GIT);
        scene_ask(&scene, 403, (Ask){.pat = "ada"}, "_apis/accesscontrollists/%s?token=%s", GIT, encoded(&scene, token));
        set_entry(&scene, GIT, token, "true", entry_of(&scene, ada, GIT_MANAGE_PERMISSIONS, 0));
        scene_ask(&scene, 200, (Ask){.pat = "ada", .body = body}, "_apis/accesscontrolentries/%s", GIT);
        scene_ask(&scene, 401, (Ask){.pat = "nobody"}, "_apis/accesscontrollists/%s?token=%s", GIT,
                  encoded(&scene, token));
        assert_int_equal(scene.response.body_size, 0);
        assert_non_null(scene_header(&scene, "WWW-Authenticate"));
        scene_close(&scene);
}

/* Entries that appear by themselves (facts §3.9), those a project begins with (facts §3.10). */
static void test_first_entries(void **state) {
        Scene scene;
        Project *project;
        Repository *repository;
        const cJSON *answer;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        repository = repository_create(project, "a", scene.administrator);
        answer = list_of(&scene, GIT, token_of_repositories(&scene.arena, project), "");
        const struct {
                GroupRole role;
                unsigned allow;
        } rows[] = {
                {GROUP_PROJECT_ADMINISTRATORS, 32630},
                {GROUP_CONTRIBUTORS, 16502},
                {GROUP_BUILD_ADMINISTRATORS, 16502},
                {GROUP_READERS, 16386},
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                assert_masks(entry_in(answer, &scene, directory_find_role(scene.organization, project, rows[i].role)),
                             rows[i].allow, 0);
        answer = list_of(&scene, GIT, token_of_repository(&scene.arena, repository), "");
        assert_masks(entry_in(answer, &scene, scene.administrator), 32382, 0);
        branch_create(repository, "refs/heads/feature/x", scene.administrator);
        answer = list_of(&scene, GIT,
                         arena_print(&scene.arena, "repoV2/%s/%s/refs/heads/6600650061007400750072006500/7800",
                                     project->id, repository->id),
                         "");
        assert_masks(entry_in(answer, &scene, scene.administrator), 4 + 8 + 4096 + 8192, 0);
        scene_close(&scene);
}

static void test_stale_reads(void **state) {
        Scene scene;
        Project *project;
        Identity *ada;
        const char *token;

        scene_open(&scene);
        project = scene_add_project(&scene, "MLOps");
        ada = scene_add_user(&scene, "ada@contoso.com");
        token = token_of_repositories(&scene.arena, project);
        scene_set_option(&scene, "stale_ms", "5000");
        set_entry(&scene, GIT, token, "true", entry_of(&scene, ada, 2, 0));
        assert_null(entry_in(list_of(&scene, GIT, token, ""), &scene, ada));
        scene_pass_ms(&scene, 6000);
        assert_masks(entry_in(list_of(&scene, GIT, token, ""), &scene, ada), 2, 0);
        scene_close(&scene);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_namespaces),       cmocka_unit_test(test_entries),
                cmocka_unit_test(test_entries_removed),  cmocka_unit_test(test_entries_of_the_deleted),
                cmocka_unit_test(test_reserved_bits),    cmocka_unit_test(test_whole_lists),
                cmocka_unit_test(test_queries),          cmocka_unit_test(test_accepted_silently),
                cmocka_unit_test(test_generic_spelling), cmocka_unit_test(test_sids),
                cmocka_unit_test(test_evaluation),       cmocka_unit_test(test_has_permissions),
                cmocka_unit_test(test_rights),           cmocka_unit_test(test_first_entries),
                cmocka_unit_test(test_stale_reads),      cmocka_unit_test(test_too_large_a_list),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
