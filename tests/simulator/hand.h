/* SPDX-License-Identifier: Apache-2.0 */
/* Changes people make by hand, past the requests that are logged. */
#pragma once

#include "tests/simulator/place.h"

typedef struct Hand {
        World *world;
        Organization *organization;
        Project *project; /* meant when a change names none; may be NULL */
        Identity *person; /* who does it; NULL: nobody, no creator gets entries */
        bool forced;      /* done whatever the person may do */
} Hand;

enum {
        HAND_DENIED = 1
}; /* outcome: the person lacks the permission; a mistake names it */

/* One change, an object with "op". 0, HAND_DENIED, or -1 with mistakes. Nothing was changed unless
 * 0. */
int hand_change(const Hand *hand, const Written *change);

/* One operation under way; for the operations in hand_*.c. */
typedef struct HandJob {
        const Hand *hand;
        const Written *change;
        Arena *arena; /* of the world: what is found here may be kept */
} HandJob;

typedef int HandOperation(const HandJob *job);

/* 0 when the person may do what needs these bits there, or the hand is forced; else HAND_DENIED
 * with a mistake. */
int hand_may(const HandJob *job, NamespaceIndex ns, const char *token, uint32_t bits);
/* The project of the change, or NULL with a mistake. */
Project *hand_project(const HandJob *job);

/* hand_permission.c */
HandOperation hand_grant;
HandOperation hand_replace;
HandOperation hand_revoke;
HandOperation hand_set_inherit;
HandOperation hand_remove_list;

/* hand_directory.c */
HandOperation hand_add_person;
HandOperation hand_remove_person;
HandOperation hand_rename_person;
HandOperation hand_move_tenant;
HandOperation hand_set_client;
HandOperation hand_create_group;
HandOperation hand_rename_group;
HandOperation hand_delete_group;
HandOperation hand_add_member;
HandOperation hand_remove_member;
HandOperation hand_create_team;
HandOperation hand_delete_team;
HandOperation hand_add_admin;
HandOperation hand_remove_admin;
HandOperation hand_set_team_areas;

/* hand_artefact.c */
HandOperation hand_create_project;
HandOperation hand_rename_project;
HandOperation hand_delete_project;
HandOperation hand_create_repository;
HandOperation hand_rename_repository;
HandOperation hand_delete_repository;
HandOperation hand_restore_repository;
HandOperation hand_create_branch;
HandOperation hand_delete_branch;
HandOperation hand_create_folder;
HandOperation hand_rename_folder;
HandOperation hand_delete_folder;
HandOperation hand_create_pipeline;
HandOperation hand_rename_pipeline;
HandOperation hand_move_pipeline;
HandOperation hand_delete_pipeline;
HandOperation hand_create_area;
HandOperation hand_rename_area;
HandOperation hand_move_area;
HandOperation hand_delete_area;
HandOperation hand_create_iteration;
HandOperation hand_rename_iteration;
HandOperation hand_move_iteration;
HandOperation hand_delete_iteration;
HandOperation hand_create_endpoint;
HandOperation hand_rename_endpoint;
HandOperation hand_delete_endpoint;
HandOperation hand_share_endpoint;

/* hand_query.c */
HandOperation hand_create_query_folder;
HandOperation hand_create_query;
HandOperation hand_rename_query;
HandOperation hand_move_query;
HandOperation hand_delete_query;

/* hand_board.c */
HandOperation hand_create_release_folder;
HandOperation hand_rename_release_folder;
HandOperation hand_delete_release_folder;
HandOperation hand_create_release_pipeline;
HandOperation hand_delete_release_pipeline;
HandOperation hand_create_plan;
HandOperation hand_rename_plan;
HandOperation hand_delete_plan;
HandOperation hand_create_dashboard;
HandOperation hand_rename_dashboard;
HandOperation hand_delete_dashboard;

/* hand_resource.c: of all kinds of resource.h, by the name of the operation */
HandOperation hand_create_resource;
HandOperation hand_rename_resource;
HandOperation hand_delete_resource;
HandOperation hand_create_pool;
HandOperation hand_rename_pool;
HandOperation hand_delete_pool;
HandOperation hand_open_to_pipelines;
HandOperation hand_close_to_pipelines;
