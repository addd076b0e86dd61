/* SPDX-License-Identifier: Apache-2.0 */
/* Making: the creations of a round, parents before what lies below them. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/codec.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/judge.h"
#include "daemon/azdo/project.h"
#include "daemon/engine/making.h"

struct Making {
        MakingSpec spec;
        Batch *batch;
        unsigned depth;     /* of the wave under way */
        unsigned polls;
        bool has_operations;
        PortTicket *alarm;
};

typedef struct MakingCall {
        Making *making;
        Change *change;
        const Codec *codec;
        Index project;
} MakingCall;

static unsigned depth_of(const Step *step) {
        unsigned depth = 0;

        if (!kind_has(step->kind, KIND_IS_NESTED))
                return 0;
        for (const char *c = step->name; *c; c++)
                depth += *c == '/';
        return depth;
}

static MakingCall *call_new(Making *making, Change *change) {
        MakingCall *call = mem_new(making, MakingCall);

        call->making = making;
        call->change = change;
        return call;
}

static void ask_wave(Making *making);

static void batch_begin(Making *making, void (*on_done)(void *, Batch *), void (*on_call)(void *, Call *)) {
        making->batch = batch_new(making, &(BatchSpec){.port = making->spec.port,
                                                       .throttle = making->spec.throttle,
                                                       .judge = judge_reply,
                                                       .on_done = on_done,
                                                       .on_call = on_call,
                                                       .context = making});
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

static void ask_before(Making *making) {
        batch_begin(making, on_before, on_before_call);
        for (size_t i = 0; i < making->spec.n_changes; i++) {
                const Step *step = making->spec.changes[i]->step;
                const Codec *codec = codec_of(step->kind);
                MakingCall *call;
                Request request;

                if (!codec || !codec->before || step->project == INDEX_NONE ||
                    !is_first_of_its_project(making, i))
                        continue;
                call = call_new(making, NULL);
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
        making_call->change->state = CHANGE_SENT;
        making_call->change->message = operation; /* until it has ended */
        making_call->making->has_operations = true;
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
        return 0;
}

static void on_create_call(void *context, Call *call) {
        MakingCall *making_call = call->context;
        Change *change = making_call->change;

        if (call->fault.activity_id)
                change->activity_id = mem_strdup(making_call->making, call->fault.activity_id);
        switch (call->fault.kind) {
        case FAULT_NONE:
                return;
        case FAULT_EXISTS:
                change->state = CHANGE_NOT_DONE;
                change->message = mem_printf(
                        making_call->making,
                        "the service says that %s %s already exists, yet charterd does not see it: its own "
                        "Read there may be missing; grant it, or wait if it was just made",
                        kind_row(change->step->kind)->noun, change->step->name);
                return;
        case FAULT_UNKNOWN_RESULT:
        case FAULT_MALFORMED:
                change->state = CHANGE_SENT; /* asked for by name below */
                return;
        case FAULT_NETWORK:
        case FAULT_UNAVAILABLE:
        case FAULT_THROTTLED:
        case FAULT_AUTHENTICATION:
        case FAULT_FORBIDDEN:
        case FAULT_NOT_FOUND:
        case FAULT_REFUSED:
                change->state = CHANGE_FAILED;
                change->message = mem_strdup(making_call->making, call->fault.message);
                return;
        }
}

static void poll_operations(Making *making);
static void ask_lost(Making *making);

static void on_wave(void *context, Batch *batch) {
        Making *making = context;

        making->batch = mem_free(batch);
        if (making->has_operations)
                poll_operations(making);
        else
                ask_lost(making);
}

static bool add_creation(Making *making, Change *change) {
        const Step *step = change->step;
        const DesiredProject *desired = desired_find_project(making->spec.desired, step->project_name);
        MakingCall *call = call_new(making, change);
        TakeFn take = take_create;
        Request request;

        if (step->kind == KIND_PROJECT) {
                request = project_create_request(making, step->project_name, desired->process,
                                                 desired->visibility);
                take = take_project;
        } else if (step->kind == KIND_GROUP && step->principal.name) {
                /* An Entra group by object id becomes an identity of the organisation. */
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
                        making->spec.changes[i]->message = "what it lies in could not be made";
                }
        organisation_seal(making->spec.live);
        making->spec.on_done(making->spec.context, making);
}

static void ask_wave(Making *making) {
        size_t n = 0;
        bool is_more = false;

        batch_begin(making, on_wave, on_create_call);
        for (size_t i = 0; i < making->spec.n_changes; i++) {
                Change *change = making->spec.changes[i];
                unsigned depth = depth_of(change->step);

                if (change->state != CHANGE_OPEN)
                        continue;
                if (depth == making->depth)
                        n += add_creation(making, change);
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

static void next_wave(Making *making) {
        making->depth++;
        ask_wave(making);
}

/* --- lost: an answer that did not come; the name itself is asked for --------------------------------------------- */

static int take_lost(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        MakingCall *making_call = context;
        Making *making = making_call->making;
        const Step *step = making_call->change->step;
        int r = making_call->codec->take_get(making->spec.live, step->project, step->name, reply, reasonp);
        Index entity;

        if (r < 0)
                return r;
        entity = organisation_find_entity(making->spec.live, step->project, step->kind, step->name);
        if (r == 0 && entity != INDEX_NONE)
                note_made(making, making_call->change, entity);
        return 0;
}

static void on_lost(void *context, Batch *batch) {
        Making *making = context;

        making->batch = mem_free(batch);
        for (size_t i = 0; i < making->spec.n_changes; i++) {
                Change *change = making->spec.changes[i];

                if (change->state != CHANGE_SENT)
                        continue;
                change->state = CHANGE_UNKNOWN;
                change->message = "the answer to its creation was lost and it is not seen by name yet";
        }
        next_wave(making);
}

static void ask_lost(Making *making) {
        batch_begin(making, on_lost, NULL);
        for (size_t i = 0; i < making->spec.n_changes; i++) {
                Change *change = making->spec.changes[i];
                const Codec *codec = codec_of(change->step->kind);
                MakingCall *call;
                Request request;

                if (change->state != CHANGE_SENT || !codec || !codec->get)
                        continue;
                call = call_new(making, change);
                call->codec = codec;
                request = codec->get(making, making->spec.live, change->step->project, change->step->name);
                batch_add(making->batch, &request, take_lost, call);
        }
        batch_start(making->batch);
}

/* --- operations: a project is made in the background of the service (facts §6.1) -------------------------------- */

static int take_operation(void *context, Call *call, const Reply *reply, const char **reasonp,
                          size_t *rowsp) {
        MakingCall *making_call = context;
        const char *reason = NULL;
        int r = project_operation_take(making_call->making, reply, &reason);

        if (r == 1)
                return 0;
        making_call->change->state = r == 0 ? CHANGE_DONE : CHANGE_FAILED;
        making_call->change->message = r == 0 ? NULL : reason;
        return 0;
}

static void on_alarm(void *context) {
        Making *making = context;

        making->alarm = NULL;
        poll_operations(making);
}

static void on_polled(void *context, Batch *batch) {
        Making *making = context;
        bool running = false;

        making->batch = mem_free(batch);
        for (size_t i = 0; i < making->spec.n_changes; i++)
                running |= making->spec.changes[i]->state == CHANGE_SENT &&
                           making->spec.changes[i]->step->kind == KIND_PROJECT;
        if (running && making->polls++ < MAKING_POLLS_MAX) {
                making->alarm =
                        port_alarm(making->spec.port, making, MAKING_POLL_MS, on_alarm, making);
                return;
        }
        making->has_operations = false;
        ask_lost(making);
}

static void poll_operations(Making *making) {
        batch_begin(making, on_polled, NULL);
        for (size_t i = 0; i < making->spec.n_changes; i++) {
                Change *change = making->spec.changes[i];
                Request request;

                if (change->state != CHANGE_SENT || change->step->kind != KIND_PROJECT)
                        continue;
                request = project_operation_request(making, change->message);
                batch_add(making->batch, &request, take_operation, call_new(making, change));
        }
        batch_start(making->batch);
}

Making *making_start(Mem *parent, const MakingSpec *spec) {
        Making *making = mem_new(parent, Making);

        making->spec = *spec;
        ask_before(making);
        return making;
}
