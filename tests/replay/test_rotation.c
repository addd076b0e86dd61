/* SPDX-License-Identifier: Apache-2.0 */
/* Rotation: an organisation of many projects kept with a small budget of requests, hours in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/log.h"
#include "common/base/text.h"
#include "config/charter.h"
#include "daemon/engine/engine.h"
#include "tests/replay/simulator.h"

enum {
        ANSWER_MS = 40,
        N_PROJECTS = 20,
        N_TEAMS = 2,
        BUDGET = 200,
        N_SOME = 8, /* where less shows as much */
        BUDGET_SOME = 90,
        TURN_REQUESTS_MAX = 20 + 10 + 7 + 2 + N_TEAMS, /* product.md, Cost; seven namespaces are governed */
        INTERVAL_MS = 5 * 60 * 1000,
        AREAS_KEEP_MS = 60 * 60 * 1000,
        SETTLE_MS = 1000,
        MINUTE_MS = 60 * 1000,
        LONG_MS = 6 * 60 * MINUTE_MS,
};

typedef struct Fixture {
        Mem *mem;
        Simulator *simulator;
        ScriptPort *script;
        Engine *engine;
        Known *known;
        EngineHistory history;
        size_t n_projects, n_teams;
        int64_t budget;
        bool holds_first_pass;
        bool is_done;
} Fixture;

static Fixture it;

/* --- an organisation and its charter -------------------------------------------------------------------------------- */

static char *charter_of(Mem *mem) {
        Text text;

        text_init(&text, mem);
        text_appendf(&text,
                     "charter: 1\norganization: %s\ndefaults: { unlisted_grants: remove }\nkits:\n  data-science:\n"
                     "    member_of: []\n    owns:\n      areas: [\"{team}\"]\n      repositories: [\"{team:slug}\"]\n"
                     "      pipeline_folders: [\"{team}\"]\n    grants:\n"
                     "      - { at: project, allow: [View project-level information] }\n"
                     "      - { at: own, same_as: Contributors }\n    confined: true\nprojects:\n",
                     simulator_url(it.simulator));
        for (size_t i = 1; i <= it.n_projects; i++) {
                if (it.n_projects > 1)
                        text_appendf(&text, "  Project %zu:\n    teams:\n", i);
                else
                        text_append(&text, "  Project:\n    teams:\n");
                for (size_t k = 1; k <= it.n_teams; k++)
                        text_appendf(&text, "      Team %04zu: { kit: data-science }\n", k);
        }
        return text.data;
}

static Desired *desired_of(Mem *mem) {
        MaySettings may = {.all_projects = true, .create = true};
        CharterSpec spec = {.organization = simulator_url(it.simulator), .may = &may};
        char *text = charter_of(mem);
        Desired *desired = NULL;
        DiagList diags;

        diag_list_init(&diags, mem);
        if (charter_parse(mem, text, strlen(text), "charter.yaml", &spec, &diags, &desired) < 0)
                fail_msg("%s", diags.items[0].message);
        return desired;
}

/* --- the engine as the daemon drives it ----------------------------------------------------------------------------- */

static void on_base(void *context, Base base, const char *url) {
        simulator_set_base(it.simulator, base, url);
}

static void on_known(void *context) {
}

static void start_engine(void) {
        it.engine = engine_new(it.mem, &(EngineSpec){
                                               .port = script_port(it.script),
                                               .url = simulator_url(it.simulator),
                                               .mode = MODE_ENFORCE,
                                               .limits = {.changes = -1, .removals_percent = -1, .removals_floor = -1, .people_losing = -1},
                                               .may_create = true,
                                               .holds_first_pass = it.holds_first_pass,
                                               .requests_in_flight = 8,
                                               .requests_per_5_minutes = it.budget,
                                               .settle_ms = SETTLE_MS,
                                               .areas_keep_ms = AREAS_KEEP_MS,
                                               .known = it.known,
                                               .history = it.history,
                                               .on_base = on_base,
                                               .on_known = on_known,
                                       });
        engine_set_charter(it.engine, desired_of(it.engine));
}

