/* SPDX-License-Identifier: Apache-2.0 */
/* Check: what `member_of` and `members` say of one edge. */
#include "common/base/text.h"
#include "config/circle.h"
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
        if (!principal || principal == group || !principal->member_of.mentioned || names_group(&principal->member_of, group->name))
                return;
        bind_error(binder, member->place,
                   "`%s` is to be a member of `%s`, but its `member_of` at %s:%u:%u leaves that group out",
                   principal->name, group->name, principal->member_of.place.file, principal->member_of.place.line,
                   principal->member_of.place.column);
}

typedef struct Edges {
        Mem *frame;
        Edge *items;
        size_t n;
} Edges;

/* From a member to its group: `one` is in what `list` names, or the other way round for `members`. */
typedef enum Direction {
        DIRECTION_UP,   /* `member_of` */
        DIRECTION_DOWN, /* `members` */
} Direction;

static void add_edges(Edges *edges, const DesiredProject *project, const DesiredPrincipal *one,
                      const PrincipalList *list, Direction direction) {
        size_t index = (size_t)(one - project->principals);

        for (size_t i = 0; i < list->n; i++) {
                const PrincipalName *name = &list->items[i];
                const DesiredPrincipal *other =
                        name->form == PRINCIPAL_GROUP ? desired_find_principal(project, name->name) : NULL;
                size_t to = other ? (size_t)(other - project->principals) : 0;

                if (other)
                        *mem_push(edges->frame, edges->items, edges->n) = (Edge){
                                .from = direction == DIRECTION_UP ? index : to,
                                .to = direction == DIRECTION_UP ? to : index,
                                .label = direction == DIRECTION_UP ? other->name : one->name,
                                .place = name->place,
                        };
        }
}

static void check_circles(Binder *binder, const DesiredProject *project) {
        Mem *frame = mem_new(NULL, char);
        Edges edges = {.frame = frame};

        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *one = &project->principals[i];

                add_edges(&edges, project, one, &one->member_of, DIRECTION_UP);
                add_edges(&edges, project, one, &one->members, DIRECTION_DOWN);
        }
        circles_tell(binder, "membership", edges.items, edges.n, project->n_principals);
        mem_free(frame);
}

void check_memberships(Binder *binder, const DesiredProject *project) {
        for (size_t i = 0; i < project->n_principals; i++) {
                const DesiredPrincipal *group = &project->principals[i];

                for (size_t k = 0; k < group->members.n; k++) {
                        const PrincipalName *member = &group->members.items[k];

                        if (member->form == PRINCIPAL_GROUP)
                                check_edge(binder, group, member, desired_find_principal(project, member->name));
                }
        }
        check_circles(binder, project);
}
