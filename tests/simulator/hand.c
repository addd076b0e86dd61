/* SPDX-License-Identifier: Apache-2.0 */
/* Changes people make by hand, past the requests that are logged. */
#include "tests/simulator/hand.h"

#include <string.h>

#include "tests/simulator/directory.h"
#include "tests/simulator/evaluation.h"

static const struct {
        const char *name;
        HandOperation *run;
} OPERATIONS[] = {
        {"grant", hand_grant},
        {"replace", hand_replace},
        {"revoke", hand_revoke},
        {"set_inherit", hand_set_inherit},
        {"remove_list", hand_remove_list},

        {"add_person", hand_add_person},
        {"remove_person", hand_remove_person},
        {"rename_person", hand_rename_person},
        {"move_tenant", hand_move_tenant},
        {"set_client", hand_set_client},
        {"create_group", hand_create_group},
        {"rename_group", hand_rename_group},
        {"delete_group", hand_delete_group},
        {"add_member", hand_add_member},
        {"remove_member", hand_remove_member},
        {"create_team", hand_create_team},
        {"rename_team", hand_rename_group},
        {"delete_team", hand_delete_team},
        {"add_admin", hand_add_admin},
        {"remove_admin", hand_remove_admin},
        {"set_team_areas", hand_set_team_areas},

        {"create_project", hand_create_project},
        {"rename_project", hand_rename_project},
        {"delete_project", hand_delete_project},
        {"create_repository", hand_create_repository},
        {"rename_repository", hand_rename_repository},
        {"delete_repository", hand_delete_repository},
        {"restore_repository", hand_restore_repository},
        {"create_branch", hand_create_branch},
        {"delete_branch", hand_delete_branch},
        {"create_folder", hand_create_folder},
        {"rename_folder", hand_rename_folder},
        {"delete_folder", hand_delete_folder},
        {"create_pipeline", hand_create_pipeline},
        {"rename_pipeline", hand_rename_pipeline},
        {"move_pipeline", hand_move_pipeline},
        {"delete_pipeline", hand_delete_pipeline},
        {"create_area", hand_create_area},
        {"rename_area", hand_rename_area},
        {"move_area", hand_move_area},
        {"delete_area", hand_delete_area},
        {"create_iteration", hand_create_iteration},
        {"rename_iteration", hand_rename_iteration},
        {"move_iteration", hand_move_iteration},
        {"delete_iteration", hand_delete_iteration},
        {"create_query_folder", hand_create_query_folder},
        {"create_query", hand_create_query},
        {"rename_query", hand_rename_query},
        {"move_query", hand_move_query},
        {"delete_query", hand_delete_query},
        {"create_release_folder", hand_create_release_folder},
        {"rename_release_folder", hand_rename_release_folder},
        {"delete_release_folder", hand_delete_release_folder},
        {"create_release_pipeline", hand_create_release_pipeline},
        {"delete_release_pipeline", hand_delete_release_pipeline},
        {"create_plan", hand_create_plan},
        {"rename_plan", hand_rename_plan},
        {"delete_plan", hand_delete_plan},
        {"create_dashboard", hand_create_dashboard},
        {"rename_dashboard", hand_rename_dashboard},
        {"delete_dashboard", hand_delete_dashboard},
        {"create_service_connection", hand_create_endpoint},
        {"rename_service_connection", hand_rename_endpoint},
        {"delete_service_connection", hand_delete_endpoint},
        {"share_service_connection", hand_share_endpoint},

        {"create_agent_queue", hand_create_resource},
        {"rename_agent_queue", hand_rename_resource},
        {"delete_agent_queue", hand_delete_resource},
        {"create_variable_group", hand_create_resource},
        {"rename_variable_group", hand_rename_resource},
        {"delete_variable_group", hand_delete_resource},
        {"create_secure_file", hand_create_resource},
        {"rename_secure_file", hand_rename_resource},
        {"delete_secure_file", hand_delete_resource},
        {"create_environment", hand_create_resource},
        {"rename_environment", hand_rename_resource},
        {"delete_environment", hand_delete_resource},
        {"create_agent_pool", hand_create_pool},
        {"rename_agent_pool", hand_rename_pool},
        {"delete_agent_pool", hand_delete_pool},
        {"open_to_pipelines", hand_open_to_pipelines},
        {"close_to_pipelines", hand_close_to_pipelines},
};

int hand_change(const Hand *hand, const Written *change) {
        HandJob job = {.hand = hand, .change = change, .arena = &hand->world->arena};
        size_t n_mistakes = change->mistakes->n_mistakes;
        const char *name = written_is_object(change) ? written_need(change, "op") : NULL;

        for (size_t i = 0; name && i < sizeof(OPERATIONS) / sizeof(OPERATIONS[0]); i++) {
                if (strcmp(OPERATIONS[i].name, name) == 0)
                        return OPERATIONS[i].run(&job);
        }
        if (change->mistakes->n_mistakes == n_mistakes)
                written_mistake_at(change, "op",
                                   "\"%s\" is no change; see README.md for those there are", name);
        return -1;
}

int hand_may(const HandJob *job, NamespaceIndex ns, const char *token, uint32_t bits) {
        const Hand *hand = job->hand;
        const Namespace *table = namespace_get(ns);
        const char *word = table->name;

        if (hand->forced || !hand->person ||
            evaluation_permits(hand->world, hand->organization, table, token, hand->person, bits))
                return 0;
        for (size_t i = 0; i < table->n_actions; i++) {
                if (table->actions[i].bit & bits)
                        word = table->actions[i].name;
        }
        written_mistake(job->change, "%s lacks %s: %s", hand->person->name, table->name, word);
        return HAND_DENIED;
}

Project *hand_project(const HandJob *job) {
        return place_project(job->hand->organization, job->hand->project, job->change);
}
