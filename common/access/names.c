/* SPDX-License-Identifier: Apache-2.0 */
/* Names: principals and places of the charter as the live organisation has them. */
#include "common/access/confine.h"

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
        int space = organisation_namespace_of_kind(kind);
        AccessPlace place = {.space = space < 0 ? 0 : (uint8_t)space};
        Index entity = INDEX_NONE;

        if (row == INDEX_NONE || space < 0)
                return place;
        if (name[0] == '\0') {
                place.token = live->projects[row].root_token[space];
                return place;
        }
        entity = organisation_find_entity(live, row, kind, name);
        if (entity != INDEX_NONE)
                place.token = live->entities[entity].token;
        return place;
}

AccessNames access_names_of(const Organisation *live) {
        return (AccessNames){find_principal, find_artefact, (void *)live};
}
