/* SPDX-License-Identifier: Apache-2.0 */
/* AccessShelf, AccessStore: records on the disk, and what is found of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/engine/access_files.h"
#include "daemon/engine/access_shelf.h"
#include "daemon/engine/access_store.h"
#include "tests/unit/ledger/folder.h"

#define URL "https://dev.azure.com/Contoso"
#define PROJECT "11111111-1111-1111-1111-111111111111"
#define DAY (24LL * 60 * 60 * 1000)
#define BEGIN (20000 * DAY)

static Mem *mem;
static char *directory;
static char *organization_folder;
static char *folder;
static int64_t keep_ms;

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        directory = folder_new(mem);
        organization_folder = access_folder_of(mem, directory, URL);
        folder = mem_printf(mem, "%s/" PROJECT, organization_folder);
        keep_ms = 0;
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

/* --- a record from its beginning to its end --- */

typedef enum Outcome {
        OUTCOME_SAME,
        OUTCOME_CHANGES,
        OUTCOME_WHOLE,
} Outcome;

/* What Team may do at things by the letters of `rights`: a thing each; `-` is left out, an upper case letter is open.
 */
typedef struct State {
        const char *rights;
        const char *project;
        size_t n_more; /* things beside them */
} State;

static int offer(AccessShelf *shelf, const State *state) {
        Text line;
        int r = 0;

        text_init(&line, mem);
        access_record_write_project(state->project ? state->project : "MLOps", &line);
        r = access_shelf_offer(shelf, line.data, line.n);
        for (size_t i = 0; r == 0 && i < strlen(state->rights) + state->n_more; i++) {
                char letter = i < strlen(state->rights) ? state->rights[i] : 'x';
                char name[32];

                snprintf(name, sizeof name, "thing %zu", i);
                text_deinit(&line);
                text_init(&line, mem);
                access_record_write_thing(&(AccessRecordThing){.kind = KIND_REPOSITORY,
                                                               .name = name,
                                                               .exists = true,
                                                               .others.allow = (uint32_t)letter},
                                          &line);
                if (letter != '-')
                        r = access_shelf_offer(shelf, line.data, line.n);
        }
        text_deinit(&line);
        return r;
}

static const char *pass_at(int64_t wall) {
        return mem_printf(mem, "%011llx00000", (unsigned long long)wall);
}

static int read_all(AccessShelf *shelf) {
        int r = 1;

        while (r == 1)
                r = access_shelf_read(shelf);
        return r;
}

static int try_to_store(const State *state, int64_t wall, Outcome *outcomep) {
        AccessShelf *shelf = access_shelf_new(mem, organization_folder, PROJECT);
        const AccessRecordHead head = {.organization = URL,
                                       .project = state->project ? state->project : "MLOps",
                                       .project_id = PROJECT,
                                       .pass = pass_at(wall),
                                       .wall = wall,
                                       .charter = "c0ffee"};
        AccessShelfEnd end = ACCESS_SHELF_AGAIN;
        AccessShelfWork work = {0};
        unsigned n = 0;
        int r = read_all(shelf);

        while (r == 0 && end == ACCESS_SHELF_AGAIN) {
                assert_true(n++ < 2);
                access_shelf_begin(shelf, &head);
                r = offer(shelf, state);
                if (r == 0)
                        end = access_shelf_end(shelf, &(AccessShelfKeep){keep_ms, wall}, &work);
        }
        if (r == 0 && end == ACCESS_SHELF_CHANGED)
                r = work.work(work.job);
        *outcomep = end == ACCESS_SHELF_SAME ? OUTCOME_SAME : OUTCOME_CHANGES;
        mem_free(work.job);
        mem_free(shelf);
        return r;
}

static AccessFile *list(size_t *np) {
        AccessFile *files = NULL;

        assert_int_equal(access_files_list(mem, folder, &files, np), 0);
        return files;
}

static Outcome store(const State *state, int64_t wall) {
        Outcome outcome = OUTCOME_SAME;
        size_t n_before = 0, n_after = 0;
        AccessFile *before = list(&n_before), *after = NULL;

        assert_int_equal(try_to_store(state, wall, &outcome), 0);
        after = list(&n_after);
        if (n_after > 0 && (n_before == 0 || strcmp(before[n_before - 1].name, after[n_after - 1].name) != 0))
                return OUTCOME_WHOLE;
        return outcome;
}

static Outcome store_rights(const char *rights, int64_t wall) {
        return store(&(State){.rights = rights}, wall);
}

/* --- what is found --- */

