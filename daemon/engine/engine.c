/* SPDX-License-Identifier: Apache-2.0 */
/* Engine: the keeper of one organisation: its charter, its passes, what is held and what was found. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/attribution.h"
#include "daemon/engine/closing.h"
#include "daemon/engine/engine.h"
#include "daemon/engine/pass_record.h"
#include "daemon/engine/remembrance.h"
#include "daemon/engine/telling.h"

/* The service does not answer, or is out of order; said once until it is over, and no more than once an order. */
typedef enum Trouble {
        TROUBLE_NONE,
        TROUBLE_TOLD,
        TROUBLE_OVER, /* in this order */
} Trouble;

struct Engine {
        EngineSpec spec;
        Throttle throttle;
        Progress progress;
        Trouble trouble;
        Memory *memory;
        Desired *desired;
        Desired *next_desired; /* taken into force when the running order has ended */
        EngineOrder order;
        bool busy;
        bool stopping;
        Pass *pass;  /* the running one */
        Pass *last;  /* the last that ended: its plan is shown, unless `picture` is */
        Pass *older; /* freed from the top of the loop */
        Pass *undone; /* the last undo, until the next order */
        char *undone_error; /* it could not be recorded; or NULL */
        Rotation *rotation;
        bool is_rotating;  /* projects take turns */
        const char *turn;  /* the project the running pass is for, or NULL: for all */
        Plan *picture;     /* of the projects' last turns; NULL: they take none */
        bool is_narrowed;  /* the last pass was, by its order */
        PortTicket *pause; /* until the budget has room for the next turn */
        unsigned n_passes;
        uint64_t number;
        size_t n_done, n_not_done;
        int64_t last_pass;
        char *error;
        FaultKind fault;
        PortTicket *ticket;
        PortTicket *closing; /* outcomes of intents that an ended process left open */
        bool has_applied;
        Telling *telling;
        Fights *fights;
        Sights *sights;
        AccessKeeping *access; /* NULL: access over time is not stored */
        Authors *authors;
        Attribution *attribution;
        bool awaits_authors; /* the order is done but for what the audit log is asked */
        PassRecordHeld held_told;
        EngineCounts counts;
        int64_t pass_began; /* the port's clock */
        int64_t pass_began_wall;
        uint64_t n_requests_before; /* the pass */
        bool was_in_sync;   /* with the charter in force: what changes from then on is drift repaired */
};

static void on_authors(void *context);
static void on_stage(void *context, const ProgressStage *stage);

Engine *engine_new(Mem *parent, const EngineSpec *spec) {
        Engine *engine = mem_new(parent, Engine);

        engine->spec = *spec;
        engine->has_applied = spec->history.has_applied;
        engine->memory = memory_new(engine);
        engine->telling = telling_new(engine, spec->url);
        engine->rotation = rotation_new(engine);
        engine->fights = spec->history.fights ? spec->history.fights : fights_new(engine);
        engine->sights = spec->history.sights ? spec->history.sights : sights_new(engine);
        if (spec->state_directory)
                engine->access = access_keeping_new(engine, &(AccessKeepingSpec){.port = spec->port,
                                                                                 .state_directory = spec->state_directory,
                                                                                 .organization = spec->url,
                                                                                 .work = spec->work,
                                                                                 .keep_ms = spec->keep_ms,
                                                                                 .ledger_head = spec->ledger_head,
                                                                                 .context = spec->context});
        engine->progress = (Progress){.on_stage = on_stage, .context = engine};
        throttle_init(&engine->throttle, spec->requests_in_flight, spec->requests_per_5_minutes);
        engine->authors = authors_new(engine);
        engine->attribution = attribution_new(engine, &(AttributionSpec){.port = spec->port,
                                                                         .throttle = &engine->throttle,
                                                                         .url = spec->url,
                                                                         .authors = engine->authors,
                                                                         .on_idle = on_authors,
                                                                         .context = engine});
        attribution_set_known(engine->attribution, spec->history.findings, spec->history.n_findings);
        attribution_add_owed(engine->attribution, spec->history.owed, spec->history.n_owed);
        return engine;
}

bool engine_has_charter(const Engine *engine) {
        return engine->desired || engine->next_desired;
}

bool engine_is_busy(const Engine *engine) {
        return engine->busy;
}

const Plan *engine_plan(const Engine *engine) {
        if (engine->picture && (!engine->is_narrowed || !engine->last))
                return engine->picture;
        return engine->last ? pass_plan(engine->last) : NULL;
}

const char *engine_error(const Engine *engine) {
        return engine->error;
}

FaultKind engine_fault(const Engine *engine) {
        return engine->fault;
}

const Throttle *engine_throttle(const Engine *engine) {
        return &engine->throttle;
}

const Progress *engine_progress(const Engine *engine) {
        return &engine->progress;
}

const EngineSpec *engine_spec(const Engine *engine) {
        return &engine->spec;
}

const Desired *engine_desired(const Engine *engine) {
        return engine->next_desired ? engine->next_desired : engine->desired;
}

int64_t engine_last_pass(const Engine *engine) {
        return engine->last_pass;
}

const EngineCounts *engine_counts(const Engine *engine) {
        return &engine->counts;
}

size_t engine_n_done(const Engine *engine) {
        return engine->n_done;
}

size_t engine_n_not_done(const Engine *engine) {
        return engine->n_not_done;
}

int engine_exit_code(const Engine *engine, PlanStrictness strictness) {
        const Plan *plan = engine_plan(engine);

        if (engine->error || !plan || engine->n_not_done > 0)
                return 1;
        return plan_exit_code(plan, strictness);
}

