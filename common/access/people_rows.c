/* SPDX-License-Identifier: Apache-2.0 */
/* People, in rows: the same that happens to the same people at things of one kind is told once. */
#include <stdlib.h>
#include <string.h>

#include "common/access/people_inside.h"
#include "common/base/arena.h"
#include "common/base/text.h"

enum {
        HASH_FACTOR = 31,
};

typedef struct Telling {
        const PeopleSpec *spec;
        const PeopleComparison *comparison;
        People *people;
        Arena *arena; /* of the people */
        Mem *scratch;
} Telling;

/* Facts of one list that say the same: of so many classes. */
typedef struct Run {
        size_t first, n;
        uint64_t hash; /* of the classes */
} Run;

/* --- order ------------------------------------------------------------------------------------ */

#define COMPARE(x, y)                       \
        do {                                \
                if ((x) != (y))             \
                        return (x) < (y) ? -1 : 1; \
        } while (0)

static int compare_heads(const PeopleComparison *comparison, const PeopleFact *a, const PeopleFact *b) {
        const PeopleThing *x = &comparison->things[a->list], *y = &comparison->things[b->list];

        COMPARE(a->owner, b->owner);
        COMPARE(a->verb, b->verb);
        COMPARE(x->kind, y->kind);
        COMPARE(y->is_root, x->is_root); /* roots first */
        COMPARE(comparison->difference->lists[a->list].space, comparison->difference->lists[b->list].space);
        COMPARE(a->bits, b->bits);
        return 0;
}

static int compare_facts(const void *a_, const void *b_, void *context) {
        const PeopleFact *a = a_, *b = b_;
        int r = compare_heads(context, a, b);

        if (r != 0)
                return r;
        COMPARE(a->list, b->list);
        COMPARE(a->class, b->class);
        return 0;
}

static int compare_runs(const void *a_, const void *b_, void *context) {
        const PeopleComparison *comparison = context;
        const Run *a = a_, *b = b_;
        const PeopleFact *x = &comparison->facts[a->first], *y = &comparison->facts[b->first];
        int r = compare_heads(comparison, x, y);

        if (r != 0)
                return r;
        COMPARE(a->n, b->n);
        COMPARE(a->hash, b->hash);
        for (size_t i = 0; i < a->n; i++)
                COMPARE(x[i].class, y[i].class);
        return 0;
}

static bool is_same_people(const PeopleComparison *comparison, const Run *a, const Run *b) {
        if (a->n != b->n || a->hash != b->hash)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (comparison->facts[a->first + i].class != comparison->facts[b->first + i].class)
                        return false;
        return true;
}

static Run *make_runs(Telling *telling, size_t *np) {
        const PeopleComparison *comparison = telling->comparison;
        Run *runs = NULL, *run = NULL;

        *np = 0;
        for (size_t i = 0; i < comparison->n_facts; i++) {
                const PeopleFact *fact = &comparison->facts[i];

                if (!run || compare_heads(comparison, &comparison->facts[run->first], fact) != 0 ||
                    comparison->facts[run->first].list != fact->list) {
                        run = mem_push(telling->scratch, runs, *np);
                        *run = (Run){.first = i};
                }
                run->n++;
                run->hash = run->hash * HASH_FACTOR + fact->class + 1;
        }
        return runs;
}

/* --- names ------------------------------------------------------------------------------------ */

static int compare_names(const char *x, const char *y) {
        int r = text_compare(x, y);

        return r != 0 ? r : strcmp(x, y);
}

/* So many names, of which the first few in order are kept. */
typedef struct Names {
        uint32_t n;
        size_t n_named;
        const char *named[ACCESS_PEOPLE_NAMES_MAX];
} Names;

static void add_name(Names *names, const char *name) {
        size_t at = names->n_named;

        names->n++;
        while (at > 0 && compare_names(name, names->named[at - 1]) < 0)
                at--;
        if (at == ACCESS_PEOPLE_NAMES_MAX)
                return;
        if (names->n_named < ACCESS_PEOPLE_NAMES_MAX)
                names->n_named++;
        for (size_t i = names->n_named - 1; i > at; i--)
                names->named[i] = names->named[i - 1];
        names->named[at] = name;
}

/* Below the people. */
static const char **keep_names(const Telling *telling, const Names *names, size_t *np) {
        const char **kept = names->n_named ? arena_alloc(telling->arena, names->n_named * sizeof *kept) : NULL;

        *np = names->n_named;
        for (size_t i = 0; i < names->n_named; i++)
                kept[i] = arena_strdup(telling->arena, names->named[i]);
        return kept;
}

