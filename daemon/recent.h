/* SPDX-License-Identifier: Apache-2.0 */
/* Recent: the last changes in the ledger. */
#pragma once

#include "common/base/json.h"

enum {
        RECENT_CHANGES_MAX = 20,
};

/* `changes`, an array, the latest first: time, organization, project, what (a line), result, message, attribution. Looked
 * for in the last LEDGER_TAIL_SIZE_MAX bytes alone; nothing of it fails: what cannot be read is in `changes_error`. */
void recent_write(JsonWriter *writer, const char *state_directory);
/* The same of lines that were read. */
void recent_write_lines(JsonWriter *writer, const char *lines, size_t n);
