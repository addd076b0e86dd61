/* SPDX-License-Identifier: Apache-2.0 */
/* Record: what is taken of the article's organisation, written, read, compared and shown; against
 * fixtures/access/article/record*. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/access/fingerprint.h"
#include "common/access/record_matrix.h"
#include "common/access/shifts.h"
#include "common/access/taking.h"
#include "common/base/clock.h"
#include "tests/unit/access/article.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"

static Mem *mem;
static Article article;
static AccessView *repaired; /* Data Science A is in Contributors no more */

static int setup(void **state) {
        mem = mem_alloc_zero(NULL, 1, "test");
        article_init(&article, mem);
        repaired = access_view_new(mem, article.live);
        return 0;
}

static int teardown(void **state) {
        mem = mem_free(mem);
        return 0;
}

/* --- what is taken --- */

typedef struct Lines {
        char **items;
        size_t n;
} Lines;

static Lines take(AccessView *view) {
        AccessTaking *taking = access_taking_new(mem, &(AccessTakingSpec){.project = article.project,
                                                                          .live = view,
                                                                          .names = access_names_of(article.live),
                                                                          .row = article.row});
        AccessTakingState state = TAKING_WORKING;
        Lines lines = {0};

        while (state != TAKING_END) {
                Text line;

                text_init(&line, mem);
                state = access_taking_step(taking, &line);
                if (state == TAKING_LINE)
                        *mem_push(mem, lines.items, lines.n) = line.data;
        }
        return lines;
}

static AccessRecordHead head_at(int64_t wall, const char *previous) {
        return (AccessRecordHead){.is_whole = !previous,
                                  .organization = "https://dev.azure.com/contoso",
                                  .project = "MLOps",
                                  .project_id = "11111111-1111-1111-1111-111111111111",
                                  .pass = "0193000000000001",
                                  .wall = wall,
                                  .charter = "c0ffee",
                                  .ledger_head = "1ed9e7",
                                  .previous = previous};
}

static int64_t at(const char *time) {
        int64_t wall = 0;

        assert_int_equal(clock_parse(&wall, time), 0);
        return wall;
}

static const char *write_record(const AccessRecordHead *head, const Lines *lines, char *digest) {
        AccessRecordWriter writer;
        Text text;

        text_init(&text, mem);
        access_record_begin(&writer, head, &text);
        for (size_t i = 0; i < lines->n; i++)
                access_record_add(&writer, lines->items[i], &text);
        access_record_end(&writer, &text);
        if (digest)
                memcpy(digest, writer.digest, DIGEST_TEXT_SIZE);
        return text.data;
}

static Lines changed(const Lines *before, const Lines *after) {
        Lines lines = {0};

        assert_int_equal(before->n, after->n);
        for (size_t i = 0; i < after->n; i++)
                if (strcmp(before->items[i], after->items[i]) != 0)
                        *mem_push(mem, lines.items, lines.n) = after->items[i];
        return lines;
}

/* A leak, and its end: a whole record and one of changes. */
static const char *whole_text, *changes_text;

static void write_both(void) {
        char digest[DIGEST_TEXT_SIZE];
        Lines leak = take(article.view);
        Lines closed = take(repaired);
        Lines changes = changed(&leak, &closed);
        AccessRecordHead first = head_at(at("2026-03-02T10:00:00Z"), NULL);
        AccessRecordHead second;

        whole_text = write_record(&first, &leak, digest);
        second = head_at(at("2026-03-03T10:00:00Z"), digest);
        changes_text = write_record(&second, &changes, NULL);
}

/* --- reading --- */

static int feed(AccessReader *reader, const char *text, const char **reasonp) {
        int r = 0;

        for (const char *line = text; *line && r >= 0; line = strchr(line, '\n') + 1)
                r = access_reader_take(reader, line, (size_t)(strchr(line, '\n') - line), reasonp);
        return r;
}

static AccessReader *read_both(void) {
        AccessReader *reader = access_reader_new(mem);
        const char *reason = NULL;

        write_both();
        assert_int_equal(feed(reader, whole_text, &reason), 1);
        assert_int_equal(feed(reader, changes_text, &reason), 1);
        assert_false(access_reader_is_open(reader));
        return reader;
}

