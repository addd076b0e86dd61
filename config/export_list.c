/* SPDX-License-Identifier: Apache-2.0 */
/* ExportList: members, administrators and groups of each principal, as the charter's lists have them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/identity.h"
#include "config/export_inside.h"
#include "config/name.h"

/* One of a list, with what orders it. */
typedef struct Listed {
        PrincipalForm form;
        const char *name;
        const char *remark; /* who that is, where the name does not tell; or NULL */
} Listed;

typedef struct Listing {
        ExportProject *project;
        ExportPrincipal *principal;
        Listed *items;
        size_t n;
        bool lacks_self; /* charterd's own identity belongs there, and no charter can name it */
} Listing;

typedef enum ListOf {
        LIST_OF_PEOPLE, /* members, administrators */
        LIST_OF_GROUPS,
} ListOf;

/* --- forms -------------------------------------------------------------------------------------------------------- */

static bool is_found_by(const Export *export, const char *name, Index identity) {
        Index found = organisation_find_person(export->live, name);

        return found != INDEX_NONE && organisation_canonical_identity(export->live, found) == identity;
}

static bool find_user(const Export *export, Index identity, Listed *listed) {
        const Identity *row = &export->live->identities[identity];

        *listed = (Listed){.form = PRINCIPAL_USER, .name = row->name};
        return row->name && name_is_user(row->name) && is_found_by(export, row->name, identity);
}

static bool find_object(const Export *export, Index identity, PrincipalForm form, Listed *listed) {
        const Identity *row = &export->live->identities[identity];
        Guid id;

        *listed = (Listed){.form = form, .name = row->origin_id, .remark = row->name ? row->name : row->display};
        return row->origin_id && guid_parse(&id, row->origin_id) == 0 && is_found_by(export, row->origin_id, identity);
}

static bool find_group(const ExportProject *project, Index identity, Listed *listed) {
        const Export *export = project->export;
        const Identity *row = &export->live->identities[identity];
        bool of_organization = row->project == INDEX_NONE;

        *listed = (Listed){.form = of_organization ? PRINCIPAL_ORGANIZATION_GROUP : PRINCIPAL_GROUP, .name = row->name};
        if (!row->name || !row->name[0] || (!of_organization && row->project != project->row) ||
            (of_organization && !export->spec->may->organization))
                return false;
        return organisation_find_group(export->live, row->project, row->name) == identity;
}

