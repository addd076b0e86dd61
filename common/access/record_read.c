/* SPDX-License-Identifier: Apache-2.0 */
/* RecordRead: records out of their lines. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/access/record.h"
#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/json.h"

/* The rows of a record as they come, or the state that they lead to. Strings live in `arena`: that of the last whole
 * record, with what changed since. */
typedef struct Rows {
        Mem *mem;
        AccessRecordKind *kinds;
        AccessRecordPrincipal *principals;
        AccessRecordThing *things;
        size_t n_kinds, n_principals, n_things;
} Rows;

struct AccessReader {
        AccessRecord *record;
        AccessRecord *before;
        Arena *arena;       /* of `record`; of what is coming when that is no whole one */
        Arena *arena_older; /* of `before`, when that is another one */
        Arena *arena_new;   /* of a whole record that is coming */
        bool is_open;
        AccessRecordHead head; /* of what is coming */
        Rows rows;
        char digest[DIGEST_TEXT_SIZE];
        size_t n_lines;
};

AccessReader *access_reader_new(Mem *parent) {
        AccessReader *reader = mem_new(parent, AccessReader);

        reader->arena = arena_new(reader);
        return reader;
}

const AccessRecord *access_reader_record(const AccessReader *reader) {
        return reader->record;
}

const AccessRecord *access_reader_before(const AccessReader *reader) {
        return reader->before;
}

bool access_reader_is_open(const AccessReader *reader) {
        return reader->is_open;
}

void access_reader_abandon(AccessReader *reader) {
        reader->rows.mem = mem_free(reader->rows.mem);
        reader->arena_new = mem_free(reader->arena_new);
        reader->is_open = false;
}

static Arena *arena_of(const AccessReader *reader) {
        return reader->arena_new ? reader->arena_new : reader->arena;
}

static const char *keep(const AccessReader *reader, const char *text) {
        return text ? arena_strdup(arena_of(reader), text) : NULL;
}

/* --- items: NULL, or what is wrong --- */

/* _KIND_N: this version of charterd has none of that key. */
static Kind kind_of(const JsonNode *node, const char *member) {
        const char *key = json_get_text(node, member);

        return key ? kind_by_key(key) : _KIND_N;
}

static const char *read_word(const AccessReader *reader, const JsonNode *node, AccessWord *word) {
        const JsonNode *bit = json_first(node);
        const JsonNode *text = bit ? json_next(bit) : NULL;
        const JsonNode *mark = text ? json_next(text) : NULL;
        const char *letter = mark ? json_value_text(mark) : NULL;
        int64_t value = 0;

        if (!json_is_array(node) || json_value_int(bit, 1, UINT32_MAX, &value) < 0 || (value & (value - 1)))
                return "a permission without its bit";
        if (!text || !json_value_text(text))
                return "a permission without its word";
        if (mark && (!letter || letter[0] <= ' ' || letter[0] > '~' || letter[1] || json_next(mark)))
                return "a permission with a bad letter";
        *word = (AccessWord){(uint32_t)value, letter ? letter[0] : ACCESS_RECORD_NO_MARK,
                             keep(reader, json_value_text(text))};
        return NULL;
}

static const char *read_kind(AccessReader *reader, const JsonNode *node) {
        AccessRecordKind kind = {.kind = kind_of(node, "kind")};
        const JsonNode *words = json_get(node, "words");
        size_t n = json_count(words);
        AccessWord *list = NULL;
        uint32_t bits = 0;

        if (kind.kind == _KIND_N)
                return "a kind that this version of charterd does not know";
        if (json_get_bool(node, "read", &kind.is_read) < 0 || !json_is_array(words))
                return "a kind that lacks `read` or `words`";
        if (n > ACCESS_RECORD_WORDS_MAX)
                return "a kind with too many permissions";
        list = arena_alloc(arena_of(reader), n * sizeof *list);
        json_each(word, words) {
                const char *wrong = read_word(reader, word, &list[kind.n_words]);

                if (wrong)
                        return wrong;
                if (bits & list[kind.n_words].bit)
                        return "a permission with the bit of another";
                bits |= list[kind.n_words++].bit;
        }
        kind.words = list;
        *mem_push(reader->rows.mem, reader->rows.kinds, reader->rows.n_kinds) = kind;
        return NULL;
}

static const char *read_principal(AccessReader *reader, const JsonNode *node) {
        AccessRecordPrincipal principal = {.name = json_get_text(node, "principal")};

        if (!principal.name || json_get_bool(node, "exists", &principal.exists) < 0)
                return "a principal that lacks its name or `exists`";
        principal.name = keep(reader, principal.name);
        *mem_push(reader->rows.mem, reader->rows.principals, reader->rows.n_principals) = principal;
        return NULL;
}