static void setup(size_t n_projects, size_t n_teams, int64_t budget) {
        it = (Fixture){.mem = mem_new(NULL, char), .n_projects = n_projects, .n_teams = n_teams, .budget = budget};
        it.history.charter_teams = -1;
        it.simulator = simulator_start(
                it.mem, mem_printf(it.mem, "name=contoso,projects=%zu,teams=%zu,definitions=0", n_projects, n_teams));
        it.script = script_port_new(it.mem);
        simulator_serve(it.simulator, it.script, ANSWER_MS);
        it.known = known_new(it.mem);
        start_engine();
}

static int teardown(void **state) {
        mem_free(it.engine);
        mem_free(it.mem);
        return 0;
}

static void on_done(void *context, Engine *engine) {
        it.is_done = true;
}

static bool is_done(void *context) {
        return it.is_done;
}

static void order(const EngineOrder *spec) {
        EngineOrder own = *spec;

        own.on_done = on_done;
        it.is_done = false;
        engine_order(it.engine, &own);
        assert_true(script_run(it.script, LONG_MS, is_done, NULL));
        assert_true(it.is_done);
}

/* One turn, when the budget has room. */
static void turn(EngineTurns turns) {
        int64_t delay;

        while ((delay = engine_turn_delay(it.engine)) > 0)
                script_pass(it.script, delay);
        order(&(EngineOrder){
                .purpose = PASS_APPLY, .turns = turns, .until_in_sync = true, .reason = "interval"});
}

/* A cycle from its first turn to its last; how many. */
static size_t cycle(void) {
        size_t n = 1;

        turn(ENGINE_TURN_FIRST);
        for (; engine_has_turns_left(it.engine); n++)
                turn(ENGINE_TURN_NEXT);
        return n;
}

/* --- what is looked at ---------------------------------------------------------------------------------------------- */

static void check_budget(void) {
        const SimulatorAsked *asked;
        int64_t *times = NULL;
        size_t n, n_times = 0;

        asked = simulator_asked(it.simulator, &n);
        for (size_t i = 0; i < n; i++)
                if (asked[i].is_survey)
                        *mem_push(it.mem, times, n_times) = asked[i].at;
        for (size_t i = (size_t)it.budget; i < n_times; i++)
                if (times[i] - times[i - (size_t)it.budget] < THROTTLE_WINDOW_MS)
                        fail_msg("more than %d requests of surveys in five minutes, at %lld ms", (int)it.budget,
                                 (long long)times[i]);
}

static size_t count_requests(bool is_write) {
        const SimulatorAsked *asked;
        size_t n, count = 0;

        asked = simulator_asked(it.simulator, &n);
        for (size_t i = 0; i < n; i++)
                count += is_write ? asked[i].is_write : asked[i].is_survey;
        return count;
}

static size_t count_projects(PlanState state) {
        const Plan *plan = engine_plan(it.engine);
        size_t n = 0;

        for (size_t i = 0; i < plan->n_projects; i++)
                n += plan->projects[i].state == state;
        return n;
}

/* Records of the ledger that have both texts. */
static size_t count_records(const char *one, const char *other) {
        size_t n, count = 0;
        const ScriptEvent *events = script_events(it.script, &n);

        for (size_t i = 0; i < n; i++) {
                char *lines, *save = NULL;

                if (events[i].kind != SCRIPT_RECORDED)
                        continue;
                lines = mem_strdup(it.mem, events[i].text);
                for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
                        count += strstr(line, one) && strstr(line, other);
        }
        return count;
}

static char *project_text(size_t number) {
        return mem_printf(it.mem, "\"project\": \"Project %zu\"", number);
}

