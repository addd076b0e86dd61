/* SPDX-License-Identifier: Apache-2.0 */
/* Effective permissions of an identity, as the service works them out (facts §3.7). */
#pragma once

#include "tests/simulator/world.h"

/* What an identity has on a token, per bit: entries of the identity and of every group it is transitively in are
 * looked at on the token first, then on its parent while inheritance is on. On one level Deny beats Allow; the
 * nearer level decides. A bit in neither mask is not set, which means denied. */
typedef struct EvaluationResult {
        uint32_t allow;
        uint32_t deny;
        uint32_t inherited_allow; /* the part decided above the token */
        uint32_t inherited_deny;
} EvaluationResult;

EvaluationResult evaluation_run(World *world, Organization *organization, const Namespace *ns, const char *token,
                                const Identity *identity, int64_t as_of);

/* The bits that come out as Allow. A pure function of the state at as_of: no administrators' exception. */
uint32_t evaluation_effective(World *world, Organization *organization, const Namespace *ns, const char *token,
                              const Identity *identity, int64_t as_of);

/* Whether an identity is a group or transitively in it. */
bool evaluation_in_group(World *world, Organization *organization, const Identity *identity,
                         const Identity *group, int64_t as_of);

/* Whether the service lets this identity do what needs all these bits now: evaluation_effective(), and Project
 * Collection Administrators always. */
bool evaluation_permits(World *world, Organization *organization, const Namespace *ns, const char *token,
                        const Identity *identity, uint32_t bits);

/* A page's worth of the same question is cheap: the groups of an identity are kept until a membership changes. */
void evaluation_forget(Identity *identity);
