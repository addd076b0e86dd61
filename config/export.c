/* SPDX-License-Identifier: Apache-2.0 */
/* Export: a live organisation as a charter that changes nothing of it. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/governed.h"
#include "config/export_inside.h"

static const char *const omitted_words[_EXPORT_PART_N] = {
        [EXPORT_GRANTS] = "its permissions are not governed: what is live cannot be said in rules",
        [EXPORT_MEMBERS] = "its members are not governed: who is one cannot be said in a list",
        [EXPORT_MEMBERSHIPS] = "the groups it is in are not governed: they cannot be said in a list",
        [EXPORT_ADMINS] = "its administrators are not governed: who is one cannot be said in a list",
        [EXPORT_OWNED] = "it owns nothing here: its areas cannot be said in a list",
};

void export_note(Export *export, ExportNotes *notes, const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        *mem_push(export->mem, notes->items, notes->n) = mem_vprintf(export->mem, format, arguments);
        va_end(arguments);
}

const char *export_display(const Export *export, Index identity) {
        const Identity *row = &export->live->identities[identity];

        return row->display ? row->display : row->name ? row->name : row->descriptor ? row->descriptor : "somebody";
}

bool export_is_omitted(const ExportPrincipal *principal, ExportPart part) {
        return principal->omitted & (1u << part);
}

static bool is_meant(const ExportSpec *spec, const Project *row) {
        if (spec->only_project && !text_equal(spec->only_project, row->name))
                return false;
        for (size_t i = 0; i < spec->may->n_projects; i++)
                if (text_equal(spec->may->projects[i].text, row->name))
                        return true;
        return spec->may->all_projects;
}

static void tell_omissions(ExportProject *project) {
        for (size_t i = 0; i < project->n_principals; i++)
                for (int part = 0; part < _EXPORT_PART_N; part++)
                        if (omitted_words[part] && export_is_omitted(&project->principals[i], (ExportPart)part))
                                export_note(project->export, &project->principals[i].notes, "%s", omitted_words[part]);
}

/* What could not be read is not written. */
static void find_kinds(ExportProject *project) {
        const ExportSpec *spec = project->export->spec;

        project->kinds = kinds_all();
        for (size_t i = 0; i < spec->n_gaps; i++) {
                if (!text_equal(spec->gaps[i].project, project->name))
                        continue;
                project->kinds = kinds_at_work();
                export_note(project->export, &project->notes, "left out: tagging and the kinds with roles: %s",
                            spec->gaps[i].reason);
        }
}

static int compare_notes(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_notes(ExportNotes *notes) {
        size_t n = 0;

        if (notes->n > 1)
                qsort(notes->items, notes->n, sizeof *notes->items, compare_notes);
        for (size_t i = 0; i < notes->n; i++)
                if (n == 0 || strcmp(notes->items[n - 1], notes->items[i]) != 0)
                        notes->items[n++] = notes->items[i];
        notes->n = n;
}

static int compare_projects(const void *a_, const void *b_) {
        const ExportProject *a = a_, *b = b_;

        return text_compare(a->name, b->name);
}

static void read_projects(Export *export) {
        for (Index i = 0; i < export->live->n_projects; i++) {
                const Project *row = &export->live->projects[i];

                if (row->state == PROJECT_SEALED && is_meant(export->spec, row))
                        *mem_push(export->mem, export->projects, export->n_projects) =
                                (ExportProject){.export = export, .row = i, .name = row->name};
        }
        if (export->n_projects > 1)
                qsort(export->projects, export->n_projects, sizeof *export->projects, compare_projects);
        for (size_t i = 0; i < export->n_projects; i++) {
                ExportProject *project = &export->projects[i];

                find_kinds(project);
                export_read_project(project);
                export_list_people(project);
                export_find_owners(project);
                export_find_same(project);
                tell_omissions(project);
                sort_notes(&project->notes);
                for (size_t k = 0; k < project->n_principals; k++)
                        sort_notes(&project->principals[k].notes);
        }
}

static void tell_what_is_left_out(const Export *export, YamlOut *root) {
        const ExportSpec *spec = export->spec;

        yaml_out_comment(root, "What is live in %s, as a charter by which nothing changes.", export->live->url);
        if (!spec->may->administrators)
                yaml_out_comment(root, "Without administrators' groups: `may: { administrators: true }` in the settings is not said.");
        for (Index i = 0; i < export->live->n_projects; i++) {
                const Project *row = &export->live->projects[i];

                if (row->state == PROJECT_FAILED && is_meant(spec, row))
                        yaml_out_comment(root, "Without the project %s: %s", row->name, row->error);
        }
}

void export_charter(const ExportSpec *spec, Text *text) {
        Export export = {.mem = mem_new(NULL, char), .spec = spec, .live = spec->live};
        YamlOut *root = yaml_out_map(export.mem);

        export.arena = arena_new(export.mem);
        export.view = access_view_new(export.mem, spec->live);
        root->style = YAML_WRITE_BLOCK;
        read_projects(&export);
        tell_what_is_left_out(&export, root);
        yaml_out_set(root, "charter", yaml_out_word(export.mem, "1"));
        yaml_out_set(root, "organization", yaml_out_text(export.mem, spec->live->url));
        export_write_projects(&export, root);
        yaml_write(root, text);
        mem_free(export.mem);
}
