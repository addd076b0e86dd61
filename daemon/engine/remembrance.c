/* SPDX-License-Identifier: Apache-2.0 */
/* Remembrance: what is known of the charter's things from before, held against what is live now. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/engine/remembrance.h"

enum {
        REMEMBRANCE_SAVE_MS = 24 * 60 * 60 * 1000, /* seen again and again: that often it is written */
};

void remembrance_each(const DesiredProject *project, void (*visit)(void *context, const GovernedThing *thing),
                      void *context) {
        if (!desired_is_organization(project))
                visit(context, &(GovernedThing){project, KIND_PROJECT, project->name, NULL});
        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *principal = &project->principals[i];

                visit(context, &(GovernedThing){project, principal->is_team ? KIND_TEAM : KIND_GROUP, principal->name,
                                                principal->was});
                for (size_t k = 0; k < principal->n_owns; k++)
                        visit(context, &(GovernedThing){project, principal->owns[k].kind, principal->owns[k].name,
                                                        principal->owns[k].was});
        }
        for (size_t i = 0; i < project->n_artefacts; i++)
                visit(context, &(GovernedThing){project, project->artefacts[i].kind, project->artefacts[i].name, NULL});
}

static KnownKey key_of(const Desired *desired, const GovernedThing *thing) {
        return (KnownKey){.organization = desired->organization,
                          .kind = thing->kind,
                          .project = thing->kind == KIND_PROJECT ? "" : thing->project->name,
                          .name = thing->name};
}

const KnownEntry *remembrance_find(const Known *known, const Desired *desired, const GovernedThing *thing) {
        KnownKey key = key_of(desired, thing);
        const KnownEntry *entry = known ? known_find(known, &key) : NULL;

        if (entry || !known || !thing->was)
                return entry;
        key.name = thing->was;
        return known_find(known, &key);
}

Index remembrance_find_live(const Known *known, const Desired *desired, const Organisation *live, Index project,
                            const GovernedThing *thing) {
        Index entity = organisation_find_entity(live, project, thing->kind, thing->name);
        const KnownEntry *entry;

        if (entity == INDEX_NONE && thing->was)
                entity = organisation_find_entity(live, project, thing->kind, thing->was);
        if (entity != INDEX_NONE)
                return entity;
        entry = remembrance_find(known, desired, thing);
        entity = entry && entry->id[0] ? organisation_find_entity_id(live, thing->kind, entry->id) : INDEX_NONE;
        return entity != INDEX_NONE && live->entities[entity].project == project ? entity : INDEX_NONE;
}

Index remembrance_find_project(const Known *known, const Desired *desired, const Organisation *live,
                               const DesiredProject *project) {
        Index found = organisation_find_project(live, project->name);
        const KnownEntry *entry;
        Guid id;

        if (found != INDEX_NONE)
                return found;
        entry = remembrance_find(known, desired, &(GovernedThing){project, KIND_PROJECT, project->name, NULL});
        if (!entry || guid_parse(&id, entry->id) < 0)
                return INDEX_NONE;
        return organisation_find_project_id(live, id);
}

/* --- for a plan ----------------------------------------------------------------------------------------------------- */

typedef struct Filling {
        Mem *parent;
        const Known *known;
        const Desired *desired;
        const Organisation *live;
        const GoneList *gone;
        KnownThing *things;
        size_t n_things;
} Filling;

static bool is_gone(const GoneList *gone, const KnownKey *key) {
        for (size_t i = 0; gone && i < gone->n; i++)
                if (gone->items[i].kind == key->kind && text_equal(gone->items[i].name, key->name) &&
                    text_equal(gone->items[i].project, key->project))
                        return true;
        return false;
}

