/* SPDX-License-Identifier: Apache-2.0 */
/* Making: the creations of a round, parents before what lies below them. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/codec.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/judge.h"
#include "daemon/azdo/project.h"
#include "daemon/engine/making.h"

/* What is still asked for after the answer to a creation. */
typedef enum SeekFor {
        SEEK_NOTHING,
        SEEK_OPERATION, /* in the background of the service (facts §6.1) */
        SEEK_LOST,      /* the answer did not come: the name itself is asked for */
        SEEK_MADE,      /* the operation has ended: the project is asked for */
        SEEK_EXISTS,    /* `already exists` is an outcome; what is there is read once */
} SeekFor;

typedef struct Seek {
        SeekFor what;
        const char *operation;
        const char *process; /* id of the process of a project that is to be made */
        int64_t until; /* port's clock */
} Seek;

struct Making {
        MakingSpec spec;
        Batch *batch;
        unsigned depth; /* of the wave under way */
        unsigned polls;
        Seek *seeks; /* one a change */
        PortTicket *alarm;
        bool is_stopping;
};

typedef struct MakingCall {
        Making *making;
        Change *change;
        Seek *seek;
        const Codec *codec;
        Index project;
} MakingCall;

/* One by its object id, which becomes an identity of the organisation. */
static bool is_entra_group(const Step *step) {
        return step->kind == KIND_GROUP && step->principal.name;
}

static unsigned depth_of(const Step *step) {
        unsigned depth = 0;

        if (!kind_has(step->kind, KIND_IS_NESTED))
                return 0;
        for (const char *c = step->name; *c; c++)
                depth += *c == '/';
        return depth;
}

static MakingCall *call_new(Making *making, size_t change) {
        MakingCall *call = mem_new(making, MakingCall);

        call->making = making;
        call->change = making->spec.changes[change];
        call->seek = &making->seeks[change];
        return call;
}

static void ask_wave(Making *making);
static void seek(Making *making);

/* Readings wait as long as the service wants. */
typedef enum BatchForm {
        BATCH_READS,
        BATCH_WRITES,
} BatchForm;

static void batch_begin(Making *making, BatchForm form, void (*on_done)(void *, Batch *),
                        void (*on_call)(void *, Call *)) {
        making->batch = batch_new(making, &(BatchSpec){.port = making->spec.port,
                                                       .throttle = making->spec.throttle,
                                                       .judge = judge_reply,
                                                       .on_done = on_done,
                                                       .on_call = on_call,
                                                       .context = making,
                                                       .deadline = form == BATCH_WRITES ? making->spec.deadline : 0});
}

/* --- before: what lies in a recycle bin is never made a second time --------------------------------------------- */

static int take_before(void *context, Call *call, const Reply *reply, const char **reasonp,
                       size_t *rowsp) {
        MakingCall *making_call = context;
        Making *making = making_call->making;

        for (size_t i = 0; i < making->spec.n_changes; i++) {
                Change *change = making->spec.changes[i];
                const char *reason = NULL;
                int r;

                if (change->step->kind != making_call->codec->kind ||
                    change->step->project != making_call->project || change->state != CHANGE_OPEN)
                        continue;
                r = making_call->codec->take_before(making, change->step->name, reply, &reason);
                if (r < 0) {
                        *reasonp = reason;
                        return r;
                }
                if (r > 0) {
                        change->state = CHANGE_NOT_DONE;
                        change->message = reason;
                }
        }
        return 0;
}

static void on_before_call(void *context, Call *call) {
        MakingCall *making_call = call->context;

        if (call->fault.kind == FAULT_NONE)
                return;
        if (!making_call->codec) {
                making_call->change->state = CHANGE_NOT_DONE;
                making_call->change->message = mem_strdup(making_call->making, call->fault.message);
                return;
        }
        for (size_t i = 0; i < making_call->making->spec.n_changes; i++) {
                Change *change = making_call->making->spec.changes[i];

                if (change->step->kind == making_call->codec->kind &&
                    change->step->project == making_call->project && change->state == CHANGE_OPEN) {
                        change->state = CHANGE_NOT_DONE;
                        change->message = mem_strdup(making_call->making, call->fault.message);
                }
        }
}

static void on_before(void *context, Batch *batch) {
        Making *making = context;

        making->batch = mem_free(batch);
        ask_wave(making);
}

static bool is_first_of_its_project(const Making *making, size_t i) {
        const Step *step = making->spec.changes[i]->step;

        for (size_t k = 0; k < i; k++)
                if (making->spec.changes[k]->step->kind == step->kind &&
                    making->spec.changes[k]->step->project == step->project)
                        return false;
        return true;
}

