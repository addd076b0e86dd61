/* SPDX-License-Identifier: Apache-2.0 */
/* Round: one plan carried out, rank by rank: checked, recorded, sent, read back, recorded. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/judge.h"
#include "daemon/azdo/role.h"
#include "daemon/azdo/team.h"
#include "daemon/engine/inherit.h"
#include "daemon/engine/making.h"
#include "daemon/engine/reading.h"
#include "daemon/engine/related.h"
#include "daemon/engine/round.h"
#include "daemon/engine/write.h"

/* One after the other; an inherit flag goes alone on its token after its rank's entries. */
typedef struct Slot {
        Rank rank;
        enum { SLOT_CREATIONS, SLOT_WRITES, SLOT_FLAGS } form;
        bool takes; /* waits for the additions it might cost somebody */
} Slot;

static const Slot slots[] = {
        {RANK_CREATE, SLOT_CREATIONS, false},     {RANK_ADD_MEMBER, SLOT_WRITES, false},
        {RANK_GIVE, SLOT_WRITES, false},          {RANK_GIVE, SLOT_FLAGS, false},
        {RANK_DENY, SLOT_WRITES, true},           {RANK_TAKE, SLOT_WRITES, true},
        {RANK_TAKE, SLOT_FLAGS, true},            {RANK_REMOVE_MEMBER, SLOT_WRITES, true},
        {RANK_TEAM_SETTINGS, SLOT_WRITES, false},
};
enum { N_SLOTS = sizeof slots / sizeof *slots };

struct Round {
        RoundSpec spec;
        Change *changes; /* one for each step of the plan */
        size_t n_changes;
        bool *is_mine;   /* of this round */
        size_t slot;
        Change **now;    /* of the slot */
        size_t n_now;
        InheritSwitch **switches;
        size_t n_switches, n_switched;
        Reading *reading;
        Making *making;
        Batch *batch;
        PortTicket *ticket;
        WriteList writes;
        int64_t deadline; /* of the slot's writes; 0: none */
        int64_t confirm_until;
        int64_t confirm_delay;
        bool is_committing; /* flags are being posted */
        bool is_halting;
        const char *error;
};

const Change *round_changes(const Round *round, size_t *np) {
        *np = round->n_changes;
        return round->changes;
}

const char *round_error(const Round *round) {
        return round->error;
}

#define ROUND_HALTED "charterd was stopped"

static void round_next_slot(Round *round);

static void round_stop(Round *round, const char *error) {
        if (!round->error)
                round->error = mem_strdup(round, error);
        round->spec.on_done(round->spec.context, round);
}

/* --- which steps are this round's --------------------------------------------------------------------------------- */

static bool is_flag(const Step *step) {
        return step->verb == STEP_SET_INHERIT;
}

static bool is_enforced(const Round *round, const Step *step) {
        const DesiredProject *project = desired_find_project(round->spec.desired, step->project_name);
        const DesiredPrincipal *principal, *owner;
        const OwnedArtefact *owned;

        if (round->spec.mode != MODE_ENFORCE || step_is_only_shown(step) || !project ||
            project->policies.mode == MODE_OBSERVE)
                return false;
        principal = step->principal.name ? desired_find_principal(project, step->principal.name) : NULL;
        if (principal && principal->policies.mode == MODE_OBSERVE)
                return false;
        owner = step->name && step->name[0]
                        ? desired_find_owner(project, step->kind, step->name, &owned)
                        : NULL;
        return !owner || owned->policies.mode != MODE_OBSERVE;
}

static bool is_bound(const Step *step) {
        if (step->verb == STEP_CREATE && step->kind == KIND_PROJECT)
                return true;
        if (step->project == INDEX_NONE)
                return false;
        switch (step->verb) {
        case STEP_CREATE:
                return true;
        case STEP_ADD_MEMBER:
        case STEP_REMOVE_MEMBER:
                return step->principal.identity != INDEX_NONE && step->container.identity != INDEX_NONE;
        case STEP_SET_INHERIT:
                return step->token;
        case STEP_SET_AREAS:
        case STEP_SET_PIPELINES:
                return step->entity != INDEX_NONE;
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                return step->token && step->principal.identity != INDEX_NONE;
        }
        assert(!"a verb that is neither bound nor symbolic");
        return false;
}

