/* SPDX-License-Identifier: Apache-2.0 */
/* What each kind of fault does to an exchange (facts §1.8, §2.7, §3.6, §7.1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/fault_rule.h"
#include "tests/simulator/request_log.h"

enum {
        N_TIERS = 6,
        RETRY_AFTER_SECONDS = 1,
        STALE_MS = 5000,
        LATE_MS = 10000,
        DELAY_MS = 1000,
        PAUSE_MS = 50,
        PIECE_BYTES = 64,
        RATE_LIMIT = 200, /* throughput units in five minutes (facts §7.1) */
        MILLISECONDS_PER_SECOND = 1000,
};

#define BOM "\xef\xbb\xbf"

static int64_t or_else(int64_t value, int64_t otherwise) {
        return value < 0 ? otherwise : value;
}

/* Headers of throttling. */

static void add_retry_after(const FaultRule *rule, Response *response) {
        double seconds = rule->retry_after < 0 ? RETRY_AFTER_SECONDS : rule->retry_after;

        response_header(response, "Retry-After", arena_print(&response->arena, "%g", seconds));
}

static void add_rate_limit(World *world, const FaultRule *rule, Response *response) {
        double seconds = rule->retry_after < 0 ? RETRY_AFTER_SECONDS : rule->retry_after;
        int64_t reset = world->now / MILLISECONDS_PER_SECOND + (int64_t)(rule->reset < 0 ? seconds : rule->reset);

        add_retry_after(rule, response);
        response_header(response, "X-RateLimit-Resource", "Core");
        response_header(
                response, "X-RateLimit-Delay",
                arena_print(&response->arena, "%.3f",
                            (double)response->transport.delay_ms / MILLISECONDS_PER_SECOND));
        response_header(response, "X-RateLimit-Limit",
                        arena_print(&response->arena, "%d", RATE_LIMIT));
        response_header(response, "X-RateLimit-Remaining",
                        arena_print(&response->arena, "%lld", (long long)rule->remaining));
        response_header(response, "X-RateLimit-Reset",
                        arena_print(&response->arena, "%lld", (long long)reset));
}

/* Answers in place of the service's. */

static void answer_page(Response *response, int status, const char *page) {
        response->status = status;
        response_body(response, "text/html; charset=utf-8", strdup(page), strlen(page));
}

static FaultAction answer_429(World *world, const FaultRule *rule, Request *request,
                              Response *response) {
        answer_error(
                response, ERROR_RATE_LIMIT,
                "TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource "
                "Concurrency in namespace User.");
        add_rate_limit(world, rule, response);
        return FAULT_ANSWERED;
}

static FaultAction byte_order_mark(World *world, const FaultRule *rule, Request *request,
                                   Response *response) {
        size_t size = response->body_size + strlen(BOM);
        char *text = memory_alloc(size + 1);

        memcpy(text, BOM, strlen(BOM));
        if (response->body_size)
                memcpy(text + strlen(BOM), response->body, response->body_size);
        free(response->body);
        response->body = text;
        response->body_size = size;
        return FAULT_PASS;
}

/* An organisation that is stopped: the body has a byte order mark. */
static FaultAction answer_503(World *world, const FaultRule *rule, Request *request,
                              Response *response) {
        const char *message = arena_print(
                &response->arena,
                "TF24668: The following team project collection is stopped: %s. Start the "
                "collection and then try again.",
                request->organization_name);

        answer_error(response, ERROR_STOPPED, "%s", message);
        byte_order_mark(world, rule, request, response);
        response->content_type = "application/json";
        response_header(response, "X-TFS-ServiceError", percent_encode(&response->arena, message));
        if (rule->retry_after >= 0)
                add_retry_after(rule, response);
        return FAULT_ANSWERED;
}

static FaultAction answer_401_empty(World *world, const FaultRule *rule, Request *request,
                                    Response *response) {
        answer_unauthorized(response);
        return FAULT_ANSWERED;
}

static FaultAction answer_401_json(World *world, const FaultRule *rule, Request *request,
                                   Response *response) {
        answer_error(response, ERROR_UNAUTHORIZED,
                     "TF400813: The user '' is not authorized to access this resource.");
        return FAULT_ANSWERED;
}

static FaultAction answer_203_html(World *world, const FaultRule *rule, Request *request,
                                   Response *response) {
        answer_sign_in(response, 203);
        return FAULT_ANSWERED;
}

