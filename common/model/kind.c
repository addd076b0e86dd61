/* SPDX-License-Identifier: Apache-2.0 */
/* Kind: the table of sorts of things. */
#include <assert.h>

#include "common/base/text.h"
#include "common/model/kind.h"

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
        {KIND_PROJECT, "project", "project", "projects", NAMESPACE_PROJECT, GRANTED | BUILT},
        {KIND_REPOSITORY, "repositories", "repository", "repositories", NAMESPACE_GIT, GRANTED | OWNED | MADE | BUILT},
        {KIND_PIPELINE_FOLDER, "pipeline_folders", "pipeline folder", "pipelines", NAMESPACE_BUILD,
         GRANTED | OWNED | MADE | NESTED | BUILT},
        {KIND_AREA, "areas", "area", "areas", NAMESPACE_CSS, GRANTED | OWNED | MADE | NESTED | BUILT},
        {KIND_SERVICE_CONNECTION, "service_connections", "service connection", "service connections",
         NAMESPACE_SERVICE_ENDPOINTS, ROLES | OWNED | BUILT},
        {KIND_TEAM, "teams", "team", "groups", KIND_WITHOUT_NAMESPACE, BUILT},
        {KIND_GROUP, "groups", "group", NULL, KIND_WITHOUT_NAMESPACE, BUILT},
        {KIND_BRANCH, "branches", "branch", NULL, NAMESPACE_GIT, GRANTED | BUILT},
        {KIND_PIPELINE, "pipelines", "pipeline", NULL, NAMESPACE_BUILD, GRANTED | NESTED | BUILT},
        {KIND_ITERATION, "iterations", "iteration", "iterations", NAMESPACE_ITERATION,
         GRANTED | OWNED | MADE | NESTED | BUILT},
        {KIND_QUERY, "queries", "query", "queries", NAMESPACE_QUERIES, GRANTED | OWNED | MADE | NESTED | BUILT},
        {KIND_TAGGING, "tagging", "tagging", "tags", NAMESPACE_TAGGING, GRANTED | WHOLE | BUILT},
        {KIND_ENVIRONMENT, "environments", "environment", "environments", NAMESPACE_ENVIRONMENT, ROLES | OWNED | BUILT},
        {KIND_VARIABLE_GROUP, "variable_groups", "variable group", "variable groups and secure files", NAMESPACE_LIBRARY,
         ROLES | OWNED | BUILT},
        {KIND_SECURE_FILE, "secure_files", "secure file", NULL, NAMESPACE_LIBRARY, ROLES | OWNED | BUILT},
        {KIND_AGENT_QUEUE, "agent_queues", "agent queue", "agent queues", NAMESPACE_DISTRIBUTED_TASK,
         ROLES | OWNED | BUILT},
        {KIND_RELEASE_FOLDER, "release_folders", "release folder", "release pipelines", NAMESPACE_RELEASE,
         GRANTED | NESTED | BY_ID | THIN | BUILT},
        {KIND_ANALYTICS_VIEW, "analytics_views", "Analytics view", "Analytics views", NAMESPACE_ANALYTICS_VIEWS,
         GRANTED | WHOLE | THIN | BUILT},
        {KIND_DELIVERY_PLAN, "delivery_plans", "delivery plan", "delivery plans", NAMESPACE_PLAN,
         GRANTED | BY_ID | THIN | BUILT},
        {KIND_DASHBOARD, "dashboards", "dashboard", "dashboards", NAMESPACE_DASHBOARDS,
         GRANTED | NESTED | BY_ID | THIN | BUILT},
        {KIND_ORGANIZATION, "organization", "organisation", NULL, NAMESPACE_COLLECTION, GRANTED | BUILT},
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

Kind kind_of_namespace(uint8_t space) {
        if (space == NAMESPACE_IDENTITY)
                return KIND_TEAM;
        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (rows[kind].space == space && kind_at_root(kind) == kind)
                        return kind;
        return KIND_ORGANIZATION;
}

const PermissionNamespace *kind_permissions(Kind kind) {
        int space = kind_namespace(kind);

        return space < 0 ? NULL : &permission_table_builtin()->items[space];
}

Kind kind_by_key(const char *key) {
        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (text_equal(rows[kind].key, key))
                        return kind;
        return _KIND_N;
}

const char *const *kind_keys(unsigned traits, size_t *np) {
        /* One array for each set of traits, so that the arrays of two calls stand side by side. */
        static _Thread_local const char *keys[KIND_TRAIT_MASKS][_KIND_N + 1];
        size_t n = 0;

        assert(traits < KIND_TRAIT_MASKS);
        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (rows[kind].traits & traits)
                        keys[traits][n++] = rows[kind].key;
        *np = n;
        return keys[traits];
}