static const char *write_again(const AccessRecord *record) {
        Lines lines = {0};
        AccessRecordHead head = record->head;
        Text line;

#define ADD(write, item)                                          \
        do {                                                      \
                text_init(&line, mem);                            \
                write(item, &line);                               \
                *mem_push(mem, lines.items, lines.n) = line.data; \
        } while (0)
        ADD(access_record_write_project, record->head.project);
        for (size_t i = 0; i < record->n_kinds; i++)
                ADD(access_record_write_kind, &record->kinds[i]);
        for (size_t i = 0; i < record->n_principals; i++)
                ADD(access_record_write_principal, &record->principals[i]);
        for (size_t i = 0; i < record->n_things; i++)
                ADD(access_record_write_thing, &record->things[i]);
#undef ADD
        head.is_whole = true;
        head.previous = NULL;
        return write_record(&head, &lines, NULL);
}

static void test_round_trip(void **state) {
        AccessReader *reader = read_both();
        const AccessRecord *before = access_reader_before(reader), *after = access_reader_record(reader);
        AccessRecordHead head = head_at(at("2026-03-03T10:00:00Z"), NULL);
        Lines closed = take(repaired);

        assert_string_equal(write_again(before), whole_text);
        assert_string_equal(write_again(after), write_record(&head, &closed, NULL));
        assert_int_equal(after->head.wall, at("2026-03-03T10:00:00Z"));
        assert_string_equal(after->head.ledger_head, "1ed9e7");
        golden_compare(FIXTURES "/article/record.jsonl", mem_printf(mem, "%s%s", whole_text, changes_text));
}

/* Each cell of the record is what an evaluation alone answers. */
static void test_rights(void **state) {
        AccessReader *reader = read_both();
        const AccessRecord *record = access_reader_before(reader);
        AccessNames names = access_names_of(article.live);

        assert_int_equal(record->n_things, 12);
        for (size_t i = 0; i < record->n_things; i++)
                for (size_t k = 0; k < article.project->n_principals; k++) {
                        const AccessRecordThing *thing = &record->things[i];
                        const char *name = article.project->principals[k].name;
                        AccessRights rights = access_record_rights(record, thing, name);
                        AccessPlace place = access_place_of(mem, &names, article.project, thing->kind, thing->name);
                        AccessSubject *subject = access_subject_new(
                                mem, article.view, names.principal(names.context, article.project, name));
                        AccessMasks masks = {0};

                        assert_int_equal(thing->exists, place.token != NULL);
                        if (place.token)
                                masks = access_evaluate(article.view, subject, place.space, place.token);
                        assert_int_equal(rights.allow,
                                         masks.allow &
                                                 permission_settable(&article.live->permissions.items[place.space]));
                        assert_int_equal(rights.unknown, masks.unknown);
                }
}

/* In a project that is not private what is closed to read may be open to others. */
static void test_public(void **state) {
        AccessReader *reader = access_reader_new(mem);
        const AccessRecordThing *thing = NULL;
        const char *reason = NULL;

        article.live->projects[article.row].visibility = "public";
        write_both();
        assert_int_equal(feed(reader, whole_text, &reason), 1);
        thing = access_record_find_thing(access_reader_record(reader), KIND_REPOSITORY, "DATA-science-a");
        assert_int_equal(access_record_rights(access_reader_record(reader), thing, "Data Science B").unknown, 2);
        assert_int_equal(access_record_rights(access_reader_record(reader), thing, "Data Science B").allow, 0);
        assert_int_equal(access_record_rights(access_reader_record(reader), thing, "Data Science A").allow & 2, 2);
}

