/* SPDX-License-Identifier: Apache-2.0 */
/* Status: how the organisations of a running daemon are, as JSON for programs, from it as text for people. */
#pragma once

#include "common/base/json.h"
#include "daemon/standing.h"

typedef enum StatusScope {
        STATUS_WHOLE,
        STATUS_EXCERPT, /* of each list so many as a person looks at, the worst first; `n_...` tells how many there are */
} StatusScope;

enum {
        STATUS_EXCERPT_ORGANIZATIONS = 20,
        STATUS_EXCERPT_PROJECTS = 100, /* of each organisation, as below */
        STATUS_EXCERPT_HELD = 50,
        STATUS_EXCERPT_FINDINGS = 50,
};

/* product.md, Formats: `status -o json`. One line. */
void status_write(const Standing *standing, StatusScope scope, Text *text);
/* As `plan --strict` over all organisations; an organisation without a plan yet is an error, and so are newer settings or
 * charters that are not taken. */
int status_exit_code(const Standing *standing);
/* `in_sync`, `pending`, `held`, `failed`, `starting`, `no_charter`: the organisation's exit code in a word. */
const char *status_organization_state(const Keeper *keeper);
/* For people. */
void status_print(const JsonNode *status, Text *text);
/* True when nothing keeps any organisation from being ready, see standing_obstacle(). */
bool status_is_ready(const JsonNode *status);
