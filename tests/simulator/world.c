/* SPDX-License-Identifier: Apache-2.0 */
/* The world: every organisation a simulator process serves. */
#include "tests/simulator/world.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/audit.h"
#include "tests/simulator/control.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/entra.h"
#include "tests/simulator/fault.h"

enum {
        TABLE_SLOTS_FIRST = 64,
        MILLISECONDS_PER_SECOND = 1000,
        NANOSECONDS_PER_MILLISECOND = 1000000,
};

/* Hash table. */

typedef struct TableSlot {
        const char *key;
        void *value;
} TableSlot;

struct Table {
        TableSlot *slots;
        size_t n_slots; /* a power of two */
        size_t n_used;
};

Table *table_new(void) {
        Table *table = memory_alloc(sizeof(*table));

        table->n_slots = TABLE_SLOTS_FIRST;
        table->slots = memory_alloc(table->n_slots * sizeof(*table->slots));
        return table;
}

Table *table_free(Table *table) {
        if (table) {
                free(table->slots);
                free(table);
        }
        return NULL;
}

static TableSlot *table_slot(const Table *table, const char *folded) {
        size_t at = text_hash(folded) & (table->n_slots - 1);

        while (table->slots[at].key && strcmp(table->slots[at].key, folded) != 0)
                at = (at + 1) & (table->n_slots - 1);
        return &table->slots[at];
}

void *table_get(const Table *table, const char *key) {
        char buffer[512];
        char *folded = text_fold_into(key, buffer, sizeof(buffer));
        void *value = table_slot(table, folded)->value;

        if (folded != buffer)
                free(folded);
        return value;
}

static void table_grow(Table *table) {
        Table larger = {.n_slots = table->n_slots * 2, .n_used = table->n_used};

        larger.slots = memory_alloc(larger.n_slots * sizeof(*larger.slots));
        for (size_t i = 0; i < table->n_slots; i++) {
                if (table->slots[i].key)
                        *table_slot(&larger, table->slots[i].key) = table->slots[i];
        }
        free(table->slots);
        *table = larger;
}

void table_set(Table *table, Arena *arena, const char *key, void *value) {
        char *folded = text_fold(arena, key);
        TableSlot *slot = table_slot(table, folded);

        if (!slot->key) {
                slot->key = folded;
                table->n_used++;
        }
        slot->value = value;
        if (table->n_used * 2 > table->n_slots)
                table_grow(table);
}

/* Options. */

typedef enum OptionKind {
        OPTION_BOOL,
        OPTION_NUMBER,
} OptionKind;

typedef struct OptionRow {
        const char *key;
        OptionKind kind;
        size_t offset;
        int64_t first;
        int64_t minimum;
} OptionRow;

#define OPTION_FIELD(field) offsetof(Options, field)

