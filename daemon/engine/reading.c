/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: lists of a live organisation read again, in place. */
#include <stdlib.h>

#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/judge.h"
#include "daemon/azdo/project.h"
#include "daemon/azdo/pipeline_users.h"
#include "daemon/azdo/team.h"
#include "daemon/engine/reading.h"

typedef struct TokenRow {
        Index project;
        uint8_t space;
        const char *token;
} TokenRow;

typedef struct ReadingFailure {
        Index project; /* INDEX_NONE: of all that was read */
        const char *message;
} ReadingFailure;

struct Reading {
        ReadingSpec spec;
        TokenRow *tokens;
        size_t n_tokens;
        Index *groups;
        size_t n_groups;
        Index *teams;
        size_t n_teams;
        Index *used; /* things whose pipelines are read */
        size_t n_used;
        Batch *batch;
        ReadingFailure *failures;
        size_t n_failures;
};

typedef struct ReadingCall {
        Reading *reading;
        AclReader *reader;
        const Index *identities;
        size_t n_identities;
        Index one;
        Index project; /* whose reading it is; INDEX_NONE: of several */
} ReadingCall;

Reading *reading_new(Mem *parent, const ReadingSpec *spec) {
        Reading *reading = mem_new(parent, Reading);

        reading->spec = *spec;
        return reading;
}

void reading_add_token(Reading *reading, Index project, uint8_t space, const char *token) {
        *mem_push(reading, reading->tokens, reading->n_tokens) =
                (TokenRow){.project = project, .space = space, .token = mem_strdup(reading, token)};
}

void reading_add_group(Reading *reading, Index group) {
        for (size_t i = 0; i < reading->n_groups; i++)
                if (reading->groups[i] == group)
                        return;
        *mem_push(reading, reading->groups, reading->n_groups) = group;
}

void reading_add_team_areas(Reading *reading, Index team) {
        *mem_push(reading, reading->teams, reading->n_teams) = team;
}

void reading_add_pipeline_users(Reading *reading, Index entity) {
        for (size_t i = 0; i < reading->n_used; i++)
                if (reading->used[i] == entity)
                        return;
        *mem_push(reading, reading->used, reading->n_used) = entity;
}

static int compare_tokens(const void *a_, const void *b_) {
        const TokenRow *a = a_, *b = b_;

        if (a->project != b->project)
                return a->project < b->project ? -1 : 1;
        if (a->space != b->space)
                return a->space < b->space ? -1 : 1;
        return text_compare(a->token, b->token);
}

static ReadingCall *call_new(Reading *reading) {
        ReadingCall *call = mem_new(reading, ReadingCall);

        call->reading = reading;
        call->project = INDEX_NONE;
        return call;
}

static int take_acls(void *context, Call *call, const Reply *reply, const char **reasonp,
                     size_t *rowsp) {
        ReadingCall *reading_call = context;

        *reasonp = acl_reader_error(reading_call->reader);
        return *reasonp ? -1 : 0;
}

/* A project's rule may be about the organisation. */
static bool is_above_projects(const Reading *reading, const TokenRow *row) {
        const Organisation *live = reading->spec.live;
        const char *root = live->root_token[row->space];

        return root && token_compare(root, row->token, live->permissions.items[row->space].separator) == 0;
}

static void ask_token(Reading *reading, const TokenRow *row, const char *token, AclDepth depth) {
        ReadingCall *call = call_new(reading);
        Request request = acl_query_request(reading, reading->spec.live, row->space, token, depth);

        call->reader = acl_reader_new(reading, &(AclReaderSpec){
                                                       .organisation = reading->spec.live,
                                                       .space = row->space,
                                                       .project = is_above_projects(reading, row)
                                                                          ? INDEX_NONE
                                                                          : row->project,
                                                       .token = token,
                                                       .depth = depth,
                                                       .now = port_now(reading->spec.port),
                                               });
        request.sink = acl_reader_sink(call->reader);
        call->project = row->project;
        batch_add(reading->batch, &request, take_acls, call);
}

/* Many tokens of one namespace are one request from where the project's lists begin. */
static void ask_tokens(Reading *reading) {
        size_t i = 0;

        if (reading->n_tokens > 1)
                qsort(reading->tokens, reading->n_tokens, sizeof *reading->tokens, compare_tokens);
        while (i < reading->n_tokens) {
                const TokenRow *first = &reading->tokens[i];
                const char *root = first->project == INDEX_NONE
                                           ? NULL
                                           : project_lists_token(reading, reading->spec.live,
                                                                 first->project, first->space);
                size_t n = 1;

                while (i + n < reading->n_tokens && reading->tokens[i + n].project == first->project &&
                       reading->tokens[i + n].space == first->space)
                        n++;
                if (n > READING_TOKENS_ALONE_MAX && root) {
                        ask_token(reading, first, root, ACL_RECURSE);
                } else {
                        for (size_t k = i; k < i + n; k++)
                                if (k == i || compare_tokens(&reading->tokens[k - 1], &reading->tokens[k]))
                                        ask_token(reading, &reading->tokens[k], reading->tokens[k].token,
                                                  ACL_TOKEN);
                }
                i += n;
        }
}

