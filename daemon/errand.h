/* SPDX-License-Identifier: Apache-2.0 */
/* Errand: a command that works on the organisations of a settings file once and ends. */
#pragma once

#include "daemon/command.h"
#include "daemon/keeper.h"

typedef struct Errand {
        Mem *mem;
        const Cli *cli;
        Settings *settings;
        Workplace *workplace;
        Keeper **keepers; /* whose charter is fine */
        size_t n_keepers;
        int exit_code; /* 1 when a charter or a credential is not */
        size_t n_busy;
} Errand;

/* Reads settings and charters, sets up the log; what is wrong is said on stderr. 0; WORKPLACE_TAKEN: another process
 * works there, nothing else was made; negative: nothing can be done, exit_code says with what to end. errand_end() is
 * called in every case. */
int errand_begin(Errand *errand, const Cli *cli, WorkplaceUse use);
/* The same for one organisation alone, without a charter: by its url, of the settings, or when there is no settings file
 * by the environment's credential. Nothing that is remembered of it is looked at. */
int errand_begin_alone(Errand *errand, const Cli *cli, const char *url);
PrintColour stdout_colour(void);
/* Gives each engine the order and waits until all have ended. on_done of the order is the errand's own. */
void errand_order(Errand *errand, const EngineOrder *order);
/* The command is sent to the daemon that works there, and what it answers is printed. */
void errand_ask_daemon(Errand *errand);
/* Lets the held steps of the last order go, whose plan has that id, for the reason on the command line. 0; negative: not,
 * and it is said. */
int errand_release(Errand *errand, const char *plan_id);
/* The exit code, everything freed. */
int errand_end(Errand *errand);
