/* SPDX-License-Identifier: Apache-2.0 */
/* People: those whom a difference concerns, compared where it concerns them. */
#include "common/access/people_inside.h"

#include <stdlib.h>
#include <string.h>

#include "common/access/evaluate_inside.h"
#include "common/base/text.h"

enum {
        HASH_FACTOR = 31,
};

/* --- whom it concerns ------------------------------------------------------------------------- */

typedef struct Gathering {
        const PeopleSpec *spec;
        const AccessDifference *difference;
        Mem *scratch;
        bool *is_seen; /* one a principal of `after` */
        size_t n_principals;
        Index *groups;
        size_t n_groups;
        Index *people; /* and groups that stand for everyone in them */
        size_t n_people;
} Gathering;

static bool is_closed_group(const PeopleSpec *spec, Index principal) {
        for (size_t i = 0; i < spec->n_closed_groups; i++)
                if (spec->closed_groups[i] == principal)
                        return true;
        return false;
}

static bool is_group(const Identity *identity) {
        return !identity || identity->kind == IDENTITY_GROUP || identity->kind == IDENTITY_ENTRA_GROUP ||
               identity->kind == IDENTITY_UNKNOWN;
}

/* Somebody may be in it who is not known. */
static bool stands_for_everyone(const PeopleSpec *spec, Index principal, const Identity *identity) {
        if (!identity)
                return is_closed_group(spec, principal);
        if (identity->kind == IDENTITY_UNKNOWN)
                return descriptor_class(identity->descriptor ? identity->descriptor
                                        : identity->subject  ? identity->subject
                                                             : "") != DESCRIPTOR_SERVICE;
        return is_group(identity) && !identity->members_known;
}

static void see(Gathering *gathering, Index principal) {
        const PeopleSpec *spec = gathering->spec;
        const Identity *identity;

        if (principal >= gathering->n_principals || gathering->is_seen[principal] || principal == spec->except)
                return;
        gathering->is_seen[principal] = true;
        identity = access_view_identity(spec->after, principal);
        if (identity && identity->kind == IDENTITY_SERVICE)
                return;
        if (!is_group(identity) || stands_for_everyone(spec, principal, identity))
                *mem_push(gathering->scratch, gathering->people, gathering->n_people) = principal;
        if (is_group(identity))
                *mem_push(gathering->scratch, gathering->groups, gathering->n_groups) = principal;
}

/* Valid Users of the organisation takes in those of every project. */
static void see_valid_users(Gathering *gathering) {
        const Organisation *live = access_view_organisation(gathering->spec->after);

        for (Index i = 0; i < live->n_identities; i++)
                if (live->identities[i].role == IDENTITY_ROLE_VALID_USERS && live->identities[i].merged == INDEX_NONE)
                        see(gathering, i);
}

static void see_levels(Gathering *gathering, AccessView *view, const DifferentList *list) {
        for (const AccessNode *node = access_view_node(view, list->space, list->token); node; node = node->up)
                for (size_t i = 0; i < node->n_entries; i++)
                        see(gathering, node->entries[i].identity);
}

/* Down from whoever is named or moved, by the members of either view. */
static void gather(Gathering *gathering) {
        const AccessDifference *difference = gathering->difference;
        AccessView *const views[] = {gathering->spec->before, gathering->spec->after};
        Index everybody = access_view_doubts(gathering->spec->after)->valid_users;

        for (size_t i = 0; i < difference->n_entries; i++)
                see(gathering, difference->entries[i].identity);
        for (size_t i = 0; i < difference->n_members; i++)
                see(gathering, difference->members[i].member);
        for (size_t i = 0; i < difference->n_flipped; i++)
                for (size_t v = 0; v < sizeof views / sizeof *views; v++)
                        see_levels(gathering, views[v], &difference->lists[difference->flipped[i]]);
        for (size_t at = 0; at < gathering->n_groups; at++) {
                if (gathering->groups[at] == everybody)
                        see_valid_users(gathering);
                for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
                        size_t n = 0;
                        bool known;
                        const Index *members = access_view_members(views[v], gathering->groups[at], &n, &known);

                        for (size_t i = 0; i < n; i++)
                                see(gathering, members[i]);
                }
        }
}

static void look_up(PeopleComparison *comparison, const PeopleSpec *spec, uint32_t list) {
        const DifferentList *at = &comparison->difference->lists[list];

        if (!comparison->things[list].name)
                comparison->things[list] = spec->thing(spec->context, at->space, at->token);
}

