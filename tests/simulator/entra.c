/* SPDX-License-Identifier: Apache-2.0 */
/* Entra: applications with what they are known by, and the tokens given to them (facts §2.2 to §2.5). */
#include "tests/simulator/entra.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/control.h"
#include "tests/simulator/fault.h"
#include "tests/simulator/jwt.h"

enum {
        MILLISECONDS_PER_SECOND = 1000,
        CLOCK_SLACK_SECONDS = 300,
        ASSERTION_LIFE_SECONDS_MAX = 24 * 60 * 60,
        STATUS_OK = 200,
        STATUS_BAD = 400,
        STATUS_UNAUTHORIZED = 401,
};

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define EXCHANGE_AUDIENCE "api://AzureADTokenExchange"

struct Entra {
        Array clients; /* EntraClient * */
        Table *tokens; /* EntraToken * by text */
        Table *used;   /* by id */
};

static Entra *entra_get(World *world) {
        if (!world->entra) {
                world->entra = memory_alloc(sizeof(*world->entra));
                world->entra->tokens = table_new();
                world->entra->used = table_new();
        }
        return world->entra;
}

void entra_deinit(World *world) {
        if (!world->entra)
                return;
        array_deinit(&world->entra->clients);
        table_free(world->entra->tokens);
        table_free(world->entra->used);
        free(world->entra);
        world->entra = NULL;
}

EntraClient *entra_add(World *world, const EntraClient *client) {
        EntraClient *copy = arena_alloc(&world->arena, sizeof(*copy));

        *copy = *client;
        array_add(&entra_get(world)->clients, copy);
        return copy;
}

EntraClient *entra_client(const World *world, size_t index) {
        return world->entra && index < world->entra->clients.n_items ? world->entra->clients.items[index] : NULL;
}

EntraClient *entra_find(const World *world, const char *application_id) {
        EntraClient *client;

        for (size_t i = 0; (client = entra_client(world, i)); i++) {
                if (text_same(client->application_id, application_id))
                        return client;
        }
        return NULL;
}

bool entra_has_tenant(const World *world, const char *tenant_id) {
        for (size_t i = 0; i < world->organizations.n_items; i++) {
                const Organization *organization = world->organizations.items[i];

                if (text_same(organization->tenant_id, tenant_id))
                        return true;
        }
        return false;
}

const EntraToken *entra_give(World *world, const EntraClient *client) {
        EntraToken *token = arena_alloc(&world->arena, sizeof(*token));

        *token = (EntraToken){
                .text = arena_print(&world->arena, "eyJ0eXAiOiJKV1QifQ.%s.%s", random_guid(&world->noise, &world->arena),
                                    random_guid(&world->noise, &world->arena)),
                .application_id = client->application_id,
                .given = world->now,
                .ends = world->now + world->options.token_life_s * MILLISECONDS_PER_SECOND,
        };
        table_set(entra_get(world)->tokens, &world->arena, token->text, token);
        return token;
}

const EntraToken *entra_find_token(const World *world, const char *text) {
        const EntraToken *token = world->entra ? table_get(world->entra->tokens, text) : NULL;

        return token && strcmp(token->text, text) == 0 ? token : NULL;
}

bool entra_use_once(World *world, const char *id) {
        Entra *entra = entra_get(world);

        if (table_get(entra->used, id))
                return false;
        table_set(entra->used, &world->arena, id, entra);
        return true;
}

/* Refusals: Microsoft's list of AADSTS error codes. */

typedef enum Refusal {
        REFUSAL_NONE,
        REFUSAL_MISSING,
        REFUSAL_GRANT,
        REFUSAL_SCOPE,
        REFUSAL_TENANT,
        REFUSAL_CLIENT,
        REFUSAL_NO_PROOF,
        REFUSAL_SECRET,
        REFUSAL_MALFORMED,
        REFUSAL_CERTIFICATE,
        REFUSAL_TIME,
        REFUSAL_AUDIENCE,
        REFUSAL_SUBJECT,
        REFUSAL_REPLAYED,
        REFUSAL_FEDERATION,
} Refusal;

