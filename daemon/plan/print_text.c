/* SPDX-License-Identifier: Apache-2.0 */
/* PrintText: a plan for people: by project and team, permission words before -> after, why. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/visible.h"
#include "daemon/plan/planner.h"

#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define BOLD "\033[1m"
#define PLAIN "\033[0m"

typedef struct Printer {
        const Plan *plan;
        PrintColour colour;
        Text *text;
        const Step **sorted; /* by project, subject, rank */
} Printer;

/* Names are whatever somebody called a thing: all but our own colours and line ends goes through visible_append(). */
static void put(Printer *printer, const char *colour, const char *words) {
        bool is_coloured = printer->colour == PRINT_COLOUR;

        text_append(printer->text, is_coloured ? colour : "");
        visible_append(printer->text, words);
        text_append(printer->text, is_coloured ? PLAIN : "");
}

/* The last part of the path: people know where their charter is. */
static const char *file_of(Place place) {
        const char *slash = strrchr(place.file, '/');

        return slash ? slash + 1 : place.file;
}

static void put_place(Printer *printer, Place place, const char *cause) {
        if (!place.line && !cause)
                return;
        text_append(printer->text, "  (");
        if (place.line)
                visible_appendf(printer->text, "%s:%u", file_of(place), place.line);
        visible_appendf(printer->text, "%s%s)", place.line && cause ? ", " : "", cause ? cause : "");
}

/* --- whose step it is ------------------------------------------------------------------------- */

static const DesiredPrincipal *declared(const DesiredProject *project,
                                        const StepPrincipal *principal) {
        return principal->name ? desired_find_principal(project, principal->name) : NULL;
}

/* Who owns the thing, or what it lies in. */
static const DesiredPrincipal *owner_above(const DesiredProject *project, Kind kind,
                                           const char *name) {
        const DesiredPrincipal *found = desired_find_owner(project, kind, name, NULL);
        const char *slash = kind_has(kind, KIND_IS_NESTED) ? strrchr(name, '/') : NULL;
        char *above;

        if (found || !slash || slash == name)
                return found;
        above = mem_strndup(NULL, name, (size_t)(slash - name));
        found = owner_above(project, kind, above);
        mem_free(above);
        return found;
}

/* The team or group that a reader would look for it under; "" the project itself. */
static const char *subject_of(const Plan *plan, const Step *step) {
        const DesiredProject *project = desired_find_project(plan->desired, step->project_name);
        const DesiredPrincipal *found = NULL;

        if (!project)
                return "";
        if (step->verb == STEP_ADD_MEMBER || step->verb == STEP_REMOVE_MEMBER)
                found = declared(project, &step->container);
        if (!found)
                found = declared(project, &step->principal);
        if (!found && step->name && step->name[0])
                found = step->kind == KIND_TEAM || step->kind == KIND_GROUP
                                ? desired_find_principal(project, step->name)
                                : owner_above(project, step->kind, step->name);
        return found ? found->name : "";
}

static int compare_steps(const void *x, const void *y, void *context) {
        const Step *a = *(const Step *const *)x, *b = *(const Step *const *)y;
        const Plan *plan = context;
        int r = text_compare(a->project_name, b->project_name);

        if (r == 0)
                r = text_compare(subject_of(plan, a), subject_of(plan, b));
        return r != 0 ? r : step_compare(a, b);
}

/* --- steps ------------------------------------------------------------------------------------ */

static const struct {
        Rank rank;
        const char *mark;
        const char *colour;
} marks[] = {
        {RANK_CREATE, "+", GREEN},
        {RANK_ADD_MEMBER, "+", GREEN},
        {RANK_GIVE, "+", GREEN},
        {RANK_DENY, "-", RED},
        {RANK_TAKE, "-", RED},
        {RANK_REMOVE_MEMBER, "-", RED},
        {RANK_TEAM_SETTINGS, "~", YELLOW},
};

static void put_step(Printer *printer, const Step *step) {
        Text line;

        text_init(&line, NULL);
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
                if (marks[i].rank == step->rank)
                        text_appendf(&line, "%s ", marks[i].mark);
        step_describe(printer->plan, step, &line);
        text_append(printer->text, "    ");
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
                if (marks[i].rank == step->rank)
                        put(printer, marks[i].colour, line.data);
        put_place(printer, step->why, step->cause);
        if (step->after_creation)
                text_append(printer->text, step->verb == STEP_CREATE ? ", in a project to be made"
                                                                     : ", once it is made");
        if (step->released)
                text_append(printer->text, ", released");
        if (step->observed)
                text_append(printer->text, ", only shown: `mode: observe`");
        if (step->suspended)
                text_appendf(printer->text, ", only shown: suspended until %s", step->suspended->day);
        if (step->state == STEP_WAITING) {
                text_append(printer->text, "\n        waits: ");
                visible_append(printer->text, step->waits_for);
        }
        if (step->state == STEP_HELD)
                text_appendf(printer->text, "\n        held: %s", brake_word(step->brake));
        text_append(printer->text, "\n");
        text_deinit(&line);
}

