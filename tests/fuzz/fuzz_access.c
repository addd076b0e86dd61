/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzAccess: what is taken of the files of access over time, written again, is read again and says the same. */
#include <assert.h>
#include <string.h>

#include "common/access/record_compare.h"
#include "tests/fuzz/target.h"

/* Digests are what a fuzzer cannot guess: these lines stand for those that name the right ones. */
#define END_WORD "end"
#define CHANGES_WORD "changes"

typedef struct Feeding {
        AccessReader *reader;
        char digest[DIGEST_TEXT_SIZE];
        size_t n_lines;
} Feeding;

static int take(Feeding *feeding, const char *line, size_t n, const char **reasonp) {
        int r = access_reader_take(feeding->reader, line, n, reasonp);

        if (access_line_sort(line) != ACCESS_LINE_ITEM)
                feeding->n_lines = 0;
        else
                feeding->n_lines++;
        if (feeding->n_lines == 0)
                feeding->digest[0] = '\0';
        access_line_fold(feeding->digest, line, n);
        assert(access_line_mark(line, n).says == access_line_mark(line, n).says);
        return r;
}

static int take_end(Feeding *feeding, Mem *mem, const char **reasonp) {
        AccessRecordWriter writer = {.n_lines = feeding->n_lines};
        Text end;

        memcpy(writer.digest, feeding->digest, sizeof writer.digest);
        text_init(&end, mem);
        access_record_end(&writer, &end);
        end.data[--end.n] = '\0';
        assert(access_line_sort(end.data) == ACCESS_LINE_END &&
               access_line_ends(end.data, writer.n_lines, writer.digest));
        return access_reader_take(feeding->reader, end.data, end.n, reasonp);
}

/* The head of a record of changes to the one that ended last. */
static int take_changes(Feeding *feeding, Mem *mem, const char **reasonp) {
        const AccessRecord *record = access_reader_record(feeding->reader);
        AccessRecordHead head = record ? record->head : (AccessRecordHead){0};
        AccessRecordWriter writer;
        Text line;

        if (!record)
                return 0;
        head.is_whole = false;
        head.previous = record->digest;
        text_init(&line, mem);
        access_record_begin(&writer, &head, &line);
        line.data[--line.n] = '\0';
        return take(feeding, line.data, line.n, reasonp);
}

/* A whole record that says all of it. */
static void write_whole(const AccessRecord *record, Mem *mem, Text *text) {
        AccessRecordHead head = record->head;
        AccessRecordWriter writer;
        Text line;

        head.is_whole = true;
        head.previous = NULL;
        access_record_begin(&writer, &head, text);
#define ADD(write, item)                                                 \
        do {                                                             \
                text_init(&line, mem);                                   \
                write(item, &line);                                      \
                assert(access_line_sort(line.data) == ACCESS_LINE_ITEM); \
                access_record_add(&writer, line.data, text);             \
        } while (0)
        for (size_t i = 0; i < record->n_kinds; i++)
                ADD(access_record_write_kind, &record->kinds[i]);
        for (size_t i = 0; i < record->n_principals; i++)
                ADD(access_record_write_principal, &record->principals[i]);
        for (size_t i = 0; i < record->n_things; i++)
                ADD(access_record_write_thing, &record->things[i]);
#undef ADD
        access_record_end(&writer, text);
}

/* What is told from one to the other is told back. */
static void check_differences(const AccessRecord *before, const AccessRecord *after) {
        const AccessRecordFilter all = {0};
        Mem *mem = mem_new(NULL, char);
        size_t n = 0, n_back = 0;

        (void)access_record_compare(mem, before, after, &all, &n);
        (void)access_record_compare(mem, after, before, &all, &n_back);
        assert(n == n_back);
        mem_free(mem);
}

static void check_record(const AccessRecord *record) {
        Mem *mem = mem_new(NULL, char);
        AccessReader *reader = access_reader_new(mem);
        const AccessRecordFilter all = {0};
        const char *reason = NULL;
        Text once, twice;
        size_t n = 0;
        int r = 0;

        text_init(&once, mem);
        text_init(&twice, mem);
        write_whole(record, mem, &once);
        for (char *line = once.data; *line; line = strchr(line, '\n') + 1)
                r = access_reader_take(reader, line, (size_t)(strchr(line, '\n') - line), &reason);
        assert(r == 1);
        write_whole(access_reader_record(reader), mem, &twice);
        assert(strcmp(once.data, twice.data) == 0);
        (void)access_record_compare(mem, record, access_reader_record(reader), &all, &n);
        assert(n == 0);
        for (size_t i = 0; i < record->n_things; i++)
                assert(access_record_find_thing(record, record->things[i].kind, record->things[i].name) ==
                       &record->things[i]);
        for (size_t i = 0; i < record->n_principals; i++)
                assert(access_record_find_principal(record, record->principals[i].name) == &record->principals[i]);
        mem_free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_new(NULL, char);
        Feeding feeding = {.reader = access_reader_new(mem)};
        char *text = mem_strndup(mem, (const char *)bytes, n);
        const char *reason = NULL;
        char *next = NULL;
        int r = 0;

        for (char *line = text; line && r >= 0; line = next) {
                next = strchr(line, '\n');
                if (next)
                        *next++ = '\0';
                if (strcmp(line, END_WORD) == 0)
                        r = take_end(&feeding, mem, &reason);
                else if (strcmp(line, CHANGES_WORD) == 0)
                        r = take_changes(&feeding, mem, &reason);
                else
                        r = take(&feeding, line, strlen(line), &reason);
                if (r == 1)
                        check_record(access_reader_record(feeding.reader));
                if (r == 1 && access_reader_before(feeding.reader))
                        check_differences(access_reader_before(feeding.reader), access_reader_record(feeding.reader));
                assert(r >= 0 || (reason && *reason));
        }
        if (access_reader_is_open(feeding.reader))
                access_reader_abandon(feeding.reader);
        mem_free(mem);
        return 0;
}