static FaultAction answer_200_html(World *world, const FaultRule *rule, Request *request,
                                   Response *response) {
        answer_sign_in(response, 200);
        return FAULT_ANSWERED;
}

static FaultAction answer_302(World *world, const FaultRule *rule, Request *request,
                              Response *response) {
        answer_page(response, 302,
                    "<html><head><title>Object moved</title></head><body><h2>Object moved to "
                    "<a href=\"/_signin\">here</a>.</h2></body></html>");
        response_header(response, "Location", "http://127.0.0.1:1/_signin?realm=simulator");
        return FAULT_ANSWERED;
}

static FaultAction answer_403(World *world, const FaultRule *rule, Request *request,
                              Response *response) {
        answer_error(
                response, ERROR_ACCESS_DENIED, "%s",
                rule->message
                        ? rule->message
                        : "TF401027: You need the required permission to perform this action.");
        return FAULT_ANSWERED;
}

static FaultAction answer_404(World *world, const FaultRule *rule, Request *request,
                              Response *response) {
        answer_no_controller(request, response);
        return FAULT_ANSWERED;
}

static FaultAction answer_500(World *world, const FaultRule *rule, Request *request,
                              Response *response) {
        answer_error(response, ERROR_UNEXPECTED, "%s",
                     rule->message
                             ? rule->message
                             : "TF401349: An unexpected error has occurred, please verify your "
                               "request and try again.");
        return FAULT_ANSWERED;
}

static FaultAction reset_before(World *world, const FaultRule *rule, Request *request,
                                Response *response) {
        response->transport.reset = true;
        return FAULT_ANSWERED;
}

/* Before the handler. */

static void hold(World *world, Response *response) {
        response->transport.held_for = world->n_releases + 1;
}

/* Never reaches the service; whoever waits is told so when the rule is taken away. */
static FaultAction stall(World *world, const FaultRule *rule, Request *request, Response *response) {
        hold(world, response);
        return reset_before(world, rule, request, response);
}

static FaultAction delay(World *world, const FaultRule *rule, Request *request,
                         Response *response) {
        response->transport.delay_ms += or_else(rule->ms, DELAY_MS);
        return FAULT_PASS;
}

/* With tiers given, only those application tiers show the older view. */
static FaultAction older_view(World *world, const FaultRule *rule, Request *request,
                              Response *response, int64_t milliseconds) {
        int64_t tier = (int64_t)(random_next(&world->noise) % N_TIERS) + 1;

        if (rule->tiers >= 0)
                response_header(response, "X-TFS-ProcessId",
                                arena_print(&response->arena, "%08x-0000-4000-8000-%012x",
                                            (unsigned)tier, (unsigned)world->port));
        if (rule->tiers < 0 || tier <= rule->tiers)
                request->as_of = world->now - or_else(rule->ms, milliseconds);
        return FAULT_PASS;
}

static FaultAction stale(World *world, const FaultRule *rule, Request *request,
                         Response *response) {
        return older_view(world, rule, request, response, STALE_MS);
}

static FaultAction late_list(World *world, const FaultRule *rule, Request *request,
                             Response *response) {
        return older_view(world, rule, request, response, LATE_MS);
}

static FaultAction silent(World *world, const FaultRule *rule, Request *request,
                          Response *response) {
        return FAULT_REHEARSE;
}

/* After the handler. */

static FaultAction throttled(World *world, const FaultRule *rule, Request *request,
                             Response *response) {
        if (response->status < 200 || response->status > 299)
                return FAULT_PASS;
        response->transport.delay_ms += or_else(rule->ms, 0);
        add_rate_limit(world, rule, response);
        return FAULT_PASS;
}

static FaultAction slow(World *world, const FaultRule *rule, Request *request, Response *response) {
        response->transport.chunk_bytes = (size_t)or_else(rule->bytes, PIECE_BYTES);
        response->transport.chunk_pause_ms = or_else(rule->ms, PAUSE_MS);
        return FAULT_PASS;
}

static FaultAction cut(World *world, const FaultRule *rule, Request *request, Response *response) {
        response->transport.cut_after =
                (size_t)or_else(rule->bytes, (int64_t)response->body_size / 2);
        return FAULT_PASS;
}

static FaultAction cut_chunked(World *world, const FaultRule *rule, Request *request,
                               Response *response) {
        response->transport.endless = true;
        return cut(world, rule, request, response);
}