/* Who brought it about, on a line of its own. */
static void put_author(Printer *printer, const Author *author) {
        Text words;

        if (!author)
                return;
        text_init(&words, NULL);
        author_describe(author, &words);
        visible_append_line(printer->text, "        %s", words.data);
        text_deinit(&words);
}

static size_t count(const Plan *plan, StepState state) {
        size_t n = 0;

        for (size_t i = 0; i < plan->n_steps; i++)
                n += plan->steps[i].state == state;
        return n;
}

static void put_steps(Printer *printer, StepState state) {
        const char *project = NULL, *subject = NULL;

        for (size_t i = 0; i < printer->plan->n_steps; i++) {
                const Step *step = printer->sorted[i];
                const char *own = subject_of(printer->plan, step);

                if (step->state != state)
                        continue;
                if (!project || !text_equal(project, step->project_name)) {
                        put(printer, BOLD, desired_label(step->project_name));
                        text_append(printer->text, "\n");
                        subject = NULL;
                }
                if (!subject || !text_equal(subject, own)) {
                        visible_append_line(printer->text, "  %s", own[0] ? own : "(the project)");
                }
                project = step->project_name;
                subject = own;
                put_step(printer, step);
                put_author(printer, plan_author_of_step(printer->plan, step));
        }
}

static void put_section(Printer *printer, StepState state, const char *title) {
        size_t n = count(printer->plan, state);
        char *line;

        if (n == 0)
                return;
        line = mem_printf(NULL, "%zu step%s %s:", n, n == 1 ? "" : "s", title);
        put(printer, BOLD, line);
        text_append(printer->text, "\n");
        mem_free(line);
        put_steps(printer, state);
        text_append(printer->text, "\n");
}

/* --- people ----------------------------------------------------------------------------------- */

static const struct {
        const char *mark;
        const char *colour;
} people_marks[_PEOPLE_VERB_N] = {
        [PEOPLE_GAIN] = {"+", GREEN},     [PEOPLE_MAY_GAIN] = {"?", YELLOW}, [PEOPLE_LOSE] = {"-", RED},
        [PEOPLE_LOSE_ALL] = {"-", RED}, [PEOPLE_MAY_LOSE] = {"?", YELLOW},
};

static void put_person_row(Printer *printer, const PeopleRow *row) {
        Text line;

        text_init(&line, NULL);
        text_appendf(&line, "%s ", people_marks[row->verb].mark);
        people_describe(printer->plan, row, &line);
        text_append(printer->text, "    ");
        put(printer, people_marks[row->verb].colour, line.data);
        text_append(printer->text, "\n");
        text_deinit(&line);
}

static void put_left_out(Printer *printer, uint32_t owner) {
        uint32_t n = printer->plan->people->n_left_out[owner];

        if (n > 0)
                text_appendf(printer->text, "    and %u more of the kind\n", (unsigned)n);
}

static void put_people(Printer *printer) {
        const People *people = printer->plan->people;

        if (!people || printer->plan->n_steps == 0)
                return;
        put(printer, BOLD, "who gains and loses, once all of this is done:");
        text_append(printer->text, "\n");
        for (size_t i = 0; i < people->n_rows; i++) {
                uint32_t owner = people->rows[i].owner;

                if (i == 0 || people->rows[i - 1].owner != owner)
                        visible_append_line(printer->text, "  %s",
                                            desired_label(printer->plan->desired->projects[owner].name));
                put_person_row(printer, &people->rows[i]);
                if (i + 1 == people->n_rows || people->rows[i + 1].owner != owner)
                        put_left_out(printer, owner);
        }
        if (people->n_rows == 0)
                text_append(printer->text, "  nobody who is known\n");
        if (people->n_untold + people->n_uncompared > 0)
                text_appendf(printer->text, "  and more that is too much to compare: %zu times\n",
                             people->n_untold + people->n_uncompared);
        text_append(printer->text, "\n");
}

/* --- the rest --------------------------------------------------------------------------------- */

static const struct {
        FindingLevel level;
        const char *mark;
        const char *colour;
} finding_marks[] = {
        {FINDING_INFO, "i ", PLAIN},
        {FINDING_WARNING, "? ", YELLOW},
        {FINDING_ALARM, "! ", RED},
};