/* A change by hand, members of its object. */
static void hand(const char *change) {
        char *body = mem_printf(it.mem, "{\"organization\":\"contoso\",\"force\":true,%s}", change);

        assert_true(simulator_control(it.simulator, "POST", "hand", body) < 300);
}

static void grant(const char *principal, size_t project) {
        hand(mem_printf(it.mem,
                        "\"op\":\"grant\",\"principal\":\"%s\",\"project\":\"Project %zu\",\"kind\":\"repository\","
                        "\"name\":\"team-0001\",\"allow\":[\"Read\"]",
                        principal, project));
}

/* Somebody gives a person the right to read a team's repository. */
static void drift(size_t project) {
        grant("user00001@contoso.com", project);
}

static void expect_order(void) {
        if (engine_error(it.engine))
                fail_msg("%s", engine_error(it.engine));
        assert_int_equal(count_projects(PLAN_IN_SYNC), it.n_projects);
        assert_int_equal(engine_exit_code(it.engine, PLAN_STRICT), 0);
}

/* --- tests ---------------------------------------------------------------------------------------------------------- */

/* What a survey of all takes is known after the first; nothing is asked beyond the bound of one project. */
static void test_all_come_to_order(void **state) {
        size_t n_before;

        setup(N_PROJECTS, N_TEAMS, BUDGET);
        turn(ENGINE_TURN_FIRST);
        assert_int_equal(count_projects(PLAN_UNREAD), N_PROJECTS - 1);
        assert_int_equal(engine_exit_code(it.engine, PLAN_LENIENT), 1);
        assert_true(engine_has_turns_left(it.engine));
        assert_int_equal(engine_counts(it.engine)->last_survey, 0);
        for (size_t i = 1; i < N_PROJECTS; i++) {
                EngineBudget budget = engine_budget(it.engine);

                assert_true(budget.is_rotating);
                assert_int_equal(budget.n_due, N_PROJECTS - i);
                assert_non_null(budget.next_project);
                n_before = count_requests(/* is_write= */ false);
                turn(ENGINE_TURN_NEXT);
                assert_true(count_requests(false) - n_before <= 2 * TURN_REQUESTS_MAX);
                assert_int_equal(count_projects(PLAN_UNREAD), N_PROJECTS - 1 - i);
        }
        assert_false(engine_has_turns_left(it.engine));
        expect_order();
        assert_true(engine_counts(it.engine)->last_survey > 0);
        n_before = count_requests(false);
        assert_int_equal(cycle(), N_PROJECTS);
        assert_true(count_requests(false) - n_before <= N_PROJECTS * TURN_REQUESTS_MAX);
        expect_order();
        check_budget();
}

/* In the next turn of each; and nothing is done by another's turn. */
static void test_drift_is_found_in_its_turn(void **state) {
        size_t n_passes;

        setup(N_PROJECTS, N_TEAMS, BUDGET);
        cycle();
        expect_order();
        for (size_t i = 1; i <= N_PROJECTS; i++)
                drift(i);
        n_passes = count_records("\"record\": \"pass\"", "");
        assert_int_equal(cycle(), N_PROJECTS);
        expect_order();
        for (size_t i = 1; i <= N_PROJECTS; i++)
                assert_int_equal(count_records("\"verb\": \"remove_entry\"", project_text(i)), 1);
        /* One that repairs, and one that finds nothing more to do. */
        assert_int_equal(count_records("\"record\": \"pass\"", "") - n_passes, 2 * N_PROJECTS);
        assert_int_equal(engine_counts(it.engine)->n_drift_repaired, N_PROJECTS);
        check_budget();
}

static void run_all(const EngineOrder *spec) {
        order(spec);
        assert_false(engine_has_turns_left(it.engine));
        check_budget();
}

