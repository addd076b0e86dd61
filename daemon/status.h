/* SPDX-License-Identifier: Apache-2.0 */
/* Status: how the organisations of a running daemon are, as JSON for programs, from it as text for people. */
#pragma once

#include "daemon/keeper.h"

/* product.md, Formats: `status -o json`. One line. */
typedef struct StatusRow {
        const Keeper *keeper;
        int64_t next_pass; /* wall ms; 0: none is due */
} StatusRow;
void status_write(const StatusRow *rows, size_t n_rows, Text *text);
/* As `plan --strict` over all organisations; an organisation without a plan yet is an error. */
int status_exit_code(const StatusRow *rows, size_t n_rows);
/* For people. */
void status_print(const JsonNode *status, Text *text);
/* True when each charter is valid, each organisation was reached, and the last pass of each is fresh. */
bool status_is_ready(const JsonNode *status, int64_t now_wall);
