/* SPDX-License-Identifier: Apache-2.0 */
/* Round: what is written down before what is sent, what is read back, what waits, against a scripted service. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/engine/round.h"
#include "tests/unit/access/charter.h"
#include "tests/unit/engine/service.h"
#include "tests/unit/live/live.h"

enum {
        READ = 2,
        CONTRIBUTE = 4,
        SETTLE_MS = 60 * 1000,
        LONG_MS = 60 * 60 * 1000,
        OLDEST_MS = 10 * 60 * 1000,
        STEPS_MAX = 8,
};

typedef struct Fixture {
        Mem *mem;
        Organisation *live;
        Index project;
        ScriptPort *script;
        Service *service;
        Throttle throttle;
        Desired desired;
        DesiredProject *charter;
        Step steps[STEPS_MAX];
        Plan plan;
        Round *round;
        bool is_done;
} Fixture;

static Fixture it;

static int setup(void **state) {
        it = (Fixture){.mem = mem_new(NULL, char)};
        it.live = live_read(it.mem, FIXTURES "/article/live.json");
        it.project = organisation_find_project(it.live, "MLOps");
        it.script = script_port_new(it.mem);
        it.service = service_new(it.mem, it.script, it.live);
        throttle_init(&it.throttle, 8, 0);
        it.charter = charter_project(it.mem, "MLOps");
        charter_team(it.mem, it.charter, "Data Science A");
        charter_team(it.mem, it.charter, "Data Science B");
        charter_team(it.mem, it.charter, "Operations");
        it.desired = (Desired){.organization = it.live->url, .projects = it.charter, .n_projects = 1};
        it.plan = (Plan){.live = it.live,
                         .permissions = it.live->permissions,
                         .desired = &it.desired,
                         .steps = it.steps};
        return 0;
}

static int teardown(void **state) {
        mem_free(it.mem);
        return 0;
}

static StepPrincipal principal_of(const char *name) {
        Index identity = live_principal(it.live, it.project, name);

        return (StepPrincipal){identity, it.live->identities[identity].name, it.live->identities[identity].display};
}

static const char *token_of(const char *repository) {
        uint8_t space;

        return live_token(it.mem, it.live, it.project, mem_printf(it.mem, "repositories/%s", repository), &space);
}

/* A step of an entry at a repository, from what is live to `allow`. */
static Step *add_entry(Rank rank, const char *repository, const char *principal, uint32_t allow) {
        Step *step = &it.steps[it.plan.n_steps++];
        const AccessControlEntry *entry;
        Index acl;

        *step = (Step){
                .rank = rank,
                .verb = allow ? STEP_SET_ENTRY : STEP_REMOVE_ENTRY,
                .project = it.project,
                .project_name = "MLOps",
                .kind = KIND_REPOSITORY,
                .name = repository,
                .entity = organisation_find_entity(it.live, it.project, KIND_REPOSITORY, repository),
                .principal = principal_of(principal),
                .container = {.identity = INDEX_NONE},
                .space = NAMESPACE_GIT,
                .token = token_of(repository),
                .allow_after = allow,
                .entry_after_exists = allow != 0,
        };
        acl = organisation_find_acl(it.live, NAMESPACE_GIT, step->token);
        entry = acl == INDEX_NONE ? NULL : acl_find_entry(&it.live->acls[acl], step->principal.identity);
        step->entry_before_exists = entry != NULL;
        step->allow_before = entry ? entry->allow : 0;
        step->deny_before = entry ? entry->deny : 0;
        return step;
}

static Step *add_switch(Rank rank, const char *repository, bool inherit) {
        Step *step = add_entry(rank, repository, "Operations", READ);

        step->verb = STEP_SET_INHERIT;
        step->principal = (StepPrincipal){.identity = INDEX_NONE};
        step->inherit_before = !inherit;
        step->inherit_after = inherit;
        return step;
}

