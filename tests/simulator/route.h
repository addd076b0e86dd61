/* SPDX-License-Identifier: Apache-2.0 */
/* Routes: which handler answers which path, in which API versions. */
#pragma once

#include "tests/simulator/http.h"

typedef struct Location {
        Service service;
        const char *id;
        const char *area;
        const char *resource;
        const char *route_template;
        int resource_version;
        const char *minimum;
        const char *maximum;
        const char *released; /* "0.0": previews only */
} Location;

typedef void RouteHandler(World *world, Request *request, Response *response);

typedef enum RouteKind {
        ROUTE_READ,  /* may be answered from an older view */
        ROUTE_WRITE, /* always current */
} RouteKind;

typedef struct Route {
        Service service;
        Method methods;       /* a set */
        const char *pattern;  /* below the organisation: "{project}/_apis/git/repositories/{repositoryId}" */
        const char *location; /* id; NULL: no version rules */
        RouteKind kind;
        RouteHandler *handler;
        const char *name; /* what logs and fault rules call it: "git/repositories", the same for all its methods */
} Route;

/* The table, for listing; *n_routesp gets its length. */
const Route *route_table(size_t *n_routesp);


const Location *location_find(Service service, const char *id);
const Location *location_table(size_t *n_locationsp);

/* HttpAnswer of the whole service: control, faults, authentication, routes, the log. */
void route_answer(World *world, Request *request, Response *response);
