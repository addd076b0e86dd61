/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix: what it costs to work out who has what on everything of a large project.
 *
 * usage: bench-matrix [PRINCIPALS ARTEFACTS [BOUND]]
 * One line with the seconds of CPU and the cells a second. Cells taken by chance are compared with
 * what the evaluator answers for them alone. Exits 1 when one differs, or when it takes longer than
 * BOUND seconds of CPU (none: no bound). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/access/sweep.h"

enum {
        PERSONS_A_TEAM = 3,
        MEMBERSHIPS_MAX = 3, /* teams of one person */
        ENTRA_GROUPS = 5,    /* whose members nobody knows */
        BUILT_IN_GROUPS = 4,
        ENTRIES_MAX = 6, /* of one list */
        BITS = 14,
        KINDS = 4,
        LEVELS = 3,   /* folders above an artefact of a nested kind, at most */
        BRANCHES = 8, /* artefacts of one folder */
        CHECKS = 20000,
};

typedef struct Bench {
        Organisation *live;
        size_t n_principals;
        size_t n_teams;
        size_t n_artefacts;
        Index *principals; /* teams, then persons */
        AccessPlace *things;
        Index built_in[BUILT_IN_GROUPS];
        Index entra[ENTRA_GROUPS];
} Bench;

static uint64_t chance_state = 0x9E3779B97F4A7C15;

static uint32_t chance(uint32_t below) {
        chance_state ^= chance_state << 13;
        chance_state ^= chance_state >> 7;
        chance_state ^= chance_state << 17;
        return (uint32_t)(chance_state >> 33) % below;
}

static Index add_identity(Bench *bench, IdentityKind kind) {
        size_t n = bench->live->n_identities + 1;
        Identity identity = {
                .kind = kind,
                .project = INDEX_NONE,
                .name = mem_printf(bench->live, "identity %zu", n),
                .members_known = kind != IDENTITY_ENTRA_GROUP,
                .containers_known = true,
        };

        memcpy(&identity.storage_key, &n, sizeof(n));
        return organisation_add_identity(bench->live, &identity);
}

static void add_principals(Bench *bench) {
        bench->principals = mem_new_array(bench->live, Index, bench->n_principals);
        for (size_t i = 0; i < BUILT_IN_GROUPS; i++)
                bench->built_in[i] = add_identity(bench, IDENTITY_GROUP);
        for (size_t i = 0; i < ENTRA_GROUPS; i++)
                bench->entra[i] = add_identity(bench, IDENTITY_ENTRA_GROUP);
        for (size_t i = 0; i < bench->n_principals; i++) {
                bool is_team = i < bench->n_teams;

                bench->principals[i] =
                        add_identity(bench, is_team ? IDENTITY_GROUP : IDENTITY_USER);
                if (is_team && chance(4) == 0)
                        organisation_add_membership(bench->live,
                                                    bench->built_in[chance(BUILT_IN_GROUPS)],
                                                    bench->principals[i]);
                for (uint32_t n = is_team ? 0 : 1 + chance(MEMBERSHIPS_MAX); n > 0; n--)
                        organisation_add_membership(
                                bench->live, bench->principals[chance((uint32_t)bench->n_teams)],
                                bench->principals[i]);
        }
}

/* Somebody who has no entry in the list yet; INDEX_NONE: the one taken by chance has. */
static Index somebody(const Bench *bench, const AccessControlList *acl) {
        uint32_t who = chance(8);
        Index identity = bench->principals[chance((uint32_t)bench->n_principals)];

        if (who < 2)
                identity = who ? bench->built_in[chance(BUILT_IN_GROUPS)]
                               : bench->entra[chance(ENTRA_GROUPS)];
        for (size_t i = 0; i < acl->n_entries; i++)
                if (acl->entries[i].identity == identity)
                        return INDEX_NONE;
        return identity;
}

static void set_list(Bench *bench, AccessPlace place, bool inherit, uint32_t n_entries) {
        AccessControlEntry entries[ENTRIES_MAX];
        AccessControlList acl = {
                .namespace = place.space,
                .inherit = inherit,
                .project = INDEX_NONE,
                .token = place.token,
                .entries = entries,
        };

        for (uint32_t i = 0; i < n_entries; i++) {
                Index identity = somebody(bench, &acl);
                uint32_t allow = chance(1 << BITS);
                uint32_t deny = chance(4) ? 0 : chance(1 << BITS) & ~allow;

                if (identity != INDEX_NONE)
                        entries[acl.n_entries++] = (AccessControlEntry){identity, allow, deny};
        }
        organisation_set_acl(bench->live, &acl);
}

static const char *token_of(Bench *bench, uint8_t space, size_t number) {
        const char *form = space == NAMESPACE_GIT ? "repoV2/p" : "p";
        char separator = bench->live->permissions.items[space].separator;
        const char *token = mem_strdup(bench->live, form);

        for (size_t level = 1 + number % LEVELS; space != NAMESPACE_GIT && level > 0; level--) {
                number /= BRANCHES;
                token = mem_printf(bench->live, "%s%c%zu", token, separator, number % BRANCHES);
        }
        return token;
}

