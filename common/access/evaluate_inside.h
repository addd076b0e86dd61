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

bool access_subject_has(const AccessSubject *subject, Index identity);
bool access_subject_may_have(const AccessSubject *subject, Index identity);
AccessBits access_bits_at(const AccessNode *node, const AccessSubject *subject);
/* node: access_view_node(); NULL: no list at all. */
AccessMasks access_evaluate_node(const AccessNode *node, const AccessSubject *subject);

/* The entry an answer rests on. */
typedef struct AccessGround {
        const AccessNode *node; /* NULL: none */
        Index holder;
        bool is_deny;
} AccessGround;
AccessAnswer access_answer_of(AccessMasks masks, uint32_t bit);
AccessGround access_find_ground(const AccessNode *node, const AccessSubject *subject, uint32_t bit,
                                AccessAnswer answer);
