/* SPDX-License-Identifier: Apache-2.0 */
/* ExportRead: things, principals and their entries of one live project. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/model/branch.h"
#include "common/model/governed.h"
#include "common/model/identity.h"
#include "common/model/token.h"
#include "config/export_inside.h"
#include "config/name.h"
#include "config/variables.h"

enum {
        STRANGERS_MAX = 20, /* told one by one; the rest is counted */
};

/* Somebody whom a charter gives nothing, with what is his. */
typedef struct Stranger {
        const char *who;
        const char *what;
} Stranger;

typedef struct Reading {
        ExportProject *project;
        Kind root_kind[_NAMESPACE_N]; /* _KIND_N: the namespace is not written */
        Stranger *strangers;
        size_t n_strangers;
        size_t n_below; /* entries of strangers on what no charter names */
} Reading;

/* --- things ------------------------------------------------------------------------------------------------------- */

static bool can_be_written(const Export *export, Kind kind, const char *name) {
        return name && !name_problem(export->arena, kind, name) &&
               text_is_utf8(name, strlen(name)) && strlen(name) < VARIABLES_TEXT_MAX / 2; /* braces are doubled */
}

static bool is_written(const ExportProject *project, Kind kind) {
        return project->kinds & (1U << kind);
}

static bool is_thing(const ExportProject *project, const Entity *entity) {
        return entity->project == project->row && is_written(project, entity->kind) && entity->token &&
               strcmp(entity->name, "/") != 0;
}

static int compare_things(const void *a_, const void *b_) {
        const ExportThing *a = a_, *b = b_;
        int r = a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : text_compare(a->name, b->name);

        return r != 0 ? r : strcmp(a->name, b->name);
}

static uint64_t hash_entity(Index entity) {
        return entity * UINT64_C(0x9E3779B97F4A7C15);
}

static void read_things(ExportProject *project) {
        Export *export = project->export;

        for (Index i = 0; i < export->live->n_entities; i++) {
                const Entity *entity = &export->live->entities[i];

                if (is_thing(project, entity) &&
                    can_be_written(export, entity->kind, entity->name))
                        *mem_push(export->mem, project->things, project->n_things) =
                                (ExportThing){.kind = entity->kind, .name = entity->name, .entity = i};
        }
        if (project->n_things > 1)
                qsort(project->things, project->n_things, sizeof *project->things, compare_things);
        table_init(&project->thing_rows, export->mem);
        for (size_t i = 0; i < project->n_things; i++)
                table_add(&project->thing_rows, hash_entity(project->things[i].entity), (uint32_t)i);
}

ExportThing *export_find_thing(const ExportProject *project, Index entity) {
        TableCursor cursor = table_find(&project->thing_rows, hash_entity(entity));

        for (uint32_t row; (row = table_next(&project->thing_rows, &cursor)) != TABLE_NONE;)
                if (project->things[row].entity == entity)
                        return &project->things[row];
        return NULL;
}

/* --- principals --------------------------------------------------------------------------------------------------- */

static void add_principal(ExportProject *project, const ExportPrincipal *principal) {
        Export *export = project->export;
        Kind kind = principal->is_team ? KIND_TEAM : KIND_GROUP;

        if (!can_be_written(export, kind, principal->name) ||
            (principal->is_team && name_is_builtin_group(/* project= */ "", principal->name))) {
                export_note(export, &project->notes, "the %s %s is left out: no charter can have one of that name",
                            kind_row(kind)->noun, principal->name);
                return;
        }
        *mem_push(export->mem, project->principals, project->n_principals) = *principal;
}

static void read_teams(ExportProject *project) {
        const Organisation *live = project->export->live;

        for (Index i = 0; i < live->n_entities; i++) {
                const Entity *entity = &live->entities[i];
                ExportPrincipal team = {.name = entity->name, .is_team = true, .team = i};

                if (entity->kind != KIND_TEAM || entity->project != project->row)
                        continue;
                if (entity->identity == INDEX_NONE) {
                        export_note(project->export, &project->notes, "the team %s is left out: its group was not seen",
                                    entity->name);
                        continue;
                }
                team.identity = organisation_canonical_identity(live, entity->identity);
                add_principal(project, &team);
        }
}

