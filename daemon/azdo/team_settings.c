/* SPDX-License-Identifier: Apache-2.0 */
/* TeamSettings: a team's areas, backlog iteration, administrators' token (facts §6.4). */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/team.h"
#include "daemon/azdo/url.h"

#define FIELD_AREA "System.AreaPath"

static char *settings_path(Mem *parent, const Organisation *organisation, Index team,
                           const char *pattern) {
        const Entity *entity = &organisation->entities[team];

        assert(entity->kind == KIND_TEAM);
        return url_build(parent, pattern, project_url_name(parent, organisation, entity->project),
                         entity->id ? entity->id : entity->name, NULL);
}

#define PATTERN_AREAS "/{}/{}/_apis/work/teamsettings/teamfieldvalues?api-version=7.1"
#define PATTERN_SETTINGS "/{}/{}/_apis/work/teamsettings?api-version=7.1"

Request team_areas_request(Mem *parent, const Organisation *organisation, Index team) {
        return (Request){.method = METHOD_GET,
                         .path = settings_path(parent, organisation, team, PATTERN_AREAS)};
}

/* `Project\A\B` -> `A/B`; the project alone is the root. NULL: it does not begin with the project.
 */
static char *path_of_service(Mem *parent, const char *project, const char *value) {
        size_t n = strcspn(value, "\\");
        char *path = NULL;

        if (!text_equal_n(project, value, n))
                return NULL;
        path = mem_strdup(parent, value[n] && value[n + 1] ? value + n + 1 : "/");
        for (char *c = path; *c; c++)
                if (*c == '\\')
                        *c = '/';
        return path;
}

static char *path_of_model(Mem *parent, const char *project, const char *path) {
        char *value = strcmp(path, "/") == 0 ? mem_strdup(parent, project)
                                             : mem_printf(parent, "%s\\%s", project, path);

        for (char *c = value + strlen(project); *c; c++)
                if (*c == '/')
                        *c = '\\';
        return value;
}

static int read_values(Mem *scratch, const char *project, const JsonNode *values, TeamAreas *areas,
                       const char **reasonp) {
        if (!json_is_array(values))
                return body_fail(reasonp, "the team's areas have no list in `values`");
        json_each(node, values) {
                TeamArea *area = mem_push(scratch, areas->areas, areas->n_areas);
                const char *value = body_text(node, "value");

                area->path = value ? path_of_service(scratch, project, value) : NULL;
                if (!area->path)
                        return body_fail(reasonp,
                                         "a team's area has no path of the project in `value`");
                if (json_get_bool(node, "includeChildren", &area->include_children) < 0)
                        return body_fail(reasonp, "a team's area has no `includeChildren`");
        }
        return 0;
}

static int read_areas(Mem *scratch, const char *project, const JsonNode *root, TeamAreas *areas,
                      const char **reasonp) {
        const JsonNode *value = json_get(root, "defaultValue");
        const char *field = body_text(json_get(root, "field"), "referenceName");

        if (!field)
                return body_fail(reasonp, "the team's areas do not name their field");
        /* Another field than the area path: the team has no areas to speak of. */
        if (!text_equal(field, FIELD_AREA))
                return 0;
        areas->known = true;
        /* null is what a new team has (facts §6.4). */
        if (value && !json_is_null(value)) {
                const char *text = json_value_text(value);

                areas->default_path =
                        text && *text ? path_of_service(scratch, project, text) : NULL;
                if (!text || (*text && !areas->default_path))
                        return body_fail(reasonp,
                                         "the team's `defaultValue` is no path of the project");
        }
        return read_values(scratch, project, json_get(root, "values"), areas, reasonp);
}

int team_areas_take(Organisation *organisation, Index team, const Reply *reply,
                    const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const char *project = organisation->projects[organisation->entities[team].project].name;
        TeamAreas areas = {.team = team};
        const JsonNode *root = NULL;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = read_areas(scratch, project, root, &areas, reasonp);
        if (r == 0)
                organisation_set_team_areas(organisation, &areas);
        mem_free(scratch);
        return r;
}

/* The list replaces the one before, and its default is mandatory (facts §0.20, §0.21). */
Request team_set_areas_request(Mem *parent, const Organisation *organisation, Index team,
                               const TeamAreas *areas) {
        const char *project = organisation->projects[organisation->entities[team].project].name;
        Text text;
        JsonWriter writer;

        assert(areas->default_path);
        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "defaultValue",
                        path_of_model(parent, project, areas->default_path));
        json_write_array(&writer, "values");
        for (size_t i = 0; i < areas->n_areas; i++) {
                json_write_object(&writer, NULL);
                json_write_text(&writer, "value",
                                path_of_model(parent, project, areas->areas[i].path));
                json_write_bool(&writer, "includeChildren", areas->areas[i].include_children);
                json_write_object_end(&writer);
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        return (Request){.method = METHOD_PATCH,
                         .path = settings_path(parent, organisation, team, PATTERN_AREAS),
                         .body = text.data};
}

Request team_set_backlog_request(Mem *parent, const Organisation *organisation, Index team,
                                 const char *root_iteration) {
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "backlogIteration", root_iteration);
        json_write_object_end(&writer);
        return (Request){.method = METHOD_PATCH,
                         .path = settings_path(parent, organisation, team, PATTERN_SETTINGS),
                         .body = text.data};
}

Request team_iteration_root_request(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){
                .method = METHOD_GET,
                .path = url_build(
                        parent,
                        "/{}/_apis/wit/classificationnodes/iterations?$depth=0&api-version=7.1",
                        project_url_name(parent, organisation, project), NULL)};
}

int team_iteration_root_take(Mem *parent, const Reply *reply, const char **identifierp,
                             const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        char text[GUID_TEXT_SIZE];
        Guid id;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0 && body_guid(root, "identifier", &id) < 0)
                r = body_fail(reasonp, "the root iteration has no `identifier`");
        if (r == 0)
                *identifierp = mem_strdup(parent, guid_format(id, text));
        mem_free(scratch);
        return r;
}

char *team_admin_token(Mem *parent, const Organisation *organisation, Index team) {
        const Entity *entity = &organisation->entities[team];
        char key[GUID_TEXT_SIZE];

        assert(entity->kind == KIND_TEAM && entity->identity != INDEX_NONE);
        guid_format(organisation->identities[entity->identity].storage_key, key);
        return mem_printf(parent, "%s\\%s",
                          organisation->projects[entity->project].root_token[NAMESPACE_IDENTITY],
                          key);
}
