/* SPDX-License-Identifier: Apache-2.0 */
/* Closing: intents that an ended process left open, told by what is live. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/closing.h"
#include "tests/unit/access/charter.h"
#include "tests/unit/live/live.h"

enum {
        SETTLE_MS = 60 * 1000,
        NOW = 1000 * 1000,
        LONG_AGO = 0,
        JUST_NOW = NOW - 10,
};

static Mem *mem;
static Organisation *live;
static Index project;
static Desired desired;

static int setup(void **state) {
        DesiredProject *charter;

        mem = mem_new(NULL, char);
        live = live_read(mem, FIXTURES "/article/live.json");
        project = organisation_find_project(live, "MLOps");
        charter = charter_project(mem, "MLOps");
        charter_own(mem, charter_team(mem, charter, "Data Science A"), KIND_REPOSITORY, "nowhere");
        desired = (Desired){.organization = live->url, .projects = charter, .n_projects = 1};
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static const char *key_of(const char *name) {
        char text[GUID_TEXT_SIZE];

        return name ? mem_strdup(mem, guid_format(live->identities[live_principal(live, project, name)].storage_key, text))
                    : NULL;
}

typedef struct Row {
        const char *verb, *kind, *name;
        const char *principal, *container;
        int64_t allow_before, allow_after; /* at the repository data-science-a, where Data Science A has 6 */
        Tristate inherit_after;
        int64_t wall;
        const char *result;
} Row;

static const Row rows[] = {
        {"create", "repositories", "data-science-a", .wall = JUST_NOW, .result = "done"},
        {"create", "repositories", "nowhere", .wall = LONG_AGO, .result = "not done"},
        {"create", "repositories", "nowhere", .wall = JUST_NOW, .result = "unknown"},
        {"create", "teams", "Operations", .wall = JUST_NOW, .result = "done"},
        {"create", "project", "MLOps", .wall = JUST_NOW, .result = "done"},
        {"set_entry", .principal = "Data Science A", .allow_before = 0, .allow_after = 6, .wall = JUST_NOW, .result = "done"},
        {"set_entry", .principal = "Data Science A", .allow_before = 6, .allow_after = 2, .wall = LONG_AGO, .result = "not done"},
        {"set_entry", .principal = "Data Science A", .allow_before = 6, .allow_after = 2, .wall = JUST_NOW, .result = "unknown"},
        {"set_entry", .principal = "Data Science A", .allow_before = 4, .allow_after = 2, .wall = LONG_AGO, .result = "unknown"},
        {"remove_entry", .principal = "Readers", .allow_before = 2, .allow_after = 0, .wall = JUST_NOW, .result = "done"},
        {"add_member", .principal = "Operations", .container = "Contributors", .wall = JUST_NOW, .result = "done"},
        {"add_member", .principal = "Data Science A", .container = "Contributors", .wall = LONG_AGO, .result = "not done"},
        {"remove_member", .principal = "Data Science A", .container = "Contributors", .wall = JUST_NOW, .result = "done"},
        {"remove_member", .principal = "Operations", .container = "Contributors", .wall = LONG_AGO, .result = "not done"},
        {"set_inherit", .inherit_after = TRISTATE_TRUE, .wall = JUST_NOW, .result = "done"},
        {"set_inherit", .inherit_after = TRISTATE_FALSE, .wall = LONG_AGO, .result = "not done"},
        {"set_areas", .wall = LONG_AGO, .result = "unknown"},
};

static OpenIntent intent_of(const Row *row) {
        char id[GUID_TEXT_SIZE];
        uint8_t space;
        bool has_token = strcmp(row->verb, "set_entry") == 0 || strcmp(row->verb, "remove_entry") == 0 ||
                         strcmp(row->verb, "set_inherit") == 0;

        return (OpenIntent){
                .change_id = "change",
                .pass = "pass",
                .verb = row->verb,
                .project = "MLOps",
                .kind = row->kind,
                .name = row->name,
                .token = has_token ? live_token(mem, live, project, "repositories/data-science-a", &space) : NULL,
                .namespace = has_token
                                     ? mem_strdup(mem, guid_format(live->permissions.items[NAMESPACE_GIT].id, id))
                                     : NULL,
                .storage_key = key_of(row->principal),
                .container_key = key_of(row->container),
                .allow_before = has_token ? row->allow_before : -1,
                .deny_before = has_token ? 0 : -1,
                .allow_after = has_token ? row->allow_after : -1,
                .deny_after = has_token ? 0 : -1,
                .inherit_after = row->inherit_after,
                .wall = row->wall,
        };
}

static size_t settle(EngineHistory *history, Text *text) {
        text_init(text, mem);
        return closing_settle(&(ClosingSpec){.desired = &desired, .live = live, .wall = NOW, .settle_ms = SETTLE_MS},
                              history, text);
}

