/* SPDX-License-Identifier: Apache-2.0 */
/* Pass: survey, plan, apply, read back. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/engine/pass.h"
#include "daemon/engine/reading.h"

/* A step of the first plan: later plans may bind or drop it, and clean up after this pass's own creations, nothing
 * else (architecture.md, Planning again). */
typedef struct FirstStep {
        char id[13];
        bool tried; /* not repeated in this pass */
} FirstStep;

struct Pass {
        PassSpec spec;
        Survey *survey;
        Survey *old; /* of the round before; freed when nothing of it can be on the stack */
        Mem *turn;   /* below the survey: one plan with its round */
        Mem *old_turn;
        Reading *reading;
        Plan *plan;
        Round *round;
        unsigned n_rounds;
        bool made; /* something was created in this pass */
        FirstStep *first; /* by id */
        size_t n_first;
        int64_t surveyed_at;
        unsigned n_late; /* surveys in a row that were too old when they ended */
        const char *error;
        FaultKind fault;
        size_t counts[CHANGE_STATES];
};

const Plan *pass_plan(const Pass *pass) {
        return pass->plan;
}

const char *pass_error(const Pass *pass) {
        return pass->error;
}

FaultKind pass_fault(const Pass *pass) {
        return pass->fault;
}

size_t pass_count(const Pass *pass, ChangeState state) {
        return pass->counts[state];
}

size_t pass_n_done(const Pass *pass) {
        return pass->counts[CHANGE_DONE];
}

size_t pass_n_not_done(const Pass *pass) {
        return pass->counts[CHANGE_FAILED] + pass->counts[CHANGE_NOT_DONE] + pass->counts[CHANGE_UNKNOWN] +
               pass->counts[CHANGE_UNCONFIRMED] + pass->counts[CHANGE_DROPPED] +
               pass->counts[CHANGE_WAITING];
}

const Organisation *pass_live(const Pass *pass) {
        return pass->survey ? survey_organisation(pass->survey) : NULL;
}

size_t pass_n_requests(const Pass *pass, const DesiredProject *project) {
        return pass->survey ? survey_n_requests(pass->survey, project) : 0;
}

const PassSpec *pass_spec(const Pass *pass) {
        return &pass->spec;
}

void pass_rest(Pass *pass) {
        if (!pass->survey)
                return; /* it does already */
        if (pass->plan)
                pass->plan = plan_keep(pass, pass->plan);
        pass->error = mem_strdup(pass, pass->error);
        pass->first = mem_free(pass->first);
        pass->n_first = 0;
        pass->round = NULL;
        pass->turn = pass->old_turn = NULL;
        pass->survey = mem_free(pass->survey);
        pass->old = mem_free(pass->old);
}

static void foresee(Pass *pass);

static void finish(Pass *pass) {
        if (pass->spec.undo && pass->plan && !pass->error)
                foresee(pass);
        pass->spec.host.on_done(pass->spec.host.context, pass);
}

static int compare_id(const void *id, const void *step) {
        const FirstStep *first = step;

        return strcmp(id, first->id);
}

static int compare_first(const void *a, const void *b) {
        const FirstStep *first = a;

        return compare_id(first->id, b);
}

static FirstStep *find_first(const Pass *pass, const char *id) {
        return pass->n_first > 0 ? bsearch(id, pass->first, pass->n_first, sizeof *pass->first, compare_id) : NULL;
}

static bool was_made_here(const Pass *pass, const Step *step) {
        const Memory *memory = pass->spec.memory;
        uint64_t number = pass->spec.number;

        if (step->verb == STEP_CREATE)
                return false;
        if (step->name && step->name[0] &&
            memory_is_made_by(memory, step->kind, step->project_name, step->name, number))
                return true;
        for (int kind = KIND_TEAM; kind <= KIND_GROUP; kind++) {
                if (step->principal.name && memory_is_made_by(memory, (Kind)kind, step->project_name,
                                                              step->principal.name, number))
                        return true;
                if (step->container.name && memory_is_made_by(memory, (Kind)kind, step->project_name,
                                                              step->container.name, number))
                        return true;
        }
        return false;
}

static bool is_allowed(void *context, const Step *step) {
        const Pass *pass = context;
        const FirstStep *first = find_first(pass, step->id);

        if (first)
                return !first->tried;
        return step->is_own_trace || was_made_here(pass, step);
}

