/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: who can reach what in each project, drawn slice by slice. */
#include <stdio.h>
#include <string.h>

#include "common/access/drawing.h"
#include "common/base/clock.h"
#include "daemon/pictures.h"
#include "daemon/status.h"

#define READ_ANEW "it was read anew meanwhile: load this page again"

/* By which what was seen of an organisation is told from what is seen of it later. */
typedef struct Seen {
        const Keeper *keeper;
        const Plan *plan; /* with its views; NULL: there is nothing to be seen */
        const AccessView *view;
        uint64_t n_passes;
        int64_t last_pass;
} Seen;

struct Pictures {
        const char **urls; /* of organisations */
        size_t n_urls;
        size_t at; /* the one at work */
        PagePicture *items;
        size_t n_items;
        size_t size; /* of what is drawn */
        /* of the organisation at work */
        Mem *work; /* NULL: it is to be begun */
        Seen seen;
        AccessMatrixSpec asked;
        const DesiredProject **projects;
        size_t n_projects, n_drawn;
        AccessSheet *sheet; /* of the project at work; NULL: it is to be begun */
};

static const StandingRow *find_row(const Standing *standing, const char *url) {
        for (size_t i = 0; i < standing->n_rows; i++)
                if (strcmp(standing->rows[i].settings->url, url) == 0)
                        return &standing->rows[i];
        return NULL;
}

static Seen see(const StandingRow *row) {
        const Engine *engine = row && row->keeper ? keeper_engine(row->keeper) : NULL;
        const Plan *plan = engine ? engine_plan(engine) : NULL;

        if (!plan || !plan->current)
                return (Seen){.keeper = row ? row->keeper : NULL};
        return (Seen){row->keeper, plan, plan->current, engine_counts(engine)->n_passes, engine_last_pass(engine)};
}

static bool is_same(const Seen *a, const Seen *b) {
        return a->keeper == b->keeper && a->plan == b->plan && a->view == b->view && a->n_passes == b->n_passes &&
               a->last_pass == b->last_pass;
}

/* Below the pictures: `project` and `html` are copied. */
static void add(Pictures *pictures, const char *project, const char *html, const char *missing) {
        *mem_push(pictures, pictures->items, pictures->n_items) =
                (PagePicture){.organization = pictures->urls[pictures->at],
                          .project = mem_strdup(pictures, project),
                          .html = html,
                          .missing = missing};
}

static void end_organization(Pictures *pictures) {
        pictures->work = mem_free(pictures->work);
        pictures->sheet = NULL;
        pictures->at++;
}

/* --- one project ---------------------------------------------------------------------------------------------------- */

static void draw(Pictures *pictures, const AccessSheet *sheet) {
        HtmlWriter html;
        char id[64];
        Text text;

        snprintf(id, sizeof id, "picture-%zu", pictures->n_items);
        text_init(&text, pictures);
        html_writer_init(&html, &text);
        access_drawing_print(sheet, id, &html);
        if (pictures->size + text.n <= PICTURES_SIZE_MAX) {
                pictures->size += text.n;
                add(pictures, sheet->project, text_end(&text), NULL);
                return;
        }
        text_deinit(&text);
        add(pictures, sheet->project, NULL, "it is too large for this page: see `charterd access -o html --project`");
}

static void begin_project(Pictures *pictures) {
        pictures->sheet = access_sheet_new(pictures->work,
                                           &(AccessSheetSpec){.asked = &pictures->asked,
                                                              .project = pictures->projects[pictures->n_drawn],
                                                              .detail = ACCESS_SHEET_COUNTED});
}

static void end_project(Pictures *pictures) {
        draw(pictures, pictures->sheet);
        pictures->sheet = mem_free(pictures->sheet);
        pictures->n_drawn++;
}

/* --- one organisation ----------------------------------------------------------------------------------------------- */

/* An organisation of which nothing was planned yet shows that elsewhere. */
static void tell_why_not(Pictures *pictures, const StandingRow *row) {
        const Engine *engine = row && row->keeper ? keeper_engine(row->keeper) : NULL;

        if (!engine || !engine_plan(engine))
                return;
        if (engine_budget(engine).is_rotating)
                add(pictures, NULL, NULL,
                    "projects take turns, and no more is kept of one than its plan: see `charterd access --project`");
        else
                add(pictures, NULL, NULL, "a pass is running: load this page again in a moment");
}

static void begin_organization(Pictures *pictures, const StandingRow *row) {
        const Plan *plan;

        pictures->seen = see(row);
        plan = pictures->seen.plan;
        if (!plan) {
                tell_why_not(pictures, row);
                end_organization(pictures);
                return;
        }
        pictures->work = mem_new(pictures, char);
        pictures->asked = (AccessMatrixSpec){.desired = plan->desired,
                                             .live = plan->current,
                                             .live_names = plan->current_names,
                                             .wanted = plan->wanted,
                                             .wanted_names = plan->wanted_names};
        pictures->projects = access_question_projects(pictures->work, &pictures->asked, &pictures->n_projects);
        pictures->n_drawn = 0;
}

static void go_on(Pictures *pictures) {
        if (pictures->sheet) {
                if (!access_sheet_step(pictures->sheet))
                        end_project(pictures);
        } else if (pictures->n_drawn == pictures->n_projects) {
                end_organization(pictures);
        } else if (pictures->n_drawn == PICTURES_PROJECTS_MAX) {
                add(pictures, NULL, NULL, "there are more projects: see `charterd access --project`");
                end_organization(pictures);
        } else {
                begin_project(pictures);
        }
}

/* --- all of them ---------------------------------------------------------------------------------------------------- */

Pictures *pictures_new(Mem *parent, const Standing *standing) {
        Pictures *pictures = mem_new(parent, Pictures);

        for (size_t i = 0; i < standing->n_rows && i < STATUS_EXCERPT_ORGANIZATIONS; i++)
                *mem_push(pictures, pictures->urls, pictures->n_urls) =
                        mem_strdup(pictures, standing->rows[i].settings->url);
        return pictures;
}

bool pictures_step(Pictures *pictures, const Standing *standing) {
        int64_t end = clock_monotonic_ms() + PICTURES_SLICE_MS;
        size_t checked = SIZE_MAX; /* the organisation that was looked up in this slice */

        while (pictures->at < pictures->n_urls && clock_monotonic_ms() < end) {
                const StandingRow *row = find_row(standing, pictures->urls[pictures->at]);

                if (!pictures->work) {
                        checked = pictures->at;
                        begin_organization(pictures, row);
                        continue;
                }
                if (checked != pictures->at) {
                        Seen seen = see(row);

                        checked = pictures->at;
                        if (!is_same(&seen, &pictures->seen)) {
                                add(pictures, NULL, NULL, READ_ANEW);
                                end_organization(pictures);
                                continue;
                        }
                }
                go_on(pictures);
        }
        return pictures->at < pictures->n_urls;
}

void pictures_stop(Pictures *pictures) {
        while (pictures->at < pictures->n_urls) {
                add(pictures, NULL, NULL, "it took too long: see `charterd access --project`");
                end_organization(pictures);
        }
}

const PagePicture *pictures_list(const Pictures *pictures, size_t *np) {
        *np = pictures->n_items;
        return pictures->items;
}
