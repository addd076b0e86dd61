/* SPDX-License-Identifier: Apache-2.0 */
/* Case: charters, organisations and options of the fixtures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "config/charter.h"
#include "tests/unit/live/live.h"
#include "tests/unit/plan/case.h"

PlanSpec case_spec(const Desired *desired, const Organisation *live) {
        return (PlanSpec){.desired = desired,
                          .live = live,
                          .limits = {.changes = 200, .removals_percent = 25, .removals_floor = 3, .people_losing = 25},
                          .mode = MODE_ENFORCE,
                          .may_create = true,
                          .may_administrators = true,
                          .may_organization = true};
}

static Desired *parse(Mem *parent, const char *bytes, size_t n, DiagList *diags) {
        const CharterSpec spec = {0};
        Desired *desired = NULL;

        diag_list_init(diags, parent);
        return charter_parse(parent, bytes, n, "charter.yaml", &spec, diags, &desired) < 0
                       ? NULL
                       : desired;
}

Desired *case_try_charter(Mem *parent, const char *bytes, size_t n) {
        DiagList diags;

        return parse(parent, bytes, n, &diags);
}

Desired *case_charter(Mem *parent, const char *bytes, size_t n) {
        DiagList diags;
        Desired *desired = parse(parent, bytes, n, &diags);
        Text text;

        text_init(&text, parent);
        if (!desired) {
                diag_list_print(&diags, &text);
                fail_msg("%s", text.data);
        }
        return desired;
}

/* --- options
 * --------------------------------------------------------------------------------------------------------
 */

static int64_t number_of(const JsonNode *object, const char *key, int64_t otherwise) {
        int64_t value = otherwise;

        if (json_get(object, key))
                assert_int_equal(json_get_int(object, key, -1, UINT32_MAX, &value), 0);
        return value;
}

static bool truth_of(const JsonNode *object, const char *key, bool otherwise) {
        bool value = otherwise;

        if (json_get(object, key))
                assert_int_equal(json_get_bool(object, key, &value), 0);
        return value;
}

static Kind kind_of(const char *key) {
        Kind kind = kind_by_key(key);

        if (kind == _KIND_N)
                fail_msg("no kind is called `%s`", key);
        return kind;
}

static KnownState state_of(const char *word) {
        static const char *const words[] = {[KNOWN_PRESENT] = "present",
                                            [KNOWN_VANISHED] = "vanished",
                                            [KNOWN_RENAMED] = "renamed"};

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (word && strcmp(words[i], word) == 0)
                        return (KnownState)i;
        fail_msg("no state is called `%s`", word ? word : "");
        return KNOWN_PRESENT;
}

static void take_known(Mem *mem, PlanSpec *spec, const JsonNode *list) {
        KnownThing *known = NULL;
        size_t n = 0;

        json_each(node, list) * mem_push(mem, known, n) = (KnownThing){
                .kind = kind_of(json_get_text(node, "kind")),
                .project = json_get_text(node, "project"),
                .name = json_get_text(node, "name"),
                .id = json_get_text(node, "id"),
                .live_name = json_get_text(node, "live_name"),
                .state = state_of(json_get_text(node, "state")),
                .is_made_by_us = truth_of(node, "made_by_us", false),
        };
        spec->known = known;
        spec->n_known = n;
}

/* The live namespaces are the table in the program but for what is said here. */
static void change_spaces(Mem *mem, Organisation *live, const JsonNode *reserved,
                          const JsonNode *unlisted) {
        PermissionNamespace *items =
                mem_memdup(mem, live->permissions.items,
                           live->permissions.n * sizeof *live->permissions.items);

        json_each(node, reserved) items[kind_namespace(kind_of(json_key(node)))]
                .system_mask |= (uint32_t)number_of(reserved, json_key(node), 0);
        json_each(node, unlisted) items[kind_namespace(kind_of(json_key(node)))]
                .all_bits &= ~(uint32_t)number_of(unlisted, json_key(node), 0);
        live->permissions.items = items;
}

static void take_limits(PlanLimits *limits, const JsonNode *node) {
        limits->changes = number_of(node, "changes", limits->changes);
        limits->removals_percent = number_of(node, "removals_percent", limits->removals_percent);
        limits->removals_floor = number_of(node, "removals_floor", limits->removals_floor);
        limits->people_losing = number_of(node, "people_losing", limits->people_losing);
}