static void choose(Round *round) {
        const Plan *plan = round->spec.plan;
        bool creates = false;

        round->n_changes = plan->n_steps;
        round->changes = mem_new_array(round, Change, plan->n_steps ? plan->n_steps : 1);
        round->is_mine = mem_new_array(round, bool, plan->n_steps ? plan->n_steps : 1);
        for (size_t i = 0; i < plan->n_steps; i++) {
                const Step *step = &plan->steps[i];
                Change *change = &round->changes[i];

                change->step = step;
                change->made = INDEX_NONE;
                snprintf(change->id, sizeof change->id, "%s-%u-%zu", round->spec.pass_id,
                         round->spec.number, i);
                round->is_mine[i] = step->state == STEP_PENDING && is_enforced(round, step) &&
                                    is_bound(step) && round->spec.is_allowed(round->spec.context, step);
                if (!round->is_mine[i])
                        change->state = CHANGE_WAITING;
                creates |= round->is_mine[i] && step->verb == STEP_CREATE;
        }
        /* What is made first gives the tokens that the rest needs: the rest is planned again on them. */
        for (size_t i = 0; creates && i < plan->n_steps; i++)
                if (plan->steps[i].verb != STEP_CREATE) {
                        round->is_mine[i] = false;
                        round->changes[i].state = CHANGE_WAITING;
                }
}

/* --- waiting: nothing is taken while what would replace it is not there ------------------------------------------ */

static bool must_wait(Round *round, Related *related, const Change *taking) {
        for (size_t i = 0; i < round->n_changes; i++) {
                const Change *giving = &round->changes[i];
                const Step *step = giving->step;

                if (step->rank > RANK_GIVE || step->verb == STEP_CREATE || !change_is_missing(giving))
                        continue;
                if (!text_equal(step->project_name, taking->step->project_name))
                        continue;
                if (taking->step->is_own_trace && step->entity == taking->step->entity &&
                    step->space == taking->step->space)
                        return true;
                if (is_flag(taking->step) || is_flag(step))
                        return true;
                if (taking->step->verb == STEP_SET_PIPELINES || step->verb == STEP_SET_PIPELINES) {
                        if (taking->step->verb == step->verb && taking->step->entity == step->entity)
                                return true;
                        continue;
                }
                if (taking->step->frees_leak) {
                        if (step->principal.identity == taking->step->principal.identity)
                                return true;
                        continue;
                }
                if (related_touch(related, &step->principal, &taking->step->principal))
                        return true;
        }
        return false;
}

static void hold_back(Round *round) {
        Related *related;
        size_t n = 0;

        if (!slots[round->slot].takes)
                return;
        related = related_new(round, round->spec.live, round->spec.plan);
        for (size_t i = 0; i < round->n_now; i++) {
                Change *change = round->now[i];

                if (must_wait(round, related, change)) {
                        change->state = CHANGE_WAITING;
                        change->message = "waits until what is given to the same people is confirmed";
                        continue;
                }
                round->now[n++] = change;
        }
        round->n_now = n;
        mem_free(related);
}

/* --- checking: live must still be what the plan saw --------------------------------------------------------------- */

static bool is_checked_by_reading(const Round *round, const Step *step) {
        bool is_old = port_now(round->spec.port) - round->spec.surveyed_at > ROUND_STALE_MS;

        return step->verb != STEP_CREATE && step->verb != STEP_SET_AREAS &&
               (slots[round->slot].takes || is_old);
}

static Reading *reading_for(Round *round, void (*on_done)(void *, Reading *)) {
        return reading_new(round, &(ReadingSpec){.port = round->spec.port,
                                                 .throttle = round->spec.throttle,
                                                 .live = round->spec.live,
                                                 .on_done = on_done,
                                                 .context = round});
}

static void reading_add_step(Reading *reading, const Step *step) {
        switch (step->verb) {
        case STEP_ADD_MEMBER:
        case STEP_REMOVE_MEMBER:
                reading_add_group(reading, step->container.identity);
                break;
        case STEP_SET_AREAS:
                reading_add_team_areas(reading, step->entity);
                break;
        case STEP_SET_PIPELINES:
                reading_add_pipeline_users(reading, step->entity);
                break;
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_INHERIT:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                reading_add_token(reading, step->project, (uint8_t)step->space, step->token);
                break;
        case STEP_CREATE:
                break;
        }
}

