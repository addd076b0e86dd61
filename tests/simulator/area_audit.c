/* SPDX-License-Identifier: Apache-2.0 */
/* Area Audit: the audit log (facts §8). */
#define _XOPEN_SOURCE 700 /* strptime */
#define _DEFAULT_SOURCE   /* timegm */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/audit.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/shape.h"

#define TOKEN_AUDIT_LOG "AllPermissions"
#define NOBODY "00000000-0000-0000-0000-000000000000"

enum {
        AUDIT_LOG_READ = 1,
        BATCH_SIZE = 200, /* as the portal reads it */
        BATCH_SIZE_MAX = 100000,
        MS_PER_SECOND = 1000,
};

static const struct {
        const char *id;
        const char *area;
        const char *category;
        const char *category_name;
} ACTIONS[] = {
        [AUDIT_MODIFY_PERMISSION] = {"Security.ModifyPermission", "Permissions", "modify", "Modify"},
        [AUDIT_REMOVE_PERMISSION] = {"Security.RemovePermission", "Permissions", "remove", "Remove"},
        [AUDIT_MODIFY_LISTS] = {"Security.ModifyAccessControlLists", "Permissions", "modify", "Modify"},
        [AUDIT_REMOVE_LISTS] = {"Security.RemoveAccessControlLists", "Permissions", "remove", "Remove"},
        [AUDIT_ADD_MEMBER] = {"Group.UpdateGroupMembership.Add", "Group", "create", "Create"},
        [AUDIT_REMOVE_MEMBER] = {"Group.UpdateGroupMembership.Remove", "Group", "remove", "Remove"},
        [AUDIT_CREATE_GROUP] = {"Group.CreateGroups", "Group", "create", "Create"},
        [AUDIT_DELETE_GROUP] = {"Group.UpdateGroups.Delete", "Group", "remove", "Remove"},
        [AUDIT_READ_LOG] = {"AuditLog.AccessLog", "Auditing", "access", "Access"},
};

/* --- an entry ------------------------------------------------------------------------------------------------------- */

static const char *name_of(Request *request, const Identity *identity) {
        if (identity->unique_name)
                return identity->name;
        return identity_principal_name(&request->arena, request->organization, identity);
}

static const char *permission_names(Request *request, const AuditRow *row) {
        uint32_t changed = (row->before.allow ^ row->after.allow) | (row->before.deny ^ row->after.deny);
        const char *names = "";

        for (size_t i = 0; i < row->ns->n_actions; i++) {
                const NamespaceAction *action = &row->ns->actions[i];

                if (action->bit & changed)
                        names = arena_print(&request->arena, "%s%s%s", names, *names ? ", " : "", action->display_name);
        }
        return names;
}

/* Of what changed, as the portal words it. */
static const char *change_word(const AuditRow *row) {
        if (row->after.deny & ~row->before.deny)
                return "Deny";
        return row->after.allow & ~row->before.allow ? "Allow" : "Not set";
}

static cJSON *shape_summary(Request *request, const AuditRow *row) {
        cJSON *summary = cJSON_CreateObject();

        json_add_text(summary, "permissionNames", permission_names(request, row));
        json_add_text(summary, "change", change_word(row));
        json_add_text(summary, "subjectDescriptor", row->subject ? row->subject->subject_descriptor : row->descriptor);
        json_add_text(summary, "subjectDisplayName",
                      row->subject ? name_of(request, row->subject) : row->descriptor);
        return summary;
}

/* An array of objects, or, by an option, the same as text. */
static void add_summaries(World *world, Request *request, cJSON *data, const AuditRow *const *rows, size_t n) {
        cJSON *summaries = cJSON_CreateArray();

        for (size_t i = 0; i < n; i++) {
                if (rows[i]->descriptor)
                        cJSON_AddItemToArray(summaries, shape_summary(request, rows[i]));
        }
        if (world->options.audit_summary_as_text) {
                char *text = cJSON_PrintUnformatted(summaries);

                json_add_text(data, "EventSummary", text);
                free(text);
                cJSON_Delete(summaries);
                return;
        }
        cJSON_AddItemToObject(data, "EventSummary", summaries);
}

static void add_security(World *world, Request *request, cJSON *data, const AuditRow *const *rows, size_t n) {
        const AuditRow *row = rows[0];

        json_add_text(data, "NamespaceId", row->ns->id);
        json_add_text(data, "NamespaceName", row->ns->name);
        if (row->action == AUDIT_REMOVE_LISTS) {
                cJSON_AddItemToArray(cJSON_AddArrayToObject(data, "Tokens"), cJSON_CreateString(row->token));
                json_add_bool(data, "Recurse", false);
                return;
        }
        json_add_text(data, "Token", row->token);
        if (row->action == AUDIT_REMOVE_PERMISSION) {
                cJSON *identities = cJSON_AddArrayToObject(data, "Identities");

                for (size_t i = 0; i < n; i++)
                        cJSON_AddItemToArray(identities,
                                             cJSON_CreateString(rows[i]->subject ? name_of(request, rows[i]->subject)
                                                                                 : rows[i]->descriptor));
                return;
        }
        add_summaries(world, request, data, rows, n);
        if (n > 1 || row->action != AUDIT_MODIFY_PERMISSION)
                return;
        json_add_text(data, "SubjectDescriptor", row->subject ? row->subject->descriptor : row->descriptor);
        json_add_text(data, "SubjectDisplayName", row->subject ? name_of(request, row->subject) : row->descriptor);
        json_add_text(data, "ChangedPermission", permission_names(request, row));
        json_add_text(data, "PermissionModifiedTo", change_word(row));
}

