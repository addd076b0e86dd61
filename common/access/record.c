/* SPDX-License-Identifier: Apache-2.0 */
/* Record: who can do what at the things of a project, as a pass saw it, in lines of JSON. */
#include "common/access/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json.h"

#define THING_PREFIX "{\"at\":"
#define END_FORMAT "{\"lines\": %zu, \"digest\": \"%s\"}"

/* --- finding --- */

const AccessRecordKind *access_record_find_kind(const AccessRecord *record, Kind kind) {
        for (size_t i = 0; i < record->n_kinds; i++)
                if (record->kinds[i].kind == kind)
                        return &record->kinds[i];
        return NULL;
}

const AccessRecordPrincipal *access_record_find_principal(const AccessRecord *record, const char *name) {
        size_t low = 0, high = record->n_principals;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = text_compare(record->principals[middle].name, name);

                if (order == 0)
                        return &record->principals[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

const AccessRecordThing *access_record_find_thing(const AccessRecord *record, Kind kind, const char *name) {
        size_t low = 0, high = record->n_things;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const AccessRecordThing *thing = &record->things[middle];
                int order = thing->kind != kind ? (thing->kind < kind ? -1 : 1) : text_compare(thing->name, name);

                if (order == 0)
                        return thing;
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

static const AccessRow *find_row(const AccessRecordThing *thing, const char *principal) {
        size_t low = 0, high = thing->n_rows;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = text_compare(thing->rows[middle].principal, principal);

                if (order == 0)
                        return &thing->rows[middle];
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

AccessRights access_record_rights(const AccessRecord *record, const AccessRecordThing *thing, const char *principal) {
        const AccessRecordKind *kind = access_record_find_kind(record, thing->kind);
        const AccessRow *row = find_row(thing, principal);

        if (!kind || !kind->is_read)
                return (AccessRights){.unknown = UINT32_MAX};
        return row ? row->rights : thing->others;
}

/* --- lines --- */

void access_record_write_project(const char *name, Text *line) {
        JsonWriter writer;

        json_writer_init(&writer, line, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "project", name);
        json_write_object_end(&writer);
}

void access_record_write_kind(const AccessRecordKind *kind, Text *line) {
        JsonWriter writer;

        json_writer_init(&writer, line, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "kind", kind_row(kind->kind)->key);
        json_write_bool(&writer, "read", kind->is_read);
        json_write_array(&writer, "words");
        for (size_t i = 0; i < kind->n_words; i++) {
                const AccessWord *word = &kind->words[i];

                json_write_array(&writer, NULL);
                json_write_int(&writer, NULL, word->bit);
                json_write_text(&writer, NULL, word->word);
                if (word->mark != ACCESS_RECORD_NO_MARK)
                        json_write_text(&writer, NULL, (const char[]){word->mark, '\0'});
                json_write_array_end(&writer);
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
}

void access_record_write_principal(const AccessRecordPrincipal *principal, Text *line) {
        JsonWriter writer;

        json_writer_init(&writer, line, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "principal", principal->name);
        json_write_bool(&writer, "exists", principal->exists);
        json_write_object_end(&writer);
}

static void write_rights(JsonWriter *writer, AccessRights rights) {
        json_write_int(writer, NULL, rights.allow);
        json_write_int(writer, NULL, rights.unknown);
}

void access_record_write_thing(const AccessRecordThing *thing, Text *line) {
        JsonWriter writer;

        json_writer_init(&writer, line, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "at", kind_row(thing->kind)->key);
        json_write_text(&writer, "name", thing->name);
        if (thing->owner)
                json_write_text(&writer, "owner", thing->owner);
        json_write_bool(&writer, "exists", thing->exists);
        json_write_array(&writer, "others");
        write_rights(&writer, thing->others);
        json_write_array_end(&writer);
        json_write_array(&writer, "rows");
        for (size_t i = 0; i < thing->n_rows; i++) {
                json_write_array(&writer, NULL);
                json_write_text(&writer, NULL, thing->rows[i].principal);
                write_rights(&writer, thing->rows[i].rights);
                json_write_array_end(&writer);
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
}

/* --- lines that are compared without being read --- */

static const struct {
        const char *prefix;
        AccessLineSort sort;
} sort_rows[] = {
        {"{\"access\": \"whole\"", ACCESS_LINE_HEAD_WHOLE},
        {"{\"access\":", ACCESS_LINE_HEAD_CHANGES},
        {"{\"lines\":", ACCESS_LINE_END},
};

AccessLineSort access_line_sort(const char *line) {
        for (size_t i = 0; i < sizeof sort_rows / sizeof *sort_rows; i++)
                if (strncmp(line, sort_rows[i].prefix, strlen(sort_rows[i].prefix)) == 0)
                        return sort_rows[i].sort;
        return ACCESS_LINE_ITEM;
}

/* `{"at":"repositories","name":"operations"`, `{"principal":"Operations"`: how much of a line says what it is about. */
static size_t count_about(const char *line, size_t n) {
        size_t quotes = strncmp(line, THING_PREFIX, strlen(THING_PREFIX)) == 0 ? 8 : 4;
        size_t i = 0;

        for (; i < n && quotes > 0; i++) {
                if (line[i] == '\\')
                        i++;
                else
                        quotes -= line[i] == '"';
        }
        return i < n ? i : n;
}

static uint64_t hash(const char *bytes, size_t n) {
        enum {
                HASH_DIGITS = 16
        };
        char digest[DIGEST_TEXT_SIZE];

        digest_sha256(bytes, n, digest);
        digest[HASH_DIGITS] = '\0';
        return strtoull(digest, NULL, 16);
}

AccessLineMark access_line_mark(const char *line, size_t n) {
        return (AccessLineMark){hash(line, count_about(line, n)), hash(line, n)};
}

void access_line_fold(char digest[static DIGEST_TEXT_SIZE], const char *line, size_t n) {
        Text text;

        text_init(&text, NULL);
        text_append(&text, digest);
        text_append_bytes(&text, line, n);
        digest_sha256(text.data, text.n, digest);
        text_deinit(&text);
}

bool access_line_ends(const char *line, size_t n_lines, const char *digest) {
        char end[sizeof END_FORMAT + DIGEST_TEXT_SIZE + 20]; /* digits of a number */

        snprintf(end, sizeof end, END_FORMAT, n_lines, digest);
        return strcmp(line, end) == 0;
}

/* --- a record --- */

static void put(AccessRecordWriter *writer, const char *line, Text *text) {
        access_line_fold(writer->digest, line, strlen(line));
        text_append(text, line);
        text_append(text, "\n");
}

void access_record_begin(AccessRecordWriter *writer, const AccessRecordHead *head, Text *text) {
        char time[CLOCK_TEXT_SIZE];
        JsonWriter json;
        Text line;

        *writer = (AccessRecordWriter){0};
        text_init(&line, NULL);
        json_writer_init(&json, &line, /* indent= */ 0);
        json_write_object(&json, NULL);
        json_write_text(&json, "access", head->is_whole ? "whole" : "changes");
        json_write_int(&json, "version", ACCESS_RECORD_VERSION);
        json_write_text(&json, "time", clock_format(head->wall, time));
        json_write_text(&json, "pass", head->pass);
        json_write_text(&json, "organization", head->organization);
        json_write_text(&json, "project", head->project);
        json_write_text(&json, "project_id", head->project_id);
        json_write_text(&json, "charter", head->charter);
        json_write_text(&json, "ledger_head", head->ledger_head);
        if (!head->is_whole)
                json_write_text(&json, "previous", head->previous);
        json_write_object_end(&json);
        put(writer, line.data, text);
        text_deinit(&line);
}

void access_record_add(AccessRecordWriter *writer, const char *line, Text *text) {
        writer->n_lines++;
        put(writer, line, text);
}

void access_record_end(AccessRecordWriter *writer, Text *text) {
        text_appendf(text, END_FORMAT "\n", writer->n_lines, writer->digest);
}
