/* SPDX-License-Identifier: Apache-2.0 */
/* AclScanner: cuts an answer of access control lists into pieces as its bytes arrive. */
#include <stdbool.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/acl_scanner.h"

/* A level collects one piece; the container it stands in is the level below's. */
typedef enum Level {
        LEVEL_DOCUMENT,
        LEVEL_LIST,
        LEVEL_ENTRY,
        _LEVEL_N,
} Level;

typedef struct LevelRow {
        const char *key; /* of the container whose items are cut out one level up, or NULL */
        char open;       /* of that container */
        char close;
        unsigned depth; /* inside the object that has the key */
        unsigned depth_max;
} LevelRow;

static const LevelRow level_rows[_LEVEL_N] = {
        [LEVEL_DOCUMENT] = {"value", '[', ']', 1, 1},
        [LEVEL_LIST] = {"acesDictionary", '{', '}', 3, 3},
        [LEVEL_ENTRY] = {NULL, '\0', '\0', 0, 0},
};

typedef enum StringState {
        STRING_NONE,
        STRING_INSIDE,
        STRING_ESCAPE, /* after a backslash */
} StringState;

struct AclScanner {
        const AclScannerEvents *events;
        void *context;
        LevelRow rows[_LEVEL_N];
        Text pieces[_LEVEL_N];
        unsigned item_depth[_LEVEL_N]; /* inside the container the level's pieces stand in */
        bool has_items[_LEVEL_N]; /* of the container the level's pieces stand in */
        Level level;
        unsigned depth;
        StringState string;
        size_t matched; /* bytes of the level's key that the string at hand begins with; beyond its
                           length: none */
        bool is_key; /* the last string was the level's key, and only blanks or its colon have come
                        since */
        bool is_armed; /* after that colon */
        const char *error;
};

AclScanner *acl_scanner_new(Mem *parent, const AclScannerEvents *events, void *context) {
        AclScanner *scanner = mem_new(parent, AclScanner);

        scanner->events = events;
        scanner->context = context;
        memcpy(scanner->rows, level_rows, sizeof scanner->rows);
        for (size_t i = 0; i < _LEVEL_N; i++)
                text_init(&scanner->pieces[i], scanner);
        return scanner;
}

void acl_scanner_set_list(AclScanner *scanner, const char *key, unsigned depth_max) {
        scanner->rows[LEVEL_DOCUMENT].key = key;
        scanner->rows[LEVEL_DOCUMENT].depth_max = depth_max;
        scanner->rows[LEVEL_LIST].key = NULL;
}

static void clear(Text *piece) {
        piece->n = 0;
        piece->data[0] = '\0';
}

void acl_scanner_begin(AclScanner *scanner) {
        for (size_t i = 0; i < _LEVEL_N; i++) {
                clear(&scanner->pieces[i]);
                scanner->has_items[i] = false;
        }
        scanner->level = LEVEL_DOCUMENT;
        scanner->depth = 0;
        scanner->string = STRING_NONE;
        scanner->is_key = false;
        scanner->is_armed = false;
        scanner->error = NULL;
}

static int refuse(AclScanner *scanner, const char *sentence) {
        if (!scanner->error)
                scanner->error = sentence;
        return -1;
}

static int keep(AclScanner *scanner, const char *bytes, size_t n) {
        Text *piece = &scanner->pieces[scanner->level];

        if (n > ACL_ELEMENT_MAX - piece->n)
                return refuse(scanner, "an element of the list is larger than charterd reads");
        text_append_bytes(piece, bytes, n);
        return 0;
}

static bool is_blank(const Text *piece, size_t from) {
        return piece->data[from + strspn(piece->data + from, " \t\r\n")] == '\0' &&
               strlen(piece->data) == piece->n;
}

/* Gives the piece of a level away and makes room for the next one. */
static int deliver(AclScanner *scanner, Level level) {
        int (*const givers[_LEVEL_N])(void *, const char *, size_t, const char **) = {
                [LEVEL_DOCUMENT] = scanner->events->document,
                [LEVEL_LIST] = scanner->events->list,
                [LEVEL_ENTRY] = scanner->events->entry,
        };
        Text *piece = &scanner->pieces[level];
        const char *reason = NULL;
        int r = 0;

        if (level == LEVEL_ENTRY)
                text_append(piece, "}");
        r = givers[level](scanner->context, piece->data, piece->n, &reason);
        clear(piece);
        return r < 0 ? refuse(scanner, reason ? reason : "an element of the list is malformed") : 0;
}

static void start_piece(AclScanner *scanner) {
        if (scanner->level == LEVEL_ENTRY)
                text_append(&scanner->pieces[LEVEL_ENTRY], "{");
}