static const char *rights_of(const AccessRecord *record) {
        Text text;

        text_init(&text, mem);
        for (size_t i = 0; i < record->n_things; i++)
                text_appendf(&text, "%c", (char)record->things[i].others.allow);
        return text.data;
}

static int try_to_find(int64_t wall, AccessFound **foundp, size_t *np, const char **reasonp) {
        return access_store_find(mem, &(AccessStoreQuery){directory, URL, NULL}, wall, foundp, np, reasonp);
}

/* `abc until +3`, days after BEGIN; `nothing before +1`. */
static const char *found_at(int64_t wall) {
        AccessFound *found = NULL;
        const char *reason = NULL;
        size_t n = 0;

        if (try_to_find(wall, &found, &n, &reason) < 0)
                return reason;
        if (n == 0)
                return "nothing";
        assert_int_equal(n, 1);
        if (!found->stored.record)
                return mem_printf(mem, "nothing before +%lld", (long long)((found->first - BEGIN) / DAY));
        if (!found->stored.until)
                return mem_printf(mem, "%s%s", rights_of(found->stored.record), found->torn_file ? " torn" : "");
        return mem_printf(mem, "%s until +%lld%s", rights_of(found->stored.record),
                          (long long)((found->stored.until - BEGIN) / DAY), found->torn_file ? " torn" : "");
}

static void note_change(void *context, const AccessRecord *before, const AccessRecord *after) {
        text_appendf(context, "%s>%s ", rights_of(before), rights_of(after));
}

static const char *changes_of(int64_t since, int64_t until) {
        const char *reason = NULL;
        Text text;

        text_init(&text, mem);
        if (access_store_each(mem, &(AccessStoreQuery){directory, URL, NULL}, since, until, note_change, &text,
                              &reason) < 0)
                return reason;
        return text.data;
}

/* --- tests --- */

static void test_over_time(void **state) {
        assert_string_equal(found_at(BEGIN), "nothing");
        assert_int_equal(store_rights("abc", BEGIN + DAY), OUTCOME_WHOLE);
        assert_int_equal(store_rights("abc", BEGIN + 2 * DAY), OUTCOME_SAME);
        assert_int_equal(store_rights("aBc", BEGIN + 3 * DAY), OUTCOME_CHANGES);
        assert_int_equal(store_rights("aBcd", BEGIN + 4 * DAY), OUTCOME_CHANGES);
        /* changes have no words for what is gone */
        assert_int_equal(store_rights("a-cd", BEGIN + 5 * DAY), OUTCOME_WHOLE);
        assert_int_equal(store_rights("a-cD", BEGIN + 6 * DAY), OUTCOME_CHANGES);
        assert_string_equal(found_at(BEGIN), "nothing before +1");
        assert_string_equal(found_at(BEGIN + DAY), "abc until +3");
        assert_string_equal(found_at(BEGIN + 3 * DAY - 1), "abc until +3");
        assert_string_equal(found_at(BEGIN + 3 * DAY), "aBc until +4");
        assert_string_equal(found_at(BEGIN + 4 * DAY), "aBcd until +5");
        assert_string_equal(found_at(BEGIN + 5 * DAY), "acd until +6");
        assert_string_equal(found_at(INT64_MAX), "acD");
        assert_string_equal(changes_of(0, INT64_MAX), "abc>aBc aBc>aBcd aBcd>acd acd>acD ");
        assert_string_equal(changes_of(BEGIN + 3 * DAY, BEGIN + 5 * DAY), "aBc>aBcd aBcd>acd ");
        assert_string_equal(changes_of(BEGIN + 5 * DAY, INT64_MAX), "acd>acD ");
        assert_string_equal(changes_of(BEGIN + 6 * DAY, INT64_MAX), "");
}

/* Too many changes are a whole record; it goes to the disk in parts. */
static void test_large(void **state) {
        size_t n = 0;

        assert_int_equal(store(&(State){.rights = "a", .n_more = 5000}, BEGIN), OUTCOME_WHOLE);
        assert_int_equal(store(&(State){.rights = "A", .n_more = 5000}, BEGIN + DAY), OUTCOME_CHANGES);
        assert_int_equal(store(&(State){.rights = "A", .n_more = 12000}, BEGIN + 2 * DAY), OUTCOME_WHOLE);
        assert_int_equal(strlen(found_at(BEGIN + DAY)), 5001 + strlen(" until +2"));
        assert_int_equal(strlen(found_at(BEGIN + 2 * DAY)), 12001);
        (void)list(&n);
        assert_int_equal(n, 2);
}