/* The name a thing goes by now when it is not its own; NULL otherwise. */
static const char *other_name(const Filling *filling, const KnownEntry *entry) {
        const Organisation *live = filling->live;
        const DesiredProject *desired;
        Index project, entity;
        Guid id;

        if (entry->key.kind == KIND_PROJECT) {
                if (organisation_find_project(live, entry->key.name) != INDEX_NONE || guid_parse(&id, entry->id) < 0)
                        return NULL;
                project = organisation_find_project_id(live, id);
                return project == INDEX_NONE ? NULL : live->projects[project].name;
        }
        desired = desired_find_project(filling->desired, entry->key.project);
        project = desired ? remembrance_find_project(filling->known, filling->desired, live, desired)
                          : organisation_find_project(live, entry->key.project);
        if (project == INDEX_NONE || !entry->id || !entry->id[0] ||
            organisation_find_entity(live, project, entry->key.kind, entry->key.name) != INDEX_NONE)
                return NULL;
        entity = organisation_find_entity_id(live, entry->key.kind, entry->id);
        return entity != INDEX_NONE && live->entities[entity].project == project ? live->entities[entity].name : NULL;
}

static void fill_one(Filling *filling, const KnownEntry *entry) {
        const char *live_name = other_name(filling, entry);
        KnownThing *thing = mem_push(filling->parent, filling->things, filling->n_things);

        *thing = (KnownThing){
                .kind = entry->key.kind,
                .project = entry->key.project,
                .name = entry->key.name,
                .id = entry->id,
                .live_name = live_name,
                .is_made_by_us = entry->written_at > 0,
                .state = live_name                             ? KNOWN_RENAMED
                         : is_gone(filling->gone, &entry->key) ? KNOWN_VANISHED
                                                               : KNOWN_PRESENT,
        };
}

void remembrance_fill(Mem *parent, const Known *known, const Desired *desired, const Organisation *live,
                      const GoneList *gone, PlanSpec *spec) {
        Filling filling = {parent, known, desired, live, gone, NULL, 0};
        const KnownEntry *entries;
        size_t n;

        if (!known)
                return;
        entries = known_entries(known, &n);
        for (size_t i = 0; i < n; i++)
                if (text_equal(entries[i].key.organization, desired->organization))
                        fill_one(&filling, &entries[i]);
        spec->known = filling.things;
        spec->n_known = filling.n_things;
}

/* --- noting ---------------------------------------------------------------------------------------------------------- */

typedef struct Noting {
        Known *known;
        const Desired *desired;
        const Organisation *live;
        Index project; /* live */
        int64_t wall;
        bool is_changed;
} Noting;

static void note(Noting *noting, const GovernedThing *thing, const char *id, KnownEvent event) {
        KnownKey key = key_of(noting->desired, thing);
        const KnownEntry *before = known_find(noting->known, &key);

        noting->is_changed |= before && noting->wall - before->seen_at > REMEMBRANCE_SAVE_MS;
        noting->is_changed |= known_note(noting->known, &key, id ? id : "", event, noting->wall);
}

static void note_seen(void *context, const GovernedThing *thing) {
        Noting *noting = context;
        const Organisation *live = noting->live;
        char text[GUID_TEXT_SIZE];
        Index entity;

        if (thing->kind == KIND_PROJECT) {
                note(noting, thing, guid_format(live->projects[noting->project].id, text), KNOWN_SEEN);
                return;
        }
        /* Renamed: its id is what it is known by, under the charter's name. */
        entity = remembrance_find_live(noting->known, noting->desired, live, noting->project, thing);
        if (entity != INDEX_NONE && !live->entities[entity].assumed)
                note(noting, thing, live->entities[entity].id, KNOWN_SEEN);
}

bool remembrance_is_governed(const Desired *desired, const KnownKey *key) {
        const char *name = key->kind == KIND_PROJECT ? key->name : key->project;
        const DesiredProject *project = desired_find_project(desired, name);

        if (!project || key->kind == KIND_PROJECT)
                return project != NULL;
        if (key->kind == KIND_TEAM || key->kind == KIND_GROUP)
                return desired_find_principal(project, key->name) != NULL;
        return desired_find_owner(project, key->kind, key->name, NULL) ||
               desired_find_artefact(project, key->kind, key->name);
}

