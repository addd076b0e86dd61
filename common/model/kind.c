/* SPDX-License-Identifier: Apache-2.0 */
/* Kind: the table of sorts of things. */
#include <assert.h>

#include "common/base/text.h"
#include "common/model/kind.h"

#define PROJECT_SPACE "52d39943-cb85-4d7f-8fa8-c6baac873819"
#define GIT_SPACE "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
#define BUILD_SPACE "33344d9c-fc72-4d6f-aba5-fa317101a7e9"
#define CSS_SPACE "83e28ad4-2d72-4ceb-97b0-c7726d5502c3"
#define ITERATION_SPACE "bf7bfa03-b2b7-47db-8113-fa2e002cc5b1"
#define QUERY_SPACE "71356614-aad7-4757-8f2c-0fb3bff6f680"
#define TAGGING_SPACE "bb50f182-8e5e-40b8-bc21-e8752a1e7ae2"
#define ENDPOINT_SPACE "49b48001-ca20-4adc-8111-5b60c903a50c"
#define ENVIRONMENT_SPACE "83d4c2e6-e57d-4d6e-892b-b87222b7ad20"
#define LIBRARY_SPACE "b7e84409-6553-448a-bbb2-af228e07cbeb"
#define QUEUE_SPACE "101eae8c-1709-47f9-b228-0e476c35b3ba"
#define RELEASE_SPACE "c788c23e-1b46-4162-8f5e-d7585343b5de"
#define VIEW_SPACE "d34d3680-dfe5-4cc6-a949-7d9c68f73cba"
#define PLAN_SPACE "bed337f8-e5f3-4fb9-80da-81e17d06e7a8"
#define DASHBOARD_SPACE "8adf73b7-389a-4276-b638-fe1653f7efc7"
#define COLLECTION_SPACE "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"

#define GRANTED KIND_HAS_PERMISSIONS
#define ROLES KIND_HAS_ROLES
#define OWNED KIND_CAN_BE_OWNED
#define MADE KIND_IS_CREATED
#define NESTED KIND_IS_NESTED
#define BUILT KIND_IS_BUILT
#define THIN KIND_IS_EXPERIMENTAL
#define BY_ID KIND_IS_NAMED_BY_ID
#define WHOLE KIND_IS_WHOLE

/* clang-format off: one row a line */
static const KindRow rows[_KIND_N] = {
        {KIND_PROJECT, "project", "project", PROJECT_SPACE, GRANTED | BUILT},
        {KIND_REPOSITORY, "repositories", "repository", GIT_SPACE, GRANTED | OWNED | MADE | BUILT},
        {KIND_PIPELINE_FOLDER, "pipeline_folders", "pipeline folder", BUILD_SPACE,
         GRANTED | OWNED | MADE | NESTED | BUILT},
        {KIND_AREA, "areas", "area", CSS_SPACE, GRANTED | OWNED | MADE | NESTED | BUILT},
        {KIND_SERVICE_CONNECTION, "service_connections", "service connection", ENDPOINT_SPACE,
         ROLES | OWNED | BUILT},
        {KIND_TEAM, "teams", "team", NULL, BUILT},
        {KIND_GROUP, "groups", "group", NULL, BUILT},
        {KIND_BRANCH, "branches", "branch", GIT_SPACE, GRANTED | BUILT},
        {KIND_PIPELINE, "pipelines", "pipeline", BUILD_SPACE, GRANTED | NESTED | BUILT},
        {KIND_ITERATION, "iterations", "iteration", ITERATION_SPACE,
         GRANTED | OWNED | MADE | NESTED | BUILT},
        {KIND_QUERY, "queries", "query", QUERY_SPACE, GRANTED | OWNED | MADE | NESTED | BUILT},
        {KIND_TAGGING, "tagging", "tagging", TAGGING_SPACE, GRANTED | WHOLE | BUILT},
        {KIND_ENVIRONMENT, "environments", "environment", ENVIRONMENT_SPACE,
         ROLES | OWNED | BUILT},
        {KIND_VARIABLE_GROUP, "variable_groups", "variable group", LIBRARY_SPACE,
         ROLES | OWNED | BUILT},
        {KIND_SECURE_FILE, "secure_files", "secure file", LIBRARY_SPACE, ROLES | OWNED | BUILT},
        {KIND_AGENT_QUEUE, "agent_queues", "agent queue", QUEUE_SPACE, ROLES | OWNED | BUILT},
        {KIND_RELEASE_FOLDER, "release_folders", "release folder", RELEASE_SPACE,
         GRANTED | NESTED | BY_ID | THIN | BUILT},
        {KIND_ANALYTICS_VIEW, "analytics_views", "Analytics view", VIEW_SPACE,
         GRANTED | WHOLE | THIN | BUILT},
        {KIND_DELIVERY_PLAN, "delivery_plans", "delivery plan", PLAN_SPACE,
         GRANTED | BY_ID | THIN | BUILT},
        {KIND_DASHBOARD, "dashboards", "dashboard", DASHBOARD_SPACE,
         GRANTED | NESTED | BY_ID | THIN | BUILT},
        {KIND_ORGANIZATION, "organization", "organisation", COLLECTION_SPACE, GRANTED | BUILT},
};
/* clang-format on */

enum {
        KIND_TRAIT_MASKS = _KIND_TRAIT_LAST << 1
};

const KindRow *kind_row(Kind kind) {
        assert(kind < _KIND_N);
        assert(rows[kind].kind == kind);
        return &rows[kind];
}

Kind kind_at_root(Kind kind) {
        static const struct {
                Kind kind, above;
        } rows_above[] = {
                {KIND_BRANCH, KIND_REPOSITORY},
                {KIND_PIPELINE, KIND_PIPELINE_FOLDER},
                {KIND_SECURE_FILE, KIND_VARIABLE_GROUP},
        };

        for (size_t i = 0; i < sizeof rows_above / sizeof *rows_above; i++)
                if (rows_above[i].kind == kind)
                        return rows_above[i].above;
        return kind;
}

Kind kind_by_key(const char *key) {
        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (text_equal(rows[kind].key, key))
                        return kind;
        return _KIND_N;
}

const char *const *kind_keys(unsigned traits, size_t *np) {
        /* One array for each set of traits, so that the arrays of two calls stand side by side. */
        static _Thread_local const char *keys[KIND_TRAIT_MASKS][_KIND_N];
        size_t n = 0;

        assert(traits < KIND_TRAIT_MASKS);
        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (rows[kind].traits & traits)
                        keys[traits][n++] = rows[kind].key;
        *np = n;
        return keys[traits];
}
