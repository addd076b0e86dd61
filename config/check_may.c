/* SPDX-License-Identifier: Apache-2.0 */
/* Check: the charter stays within what the settings let it reach (product.md, `may`). */
#include "common/base/text.h"
#include "config/loading.h"
#include "config/name.h"

static bool may_project(const MaySettings *may, const char *name) {
        for (size_t i = 0; i < may->n_projects; i++)
                if (text_equal(may->projects[i].text, name))
                        return true;
        return may->all_projects;
}

static void check_names(Binder *binder, const PrincipalList *list, const MaySettings *may) {
        for (size_t i = 0; i < list->n; i++) {
                const PrincipalName *one = &list->items[i];

                if (one->form == PRINCIPAL_ORGANIZATION_GROUP && !may->organization)
                        bind_error(binder, one->place,
                                   "`%s` is a group of the organization, which `may: { organization: false }` in the "
                                   "settings puts out of reach",
                                   one->name);
        }
}

static void check_containers(Binder *binder, const PrincipalList *list, const MaySettings *may) {
        check_names(binder, list, may);
        for (size_t i = 0; i < list->n; i++)
                if (name_is_administrators_group(list->items[i].name) && !may->administrators)
                        bind_error(binder, list->items[i].place,
                                   "`%s` is an administrators' group, which `may: { administrators: false }` in the "
                                   "settings puts out of reach",
                                   list->items[i].name);
}

static void check_principal(Binder *binder, const DesiredPrincipal *principal, const MaySettings *may) {
        check_names(binder, &principal->members, may);
        check_names(binder, &principal->admins, may);
        check_containers(binder, &principal->member_of, may);
        if (may->administrators || !name_is_administrators_group(principal->name) ||
            !(principal->members.mentioned || principal->grants_mentioned))
                return;
        bind_error(binder, principal->place,
                   "members and grants of `%s`, an administrators' group, are put out of reach by "
                   "`may: { administrators: false }` in the settings",
                   principal->name);
}

static void check_at(Binder *binder, const At *at, const CharterSpec *spec) {
        if (at->form == AT_ORGANIZATION && !spec->may->organization)
                bind_error(binder, at->place,
                           "`at: organization` is put out of reach by `may: { organization: false }` in the settings");
        if (at->form != AT_ORGANIZATION && kind_has(at->kind, KIND_IS_EXPERIMENTAL) &&
            !(spec->experimental & (1U << at->kind)))
                bind_error(binder, at->place,
                           "`%s` is experimental: add it to `experimental` in the settings to have it governed",
                           kind_row(at->kind)->key);
}

/* Assertions change nothing, yet what they are about is read. */
static void check_places(Binder *binder, const DesiredProject *project, const CharterSpec *spec) {
        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t k = 0; k < project->principals[i].n_rules; k++)
                        check_at(binder, &project->principals[i].rules[k].at, spec);
        for (size_t i = 0; i < project->n_asserts; i++)
                check_at(binder, &project->asserts[i].at, spec);
}

void check_may(Binder *binder, const Desired *desired, const CharterSpec *spec) {
        if (!spec->may)
                return;
        for (size_t i = 0; i < desired->n_projects; i++) {
                const DesiredProject *project = &desired->projects[i];

                if (desired_is_organization(project) && !spec->may->organization)
                        bind_error(binder, project->place,
                                   "`groups` of the organization are put out of reach by `may: { organization: false }` "
                                   "in the settings");
                if (!desired_is_organization(project) && !may_project(spec->may, project->name))
                        bind_error(binder, project->place, "project `%s` is not among `may: { projects }` of the settings",
                                   project->name);
                if (project->create_project && !spec->may->create)
                        bind_error(binder, project->place,
                                   "`create_project` is put out of reach by `may: { create: false }` in the settings");
                for (size_t k = 0; k < project->n_principals; k++)
                        check_principal(binder, &project->principals[k], spec->may);
                check_places(binder, project, spec);
        }
}
