/* SPDX-License-Identifier: Apache-2.0 */
/* ExportOwn: whose things are, as far as lists of areas, names and grants show it; what is not certain is nobody's. */
#include <assert.h>
#include <string.h>

#include "config/export_inside.h"

/* --- areas: a team's own list ------------------------------------------------------------------------------------- */

/* An area of a team's list as a thing, or NULL: the root, or one no charter can name. */
static ExportThing *thing_of_area(const ExportProject *project, const char *path) {
        Index entity = organisation_find_entity(project->export->live, project->row, KIND_AREA, path);

        return entity == INDEX_NONE ? NULL : export_find_thing(project, entity);
}

static bool is_on_list(const TeamAreas *areas, const char *path) {
        for (size_t i = 0; areas && i < areas->n_areas; i++)
                if (text_equal(areas->areas[i].path, path))
                        return true;
        return false;
}

static bool is_on_another_list(const ExportProject *project, const ExportPrincipal *team, const char *path) {
        const Organisation *live = project->export->live;

        for (size_t i = 0; i < project->n_principals; i++) {
                const ExportPrincipal *other = &project->principals[i];

                if (other != team && other->is_team &&
                    is_on_list(organisation_find_team_areas(live, other->team), path))
                        return true;
        }
        return false;
}

static bool is_root(const char *path) {
        return strcmp(path, "/") == 0;
}

static bool can_own_area(const ExportProject *project, const ExportPrincipal *team, const char *path) {
        const ExportThing *thing;

        if (is_root(path))
                return true;
        thing = thing_of_area(project, path);
        return thing && !thing->has_own && !is_on_another_list(project, team, path);
}

static void own(ExportProject *project, ExportPrincipal *team, ExportThing *thing) {
        assert(thing);
        if (thing != &project->root_area)
                thing->owner = team;
        *mem_push(project->export->mem, team->owned, team->n_owned) = thing;
}

static void own_area(ExportProject *project, ExportPrincipal *team, const char *path) {
        own(project, team, is_root(path) ? &project->root_area : thing_of_area(project, path));
}

static const TeamArea *default_area(const TeamAreas *areas) {
        for (size_t i = 0; i < areas->n_areas; i++)
                if (areas->default_path && text_equal(areas->areas[i].path, areas->default_path))
                        return &areas->areas[i];
        return NULL;
}

/* The first is the default area, and whether sub-areas count is said once for all: a list of which that cannot be said
 * stays the team's, ungoverned. */
static void own_areas(ExportProject *project, ExportPrincipal *team) {
        const TeamAreas *areas = organisation_find_team_areas(project->export->live, team->team);
        const TeamArea *first;

        team->include_sub_areas = true;
        if (!areas || !areas->known || areas->n_areas == 0)
                return;
        first = default_area(areas);
        if (!first || !can_own_area(project, team, first->path)) {
                export_note(project->export, &team->notes, "its areas are not governed: the default one is not its alone");
                return;
        }
        team->include_sub_areas = first->include_children;
        own_area(project, team, first->path);
        for (size_t i = 0; i < areas->n_areas; i++) {
                const TeamArea *area = &areas->areas[i];

                if (area == first)
                        continue;
                if (area->include_children == first->include_children && can_own_area(project, team, area->path))
                        own_area(project, team, area->path);
                else
                        export_note(project->export, &team->notes, "the area %s on its list is not governed", area->path);
        }
}

/* --- other things: names and grants ------------------------------------------------------------------------------- */

static bool is_named_after(const ExportThing *thing, const ExportPrincipal *team, const char *slug) {
        return text_equal(thing->name, team->name) || (slug && text_equal(thing->name, slug));
}

/* A role by which one works with it; what Contributors have at the root of its kind, or more. */
static bool is_full(const ExportProject *project, const ExportThing *thing, const ExportEntry *entry) {
        const Export *export = project->export;
        int space = kind_namespace(thing->kind);
        const char *root = export->live->projects[project->row].root_token[space];
        Index group = organisation_find_group(export->live, project->row, "Contributors");
        const AccessControlEntry *theirs;
        Index acl;
        uint32_t bits;

        if (entry->role)
                return text_equal(entry->role, "Administrator") || text_equal(entry->role, "User");
        if (group == INDEX_NONE || !root || entry->deny)
                return false;
        acl = organisation_find_acl(export->live, (uint8_t)space, root);
        theirs = acl == INDEX_NONE ? NULL : acl_find_entry(&export->live->acls[acl], group);
        bits = theirs ? theirs->allow & permission_settable(&export->live->permissions.items[space]) : 0;
        return bits != 0 && (entry->allow & bits) == bits;
}

static void find_workers(ExportProject *project) {
        for (size_t i = 0; i < project->n_principals; i++) {
                ExportPrincipal *team = &project->principals[i];

                for (size_t k = 0; team->is_team && k < team->n_entries; k++) {
                        ExportThing *thing = team->entries[k].thing;

                        if (!thing || !is_full(project, thing, &team->entries[k]))
                                continue;
                        thing->worker = thing->n_workers == 0 ? team : NULL;
                        thing->n_workers++;
                }
        }
}

typedef struct Names {
        const char **slugs; /* of each principal; NULL: none */
} Names;

static ExportPrincipal *find_namesake(const ExportProject *project, const Names *names, const ExportThing *thing) {
        ExportPrincipal *found = NULL;

        for (size_t i = 0; i < project->n_principals; i++) {
                ExportPrincipal *team = &project->principals[i];

                if (!team->is_team || !is_named_after(thing, team, names->slugs[i]))
                        continue;
                if (found)
                        return NULL;
                found = team;
        }
        return found;
}

/* Whoever works there alone; a thing that is called after a team is not another's, and is no more that team's when only
 * others have something there. */
static ExportPrincipal *find_owner(const ExportProject *project, const Names *names, const ExportThing *thing) {
        ExportPrincipal *namesake = find_namesake(project, names, thing);

        if (thing->has_own || thing->has_exclusion || thing->n_workers > 1)
                return NULL;
        if (!namesake || thing->worker)
                return !namesake || thing->worker == namesake ? thing->worker : NULL;
        return thing->n_holders == 0 || thing->holder == namesake ? namesake : NULL;
}

void export_find_owners(ExportProject *project) {
        Mem *mem = project->export->mem;
        Names names = {mem_new_array(mem, const char *, project->n_principals + 1)};

        for (size_t i = 0; i < project->n_principals; i++) {
                names.slugs[i] = text_slug(mem, project->principals[i].name);
                project->principals[i].include_sub_areas = true;
                if (project->principals[i].is_team && !export_is_omitted(&project->principals[i], EXPORT_OWNED))
                        own_areas(project, &project->principals[i]);
        }
        find_workers(project);
        for (size_t i = 0; i < project->n_things; i++) {
                ExportThing *thing = &project->things[i];
                ExportPrincipal *owner = NULL;

                if (thing->kind != KIND_AREA && kind_has(thing->kind, KIND_CAN_BE_OWNED))
                        owner = find_owner(project, &names, thing);

                if (owner && !export_is_omitted(owner, EXPORT_OWNED))
                        own(project, owner, thing);
        }
}
