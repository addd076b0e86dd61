/* SPDX-License-Identifier: Apache-2.0 */
/* Sought: a drift whose author is looked for in the audit log. */
#pragma once

#include "common/model/organisation.h"
#include "daemon/azdo/audit.h"
#include "daemon/plan/author.h"
#include "daemon/plan/plan.h"

enum {
        SOUGHT_SKEW_MS = 10 * 1000,   /* by which the clocks of the service and of this machine may differ */
        SOUGHT_SETTLED_MS = 2 * 1000, /* what charterd wrote so long before a survey was of an earlier pass */
};

/* Somebody, as the log may call him. */
typedef struct SoughtName {
        Guid key; /* null: not known */
        const char *descriptor, *subject, *display; /* or NULL */
} SoughtName;

/* An entry or a membership that would be the drift; any one of a drift's. */
typedef struct SoughtPart {
        bool is_membership;
        bool is_added; /* of a membership: otherwise it was taken */
        SoughtName who;
        SoughtName group; /* of a membership */
        Guid space;       /* of an entry */
        const char *token;
        char separator;
        bool is_whole; /* inheritance: whoever's entry */
} SoughtPart;

typedef struct Sought {
        AuthorKey key;
        bool has_key; /* what plans say of the key is said of this one; else a later one has it */
        const char *project;
        const char *what; /* for people */
        char *change_id;  /* NULL: not begun, or a finding */
        Author *author;   /* once it is settled */
        SoughtPart *parts;
        size_t n_parts;
        int64_t since; /* wall ms: it came later */
        int64_t begun; /* wall ms: the survey that showed it */
        int64_t seen;  /* wall ms: it came earlier */
        bool is_settled;
        bool is_recorded; /* by a record that names its change */
        bool is_in_plan;
        bool is_barred; /* the log was read back to what charterd itself did there before */
} Sought;

/* All of it lives below parent. Without parts: the audit log tells nothing of such steps. */
Sought *sought_of_step(Mem *parent, const Organisation *live, const Step *step);
/* Of one that says by which groups and which entry somebody can do something; NULL without. */
Sought *sought_of_finding(Mem *parent, const Organisation *live, const Finding *finding);

/* Of an intent that an ended process left without an answer; NULL: it is none. Its names are not whole before
 * sought_resolve(). */
Sought *sought_of_intent(Mem *parent, const JsonNode *intent);
void sought_resolve(Sought *sought, const Organisation *live);

typedef enum SoughtMatch {
        SOUGHT_OTHER,
        SOUGHT_FOUND,
        SOUGHT_OWN,     /* charterd did it, in this pass or later: it says nothing of the drift */
        SOUGHT_BARRED,  /* charterd did it before: what is older did not bring the drift about */
} SoughtMatch;
/* self: charterd's own storage key. Entries come newest first. */
SoughtMatch sought_match(const Sought *sought, Guid self, const AuditEntry *entry);
