/* SPDX-License-Identifier: Apache-2.0 */
/* Governed: what a charter's rules, artefacts and assertions are about. */
#include "common/model/governed.h"

static uint32_t kind_bit(Kind kind) {
        return 1u << kind;
}

/* What names pipelines needs their list. */
static uint32_t kinds_of_pipelines(const OwnedArtefact *artefact) {
        const DesiredPipelines *pipelines = artefact->pipelines;

        return pipelines && (pipelines->use == PIPELINE_USE_OWN || pipelines->use == PIPELINE_USE_NAMED)
                       ? kind_bit(KIND_PIPELINE)
                       : 0;
}

static uint32_t owned_kinds(const DesiredPrincipal *principal) {
        uint32_t kinds = 0;

        for (size_t i = 0; i < principal->n_owns; i++)
                kinds |= kind_bit(principal->owns[i].kind) | kinds_of_pipelines(&principal->owns[i]);
        return kinds;
}

static uint32_t kinds_at(const At *at) {
        switch (at->form) {
        case AT_PROJECT:
                return kind_bit(KIND_PROJECT);
        case AT_ORGANIZATION: /* of no project */
        case AT_OWN:          /* what is owned is counted as that */
                return 0;
        case AT_KIND_OWN:
        case AT_KIND_ROOT:
        case AT_KIND_NAMES:
        case AT_KIND_OWNED_BY:
                return kind_bit(at->kind);
        case AT_BRANCHES:
                return kind_bit(KIND_BRANCH);
        }
        return 0;
}

/* Some principal has what the charter gives and nothing else, in namespaces that no rule of it names (charter.md,
 * grants_policy). */
static bool holds_somebody(const DesiredProject *project) {
        for (size_t i = 0; i < project->n_principals; i++)
                if (project->principals[i].grants_mentioned &&
                    project->principals[i].grants_policy != GRANTS_ADDITIVE)
                        return true;
        return false;
}

uint32_t kinds_all(void) {
        uint32_t kinds = 0;

        for (Kind kind = 0; kind < _KIND_N; kind++)
                if ((kind_row(kind)->traits & (KIND_HAS_PERMISSIONS | KIND_HAS_ROLES)) && kind != KIND_ORGANIZATION &&
                    kind_has(kind, KIND_IS_BUILT) && !kind_has(kind, KIND_IS_EXPERIMENTAL))
                        kinds |= kind_bit(kind);
        return kinds;
}

uint32_t kinds_at_work(void) {
        return kind_bit(KIND_PROJECT) | kind_bit(KIND_REPOSITORY) | kind_bit(KIND_BRANCH) |
               kind_bit(KIND_PIPELINE_FOLDER) | kind_bit(KIND_PIPELINE) | kind_bit(KIND_AREA) |
               kind_bit(KIND_ITERATION) | kind_bit(KIND_QUERY);
}

uint32_t desired_governed_kinds(const DesiredProject *project) {
        uint32_t kinds = kind_bit(KIND_PROJECT) | kind_bit(KIND_REPOSITORY) |
                         kind_bit(KIND_PIPELINE_FOLDER) | kind_bit(KIND_AREA) | kind_bit(KIND_TEAM) |
                         kind_bit(KIND_GROUP);

        if (holds_somebody(project))
                kinds |= kind_bit(KIND_ITERATION) | kind_bit(KIND_QUERY);
        kinds |= project->whole;
        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *principal = &project->principals[i];

                kinds |= owned_kinds(principal);
                for (size_t k = 0; k < principal->n_rules; k++)
                        kinds |= kinds_at(&principal->rules[k].at);
        }
        for (size_t i = 0; i < project->n_artefacts; i++)
                kinds |= kind_bit(project->artefacts[i].kind) |
                         kinds_of_pipelines(&project->artefacts[i]);
        for (size_t i = 0; i < project->n_asserts; i++)
                kinds |= kinds_at(&project->asserts[i].at);
        return kinds;
}

uint32_t desired_governed_spaces(const DesiredProject *project) {
        uint32_t kinds = desired_governed_kinds(project);
        uint32_t spaces = 1u << NAMESPACE_IDENTITY;

        for (Kind kind = 0; kind < _KIND_N; kind++) {
                int space = kind_namespace(kind);

                if ((kinds & kind_bit(kind)) && space >= 0 && kind != KIND_ORGANIZATION)
                        spaces |= 1u << space;
        }
        return spaces;
}

