/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers of queues, variable groups, secure files, environments have in common. */
#include "tests/simulator/area_resource.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/pipeline_grant.h"
#include "tests/simulator/shape.h"

/* The principal the service itself acts as, as recorded in pools. */
static const Identity SERVICE = {
        .kind = IDENTITY_SERVICE_PRINCIPAL,
        .storage_key = "00000002-0000-8888-8000-000000000000",
        .subject_descriptor = "s2s.MDAwMDAwMDItMDAwMC04ODg4LTgwMDAtMDAwMDAwMDAwMDAw",
        .name = "Microsoft.VisualStudio.Services.TFS",
        .unique_name = "00000002-0000-8888-8000-000000000000@2c895908-04e0-4952-89fd-54b0046d6288",
        .description = "",
};

const Identity *maker_of(const Identity *identity) {
        return identity ? identity : &SERVICE;
}

bool query_lists(const Request *request, const char *name, const char *word) {
        const char *words = name ? request_query(request, name) : NULL;
        size_t length = strlen(word);

        if (!words || !*words)
                return true;
        while (*words) {
                size_t part = strcspn(words, ",");

                if (part == length && strncasecmp(words, word, length) == 0)
                        return true;
                words += part;
                words += *words == ',';
        }
        return false;
}

/* Lists. */

static uint32_t asked_bits(const Request *request, const ResourceTraits *traits) {
        const char *action = request_query(request, "actionFilter");

        if (action && strcasecmp(action, "manage") == 0)
                return traits->view | traits->manage;
        if (action && strcasecmp(action, "use") == 0)
                return traits->view | traits->use;
        return traits->view;
}

static const char *query_text(const Request *request, const char *name) {
        const char *text = name ? request_query(request, name) : NULL;

        return text && *text ? text : NULL;
}

static bool views(Request *request, const Resource *resource, uint32_t bits) {
        return !request->organization->world->options.hide_unreadable ||
               guard_permits(request, resource_traits(resource->kind)->ns,
                             token_of_resource(&request->arena, resource), bits);
}

static bool resource_asked(Request *request, const ResourceForm *form, const Resource *resource) {
        const char *name = query_text(request, form->name_filter),
                   *pattern = query_text(request, form->pattern_filter);

        if (name && !text_same(name, resource->name))
                return false;
        if (pattern && fnmatch(pattern, resource->name, FNM_CASEFOLD) != 0)
                return false;
        return query_lists(request, form->names_filter, resource->name) &&
               query_lists(request, form->ids_filter, resource->key) &&
               (!form->asked || form->asked(request, resource)) &&
               views(request, resource, asked_bits(request, resource_traits(form->kind)));
}

static bool ids_descend(const Request *request) {
        const char *order = request_query(request, "queryOrder");

        return order && strcasecmp(order, "idDescending") == 0;
}

/* Whether an id lies on the pages before the one asked for; the token is the last id shown. */
static bool shown_before(const Request *request, int id) {
        const char *token = query_text(request, "continuationToken");

        if (!token)
                return false;
        return ids_descend(request) ? id >= atoi(token) : id <= atoi(token);
}

void resource_answer_list(Request *request, Response *response, const ResourceForm *form) {
        const Array *resources = &request->project->resources[form->kind];
        const char *top = query_text(request, "$top");
        size_t n = resources->n_items, limit = top ? strtoul(top, NULL, 10) : n;
        cJSON *list = cJSON_CreateArray();
        int last = 0;

        for (size_t i = 0; i < n; i++) {
                const Resource *then = row_at(
                        resources->items[ids_descend(request) ? n - 1 - i : i], request->as_of);

                if (!then || shown_before(request, then->id) ||
                    !resource_asked(request, form, then))
                        continue;
                if ((size_t)cJSON_GetArraySize(list) == limit) {
                        response_header(response, "x-ms-continuationtoken",
                                        arena_print(&request->arena, "%d", last));
                        break;
                }
                cJSON_AddItemToArray(list, form->shape(request, then));
                last = then->id;
        }
        answer_list(request, response, 200, list);
}

/* One. */