/* Processes of an organisation's own are known to it by their name alone. */
static int take_processes(void *context, Call *call, const Reply *reply, const char **reasonp,
                          size_t *rowsp) {
        MakingCall *making_call = context;
        Making *making = making_call->making;
        Change *change = making_call->change;
        const DesiredProject *desired = desired_find_project(making->spec.desired, change->step->project_name);
        const char *id = NULL;
        int r = project_processes_take(making, desired->process, reply, &id, reasonp);

        if (r < 0)
                return r;
        if (r == 0) {
                making_call->seek->process = id;
                return 0;
        }
        change->state = CHANGE_NOT_DONE;
        change->message = mem_printf(making,
                                     "the organisation has no process `%s` (%s:%u), only %s; write one of them, or "
                                     "the id of one",
                                     desired->process, desired->place.file, desired->place.line, id);
        return 0;
}

static void ask_process(Making *making, size_t i) {
        const Step *step = making->spec.changes[i]->step;
        const DesiredProject *desired = desired_find_project(making->spec.desired, step->project_name);
        MakingCall *call;
        Request request;

        if (step->kind != KIND_PROJECT)
                return;
        making->seeks[i].process = project_process_id(desired->process);
        if (making->seeks[i].process)
                return;
        call = call_new(making, i);
        request = project_processes_request(making);
        batch_add(making->batch, &request, take_processes, call);
}

static void ask_before(Making *making) {
        batch_begin(making, BATCH_READS, on_before, on_before_call);
        for (size_t i = 0; i < making->spec.n_changes; i++)
                ask_process(making, i);
        for (size_t i = 0; i < making->spec.n_changes; i++) {
                const Step *step = making->spec.changes[i]->step;
                const Codec *codec = codec_of(step->kind);
                MakingCall *call;
                Request request;

                if (!codec || !codec->before || step->project == INDEX_NONE ||
                    !is_first_of_its_project(making, i))
                        continue;
                call = call_new(making, i);
                call->codec = codec;
                call->project = step->project;
                request = codec->before(making, making->spec.live, step->project);
                batch_add(making->batch, &request, take_before, call);
        }
        batch_start(making->batch);
}

/* --- a wave: everything of one depth side by side ---------------------------------------------------------------- */

static void note_made(Making *making, Change *change, Index entity) {
        change->made = entity;
        change->state = CHANGE_DONE;
        memory_note_creation(making->spec.memory, making->spec.live, entity, port_now(making->spec.port),
                             making->spec.pass);
}

static int take_create(void *context, Call *call, const Reply *reply, const char **reasonp,
                       size_t *rowsp) {
        MakingCall *making_call = context;
        Making *making = making_call->making;
        const Step *step = making_call->change->step;
        Index entity = INDEX_NONE;
        int r = making_call->codec->take_create(making->spec.live, step->project, step->name, reply,
                                                &entity, reasonp);

        if (r == 0)
                note_made(making, making_call->change, entity);
        return r < 0 ? r : 0;
}

static int take_project(void *context, Call *call, const Reply *reply, const char **reasonp,
                        size_t *rowsp) {
        MakingCall *making_call = context;
        const char *operation = project_create_take(making_call->making, reply, reasonp);

        if (!operation)
                return -1;
        *making_call->seek = (Seek){.what = SEEK_OPERATION, .operation = operation};
        making_call->change->state = CHANGE_SENT;
        return 0;
}

static int take_materialised(void *context, Call *call, const Reply *reply, const char **reasonp,
                             size_t *rowsp) {
        MakingCall *making_call = context;
        Index identity;
        int r = identity_materialise_take(making_call->making->spec.live, reply, &identity, reasonp);

        if (r < 0)
                return r;
        making_call->change->made = identity;
        making_call->change->state = CHANGE_DONE;
        memory_note_entra_group(making_call->making->spec.memory, making_call->making->spec.live, identity,
                                port_now(making_call->making->spec.port), making_call->making->spec.pass);
        return 0;
}

static void seek_for(MakingCall *making_call, SeekFor what) {
        const Making *making = making_call->making;

        *making_call->seek = (Seek){.what = what, .until = port_now(making->spec.port) + making->spec.settle_ms};
        making_call->change->state = CHANGE_SENT;
}

/* The service asks Entra in the name of whoever asks it (facts §1.8). */
static const char *explanation(const Call *call, const Step *step) {
        if (call->fault.kind != FAULT_UNAVAILABLE || !is_entra_group(step))
                return "";
        return "; for a group of Entra this means as a rule that charterd's identity may not read the directory, as "
               "service principals often may not: let a person add the group to the organization once, or give the "
               "identity a role that reads groups of Entra";
}