static RoleLevel level_of(const At *at) {
        return at->form == AT_KIND_ROOT ? ROLE_OF_ROOT : ROLE_OF_ARTEFACT;
}

uint32_t desired_role_kinds(const DesiredProject *project, RoleLevel level) {
        uint32_t kinds = 0;

        for (Kind kind = 0; kind < _KIND_N; kind++)
                if ((project->whole & kind_bit(kind)) && kind_has(kind, KIND_HAS_ROLES))
                        kinds |= kind_bit(level == ROLE_OF_ROOT ? kind_at_root(kind) : kind);
        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t k = 0; k < project->principals[i].n_rules; k++) {
                        const Rule *rule = &project->principals[i].rules[k];

                        if (rule->role && level_of(&rule->at) == level)
                                kinds |= kind_bit(level == ROLE_OF_ROOT
                                                          ? kind_at_root(rule->at.kind)
                                                          : rule->at.kind);
                }
        return kinds;
}

static bool confines_somebody(const DesiredProject *project) {
        for (size_t i = 0; i < project->n_principals; i++)
                if (project->principals[i].confined)
                        return true;
        return false;
}

void desired_each_asked_pipelines(const DesiredProject *project,
                                  void (*visit)(void *context, const OwnedArtefact *artefact),
                                  void *context) {
        bool is_confined = confines_somebody(project);

        for (size_t i = 0; i < project->n_principals; i++)
                for (size_t k = 0; k < project->principals[i].n_owns; k++) {
                        const OwnedArtefact *owned = &project->principals[i].owns[k];

                        if (kind_has(owned->kind, KIND_HAS_ROLES) &&
                            (owned->pipelines || is_confined))
                                visit(context, owned);
                }
        for (size_t i = 0; i < project->n_artefacts; i++)
                if (project->artefacts[i].pipelines)
                        visit(context, &project->artefacts[i]);
}

uint32_t kinds_spaces(void) {
        uint32_t spaces = 0;

        for (Kind kind = 0; kind < _KIND_N; kind++) {
                int space = kind_namespace(kind);

                if (space >= 0 && kind != KIND_ORGANIZATION)
                        spaces |= 1u << space;
        }
        return spaces;
}

uint32_t desired_exact_spaces(const DesiredPrincipal *principal) {
        uint32_t spaces = 1u << NAMESPACE_PROJECT | 1u << NAMESPACE_GIT | 1u << NAMESPACE_BUILD |
                          1u << NAMESPACE_CSS | 1u << NAMESPACE_ITERATION | 1u << NAMESPACE_QUERIES |
                          1u << NAMESPACE_RELEASE;

        for (Kind kind = 0; kind < _KIND_N; kind++)
                if (kind_has(kind, KIND_HAS_ROLES))
                        spaces |= 1u << kind_namespace(kind);
        for (size_t i = 0; i < principal->n_rules; i++) {
                const At *at = &principal->rules[i].at;
                int space = at->form == AT_ORGANIZATION ? -1 : kind_namespace(at->kind);

                if (space >= 0)
                        spaces |= 1u << space;
        }
        return spaces;
}

uint32_t organization_spaces(void) {
        return 1u << NAMESPACE_COLLECTION | 1u << NAMESPACE_SERVER | 1u << NAMESPACE_PROCESS |
               1u << NAMESPACE_VERSION_CONTROL | 1u << NAMESPACE_BUILD_ADMINISTRATION |
               1u << NAMESPACE_AUDIT_LOG | 1u << NAMESPACE_PROJECT;
}

bool desired_principals_are_about_organization(const DesiredPrincipal *principals, size_t n) {
        for (size_t i = 0; i < n; i++) {
                if (principals[i].is_of_organization && principals[i].grants_mentioned)
                        return true;
                for (size_t k = 0; k < principals[i].n_rules; k++)
                        if (principals[i].rules[k].at.form == AT_ORGANIZATION)
                                return true;
        }
        return false;
}

bool desired_project_is_about_organization(const DesiredProject *project) {
        for (size_t i = 0; i < project->n_asserts; i++)
                if (project->asserts[i].at.form == AT_ORGANIZATION)
                        return true;
        return desired_principals_are_about_organization(project->principals, project->n_principals);
}

uint32_t desired_organization_spaces(const Desired *desired) {
        bool found = desired->is_whole ||
                     desired_principals_are_about_organization(desired->groups, desired->n_groups);

        for (size_t i = 0; !found && i < desired->n_projects; i++)
                found = desired_project_is_about_organization(&desired->projects[i]);
        return found ? organization_spaces() : 0;
}
