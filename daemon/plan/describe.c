/* SPDX-License-Identifier: Apache-2.0 */
/* Describe: a step in a line for people. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/plan/planner.h"

static const char *const verb_words[] = {
        [STEP_CREATE] = "create",
        [STEP_ADD_MEMBER] = "add_member",
        [STEP_REMOVE_MEMBER] = "remove_member",
        [STEP_SET_ENTRY] = "set_entry",
        [STEP_REMOVE_ENTRY] = "remove_entry",
        [STEP_SET_INHERIT] = "set_inherit",
        [STEP_SET_ROLE] = "set_role",
        [STEP_REMOVE_ROLE] = "remove_role",
        [STEP_SET_AREAS] = "set_areas",
        [STEP_SET_PIPELINES] = "set_pipelines",
        [STEP_SET_ADMIN] = "set_admin",
        [STEP_REMOVE_ADMIN] = "remove_admin",
};

typedef struct BrakeRow {
        const char *key; /* for programs */
        const char *reason;
} BrakeRow;

static const BrakeRow brakes[] = {
        [BRAKE_NONE] = {"none", "nothing"},
        [BRAKE_CHANGES] = {"changes", "more changes than `limits: { changes }` lets pass"},
        [BRAKE_REMOVALS] = {"removals",
                            "a larger share is removed than `limits: { removals }` lets pass"},
        [BRAKE_PEOPLE_LOSING] = {"people_losing", "more people lose all access to something than "
                                                  "`limits: { people_losing }` lets pass"},
        [BRAKE_BUILTIN_EMPTIED] =
                {"builtin_emptied",
                 "a built-in group would be left without any permission at a project-level root"},
        [BRAKE_LAST_ADMINISTRATOR] = {"last_administrator",
                                      "the last member of an administrators' group would go"},
        [BRAKE_OWN_RIGHTS] = {"own_rights", "charterd's own rights hang on it"},
        [BRAKE_OWN_ASSERTION] = {"own_assertion", "the charter breaks its own assertion"},
        [BRAKE_CHARTER_SHRANK] = {"charter_shrank", "the charter shrank"},
        [BRAKE_VANISHED] = {"vanished", "it was there and is gone"},
        [BRAKE_FIRST_PASS] = {"first_pass",
                              "it is the first pass, and the settings say `first_pass: hold`"},
};

const char *step_verb_word(StepVerb verb) {
        return verb_words[verb];
}

const char *brake_key(Brake brake) {
        return brakes[brake].key;
}

const char *brake_word(Brake brake) {
        return brakes[brake].reason;
}

char *plan_release_command(Mem *parent, const Plan *plan) {
        if (plan->undoes)
                return mem_printf(parent, "charterd undo %s --yes --release %s --reason \"...\"", plan->undoes,
                                  plan->plan_id);
        return mem_printf(parent, "charterd release %s --reason \"...\"", plan->plan_id);
}

size_t plan_held_reasons(const Plan *plan, HeldReason reasons[static PLAN_REASONS_MAX]) {
        size_t n_steps[BRAKE_FIRST_PASS + 1] = {0};
        size_t n = 0;

        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].state == STEP_HELD)
                        n_steps[plan->steps[i].brake]++;
        if (plan->shrank)
                reasons[n++] = (HeldReason){plan->shrank, n_steps[BRAKE_CHARTER_SHRANK]};
        for (int brake = BRAKE_NONE; brake <= BRAKE_FIRST_PASS; brake++)
                if (n_steps[brake] > 0 && !(plan->shrank && brake == BRAKE_CHARTER_SHRANK))
                        reasons[n++] = (HeldReason){brake == BRAKE_PEOPLE_LOSING && plan->losing_reason
                                                            ? plan->losing_reason
                                                            : brake_word((Brake)brake),
                                                    n_steps[brake]};
        return n;
}

/* `repository data-science-a`, `the root of repositories`, `project MLOps`. */
void step_describe_place(const Step *step, Text *text) {
        if (step->kind == KIND_PROJECT)
                text_appendf(text, "project %s", step->project_name);
        else if (step->kind == KIND_ORGANIZATION)
                text_append(text, "the organisation");
        else if (step->at_root)
                text_appendf(text, "the root of %s", kind_row(step->kind)->key);
        else
                text_appendf(text, "%s %s", kind_row(step->kind)->noun, step->name);
        if (step->below)
                text_appendf(text, ", below it: %s", step->below);
}

typedef enum BitState {
        BIT_NOT_SET,
        BIT_ALLOW,
        BIT_DENY,
} BitState;

static const char *const bit_words[] = {"not set", "allow", "deny"};

static BitState bit_state(uint32_t allow, uint32_t deny, uint32_t bit) {
        return deny & bit ? BIT_DENY : allow & bit ? BIT_ALLOW : BIT_NOT_SET;
}