static void add_membership(Request *request, cJSON *data, const AuditRow *const *rows, size_t n) {
        const AuditRow *row = rows[0];
        cJSON *updates;

        json_add_text(data, "GroupId", row->group->storage_key);
        json_add_text(data, "GroupName", name_of(request, row->group));
        json_add_text(data, "MemberId", row->member->storage_key);
        json_add_text(data, "MemberDisplayName", name_of(request, row->member));
        updates = cJSON_AddArrayToObject(data, "Updates");
        for (size_t i = 0; i < n; i++) {
                cJSON *update = cJSON_CreateObject();

                json_add_text(update, "GroupId", rows[i]->group->storage_key);
                json_add_text(update, "MemberId", rows[i]->member->storage_key);
                json_add_bool(update, "Active", rows[i]->action == AUDIT_ADD_MEMBER);
                cJSON_AddItemToArray(updates, update);
        }
}

static cJSON *shape_data(World *world, Request *request, const AuditRow *const *rows, size_t n) {
        cJSON *data = cJSON_CreateObject();

        switch (rows[0]->action) {
        case AUDIT_MODIFY_PERMISSION:
        case AUDIT_REMOVE_PERMISSION:
        case AUDIT_MODIFY_LISTS:
        case AUDIT_REMOVE_LISTS:
                add_security(world, request, data, rows, n);
                break;
        case AUDIT_ADD_MEMBER:
        case AUDIT_REMOVE_MEMBER:
                add_membership(request, data, rows, n);
                break;
        case AUDIT_CREATE_GROUP:
        case AUDIT_DELETE_GROUP:
                json_add_text(data, "GroupName", name_of(request, rows[0]->group));
                break;
        case AUDIT_READ_LOG:
                break;
        }
        return data;
}

static const char *details_of(Request *request, const AuditRow *row, size_t n) {
        Arena *arena = &request->arena;

        switch (row->action) {
        case AUDIT_MODIFY_PERMISSION:
        case AUDIT_MODIFY_LISTS:
                return arena_print(arena, "Modified %s permissions of %zu subjects", row->ns->display_name, n);
        case AUDIT_REMOVE_PERMISSION:
                return arena_print(arena, "Removed %s permissions of %zu subjects", row->ns->display_name, n);
        case AUDIT_REMOVE_LISTS:
                return arena_print(arena, "Removed access control lists of %s", row->ns->display_name);
        case AUDIT_ADD_MEMBER:
                return arena_print(arena, "%s was added as a member of group %s", name_of(request, row->member),
                                   name_of(request, row->group));
        case AUDIT_REMOVE_MEMBER:
                return arena_print(arena, "%s was removed as a member of group %s", name_of(request, row->member),
                                   name_of(request, row->group));
        case AUDIT_CREATE_GROUP:
                return arena_print(arena, "Created group %s", name_of(request, row->group));
        case AUDIT_DELETE_GROUP:
                return arena_print(arena, "Deleted group %s", name_of(request, row->group));
        case AUDIT_READ_LOG:
                return "Accessed the audit log";
        }
        return "";
}

static void add_scope(Request *request, cJSON *tree, const AuditRow *row) {
        const Project *project = row->group ? row->group->project : NULL;

        json_add_text(tree, "scopeType", "organization");
        json_add_text(tree, "scopeDisplayName", arena_print(&request->arena, "%s (Organization)", row->organization->name));
        json_add_text(tree, "scopeId", row->organization->id);
        json_add_text(tree, "projectId", project ? project->id : NOBODY);
        json_add_text(tree, "projectName", project ? project->name : NULL);
}

