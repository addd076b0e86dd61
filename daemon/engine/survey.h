/* SPDX-License-Identifier: Apache-2.0 */
/* Survey: one complete reading of what the charter governs, sealed only when nothing failed. */
#pragma once

#include "common/model/desired.h"
#include "common/model/organisation.h"
#include "daemon/engine/memory.h"
#include "daemon/engine/remembrance.h"
#include "daemon/flow/batch.h"
#include "daemon/flow/progress.h"
#include "daemon/plan/undo.h"

typedef struct Survey Survey;

/* How many requests it is thought to take, for its progress. */
typedef struct SurveyGuess {
        size_t n_steady;   /* of each survey */
        size_t n_rotating; /* for areas of teams and pipelines of things, which are kept for a while */
} SurveyGuess;

typedef struct SurveySpec {
        Port *port;
        Throttle *throttle;
        const Desired *desired;
        const char *only_project; /* or NULL */
        const UndoRecord *undo;   /* a change whose place and people are read though the charter may not name them; or NULL */
        Memory *memory;           /* outlives the survey: what was just made, team areas as last read */
        const Known *known;       /* what was seen before, or NULL */
        Progress *progress;       /* or NULL */
        SurveyGuess guess;
        int64_t settle_ms;
        int64_t areas_keep_ms; /* how old a team's areas may be before they are read again */
        /* Tells the world where graph and identities live: a trusted address, before it is used. */
        void (*on_base)(void *context, Base base, const char *url); /* NULL: the service has none that is trusted */
        void (*on_done)(void *context, Survey *survey); /* from the loop */
        void *context;
} SurveySpec;

Survey *survey_start(Mem *parent, const SurveySpec *spec);
/* What was read: sealed projects may be planned from, the others say why not. organisation->error: nothing may. */
Organisation *survey_organisation(const Survey *survey);
/* What is certainly no longer there. */
const GoneList *survey_gone(const Survey *survey);
/* How many requests were for that project alone, NULL: for the organisation; areas of teams, which come in a rotation of
 * their own, and repetitions after a failure left out. */
size_t survey_n_requests(const Survey *survey, const DesiredProject *project);
/* The kind of fault that stopped the organisation, FAULT_NONE when none did. */
FaultKind survey_fault(const Survey *survey);
