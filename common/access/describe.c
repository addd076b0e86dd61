/* SPDX-License-Identifier: Apache-2.0 */
/* Describe: a token in people's words. */
#include <string.h>

#include "common/access/evaluate.h"
#include "common/access/view_inside.h"
#include "common/model/branch.h"
#include "common/model/token.h"

/* What people call the things of a namespace, where its root stands for all of them. */
static const char *const things[_NAMESPACE_N] = {
        [NAMESPACE_PROJECT] = "projects", [NAMESPACE_GIT] = "repositories",
        [NAMESPACE_BUILD] = "pipelines",  [NAMESPACE_CSS] = "areas",
        [NAMESPACE_IDENTITY] = "groups",  [NAMESPACE_SERVICE_ENDPOINTS] = "service connections",
        [NAMESPACE_ITERATION] = "iterations",
        [NAMESPACE_QUERIES] = "queries",
        [NAMESPACE_TAGGING] = "tags",
        [NAMESPACE_ENVIRONMENT] = "environments",
        [NAMESPACE_LIBRARY] = "variable groups and secure files",
        [NAMESPACE_DISTRIBUTED_TASK] = "agent queues",
        [NAMESPACE_RELEASE] = "release pipelines",
        [NAMESPACE_ANALYTICS_VIEWS] = "Analytics views",
        [NAMESPACE_PLAN] = "delivery plans",
        [NAMESPACE_DASHBOARDS] = "dashboards",
};

static void describe_root(uint8_t space, const Project *project, Text *text) {
        if (space == NAMESPACE_PROJECT)
                text_appendf(text, "project %s", project->name);
        else
                text_appendf(text, "the root of %s in %s", things[space], project->name);
}

/* The project whose root this is, or NULL. */
static const Project *find_root(const Organisation *live, uint8_t space, const char *token) {
        char separator = live->permissions.items[space].separator;

        for (size_t i = 0; i < live->n_projects; i++)
                if (live->projects[i].root_token[space] &&
                    token_compare(live->projects[i].root_token[space], token, separator) == 0)
                        return &live->projects[i];
        return NULL;
}

static bool describe_exactly(AccessView *view, uint8_t space, const char *token, Text *text) {
        const Organisation *live = access_view_organisation(view);
        const char *name = access_view_token_name(view, space, token);
        const Project *root = NULL;
        Index entity = INDEX_NONE;

        if (name) {
                text_append(text, name);
                return true;
        }
        root = find_root(live, space, token);
        if (root) {
                describe_root(space, root, text);
                return true;
        }
        entity = access_view_entity(view, space, token);
        if (entity == INDEX_NONE)
                return false;
        text_appendf(text, "[%s] %s %s", live->projects[live->entities[entity].project].name,
                     kind_row(live->entities[entity].kind)->noun, live->entities[entity].name);
        return true;
}

/* Of a branch its name, not the hex of it. */
static void append_below(Text *text, uint8_t space, const char *below) {
        text_append(text, ", below it ");
        if (space == NAMESPACE_GIT)
                branch_append_ref(text, below);
        else
                text_append(text, below);
}

void access_describe_token(AccessView *view, uint8_t space, const char *token, Text *text) {
        const Organisation *live = access_view_organisation(view);
        char separator = live->permissions.items[space].separator;
        const char *root = live->root_token[space];
        Mem *mem = mem_alloc_zero(NULL, 1, "token");
        char *cut = mem_strdup(mem, token);
        ssize_t n = (ssize_t)token_length(token, separator);

        if (root && token_compare(root, token, separator) == 0) {
                if (things[space])
                        text_appendf(text, "all %s of %s", things[space], live->name);
                else
                        text_appendf(text, "organisation %s", live->name);
                mem_free(mem);
                return;
        }
        for (; n >= 0; n = token_parent_length(cut, (size_t)n, separator)) {
                cut[n] = '\0';
                if (!describe_exactly(view, space, cut, text))
                        continue;
                if (token[n] == separator && token[n + 1])
                        append_below(text, space, token + n + 1);
                mem_free(mem);
                return;
        }
        mem_free(mem);
        text_appendf(text, "token %s of %s", token, live->permissions.items[space].name);
}

void access_describe_extent(AccessView *view, uint8_t space, const char *token, Text *text) {
        const Organisation *live = access_view_organisation(view);
        const Project *root =
                access_view_token_name(view, space, token) ? NULL : find_root(live, space, token);

        if (root && space != NAMESPACE_PROJECT)
                text_appendf(text, "all %s of %s", things[space], root->name);
        else
                access_describe_token(view, space, token, text);
}