static void on_change(void *context, const Change *change) {
        Pass *pass = context;

        pass->spec.host.on_change(pass->spec.host.context, pass, change);
}

static void survey_again(Pass *pass);
static void plan_and_go_on(Pass *pass);

/* What this round did is counted once; what it only put off is counted by the round that ends the pass. */
static void count(Pass *pass, bool is_last) {
        size_t n;
        const Change *changes = round_changes(pass->round, &n);

        for (size_t i = 0; i < n; i++) {
                FirstStep *first = find_first(pass, changes[i].step->id);

                /* What was dropped was not sent, though it may have an intent: the next round plans it anew. */
                bool was_tried = changes[i].has_intent && changes[i].state != CHANGE_DROPPED;

                if (was_tried || changes[i].state == CHANGE_NOT_DONE) {
                        pass->counts[changes[i].state]++;
                        if (first)
                                first->tried = true;
                } else if (is_last && changes[i].step->state == STEP_PENDING && !step_is_only_shown(changes[i].step)) {
                        pass->counts[changes[i].state]++;
                }
        }
}

/* After a creation the rest is planned on what it gave, and what the service gave charterd for it is cleaned up once
 * the owner's own grants are seen: as long as a pass that made something moves, it looks again. */
static bool made_or_dropped(Pass *pass) {
        size_t n;
        const Change *changes = round_changes(pass->round, &n);
        bool moved = false, dropped = false, tried_to_make = false;

        for (size_t i = 0; i < n; i++) {
                bool is_creation = changes[i].step->verb == STEP_CREATE;

                moved |= changes[i].state == CHANGE_DONE;
                pass->made |= changes[i].state == CHANGE_DONE && is_creation;
                tried_to_make |= changes[i].has_intent && is_creation;
                dropped |= changes[i].state == CHANGE_DROPPED;
        }
        /* A round that makes things does nothing else: what could not be made holds up nothing but itself. */
        return dropped || tried_to_make || (pass->made && moved);
}

static bool is_another_round_worth_it(Pass *pass) {
        return pass->n_rounds < PASS_ROUNDS_MAX && !round_error(pass->round) && made_or_dropped(pass);
}

bool pass_stop(Pass *pass) {
        return pass->round && round_halt(pass->round);
}

/* --- between rounds: what creations gave is read, the rest of the survey stands ------------------------------------- */

static bool is_too_old(const Pass *pass) {
        return pass->spec.oldest_ms > 0 &&
               port_now(pass->spec.port) - pass->surveyed_at > pass->spec.oldest_ms;
}

/* The round has read back whatever it wrote; what is live beside that is looked at by the next pass. */
static bool is_survey_outdated(const Pass *pass) {
        size_t n;
        const Change *changes = round_changes(pass->round, &n);

        if (is_too_old(pass))
                return true;
        for (size_t i = 0; i < n; i++)
                if (changes[i].state == CHANGE_DROPPED ||
                    (changes[i].has_intent && changes[i].step->verb == STEP_CREATE &&
                     changes[i].step->kind == KIND_PROJECT))
                        return true;
        return false;
}

static void read_team(Pass *pass, const Entity *team) {
        const Organisation *live = survey_organisation(pass->survey);
        const char *root = live->projects[team->project].root_token[NAMESPACE_IDENTITY];
        char separator = live->permissions.items[NAMESPACE_IDENTITY].separator;

        reading_add_team_areas(pass->reading, (Index)(team - live->entities));
        if (root)
                reading_add_token(pass->reading, team->project, NAMESPACE_IDENTITY,
                                  mem_printf(pass->reading, "%s%c%s", root, separator, team->id));
}

static void read_made(Pass *pass, const Step *step) {
        const Organisation *live = survey_organisation(pass->survey);
        Index index = step->project == INDEX_NONE || !step->name
                              ? INDEX_NONE
                              : organisation_find_entity(live, step->project, step->kind, step->name);
        const Entity *entity = index == INDEX_NONE ? NULL : &live->entities[index];
        int space = kind_namespace(step->kind);

        if (!entity)
                return;
        if (entity->token && space >= 0)
                reading_add_token(pass->reading, entity->project, (uint8_t)space, entity->token);
        if (entity->identity != INDEX_NONE)
                reading_add_group(pass->reading, organisation_canonical_identity(live, entity->identity));
        if (entity->kind == KIND_TEAM)
                read_team(pass, entity);
}