/* What has left a project is told with the plan of that project before it is forgotten, a project that has left with
 * that of the charter's first. */
static bool is_of_another(const Noting *noting, const KnownKey *key, const char *only_project) {
        const char *project = key->kind == KIND_PROJECT ? key->name : key->project;

        const Desired *desired = noting->desired;

        if (!only_project || text_equal(project, only_project))
                return false;
        return desired_find_project(desired, project) ||
               (desired->n_projects > 0 && !text_equal(only_project, desired->projects[0].name));
}

/* What has left the charter. */
static void forget_others(Noting *noting, const char *only_project) {
        const KnownEntry *entries;
        size_t n;

        entries = known_entries(noting->known, &n);
        for (size_t i = n; i-- > 0;) {
                KnownKey key = entries[i].key;

                if (!text_equal(key.organization, noting->desired->organization) ||
                    remembrance_is_governed(noting->desired, &key) || is_of_another(noting, &key, only_project))
                        continue;
                noting->is_changed |= known_forget(noting->known, &key);
                entries = known_entries(noting->known, &n);
        }
}

bool remembrance_note_seen(Known *known, const Desired *desired, const Organisation *live, int64_t wall,
                           RemembranceScope scope, const char *only_project) {
        Noting noting = {.known = known, .desired = desired, .live = live, .wall = wall};

        for (size_t i = 0; i < desired->n_projects; i++) {
                noting.project = remembrance_find_project(known, desired, live, &desired->projects[i]);
                if (noting.project != INDEX_NONE && live->projects[noting.project].state == PROJECT_SEALED)
                        remembrance_each(&desired->projects[i], note_seen, &noting);
        }
        if (scope == REMEMBRANCE_ALL)
                forget_others(&noting, only_project);
        return noting.is_changed;
}

/* A project that is made anew has nothing of what was in the one before it. */
static void forget_former(Noting *noting, const GovernedThing *thing, const char *id) {
        const KnownEntry *before = remembrance_find(noting->known, noting->desired, thing);
        const KnownEntry *entries;
        size_t n;

        if (!before || text_equal(before->id, id))
                return;
        entries = known_entries(noting->known, &n);
        for (size_t i = n; i-- > 0;) {
                KnownKey key = entries[i].key;

                if (!text_equal(key.organization, noting->desired->organization) ||
                    !text_equal(key.project, thing->name))
                        continue;
                known_forget(noting->known, &key);
                entries = known_entries(noting->known, &n);
        }
}

bool remembrance_note_written(Known *known, const Desired *desired, const Organisation *live,
                              const GovernedThing *thing, int64_t wall) {
        Noting noting = {.known = known, .desired = desired, .live = live, .wall = wall};
        Index project = organisation_find_project(live, thing->project->name);
        char text[GUID_TEXT_SIZE];
        Index made;

        if (project == INDEX_NONE)
                return false;
        if (thing->kind == KIND_PROJECT) {
                guid_format(live->projects[project].id, text);
                forget_former(&noting, thing, text);
                note(&noting, thing, text, KNOWN_WRITTEN);
                return true;
        }
        made = organisation_find_entity(live, project, thing->kind, thing->name);
        if (made == INDEX_NONE)
                return false;
        note(&noting, thing, live->entities[made].id, KNOWN_WRITTEN);
        return true;
}

void remembrance_note_made(Known *known, const Desired *desired, const Organisation *live, const Change *change,
                           int64_t wall) {
        const DesiredProject *project = desired_find_project(desired, change->step->project_name);
        GovernedThing thing = {project, change->step->kind, change->step->name};

        if (!project)
                return;
        if (thing.kind == KIND_PROJECT)
                thing.name = project->name;
        remembrance_note_written(known, desired, live, &thing, wall);
}
