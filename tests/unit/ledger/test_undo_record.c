/* SPDX-License-Identifier: Apache-2.0 */
/* UndoRecord: a change found by its id or the beginning of one, read as it was written; what cannot be undone says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/ledger.h"
#include "daemon/engine/undo_record.h"
#include "tests/unit/ledger/folder.h"

#define PLACE "\"organization\":\"https://dev.azure.com/contoso\",\"project\":\"Shop\",\"principal\":\"ana@contoso.com\","
#define KEY "\"storage_key\":\"6ec9cd1e-7a93-4b36-9b5c-6d5f6f6a0a01\","
#define GIT "\"namespace\":\"2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87\",\"token\":\"repoV2/a/b\","

static Mem *mem;
static char *folder;
static Text lines;
static unsigned seq;
static const char *reason;
static UndoRecord *record;

static int setup(void **state) {
        mem = mem_new(NULL, char);
        folder = folder_new(mem);
        text_init(&lines, mem);
        seq = 0;
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static void add(const char *name, const char *id, const char *more) {
        text_appendf(&lines, "{\"seq\":%u,\"time\":\"2026-04-01T09:00:00.000Z\",\"record\":\"%s\",\"change_id\":\"%s\",%s}\n",
                     ++seq, name, id, more);
}

static void add_change(const char *id, const char *more, const char *result) {
        add("intent", id, more);
        if (result)
                add("outcome", id, mem_printf(mem, "\"result\":\"%s\"", result));
}

static int find(const char *id) {
        reason = NULL;
        record = NULL;
        folder_write(folder, LEDGER_FILE, lines.data, lines.n);
        return undo_record_find(mem, folder, id, &record, &reason);
}

static void assert_refused(const char *id, const char *why) {
        assert_true(find(id) < 0);
        assert_null(record);
        assert_non_null(reason);
        if (!strstr(reason, why))
                fail_msg("%s: %s", id, reason);
}

#define ENTRY \
        PLACE KEY GIT "\"masks_before\":{\"allow\":4294967295,\"deny\":8},\"masks_after\":{\"allow\":0,\"deny\":8}," \
                      "\"step\":{\"rank\":6,\"verb\":\"set_entry\",\"kind\":\"repositories\",\"name\":\"red\"}"

static void test_ids(void **state) {
        add_change("aa01-1-1", ENTRY, "done");
        add_change("aa01-1-12", ENTRY, "done");
        add_change("ab02-1-0", ENTRY, "done");
        assert_int_equal(find("aa01-1-1"), 0);
        assert_string_equal(record->change_id, "aa01-1-1");
        assert_int_equal(find("aa01-1-12"), 0);
        assert_string_equal(record->change_id, "aa01-1-12");
        assert_int_equal(find("ab"), 0);
        assert_string_equal(record->change_id, "ab02-1-0");
        assert_refused("aa01", "`aa01` is the beginning of 2 changes: aa01-1-1, aa01-1-12; write more of it");
        assert_refused("ac", "the ledger has no change `ac`");
        assert_refused("aa01-1-123", "the ledger has no change");
}

static void test_no_ledger(void **state) {
        assert_refused("aa", "the ledger has no change `aa`");
}

static void test_ends(void **state) {
        add_change("a", ENTRY, "done");
        add_change("b", ENTRY, "unknown");
        add_change("c", ENTRY, "unconfirmed");
        add_change("d", ENTRY, "failed");
        add_change("e", ENTRY, "not done");
        add_change("f", ENTRY, NULL);
        assert_int_equal(find("a"), 0);
        assert_int_equal(record->end, UNDO_DONE);
        assert_int_equal(find("b"), 0);
        assert_int_equal(record->end, UNDO_UNCERTAIN);
        assert_int_equal(find("c"), 0);
        assert_int_equal(record->end, UNDO_UNCERTAIN);
        assert_refused("d", "d was not made (failed)");
        assert_refused("e", "e was not made (not done)");
        assert_refused("f", "f is still open");
}

static void test_entry(void **state) {
        add_change("a", ENTRY, "done");
        assert_int_equal(find("a"), 0);
        assert_int_equal(record->verb, STEP_SET_ENTRY);
        assert_int_equal(record->kind, KIND_REPOSITORY);
        assert_int_equal(record->space, NAMESPACE_GIT);
        assert_string_equal(record->token, "repoV2/a/b");
        assert_string_equal(record->name, "red");
        assert_string_equal(record->project, "Shop");
        assert_int_equal(record->before.allow, UINT32_MAX);
        assert_int_equal(record->before.deny, 8);
        assert_int_equal(record->after.allow, 0);
        assert_int_equal(record->after.deny, 8);
        assert_false(guid_is_null(record->principal_key));
        assert_true(guid_is_null(record->container_key));
        assert_false(record->has_areas || record->has_pipelines);
}

static void test_settings(void **state) {
        add_change("a",
                   PLACE KEY "\"areas_before\":[],\"areas_after\":[{\"path\":\"Red\",\"include_children\":true},"
                             "{\"path\":\"Blue/Sea\",\"include_children\":false}],"
                             "\"step\":{\"rank\":8,\"verb\":\"set_areas\",\"kind\":\"teams\",\"name\":\"Red\"}",
                   "done");
        add_change("p",
                   PLACE "\"pipelines\":{\"all\":true,\"ids\":[7,4294967295]},"
                         "\"step\":{\"rank\":3,\"verb\":\"set_pipelines\",\"kind\":\"environments\",\"name\":\"red\"}",
                   "done");
        add_change("o", PLACE "\"step\":{\"rank\":8,\"verb\":\"set_areas\",\"kind\":\"teams\",\"name\":\"Red\"}", "done");
        assert_int_equal(find("a"), 0);
        assert_true(record->has_areas);
        assert_int_equal(record->areas_before.n, 0);
        assert_int_equal(record->areas_after.n, 2);
        assert_string_equal(record->areas_after.items[1].path, "Blue/Sea");
        assert_false(record->areas_after.items[1].include_children);
        assert_int_equal(find("p"), 0);
        assert_true(record->has_pipelines && record->is_opening && record->all_pipelines);
        assert_int_equal(record->n_pipelines, 2);
        assert_int_equal(record->pipelines[1], UINT32_MAX);
        assert_int_equal(find("o"), 0);
        assert_false(record->has_areas);
}

/* Of another program, or damaged. */
static void test_not_understood(void **state) {
        static const char *const intents[] = {
                "\"organization\":\"x\"",
                PLACE "\"step\":{\"verb\":\"dance\",\"kind\":\"repositories\"}",
                PLACE "\"step\":{\"verb\":\"set_entry\",\"kind\":\"castles\"}",
                PLACE KEY GIT "\"step\":{\"verb\":\"set_entry\",\"kind\":\"repositories\"}",
                PLACE KEY GIT "\"masks_before\":{\"allow\":-1,\"deny\":0},\"masks_after\":{\"allow\":0,\"deny\":0},"
                              "\"step\":{\"verb\":\"set_entry\",\"kind\":\"repositories\"}",
                PLACE "\"namespace\":\"00000000-0000-0000-0000-000000000001\",\"token\":\"x\","
                      "\"masks_before\":{\"allow\":1,\"deny\":0},\"masks_after\":{\"allow\":0,\"deny\":0},"
                      "\"step\":{\"verb\":\"set_entry\",\"kind\":\"repositories\"}",
                PLACE "\"areas_before\":[{\"path\":7}],\"step\":{\"verb\":\"set_areas\",\"kind\":\"teams\"}",
                PLACE "\"areas_before\":[],\"step\":{\"verb\":\"set_areas\",\"kind\":\"teams\"}",
                PLACE "\"pipelines\":{\"all\":false,\"ids\":[\"7\"]},"
                      "\"step\":{\"rank\":3,\"verb\":\"set_pipelines\",\"kind\":\"environments\"}",
        };

        for (size_t i = 0; i < sizeof intents / sizeof *intents; i++)
                add_change(mem_printf(mem, "%zu", i), intents[i], "done");
        for (size_t i = 0; i < sizeof intents / sizeof *intents; i++)
                assert_refused(mem_printf(mem, "%zu", i), "is not understood");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_ids, setup, teardown),
                cmocka_unit_test_setup_teardown(test_no_ledger, setup, teardown),
                cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
                cmocka_unit_test_setup_teardown(test_entry, setup, teardown),
                cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
                cmocka_unit_test_setup_teardown(test_not_understood, setup, teardown),
        };

        return cmocka_run_group_tests_name("undo-record", tests, NULL, NULL);
}