/* A new thing that inherits nothing takes nothing from anybody. */
static void forget_new_flags(PeopleComparison *comparison, const PeopleSpec *spec) {
        AccessDifference *difference = comparison->difference;
        size_t n = 0;

        for (size_t i = 0; i < difference->n_flipped; i++) {
                look_up(comparison, spec, difference->flipped[i]);
                if (!comparison->things[difference->flipped[i]].is_new)
                        difference->flipped[n++] = difference->flipped[i];
        }
        difference->n_flipped = n;
}

/* --- classes ---------------------------------------------------------------------------------- */

typedef struct Classing {
        const PeopleSpec *spec;
        PeopleComparison *comparison;
        Table table;
        uint32_t *class_of; /* by place among the people */
} Classing;

typedef struct Groups {
        const Index *items[2]; /* before, after */
        size_t n[2];
        bool known[2];
} Groups;

static Groups groups_of(const PeopleSpec *spec, Index principal) {
        Groups groups;

        groups.items[0] = access_view_containers(spec->before, principal, &groups.n[0], &groups.known[0]);
        groups.items[1] = access_view_containers(spec->after, principal, &groups.n[1], &groups.known[1]);
        return groups;
}

static uint64_t hash_groups(const Groups *groups) {
        uint64_t hash = 0;

        for (size_t v = 0; v < 2; v++) {
                for (size_t i = 0; i < groups->n[v]; i++)
                        hash = hash * HASH_FACTOR + groups->items[v][i] + 1;
                hash = hash * HASH_FACTOR + groups->n[v];
        }
        return hash;
}

static bool has_same_groups(const Groups *x, const Groups *y) {
        for (size_t v = 0; v < 2; v++)
                if (x->known[v] != y->known[v] || x->n[v] != y->n[v] ||
                    (x->n[v] > 0 && memcmp(x->items[v], y->items[v], x->n[v] * sizeof(Index)) != 0))
                        return false;
        return true;
}

/* Nothing counts for them but the groups they are in: no list names them, nor an unresolved identity that may be. */
static bool is_ordinary(const Classing *classing, Index principal) {
        const Identity *identity = access_view_identity(classing->spec->after, principal);

        return identity && !is_group(identity) && !classing->comparison->difference->is_named[principal] &&
               !(identity->descriptor && descriptor_tail(identity->descriptor));
}

/* What tells apart whom an unresolved identity may be. */
static bool is_alike(const Classing *classing, Index x, Index y) {
        const Identity *a = access_view_identity(classing->spec->after, x);
        const Identity *b = access_view_identity(classing->spec->after, y);

        return a->kind == b->kind && !a->descriptor == !b->descriptor;
}

static uint32_t add_class(Classing *classing, Index principal) {
        PeopleComparison *comparison = classing->comparison;
        const Identity *identity = access_view_identity(classing->spec->after, principal);

        *mem_push(comparison, comparison->classes, comparison->n_classes) =
                (PeopleClass){.principal = principal, .is_everyone = is_group(identity)};
        return (uint32_t)(comparison->n_classes - 1);
}

static uint32_t find_class(Classing *classing, Index principal) {
        PeopleComparison *comparison = classing->comparison;
        Groups groups, others;
        TableCursor cursor;
        uint32_t row;

        if (!is_ordinary(classing, principal))
                return add_class(classing, principal);
        groups = groups_of(classing->spec, principal);
        cursor = table_find(&classing->table, hash_groups(&groups));
        while ((row = table_next(&classing->table, &cursor)) != TABLE_NONE) {
                others = groups_of(classing->spec, comparison->classes[row].principal);
                if (is_alike(classing, principal, comparison->classes[row].principal) &&
                    has_same_groups(&groups, &others))
                        return row;
        }
        row = add_class(classing, principal);
        table_add(&classing->table, hash_groups(&groups), row);
        return row;
}

static void classify(PeopleComparison *comparison, const PeopleSpec *spec, const Gathering *gathering) {
        Classing classing = {.spec = spec, .comparison = comparison};
        size_t first = 0;

        table_init(&classing.table, gathering->scratch);
        classing.class_of = mem_new_array(gathering->scratch, uint32_t, gathering->n_people + 1);
        for (size_t i = 0; i < gathering->n_people; i++) {
                classing.class_of[i] = find_class(&classing, gathering->people[i]);
                comparison->classes[classing.class_of[i]].n++;
        }
        for (size_t i = 0; i < comparison->n_classes; i++) {
                comparison->classes[i].first = (uint32_t)first;
                first += comparison->classes[i].n;
                comparison->classes[i].n = 0;
        }
        comparison->n_members = gathering->n_people;
        comparison->members = mem_new_array(comparison, Index, gathering->n_people + 1);
        for (size_t i = 0; i < gathering->n_people; i++) {
                PeopleClass *class = &comparison->classes[classing.class_of[i]];

                comparison->members[class->first + class->n++] = gathering->people[i];
        }
}

