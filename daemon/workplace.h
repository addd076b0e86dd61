/* SPDX-License-Identifier: Apache-2.0 */
/* Workplace: what the commands of one settings file share: loop, connections, the state directory. */
#pragma once

#include "config/settings.h"
#include "daemon/engine/known.h"
#include "daemon/engine/ledger.h"
#include "daemon/net/journal.h"
#include "daemon/net/loop.h"
#include "daemon/net/web.h"

typedef enum WorkplaceUse {
        WORKPLACE_READS, /* takes no lock, records nothing */
        WORKPLACE_ALONE, /* has no state directory: what is remembered is not looked at either */
        WORKPLACE_WRITES,
} WorkplaceUse;

typedef struct Workplace {
        const Settings *settings;
        const char *state_directory; /* NULL: WORKPLACE_ALONE */
        Loop *loop;
        Web *web;
        Ledger *ledger;   /* WORKPLACE_WRITES */
        Journal *journal; /* WORKPLACE_WRITES */
        Known *known;
        LoopTicket *saving; /* known.json is on its way to the disk */
        bool is_unsaved;    /* it changed since */
        LoopTicket *saving_again; /* it could not be written */
        int ledger_error;         /* negative: it cannot be written */
        Mem *trying;              /* whether it can be written again: an alarm, then a record of nothing */
        void (*on_ledger)(void *context); /* it can; or NULL: nobody waits for that */
        void *context;
} Workplace;

enum {
        WORKPLACE_TAKEN = 1,          /* another process works on the state directory */
        WORKPLACE_TRY_MS = 10 * 1000, /* a state directory that cannot be written is tried so often */
};

/* Run by root for writing, the process first becomes the state directory's owner. 0; WORKPLACE_TAKEN or negative, then
 * *reasonp (below parent) says what is wrong. Settings outlive it. */
int workplace_open(Mem *parent, const Settings *settings, WorkplaceUse use, Workplace **workplacep,
                   const char **reasonp);
/* Frees everything, waiting for what is on its way to the disk. NULL is fine; always returns NULL. */
Workplace *workplace_close(Workplace *workplace);
/* Settings that replace those in force. */
void workplace_take_settings(Workplace *workplace, const Settings *settings);
/* known.json is written on another thread, and once more when it changes meanwhile or could not be written. */
void workplace_save_known(Workplace *workplace);
