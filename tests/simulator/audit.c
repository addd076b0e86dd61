/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log of organisations: who changed what (facts §8). */
#include "tests/simulator/audit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/simulator/directory.h"

struct Audit {
        Array rows; /* AuditRow *, of all organisations */
        const Organization *organization; /* in which somebody acts; NULL: nobody does */
        AuditActor actor;
        const char *correlation;
        size_t n_named; /* rows before this one have the id of their request */
};

static Audit *audit_of(World *world) {
        if (!world->audit)
                world->audit = memory_alloc(sizeof(*world->audit));
        return world->audit;
}

void audit_deinit(World *world) {
        if (world->audit)
                array_deinit(&world->audit->rows);
        free(world->audit);
        world->audit = NULL;
}

const AuditRow *const *audit_rows(const World *world, size_t *np) {
        *np = world->audit ? world->audit->rows.n_items : 0;
        return world->audit ? (const AuditRow *const *)world->audit->rows.items : NULL;
}

static const char *keep(World *world, const char *text) {
        return text ? arena_copy(&world->arena, text) : NULL;
}

void audit_begin(World *world, const Organization *organization, const AuditActor *actor) {
        Audit *audit = audit_of(world);

        if (!world->options.auditing || world_is_server(world) || !actor->identity)
                return;
        audit->organization = organization;
        audit->actor = *actor;
        audit->correlation = NULL;
        audit->n_named = audit->rows.n_items;
}

void audit_end(World *world, const char *activity) {
        Audit *audit = world->audit;

        if (!audit || !audit->organization)
                return;
        for (size_t i = audit->n_named; i < audit->rows.n_items; i++)
                ((AuditRow *)audit->rows.items[i])->activity = keep(world, activity);
        audit->n_named = audit->rows.n_items;
        audit->organization = NULL;
}

static bool is_noted(const Organization *organization) {
        const Audit *audit = organization->world->audit;

        return audit && audit->organization == organization;
}

/* The texts of the actor are kept with the first thing it does. */
static void note(const AuditRow *spec) {
        World *world = spec->organization->world;
        Audit *audit = world->audit;
        AuditRow *row = arena_alloc(&world->arena, sizeof(*row));

        if (!audit->correlation) {
                audit->correlation = random_guid(&world->noise, &world->arena);
                audit->actor.address = keep(world, audit->actor.address);
                audit->actor.client = keep(world, audit->actor.client);
                audit->actor.mechanism = keep(world, audit->actor.mechanism);
        }
        *row = *spec;
        row->time = world->now;
        row->visible = world->now + world->options.audit_delay_ms;
        row->number = audit->rows.n_items + 1;
        row->actor = audit->actor;
        row->correlation = audit->correlation;
        row->token = keep(world, spec->token);
        row->descriptor = keep(world, spec->descriptor);
        array_add(&audit->rows, row);
}

void audit_note_entry(const AclTarget *target, AuditAction action, const char *descriptor, AuditMasks before,
                      AuditMasks after) {
        if (!is_noted(target->organization) || (before.allow == after.allow && before.deny == after.deny))
                return;
        note(&(AuditRow){.organization = target->organization,
                         .action = action,
                         .ns = target->ns,
                         .token = target->token,
                         .subject = directory_known_descriptor(target->organization, descriptor),
                         .descriptor = descriptor,
                         .before = before,
                         .after = after});
}

void audit_note_list(const AclTarget *target, AuditAction action) {
        if (is_noted(target->organization))
                note(&(AuditRow){.organization = target->organization,
                                 .action = action,
                                 .ns = target->ns,
                                 .token = target->token});
}

/* Groups of everybody fill by themselves. */
static bool is_of_everybody(const Identity *group) {
        return group->role == GROUP_PROJECT_VALID_USERS || group->role == GROUP_COLLECTION_VALID_USERS;
}

void audit_note_membership(const Organization *organization, AuditAction action, const Identity *member,
                           const Identity *group) {
        if (is_noted(organization) && !is_of_everybody(group))
                note(&(AuditRow){.organization = organization, .action = action, .group = group, .member = member});
}

void audit_note_group(const Organization *organization, AuditAction action, const Identity *group) {
        if (is_noted(organization) && group->kind == IDENTITY_GROUP)
                note(&(AuditRow){.organization = organization, .action = action, .group = group});
}

void audit_note_reading(const Organization *organization) {
        if (is_noted(organization))
                note(&(AuditRow){.organization = organization, .action = AUDIT_READ_LOG});
}