/* A file whose changes are more than what it begins with takes no more. */
static void test_grown(void **state) {
        Outcome outcome = OUTCOME_SAME;
        size_t n = 0;

        assert_int_equal(store(&(State){.rights = "a", .n_more = 1}, BEGIN), OUTCOME_WHOLE);
        for (int i = 1; i < 2000 && outcome != OUTCOME_WHOLE; i++, n++)
                outcome = store_rights(i % 2 ? "Ax" : "ax", BEGIN + i);
        assert_int_equal(outcome, OUTCOME_WHOLE);
        assert_true(n > 100);
}

static void test_project_by_another_name(void **state) {
        AccessFound *found = NULL;
        const char *reason = NULL;
        size_t n = 0;

        assert_int_equal(store_rights("a", BEGIN), OUTCOME_WHOLE);
        assert_int_equal(store(&(State){.rights = "a", .project = "Machines"}, BEGIN + DAY), OUTCOME_WHOLE);
        for (int i = 0; i < 2; i++) {
                const AccessStoreQuery query = {directory, URL, i ? "mlops" : "MACHINES"};

                assert_int_equal(access_store_find(mem, &query, BEGIN, &found, &n, &reason), 0);
                assert_int_equal(n, 1);
                assert_string_equal(found->stored.record->head.project, "MLOps");
                assert_string_equal(found->project, "Machines");
        }
        assert_int_equal(
                access_store_find(mem, &(AccessStoreQuery){directory, URL, "Other"}, BEGIN, &found, &n, &reason), 0);
        assert_int_equal(n, 0);
        assert_int_equal(access_store_find(mem, &(AccessStoreQuery){directory, "https://dev.azure.com/other", NULL},
                                           BEGIN, &found, &n, &reason),
                         0);
        assert_int_equal(n, 0);
        /* the service tells no difference between such addresses */
        assert_int_equal(access_store_find(mem, &(AccessStoreQuery){directory, "https://dev.azure.com/contoso", NULL},
                                           BEGIN, &found, &n, &reason),
                         0);
        assert_int_equal(n, 1);
}

/* --- crashes, damage --- */

static char *newest(size_t *np) {
        size_t n = 0;
        AccessFile *files = list(&n);

        return folder_read(mem, folder, files[n - 1].name, np);
}

static void replace_newest(const char *bytes, size_t n_bytes) {
        size_t n = 0;
        AccessFile *files = list(&n);

        folder_write(folder, files[n - 1].name, bytes, n_bytes);
}

/* Wherever a crash cuts a record of changes off, what was before it still answers, and the next pass stores it whole.
 */
static void test_torn(void **state) {
        size_t n_whole = 0, n_both = 0, n = 0;
        char *both = NULL;

        store_rights("abc", BEGIN);
        (void)newest(&n_whole);
        store_rights("aBc", BEGIN + DAY);
        both = newest(&n_both);
        for (size_t cut = n_whole + 1; cut < n_both; cut++) {
                replace_newest(both, cut);
                assert_string_equal(found_at(INT64_MAX), "abc torn");
                assert_string_equal(found_at(BEGIN), "abc torn");
        }
        assert_int_equal(store_rights("aBc", BEGIN + 2 * DAY), OUTCOME_WHOLE);
        assert_string_equal(found_at(BEGIN + DAY), "abc until +2 torn");
        assert_string_equal(found_at(BEGIN + 2 * DAY), "aBc");
        assert_string_equal(changes_of(0, INT64_MAX), "abc>aBc ");
        assert_int_equal(store_rights("aBc", BEGIN + 3 * DAY), OUTCOME_SAME);
        (void)list(&n);
        assert_int_equal(n, 2);
}

/* Whatever byte is altered: it is seen before anything is answered that rests on it. The last one ends a line: without
 * it the record is torn. */
static void test_altered(void **state) {
        size_t n = 0;
        char *bytes = NULL;

        store_rights("abc", BEGIN);
        store_rights("aBc", BEGIN + DAY);
        bytes = newest(&n);
        for (size_t i = 0; i + 1 < n; i++) {
                const char *answer = NULL;

                bytes[i] ^= 1;
                replace_newest(bytes, n);
                answer = found_at(INT64_MAX);
                if (strcmp(answer, "aBc") == 0 || strcmp(answer, "abc torn") == 0)
                        fail_msg("byte %zu (%c) may be %c", i, bytes[i] ^ 1, bytes[i]);
                assert_true(strstr(answer, ".jsonl:") || strcmp(answer, "nothing before +0") == 0);
                bytes[i] ^= 1;
        }
}

