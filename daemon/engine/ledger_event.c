/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerEvent: what the ledger records of itself: `{"record":"ledger","event":…}`. */
#include <string.h>

#include "daemon/engine/ledger_event.h"

static const char *const words[] = {
        [LEDGER_EVENT_ROTATED] = "rotated",
        [LEDGER_EVENT_REOPENED] = "reopened",
        [LEDGER_EVENT_TORN] = "torn",
        [LEDGER_EVENT_REMOVED] = "removed",
};

void ledger_event_write(const LedgerEvent *event, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "record", "ledger");
        json_write_text(&writer, "event", words[event->kind]);
        json_write_text(&writer, "file", event->file);
        if (event->kind == LEDGER_EVENT_TORN)
                json_write_int(&writer, "bytes", event->bytes);
        if (event->kind == LEDGER_EVENT_REMOVED) {
                json_write_int(&writer, "first", (int64_t)event->first);
                json_write_int(&writer, "last", (int64_t)event->last);
                json_write_text(&writer, "head", event->head);
        }
        json_write_object_end(&writer);
        text_append(text, "\n");
}

bool ledger_event_read(const JsonNode *record, LedgerEvent *event) {
        const char *name = json_get_text(record, "record"), *word = json_get_text(record, "event");
        int64_t first = 0, last = 0;

        *event = (LedgerEvent){.kind = _LEDGER_EVENT_N};
        if (!name || !word || strcmp(name, "ledger") != 0)
                return false;
        for (size_t i = 0; i < _LEDGER_EVENT_N; i++)
                if (strcmp(words[i], word) == 0)
                        event->kind = (LedgerEventKind)i;
        if (event->kind == _LEDGER_EVENT_N)
                return false;
        event->file = json_get_text(record, "file");
        event->head = json_get_text(record, "head");
        if (json_get_int(record, "first", 1, INT64_MAX, &first) == 0 &&
            json_get_int(record, "last", first, INT64_MAX, &last) == 0) {
                event->first = (uint64_t)first;
                event->last = (uint64_t)last;
        }
        return true;
}
