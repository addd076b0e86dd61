/* SPDX-License-Identifier: Apache-2.0 */
/* PrintJson: a plan for programs (product.md, Formats). */
#include "common/base/json.h"
#include "daemon/plan/planner.h"

static const char *bit_word(uint32_t allow, uint32_t deny, uint32_t bit) {
        return deny & bit ? "deny" : allow & bit ? "allow" : "not set";
}

static void write_permissions(JsonWriter *writer, const Plan *plan, const Step *step) {
        Mem *frame = mem_new(NULL, char);
        uint32_t changed =
                (step->allow_before ^ step->allow_after) | (step->deny_before ^ step->deny_after);

        json_write_array(writer, "permissions");
        for (uint32_t bit = 1; bit && step->space >= 0; bit <<= 1) {
                if (!(changed & bit))
                        continue;
                json_write_object(writer, NULL);
                json_write_text(
                        writer, "word",
                        permission_word(frame, &plan->permissions.items[step->space], bit));
                json_write_text(writer, "before",
                                bit_word(step->allow_before, step->deny_before, bit));
                json_write_text(writer, "after",
                                bit_word(step->allow_after, step->deny_after, bit));
                json_write_object_end(writer);
        }
        json_write_array_end(writer);
        mem_free(frame);
}

static void write_step(JsonWriter *writer, const Plan *plan, const Step *step) {
        char *why = step->undoes     ? mem_printf(NULL, "undo of %s", step->undoes)
                    : step->why.line ? mem_printf(NULL, "%s:%u", step->why.file, step->why.line)
                                     : NULL;
        StepStates states = step_states(step);

        json_write_object(writer, NULL);
        json_write_text(writer, "id", step->id);
        json_write_int(writer, "rank", step->rank);
        json_write_text(writer, "verb", step_verb_word(step->verb));
        json_write_text(writer, "project", step->project_name);
        json_write_text(writer, "kind", kind_row(step->kind)->key);
        json_write_text(writer, "name", step->name);
        if (step->below)
                json_write_text(writer, "below", step->below);
        json_write_text(writer, "principal", step->principal.display);
        write_permissions(writer, plan, step);
        json_write_text(writer, "before", states.before);
        json_write_text(writer, "after", states.after);
        json_write_text(writer, "why", why);
        json_write_text(writer, "cause", step->cause);
        if (plan_author_of_step(plan, step))
                author_write_json(plan_author_of_step(plan, step), writer, "attribution");
        if (step->suspended)
                json_write_text(writer, "suspended_until", step->suspended->day);
        if (step->state == STEP_HELD) {
                char *release = plan_release_command(NULL, plan);

                json_write_text(writer, "brake", brake_key(step->brake));
                json_write_text(writer, "release", release);
                mem_free(release);
        }
        if (step->state == STEP_WAITING)
                json_write_text(writer, "for", step->waits_for);
        json_write_object_end(writer);
        mem_free(why);
}

void step_write_json(const Plan *plan, const Step *step, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        write_step(&writer, plan, step);
}

static const char *const level_words[] = {
        [FINDING_INFO] = "info", [FINDING_WARNING] = "warning", [FINDING_ALARM] = "alarm",
};

static void write_finding_keys(JsonWriter *writer, const Finding *finding) {
        json_write_object(writer, NULL);
        json_write_text(writer, "kind", finding->kind);
        json_write_text(writer, "level", level_words[finding->level]);
        json_write_text(writer, "project", finding->project);
        json_write_text(writer, "message", finding->message);
        if (finding->detail)
                json_write_text(writer, "detail", finding->detail);
        json_write_array(writer, "path");
        for (size_t i = 0; i < finding->n_path; i++)
                json_write_text(writer, NULL, finding->path[i]);
        json_write_array_end(writer);
}

void finding_write_json(const Finding *finding, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        write_finding_keys(&writer, finding);
        json_write_object_end(&writer);
}

static void write_finding(JsonWriter *writer, const Plan *plan, const Finding *finding) {
        write_finding_keys(writer, finding);
        if (plan_author_of_finding(plan, finding))
                author_write_json(plan_author_of_finding(plan, finding), writer, "attribution");
        json_write_object_end(writer);
}

void plan_write_finding(const Plan *plan, const Finding *finding, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        write_finding(&writer, plan, finding);
}

static void write_steps(JsonWriter *writer, const char *key, const Plan *plan, StepState state) {
        json_write_array(writer, key);
        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].state == state)
                        write_step(writer, plan, &plan->steps[i]);
        json_write_array_end(writer);
}

void plan_write_reasons(const Plan *plan, JsonWriter *writer) {
        HeldReason reasons[PLAN_REASONS_MAX];
        size_t n = plan ? plan_held_reasons(plan, reasons) : 0;

        json_write_array(writer, "reasons");
        for (size_t i = 0; i < n; i++)
                json_write_text(writer, NULL, reasons[i].words);
        json_write_array_end(writer);
}

static const char *const people_verb_words[_PEOPLE_VERB_N] = {
        [PEOPLE_GAIN] = "gain",         [PEOPLE_MAY_GAIN] = "may_gain", [PEOPLE_LOSE] = "lose",
        [PEOPLE_LOSE_ALL] = "lose_all", [PEOPLE_MAY_LOSE] = "may_lose",
};

