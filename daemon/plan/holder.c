/* SPDX-License-Identifier: Apache-2.0 */
/* Holder: the teams and groups of the charter, found among live identities. */
#include "common/base/text.h"
#include "daemon/plan/draft.h"

static Kind kind_of(const DesiredPrincipal *principal) {
        return principal->is_team ? KIND_TEAM : KIND_GROUP;
}

/* A renamed one is governed by its id, under its live name. */
static Index find_entity(Draft *draft, const DesiredPrincipal *principal) {
        const KnownThing *known = draft_known(draft, kind_of(principal), principal->name);
        const char *name = principal->name;

        if (known && known->state == KNOWN_RENAMED) {
                name = known->live_name;
                draft_find(draft, "renamed", FINDING_WARNING, principal->place,
                           "%s `%s` is called `%s` now and is governed under that name; change the charter, or rename "
                           "it back",
                           kind_row(known->kind)->noun, principal->name, name);
        }
        return organisation_find_entity(draft->live, draft->live_project, kind_of(principal), name);
}

static Index find_identity(const Draft *draft, const Holder *holder) {
        if (holder->entity != INDEX_NONE && draft->live->entities[holder->entity].identity != INDEX_NONE)
                return organisation_canonical_identity(draft->live,
                                                       draft->live->entities[holder->entity].identity);
        return organisation_find_group(draft->live, draft->live_project, holder->desired->name);
}

bool draft_is_made_by_us(const Draft *draft, const Holder *holder) {
        const KnownThing *known = draft_known(draft, kind_of(holder->desired), holder->desired->name);

        return known && known->is_made_by_us;
}

static bool is_made(const Draft *draft, const DesiredPrincipal *principal) {
        return principal->policies.create && draft->spec->may_create;
}

static void make_holder(Draft *draft, Holder *holder, const DesiredPrincipal *principal) {
        const char *project = draft->project->name;

        *holder = (Holder){.desired = principal,
                           .name = principal->name,
                           .identity = INDEX_NONE,
                           .entity = INDEX_NONE,
                           .viewed = INDEX_NONE};
        holder->display = mem_printf(draft->mem, "[%s]\\%s", project, principal->name);
        if (draft->live_project == INDEX_NONE)
                return;
        holder->entity = find_entity(draft, principal);
        holder->identity = find_identity(draft, holder);
        if (holder->identity != INDEX_NONE) {
                holder->viewed = holder->identity;
                holder->name = draft->live->identities[holder->identity].name;
                holder->display = access_view_display(draft->wanted, holder->identity);
                draft->holder_of[holder->identity] = (uint32_t)(holder - draft->holders);
        } else if (is_made(draft, principal)) {
                holder->viewed = access_view_add_principal(draft->wanted, draft->live_project, principal->name,
                                                           holder->display);
        }
}

void draft_make_holders(Draft *draft) {
        const DesiredProject *project = draft->project;

        draft->n_holders = project->n_principals;
        draft->holders = mem_new_array(draft->mem, Holder, project->n_principals + 1);
        draft->holder_of = mem_new_array(draft->mem, uint32_t, draft->live->n_identities + 1);
        for (size_t i = 0; i < draft->live->n_identities; i++)
                draft->holder_of[i] = HOLDER_NONE;
        for (size_t i = 0; i < project->n_principals; i++)
                make_holder(draft, &draft->holders[i], &project->principals[i]);
}

size_t draft_find_holder(const Draft *draft, const char *name) {
        const DesiredPrincipal *found = desired_find_principal(draft->project, name);

        return found ? (size_t)(found - draft->project->principals) : HOLDER_NONE;
}

static Index find_project_group(Draft *draft, const char *name) {
        size_t holder = draft_find_holder(draft, name);

        if (holder != HOLDER_NONE)
                return draft->holders[holder].viewed;
        return draft->live_project == INDEX_NONE
                       ? INDEX_NONE
                       : organisation_find_group(draft->live, draft->live_project, name);
}

Index draft_find_name(Draft *draft, const PrincipalName *name) {
        switch (name->form) {
        case PRINCIPAL_GROUP:
                return find_project_group(draft, name->name);
        case PRINCIPAL_ORGANIZATION_GROUP:
                return organisation_find_group(draft->live, INDEX_NONE, name->name);
        case PRINCIPAL_USER:
        case PRINCIPAL_ENTRA_GROUP:
        case PRINCIPAL_SERVICE_PRINCIPAL:
                return organisation_find_person(draft->live, name->name);
        }
        return INDEX_NONE;
}
