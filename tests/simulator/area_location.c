/* SPDX-License-Identifier: Apache-2.0 */
/* Area Location: who am I, where is what (facts §1.2, §1.3, §1.6). */
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/areas.h"
#include "tests/simulator/shape.h"

typedef struct ResourceArea {
        Service service;
        const char *id;
        const char *name;
} ResourceArea;

#define A(service, id, name) {SERVICE_##service, id, name},
static const ResourceArea RESOURCE_AREAS[] = {
#include "tests/simulator/resource_areas.inc"
};
#undef A

enum { N_RESOURCE_AREAS = sizeof(RESOURCE_AREAS) / sizeof(RESOURCE_AREAS[0]) };

static const char *url_of(Request *request, Service service) {
        switch (service) {
        case SERVICE_CORE:
                return world_core_url(&request->arena, request->organization);
        case SERVICE_GRAPH:
                return world_graph_url(&request->arena, request->organization);
        case SERVICE_AUDIT:
                return world_audit_url(&request->arena, request->organization);
        }
        return "";
}

static cJSON *location_data(World *world, Request *request) {
        const char *url = arena_print(&request->arena, "%s/", url_of(request, request->service));
        cJSON *data = cJSON_CreateObject(), *mappings, *mapping;

        json_add_text(data, "serviceOwner", request->service == SERVICE_CORE ? "00025394-6065-48ca-87d9-7f5672854ef7"
                                                                             : "951917ac-a960-4999-8464-e3f0aa25b381");
        json_add_text(data, "defaultAccessMappingMoniker", "PublicAccessMapping");
        mappings = cJSON_AddArrayToObject(data, "accessMappings");
        mapping = cJSON_CreateObject();
        json_add_text(mapping, "displayName", "Public Access Mapping");
        json_add_text(mapping, "moniker", "PublicAccessMapping");
        json_add_text(mapping, "accessPoint", url);
        json_add_text(mapping, "serviceOwner", "00000000-0000-0000-0000-000000000000");
        json_add_text(mapping, "virtualDirectory", "");
        cJSON_AddItemToArray(mappings, mapping);
        cJSON_AddArrayToObject(data, "serviceDefinitions");
        json_add_number(data, "lastChangeId", 1);
        json_add_number(data, "lastChangeId64", 1);
        json_add_bool(data, "clientCacheFresh", false);
        json_add_number(data, "clientCacheTimeToLive", 3600);
        return data;
}

void connection_data_get(World *world, Request *request, Response *response) {
        cJSON *data = cJSON_CreateObject();

        cJSON_AddItemToObject(data, "authenticatedUser", shape_short_identity(request, request->caller));
        cJSON_AddItemToObject(data, "authorizedUser", shape_short_identity(request, request->caller));
        json_add_text(data, "instanceId", request->organization->id);
        json_add_text(data, "deploymentId", request->organization->host_id);
        json_add_text(data, "deploymentType", world_is_server(world) ? "onPremises" : "hosted");
        cJSON_AddItemToObject(data, "locationServiceData", location_data(world, request));
        answer_json(request, response, 200, data);
}

static cJSON *shape_area(Request *request, const ResourceArea *area) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", area->id);
        json_add_text(tree, "name", area->name);
        json_add_text(tree, "locationUrl",
                      arena_print(&request->arena, "%s/", url_of(request, area->service)));
        return tree;
}

void resource_areas_get(World *world, Request *request, Response *response) {
        const char *id = request_parameter(request, "areaId");
        cJSON *list;

        for (size_t i = 0; id && i < N_RESOURCE_AREAS; i++) {
                if (!world_is_server(world) && strcasecmp(RESOURCE_AREAS[i].id, id) == 0) {
                        answer_json(request, response, 200, shape_area(request, &RESOURCE_AREAS[i]));
                        return;
                }
        }
        if (id) {
                answer_json(request, response, 200, cJSON_CreateNull());
                return;
        }
        list = cJSON_CreateArray();
        for (size_t i = 0; !world_is_server(world) && i < N_RESOURCE_AREAS; i++)
                cJSON_AddItemToArray(list, shape_area(request, &RESOURCE_AREAS[i]));
        answer_list(request, response, 200, list);
}

static cJSON *shape_location(const Location *location) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "id", location->id);
        json_add_text(tree, "area", location->area);
        json_add_text(tree, "resourceName", location->resource);
        json_add_text(tree, "routeTemplate", location->route_template);
        json_add_number(tree, "resourceVersion", location->resource_version);
        json_add_text(tree, "minVersion", location->minimum);
        json_add_text(tree, "maxVersion", location->maximum);
        json_add_text(tree, "releasedVersion", location->released);
        return tree;
}

static bool location_listed(const World *world, const Request *request, const Location *location) {
        if (world_is_server(world))
                return strcmp(location->area, "Graph") != 0;
        return location->service == request->service;
}

void locations_get(World *world, Request *request, Response *response) {
        const char *area = request_parameter(request, "area");
        cJSON *list = cJSON_CreateArray(), *tree;
        size_t n_locations;
        const Location *locations = location_table(&n_locations);

        for (size_t i = 0; i < n_locations; i++) {
                if (location_listed(world, request, &locations[i]) &&
                    (!area || strcasecmp(area, locations[i].area) == 0))
                        cJSON_AddItemToArray(list, shape_location(&locations[i]));
        }
        if (request->bare_arrays) {
                answer_json(request, response, 200, list);
                return;
        }
        /* Recorded: the one list whose count comes last. */
        tree = cJSON_CreateObject();
        cJSON_AddItemToObject(tree, "value", list);
        json_add_number(tree, "count", cJSON_GetArraySize(list));
        answer_json(request, response, 200, tree);
}
