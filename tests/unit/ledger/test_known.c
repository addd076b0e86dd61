/* SPDX-License-Identifier: Apache-2.0 */
/* Known: what is remembered of governed things. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/engine/known.h"
#include "tests/unit/ledger/folder.h"

#define URL "https://dev.azure.com/contoso"

static Mem *mem;
static char *folder;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        folder = folder_new(mem);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

static KnownKey key_of(Kind kind, const char *project, const char *name) {
        return (KnownKey){.organization = URL, .kind = kind, .project = project, .name = name};
}

static Known *some(void) {
        Known *known = known_new(mem);
        KnownKey team = key_of(KIND_TEAM, "ML", "Ops");
        KnownKey other = key_of(KIND_TEAM, "ML", "Data Science A");
        KnownKey repository = key_of(KIND_REPOSITORY, "ML", "ops");
        KnownKey project = key_of(KIND_PROJECT, "", "ML");

        assert_true(known_note(known, &team, "t1", KNOWN_SEEN, 1000));
        assert_true(known_note(known, &other, "t2", KNOWN_SEEN, 1000));
        assert_true(known_note(known, &repository, "r1", KNOWN_WRITTEN, 2000));
        assert_true(known_note(known, &project, "p1", KNOWN_SEEN, 3000));
        return known;
}

static void test_noting_and_finding(void **state) {
        Known *known = some();
        KnownKey key = key_of(KIND_TEAM, "ml", "OPS");
        const KnownEntry *entry = known_find(known, &key);
        KnownKey absent = key_of(KIND_AREA, "ML", "Ops");

        assert_non_null(entry);
        assert_string_equal(entry->id, "t1");
        assert_string_equal(entry->key.name, "Ops");
        assert_int_equal(entry->seen_at, 1000);
        assert_int_equal(entry->written_at, 0);
        assert_null(known_find(known, &absent));
        assert_false(known_note(known, &key, "T1", KNOWN_WRITTEN, 5000));
        entry = known_find(known, &key);
        assert_int_equal(entry->seen_at, 1000);
        assert_int_equal(entry->written_at, 5000);
        /* another thing by the old name */
        assert_true(known_note(known, &key, "t9", KNOWN_SEEN, 6000));
        entry = known_find(known, &key);
        assert_string_equal(entry->id, "t9");
        assert_int_equal(entry->seen_at, 6000);
        assert_int_equal(entry->written_at, 0);
        entry = known_find_id(known, URL, KIND_TEAM, "T2");
        assert_string_equal(entry->key.name, "Data Science A");
        assert_null(known_find_id(known, URL, KIND_REPOSITORY, "t2"));
        assert_null(known_find_id(known, "https://dev.azure.com/other", KIND_TEAM, "t2"));
        assert_string_equal(known_find_id(known, URL, KIND_REPOSITORY, "r1")->key.name, "ops");
}

static void test_the_clock_is_set_back(void **state) {
        Known *known = some();
        KnownKey team = key_of(KIND_TEAM, "ML", "Ops");
        KnownKey repository = key_of(KIND_REPOSITORY, "ML", "ops");

        assert_false(known_rewind(known, 3000));
        assert_true(known_rewind(known, 1500));
        assert_int_equal(known_find(known, &team)->seen_at, 1000);
        assert_int_equal(known_find(known, &team)->written_at, 0);
        assert_int_equal(known_find(known, &repository)->written_at, 1500);
        assert_false(known_rewind(known, 1500));
}

static void test_renaming_and_forgetting(void **state) {
        Known *known = some();
        KnownKey key = key_of(KIND_TEAM, "ML", "Ops");
        KnownKey renamed = key_of(KIND_TEAM, "ML", "Data Science A");
        size_t n = 0;

        assert_true(known_rename(known, &key, "Operations"));
        assert_null(known_find(known, &key));
        key.name = "Operations";
        assert_string_equal(known_find(known, &key)->id, "t1");
        assert_int_equal(known_find(known, &key)->seen_at, 1000);
        assert_true(known_rename(known, &key, "Data Science A"));
        assert_string_equal(known_find(known, &renamed)->id, "t1");
        known_entries(known, &n);
        assert_int_equal(n, 3);
        assert_false(known_rename(known, &key, "Nothing"));
        assert_true(known_forget(known, &renamed));
        assert_false(known_forget(known, &renamed));
        known_entries(known, &n);
        assert_int_equal(n, 2);
}

static int save(const Known *known) {
        int r = known_stage(known, folder);

        return r < 0 ? r : known_save(folder);
}

/* More than is held at a time. */
static void test_many_things(void **state) {
        Known *known = known_new(mem), *again = NULL;
        const char *reason = NULL;
        Text text, second;

        for (int i = 0; i < 3000; i++) {
                KnownKey key = {"https://dev.azure.com/contoso", KIND_REPOSITORY, "MLOps", mem_printf(mem, "repository %d", i)};

                known_note(known, &key, mem_printf(mem, "00000000-0000-0000-0000-%012d", i), KNOWN_SEEN, i);
        }
        text_init(&text, mem);
        text_init(&second, mem);
        known_write(known, &text);
        assert_int_equal(save(known), 0);
        assert_int_equal(known_load(mem, folder, &again, &reason), 0);
        known_write(again, &second);
        assert_string_equal(second.data, text.data);
}

