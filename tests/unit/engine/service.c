/* SPDX-License-Identifier: Apache-2.0 */
/* Service: the access control lists of a made-up Azure DevOps, answering through a scripted port. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "tests/unit/engine/service.h"

enum {
        ANSWER_MS = 10,
};

typedef struct ServiceEntry {
        char *descriptor;
        uint32_t allow, deny;
} ServiceEntry;

typedef struct ServiceList {
        uint8_t space;
        char *token;
        bool inherit;
        ServiceEntry *entries;
        size_t n_entries;
} ServiceList;

/* What readers see follows what was written. */
typedef struct ServiceState {
        ServiceList *lists;
        size_t n_lists;
} ServiceState;

/* A write on its way to the readers. */
typedef struct ServiceLate {
        int64_t due;
        Request *request;
} ServiceLate;

struct Service {
        ScriptPort *script;
        const Organisation *organisation;
        ServiceState written, seen;
        ServiceLate *late;
        size_t n_late;
        int64_t lag_ms;
        ServiceFault fault;
        struct {
                Method method;
                const char *part;
                void (*fn)(void *context);
                void *context;
        } before;
};

/* --- lists ---------------------------------------------------------------------------------------------------------- */

static ServiceList *find_list(const ServiceState *state, uint8_t space, const char *token) {
        for (size_t i = 0; i < state->n_lists; i++)
                if (state->lists[i].space == space && text_equal(state->lists[i].token, token))
                        return &state->lists[i];
        return NULL;
}

static ServiceList *list_of(Service *service, ServiceState *state, uint8_t space, const char *token) {
        ServiceList *list = find_list(state, space, token);

        if (list)
                return list;
        list = mem_push(service, state->lists, state->n_lists);
        *list = (ServiceList){.space = space, .token = mem_strdup(service, token), .inherit = true};
        return list;
}

static void set_entry(Service *service, ServiceList *list, const char *descriptor, uint32_t allow, uint32_t deny) {
        for (size_t i = 0; i < list->n_entries; i++)
                if (text_equal(list->entries[i].descriptor, descriptor)) {
                        list->entries[i].allow = allow;
                        list->entries[i].deny = deny;
                        if (!allow && !deny)
                                list->entries[i] = list->entries[--list->n_entries];
                        return;
                }
        if (allow || deny)
                *mem_push(service, list->entries, list->n_entries) =
                        (ServiceEntry){mem_strdup(service, descriptor), allow, deny};
}

static uint8_t space_of(const Service *service, const char *path) {
        for (uint8_t space = 0; space < _NAMESPACE_N; space++) {
                char id[GUID_TEXT_SIZE];

                if (strstr(path, guid_format(service->organisation->permissions.items[space].id, id)))
                        return space;
        }
        assert(!"a path without a namespace");
        return 0;
}

/* The decoded value of a key of the query, or NULL. */
static char *query_value(Mem *mem, const char *path, const char *key) {
        const char *at = strstr(path, key);
        unsigned byte;
        Text text;

        if (!at)
                return NULL;
        text_init(&text, mem);
        for (at += strlen(key); *at && *at != '&'; at++) {
                if (*at == '%' && sscanf(at + 1, "%2x", &byte) == 1) {
                        text_append_bytes(&text, &(char){(char)byte}, 1);
                        at += 2;
                } else {
                        text_append_bytes(&text, at, 1);
                }
        }
        return text.data;
}

/* --- writing -------------------------------------------------------------------------------------------------------- */

static uint32_t mask(const JsonNode *entry, const char *key) {
        int64_t value = 0;

        json_get_int(entry, key, INT32_MIN, UINT32_MAX, &value);
        return (uint32_t)value;
}

static void post_entries(Service *service, ServiceState *state, uint8_t space, const JsonNode *body) {
        ServiceList *list = list_of(service, state, space, json_get_text(body, "token"));
        bool merge = false;

        json_get_bool(body, "merge", &merge);
        assert(!merge);
        json_each(entry, json_get(body, "accessControlEntries"))
                set_entry(service, list, json_get_text(entry, "descriptor"), mask(entry, "allow"), mask(entry, "deny"));
}

static void post_lists(Service *service, ServiceState *state, uint8_t space, const JsonNode *body) {
        json_each(value, json_get(body, "value")) {
                ServiceList *list = list_of(service, state, space, json_get_text(value, "token"));

                json_get_bool(value, "inheritPermissions", &list->inherit);
                list->n_entries = 0;
                json_each(entry, json_get(value, "acesDictionary"))
                        set_entry(service, list, json_get_text(entry, "descriptor"), mask(entry, "allow"),
                                  mask(entry, "deny"));
        }
}

static void carry_out(Service *service, ServiceState *state, const Request *request) {
        Mem *mem = mem_new(NULL, char);
        uint8_t space = space_of(service, request->path);
        JsonNode *body = NULL;
        const char *reason;
        char *descriptors, *save = NULL;

        if (request->body)
                assert(json_parse(mem, request->body, strlen(request->body), &body, &reason) == 0);
        if (request->method == METHOD_POST && strstr(request->path, "accesscontrolentries"))
                post_entries(service, state, space, body);
        else if (request->method == METHOD_POST)
                post_lists(service, state, space, body);
        else {
                descriptors = query_value(mem, request->path, "descriptors=");
                for (char *word = strtok_r(descriptors, ",", &save); word; word = strtok_r(NULL, ",", &save))
                        set_entry(service, list_of(service, state, space, query_value(mem, request->path, "token=")),
                                  word, 0, 0);
        }
        mem_free(mem);
}