static void test_rows(void **state) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                OpenIntent intent = intent_of(&rows[i]);
                EngineHistory history = {.intents = &intent, .n_intents = 1};
                Text text;

                assert_int_equal(settle(&history, &text), 1);
                assert_int_equal(history.n_intents, 0);
                if (!strstr(text.data, mem_printf(mem, "\"result\": \"%s\"", rows[i].result)))
                        fail_msg("row %zu, %s: not `%s` but %s", i, rows[i].verb, rows[i].result, text.data);
        }
}

/* A project that could not be read whole tells nothing: the intent stays open. */
static void test_an_unread_project_leaves_it_open(void **state) {
        OpenIntent intent = intent_of(&rows[0]);
        EngineHistory history = {.intents = &intent, .n_intents = 1};
        Text text;

        live->projects[project].state = PROJECT_FAILED;
        assert_int_equal(settle(&history, &text), 0);
        assert_int_equal(history.n_intents, 1);
        assert_string_equal(text.data, "");
}

/* Nor does a pass of another project, which looks for this one in no other way than by a list. */
static void test_another_project_leaves_it_open(void **state) {
        OpenIntent intents[] = {intent_of(&rows[0]), {.change_id = "c", .verb = "create", .project = "MLOps", .kind = "project"}};
        EngineHistory history = {.intents = intents, .n_intents = 2};
        ClosingSpec spec = {
                .desired = &desired, .live = organisation_new(mem, live->url), .wall = NOW, .settle_ms = SETTLE_MS};
        Text text;

        text_init(&text, mem);
        spec.only_project = "Another";
        assert_int_equal(closing_settle(&spec, &history, &text), 0);
        assert_int_equal(history.n_intents, 2);
        spec.only_project = "MLOps";
        assert_int_equal(closing_settle(&spec, &history, &text), 2);
}

/* What the ended process made is known as made by charterd, once it is seen. */
static const struct {
        const char *verb, *kind, *name; /* of an intent; without a verb, of a creation whose outcome is `done` */
        KnownEvent before;
        bool was_known;
        bool is_made;  /* by charterd, afterwards */
        size_t n_left; /* of creations whose outcome is `done` */
} MADE[] = {
        {"create", "teams", "Data Science A", .is_made = true},
        {"create", "teams", "Data Science A", KNOWN_SEEN, .was_known = true, .is_made = true},
        {"add_member", "teams", "Data Science A", .is_made = false},
        {"create", "teams", "Nobody"},
        {NULL, "teams", "Data Science A", .is_made = true},
        {NULL, "teams", "Data Science A", KNOWN_WRITTEN, .was_known = true, .is_made = true},
        {NULL, "project", "MLOps", .is_made = true},
        {NULL, "repositories", "nowhere", .n_left = 1},
        {NULL, "no_such_kind", "Data Science A"},
        {NULL, "teams", "Data Science B"}, /* there, and not of the charter any more */
};

static void test_made(void **state) {
        for (size_t i = 0; i < sizeof MADE / sizeof *MADE; i++) {
                Kind kind = kind_by_key(MADE[i].kind);
                KnownKey key = {live->url, kind, kind == KIND_PROJECT ? "" : "MLOps", MADE[i].name};
                OpenIntent intent = {
                        .verb = MADE[i].verb, .project = "MLOps", .kind = MADE[i].kind, .name = MADE[i].name, .wall = 7};
                MadeBefore made = {"MLOps", kind, MADE[i].name, /* wall= */ 7};
                EngineHistory history = {.intents = &intent, .n_intents = MADE[i].verb != NULL,
                                         .made = &made, .n_made = MADE[i].verb == NULL};
                ClosingSpec spec = {.desired = &desired, .live = live, .wall = NOW, .settle_ms = SETTLE_MS};
                Known *known = known_new(mem);
                const KnownEntry *entry;

                if (MADE[i].was_known)
                        known_note(known, &key, "id", MADE[i].before, /* wall= */ 3);
                closing_note_made(&spec, &history, known);
                entry = kind == _KIND_N ? NULL : known_find(known, &key);
                if ((entry && entry->written_at > 0) != MADE[i].is_made || history.n_made != MADE[i].n_left)
                        fail_msg("row %zu: written at %d, %zu left", i, entry ? (int)entry->written_at : -1,
                                 history.n_made);
                assert_false(closing_note_made(&spec, &history, known)); /* known.json is written once */
        }
}

#define test_of(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                test_of(test_rows),
                test_of(test_made),
                test_of(test_an_unread_project_leaves_it_open),
                test_of(test_another_project_leaves_it_open),
        };

        return cmocka_run_group_tests_name("closing", tests, NULL, NULL);
}