static void on_read(void *context, Reading *reading) {
        Pass *pass = context;
        bool failed = reading_error(reading, INDEX_NONE) != NULL;

        pass->reading = mem_free(reading);
        pass->old_turn = mem_free(pass->old_turn);
        if (failed)
                survey_again(pass);
        else
                plan_and_go_on(pass);
}

static void look_again(Pass *pass) {
        size_t n;
        const Change *changes = round_changes(pass->round, &n);

        if (is_survey_outdated(pass)) {
                survey_again(pass);
                return;
        }
        pass->reading = reading_new(pass->survey, &(ReadingSpec){.port = pass->spec.port,
                                                                 .throttle = pass->spec.throttle,
                                                                 .live = survey_organisation(pass->survey),
                                                                 .on_done = on_read,
                                                                 .context = pass});
        for (size_t i = 0; i < n; i++)
                if (changes[i].state == CHANGE_DONE && changes[i].step->verb == STEP_CREATE)
                        read_made(pass, changes[i].step);
        pass->old_turn = pass->turn;
        pass->turn = NULL;
        reading_start(pass->reading);
}

static void on_round(void *context, Round *round) {
        Pass *pass = context;
        bool again = is_another_round_worth_it(pass);

        count(pass, !again);
        if (round_error(round) && !pass->error) {
                pass->error = mem_strdup(pass, round_error(round));
                pass->fault = FAULT_UNAVAILABLE;
        }
        if (again)
                look_again(pass);
        else
                finish(pass);
}

static bool is_anything_to_do(Pass *pass) {
        for (size_t i = 0; i < pass->plan->n_steps; i++)
                if (pass->plan->steps[i].state == STEP_PENDING && is_allowed(pass, &pass->plan->steps[i]))
                        return true;
        return false;
}

static void remember_first(Pass *pass) {
        for (size_t i = 0; i < pass->plan->n_steps; i++) {
                FirstStep *first = mem_push(pass, pass->first, pass->n_first);

                memcpy(first->id, pass->plan->steps[i].id, sizeof first->id);
        }
        if (pass->n_first > 1)
                qsort(pass->first, pass->n_first, sizeof *pass->first, compare_first);
}

static bool is_made_by_pass(void *context, const Step *step) {
        return was_made_here(context, step);
}

static Plan *plan_of(Pass *pass, const UndoRecord *undo) {
        PlanSpec spec = {
                .desired = pass->spec.desired,
                .live = survey_organisation(pass->survey),
                .limits = pass->spec.limits,
                .mode = pass->spec.mode,
                .wall_ms = port_wall(pass->spec.port),
                .only_project = pass->spec.only_project,
                .undo = undo,
                .is_made_by_pass = is_made_by_pass,
                .context = pass,
        };

        pass->spec.host.prepare(pass->spec.host.context, pass, spec.live, &spec);
        remembrance_fill(pass->turn, pass->spec.known, spec.desired, spec.live, survey_gone(pass->survey), &spec);
        return plan_new(pass->turn, &spec);
}

static void make_plan(Pass *pass) {
        pass->turn = mem_new(pass->survey, char);
        pass->plan = plan_of(pass, pass->spec.undo);
        pass->spec.host.on_held(pass->spec.host.context, pass->plan);
}

static bool is_done(void *context, const Step *step) {
        const Pass *pass = context;
        size_t n = 0;
        const Change *changes = pass->round ? round_changes(pass->round, &n) : NULL;

        for (size_t i = 0; i < n; i++)
                if (changes[i].step == step && changes[i].state == CHANGE_DONE)
                        return true;
        return false;
}

/* Nothing is planned from this reading any more: what the charter would make of what is undone may be laid into it. */
static void foresee(Pass *pass) {
        undo_fold(pass->plan, survey_organisation(pass->survey));
        undo_foresee(pass->plan, plan_of(pass, /* undo= */ NULL));
        plan_drop_steps(pass->plan, is_done, pass);
}

/* A throttled service or a small budget made it slow. Areas of teams, which are the most of a first survey, are kept:
 * reading again takes less. */