/* In the request's project, or in whichever has it when the path names none. */
static Resource *find_requested(Request *request, const ResourceForm *form, const char *id) {
        const Array *projects = &request->organization->projects;
        Resource *found = NULL;

        if (request->project)
                return project_find_resource_id(request->project, form->kind, id, request->as_of);
        for (size_t i = 0; !found && i < projects->n_items; i++) {
                if (row_at(projects->items[i], request->as_of) &&
                    guard_sees_project(request, projects->items[i]))
                        found = project_find_resource_id(projects->items[i], form->kind, id,
                                                         request->as_of);
        }
        return found;
}

static Resource *requested(Request *request, Response *response, const ResourceForm *form) {
        const char *id = request_parameter(request, "resource");
        Resource *resource = find_requested(request, form, id);
        const ResourceTraits *traits = resource_traits(form->kind);

        if (resource && views(request, row_at(resource, request->as_of), traits->view))
                return resource;
        answer_error(response, form->not_found,
                     "%c%s with ID %s does not exist or you do not have permission to access it.",
                     traits->word[0] - 'a' + 'A', traits->word + 1, id);
        return NULL;
}

void resource_answer_one(Request *request, Response *response, const ResourceForm *form) {
        const Resource *resource = requested(request, response, form);

        if (resource)
                answer_json(request, response, 200,
                            form->shape(request, row_at(resource, request->as_of)));
}

/* Changes. */

static bool check_name(Request *request, Response *response, const ResourceForm *form,
                       const char *name, const Resource *self) {
        const char *word = resource_traits(form->kind)->word;
        const Resource *other = project_find_resource(self ? self->project : request->project,
                                                      form->kind, name, AS_OF_NOW);

        if (!other || other == self || !text_same(other->name, name))
                return true;
        answer_error(response, form->exists, "%c%s with name %s already exists in project.",
                     word[0] - 'a' + 'A', word + 1, name);
        return false;
}

static void answer_changed(Request *request, Response *response, const ResourceForm *form,
                           const Resource *resource) {
        answer_json(request, response, 200,
                    form->shape_changed ? form->shape_changed(request, resource)
                                        : form->shape(request, resource));
}

void resource_answer_create(Request *request, Response *response, const ResourceForm *form,
                            const ResourceSpec *spec) {
        const ResourceTraits *traits = resource_traits(form->kind);
        Resource *resource;
        Usable usable;

        if (!spec->name || !*spec->name) {
                answer_error(response, ERROR_ARGUMENT_NULL,
                             "Value cannot be null.\r\nParameter name: name");
                return;
        }
        if (!guard_require(request, response, traits->ns,
                           token_of_resources(&request->arena, request->project, form->kind),
                           traits->create) ||
            !check_name(request, response, form, spec->name, NULL))
                return;
        resource = resource_create(request->project, form->kind, spec);
        if (request_query_true(request, "authorizePipelines") &&
            usable_find(&request->arena, request->project, resource_pipeline_type(form->kind),
                        resource->key, AS_OF_NOW, &usable))
                pipeline_grant_set(request->project, &usable, ALL_PIPELINES, true, request->caller);
        answer_changed(request, response, form, resource);
}

void resource_answer_update(Request *request, Response *response, const ResourceForm *form,
                            const ResourceSpec *spec) {
        const ResourceTraits *traits = resource_traits(form->kind);
        Resource *resource = requested(request, response, form);

        if (!resource ||
            !guard_require(request, response, traits->ns,
                           token_of_resource(&request->arena, resource), traits->manage) ||
            (spec->name && !check_name(request, response, form, spec->name, resource)))
                return;
        resource_update(resource, spec);
        answer_changed(request, response, form, resource);
}

void resource_answer_remove(Request *request, Response *response, const ResourceForm *form) {
        const ResourceTraits *traits = resource_traits(form->kind);
        Resource *resource = requested(request, response, form);

        if (!resource ||
            !guard_require(request, response, traits->ns,
                           token_of_resource(&request->arena, resource), traits->manage))
                return;
        resource_delete(resource);
        answer_empty(response, 204);
}