/* Two masks from one on, the last of their array. */
static const char *read_rights(const JsonNode *allow, AccessRights *rights) {
        const JsonNode *unknown = allow ? json_next(allow) : NULL;
        int64_t a = 0, u = 0;

        if (json_value_int(allow, 0, UINT32_MAX, &a) < 0 || json_value_int(unknown, 0, UINT32_MAX, &u) < 0 ||
            json_next(unknown))
                return "rights that are not two masks";
        if (a & u)
                return "rights that are open and not known";
        *rights = (AccessRights){(uint32_t)a, (uint32_t)u};
        return NULL;
}

static int compare_rows(const void *a, const void *b) {
        const AccessRow *x = a;
        const AccessRow *y = b;

        return text_compare(x->principal, y->principal);
}

static const char *read_rows(AccessReader *reader, const JsonNode *node, AccessRecordThing *thing) {
        size_t n = json_count(node);
        AccessRow *rows = NULL;

        if (n > ACCESS_RECORD_ROWS_MAX)
                return "a thing with too many rows";
        rows = arena_alloc(arena_of(reader), n * sizeof *rows);
        json_each(item, node) {
                const JsonNode *principal = json_first(item);
                AccessRow *row = &rows[thing->n_rows++];
                const char *wrong = NULL;

                if (!json_is_array(item) || !principal || !json_value_text(principal))
                        return "a row without its principal";
                row->principal = keep(reader, json_value_text(principal));
                wrong = read_rights(json_next(principal), &row->rights);
                if (wrong)
                        return wrong;
        }
        if (n > 1)
                qsort(rows, n, sizeof *rows, compare_rows);
        for (size_t i = 1; i < n; i++)
                if (compare_rows(&rows[i - 1], &rows[i]) == 0)
                        return "a principal with two rows";
        thing->rows = rows;
        return NULL;
}

static const char *read_thing(AccessReader *reader, const JsonNode *node) {
        AccessRecordThing thing = {.kind = kind_of(node, "at"),
                                   .name = json_get_text(node, "name"),
                                   .owner = json_get_text(node, "owner")};
        const JsonNode *others = json_get(node, "others");
        const JsonNode *rows = json_get(node, "rows");
        const char *wrong = NULL;

        if (thing.kind == _KIND_N)
                return "a thing of a kind that this version of charterd does not know";
        if (!thing.name || json_get_bool(node, "exists", &thing.exists) < 0 || !json_is_array(others) ||
            !json_is_array(rows))
                return "a thing that lacks `name`, `exists`, `others` or `rows`";
        wrong = read_rights(json_first(others), &thing.others);
        if (!wrong)
                wrong = read_rows(reader, rows, &thing);
        if (wrong)
                return wrong;
        thing.name = keep(reader, thing.name);
        thing.owner = keep(reader, thing.owner);
        *mem_push(reader->rows.mem, reader->rows.things, reader->rows.n_things) = thing;
        return NULL;
}

/* --- a record --- */

static const char *begin(AccessReader *reader, const JsonNode *node) {
        const char *what = json_get_text(node, "access");
        const char *time = json_get_text(node, "time");
        AccessRecordHead *head = &reader->head;
        int64_t version = 0;

        if (!what || json_get_int(node, "version", 1, INT64_MAX, &version) < 0)
                return "a record that lacks its head";
        if (version != ACCESS_RECORD_VERSION)
                return "it was written by another version of charterd";
        *head = (AccessRecordHead){.is_whole = strcmp(what, "whole") == 0,
                                   .organization = json_get_text(node, "organization"),
                                   .project = json_get_text(node, "project"),
                                   .project_id = json_get_text(node, "project_id"),
                                   .pass = json_get_text(node, "pass"),
                                   .charter = json_get_text(node, "charter"),
                                   .ledger_head = json_get_text(node, "ledger_head"),
                                   .previous = json_get_text(node, "previous")};
        if (!head->is_whole && strcmp(what, "changes") != 0)
                return "a record of a sort that this version of charterd does not know";
        if (!time || clock_parse(&head->wall, time) < 0 || !head->organization || !head->project || !head->project_id ||
            !head->pass || !head->charter)
                return "the head of a record lacks a text or its time";
        if (head->is_whole == (head->previous != NULL))
                return "only a record of changes names the record before it";
        if (!head->is_whole && (!reader->record || strcmp(head->previous, reader->record->digest) != 0))
                return "it does not follow the record before it";
        if (head->is_whole)
                reader->arena_new = arena_new(reader);
        head->organization = keep(reader, head->organization);
        head->project = keep(reader, head->project);
        head->project_id = keep(reader, head->project_id);
        head->pass = keep(reader, head->pass);
        head->charter = keep(reader, head->charter);
        head->ledger_head = keep(reader, head->ledger_head);
        head->previous = keep(reader, head->previous);
        reader->rows = (Rows){.mem = mem_new(reader, char)};
        reader->n_lines = 0;
        reader->is_open = true;
        return NULL;
}

static int compare_kinds(const void *a, const void *b) {
        const AccessRecordKind *x = a;
        const AccessRecordKind *y = b;

        return x->kind == y->kind ? 0 : x->kind < y->kind ? -1 : 1;
}

