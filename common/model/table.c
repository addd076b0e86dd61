/* SPDX-License-Identifier: Apache-2.0 */
/* Table: open addressing over one array. */
#include <assert.h>

#include "common/model/table.h"

enum {
        TABLE_FIRST_CAPACITY = 64,
};

void table_init(Table *table, Mem *parent) {
        *table = (Table){.parent = parent};
}

static uint32_t fold(uint64_t hash) {
        return (uint32_t)((hash * 0x9E3779B97F4A7C15) >> 32);
}

static void place(Table *table, TableSlot slot) {
        size_t at = slot.hash & (table->capacity - 1);

        while (table->slots[at].value != TABLE_NONE)
                at = (at + 1) & (table->capacity - 1);
        table->slots[at] = slot;
}

static void clear(Table *table, size_t capacity) {
        table->slots = mem_new_array(table->parent, TableSlot, capacity);
        table->capacity = capacity;
        for (size_t i = 0; i < capacity; i++)
                table->slots[i].value = TABLE_NONE;
}

static void grow(Table *table) {
        TableSlot *slots = table->slots;
        size_t capacity = table->capacity;
        size_t first = 0;

        clear(table, capacity ? capacity * 2 : TABLE_FIRST_CAPACITY);
        /* From a free slot on, so that rows of one hash keep their order. */
        while (first < capacity && slots[first].value != TABLE_NONE)
                first++;
        for (size_t i = 0; i < capacity; i++) {
                TableSlot slot = slots[(first + i) & (capacity - 1)];

                if (slot.value != TABLE_NONE)
                        place(table, slot);
        }
        mem_free(slots);
}

void table_add(Table *table, uint64_t hash, uint32_t value) {
        assert(value != TABLE_NONE);
        if (table->n >= table->capacity / 2)
                grow(table);
        place(table, (TableSlot){fold(hash), value});
        table->n++;
}

TableCursor table_find(const Table *table, uint64_t hash) {
        uint32_t folded = fold(hash);

        return (TableCursor){table->capacity ? folded & (table->capacity - 1) : 0, folded};
}

uint32_t table_next(const Table *table, TableCursor *cursor) {
        if (table->capacity == 0)
                return TABLE_NONE;
        for (;;) {
                TableSlot slot = table->slots[cursor->at];

                if (slot.value == TABLE_NONE)
                        return TABLE_NONE;
                cursor->at = (cursor->at + 1) & (table->capacity - 1);
                if (slot.hash == cursor->hash)
                        return slot.value;
        }
}
