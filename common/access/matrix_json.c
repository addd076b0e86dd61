/* SPDX-License-Identifier: Apache-2.0 */
/* MatrixJson: a matrix for programs. */
#include "common/access/matrix.h"
#include "common/base/clock.h"
#include "common/base/json.h"

static const char *const answer_words[] = {
        [ACCESS_CLOSED] = "closed",
        [ACCESS_OPEN] = "open",
        [ACCESS_UNKNOWN] = "unknown",
};

static void write_path(JsonWriter *writer, const char *const *path, size_t n) {
        json_write_array(writer, "path");
        for (size_t i = 0; i < n; i++)
                json_write_text(writer, NULL, path[i]);
        json_write_array_end(writer);
}

static void write_cell(JsonWriter *writer, const AccessMatrix *matrix, const AccessTable *table,
                       const AccessThing *thing, size_t at) {
        const AccessCell *cell = &matrix->cells[thing->first_cell + at];

        json_write_object(writer, NULL);
        json_write_text(writer, "project", table->project);
        json_write_text(writer, "principal", table->principals[at / thing->n_permissions]);
        json_write_text(writer, "kind", kind_row(thing->kind)->key);
        json_write_text(writer, "name", thing->kind == KIND_PROJECT ? table->project : thing->name);
        json_write_text(writer, "owner", thing->owner);
        json_write_text(writer, "permission", cell->permission);
        json_write_text(writer, "live", answer_words[cell->live]);
        json_write_text(writer, "desired",
                        matrix->has_desired ? answer_words[cell->desired] : NULL);
        write_path(writer, cell->path, cell->n_path);
        json_write_text(writer, "reason", cell->reason);
        json_write_object_end(writer);
}

static void write_remarks(JsonWriter *writer, const char *key, const AccessRemarks *remarks) {
        json_write_array(writer, key);
        for (size_t i = 0; i < remarks->n; i++) {
                const AccessVerdict *verdict = &remarks->items[i].verdict;

                json_write_object(writer, NULL);
                json_write_text(writer, "project", remarks->items[i].project);
                json_write_text(writer, "principal", verdict->principal);
                json_write_text(writer, "kind", kind_row(verdict->kind)->key);
                json_write_text(writer, "name", verdict->name);
                json_write_text(writer, "permission", verdict->permission);
                json_write_text(writer, "answer", answer_words[verdict->answer]);
                json_write_text(writer, "message", verdict->message);
                write_path(writer, verdict->path, verdict->n_path);
                json_write_text(writer, "file", verdict->place.line ? verdict->place.file : NULL);
                json_write_int(writer, "line", verdict->place.line);
                json_write_object_end(writer);
        }
        json_write_array_end(writer);
}

static void write_time(JsonWriter *writer, const char *key, int64_t wall) {
        char time[CLOCK_TEXT_SIZE];

        json_write_text(writer, key, wall ? clock_format(wall, time) : NULL);
}

/* When what is shown was so; nothing of what is live. */
static void write_stored(JsonWriter *writer, const AccessMatrix *matrix) {
        if (matrix->n_tables == 0 || !matrix->tables[0].seen.pass)
                return;
        json_write_array(writer, "stored");
        for (size_t i = 0; i < matrix->n_tables; i++) {
                json_write_object(writer, NULL);
                json_write_text(writer, "project", matrix->tables[i].project);
                json_write_text(writer, "pass", matrix->tables[i].seen.pass);
                write_time(writer, "time", matrix->tables[i].seen.wall);
                write_time(writer, "confirmed", matrix->tables[i].seen.confirmed);
                write_time(writer, "until", matrix->tables[i].seen.until);
                json_write_object_end(writer);
        }
        json_write_array_end(writer);
}

void access_matrix_print_json(const AccessMatrix *matrix, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, 2);
        json_write_object(&writer, NULL);
        json_write_array(&writer, "cells");
        for (size_t i = 0; i < matrix->n_tables; i++) {
                const AccessTable *table = &matrix->tables[i];

                for (size_t j = 0; j < table->n_things; j++)
                        for (size_t k = 0; k < table->n_principals * table->things[j].n_permissions;
                             k++)
                                write_cell(&writer, matrix, table, &table->things[j], k);
        }
        json_write_array_end(&writer);
        write_remarks(&writer, "broken", &matrix->broken);
        write_remarks(&writer, "not_known", &matrix->unknown);
        write_remarks(&writer, "members", &matrix->members);
        write_remarks(&writer, "exempt", &matrix->exempt);
        write_stored(&writer, matrix);
        json_write_int(&writer, "left_out", (int64_t)matrix->n_left_out);
        json_write_object_end(&writer);
        text_append(text, "\n");
}