static void put_findings(Printer *printer) {
        const Plan *plan = printer->plan;

        if (plan->n_findings == 0)
                return;
        put(printer, BOLD, "found, and not changed:");
        text_append(printer->text, "\n");
        for (size_t i = 0; i < plan->n_findings; i++) {
                const Finding *finding = &plan->findings[i];

                text_append(printer->text, "  ");
                put(printer, finding_marks[finding->level].colour,
                    finding_marks[finding->level].mark);
                visible_appendf(printer->text, "%s%s%s: %s",
                                finding->project ? desired_label(finding->project) : "",
                                finding->project ? ": " : "", finding->kind, finding->message);
                put_place(printer, finding->place, NULL);
                text_append(printer->text, "\n");
                if (finding->detail)
                        visible_append_line(printer->text, "        %s", finding->detail);
                for (size_t k = 0; k < finding->n_path; k++)
                        visible_appendf(printer->text, "%s%s", k > 0 ? " > " : "        ",
                                        finding->path[k]);
                if (finding->n_path > 0)
                        text_append(printer->text, "\n");
                put_author(printer, plan_author_of_finding(plan, finding));
        }
        text_append(printer->text, "\n");
}

static void put_failures(Printer *printer) {
        for (size_t i = 0; i < printer->plan->n_projects; i++) {
                const PlanProject *project = &printer->plan->projects[i];

                if (project->state == PLAN_FAILED) {
                        put(printer, RED, "not planned: ");
                        visible_append_line(printer->text, "%s: %s", desired_label(project->name), project->error);
                } else if (project->state == PLAN_UNREAD) {
                        put(printer, YELLOW, "not read yet: ");
                        visible_append_line(printer->text, "%s", desired_label(project->name));
                }
        }
}

/* The reasons of a held plan, each once. */
static void put_held(Printer *printer) {
        const Plan *plan = printer->plan;
        HeldReason reasons[PLAN_REASONS_MAX];
        size_t n = count(plan, STEP_HELD);
        size_t n_reasons;
        char *release;

        if (!plan->plan_id[0])
                return;
        n_reasons = plan_held_reasons(plan, reasons);
        text_appendf(printer->text, "held: %s: %zu step%s: ", plan->plan_id, n, n == 1 ? "" : "s");
        for (size_t i = 0; i < n_reasons; i++)
                visible_appendf(printer->text, "%s%s", i > 0 ? ", " : "", reasons[i].words);
        release = plan_release_command(NULL, plan);
        text_appendf(printer->text, "; %s\n", release);
        mem_free(release);
}

static void put_in_sync(Printer *printer) {
        const Plan *plan = printer->plan;
        size_t n_failed = 0, n_projects = 0, n_teams = 0, n_things = 0;

        for (size_t i = 0; i < plan->n_projects; i++) {
                const DesiredProject *project =
                        desired_find_project(plan->desired, plan->projects[i].name);

                n_projects += plan->projects[i].name[0] != '\0';
                n_failed += plan->projects[i].state == PLAN_FAILED || plan->projects[i].state == PLAN_UNREAD;
                for (size_t k = 0; project && k < project->n_principals; k++) {
                        n_teams++;
                        n_things += project->principals[k].n_owns;
                }
        }
        if (plan->n_steps > 0 || n_failed > 0 || plan->plan_id[0] || plan->undoes)
                return;
        put(printer, GREEN, "in sync");
        text_appendf(printer->text, ": %zu project%s, %zu team%s and groups, %zu things they own\n",
                     n_projects, n_projects == 1 ? "" : "s", n_teams,
                     n_teams == 1 ? "" : "s", n_things);
}

void plan_print_text(const Plan *plan, PrintColour colour, Text *text) {
        Printer printer = {.plan = plan, .colour = colour, .text = text};

        printer.sorted = mem_new_array(NULL, const Step *, plan->n_steps + 1);
        for (size_t i = 0; i < plan->n_steps; i++)
                printer.sorted[i] = &plan->steps[i];
        qsort_r(printer.sorted, plan->n_steps, sizeof *printer.sorted, compare_steps, (void *)plan);
        text_appendf(text, "%s\n\n", plan->desired->organization);
        put_section(&printer, STEP_PENDING, "to do");
        put_section(&printer, STEP_WAITING, "waiting");
        put_section(&printer, STEP_HELD, "held by a brake");
        put_people(&printer);
        put_findings(&printer);
        put_failures(&printer);
        put_in_sync(&printer);
        put_held(&printer);
        mem_free(printer.sorted);
}
