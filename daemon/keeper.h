/* SPDX-License-Identifier: Apache-2.0 */
/* Keeper: one organisation of the settings with its charter, credential, addresses and engine. */
#pragma once

#include "config/charter.h"
#include "daemon/engine/engine.h"
#include "daemon/workplace.h"

typedef struct Keeper Keeper;

/* How passes of this process are made. */
typedef enum KeeperUse {
        KEEPER_ONE_SHOT, /* a command: first passes are not held, each team's areas are read once */
        KEEPER_DAEMON,
} KeeperUse;

/* NULL with *reasonp (below parent): the ledger cannot be read, the address or credential cannot be used. `settings` of
 * the organisation and the workplace outlive it. */
Keeper *keeper_new(Mem *parent, Workplace *workplace, const OrganizationSettings *settings, KeeperUse use,
                   const char **reasonp);
/* Cancels what is under way. */
Keeper *keeper_free(Keeper *keeper);

/* Reads a charter and takes it into force from the next pass on. path NULL: the settings'. 0; or negative, then the old
 * one stays in force and keeper_charter_error() says so. Diagnostics are added to `diags`. */
int keeper_load_charter(Keeper *keeper, const char *path, DiagList *diags);
/* The first mistake of a charter that was not taken, with its place; NULL when the last one read was fine. */
const char *keeper_charter_error(const Keeper *keeper);
const char *keeper_charter_path(const Keeper *keeper);

/* 0: one of their charters has the project, or none of them has a charter; negative: a mistyped one, *reasonp (below
 * parent) says so with the nearest name. */
int keeper_check_project(Mem *parent, const Keeper *const *keepers, size_t n_keepers, const char *project,
                         const char **reasonp);

Engine *keeper_engine(const Keeper *keeper);
/* Why nothing will ever move on here, at this monotonic time (ms): a sentence below parent; NULL: it does, or waits for
 * what is still to come. */
char *keeper_stall(Mem *parent, const Keeper *keeper, int64_t now);
const WebStatistics *keeper_statistics(const Keeper *keeper);
const OrganizationSettings *keeper_settings(const Keeper *keeper);

/* result: 0 recorded; 1 the held steps of the last pass have another plan id; negative: the ledger was not written. */
typedef void (*KeeperReleaseFn)(void *context, Keeper *keeper, int result);
/* Lets the held steps of the last pass, or of an undo after it, go, when plan_id is theirs. Calls back from the loop. */
void keeper_release(Keeper *keeper, const char *plan_id, const char *reason, KeeperReleaseFn fn, void *context);