static bool is_group_written(const ExportProject *project, const Identity *group) {
        const MaySettings *may = project->export->spec->may;

        if (group->kind != IDENTITY_GROUP || group->project != project->row || group->merged != INDEX_NONE ||
            group->is_team || !group->name)
                return false;
        if (identity_is_computed(group))
                return group->role == IDENTITY_ROLE_VALID_USERS;
        return may->administrators || !(identity_is_administrators(group) || name_is_administrators_group(group->name));
}

static void read_groups(ExportProject *project) {
        const Organisation *live = project->export->live;

        for (Index i = 0; i < live->n_identities; i++) {
                const Identity *group = &live->identities[i];
                ExportPrincipal principal = {.name = group->name, .identity = i, .team = INDEX_NONE};

                if (!is_group_written(project, group))
                        continue;
                principal.is_builtin = name_is_builtin_group(project->name, group->name);
                add_principal(project, &principal);
        }
}

static int compare_principals(const void *a_, const void *b_) {
        const ExportPrincipal *a = a_, *b = b_;
        int r = a->is_team != b->is_team ? (a->is_team ? -1 : 1) : text_compare(a->name, b->name);

        return r != 0 ? r : strcmp(a->name, b->name);
}

static void note_omissions(ExportProject *project) {
        const ExportSpec *spec = project->export->spec;

        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t k = 0; k < spec->n_omissions; k++)
                        if (text_equal(spec->omissions[k].project, project->name) &&
                            text_equal(spec->omissions[k].principal, project->principals[i].name))
                                project->principals[i].omitted |= spec->omissions[k].parts;
}

/* Teams and groups share their names in a charter. */
static void drop_namesakes(ExportProject *project) {
        size_t n = 0, n_teams = 0;

        while (n_teams < project->n_principals && project->principals[n_teams].is_team)
                n_teams++;
        for (size_t i = 0; i < project->n_principals; i++) {
                const ExportPrincipal *one = &project->principals[i];
                size_t low = 0, high = one->is_team ? 0 : n_teams;

                while (low < high) {
                        size_t middle = low + (high - low) / 2;

                        if (text_compare(project->principals[middle].name, one->name) < 0)
                                low = middle + 1;
                        else
                                high = middle;
                }
                if (!one->is_team && low < n_teams && text_equal(project->principals[low].name, one->name))
                        export_note(project->export, &project->notes, "the group %s is left out: a team is called so too",
                                    one->name);
                else
                        project->principals[n++] = *one;
        }
        project->n_principals = n;
}

static void read_principals(ExportProject *project) {
        const Organisation *live = project->export->live;

        read_teams(project);
        read_groups(project);
        if (project->n_principals > 1)
                qsort(project->principals, project->n_principals, sizeof *project->principals, compare_principals);
        drop_namesakes(project);
        project->principal_of = mem_new_array(project->export->mem, Index, live->n_identities + 1);
        for (size_t i = 0; i < live->n_identities; i++)
                project->principal_of[i] = INDEX_NONE;
        for (size_t i = 0; i < project->n_principals; i++)
                project->principal_of[project->principals[i].identity] = (Index)i;
        note_omissions(project);
}

ExportPrincipal *export_find_principal(const ExportProject *project, Index identity) {
        Index index = identity == INDEX_NONE ? INDEX_NONE : project->principal_of[identity];

        return index == INDEX_NONE ? NULL : &project->principals[index];
}

/* --- entries ------------------------------------------------------------------------------------------------------ */

/* Where a list stands. */
typedef struct Spot {
        const AccessControlList *list;
        Kind kind;
        ExportThing *thing; /* NULL: the root, or nothing a charter names */
        bool is_named;
} Spot;

static const char *tell_spot(const ExportProject *project, const Spot *spot) {
        Text text;

        text_init(&text, project->export->mem);
        access_describe_token(project->export->view, spot->list->namespace, spot->list->token, &text);
        return text.data;
}

static void count_holder(ExportThing *thing, ExportPrincipal *principal, const ExportEntry *entry) {
        if (!thing || !principal->is_team)
                return;
        thing->has_exclusion |= entry->deny != 0;
        if (entry->allow) {
                thing->holder = thing->n_holders == 0 ? principal : NULL;
                thing->n_holders++;
        }
}

static uint32_t bits_with_words(const Export *export, Kind kind, uint8_t space, uint32_t bits) {
        uint32_t known = 0;

        for (uint32_t rest = bits; rest; rest &= rest - 1)
                if (export_word(export, kind, space, rest & -rest))
                        known |= rest & -rest;
        return known;
}