static void round_record_intents(Round *round);

static void on_checked(void *context, Reading *reading) {
        Round *round = context;
        size_t n = 0;

        for (size_t i = 0; i < round->n_now; i++) {
                Change *change = round->now[i];
                const char *error = reading_error(reading, change->step->project);

                if (error && is_checked_by_reading(round, change->step)) {
                        change->state = CHANGE_NOT_DONE;
                        change->message = mem_printf(round, "not read again before the change: %s", error);
                        continue;
                }
                if (is_checked_by_reading(round, change->step) &&
                    !change_still_holds(change->step, round->spec.live)) {
                        change->state = CHANGE_DROPPED;
                        change->message = "live is not what the plan saw; planned anew";
                        continue;
                }
                round->now[n++] = change;
        }
        round->n_now = n;
        round->reading = mem_free(reading);
        round_record_intents(round);
}

static void on_prepared(void *context, InheritSwitch *operation) {
        Round *round = context;
        size_t n = 0;

        if (++round->n_switched < round->n_switches)
                return;
        for (size_t i = 0; i < round->n_now; i++)
                if (round->now[i]->state == CHANGE_OPEN) {
                        round->switches[n] = round->switches[i];
                        round->now[n++] = round->now[i];
                } else {
                        round->spec.on_change(round->spec.context, round->now[i]);
                }
        round->n_now = n;
        round_record_intents(round);
}

static void prepare_flags(Round *round) {
        round->switches = mem_new_array(round, InheritSwitch *, round->n_now ? round->n_now : 1);
        round->n_switches = round->n_now;
        round->n_switched = 0;
        for (size_t i = 0; i < round->n_now; i++)
                round->switches[i] = inherit_new(round, &(InheritSpec){.port = round->spec.port,
                                                                       .throttle = round->spec.throttle,
                                                                       .live = round->spec.live,
                                                                       .change = round->now[i],
                                                                       .oldest_ms = round->spec.oldest_ms,
                                                                       .on_done = on_prepared,
                                                                       .context = round});
        for (size_t i = 0; i < round->n_switches; i++)
                inherit_prepare(round->switches[i]);
}

/* A write waits for the service no longer than what it was planned from, or read again for it, may be old. */
static void set_deadline(Round *round) {
        int64_t oldest = port_now(round->spec.port);

        for (size_t i = 0; i < round->n_now; i++)
                if (!is_checked_by_reading(round, round->now[i]->step))
                        oldest = round->spec.surveyed_at;
        round->deadline = round->spec.oldest_ms > 0 ? oldest + round->spec.oldest_ms : 0;
}

static void round_check(Round *round) {
        size_t n = 0;

        hold_back(round);
        set_deadline(round);
        if (slots[round->slot].form == SLOT_FLAGS && round->n_now > 0) {
                prepare_flags(round);
                return;
        }
        round->reading = reading_for(round, on_checked);
        for (size_t i = 0; i < round->n_now; i++)
                if (is_checked_by_reading(round, round->now[i]->step)) {
                        reading_add_step(round->reading, round->now[i]->step);
                        n++;
                }
        if (n > 0) {
                reading_start(round->reading);
                return;
        }
        round->reading = mem_free(round->reading);
        round_record_intents(round);
}

/* --- intents: on disk before the first request leaves -------------------------------------------------------------- */

static ChangeRecord record_of(const Round *round) {
        return (ChangeRecord){.plan = round->spec.plan,
                              .pass_id = round->spec.pass_id,
                              .organization = round->spec.desired->organization,
                              .sights = round->spec.sights};
}

static void round_send(Round *round);

static void on_intents(void *context, int result) {
        Round *round = context;

        round->ticket = NULL;
        if (result < 0) {
                round_stop(round, mem_printf(round,
                                             "the ledger could not be written (%s), so nothing is changed; see the "
                                             "state directory",
                                             strerror(-result)));
                return;
        }
        for (size_t i = 0; i < round->n_now; i++)
                round->now[i]->has_intent = true;
        round_send(round);
}

static void round_record_intents(Round *round) {
        ChangeRecord record = record_of(round);
        Text text;

        if (round->n_now == 0) {
                round->slot++;
                round_next_slot(round);
                return;
        }
        text_init(&text, round);
        for (size_t i = 0; i < round->n_now; i++)
                change_write_intent(&record, round->now[i], &text);
        round->ticket = port_record(round->spec.port, round, text.data, on_intents, round);
        text_deinit(&text);
}