/* `plan` and `apply` wait for the budget themselves, and tell of every project. */
static void test_commands_go_through_all(void **state) {
        size_t n_held = 0;

        setup(N_SOME, N_TEAMS, BUDGET_SOME);
        drift(3);
        drift(7);
        run_all(&(EngineOrder){.purpose = PASS_PLAN, .reason = "command"});
        assert_int_equal(count_requests(/* is_write= */ true), 0);
        assert_int_equal(count_projects(PLAN_UNREAD), 0);
        assert_int_equal(count_projects(PLAN_FAILED), 0);
        assert_int_equal(engine_exit_code(it.engine, PLAN_LENIENT), 2);
        for (size_t i = 0; i < engine_plan(it.engine)->n_steps; i++)
                n_held += strcmp(engine_plan(it.engine)->steps[i].principal.name, "user00001@contoso.com") == 0;
        assert_int_equal(n_held, 2);
        run_all(&(EngineOrder){.purpose = PASS_APPLY, .until_in_sync = true, .reason = "command"});
        expect_order();
}

/* Who comes after an ended process goes on where it was. */
static void test_order_is_kept_over_a_restart(void **state) {
        static const size_t n_before = 3;
        const char *next;

        setup(N_SOME, N_TEAMS, BUDGET_SOME);
        turn(ENGINE_TURN_FIRST);
        for (size_t i = 1; i < n_before; i++)
                turn(ENGINE_TURN_NEXT);
        next = mem_strdup(it.mem, engine_budget(it.engine).next_project);
        for (size_t i = 1; i <= N_SOME; i++)
                if (count_records("\"record\": \"pass\"", project_text(i)) > 0)
                        *mem_push(it.mem, it.history.turned, it.history.n_turned) = (Turned){
                                mem_printf(it.mem, "Project %zu", i), port_wall(script_port(it.script))};
        assert_int_equal(it.history.n_turned, n_before);
        mem_free(it.engine);
        start_engine();
        turn(ENGINE_TURN_FIRST);
        assert_int_equal(count_projects(PLAN_UNREAD), N_SOME - 1);
        for (size_t i = 0; i < engine_plan(it.engine)->n_projects; i++)
                if (engine_plan(it.engine)->projects[i].state != PLAN_UNREAD)
                        assert_string_equal(engine_plan(it.engine)->projects[i].name, next);
}

/* That the first project is in order lets nothing of the others go. */
static void test_first_pass_is_held_for_all(void **state) {
        size_t n_writes;

        setup(N_SOME, N_TEAMS, BUDGET_SOME);
        cycle(); /* everything as the charter wants it */
        expect_order();
        mem_free(it.engine);
        it.holds_first_pass = true;
        drift(5);
        start_engine();
        n_writes = count_requests(/* is_write= */ true);
        assert_int_equal(cycle(), N_SOME);
        assert_int_equal(count_requests(true), n_writes);
        assert_int_equal(count_projects(PLAN_HELD), 1);
        assert_int_equal(count_projects(PLAN_IN_SYNC), N_SOME - 1);
        assert_int_equal(engine_exit_code(it.engine, PLAN_LENIENT), 3);
        assert_true(engine_plan(it.engine)->plan_id[0]);
        engine_add_release(it.engine, engine_plan(it.engine)->steps[0].id, port_wall(script_port(it.script)));
        /* Whoever let it go waits for it. */
        turn(ENGINE_TURN_FIRST);
        assert_int_equal(count_requests(true), n_writes + 1);
        expect_order();
        drift(4);
        cycle();
        expect_order();
}

