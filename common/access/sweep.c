/* SPDX-License-Identifier: Apache-2.0 */
/* Sweep: rows of the matrix, evaluated from above, for all principals at once. */
#include "common/access/sweep.h"

#include <assert.h>
#include <string.h>

#include "common/access/evaluate_inside.h"

/* An identity counts for the principal at that place. */
typedef struct Pair {
        Index identity;
        uint32_t principal;
} Pair;

/* For whom an identity counts: those of identity i stand from first[i] to first[i + 1]. */
typedef struct Holders {
        Pair *pairs; /* while they are collected */
        size_t n_pairs;
        Index n_identities;
        uint32_t *first;
        uint32_t *items;
} Holders;

/* What every principal has at one node of the chain at hand. */
typedef struct Level {
        const AccessNode *node;
        AccessOutcome *outcomes;
} Level;

struct AccessSweep {
        AccessSweepSpec spec;
        uint64_t version;  /* of the view */
        size_t n_subjects; /* principals looked up */
        size_t n_swept;    /* things */
        Holders sure;
        Holders maybe;
        uint32_t *unbounded; /* principals of whose groups nothing is known */
        size_t n_unbounded;
        uint8_t *is_administrator;
        AccessOutcome *nothing; /* above every root */
        Level levels[ACCESS_LEVELS_MAX];
        size_t n_levels; /* of the chain at hand, from its root down */
        /* What one level says; all zero between levels but for those touched. */
        AccessBits *bits;
        uint32_t *touched;
        size_t n_touched;
        AccessSweepCell *cells; /* of the row before */
        size_t n_cells;
        const AccessNode *row_node;
        bool has_row;
};

AccessSweep *access_sweep_new(Mem *parent, const AccessSweepSpec *spec) {
        AccessSweep *sweep = mem_new(parent, AccessSweep);
        size_t n = spec->n_principals;

        sweep->spec = *spec;
        sweep->version = access_view_version(spec->view);
        if (n == 0)
                return sweep;
        sweep->is_administrator = mem_new_array(sweep, uint8_t, n);
        sweep->nothing = mem_new_array(sweep, AccessOutcome, n);
        for (size_t i = 0; i < n; i++)
                sweep->nothing[i].open = UINT32_MAX;
        sweep->bits = mem_new_array(sweep, AccessBits, n);
        sweep->touched = mem_new_array(sweep, uint32_t, n);
        sweep->cells = mem_new_array(sweep, AccessSweepCell, n);
        return sweep;
}

/* Who counts for whom */

static void collect(AccessSweep *sweep, Holders *holders, const Index *identities, size_t n) {
        for (size_t i = 0; i < n; i++) {
                *mem_push(sweep, holders->pairs, holders->n_pairs) =
                        (Pair){identities[i], (uint32_t)sweep->n_subjects};
                if (identities[i] >= holders->n_identities)
                        holders->n_identities = identities[i] + 1;
        }
}

static void collect_subject(AccessSweep *sweep) {
        AccessSubject *subject = access_subject_new(sweep, sweep->spec.view,
                                                    sweep->spec.principals[sweep->n_subjects]);

        collect(sweep, &sweep->sure, subject->items, subject->n);
        if (subject->maybe_anything)
                *mem_push(sweep, sweep->unbounded, sweep->n_unbounded) =
                        (uint32_t)sweep->n_subjects;
        else
                collect(sweep, &sweep->maybe, subject->maybe, subject->n_maybe);
        sweep->is_administrator[sweep->n_subjects] = subject->is_administrator;
        sweep->n_subjects++;
        mem_free(subject);
}

/* Pairs came by principal; they leave by identity, principal. */
static void order(AccessSweep *sweep, Holders *holders) {
        uint32_t *next = NULL;

        if (holders->n_pairs == 0)
                return;
        holders->first = mem_new_array(sweep, uint32_t, (size_t)holders->n_identities + 1);
        holders->items = mem_new_array(sweep, uint32_t, holders->n_pairs);
        for (size_t i = 0; i < holders->n_pairs; i++)
                holders->first[holders->pairs[i].identity + 1]++;
        for (Index i = 0; i < holders->n_identities; i++)
                holders->first[i + 1] += holders->first[i];
        next = mem_memdup(sweep, holders->first, holders->n_identities * sizeof(*next));
        for (size_t i = 0; i < holders->n_pairs; i++)
                holders->items[next[holders->pairs[i].identity]++] = holders->pairs[i].principal;
        mem_free(next);
        holders->pairs = mem_free(holders->pairs);
}

static const uint32_t *holders_of(const Holders *holders, Index identity, size_t *np) {
        *np = 0;
        if (identity >= holders->n_identities)
                return NULL;
        *np = holders->first[identity + 1] - holders->first[identity];
        return &holders->items[holders->first[identity]];
}

/* Levels */

static AccessBits *touch(AccessSweep *sweep, uint32_t principal) {
        AccessBits *bits = &sweep->bits[principal];

        if (!(bits->allow | bits->deny | bits->maybe_allow | bits->maybe_deny))
                sweep->touched[sweep->n_touched++] = principal;
        return bits;
}