static bool is_allowed(void *context, const Step *step) {
        return true;
}

static void on_change(void *context, const Change *change) {}

static void on_done(void *context, Round *round) {
        it.is_done = true;
}

static void start(void) {
        it.round = round_start(it.mem, &(RoundSpec){.port = script_port(it.script),
                                                    .throttle = &it.throttle,
                                                    .desired = &it.desired,
                                                    .live = it.live,
                                                    .plan = &it.plan,
                                                    .memory = memory_new(it.mem),
                                                    .pass_id = "pass",
                                                    .pass = 1,
                                                    .number = 1,
                                                    .settle_ms = SETTLE_MS,
                                                    .surveyed_at = script_now(it.script),
                                                    .oldest_ms = OLDEST_MS,
                                                    .mode = MODE_ENFORCE,
                                                    .is_allowed = is_allowed,
                                                    .on_change = on_change,
                                                    .on_done = on_done});
}

static bool is_over(void *context) {
        return it.is_done;
}

static void run(void) {
        start();
        assert_true(script_run(it.script, LONG_MS, is_over, NULL));
        assert_true(it.is_done);
}

static ChangeState state_of(size_t step) {
        size_t n;

        return round_changes(it.round, &n)[step].state;
}

static uint32_t allow_of(const char *repository, const char *principal) {
        AccessControlEntry entry = {0};

        service_find(it.service, NAMESPACE_GIT, token_of(repository),
                     it.live->identities[live_principal(it.live, it.project, principal)].descriptor, &entry);
        return entry.allow;
}

static bool is_write(const ScriptEvent *event) {
        return event->kind == SCRIPT_SENT && strncmp(event->text, "GET ", 4) != 0;
}

static size_t count_writes(void) {
        size_t n, n_writes = 0;
        const ScriptEvent *events = script_events(it.script, &n);

        for (size_t i = 0; i < n; i++)
                n_writes += is_write(&events[i]);
        return n_writes;
}

static void test_intent_then_request_then_outcome(void **state) {
        const ScriptEvent *events;
        size_t n;

        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
        assert_int_equal(allow_of("data-science-a", "Data Science B"), READ);
        events = script_events(it.script, &n);
        assert_int_equal(n, 4);
        assert_int_equal(events[0].kind, SCRIPT_RECORDED);
        assert_non_null(strstr(events[0].text, "\"record\": \"intent\""));
        assert_true(is_write(&events[1]));
        assert_int_equal(events[2].kind, SCRIPT_SENT); /* read back */
        assert_int_equal(events[3].kind, SCRIPT_RECORDED);
        assert_non_null(strstr(events[3].text, "\"result\": \"done\""));
}

static void test_intents_of_a_rank_go_together(void **state) {
        const ScriptEvent *events;
        size_t n;

        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        add_entry(RANK_GIVE, "data-science-a", "Operations", READ);
        add_entry(RANK_GIVE, "data-science-b", "Operations", READ);
        run();
        events = script_events(it.script, &n);
        assert_int_equal(events[0].kind, SCRIPT_RECORDED);
        /* entries of one token go in one request */
        assert_int_equal(count_writes(), 2);
        for (size_t i = 0; i < 3; i++)
                assert_int_equal(state_of(i), CHANGE_DONE);
}

static void test_full_disk_sends_nothing(void **state) {
        size_t n;

        script_fill_disk(it.script, /* n_records= */ 0);
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        run();
        assert_int_equal(count_writes(), 0);
        assert_non_null(round_error(it.round));
        assert_false(round_changes(it.round, &n)[0].has_intent);
        assert_int_equal(allow_of("data-science-a", "Data Science B"), 0);
}

static void test_disk_full_after_the_first_rank(void **state) {
        script_fill_disk(it.script, /* n_records= */ 2);
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        add_entry(RANK_TAKE, "data-science-b", "Data Science B", 0);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
        assert_int_equal(count_writes(), 1);
        assert_int_equal(allow_of("data-science-b", "Data Science B"), READ | CONTRIBUTE);
        assert_non_null(round_error(it.round));
}

