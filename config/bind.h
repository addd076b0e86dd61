/* SPDX-License-Identifier: Apache-2.0 */
/* Bind: mappings of a file laid over structs by tables, one key a row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/diag.h"
#include "config/variables.h"
#include "config/yaml.h"

typedef struct Binder {
        Arena *arena; /* of everything bound */
        DiagList *diags;
        const Variables *variables; /* NULL: braces are plain text */
        size_t *n_text;             /* bytes of text with variables filled in so far; NULL: not bounded */
        void *context;              /* of the handlers */
} Binder;

enum {
        BIND_TEXT_MAX = 64 * 1024 * 1024, /* of all text of a charter, variables filled in */
};

typedef enum BindType {
        BIND_TEXT,     /* const char * */
        BIND_BOOL,     /* bool */
        BIND_CHOICE,   /* an enum: min + the index in choices */
        BIND_INTEGER,  /* int64_t */
        BIND_DURATION, /* int64_t, milliseconds: 30s, 5m, 24h, 400d */
        BIND_SIZE,     /* int64_t, bytes: 512, 64KiB, 64MiB, 4GiB */
        BIND_PERCENT,  /* int64_t: 25% */
        BIND_NODE,     /* const YamlNode *, looked at later */
        BIND_MAP,      /* a struct at offset, by `table` */
        BIND_CALL,     /* `take` */
        BIND_INCLUDE,  /* the rows of `table` stand here too; `key` is NULL */
        BIND_REFUSED,  /* "`key` is not supported yet", or `why` */
} BindType;

typedef enum BindFlag {
        BIND_REQUIRED = 1 << 0,
        BIND_OR_NONE = 1 << 1, /* the word `none` is -1 (numbers) or NULL (text) */
} BindFlag;

typedef struct BindTable BindTable;
typedef struct BindRow BindRow;
typedef void (*BindTake)(Binder *binder, void *target, const YamlNode *value, const BindRow *row);

struct BindRow {
        const char *key;
        BindType type;
        size_t offset; /* of the value in the target */
        unsigned flags;
        int64_t min; /* of numbers, in the unit stored; of choices the value of the first */
        int64_t max;
        const char *const *choices; /* ended by NULL */
        const BindTable *table;
        BindTake take;
        const char *why; /* of a refused key: the end of "`key` …" */
};

struct BindTable {
        const BindRow *rows;
        size_t n;
};

#define BIND_TABLE(rows_) ((BindTable){(rows_), sizeof(rows_) / sizeof(*(rows_))})

/* Binds each key of a mapping; all mistakes are told, what is right is bound. False when it is no
 * mapping. */
bool bind_map(Binder *binder, const YamlNode *map, const BindTable *table, void *target);
/* True when the node is of that type; else a diagnostic. */
bool bind_expect(Binder *binder, const YamlNode *node, YamlType type);
/* The text with variables filled in; NULL with a diagnostic when it is none, or empty. */
const char *bind_text(Binder *binder, const YamlNode *node);
/* The index of the word in the choices; -1 with a diagnostic. */
int bind_choice(Binder *binder, const YamlNode *node, const char *const *choices);
/* True and the value, or false with a diagnostic. */
bool bind_bool(Binder *binder, const YamlNode *node, bool *valuep);
/* A duration as settings take it, 30s, 5m, 24h or 400d, in milliseconds; false when it is none. */
bool bind_read_duration(const char *text, int64_t *msp);
void bind_error(Binder *binder, Place place, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* An address that is none, without what people write before an `@` of it: passwords and tokens. */
void bind_url_error(Binder *binder, Place place, const char *url, const char *reason);
/* "WHAT `word`; did you mean `nearest`?", or all that are known. */
void bind_unknown(Binder *binder, Place place, const char *what, const char *word,
                  const char *const *candidates, size_t n_candidates);