static int take_groups(void *context, Call *call, const Reply *reply, const char **reasonp,
                       size_t *rowsp) {
        ReadingCall *reading_call = context;

        return identity_batch_take(reading_call->reading->spec.live, reading_call->identities,
                                   reading_call->n_identities, IDENTITY_MEMBERSHIP_DIRECT, reply, reasonp);
}

static int take_members(void *context, Call *call, const Reply *reply, const char **reasonp,
                        size_t *rowsp) {
        ReadingCall *reading_call = context;

        return identity_members_take(reading_call->reading->spec.live, reading_call->one, reply, reasonp);
}

/* Groups whose list an identity batch would cut are read by Graph. */
static void ask_groups(Reading *reading) {
        Organisation *live = reading->spec.live;
        Index *small = NULL;
        size_t n_small = 0;

        for (size_t i = 0; i < reading->n_groups; i++) {
                Index group = reading->groups[i];
                size_t n_members;

                organisation_members(live, group, &n_members);
                organisation_clear_members(live, group);
                if (n_members + 1 < IDENTITY_MEMBERS_MAX || !live->identities[group].subject) {
                        *mem_push(reading, small, n_small) = group;
                        continue;
                }
                ReadingCall *call = call_new(reading);
                Request request = identity_members_request(reading, live, group);

                call->one = group;
                call->project = live->identities[group].project;
                batch_add(reading->batch, &request, take_members, call);
        }
        for (size_t i = 0; i < n_small; i += IDENTITY_BATCH_MAX) {
                ReadingCall *call = call_new(reading);
                Request request;

                call->identities = small + i;
                call->n_identities =
                        n_small - i < IDENTITY_BATCH_MAX ? n_small - i : IDENTITY_BATCH_MAX;
                request = identity_batch_request(reading, live, call->identities, call->n_identities,
                                                 IDENTITY_MEMBERSHIP_DIRECT);
                batch_add(reading->batch, &request, take_groups, call);
        }
}

static int take_areas(void *context, Call *call, const Reply *reply, const char **reasonp,
                      size_t *rowsp) {
        ReadingCall *reading_call = context;

        return team_areas_take(reading_call->reading->spec.live, reading_call->one, reply, reasonp);
}

static int take_users(void *context, Call *call, const Reply *reply, const char **reasonp,
                      size_t *rowsp) {
        ReadingCall *reading_call = context;

        return pipeline_users_take(reading_call->reading->spec.live, reading_call->one, reply, reasonp);
}

static void ask_one(Reading *reading, Index entity, Request request, TakeFn take) {
        ReadingCall *call = call_new(reading);

        call->one = entity;
        call->project = reading->spec.live->entities[entity].project;
        batch_add(reading->batch, &request, take, call);
}

static void on_call(void *context, Call *call) {
        Reading *reading = context;
        const ReadingCall *reading_call = call->context;

        if (call->fault.kind == FAULT_NONE)
                return;
        *mem_push(reading, reading->failures, reading->n_failures) = (ReadingFailure){
                .project = reading_call->project,
                .message = mem_strdup(reading, call->fault.message ? call->fault.message : "a reading failed"),
        };
}

static void on_batch(void *context, Batch *batch) {
        Reading *reading = context;

        organisation_seal(reading->spec.live);
        reading->spec.on_done(reading->spec.context, reading);
}

void reading_start(Reading *reading) {
        reading->batch = batch_new(reading, &(BatchSpec){
                                                    .port = reading->spec.port,
                                                    .throttle = reading->spec.throttle,
                                                    .judge = judge_reply,
                                                    .on_done = on_batch,
                                                    .on_call = on_call,
                                                    .context = reading,
                                                    .ends_unanswered = true,
                                            });
        ask_tokens(reading);
        ask_groups(reading);
        for (size_t i = 0; i < reading->n_teams; i++)
                ask_one(reading, reading->teams[i],
                        team_areas_request(reading, reading->spec.live, reading->teams[i]), take_areas);
        for (size_t i = 0; i < reading->n_used; i++)
                ask_one(reading, reading->used[i],
                        pipeline_users_request(reading, reading->spec.live, reading->used[i]), take_users);
        batch_start(reading->batch);
}

const char *reading_error(const Reading *reading, Index project) {
        for (size_t i = 0; i < reading->n_failures; i++) {
                const ReadingFailure *failure = &reading->failures[i];

                if (project == INDEX_NONE || failure->project == INDEX_NONE || failure->project == project)
                        return failure->message;
        }
        return NULL;
}