/* What the live matrix says, the stored one says too, but for what the charter wants and the paths. */
static void test_matrix(void **state) {
        AccessReader *reader = read_both();
        const AccessStored stored = {access_reader_before(reader), at("2026-03-03T10:00:00Z")};
        const AccessMatrix *then = access_matrix_of_records(mem, &stored, 1, &(AccessStoredFilter){0});
        const AccessMatrix *live =
                access_matrix_new(mem, &(AccessMatrixSpec){.desired = &article.desired,
                                                           .live = article.view,
                                                           .live_names = access_names_of(article.live)});
        Text text;

        assert_int_equal(then->n_cells, live->n_cells);
        for (size_t i = 0; i < live->n_cells; i++) {
                assert_string_equal(then->cells[i].permission, live->cells[i].permission);
                assert_int_equal(then->cells[i].mark, live->cells[i].mark);
                assert_int_equal(then->cells[i].live, live->cells[i].live);
        }
        text_init(&text, mem);
        access_matrix_print_text(then, ACCESS_PLAIN, &text);
        golden_compare(FIXTURES "/article/record-matrix.txt", text.data);
        then = access_matrix_of_records(mem, &stored, 1, &(AccessStoredFilter){"operations", KIND_PROJECT, "mlops"});
        assert_true(then->is_explanation);
        assert_int_equal(then->n_tables, 1);
        then = access_matrix_of_records(mem, &stored, 1, &(AccessStoredFilter){"Nobody", 0, NULL});
        assert_string_equal(then->error, "the charter named no team or group `Nobody` then");
}

static void test_shifts(void **state) {
        AccessReader *reader = read_both();
        AccessShifts *shifts = access_shifts_new(mem);
        Text text;

        access_shifts_add(shifts, access_reader_before(reader), access_reader_record(reader),
                          &(AccessRecordFilter){.principal = "data science a"});
        text_init(&text, mem);
        access_shifts_print_text(shifts, &text);
        golden_compare(FIXTURES "/article/record-shifts.txt", text.data);
        shifts = access_shifts_new(mem);
        access_shifts_add(shifts, access_reader_record(reader), access_reader_record(reader), &(AccessRecordFilter){0});
        assert_int_equal(shifts->n, 0);
        access_shifts_add(shifts, access_reader_before(reader), access_reader_record(reader),
                          &(AccessRecordFilter){NULL, KIND_SERVICE_CONNECTION, "azure-production"});
        assert_int_equal(shifts->n, 0);
}

/* --- comparing --- */

typedef struct ThenCase {
        AccessRights before, after;
        bool is_before, is_after;
        const char *told; /* NULL: nothing */
} ThenCase;

static const ThenCase then_cases[] = {
        {{0, 0}, {1, 0}, true, true, "gained"},
        {{1, 0}, {0, 0}, true, true, "lost"},
        {{1, 0}, {0, 1}, true, true, "may have lost"},
        {{0, 0}, {0, 1}, true, true, "may have gained"},
        {{0, 1}, {1, 0}, true, true, "has, as is known now:"},
        {{0, 1}, {0, 0}, true, true, "has not, as is known now:"},
        {{1, 0}, {1, 0}, true, true, NULL},
        {{0, 0}, {1, 0}, false, true, "is looked at now, has"},
        {{0, 0}, {0, 1}, false, true, "is looked at now, may have"},
        {{0, 0}, {0, 0}, false, true, NULL},
        {{1, 0}, {0, 0}, true, false, "is no longer looked at, had"},
        {{0, 1}, {0, 0}, true, false, "is no longer looked at, may have had"},
        {{0, 0}, {0, 0}, true, false, NULL},
};

/* Whether the thing or the principal was not yet, or is no longer, in the charter is told in the same words. */
static void compare_case(const ThenCase *wanted, bool is_principal) {
        const AccessWord word = {1, 'R', "Read"};
        const AccessRecordKind kind = {KIND_REPOSITORY, true, &word, 1};
        const AccessRecordPrincipal team = {"Team", true};
        const AccessRecordThing things[] = {{KIND_REPOSITORY, "r", NULL, true, wanted->before, NULL, 0},
                                            {KIND_REPOSITORY, "r", NULL, true, wanted->after, NULL, 0}};
        AccessRecord before = {.head.project = "P",
                               .head.pass = "1",
                               .kinds = &kind,
                               .n_kinds = 1,
                               .principals = &team,
                               .things = &things[0]};
        AccessRecord after = before;
        AccessShifts *shifts = access_shifts_new(mem);
        Text text;

        before.n_principals = is_principal ? wanted->is_before : 1;
        before.n_things = is_principal ? 1 : wanted->is_before;
        after.things = &things[1];
        after.n_principals = is_principal ? wanted->is_after : 1;
        after.n_things = is_principal ? 1 : wanted->is_after;
        access_shifts_add(shifts, &before, &after, &(AccessRecordFilter){0});
        text_init(&text, mem);
        access_shifts_print_text(shifts, &text);
        if (wanted->told)
                assert_string_equal(text.data, mem_printf(mem,
                                                          "1970-01-01T00:00:00.000Z [P], pass 1\n"
                                                          "  Team at repository r: %s Read\n\n",
                                                          wanted->told));
        else
                assert_string_equal(text.data, "");
}