static void add_artefacts(Bench *bench) {
        static const uint8_t spaces[KINDS] = {NAMESPACE_GIT, NAMESPACE_BUILD, NAMESPACE_CSS,
                                              NAMESPACE_ENVIRONMENT};
        size_t n_a_kind = bench->n_artefacts / KINDS + 1;

        bench->things = mem_new_array(bench->live, AccessPlace, bench->n_artefacts);
        set_list(bench, (AccessPlace){NAMESPACE_GIT, "repoV2"}, true, ENTRIES_MAX);
        for (size_t i = 0; i < bench->n_artefacts; i++) {
                AccessPlace *thing = &bench->things[i];

                thing->space = spaces[i / n_a_kind];
                thing->token = token_of(bench, thing->space, i);
                if (organisation_find_acl(bench->live, thing->space, thing->token) == INDEX_NONE)
                        set_list(bench, *thing, true, ENTRIES_MAX);
                thing->token =
                        mem_printf(bench->live, "%s%c%zu", thing->token,
                                   bench->live->permissions.items[thing->space].separator, i);
                if (chance(10))
                        set_list(bench, *thing, chance(20) != 0, 1 + chance(ENTRIES_MAX));
        }
}

/* What the sweep says of a cell taken by chance. */
typedef struct Check {
        size_t thing;
        size_t principal;
        AccessMasks masks;
} Check;

static int compare_checks(const void *a, const void *b) {
        const Check *x = a;
        const Check *y = b;

        if (x->thing != y->thing)
                return x->thing < y->thing ? -1 : 1;
        return x->principal < y->principal ? -1 : x->principal > y->principal;
}

static Check *make_checks(Bench *bench) {
        Check *checks = mem_new_array(bench->live, Check, CHECKS);

        for (size_t i = 0; i < CHECKS; i++) {
                checks[i].thing = chance((uint32_t)bench->n_artefacts);
                checks[i].principal = chance((uint32_t)bench->n_principals);
        }
        qsort(checks, CHECKS, sizeof(*checks), compare_checks);
        return checks;
}

static void note_row(const AccessSweepRow *row, Check *checks, size_t *atp) {
        size_t cell = 0;

        for (; *atp < CHECKS && checks[*atp].thing == row->thing; (*atp)++) {
                while (cell < row->n_cells && row->cells[cell].principal < checks[*atp].principal)
                        cell++;
                if (cell < row->n_cells && row->cells[cell].principal == checks[*atp].principal)
                        checks[*atp].masks = row->cells[cell].masks;
        }
}

static int check_cells(const Bench *bench, AccessView *view, const Check *checks) {
        int n_wrong = 0;

        for (size_t i = 0; i < CHECKS; i++) {
                AccessSubject *subject =
                        access_subject_new(NULL, view, bench->principals[checks[i].principal]);
                const AccessPlace *place = &bench->things[checks[i].thing];
                AccessMasks masks = access_evaluate(view, subject, place->space, place->token);

                n_wrong += memcmp(&masks, &checks[i].masks, sizeof(masks)) != 0;
                mem_free(subject);
        }
        if (n_wrong > 0)
                printf("matrix: %d of %d cells are not what the evaluator answers\n", n_wrong,
                       (int)CHECKS);
        return n_wrong > 0;
}

static double seconds(void) {
        return (double)clock() / CLOCKS_PER_SEC;
}

static int run(Bench *bench, double bound) {
        AccessView *view = access_view_new(bench->live, bench->live);
        const AccessSweepSpec spec = {view,          bench->principals,  bench->n_principals,
                                      bench->things, bench->n_artefacts, ACCESS_SWEEP_DECIDED};
        Check *checks = make_checks(bench);
        double start = seconds();
        AccessSweep *sweep = access_sweep_new(bench->live, &spec);
        double cells = (double)bench->n_principals * (double)bench->n_artefacts;
        AccessSweepState state = ACCESS_SWEEP_WORKING;
        AccessSweepRow row;
        double took = 0;
        size_t at = 0;
        size_t n_open = 0;
        size_t n_unknown = 0;

        while ((state = access_sweep_step(sweep, &row)) != ACCESS_SWEEP_END) {
                if (state == ACCESS_SWEEP_WORKING)
                        continue;
                for (size_t i = 0; i < row.n_cells; i++) {
                        n_open += row.cells[i].masks.allow != 0;
                        n_unknown += row.cells[i].masks.unknown != 0;
                }
                note_row(&row, checks, &at);
        }
        took = seconds() - start;
        printf("matrix: %zu principals x %zu artefacts: %.3f s of CPU, %.1f million cells a second; something open in %.0f %%, not known in %.0f %%; %.1f MiB beside the organisation\n",
               bench->n_principals, bench->n_artefacts, took, cells / (took > 0 ? took : 1) / 1e6,
               100 * (double)n_open / cells, 100 * (double)n_unknown / cells,
               (double)(mem_total(sweep) + mem_total(view)) / (1 << 20));
        if (bound > 0 && took > bound) {
                printf("matrix: beyond its bound of %.1f s\n", bound);
                return 1;
        }
        return check_cells(bench, view, checks);
}

int main(int argc, char **argv) {
        Bench bench = {
                .live = organisation_new(NULL, "https://dev.azure.com/contoso"),
                .n_principals = argc > 2 ? strtoul(argv[1], NULL, 10) : 1000,
                .n_artefacts = argc > 2 ? strtoul(argv[2], NULL, 10) : 5000,
        };
        int status = 0;

        if (bench.n_principals < 2 || bench.n_artefacts < 1) {
                fputs("usage: bench-matrix [PRINCIPALS ARTEFACTS [BOUND]]\n", stderr);
                return 64;
        }
        bench.n_teams = 1 + bench.n_principals / (1 + PERSONS_A_TEAM);
        add_principals(&bench);
        add_artefacts(&bench);
        organisation_seal(bench.live);
        status = run(&bench, argc > 3 ? strtod(argv[3], NULL) : 0);
        mem_free(bench.live);
        return status;
}