static cJSON *shape_event(World *world, Request *request, const AuditRow *const *rows, size_t n) {
        const AuditRow *row = rows[0];
        const Identity *actor = row->actor.identity;
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", arena_print(&request->arena, "%llu;00000064-0000-8888-8000-000000000000;%s",
                                              (unsigned long long)row->number, row->correlation));
        json_add_text(tree, "correlationId", row->correlation);
        json_add_text(tree, "activityId", row->activity);
        json_add_text(tree, "actorCUID", actor->origin_id);
        json_add_text(tree, "actorUserId", actor->storage_key);
        json_add_text(tree, "actorClientId", NOBODY);
        json_add_text(tree, "actorUPN", actor->unique_name ? actor->unique_name : actor->application_id);
        json_add_text(tree, "authenticationMechanism", row->actor.mechanism);
        json_add_text(tree, "timestamp", time_text(&request->arena, row->time));
        add_scope(request, tree, row);
        json_add_text(tree, "ipAddress", row->actor.address);
        json_add_text(tree, "userAgent", row->actor.client);
        json_add_text(tree, "actionId", ACTIONS[row->action].id);
        cJSON_AddItemToObject(tree, "data", shape_data(world, request, rows, n));
        json_add_text(tree, "details", details_of(request, row, n));
        json_add_text(tree, "area", ACTIONS[row->action].area);
        json_add_text(tree, "category", ACTIONS[row->action].category);
        json_add_text(tree, "categoryDisplayName", ACTIONS[row->action].category_name);
        json_add_text(tree, "actorDisplayName", actor->name);
        json_add_text(tree, "actorImageUrl", NULL);
        return tree;
}

/* --- the query ------------------------------------------------------------------------------------------------------ */

typedef struct AuditQuery {
        int64_t from, to; /* ms since the epoch */
        uint64_t before;  /* rows of a smaller number: where the page before ended */
        size_t batch;
        bool is_aggregated; /* what one request did to one thing is one entry */
} AuditQuery;

static int64_t read_time(const char *text, int64_t otherwise) {
        struct tm parts = {0};
        const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) : NULL;
        double fraction = 0;

        if (!rest)
                return otherwise;
        if (*rest == '.')
                fraction = strtod(rest, NULL);
        return (int64_t)timegm(&parts) * MS_PER_SECOND + (int64_t)(fraction * MS_PER_SECOND);
}

static AuditQuery read_query(const Request *request) {
        const char *batch = request_query(request, "batchSize"), *token = request_query(request, "continuationToken");
        long size = batch ? strtol(batch, NULL, 10) : BATCH_SIZE;

        return (AuditQuery){.from = read_time(request_query(request, "startTime"), 0),
                            .to = read_time(request_query(request, "endTime"), INT64_MAX),
                            .before = token && *token ? strtoull(token, NULL, 10) : UINT64_MAX,
                            .batch = size > 0 && size <= BATCH_SIZE_MAX ? (size_t)size : BATCH_SIZE,
                            .is_aggregated = !request_query_true(request, "skipAggregation")};
}

static bool is_asked_for(const Request *request, const AuditQuery *query, const AuditRow *row) {
        return row->organization == request->organization && row->visible <= request->as_of &&
               row->time >= query->from && row->time <= query->to && row->number < query->before;
}

static bool go_together(const AuditQuery *query, const AuditRow *a, const AuditRow *b) {
        return query->is_aggregated && a->correlation == b->correlation && a->action == b->action && a->ns == b->ns &&
               (a->token ? b->token && strcmp(a->token, b->token) == 0 : a->group == b->group);
}

/* Newest first; a page ends once it is full and another event follows. */
static cJSON *list_events(World *world, Request *request, const AuditQuery *query, const AuditRow **lastp,
                          bool *morep) {
        cJSON *list = cJSON_CreateArray();
        const AuditRow *const *rows;
        size_t n_rows, n_events = 0, n;

        rows = audit_rows(world, &n_rows);
        *lastp = NULL;
        *morep = false;
        for (size_t i = n_rows; i > 0; i -= n) {
                n = 1;
                if (!is_asked_for(request, query, rows[i - 1]))
                        continue;
                if (n_events++ == query->batch) {
                        *morep = true;
                        break;
                }
                while (n < i && is_asked_for(request, query, rows[i - 1 - n]) &&
                       go_together(query, rows[i - 1], rows[i - 1 - n]))
                        n++;
                *lastp = rows[i - n];
                cJSON_AddItemToArray(list, shape_event(world, request, &rows[i - n], n));
        }
        return list;
}

void audit_log_get(World *world, Request *request, Response *response) {
        AuditQuery query = read_query(request);
        const AuditRow *last;
        cJSON *tree, *answer;
        bool more;

        if (!guard_require(request, response, NAMESPACE_AUDIT_LOG, TOKEN_AUDIT_LOG, AUDIT_LOG_READ))
                return;
        tree = cJSON_CreateObject();
        cJSON_AddItemToObject(tree, "decoratedAuditLogEntries", list_events(world, request, &query, &last, &more));
        json_add_text(tree, "continuationToken",
                      last ? arena_print(&request->arena, "%llu;00000064-0000-8888-8000-000000000000;%s",
                                         (unsigned long long)last->number, last->correlation)
                           : NULL);
        json_add_bool(tree, "hasMore", more);
        answer = tree;
        if (world->options.audit_wrapped) {
                answer = cJSON_CreateObject();
                cJSON_AddItemToObject(answer, "value", tree);
        }
        audit_note_reading(request->organization);
        answer_json(request, response, 200, answer);
}
