/* SPDX-License-Identifier: Apache-2.0 */
/* Table: rows found by the hash of their keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/model/table.h"

enum {
        MANY = 20000,
        SAME = 300,
};

static Mem *mem;
static Table table;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        table_init(&table, mem);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static void test_empty(void **state) {
        TableCursor cursor = table_find(&table, 7);

        assert_int_equal(table_next(&table, &cursor), TABLE_NONE);
}

static uint64_t hash_of(uint32_t value) {
        return (uint64_t)value * 2654435761u;
}

static void test_many(void **state) {
        for (uint32_t i = 0; i < MANY; i++)
                table_add(&table, hash_of(i), i);
        for (uint32_t i = 0; i < 2 * MANY; i++) {
                TableCursor cursor = table_find(&table, hash_of(i));
                uint32_t value = 0;
                size_t n = 0;

                while ((value = table_next(&table, &cursor)) != TABLE_NONE)
                        n += value == i;
                assert_int_equal(n, i < MANY);
        }
}

/* The rows of one hash come in the order in which they were added, however the table grew. */
static void test_order_of_one_hash(void **state) {
        TableCursor cursor;
        uint32_t value = 0;
        uint32_t wanted = 0;

        for (uint32_t i = 0; i < SAME; i++) {
                table_add(&table, 42, 2 * i);
                table_add(&table, hash_of(i + 1000), 2 * i + 1);
        }
        cursor = table_find(&table, 42);
        while ((value = table_next(&table, &cursor)) != TABLE_NONE) {
                if (value % 2)
                        continue; /* another key of that hash: looked at, and passed over */
                assert_int_equal(value, wanted);
                wanted += 2;
        }
        assert_int_equal(wanted, 2 * SAME);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_empty),
                TEST(test_many),
                TEST(test_order_of_one_hash),
        };

        return cmocka_run_group_tests_name("model-table", tests, NULL, NULL);
}
