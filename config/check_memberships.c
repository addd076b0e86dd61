/* SPDX-License-Identifier: Apache-2.0 */
/* Check: what `member_of` and `members` say of one edge. */
#include "common/base/text.h"
#include "config/loading.h"

static bool names_group(const PrincipalList *list, const char *name) {
        for (size_t i = 0; i < list->n; i++)
                if (list->items[i].form == PRINCIPAL_GROUP && text_equal(list->items[i].name, name))
                        return true;
        return false;
}

/* `member_of` of the one leaves out a group whose `members` name it. */
static void check_edge(Binder *binder, const DesiredPrincipal *group, const PrincipalName *member,
                       const DesiredPrincipal *principal) {
        if (!principal || !principal->member_of.mentioned || names_group(&principal->member_of, group->name))
                return;
        bind_error(binder, member->place,
                   "`%s` is to be a member of `%s`, but its `member_of` at %s:%u:%u leaves that group out",
                   principal->name, group->name, principal->member_of.place.file, principal->member_of.place.line,
                   principal->member_of.place.column);
}

static void check_itself(Binder *binder, const DesiredPrincipal *principal, const PrincipalList *list) {
        for (size_t i = 0; i < list->n; i++)
                if (list->items[i].form == PRINCIPAL_GROUP && text_equal(list->items[i].name, principal->name))
                        bind_error(binder, list->items[i].place, "`%s` cannot be a member of itself", principal->name);
}

void check_memberships(Binder *binder, const DesiredProject *project) {
        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *group = &project->principals[i];

                check_itself(binder, group, &group->members);
                check_itself(binder, group, &group->member_of);
                for (size_t k = 0; k < group->members.n; k++) {
                        const PrincipalName *member = &group->members.items[k];

                        if (member->form == PRINCIPAL_GROUP)
                                check_edge(binder, group, member, desired_find_principal(project, member->name));
                }
        }
}