static const OptionRow OPTIONS[] = {
        {"team_creation_joins_contributors", OPTION_BOOL, OPTION_FIELD(team_creation_joins_contributors), 1, 0},
        {"team_creator_is_member", OPTION_BOOL, OPTION_FIELD(team_creator_is_member), 1, 0},
        {"valid_zero_ace", OPTION_BOOL, OPTION_FIELD(keep_zero_aces), 1, 0},
        {"acl_tokens_trailing_slash", OPTION_BOOL, OPTION_FIELD(acl_tokens_trailing_slash), 0, 0},
        {"generic_sids", OPTION_BOOL, OPTION_FIELD(generic_sids), 1, 0},
        {"hide_unreadable", OPTION_BOOL, OPTION_FIELD(hide_unreadable), 1, 0},
        {"localized_queries", OPTION_BOOL, OPTION_FIELD(localized_queries), 0, 0},
        {"page_size_projects", OPTION_NUMBER, OPTION_FIELD(page_size_projects), 100, 1},
        {"page_size_teams", OPTION_NUMBER, OPTION_FIELD(page_size_teams), 100, 1},
        {"page_size_graph", OPTION_NUMBER, OPTION_FIELD(page_size_graph), 500, 1},
        {"page_size_definitions", OPTION_NUMBER, OPTION_FIELD(page_size_definitions), 1000, 1},
        {"page_size_members", OPTION_NUMBER, OPTION_FIELD(page_size_members), 100, 1},
        {"late_lists_ms", OPTION_NUMBER, OPTION_FIELD(late_lists_ms), 0, 0},
        {"late_identities_ms", OPTION_NUMBER, OPTION_FIELD(late_identities_ms), 0, 0},
        {"stale_ms", OPTION_NUMBER, OPTION_FIELD(stale_ms), 0, 0},
        {"operation_polls", OPTION_NUMBER, OPTION_FIELD(operation_polls), 2, 0},
        {"operations_fail", OPTION_BOOL, OPTION_FIELD(operations_fail), 0, 0},
        {"late_projects_ms", OPTION_NUMBER, OPTION_FIELD(late_projects_ms), 0, 0},
        {"latency_ms", OPTION_NUMBER, OPTION_FIELD(latency_ms), 0, 0},
        {"max_url", OPTION_NUMBER, OPTION_FIELD(max_url), 8000, 1},
        {"token_life_s", OPTION_NUMBER, OPTION_FIELD(token_life_s), 3600, 1},
        {"auditing", OPTION_BOOL, OPTION_FIELD(auditing), 1, 0},
        {"audit_delay_ms", OPTION_NUMBER, OPTION_FIELD(audit_delay_ms), 1000, 0},
        {"audit_wrapped", OPTION_BOOL, OPTION_FIELD(audit_wrapped), 0, 0},
        {"audit_summary_as_text", OPTION_BOOL, OPTION_FIELD(audit_summary_as_text), 0, 0},
};

enum { N_OPTIONS = sizeof(OPTIONS) / sizeof(OPTIONS[0]) };

static const OptionRow *option_find(const char *key) {
        for (size_t i = 0; i < N_OPTIONS; i++) {
                if (strcmp(OPTIONS[i].key, key) == 0)
                        return &OPTIONS[i];
        }
        return NULL;
}

static void option_store(World *world, const OptionRow *row, int64_t value) {
        char *field = (char *)&world->options + row->offset;

        if (row->kind == OPTION_BOOL)
                *(bool *)field = value != 0;
        else
                *(int64_t *)field = value;
}

static int option_parse_bool(const char *value, int64_t *numberp) {
        static const char *const WORDS[] = {"no", "yes", "false", "true", "0", "1", "off", "on"};

        for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
                if (strcasecmp(WORDS[i], value) == 0) {
                        *numberp = (int64_t)(i & 1);
                        return 0;
                }
        }
        return -1;
}

static int option_parse_number(const char *value, int64_t *numberp) {
        char *end;

        errno = 0;
        *numberp = strtoll(value, &end, 10);
        return errno || end == value || *end ? -1 : 0;
}

int world_set_option(World *world, const char *key, const char *value, const char **errorp) {
        const OptionRow *row = option_find(key);
        int64_t number = 0;
        int result;

        if (!row) {
                *errorp = arena_print(&world->arena, "unknown option \"%s\"", key);
                return -1;
        }
        result = row->kind == OPTION_BOOL ? option_parse_bool(value, &number) : option_parse_number(value, &number);
        if (result < 0 || number < row->minimum) {
                *errorp = arena_print(&world->arena, "option %s: \"%s\" is not %s", key, value,
                                      row->kind == OPTION_BOOL ? "yes or no" : "a number in range");
                return -1;
        }
        option_store(world, row, number);
        return 0;
}

const char *world_option_text(World *world, const char *key) {
        const OptionRow *row = option_find(key);
        const char *field;

        if (!row)
                return NULL;
        field = (const char *)&world->options + row->offset;
        if (row->kind == OPTION_BOOL)
                return *(const bool *)field ? "yes" : "no";
        return arena_print(&world->arena, "%lld", (long long)*(const int64_t *)field);
}

