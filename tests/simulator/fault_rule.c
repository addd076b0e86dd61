/* SPDX-License-Identifier: Apache-2.0 */
/* A fault rule: which requests show which fault, how often. */
#include "tests/simulator/fault_rule.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/answer.h"
#include "tests/simulator/request_log.h"

/* The members of a rule, each with its place. */

typedef enum MemberType {
        MEMBER_TEXT,
        MEMBER_WHOLE,
        MEMBER_REAL,
} MemberType;

typedef struct MemberRow {
        const char *key;
        MemberType type;
        size_t offset;
        double otherwise; /* of numbers */
        double minimum;
        double maximum;
} MemberRow;

#define MEMBER(field) #field, MEMBER_TEXT, offsetof(FaultRule, field)
#define WHOLE(field) #field, MEMBER_WHOLE, offsetof(FaultRule, field)
#define REAL(field) #field, MEMBER_REAL, offsetof(FaultRule, field)

#define MANY 9007199254740992.0 /* 2^53: JSON numbers are exact up to here */

static const MemberRow MEMBERS[] = {
        {MEMBER(route)},
        {MEMBER(path)},
        {MEMBER(body)},
        {MEMBER(on)},
        {MEMBER(method)},
        {MEMBER(organization)},
        {MEMBER(person)},
        {MEMBER(match)},
        {MEMBER(content_type)},
        {MEMBER(message)},
        {REAL(share), 1, 0, 1},
        {WHOLE(count), MANY, 0, MANY},
        {WHOLE(every), 1, 1, MANY},
        {WHOLE(skip), 0, 0, MANY},
        {WHOLE(after_writes), 0, 0, MANY},
        {REAL(retry_after), -1, 0, 86400},
        {WHOLE(remaining), 0, 0, MANY},
        {REAL(reset), -1, 0, 86400},
        {WHOLE(ms), -1, 0, MANY},
        {WHOLE(bytes), -1, 0, MANY},
        {WHOLE(tiers), -1, 1, 6},
};

enum {
        N_MEMBERS = sizeof(MEMBERS) / sizeof(MEMBERS[0])
};

static void check_keys(const Written *object) {
        const char *keys[N_MEMBERS + 3] = {"kind", "seed"};

        for (size_t i = 0; i < N_MEMBERS; i++)
                keys[i + 2] = MEMBERS[i].key;
        written_check_keys(object, keys);
}

static void read_member(Arena *arena, const Written *object, const MemberRow *row,
                        FaultRule *rule) {
        void *field = (char *)rule + row->offset;
        Written member;
        double number;

        if (row->type == MEMBER_TEXT) {
                *(const char **)field = arena_copy(arena, written_text(object, row->key));
                return;
        }
        number = written_number(object, row->key, row->otherwise);
        if (written_member(object, row->key, &member) &&
            (number < row->minimum || number > row->maximum))
                written_mistake(&member, "is to lie between %g and %g", row->minimum, row->maximum);
        else if (row->type == MEMBER_WHOLE)
                *(int64_t *)field = (int64_t)number;
        else
                *(double *)field = number;
}

static const struct {
        const char *word;
        FaultScope scope;
} SCOPES[] = {
        {"read", FAULT_READS},
        {"list", FAULT_LISTS},
        {"write", FAULT_WRITES},
};

/* FAULT_ANY when the word is none of these. */
static FaultScope scope_of(const char *word) {
        for (size_t i = 0; word && i < sizeof(SCOPES) / sizeof(SCOPES[0]); i++) {
                if (strcmp(SCOPES[i].word, word) == 0)
                        return SCOPES[i].scope;
        }
        return FAULT_ANY;
}

int fault_rule_read(Arena *arena, const Written *object, FaultRule *rule) {
        size_t n_mistakes = object->mistakes->n_mistakes;
        const char *kind;

        *rule = (FaultRule){0};
        if (!written_is_object(object))
                return -1;
        check_keys(object);
        kind = written_need(object, "kind");
        rule->kind = kind ? fault_kind_find(kind) : NULL;
        if (kind && !rule->kind)
                written_mistake_at(object, "kind",
                                   "\"%s\" is no kind of fault; see README.md for those there are",
                                   kind);
        for (size_t i = 0; i < N_MEMBERS; i++)
                read_member(arena, object, &MEMBERS[i], rule);
        if (rule->on && scope_of(rule->on) == FAULT_ANY)
                written_mistake_at(object, "on", "is to be read, list or write");
        rule->random.state = (uint64_t)written_number(object, "seed", 1);
        return object->mistakes->n_mistakes == n_mistakes ? 0 : -1;
}

