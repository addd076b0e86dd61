/* SPDX-License-Identifier: Apache-2.0 */
/* Simulator: the simulator process behind a scripted port: real answers, in virtual time. */
#pragma once

#include "common/base/mem.h"
#include "tests/replay/script_port.h"

typedef struct Simulator Simulator;

/* A request as it left. */
typedef struct SimulatorAsked {
        int64_t at; /* virtual */
        bool is_survey;
        bool is_write;
        const char *path;
} SimulatorAsked;

/* Starts $CHARTERD_SIMULATOR with a generated organisation (tests/simulator/README.md) called contoso; the token of its
 * administrator is used. It ends with its parent. */
Simulator *simulator_start(Mem *parent, const char *generate);
/* The organisation's address. */
const char *simulator_url(const Simulator *simulator);
/* Where what is not in the core lives, once the engine was told. */
void simulator_set_base(Simulator *simulator, Base base, const char *url);
/* From now on requests of that port are answered, each after so long. */
void simulator_serve(Simulator *simulator, ScriptPort *script, int64_t answer_ms);
/* Nobody answers any more; or again. */
void simulator_set_away(Simulator *simulator, bool is_away);
/* The status of a request to the control interface: `hand`, `faults`. */
int simulator_control(Simulator *simulator, const char *method, const char *what, const char *body);
/* What left through the port, in order. */
const SimulatorAsked *simulator_asked(const Simulator *simulator, size_t *np);