static const struct {
        int status;
        const char *error;
        int code;
        const char *sentence;
} REFUSALS[] = {
        [REFUSAL_MISSING] = {STATUS_BAD, "invalid_request", 900144,
                             "The request body must contain the following parameter"},
        [REFUSAL_GRANT] = {STATUS_BAD, "unsupported_grant_type", 70003, "The app requested an unsupported grant type"},
        [REFUSAL_SCOPE] = {STATUS_BAD, "invalid_scope", 70011, "The provided value for the input parameter 'scope' is "
                                                               "not valid"},
        [REFUSAL_TENANT] = {STATUS_BAD, "invalid_request", 90002, "Tenant not found"},
        [REFUSAL_CLIENT] = {STATUS_BAD, "unauthorized_client", 700016, "Application was not found in the directory"},
        [REFUSAL_NO_PROOF] = {STATUS_UNAUTHORIZED, "invalid_client", 7000216,
                              "'client_assertion', 'client_secret' or 'request' is required"},
        [REFUSAL_SECRET] = {STATUS_UNAUTHORIZED, "invalid_client", 7000215, "Invalid client secret provided"},
        [REFUSAL_MALFORMED] = {STATUS_BAD, "invalid_request", 50027, "JWT token is invalid or malformed"},
        [REFUSAL_CERTIFICATE] = {STATUS_UNAUTHORIZED, "invalid_client", 700027,
                                 "The certificate with identifier used to sign the client assertion is not registered"},
        [REFUSAL_TIME] = {STATUS_UNAUTHORIZED, "invalid_client", 700024,
                          "Client assertion is not within its valid time range"},
        [REFUSAL_AUDIENCE] = {STATUS_UNAUTHORIZED, "invalid_client", 700023,
                              "Client assertion audience claim does not match Realm issuer"},
        [REFUSAL_SUBJECT] = {STATUS_UNAUTHORIZED, "invalid_client", 700021,
                             "Client assertion application identifier doesn't match 'client_id' parameter"},
        /* RFC 7523, 3: an authority may refuse what it has seen; the unkind way. */
        [REFUSAL_REPLAYED] = {STATUS_UNAUTHORIZED, "invalid_client", 700027, "The assertion was used before"},
        [REFUSAL_FEDERATION] = {STATUS_UNAUTHORIZED, "invalid_client", 700213,
                                "No matching federated identity record found for presented assertion"},
};

/* Unkind: it repeats what it was given, as careless servers do. */
static void answer_refusal(World *world, const Request *request, Response *response, Refusal refusal) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "error", REFUSALS[refusal].error);
        json_add_text(tree, "error_description",
                      arena_print(&response->arena, "AADSTS%d: %s. Received: %s", REFUSALS[refusal].code,
                                  REFUSALS[refusal].sentence, request->body ? request->body : ""));
        cJSON_AddItemToArray(cJSON_AddArrayToObject(tree, "error_codes"), cJSON_CreateNumber(REFUSALS[refusal].code));
        json_add_text(tree, "timestamp", time_text(&response->arena, world->now));
        json_add_text(tree, "trace_id", random_guid(&world->noise, &response->arena));
        json_add_text(tree, "correlation_id", random_guid(&world->noise, &response->arena));
        answer_json(request, response, REFUSALS[refusal].status, tree);
}

/* Client credentials. */

static const char *claim(const Jwt *jwt, const char *name) {
        return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwt->claims, name));
}

static bool is_claim(const Jwt *jwt, const char *name, const char *wanted) {
        const char *value = claim(jwt, name);

        return value && strcmp(value, wanted) == 0;
}

static Refusal check_certificate(World *world, Request *request, const EntraClient *client, const Jwt *jwt) {
        const char *url = arena_print(&request->arena, "%s://%s%s", world_scheme(world), request_header(request, "Host"),
                                      request->path);
        const char *id = claim(jwt, "jti");

        if (!is_claim(jwt, "iss", client->application_id) || !is_claim(jwt, "sub", client->application_id))
                return REFUSAL_SUBJECT;
        if (!client->certificate || !jwt_names_certificate(&request->arena, jwt, client->certificate) ||
            !jwt_is_signed(jwt, client->certificate))
                return REFUSAL_CERTIFICATE;
        if (!is_claim(jwt, "aud", url))
                return REFUSAL_AUDIENCE;
        return id && entra_use_once(world, id) ? REFUSAL_NONE : REFUSAL_REPLAYED;
}

static Refusal check_federation(const EntraClient *client, const Jwt *jwt) {
        if (is_claim(jwt, "iss", client->issuer) && client->subject && is_claim(jwt, "sub", client->subject) &&
            is_claim(jwt, "aud", EXCHANGE_AUDIENCE) && client->issuer_certificate &&
            jwt_is_signed(jwt, client->issuer_certificate))
                return REFUSAL_NONE;
        return REFUSAL_FEDERATION;
}

static Refusal check_assertion(World *world, Request *request, const EntraClient *client, const char *assertion) {
        Refusal refusal;
        Jwt jwt;

        if (jwt_read(&request->arena, assertion, &jwt) < 0)
                return REFUSAL_MALFORMED;
        if (!jwt_is_timely(&jwt, world->now / MILLISECONDS_PER_SECOND, CLOCK_SLACK_SECONDS))
                refusal = REFUSAL_TIME;
        else if (client->issuer && !is_claim(&jwt, "iss", client->application_id))
                refusal = check_federation(client, &jwt);
        else
                refusal = check_certificate(world, request, client, &jwt);
        jwt_deinit(&jwt);
        return refusal;
}