static void leave(ExportProject *project, ExportPrincipal *principal, const char *what, const Spot *spot) {
        principal->is_surplus_left = true;
        export_note(project->export, &principal->notes, "has %s at %s, which stays", what, tell_spot(project, spot));
}

/* The role that an entry is, if charterd knows one of that name offline too. */
static const char *role_of(const Export *export, const Spot *spot, uint32_t allow, uint32_t deny) {
        RoleLevel level = spot->thing ? ROLE_OF_ARTEFACT : ROLE_OF_ROOT;
        const RoleDefinition *role = role_of_masks(export->live->roles[spot->kind][level], allow, deny);

        return role && role_find(role_table_builtin(spot->kind, level), role->name) ? role->name : NULL;
}

static void keep_entry(ExportProject *project, ExportPrincipal *principal, const ExportEntry *entry) {
        if (!entry->allow && !entry->deny)
                return;
        count_holder(entry->thing, principal, entry);
        *mem_push(project->export->mem, principal->entries, principal->n_entries) = *entry;
}

static void read_role_of(ExportProject *project, ExportPrincipal *principal, const Spot *spot, uint32_t allow,
                         uint32_t deny) {
        ExportEntry entry = {.kind = spot->kind,
                             .space = spot->list->namespace,
                             .thing = spot->thing,
                             .allow = allow,
                             .deny = deny};

        entry.role = role_of(project->export, spot, allow, deny);
        if (entry.role)
                keep_entry(project, principal, &entry);
        else
                leave(project, principal, "permissions that are no role", spot);
}

static void read_entry_of(ExportProject *project, ExportPrincipal *principal, const Spot *spot,
                          const AccessControlEntry *live) {
        Export *export = project->export;
        const PermissionNamespace *space = &export->live->permissions.items[spot->list->namespace];
        uint32_t settable = permission_settable(space), bits = (live->allow | live->deny) & settable;
        ExportEntry entry = {.kind = spot->kind, .space = spot->list->namespace, .thing = spot->thing};
        uint32_t known;

        if (bits != (live->allow | live->deny))
                export_note(export, &principal->notes, "has bits that the service reserves at %s, which stay",
                            tell_spot(project, spot));
        if (bits == 0)
                return;
        /* Above the shared queries a group that the charter adds to keeps what it has. */
        if (!spot->is_named && principal->is_builtin)
                return;
        if (!spot->is_named) {
                leave(project, principal, "an entry that no charter can name", spot);
                return;
        }
        if (kind_has(spot->kind, KIND_HAS_ROLES)) {
                read_role_of(project, principal, spot, live->allow & settable, live->deny & settable);
                return;
        }
        known = bits_with_words(export, spot->kind, spot->list->namespace, bits);
        if (known != bits)
                leave(project, principal, "a permission that this charterd has no word for", spot);
        entry.allow = live->allow & known;
        entry.deny = live->deny & known;
        keep_entry(project, principal, &entry);
}

static void read_stranger(Reading *reading, const Spot *spot, const AccessControlEntry *entry) {
        ExportProject *project = reading->project;
        Export *export = project->export;
        const Identity *identity = &export->live->identities[entry->identity];

        if (entry->identity == export->live->self_identity && spot->thing)
                spot->thing->has_own = true;
        if (identity_exemption(identity) && identity->kind != IDENTITY_UNKNOWN)
                return;
        if (!spot->is_named || spot->kind == KIND_BRANCH || spot->kind == KIND_PIPELINE) {
                reading->n_below++;
                return;
        }
        *mem_push(export->mem, reading->strangers, reading->n_strangers) =
                (Stranger){export_display(export, entry->identity), tell_spot(project, spot)};
}

/* What stands behind a repository's token, or NULL: the list is none below one. */
static ExportThing *find_repository(const ExportProject *project, const AccessControlList *list, const char **belowp) {
        const Organisation *live = project->export->live;
        char separator = live->permissions.items[list->namespace].separator;
        size_t n_root = token_length(live->projects[project->row].root_token[NAMESPACE_GIT], separator);
        const char *rest = strlen(list->token) > n_root ? list->token + n_root + 1 : "";
        size_t n = strcspn(rest, (char[]){separator, '\0'});
        char id[GUID_TEXT_SIZE];
        Index entity;

        if (n != GUID_TEXT_SIZE - 1 || !rest[n])
                return NULL;
        memcpy(id, rest, n);
        id[n] = '\0';
        entity = organisation_find_entity_id(live, KIND_REPOSITORY, id);
        *belowp = rest + n + 1;
        return entity == INDEX_NONE ? NULL : export_find_thing(project, entity);
}

