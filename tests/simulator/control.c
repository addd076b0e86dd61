/* SPDX-License-Identifier: Apache-2.0 */
/* The control interface of the simulator, below /_simulator/. */
#include "tests/simulator/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/audit.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/fault.h"
#include "tests/simulator/hand.h"
#include "tests/simulator/permission.h"
#include "tests/simulator/question.h"
#include "tests/simulator/request_log.h"
#include "tests/simulator/rows.h"
#include "tests/simulator/snapshot.h"
#include "tests/simulator/watch.h"

enum {
        STATUS_OK = 200,
        STATUS_BAD = 400,
        STATUS_FORBIDDEN = 403,
        STATUS_NOT_FOUND = 404,
        GRACE_MS = 50, /* a request that comes so soon after a Retry-After was under way */
};

/* From where hands come, unless they say otherwise: an address for examples (RFC 5737), a browser. */
#define HAND_ADDRESS "203.0.113.7"
#define HAND_CLIENT "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36"

/* Answers. */

static void answer_text(Response *response, int status, const char *message) {
        cJSON *tree = cJSON_CreateObject();
        Rows rows = {0};
        char *text;

        json_add_text(tree, status == STATUS_OK ? "done" : "error", message);
        text = cJSON_PrintUnformatted(tree);
        rows_print(&rows, "%s", text);
        rows_answer(&rows, response);
        response->status = status;
        free(text);
        cJSON_Delete(tree);
}

static void answer_mistakes(Response *response, int status, Mistakes *mistakes) {
        answer_text(response, status, mistakes->text ? mistakes->text : "the body is no JSON");
        free(mistakes->text);
        *mistakes = (Mistakes){0};
}

static Organization *asked_organization(World *world, const Request *request, Response *response) {
        const char *name = request_query(request, "organization");
        Organization *organization = name ? world_find_organization(world, name) : NULL;

        if (!name && world->organizations.n_items == 1)
                return world->organizations.items[0];
        if (!organization)
                answer_text(response, STATUS_NOT_FOUND,
                            name ? "there is no such organization" : "?organization= is missing");
        return organization;
}

/* The log. */

static int64_t query_number(const Request *request, const char *name, int64_t otherwise) {
        const char *text = request_query(request, name);

        return text && *text ? strtoll(text, NULL, 10) : otherwise;
}

static LogFilter read_filter(const Request *request) {
        return (LogFilter){.since = query_number(request, "since", 0),
                           .route = request_query(request, "route"),
                           .method = request_query(request, "method"),
                           .organization = request_query(request, "organization"),
                           .kind = request_query(request, "kind"),
                           .person = request_query(request, "person"),
                           .status = (int)query_number(request, "status", 0)};
}

static void log_get(World *world, Request *request, Response *response) {
        LogFilter filter = read_filter(request);
        Rows rows = {0};

        request_log_print(request_log_get(world), &filter, &rows);
        rows_answer(&rows, response);
}

static void log_counts_get(World *world, Request *request, Response *response) {
        LogFilter filter = read_filter(request);
        Rows rows = {0};

        request_log_print_counts(request_log_get(world), &filter, &rows);
        rows_answer(&rows, response);
}

static void log_violations_get(World *world, Request *request, Response *response) {
        Rows rows = {0};

        request_log_print_violations(request_log_get(world),
                                     query_number(request, "grace_ms", GRACE_MS), &rows);
        rows_answer(&rows, response);
}

static void log_delete(World *world, Request *request, Response *response) {
        request_log_clear(request_log_get(world));
        answer_text(response, STATUS_OK, "the log is empty");
}

/* Options. */

static void options_get(World *world, Request *request, Response *response) {
        cJSON *tree = cJSON_CreateObject();
        const char *key;

        for (size_t i = 0; (key = world_option_key(i)); i++)
                json_add_text(tree, key, world_option_text(world, key));
        answer_json(request, response, STATUS_OK, tree);
}

static const char *option_value(Arena *arena, const cJSON *value) {
        if (cJSON_IsBool(value))
                return cJSON_IsTrue(value) ? "yes" : "no";
        if (cJSON_IsNumber(value))
                return arena_print(arena, "%lld", (long long)value->valuedouble);
        return cJSON_GetStringValue(value);
}

static void options_put(World *world, Request *request, Response *response) {
        const cJSON *tree = request_json(request), *member;

        if (!cJSON_IsObject(tree)) {
                answer_text(response, STATUS_BAD, "the body is to be {\"key\": value, …}");
                return;
        }
        cJSON_ArrayForEach(member, tree) {
                const char *value = option_value(&request->arena, member),
                           *error = "is to be text, number or boolean";

                if (!value || world_set_option(world, member->string, value, &error) < 0) {
                        answer_text(response, STATUS_BAD, error);
                        return;
                }
        }
        options_get(world, request, response);
}

