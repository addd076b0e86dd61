/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerSettled: whether every change that a file of the ledger began has ended. */
#pragma once

#include "daemon/engine/ledger_files.h"

/* Reads that file, and those after it as far as outcomes are missing. 1: each intent in it has its outcome; 0: one has
 * not; a negative errno. */
int ledger_file_is_settled(const LedgerFiles *files, size_t file);
