/* SPDX-License-Identifier: Apache-2.0 */
/* Managed: the identity that a machine or an app of Azure has by itself. */
#pragma once

#include "daemon/net/token.h"

#define MANAGED_ARC_FOLDER "/var/opt/azcmagent/tokens"
#define MANAGED_ARC_AGENT "/opt/azcmagent/bin/himds"

enum {
        MANAGED_ARC_KEY_SIZE_MAX = 4096,
};

typedef struct ManagedSpec {
        const char *client;     /* id of a user-assigned identity, or NULL */
        const char *arc_folder; /* MANAGED_ARC_FOLDER but in tests */
        const char *arc_agent;  /* MANAGED_ARC_AGENT but in tests */
} ManagedSpec;

/* Where it is asked for is found from the environment (facts §2.4). NULL with *reasonp when it is a
 * place that charterd does not know how to ask. */
Auth *auth_managed_new(Mem *parent, const TokenSpec *token, const ManagedSpec *spec,
                       const char **reasonp);
