/* SPDX-License-Identifier: Apache-2.0 */
/* Recent: the last changes in the ledger. */
#include <string.h>

#include "daemon/change_line.h"
#include "daemon/engine/ledger_tail.h"
#include "daemon/plan/author.h"
#include "daemon/recent.h"

typedef enum RecordKind {
        RECORD_INTENT,
        RECORD_OUTCOME,
        RECORD_ATTRIBUTION,
        _RECORD_N,
} RecordKind;

static const char *const record_names[] = {
        [RECORD_INTENT] = "intent",
        [RECORD_OUTCOME] = "outcome",
        [RECORD_ATTRIBUTION] = "attribution",
};

/* What came after an intent, met before it: the lines are read from the last one back. */
typedef struct Later {
        const char *change_id;
        const JsonNode *record;
} Later;

typedef struct Reading {
        Mem *mem;
        JsonWriter *writer;
        Later *later[_RECORD_N];
        size_t n_later[_RECORD_N];
        size_t n_changes;
} Reading;

static RecordKind kind_of(const JsonNode *record) {
        const char *name = json_get_text(record, "record");

        for (int kind = 0; name && kind < _RECORD_N; kind++)
                if (strcmp(record_names[kind], name) == 0)
                        return (RecordKind)kind;
        return _RECORD_N;
}

/* The last one that is about it; NULL without. */
static const JsonNode *find(const Reading *reading, RecordKind kind, const char *change_id) {
        for (size_t i = 0; i < reading->n_later[kind]; i++)
                if (strcmp(reading->later[kind][i].change_id, change_id) == 0)
                        return reading->later[kind][i].record;
        return NULL;
}

/* By its own record, or as far as it was known when it was begun. */
static bool find_author(const Reading *reading, const JsonNode *intent, const char *change_id, Author *author) {
        const JsonNode *record = find(reading, RECORD_ATTRIBUTION, change_id);
        const JsonNode *node = json_get(record ? record : json_get(intent, "step"), "attribution");

        return node && author_read_json(node, author) == 0;
}

/* In words; nothing where it is not known. */
static void tell_cause(const JsonNode *intent, const Author *author, Text *text) {
        const char *origin = json_get_text(intent, "origin");

        if (author)
                author_describe(author, text);
        else if (json_get_text(intent, "undo"))
                text_append(text, "a person, by `charterd undo`");
        else if (origin && strcmp(origin, "charter") == 0)
                text_append(text, "the charter");
}

static void write_change(Reading *reading, const JsonNode *intent, const char *change_id) {
        const JsonNode *outcome = find(reading, RECORD_OUTCOME, change_id);
        JsonWriter *writer = reading->writer;
        Author found, *author = find_author(reading, intent, change_id, &found) ? &found : NULL;
        Text what, cause;

        text_init(&what, reading->mem);
        text_init(&cause, reading->mem);
        change_line_write(intent, &what);
        tell_cause(intent, author, &cause);
        json_write_object(writer, NULL);
        json_write_text(writer, "change_id", change_id);
        json_write_text(writer, "time", json_get_text(intent, "time"));
        json_write_text(writer, "organization", json_get_text(intent, "organization"));
        json_write_text(writer, "project", json_get_text(intent, "project"));
        json_write_text(writer, "what", what.data);
        json_write_text(writer, "result", json_get_text(outcome, "result"));
        json_write_text(writer, "message", json_get_text(outcome, "message"));
        json_write_text(writer, "cause", cause.n > 0 ? cause.data : NULL);
        author_write_json(author, writer, "attribution");
        json_write_object_end(writer);
        reading->n_changes++;
}

static void take_record(Reading *reading, const JsonNode *record) {
        const char *change_id = json_get_text(record, "change_id");
        RecordKind kind = kind_of(record);

        if (!change_id || kind == _RECORD_N)
                return;
        if (kind == RECORD_INTENT)
                write_change(reading, record, change_id);
        else
                *mem_push(reading->mem, reading->later[kind], reading->n_later[kind]) = (Later){change_id, record};
}

/* Most lines of a quiet organisation are about passes: those are not taken apart. */
static bool may_be_of_a_change(const char *line, size_t n) {
        return memmem(line, n, "\"change_id\"", sizeof "\"change_id\"" - 1) != NULL;
}

static void take_line(Reading *reading, const char *line, size_t n) {
        const char *reason = NULL;
        JsonNode *record;

        if (may_be_of_a_change(line, n) && json_parse(reading->mem, line, n, &record, &reason) == 0)
                take_record(reading, record);
}

void recent_write_lines(JsonWriter *writer, const char *lines, size_t n) {
        Reading reading = {.mem = mem_new(NULL, char), .writer = writer};
        const char *end = lines + n; /* of a line, where its '\n' is */

        json_write_array(writer, "changes");
        while (end > lines && reading.n_changes < RECENT_CHANGES_MAX) {
                const char *before = --end > lines ? memrchr(lines, '\n', (size_t)(end - lines)) : NULL;
                const char *line = before ? before + 1 : lines;

                take_line(&reading, line, (size_t)(end - line));
                end = line;
        }
        json_write_array_end(writer);
        mem_free(reading.mem);
}

void recent_write(JsonWriter *writer, const char *state_directory) {
        Mem *mem = mem_new(NULL, char);
        const char *reason = NULL;
        Text lines;

        text_init(&lines, mem);
        ledger_tail(mem, state_directory, LEDGER_TAIL_SIZE_MAX, &lines, &reason);
        recent_write_lines(writer, lines.data, lines.n);
        json_write_text(writer, "changes_error", reason);
        mem_free(mem);
}
