/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluate, inside: one level, one node. */
#pragma once

#include "common/access/evaluate.h"
#include "common/access/view_inside.h"

/* What one level says of a subject; `maybe`: what it may say besides. */
typedef struct AccessBits {
        uint32_t allow;
        uint32_t deny;
        uint32_t maybe_allow;
        uint32_t maybe_deny;
} AccessBits;

bool access_subject_may_have(const AccessSubject *subject, Index identity);
AccessBits access_bits_at(const AccessNode *node, const AccessSubject *subject);
/* node: access_view_node(); NULL: no list at all. */
AccessMasks access_evaluate_node(const AccessNode *node, const AccessSubject *subject);

/* Outcomes that are possible at a node, bit by bit. */
typedef struct AccessOutcome {
        uint32_t may_allow;
        uint32_t may_deny;
        uint32_t open; /* may not be set at all */
} AccessOutcome;

/* What a level makes of what comes from above. */
static inline AccessOutcome access_outcome_under(AccessOutcome above, AccessBits bits) {
        uint32_t undecided = ~(bits.deny | bits.allow);

        return (AccessOutcome){
                .may_allow = ~bits.deny & (bits.allow | bits.maybe_allow | above.may_allow),
                .may_deny = bits.deny | bits.maybe_deny | (undecided & above.may_deny),
                .open = undecided & above.open,
        };
}

/* firm: Denies that hold for the subject; access_firm_denies(). */
static inline AccessMasks access_outcome_masks(AccessOutcome outcome, uint32_t firm) {
        uint32_t may_allow = outcome.may_allow | (outcome.may_deny & ~firm);

        return (AccessMasks){
                .allow = may_allow & ~outcome.may_deny & ~outcome.open,
                .deny = outcome.may_deny & ~may_allow & ~outcome.open,
                .unknown = may_allow & (outcome.may_deny | outcome.open),
        };
}

uint32_t access_firm_denies(const AccessNode *node, bool is_administrator);

/* The entry an answer rests on. */
typedef struct AccessGround {
        const AccessNode *node; /* NULL: none */
        Index holder;
        bool is_deny;
} AccessGround;
AccessAnswer access_answer_of(AccessMasks masks, uint32_t bit);
AccessGround access_find_ground(const AccessNode *node, const AccessSubject *subject, uint32_t bit,
                                AccessAnswer answer);
