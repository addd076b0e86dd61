/* SPDX-License-Identifier: Apache-2.0 */
/* Teller: organisations made by chance in the simulator, told as the simulator answers for them.
 *
 * usage: agreement-teller ORGANISATIONS QUESTIONS SEED
 * For each organisation, on standard output:
 *         organization NUMBER PROJECT-ID CERTAINTY     certainty 1: nobody is in an Entra group; 0:
 * some are, told to nobody lists NAMESPACE BYTES TOKEN                  and the answer: all lists
 * from that token down, with extended info identities KEYS BYTES                        and so many
 * lines of descriptors, and the answer to that batch question NAMESPACE BIT ALLOW DENY BATCH KEY
 * TOKEN of the identity of that key: the evaluation, and the answer of a permission evaluation
 * batch for its person (0, 1, - not asked) end */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"
#include "tests/unit/simulator/scene.h"

enum {
        PEOPLE = 5,
        GROUPS = 8,
        ENTRA_GROUPS = 2,
        DOUBTFUL = 8, /* one in so many organisations has people in Entra groups */
        PRINCIPALS_MAX = PEOPLE + GROUPS + ENTRA_GROUPS,
        TOKENS_MAX = 24,
        ENTRIES_MAX = 6,
        BITS = 10,
        /* In a hundred. */
        IN_A_GROUP = 25,
        GROUP_IN_GROUP = 25,
        WITH_A_LIST = 35,
        WITH_A_DENY = 60,
        WITHOUT_INHERITANCE = 12,
        AN_ADMINISTRATOR = 2,
};

/* The namespaces that are looked at, from what token down: one that has none above it. */
typedef struct Tree {
        const Namespace *ns;
        const char *root;
} Tree;

typedef struct Spot {
        const Namespace *ns;
        const char *token;
} Spot;

typedef struct Teller {
        Scene scene;
        Project *project;
        Identity *principals[PRINCIPALS_MAX];
        size_t n_principals;
        Tree trees[5];
        size_t n_trees;
        Spot spots[TOKENS_MAX];
        size_t n_spots;
        int n_questions;
} Teller;

static uint64_t chance_state;

static uint32_t chance(uint32_t below) {
        chance_state ^= chance_state << 13;
        chance_state ^= chance_state >> 7;
        chance_state ^= chance_state << 17;
        return (uint32_t)(chance_state >> 33) % below;
}

static bool percent(uint32_t share) {
        return chance(100) < share;
}

/* Who is there */

static void add_principal(Teller *teller, IdentityKind kind, const char *name, const char *pat) {
        IdentitySpec spec = {.kind = kind, .name = name, .pat = pat};

        if (kind == IDENTITY_USER)
                spec.unique_name = arena_print(&teller->scene.arena, "%s@contoso.com", name);
        if (kind == IDENTITY_GROUP && percent(70))
                spec.project = teller->project;
        teller->principals[teller->n_principals++] =
                directory_add(teller->scene.organization, &spec);
}

static void add_principals(Teller *teller, bool is_certain) {
        Arena *arena = &teller->scene.arena;

        for (int i = 0; i < PEOPLE; i++) {
                const char *name = arena_print(arena, "person%d", i);

                add_principal(teller, IDENTITY_USER, name, name);
        }
        for (int i = 0; i < GROUPS; i++)
                add_principal(teller, IDENTITY_GROUP, arena_print(arena, "group %d", i), NULL);
        for (int i = 0; i < (is_certain ? 0 : ENTRA_GROUPS); i++)
                add_principal(teller, IDENTITY_ENTRA_GROUP, arena_print(arena, "entra %d", i),
                              NULL);
}

static void add_memberships(Teller *teller) {
        Organization *organization = teller->scene.organization;
        Identity *contributors =
                directory_find_role(organization, teller->project, GROUP_CONTRIBUTORS);

        for (size_t i = 0; i < teller->n_principals; i++) {
                Identity *member = teller->principals[i];

                for (size_t j = PEOPLE; j < teller->n_principals; j++) {
                        Identity *group = teller->principals[j];
                        uint32_t share = i < PEOPLE ? IN_A_GROUP : GROUP_IN_GROUP;

                        /* Groups of Entra hold people alone; circles are refused. */
                        if (j == i ||
                            (group->kind == IDENTITY_ENTRA_GROUP && member->kind != IDENTITY_USER))
                                continue;
                        if (percent(share))
                                membership_add(organization, member, group);
                }
                if (percent(10))
                        membership_add(organization, member, contributors);
                if (percent(AN_ADMINISTRATOR))
                        membership_add(organization, member, organization->administrators);
        }
}

/* What is there */

static void add_spot(Teller *teller, NamespaceIndex index, const char *token) {
        teller->spots[teller->n_spots++] = (Spot){namespace_get(index), token};
}

static void add_tree(Teller *teller, NamespaceIndex index, const char *root) {
        teller->trees[teller->n_trees++] = (Tree){namespace_get(index), root};
        add_spot(teller, index, root);
}