static void read_again_or_give_up(Pass *pass) {
        if (++pass->n_late < PASS_SURVEYS_MAX) {
                survey_again(pass);
                return;
        }
        pass->fault = FAULT_THROTTLED;
        pass->error = mem_printf(pass,
                                 "reading took more than %d minutes, %u times in a row, and what is older is not planned "
                                 "from; raise `limits: requests_per_5_minutes`, or wait until the service slows charterd "
                                 "down no more",
                                 PASS_OLDEST_MS / (60 * 1000), pass->n_late);
        finish(pass);
}

static void on_survey(void *context, Survey *survey) {
        Pass *pass = context;

        pass->survey = survey;
        if (survey_organisation(survey)->error) {
                pass->error = survey_organisation(survey)->error;
                pass->fault = survey_fault(survey);
                finish(pass);
                return;
        }
        if (is_too_old(pass)) {
                read_again_or_give_up(pass);
                return;
        }
        pass->n_late = 0;
        plan_and_go_on(pass);
}

static void plan_and_go_on(Pass *pass) {
        bool is_first = pass->n_rounds == 0;

        progress_begin(pass->spec.progress, PROGRESS_PLANNING, port_now(pass->spec.port));
        make_plan(pass);
        if (is_first) {
                remember_first(pass);
                pass->spec.host.on_plan(pass->spec.host.context, pass, pass->plan);
                if (pass->spec.host.has_to_wait(pass->spec.host.context, pass))
                        return;
        }
        pass_go_on(pass);
}

void pass_go_on(Pass *pass) {
        if (pass->spec.purpose == PASS_PLAN || pass->spec.mode != MODE_ENFORCE || !is_anything_to_do(pass)) {
                finish(pass);
                return;
        }
        pass->n_rounds++;
        pass->round = round_start(pass->turn, &(RoundSpec){
                                                        .port = pass->spec.port,
                                                        .throttle = pass->spec.throttle,
                                                        .desired = pass->spec.desired,
                                                        .live = survey_organisation(pass->survey),
                                                        .plan = pass->plan,
                                                        .memory = pass->spec.memory,
                                                        .sights = pass->spec.sights,
                                                        .progress = pass->spec.progress,
                                                        .pass_id = pass->spec.id,
                                                        .pass = pass->spec.number,
                                                        .number = pass->n_rounds,
                                                        .settle_ms = pass->spec.settle_ms,
                                                        .surveyed_at = pass->surveyed_at,
                                                        .oldest_ms = pass->spec.oldest_ms,
                                                        .mode = pass->spec.mode,
                                                        .is_allowed = is_allowed,
                                                        .on_change = on_change,
                                                        .on_done = on_round,
                                                        .context = pass,
                                                });
}

static void on_base(void *context, Base base, const char *url) {
        Pass *pass = context;

        pass->spec.host.on_base(pass->spec.host.context, base, url);
}

static void survey_begin(Pass *pass) {
        pass->surveyed_at = port_now(pass->spec.port);
        pass->survey = survey_start(pass, &(SurveySpec){
                                                  .port = pass->spec.port,
                                                  .throttle = pass->spec.throttle,
                                                  .desired = pass->spec.desired,
                                                  .only_project = pass->spec.only_project,
                                                  .undo = pass->spec.undo,
                                                  .memory = pass->spec.memory,
                                                  .known = pass->spec.known,
                                                  .progress = pass->spec.progress,
                                                  .guess = pass->spec.guess,
                                                  .settle_ms = pass->spec.settle_ms,
                                                  .areas_keep_ms = pass->spec.areas_keep_ms,
                                                  .on_base = on_base,
                                                  .on_done = on_survey,
                                                  .context = pass,
                                          });
}

static void on_off_the_stack(void *context) {
        Pass *pass = context;

        pass->old = mem_free(pass->old);
        survey_begin(pass);
}

/* The survey, its plan and its round go together; a new one takes their place. */
static void survey_again(Pass *pass) {
        pass->old = pass->survey;
        pass->survey = NULL;
        pass->plan = NULL;
        pass->round = NULL;
        pass->turn = pass->old_turn = NULL; /* they go with the old survey */
        port_alarm(pass->spec.port, pass, /* delay_ms= */ 0, on_off_the_stack, pass);
}

Pass *pass_start(Mem *parent, const PassSpec *spec) {
        Pass *pass = mem_new(parent, Pass);

        pass->spec = *spec;
        pass->spec.id = mem_strdup(pass, spec->id);
        survey_begin(pass);
        return pass;
}