static FaultAction lost(World *world, const FaultRule *rule, Request *request, Response *response) {
        response->transport.reset = true;
        return FAULT_PASS;
}

/* Done, but the answer stays away until the rule is taken away. */
static FaultAction held(World *world, const FaultRule *rule, Request *request, Response *response) {
        hold(world, response);
        return FAULT_PASS;
}

static FaultAction content_type(World *world, const FaultRule *rule, Request *request,
                                Response *response) {
        response->content_type =
                arena_copy(&response->arena,
                           rule->content_type ? rule->content_type : "text/plain; charset=utf-8");
        return FAULT_PASS;
}

/* Whether one of the texts an element is known by fits. */
static bool element_fits(const cJSON *element, const char *pattern) {
        static const char *const KEYS[] = {"name",          "path",        "token",
                                           "principalName", "displayName", "id"};

        for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
                const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(element, KEYS[i]));

                if (text && request_log_matches(pattern, text))
                        return true;
        }
        return false;
}

/* Leaves out the elements that match, or the last when nothing is said. */
static void leave_out(cJSON *list, const char *pattern) {
        for (int i = cJSON_GetArraySize(list) - 1; i >= 0; i--) {
                if (pattern && !element_fits(cJSON_GetArrayItem(list, i), pattern))
                        continue;
                cJSON_DeleteItemFromArray(list, i);
                if (!pattern)
                        return;
        }
}

static FaultAction partial(World *world, const FaultRule *rule, Request *request,
                           Response *response) {
        cJSON *tree =
                response->body ? cJSON_ParseWithLength(response->body, response->body_size) : NULL;
        cJSON *list = cJSON_IsArray(tree) ? tree : cJSON_GetObjectItem(tree, "value"), *count;
        char *text;

        if (cJSON_IsArray(list)) {
                leave_out(list, rule->match);
                count = cJSON_GetObjectItem(tree, "count");
                if (count)
                        cJSON_SetNumberValue(count, cJSON_GetArraySize(list));
                text = cJSON_PrintUnformatted(tree);
                response_body(response, response->content_type, text, strlen(text));
        }
        cJSON_Delete(tree);
        return FAULT_PASS;
}

/* The table. */

static const FaultKind KINDS[] = {
        {"429", FAULT_ANY, answer_429, NULL},
        {"503", FAULT_ANY, answer_503, NULL},
        {"401", FAULT_ANY, answer_401_empty, NULL},
        {"401_json", FAULT_ANY, answer_401_json, NULL},
        {"203_html", FAULT_ANY, answer_203_html, NULL},
        {"200_html", FAULT_ANY, answer_200_html, NULL},
        {"302", FAULT_ANY, answer_302, NULL},
        {"403", FAULT_ANY, answer_403, NULL},
        {"404", FAULT_ANY, answer_404, NULL},
        {"500", FAULT_ANY, answer_500, NULL},
        {"reset", FAULT_ANY, reset_before, NULL},
        {"delay", FAULT_ANY, delay, NULL},
        {"late", FAULT_ANY, NULL, NULL}, /* fault_lateness() */
        {"stale", FAULT_READS, stale, NULL},
        {"late_list", FAULT_LISTS, late_list, NULL},
        {"silent", FAULT_WRITES, silent, NULL},
        {"throttled", FAULT_ANY, NULL, throttled},
        {"slow", FAULT_ANY, NULL, slow},
        {"cut", FAULT_ANY, NULL, cut},
        {"cut_chunked", FAULT_ANY, NULL, cut_chunked},
        {"lost", FAULT_ANY, NULL, lost},
        {"stall", FAULT_ANY, stall, NULL},
        {"held", FAULT_ANY, NULL, held},
        {"content_type", FAULT_ANY, NULL, content_type},
        {"bom", FAULT_ANY, NULL, byte_order_mark},
        {"partial", FAULT_READS, NULL, partial},
};

const FaultKind *fault_kind_at(size_t i) {
        return i < sizeof(KINDS) / sizeof(KINDS[0]) ? &KINDS[i] : NULL;
}

const FaultKind *fault_kind_find(const char *name) {
        const FaultKind *kind;

        for (size_t i = 0; (kind = fault_kind_at(i)); i++) {
                if (strcasecmp(kind->name, name) == 0)
                        return kind;
        }
        return NULL;
}
