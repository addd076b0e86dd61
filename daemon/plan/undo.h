/* SPDX-License-Identifier: Apache-2.0 */
/* Undo: the reverse of a recorded change, against what is live. */
#pragma once

#include "common/base/guid.h"
#include "common/model/organisation.h"
#include "daemon/plan/step.h"

typedef struct UndoMasks {
        uint32_t allow;
        uint32_t deny;
} UndoMasks;

/* A list of areas as a change found it, or left it. */
typedef struct UndoAreas {
        const TeamArea *items; /* the default first; no items: it had none */
        size_t n;
} UndoAreas;

/* What is known of the change's end. */
typedef enum UndoEnd {
        UNDO_DONE,
        UNDO_UNCERTAIN, /* unknown, unconfirmed: undone only where live is just what it was to leave */
} UndoEnd;

/* A change as the ledger tells it. */
typedef struct UndoRecord {
        const char *change_id;
        const char *organization;
        const char *time; /* of its intent */
        UndoEnd end;
        StepVerb verb;
        const char *project; /* DESIRED_ORGANIZATION: a group of the organisation */
        Kind kind;
        const char *name;
        const char *principal, *container; /* for people; or NULL */
        Guid principal_key, container_key; /* null: none */
        int space;                         /* NamespaceIndex, -1: none */
        const char *token;
        UndoMasks before, after;
        bool inherit_before;
        bool has_areas;
        UndoAreas areas_before, areas_after;
        bool has_pipelines;
        bool is_opening;           /* pipelines were let in, not shut out */
        bool all_pipelines;        /* all at once, too */
        const uint32_t *pipelines; /* ids */
        size_t n_pipelines;
} UndoRecord;

/* Of what the change turned, bit by bit, back to `before` what is still as it left it; all else stays as it is live.
 * `never` are bits that the service reserves. */
UndoMasks undo_masks(UndoMasks before, UndoMasks after, UndoMasks live, uint32_t never);

struct Plan;
/* The organisation as it will be once the steps of the plan are done; sealed again. */
void undo_fold(const struct Plan *undo, Organisation *live);
/* Findings of the plan for what the charter's own plan, made from that organisation, would change again. */
void undo_foresee(struct Plan *undo, const struct Plan *charter);