static void test_then(void **state) {
        for (size_t i = 0; i < sizeof then_cases / sizeof *then_cases; i++) {
                compare_case(&then_cases[i], /* is_principal= */ false);
                compare_case(&then_cases[i], /* is_principal= */ true);
        }
}

/* --- what is refused --- */

typedef struct RefusalCase {
        const char *old, *new; /* in the whole record */
        const char *reason;
} RefusalCase;

static const RefusalCase refusal_cases[] = {
        {"\"access\": \"whole\"", "\"access\": \"hole\"",
         "a record of a sort that this version of charterd does not know"},
        {"\"version\": 1", "\"version\": 2", "it was written by another version of charterd"},
        {"\"time\": \"2026-03-02T10:00:00.000Z\"", "\"time\": \"yesterday\"",
         "the head of a record lacks a text or its time"},
        {"\"whole\"", "\"changes\"", "only a record of changes names the record before it"},
        {"\"ledger_head\": \"1ed9e7\"", "\"ledger_head\": \"1ed9e8\"", "its lines are not what was written"},
        {"{\"project\": \"MLOps\"}", "{\"project\": \"Other\"}", "a project by another name"},
        {"{\"kind\": \"project\"", "{\"kind\": \"parsecs\"", "a kind that this version of charterd does not know"},
        {"{\"kind\": \"project\", \"read\": true", "{\"kind\": \"project\", \"read\": 1",
         "a kind that lacks `read` or `words`"},
        {"[1, \"View project", "[3, \"View project", "a permission without its bit"},
        {"[1, \"View project", "[2, \"View project", "a permission with the bit of another"},
        {"\"View project-level information\", \"V\"", "7, \"V\"", "a permission without its word"},
        {"\"View project-level information\", \"V\"", "\"View\", \"VV\"", "a permission with a bad letter"},
        {"{\"principal\": \"Operations\", \"exists\": true", "{\"principal\": \"Operations\", \"exists\": 1",
         "a principal that lacks its name or `exists`"},
        {"{\"principal\": \"Operations\"", "{\"principal\": \"Data Science A\"", "its lines are not what was written"},
        {"{\"at\": \"repositories\"", "{\"at\": \"parsecs\"",
         "a thing of a kind that this version of charterd does not know"},
        {"{\"at\": \"project\", \"name\": \"\"", "{\"at\": \"project\", \"name\": 1",
         "a thing that lacks `name`, `exists`, `others` or `rows`"},
        {"\"others\": [513, 0]", "\"others\": [513]", "rights that are not two masks"},
        {"\"others\": [513, 0]", "\"others\": [3, 1]", "rights that are open and not known"},
        {"\"rows\": [[\"Data Science B\", 1, 0]]", "\"rows\": [[1, 1, 0]]", "a row without its principal"},
        {"\"rows\": [[\"Data Science B\", 1, 0]]", "\"rows\": [[\"X\", 1, 0], [\"x\", 1, 0]]",
         "a principal with two rows"},
        {"{\"lines\": ", "{\"lines\": 1", "it lacks lines, or has too many"},
        {"{\"at\": \"project\"", "{\"what\": \"project\"",
         "a line of a sort that this version of charterd does not know"},
};

static const char *replaced(const char *text, const RefusalCase *change) {
        const char *found = strstr(text, change->old);

        if (!found)
                fail_msg("the record has no %s", change->old);
        return mem_printf(mem, "%.*s%s%s", (int)(found - text), text, change->new, found + strlen(change->old));
}

