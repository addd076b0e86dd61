/* SPDX-License-Identifier: Apache-2.0 */
/* Undo: what every fixture's plan does is taken back step by step, and the organisation is what it was, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/text.h"
#include "tests/unit/access/golden.h"
#include "tests/unit/live/live.h"
#include "tests/unit/plan/apply.h"
#include "tests/unit/plan/case.h"

#define UNDONE "0123456789abcdef-1-0"

typedef struct Done {
        UndoRecord *items;
        size_t n;
        size_t n_creations; /* which are not undone */
} Done;

/* --- bits ----------------------------------------------------------------------------------------------------------------- */

static const struct {
        const char *what;
        UndoMasks before, after, live, wanted;
        uint32_t never;
} rows[] = {
        {"an entry that went is there again", {6, 1}, {0, 0}, {0, 0}, {6, 1}, 0},
        {"an entry that was given goes", {0, 0}, {6, 1}, {6, 1}, {0, 0}, 0},
        {"what was added since stays", {6, 0}, {0, 0}, {8, 16}, {14, 16}, 0},
        {"what was taken since stays taken", {0, 0}, {6, 0}, {2, 0}, {0, 0}, 0},
        {"what was denied since stays denied", {6, 0}, {0, 0}, {0, 2}, {4, 2}, 0},
        {"what was given again is not given twice", {6, 0}, {0, 0}, {6, 0}, {6, 0}, 0},
        {"a Deny that became an Allow is a Deny again", {0, 4}, {4, 0}, {4, 0}, {0, 4}, 0},
        {"a reserved bit is never written", {6, 0}, {0, 0}, {0, 0}, {2, 0}, 4},
        {"what the change did not turn is not looked at", {6, 1}, {4, 1}, {12, 0}, {14, 0}, 0},
};

static void test_masks(void **state) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                UndoMasks got = undo_masks(rows[i].before, rows[i].after, rows[i].live, rows[i].never);

                if (got.allow != rows[i].wanted.allow || got.deny != rows[i].wanted.deny)
                        fail_msg("%s: %u %u", rows[i].what, got.allow, got.deny);
        }
}

/* --- all fixtures --------------------------------------------------------------------------------------------------------- */

static Guid key_of(const Organisation *live, Index identity) {
        return identity == INDEX_NONE ? (Guid){0} : live->identities[identity].storage_key;
}

static UndoAreas areas_before(Mem *mem, const Organisation *live, Index team) {
        const TeamAreas *areas = organisation_find_team_areas(live, team);
        TeamArea *items = NULL;
        size_t n = 0;

        for (int is_rest = 0; areas && is_rest < 2; is_rest++)
                for (size_t i = 0; i < areas->n_areas; i++)
                        if ((areas->default_path && text_equal(areas->areas[i].path, areas->default_path)) == !is_rest)
                                *mem_push(mem, items, n) = areas->areas[i];
        return (UndoAreas){items, n};
}

/* What the ledger would tell of the step. */
static UndoRecord record_of(Mem *mem, const Organisation *live, const Step *step) {
        return (UndoRecord){
                .change_id = UNDONE,
                .organization = live->url,
                .verb = step->verb,
                .project = mem_strdup(mem, step->project_name),
                .kind = step->kind,
                .name = mem_strdup(mem, step->name),
                .principal = mem_strdup(mem, step->principal.display),
                .container = mem_strdup(mem, step->container.display),
                .principal_key = key_of(live, step->principal.identity),
                .container_key = key_of(live, step->container.identity),
                .space = step->space,
                .token = mem_strdup(mem, step->token),
                .before = {step->allow_before, step->deny_before},
                .after = {step->allow_after, step->deny_after},
                .inherit_before = step->inherit_before,
                .has_areas = step->verb == STEP_SET_AREAS,
                .areas_before = areas_before(mem, live, step->verb == STEP_SET_AREAS ? step->entity : INDEX_NONE),
                .areas_after = {step->areas, step->n_areas},
                .has_pipelines = step->verb == STEP_SET_PIPELINES,
                .is_opening = step->rank == RANK_GIVE,
                .all_pipelines = step->all_pipelines,
                .pipelines = step->pipelines,
                .n_pipelines = step->n_pipelines,
        };
}