/* --- comparing -------------------------------------------------------------------------------- */

typedef struct Comparing {
        const PeopleSpec *spec;
        PeopleComparison *comparison;
        uint32_t class;
        AccessSubject *before, *after;
        uint32_t *done; /* by list: the last class that was compared there, and one more */
        const AccessNode **nodes; /* by list: before, after */
        size_t n_compared;
        /* whose memberships brought the class to lists, or took it away; UINT32_MAX: not known, or none */
        uint32_t gains_by, loses_by;
} Comparing;

static void note(Comparing *comparing, uint32_t list, PeopleVerb verb, uint32_t bits, uint32_t owner) {
        PeopleComparison *comparison = comparing->comparison;

        if (!bits)
                return;
        if (comparison->n_facts >= ACCESS_PEOPLE_FACTS_MAX) {
                comparison->n_untold++;
                return;
        }
        *mem_push(comparison, comparison->facts, comparison->n_facts) =
                (PeopleFact){comparing->class, list, bits, owner, verb};
}

typedef enum Ground {
        GROUND_LIST,   /* an entry or the flag differs */
        GROUND_MEMBER, /* who is in it differs */
} Ground;

static uint32_t owner_of(const PeopleThing *thing, Ground ground, uint32_t by) {
        return ground == GROUND_LIST || by == UINT32_MAX ? thing->owner : by;
}

static void tell_masks(Comparing *comparing, uint32_t list, Ground ground, AccessMasks before, AccessMasks after) {
        PeopleComparison *comparison = comparing->comparison;
        const PeopleThing *thing = &comparison->things[list];
        uint32_t gains = after.allow & ~before.allow;
        uint32_t loses = before.allow & ~after.allow;
        uint32_t owner = owner_of(thing, ground, comparing->gains_by);

        note(comparing, list, PEOPLE_GAIN, gains & ~before.unknown, owner);
        note(comparing, list, PEOPLE_MAY_GAIN,
             (gains & before.unknown) | (after.unknown & ~before.allow & ~before.unknown), owner);
        if (thing->is_new)
                return;
        owner = owner_of(thing, ground, comparing->loses_by);
        note(comparing, list, before.allow && !after.allow && !after.unknown ? PEOPLE_LOSE_ALL : PEOPLE_LOSE,
             loses & ~after.unknown, owner);
        note(comparing, list, PEOPLE_MAY_LOSE,
             (loses & after.unknown) | (before.unknown & ~after.allow & ~after.unknown), owner);
        if (before.allow && !after.allow && owner < comparing->spec->n_owners)
                comparison->loses[owner * comparison->n_classes + comparing->class] = true;
}

static AccessMasks masks_at(const AccessNode *node, const AccessSubject *subject, uint32_t bits) {
        AccessMasks masks = access_evaluate_node(node, subject);

        return (AccessMasks){masks.allow & bits, masks.deny & bits, masks.unknown & bits};
}

static void compare_at(Comparing *comparing, uint32_t list, Ground ground) {
        PeopleComparison *comparison = comparing->comparison;
        const PeopleSpec *spec = comparing->spec;
        const DifferentList *at = &comparison->difference->lists[list];
        const PermissionNamespace *space = &access_view_organisation(spec->after)->permissions.items[at->space];
        const AccessNode **nodes = &comparing->nodes[list * 2];

        if (comparing->done[list] == comparing->class + 1)
                return;
        if (comparing->done[list] == 0) {
                look_up(comparison, spec, list);
                nodes[0] = access_view_node(spec->before, at->space, at->token);
                nodes[1] = access_view_node(spec->after, at->space, at->token);
                if (at->is_flipped && comparison->things[list].is_new)
                        nodes[0] = NULL; /* nothing comes down to it */
        }
        comparing->done[list] = comparing->class + 1;
        if (comparing->n_compared >= ACCESS_PEOPLE_COMPARISONS_MAX) {
                comparison->n_uncompared++;
                return;
        }
        comparing->n_compared++;
        tell_masks(comparing, list, ground, masks_at(nodes[0], comparing->before, permission_settable(space)),
                   masks_at(nodes[1], comparing->after, permission_settable(space)));
}

static void compare_entries(Comparing *comparing, const AccessSubject *subject) {
        const AccessDifference *difference = comparing->comparison->difference;

        for (size_t i = 0; i < subject->n; i++) {
                size_t n = 0;
                const DifferentTouch *touches = access_difference_find(difference->entries, difference->n_entries,
                                                                       subject->items[i], &n);

                for (size_t k = 0; k < n; k++)
                        compare_at(comparing, touches[k].list, GROUND_LIST);
        }
}

