/* SPDX-License-Identifier: Apache-2.0 */
/* Operations: what goes on after its request was answered (facts §6.1). */
#pragma once

#include "tests/simulator/world.h"

/* What a project becomes when an operation of kind OPERATION_UPDATE_PROJECT ends; NULL: as it is. */
typedef struct ProjectChange {
        const char *name;
        const char *description;
        const char *visibility;
} ProjectChange;

/* change is for OPERATION_UPDATE_PROJECT, NULL elsewhere. */
Operation *operation_start(Project *project, OperationKind kind, const ProjectChange *change);
Operation *operation_find(const Organization *organization, const char *id);
/* Somebody asks how far it is: ends it once Options.operation_polls have been. */
void operation_poll(Operation *operation);
/* Ends what has gone on for long, asked for or not. */
void operations_advance(Organization *organization);
const char *operation_status(const Operation *operation);