/* One step after the other is carried out, each with its record. */
static void carry_out(Mem *mem, PlanCase *one, Done *done) {
        PlanSpec spec = one->spec;

        for (bool is_moving = true; is_moving;) {
                const Plan *plan = plan_new(mem, &spec);

                is_moving = false;
                for (size_t i = 0; i < plan->n_steps; i++) {
                        Step *step = &plan->steps[i];
                        UndoRecord record = record_of(mem, one->live, step);
                        Plan alone = *plan;

                        alone.steps = step;
                        alone.n_steps = 1;
                        if (apply_plan(one->live, &alone, &spec, mem, APPLY_HELD_TOO) == 0)
                                continue;
                        is_moving = true;
                        if (step->verb == STEP_CREATE)
                                done->n_creations++;
                        else
                                *mem_push(mem, done->items, done->n) = record;
                }
        }
}

/* Entries with something in them, memberships, lists of areas: whatever of an organisation is not a thing. */
static void put_organisation(const Organisation *live, Text *text) {
        for (size_t i = 0; i < live->n_acl_order; i++) {
                const AccessControlList *list = &live->acls[live->acl_order[i]];

                if (!list->inherit)
                        text_appendf(text, "%d %s inherits nothing\n", list->namespace, list->token);
                for (size_t k = 0; k < list->n_entries; k++)
                        if (list->entries[k].allow || list->entries[k].deny)
                                text_appendf(text, "%d %s %u %u %u\n", list->namespace, list->token,
                                             list->entries[k].identity, list->entries[k].allow, list->entries[k].deny);
        }
        for (size_t i = 0; i < live->n_memberships; i++)
                text_appendf(text, "%u in %u\n", live->memberships[i].member, live->memberships[i].container);
}

static void put_areas(const Organisation *live, Text *text) {
        for (size_t i = 0; i < live->n_team_areas; i++) {
                const TeamAreas *areas = &live->team_areas[i];

                text_appendf(text, "team %u, %s:", areas->team, areas->default_path ? areas->default_path : "none");
                for (size_t k = 0; k < live->n_entities; k++)
                        for (size_t m = 0; m < areas->n_areas; m++)
                                if (live->entities[k].kind == KIND_AREA && text_equal(live->entities[k].name, areas->areas[m].path))
                                        text_appendf(text, " %s %d", areas->areas[m].path, areas->areas[m].include_children);
                text_append(text, "\n");
        }
        for (size_t i = 0; i < live->n_pipeline_users; i++) {
                const PipelineUsers *users = &live->pipeline_users[i];

                text_appendf(text, "thing %u, all %d:", users->entity, users->all);
                for (size_t k = 0; k < users->n_ids; k++)
                        text_appendf(text, " %u", users->ids[k]);
                text_append(text, "\n");
        }
}

/* A team that had no area keeps one: the service takes none without. */
static bool may_be_refused(const UndoRecord *record) {
        return record->verb == STEP_SET_AREAS && record->areas_before.n == 0;
}

static void fail_with(const Plan *plan, const char *folder, const char *what) {
        Text text;

        text_init(&text, NULL);
        plan_print_text(plan, PRINT_PLAIN, &text);
        fail_msg("%s: %s\n%s", folder, what, text.data);
}

/* Each has steps of its own kind alone, which name what they take back; what held them back before is no matter. */
static void undo(Mem *mem, const char *folder, PlanCase *one, const UndoRecord *record) {
        PlanSpec spec = one->spec;
        const Plan *plan;

        spec.undo = record;
        spec.only_project = record->project;
        spec.charter_shrank = NULL;
        plan = plan_new(mem, &spec);
        if (may_be_refused(record) && plan->projects[0].state == PLAN_FAILED) {
                assert_non_null(strstr(plan->projects[0].error, "without any area"));
                return;
        }
        if (plan->projects[0].state == PLAN_FAILED || plan->n_steps == 0)
                fail_with(plan, folder, "is not undone");
        for (size_t i = 0; i < plan->n_steps; i++) {
                assert_string_equal(plan->steps[i].undoes, UNDONE);
                assert_false(step_is_repair(&plan->steps[i]));
                assert_int_equal(plan->steps[i].why.line, 0);
        }
        if (apply_plan(one->live, plan, &spec, mem, APPLY_HELD_TOO) != plan->n_steps)
                fail_with(plan, folder, "waits");
        /* What is undone once is not undone twice. */
        plan = plan_new(mem, &spec);
        assert_int_equal(plan->n_steps, 0);
        assert_int_equal(plan_exit_code(plan, PLAN_STRICT), 0);
}

