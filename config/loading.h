/* SPDX-License-Identifier: Apache-2.0 */
/* Loading: what the parts of the charter's loader share. Only config/ includes this. */
#pragma once

#include "common/base/arena.h"
#include "common/model/desired.h"
#include "common/model/table.h"
#include "config/bind.h"
#include "config/charter.h"
#include "config/policy.h"

/* The context of each Binder of the charter. */
typedef struct Loading {
        Arena *arena; /* of the charter */
        Arena *frame; /* of the principal being read */
        const CharterSpec *spec;
        Desired *desired;
        const YamlNode *kits; /* or NULL */
        bool *kit_is_used;    /* by the index of its key */
        const char **kit_names; /* the same, once used; of the arena */
        size_t n_kit_nodes;   /* of all uses of kits */
        size_t n_text;
        PolicyLayer defaults;
} Loading;

/* The files of a folder laid over one another; roots are mappings. A key twice is an error naming both places. */
YamlNode *unite_files(Binder *binder, YamlNode *const *roots, size_t n);
/* Tells names of one mapping that differ in case alone. */
void check_names_differ(Binder *binder, const YamlNode *map);

/* artefact.c: one thing and what is said of it. */
typedef struct ArtefactLayer {
        Kind kind;
        const char *name;
        const char *was;
        Place was_place;
        Tristate inherit;
        Place inherit_place;
        const DesiredPipelines *pipelines; /* NULL: not mentioned */
        PolicyLayer policies;
        Place place;
        bool is_owned; /* of a project's key: a team owns it too */
} ArtefactLayer;

typedef struct ArtefactVector {
        ArtefactLayer *items;
        size_t n;
        Table table; /* of kind and name */
} ArtefactVector;

/* They say the same, names in the same order. */
bool pipelines_are_equal(const DesiredPipelines *a, const DesiredPipelines *b);
ArtefactLayer *artefacts_find(const ArtefactVector *vector, Kind kind, const char *name);
void artefacts_add(Mem *frame, ArtefactVector *vector, const ArtefactLayer *artefact);

extern const BindTable owns_table;      /* over an ArtefactVector */
extern const BindTable kind_keys_table; /* the same below a project */

/* member.c: lists of principals. */
void take_principals(Binder *binder, void *target, const YamlNode *value, const BindRow *row);
void take_groups(Binder *binder, void *target, const YamlNode *value, const BindRow *row);

typedef enum Repeated {
        REPEATED_IS_A_MISTAKE,
        REPEATED_IS_FINE, /* a kit and a team name the same */
} Repeated;

/* Of names that stand more than once the first stays. */
void principals_drop_repeated(Binder *binder, PrincipalList *list, Repeated repeated);

/* except.c: over an Except. */
void take_except(Binder *binder, void *target, const YamlNode *value, const BindRow *row);

/* rule.c */
typedef struct RuleVector {
        bool mentioned;
        Rule *items;
        size_t n;
} RuleVector;

void take_grants(Binder *binder, void *target, const YamlNode *value, const BindRow *row);
bool bind_at(Binder *binder, const YamlNode *node, At *at);
void bind_words(Binder *binder, const YamlNode *node, Word **wordsp, size_t *np);

/* principal.c */
typedef struct ProjectLayer ProjectLayer;
/* A team or group, kits laid under it. `policies` of the project; `keys` what the project's kind keys say. */
void principal_load(Binder *binder, DesiredPrincipal *principal, const YamlNode *key,
                    const YamlNode *value, const ProjectLayer *project);
/* Kits nobody uses are checked by themselves. */
void kits_check_unused(Binder *binder);

/* project.c */
struct ProjectLayer {
        PolicyLayer policies;
        const char *name;
        ArtefactVector artefacts;
        const YamlNode *teams;
        const YamlNode *groups;
        const YamlNode *asserts;
        const YamlNode *create_project;
        Except except;
        Variable variables[1];
};

/* The groups of the organisation, as of a project without a name. */
void organization_load(Binder *binder, DesiredProject *project, const YamlNode *groups);
void project_load(Binder *binder, DesiredProject *project, const YamlNode *key, const YamlNode *value);
/* assertion.c: of one project, and those beside the projects. */
void project_load_asserts(Binder *binder, DesiredProject *project, const YamlNode *list);
void asserts_load(Binder *binder, Desired *desired, const YamlNode *list);

/* check_*.c: what one mapping alone does not tell; after all is loaded and sorted. */
void check_owners(Binder *binder, const DesiredProject *project);
void check_was(Binder *binder, const DesiredProject *project);
void check_memberships(Binder *binder, const DesiredProject *project);
void check_grants(Binder *binder, const DesiredProject *project);
void check_same_as(Binder *binder, const DesiredProject *project);
void check_may(Binder *binder, const Desired *desired, const CharterSpec *spec);
