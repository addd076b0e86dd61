/* SPDX-License-Identifier: Apache-2.0 */
/* Journal: lines made durable in groups, away from the loop's thread. */
#pragma once

#include "common/base/mem.h"
#include "daemon/flow/port.h"
#include "daemon/net/loop.h"

/* What writes them. append and finish are called on the loop's thread, sync on another while
 * nothing else is asked of the writer; `writer` outlives the loop. */
typedef struct JournalSpec {
        Loop *loop;
        void *writer;
        int (*append)(void *writer,
                      const char *lines);         /* 0, or negative: none of them was written */
        int (*sync)(void *writer);                /* 0: durable */
        void (*finish)(void *writer, int result); /* of sync; negative: what was appended since
                                                     the last one is taken back */
} JournalSpec;

/* Shared by the ports of all organisations. */
typedef struct Journal Journal;
typedef struct JournalTicket JournalTicket;

Journal *journal_new(Mem *parent, const JournalSpec *spec);
/* Calls back when the lines are durable, or with a negative errno when they are not written; never
 * from inside. What is asked while others are on their way to the disk goes together after them.
 * Freeing the ticket drops the call back, and the lines when they are not yet being written. */
JournalTicket *journal_record(Journal *journal, Mem *owner, const char *lines, PortRecordFn fn,
                              void *context);