static void test_retry_after_is_waited_for(void **state) {
        Reply slow = script_json("{}");
        const ScriptEvent *events;
        int64_t first = -1, second = -1;
        size_t n;

        slow.status = 429;
        slow.retry_after_ms = 30 * 1000;
        service_break(it.service, &(ServiceFault){METHOD_POST, "accesscontrolentries", slow, .times = 1});
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
        events = script_events(it.script, &n);
        for (size_t i = 0; i < n; i++)
                if (is_write(&events[i])) {
                        second = events[i].at;
                        first = first < 0 ? events[i].at : first;
                }
        assert_int_equal(count_writes(), 2);
        assert_true(second - first >= 30 * 1000);
}

/* What it was planned from is too old by then. */
static void expect_dropped(size_t step, size_t n_writes) {
        size_t n;

        assert_int_equal(state_of(step), CHANGE_DROPPED);
        assert_non_null(strstr(round_changes(it.round, &n)[step].message, "too old"));
        assert_int_equal(count_writes(), n_writes);
        assert_string_equal(change_result(state_of(step)), "not done");
}

static Reply asking_to_wait(int status, int64_t minutes) {
        Reply reply = script_json("{}");

        reply.status = status;
        reply.retry_after_ms = minutes * 60 * 1000;
        return reply;
}

static void test_a_refused_write_waits_no_longer_than_its_reading_is_good(void **state) {
        service_break(it.service,
                      &(ServiceFault){METHOD_POST, "accesscontrolentries", asking_to_wait(429, 9), .times = 3});
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        run();
        expect_dropped(0, /* n_writes= */ 2);
        assert_int_equal(allow_of("data-science-a", "Data Science B"), 0);
        assert_true(script_now(it.script) <= OLDEST_MS);
}

static void test_a_write_behind_another_waits_no_longer_than_its_reading_is_good(void **state) {
        size_t second; /* they leave in the order of their tokens */

        throttle_init(&it.throttle, /* in_flight_max= */ 1, /* survey_budget= */ 0);
        service_break(it.service, &(ServiceFault){METHOD_POST, "accesscontrolentries", asking_to_wait(200, 20),
                                                  .times = 1, .is_done = true});
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        add_entry(RANK_GIVE, "data-science-b", "Data Science A", READ);
        run();
        second = state_of(0) == CHANGE_DONE;
        assert_int_equal(state_of(1 - second), CHANGE_DONE);
        expect_dropped(second, /* n_writes= */ 1);
        assert_int_equal(allow_of("data-science-a", "Data Science B") + allow_of("data-science-b", "Data Science A"), READ);
}

static void delay_readings(void *context) {
        it.throttle.not_before = script_now(it.script) + 2 * OLDEST_MS;
}

/* It looked again, and then had to wait. */
static void test_a_removal_waits_no_longer_than_its_reading_is_good(void **state) {
        uint32_t before = allow_of("data-science-a", "Data Science A");

        assert_int_not_equal(before, 0);
        service_before(it.service, METHOD_GET, "accesscontrollists", delay_readings, NULL);
        add_entry(RANK_TAKE, "data-science-a", "Data Science A", 0);
        run();
        expect_dropped(0, /* n_writes= */ 0);
        assert_int_equal(allow_of("data-science-a", "Data Science A"), before);
}

/* Two readings that agree, the intent, the last look: that is the third. */
static void count_looks(void *context) {
        int *n_looks = context;

        if (++*n_looks == 3)
                delay_readings(NULL);
        else
                service_before(it.service, METHOD_GET, "accesscontrollists", count_looks, n_looks);
}