static void write_now(Service *service, const Request *request) {
        carry_out(service, &service->written, request);
        if (service->lag_ms < 0)
                return;
        *mem_push(service, service->late, service->n_late) =
                (ServiceLate){script_now(service->script) + service->lag_ms, request_copy(service, request)};
}

static void let_show(Service *service) {
        size_t n = 0;

        for (size_t i = 0; i < service->n_late; i++) {
                if (service->late[i].due <= script_now(service->script))
                        carry_out(service, &service->seen, service->late[i].request);
                else
                        service->late[n++] = service->late[i];
        }
        service->n_late = n;
}

/* --- reading -------------------------------------------------------------------------------------------------------- */

static bool is_asked(const ServiceList *list, const char *token, bool recurse) {
        return text_equal(list->token, token) || (recurse && text_has_prefix(list->token, token));
}

static const char *read_lists(Service *service, Mem *mem, const Request *request) {
        uint8_t space = space_of(service, request->path);
        const char *token = query_value(mem, request->path, "token=");
        bool recurse = strstr(request->path, "recurse=true");
        JsonWriter writer;
        Text text;

        let_show(service);
        text_init(&text, mem);
        json_writer_init(&writer, &text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_array(&writer, "value");
        for (size_t i = 0; i < service->seen.n_lists; i++) {
                const ServiceList *list = &service->seen.lists[i];

                if (list->space != space || !is_asked(list, token, recurse))
                        continue;
                json_write_object(&writer, NULL);
                json_write_bool(&writer, "inheritPermissions", list->inherit);
                json_write_text(&writer, "token", list->token);
                json_write_object(&writer, "acesDictionary");
                for (size_t k = 0; k < list->n_entries; k++) {
                        json_write_object(&writer, list->entries[k].descriptor);
                        json_write_text(&writer, "descriptor", list->entries[k].descriptor);
                        json_write_int(&writer, "allow", (int32_t)list->entries[k].allow);
                        json_write_int(&writer, "deny", (int32_t)list->entries[k].deny);
                        json_write_object_end(&writer);
                }
                json_write_object_end(&writer);
                json_write_object_end(&writer);
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        return text.data;
}

static bool matches(Method method, const char *part, const Request *request) {
        return part && method == request->method && strstr(request->path, part);
}

static bool on_request(void *context, Mem *mem, const Request *request, Reply *reply, int64_t *delay_ms) {
        Service *service = context;
        ServiceFault *fault = &service->fault;

        *delay_ms = ANSWER_MS;
        if (matches(service->before.method, service->before.part, request)) {
                service->before.part = NULL;
                service->before.fn(service->before.context);
        }
        if (fault->times > 0 && matches(fault->method, fault->part, request)) {
                fault->times--;
                *reply = fault->reply;
                if (fault->is_done)
                        write_now(service, request);
                return true;
        }
        if (request->method == METHOD_GET) {
                *reply = script_json(read_lists(service, mem, request));
                return true;
        }
        write_now(service, request);
        *reply = script_json("true");
        return true;
}

/* --- outside --------------------------------------------------------------------------------------------------------- */

Service *service_new(Mem *parent, ScriptPort *script, const Organisation *organisation) {
        Service *service = mem_new(parent, Service);
        ServiceState *const states[] = {&service->written, &service->seen};

        service->script = script;
        service->organisation = organisation;
        for (size_t s = 0; s < 2; s++)
                for (size_t i = 0; i < organisation->n_acls; i++) {
                        const AccessControlList *acl = &organisation->acls[i];
                        ServiceList *list = list_of(service, states[s], acl->namespace, acl->token);

                        list->inherit = acl->inherit;
                        for (size_t k = 0; k < acl->n_entries; k++)
                                set_entry(service, list,
                                          organisation->identities[acl->entries[k].identity].descriptor,
                                          acl->entries[k].allow, acl->entries[k].deny);
                }
        script_on_request(script, on_request, service);
        return service;
}

void service_set_lag(Service *service, int64_t lag_ms) {
        service->lag_ms = lag_ms;
}

void service_break(Service *service, const ServiceFault *fault) {
        service->fault = *fault;
}

void service_before(Service *service, Method method, const char *part, void (*fn)(void *context), void *context) {
        service->before.method = method;
        service->before.part = part;
        service->before.fn = fn;
        service->before.context = context;
}

void service_write(Service *service, uint8_t space, const char *token, const char *descriptor, uint32_t allow,
                   uint32_t deny) {
        set_entry(service, list_of(service, &service->written, space, token), descriptor, allow, deny);
        set_entry(service, list_of(service, &service->seen, space, token), descriptor, allow, deny);
}

bool service_find(const Service *service, uint8_t space, const char *token, const char *descriptor,
                  AccessControlEntry *entryp) {
        const ServiceList *list = find_list(&service->written, space, token);

        for (size_t i = 0; list && i < list->n_entries; i++)
                if (text_equal(list->entries[i].descriptor, descriptor)) {
                        *entryp = (AccessControlEntry){INDEX_NONE, list->entries[i].allow, list->entries[i].deny};
                        return true;
                }
        return false;
}

bool service_inherits(const Service *service, uint8_t space, const char *token) {
        const ServiceList *list = find_list(&service->written, space, token);

        return !list || list->inherit;
}
