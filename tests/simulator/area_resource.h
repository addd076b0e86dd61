/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers of queues, variable groups, secure files, environments have in common. */
#pragma once

#include "tests/simulator/answer.h"
#include "tests/simulator/resource.h"

typedef struct ResourceForm {
        ResourceKind kind;
        const char *name_filter;    /* the query parameter that names one; NULL: none */
        const char *names_filter;   /* several, between commas */
        const char *pattern_filter; /* with "*" and "?" */
        const char *ids_filter;     /* several, between commas */
        ErrorKind not_found;
        ErrorKind exists;
        /* A version of one, as it is read. */
        cJSON *(*shape)(Request *request, const Resource *resource);
        /* As a change is answered; NULL: alike. */
        cJSON *(*shape_changed)(Request *request, const Resource *resource);
        /* Whether a filter of this kind alone lets one pass; NULL: there is none. */
        bool (*asked)(Request *request, const Resource *resource);
} ResourceForm;

/* GET of all in the request's project, page by page; the filters and the action asked for hold. */
void resource_answer_list(Request *request, Response *response, const ResourceForm *form);
/* The one of the route's {resource}: 404 when it is not there or the caller does not view it. */
void resource_answer_one(Request *request, Response *response, const ResourceForm *form);
/* The name is looked at, and that it is free; needs Create at the project's root. With
 * ?authorizePipelines=true it is open to all pipelines. */
void resource_answer_create(Request *request, Response *response, const ResourceForm *form,
                            const ResourceSpec *spec);
/* What is NULL in the specification stays. */
void resource_answer_update(Request *request, Response *response, const ResourceForm *form,
                            const ResourceSpec *spec);
/* 204. */
void resource_answer_remove(Request *request, Response *response, const ResourceForm *form);

/* Whether a comma-separated list of a query has a word; an absent list has all. */
bool query_lists(const Request *request, const char *name, const char *word);
/* Who made something: the service itself when nobody did. */
const Identity *maker_of(const Identity *identity);