static void test_a_switch_waits_no_longer_than_its_last_look_is_good(void **state) {
        int n_looks = 0;

        service_before(it.service, METHOD_GET, "accesscontrollists", count_looks, &n_looks);
        add_switch(RANK_TAKE, "data-science-a", false);
        run();
        assert_int_equal(n_looks, 3);
        expect_dropped(0, /* n_writes= */ 0);
        assert_true(service_inherits(it.service, NAMESPACE_GIT, token_of("data-science-a")));
}

static void test_seen_late(void **state) {
        service_set_lag(it.service, 20 * 1000);
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
        assert_int_equal(count_writes(), 1);
        assert_true(script_now(it.script) >= 20 * 1000);
}

static void test_never_seen_is_unconfirmed(void **state) {
        int64_t began = script_now(it.script);

        service_set_lag(it.service, -1);
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        run();
        assert_int_equal(state_of(0), CHANGE_UNCONFIRMED);
        assert_int_equal(count_writes(), 1);
        assert_in_range(script_now(it.script) - began, SETTLE_MS, SETTLE_MS + ROUND_CONFIRM_MAX_MS + 1000);
}

/* The answer was lost, the write was not: what is read back counts. */
static void test_lost_answer_is_read_back(void **state) {
        Reply lost = {.failure = REPLY_BROKEN, .retry_after_ms = -1, .rate_limit_delay_ms = -1};

        service_break(it.service,
                      &(ServiceFault){METHOD_POST, "accesscontrolentries", lost, .times = 99, .is_done = true});
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
}

static ServiceFault forbid(Method method, const char *part) {
        Reply reply = script_json("{\"message\":\"TF401027: no\",\"typeKey\":\"AccessDeniedException\"}");

        reply.status = 403;
        return (ServiceFault){method, part, reply, .times = 1};
}

static void test_nothing_is_taken_from_whom_nothing_was_given(void **state) {
        ServiceFault fault = forbid(METHOD_POST, "accesscontrolentries");

        service_break(it.service, &fault);
        add_entry(RANK_GIVE, "data-science-b", "Operations", READ);
        add_entry(RANK_TAKE, "operations", "Operations", 0);
        add_entry(RANK_TAKE, "data-science-a", "Data Science A", 0); /* somebody else's */
        add_entry(RANK_TAKE, "data-science-b", "Data Science B", 0); /* an Entra group in it: it may hold anybody */
        run();
        assert_int_equal(state_of(0), CHANGE_FAILED);
        assert_int_equal(state_of(1), CHANGE_WAITING);
        assert_int_equal(state_of(2), CHANGE_DONE);
        assert_int_equal(state_of(3), CHANGE_WAITING);
        assert_int_equal(allow_of("operations", "Operations"), READ | CONTRIBUTE);
        assert_int_equal(allow_of("data-science-a", "Data Science A"), 0);
}

/* A member gets by the failed entry what the group's entry would cost it. */
static void test_members_count_as_those_they_are_in(void **state) {
        ServiceFault fault = forbid(METHOD_POST, "accesscontrolentries");

        service_break(it.service, &fault);
        add_entry(RANK_GIVE, "data-science-b", "ana@contoso.com", READ);
        add_entry(RANK_TAKE, "data-science-a", "Data Science A", 0);
        run();
        assert_int_equal(state_of(1), CHANGE_WAITING);
        assert_int_equal(allow_of("data-science-a", "Data Science A"), READ | CONTRIBUTE);
}

static void test_a_leak_waits_for_nobody_else(void **state) {
        ServiceFault fault = forbid(METHOD_POST, "accesscontrolentries");

        service_break(it.service, &fault);
        add_entry(RANK_GIVE, "data-science-b", "ana@contoso.com", READ);
        add_entry(RANK_TAKE, "data-science-a", "Data Science A", 0)->frees_leak = true;
        run();
        assert_int_equal(state_of(1), CHANGE_DONE);
}

