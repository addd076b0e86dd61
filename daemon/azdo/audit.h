/* SPDX-License-Identifier: Apache-2.0 */
/* Audit: the audit log of an organisation: who changed what (facts §8). */
#pragma once

#include "common/base/guid.h"
#include "daemon/flow/request.h"

enum {
        AUDIT_PAGE_SIZE = 200,
        AUDIT_PARTS_MAX = 256, /* subjects, tokens or memberships of one entry that are looked at */
};

/* What an entry says has changed; each is one form of its data. */
typedef enum AuditKind {
        AUDIT_OTHER,
        AUDIT_SUBJECTS, /* entries of `subjects` at `tokens`, or, without tokens, at all */
        AUDIT_LISTS,    /* whole lists of `tokens`, or, without tokens, all of the namespace */
        AUDIT_MEMBERSHIPS,
} AuditKind;

/* Whose entry: what the log calls it may be a descriptor of either kind, or its name. */
typedef struct AuditSubject {
        const char *descriptor; /* or NULL */
        const char *name;       /* `[MLOps]\Readers`, or NULL */
} AuditSubject;

typedef struct AuditMembership {
        Guid group, member; /* storage keys; null: not told */
        const char *group_name, *member_name; /* or NULL */
        bool is_added;
} AuditMembership;

/* Texts are as the service wrote them, and live during the visit. */
typedef struct AuditEntry {
        int64_t wall; /* when, ms since 1970 */
        const char *action; /* Security.ModifyPermission */
        const char *activity; /* of the request that did it, or NULL */
        Guid actor; /* storage key; null: none is told */
        const char *actor_name, *actor_account, *address, *client, *mechanism; /* or NULL */
        AuditKind kind;
        Guid space; /* of AUDIT_SUBJECTS, AUDIT_LISTS: the namespace */
        const char *const *tokens;
        size_t n_tokens;
        bool is_below_too; /* AUDIT_LISTS: of what is below the tokens, too */
        const AuditSubject *subjects;
        size_t n_subjects;
        const AuditMembership *memberships;
        size_t n_memberships;
} AuditEntry;

/* From that time on (ms since 1970), newest first, one entry for each event; continuation: of the page before, or NULL. */
Request audit_request(Mem *parent, int64_t from, const char *continuation);
/* Takes a page apart as its bytes arrive: each entry is visited and forgotten. */
typedef struct AuditReader AuditReader;
AuditReader *audit_reader_new(Mem *parent, void (*visit)(void *context, const AuditEntry *entry), void *context);
const Sink *audit_reader_sink(AuditReader *reader);
/* Once the page has ended; NULL, or a constant sentence. */
const char *audit_reader_error(const AuditReader *reader);
/* What asks for the next page, living as long as the reader; NULL: there is none. */
const char *audit_reader_continuation(const AuditReader *reader);