/* Faults. */

static void faults_get(World *world, Request *request, Response *response) {
        Rows rows = {0};

        fault_print(world, &rows);
        rows_answer(&rows, response);
}

static void fault_kinds_get(World *world, Request *request, Response *response) {
        Rows rows = {0};

        fault_print_kinds(&rows);
        rows_answer(&rows, response);
}

/* A rule, or a list of rules of which all are made or none. */
static void faults_post(World *world, Request *request, Response *response) {
        Mistakes mistakes = {.source = "body"};
        Written body = written_root(request_json(request), &mistakes);
        size_t n_rules = cJSON_IsArray(body.value) ? written_count(&body) : 1;
        int first = 0;

        for (size_t i = 0; body.value && i < n_rules; i++) {
                Written item = cJSON_IsArray(body.value) ? written_item(&body, i) : body;
                int id = fault_add(world, &item);

                first = first ? first : id;
        }
        if (body.value && mistakes.n_mistakes == 0) {
                faults_get(world, request, response);
                return;
        }
        for (int id = first; first > 0 && fault_remove(world, id); id++)
                ;
        answer_mistakes(response, STATUS_BAD, &mistakes);
}

static void faults_delete(World *world, Request *request, Response *response) {
        if (fault_remove(world, (int)query_number(request, "id", 0)))
                answer_text(response, STATUS_OK, "removed");
        else
                answer_text(response, STATUS_NOT_FOUND, "there is no rule of this number");
}

/* Permissions. */

/* One appears in a namespace, in all organisations. */
static void permissions_post(World *world, Request *request, Response *response) {
        static const char *const KEYS[] = {"namespace",   "bit",      "name",
                                           "displayName", "reserved", NULL};
        Mistakes mistakes = {.source = "body"};
        Written body = written_root(request_json(request), &mistakes);
        const Namespace *ns = NULL;
        PermissionSpec spec = {0};
        const char *error = NULL, *word = NULL;

        if (body.value && written_is_object(&body)) {
                written_check_keys(&body, KEYS);
                word = written_need(&body, "namespace");
                spec.name = written_need(&body, "name");
                spec.bit = written_number(&body, "bit", 0);
                spec.display_name = written_text(&body, "displayName");
                spec.reserved = written_flag(&body, "reserved", false);
        }
        ns = word ? place_find_namespace(word) : NULL;
        if (word && !ns)
                written_mistake_at(&body, "namespace", "there is no security namespace \"%s\"",
                                   word);
        if (ns)
                spec.ns = ns->index;
        if (ns && mistakes.n_mistakes == 0 && permission_add(world, &spec, &error) < 0)
                written_mistake_at(&body, "bit", "%s", error);
        if (ns && mistakes.n_mistakes == 0)
                answer_text(response, STATUS_OK, "it is there");
        else
                answer_mistakes(response, STATUS_BAD, &mistakes);
        free(mistakes.text);
}

/* The organisation. */

static void snapshot_get(World *world, Request *request, Response *response) {
        Organization *organization = asked_organization(world, request, response);
        SnapshotSpec spec = {.organization = organization,
                             .without = request_query(request, "without"),
                             .sections = request_query(request, "sections")};
        const char *project = request_query(request, "project");
        Rows rows = {0};

        if (!organization)
                return;
        spec.project = project ? organization_find_project(organization, project, AS_OF_NOW) : NULL;
        if (project && !spec.project) {
                answer_text(response, STATUS_NOT_FOUND, "there is no such project");
                return;
        }
        snapshot_print(&spec, &rows);
        rows_answer(&rows, response);
}

/* What a body names with "organization" (it may be left out when there is but one); NULL with a
 * mistake. */
static Organization *named_organization(World *world, const Written *body) {
        const char *name = written_text(body, "organization");
        Organization *organization = name ? world_find_organization(world, name) : NULL;

        if (!name && world->organizations.n_items == 1)
                return world->organizations.items[0];
        if (!organization)
                written_mistake_at(body, "organization", name ? "there is no \"%s\"" : "is missing",
                                   name);
        return organization;
}

/* One change: the object without the members that say who and where. */
static int apply_change(const Hand *hand, const Written *at) {
        static const char *const FRAME[] = {"organization", "as", "force", "address", "client"};
        cJSON *change = cJSON_Duplicate(at->value, /* recurse= */ 1);
        Written stripped = *at;
        int result;

        for (size_t i = 0; i < sizeof(FRAME) / sizeof(FRAME[0]); i++)
                cJSON_DeleteItemFromObject(change, FRAME[i]);
        stripped.value = change;
        result = hand_change(hand, &stripped);
        cJSON_Delete(change);
        return result;
}

