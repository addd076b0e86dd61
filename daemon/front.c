/* SPDX-License-Identifier: Apache-2.0 */
/* Front: the page for people, made in slices when somebody asks for it. */
#include "common/access/drawing.h"
#include "daemon/figures.h"
#include "daemon/front.h"
#include "daemon/page.h"
#include "daemon/pictures.h"
#include "daemon/status.h"

enum {
        HTTP_INTERNAL_SERVER_ERROR = 500,
};

/* On another thread. */
typedef struct FiguresJob {
        char *directory;
        int64_t now;
        Figures *figures;
        const char *reason;
} FiguresJob;

/* A page that is being made; freeing it cancels. */
typedef struct Making {
        Pictures *pictures;
        bool has_pictures;
        LoopTicket *turn;
        LoopTicket *counting; /* of figures; NULL: they are there, or why not */
        LoopTicket *alarm;
        const char *figures; /* HTML, or NULL */
        const char *figures_error;
} Making;

struct Front {
        FrontSpec spec;
        ListenAnswer **waiting;
        size_t n_waiting;
        Making *making; /* NULL: nobody waits */
};

/* --- giving it ------------------------------------------------------------------------------------------------------ */

static void make_page(const Making *making, Standing *standing, ListenAnswer *answer) {
        PageParts parts = {.figures = making->figures, .figures_error = making->figures_error};
        const char *reason = NULL;
        JsonNode *status;
        Text excerpt, style;

        text_init(&style, standing);
        text_append(&style, access_drawing_style);
        figures_append_style(&style);
        parts.style = style.data;
        parts.pictures = pictures_list(making->pictures, &parts.n_pictures);
        text_init(&excerpt, NULL);
        status_write(standing, STATUS_EXCERPT, &excerpt);
        if (json_parse(standing, excerpt.data, excerpt.n, &status, &reason) == 0) {
                answer->media_type = PAGE_MEDIA_TYPE;
                page_write(status, &parts, &answer->text, &answer->styles);
        } else {
                answer->status = HTTP_INTERNAL_SERVER_ERROR;
                text_appendf(&answer->text, "the page could not be made: %s\n", reason);
        }
        text_deinit(&excerpt);
}

static void copy_answer(const ListenAnswer *from, ListenAnswer *to) {
        to->status = from->status;
        to->media_type = from->media_type;
        text_append_bytes(&to->text, from->text.data, from->text.n);
        text_append_bytes(&to->styles, from->styles.data, from->styles.n);
}

static void give(Front *front) {
        Standing *standing = front->spec.standing(front->spec.context, NULL);

        make_page(front->making, standing, front->waiting[0]);
        mem_free(standing);
        front->making = mem_free(front->making);
        for (size_t i = 1; i < front->n_waiting; i++)
                copy_answer(front->waiting[0], front->waiting[i]);
        while (front->n_waiting > 0)
                listen_give(front->waiting[--front->n_waiting]);
}

static void give_when_whole(Front *front) {
        if (front->making->has_pictures && !front->making->counting)
                give(front);
}

/* --- making it ------------------------------------------------------------------------------------------------------ */

static void on_turn(void *context) {
        Front *front = context;
        Making *making = front->making;
        Standing *standing = front->spec.standing(front->spec.context, NULL);

        making->turn = NULL;
        making->has_pictures = !pictures_step(making->pictures, standing);
        mem_free(standing);
        if (!making->has_pictures)
                making->turn = loop_defer(front->spec.loop, making, on_turn, front);
        else
                give_when_whole(front);
}

static void on_too_long(void *context) {
        Front *front = context;
        Making *making = front->making;

        making->alarm = NULL;
        making->turn = mem_free(making->turn);
        pictures_stop(making->pictures);
        if (making->counting)
                making->figures_error = "counting them took too long: see `charterd report`";
        making->counting = mem_free(making->counting);
        give(front);
}

static int count(void *context) {
        FiguresJob *job = context;
        FiguresSpec spec = {.directory = job->directory, .since = job->now - FRONT_FIGURES_MS, .now = job->now};

        return figures_read(job, &spec, &job->figures, &job->reason);
}

static void on_counted(void *context, void *object, int result) {
        Front *front = context;
        FiguresJob *job = object;
        Making *making = front->making;

        making->counting = NULL;
        if (result == 0) {
                HtmlWriter html;
                Text text;

                text_init(&text, making);
                html_writer_init(&html, &text);
                figures_write(job->figures, &html);
                making->figures = text_end(&text);
        } else {
                making->figures_error = mem_strdup(making, job->reason);
        }
        give_when_whole(front);
}

static void begin(Front *front) {
        Standing *standing = front->spec.standing(front->spec.context, NULL);
        FiguresJob *job = mem_new(NULL, FiguresJob);
        Making *making = mem_new(front, Making);

        front->making = making;
        making->pictures = pictures_new(making, standing);
        job->directory = mem_strdup(job, standing->state_directory);
        job->now = standing->now;
        making->turn = loop_defer(front->spec.loop, making, on_turn, front);
        making->alarm = loop_alarm(front->spec.loop, making, FRONT_MS_MAX, on_too_long, front);
        making->counting = loop_work(front->spec.loop, making,
                                     &(LoopWork){.work = count, .done = on_counted, .context = front, .job = job});
        mem_free(standing);
}

void front_answer(Front *front, ListenAnswer *answer) {
        listen_keep(answer);
        *mem_push(front, front->waiting, front->n_waiting) = answer;
        if (!front->making)
                begin(front);
}

/* --- life ----------------------------------------------------------------------------------------------------------- */

Front *front_new(Mem *parent, const FrontSpec *spec) {
        Front *front = mem_new(parent, Front);

        front->spec = *spec;
        return front;
}

Front *front_free(Front *front) {
        return mem_free(front);
}
