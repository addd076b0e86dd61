/* SPDX-License-Identifier: Apache-2.0 */
/* Question: what a matrix is asked about: which principals, things and permissions of a project. */
#include "common/access/question.h"

#include "common/access/telling.h"
#include "common/base/text.h"
#include "common/model/governed.h"

enum {
        MARK_NONE = ' ',
};

const DesiredProject **access_question_projects(Mem *parent, const AccessMatrixSpec *spec,
                                                size_t *np) {
        const DesiredProject **projects = NULL;

        *np = 0;
        for (size_t i = 0; i < spec->desired->n_projects; i++) {
                const DesiredProject *project = &spec->desired->projects[i];

                if (!desired_is_organization(project) &&
                    (!spec->project || text_equal(spec->project, project->name)))
                        *mem_push(parent, projects, *np) = project;
        }
        return projects;
}

const char **access_question_principals(Mem *parent, const AccessMatrixSpec *spec,
                                        const DesiredProject *project, size_t *np) {
        const char **names = NULL;

        *np = 0;
        for (size_t i = 0; i < project->n_principals; i++)
                if (!spec->team || text_equal(spec->team, project->principals[i].name))
                        *mem_push(parent, names, *np) = project->principals[i].name;
        if (!spec->team || *np > 0)
                return names;
        /* One the charter does not name. */
        if (spec->live_names.principal(spec->live_names.context, project, spec->team) != INDEX_NONE)
                *mem_push(parent, names, *np) = spec->team;
        return names;
}

bool access_question_is_at(const AccessMatrixSpec *spec, const DesiredProject *project, Kind kind,
                           const char *name) {
        if (!spec->at_name)
                return true;
        if (kind != spec->at_kind)
                return false;
        if (kind == KIND_PROJECT && text_equal(spec->at_name, project->name))
                return true;
        return text_equal(name, spec->at_name);
}

ThingName *access_question_things(Mem *parent, const AccessMatrixSpec *spec,
                                  const DesiredProject *project, size_t *np) {
        size_t n = 0;
        ThingName *things = access_things_of(parent, project, &n);

        *np = 0;
        for (size_t i = 0; i < n; i++)
                if (access_question_is_at(spec, project, things[i].kind, things[i].name))
                        things[(*np)++] = things[i];
        /* One the charter does not name. */
        if (spec->at_name && *np == 0 &&
            access_place_of(parent, &spec->live_names, project, spec->at_kind, spec->at_name).token)
                things[(*np)++] = (ThingName){spec->at_kind, spec->at_name, NULL};
        return things;
}

AccessPlace access_question_place(Mem *parent, const AccessMatrixSpec *spec, const AccessNames *names,
                                  const DesiredProject *project, const ThingName *thing, uint8_t space) {
        if (thing->kind == KIND_ORGANIZATION)
                return (AccessPlace){space, access_view_organisation(spec->live)->root_token[space]};
        return access_thing_place(parent, names, project, thing->kind, thing->name);
}

static void add_all_of(Mem *parent, const AccessMatrixSpec *spec, AskedList *list, uint8_t space) {
        const PermissionNamespace *permissions =
                &access_view_organisation(spec->live)->permissions.items[space];

        for (size_t i = 0; i < permissions->n_permissions; i++) {
                uint32_t bit = permissions->permissions[i].bit;

                if (!(permissions->system_mask & bit))
                        *mem_push(parent, list->items, list->n) = (Asked){
                                space, bit, MARK_NONE, permission_word(parent, permissions, bit)};
        }
}

/* The organisation itself is several namespaces (facts §10). */
static AskedList all_of(Mem *parent, const AccessMatrixSpec *spec, Kind kind) {
        uint32_t spaces = kind == KIND_ORGANIZATION ? organization_spaces()
                                                    : 1u << kind_namespace(kind);
        AskedList list = {0};

        for (uint8_t space = 0; space < _NAMESPACE_N; space++)
                if (spaces & (1u << space))
                        add_all_of(parent, spec, &list, space);
        return list;
}

AskedList access_question_asked(Mem *parent, const AccessMatrixSpec *spec, Kind kind) {
        const PermissionTable *permissions = &access_view_organisation(spec->live)->permissions;
        int space = kind_namespace(kind);
        AskedList list = {0};
        size_t n = 0;
        const AccessTelling *tellings = access_tellings(kind, &n);

        if (access_question_is_of_one(spec) && space >= 0)
                return all_of(parent, spec, kind);
        for (size_t i = 0; i < n; i++) {
                uint32_t bit = 0;

                if (space >= 0)
                        bit = permission_bit(&permissions->items[space], tellings[i].word);
                *mem_push(parent, list.items, list.n) =
                        (Asked){space < 0 ? 0 : (uint8_t)space, bit, tellings[i].mark, tellings[i].word};
        }
        return list;
}

static const char *tell_no_team(Mem *parent, const AccessMatrixSpec *spec) {
        const char **names = NULL, *nearest;
        size_t n = 0;

        for (size_t i = 0; i < spec->desired->n_projects; i++) {
                const DesiredProject *project = &spec->desired->projects[i];

                for (size_t k = 0; k < project->n_principals; k++)
                        *mem_push(parent, names, n) = project->principals[k].name;
        }
        nearest = text_nearest(spec->team, names, n);
        mem_free(names);
        return nearest ? mem_printf(parent, "no team or group `%s` in the charter's projects; did you mean `%s`?",
                                    spec->team, nearest)
                       : mem_printf(parent, "no team or group `%s` in the charter's projects", spec->team);
}

const char *access_question_tell_nothing(Mem *parent, const AccessMatrixSpec *spec) {
        if (spec->project && !desired_find_project(spec->desired, spec->project))
                return mem_printf(parent, "no project `%s` in the charter", spec->project);
        if (spec->team && spec->at_name)
                return mem_printf(
                        parent,
                        "no project of the charter has both a team or group `%s` and %s `%s`",
                        spec->team, kind_row(spec->at_kind)->noun, spec->at_name);
        if (spec->team)
                return tell_no_team(parent, spec);
        if (spec->at_name)
                return mem_printf(parent, "no %s `%s` in the charter's projects",
                                  kind_row(spec->at_kind)->noun, spec->at_name);
        return NULL;
}