static void test_it_is_read_as_it_was_written(void **state) {
        Known *known = some(), *again = NULL;
        const char *reason = NULL;
        struct stat info;
        Text text, second;

        text_init(&text, mem);
        text_init(&second, mem);
        known_write(known, &text);
        assert_int_equal(save(known), 0);
        assert_int_equal(stat(mem_printf(mem, "%s/known.json", folder), &info), 0);
        assert_int_equal(info.st_mode & 0777 & ~(unsigned)0640, 0);
        assert_int_equal(known_load(mem, folder, &again, &reason), 0);
        known_write(again, &second);
        assert_string_equal(second.data, text.data);
        assert_true(access(mem_printf(mem, "%s/known.json.new", folder), F_OK) < 0);
}

static void test_nothing_known_yet(void **state) {
        Known *known = NULL;
        const char *reason = NULL;
        size_t n = 1;

        assert_int_equal(known_load(mem, folder, &known, &reason), 0);
        known_entries(known, &n);
        assert_int_equal(n, 0);
}

#define THING                                                                                 \
        "{\"organization\":\"o\",\"kind\":\"teams\",\"project\":\"p\",\"name\":\"n\",\"id\":" \
        "\"i\",\"seen_at\":1,\"written_at\":0}"

static void test_damage_never_means_nothing_known(void **state) {
        static const struct {
                const char *text;
                const char *reason;
        } rows[] = {
                {"", "damaged"},
                {"{}", "it lacks `version` or `things`"},
                {"{\"version\":2,\"things\":[]}", "another version of charterd"},
                {"{\"version\":1,\"things\":{}}", "it lacks `version` or `things`"},
                {"{\"version\":1,\"things\":[" THING "," THING "]}", "thing 2 stands twice"},
                {"{\"version\":1,\"things\":[{\"kind\":\"teams\"}]}", "thing 1 lacks a text"},
                {"{\"version\":1,\"things\":[1]}", "thing 1 lacks a text"},
                {"{\"version\":1,\"things\":[{\"organization\":\"o\",\"kind\":\"chairs\","
                 "\"project\":\"\",\"name\":\"n\",\"id\":\"i\",\"seen_at\":1,\"written_at\":0}]}",
                 "thing 1 is of an unknown kind"},
                {"{\"version\":1,\"things\":[{\"organization\":\"o\",\"kind\":\"teams\","
                 "\"project\":\"\",\"name\":\"n\",\"id\":\"i\",\"seen_at\":-1,\"written_at\":0}]}",
                 "thing 1 lacks a time"},
        };
        Text text;

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                Known *known = NULL;
                const char *reason = NULL;

                folder_write(folder, KNOWN_FILE, rows[i].text, strlen(rows[i].text));
                assert_true(known_load(mem, folder, &known, &reason) < 0);
                assert_null(known);
                assert_non_null(strstr(reason, rows[i].reason));
                assert_non_null(strstr(reason, "Put back a copy"));
        }
        text_init(&text, mem);
        known_write(some(), &text);
        for (size_t n = 0; n + 1 < text.n; n++) {
                Known *known = NULL;
                const char *reason = NULL;

                assert_true(known_parse(mem, text.data, n, &known, &reason) < 0);
                assert_null(known);
        }
}

static void test_a_full_disk_leaves_the_old_file(void **state) {
        struct rlimit before, limit;
        Known *known = NULL;
        const char *reason = NULL;
        size_t n = 0;
        Text text;

        text_init(&text, mem);
        known_write(some(), &text);
        assert_int_equal(save(some()), 0);
        signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before);
        limit = before;
        limit.rlim_cur = text.n - 1;
        setrlimit(RLIMIT_FSIZE, &limit);
        assert_true(save(some()) < 0);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_int_equal(known_load(mem, folder, &known, &reason), 0);
        known_entries(known, &n);
        assert_int_equal(n, 4);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_noting_and_finding, setup, teardown),
                cmocka_unit_test_setup_teardown(test_the_clock_is_set_back, setup, teardown),
                cmocka_unit_test_setup_teardown(test_many_things, setup, teardown),
                cmocka_unit_test_setup_teardown(test_renaming_and_forgetting, setup, teardown),
                cmocka_unit_test_setup_teardown(test_it_is_read_as_it_was_written, setup, teardown),
                cmocka_unit_test_setup_teardown(test_nothing_known_yet, setup, teardown),
                cmocka_unit_test_setup_teardown(test_damage_never_means_nothing_known, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_a_full_disk_leaves_the_old_file, setup,
                                                teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
