/* SPDX-License-Identifier: Apache-2.0 */
/* Write: the requests that carry out a rank's changes, entries of one token together. */
#pragma once

#include "daemon/engine/change.h"
#include "daemon/flow/request.h"

typedef struct Write {
        Request request;
        Change **changes; /* that it carries out */
        size_t n_changes;
} Write;

typedef struct WriteList {
        Write *items;
        size_t n;
} WriteList;

/* The exactness with which a principal is governed: additive for those whose grants_policy is. */
ChangeExactness write_exactness(const Desired *desired, const Step *step);

/* Requests for entries, memberships, administrators and areas; creations and inherit switches are their own
 * operations. Below parent. */
WriteList write_list_of(Mem *parent, const Organisation *live, const Desired *desired,
                        Change *const *changes, size_t n_changes);