/* Where the groups have entries that the one is in and the other is not. */
static void compare_moved(Comparing *comparing, const AccessSubject *one, const AccessSubject *other) {
        const AccessDifference *difference = comparing->comparison->difference;

        for (size_t i = 0; i < one->n; i++) {
                size_t n = 0;
                const DifferentTouch *touches;

                if (access_subject_has(other, one->items[i]))
                        continue;
                touches = access_difference_find(difference->moved, difference->n_moved, one->items[i], &n);
                for (size_t k = 0; k < n; k++)
                        compare_at(comparing, touches[k].list, GROUND_MEMBER);
        }
}

/* Whose membership the one has and the other has not. */
static uint32_t find_owner(const Comparing *comparing, const AccessSubject *one, const AccessSubject *other) {
        const AccessDifference *difference = comparing->comparison->difference;

        for (size_t i = 0; i < one->n; i++) {
                size_t n = 0;
                const DifferentMember *members = access_difference_find_members(difference, one->items[i], &n);

                for (size_t k = 0; k < n; k++) {
                        uint32_t owner;

                        if (!access_subject_has(one, members[k].container) ||
                            access_subject_has(other, members[k].container))
                                continue;
                        owner = comparing->spec->owner_of_member(comparing->spec->context, members[k].container,
                                                                 members[k].member);
                        if (owner != UINT32_MAX)
                                return owner;
                }
        }
        return UINT32_MAX;
}

static void compare_class(Comparing *comparing) {
        const PeopleComparison *comparison = comparing->comparison;
        Mem *frame = mem_alloc_zero(NULL, 1, "class");
        Index principal = comparison->classes[comparing->class].principal;

        comparing->before = access_subject_new(frame, comparing->spec->before, principal);
        comparing->after = access_subject_new(frame, comparing->spec->after, principal);
        comparing->gains_by = find_owner(comparing, comparing->after, comparing->before);
        comparing->loses_by = find_owner(comparing, comparing->before, comparing->after);
        compare_entries(comparing, comparing->before);
        compare_entries(comparing, comparing->after);
        for (size_t i = 0; i < comparison->difference->n_flipped; i++)
                compare_at(comparing, comparison->difference->flipped[i], GROUND_LIST);
        compare_moved(comparing, comparing->before, comparing->after);
        compare_moved(comparing, comparing->after, comparing->before);
        mem_free(frame);
}

static void compare_all(PeopleComparison *comparison, const PeopleSpec *spec, Mem *scratch) {
        Comparing comparing = {.spec = spec, .comparison = comparison};
        size_t n_lists = comparison->difference->n_lists;

        comparison->loses = mem_new_array(comparison, bool, spec->n_owners * comparison->n_classes + 1);
        comparing.done = mem_new_array(scratch, uint32_t, n_lists + 1);
        comparing.nodes = mem_new_array(scratch, const AccessNode *, n_lists * 2 + 1);
        for (size_t i = 0; i < comparison->n_classes; i++) {
                comparing.class = (uint32_t)i;
                compare_class(&comparing);
        }
}

PeopleComparison *people_compare(Mem *parent, const PeopleSpec *spec) {
        PeopleComparison *comparison = mem_new(parent, PeopleComparison);
        Gathering gathering = {.spec = spec, .scratch = mem_alloc_zero(NULL, 1, "Gathering")};

        comparison->difference = access_difference_new(comparison, spec->before, spec->after);
        gathering.difference = comparison->difference;
        comparison->things = mem_new_array(comparison, PeopleThing, comparison->difference->n_lists + 1);
        forget_new_flags(comparison, spec);
        gathering.n_principals = access_view_count_principals(spec->after);
        gathering.is_seen = mem_new_array(gathering.scratch, bool, gathering.n_principals + 1);
        gather(&gathering);
        classify(comparison, spec, &gathering);
        compare_all(comparison, spec, gathering.scratch);
        mem_free(gathering.scratch);
        return comparison;
}

People *access_people_new(Mem *parent, const PeopleSpec *spec) {
        People *people = mem_new(parent, People);
        PeopleComparison *comparison = people_compare(NULL, spec);

        people->n_left_out = mem_new_array(people, uint32_t, spec->n_owners + 1);
        people->losing = mem_new_array(people, PeopleLosing, spec->n_owners + 1);
        people->n_untold = comparison->n_untold;
        people->n_uncompared = comparison->n_uncompared;
        people_tell(people, spec, comparison);
        mem_free(comparison);
        return people;
}
