/* SPDX-License-Identifier: Apache-2.0 */
/* Those who give a machine or an app its token without a secret (facts §2.4). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/entra.h"

enum {
        MILLISECONDS_PER_SECOND = 1000,
        STATUS_OK = 200,
        STATUS_BAD = 400,
        STATUS_UNAUTHORIZED = 401,
        STATUS_NOT_FOUND = 404,
        KEY_MODE = 0640,
};

#define VERSION_IMDS "2018-02-01"
#define VERSION_ARC "2020-06-01"
#define VERSION_APP "2019-08-01"

static void refuse(const Request *request, Response *response, int status, const char *error, const char *sentence) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "error", error);
        json_add_text(tree, "error_description", sentence);
        answer_json(request, response, status, tree);
}

static bool is_query(const Request *request, const char *name, const char *wanted) {
        const char *value = request_query(request, name);

        return value && strcmp(value, wanted) == 0;
}

typedef bool ClientFits(const EntraClient *client);

static bool is_of_machine(const EntraClient *client) {
        return client->managed;
}

static bool is_of_arc(const EntraClient *client) {
        return client->arc_folder != NULL;
}

static bool is_of_app(const EntraClient *client) {
        return client->identity_header != NULL;
}

/* The one that is named, or the only one. */
static EntraClient *find(const World *world, const Request *request, ClientFits *fits) {
        const char *id = request_query(request, "client_id");
        EntraClient *found = NULL, *client;
        size_t n = 0;

        for (size_t i = 0; (client = entra_client(world, i)); i++) {
                if (fits(client) && (!id || text_same(client->application_id, id))) {
                        found = client;
                        n++;
                }
        }
        return n == 1 ? found : NULL;
}

/* The platform keeps a token and gives the same one until it has lived half its life. */
static const EntraToken *token_of(World *world, EntraClient *client) {
        if (!client->token || world->now - client->token->given > (client->token->ends - client->token->given) / 2)
                client->token = entra_give(world, client);
        return client->token;
}

typedef enum Ending {
        ENDING_IN, /* expires_in too */
        ENDING_ON,
} Ending;

static void answer_token(World *world, const Request *request, Response *response, EntraClient *client,
                         Ending ending) {
        const EntraToken *token = token_of(world, client);
        cJSON *tree = cJSON_CreateObject();
        long long left = (token->ends - world->now) / MILLISECONDS_PER_SECOND;

        json_add_text(tree, "access_token", token->text);
        json_add_text(tree, "client_id", client->application_id);
        if (ending == ENDING_IN)
                json_add_text(tree, "expires_in", arena_print(&response->arena, "%lld", left));
        json_add_text(tree, "expires_on",
                      arena_print(&response->arena, "%lld", (long long)token->ends / MILLISECONDS_PER_SECOND));
        json_add_text(tree, "resource", ENTRA_RESOURCE);
        json_add_text(tree, "token_type", "Bearer");
        answer_json(request, response, STATUS_OK, tree);
}

/* Azure Arc: a key in a file that only who may read it can bring back, each once. */
static void challenge(World *world, const Request *request, Response *response, EntraClient *client) {
        const char *path = arena_print(&response->arena, "%s/%s.key", client->arc_folder,
                                       random_guid(&world->noise, &response->arena));
        const char *key = random_guid(&world->noise, &world->arena);
        int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, KEY_MODE);

        if (file < 0 || write(file, key, strlen(key)) != (ssize_t)strlen(key)) {
                refuse(request, response, 500, "server_error", strerror(errno));
        } else {
                client->arc_key = key;
                response->status = STATUS_UNAUTHORIZED;
                response_header(response, "WWW-Authenticate", arena_print(&response->arena, "Basic realm=%s", path));
        }
        if (file >= 0)
                close(file);
}

static void answer_arc(World *world, const Request *request, Response *response) {
        const char *authorization = request_header(request, "Authorization");
        EntraClient *client = find(world, request, is_of_arc);

        if (!client) {
                refuse(request, response, STATUS_NOT_FOUND, "not_found", "this is no machine of Azure Arc");
        } else if (!authorization) {
                challenge(world, request, response, client);
        } else if (client->arc_key && strncmp(authorization, "Basic ", 6) == 0 &&
                   strcmp(authorization + 6, client->arc_key) == 0) {
                client->arc_key = NULL;
                answer_token(world, request, response, client, ENDING_IN);
        } else {
                refuse(request, response, STATUS_UNAUTHORIZED, "unauthorized", "the key is another");
        }
}

static void answer_imds(World *world, const Request *request, Response *response) {
        EntraClient *client = find(world, request, is_of_machine);

        if (request_header(request, "X-Forwarded-For") || request_header(request, "Authorization"))
                refuse(request, response, STATUS_BAD, "bad_request", "the request came through a proxy");
        else if (!client)
                refuse(request, response, STATUS_BAD, "invalid_request", "Identity not found");
        else
                answer_token(world, request, response, client, ENDING_IN);
}

void entra_answer_machine(World *world, Request *request, Response *response) {
        const char *metadata = request_header(request, "Metadata");

        if (request->method != METHOD_GET || request->n_segments != 3 || !text_same(request->segments[2], "token"))
                response->status = STATUS_NOT_FOUND;
        else if (!metadata || strcasecmp(metadata, "true") != 0)
                refuse(request, response, STATUS_BAD, "bad_request", "Required metadata header not specified");
        else if (!is_query(request, "resource", ENTRA_RESOURCE))
                refuse(request, response, STATUS_BAD, "invalid_resource", "the resource is unknown");
        else if (is_query(request, "api-version", VERSION_ARC))
                answer_arc(world, request, response);
        else if (is_query(request, "api-version", VERSION_IMDS))
                answer_imds(world, request, response);
        else
                refuse(request, response, STATUS_BAD, "bad_request", "the api-version is not supported");
}

void entra_answer_app(World *world, Request *request, Response *response) {
        const char *header = request_header(request, "X-IDENTITY-HEADER");
        EntraClient *client = find(world, request, is_of_app);

        if (request->method != METHOD_GET || request->n_segments != 1 || !text_same(request->segments[0], "token"))
                response->status = STATUS_NOT_FOUND;
        else if (!is_query(request, "api-version", VERSION_APP) || !is_query(request, "resource", ENTRA_RESOURCE))
                refuse(request, response, STATUS_BAD, "bad_request", "api-version or resource");
        else if (!client)
                refuse(request, response, STATUS_BAD, "invalid_request", "No User Assigned or Delegated Managed Identity");
        else if (!header || strcmp(header, client->identity_header) != 0)
                refuse(request, response, STATUS_UNAUTHORIZED, "unauthorized", "X-IDENTITY-HEADER");
        else
                answer_token(world, request, response, client, ENDING_ON);
}
