/* SPDX-License-Identifier: Apache-2.0 */
/* Fight: what charterd repairs again and again, because somebody undoes it again and again. */
#pragma once

#include "common/base/json.h"
#include "daemon/plan/plan.h"

enum {
        FIGHT_REPAIRS = 3,                  /* of the same within the window are a fight */
        FIGHT_WINDOW_MS = 60 * 60 * 1000,
        FIGHT_VALUES_MAX = 5,               /* of the other side that are told apart */
        FIGHT_ROWS_FIRST = 1024,            /* then what is over is looked for, to keep them few */
};

/* Of one organisation: what was repaired lately. */
typedef struct Fights Fights;

/* A repair that was done. Strings are the caller's. */
typedef struct Repair {
        uint64_t place;          /* whose and at what */
        uint64_t target;         /* what charterd makes of it: what another charter wants is no fight */
        uint64_t pass;           /* several steps of one pass at one place are one repair */
        int64_t wall;            /* ms since 1970 */
        const char *project;
        const char *what;        /* the place for people: `[Shop]\Red at repository red` */
        const char *description; /* from the value that was found to the one that was set */
} Repair;

Fights *fights_new(Mem *parent);
void fights_note(Fights *fights, const Repair *repair);
/* Those that go on at that time, below parent. */
const PlanFight *fights_list(Mem *parent, Fights *fights, int64_t wall, size_t *np);

/* False: what is made is no repair, nor is taking back what the service gave charterd. */
bool repair_of_step(const Step *step, const char *what, const char *description, Repair *repair);
/* The same of a record of the ledger. */
bool repair_of_intent(const JsonNode *record, Repair *repair);