static void put_live(const Organisation *live, Text *text) {
        put_organisation(live, text);
        put_areas(live, text);
}

static void run_case(const char *folder, size_t *n_undone) {
        Mem *mem = mem_alloc_zero(NULL, 1, "case");
        PlanCase *one = case_read(mem, folder);
        Done done = {0};
        Text before, after;

        text_init(&before, mem);
        text_init(&after, mem);
        organisation_seal(one->live);
        put_live(one->live, &before);
        carry_out(mem, one, &done);
        for (size_t i = done.n; i-- > 0;)
                undo(mem, folder, one, &done.items[i]);
        put_live(one->live, &after);
        /* What was made is there, and so is what the service gave for it. */
        if (done.n_creations == 0 && strcmp(before.data, after.data) != 0)
                fail_msg("%s: before:\n%s\nafter:\n%s", folder, before.data, after.data);
        *n_undone += done.n;
        mem_free(mem);
}

static void test_cases(void **state) {
        Mem *mem = mem_alloc_zero(NULL, 1, "cases");
        size_t n = 0, n_undone = 0;
        const char **folders = golden_list(mem, "charter.yaml", &n);

        for (size_t i = 0; i < n; i++)
                run_case(folders[i], &n_undone);
        assert_true(n_undone > n);
        mem_free(mem);
}

/* --- what is refused, or waits -------------------------------------------------------------------------------------------- */

typedef struct Scene {
        Mem *mem;
        PlanCase *one;
        Done done;
        PlanSpec spec;
} Scene;

/* All of a fixture's plan is done; what is undone is its first step of that verb. */
static UndoRecord *scene_init(Scene *scene, const char *fixture, StepVerb verb) {
        Mem *mem = mem_alloc_zero(NULL, 1, "scene");

        *scene = (Scene){.mem = mem, .one = case_read(mem, mem_printf(mem, FIXTURES "/%s", fixture))};
        carry_out(mem, scene->one, &scene->done);
        scene->spec = scene->one->spec;
        for (size_t i = 0; i < scene->done.n; i++)
                if (scene->done.items[i].verb == verb) {
                        scene->spec.undo = &scene->done.items[i];
                        scene->spec.only_project = scene->done.items[i].project;
                        return &scene->done.items[i];
                }
        fail_msg("%s has no such step", fixture);
        return NULL;
}

static void assert_refused(const Scene *scene, const char *why) {
        const Plan *plan = plan_new(scene->mem, &scene->spec);

        assert_int_equal(plan->n_steps, 0);
        assert_int_equal(plan->projects[0].state, PLAN_FAILED);
        assert_int_equal(plan_exit_code(plan, PLAN_LENIENT), 1);
        if (!strstr(plan->projects[0].error, why))
                fail_msg("%s", plan->projects[0].error);
}

static void set_live_entry(const Scene *scene, const UndoRecord *record, uint32_t allow) {
        Organisation *live = scene->one->live;
        Index row = organisation_find_acl(live, (uint8_t)record->space, record->token);
        AccessControlList list = live->acls[row];
        AccessControlEntry *entries = mem_new_array(scene->mem, AccessControlEntry, list.n_entries + 1);
        size_t n = 0;
        Index who = organisation_find_identity(live, record->principal_key);

        for (size_t i = 0; i < list.n_entries; i++)
                if (list.entries[i].identity != who)
                        entries[n++] = list.entries[i];
        entries[n++] = (AccessControlEntry){who, allow, 0};
        list.entries = entries;
        list.n_entries = n;
        organisation_set_acl(live, &list);
        organisation_seal(live);
}

/* Whether it was done is not known: only what is live to the bit as it was to be left is undone. */
static void test_uncertain(void **state) {
        Scene scene;
        UndoRecord *record = scene_init(&scene, "unlisted-grants-remove", STEP_REMOVE_ENTRY);

        record->end = UNDO_UNCERTAIN;
        assert_int_equal(plan_new(scene.mem, &scene.spec)->n_steps, 1);
        set_live_entry(&scene, record, record->before.allow);
        assert_refused(&scene, "was never confirmed");
        set_live_entry(&scene, record, 1u << 14);
        assert_refused(&scene, "was never confirmed");
        record->end = UNDO_DONE;
        assert_int_equal(plan_new(scene.mem, &scene.spec)->n_steps, 1);
        mem_free(scene.mem);
}

