/* SPDX-License-Identifier: Apache-2.0 */
/* ExportGrants: what a principal has, as rules. */
#include <string.h>

#include "config/export_inside.h"

/* Of one principal, being written. */
typedef struct Writing {
        const ExportProject *project;
        ExportPrincipal *principal;
        ExportNaming naming;
        YamlOut *rules;
} Writing;

static bool is_same(const ExportEntry *a, const ExportEntry *b) {
        return a->kind == b->kind && a->space == b->space && a->allow == b->allow && a->deny == b->deny && /* so the role is */
               (a->same_as == b->same_as || (a->same_as && b->same_as && strcmp(a->same_as, b->same_as) == 0));
}

/* --- one rule ----------------------------------------------------------------------------------------------------- */

static void set_words(Writing *writing, YamlOut *rule, const char *key, const ExportEntry *entry, uint32_t bits) {
        Mem *mem = writing->project->export->mem;
        YamlOut *words = NULL;

        if (!bits)
                return;
        if (rule->n > 0 && strcmp(rule->keys[rule->n - 1], key) == 0)
                words = rule->items[rule->n - 1]; /* of another namespace of the organisation */
        else
                words = yaml_out_set(rule, key, yaml_out_list(mem));
        for (uint32_t rest = bits; rest; rest &= rest - 1)
                yaml_out_add(words, export_text(mem, export_word(writing->project->export, entry->kind, entry->space,
                                                                 rest & -rest)));
}

static void add_rule(Writing *writing, YamlOut *at, const ExportEntry *entry) {
        Mem *mem = writing->project->export->mem;
        YamlOut *rule = yaml_out_add(writing->rules, yaml_out_map(mem));

        rule->style = YAML_WRITE_FILL;
        yaml_out_set(rule, "at", at);
        if (entry->same_as) {
                yaml_out_set(rule, "same_as", export_text(mem, entry->same_as));
                return;
        }
        if (entry->role) {
                yaml_out_set(rule, "role", export_text(mem, entry->role));
                return;
        }
        set_words(writing, rule, "allow", entry, entry->allow);
        set_words(writing, rule, "deny", entry, entry->deny);
}

static YamlOut *at_word(const Writing *writing, const char *word) {
        return yaml_out_text(writing->project->export->mem, word);
}

static YamlOut *at_names(const Writing *writing, const ExportEntry *entry, YamlOut *names) {
        Mem *mem = writing->project->export->mem;
        const ExportThing *repository = entry->thing->repository;
        YamlOut *branches;

        if (!repository)
                return names;
        branches = yaml_out_map(mem);
        yaml_out_set(branches, "repository",
                     export_name(writing->project, writing->principal, writing->naming, KIND_REPOSITORY, repository->name));
        yaml_out_set(branches, "names", names);
        return branches;
}

static YamlOut *at_kind(const Writing *writing, Kind kind, YamlOut *what) {
        YamlOut *at = yaml_out_map(writing->project->export->mem);

        yaml_out_set(at, kind_row(kind)->key, what);
        return at;
}

/* --- at the organisation: one rule, whatever the namespaces ---------------------------------------------------------- */

static void add_organization_rule(Writing *writing) {
        const ExportPrincipal *principal = writing->principal;
        YamlOut *rule = yaml_out_map(writing->project->export->mem);

        rule->style = YAML_WRITE_FILL;
        yaml_out_set(rule, "at", at_word(writing, kind_row(KIND_ORGANIZATION)->key));
        for (size_t i = 0; i < principal->n_entries; i++)
                if (principal->entries[i].kind == KIND_ORGANIZATION)
                        set_words(writing, rule, "allow", &principal->entries[i], principal->entries[i].allow);
        for (size_t i = 0; i < principal->n_entries; i++)
                if (principal->entries[i].kind == KIND_ORGANIZATION)
                        set_words(writing, rule, "deny", &principal->entries[i], principal->entries[i].deny);
        if (rule->n > 1)
                yaml_out_add(writing->rules, rule);
}

/* --- at the project and the roots --------------------------------------------------------------------------------- */

static void add_root_rules(Writing *writing) {
        for (size_t i = 0; i < writing->principal->n_entries; i++) {
                ExportEntry *entry = &writing->principal->entries[i];

                if (entry->thing || entry->kind == KIND_ORGANIZATION)
                        continue;
                add_rule(writing,
                         entry->kind == KIND_PROJECT ? at_word(writing, kind_row(KIND_PROJECT)->key)
                                                     : at_kind(writing, entry->kind, at_word(writing, "root")),
                         entry);
        }
}

