/* SPDX-License-Identifier: Apache-2.0 */
/* Known: the governed things as they were last seen, kept over restarts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/text.h"
#include "common/model/kind.h"

enum {
        KNOWN_ENTRIES_MAX = 1000 * 1000,
        KNOWN_SIZE_MAX = 256 * 1024 * 1024, /* of the file */
};

#define KNOWN_FILE "known.json"

typedef struct Known Known;

/* Of one organisation's thing; names are compared as the service compares them. */
typedef struct KnownKey {
        const char *organization; /* its url */
        Kind kind;
        const char *project; /* "" for projects themselves and what belongs to none */
        const char *name;
} KnownKey;

typedef struct KnownEntry {
        KnownKey key;
        const char *id;
        int64_t seen_at;    /* wall ms: last seen by a complete reading; 0 never */
        int64_t written_at; /* wall ms: last written by charterd; 0 never */
} KnownEntry;

/* --- in memory: pure --- */

Known *known_new(Mem *parent);
/* 0, or -EBADMSG with *reasonp (below parent): damaged. Strict: damage never means that nothing is
 * known. */
int known_parse(Mem *parent, const char *bytes, size_t n, Known **knownp, const char **reasonp);
/* The file's text. */
void known_write(const Known *known, Text *text);

/* All entries, sorted by organisation, kind, project, name. */
const KnownEntry *known_entries(const Known *known, size_t *np);
/* NULL: not known. */
const KnownEntry *known_find(const Known *known, const KnownKey *key);
/* The thing with that id, whatever it is called (a rename); ids are compared without case. */
const KnownEntry *known_find_id(const Known *known, const char *organization, Kind kind,
                                const char *id);

typedef enum KnownEvent {
        KNOWN_SEEN,    /* by a complete reading */
        KNOWN_WRITTEN, /* made or changed by charterd */
} KnownEvent;

/* The thing has that id now. True when it was not known, or by another id. Pointers to entries are
 * invalid afterwards; their texts stay as long as the whole. */
bool known_note(Known *known, const KnownKey *key, const char *id, KnownEvent event, int64_t wall);
/* Moments that are later than `wall` become it: the clock was set back, and how long ago they were is not known.
 * True when there were any. */
bool known_rewind(Known *known, int64_t wall);
/* The thing goes by another name from now on; what was known of the new name is replaced. False:
 * the old name is not known. */
bool known_rename(Known *known, const KnownKey *key, const char *name);
/* Not governed any more. False: it was not known. */
bool known_forget(Known *known, const KnownKey *key);

/* --- the file --- */

/* From known.json of a state directory; nothing is known when there is no such file. 0, or negative
 * with *reasonp (below parent): it is there but cannot be used, and nothing may be planned. */
int known_load(Mem *parent, const char *directory, Known **knownp, const char **reasonp);
/* Writes what is known into a file beside it, from which known_save() makes it the file. 0 or a negative errno. */
int known_stage(const Known *known, const char *directory);
/* Makes what was staged last the file, durable. May be called on another thread. 0 or a negative errno: the old file
 * is still there, what was staged is not. */
int known_save(const char *directory);