/* Of a group that is not all known what it is, too. */
static const char *name_of(const Telling *telling, Mem *mem, Index principal) {
        const char *name = access_view_display(telling->spec->after, principal);
        const Identity *identity = access_view_identity(telling->spec->after, principal);

        if (!name)
                name = "without a name";
        if (!identity || identity->kind == IDENTITY_ENTRA_GROUP)
                return mem_printf(mem, "Entra group %s", name);
        if (identity->kind == IDENTITY_GROUP)
                return mem_printf(mem, "group %s", name);
        if (identity->kind == IDENTITY_UNKNOWN)
                return mem_printf(mem, "whatever %s is", name);
        return name;
}

static void add_people(const Telling *telling, Mem *mem, const PeopleClass *class, Names *known, Names *everyone) {
        for (size_t i = 0; i < class->n; i++)
                add_name(class->is_everyone ? everyone : known,
                         name_of(telling, mem, telling->comparison->members[class->first + i]));
}

/* --- rows ------------------------------------------------------------------------------------- */

static PeopleRow *add_row(Telling *telling, const PeopleFact *fact) {
        const PeopleComparison *comparison = telling->comparison;
        PeopleRow *row = mem_push(telling->people, telling->people->rows, telling->people->n_rows);

        *row = (PeopleRow){
                .owner = fact->owner,
                .verb = fact->verb,
                .kind = comparison->things[fact->list].kind,
                .is_root = comparison->things[fact->list].is_root,
                .space = comparison->difference->lists[fact->list].space,
                .bits = fact->bits,
        };
        return row;
}

static const char *name_thing(const Telling *telling, Mem *mem, const PeopleThing *thing, uint32_t owner) {
        return thing->owner == owner || !thing->project || thing->kind == KIND_PROJECT
                       ? thing->name
                       : mem_printf(mem, "%s in %s", thing->name, thing->project);
}

static void name_row(Telling *telling, Mem *mem, PeopleRow *row, const uint32_t *classes, const Run *runs,
                     size_t n_runs) {
        const PeopleComparison *comparison = telling->comparison;
        Names known = {0}, everyone = {0}, things = {0};

        for (size_t i = 0; i < comparison->n_classes; i++)
                if (classes[i] > 0)
                        add_people(telling, mem, &comparison->classes[i], &known, &everyone);
        for (size_t i = 0; i < n_runs; i++) /* each at another list */
                add_name(&things, name_thing(telling, mem, &comparison->things[comparison->facts[runs[i].first].list],
                                             row->owner));
        row->n_known = known.n;
        row->n_everyone = everyone.n;
        row->n_things = things.n;
        row->known = keep_names(telling, &known, &row->n_known_named);
        row->everyone = keep_names(telling, &everyone, &row->n_everyone_named);
        row->things = keep_names(telling, &things, &row->n_things_named);
}

/* So many things for each of the classes of a row; the same for all, or PEOPLE_EACH_SOME. */
static uint32_t each_of(const PeopleComparison *comparison, const uint32_t *classes, size_t n_runs) {
        uint32_t each = PEOPLE_EACH_ALL;

        for (size_t i = 0; i < comparison->n_classes; i++) {
                if (classes[i] == 0 || classes[i] == each)
                        continue;
                if (each != PEOPLE_EACH_ALL)
                        return PEOPLE_EACH_SOME;
                each = classes[i];
        }
        return each == n_runs ? PEOPLE_EACH_ALL : each;
}

/* One row of these runs. */
static void tell_runs(Telling *telling, const Run *runs, size_t n_runs) {
        const PeopleComparison *comparison = telling->comparison;
        Mem *mem = mem_alloc_zero(NULL, 1, "row");
        uint32_t *classes = mem_new_array(mem, uint32_t, comparison->n_classes + 1);
        PeopleRow *row = add_row(telling, &comparison->facts[runs->first]);

        for (size_t i = 0; i < n_runs; i++)
                for (size_t k = 0; k < runs[i].n; k++)
                        classes[comparison->facts[runs[i].first + k].class]++;
        row->each = each_of(comparison, classes, n_runs);
        name_row(telling, mem, row, classes, runs, n_runs);
        mem_free(mem);
}

