/* SPDX-License-Identifier: Apache-2.0 */
/* Branch: the security token of a branch, which follows from its name (facts §3.4). */
#pragma once

#include <stdbool.h>

#include "common/base/text.h"

/* How a branch is called beside others of a project, by its repository and its own name: neither has a `:`. */
#define BRANCH_NAME_FORMAT "%s:%s"

/* Appends what stands behind the repository's token: `/refs/heads/6d00…` of `main`, each part of a name as the hex of
 * its UTF-16LE; of a folder, `release/`, that of the folder. The branch need not exist. `name` is UTF-8. */
void branch_append_token(Text *text, const char *name);
/* Appends the name for people of what stands behind a repository's token (without the separator in front):
 * `refs/heads/main`; what is no hex of a name stays as it is. */
void branch_append_ref(Text *text, const char *below);
/* The branch of such a rest, `main` of `refs/heads/6d00…`, appended; false (and nothing appended) when it is none. */
bool branch_append_name(Text *text, const char *below);
