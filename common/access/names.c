/* SPDX-License-Identifier: Apache-2.0 */
/* Names: principals and places of the charter as the live organisation has them. */
#include <string.h>

#include "common/access/confine.h"
#include "common/base/text.h"
#include "common/model/branch.h"

static Index live_project(const Organisation *live, const DesiredProject *project) {
        return organisation_find_project(live, project->name);
}

static Index find_principal(void *context, const DesiredProject *project, const char *name) {
        const Organisation *live = context;
        Index row = live_project(live, project);
        Index found = INDEX_NONE;

        if (row != INDEX_NONE)
                found = organisation_find_group(live, row, name);
        return found == INDEX_NONE ? organisation_find_person(live, name) : found;
}

static AccessPlace find_artefact(void *context, const DesiredProject *project, Kind kind,
                                 const char *name) {
        const Organisation *live = context;
        Index row = live_project(live, project);
        int space = kind_namespace(kind);
        AccessPlace place = {.space = space < 0 ? 0 : (uint8_t)space};
        Index entity = INDEX_NONE;

        if (row == INDEX_NONE || space < 0)
                return place;
        if (name[0] == '\0') {
                place.token = kind == KIND_ORGANIZATION ? live->root_token[space]
                                                        : live->projects[row].root_token[space];
                return place;
        }
        entity = organisation_find_entity(live, row, kind, name);
        if (entity != INDEX_NONE)
                place.token = live->entities[entity].token;
        return place;
}

static AccessPlace place_of_branch(Mem *parent, const AccessNames *names, const DesiredProject *project,
                                   const char *name) {
        const char *colon = strchr(name, ':');
        AccessPlace place = {.space = NAMESPACE_GIT};
        Text text;

        if (!colon)
                return place;
        place = names->artefact(names->context, project, KIND_REPOSITORY,
                                mem_strndup(parent, name, (size_t)(colon - name)));
        if (!place.token)
                return place;
        text_init(&text, parent);
        text_append(&text, place.token);
        branch_append_token(&text, colon + 1);
        place.token = text_end(&text);
        return place;
}

AccessPlace access_place_of(Mem *parent, const AccessNames *names, const DesiredProject *project, Kind kind,
                            const char *name) {
        AccessPlace place = {0};

        if (kind == KIND_BRANCH && name[0])
                return place_of_branch(parent, names, project, name);
        if (!kind_has(kind, KIND_IS_NAMED_BY_ID) || !name[0])
                return names->artefact(names->context, project, name[0] ? kind : kind_at_root(kind), name);
        place = names->artefact(names->context, project, kind, "");
        if (place.token)
                place.token = mem_printf(parent, "%s/%s", place.token, name);
        return place;
}

AccessNames access_names_of(const Organisation *live) {
        return (AccessNames){find_principal, find_artefact, (void *)live};
}
