/* SPDX-License-Identifier: Apache-2.0 */
/* Workload: the identity of a Kubernetes service account, or of any other federated token. */
#pragma once

#include "daemon/net/authority.h"

/* True when the variables of facts §2.5 are there. */
bool auth_workload_is_given(void);
/* From these variables. NULL with *reasonp, below parent, when one is missing or no word. */
Auth *auth_workload_new(Mem *parent, const TokenSpec *token, const char **reasonp);