static Refusal check_proof(World *world, Request *request, const Request *form, const EntraClient *client) {
        const char *secret = request_query(form, "client_secret");
        const char *assertion = request_query(form, "client_assertion");
        const char *type = request_query(form, "client_assertion_type");

        if (secret)
                return client->secret && strcmp(client->secret, secret) == 0 ? REFUSAL_NONE : REFUSAL_SECRET;
        if (!assertion)
                return REFUSAL_NO_PROOF;
        if (!type || strcmp(type, ASSERTION_TYPE) != 0)
                return REFUSAL_MALFORMED;
        return check_assertion(world, request, client, assertion);
}

static Refusal check_form(World *world, Request *request, const Request *form, const EntraClient **clientp) {
        const char *grant = request_query(form, "grant_type");
        const char *scope = request_query(form, "scope");
        const char *id = request_query(form, "client_id");
        const char *tenant = request->segments[0];
        const char *type = request_header(request, "Content-Type");

        if (!grant || !scope || !id || !type || strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0)
                return REFUSAL_MISSING;
        if (strcmp(grant, "client_credentials") != 0)
                return REFUSAL_GRANT;
        if (!entra_has_tenant(world, tenant))
                return REFUSAL_TENANT;
        *clientp = entra_find(world, id);
        if (!*clientp || !text_same((*clientp)->tenant_id, tenant))
                return REFUSAL_CLIENT;
        if (strcmp(scope, ENTRA_RESOURCE "/.default") != 0)
                return REFUSAL_SCOPE;
        return check_proof(world, request, form, *clientp);
}

static void answer_token(World *world, const Request *request, Response *response, const EntraClient *client) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "token_type", "Bearer");
        json_add_number(tree, "expires_in", (double)world->options.token_life_s);
        json_add_number(tree, "ext_expires_in", (double)world->options.token_life_s);
        json_add_text(tree, "access_token", entra_give(world, client)->text);
        answer_json(request, response, STATUS_OK, tree);
}

static void answer_authority(World *world, Request *request, Response *response) {
        Request form = {0};
        const EntraClient *client = NULL;
        Refusal refusal = REFUSAL_MISSING;

        if (request->method != METHOD_POST || request->n_segments != 4 || !text_same(request->segments[1], "oauth2") ||
            !text_same(request->segments[2], "v2.0") || !text_same(request->segments[3], "token")) {
                response->status = 404;
                return;
        }
        if (request_parse_url(&form, arena_print(&request->arena, "/?%s", request->body ? request->body : "")) == 0)
                refusal = check_form(world, request, &form, &client);
        if (refusal == REFUSAL_NONE)
                answer_token(world, request, response, client);
        else
                answer_refusal(world, request, response, refusal);
        request_deinit(&form);
}

/* All who give tokens. */

static const struct {
        const char *first;
        void (*answer)(World *world, Request *request, Response *response);
} GIVERS[] = {
        {"_token", answer_authority},
        {"metadata", entra_answer_machine},
        {"msi", entra_answer_app},
};

static const Route TOKEN_ROUTE = {.service = SERVICE_CORE, .kind = ROUTE_READ, .name = "token"};

/* What was sent is not kept: it holds secrets. */
static void log_token(World *world, const Request *request, const Response *response) {
        RequestLogRow row = {.time = world->now,
                             .service = request->service,
                             .method = request->method_name,
                             .url = request->url,
                             .route = TOKEN_ROUTE.name,
                             .status = response->status,
                             .request_bytes = request->body_size,
                             .response_bytes = response->body_size,
                             .delay_ms = response->transport.delay_ms,
                             .answered = !response->transport.reset,
                             .fault = response->fault,
                             .kind = ROUTE_READ};

        control_log(world, &row);
}

bool entra_answer(World *world, Request *request, Response *response) {
        for (size_t i = 0; i < sizeof(GIVERS) / sizeof(GIVERS[0]); i++) {
                if (request->service != SERVICE_CORE || strcmp(request->organization_name, GIVERS[i].first) != 0)
                        continue;
                request->as_of = world->now;
                if (fault_before(world, request, &TOKEN_ROUTE, response) != FAULT_ANSWERED) {
                        GIVERS[i].answer(world, request, response);
                        fault_after(world, request, &TOKEN_ROUTE, response);
                }
                log_token(world, request, response);
                return true;
        }
        return false;
}