/* --- sending -------------------------------------------------------------------------------------------------------- */

static void round_confirm(Round *round);
static void round_record_outcomes(Round *round);

/* It was certainly not done, and could not be tried in time. */
static bool is_given_up(const Round *round, const Call *call) {
        if (call->fault.kind == FAULT_THROTTLED)
                return round->deadline > 0 && round->spec.throttle->not_before > round->deadline;
        return call->fault.kind == FAULT_NETWORK && !call->sent;
}

static void on_write_call(void *context, Call *call) {
        Round *round = context;
        Write *write = &round->writes.items[call->number];

        progress_done(round->spec.progress, write->n_changes);
        for (size_t i = 0; i < write->n_changes; i++) {
                Change *change = write->changes[i];

                if (call->fault.activity_id && !change->activity_id)
                        change->activity_id = mem_strdup(round, call->fault.activity_id);
                if (change->state == CHANGE_FAILED)
                        continue;
                if (call->fault.kind == FAULT_NONE) {
                        if (change->state == CHANGE_OPEN)
                                change->state = CHANGE_SENT;
                } else if (call->fault.kind == FAULT_UNKNOWN_RESULT) {
                        change->state = CHANGE_UNKNOWN;
                } else if (is_given_up(round, call)) {
                        change->state = CHANGE_DROPPED;
                        change->message = CHANGE_TOO_OLD;
                } else {
                        change->state = CHANGE_FAILED;
                        change->message = mem_strdup(round, call->fault.message);
                }
        }
}

static void on_written(void *context, Batch *batch) {
        Round *round = context;

        round->batch = mem_free(batch);
        round_confirm(round);
}

typedef struct RoleWrite {
        Round *round;
        Change *change;
} RoleWrite;

/* A team that charterd made gets the project's root iteration as backlog iteration (charter.md, owns). */
typedef struct Backlog {
        Round *round;
        Index project;
} Backlog;

static int take_iteration_root(void *context, Call *call, const Reply *reply, const char **reasonp,
                               size_t *rowsp) {
        Backlog *backlog = context;
        Round *round = backlog->round;
        const char *root;
        int r = team_iteration_root_take(round, reply, &root, reasonp);

        if (r < 0)
                return r;
        for (size_t i = 0; i < round->n_now; i++) {
                const Step *step = round->now[i]->step;
                Request request;

                if (step->verb != STEP_SET_AREAS || step->project != backlog->project ||
                    !memory_is_made_by(round->spec.memory, KIND_TEAM, step->project_name,
                                       step->principal.name, round->spec.pass))
                        continue;
                request = team_set_backlog_request(round, round->spec.live, step->entity, root);
                batch_add(round->batch, &request, NULL, backlog)->number = UINT64_MAX;
        }
        return 0;
}

static void add_backlogs(Round *round) {
        Index project = INDEX_NONE;

        for (size_t i = 0; i < round->n_now; i++) {
                const Step *step = round->now[i]->step;
                Backlog *backlog;
                Request request;

                if (step->verb != STEP_SET_AREAS || step->project == project ||
                    !memory_is_made_by(round->spec.memory, KIND_TEAM, step->project_name,
                                       step->principal.name, round->spec.pass))
                        continue;
                project = step->project;
                backlog = mem_new(round, Backlog);
                *backlog = (Backlog){round, project};
                request = team_iteration_root_request(round, round->spec.live, project);
                batch_add(round->batch, &request, take_iteration_root, backlog)->number = UINT64_MAX;
        }
}

static void on_write_call_or_other(void *context, Call *call) {
        if (call->number != UINT64_MAX)
                on_write_call(context, call);
}

/* A role is set by name, and a yes may mean that nothing was done (facts §0.4). */
static int take_role(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        RoleWrite *write = context;
        const char *reason = NULL;
        int r = role_set_take(write->round, write->change->step->role_after, reply, &reason);

        if (r < 0) {
                *reasonp = reason;
                return r;
        }
        if (r > 0) {
                write->change->state = CHANGE_FAILED;
                write->change->message = reason;
        }
        return 0;
}

