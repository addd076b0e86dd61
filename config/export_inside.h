/* SPDX-License-Identifier: Apache-2.0 */
/* Export, inside: what the files of an export work on together. Only config/export*.c include this. */
#pragma once

#include "common/access/evaluate.h"
#include "common/base/arena.h"
#include "common/model/table.h"
#include "config/export.h"
#include "config/yaml_write.h"

typedef struct ExportPrincipal ExportPrincipal;
typedef struct ExportProject ExportProject;

/* Lines for people, in a fixed order. */
typedef struct ExportNotes {
        const char **items;
        size_t n;
} ExportNotes;

typedef struct Export {
        Mem *mem;
        Arena *arena;
        const ExportSpec *spec;
        const Organisation *live;
        AccessView *view;
        ExportProject *projects; /* by name */
        size_t n_projects;
} Export;

/* An artefact of a project. */
typedef struct ExportThing ExportThing;
struct ExportThing {
        Kind kind;
        const char *name;
        Index entity;
        const ExportThing *repository; /* of a branch */
        bool inherit_is_off;
        bool has_own; /* an entry of charterd's own, which is taken back where somebody owns the thing */
        ExportPrincipal *owner; /* or NULL */
        ExportPrincipal *holder; /* the one team that has something there; NULL: none, or several */
        size_t n_holders;
        ExportPrincipal *worker; /* the one team that has all there that one works with; NULL: none, or several */
        size_t n_workers;
        bool has_exclusion; /* a team is denied something there */
};

/* What a principal has at one place, as far as a charter can say it. */
typedef struct ExportEntry {
        Kind kind;
        uint8_t space; /* NamespaceIndex: of the organisation there are several */
        ExportThing *thing; /* NULL: the kind's root, the project, the organisation */
        uint32_t allow, deny;
        const char *role;    /* of a kind with roles: what the masks are called */
        const char *same_as; /* a group of the project that has as much at the kind's root; or NULL */
        bool is_told;
} ExportEntry;

/* A team or group of the project. */
struct ExportPrincipal {
        const char *name;
        bool is_team;
        bool is_builtin;
        Index identity;
        Index team; /* entity, or INDEX_NONE */
        unsigned omitted; /* 1 << ExportPart */
        ExportEntry *entries; /* by kind, the root first, then by name */
        size_t n_entries;
        bool is_surplus_left; /* it has what cannot be written: `grants_policy: report` */
        bool has_groups_left; /* it is in what cannot be written: `unlisted_memberships: report` */
        ExportThing **owned; /* areas as on its list, then by kind and name */
        size_t n_owned;
        bool include_sub_areas;
        YamlOut *members, *admins, *member_of; /* NULL: not governed */
        ExportNotes notes;
};

struct ExportProject {
        Export *export;
        Index row;
        const char *name;
        uint32_t kinds; /* that are written; 1 << Kind */
        ExportThing *things; /* by kind, name */
        size_t n_things;
        Table thing_rows;    /* by entity */
        ExportThing root_area; /* on lists of areas; nobody owns it */
        ExportPrincipal *principals; /* teams, then groups, each by name */
        size_t n_principals;
        Index *principal_of; /* of each identity, INDEX_NONE: none */
        ExportNotes notes;
};

/* How names are written. */
typedef enum ExportNaming {
        EXPORT_NAMES_LITERAL,
        EXPORT_NAMES_VARIABLE, /* "{team}" for the principal's own name, and so on */
} ExportNaming;

void export_note(Export *export, ExportNotes *notes, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* For a sentence: an identity as people know it. */
const char *export_display(const Export *export, Index identity);
bool export_is_omitted(const ExportPrincipal *principal, ExportPart part);

/* export_read.c: what there is. */
void export_read_project(ExportProject *project);
/* NULL: none of that identity, none of that entity is written. */
ExportPrincipal *export_find_principal(const ExportProject *project, Index identity);
ExportThing *export_find_thing(const ExportProject *project, Index entity);
/* export_list.c: who is in what. */
void export_list_people(ExportProject *project);
/* export_own.c: whose things are. */
void export_find_owners(ExportProject *project);
/* export_same.c: which entries are those of a group. */
void export_find_same(ExportProject *project);
/* export_grants.c: the rules of a principal. */
YamlOut *export_grants(const ExportProject *project, ExportPrincipal *principal, ExportNaming naming);
/* export_name.c: a name as the text of a charter; braces doubled. */
YamlOut *export_name(const ExportProject *project, const ExportPrincipal *principal, ExportNaming naming, Kind kind,
                     const char *name);
YamlOut *export_text(Mem *mem, const char *text);
/* A key that is read as text with variables. */
const char *export_key(Mem *mem, const char *text);
/* A word for the bit that charterd knows offline and the service live; NULL: there is none. */
const char *export_word(const Export *export, Kind kind, uint8_t space, uint32_t bit);
/* export_kit.c: what several teams have alike. */
void export_write_projects(Export *export, YamlOut *root);