/* Runs of one head: a row for each set of people, or one row for all of many. */
static void tell_head(Telling *telling, const Run *runs, size_t n_runs) {
        const PeopleComparison *comparison = telling->comparison;
        size_t n_sets = 1;

        for (size_t i = 1; i < n_runs; i++)
                n_sets += !is_same_people(comparison, &runs[i - 1], &runs[i]);
        if (n_sets > ACCESS_PEOPLE_ALIKE_MAX) {
                tell_runs(telling, runs, n_runs);
                return;
        }
        for (size_t i = 0, end; i < n_runs; i = end) {
                for (end = i + 1; end < n_runs && is_same_people(comparison, &runs[i], &runs[end]);)
                        end++;
                tell_runs(telling, &runs[i], end - i);
        }
}

static void tell_rows(Telling *telling) {
        const PeopleComparison *comparison = telling->comparison;
        size_t n_runs = 0;
        Run *runs = make_runs(telling, &n_runs);

        if (n_runs > 1)
                qsort_r(runs, n_runs, sizeof *runs, compare_runs, (void *)comparison);
        for (size_t i = 0, end; i < n_runs; i = end) {
                for (end = i + 1; end < n_runs && compare_heads(comparison, &comparison->facts[runs[i].first],
                                                                &comparison->facts[runs[end].first]) == 0;)
                        end++;
                tell_head(telling, &runs[i], end - i);
        }
}

static const char *first_of(const char **names, size_t n) {
        return n > 0 ? names[0] : "";
}

/* By what people see, whatever the numbers of rows and lists are. */
static int compare_rows(const void *a_, const void *b_) {
        const PeopleRow *a = a_, *b = b_;
        int r;

        COMPARE(a->owner, b->owner);
        COMPARE(a->verb, b->verb);
        COMPARE(a->kind, b->kind);
        COMPARE(b->is_root, a->is_root);
        COMPARE(a->space, b->space);
        COMPARE(b->n_known + b->n_everyone, a->n_known + a->n_everyone);
        COMPARE(a->bits, b->bits);
        r = text_compare(first_of(a->known, a->n_known_named), first_of(b->known, b->n_known_named));
        if (r == 0)
                r = text_compare(first_of(a->everyone, a->n_everyone_named),
                                 first_of(b->everyone, b->n_everyone_named));
        if (r == 0)
                r = text_compare(first_of(a->things, a->n_things_named), first_of(b->things, b->n_things_named));
        return r;
}

void people_sort(People *people) {
        if (people->n_rows > 1)
                qsort(people->rows, people->n_rows, sizeof *people->rows, compare_rows);
}

static void cut_rows(Telling *telling) {
        People *people = telling->people;
        size_t n = 0, n_of_owner = 0;

        for (size_t i = 0; i < people->n_rows; i++) {
                uint32_t owner = people->rows[i].owner;

                n_of_owner = i > 0 && people->rows[i - 1].owner == owner ? n_of_owner + 1 : 1;
                if (n_of_owner <= ACCESS_PEOPLE_ROWS_MAX)
                        people->rows[n++] = people->rows[i];
                else
                        people->n_left_out[owner]++;
        }
        people->n_rows = n;
}

/* --- losing all ------------------------------------------------------------------------------- */

static void tell_losing(Telling *telling, uint32_t owner) {
        const PeopleComparison *comparison = telling->comparison;
        PeopleLosing *losing = &telling->people->losing[owner];
        Mem *mem = mem_alloc_zero(NULL, 1, "losing");
        Names known = {0}, everyone = {0};

        for (size_t i = 0; i < comparison->n_classes; i++)
                if (comparison->loses[owner * comparison->n_classes + i])
                        add_people(telling, mem, &comparison->classes[i], &known, &everyone);
        losing->n_known = known.n;
        losing->n_everyone = everyone.n;
        losing->everyone = keep_names(telling, &everyone, &losing->n_everyone_named);
        mem_free(mem);
}

void people_tell(People *people, const PeopleSpec *spec, PeopleComparison *comparison) {
        Telling telling = {
                .spec = spec,
                .comparison = comparison,
                .people = people,
                .arena = arena_new(people),
                .scratch = mem_alloc_zero(NULL, 1, "telling"),
        };

        if (comparison->n_facts > 1)
                qsort_r(comparison->facts, comparison->n_facts, sizeof *comparison->facts, compare_facts, comparison);
        tell_rows(&telling);
        people_sort(people);
        cut_rows(&telling);
        for (uint32_t owner = 0; owner < spec->n_owners; owner++)
                tell_losing(&telling, owner);
        mem_free(telling.scratch);
}