static void on_create_call(void *context, Call *call) {
        MakingCall *making_call = call->context;
        Change *change = making_call->change;

        progress_done(making_call->making->spec.progress, 1);
        if (call->fault.activity_id)
                change->activity_id = mem_strdup(making_call->making, call->fault.activity_id);
        switch (call->fault.kind) {
        case FAULT_NONE:
                return;
        case FAULT_EXISTS:
                seek_for(making_call, SEEK_EXISTS);
                return;
        case FAULT_UNKNOWN_RESULT:
        case FAULT_MALFORMED:
                seek_for(making_call, SEEK_LOST);
                return;
        case FAULT_NETWORK:
                if (!call->sent) {
                        change->state = CHANGE_DROPPED;
                        change->message = CHANGE_TOO_OLD;
                        return;
                }
                break;
        case FAULT_UNAVAILABLE:
        case FAULT_THROTTLED:
        case FAULT_AUTHENTICATION:
        case FAULT_FORBIDDEN:
        case FAULT_NOT_FOUND:
        case FAULT_REFUSED:
                break;
        }
        change->state = CHANGE_FAILED;
        change->message = mem_printf(making_call->making, "%s%s", call->fault.message, explanation(call, change->step));
}

static void on_wave(void *context, Batch *batch) {
        Making *making = context;

        making->batch = mem_free(batch);
        making->polls = 0;
        seek(making);
}

static bool add_creation(Making *making, size_t number) {
        const Step *step = making->spec.changes[number]->step;
        const DesiredProject *desired = desired_find_project(making->spec.desired, step->project_name);
        MakingCall *call = call_new(making, number);
        TakeFn take = take_create;
        Request request;

        if (step->kind == KIND_PROJECT) {
                request = project_create_request(making, step->project_name, making->seeks[number].process,
                                                 desired->visibility);
                take = take_project;
        } else if (is_entra_group(step)) {
                request = identity_materialise_request(making, step->principal.name);
                take = take_materialised;
        } else {
                call->codec = codec_of(step->kind);
                if (!call->codec || !call->codec->create)
                        return false;
                request = call->codec->create(making, making->spec.live, step->project, step->name);
        }
        batch_add(making->batch, &request, take, call);
        return true;
}

static void finish(Making *making) {
        for (size_t i = 0; i < making->spec.n_changes; i++)
                if (making->spec.changes[i]->state == CHANGE_OPEN) {
                        making->spec.changes[i]->state = CHANGE_NOT_DONE;
                        making->spec.changes[i]->message = making->is_stopping ? "charterd was stopped before it"
                                                                               : "what it lies in could not be made";
                }
        organisation_seal(making->spec.live);
        making->spec.on_done(making->spec.context, making);
}

static void ask_wave(Making *making) {
        size_t n = 0;
        bool is_more = false;

        if (making->is_stopping) {
                finish(making);
                return;
        }
        batch_begin(making, BATCH_WRITES, on_wave, on_create_call);
        for (size_t i = 0; i < making->spec.n_changes; i++) {
                Change *change = making->spec.changes[i];
                unsigned depth = depth_of(change->step);

                if (change->state != CHANGE_OPEN)
                        continue;
                if (depth == making->depth)
                        n += add_creation(making, i);
                else if (depth > making->depth)
                        is_more = true;
        }
        if (n > 0) {
                batch_start(making->batch);
                return;
        }
        making->batch = mem_free(making->batch);
        if (is_more) {
                making->depth++;
                ask_wave(making);
                return;
        }
        finish(making);
}

/* --- seeking: what an answer alone does not tell ------------------------------------------------------------------- */

static int take_operation(void *context, Call *call, const Reply *reply, const char **reasonp,
                          size_t *rowsp) {
        MakingCall *making_call = context;
        const char *reason = NULL;
        int r = project_operation_take(making_call->making, reply, &reason);

        if (r == 1)
                return 0;
        if (r == 0) {
                seek_for(making_call, SEEK_MADE);
                return 0;
        }
        making_call->seek->what = SEEK_NOTHING;
        making_call->change->state = CHANGE_FAILED;
        making_call->change->message = reason;
        return 0;
}

static void note_sought(MakingCall *making_call, Index entity) {
        Change *change = making_call->change;

        if (making_call->seek->what == SEEK_EXISTS) {
                change->state = CHANGE_NOT_DONE;
                change->message = "it was there already; governed as it is from the next reading on";
        } else if (entity != INDEX_NONE) {
                note_made(making_call->making, change, entity);
        } else {
                change->state = CHANGE_DONE;
        }
        making_call->seek->what = SEEK_NOTHING;
}