static void add_things(Teller *teller) {
        Arena *arena = &teller->scene.arena;
        Node *area = node_create(teller->project->area_root, "A");
        const char *project = teller->project->id;

        add_tree(teller, NAMESPACE_PROJECT, "$PROJECT");
        add_spot(teller, NAMESPACE_PROJECT, token_of_project(arena, teller->project));
        add_tree(teller, NAMESPACE_GIT, "repoV2");
        add_spot(teller, NAMESPACE_GIT, token_of_repositories(arena, teller->project));
        for (int i = 0; i < 3; i++) {
                Repository *repository = repository_create(
                        teller->project, arena_print(arena, "repository %d", i), NULL);

                add_spot(teller, NAMESPACE_GIT, token_of_repository(arena, repository));
                add_spot(teller, NAMESPACE_GIT,
                         token_of_branch(arena, repository, "refs/heads/main"));
                add_spot(teller, NAMESPACE_GIT,
                         token_of_branch(arena, repository, "refs/heads/f/x"));
        }
        add_tree(teller, NAMESPACE_BUILD, project);
        add_spot(teller, NAMESPACE_BUILD, arena_print(arena, "%s/Team A", project));
        add_spot(teller, NAMESPACE_BUILD, arena_print(arena, "%s/Team A/Night", project));
        add_spot(teller, NAMESPACE_BUILD, arena_print(arena, "%s/Team A/Night/7", project));
        add_tree(teller, NAMESPACE_CSS, token_of_node(arena, teller->project->area_root));
        add_spot(teller, NAMESPACE_CSS, token_of_node(arena, area));
        add_spot(teller, NAMESPACE_CSS, token_of_node(arena, node_create(area, "B")));
        add_tree(teller, NAMESPACE_SERVICE_ENDPOINTS, "endpoints");
        add_spot(teller, NAMESPACE_SERVICE_ENDPOINTS, arena_print(arena, "endpoints/%s", project));
        add_spot(teller, NAMESPACE_SERVICE_ENDPOINTS,
                 arena_print(arena, "endpoints/%s/one", project));
}

static bool is_root(const Teller *teller, const Spot *spot) {
        for (size_t i = 0; i < teller->n_trees; i++)
                if (teller->trees[i].root == spot->token)
                        return true;
        return false;
}

static uint32_t some_bits(void) {
        return chance(1U << BITS) & chance(1U << BITS);
}

/* A branch's entry of contribute alone is what its maker has, and told once a repository. */
static uint32_t beyond_a_creator(const Spot *spot) {
        return strstr(spot->token, "refs/heads") ? GIT_READ : 0;
}

static void set_list(Teller *teller, const Spot *spot) {
        AclTarget target = {teller->scene.world, teller->scene.organization, spot->ns, spot->token};
        uint32_t n = 1 + chance(ENTRIES_MAX);

        for (uint32_t i = 0; i < n; i++) {
                const Identity *identity =
                        teller->principals[chance((uint32_t)teller->n_principals)];
                uint32_t deny = percent(WITH_A_DENY) ? some_bits() : 0;
                AceSpec entry = {identity->descriptor,
                                 (some_bits() | beyond_a_creator(spot)) & ~deny, deny};

                assert_int_equal(acl_set_entries(&target, &entry, 1, ACE_REPLACE), 0);
        }
        if (percent(WITHOUT_INHERITANCE))
                acl_set_inherit(&target, ACL_INHERIT_OFF);
}

/* What is told */

static void tell_answer(Teller *teller, Ask ask, const char *path) {
        if (scene_send(&teller->scene, ask, path) != 200)
                fail_msg("%s: %d", path, teller->scene.response.status);
}

static void put_body(const Teller *teller) {
        fwrite(teller->scene.response.body, 1, teller->scene.response.body_size, stdout);
        putchar('\n');
}

static void tell_lists(Teller *teller, const Tree *tree) {
        tell_answer(
                teller, (Ask){0},
                arena_print(
                        &teller->scene.arena,
                        "_apis/accesscontrollists/%s?token=%s&recurse=true&includeExtendedInfo=true",
                        tree->ns->id, encoded(&teller->scene, tree->root)));
        printf("lists %s %zu %s\n", tree->ns->id, teller->scene.response.body_size, tree->root);
        put_body(teller);
}

/* Everybody, in the order of their indexes, which are the keys of questions. */
static void tell_identities(Teller *teller) {
        const Array *identities = &teller->scene.organization->identities;
        cJSON *body = cJSON_CreateObject();
        cJSON *keys = cJSON_AddArrayToObject(body, "descriptors");
        char *text = NULL;

        for (size_t i = 0; i < identities->n_items; i++)
                cJSON_AddItemToArray(keys, cJSON_CreateString(identity_acl_descriptor(
                                                   teller->scene.world, identities->items[i])));
        cJSON_AddStringToObject(body, "queryMembership", "direct");
        text = cJSON_PrintUnformatted(body);
        tell_answer(teller, (Ask){.body = text}, "_apis/identitybatch");
        printf("identities %zu %zu\n", identities->n_items, teller->scene.response.body_size);
        for (size_t i = 0; i < identities->n_items; i++)
                puts(cJSON_GetArrayItem(keys, (int)i)->valuestring);
        put_body(teller);
        free(text);
        cJSON_Delete(body);
}