/* Words that go the same way stand together: `Read, Contribute: not set -> allow`. */
static void describe_masks(const Plan *plan, const Step *step, Text *text) {
        const PermissionNamespace *space = &plan->permissions.items[step->space];
        bool is_first_way = true;
        Mem *frame = mem_new(NULL, char);

        for (int way = 0; way < 9; way++) {
                BitState before = (BitState)(way / 3), after = (BitState)(way % 3);
                bool is_first = true;

                for (uint32_t bit = 1; bit && before != after; bit <<= 1) {
                        if (bit_state(step->allow_before, step->deny_before, bit) != before ||
                            bit_state(step->allow_after, step->deny_after, bit) != after)
                                continue;
                        text_appendf(text, "%s%s", is_first ? (is_first_way ? "" : "; ") : ", ",
                                     permission_word(frame, space, bit));
                        is_first = false;
                }
                if (is_first)
                        continue;
                text_appendf(text, ": %s -> %s", bit_words[before], bit_words[after]);
                is_first_way = false;
        }
        if (is_first_way)
                text_append(text, "how much is not known yet");
        mem_free(frame);
}

static void describe_role(const Plan *plan, const Step *step, Text *text) {
        StepStates states = step_states(step);
        Mem *frame = mem_new(NULL, char);
        uint32_t bits = step->allow_before | step->deny_before;

        text_appendf(text, "%s at ", step->principal.display);
        step_describe_place(step, text);
        text_appendf(text, ": role: %s", states.before);
        for (const char *before = " ("; bits && !step->role_before; bits &= bits - 1, before = ", ")
                text_appendf(text, "%s%s", before,
                             permission_word(frame, &plan->permissions.items[step->space],
                                             bits & -bits));
        text_appendf(text, "%s -> %s", !step->role_before && step->entry_before_exists ? ")" : "",
                     states.after);
        mem_free(frame);
}

static void describe_entry(const Plan *plan, const Step *step, Text *text) {
        text_appendf(text, "%s at ", step->principal.display);
        step_describe_place(step, text);
        text_append(text, ": ");
        describe_masks(plan, step, text);
}

void step_describe(const Plan *plan, const Step *step, Text *text) {
        switch (step->verb) {
        case STEP_CREATE:
                if (step->principal.name) {
                        text_appendf(text, "bring in %s", step->principal.display);
                        break;
                }
                text_append(text, "create ");
                step_describe_place(step, text);
                break;
        case STEP_ADD_MEMBER:
                text_appendf(text, "add %s to %s", step->principal.display,
                             step->container.display);
                break;
        case STEP_REMOVE_MEMBER:
                text_appendf(text, "take %s out of %s", step->principal.display,
                             step->container.display);
                break;
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
                describe_entry(plan, step, text);
                break;
        case STEP_SET_INHERIT:
                text_append(text, "inheritance of ");
                step_describe_place(step, text);
                text_appendf(text, ": %s -> %s", step->inherit_before ? "on" : "off",
                             step->inherit_after ? "on" : "off");
                break;
        case STEP_SET_AREAS:
                text_appendf(text, "areas of %s: %s -> %s", step->principal.display,
                             step->list_before, step->list_after);
                break;
        case STEP_SET_PIPELINES:
                text_append(text, "pipelines that may use ");
                step_describe_place(step, text);
                text_appendf(text, ": %s -> %s", step->list_before, step->list_after);
                break;
        case STEP_SET_ADMIN:
                text_appendf(text, "make %s an administrator of team %s", step->principal.display,
                             step->name);
                break;
        case STEP_REMOVE_ADMIN:
                text_appendf(text, "%s no longer administers team %s", step->principal.display,
                             step->name);
                break;
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
                describe_role(plan, step, text);
                break;
        }
}

void step_describe_what(const Step *step, Text *text) {
        switch (step->verb) {
        case STEP_ADD_MEMBER:
        case STEP_REMOVE_MEMBER:
                text_appendf(text, "%s in %s", step->principal.display, step->container.display);
                break;
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
                text_appendf(text, "%s at ", step->principal.display);
                step_describe_place(step, text);
                break;
        case STEP_SET_INHERIT:
                text_append(text, "inheritance of ");
                step_describe_place(step, text);
                break;
        case STEP_SET_AREAS:
                text_appendf(text, "areas of %s", step->principal.display);
                break;
        case STEP_SET_PIPELINES:
                text_append(text, "pipelines that may use ");
                step_describe_place(step, text);
                break;
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                text_appendf(text, "%s as an administrator of team %s", step->principal.display,
                             step->name);
                break;
        case STEP_CREATE:
                step_describe_place(step, text);
                break;
        }
}