/* A folder that is not one, and a file that grew meanwhile. */
static void test_not_written(void **state) {
        Outcome outcome = OUTCOME_SAME;
        AccessShelf *shelf = NULL;
        AccessShelfWork work = {0};
        size_t n = 0;

        folder_write(directory, ACCESS_FOLDER, "", 0);
        assert_int_equal(try_to_store(&(State){.rights = "a"}, BEGIN, &outcome), -ENOTDIR);
        assert_int_equal(unlink(mem_printf(mem, "%s/" ACCESS_FOLDER, directory)), 0);
        store_rights("ab", BEGIN);
        shelf = access_shelf_new(mem, organization_folder, PROJECT);
        assert_int_equal(read_all(shelf), 0);
        access_shelf_begin(shelf, &(AccessRecordHead){.pass = pass_at(BEGIN),
                                                      .organization = URL,
                                                      .project = "MLOps",
                                                      .project_id = PROJECT,
                                                      .charter = "c0ffee",
                                                      .wall = BEGIN});
        assert_int_equal(offer(shelf, &(State){.rights = "aB"}), 0);
        assert_int_equal(access_shelf_end(shelf, &(AccessShelfKeep){0}, &work), ACCESS_SHELF_CHANGED);
        store_rights("AB", BEGIN + DAY);
        assert_int_equal(work.work(work.job), -ESTALE);
        mem_free(work.job);
        assert_string_equal(found_at(INT64_MAX), "AB");
        (void)list(&n);
        assert_int_equal(n, 1);
}

/* What a crash left half made goes with the next look; what is given up leaves nothing. */
static void test_half_made(void **state) {
        const char *left = pass_at(BEGIN + DAY);
        AccessShelf *shelf = NULL;
        size_t n = 0;

        store(&(State){.rights = "a", .n_more = 1}, BEGIN);
        left = mem_printf(mem, "%s.jsonl" ACCESS_FILE_NEW, left);
        folder_write(folder, left, "{", 1);
        assert_int_equal(store(&(State){.rights = "a", .n_more = 1}, BEGIN + 2 * DAY), OUTCOME_SAME);
        assert_null(folder_read(mem, folder, left, &n));
        shelf = access_shelf_new(mem, organization_folder, "22222222-2222-2222-2222-222222222222");
        assert_int_equal(read_all(shelf), 0);
        access_shelf_begin(shelf, &(AccessRecordHead){.pass = pass_at(BEGIN),
                                                      .organization = URL,
                                                      .project = "MLOps",
                                                      .project_id = PROJECT,
                                                      .charter = "c0ffee",
                                                      .wall = BEGIN});
        assert_int_equal(offer(shelf, &(State){.rights = "a", .n_more = 5000}), 0);
        mem_free(shelf);
        assert_int_equal(rmdir(mem_printf(mem, "%s/22222222-2222-2222-2222-222222222222", organization_folder)), 0);
}

/* --- how long it is kept --- */

static void test_kept(void **state) {
        size_t n = 0;

        keep_ms = 40 * DAY;
        for (int day = 0; day < 200; day++)
                store_rights(day % 2 ? "Ab" : "ab", BEGIN + day * DAY);
        (void)list(&n);
        assert_in_range(n, 4, 7);
        assert_string_equal(found_at(BEGIN + 199 * DAY), "Ab");
        assert_string_equal(found_at(BEGIN + 160 * DAY), "ab until +161");
        assert_non_null(strstr(found_at(BEGIN + 100 * DAY), "nothing before +"));
        /* a clock that is wrong removes nothing */
        store_rights("AB", BEGIN + 10000 * DAY);
        assert_string_equal(found_at(BEGIN + 160 * DAY), "ab until +161");
}

/* The clock was set back: the newest file stays the newest. */
static void test_clock_set_back(void **state) {
        store_rights("ab", BEGIN + 10 * DAY);
        assert_int_equal(store_rights("a-", BEGIN + DAY), OUTCOME_WHOLE);
        assert_int_equal(store_rights("a-", BEGIN + 2 * DAY), OUTCOME_SAME);
        assert_string_equal(found_at(INT64_MAX), "a");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_over_time),   TEST(test_large),
                TEST(test_grown),       TEST(test_project_by_another_name),
                TEST(test_torn),        TEST(test_altered),
                TEST(test_not_written), TEST(test_half_made),
                TEST(test_kept),        TEST(test_clock_set_back),
        };

        return cmocka_run_group_tests_name("access-shelf", tests, NULL, NULL);
}