static int compare_principals(const void *a, const void *b) {
        const AccessRecordPrincipal *x = a;
        const AccessRecordPrincipal *y = b;

        return text_compare(x->name, y->name);
}

static int compare_things(const void *a, const void *b) {
        const AccessRecordThing *x = a;
        const AccessRecordThing *y = b;

        if (x->kind != y->kind)
                return x->kind < y->kind ? -1 : 1;
        return text_compare(x->name, y->name);
}

typedef int (*CompareFn)(const void *a, const void *b);

/* A sorted array: the rows of before, those that came in their places. NULL: one came twice. */
static void *unite(Mem *parent, size_t size, CompareFn compare, const void *older, size_t n_older, void *newer,
                   size_t n_newer, size_t *np) {
        char *items = mem_alloc_array(parent, size, n_older + n_newer + 1, "rows");
        const char *a = older, *b = newer;
        size_t i = 0, j = 0, n = 0;

        if (n_newer > 1)
                qsort(newer, n_newer, size, compare);
        for (size_t k = 1; k < n_newer; k++)
                if (compare(b + (k - 1) * size, b + k * size) == 0)
                        return NULL;
        while (i < n_older || j < n_newer) {
                int order = i == n_older ? 1 : j == n_newer ? -1 : compare(a + i * size, b + j * size);

                memcpy(items + n++ * size, order < 0 ? a + i * size : b + j * size, size);
                i += order <= 0;
                j += order >= 0;
        }
        *np = n;
        return items;
}

static const char *make_record(AccessReader *reader, AccessRecord **recordp) {
        static const AccessRecord none;
        const AccessRecord *older = reader->head.is_whole ? &none : reader->record;
        AccessRecord *record = mem_new(reader, AccessRecord);
        Rows *rows = &reader->rows;

        *recordp = record;
        record->head = reader->head;
        memcpy(record->digest, reader->digest, sizeof record->digest);
        record->kinds = unite(record, sizeof *rows->kinds, compare_kinds, older->kinds, older->n_kinds, rows->kinds,
                              rows->n_kinds, &record->n_kinds);
        record->principals = unite(record, sizeof *rows->principals, compare_principals, older->principals,
                                   older->n_principals, rows->principals, rows->n_principals, &record->n_principals);
        record->things = unite(record, sizeof *rows->things, compare_things, older->things, older->n_things,
                               rows->things, rows->n_things, &record->n_things);
        return record->kinds && record->principals && record->things ? NULL : "something stands twice in it";
}

static const char *end(AccessReader *reader, const JsonNode *node) {
        const char *digest = json_get_text(node, "digest");
        AccessRecord *record = NULL;
        int64_t n = 0;
        const char *wrong = NULL;

        if (json_get_int(node, "lines", 0, ACCESS_RECORD_LINES_MAX, &n) < 0 || (size_t)n != reader->n_lines)
                return "it lacks lines, or has too many";
        if (!digest || strcmp(digest, reader->digest) != 0)
                return "its lines are not what was written";
        wrong = make_record(reader, &record);
        reader->rows.mem = mem_free(reader->rows.mem);
        if (wrong)
                return wrong;
        mem_free(reader->before);
        reader->before = reader->record;
        reader->record = record;
        reader->arena_older = mem_free(reader->arena_older);
        if (reader->arena_new) {
                reader->arena_older = reader->arena;
                reader->arena = reader->arena_new;
                reader->arena_new = NULL;
        }
        reader->is_open = false;
        return NULL;
}

/* What heads a record says it too; here a name that changed is seen by whoever compares lines. */
static const char *read_project(const AccessReader *reader, const JsonNode *node) {
        const char *name = json_get_text(node, "project");

        return name && strcmp(name, reader->head.project) == 0 ? NULL : "a project by another name";
}

static const char *take_item(AccessReader *reader, const JsonNode *node) {
        if (++reader->n_lines > ACCESS_RECORD_LINES_MAX)
                return "it has too many lines";
        if (json_get(node, "at"))
                return read_thing(reader, node);
        if (json_get(node, "principal"))
                return read_principal(reader, node);
        if (json_get(node, "kind"))
                return read_kind(reader, node);
        if (json_get(node, "project"))
                return read_project(reader, node);
        return "a line of a sort that this version of charterd does not know";
}

int access_reader_take(AccessReader *reader, const char *line, size_t n, const char **reasonp) {
        Mem *mem = mem_new(NULL, char);
        JsonNode *node = NULL;
        bool is_end = false;
        int r = json_parse(mem, line, n, &node, reasonp);

        if (r == 0) {
                is_end = reader->is_open && json_get(node, "lines");
                *reasonp = !reader->is_open ? begin(reader, node)
                           : is_end         ? end(reader, node)
                                            : take_item(reader, node);
                r = *reasonp ? -EBADMSG : is_end ? 1 : 0;
        }
        if (r == 0) {
                if (reader->n_lines == 0)
                        reader->digest[0] = '\0';
                access_line_fold(reader->digest, line, n);
        }
        mem_free(mem);
        return r;
}
