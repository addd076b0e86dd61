/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerFiles: the files that make up the ledger of a state directory, oldest first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"

#define LEDGER_FILE "ledger.jsonl"

enum {
        LEDGER_FILE_NAME_SIZE = 64,
};

typedef enum LedgerFileOrigin {
        LEDGER_FILE_ROTATED, /* ledger-N.jsonl: charterd made room; N is the number of its first record */
        LEDGER_FILE_MOVED,   /* ledger.jsonl.N, ledger.jsonl-N: another program moved it away */
        LEDGER_FILE_CURRENT, /* ledger.jsonl */
} LedgerFileOrigin;

typedef struct LedgerFile {
        LedgerFileOrigin origin;
        char name[LEDGER_FILE_NAME_SIZE];
        int file;           /* open to be read, at its beginning; closed with the list */
        uint64_t first_seq; /* of its first record, by its name or as read; 0: it has none */
        int64_t first_time; /* when that was written, wall ms; 0: unknown */
        char *previous;     /* the hash that its first record names, or NULL */
} LedgerFile;

typedef struct LedgerFiles {
        LedgerFile *items; /* the current one last, where there is one */
        size_t n;
} LedgerFiles;

/* The name of a full file. */
const char *ledger_files_name(uint64_t first_seq, char name[static LEDGER_FILE_NAME_SIZE]);

/* Opens them all, as they are at one moment, though another process may be making room meanwhile.
 * What is compressed or lies elsewhere is not among them. Below parent. 0, also when there is none;
 * or a negative errno with *reasonp. */
int ledger_files_open(Mem *parent, const char *directory, LedgerFiles **filesp,
                      const char **reasonp);
