/* SPDX-License-Identifier: Apache-2.0 */
/* RecordMatrix: a matrix of what was stored. */
#include "common/access/record_matrix.h"

#include "common/access/record_compare.h"
#include "common/access/telling.h"

typedef struct Builder {
        AccessMatrix *matrix;
        const AccessRecord *record;
        AccessRecordFilter filter;
} Builder;

/* What is shown of a kind. */
typedef struct Shown {
        const AccessRecordKind *kind;
        AccessWord words[ACCESS_RECORD_WORDS_MAX];
        size_t n;
} Shown;

static const AccessWord *find_mark(const AccessRecordKind *kind, char mark) {
        for (size_t i = 0; i < kind->n_words; i++)
                if (kind->words[i].mark == mark)
                        return &kind->words[i];
        return NULL;
}

/* What stands in a table, as a live one has it: what told then and does so no more stands behind it. */
static void show_tellings(Shown *shown) {
        size_t n = 0, n_words = shown->kind->n_words;
        const AccessTelling *tellings = access_tellings(shown->kind->kind, &n);

        for (size_t i = 0; i < n; i++) {
                const AccessWord *word = find_mark(shown->kind, tellings[i].mark);

                if (word && shown->n < ACCESS_RECORD_WORDS_MAX)
                        shown->words[shown->n++] = (AccessWord){word->bit, word->mark, tellings[i].word};
        }
        for (size_t i = 0; i < n_words && shown->n < ACCESS_RECORD_WORDS_MAX; i++) {
                const AccessWord *word = &shown->kind->words[i];
                bool is_left_out = word->mark == ACCESS_RECORD_NO_MARK;

                for (size_t k = 0; k < n && !is_left_out; k++)
                        is_left_out = tellings[k].mark == word->mark;
                if (!is_left_out)
                        shown->words[shown->n++] = *word;
        }
}

static Shown shown_of(const Builder *builder, Kind kind) {
        Shown shown = {.kind = access_record_find_kind(builder->record, kind)};

        if (!shown.kind)
                return shown;
        if (!builder->matrix->is_explanation)
                show_tellings(&shown);
        else
                for (; shown.n < shown.kind->n_words; shown.n++)
                        shown.words[shown.n] = shown.kind->words[shown.n];
        return shown;
}

static const char *tell_reason(const Builder *builder, const AccessRecordKind *kind, const AccessRecordThing *thing,
                               const AccessRecordPrincipal *principal, AccessAnswer answer) {
        if (!kind->is_read)
                return mem_printf(builder->matrix, "entries of %s were not read", kind_row(kind->kind)->key);
        if (answer == ACCESS_UNKNOWN)
                return "it was not known then";
        if (answer == ACCESS_CLOSED && !principal->exists)
                return "the principal did not exist";
        return answer == ACCESS_CLOSED && !thing->exists ? "it did not exist" : NULL;
}

static void add_cells(Builder *builder, const Shown *shown, const AccessRecordThing *thing,
                      const AccessRecordPrincipal *principal) {
        AccessRights rights = access_record_rights(builder->record, thing, principal->name);

        for (size_t i = 0; i < shown->n; i++) {
                const AccessWord *word = &shown->words[i];
                AccessCell *cell = mem_push(builder->matrix, builder->matrix->cells, builder->matrix->n_cells);

                cell->permission = word->word;
                cell->mark = word->mark;
                cell->live = rights.allow & word->bit     ? ACCESS_OPEN
                             : rights.unknown & word->bit ? ACCESS_UNKNOWN
                                                          : ACCESS_CLOSED;
                cell->reason = tell_reason(builder, shown->kind, thing, principal, cell->live);
        }
}

static bool is_asked(const Builder *builder, const AccessRecordPrincipal *principal) {
        return !builder->filter.principal || text_equal(builder->filter.principal, principal->name);
}

static void add_thing(Builder *builder, AccessTable *table, const AccessRecordThing *thing) {
        AccessMatrix *matrix = builder->matrix;
        Shown shown = shown_of(builder, thing->kind);
        size_t n = shown.n;

        if (n == 0 || !access_record_filter_thing(&builder->filter, builder->record, thing))
                return;
        if (matrix->n_cells + n * table->n_principals > ACCESS_CELLS_MAX) {
                matrix->n_left_out += n * table->n_principals;
                return;
        }
        *mem_push(matrix, table->things, table->n_things) =
                (AccessThing){thing->kind, thing->name, thing->owner, n, matrix->n_cells};
        for (size_t i = 0; i < builder->record->n_principals; i++)
                if (is_asked(builder, &builder->record->principals[i]))
                        add_cells(builder, &shown, thing, &builder->record->principals[i]);
}

static void add_record(Builder *builder, const AccessStored *stored) {
        AccessMatrix *matrix = builder->matrix;
        const AccessRecord *record = stored->record;
        AccessTable table = {.project = record->head.project,
                             .seen = {record->head.pass, record->head.wall, stored->confirmed, stored->until}};

        builder->record = record;
        for (size_t i = 0; i < record->n_principals; i++)
                if (is_asked(builder, &record->principals[i]))
                        *mem_push(matrix, table.principals, table.n_principals) = record->principals[i].name;
        for (size_t i = 0; i < record->n_things && table.n_principals > 0; i++)
                add_thing(builder, &table, &record->things[i]);
        if (table.n_things > 0)
                *mem_push(matrix, matrix->tables, matrix->n_tables) = table;
}

static const char *tell_nothing(Mem *parent, const AccessStoredFilter *filter) {
        if (filter->team && filter->at_name)
                return mem_printf(parent, "no project had both a team or group `%s` and %s `%s` then", filter->team,
                                  kind_row(filter->at_kind)->noun, filter->at_name);
        if (filter->team)
                return mem_printf(parent, "the charter named no team or group `%s` then", filter->team);
        return mem_printf(parent, "the charter named no %s `%s` then", kind_row(filter->at_kind)->noun,
                          filter->at_name);
}

AccessMatrix *access_matrix_of_records(Mem *parent, const AccessStored *stored, size_t n,
                                       const AccessStoredFilter *filter) {
        AccessMatrix *matrix = mem_new(parent, AccessMatrix);
        Builder builder = {.matrix = matrix, .filter = {filter->team, filter->at_kind, filter->at_name}};

        matrix->is_explanation = filter->team && filter->at_name;
        for (size_t i = 0; i < n; i++)
                add_record(&builder, &stored[i]);
        if (matrix->n_tables == 0 && (filter->team || filter->at_name))
                matrix->error = tell_nothing(matrix, filter);
        return matrix;
}