static int take_sought(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        MakingCall *making_call = context;
        Organisation *live = making_call->making->spec.live;
        const Step *step = making_call->change->step;
        Index entity;
        int r = making_call->codec->take_get(live, step->project, step->name, reply, reasonp);

        if (r < 0)
                return r;
        entity = organisation_find_entity(live, step->project, step->kind, step->name);
        if (r == 0 && entity != INDEX_NONE)
                note_sought(making_call, entity);
        return 0;
}

static int take_sought_project(void *context, Call *call, const Reply *reply, const char **reasonp,
                               size_t *rowsp) {
        MakingCall *making_call = context;
        Organisation *live = making_call->making->spec.live;
        int r = project_get_take(live, reply, reasonp);

        if (r == 0 && organisation_find_project(live, making_call->change->step->project_name) != INDEX_NONE)
                note_sought(making_call, INDEX_NONE);
        return r < 0 ? r : 0;
}

/* The time is over, or one reading was all there is. */
static void give_up(Making *making, size_t i) {
        Change *change = making->spec.changes[i];

        switch (making->seeks[i].what) {
        case SEEK_NOTHING:
                return;
        case SEEK_OPERATION:
        case SEEK_MADE:
                change->state = CHANGE_UNCONFIRMED;
                change->message = "the service makes the project, but it is not seen yet";
                break;
        case SEEK_LOST:
                change->state = CHANGE_UNKNOWN;
                change->message = "the answer to its creation was lost, and it is not seen by its name";
                break;
        case SEEK_EXISTS:
                change->state = CHANGE_NOT_DONE;
                change->message = mem_printf(
                        making,
                        "the service says that %s %s already exists, yet charterd does not see it: its own "
                        "Read there may be missing; grant it, or wait if it was just made",
                        kind_row(change->step->kind)->noun, change->step->name);
                break;
        }
        making->seeks[i].what = SEEK_NOTHING;
}

static bool is_over(const Making *making, const Seek *sought) {
        switch (sought->what) {
        case SEEK_NOTHING:
        case SEEK_EXISTS:
                return true;
        case SEEK_OPERATION:
                return making->polls >= MAKING_POLLS_MAX;
        case SEEK_LOST:
        case SEEK_MADE:
                return port_now(making->spec.port) >= sought->until;
        }
        return true;
}

static void on_alarm(void *context) {
        Making *making = context;

        making->alarm = NULL;
        seek(making);
}

static void on_sought(void *context, Batch *batch) {
        Making *making = context;
        bool is_more = false;

        making->batch = mem_free(batch);
        making->polls++;
        for (size_t i = 0; i < making->spec.n_changes; i++) {
                if (making->is_stopping || is_over(making, &making->seeks[i]))
                        give_up(making, i);
                is_more |= making->seeks[i].what != SEEK_NOTHING;
        }
        if (is_more) {
                making->alarm = port_alarm(making->spec.port, making, MAKING_POLL_MS, on_alarm, making);
                return;
        }
        making->depth++;
        ask_wave(making);
}

static void add_sought(Making *making, size_t i) {
        const Step *step = making->spec.changes[i]->step;
        MakingCall *call = call_new(making, i);
        TakeFn take = take_sought;
        Request request;

        call->codec = codec_of(step->kind);
        if (making->seeks[i].what == SEEK_OPERATION) {
                request = project_operation_request(making, making->seeks[i].operation);
                take = take_operation;
        } else if (step->kind == KIND_PROJECT) {
                request = project_get_request(making, step->project_name);
                take = take_sought_project;
        } else if (call->codec && call->codec->get) {
                request = call->codec->get(making, making->spec.live, step->project, step->name);
        } else {
                return;
        }
        batch_add(making->batch, &request, take, call);
}

static void seek(Making *making) {
        batch_begin(making, BATCH_READS, on_sought, NULL);
        for (size_t i = 0; i < making->spec.n_changes; i++)
                if (making->seeks[i].what != SEEK_NOTHING)
                        add_sought(making, i);
        batch_start(making->batch);
}

void making_stop(Making *making) {
        making->is_stopping = true;
        if (making->batch)
                batch_stop(making->batch);
}

Making *making_start(Mem *parent, const MakingSpec *spec) {
        Making *making = mem_new(parent, Making);

        making->spec = *spec;
        making->seeks = mem_new_array(making, Seek, spec->n_changes ? spec->n_changes : 1);
        ask_before(making);
        return making;
}