/* False: no charter can name whoever it is. */
static bool find_form(const ExportProject *project, Index identity, Listed *listed) {
        const Export *export = project->export;

        switch (export->live->identities[identity].kind) {
        case IDENTITY_USER:
                return find_user(export, identity, listed);
        case IDENTITY_GROUP:
                return find_group(project, identity, listed);
        case IDENTITY_ENTRA_GROUP:
                return find_object(export, identity, PRINCIPAL_ENTRA_GROUP, listed);
        case IDENTITY_SERVICE_PRINCIPAL:
                return find_object(export, identity, PRINCIPAL_SERVICE_PRINCIPAL, listed);
        case IDENTITY_SERVICE:
        case IDENTITY_UNKNOWN:
                return false;
        }
        assert(!"a kind of identity without a form");
        return false;
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static int compare_listed(const void *a_, const void *b_) {
        const Listed *a = a_, *b = b_;

        if (a->form != b->form)
                return a->form < b->form ? -1 : 1;
        return text_compare(a->name, b->name);
}

static YamlOut *write_listed(Mem *mem, const Listed *listed, ListOf of) {
        static const char *const keys[] = {
                [PRINCIPAL_GROUP] = "group",
                [PRINCIPAL_ORGANIZATION_GROUP] = "group",
                [PRINCIPAL_ENTRA_GROUP] = "entra_group",
                [PRINCIPAL_SERVICE_PRINCIPAL] = "service_principal",
        };
        YamlOut *map;

        if (listed->form == PRINCIPAL_USER || (of == LIST_OF_GROUPS && listed->form == PRINCIPAL_GROUP))
                return export_text(mem, listed->name);
        map = yaml_out_map(mem);
        yaml_out_set(map, keys[listed->form], export_text(mem, listed->name));
        if (listed->form == PRINCIPAL_ORGANIZATION_GROUP)
                yaml_out_set(map, "of", yaml_out_text(mem, "organization"));
        return map;
}

static YamlOut *write_list(Listing *listing, ListOf of) {
        Mem *mem = listing->project->export->mem;
        YamlOut *list = yaml_out_list(mem);

        if (listing->n > 1)
                qsort(listing->items, listing->n, sizeof *listing->items, compare_listed);
        for (size_t i = 0; i < listing->n; i++)
                if (i == 0 || compare_listed(&listing->items[i - 1], &listing->items[i]) != 0)
                        yaml_out_add(list, write_listed(mem, &listing->items[i], of))->remark = listing->items[i].remark;
        return list;
}

static void add_listed(Listing *listing, Index identity, const char *what) {
        Export *export = listing->project->export;
        const Identity *row = &export->live->identities[identity];
        Listed listed;

        if (find_form(listing->project, identity, &listed)) {
                *mem_push(export->mem, listing->items, listing->n) = listed;
                return;
        }
        listing->lacks_self |= identity == export->live->self_identity;
        if (!identity_exemption(row) || row->kind == IDENTITY_UNKNOWN)
                export_note(export, &listing->principal->notes, "%s whom this charter cannot name: %s", what,
                            export_display(export, identity));
}

/* --- groups it is in ---------------------------------------------------------------------------------------------- */

static bool may_be_in(const Export *export, Index group) {
        const Identity *row = &export->live->identities[group];

        return export->spec->may->administrators ||
               !(identity_is_administrators(row) || name_is_administrators_group(row->name ? row->name : ""));
}

static void list_groups(ExportProject *project, ExportPrincipal *principal) {
        Export *export = project->export;
        const Organisation *live = export->live;
        Listing listing = {.project = project, .principal = principal};
        size_t n;
        const Membership *containers = organisation_containers(live, principal->identity, &n);

        for (size_t i = 0; i < n; i++) {
                Index group = containers[i].container;
                Listed listed;

                if (live->identities[group].kind != IDENTITY_GROUP || identity_is_computed(&live->identities[group]))
                        continue;
                if (may_be_in(export, group) && find_group(project, group, &listed)) {
                        *mem_push(export->mem, listing.items, listing.n) = listed;
                        continue;
                }
                principal->has_groups_left = true;
                export_note(export, &principal->notes, "is in %s too, which this charter cannot say",
                            export_display(export, group));
        }
        /* The service's own groups are in what the service puts them into. */
        if (listing.n > 0 || principal->has_groups_left || !principal->is_builtin)
                principal->member_of = write_list(&listing, LIST_OF_GROUPS);
}

/* --- members ------------------------------------------------------------------------------------------------------ */

/* Its own `member_of` says it. */
static bool says_it_itself(const ExportProject *project, Index member) {
        const ExportPrincipal *principal = export_find_principal(project, member);

        return principal && principal->member_of;
}

static void list_members(ExportProject *project, ExportPrincipal *principal) {
        Export *export = project->export;
        const Identity *row = &export->live->identities[principal->identity];
        Listing listing = {.project = project, .principal = principal};
        size_t n;
        const Membership *members = organisation_members(export->live, principal->identity, &n);

        if (identity_is_computed(row))
                return;
        if (!row->members_known) {
                export_note(export, &principal->notes, "not all of its members could be read, so they are not governed");
                return;
        }
        for (size_t i = 0; i < n; i++)
                if (!says_it_itself(project, members[i].member))
                        add_listed(&listing, members[i].member, "a member");
        if (listing.lacks_self)
                export_note(export, &principal->notes, "its members are not governed: charterd's own identity is one");
        else
                principal->members = write_list(&listing, LIST_OF_PEOPLE);
}

/* --- administrators of teams -------------------------------------------------------------------------------------- */

static const AccessControlList *list_of_team(const ExportProject *project, const ExportPrincipal *team) {
        const Organisation *live = project->export->live;
        const char *root = live->projects[project->row].root_token[NAMESPACE_IDENTITY];
        char id[GUID_TEXT_SIZE];
        char *token;
        Index acl;

        if (!root)
                return NULL;
        guid_format(live->identities[team->identity].storage_key, id);
        token = mem_printf(NULL, "%s%c%s", root, live->permissions.items[NAMESPACE_IDENTITY].separator, id);
        acl = organisation_find_acl(live, NAMESPACE_IDENTITY, token);
        mem_free(token);
        return acl == INDEX_NONE ? NULL : &live->acls[acl];
}

static void list_admins(ExportProject *project, ExportPrincipal *team) {
        Export *export = project->export;
        const AccessControlList *list = list_of_team(project, team);
        Listing listing = {.project = project, .principal = team};

        for (size_t i = 0; list && i < list->n_entries; i++) {
                const AccessControlEntry *entry = &list->entries[i];

                if ((entry->allow & IDENTITY_ADMINISTRATOR_BITS) == IDENTITY_ADMINISTRATOR_BITS &&
                    entry->identity != team->identity &&
                    (entry->identity == export->live->self_identity ||
                     !identity_exemption(&export->live->identities[entry->identity])))
                        add_listed(&listing, entry->identity, "an administrator");
        }
        if (listing.lacks_self)
                export_note(export, &team->notes, "its administrators are not governed: charterd's own identity is one");
        else if (listing.n > 0)
                team->admins = write_list(&listing, LIST_OF_PEOPLE);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

void export_list_people(ExportProject *project) {
        for (size_t i = 0; i < project->n_principals; i++)
                if (!export_is_omitted(&project->principals[i], EXPORT_MEMBERSHIPS))
                        list_groups(project, &project->principals[i]);
        for (size_t i = 0; i < project->n_principals; i++) {
                ExportPrincipal *principal = &project->principals[i];

                if (!export_is_omitted(principal, EXPORT_MEMBERS))
                        list_members(project, principal);
                if (principal->is_team && !export_is_omitted(principal, EXPORT_ADMINS))
                        list_admins(project, principal);
        }
}
