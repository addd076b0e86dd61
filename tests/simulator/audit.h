/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log of organisations: who changed what (facts §8). Guarded by World.lock. */
#pragma once

#include "tests/simulator/world.h"

typedef enum AuditAction {
        AUDIT_MODIFY_PERMISSION,
        AUDIT_REMOVE_PERMISSION,
        AUDIT_MODIFY_LISTS,
        AUDIT_REMOVE_LISTS,
        AUDIT_ADD_MEMBER,
        AUDIT_REMOVE_MEMBER,
        AUDIT_CREATE_GROUP,
        AUDIT_DELETE_GROUP,
        AUDIT_READ_LOG,
} AuditAction;

/* Who does what follows, and how it comes. */
typedef struct AuditActor {
        const Identity *identity; /* NULL: nobody, nothing is noted */
        const char *address;
        const char *client;    /* User-Agent */
        const char *mechanism; /* "PAT authorizationId: …" */
} AuditActor;

typedef struct AuditMasks {
        uint32_t allow, deny;
} AuditMasks;

/* One event; what it is about depends on the action. Times in ms since the epoch. */
typedef struct AuditRow {
        int64_t time;
        int64_t visible; /* from then on the log shows it */
        uint64_t number; /* in the order they came */
        const Organization *organization;
        AuditActor actor;
        const char *activity;    /* of the request; hands have their own */
        const char *correlation; /* the same for all events of one request or hand */
        AuditAction action;
        const Namespace *ns;
        const char *token;
        const Identity *subject; /* whose entry; NULL: of nobody known */
        const char *descriptor;  /* as it was written */
        AuditMasks before, after;
        const Identity *group, *member;
} AuditRow;

typedef struct Audit Audit;
void audit_deinit(World *world);

/* From now on what changes in the organisation is noted as done by the actor (its texts are copied), until
 * audit_end(), which gives the events the id of their request. */
void audit_begin(World *world, const Organization *organization, const AuditActor *actor);
void audit_end(World *world, const char *activity);

/* Nothing happens while nobody acts, and when nothing changed. */
void audit_note_entry(const AclTarget *target, AuditAction action, const char *descriptor, AuditMasks before,
                      AuditMasks after);
/* A list as a whole: its inheritance, or that it is gone. */
void audit_note_list(const AclTarget *target, AuditAction action);
void audit_note_membership(const Organization *organization, AuditAction action, const Identity *member,
                           const Identity *group);
void audit_note_group(const Organization *organization, AuditAction action, const Identity *group);
void audit_note_reading(const Organization *organization);

/* All rows, oldest first. */
const AuditRow *const *audit_rows(const World *world, size_t *np);
