/* SPDX-License-Identifier: Apache-2.0 */
/* Answers in the service's forms: JSON, collections, errors (facts §1.7, §1.8). */
#pragma once

#include "tests/simulator/http.h"

typedef enum ErrorKind {
        ERROR_ACCESS_DENIED,
        ERROR_ARGUMENT,
        ERROR_ARGUMENT_NULL,
        ERROR_INVALID_PREVIEW_VERSION,
        ERROR_VERSION_NOT_SPECIFIED,
        ERROR_VERSION_OUT_OF_RANGE,
        ERROR_INVALID_VERSION,
        ERROR_PROJECT_NOT_FOUND,
        ERROR_PROJECT_EXISTS,
        ERROR_PROJECT_NAME,
        ERROR_OPERATION_NOT_FOUND,
        ERROR_PROCESS_NOT_FOUND,
        ERROR_TEAM_NOT_FOUND,
        ERROR_TEAM_EXISTS,
        ERROR_TEAM_NAME,
        ERROR_TEAM_DEFAULT,
        ERROR_GROUP_EXISTS,
        ERROR_GROUP_NAME,
        ERROR_GROUP_WELL_KNOWN,
        ERROR_SUBJECT_NOT_FOUND,
        ERROR_MEMBERSHIP_NOT_FOUND,
        ERROR_MEMBERSHIP_CYCLE,
        ERROR_TOO_MANY_ITEMS,
        ERROR_IDENTITY_NOT_FOUND,
        ERROR_SCOPE_NOT_FOUND,
        ERROR_DIRECTORY,
        ERROR_REPOSITORY_NOT_FOUND,
        ERROR_REPOSITORY_EXISTS,
        ERROR_REPOSITORY_NAME,
        ERROR_NODE_NOT_FOUND,
        ERROR_NODE_EXISTS,
        ERROR_NODE_NAME,
        ERROR_QUERY_NOT_FOUND,
        ERROR_QUERY_EXISTS,
        ERROR_QUERY_NAME,
        ERROR_BOARD_NOT_FOUND,
        ERROR_FOLDER_NOT_FOUND,
        ERROR_FOLDER_EXISTS,
        ERROR_DEFINITION_NOT_FOUND,
        ERROR_DEFINITION_EXISTS,
        ERROR_TEAM_FIELD_NULL,
        ERROR_TEAM_SETTINGS,
        ERROR_ENDPOINT_NOT_FOUND,
        ERROR_ENDPOINT_EXISTS,
        ERROR_VARIABLE_GROUP_NOT_FOUND,
        ERROR_VARIABLE_GROUP_EXISTS,
        ERROR_SECURE_FILE_NOT_FOUND,
        ERROR_SECURE_FILE_EXISTS,
        ERROR_ENVIRONMENT_NOT_FOUND,
        ERROR_ENVIRONMENT_EXISTS,
        ERROR_QUEUE_NOT_FOUND,
        ERROR_QUEUE_EXISTS,
        ERROR_POOL_NOT_FOUND,
        ERROR_POOL_EXISTS,
        ERROR_NAMESPACE_NOT_FOUND,
        ERROR_RESERVED_BITS,
        ERROR_MALFORMED_TOKEN,
        ERROR_INVALID_DESCRIPTOR,
        ERROR_UNEXPECTED,
        ERROR_RATE_LIMIT,
        ERROR_STOPPED,
        ERROR_UNAUTHORIZED,
        N_ERRORS
} ErrorKind;

/* {"$id":"1",…,"typeKey":…} with the status that goes with the kind. */
void answer_error(Response *response, ErrorKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Takes over the tree. */
void answer_json(const Request *request, Response *response, int status, cJSON *tree);
/* {"count":N,"value":[…]}; bare when the request asked so. Takes over the array. */
void answer_list(const Request *request, Response *response, int status, cJSON *array);
/* 204, or 200 with nothing in it. */
void answer_empty(Response *response, int status);
/* text/plain "The controller for path … was not found …" */
void answer_no_controller(const Request *request, Response *response);
/* 401 empty with WWW-Authenticate. */
void answer_unauthorized(Response *response);

/* A sign-in page, as to browsers (facts §2.7). */
void answer_sign_in(Response *response, int status);

/* Small helpers for trees. */
void json_add_text(cJSON *object, const char *name, const char *value); /* NULL value: null */
void json_add_number(cJSON *object, const char *name, double value);
void json_add_bool(cJSON *object, const char *name, bool value);
cJSON *json_add_link(cJSON *links, const char *name, const char *href);
/* NULL unless the member is a string. Names in any case, as the service reads them. */
const char *json_text(const cJSON *object, const char *name);