/* An outage in mid-cycle: what was seen before stands, nothing is vanished, the cycle begins anew. */
static void test_outage_in_mid_cycle(void **state) {
        size_t n_known, n_writes;

        setup(N_SOME, N_TEAMS, BUDGET_SOME);
        cycle();
        expect_order();
        known_entries(it.known, &n_known);
        n_writes = count_requests(/* is_write= */ true);
        turn(ENGINE_TURN_FIRST);
        simulator_set_away(it.simulator, true);
        turn(ENGINE_TURN_NEXT);
        assert_non_null(engine_error(it.engine));
        assert_int_equal(engine_exit_code(it.engine, PLAN_LENIENT), 1);
        assert_false(engine_has_turns_left(it.engine));
        assert_int_equal(count_projects(PLAN_FAILED), 1);
        assert_int_equal(count_projects(PLAN_IN_SYNC), N_SOME - 1);
        simulator_set_away(it.simulator, false);
        script_pass(it.script, INTERVAL_MS);
        turn(ENGINE_TURN_NEXT);
        while (engine_has_turns_left(it.engine))
                turn(ENGINE_TURN_NEXT);
        expect_order();
        assert_int_equal(count_requests(true), n_writes);
        assert_int_equal(engine_plan(it.engine)->n_findings, 0);
        known_entries(it.known, &n_writes);
        assert_int_equal(n_writes, n_known);
        check_budget();
}

/* A project that goes is missed in its own turn alone; what is known of it stays. */
static void test_a_project_goes(void **state) {
        size_t n_before, n_after;

        setup(N_SOME, N_TEAMS, BUDGET_SOME);
        cycle();
        expect_order();
        known_entries(it.known, &n_before);
        hand("\"op\":\"delete_project\",\"name\":\"Project 6\"");
        turn(ENGINE_TURN_FIRST);
        assert_int_equal(count_projects(PLAN_IN_SYNC), N_SOME);
        while (engine_has_turns_left(it.engine))
                turn(ENGINE_TURN_NEXT);
        assert_int_equal(count_projects(PLAN_IN_SYNC), N_SOME - 1);
        assert_int_equal(count_projects(PLAN_FAILED), 1);
        assert_int_equal(engine_exit_code(it.engine, PLAN_LENIENT), 1);
        known_entries(it.known, &n_after);
        assert_int_equal(n_after, n_before);
}

/* A team of the charter is listed though its project is not read in this turn; who is in a group of another project is
 * told, and taken out, in the turn of the project that governs the member. */
static void test_facts_of_other_projects(void **state) {
        size_t n_writes;

        setup(N_SOME, N_TEAMS, BUDGET_SOME);
        cycle();
        expect_order();
        grant("[Project 2]\\\\Team 0001", 1);
        n_writes = count_requests(/* is_write= */ true);
        cycle();
        expect_order();
        assert_int_equal(count_requests(true), n_writes);
        hand("\"op\":\"add_member\",\"member\":\"[Project 2]\\\\Team 0001\",\"group\":\"[Project 1]\\\\Contributors\"");
        cycle();
        expect_order();
        assert_int_equal(count_requests(true), n_writes + 1);
        assert_int_equal(count_records("\"verb\": \"remove_member\"", project_text(2)), 1);
        assert_int_equal(count_records("\"verb\": \"remove_member\"", project_text(1)), 0);
}

/* What surveys really take is less than was allowed for them: from then on all are read at once. */
static void test_turns_end(void **state) {
        EngineBudget budget;

        setup(N_SOME, N_TEAMS, /* budget= */ 170);
        turn(ENGINE_TURN_FIRST);
        assert_true(engine_budget(it.engine).is_rotating);
        for (size_t i = 2; i < N_SOME; i++)
                turn(ENGINE_TURN_NEXT);
        assert_true(engine_has_turns_left(it.engine));
        /* Asked for in mid-cycle: the last turn is not waited for. */
        assert_int_equal(cycle(), 1);
        expect_order();
        budget = engine_budget(it.engine);
        assert_false(budget.is_rotating);
        assert_int_equal(budget.n_due, 0);
        assert_null(budget.next_project);
        assert_true(budget.survey_cost <= 170);
        drift(7);
        assert_int_equal(cycle(), 1);
        expect_order();
        check_budget();
}