void engine_set_charter(Engine *engine, Desired *desired) {
        mem_move(engine, desired);
        if (engine->next_desired)
                mem_free(engine->next_desired);
        engine->next_desired = desired;
}

/* Whoever let a step go waits for it: its project comes first. */
static void hurry(Engine *engine, const char *step_id) {
        for (size_t i = 0; engine->picture && i < engine->picture->n_steps; i++) {
                const Step *step = &engine->picture->steps[i];
                RotationRow *row = rotation_find(engine->rotation, step->project_name);

                if (row && strcmp(step->id, step_id) == 0)
                        row->is_hurried = row->is_due = true;
        }
}

/* Those that are good for nothing any more, and one of the same step, make room. */
static void drop_releases(EngineHistory *history, const char *step_id, int64_t wall) {
        size_t n = 0;

        for (size_t i = 0; i < history->n_releases; i++)
                if (wall - history->releases[i].wall <= ENGINE_RELEASE_MS &&
                    strcmp(history->releases[i].step_id, step_id) != 0)
                        history->releases[n++] = history->releases[i];
        history->n_releases = n;
}

void engine_add_release(Engine *engine, const char *step_id, int64_t wall) {
        Release *release;

        drop_releases(&engine->spec.history, step_id, wall);
        release = mem_push(engine, engine->spec.history.releases, engine->spec.history.n_releases);
        snprintf(release->step_id, sizeof release->step_id, "%s", step_id);
        release->wall = wall;
        hurry(engine, step_id);
}

/* --- what a plan needs to know beside the charter and the live organisation ------------------------------------- */

