/* SPDX-License-Identifier: Apache-2.0 */
/* PipelineUsers: which pipelines may use a thing with roles, on the wire (facts §4.5). */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

typedef enum PipelineGrant {
        PIPELINE_GRANT_GIVEN,
        PIPELINE_GRANT_TAKEN,
} PipelineGrant;

/* GET pipelinepermissions of one thing; taken into Organisation.pipeline_users. */
Request pipeline_users_request(Mem *parent, const Organisation *organisation, Index entity);
int pipeline_users_take(Organisation *organisation, Index entity, const Reply *reply,
                        const char **reasonp);
/* PATCH: what is named is given or taken, all else stays. all: all pipelines at once, too. */
typedef struct PipelineUsersChange {
        Index entity;
        PipelineGrant grant;
        bool all;
        const uint32_t *ids;
        size_t n_ids;
} PipelineUsersChange;
Request pipeline_users_change_request(Mem *parent, const Organisation *organisation,
                                      const PipelineUsersChange *change);