static void change_by_hand(void *context) {
        Index other = live_principal(it.live, it.project, "Data Science A");

        service_write(it.service, NAMESPACE_GIT, token_of("data-science-a"), it.live->identities[other].descriptor,
                      READ, 0);
}

/* Not what the plan saw: dropped before it is written down, planned anew. */
static void test_a_removal_looks_first(void **state) {
        size_t n;

        change_by_hand(NULL);
        add_entry(RANK_TAKE, "data-science-a", "Data Science A", 0);
        run();
        assert_int_equal(state_of(0), CHANGE_DROPPED);
        assert_int_equal(count_writes(), 0);
        assert_false(round_changes(it.round, &n)[0].has_intent);
}

static void test_a_removal_that_cannot_look_is_not_done(void **state) {
        ServiceFault fault = forbid(METHOD_GET, "accesscontrollists");

        service_break(it.service, &fault);
        add_entry(RANK_TAKE, "data-science-a", "Data Science A", 0);
        run();
        assert_int_equal(state_of(0), CHANGE_NOT_DONE);
        assert_int_equal(count_writes(), 0);
}

static void test_inheritance_keeps_every_entry(void **state) {
        const ScriptEvent *events;
        size_t n;

        add_switch(RANK_TAKE, "data-science-a", false);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
        assert_false(service_inherits(it.service, NAMESPACE_GIT, token_of("data-science-a")));
        assert_int_equal(allow_of("data-science-a", "Data Science A"), READ | CONTRIBUTE);
        /* two readings that agree, then the whole list in the intent */
        events = script_events(it.script, &n);
        assert_false(is_write(&events[0]) || is_write(&events[1]));
        assert_int_equal(events[2].kind, SCRIPT_RECORDED);
        assert_non_null(strstr(events[2].text, "\"list\""));
}

static void add_by_hand(void *context) {
        Index other = live_principal(it.live, it.project, "olga@contoso.com");

        service_write(it.service, NAMESPACE_GIT, token_of("data-science-a"), it.live->identities[other].descriptor, READ,
                      0);
}

static void on_first_reading(void *context) {
        service_before(it.service, METHOD_GET, "accesscontrollists", add_by_hand, NULL);
}

/* Somebody's entry is written between the first reading and the second: a third follows, and it is kept. */
static void test_inheritance_waits_for_two_readings_that_agree(void **state) {
        const ScriptEvent *events;
        size_t n;

        service_before(it.service, METHOD_GET, "accesscontrollists", on_first_reading, NULL);
        add_switch(RANK_TAKE, "data-science-a", false);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
        assert_int_equal(allow_of("data-science-a", "olga@contoso.com"), READ);
        events = script_events(it.script, &n);
        assert_int_equal(events[2].kind, SCRIPT_SENT);
        assert_int_equal(events[3].kind, SCRIPT_RECORDED);
}

static void test_a_project_root_is_never_switched(void **state) {
        add_switch(RANK_TAKE, "data-science-a", false)->at_root = true;
        run();
        assert_int_equal(state_of(0), CHANGE_NOT_DONE);
        assert_int_equal(count_writes(), 0);
}

static void test_observed_and_held_steps_are_not_touched(void **state) {
        it.charter->principals[1].policies.mode = MODE_OBSERVE;
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        add_entry(RANK_GIVE, "data-science-b", "Operations", READ)->state = STEP_HELD;
        add_entry(RANK_GIVE, "data-science-b", "Data Science A", READ)->state = STEP_WAITING;
        run();
        assert_int_equal(count_writes(), 0);
}

/* Told to stop while a write is under way: it is waited for, nothing follows, its intent stays open. */
static void test_halted_while_writing(void **state) {
        const ScriptEvent *events;
        size_t n;

        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        add_entry(RANK_TAKE, "data-science-b", "Data Science B", 0);
        start();
        while (count_writes() == 0)
                script_pass(it.script, 1);
        assert_true(round_halt(it.round));
        assert_false(it.is_done);
        script_pass(it.script, 1000);
        assert_true(it.is_done);
        assert_int_equal(count_writes(), 1);
        assert_non_null(round_error(it.round));
        events = script_events(it.script, &n);
        assert_true(is_write(&events[n - 1]));
}