/* Held in each turn until it is released; what is known of the lost project stays as long. */
static void test_a_charter_that_shrank(void **state) {
        size_t n_before, n_after, n_writes;

        setup(N_SOME, N_TEAMS, BUDGET_SOME);
        cycle();
        expect_order();
        known_entries(it.known, &n_before);
        n_writes = count_requests(/* is_write= */ true);
        drift(2);
        it.n_projects--;
        engine_set_charter(it.engine, desired_of(it.engine));
        assert_int_equal(cycle(), it.n_projects);
        assert_int_equal(engine_exit_code(it.engine, PLAN_LENIENT), 3);
        assert_int_equal(count_projects(PLAN_HELD), 1);
        assert_int_equal(count_requests(true), n_writes);
        known_entries(it.known, &n_after);
        assert_int_equal(n_after, n_before);
        engine_add_release(it.engine, engine_plan(it.engine)->shrank_id, port_wall(script_port(it.script)));
        assert_int_equal(cycle(), it.n_projects);
        expect_order();
        assert_int_equal(count_requests(true), n_writes + 1);
        known_entries(it.known, &n_after);
        assert_true(n_after < n_before);
}

/* Nothing is planned from what was read more than ten minutes ago. */
static void test_too_old(void **state) {
        size_t n_writes;

        setup(/* n_projects= */ 2, N_TEAMS, /* budget= */ 12);
        drift(1);
        drift(2);
        n_writes = count_requests(/* is_write= */ true);
        turn(ENGINE_TURN_FIRST);
        assert_int_equal(count_requests(true), n_writes);
        assert_int_equal(engine_fault(it.engine), FAULT_THROTTLED);
        assert_non_null(strstr(engine_error(it.engine), "requests_per_5_minutes"));
        assert_int_equal(engine_exit_code(it.engine, PLAN_LENIENT), 1);
        assert_int_equal(count_projects(PLAN_FAILED), 1);
        assert_true(engine_has_turns_left(it.engine)); /* it is that project's trouble */
        check_budget();
}

/* Nothing is written from a survey that took twenty minutes: what was asked for again while that went on is not enough,
 * all is read again. */
static void test_a_survey_of_twenty_minutes(void **state) {
        const SimulatorAsked *asked;
        int64_t began = 0, written = 0;
        size_t n, n_before, n_surveys = 0;

        setup(/* n_projects= */ 2, N_TEAMS, /* budget= */ 0);
        cycle();
        expect_order();
        drift(1);
        simulator_asked(it.simulator, &n_before);
        assert_true(simulator_control(it.simulator, "POST", "faults",
                                      "[{\"kind\":\"throttled\",\"route\":\"projects\",\"count\":1,\"retry_after\":600},"
                                      "{\"kind\":\"throttled\",\"route\":\"accesscontrollists\",\"count\":1,"
                                      "\"retry_after\":600}]") < 300);
        turn(ENGINE_TURN_FIRST);
        expect_order();
        asked = simulator_asked(it.simulator, &n);
        for (size_t i = n_before; i < n && !written; i++) {
                if (strstr(asked[i].path, "/_apis/connectionData")) {
                        began = asked[i].at;
                        n_surveys++;
                }
                if (asked[i].is_write)
                        written = asked[i].at;
        }
        assert_int_equal(n_surveys, 2);
        assert_true(written > 0 && written - began < PASS_OLDEST_MS);
}

/* The areas of many teams take long to read for the first time: they are kept, and the rest is read again. */
static void test_areas_of_many_teams(void **state) {
        setup(/* n_projects= */ 1, /* n_teams= */ 150, /* budget= */ 60);
        turn(ENGINE_TURN_FIRST);
        expect_order();
        assert_false(engine_budget(it.engine).is_rotating); /* one project has nobody to take turns with */
        check_budget();
}