static bool stands_in(const JsonNode *list, const char *name) {
        json_each(node, list) if (name && strcmp(json_value_text(node), name) == 0) return true;
        return false;
}

static int compare_texts(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void release(Mem *mem, PlanSpec *spec, const JsonNode *only) {
        const Plan *plan = plan_new(mem, spec);
        const char **ids = NULL;
        size_t n = 0;

        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].state == STEP_HELD &&
                    (!only || stands_in(only, plan->steps[i].name)))
                        *mem_push(mem, ids, n) = plan->steps[i].id;
        if (plan->shrank && !only)
                *mem_push(mem, ids, n) = plan->shrank_id;
        assert_true(n > 0);
        qsort(ids, n, sizeof *ids, compare_texts);
        spec->released = ids;
        spec->n_released = n;
}

static void hold_before(Mem *mem, PlanSpec *spec, const char *word) {
        const Plan *plan = plan_new(mem, spec);
        HeldBefore *held = NULL;
        size_t n = 0;

        for (size_t i = 0; i < plan->n_steps; i++) {
                HeldBefore *one = mem_push(mem, held, n);

                memcpy(one->id, plan->steps[i].id, sizeof one->id);
                one->brake = strcmp(word, "changes") == 0 ? BRAKE_CHANGES : BRAKE_REMOVALS;
                one->project = plan->steps[i].project_name;
        }
        assert_true(n > 0);
        spec->held_before = held;
        spec->n_held_before = n;
}

static const char *const option_keys[] = {
        "limits",          "may_create",  "may_administrators", "hold_first_pass", "charter_shrank",
        "only_project",    "known",       "reserved",           "unlisted_bits",   "released",
        "released_things", "held_before", "now",
};

static void take_options(Mem *mem, PlanCase *one, const JsonNode *options) {
        PlanSpec *spec = &one->spec;

        json_each(node, options) {
                bool is_known = false;

                for (size_t i = 0; i < sizeof option_keys / sizeof *option_keys; i++)
                        is_known |= strcmp(option_keys[i], json_key(node)) == 0;
                if (!is_known)
                        fail_msg("no option is called `%s`", json_key(node));
        }
        take_limits(&spec->limits, json_get(options, "limits"));
        take_known(mem, spec, json_get(options, "known"));
        change_spaces(mem, one->live, json_get(options, "reserved"),
                      json_get(options, "unlisted_bits"));
        spec->may_create = truth_of(options, "may_create", spec->may_create);
        spec->may_administrators =
                truth_of(options, "may_administrators", spec->may_administrators);
        spec->hold_first_pass = truth_of(options, "hold_first_pass", false);
        if (json_get(options, "now"))
                assert_int_equal(clock_parse(&spec->wall_ms, json_get_text(options, "now")), 0);
        spec->charter_shrank = json_get_text(options, "charter_shrank");
        spec->only_project = json_get_text(options, "only_project");
        if (json_get(options, "held_before"))
                hold_before(mem, spec, json_get_text(options, "held_before"));
        if (truth_of(options, "released", false) || json_get(options, "released_things"))
                release(mem, spec, json_get(options, "released_things"));
}

PlanCase *case_read(Mem *parent, const char *folder) {
        PlanCase *one = mem_new(parent, PlanCase);
        const char *path = mem_printf(one, "%s/options.json", folder);
        const char *reason = NULL;
        JsonNode *options = NULL;
        size_t n = 0;
        char *bytes = live_file(one, mem_printf(one, "%s/charter.yaml", folder), &n);

        one->desired = case_charter(one, bytes, n);
        one->live = live_read(one, mem_printf(one, "%s/live.json", folder));
        if (one->desired->n_groups > 0)
                (void)organisation_add_project(
                        one->live, &(Project){.name = DESIRED_ORGANIZATION, .state = PROJECT_SEALED});
        one->spec = case_spec(one->desired, one->live);
        if (access(path, R_OK) < 0)
                return one;
        bytes = live_file(one, path, &n);
        if (json_parse(one, bytes, n, &options, &reason) < 0)
                fail_msg("%s: %s", path, reason);
        take_options(one, one, options);
        return one;
}