/* The audit log tells of it as it tells of what is done in the portal. */
static void begin_hand(World *world, const Hand *hand, const Written *body) {
        const char *address = written_text(body, "address"), *client = written_text(body, "client");

        audit_begin(world, hand->organization,
                    &(AuditActor){.identity = hand->person,
                                  .address = address ? address : HAND_ADDRESS,
                                  .client = client ? client : HAND_CLIENT,
                                  .mechanism = "AAD_Cookie"});
}

static int apply_changes(World *world, const Written *body) {
        Hand hand = {.world = world, .organization = named_organization(world, body)};
        Written list, as;
        int result = 0;

        if (!hand.organization)
                return -1;
        hand.forced = written_flag(body, "force", false);
        if (written_member(body, "as", &as) &&
            !(hand.person = place_principal_item(hand.organization, NULL, &as)))
                return -1;
        begin_hand(world, &hand, body);
        if (!written_member(body, "changes", &list))
                result = apply_change(&hand, body);
        else
                for (size_t i = 0; result == 0 && i < written_count(&list); i++) {
                        Written item = written_item(&list, i);

                        result = apply_change(&hand, &item);
                }
        audit_end(world, random_guid(&world->noise, &world->arena));
        return result;
}

/* Between which requests it was: after the one of this number in the log. */
static void answer_changed(World *world, Request *request, Response *response) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "done", "changed");
        json_add_number(tree, "seq", (double)request_log_get(world)->last_sequence);
        answer_json(request, response, STATUS_OK, tree);
}

static void hand_post(World *world, Request *request, Response *response) {
        Mistakes mistakes = {.source = "body"};
        Written body = written_root(request_json(request), &mistakes);
        int result = body.value && written_is_object(&body) ? apply_changes(world, &body) : -1;

        if (result == 0 && world->watch)
                watch_note(world->watch, world, request_log_get(world)->last_sequence, "hand");
        if (result == 0)
                answer_changed(world, request, response);
        else
                answer_mistakes(response, result == HAND_DENIED ? STATUS_FORBIDDEN : STATUS_BAD,
                                &mistakes);
        free(mistakes.text);
}

/* Access. */

/* The question a query asks. */
static cJSON *question_of_query(const Request *request) {
        static const char *const KEYS[] = {PLACE_KEYS, NULL};
        const char *principal = request_query(request, "principal");
        cJSON *question = cJSON_CreateObject();

        if (!principal)
                principal = request_query(request, "person");
        if (principal)
                json_add_text(question, "principal", principal);
        for (const char *const *key = KEYS; *key; key++) {
                if (request_query(request, *key))
                        json_add_text(question, *key, request_query(request, *key));
        }
        return question;
}

static void access_get(World *world, Request *request, Response *response) {
        Organization *organization = asked_organization(world, request, response);
        Mistakes mistakes = {.source = "query"};
        cJSON *tree = question_of_query(request);
        Written question = written_root(tree, &mistakes);
        Answer answer;

        if (organization && question_answer(world, organization, &question, &answer) == 0)
                answer_json(request, response, STATUS_OK,
                            question_shape(organization, &question, &answer));
        else if (organization)
                answer_mistakes(response, STATUS_BAD, &mistakes);
        free(mistakes.text);
        cJSON_Delete(tree);
}

/* The "questions" of a body; false with mistakes. */
static bool read_questions(World *world, const Written *body, Organization **organizationp,
                           Written *questions) {
        static const char *const KEYS[] = {"organization", "questions", NULL};

        if (!body->value || !written_is_object(body))
                return false;
        written_check_keys(body, KEYS);
        *organizationp = named_organization(world, body);
        if (!cJSON_HasObjectItem(body->value, "questions"))
                written_mistake(body, "lacks \"questions\"");
        return *organizationp && written_array(body, "questions", questions) &&
               body->mistakes->n_mistakes == 0;
}

static void access_post(World *world, Request *request, Response *response) {
        Mistakes mistakes = {.source = "body"};
        Written body = written_root(request_json(request), &mistakes), questions;
        Organization *organization;
        Rows rows = {0};

        if (!read_questions(world, &body, &organization, &questions)) {
                answer_mistakes(response, STATUS_BAD, &mistakes);
                return;
        }
        rows_begin_list(&rows, NULL);
        for (size_t i = 0; i < written_count(&questions); i++) {
                Written question = written_item(&questions, i);
                Answer answer;

                if (question_answer(world, organization, &question, &answer) == 0)
                        rows_add(&rows, question_shape(organization, &question, &answer));
        }
        rows_end_list(&rows);
        if (mistakes.n_mistakes == 0)
                rows_answer(&rows, response);
        else
                answer_mistakes(response, STATUS_BAD, &mistakes);
        free(rows.text);
}