/* A comma or the closing bracket after an item of the container. */
static int end_item(AclScanner *scanner, bool is_last) {
        Level level = scanner->level;

        if (is_blank(&scanner->pieces[level], level == LEVEL_ENTRY ? 1 : 0)) {
                clear(&scanner->pieces[level]);
                if (!is_last || scanner->has_items[level])
                        return refuse(scanner, "an element of the list is missing");
                return 0;
        }
        scanner->has_items[level] = true;
        if (deliver(scanner, level) < 0)
                return -1;
        if (!is_last)
                start_piece(scanner);
        return 0;
}

/* True when depth stands directly in the container whose items are cut out. */
static bool at_items(const AclScanner *scanner) {
        return scanner->level != LEVEL_DOCUMENT && scanner->depth == scanner->item_depth[scanner->level];
}

static int open_bracket(AclScanner *scanner, const char *byte) {
        const LevelRow *row = &scanner->rows[scanner->level];
        bool is_cut = scanner->is_armed && *byte == row->open;

        if (scanner->depth >= JSON_DEPTH_MAX)
                return refuse(scanner, "the answer is nested too deep");
        if (keep(scanner, byte, 1) < 0)
                return -1;
        scanner->depth++;
        if (is_cut) {
                scanner->level++;
                scanner->item_depth[scanner->level] = scanner->depth;
                scanner->has_items[scanner->level] = false;
                start_piece(scanner);
        }
        return 0;
}

static int close_bracket(AclScanner *scanner, const char *byte) {
        if (scanner->depth == 0)
                return refuse(scanner, "a bracket closes nothing");
        if (at_items(scanner)) {
                if (*byte != scanner->rows[scanner->level - 1].close)
                        return refuse(scanner, "a bracket is closed by another one");
                if (end_item(scanner, true) < 0)
                        return -1;
                scanner->level--;
        }
        scanner->depth--;
        return keep(scanner, byte, 1);
}

static void open_string(AclScanner *scanner) {
        const LevelRow *row = &scanner->rows[scanner->level];
        bool may_be_key = row->key && scanner->depth >= row->depth && scanner->depth <= row->depth_max;

        scanner->string = STRING_INSIDE;
        scanner->matched = may_be_key ? 0 : SIZE_MAX;
}

/* One byte outside of strings. */
static int take_mark(AclScanner *scanner, const char *byte) {
        bool was_key = scanner->is_key;
        int r = 0;

        if (strchr(" \t\r\n", *byte) && *byte)
                return keep(scanner, byte, 1);
        scanner->is_key = false;
        switch (*byte) {
        case '{':
        case '[':
                r = open_bracket(scanner, byte);
                break;
        case '}':
        case ']':
                r = close_bracket(scanner, byte);
                break;
        case ',':
                r = at_items(scanner) ? end_item(scanner, false) : keep(scanner, byte, 1);
                break;
        case '"':
                open_string(scanner);
                r = keep(scanner, byte, 1);
                break;
        default:
                r = keep(scanner, byte, 1);
                break;
        }
        scanner->is_armed = was_key && *byte == ':';
        return r;
}

static void note_string_byte(AclScanner *scanner, char c) {
        const char *key = scanner->rows[scanner->level].key;

        if (scanner->string == STRING_ESCAPE) {
                scanner->string = STRING_INSIDE;
                return;
        }
        if (c == '"') {
                scanner->string = STRING_NONE;
                scanner->is_key = scanner->matched != SIZE_MAX && key[scanner->matched] == '\0';
                return;
        }
        if (c == '\\')
                scanner->string = STRING_ESCAPE;
        if (scanner->matched != SIZE_MAX)
                scanner->matched = key[scanner->matched] && key[scanner->matched] == c
                                           ? scanner->matched + 1
                                           : SIZE_MAX;
}

/* The bytes up to the end of the string, or all. */
static size_t take_string(AclScanner *scanner, const char *bytes, size_t n) {
        size_t at = 0;

        while (at < n && scanner->string != STRING_NONE)
                note_string_byte(scanner, bytes[at++]);
        return keep(scanner, bytes, at) < 0 ? 0 : at;
}

int acl_scanner_feed(AclScanner *scanner, const char *bytes, size_t n) {
        size_t at = 0;

        while (at < n && !scanner->error) {
                if (scanner->string == STRING_NONE)
                        (void)take_mark(scanner, &bytes[at++]);
                else
                        at += take_string(scanner, bytes + at, n - at);
        }
        return scanner->error ? -1 : 0;
}

int acl_scanner_end(AclScanner *scanner) {
        if (scanner->error)
                return -1;
        if (scanner->depth > 0 || scanner->string != STRING_NONE ||
            scanner->pieces[LEVEL_DOCUMENT].n == 0)
                return refuse(scanner, "the answer is cut");
        return deliver(scanner, LEVEL_DOCUMENT);
}

const char *acl_scanner_error(const AclScanner *scanner) {
        return scanner->error;
}