/* A branch is a thing where it has a list, and its token is the one that follows from its name. */
static ExportThing *find_branch(const ExportProject *project, const AccessControlList *list) {
        Export *export = project->export;
        const char *below = NULL;
        const ExportThing *repository = list->namespace == NAMESPACE_GIT ? find_repository(project, list, &below) : NULL;
        ExportThing *branch = NULL;
        Text name, token;

        if (!repository || strcmp(repository->name, "own") == 0) /* which is a word of the charter's */
                return NULL;
        text_init(&name, NULL);
        text_init(&token, NULL);
        if (branch_append_name(&name, below) && can_be_written(export, KIND_BRANCH, name.data)) {
                branch_append_token(&token, name.data);
                if (token.n > 0 && strcasecmp(token.data + 1, below) == 0) {
                        branch = mem_new(export->mem, ExportThing);
                        *branch = (ExportThing){.kind = KIND_BRANCH,
                                                .name = mem_strdup(export->mem, name.data),
                                                .entity = INDEX_NONE,
                                                .repository = repository};
                }
        }
        text_deinit(&token);
        text_deinit(&name);
        return branch;
}

static Spot spot_of(const Reading *reading, const AccessControlList *list) {
        const ExportProject *project = reading->project;
        const Organisation *live = project->export->live;
        const char *root = live->projects[project->row].root_token[list->namespace];
        char separator = live->permissions.items[list->namespace].separator;
        Spot spot = {.list = list, .kind = reading->root_kind[list->namespace]};

        if (root && token_compare(list->token, root, separator) == 0) {
                spot.is_named = true;
                return spot;
        }
        spot.thing = list->entity == INDEX_NONE ? find_branch(project, list) : export_find_thing(project, list->entity);
        spot.is_named = spot.thing != NULL;
        if (spot.thing)
                spot.kind = spot.thing->kind;
        return spot;
}

static void read_list(Reading *reading, const AccessControlList *list) {
        ExportProject *project = reading->project;
        Spot spot = spot_of(reading, list);

        if (!list->inherit && spot.thing && kind_has(spot.kind, KIND_CAN_BE_OWNED))
                spot.thing->inherit_is_off = true;
        else if (!list->inherit)
                export_note(project->export, &project->notes, "inheritance is off at %s, which no charter can say",
                            tell_spot(project, &spot));
        for (size_t i = 0; i < list->n_entries; i++) {
                const AccessControlEntry *entry = &list->entries[i];
                ExportPrincipal *principal = export_find_principal(project, entry->identity);

                if (entry->allow == 0 && entry->deny == 0)
                        continue;
                if (principal)
                        read_entry_of(project, principal, &spot, entry);
                else
                        read_stranger(reading, &spot, entry);
        }
}

/* What they have on the organisation itself, where the settings let a charter say it. */
static void read_organization(ExportProject *project) {
        const Organisation *live = project->export->live;

        for (uint8_t space = 0; project->export->spec->may->organization && space < _NAMESPACE_N; space++) {
                const char *root = organization_spaces() & (1U << space) ? live->root_token[space] : NULL;
                Index acl = root ? organisation_find_acl(live, space, root) : INDEX_NONE;
                Spot spot = {.kind = KIND_ORGANIZATION, .is_named = true};

                if (acl == INDEX_NONE)
                        continue;
                spot.list = &live->acls[acl];
                for (size_t i = 0; i < spot.list->n_entries; i++) {
                        const AccessControlEntry *entry = &spot.list->entries[i];
                        ExportPrincipal *principal = export_find_principal(project, entry->identity);

                        if (principal && (entry->allow || entry->deny))
                                read_entry_of(project, principal, &spot, entry);
                }
        }
}

static int compare_entries(const void *a_, const void *b_) {
        const ExportEntry *a = a_, *b = b_;

        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        if (!a->thing || !b->thing)
                return a->thing || b->thing ? (a->thing != NULL) - (b->thing != NULL) : (int)a->space - (int)b->space;
        if (a->thing->repository && a->thing->repository == b->thing->repository)
                return strcmp(a->thing->name, b->thing->name);
        if (a->thing->repository && b->thing->repository)
                return a->thing->repository < b->thing->repository ? -1 : 1;
        return a->thing < b->thing ? -1 : a->thing > b->thing; /* things are in order */
}

