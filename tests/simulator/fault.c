/* SPDX-License-Identifier: Apache-2.0 */
/* Faults the service shows now and then, made to order. */
#include "tests/simulator/fault.h"

#include <stdlib.h>
#include <string.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/fault_rule.h"

struct Faults {
        Array rules; /* FaultRule *, in the order they were made */
        int last_id;
};

static Faults *faults_get(World *world) {
        if (!world->faults)
                world->faults = memory_alloc(sizeof(*world->faults));
        return world->faults;
}

/* Making rules. */

int fault_add(World *world, const Written *object) {
        FaultRule *rule = arena_alloc(&world->arena, sizeof(*rule));
        Faults *faults = faults_get(world);

        if (fault_rule_read(&world->arena, object, rule) < 0)
                return -1;
        rule->id = ++faults->last_id;
        array_add(&faults->rules, rule);
        return rule->id;
}

/* "a=1,b=x" as {"a":1,"b":"x"}; values that look like numbers are numbers, but kinds are words. */
static cJSON *object_of_text(const char *text) {
        cJSON *object = cJSON_CreateObject();
        Arena scratch = {0};

        while (*text) {
                size_t length = strcspn(text, ","), n_key = strcspn(text, "=,");
                const char *key = arena_copy_length(&scratch, text, n_key);
                const char *value = n_key < length ? arena_copy_length(&scratch, text + n_key + 1,
                                                                       length - n_key - 1)
                                                   : "";
                char *end;
                double number = strtod(value, &end);

                if (*value && !*end && strcmp(key, "kind") != 0)
                        json_add_number(object, key, number);
                else
                        json_add_text(object, key, value);
                text += length;
                text += *text == ',';
        }
        arena_deinit(&scratch);
        return object;
}

int fault_add_text(World *world, const char *text, char **errorp) {
        Mistakes mistakes = {.source = text};
        cJSON *tree = object_of_text(text);
        Written object = written_root(tree, &mistakes);
        int result = fault_add(world, &object);

        cJSON_Delete(tree);
        *errorp = mistakes.text;
        return result < 0 ? -1 : 0;
}

bool fault_remove(World *world, int id) {
        Faults *faults = faults_get(world);
        size_t n_rules = faults->rules.n_items;

        for (size_t i = n_rules; i-- > 0;) {
                const FaultRule *rule = faults->rules.items[i];

                if (id == 0 || rule->id == id)
                        array_remove(&faults->rules, i);
        }
        if (faults->rules.n_items == n_rules)
                return id == 0;
        world_release(world);
        return true;
}

void fault_print(const World *world, Rows *rows) {
        rows_begin_list(rows, NULL);
        for (size_t i = 0; world->faults && i < world->faults->rules.n_items; i++)
                rows_add(rows, fault_rule_shape(world->faults->rules.items[i]));
        rows_end_list(rows);
}

void fault_print_kinds(Rows *rows) {
        const FaultKind *kind;

        rows_begin_list(rows, NULL);
        for (size_t i = 0; (kind = fault_kind_at(i)); i++)
                rows_add(rows, fault_kind_shape(kind));
        rows_end_list(rows);
}

/* Requests. */

static void note(Response *response, const FaultRule *rule) {
        response->fault = response->fault ? arena_print(&response->arena, "%s, %s", response->fault,
                                                        rule->kind->name)
                                          : rule->kind->name;
}

enum { LATENESS_MS = 1000 };

static bool is_lateness(const FaultRule *rule) {
        return !rule->kind->before && !rule->kind->after;
}

int64_t fault_lateness(World *world, const Request *request, const Route *route) {
        int64_t ms = 0;

        for (size_t i = 0; world->faults && i < world->faults->rules.n_items; i++) {
                FaultRule *rule = world->faults->rules.items[i];

                if (is_lateness(rule) && fault_rule_fits(rule, request, route) && fault_rule_take(rule))
                        ms += rule->ms < 0 ? LATENESS_MS : rule->ms;
        }
        return ms;
}

FaultAction fault_before(World *world, Request *request, const Route *route, Response *response) {
        FaultAction action = FAULT_PASS;

        for (size_t i = 0; world->faults && i < world->faults->rules.n_items; i++) {
                FaultRule *rule = world->faults->rules.items[i];
                FaultAction own = FAULT_PASS;

                rule->is_due = action != FAULT_ANSWERED && !is_lateness(rule) &&
                               fault_rule_fits(rule, request, route) && fault_rule_take(rule);
                if (!rule->is_due)
                        continue;
                note(response, rule);
                if (rule->kind->before)
                        own = rule->kind->before(world, rule, request, response);
                if (own != FAULT_PASS)
                        action = own;
        }
        return action;
}

void fault_after(World *world, Request *request, const Route *route, Response *response) {
        for (size_t i = 0; world->faults && i < world->faults->rules.n_items; i++) {
                FaultRule *rule = world->faults->rules.items[i];

                rule->n_writes += route && route->kind == ROUTE_WRITE;
                if (rule->is_due && rule->kind->after)
                        rule->kind->after(world, rule, request, response);
        }
}

void fault_deinit(World *world) {
        if (!world->faults)
                return;
        array_deinit(&world->faults->rules);
        free(world->faults);
        world->faults = NULL;
}
