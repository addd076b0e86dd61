/* SPDX-License-Identifier: Apache-2.0 */
/* Graph subjects: how people and groups look to Graph, which ones the caller sees (facts §5.2). */
#include "tests/simulator/subject.h"

#include <string.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/shape.h"

bool identity_is_container(const Identity *identity) {
        return identity->kind == IDENTITY_GROUP || identity->kind == IDENTITY_ENTRA_GROUP;
}

bool subject_seen(const Request *request, const Identity *identity) {
        return identity->kind != IDENTITY_GROUP || !identity->project ||
               guard_sees_project(request, identity->project);
}

int64_t subject_list_time(const Request *request, const Identity *identity) {
        const World *world = request->organization->world;
        int64_t late = world->now - world->options.late_lists_ms;

        if (identity->project && identity->row.created == identity->project->row.created)
                return request->as_of;
        return late < request->as_of ? late : request->as_of;
}

bool subject_lingers(const World *world, const Identity *identity) {
        return !row_alive(&identity->row, world->now) && identity->row.created <= world->now &&
               world->now - identity->row.deleted < world->options.late_lists_ms;
}

const char *graph_url(Request *request, const char *collection, const char *last) {
        return arena_print(&request->arena, "%s/_apis/Graph/%s/%s",
                           world_graph_url(&request->arena, request->organization), collection, last);
}

static const char *collection_of(const Identity *identity) {
        switch (identity->kind) {
        case IDENTITY_GROUP:
        case IDENTITY_ENTRA_GROUP:
                return "Groups";
        case IDENTITY_SERVICE_PRINCIPAL:
                return "ServicePrincipals";
        case IDENTITY_USER:
        case IDENTITY_BUILD_SERVICE:
                return "Users";
        }
        return "";
}

const char *subject_url(Request *request, const Identity *identity) {
        return graph_url(request, collection_of(identity), identity->subject_descriptor);
}

static void add_links(Request *request, cJSON *tree, const Identity *identity) {
        const char *descriptor = identity->subject_descriptor;
        cJSON *links = cJSON_AddObjectToObject(tree, "_links");

        json_add_link(links, "self", subject_url(request, identity));
        json_add_link(links, "memberships", graph_url(request, "Memberships", descriptor));
        json_add_link(links, "membershipState", graph_url(request, "MembershipStates", descriptor));
        json_add_link(links, "storageKey", graph_url(request, "StorageKeys", descriptor));
        if (!identity_is_container(identity))
                json_add_link(links, "avatar",
                              arena_print(&request->arena, "%s/_apis/GraphProfile/MemberAvatars/%s",
                                          world_core_url(&request->arena, request->organization), descriptor));
        json_add_text(tree, "url", subject_url(request, identity));
        json_add_text(tree, "descriptor", descriptor);
}

static const char *group_domain(Request *request, const Identity *group) {
        if (group->kind == IDENTITY_ENTRA_GROUP)
                return request->organization->tenant_id;
        if (group->project)
                return arena_print(&request->arena, "vstfs:///Classification/TeamProject/%s", group->project->id);
        return arena_print(&request->arena, "vstfs:///Framework/IdentityDomain/%s", request->organization->host_id);
}

static void add_group(Request *request, cJSON *tree, const Identity *group) {
        bool entra = group->kind == IDENTITY_ENTRA_GROUP;

        json_add_text(tree, "subjectKind", "group");
        json_add_text(tree, "description", group->description);
        if (entra || group->role == GROUP_SECURITY_SERVICE)
                json_add_bool(tree, "isCrossProject", true);
        json_add_text(tree, "domain", group_domain(request, group));
        json_add_text(tree, "principalName", identity_principal_name(&request->arena, request->organization, group));
        json_add_text(tree, "mailAddress", NULL);
        json_add_text(tree, "origin", entra ? "aad" : "vsts");
        json_add_text(tree, "originId", group->origin_id);
}

static const char *alias_of(Arena *arena, const char *unique_name) {
        return arena_copy_length(arena, unique_name, strcspn(unique_name, "@"));
}

static void add_user(Request *request, cJSON *tree, const Identity *user) {
        json_add_text(tree, "subjectKind", "user");
        json_add_text(tree, "metaType", "member");
        json_add_text(tree, "directoryAlias", alias_of(&request->arena, user->unique_name));
        json_add_text(tree, "domain", request->organization->tenant_id);
        json_add_text(tree, "principalName", user->unique_name);
        json_add_text(tree, "mailAddress", user->unique_name);
        json_add_text(tree, "origin", "aad");
        json_add_text(tree, "originId", user->origin_id);
}

static void add_service(Request *request, cJSON *tree, const Identity *service) {
        const Organization *organization = request->organization;

        json_add_text(tree, "subjectKind", "user");
        json_add_text(tree, "domain", "Build");
        json_add_text(tree, "principalName", service->project ? service->project->id : organization->id);
        json_add_text(tree, "mailAddress", "");
        json_add_text(tree, "origin", "vsts");
        json_add_text(tree, "originId", service->storage_key);
}

static void add_principal(Request *request, cJSON *tree, const Identity *principal) {
        json_add_text(tree, "subjectKind", "servicePrincipal");
        json_add_text(tree, "applicationId", principal->application_id);
        json_add_text(tree, "directoryAlias", principal->origin_id);
        json_add_text(tree, "domain", request->organization->tenant_id);
        json_add_text(tree, "principalName", principal->origin_id);
        json_add_text(tree, "mailAddress", NULL);
        json_add_text(tree, "origin", "aad");
        json_add_text(tree, "originId", principal->origin_id);
}

cJSON *shape_subject(Request *request, const Identity *identity) {
        const Identity *then = row_at(identity, request->as_of);
        cJSON *tree = cJSON_CreateObject();

        if (!then)
                then = identity;
        switch (then->kind) {
        case IDENTITY_GROUP:
        case IDENTITY_ENTRA_GROUP:
                add_group(request, tree, then);
                break;
        case IDENTITY_USER:
                add_user(request, tree, then);
                break;
        case IDENTITY_BUILD_SERVICE:
                add_service(request, tree, then);
                break;
        case IDENTITY_SERVICE_PRINCIPAL:
                add_principal(request, tree, then);
                break;
        }
        json_add_text(tree, "displayName", then->name);
        if (!row_alive(&identity->row, request->as_of))
                json_add_bool(tree, "isDeleted", true);
        add_links(request, tree, then);
        return tree;
}