static void test_halted_while_reading(void **state) {
        service_set_lag(it.service, -1);
        add_entry(RANK_GIVE, "data-science-a", "Data Science B", READ);
        start();
        script_pass(it.script, 5000);
        assert_false(round_halt(it.round));
}

#define test_of(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* --- roles ---------------------------------------------------------------------------------------------------------- */

#define ROLES "roleassignments"

static const char *connection_token(void) {
        uint8_t space;

        return live_token(it.mem, it.live, it.project, "service_connections/azure-production", &space);
}

/* From what is live to a role on the connection; NULL: to none. */
static Step *add_role(Rank rank, const char *principal, const char *role) {
        Index acl = organisation_find_acl(it.live, NAMESPACE_SERVICE_ENDPOINTS, connection_token());
        RoleTable roles = it.live->roles[KIND_SERVICE_CONNECTION][ROLE_OF_ARTEFACT];
        Step *step = add_entry(rank, "data-science-a", principal, READ);
        const AccessControlEntry *entry = acl_find_entry(&it.live->acls[acl], step->principal.identity);

        step->verb = role ? STEP_SET_ROLE : STEP_REMOVE_ROLE;
        step->kind = KIND_SERVICE_CONNECTION;
        step->name = "azure-production";
        step->entity = organisation_find_entity(it.live, it.project, KIND_SERVICE_CONNECTION, step->name);
        step->space = NAMESPACE_SERVICE_ENDPOINTS;
        step->token = connection_token();
        step->role_after = role;
        step->allow_before = entry ? entry->allow : 0;
        step->deny_before = entry ? entry->deny : 0;
        step->allow_after = role ? role_find(roles, role)->allow : 0;
        step->deny_after = 0;
        step->entry_before_exists = entry != NULL;
        step->entry_after_exists = role != NULL;
        return step;
}

/* The service sets the mask that stands for the role. */
static void give_use(void *context) {
        service_write(it.service, NAMESPACE_SERVICE_ENDPOINTS, connection_token(),
                      it.live->identities[it.steps[0].principal.identity].descriptor, *(const uint32_t *)context, 0);
}

static void answer_role(Method method, const char *body) {
        service_break(it.service, &(ServiceFault){method, ROLES, script_json(body), .times = 1});
}

#define ASSIGNED(role_) "{\"count\":1,\"value\":[{\"role\":{\"name\":\"" role_ "\"},\"access\":\"assigned\"}]}"

static void test_a_role_is_set_by_name_and_read_back(void **state) {
        uint32_t use = 1;
        const ScriptEvent *events;
        size_t n;

        add_role(RANK_GIVE, "Data Science A", "User");
        answer_role(METHOD_PUT, ASSIGNED("User"));
        service_before(it.service, METHOD_PUT, ROLES, give_use, &use);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
        assert_int_equal(count_writes(), 1);
        events = script_events(it.script, &n);
        assert_non_null(strstr(events[0].text, "\"verb\": \"set_role\""));
        assert_non_null(strstr(events[0].text, "\"before\": \"no role\", \"after\": \"User\""));
        assert_non_null(strstr(events[1].text, "distributedtask.serviceendpointrole/roleassignments/resources/"));
}

/* 200 with nobody in it (facts §0.4). */
static void test_a_yes_that_did_nothing_is_a_failure(void **state) {
        size_t n;

        add_role(RANK_GIVE, "Data Science A", "User");
        answer_role(METHOD_PUT, "{\"count\":0,\"value\":[]}");
        run();
        assert_int_equal(state_of(0), CHANGE_FAILED);
        assert_non_null(strstr(round_changes(it.round, &n)[0].message, "said yes and did nothing"));
}