static void watch_put(World *world, Request *request, Response *response) {
        Mistakes mistakes = {.source = "body"};
        Written body = written_root(request_json(request), &mistakes), questions;
        Organization *organization;
        Watch *watch = NULL;

        if (read_questions(world, &body, &organization, &questions))
                watch = watch_new(world, organization, &questions);
        if (!watch) {
                answer_mistakes(response, STATUS_BAD, &mistakes);
                return;
        }
        watch_free(world->watch);
        world->watch = watch;
        answer_text(response, STATUS_OK, "watching");
}

static void watch_get(World *world, Request *request, Response *response) {
        Rows rows = {0};

        if (!world->watch) {
                answer_text(response, STATUS_NOT_FOUND,
                            "nothing is watched; PUT the questions first");
                return;
        }
        watch_print(world->watch, &rows);
        rows_answer(&rows, response);
}

static void watch_delete(World *world, Request *request, Response *response) {
        world->watch = watch_free(world->watch);
        answer_text(response, STATUS_OK, "nothing is watched");
}

/* Time. */

static void clock_get(World *world, Request *request, Response *response) {
        cJSON *tree = cJSON_CreateObject();

        json_add_number(tree, "now", (double)world->now);
        json_add_number(tree, "offset_ms", (double)world->clock_offset);
        answer_json(request, response, STATUS_OK, tree);
}

static void clock_post(World *world, Request *request, Response *response) {
        const cJSON *on = cJSON_GetObjectItem(request_json(request), "on_ms");

        if (!cJSON_IsNumber(on) || on->valuedouble < 0) {
                answer_text(response, STATUS_BAD,
                            "the body is to be {\"on_ms\": MILLISECONDS}; time does not run back");
                return;
        }
        world->clock_offset += (int64_t)on->valuedouble;
        world_tick(world);
        clock_get(world, request, response);
}

/* Routes. */

static const struct {
        Method method;
        const char *path;
        RouteHandler *handler;
} ROUTES[] = {
        {METHOD_GET, "log", log_get},
        {METHOD_DELETE, "log", log_delete},
        {METHOD_GET, "log/counts", log_counts_get},
        {METHOD_GET, "log/violations", log_violations_get},
        {METHOD_GET, "options", options_get},
        {METHOD_PUT, "options", options_put},
        {METHOD_GET, "faults", faults_get},
        {METHOD_GET, "faults/kinds", fault_kinds_get},
        {METHOD_POST, "faults", faults_post},
        {METHOD_DELETE, "faults", faults_delete},
        {METHOD_POST, "permissions", permissions_post},
        {METHOD_GET, "snapshot", snapshot_get},
        {METHOD_POST, "hand", hand_post},
        {METHOD_GET, "access", access_get},
        {METHOD_POST, "access", access_post},
        {METHOD_PUT, "watch", watch_put},
        {METHOD_GET, "watch", watch_get},
        {METHOD_DELETE, "watch", watch_delete},
        {METHOD_GET, "clock", clock_get},
        {METHOD_POST, "clock", clock_post},
};

static const char *path_of(Request *request) {
        const char *path = "";

        for (size_t i = 0; i < request->n_segments; i++)
                path = arena_print(&request->arena, "%s%s%s", path, i ? "/" : "",
                                   request->segments[i]);
        return path;
}

int control_handle(World *world, Request *request, Response *response) {
        const char *path = path_of(request);

        for (size_t i = 0; i < sizeof(ROUTES) / sizeof(ROUTES[0]); i++) {
                if (ROUTES[i].method == request->method && strcmp(ROUTES[i].path, path) == 0) {
                        ROUTES[i].handler(world, request, response);
                        return 0;
                }
        }
        answer_text(response, STATUS_NOT_FOUND,
                    "there is no such control; see tests/simulator/README.md");
        return 0;
}

void control_log(World *world, const RequestLogRow *row) {
        const LogRow *kept = request_log_add(request_log_get(world), row);
        Organization *organization =
                row->organization ? world_find_organization(world, row->organization) : NULL;
        char what[128];

        if (!world->watch || row->kind != ROUTE_WRITE || !organization ||
            !watch_is_of(world->watch, organization))
                return;
        snprintf(what, sizeof(what), "%s %s", row->method, row->route ? row->route : row->url);
        watch_note(world->watch, world, kept->sequence, what);
}

void control_deinit(World *world) {
        if (world->log)
                request_log_free(world->log);
        world->log = NULL;
        world->watch = watch_free(world->watch);
}