static void test_gone(void **state) {
        Scene scene;
        UndoRecord *record = scene_init(&scene, "unlisted-grants-remove", STEP_REMOVE_ENTRY);
        Guid key = record->principal_key;

        record->principal_key = live_guid("somebody who is not there");
        assert_refused(&scene, "charterd brings nobody back");
        record->principal_key = (Guid){0};
        assert_refused(&scene, "charterd brings nobody back");
        record->principal_key = key;
        record->token = mem_printf(scene.mem, "%s0", record->token);
        assert_refused(&scene, "is not there any more");
        record->token = NULL;
        assert_refused(&scene, "does not say where it was");
        mem_free(scene.mem);
}

/* What older ledgers do not have. */
static void test_unrecorded(void **state) {
        Scene scene;
        UndoRecord *record = scene_init(&scene, "unlisted-areas-remove", STEP_SET_AREAS);

        record->has_areas = false;
        assert_refused(&scene, "does not say what was there before");
        record->has_areas = true;
        record->areas_before.n = 0;
        assert_refused(&scene, "without any area");
        mem_free(scene.mem);
}

/* Being in an administrators' group is given only where the settings let it be; leaving one always. */
static void test_may(void **state) {
        Scene scene;
        UndoRecord *record = scene_init(&scene, "brake-last-administrator", STEP_REMOVE_MEMBER);
        const Plan *plan;

        scene.spec.may_administrators = false;
        plan = plan_new(scene.mem, &scene.spec);
        assert_int_equal(plan->n_steps, 1);
        assert_int_equal(plan->steps[0].verb, STEP_ADD_MEMBER);
        assert_int_equal(plan->steps[0].state, STEP_WAITING);
        assert_non_null(strstr(plan->steps[0].waits_for, "administrators: true"));
        scene.spec.may_administrators = true;
        plan = plan_new(scene.mem, &scene.spec);
        assert_int_equal(plan->steps[0].state, STEP_PENDING);
        assert_int_equal(apply_plan(scene.one->live, plan, &scene.spec, scene.mem, APPLY_HELD_TOO), 1);
        /* The undo of the undo takes the last one out. */
        record->verb = STEP_ADD_MEMBER;
        scene.spec.may_administrators = false;
        plan = plan_new(scene.mem, &scene.spec);
        assert_int_equal(plan->steps[0].verb, STEP_REMOVE_MEMBER);
        assert_int_not_equal(plan->steps[0].state, STEP_WAITING);
        mem_free(scene.mem);
}

static const Finding *find_redo(const Scene *scene) {
        Plan *undo = plan_new(scene->mem, &scene->spec);
        PlanSpec charter = scene->one->spec;
        const Finding *found = NULL;

        undo_fold(undo, scene->one->live);
        undo_foresee(undo, plan_new(scene->mem, &charter));
        for (size_t i = 0; i < undo->n_findings; i++)
                if (strcmp(undo->findings[i].kind, "redo") == 0)
                        found = &undo->findings[i];
        return found;
}

/* The line that takes it again is named; where nothing is written nothing is redone. */
static void test_foreseen(void **state) {
        Scene scene;
        const Finding *redo;

        (void)scene_init(&scene, "unlisted-grants-remove", STEP_REMOVE_ENTRY);
        redo = find_redo(&scene);
        assert_non_null(redo);
        assert_non_null(strstr(redo->message, "at the next pass: charter.yaml:8, not in the charter;"));
        mem_free(scene.mem);
        (void)scene_init(&scene, "unlisted-grants-remove", STEP_REMOVE_ENTRY);
        scene.spec.mode = MODE_OBSERVE;
        assert_null(find_redo(&scene));
        mem_free(scene.mem);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_masks),
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_uncertain),
                cmocka_unit_test(test_gone),
                cmocka_unit_test(test_unrecorded),
                cmocka_unit_test(test_may),
                cmocka_unit_test(test_foreseen),
        };

        return cmocka_run_group_tests_name("undo", tests, NULL, NULL);
}