static void sort_entries(ExportProject *project) {
        for (size_t i = 0; i < project->n_principals; i++) {
                ExportPrincipal *principal = &project->principals[i];

                if (principal->n_entries > 1)
                        qsort(principal->entries, principal->n_entries, sizeof *principal->entries, compare_entries);
        }
}

/* --- what only the groups of every project have -------------------------------------------------------------------- */

/* Kinds that a project has whether anybody looks at them or not: beside those by which people work. */
static bool is_quiet(Kind kind) {
        return kind != KIND_PROJECT && kind != KIND_REPOSITORY && kind != KIND_PIPELINE_FOLDER && kind != KIND_AREA;
}

static bool is_used(const ExportProject *project, Kind kind) {
        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t k = 0; k < project->principals[i].n_entries; k++) {
                        const ExportEntry *entry = &project->principals[i].entries[k];

                        if (entry->kind == kind && (!project->principals[i].is_builtin || entry->thing || entry->deny))
                                return true;
                }
        return false;
}

static size_t leave_kind(ExportPrincipal *principal, Kind kind) {
        size_t n = 0, n_left;

        for (size_t i = 0; i < principal->n_entries; i++)
                if (principal->entries[i].kind != kind)
                        principal->entries[n++] = principal->entries[i];
        n_left = principal->n_entries - n;
        principal->n_entries = n;
        return n_left;
}

/* A charter only adds to what built-in groups have; where nobody else has anything, there is nothing to add to. */
static void leave_quiet_kinds(ExportProject *project) {
        Text kinds;

        text_init(&kinds, project->export->mem);
        for (Kind kind = 0; kind < _KIND_N; kind++) {
                size_t n = 0;

                if (!is_quiet(kind) || is_used(project, kind))
                        continue;
                for (size_t k = 0; k < project->n_principals; k++)
                        n += leave_kind(&project->principals[k], kind);
                if (n > 0)
                        text_appendf(&kinds, "%s%s", kinds.n ? ", " : "", kind_row(kind)->key);
        }
        if (kinds.n)
                export_note(project->export, &project->notes, "left as it is: what built-in groups have at %s", kinds.data);
        text_deinit(&kinds);
}

/* --- whom a charter gives nothing --------------------------------------------------------------------------------- */

static int compare_strangers(const void *a_, const void *b_) {
        const Stranger *a = a_, *b = b_;
        int r = text_compare(a->who, b->who);

        return r != 0 ? r : text_compare(a->what, b->what);
}

static void tell_strangers(Reading *reading) {
        ExportProject *project = reading->project;
        size_t n = reading->n_strangers;

        if (n > 1)
                qsort(reading->strangers, n, sizeof *reading->strangers, compare_strangers);
        for (size_t i = 0; i < n && i < STRANGERS_MAX; i++)
                export_note(project->export, &project->notes, "left out, since no charter gives it: the entry of %s at %s",
                            reading->strangers[i].who, reading->strangers[i].what);
        if (n > STRANGERS_MAX)
                export_note(project->export, &project->notes, "left out, since no charter gives them: more such entries (%zu)", n - STRANGERS_MAX);
        if (reading->n_below > 0)
                export_note(project->export, &project->notes,
                            "left out, since no charter gives them: entries below such things, or of what is gone (%zu)",
                            reading->n_below);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void find_root_kinds(Reading *reading) {
        for (int space = 0; space < _NAMESPACE_N; space++)
                reading->root_kind[space] = _KIND_N;
        for (Kind kind = _KIND_N; kind-- > 0;) {
                int space = kind_namespace(kind);

                if (space >= 0 && is_written(reading->project, kind))
                        reading->root_kind[space] = kind; /* the first of a namespace has its root */
        }
}

void export_read_project(ExportProject *project) {
        Reading reading = {.project = project};
        const Organisation *live = project->export->live;

        find_root_kinds(&reading);
        project->root_area = (ExportThing){.kind = KIND_AREA, .name = "/", .entity = INDEX_NONE};
        read_things(project);
        read_principals(project);
        for (size_t i = 0; i < live->n_acl_order; i++) {
                const AccessControlList *list = &live->acls[live->acl_order[i]];

                if (list->project == project->row && reading.root_kind[list->namespace] != _KIND_N)
                        read_list(&reading, list);
        }
        read_organization(project);
        leave_quiet_kinds(project);
        sort_entries(project);
        tell_strangers(&reading);
}
