/* SPDX-License-Identifier: Apache-2.0 */
/* Record: who can do what at the things of a project, as a pass saw it, in lines of JSON.
 *
 * A record is a line that heads it, a line for the project's name, each kind of thing, principal and thing, and a line
 * that ends it with their number and a digest. A whole record says everything; one of changes says what is no longer as
 * in the record before it, which its head names by its digest.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "common/model/kind.h"

enum {
        ACCESS_RECORD_VERSION = 1,
        ACCESS_RECORD_LINE_MAX = 8 * 1024 * 1024, /* bytes */
        ACCESS_RECORD_LINES_MAX = 1000 * 1000,    /* of one record */
        ACCESS_RECORD_ROWS_MAX = 100 * 1000,      /* of one thing */
        ACCESS_RECORD_WORDS_MAX = 32,             /* of a kind: a bit each */
        ACCESS_RECORD_NO_MARK = ' ',
};

/* Bits in neither are closed. */
typedef struct AccessRights {
        uint32_t allow;
        uint32_t unknown;
} AccessRights;

typedef struct AccessWord {
        uint32_t bit;
        char mark; /* its letter in a table; ACCESS_RECORD_NO_MARK: it stands in none */
        const char *word;
} AccessWord;

/* The permissions of a kind, as its namespace named them then. */
typedef struct AccessRecordKind {
        Kind kind;
        bool is_read; /* else nothing is known of its things */
        const AccessWord *words;
        size_t n_words;
} AccessRecordKind;

typedef struct AccessRecordPrincipal {
        const char *name;
        bool exists;
} AccessRecordPrincipal;

typedef struct AccessRow {
        const char *principal;
        AccessRights rights;
} AccessRow;

typedef struct AccessRecordThing {
        Kind kind;
        const char *name;  /* "" the project */
        const char *owner; /* or NULL */
        bool exists;
        AccessRights others;   /* of each principal without a row */
        const AccessRow *rows; /* by principal */
        size_t n_rows;
} AccessRecordThing;

typedef struct AccessRecordHead {
        bool is_whole;
        const char *organization; /* its url */
        const char *project;      /* the charter's name of it */
        const char *project_id;
        const char *pass;
        int64_t wall;            /* when it was seen, ms since 1970 */
        const char *charter;     /* SHA-256 of the charter in force */
        const char *ledger_head; /* of the ledger's last line then, or NULL */
        const char *previous;    /* digest of the record before; NULL in a whole one */
} AccessRecordHead;

/* What a project is, with all changes applied. */
typedef struct AccessRecord {
        AccessRecordHead head; /* of the last record */
        char digest[DIGEST_TEXT_SIZE];
        const AccessRecordKind *kinds; /* by kind */
        size_t n_kinds;
        const AccessRecordPrincipal *principals; /* by name */
        size_t n_principals;
        const AccessRecordThing *things; /* by kind, name */
        size_t n_things;
} AccessRecord;

const AccessRecordKind *access_record_find_kind(const AccessRecord *record, Kind kind);
const AccessRecordPrincipal *access_record_find_principal(const AccessRecord *record, const char *name);
const AccessRecordThing *access_record_find_thing(const AccessRecord *record, Kind kind, const char *name);
/* What the principal has there; of a kind that was not read every bit is unknown. */
AccessRights access_record_rights(const AccessRecord *record, const AccessRecordThing *thing, const char *principal);

/* --- writing --- */

/* One line each, without its end. */
void access_record_write_project(const char *name, Text *line);
void access_record_write_kind(const AccessRecordKind *kind, Text *line);
void access_record_write_principal(const AccessRecordPrincipal *principal, Text *line);
void access_record_write_thing(const AccessRecordThing *thing, Text *line);

typedef struct AccessRecordWriter {
        char digest[DIGEST_TEXT_SIZE];
        size_t n_lines;
} AccessRecordWriter;

/* They append to `text`. Lines as above, each once, in any order; the writer's digest is the record's once it has
 * ended. */
void access_record_begin(AccessRecordWriter *writer, const AccessRecordHead *head, Text *text);
void access_record_add(AccessRecordWriter *writer, const char *line, Text *text);
void access_record_end(AccessRecordWriter *writer, Text *text);

/* --- lines that are compared without being read --- */

/* A line of a record: what it is about, and what it says of it. */
typedef struct AccessLineMark {
        uint64_t about;
        uint64_t says;
} AccessLineMark;
/* Of a line as those above write it. */
AccessLineMark access_line_mark(const char *line, size_t n);

typedef enum AccessLineSort {
        ACCESS_LINE_HEAD_WHOLE,
        ACCESS_LINE_HEAD_CHANGES,
        ACCESS_LINE_ITEM,
        ACCESS_LINE_END,
} AccessLineSort;
AccessLineSort access_line_sort(const char *line);
/* A digest goes over the lines from the head on: that of what was before with the next one behind it. "" before the
 * first. */
void access_line_fold(char digest[static DIGEST_TEXT_SIZE], const char *line, size_t n);
/* Writes what access_record_end() does: whether a line is that. */
bool access_line_ends(const char *line, size_t n_lines, const char *digest);

/* --- reading --- */

typedef struct AccessReader AccessReader;

AccessReader *access_reader_new(Mem *parent);
/* The next line of a file, without its end. 0; 1: it ends a record, which access_reader_record() now answers;
 * -EBADMSG: it cannot follow, *reasonp (a constant sentence) says why, and nothing more may be taken. */
int access_reader_take(AccessReader *reader, const char *line, size_t n, const char **reasonp);
/* The last one that has ended, NULL before; and the one before it, of whatever file the lines were. Both live until
 * another one ends. */
const AccessRecord *access_reader_record(const AccessReader *reader);
const AccessRecord *access_reader_before(const AccessReader *reader);
/* Lines were taken that no line has ended. */
bool access_reader_is_open(const AccessReader *reader);
/* Forgets them: the file ended there. */
void access_reader_abandon(AccessReader *reader);