/* A 200 that asks to wait slows the whole organisation; that is no error. */
static void test_a_slowed_pass_is_no_error(void **state) {
        const SimulatorAsked *asked;
        size_t n, n_before;

        setup(/* n_projects= */ 2, N_TEAMS, /* budget= */ 0);
        cycle();
        expect_order();
        simulator_asked(it.simulator, &n_before);
        assert_true(simulator_control(it.simulator, "POST", "faults",
                                      "{\"kind\":\"throttled\",\"route\":\"projects\",\"count\":1,"
                                      "\"retry_after\":90}") < 300);
        turn(ENGINE_TURN_FIRST);
        expect_order();
        asked = simulator_asked(it.simulator, &n);
        assert_true(n > n_before + 8);
        assert_true(asked[n - 1].at - asked[n_before].at >= 90 * 1000);
        /* What was under way was; nothing left while it was to wait. */
        for (size_t i = n_before + 1; i < n; i++)
                assert_true(asked[i].at <= asked[n_before].at + ANSWER_MS ||
                            asked[i].at >= asked[n_before].at + 90 * 1000);
        assert_int_equal(engine_throttle(it.engine)->n_throttled, 1);
}

/* --- what the log says of it ------------------------------------------------------------------------------------------ */

/* The lines of the log that one turn makes, from level info on; below the fixture. */
static char *log_of_turn(void) {
        FILE *file = tmpfile();
        int saved = dup(STDERR_FILENO);
        char *text;
        size_t n;

        assert_true(file && saved >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
        log_setup(LOG_FORMAT_TEXT, LOG_LEVEL_INFO);
        turn(ENGINE_TURN_FIRST);
        log_setup(LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
        assert_true(dup2(saved, STDERR_FILENO) >= 0);
        close(saved);
        n = (size_t)ftell(file);
        text = mem_new_array(it.mem, char, n + 1);
        rewind(file);
        assert_int_equal(fread(text, 1, n, file), n);
        fclose(file);
        return text;
}

/* How many stages it tells of; their percentages never fall. */
static size_t count_stages(const char *log) {
        const char *line = log;
        int last = 0;
        size_t n = 0;

        for (; (line = strstr(line, "info: a stage of the pass has ended")); n++) {
                const char *percent = strstr(line, "percent=");
                int now;

                assert_non_null(percent);
                now = (int)strtol(percent + strlen("percent="), NULL, 10);
                assert_in_range(now, last, PROGRESS_PERCENT_MAX);
                last = now;
                line = percent;
        }
        return n;
}

/* A pass that the service slows down is told stage by stage, a quick one in one line. */
static void test_stages_of_a_long_pass(void **state) {
        const char *quick, *slow;

        setup(/* n_projects= */ 2, N_TEAMS, /* budget= */ 0);
        cycle();
        quick = log_of_turn();
        assert_non_null(strstr(quick, "info: pass ended"));
        assert_int_equal(count_stages(quick), 0);
        assert_true(simulator_control(it.simulator, "POST", "faults",
                                      "{\"kind\":\"throttled\",\"route\":\"projects\",\"count\":1,"
                                      "\"retry_after\":90}") < 300);
        slow = log_of_turn();
        assert_in_range(count_stages(slow), 2, PROGRESS_STAGES_MAX);
        assert_non_null(strstr(slow, "work=reading stage=\"lists of things and permissions\""));
        assert_int_equal(engine_progress(it.engine)->work, PROGRESS_NONE);
}

#define TEST(function) cmocka_unit_test_teardown(function, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_all_come_to_order),      TEST(test_drift_is_found_in_its_turn),
                TEST(test_commands_go_through_all), TEST(test_order_is_kept_over_a_restart),
                TEST(test_first_pass_is_held_for_all), TEST(test_outage_in_mid_cycle),
                TEST(test_a_project_goes),         TEST(test_facts_of_other_projects),
                TEST(test_turns_end), TEST(test_a_charter_that_shrank),  TEST(test_too_old),
                TEST(test_a_survey_of_twenty_minutes),
                TEST(test_areas_of_many_teams),    TEST(test_a_slowed_pass_is_no_error),
                TEST(test_stages_of_a_long_pass),
        };

        log_setup(LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
        return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