typedef struct Question {
        const Identity *principal;
        const Spot *spot;
        uint32_t bit;
} Question;

/* One person asks about all questions that are theirs: 0 or 1 each, in their order. */
static void ask_batch(Teller *teller, const Question *questions, const Identity *person,
                      char *answers) {
        cJSON *body = cJSON_CreateObject();
        cJSON *list = cJSON_AddArrayToObject(body, "evaluations");
        char *text = NULL;
        int at = 0;

        for (int i = 0; i < teller->n_questions; i++) {
                cJSON *item = NULL;

                if (questions[i].principal != person)
                        continue;
                item = cJSON_CreateObject();
                cJSON_AddStringToObject(item, "securityNamespaceId", questions[i].spot->ns->id);
                cJSON_AddStringToObject(item, "token", questions[i].spot->token);
                cJSON_AddNumberToObject(item, "permissions", questions[i].bit);
                cJSON_AddItemToArray(list, item);
        }
        text = cJSON_PrintUnformatted(body);
        list = scene_ask(&teller->scene, 200, (Ask){.pat = person->pat, .body = text},
                         "_apis/security/permissionevaluationbatch");
        for (int i = 0; i < teller->n_questions; i++)
                if (questions[i].principal == person)
                        answers[i] =
                                cJSON_IsTrue(cJSON_GetObjectItem(
                                        cJSON_GetArrayItem(cJSON_GetObjectItem(list, "evaluations"),
                                                           at++),
                                        "value"))
                                        ? '1'
                                        : '0';
        free(text);
        cJSON_Delete(body);
}

/* Seldom a root, which has nothing above it. */
static const Spot *some_spot(const Teller *teller) {
        const Spot *spot = &teller->spots[chance((uint32_t)teller->n_spots)];

        if (is_root(teller, spot))
                spot = &teller->spots[chance((uint32_t)teller->n_spots)];
        return spot;
}

static void tell_questions(Teller *teller) {
        Question *questions =
                arena_alloc(&teller->scene.arena, (size_t)teller->n_questions * sizeof(*questions));
        char *answers = arena_alloc(&teller->scene.arena, (size_t)teller->n_questions);

        memset(answers, '-', (size_t)teller->n_questions);
        for (int i = 0; i < teller->n_questions; i++)
                questions[i] = (Question){
                        teller->principals[chance((uint32_t)teller->n_principals)],
                        some_spot(teller),
                        1U << chance(BITS),
                };
        ask_batch(teller, questions, teller->principals[chance(PEOPLE)], answers);
        for (int i = 0; i < teller->n_questions; i++) {
                const Question *question = &questions[i];
                EvaluationResult result = evaluation_run(
                        teller->scene.world, teller->scene.organization, question->spot->ns,
                        question->spot->token, question->principal, AS_OF_NOW);

                printf("question %s %u %d %d %c %zu %s\n", question->spot->ns->id, question->bit,
                       (result.allow & question->bit) != 0, (result.deny & question->bit) != 0,
                       answers[i], question->principal->index, question->spot->token);
        }
}

static void tell_organization(int number, int n_questions) {
        bool is_certain = number % DOUBTFUL != 0;
        Teller teller = {.n_questions = n_questions};

        scene_open(&teller.scene);
        teller.project = scene_add_project(&teller.scene, "MLOps");
        add_principals(&teller, is_certain);
        add_memberships(&teller);
        add_things(&teller);
        for (size_t i = 0; i < teller.n_spots; i++)
                if (is_root(&teller, &teller.spots[i]) || percent(WITH_A_LIST))
                        set_list(&teller, &teller.spots[i]);
        printf("organization %d %s %d\n", number, teller.project->id, is_certain);
        /* What comes first names identities by descriptors that are not known yet. */
        if (number % 2)
                tell_identities(&teller);
        for (size_t i = 0; i < teller.n_trees; i++)
                tell_lists(&teller, &teller.trees[i]);
        if (number % 2 == 0)
                tell_identities(&teller);
        tell_questions(&teller);
        puts("end");
        scene_close(&teller.scene);
}

int main(int argc, char **argv) {
        int n_organizations = argc == 4 ? atoi(argv[1]) : 0;
        int n_questions = argc == 4 ? atoi(argv[2]) : 0;
        uint64_t seed = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;

        if (n_organizations < 1 || n_questions < 1 || seed < 1) {
                fputs("usage: agreement-teller ORGANISATIONS QUESTIONS SEED\n", stderr);
                return 64;
        }
        for (int i = 1; i <= n_organizations; i++) {
                chance_state = (seed * 1000003 + (uint64_t)i) * UINT64_C(0x9E3779B97F4A7C15);
                tell_organization(i, n_questions);
        }
        return 0;
}
