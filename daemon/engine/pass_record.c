/* SPDX-License-Identifier: Apache-2.0 */
/* PassRecord: what the ledger is told of a pass that ended. */
#include "common/base/clock.h"
#include "common/base/json.h"
#include "daemon/engine/pass_record.h"

enum {
        HASH_FACTOR = 31,
};

static const char *brake_of(const HeldBefore *held) {
        return held->brake == BRAKE_CHANGES ? "changes" : "removals";
}

static void write_held(JsonWriter *writer, const HeldBefore *held, size_t n) {
        json_write_array(writer, "held");
        for (size_t i = 0; i < n; i++) {
                json_write_object(writer, NULL);
                json_write_text(writer, "step", held[i].id);
                json_write_text(writer, "brake", brake_of(&held[i]));
                json_write_text(writer, "project", held[i].project);
                json_write_object_end(writer);
        }
        json_write_array_end(writer);
}

/* The number of lines. */
static size_t write_held_lines(const PassRecord *record, Text *text) {
        const EngineHistory *history = record->history;
        size_t n_lines = 0, n = 0;

        for (size_t i = 0; i < history->n_held; i += n, n_lines++) {
                JsonWriter writer;

                n = history->n_held - i;
                n = n < PASS_RECORD_HELD_MAX ? n : PASS_RECORD_HELD_MAX;
                json_writer_init(&writer, text, /* indent= */ 0);
                json_write_object(&writer, NULL);
                json_write_text(&writer, "record", "held");
                json_write_text(&writer, "pass", record->pass_id);
                json_write_text(&writer, "organization", record->organization);
                write_held(&writer, history->held + i, n);
                json_write_object_end(&writer);
                text_append(text, "\n");
        }
        return n_lines;
}

static uint64_t hash_held(const EngineHistory *history) {
        uint64_t hash = history->n_held;

        for (size_t i = 0; i < history->n_held; i++)
                hash = hash * HASH_FACTOR + text_hash(history->held[i].id) + history->held[i].brake;
        return hash;
}

/* True: the ledger holds these already. */
static bool is_told(const PassRecord *record, PassRecordHeld *told) {
        uint64_t hash = hash_held(record->history);
        bool is_same = told->wall > 0 && told->hash == hash && record->wall >= told->wall &&
                       record->wall - told->wall < PASS_RECORD_REPEAT_MS;

        if (record->history->n_held > PASS_RECORD_REPEATED_MAX && is_same)
                return true;
        *told = (PassRecordHeld){hash, record->wall};
        return false;
}

static void write_charter_size(JsonWriter *writer, const EngineHistory *history) {
        json_write_array(writer, "charter_projects");
        for (size_t i = 0; i < history->n_charter_projects; i++)
                json_write_text(writer, NULL, history->charter_projects[i]);
        json_write_array_end(writer);
        json_write_int(writer, "charter_teams", history->charter_teams);
}

/* Of what is missing here the charter was compared with what is live. */
static void write_unread(JsonWriter *writer, const Plan *plan) {
        size_t n = 0;

        for (size_t i = 0; plan && i < plan->n_projects; i++) {
                if (plan->projects[i].state != PLAN_FAILED)
                        continue;
                if (n++ == 0)
                        json_write_array(writer, "unread");
                json_write_text(writer, NULL, plan->projects[i].name);
        }
        if (n > 0)
                json_write_array_end(writer);
}

/* What was stored beside the ledger is not altered without a trace. */
static void write_access(JsonWriter *writer, const PassRecord *record) {
        if (record->n_access == 0)
                return;
        json_write_array(writer, "access");
        for (size_t i = 0; i < record->n_access; i++) {
                json_write_object(writer, NULL);
                json_write_text(writer, "project", record->access[i].project);
                json_write_text(writer, "digest", record->access[i].digest);
                json_write_object_end(writer);
        }
        json_write_array_end(writer);
}

/* What any pass has. */
static void write_course(JsonWriter *writer, const PassRecord *record) {
        char time[CLOCK_TEXT_SIZE];

        json_write_text(writer, "record", "pass");
        json_write_text(writer, "pass", record->pass_id);
        json_write_text(writer, "organization", record->organization);
        json_write_text(writer, "project", record->project);
        json_write_text(writer, "begin", clock_format(record->begin, time));
        json_write_text(writer, "reason", record->reason);
        json_write_text(writer, "mode", record->mode == MODE_ENFORCE ? "enforce" : "observe");
        json_write_text(writer, "charter_sha256", record->charter_sha256);
        json_write_text(writer, "charter_commit", record->charter_commit);
        if (record->undo)
                json_write_text(writer, "undo", record->undo);
        if (record->error)
                json_write_text(writer, "error", record->error);
        json_write_int(writer, "done", (int64_t)record->n_done);
        json_write_int(writer, "not_done", (int64_t)record->n_not_done);
        json_write_int(writer, "steps", (int64_t)record->n_steps);
        json_write_text(writer, "plan_id", record->plan_id);
        json_write_int(writer, "requests", (int64_t)record->n_requests);
        write_access(writer, record);
}

/* It says nothing of what is held by the charter's plan, nor of the charter. */
static void write_undo(const PassRecord *record, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        write_course(&writer, record);
        json_write_object_end(&writer);
        text_append(text, "\n");
}

void pass_record_write(const PassRecord *record, PassRecordHeld *told, Text *text) {
        const EngineHistory *history = record->history;
        size_t n_lines = 0;
        bool is_repeated;
        JsonWriter writer;

        if (record->undo) {
                write_undo(record, text);
                return;
        }
        is_repeated = is_told(record, told);
        if (!is_repeated && history->n_held > PASS_RECORD_HELD_MAX)
                n_lines = write_held_lines(record, text);
        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        write_course(&writer, record);
        json_write_bool(&writer, "applied", record->applied);
        write_charter_size(&writer, history);
        write_unread(&writer, record->plan);
        json_write_int(&writer, "n_held", (int64_t)history->n_held);
        if (n_lines > 0)
                json_write_int(&writer, "held_lines", (int64_t)n_lines);
        else if (!is_repeated)
                write_held(&writer, history->held, history->n_held);
        json_write_object_end(&writer);
        text_append(text, "\n");
}
