/* SPDX-License-Identifier: Apache-2.0 */
/* Related: whether taking from one principal might cost somebody what another is still to be given. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/engine/related.h"

/* Everybody in a principal, itself included, as a set of bits; kept from question to question. */
typedef struct Within {
        Index identity;
        bool everybody;
        uint64_t *bits;
} Within;

struct Related {
        const Organisation *live;
        const Plan *plan;
        Within *rows;
        size_t n_rows;
        size_t n_words;
        Index *queue;
};

Related *related_new(Mem *parent, const Organisation *live, const Plan *plan) {
        Related *related = mem_new(parent, Related);

        related->live = live;
        related->plan = plan;
        related->n_words = (live->n_identities + 63) / 64 + 1;
        related->queue = mem_new_array(related, Index, live->n_identities + 1);
        return related;
}

static bool is_in(const Within *within, Index identity) {
        return within->bits[identity / 64] >> (identity % 64) & 1;
}

static void enter(Related *related, Within *within, Index identity, size_t *np) {
        if (identity >= related->live->n_identities || is_in(within, identity))
                return;
        within->bits[identity / 64] |= UINT64_C(1) << (identity % 64);
        related->queue[(*np)++] = identity;
}

static void enter_members(Related *related, Within *within, Index container, size_t *np) {
        const Identity *identity = &related->live->identities[container];
        size_t n;
        const Membership *members = organisation_members(related->live, container, &n);

        if (identity->kind == IDENTITY_ENTRA_GROUP ||
            (identity->kind == IDENTITY_GROUP && !identity->members_known && !identity->assumed))
                within->everybody = true;
        for (size_t i = 0; i < n; i++)
                enter(related, within, members[i].member, np);
        for (size_t i = 0; i < related->plan->n_steps; i++) {
                const Step *step = &related->plan->steps[i];

                if (step->verb == STEP_ADD_MEMBER && step->container.identity == container)
                        enter(related, within, step->principal.identity, np);
        }
}

static const Within *within_of(Related *related, Index identity) {
        Within *within;
        size_t n = 0;

        for (size_t i = 0; i < related->n_rows; i++)
                if (related->rows[i].identity == identity)
                        return &related->rows[i];
        within = mem_push(related, related->rows, related->n_rows);
        within->identity = identity;
        within->bits = mem_new_array(related, uint64_t, related->n_words);
        enter(related, within, identity, &n);
        for (size_t i = 0; i < n; i++)
                enter_members(related, within, related->queue[i], &n);
        return within;
}

bool related_touch(Related *related, const StepPrincipal *a, const StepPrincipal *b) {
        const Within *within_a, *within_b;
        uint64_t *bits_a;
        bool everybody;

        if (a->identity == INDEX_NONE || b->identity == INDEX_NONE)
                return a->display && b->display && text_equal(a->display, b->display);
        if (a->identity == b->identity)
                return true;
        within_a = within_of(related, a->identity);
        bits_a = within_a->bits;
        everybody = within_a->everybody;
        within_b = within_of(related, b->identity); /* the rows may have moved */
        if (everybody || within_b->everybody)
                return true;
        for (size_t i = 0; i < related->n_words; i++)
                if (bits_a[i] & within_b->bits[i])
                        return true;
        return false;
}
