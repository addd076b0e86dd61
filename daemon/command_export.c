/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd export`: a charter of the live organisation, tried against what was read before anybody sees it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/governed.h"
#include "config/charter.h"
#include "config/export.h"
#include "daemon/errand.h"

enum {
        ROUNDS_MAX = 8, /* what plans to a change is written otherwise, then left out */
};

/* One export under way. */
typedef struct Exporting {
        Errand *errand;
        const OrganizationSettings *settings;
        const char **projects; /* by name */
        size_t n_projects;
        ExportOmission *omissions;
        size_t n_omissions;
        ExportGap *gaps; /* projects of which not everything could be read */
        size_t n_gaps;
} Exporting;

/* --- reading ------------------------------------------------------------------------------------------------------ */

static const Organisation *read_with(Exporting *exporting, Desired *desired) {
        Errand *errand = exporting->errand;
        Engine *engine = keeper_engine(errand->keepers[0]);

        engine_set_charter(engine, desired);
        errand_order(errand, &(EngineOrder){.purpose = PASS_PLAN, .turns = ENGINE_AT_ONCE, .reason = "command"});
        return engine_plan(engine) ? engine_plan(engine)->live : NULL;
}

static const Organisation *complain_of_reading(const Exporting *exporting) {
        const Engine *engine = keeper_engine(exporting->errand->keepers[0]);

        complain("%s: %s", engine_spec(engine)->url, engine_error(engine));
        return NULL;
}

static Desired *desired_of_nothing(const Exporting *exporting) {
        Desired *desired = mem_new(exporting->errand->mem, Desired);

        desired->organization = mem_strdup(desired, exporting->settings->url);
        return desired;
}

static bool has_gap(const Exporting *exporting, const char *project) {
        for (size_t i = 0; i < exporting->n_gaps; i++)
                if (text_equal(exporting->gaps[i].project, project))
                        return true;
        return false;
}

/* Every project, whole but for those of which that was tried. */
static Desired *desired_of_everything(const Exporting *exporting) {
        Desired *desired = desired_of_nothing(exporting);

        desired->is_whole = exporting->settings->may.organization && exporting->n_gaps == 0;
        desired->projects = mem_new_array(desired, DesiredProject, exporting->n_projects + 1);
        for (size_t i = 0; i < exporting->n_projects; i++)
                desired->projects[desired->n_projects++] = (DesiredProject){
                        .name = exporting->projects[i],
                        .whole = has_gap(exporting, exporting->projects[i]) ? kinds_at_work() : kinds_all(),
                };
        return desired;
}

static int compare_names(const void *a, const void *b) {
        return text_compare(*(const char *const *)a, *(const char *const *)b);
}

static void note_projects(Exporting *exporting, const Organisation *live) {
        Mem *mem = exporting->errand->mem;
        const char *only = exporting->errand->cli->project;

        for (size_t i = 0; i < live->n_projects; i++)
                if (!only || text_equal(only, live->projects[i].name))
                        *mem_push(mem, exporting->projects, exporting->n_projects) =
                                mem_strdup(mem, live->projects[i].name);
        if (exporting->n_projects > 1)
                qsort(exporting->projects, exporting->n_projects, sizeof *exporting->projects, compare_names);
}

static void complain_of_project(const Exporting *exporting, const Organisation *live) {
        const char *project = exporting->errand->cli->project, *nearest;
        const char **names = mem_new_array(exporting->errand->mem, const char *, live->n_projects + 1);

        for (size_t i = 0; i < live->n_projects; i++)
                names[i] = live->projects[i].name;
        nearest = text_nearest(project, names, live->n_projects);
        if (nearest)
                complain("%s has no project `%s`; did you mean `%s`?", live->url, project, nearest);
        else
                complain("%s has no project `%s`, or hides it from charterd", live->url, project);
}

static void add_gap(Exporting *exporting, const char *project, const char *reason) {
        Mem *mem = exporting->errand->mem;

        *mem_push(mem, exporting->gaps, exporting->n_gaps) =
                (ExportGap){.project = mem_strdup(mem, project), .reason = mem_strdup(mem, reason)};
}

/* live: NULL, then it is something of all of them. */
static void note_gaps(Exporting *exporting, const Organisation *live) {
        const Engine *engine = keeper_engine(exporting->errand->keepers[0]);

        for (size_t i = 0; !live && i < exporting->n_projects; i++)
                add_gap(exporting, exporting->projects[i], engine_error(engine));
        for (size_t i = 0; live && i < live->n_projects; i++)
                if (live->projects[i].state == PROJECT_FAILED)
                        add_gap(exporting, live->projects[i].name, live->projects[i].error);
}

/* What hinders the whole of a project may be a right on one of its kinds, or that the service has none of it: then those
 * are read alone that a charter needs in any case. */
static const Organisation *read_everything(Exporting *exporting) {
        const Organisation *live = read_with(exporting, desired_of_everything(exporting));

        note_gaps(exporting, live);
        return exporting->n_gaps == 0 ? live : read_with(exporting, desired_of_everything(exporting));
}

static const Organisation *read_organisation(Exporting *exporting) {
        const Organisation *live = read_with(exporting, desired_of_nothing(exporting));

        if (!live)
                return complain_of_reading(exporting);
        note_projects(exporting, live);
        if (exporting->n_projects == 0 && exporting->errand->cli->project) {
                complain_of_project(exporting, live);
                return NULL;
        }
        live = read_everything(exporting);
        return live ? live : complain_of_reading(exporting);
}

/* --- trying ------------------------------------------------------------------------------------------------------- */

typedef struct PartRow {
        StepVerb verb;
        ExportPart part;
} PartRow;

static const PartRow parts[] = {
        {STEP_ADD_MEMBER, EXPORT_MEMBERS},        {STEP_REMOVE_MEMBER, EXPORT_MEMBERSHIPS},
        {STEP_SET_ENTRY, EXPORT_GRANTS},          {STEP_REMOVE_ENTRY, EXPORT_GRANTS},
        {STEP_SET_ADMIN, EXPORT_ADMINS},          {STEP_REMOVE_ADMIN, EXPORT_ADMINS},
        {STEP_SET_AREAS, EXPORT_OWNED},           {STEP_CREATE, EXPORT_OWNED},
        {STEP_SET_INHERIT, EXPORT_OWNED},
};

static ExportOmission *find_omission(Exporting *exporting, const char *project, const char *principal) {
        Mem *mem = exporting->errand->mem;
        ExportOmission *omission;

        for (size_t i = 0; i < exporting->n_omissions; i++)
                if (text_equal(exporting->omissions[i].project, project) &&
                    text_equal(exporting->omissions[i].principal, principal))
                        return &exporting->omissions[i];
        omission = mem_push(mem, exporting->omissions, exporting->n_omissions);
        *omission = (ExportOmission){.project = mem_strdup(mem, project), .principal = mem_strdup(mem, principal)};
        return omission;
}

/* First everything of it is written out, then what plans to a change is left out. */
static void omit(ExportOmission *omission, ExportPart part) {
        omission->parts |= omission->parts & (1u << EXPORT_FOLDING) ? 1u << part : 1u << EXPORT_FOLDING;
}

static void omit_step(Exporting *exporting, const Step *step) {
        const char *names[] = {step->principal.name, step->container.name, step->name};

        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
                for (size_t k = 0; k < sizeof names / sizeof *names && parts[i].verb == step->verb; k++)
                        if (names[k] && names[k][0])
                                omit(find_omission(exporting, step->project_name, names[k]), parts[i].part);
}

static Desired *load(const Exporting *exporting, Mem *frame, const Text *text) {
        CharterSpec spec = {.organization = exporting->settings->url, .may = &exporting->settings->may};
        Desired *desired = NULL;
        DiagList diags;
        int r;

        diag_list_init(&diags, frame);
        r = charter_parse(frame, text->data, text->n, "export", &spec, &diags, &desired);
        if (r == 0 && diags.n == 0)
                return desired;
        print_diags(&diags, WORDS_ARE_ERRORS);
        return NULL;
}

/* 0: the charter plans to no change; 1: what does is noted; negative: it cannot be loaded. */
static int try_charter(Exporting *exporting, const Organisation *live, const Text *text) {
        Mem *frame = mem_new(NULL, char);
        Desired *desired = load(exporting, frame, text);
        const MaySettings *may = &exporting->settings->may;
        const Plan *plan;
        int r;

        if (!desired) {
                mem_free(frame);
                return -1;
        }
        plan = plan_new(frame, &(PlanSpec){.desired = desired,
                                           .live = live,
                                           .limits = {-1, -1, -1, -1},
                                           .mode = MODE_OBSERVE,
                                           .may_create = may->create,
                                           .may_administrators = may->administrators,
                                           .may_organization = may->organization});
        r = plan->n_steps > 0;
        for (size_t i = 0; i < plan->n_steps; i++)
                omit_step(exporting, &plan->steps[i]);
        mem_free(frame);
        return r;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static int tell_failed_projects(const Organisation *live) {
        int exit_code = EXIT_IN_SYNC;

        for (size_t i = 0; i < live->n_projects; i++)
                if (live->projects[i].state == PROJECT_FAILED) {
                        complain("%s: %s", live->projects[i].name, live->projects[i].error);
                        exit_code = EXIT_ERROR;
                }
        return exit_code;
}

static int write_charter(Exporting *exporting, const Organisation *live) {
        int r = 1;
        Text text;

        for (int round = 0; round < ROUNDS_MAX && r > 0; round++) {
                text_init(&text, exporting->errand->mem);
                export_charter(&(ExportSpec){.live = live,
                                             .may = &exporting->settings->may,
                                             .only_project = exporting->errand->cli->project,
                                             .omissions = exporting->omissions,
                                             .n_omissions = exporting->n_omissions,
                                             .gaps = exporting->gaps,
                                             .n_gaps = exporting->n_gaps},
                               &text);
                r = try_charter(exporting, live, &text);
        }
        if (r != 0) {
                complain("%s: no charter was found that %s; this is a mistake of charterd's own", live->url,
                         r < 0 ? "charterd itself reads" : "plans to no change");
                return EXIT_ERROR;
        }
        fputs(text.data, stdout);
        return tell_failed_projects(live);
}

int command_export(const Cli *cli) {
        Exporting exporting = {0};
        const Organisation *live;
        Errand errand;

        if (!cli->url) {
                complain("`export` needs --url URL; usage: charterd export --url URL [--project P]");
                return EXIT_USAGE;
        }
        if (errand_begin_alone(&errand, cli, cli->url) == 0) {
                exporting.errand = &errand;
                exporting.settings = keeper_settings(errand.keepers[0]);
                live = read_organisation(&exporting);
                errand.exit_code = live ? write_charter(&exporting, live) : EXIT_ERROR;
        }
        return errand_end(&errand);
}