/* Fitting. */

/* A read whose route does not end in the name of one thing. */
static bool is_list(const Request *request, const Route *route) {
        const char *last = strrchr(route->pattern, '/');

        if (route->kind != ROUTE_READ || request->method == METHOD_POST)
                return false;
        if (last && last[1] == '{')
                return strchr(last, '*') != NULL || strchr(last, '?') != NULL ||
                       strcmp(last, "/{namespace}") == 0 || strcmp(last, "/{subject}") == 0;
        return true;
}

static bool scope_fits(FaultScope scope, const Request *request, const Route *route) {
        switch (scope) {
        case FAULT_ANY:
                return true;
        case FAULT_READS:
                return route && route->kind == ROUTE_READ;
        case FAULT_LISTS:
                return route && is_list(request, route);
        case FAULT_WRITES:
                return route && route->kind == ROUTE_WRITE;
        }
        return false;
}

static bool text_fits(const char *pattern, const char *text) {
        return !pattern || (text && request_log_matches(pattern, text));
}

static bool path_fits(const FaultRule *rule, const Request *request) {
        Arena scratch = {0};
        bool fits = !rule->path || request_log_matches(rule->path, arena_print(&scratch, "%s %s",
                                                                               request->method_name,
                                                                               request->url));

        arena_deinit(&scratch);
        return fits;
}

bool fault_rule_fits(const FaultRule *rule, const Request *request, const Route *route) {
        const Identity *caller = request->caller;

        if (rule->n_writes < rule->after_writes || !scope_fits(rule->kind->scope, request, route) ||
            !scope_fits(scope_of(rule->on), request, route) ||
            !text_fits(rule->route, route ? route->name : NULL) ||
            !text_fits(rule->method, request->method_name) || !text_fits(rule->body, request->body) ||
            !text_fits(rule->organization, request->organization_name))
                return false;
        if (rule->person && (!caller || !(text_fits(rule->person, caller->unique_name) ||
                                          text_fits(rule->person, caller->name))))
                return false;
        return path_fits(rule, request);
}

bool fault_rule_take(FaultRule *rule) {
        bool chosen = true;

        rule->n_fitted++;
        if (rule->share < 1) {
                /* 53 bits, as many as a double holds */
                double number = (double)(random_next(&rule->random) >> 11) / MANY;

                chosen = number < rule->share;
        }
        if (rule->n_fitted <= rule->skip || rule->n_applied >= rule->count)
                return false;
        if ((rule->n_fitted - rule->skip) % rule->every != 0)
                return false;
        rule->n_applied += chosen;
        return chosen;
}

/* Showing. */

static void shape_member(cJSON *tree, const MemberRow *row, const FaultRule *rule) {
        const void *field = (const char *)rule + row->offset;
        double number = row->type == MEMBER_REAL ? *(const double *)field : 0;

        if (row->type == MEMBER_TEXT) {
                if (*(const char *const *)field)
                        json_add_text(tree, row->key, *(const char *const *)field);
                return;
        }
        if (row->type == MEMBER_WHOLE)
                number = (double)*(const int64_t *)field;
        if (number < row->otherwise || number > row->otherwise)
                json_add_number(tree, row->key, number);
}

cJSON *fault_kind_shape(const FaultKind *kind) {
        cJSON *tree = cJSON_CreateObject();

        json_add_text(tree, "kind", kind->name);
        for (size_t i = 0; i < sizeof(SCOPES) / sizeof(SCOPES[0]); i++) {
                if (SCOPES[i].scope == kind->scope)
                        json_add_text(tree, "on", SCOPES[i].word);
        }
        return tree;
}

cJSON *fault_rule_shape(const FaultRule *rule) {
        cJSON *tree = cJSON_CreateObject();

        json_add_number(tree, "id", rule->id);
        json_add_text(tree, "kind", rule->kind->name);
        for (size_t i = 0; i < N_MEMBERS; i++)
                shape_member(tree, &MEMBERS[i], rule);
        json_add_number(tree, "fitted", (double)rule->n_fitted);
        json_add_number(tree, "applied", (double)rule->n_applied);
        return tree;
}