static int compare_ids(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void prepare_releases(Engine *engine, Mem *parent, PlanSpec *spec) {
        int64_t oldest = port_wall(engine->spec.port) - ENGINE_RELEASE_MS;
        const char **ids = NULL;
        size_t n = 0;

        for (size_t i = 0; i < engine->spec.history.n_releases; i++)
                if (engine->spec.history.releases[i].wall >= oldest)
                        *mem_push(parent, ids, n) = engine->spec.history.releases[i].step_id;
        if (n > 1)
                qsort(ids, n, sizeof *ids, compare_ids);
        spec->released = ids;
        spec->n_released = n;
}

static bool charter_has_project(const Desired *desired, const char *name) {
        return desired_find_project(desired, name) != NULL;
}

/* A charter that became empty, lost a project or more than half its teams (product.md, Brakes). */
static const char *charter_shrank(Engine *engine, Mem *parent) {
        const EngineHistory *history = &engine->spec.history;

        if (history->charter_teams < 0)
                return NULL;
        if (engine->desired->n_projects == 0 && history->n_charter_projects > 0)
                return "the charter became empty";
        for (size_t i = 0; i < history->n_charter_projects; i++)
                if (!charter_has_project(engine->desired, history->charter_projects[i]))
                        return history->charter_projects[i][0]
                                       ? mem_printf(parent, "the charter lost project %s", history->charter_projects[i])
                                       : "the charter lost the groups of the organization";
        if ((int64_t)engine->desired->n_teams * 2 < history->charter_teams)
                return mem_printf(parent, "the charter lost more than half its teams: %" PRId64 " -> %zu",
                                  history->charter_teams, engine->desired->n_teams);
        return NULL;
}

static ClosingSpec closing_spec(const Engine *engine, const Organisation *live) {
        return (ClosingSpec){.desired = engine->desired,
                             .live = live,
                             .only_project = engine->turn,
                             .wall = port_wall(engine->spec.port),
                             .settle_ms = engine->spec.settle_ms};
}

/* Before the plan: what charterd itself was given for making something is cleaned up by whoever comes after. */
static void note_made_before(Engine *engine, const Organisation *live) {
        ClosingSpec spec = closing_spec(engine, live);

        if (engine->spec.known && closing_note_made(&spec, &engine->spec.history, engine->spec.known) &&
            engine->order.purpose != PASS_PLAN)
                engine->spec.on_known(engine->spec.context);
}

static void on_prepare(void *context, Pass *pass, const Organisation *live, PlanSpec *spec) {
        Engine *engine = context;

        spec->may_create = engine->spec.may_create;
        spec->may_administrators = engine->spec.may_administrators;
        spec->may_organization = engine->spec.may_organization;
        prepare_releases(engine, pass, spec);
        if (spec->undo)
                return; /* what the charter's own passes are held for does not hold what a person asks for */
        spec->authors = engine->authors;
        spec->hold_first_pass = engine->spec.holds_first_pass && !engine->has_applied;
        spec->charter_shrank = charter_shrank(engine, pass);
        spec->held_before = engine->spec.history.held;
        spec->n_held_before = engine->spec.history.n_held;
        spec->fights = fights_list(pass, engine->fights, port_wall(engine->spec.port), &spec->n_fights);
        note_made_before(engine, live);
}

static bool is_planned(const Plan *plan, const char *project) {
        for (size_t i = 0; i < plan->n_projects; i++)
                if (text_equal(plan->projects[i].name, project) && plan->projects[i].state != PLAN_FAILED)
                        return true;
        return false;
}

/* A list of its own: what is held comes and goes as long as the process lives. */
static void keep_held(Engine *engine, HeldBefore **heldp, size_t *np, const HeldBefore *held) {
        HeldBefore *row = mem_push(engine, *heldp, *np);

        *row = *held;
        row->project = mem_strdup(*heldp, held->project);
}

/* What counted brakes hold now; what other projects held, which this plan says nothing of, stays. */
static void on_held(void *context, const Plan *plan) {
        Engine *engine = context;
        EngineHistory *history = &engine->spec.history;
        HeldBefore *list = NULL;
        size_t n = 0;

        if (plan->undoes)
                return;
        for (size_t i = 0; i < history->n_held; i++)
                if (!is_planned(plan, history->held[i].project))
                        keep_held(engine, &list, &n, &history->held[i]);
        for (size_t i = 0; i < plan->n_steps; i++) {
                const Step *step = &plan->steps[i];
                HeldBefore held = {.brake = step->brake, .project = step->project_name};

                if (step->state != STEP_HELD || (step->brake != BRAKE_CHANGES && step->brake != BRAKE_REMOVALS))
                        continue;
                memcpy(held.id, step->id, sizeof held.id);
                keep_held(engine, &list, &n, &held);
        }
        mem_free(history->held);
        history->held = list;
        history->n_held = n;
}

/* --- progress ----------------------------------------------------------------------------------------------------- */

static const char *const work_names[_PROGRESS_WORK_N] = {
        [PROGRESS_READING] = "reading",
        [PROGRESS_CHANGING] = "changing",
};

/* Quiet passes are quick: only of a long one each stage is worth a line. */
static void on_stage(void *context, const ProgressStage *stage) {
        const Engine *engine = context;

        log_event(stage->pass_ms >= PROGRESS_LONG_MS ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "a stage of the pass has ended",
                  log_fields(LOG_TEXT("organization", engine->spec.url), LOG_TEXT("project", engine->progress.project),
                             LOG_TEXT("work", work_names[stage->work]), LOG_TEXT("stage", stage->name),
                             LOG_NUMBER("n", (int64_t)stage->n_done), LOG_NUMBER("milliseconds", stage->took_ms),
                             LOG_NUMBER("percent", stage->percent)));
}

static void enter(Engine *engine, ProgressWork work) {
        progress_begin(&engine->progress, work, port_now(engine->spec.port));
}

static void begin_progress(Engine *engine) {
        const Desired *desired = engine->desired;
        ProgressPass pass = {.project = engine->turn, .n_projects = desired->n_projects};

        if (!pass.project && desired->n_projects == 1)
                pass.project = desired->projects[0].name;
        progress_begin_pass(&engine->progress, &pass, port_now(engine->spec.port));
}

void engine_look(Engine *engine) {
        ThrottleWait wait = throttle_wait(&engine->throttle, port_now(engine->spec.port));
        bool is_trouble = wait.what == THROTTLE_WAIT_NO_ANSWER || wait.what == THROTTLE_WAIT_DISORDER;

        if (engine->trouble == TROUBLE_OVER || is_trouble == (engine->trouble == TROUBLE_TOLD))
                return;
        engine->trouble = is_trouble ? TROUBLE_TOLD : TROUBLE_OVER;
        if (wait.what == THROTTLE_WAIT_NO_ANSWER)
                log_warning("the service does not answer, and is asked again", LOG_TEXT("organization", engine->spec.url));
        else if (wait.what == THROTTLE_WAIT_DISORDER)
                log_warning("the service is out of order, and is asked again", LOG_TEXT("organization", engine->spec.url),
                            LOG_NUMBER("status", wait.status));
        else
                log_notice("the service answers again", LOG_TEXT("organization", engine->spec.url));
}

/* Of what is read whole, nobody knows yet what there is: as much again. */
static SurveyGuess guess_of(const Engine *engine) {
        const RotationRow *row = engine->turn ? rotation_find(engine->rotation, engine->turn) : NULL;
        size_t n_rotating = (size_t)rotation_areas_cost(engine->rotation, row);
        size_t n_steady = (size_t)rotation_cost(engine->rotation, row) - n_rotating;

        for (size_t i = 0; i < engine->desired->n_projects; i++)
                if (engine->desired->projects[i].whole)
                        return (SurveyGuess){n_steady, n_steady};
        return (SurveyGuess){n_steady, n_rotating};
}

/* --- a pass from its start to its end ------------------------------------------------------------------------------ */

static void on_base(void *context, Base base, const char *url) {
        Engine *engine = context;

        if (base == BASE_AUDIT)
                attribution_set_place(engine->attribution, url != NULL);
        if (url)
                engine->spec.on_base(engine->spec.context, base, url);
}

static void on_closed(void *context, int result) {
        Engine *engine = context;

        engine->closing = NULL;
        if (result < 0)
                log_error("outcomes of changes before the last start could not be recorded yet",
                          LOG_TEXT("organization", engine->spec.url));
}

/* What was under way when the last process ended is read back first (product.md, Commands). */
static void close_intents(Engine *engine, const Organisation *live) {
        ClosingSpec spec = closing_spec(engine, live);
        size_t n;
        Text text;

        if (engine->spec.history.n_intents == 0 || engine->closing)
                return;
        text_init(&text, engine);
        n = closing_settle(&spec, &engine->spec.history, &text);
        if (n > 0) {
                log_notice("changes that were under way when the process ended are read back",
                           LOG_TEXT("organization", engine->spec.url), LOG_NUMBER("changes", (int64_t)n));
                engine->closing = port_record(engine->spec.port, engine, text.data, on_closed, engine);
        }
        text_deinit(&text);
}

/* Which projects were read whole, and what that took. */
static void note_reading(Engine *engine, const Pass *pass, const Plan *plan) {
        Rotation *rotation = engine->rotation;
        int64_t wall = port_wall(engine->spec.port), oldest;

        for (size_t i = 0; i < plan->n_projects; i++) {
                RotationRow *row = rotation_find(rotation, plan->projects[i].name);
                size_t n = pass_n_requests(pass, desired_find_project(engine->desired, row->project));

                if (plan->projects[i].state == PLAN_FAILED)
                        continue;
                row->read_at = wall;
                row->has_areas = true;
                if (n > 0)
                        row->n_requests = n;
        }
        rotation->n_shared = pass_n_requests(pass, NULL);
        oldest = rotation_oldest_reading(rotation);
        if (oldest > 0)
                engine->counts.last_survey = oldest < wall ? oldest : wall;
}

/* What drifted since the pass before, and who did it; what is only looked at in passing is no matter of the log. */
static void see_drift(Engine *engine, const Plan *plan) {
        AttributionUse use = engine->order.purpose == PASS_PLAN ? ATTRIBUTION_SHOWN : ATTRIBUTION_RECORDED;
        int64_t wall = port_wall(engine->spec.port);

        if (engine->order.turns == ENGINE_AT_ONCE || plan->undoes)
                return;
        sights_begin(engine->sights, engine->pass_began_wall);
        sights_take_plan(engine->sights, plan, wall);
        attribution_take_plan(engine->attribution, &(AttributionPlan){.plan = plan,
                                                                      .sights = engine->sights,
                                                                      .begun = engine->pass_began_wall,
                                                                      .wall = wall,
                                                                      .use = use});
}

static void on_plan(void *context, Pass *pass, const Plan *plan) {
        Engine *engine = context;

        note_reading(engine, pass, plan);
        see_drift(engine, plan);
        if (engine->order.purpose == PASS_PLAN)
                return;
        close_intents(engine, pass_live(pass));
        if (engine->spec.known &&
            remembrance_note_seen(engine->spec.known, engine->desired, pass_live(pass), port_wall(engine->spec.port),
                                  plan->shrank ? REMEMBRANCE_SEEN_ALONE : REMEMBRANCE_ALL, engine->turn))
                engine->spec.on_known(engine->spec.context);
}

static void on_access_kept(void *context) {
        Engine *engine = context;

        pass_go_on(engine->pass);
}

/* What was seen is on the disk before it is changed. */
static bool has_to_wait(void *context, Pass *pass) {
        Engine *engine = context;

        if (!engine->access || engine->order.purpose == PASS_PLAN)
                return false;
        enter(engine, PROGRESS_STORING);
        return access_keeping_look(engine->access, &(AccessSighting){.pass = pass_spec(pass)->id,
                                                                     .plan = pass_plan(pass),
                                                                     .live = pass_live(pass),
                                                                     .known = engine->spec.known,
                                                                     .on_done = on_access_kept,
                                                                     .context = engine});
}

static LogLevel change_level(ChangeState state) {
        switch (state) {
        case CHANGE_DONE:
                return LOG_LEVEL_NOTICE;
        case CHANGE_FAILED:
        case CHANGE_UNKNOWN:
        case CHANGE_UNCONFIRMED:
                return LOG_LEVEL_ERROR;
        case CHANGE_OPEN:
        case CHANGE_SENT:
        case CHANGE_NOT_DONE:
        case CHANGE_DROPPED:
        case CHANGE_WAITING:
                return LOG_LEVEL_WARNING;
        }
        assert(!"a state of a change without a level");
        return LOG_LEVEL_ERROR;
}

static void note_repair(Engine *engine, const Pass *pass, const Step *step, const char *description) {
        Repair repair;
        Text what;

        text_init(&what, NULL);
        step_describe_what(step, &what);
        if (repair_of_step(step, what.data, description, &repair)) {
                repair.pass = text_hash(pass_spec(pass)->id);
                repair.wall = port_wall(engine->spec.port);
                fights_note(engine->fights, &repair);
        }
        text_deinit(&what);
}

static void on_change(void *context, Pass *pass, const Change *change) {
        Engine *engine = context;
        const Step *step = change->step;
        Text words;

        text_init(&words, NULL);
        step_describe(pass_plan(pass), step, &words);
        log_event(change_level(change->state), change->state == CHANGE_DONE ? "changed" : "not changed",
                  log_fields(LOG_TEXT("organization", engine->spec.url),
                             LOG_TEXT("project", step->project_name),
                             LOG_TEXT("team", change_team(pass_plan(pass), step)), LOG_TEXT("change", words.data),
                             LOG_TEXT("cause", step->cause), LOG_TEXT("result", change_result(change->state)),
                             LOG_TEXT("change_id", change->id), LOG_TEXT("detail", change->message)));
        if (change->state == CHANGE_DONE) {
                note_repair(engine, pass, step, words.data);
                if (!step->undoes)
                        sights_note_done(engine->sights, step);
        }
        text_deinit(&words);
        attribution_note_change(engine->attribution, change);
        if (change->state == CHANGE_DONE && step->verb == STEP_CREATE && engine->spec.known) {
                remembrance_note_made(engine->spec.known, engine->desired, pass_live(pass), change,
                                      port_wall(engine->spec.port));
                engine->spec.on_known(engine->spec.context);
        }
}

static void next_pass(Engine *engine);
static void begin_turn(Engine *engine);
static void next_turn(Engine *engine);
static void end_order(Engine *engine);
static void on_planned(void *context);

static void keep_error(Engine *engine, const char *error, FaultKind fault) {
        if (engine->error)
                mem_free(engine->error);
        engine->error = error ? mem_strdup(engine, error) : NULL;
        engine->fault = error ? fault : FAULT_NONE;
}

static void write_pass_record(Engine *engine, const Pass *pass, Text *text) {
        const Plan *plan = pass_plan(pass);
        size_t n_access = 0;
        const AccessWitness *access =
                engine->access ? access_keeping_stored(engine->access, pass_spec(pass)->id, &n_access) : NULL;

        pass_record_write(&(PassRecord){.pass_id = pass_spec(pass)->id,
                                        .organization = engine->spec.url,
                                        .project = engine->turn,
                                        .reason = engine->order.reason,
                                        .undo = plan ? plan->undoes : NULL,
                                        .mode = engine->spec.mode,
                                        .charter_sha256 = engine->desired->sha256,
                                        .charter_commit = engine->desired->commit,
                                        .error = pass_error(pass),
                                        .n_done = pass_n_done(pass),
                                        .n_not_done = pass_n_not_done(pass),
                                        .n_steps = plan ? plan->n_steps : 0,
                                        .plan_id = plan && plan->plan_id[0] ? plan->plan_id : NULL,
                                        .applied = engine->has_applied,
                                        .n_requests = engine->throttle.n_requests - engine->n_requests_before,
                                        .history = &engine->spec.history,
                                        .plan = plan,
                                        .access = access,
                                        .n_access = n_access,
                                        .begin = engine->pass_began_wall,
                                        .wall = engine->last_pass},
                          &engine->held_told, text);
}

/* The size of the charter in force becomes what the next one is held against, once it is not held for it or let go. */
static void note_charter_size(Engine *engine, const Plan *plan) {
        EngineHistory *history = &engine->spec.history;

        if (plan->shrank)
                return;
        history->charter_projects = mem_free(history->charter_projects);
        history->n_charter_projects = engine->desired->n_projects;
        history->charter_projects = mem_new_array(engine, const char *, history->n_charter_projects);
        for (size_t i = 0; i < history->n_charter_projects; i++)
                history->charter_projects[i] =
                        mem_strdup(history->charter_projects, engine->desired->projects[i].name);
        history->charter_teams = (int64_t)engine->desired->n_teams;
}

/* Nothing is held and nothing is pending, or something was done: the first pass is behind us. With turns only when each
 * project had its own: what is not seen yet is not let go by what is. */
static bool was_applied(const Engine *engine, const Pass *pass) {
        const Plan *plan = engine_plan(engine);

        return pass_spec(pass)->mode == MODE_ENFORCE && !pass_error(pass) && plan && pass_plan(pass) &&
               (plan_is_whole(plan) || !engine->is_rotating) && (pass_n_done(pass) > 0 || plan->n_steps == 0);
}

static void log_failed_projects(const Engine *engine, const Pass *pass) {
        const Plan *plan = pass_plan(pass);

        for (size_t i = 0; plan && i < plan->n_projects; i++)
                if (plan->projects[i].state == PLAN_FAILED)
                        log_error("project not planned", LOG_TEXT("organization", engine->spec.url),
                                  LOG_TEXT("pass", pass_spec(pass)->id),
                                  LOG_TEXT("project", plan->projects[i].name),
                                  LOG_TEXT("error", plan->projects[i].error));
}

static void log_pass(const Engine *engine, const Pass *pass) {
        const Plan *plan = pass_plan(pass);
        size_t n_held = 0, n_waiting = 0;

        if (pass_error(pass)) {
                log_error("pass failed", LOG_TEXT("organization", engine->spec.url),
                          LOG_TEXT("pass", pass_spec(pass)->id), LOG_TEXT("error", pass_error(pass)));
                return;
        }
        for (size_t i = 0; plan && i < plan->n_steps; i++) {
                n_held += plan->steps[i].state == STEP_HELD;
                n_waiting += plan->steps[i].state == STEP_WAITING;
        }
        log_failed_projects(engine, pass);
        log_info("pass ended", LOG_TEXT("organization", engine->spec.url),
                 LOG_TEXT("pass", pass_spec(pass)->id), LOG_TEXT("project", engine->turn),
                 LOG_TEXT("reason", engine->order.reason),
                 LOG_NUMBER("steps", plan ? (int64_t)plan->n_steps : 0), LOG_NUMBER("held", (int64_t)n_held),
                 LOG_NUMBER("waiting", (int64_t)n_waiting),
                 LOG_NUMBER("done", (int64_t)pass_n_done(pass)),
                 LOG_NUMBER("not_done", (int64_t)pass_n_not_done(pass)),
                 LOG_NUMBER("findings", plan ? (int64_t)plan->n_findings : 0),
                 LOG_NUMBER("requests", (int64_t)(engine->throttle.n_requests - engine->n_requests_before)),
                 LOG_TEXT("ledger_head", engine->spec.ledger_head ? engine->spec.ledger_head(engine->spec.context)
                                                                  : NULL));
        if (engine_plan(engine) && (plan_is_whole(engine_plan(engine)) || engine->is_narrowed))
                telling_tell_held(engine->telling, engine_plan(engine));
}

static bool moves(const Engine *engine, const Pass *pass) {
        return !pass_error(pass) && pass_n_done(pass) > 0 && engine->n_passes < ENGINE_PASSES_MAX;
}

/* What concerns the whole organisation ends a cycle; that one project takes too long to read does not. */
static bool is_cycle_broken(const Engine *engine) {
        return engine->error && engine->fault != FAULT_THROTTLED;
}

/* What is left of the cycle follows, when that was ordered. */
static void end_turn(Engine *engine) {
        RotationRow *row = engine->turn ? rotation_find(engine->rotation, engine->turn) : NULL;

        if (row && !engine->stopping)
                rotation_note_turn(row, port_wall(engine->spec.port));
        if (is_cycle_broken(engine))
                rotation_end(engine->rotation);
        if (engine->order.turns == ENGINE_TURNS_ALL && !engine->order.only_project && !engine->stopping &&
            engine_has_turns_left(engine))
                next_turn(engine);
        else
                end_order(engine);
}

static void on_recorded(void *context, int result) {
        Engine *engine = context;

        engine->ticket = NULL;
        sights_end_record(engine->sights, result >= 0);
        if (result < 0) { /* what was not recorded is told anew */
                telling_forget(engine->telling);
                engine->held_told = (PassRecordHeld){0};
        }
        if (result < 0 && !engine->error)
                keep_error(engine,
                           mem_printf(engine->last, "the ledger could not be written (%s); see the state directory",
                                      strerror(-result)),
                           FAULT_UNAVAILABLE);
        log_pass(engine, engine->last);
        engine->older = mem_free(engine->older);
        if (!engine->stopping && !engine->error && engine->order.until_in_sync &&
            moves(engine, engine->last))
                begin_turn(engine);
        else
                end_turn(engine);
}

static void on_planned(void *context) {
        Engine *engine = context;

        engine->ticket = NULL;
        engine->older = mem_free(engine->older);
        end_turn(engine);
}

static void count_steps(EngineCounts *counts, const Pass *pass) {
        for (int state = 0; state < CHANGE_STATES; state++)
                counts->n_steps[state] += pass_count(pass, (ChangeState)state);
}

/* What a pass did once the organisation had been as the charter wants it is drift repaired. */
static void count_pass(Engine *engine, const Pass *pass) {
        EngineCounts *counts = &engine->counts;
        const Plan *plan = engine_plan(engine);

        counts->n_passes++;
        counts->n_failed_passes += pass_error(pass) != NULL;
        counts->n_credential_failures += pass_fault(pass) == FAULT_AUTHENTICATION;
        counts->last_pass_ms = port_now(engine->spec.port) - engine->pass_began;
        counts->passes_ms += counts->last_pass_ms;
        count_steps(counts, pass);
        if (!engine->is_narrowed && engine_exit_code(engine, PLAN_LENIENT) != 1)
                counts->last_success = engine->last_pass;
        if (engine->was_in_sync)
                counts->n_drift_repaired += pass_n_done(pass);
        if (!pass_error(pass) && plan && plan_is_whole(plan) && plan_exit_code(plan, PLAN_LENIENT) == 0 &&
            pass_n_done(pass) == 0)
                engine->was_in_sync = true;
}

/* Of the projects that took turns one plan is shown; what was seen of the others in their last turn stands. */
static void draw_picture(Engine *engine, const Pass *pass) {
        const Plan *plan = pass_plan(pass);
        Plan *older = engine->picture;

        if (!engine->is_rotating && !engine->is_narrowed) {
                engine->picture = mem_free(older);
                return;
        }
        if (!older)
                return; /* one project alone was asked for, and the others take no turns */
        if (plan && !pass_error(pass)) {
                engine->picture = plan_merge(engine, older, plan);
                mem_free(older);
        } else if (pass_error(pass)) {
                plan_fail_project(older, engine->turn, pass_error(pass));
        }
}

static void keep_pass(Engine *engine, Pass *pass) {
        RotationRow *row = engine->turn ? rotation_find(engine->rotation, engine->turn) : NULL;

        engine->older = engine->last;
        engine->last = pass;
        engine->pass = NULL;
        engine->last_pass = port_wall(engine->spec.port);
        engine->is_narrowed = engine->order.only_project != NULL;
        engine->n_done += pass_n_done(pass);
        if (row)
                row->n_not_done = pass_n_not_done(pass);
        else if (!pass_error(pass))
                rotation_note_all(engine->rotation, engine->last_pass);
        engine->n_not_done = engine->is_rotating && !engine->is_narrowed ? rotation_n_not_done(engine->rotation)
                                                                         : pass_n_not_done(pass);
        keep_error(engine, pass_error(pass), pass_fault(pass));
        draw_picture(engine, pass);
}

static void on_pass(void *context, Pass *pass) {
        Engine *engine = context;
        Text text;

        keep_pass(engine, pass);
        enter(engine, PROGRESS_RECORDING);
        if (engine->stopping) {
                engine->ticket = port_alarm(engine->spec.port, engine, 0, on_planned, engine);
                return;
        }
        count_pass(engine, pass);
        engine->has_applied |= was_applied(engine, pass);
        if (pass_plan(pass))
                note_charter_size(engine, pass_plan(pass));
        if (engine->order.purpose == PASS_PLAN) {
                log_pass(engine, pass);
                engine->ticket = port_alarm(engine->spec.port, engine, 0, on_planned, engine);
                return;
        }
        text_init(&text, engine);
        if (pass_plan(pass)) /* what could not be read is neither new nor over */
                telling_tell_findings(engine->telling, engine_plan(engine), engine->last_pass, &text);
        sights_write(engine->sights,
                     &(SightsRecord){pass_spec(pass)->id, engine->spec.url, pass_plan(pass)}, &text);
        write_pass_record(engine, pass, &text);
        engine->ticket = port_record(engine->spec.port, engine, text.data, on_recorded, engine);
        text_deinit(&text);
}

/* --- an undo: a pass of its own, of which the charter's passes know nothing ------------------------------------------ */

static void on_undo_ended(void *context) {
        Engine *engine = context;

        engine->ticket = NULL;
        pass_rest(engine->undone);
        end_order(engine);
}

static void on_undo_recorded(void *context, int result) {
        Engine *engine = context;

        if (result < 0)
                engine->undone_error =
                        mem_printf(engine, "the ledger could not be written (%s); see the state directory",
                                   strerror(-result));
        on_undo_ended(engine);
}

static void log_undo(const Engine *engine, const Pass *pass) {
        if (pass_error(pass))
                log_error("undo failed", LOG_TEXT("organization", engine->spec.url),
                          LOG_TEXT("pass", pass_spec(pass)->id), LOG_TEXT("error", pass_error(pass)));
        else
                log_info("undo ended", LOG_TEXT("organization", engine->spec.url),
                         LOG_TEXT("pass", pass_spec(pass)->id), LOG_TEXT("project", engine->turn),
                         LOG_TEXT("change_id", pass_spec(pass)->undo->change_id),
                         LOG_NUMBER("done", (int64_t)pass_n_done(pass)),
                         LOG_NUMBER("not_done", (int64_t)pass_n_not_done(pass)));
}

static void on_undo_pass(void *context, Pass *pass) {
        Engine *engine = context;
        Text text;

        engine->undone = pass;
        engine->pass = NULL;
        enter(engine, PROGRESS_RECORDING);
        engine->counts.n_passes++;
        engine->counts.n_failed_passes += pass_error(pass) != NULL;
        count_steps(&engine->counts, pass);
        log_undo(engine, pass);
        if (engine->stopping || engine->order.purpose == PASS_PLAN) {
                engine->ticket = port_alarm(engine->spec.port, engine, 0, on_undo_ended, engine);
                return;
        }
        text_init(&text, engine);
        write_pass_record(engine, pass, &text);
        engine->ticket = port_record(engine->spec.port, engine, text.data, on_undo_recorded, engine);
        text_deinit(&text);
}

EngineUndone engine_undone(const Engine *engine) {
        const Pass *pass = engine->undone;

        if (!pass)
                return (EngineUndone){0};
        return (EngineUndone){.plan = pass_plan(pass),
                              .error = pass_error(pass) ? pass_error(pass) : engine->undone_error,
                              .n_done = pass_n_done(pass),
                              .n_not_done = pass_n_not_done(pass)};
}

static void forget_undone(Engine *engine) {
        engine->undone = mem_free(engine->undone);
        engine->undone_error = mem_free(engine->undone_error);
}

int engine_undone_exit_code(const Engine *engine) {
        EngineUndone undone = engine_undone(engine);

        if (undone.error || !undone.plan || undone.n_not_done > 0)
                return 1;
        return plan_exit_code(undone.plan, PLAN_LENIENT);
}

/* --- orders ---------------------------------------------------------------------------------------------------------- */

/* A command shows, or leaves behind, what the audit log answers, which does not take long. */
static bool has_to_await_authors(const Engine *engine) {
        return (engine->order.purpose == PASS_PLAN || engine->order.until_in_sync) && !engine->stopping &&
               attribution_is_busy(engine->attribution);
}

static void on_authors(void *context) {
        Engine *engine = context;

        if (engine->awaits_authors && !attribution_is_busy(engine->attribution))
                end_order(engine);
}

static void end_order(Engine *engine) {
        EngineOrder order = engine->order;

        engine->awaits_authors = has_to_await_authors(engine);
        enter(engine, engine->awaits_authors ? PROGRESS_AUTHORS : PROGRESS_NONE);
        if (engine->awaits_authors)
                return;
        engine->busy = false;
        engine->turn = NULL;
        order.on_done(order.context, engine);
}

/* Else what was seen before the clock was set back would be of just now until it has caught up. */
static void follow_clock(Engine *engine) {
        if (engine->spec.known && known_rewind(engine->spec.known, port_wall(engine->spec.port)) &&
            engine->order.purpose != PASS_PLAN)
                engine->spec.on_known(engine->spec.context);
}

static void next_pass(Engine *engine) {
        char id[40];

        if (engine->last)
                pass_rest(engine->last);
        engine->n_passes++;
        follow_clock(engine);
        begin_progress(engine);
        engine->pass_began = port_now(engine->spec.port);
        engine->pass_began_wall = port_wall(engine->spec.port);
        engine->n_requests_before = engine->throttle.n_requests;
        snprintf(id, sizeof id, "%011" PRIx64 "%05x", (uint64_t)port_wall(engine->spec.port),
                 (unsigned)(port_random(engine->spec.port) & 0xfffff));
        engine->pass = pass_start(engine, &(PassSpec){
                                                  .port = engine->spec.port,
                                                  .throttle = &engine->throttle,
                                                  .desired = engine->desired,
                                                  .memory = engine->memory,
                                                  .known = engine->spec.known,
                                                  .sights = engine->order.undo ? NULL : engine->sights,
                                                  .progress = &engine->progress,
                                                  .guess = guess_of(engine),
                                                  .host = {.prepare = on_prepare,
                                                           .on_base = on_base,
                                                           .on_held = on_held,
                                                           .on_plan = on_plan,
                                                           .has_to_wait = has_to_wait,
                                                           .on_change = on_change,
                                                           .on_done = engine->order.undo ? on_undo_pass : on_pass,
                                                           .context = engine},
                                                  .purpose = engine->order.purpose,
                                                  .mode = engine->spec.mode,
                                                  .limits = engine->spec.limits,
                                                  .only_project = engine->turn,
                                                  .undo = engine->order.undo,
                                                  .oldest_ms = engine->order.turns == ENGINE_AT_ONCE ? 0 : PASS_OLDEST_MS,
                                                  .id = id,
                                                  .number = ++engine->number,
                                                  .settle_ms = engine->spec.settle_ms,
                                                  .areas_keep_ms = engine->spec.areas_keep_ms,
                                          });
}

/* --- turns: one project after another, where all at once would exceed the budget ------------------------------------ */

static void note_turned(Engine *engine) {
        const EngineHistory *history = &engine->spec.history;

        for (size_t i = 0; i < history->n_turned; i++) {
                RotationRow *row = rotation_find(engine->rotation, history->turned[i].project);

                if (row && row->turned_at == 0)
                        row->turned_at = history->turned[i].wall;
        }
}

/* The last plans point into their charter: both go together. */
static void take_charter(Engine *engine) {
        if (!engine->next_desired)
                return;
        engine->last = mem_free(engine->last);
        forget_undone(engine);
        engine->picture = mem_free(engine->picture);
        engine->turn = NULL;
        mem_free(engine->desired);
        engine->desired = engine->next_desired;
        engine->next_desired = NULL;
        engine->was_in_sync = false;
        rotation_set_charter(engine->rotation, engine->desired);
        note_turned(engine);
}

static bool has_to_rotate(const Engine *engine) {
        return rotation_exceeds(engine->rotation, engine->throttle.survey_budget);
}

static int64_t room_delay(Engine *engine, const RotationRow *row) {
        int64_t cost = rotation_cost(engine->rotation, row);

        return throttle_room_delay(&engine->throttle, cost, port_now(engine->spec.port));
}

int64_t engine_turn_delay(Engine *engine) {
        const RotationRow *row;

        take_charter(engine);
        row = rotation_next(engine->rotation);
        if (!row && !has_to_rotate(engine))
                return 0;
        /* Of a new cycle any project may be the first: they are of a size, or it waits again. */
        return room_delay(engine, row ? row : &engine->rotation->rows[0]);
}

bool engine_has_turns_left(const Engine *engine) {
        return engine->is_rotating && rotation_next(engine->rotation);
}

EngineBudget engine_budget(const Engine *engine) {
        Throttle throttle = engine->throttle; /* the window slides in the copy alone */
        int64_t now = port_now(engine->spec.port);
        const RotationRow *next = rotation_next(engine->rotation);

        return (EngineBudget){
                .limit = throttle.survey_budget,
                .used = throttle_used(&throttle, now),
                .wait_ms = throttle_room_delay(&throttle, next ? rotation_cost(engine->rotation, next) : 1, now),
                .survey_cost = engine->rotation->n_rows > 0 ? rotation_cost(engine->rotation, NULL) : 0,
                .is_rotating = engine->is_rotating,
                .n_due = rotation_n_due(engine->rotation),
                .next_project = next ? next->project : NULL,
        };
}

int64_t engine_cycle_ms(const Engine *engine) {
        const Rotation *rotation = engine->rotation;
        int64_t cost = 0, budget = engine->throttle.survey_budget;

        if (!engine->is_rotating || budget == 0)
                return 0;
        for (size_t i = 0; i < rotation->n_rows; i++)
                cost += rotation_cost(rotation, &rotation->rows[i]);
        return (cost / budget + 1) * (THROTTLE_WINDOW_MS + THROTTLE_SLICE_MS);
}

/* What was seen before all at once is seen on until its turn comes. */
static void begin_picture(Engine *engine) {
        const Plan *plan = engine->last && !engine->is_narrowed ? pass_plan(engine->last) : NULL;
        Plan *unread;

        if (engine->picture)
                return;
        unread = plan_new_unread(engine, engine->desired, engine->spec.mode);
        engine->picture = plan ? plan_merge(engine, unread, plan) : unread;
        if (plan)
                mem_free(unread);
}

static void begin_cycle(Engine *engine) {
        EngineTurns turns = engine->order.turns;

        if (turns == ENGINE_TURN_NEXT && engine->is_rotating && rotation_next(engine->rotation))
                return;
        engine->is_rotating = turns != ENGINE_AT_ONCE && has_to_rotate(engine);
        if (!engine->is_rotating) {
                rotation_end(engine->rotation);
                return;
        }
        begin_picture(engine);
        rotation_begin(engine->rotation);
        log_info("a survey of all projects would exceed the budget of requests: they take turns",
                 LOG_TEXT("organization", engine->spec.url),
                 LOG_NUMBER("projects", (int64_t)engine->rotation->n_rows),
                 LOG_NUMBER("requests", rotation_cost(engine->rotation, NULL)),
                 LOG_NUMBER("budget", engine->throttle.survey_budget));
}

/* A pass holds one project at a time: the one before goes first. */
static void begin_turn(Engine *engine) {
        engine->pause = NULL;
        if (engine->is_rotating)
                engine->last = mem_free(engine->last);
        next_pass(engine);
}

static void on_room(void *context) {
        begin_turn(context);
}

static void next_turn(Engine *engine) {
        const RotationRow *row = engine->is_rotating ? rotation_next(engine->rotation) : NULL;
        int64_t delay = row ? room_delay(engine, row) : 0;

        engine->turn = engine->order.only_project ? engine->order.only_project : row ? row->project : NULL;
        engine->n_passes = 0;
        begin_progress(engine);
        enter(engine, PROGRESS_ROOM);
        if (engine->order.only_project)
                next_pass(engine);
        else if (delay > 0)
                engine->pause = port_alarm(engine->spec.port, engine, delay, on_room, engine);
        else
                begin_turn(engine);
}

void engine_order(Engine *engine, const EngineOrder *order) {
        assert(!engine->busy && engine_has_charter(engine));
        engine->order = *order;
        engine->busy = true;
        if (engine->trouble == TROUBLE_OVER)
                engine->trouble = TROUBLE_NONE;
        forget_undone(engine);
        take_charter(engine);
        if (order->undo) {
                engine->turn = order->only_project;
                next_pass(engine);
                return;
        }
        engine->n_done = 0;
        if (!order->only_project)
                begin_cycle(engine);
        next_turn(engine);
}

void engine_stop(Engine *engine) {
        engine->stopping = true;
        engine->pause = mem_free(engine->pause);
        if (engine->ticket || (engine->pass && pass_stop(engine->pass)))
                return;
        if (engine->access)
                access_keeping_stop(engine->access);
        engine->pass = mem_free(engine->pass);
        enter(engine, PROGRESS_NONE);
        engine->busy = false;
}
