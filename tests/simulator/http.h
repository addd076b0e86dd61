/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and responses, and the server that carries them. */
#pragma once

#include <cjson/cJSON.h>
#include <microhttpd.h>

#include "tests/simulator/world.h"

enum {
        BODY_LIMIT_BYTES = 32 * 1024 * 1024,
        RESPONSE_HEADERS_MAX = 48,
        ROUTE_PARAMETERS_MAX = 8,
};

typedef enum Service {
        SERVICE_CORE,
        SERVICE_GRAPH,
        SERVICE_AUDIT,
} Service;

typedef enum Method {
        METHOD_GET = 1,
        METHOD_HEAD = 2,
        METHOD_POST = 4,
        METHOD_PUT = 8,
        METHOD_PATCH = 16,
        METHOD_DELETE = 32,
        METHOD_OPTIONS = 64,
        METHOD_OTHER = 128,
} Method;

typedef struct Header {
        const char *name;
        const char *value;
} Header;

typedef struct ApiVersion {
        bool given;
        int major;
        int minor;
        bool preview;
        int revision; /* N of -preview.N, 0 when not given */
} ApiVersion;

typedef struct Request {
        Arena arena; /* lives as long as the request */
        Service service;
        Method method;
        const char *method_name;
        const char *url;  /* as sent, with the query, percent-encoded */
        const char *path; /* as sent, without the query */
        const char **segments; /* the path's segments after the organisation, decoded, empty ones left out */
        size_t n_segments;
        Header *query; /* decoded */
        size_t n_query;
        Header *headers;
        size_t n_headers;
        const char *body;
        size_t body_size;
        cJSON *json;    /* parsed on demand, see request_json() */
        bool json_bad;
        const char *organization_name;
        Organization *organization; /* NULL before authentication */
        Identity *caller;           /* NULL before authentication */
        bool token_ended;           /* the credential is a token whose time is over */
        ApiVersion version;
        bool bare_arrays; /* Accept had noArrayWrap=true (clients §1) */
        Header parameters[ROUTE_PARAMETERS_MAX]; /* of the route, "project" => "MLOps" */
        size_t n_parameters;
        Project *project; /* of {project} when the route has one */
        Team *team;       /* of {team} */
        int64_t as_of;    /* reads are answered as of this time; World.now unless a fault says otherwise */
        int64_t started;  /* ms, monotonic */
} Request;

/* How the bytes go out; for faults. */
typedef struct Transport {
        size_t cut_after;   /* SIZE_MAX: whole; else so many body bytes, then the connection is closed */
        size_t chunk_bytes; /* 0: at once; else so many bytes, a pause, and so on */
        int64_t chunk_pause_ms;
        bool reset;         /* no answer: the connection is reset */
        int64_t delay_ms;   /* before the answer goes out; slept outside the lock */
        int64_t held_for;   /* the answer waits until World.n_releases is this much; 0: it does not wait */
        bool endless;       /* the length is not told: in chunks, without the last when it is cut */
} Transport;

typedef struct Response {
        Arena arena;
        int status;
        const char *content_type; /* NULL: none */
        char *body;               /* malloc'd or NULL */
        size_t body_size;
        Header headers[RESPONSE_HEADERS_MAX];
        size_t n_headers;
        Transport transport;
        const char *fault; /* what was done to it, for the log; NULL: nothing */
} Response;

void request_deinit(Request *request);
void response_init(Response *response);
void response_deinit(Response *response);

/* NULL when absent; names in any case. Query values are decoded. */
const char *request_header(const Request *request, const char *name);
const char *request_query(const Request *request, const char *name);
const char *request_parameter(const Request *request, const char *name);
bool request_query_true(const Request *request, const char *name);
/* The body as JSON; NULL when it is empty or none. Owned by the request. */
cJSON *request_json(Request *request);

/* Adds or, when there is one of the name, replaces. Both are copied. */
void response_header(Response *response, const char *name, const char *value);
void response_remove_header(Response *response, const char *name);
/* Takes over text (malloc'd, may be NULL). content_type is copied. */
void response_body(Response *response, const char *content_type, char *text, size_t size);

/* Called for each request with the world unlocked. */
typedef void HttpAnswer(World *world, Request *request, Response *response);

typedef struct Server Server;
/* Listens on 127.0.0.1 on its three ports, of which an Azure DevOps Server has one (0: the kernel chooses; read back into
 * World.port, World.graph_port, World.audit_port). */
Server *server_start(World *world, HttpAnswer *answer);
Server *server_stop(Server *server);
/* Splits and decodes a path and query into the request (used by the server and by tests). 0 or -1: malformed. */
int request_parse_url(Request *request, const char *url);
