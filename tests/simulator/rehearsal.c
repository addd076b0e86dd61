/* SPDX-License-Identifier: Apache-2.0 */
/* A rehearsal: a request is answered as if it were done, and nothing is.
 *
 * The handler runs at a moment of its own. Every row carries when it came and since when its fields
 * hold, and keeps its former versions, so what was done at that moment is found, and taken back. */
#include "tests/simulator/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#include "tests/simulator/directory.h"

#define NEVER INT64_MAX /* a row made then was not there at any time */

/* One row. Whatever was done to it in several steps is taken back step by step. */
static void restore(void *thing, size_t size, int64_t moment) {
        Row *row = thing;

        while (row->since == moment && row->previous)
                memcpy(row, row->previous, size);
        if (row->created == moment)
                row->created = NEVER;
}

static void restore_list(const Array *list, size_t size, int64_t moment) {
        for (size_t i = 0; i < list->n_items; i++)
                restore(list->items[i], size, moment);
}

/* Rows with arrays of their own: arrays only grow, and what was added is restored by itself, so the
 * present array stays; a former version has it as it was, elsewhere in memory. */

static void restore_identity(Organization *organization, Identity *identity, int64_t moment) {
        Array parents = identity->parents, members = identity->members;
        struct GroupSet *groups = identity->groups;
        bool was_alive = row_alive(&identity->row, AS_OF_NOW);

        for (size_t i = 0; i < parents.n_items; i++) {
                Membership *edge = parents.items[i];

                if (edge->deleted == moment)
                        edge->deleted = ROW_ALIVE;
                if (edge->created == moment)
                        edge->created = NEVER;
        }
        restore(identity, sizeof(*identity), moment);
        identity->parents = parents;
        identity->members = members;
        identity->groups = groups;
        if (!was_alive && row_alive(&identity->row, AS_OF_NOW) && identity->pat)
                directory_set_pat(organization, identity, identity->pat);
}

static void restore_repository(Repository *repository, int64_t moment) {
        Array branches = repository->branches;

        restore_list(&branches, sizeof(Branch), moment);
        restore(repository, sizeof(*repository), moment);
        repository->branches = branches;
}

static void restore_project(Project *project, int64_t moment) {
        Project present = *project;

        restore(project, sizeof(*project), moment);
        project->former_names = present.former_names;
        project->teams = present.teams;
        project->nodes = present.nodes;
        project->repositories = present.repositories;
        project->folders = present.folders;
        project->definitions = present.definitions;
        project->queries = present.queries;
        project->release_folders = present.release_folders;
        project->release_definitions = present.release_definitions;
        project->plans = present.plans;
        project->dashboards = present.dashboards;
        memcpy(project->resources, present.resources, sizeof(project->resources));
        project->pipeline_grants = present.pipeline_grants;
        restore_list(&project->teams, sizeof(Team), moment);
        restore_list(&project->nodes, sizeof(Node), moment);
        for (size_t i = 0; i < project->repositories.n_items; i++)
                restore_repository(project->repositories.items[i], moment);
        restore_list(&project->folders, sizeof(Folder), moment);
        restore_list(&project->definitions, sizeof(Definition), moment);
        restore_list(&project->queries, sizeof(Query), moment);
        restore_list(&project->release_folders, sizeof(Folder), moment);
        restore_list(&project->release_definitions, sizeof(Definition), moment);
        restore_list(&project->plans, sizeof(Board), moment);
        restore_list(&project->dashboards, sizeof(Board), moment);
        for (size_t i = 0; i < N_RESOURCE_KINDS; i++)
                restore_list(&project->resources[i], sizeof(Resource), moment);
        restore_list(&project->pipeline_grants, sizeof(PipelineGrant), moment);
}

static void restore_endpoint(Endpoint *endpoint, int64_t moment) {
        for (Endpoint *version = endpoint; version->row.since == moment && version->row.previous;
             version = version->row.previous) {
                const Endpoint *former = version->row.previous;

                if (former->projects != version->projects)
                        array_deinit(version->projects);
        }
        restore(endpoint, sizeof(*endpoint), moment);
}

static void restore_lists(AclStore *store, int64_t moment) {
        for (size_t i = 0; i < store->lists.n_items; i++) {
                Acl *acl = store->lists.items[i];

                while (acl->state && acl->state->since == moment) {
                        AclState *state = acl->state;

                        acl->state = state->previous;
                        free(state->aces);
                        free(state);
                }
        }
}

static void take_back(Organization *organization, int64_t moment) {
        for (size_t i = 0; i < organization->identities.n_items; i++)
                restore_identity(organization, organization->identities.items[i], moment);
        for (size_t i = 0; i < organization->projects.n_items; i++)
                restore_project(organization->projects.items[i], moment);
        for (size_t i = 0; i < organization->endpoints.n_items; i++)
                restore_endpoint(organization->endpoints.items[i], moment);
        restore_list(&organization->pools, sizeof(Pool), moment);
        for (size_t i = 0; i < N_NAMESPACES; i++)
                restore_lists(&organization->stores[i], moment);
        /* What was known of who is in which group is not so any more. */
        organization->memberships_version++;
}

void rehearsal_run(World *world, Request *request, Response *response, RouteHandler *handler) {
        Organization *organization = request->organization;
        size_t n_operations = organization->operations.n_items;

        request->as_of = ++world->now;
        handler(world, request, response);
        take_back(organization, world->now);
        organization->operations.n_items = n_operations;
}
