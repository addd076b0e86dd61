/* SPDX-License-Identifier: Apache-2.0 */
/* AccessShelf: the records of one project, to which a pass adds what changed: one record, then the shelf is freed. */
#pragma once

#include "common/access/record.h"

enum {
        ACCESS_SHELF_CHANGES_SIZE = 256 * 1024, /* of one record of changes; what is more becomes a whole one */
        ACCESS_SHELF_CHUNK_SIZE = 16 * 1024,    /* of a whole one that is not on the disk yet */
        ACCESS_SHELF_LINES = 500,               /* read in one turn */
};
#define ACCESS_SHELF_FILE_MS (30LL * 24 * 60 * 60 * 1000) /* an older file takes no more changes */

typedef struct AccessShelf AccessShelf;

/* Neither reads nor makes anything yet. What is not on its way to the disk when it is freed is not kept. */
AccessShelf *access_shelf_new(Mem *parent, const char *organization_folder, const char *project_id);

/* --- what is on the disk, which has to be looked at first --- */

/* The next lines: 1; 0: that was all; a negative errno: it cannot be read. */
int access_shelf_read(AccessShelf *shelf);

/* --- a record, line by line --- */

/* For another thread: nothing else is done with the shelf until it has ended. */
typedef struct AccessShelfWork {
        Mem *job; /* the caller's */
        int (*work)(void *job);
} AccessShelfWork;

typedef struct AccessShelfKeep {
        int64_t keep_ms; /* 0: for ever; files whose records are all older, and not the last before that, are removed */
        int64_t wall;    /* now */
} AccessShelfKeep;

/* The head lives until the end; whether it is a whole one, and what is before it, is the shelf's to say. */
void access_shelf_begin(AccessShelf *shelf, const AccessRecordHead *head);
/* 0, or a negative errno: the record cannot be written. */
int access_shelf_offer(AccessShelf *shelf, const char *line, size_t n);
typedef enum AccessShelfEnd {
        ACCESS_SHELF_SAME,    /* as it stands on the disk: nothing is to be written */
        ACCESS_SHELF_AGAIN,   /* begin again: this time all of it is to be written */
        ACCESS_SHELF_CHANGED, /* *workp makes it durable: 0, or a negative errno */
} AccessShelfEnd;
AccessShelfEnd access_shelf_end(AccessShelf *shelf, const AccessShelfKeep *keep, AccessShelfWork *workp);
/* Of the record that has ended so. */
const char *access_shelf_digest(const AccessShelf *shelf);