static void gather_entry(AccessSweep *sweep, const AccessControlEntry *entry) {
        size_t n = 0;
        const uint32_t *principals = holders_of(&sweep->sure, entry->identity, &n);

        for (size_t i = 0; i < n; i++) {
                AccessBits *bits = touch(sweep, principals[i]);

                bits->allow |= entry->allow;
                bits->deny |= entry->deny;
        }
        principals = holders_of(&sweep->maybe, entry->identity, &n);
        for (size_t i = 0; i < n + sweep->n_unbounded; i++) {
                AccessBits *bits = touch(sweep, i < n ? principals[i] : sweep->unbounded[i - n]);

                bits->maybe_allow |= entry->allow;
                bits->maybe_deny |= entry->deny;
        }
}

/* Fills a level from the one above it. */
static void fill_level(AccessSweep *sweep, Level *level, const AccessOutcome *above) {
        const AccessNode *node = level->node;

        memcpy(level->outcomes, above, sweep->spec.n_principals * sizeof(*above));
        if (node->is_cut) {
                for (size_t i = 0; i < sweep->spec.n_principals; i++)
                        level->outcomes[i].may_allow = UINT32_MAX;
                return;
        }
        sweep->n_touched = 0;
        for (size_t i = 0; i < node->n_entries; i++)
                if (node->entries[i].allow | node->entries[i].deny)
                        gather_entry(sweep, &node->entries[i]);
        for (size_t i = 0; i < sweep->n_touched; i++) {
                uint32_t principal = sweep->touched[i];
                AccessOutcome *outcome = &level->outcomes[principal];

                *outcome = access_outcome_under(*outcome, sweep->bits[principal]);
                sweep->bits[principal] = (AccessBits){0};
        }
}

/* Makes the levels those of a node's chain; what it shares with the chain before stays. */
static const AccessOutcome *descend(AccessSweep *sweep, const AccessNode *node) {
        const AccessNode *chain[ACCESS_LEVELS_MAX];
        size_t n = 0;
        size_t n_shared = 0;

        for (; node; node = node->up) {
                assert(n < ACCESS_LEVELS_MAX);
                chain[n++] = node;
        }
        while (n_shared < n && n_shared < sweep->n_levels &&
               sweep->levels[n_shared].node == chain[n - 1 - n_shared])
                n_shared++;
        for (size_t i = n_shared; i < n; i++) {
                Level *level = &sweep->levels[i];

                if (!level->outcomes)
                        level->outcomes =
                                mem_new_array(sweep, AccessOutcome, sweep->spec.n_principals);
                level->node = chain[n - 1 - i];
                fill_level(sweep, level, i > 0 ? sweep->levels[i - 1].outcomes : sweep->nothing);
        }
        sweep->n_levels = n;
        return n > 0 ? sweep->levels[n - 1].outcomes : sweep->nothing;
}

/* Rows */

static void fill_cells(AccessSweep *sweep, const AccessNode *node) {
        const AccessOutcome *outcomes = descend(sweep, node);
        bool all = sweep->spec.detail == ACCESS_SWEEP_DECIDED;

        sweep->n_cells = 0;
        for (size_t i = 0; i < sweep->spec.n_principals; i++) {
                AccessMasks masks;

                if (!(outcomes[i].may_allow | outcomes[i].may_deny))
                        continue;
                masks = access_outcome_masks(outcomes[i],
                                             access_firm_denies(node, sweep->is_administrator[i]));
                if (masks.allow | masks.unknown | (all ? masks.deny : 0))
                        sweep->cells[sweep->n_cells++] = (AccessSweepCell){(uint32_t)i, masks};
        }
}

static void sweep_thing(AccessSweep *sweep, AccessSweepRow *rowp) {
        const AccessPlace *place = &sweep->spec.things[sweep->n_swept];
        const AccessNode *node =
                place->token ? access_view_node(sweep->spec.view, place->space, place->token)
                             : NULL;
        bool is_repeated = sweep->has_row && node == sweep->row_node;

        if (!is_repeated && sweep->spec.n_principals > 0)
                fill_cells(sweep, node);
        sweep->row_node = node;
        sweep->has_row = true;
        *rowp = (AccessSweepRow){sweep->n_swept++, sweep->cells, sweep->n_cells, is_repeated};
}

AccessSweepState access_sweep_step(AccessSweep *sweep, AccessSweepRow *rowp) {
        assert(sweep->version == access_view_version(sweep->spec.view));
        if (sweep->n_subjects < sweep->spec.n_principals) {
                collect_subject(sweep);
                if (sweep->n_subjects == sweep->spec.n_principals) {
                        order(sweep, &sweep->sure);
                        order(sweep, &sweep->maybe);
                }
                return ACCESS_SWEEP_WORKING;
        }
        if (sweep->n_swept == sweep->spec.n_things)
                return ACCESS_SWEEP_END;
        sweep_thing(sweep, rowp);
        return ACCESS_SWEEP_ROW;
}
