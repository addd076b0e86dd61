/* SPDX-License-Identifier: Apache-2.0 */
/* ExportSame: entries on things that are as much as a group of the project has at the kind's root. */
#include <string.h>

#include "config/export_inside.h"

enum {
        BITS_MIN = 2, /* one permission is said by its word */
};

/* A group others may be the same as, with what it effectively has at the roots. */
typedef struct Source {
        const char *name;
        Index identity;
        uint32_t bits[_KIND_N]; /* 0: nothing, or not all of it is known */
} Source;

typedef struct Sources {
        Source *items;
        size_t n;
} Sources;

/* The first that has as much is named: the service's own before those of the organisation, the usual ones before. */
static const char *const usual[] = {"Contributors", "Readers", "Build Administrators", "Project Administrators"};

static uint32_t bits_at_root(const ExportProject *project, const AccessSubject *subject, Kind kind) {
        const Export *export = project->export;
        int space = kind_namespace(kind);
        const char *root = space < 0 ? NULL : export->live->projects[project->row].root_token[space];
        uint32_t settable;
        AccessMasks masks;

        if (!root || !kind_has(kind, KIND_IS_BUILT) || kind == KIND_PROJECT)
                return 0;
        settable = permission_settable(&export->live->permissions.items[space]);
        masks = access_evaluate(export->view, subject, (uint8_t)space, root);
        return masks.unknown & settable ? 0 : masks.allow & settable;
}

/* Its own rules do not hang on a group that the charter may change: else `same_as` could go round. */
static bool is_steady(const ExportProject *project, const AccessSubject *subject) {
        for (size_t i = 0; i < subject->n; i++) {
                const ExportPrincipal *principal = export_find_principal(project, subject->items[i]);

                if (principal && !principal->is_builtin && subject->items[i] != subject->principal)
                        return false;
        }
        return !subject->unknown;
}

static void add_source(const ExportProject *project, Sources *sources, const char *name, Index identity) {
        Mem *mem = project->export->mem;
        const AccessSubject *subject = access_subject_new(mem, project->export->view, identity);
        Source *source;

        if (!is_steady(project, subject))
                return;
        source = mem_push(mem, sources->items, sources->n);
        *source = (Source){.name = name, .identity = identity};
        for (Kind kind = 0; kind < _KIND_N; kind++)
                source->bits[kind] = bits_at_root(project, subject, kind);
}

static bool is_usual(const char *name) {
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
                if (text_equal(usual[i], name))
                        return true;
        return false;
}

static void find_sources(const ExportProject *project, Sources *sources) {
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
                Index group = organisation_find_group(project->export->live, project->row, usual[i]);

                if (group != INDEX_NONE)
                        add_source(project, sources, usual[i], group);
        }
        for (size_t i = 0; i < project->n_principals; i++) {
                const ExportPrincipal *group = &project->principals[i];

                if (!group->is_team && !is_usual(group->name) && !export_is_omitted(group, EXPORT_GRANTS))
                        add_source(project, sources, group->name, group->identity);
        }
}

/* Groups are the same as none but the service's own. */
static bool may_be_same(const ExportProject *project, const ExportPrincipal *principal, const Source *source) {
        const ExportPrincipal *other = export_find_principal(project, source->identity);

        return principal->identity != source->identity && (principal->is_team || !other || other->is_builtin);
}

static const char *find_same(const ExportProject *project, const Sources *sources, const ExportPrincipal *principal,
                             const ExportEntry *entry) {
        if (!entry->thing || entry->role || entry->deny || __builtin_popcount(entry->allow) < BITS_MIN)
                return NULL;
        for (size_t i = 0; i < sources->n; i++)
                if (sources->items[i].bits[entry->kind] == entry->allow &&
                    may_be_same(project, principal, &sources->items[i]))
                        return sources->items[i].name;
        return NULL;
}

void export_find_same(ExportProject *project) {
        Sources sources = {0};

        find_sources(project, &sources);
        for (size_t i = 0; i < project->n_principals; i++) {
                ExportPrincipal *principal = &project->principals[i];

                if (principal->is_builtin || export_is_omitted(principal, EXPORT_FOLDING))
                        continue;
                for (size_t k = 0; k < principal->n_entries; k++)
                        principal->entries[k].same_as =
                                find_same(project, &sources, principal, &principal->entries[k]);
        }
}
