/* SPDX-License-Identifier: Apache-2.0 */
/* Evaluate: the walk up from a token. */
#include <string.h>

#include "common/access/evaluate_inside.h"

static bool has_index(const Index *sorted, size_t n, Index index) {
        size_t low = 0;

        while (low < n) {
                size_t middle = low + (n - low) / 2;

                if (sorted[middle] == index)
                        return true;
                if (sorted[middle] < index)
                        low = middle + 1;
                else
                        n = middle;
        }
        return false;
}

bool access_subject_has(const AccessSubject *subject, Index identity) {
        return has_index(subject->items, subject->n, identity);
}

bool access_subject_may_have(const AccessSubject *subject, Index identity) {
        if (subject->maybe_anything)
                return !access_subject_has(subject, identity);
        return has_index(subject->maybe, subject->n_maybe, identity);
}

static const AccessControlEntry *find_entry(const AccessNode *node, Index identity) {
        const AccessControlList list = {
                .entries = (AccessControlEntry *)node->entries,
                .n_entries = node->n_entries,
        };

        return acl_find_entry(&list, identity);
}

/* What the entries of a sorted set of identities give at one level. */
static void gather(const AccessNode *node, const Index *set, size_t n, uint32_t *allowp,
                   uint32_t *denyp) {
        if (n < node->n_entries) {
                for (size_t i = 0; i < n; i++) {
                        const AccessControlEntry *entry = find_entry(node, set[i]);

                        *allowp |= entry ? entry->allow : 0;
                        *denyp |= entry ? entry->deny : 0;
                }
                return;
        }
        for (size_t i = 0; i < node->n_entries; i++) {
                if (!has_index(set, n, node->entries[i].identity))
                        continue;
                *allowp |= node->entries[i].allow;
                *denyp |= node->entries[i].deny;
        }
}

AccessBits access_bits_at(const AccessNode *node, const AccessSubject *subject) {
        AccessBits bits = {0};

        gather(node, subject->items, subject->n, &bits.allow, &bits.deny);
        if (subject->maybe_anything)
                for (size_t i = 0; i < node->n_entries; i++) {
                        bits.maybe_allow |= node->entries[i].allow;
                        bits.maybe_deny |= node->entries[i].deny;
                }
        else if (subject->n_maybe > 0)
                gather(node, subject->maybe, subject->n_maybe, &bits.maybe_allow, &bits.maybe_deny);
        return bits;
}

/* Bits whose Deny holds for administrators of the organisation too (facts §3.7, 4): pipelines;
 * deleting work items. */
static const uint32_t firm_denies[_NAMESPACE_N] = {
        [NAMESPACE_PROJECT] = 8192 | 32768,
        [NAMESPACE_BUILD] = UINT32_MAX,
};

uint32_t access_firm_denies(const AccessNode *node, bool is_administrator) {
        return node && is_administrator ? firm_denies[node->space] : UINT32_MAX;
}

AccessMasks access_evaluate_node(const AccessNode *node, const AccessSubject *subject) {
        uint32_t firm = access_firm_denies(node, subject->is_administrator);
        AccessOutcome outcome = {.open = UINT32_MAX};

        for (; node && outcome.open; node = node->up) {
                AccessBits bits = {0};

                if (node->is_cut) {
                        outcome.may_allow |= outcome.open;
                        break;
                }
                bits = access_bits_at(node, subject);
                outcome.may_deny |= outcome.open & (bits.deny | bits.maybe_deny);
                outcome.open &= ~bits.deny;
                outcome.may_allow |= outcome.open & (bits.allow | bits.maybe_allow);
                outcome.open &= ~bits.allow;
        }
        return access_outcome_masks(outcome, firm);
}

AccessMasks access_evaluate(AccessView *view, const AccessSubject *subject, uint8_t space,
                            const char *token) {
        return access_evaluate_node(access_view_node(view, space, token), subject);
}
