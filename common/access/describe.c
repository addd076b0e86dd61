/* SPDX-License-Identifier: Apache-2.0 */
/* Describe: a token in people's words. */
#include <string.h>
#include <strings.h>

#include "common/access/evaluate.h"
#include "common/access/view_inside.h"
#include "common/model/branch.h"
#include "common/model/token.h"

/* What people call the things of a namespace, where its root stands for all of them; NULL: the organisation itself. */
static const char *things_of(uint8_t space) {
        return kind_row(kind_of_namespace(space))->things;
}

static void describe_root(uint8_t space, const Project *project, Text *text) {
        if (space == NAMESPACE_PROJECT)
                text_appendf(text, "project %s", project->name);
        else
                text_appendf(text, "the root of %s in %s", things_of(space), project->name);
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

/* The project in whose root's token this one is the beginning of, as that of all queries is of Shared Queries; or NULL. */
static const Project *find_root_below(const Organisation *live, uint8_t space, const char *token) {
        char separator = live->permissions.items[space].separator;
        size_t n = token_length(token, separator);

        for (size_t i = 0; separator && i < live->n_projects; i++) {
                const char *root = live->projects[i].root_token[space];

                if (root && strncasecmp(root, token, n) == 0 && root[n] == separator)
                        return &live->projects[i];
        }
        return NULL;
}

static bool locate_exactly(AccessView *view, uint8_t space, const char *token, AccessLocation *location) {
        const Organisation *live = access_view_organisation(view);
        const Project *root;

        location->name = access_view_token_name(view, space, token);
        if (location->name)
                return true;
        location->entity = access_view_entity(view, space, token);
        if (location->entity != INDEX_NONE) {
                location->project = live->entities[location->entity].project;
                location->is_root = strcmp(live->entities[location->entity].name, "/") == 0;
                return true;
        }
        root = find_root(live, space, token);
        location->is_root = root;
        location->project = root ? (Index)(root - live->projects) : INDEX_NONE;
        return root;
}

AccessLocation access_locate(AccessView *view, uint8_t space, const char *token) {
        const Organisation *live = access_view_organisation(view);
        char separator = live->permissions.items[space].separator;
        const char *root = live->root_token[space];
        AccessLocation location = {.project = INDEX_NONE, .entity = INDEX_NONE};
        char *cut;
        ssize_t n = (ssize_t)token_length(token, separator);

        if (root && token_compare(root, token, separator) == 0) {
                location.is_organization = true;
                return location;
        }
        cut = mem_strdup(NULL, token);
        for (; n >= 0; n = token_parent_length(cut, (size_t)n, separator)) {
                cut[n] = '\0';
                if (!locate_exactly(view, space, cut, &location))
                        continue;
                if (token[n] == separator && token[n + 1])
                        location.below = token + n + 1;
                break;
        }
        mem_free(cut);
        return location;
}

/* Of a branch its name, not the hex of it. */
void access_describe_below(uint8_t space, const char *below, Text *text) {
        text_append(text, ", below it ");
        if (space == NAMESPACE_GIT)
                branch_append_ref(text, below);
        else
                text_append(text, below);
}

void access_describe_token(AccessView *view, uint8_t space, const char *token, Text *text) {
        const Organisation *live = access_view_organisation(view);
        AccessLocation at = access_locate(view, space, token);
        const Project *above;

        if (at.is_organization && things_of(space))
                text_appendf(text, "all %s of %s", things_of(space), live->name);
        else if (at.is_organization)
                text_appendf(text, "organisation %s", live->name);
        else if (at.name)
                text_append(text, at.name);
        else if (at.is_root)
                describe_root(space, &live->projects[at.project], text);
        else if (at.entity != INDEX_NONE)
                text_appendf(text, "[%s] %s %s", live->projects[at.project].name,
                             kind_row(live->entities[at.entity].kind)->noun, live->entities[at.entity].name);
        else if ((above = find_root_below(live, space, token)))
                text_appendf(text, "what is above the root of %s in %s", things_of(space), above->name);
        else
                text_appendf(text, "token %s of %s", token, live->permissions.items[space].name);
        if (at.below)
                access_describe_below(space, at.below, text);
}

void access_describe_extent(AccessView *view, uint8_t space, const char *token, Text *text) {
        const Organisation *live = access_view_organisation(view);
        const Project *root =
                access_view_token_name(view, space, token) ? NULL : find_root(live, space, token);

        if (root && space != NAMESPACE_PROJECT)
                text_appendf(text, "all %s of %s", things_of(space), root->name);
        else
                access_describe_token(view, space, token, text);
}
