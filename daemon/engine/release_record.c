/* SPDX-License-Identifier: Apache-2.0 */
/* ReleaseRecord: what the ledger is told of held steps that a person lets go. */
#include "common/base/json.h"
#include "daemon/engine/release_record.h"

void release_record_write(const ReleaseRecord *record, Text *text) {
        size_t i = 0;

        do {
                JsonWriter writer;

                json_writer_init(&writer, text, /* indent= */ 0);
                json_write_object(&writer, NULL);
                json_write_text(&writer, "record", "release");
                json_write_text(&writer, "organization", record->organization);
                json_write_text(&writer, "plan_id", record->plan_id);
                if (record->is_partial)
                        json_write_bool(&writer, "partial", true);
                json_write_text(&writer, "reason", record->reason);
                json_write_array(&writer, "steps");
                for (size_t n = 0; i < record->n_steps && n < RELEASE_RECORD_STEPS_MAX; i++, n++)
                        json_write_text(&writer, NULL, record->steps[i]);
                json_write_array_end(&writer);
                json_write_object_end(&writer);
                text_append(text, "\n");
        } while (i < record->n_steps);
}