const char *world_option_key(size_t index) {
        return index < N_OPTIONS ? OPTIONS[index].key : NULL;
}

/* The world. */

World *world_new(uint64_t seed_number) {
        World *world = memory_alloc(sizeof(*world));

        pthread_mutex_init(&world->lock, NULL);
        pthread_cond_init(&world->released, NULL);
        world->random.state = seed_number;
        world->noise.state = ~seed_number;
        for (size_t i = 0; i < N_OPTIONS; i++)
                option_store(world, &OPTIONS[i], OPTIONS[i].first);
        world_tick(world);
        return world;
}

void world_release(World *world) {
        world->n_releases++;
        pthread_cond_broadcast(&world->released);
}

World *world_free(World *world) {
        if (!world)
                return NULL;
        for (size_t i = 0; i < world->organizations.n_items; i++)
                organization_free(world->organizations.items[i]);
        array_deinit(&world->organizations);
        fault_deinit(world);
        control_deinit(world);
        entra_deinit(world);
        audit_deinit(world);
        arena_deinit(&world->arena);
        pthread_cond_destroy(&world->released);
        pthread_mutex_destroy(&world->lock);
        free(world);
        return NULL;
}

void world_tick(World *world) {
        struct timespec clock;
        int64_t now;

        clock_gettime(CLOCK_REALTIME, &clock);
        now = (int64_t)clock.tv_sec * MILLISECONDS_PER_SECOND + clock.tv_nsec / NANOSECONDS_PER_MILLISECOND;
        now += world->clock_offset;
        if (now > world->now)
                world->now = now;
}

const char *world_scheme(const World *world) {
        return world->certificate ? "https" : "http";
}

bool world_is_server(const World *world) {
        return world->virtual_directory;
}

static const char *url_at(Arena *arena, const Organization *organization, const char *address, int port) {
        const World *world = organization->world;

        if (!address)
                address = arena_print(arena, "%s://127.0.0.1:%d", world_scheme(world), port);
        if (world_is_server(world))
                address = arena_print(arena, "%s/%s", address, world->virtual_directory);
        return arena_print(arena, "%s/%s", address, organization->name);
}

const char *world_core_url(Arena *arena, const Organization *organization) {
        const World *world = organization->world;

        return url_at(arena, organization, world->address, world->port);
}

const char *world_graph_url(Arena *arena, const Organization *organization) {
        const World *world = organization->world;

        if (world_is_server(world))
                return world_core_url(arena, organization);
        return url_at(arena, organization, world->graph_address, world->graph_port);
}

const char *world_audit_url(Arena *arena, const Organization *organization) {
        const World *world = organization->world;

        return url_at(arena, organization, world->audit_address, world->audit_port);
}

Organization *world_find_organization(World *world, const char *name) {
        for (size_t i = 0; i < world->organizations.n_items; i++) {
                Organization *organization = world->organizations.items[i];

                if (text_same(organization->name, name))
                        return organization;
        }
        return NULL;
}

/* Rows. */

bool row_alive(const Row *row, int64_t as_of) {
        return row->created <= as_of && row->deleted > as_of;
}

const void *row_at(const void *row, int64_t as_of) {
        const Row *version = row;

        if (!version || version->created > as_of)
                return NULL;
        while (version->since > as_of && version->previous)
                version = version->previous;
        return version->deleted > as_of ? version : NULL;
}

void row_init(World *world, void *row) {
        Row *fresh = row;

        *fresh = (Row){.created = world->now, .deleted = ROW_ALIVE, .since = world->now};
}

void row_touch(World *world, void *row, size_t size) {
        Row *current = row;
        void *former = arena_alloc(&world->arena, size);

        memcpy(former, row, size);
        current->previous = former;
        current->since = world->now;
}

void row_delete(World *world, void *row, size_t size) {
        row_touch(world, row, size);
        ((Row *)row)->deleted = world->now;
}