static void add_write_call(Round *round, size_t number) {
        Write *write = &round->writes.items[number];
        RoleWrite *role = NULL;

        if (write->changes[0]->step->verb == STEP_SET_ROLE) {
                role = mem_new(round, RoleWrite);
                *role = (RoleWrite){round, write->changes[0]};
        }
        batch_add(round->batch, &write->request, role ? take_role : NULL, role)->number = number;
}

static void send_writes(Round *round) {
        round->writes = write_list_of(round, round->spec.live, round->spec.desired, round->now,
                                      round->n_now);
        round->batch = batch_new(round, &(BatchSpec){.port = round->spec.port,
                                                     .throttle = round->spec.throttle,
                                                     .judge = judge_reply,
                                                     .on_done = on_written,
                                                     .on_call = on_write_call_or_other,
                                                     .context = round,
                                                     .deadline = round->deadline});
        for (size_t i = 0; i < round->writes.n; i++)
                add_write_call(round, i);
        add_backlogs(round);
        batch_start(round->batch);
}

static void on_committed(void *context, InheritSwitch *operation) {
        Round *round = context;

        if (++round->n_switched < round->n_now)
                return;
        round->is_committing = false;
        round_confirm(round);
}

static void send_flags(Round *round) {
        round->n_switched = 0;
        round->is_committing = true;
        for (size_t i = 0; i < round->n_now; i++)
                round->switches[i] = inherit_retarget(round->switches[i], on_committed, round);
        for (size_t i = 0; i < round->n_now; i++)
                inherit_commit(round->switches[i]);
}

static void on_made(void *context, Making *making) {
        Round *round = context;

        round->making = NULL; /* freed with the round: it is still on the stack */
        round_record_outcomes(round);
}

static void round_send(Round *round) {
        switch (slots[round->slot].form) {
        case SLOT_CREATIONS:
                round->making = making_start(round, &(MakingSpec){.port = round->spec.port,
                                                                  .throttle = round->spec.throttle,
                                                                  .live = round->spec.live,
                                                                  .desired = round->spec.desired,
                                                                  .memory = round->spec.memory,
                                                                  .progress = round->spec.progress,
                                                                  .pass = round->spec.pass,
                                                                  .settle_ms = round->spec.settle_ms,
                                                                  .deadline = round->deadline,
                                                                  .changes = round->now,
                                                                  .n_changes = round->n_now,
                                                                  .on_done = on_made,
                                                                  .context = round});
                break;
        case SLOT_WRITES:
                send_writes(round);
                break;
        case SLOT_FLAGS:
                send_flags(round);
                break;
        }
}

/* --- reading back: a write is done when it is seen ------------------------------------------------------------------ */

static bool is_to_be_seen(const Change *change) {
        return change->state == CHANGE_SENT || change->state == CHANGE_UNKNOWN;
}

static void read_back(Round *round);

static void on_confirm_alarm(void *context) {
        Round *round = context;

        round->ticket = NULL;
        read_back(round);
}

static void note_seen(Round *round, Change *change) {
        ChangeExactness exactness = write_exactness(round->spec.desired, change->step);

        if (!change_is_seen(change->step, exactness, round->spec.live))
                return;
        change->state = CHANGE_DONE;
        change->message = change->remark;
        if (change->step->verb == STEP_SET_PIPELINES)
                memory_note_users(round->spec.memory, round->spec.live,
                                  organisation_find_pipeline_users(round->spec.live, change->step->entity),
                                  port_now(round->spec.port), /* keep_ms= */ 0);
        if (change->step->verb == STEP_SET_AREAS)
                memory_note_areas(round->spec.memory, round->spec.live,
                                  organisation_find_team_areas(round->spec.live, change->step->entity),
                                  port_now(round->spec.port), /* keep_ms= */ 0);
}

static void on_read_back(void *context, Reading *reading) {
        Round *round = context;
        bool missing = false;

        for (size_t i = 0; i < round->n_now; i++)
                if (is_to_be_seen(round->now[i]) && !reading_error(reading, round->now[i]->step->project))
                        note_seen(round, round->now[i]);
        round->reading = mem_free(reading);
        for (size_t i = 0; i < round->n_now; i++)
                missing |= is_to_be_seen(round->now[i]);
        if (missing && port_now(round->spec.port) < round->confirm_until) {
                round->ticket = port_alarm(round->spec.port, round, round->confirm_delay,
                                           on_confirm_alarm, round);
                if (round->confirm_delay * 2 <= ROUND_CONFIRM_MAX_MS)
                        round->confirm_delay *= 2;
                return;
        }
        for (size_t i = 0; i < round->n_now; i++)
                if (round->now[i]->state == CHANGE_SENT) {
                        round->now[i]->state = CHANGE_UNCONFIRMED;
                        round->now[i]->message = "the service said yes, but reading back does not show "
                                                 "it; not repeated in this pass";
                }
        round_record_outcomes(round);
}