/* --- at what it owns ---------------------------------------------------------------------------------------------- */

static ExportEntry *entry_at(const Writing *writing, const ExportThing *thing) {
        for (size_t i = 0; i < writing->principal->n_entries; i++)
                if (writing->principal->entries[i].thing == thing)
                        return &writing->principal->entries[i];
        return NULL;
}

/* The root on a team's list of areas is not meant by `own`. */
static bool is_own(const Writing *writing, size_t i, Kind kind) {
        const ExportThing *thing = writing->principal->owned[i];

        return thing->kind == kind && thing != &writing->project->root_area;
}

/* What it has on all it owns of the kind alike, or NULL. */
static ExportEntry *entry_of_own(const Writing *writing, Kind kind) {
        ExportEntry *first = NULL;

        for (size_t i = 0; i < writing->principal->n_owned; i++) {
                ExportEntry *entry;

                if (!is_own(writing, i, kind))
                        continue;
                entry = entry_at(writing, writing->principal->owned[i]);
                if (!entry || (first && !is_same(first, entry)))
                        return NULL;
                first = entry;
        }
        return first;
}

static void mark_own_told(Writing *writing, Kind kind) {
        for (size_t i = 0; i < writing->principal->n_owned; i++)
                if (is_own(writing, i, kind))
                        entry_at(writing, writing->principal->owned[i])->is_told = true;
}

static bool owns_kind(const Writing *writing, Kind kind) {
        for (size_t i = 0; i < writing->principal->n_owned; i++)
                if (is_own(writing, i, kind))
                        return true;
        return false;
}

/* The entry that stands for `at: own`: the same as one group on everything it owns; or NULL. */
static const ExportEntry *entry_of_all_own(const Writing *writing) {
        const ExportEntry *first = NULL;

        for (Kind kind = 0; kind < _KIND_N; kind++) {
                const ExportEntry *entry;

                if (!owns_kind(writing, kind) || !kind_has(kind, KIND_HAS_PERMISSIONS))
                        continue;
                entry = entry_of_own(writing, kind);
                if (!entry || !entry->same_as || (first && strcmp(first->same_as, entry->same_as) != 0))
                        return NULL;
                first = entry;
        }
        return first;
}

static void add_own_rules(Writing *writing) {
        const ExportEntry *all = entry_of_all_own(writing);

        if (all)
                add_rule(writing, at_word(writing, "own"), all);
        for (Kind kind = 0; kind < _KIND_N; kind++) {
                const ExportEntry *entry = owns_kind(writing, kind) ? entry_of_own(writing, kind) : NULL;

                if (!entry)
                        continue;
                if (!all || entry->role)
                        add_rule(writing, at_kind(writing, kind, at_word(writing, "own")), entry);
                mark_own_told(writing, kind);
        }
}

/* --- at names ----------------------------------------------------------------------------------------------------- */

static void add_name_rules(Writing *writing) {
        const ExportPrincipal *principal = writing->principal;
        Mem *mem = writing->project->export->mem;

        for (size_t i = 0; i < principal->n_entries; i++) {
                ExportEntry *first = &principal->entries[i];
                YamlOut *names;

                if (!first->thing || first->is_told)
                        continue;
                names = yaml_out_list(mem);
                for (size_t k = i; k < principal->n_entries; k++) {
                        ExportEntry *entry = &principal->entries[k];

                        if (!entry->thing || entry->is_told || !is_same(first, entry) ||
                            entry->thing->repository != first->thing->repository)
                                continue;
                        entry->is_told = true;
                        yaml_out_add(names, export_name(writing->project, principal, writing->naming, entry->kind,
                                                        entry->thing->name));
                }
                add_rule(writing, at_kind(writing, first->kind, at_names(writing, first, names)), first);
        }
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

YamlOut *export_grants(const ExportProject *project, ExportPrincipal *principal, ExportNaming naming) {
        Writing writing = {.project = project,
                           .principal = principal,
                           .naming = naming,
                           .rules = yaml_out_list(project->export->mem)};

        for (size_t i = 0; i < principal->n_entries; i++)
                principal->entries[i].is_told = false;
        add_organization_rule(&writing);
        add_root_rules(&writing);
        add_own_rules(&writing);
        add_name_rules(&writing);
        writing.rules->style = YAML_WRITE_BLOCK;
        return writing.rules;
}