static void test_another_role_than_was_asked_for_is_a_failure(void **state) {
        size_t n;

        add_role(RANK_GIVE, "Data Science A", "User");
        answer_role(METHOD_PUT, ASSIGNED("Reader"));
        run();
        assert_int_equal(state_of(0), CHANGE_FAILED);
        assert_string_equal(round_changes(it.round, &n)[0].message, "the service assigned the role Reader instead of User");
}

/* The answer says User, the list says something else: that is what counts. */
static void test_a_role_that_is_not_seen_is_unconfirmed(void **state) {
        uint32_t view = 16;

        add_role(RANK_GIVE, "Data Science A", "User");
        answer_role(METHOD_PUT, ASSIGNED("User"));
        service_before(it.service, METHOD_PUT, ROLES, give_use, &view);
        run();
        assert_int_equal(state_of(0), CHANGE_UNCONFIRMED);
}

static void test_a_role_is_taken(void **state) {
        uint32_t none = 0;
        Reply empty = script_json("");

        empty.status = 204;
        add_role(RANK_TAKE, "Operations", NULL);
        assert_int_equal(it.steps[0].allow_before, 1);
        service_break(it.service, &(ServiceFault){METHOD_DELETE, ROLES, empty, .times = 1});
        service_before(it.service, METHOD_DELETE, ROLES, give_use, &none);
        run();
        assert_int_equal(state_of(0), CHANGE_DONE);
        assert_int_equal(count_writes(), 1);
}

/* It was changed meanwhile, by whatever way. */
static void test_a_role_that_changed_meanwhile_is_left(void **state) {
        add_role(RANK_TAKE, "Operations", NULL);
        service_write(it.service, NAMESPACE_SERVICE_ENDPOINTS, connection_token(),
                      it.live->identities[it.steps[0].principal.identity].descriptor, 3, 0);
        run();
        assert_int_equal(state_of(0), CHANGE_DROPPED);
        assert_int_equal(count_writes(), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                test_of(test_intent_then_request_then_outcome),
                test_of(test_a_role_is_set_by_name_and_read_back),
                test_of(test_a_yes_that_did_nothing_is_a_failure),
                test_of(test_another_role_than_was_asked_for_is_a_failure),
                test_of(test_a_role_that_is_not_seen_is_unconfirmed),
                test_of(test_a_role_is_taken),
                test_of(test_a_role_that_changed_meanwhile_is_left),
                test_of(test_intents_of_a_rank_go_together),
                test_of(test_full_disk_sends_nothing),
                test_of(test_disk_full_after_the_first_rank),
                test_of(test_retry_after_is_waited_for),
                test_of(test_a_refused_write_waits_no_longer_than_its_reading_is_good),
                test_of(test_a_write_behind_another_waits_no_longer_than_its_reading_is_good),
                test_of(test_a_removal_waits_no_longer_than_its_reading_is_good),
                test_of(test_a_switch_waits_no_longer_than_its_last_look_is_good),
                test_of(test_seen_late),
                test_of(test_never_seen_is_unconfirmed),
                test_of(test_lost_answer_is_read_back),
                test_of(test_nothing_is_taken_from_whom_nothing_was_given),
                test_of(test_members_count_as_those_they_are_in),
                test_of(test_a_leak_waits_for_nobody_else),
                test_of(test_a_removal_looks_first),
                test_of(test_a_removal_that_cannot_look_is_not_done),
                test_of(test_inheritance_keeps_every_entry),
                test_of(test_inheritance_waits_for_two_readings_that_agree),
                test_of(test_a_project_root_is_never_switched),
                test_of(test_observed_and_held_steps_are_not_touched),
                test_of(test_halted_while_writing),
                test_of(test_halted_while_reading),
        };

        return cmocka_run_group_tests_name("round", tests, NULL, NULL);
}