static void test_refused(void **state) {
        const char *reason = NULL;

        write_both();
        for (size_t i = 0; i < sizeof refusal_cases / sizeof *refusal_cases; i++) {
                AccessReader *reader = access_reader_new(mem);

                reason = NULL;
                assert_true(feed(reader, replaced(whole_text, &refusal_cases[i]), &reason) < 0);
                assert_string_equal(reason, refusal_cases[i].reason);
                assert_null(access_reader_record(reader));
        }
        assert_true(feed(access_reader_new(mem), changes_text, &reason) < 0);
        assert_string_equal(reason, "it does not follow the record before it");
}

/* What stands twice is refused though its digest fits. */
static void test_twice(void **state) {
        AccessRecordHead head = head_at(0, NULL);
        const char *reason = NULL;
        Lines lines = take(repaired);
        char *last = lines.items[lines.n - 1];

        *mem_push(mem, lines.items, lines.n) = last;
        assert_true(feed(access_reader_new(mem), write_record(&head, &lines, NULL), &reason) < 0);
        assert_string_equal(reason, "something stands twice in it");
}

/* An end without a whole record leaves what was there before. */
static void test_abandoned(void **state) {
        AccessReader *reader = access_reader_new(mem);
        const char *reason = NULL;

        write_both();
        assert_int_equal(feed(reader, whole_text, &reason), 1);
        *strrchr(strstr(changes_text, "{\"lines\""), '{') = '\0';
        assert_int_equal(feed(reader, changes_text, &reason), 0);
        assert_true(access_reader_is_open(reader));
        access_reader_abandon(reader);
        assert_string_equal(write_again(access_reader_record(reader)), whole_text);
        write_both();
        assert_int_equal(feed(reader, changes_text, &reason), 1);
}

/* --- lines --- */

typedef struct LineCase {
        const char *a, *b;
        bool is_about_the_same;
} LineCase;

static const LineCase line_cases[] = {
        {"{\"principal\": \"A\", \"exists\": true}", "{\"principal\": \"A\", \"exists\": false}", true},
        {"{\"principal\": \"A\", \"exists\": true}", "{\"principal\": \"B\", \"exists\": true}", false},
        {"{\"principal\": \"A\\\"\", \"exists\": true}", "{\"principal\": \"A\\\"\", \"exists\": false}", true},
        {"{\"at\": \"areas\", \"name\": \"A\", \"exists\": true}",
         "{\"at\": \"areas\", \"name\": \"B\", \"exists\": true}", false},
        {"{\"at\": \"areas\", \"name\": \"A\", \"exists\": true}",
         "{\"at\": \"areas\", \"name\": \"A\", \"owner\": \"T\"}", true},
        {"{\"project\": \"A\"}", "{\"project\": \"B\"}", false},
};

static void test_marks(void **state) {
        for (size_t i = 0; i < sizeof line_cases / sizeof *line_cases; i++) {
                const LineCase *wanted = &line_cases[i];
                AccessLineMark a = access_line_mark(wanted->a, strlen(wanted->a));
                AccessLineMark b = access_line_mark(wanted->b, strlen(wanted->b));

                assert_int_equal(a.about == b.about, wanted->is_about_the_same);
                assert_int_not_equal(a.says, b.says);
        }
}

/* --- fingerprint --- */

static void test_fingerprint(void **state) {
        Mem *other = mem_alloc_zero(NULL, 1, "test");
        Article same;
        uint64_t before = access_fingerprint(article.live);

        article_init(&same, other);
        assert_int_equal(access_fingerprint(same.live), before);
        same.live->projects[same.row].visibility = "public";
        assert_int_not_equal(access_fingerprint(same.live), before);
        article_init(&same, other);
        same.live->acls[0].entries[0].allow ^= 2;
        assert_int_not_equal(access_fingerprint(same.live), before);
        article_init(&same, other);
        organisation_add_membership(same.live, live_principal(same.live, same.row, "Contributors"),
                                    live_principal(same.live, same.row, "Data Science A"));
        assert_int_not_equal(access_fingerprint(same.live), before);
        mem_free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_round_trip), TEST(test_rights), TEST(test_public),      TEST(test_matrix),
                TEST(test_shifts),     TEST(test_then),   TEST(test_refused),     TEST(test_twice),
                TEST(test_abandoned),  TEST(test_marks),  TEST(test_fingerprint),
        };

        return cmocka_run_group_tests_name("access-record", tests, NULL, NULL);
}