static void write_names(JsonWriter *writer, const char *key, const char *const *names, size_t n) {
        json_write_array(writer, key);
        for (size_t i = 0; i < n; i++)
                json_write_text(writer, NULL, names[i]);
        json_write_array_end(writer);
}

static void write_words(JsonWriter *writer, const Plan *plan, const PeopleRow *row) {
        Mem *frame = mem_new(NULL, char);

        json_write_array(writer, "permissions");
        for (uint32_t bits = row->bits; bits; bits &= bits - 1)
                json_write_text(writer, NULL,
                                permission_word(frame, &plan->permissions.items[row->space], bits & -bits));
        json_write_array_end(writer);
        mem_free(frame);
}

static void write_people_row(JsonWriter *writer, const Plan *plan, const PeopleRow *row) {
        Text sentence;

        text_init(&sentence, NULL);
        people_describe(plan, row, &sentence);
        json_write_object(writer, NULL);
        json_write_text(writer, "project", plan->desired->projects[row->owner].name);
        json_write_text(writer, "verb", people_verb_words[row->verb]);
        json_write_text(writer, "sentence", sentence.data);
        json_write_int(writer, "n_known", row->n_known);
        write_names(writer, "known", row->known, row->n_known_named);
        json_write_int(writer, "n_everyone_in", row->n_everyone);
        write_names(writer, "everyone_in", row->everyone, row->n_everyone_named);
        write_words(writer, plan, row);
        json_write_text(writer, "kind", kind_row(row->kind)->key);
        json_write_bool(writer, "root", row->is_root);
        json_write_int(writer, "n_things", row->n_things);
        write_names(writer, "things", row->things, row->n_things_named);
        if (row->each == PEOPLE_EACH_SOME)
                json_write_text(writer, "each", "some");
        else
                json_write_int(writer, "each", row->each == PEOPLE_EACH_ALL ? row->n_things : row->each);
        json_write_object_end(writer);
        text_deinit(&sentence);
}

static void write_losing(JsonWriter *writer, const Plan *plan, uint32_t owner) {
        const PeopleLosing *losing = &plan->people->losing[owner];

        if (losing->n_known + losing->n_everyone + plan->people->n_left_out[owner] == 0)
                return;
        json_write_object(writer, NULL);
        json_write_text(writer, "project", plan->desired->projects[owner].name);
        json_write_int(writer, "n_known", losing->n_known);
        json_write_int(writer, "n_everyone_in", losing->n_everyone);
        write_names(writer, "everyone_in", losing->everyone, losing->n_everyone_named);
        json_write_int(writer, "n_left_out", plan->people->n_left_out[owner]);
        json_write_object_end(writer);
}

void plan_write_people(const Plan *plan, JsonWriter *writer) {
        const People *people = plan ? plan->people : NULL;

        json_write_array(writer, "people");
        for (size_t i = 0; people && i < people->n_rows; i++)
                write_people_row(writer, plan, &people->rows[i]);
        json_write_array_end(writer);
        json_write_array(writer, "people_losing_all");
        for (uint32_t i = 0; people && i < plan->desired->n_projects; i++)
                write_losing(writer, plan, i);
        json_write_array_end(writer);
        json_write_int(writer, "people_not_compared",
                       people ? (int64_t)(people->n_untold + people->n_uncompared) : 0);
}

static const char *const state_words[] = {
        [PLAN_IN_SYNC] = "in_sync", [PLAN_PENDING] = "pending", [PLAN_HELD] = "held",
        [PLAN_WAITING] = "waiting", [PLAN_FAILED] = "failed",   [PLAN_UNREAD] = "not_read",
};

const char *plan_state_word(PlanState state) {
        return state_words[state];
}

static void write_projects(JsonWriter *writer, const Plan *plan) {
        json_write_array(writer, "projects");
        for (size_t i = 0; i < plan->n_projects; i++) {
                json_write_object(writer, NULL);
                json_write_text(writer, "name", plan->projects[i].name);
                json_write_text(writer, "state", plan_state_word(plan->projects[i].state));
                json_write_text(writer, "error", plan->projects[i].error);
                json_write_object_end(writer);
        }
        json_write_array_end(writer);
}

void plan_print_json(const Plan *plan, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 2);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "organization", plan->desired->organization);
        if (plan->undoes)
                json_write_text(&writer, "undo", plan->undoes);
        json_write_text(&writer, "plan_id", plan->plan_id[0] ? plan->plan_id : NULL);
        json_write_bool(&writer, "in_sync", plan_exit_code(plan, PLAN_LENIENT) == 0);
        write_steps(&writer, "steps", plan, STEP_PENDING);
        write_steps(&writer, "held", plan, STEP_HELD);
        plan_write_reasons(plan, &writer);
        write_steps(&writer, "waiting", plan, STEP_WAITING);
        plan_write_people(plan, &writer);
        json_write_array(&writer, "findings");
        for (size_t i = 0; i < plan->n_findings; i++)
                write_finding(&writer, plan, &plan->findings[i]);
        json_write_array_end(&writer);
        write_projects(&writer, plan);
        json_write_object_end(&writer);
        text_append(text, "\n");
}
