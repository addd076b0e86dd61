/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of areas that are not built yet: each definition elsewhere takes the place of the one here. */
#include "tests/simulator/areas.h"
#include "tests/simulator/answer.h"

#define PENDING(name) \
        __attribute__((weak)) void name(World *world, Request *request, Response *response) { \
                response->status = 501; \
        }

PENDING(nodes_list)
PENDING(node_get)
PENDING(node_post)
PENDING(node_patch)
PENDING(node_remove)
PENDING(repositories_list)
PENDING(repository_post)
PENDING(repository_get)
PENDING(repository_patch)
PENDING(repository_remove)
PENDING(recycled_list)
PENDING(recycled_patch)
PENDING(recycled_remove)
PENDING(refs_list)
PENDING(refs_post)
PENDING(folders_list)
PENDING(folder_put)
PENDING(folder_post)
PENDING(folder_remove)
PENDING(definitions_list)
PENDING(definition_post)
PENDING(definition_get)
PENDING(definition_put)
PENDING(definition_remove)
PENDING(endpoints_list)
PENDING(endpoint_post)
PENDING(endpoint_get)
PENDING(endpoint_put)
PENDING(endpoint_remove)
PENDING(endpoint_share_patch)
PENDING(queues_list)
PENDING(pools_list)
PENDING(variable_groups_list)
PENDING(environments_list)
