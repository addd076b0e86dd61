/* SPDX-License-Identifier: Apache-2.0 */
/* Table: numbers of rows found by the hash of a key that stands in the row. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"

#define TABLE_NONE UINT32_MAX

typedef struct TableSlot {
        uint32_t hash;
        uint32_t value; /* TABLE_NONE: free */
} TableSlot;

/* Open addressing; nothing is taken out: a row whose key changed is simply no longer equal. */
typedef struct Table {
        Mem *parent;
        TableSlot *slots;
        size_t capacity;
        size_t n;
} Table;

typedef struct TableCursor {
        size_t at;
        uint32_t hash;
} TableCursor;

void table_init(Table *table, Mem *parent);
void table_add(Table *table, uint64_t hash, uint32_t value);
/* The rows of a hash in the order they were added; TABLE_NONE ends them. */
TableCursor table_find(const Table *table, uint64_t hash);
uint32_t table_next(const Table *table, TableCursor *cursor);
