/* SPDX-License-Identifier: Apache-2.0 */
/* Served: what a running daemon answers over HTTP, path by path. */
#include "common/base/visible.h"
#include "daemon/exposition.h"
#include "daemon/front.h"
#include "daemon/metrics.h"
#include "daemon/served.h"
#include "daemon/status.h"

enum {
        HTTP_NOT_FOUND = 404,
        HTTP_UNAVAILABLE = 503,
};

/* Where somebody asks. */
typedef struct ServedDoor {
        Served *served;
        Listen *listen; /* NULL: closed */
        bool is_socket;
} ServedDoor;

struct Served {
        ServedSpec spec;
        ServedDoor machines, socket;
        Front *front;
};

static Standing *standing_of(const ServedDoor *door, Mem *parent) {
        return door->served->spec.standing(door->served->spec.context, parent);
}

/* --- for machines --------------------------------------------------------------------------------------------------- */

/* That it is answered says that the loop turns. */
static void answer_health(void *context, ListenAnswer *answer) {
        text_append(&answer->text, "ok\n");
}

static void answer_ready(void *context, ListenAnswer *answer) {
        Standing *standing = standing_of(context, NULL);

        for (size_t i = 0; i < standing->n_rows; i++) {
                const char *obstacle = standing_obstacle(standing, &standing->rows[i]);

                if (obstacle)
                        visible_append_line(&answer->text, "%s: %s", standing->rows[i].settings->url, obstacle);
        }
        if (standing->is_stopping)
                text_append(&answer->text, "the daemon is ending\n");
        if (answer->text.n > 0)
                answer->status = HTTP_UNAVAILABLE;
        else
                text_append(&answer->text, "ready\n");
        mem_free(standing);
}

static void answer_metrics(void *context, ListenAnswer *answer) {
        Standing *standing = standing_of(context, NULL);

        answer->media_type = EXPOSITION_MEDIA_TYPE;
        metrics_write(standing, &answer->text);
        mem_free(standing);
}

/* --- for who may see names ------------------------------------------------------------------------------------------ */

/* `listen` may have been another one when it was opened. */
static bool may_see_names(const ServedDoor *door, const Standing *standing, ListenAnswer *answer) {
        if (door->is_socket || (standing->settings->page && listen_is_loopback(door->listen)))
                return true;
        answer->status = HTTP_NOT_FOUND;
        text_append(&answer->text, "this is not served here: it needs `page: true` in the settings and a `listen` on "
                                   "loopback; charterd's socket always serves it: curl --unix-socket SOCKET "
                                   "http://localhost/\n");
        return false;
}

static void answer_status(void *context, ListenAnswer *answer) {
        Standing *standing = standing_of(context, NULL);

        if (may_see_names(context, standing, answer)) {
                answer->media_type = "application/json";
                status_write(standing, STATUS_WHOLE, &answer->text);
                text_append(&answer->text, "\n");
        }
        mem_free(standing);
}

static void answer_page(void *context, ListenAnswer *answer) {
        ServedDoor *door = context;
        Standing *standing = standing_of(door, NULL);

        if (may_see_names(door, standing, answer))
                front_answer(door->served->front, answer);
        mem_free(standing);
}

static const ListenRoute routes[] = {
        {"/", answer_page},
        {"/healthz", answer_health},
        {"/metrics", answer_metrics},
        {"/readyz", answer_ready},
        {"/status", answer_status},
};

/* --- life ----------------------------------------------------------------------------------------------------------- */

static int open_door(Served *served, ServedDoor *door, const char *host, const char **reasonp) {
        door->served = served;
        door->is_socket = !host;
        return listen_open(served,
                           &(ListenSpec){.loop = served->spec.loop,
                                         .host = host,
                                         .port = served->spec.settings->listen_port,
                                         .routes = routes,
                                         .n_routes = sizeof routes / sizeof *routes,
                                         .context = door},
                           &door->listen, reasonp);
}

int served_open(Mem *parent, const ServedSpec *spec, Served **servedp, const char **reasonp) {
        Served *served = mem_new(parent, Served);
        const char *host = spec->settings->listen_host;

        served->spec = *spec;
        if ((host && open_door(served, &served->machines, host, reasonp) < 0) ||
            open_door(served, &served->socket, /* host= */ NULL, reasonp) < 0) {
                *reasonp = mem_strdup(parent, *reasonp);
                mem_free(served);
                return -1;
        }
        served->front = front_new(
                served, &(FrontSpec){.loop = spec->loop, .standing = spec->standing, .context = spec->context});
        served->spec.settings = NULL; /* those in force come with each standing */
        *servedp = served;
        return 0;
}

Served *served_close(Served *served) {
        if (served)
                served->front = front_free(served->front); /* it holds answers of the others */
        return mem_free(served);
}

void served_take(Served *served, int file) {
        listen_take(served->socket.listen, file);
}