static void read_back(Round *round) {
        round->reading = reading_for(round, on_read_back);
        for (size_t i = 0; i < round->n_now; i++)
                if (is_to_be_seen(round->now[i]))
                        reading_add_step(round->reading, round->now[i]->step);
        reading_start(round->reading);
}

/* What was sent and is not read back stays an open intent, which the next start settles. */
static void round_confirm(Round *round) {
        if (round->is_halting) {
                round_stop(round, ROUND_HALTED);
                return;
        }
        round->confirm_until = port_now(round->spec.port) + round->spec.settle_ms;
        round->confirm_delay = ROUND_CONFIRM_FIRST_MS;
        read_back(round);
}

/* --- outcomes: on disk before the next rank ------------------------------------------------------------------------- */

static void on_outcomes(void *context, int result) {
        Round *round = context;

        round->ticket = NULL;
        if (result < 0) {
                round_stop(round, mem_printf(round,
                                             "the ledger could not be written after a change (%s), so nothing more "
                                             "is changed; see the state directory",
                                             strerror(-result)));
                return;
        }
        for (size_t i = 0; i < round->n_now; i++)
                round->spec.on_change(round->spec.context, round->now[i]);
        round->slot++;
        round_next_slot(round);
}

static void round_record_outcomes(Round *round) {
        ChangeRecord record = record_of(round);
        Text text;

        text_init(&text, round);
        for (size_t i = 0; i < round->n_now; i++)
                change_write_outcome(&record, round->now[i], &text);
        round->ticket = port_record(round->spec.port, round, text.data, on_outcomes, round);
        text_deinit(&text);
}

/* --- the ranks ------------------------------------------------------------------------------------------------------- */

/* Where roles are, a flag is switched by itself. */
static bool is_written_with_list(const Step *step) {
        return is_flag(step) && !kind_has(step->kind, KIND_HAS_ROLES);
}

static bool belongs(const Round *round, size_t i) {
        const Step *step = round->changes[i].step;
        const Slot *slot = &slots[round->slot];

        return round->is_mine[i] && round->changes[i].state == CHANGE_OPEN && step->rank == slot->rank &&
               (slot->form == SLOT_FLAGS) == is_written_with_list(step);
}

static void note_progress(Round *round) {
        size_t n = 0;

        for (size_t i = 0; i < round->n_changes; i++)
                n += round->is_mine[i] && round->changes[i].state != CHANGE_OPEN;
        progress_set_done(round->spec.progress, n);
}

static void round_next_slot(Round *round) {
        note_progress(round);
        if (round->is_halting) {
                round_stop(round, ROUND_HALTED);
                return;
        }
        for (; round->slot < N_SLOTS; round->slot++) {
                round->n_now = 0;
                for (size_t i = 0; i < round->n_changes; i++)
                        if (belongs(round, i))
                                *mem_push(round, round->now, round->n_now) = &round->changes[i];
                if (round->n_now > 0) {
                        round_check(round);
                        return;
                }
        }
        round->spec.on_done(round->spec.context, round);
}

static void on_begin(void *context) {
        Round *round = context;

        round->ticket = NULL;
        round_next_slot(round);
}

bool round_halt(Round *round) {
        round->is_halting = true;
        if (round->making) {
                making_stop(round->making);
                return true;
        }
        if (round->batch) {
                batch_stop(round->batch);
                return true;
        }
        return round->is_committing;
}

Round *round_start(Mem *parent, const RoundSpec *spec) {
        Round *round = mem_new(parent, Round);

        round->spec = *spec;
        choose(round);
        progress_begin(spec->progress, PROGRESS_CHANGING, port_now(spec->port));
        for (size_t i = 0; i < round->n_changes; i++)
                progress_add(spec->progress, round->is_mine[i]);
        round->ticket = port_alarm(spec->port, round, /* delay_ms= */ 0, on_begin, round);
        return round;
}
