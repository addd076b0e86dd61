/* SPDX-License-Identifier: Apache-2.0 */
/* Daemon: organisations kept side by side until a signal ends the process. */
#include <signal.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/visible.h"
#include "config/file.h"
#include "daemon/daemon.h"
#include "daemon/engine/undo_record.h"
#include "daemon/net/manager.h"
#include "daemon/net/serve.h"
#include "daemon/notify.h"
#include "daemon/post.h"
#include "daemon/progress_line.h"
#include "daemon/served.h"
#include "daemon/status.h"
#include "daemon/summary.h"

enum {
        STOP_MS = 4 * 1000, /* for what is in flight when the process is told to end */
        LOOK_MS = 1000,     /* how often passes under way are looked at */
};

typedef struct Daemon {
        Mem *mem;
        const char *settings_path;
        char settings_sha256[DIGEST_TEXT_SIZE];
        Settings *settings;  /* in force */
        Settings **outdated; /* while posts made from them are still busy */
        size_t n_outdated;
        Workplace *workplace;
        char *settings_error; /* the first mistake of newer ones that were not taken */
        Serve *serve;
        Served *served;
        Notify *notify;
        Manager *manager;
        char *stall; /* of the watchdog's last question */
        Post **posts;
        size_t n_posts;
        StandingRow *unkept; /* organisations for which there is no post */
        size_t n_unkept;
        LoopTicket *turn, *look, *deadline;
        int64_t started; /* wall ms */
        bool is_stopping;
} Daemon;

/* --- organisations -------------------------------------------------------------------------------------------------- */

static void on_turn(void *context);

/* Posts are freed and made only from the top of the loop. */
static void ask_turn(Daemon *daemon) {
        if (!daemon->turn)
                daemon->turn = loop_defer(daemon->workplace->loop, daemon->mem, on_turn, daemon);
}

/* How far passes are, as long as any is under way. */
static void on_look(void *context) {
        Daemon *daemon = context;
        bool is_any_busy = false;

        daemon->look = NULL;
        for (size_t i = 0; i < daemon->n_posts; i++) {
                engine_look(keeper_engine(post_keeper(daemon->posts[i])));
                is_any_busy |= !post_is_idle(daemon->posts[i]);
        }
        manager_look(daemon->manager);
        if (is_any_busy)
                daemon->look = loop_alarm(daemon->workplace->loop, daemon->mem, LOOK_MS, on_look, daemon);
}

static void on_busy(void *context, Post *post) {
        Daemon *daemon = context;

        if (!daemon->look)
                daemon->look = loop_alarm(daemon->workplace->loop, daemon->mem, LOOK_MS, on_look, daemon);
}

static void on_idle(void *context, Post *post) {
        Daemon *daemon = context;

        if (!daemon->is_stopping)
                notify_look(daemon->notify, keeper_engine(post_keeper(post)));
        manager_look(daemon->manager);
        if (daemon->is_stopping || daemon->n_outdated > 0)
                ask_turn(daemon);
}

static void on_part(void *context, Wish *wish);

static const OrganizationSettings *find_organization(const Settings *settings, const char *url) {
        for (size_t i = 0; i < settings->n_organizations; i++)
                if (strcmp(settings->organizations[i].url, url) == 0)
                        return &settings->organizations[i];
        return NULL;
}

/* One that cannot be kept never holds up another. */
static void add_post(Daemon *daemon, const OrganizationSettings *organization) {
        const char *reason = NULL;
        Post *post = post_new(daemon->mem,
                              &(PostSpec){.workplace = daemon->workplace,
                                          .settings = organization,
                                          .on_busy = on_busy,
                                          .on_idle = on_idle,
                                          .on_part = on_part,
                                          .context = daemon},
                              &reason);

        if (post) {
                *mem_push(daemon->mem, daemon->posts, daemon->n_posts) = post;
                return;
        }
        log_error("the organisation cannot be kept", LOG_TEXT("organization", organization->url),
                  LOG_TEXT("error", reason));
        *mem_push(daemon->mem, daemon->unkept, daemon->n_unkept) =
                (StandingRow){.settings = organization, .error = reason};
}

static bool is_outdated(const Daemon *daemon, const Post *post) {
        const OrganizationSettings *own = keeper_settings(post_keeper(post));

        return find_organization(daemon->settings, own->url) != own;
}

static bool has_post(const Daemon *daemon, const char *url) {
        for (size_t i = 0; i < daemon->n_posts; i++)
                if (strcmp(keeper_settings(post_keeper(daemon->posts[i]))->url, url) == 0)
                        return true;
        return false;
}

static void forget_unkept(Daemon *daemon) {
        while (daemon->n_unkept > 0)
                mem_free((char *)daemon->unkept[--daemon->n_unkept].error);
}

/* What is made from settings that are no longer in force goes when it is idle; then what is missing is made. */
static void renew_posts(Daemon *daemon) {
        size_t n = 0;
        bool is_any_outdated = false;

        for (size_t i = 0; i < daemon->n_posts; i++) {
                if (is_outdated(daemon, daemon->posts[i]) && post_is_idle(daemon->posts[i])) {
                        post_free(daemon->posts[i]);
                        continue;
                }
                is_any_outdated |= is_outdated(daemon, daemon->posts[i]);
                daemon->posts[n++] = daemon->posts[i];
        }
        daemon->n_posts = n;
        forget_unkept(daemon); /* they are tried again */
        for (size_t i = 0; i < daemon->settings->n_organizations; i++)
                if (!has_post(daemon, daemon->settings->organizations[i].url))
                        add_post(daemon, &daemon->settings->organizations[i]);
        while (!is_any_outdated && daemon->n_outdated > 0)
                mem_free(daemon->outdated[--daemon->n_outdated]);
}

static bool is_all_idle(const Daemon *daemon) {
        for (size_t i = 0; i < daemon->n_posts; i++)
                if (!post_is_idle(daemon->posts[i]))
                        return false;
        return true;
}

static void on_turn(void *context) {
        Daemon *daemon = context;

        daemon->turn = NULL;
        if (!daemon->is_stopping)
                renew_posts(daemon);
        else if (is_all_idle(daemon))
                loop_stop(daemon->workplace->loop);
}

/* --- the socket ----------------------------------------------------------------------------------------------------- */

static void give_wish(Daemon *daemon, Wish *wish) {
        wish->n_left = daemon->n_posts;
        for (size_t i = 0, n = daemon->n_posts; i < n; i++)
                post_wish(daemon->posts[i], wish);
}

static void finish_release(Wish *wish) {
        if (wish->is_unwritten)
                text_append(&wish->text, "the release could not be recorded in the ledger\n");
        else if (!wish->is_released && !wish->error)
                visible_append_line(&wish->text, "nothing is held under %s; see `charterd plan`", wish->plan_id);
        else if (wish->is_released)
                visible_append_line(&wish->text, "released: %s; a pass follows", wish->plan_id);
        if (!wish->is_released || wish->is_unwritten)
                wish->exit_code = EXIT_ERROR;
        wish_end(wish);
}

static void finish_apply(Daemon *daemon, Wish *wish) {
        for (size_t i = 0; i < daemon->n_unkept; i++)
                wish_fail(wish, daemon->unkept[i].error);
        wish_end(wish);
}

static void on_part(void *context, Wish *wish) {
        Daemon *daemon = context;

        if (--wish->n_left > 0)
                return;
        if (wish->stage == WISH_UNDO) {
                wish_end(wish);
        } else if (wish->stage == WISH_APPLY) {
                finish_apply(daemon, wish);
        } else if (wish->is_applied && wish->is_released && !wish->is_unwritten) {
                wish->stage = WISH_APPLY;
                give_wish(daemon, wish);
        } else {
                finish_release(wish);
        }
}

static void answer_error(ServeAnswer *answer, const char *message, int exit_code) {
        JsonWriter writer;
        Text text;

        text_init(&text, NULL);
        json_writer_init(&writer, &text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "error", message);
        json_write_object_end(&writer);
        serve_answer_line(answer, text.data);
        serve_answer_end(answer, exit_code);
        text_deinit(&text);
}

static Standing *standing_new(void *context, Mem *parent) {
        const Daemon *daemon = context;
        Standing *standing = mem_new(parent, Standing);
        StandingRow *rows = mem_new_array(standing, StandingRow, daemon->n_posts + daemon->n_unkept + 1);

        for (size_t i = 0; i < daemon->n_posts; i++) {
                const Keeper *keeper = post_keeper(daemon->posts[i]);

                rows[i] = (StandingRow){.settings = keeper_settings(keeper),
                                        .keeper = keeper,
                                        .next_pass = post_next_pass(daemon->posts[i])};
        }
        for (size_t i = 0; i < daemon->n_unkept; i++)
                rows[daemon->n_posts + i] = daemon->unkept[i];
        *standing = (Standing){.settings = daemon->settings,
                               .settings_error = daemon->settings_error,
                               .ledger = daemon->workplace->ledger,
                               .state_directory = daemon->workplace->state_directory,
                               .longest_turn = loop_longest_turn(daemon->workplace->loop),
                               .rows = rows,
                               .n_rows = daemon->n_posts + daemon->n_unkept,
                               .is_stopping = daemon->is_stopping,
                               .started = daemon->started,
                               .now = clock_wall_ms(),
                               .memory = mem_total(daemon->mem)};
        return standing;
}

static void answer_status(Daemon *daemon, ServeAnswer *answer, const JsonNode *request) {
        Standing *standing = standing_new(daemon, daemon->mem);
        Text text;

        text_init(&text, daemon->mem);
        status_write(standing, STATUS_WHOLE, &text);
        serve_answer_line(answer, text.data);
        serve_answer_end(answer, status_exit_code(standing));
        text_deinit(&text);
        mem_free(standing);
}

static int check_project(const Daemon *daemon, Wish *wish, const char **reasonp) {
        const Keeper **keepers = NULL;
        size_t n = 0;

        if (!wish->project)
                return 0;
        for (size_t i = 0; i < daemon->n_posts; i++)
                *mem_push(wish, keepers, n) = post_keeper(daemon->posts[i]);
        return keeper_check_project(wish, keepers, n, wish->project, reasonp);
}

static void answer_wish(Daemon *daemon, ServeAnswer *answer, const JsonNode *request) {
        const char *reason = NULL;
        Wish *wish = wish_new(daemon->mem, answer, request, &reason);

        if (!wish) {
                answer_error(answer, reason, EXIT_ERROR);
        } else if (check_project(daemon, wish, &reason) < 0) {
                answer_error(answer, reason, EXIT_USAGE);
                mem_free(wish);
        } else if (daemon->n_posts > 0) {
                give_wish(daemon, wish);
        } else if (wish->stage == WISH_APPLY) {
                finish_apply(daemon, wish);
        } else {
                finish_release(wish);
        }
}

/* --- an undo: the change is looked for in the ledger on another thread ------------------------------------------------ */

typedef struct Search {
        char *directory;
        char *change_id;
        UndoRecord *record;
        const char *reason;
} Search;

typedef struct Undoing {
        Daemon *daemon;
        Wish *wish;
} Undoing;

static int search(void *job) {
        Search *search = job;

        return undo_record_find(search, search->directory, search->change_id, &search->record, &search->reason);
}

static Post *find_post(const Daemon *daemon, const char *url) {
        for (size_t i = 0; i < daemon->n_posts; i++)
                if (text_equal(keeper_settings(post_keeper(daemon->posts[i]))->url, url))
                        return daemon->posts[i];
        return NULL;
}

static void on_found(void *context, void *job, int result) {
        Undoing *undoing = context;
        Daemon *daemon = undoing->daemon;
        Wish *wish = undoing->wish;
        Search *search = job;
        Post *post = NULL;

        if (result < 0) {
                wish_fail(wish, search->reason);
        } else if (daemon->is_stopping) {
                wish_fail(wish, "the daemon is ending");
        } else {
                wish->undo = mem_move(wish, search->record);
                post = find_post(daemon, wish->undo->organization);
                if (!post)
                        wish_fail(wish, mem_printf(wish, "%s was made in %s, which cannot be kept by these settings",
                                                   wish->undo->change_id, wish->undo->organization));
        }
        if (!post) {
                wish_end(wish);
                return;
        }
        wish->n_left = 1;
        post_wish(post, wish);
}

static void answer_undo(Daemon *daemon, ServeAnswer *answer, const JsonNode *request) {
        const char *reason = NULL;
        Wish *wish = wish_new(daemon->mem, answer, request, &reason);
        Undoing *undoing;
        Search *job;

        if (!wish) {
                answer_error(answer, reason, EXIT_ERROR);
                return;
        }
        undoing = mem_new(wish, Undoing);
        *undoing = (Undoing){daemon, wish};
        job = mem_new(NULL, Search);
        job->directory = mem_strdup(job, daemon->workplace->state_directory);
        job->change_id = mem_strdup(job, wish->change_id);
        loop_work(daemon->workplace->loop, wish,
                  &(LoopWork){.work = search, .done = on_found, .context = undoing, .job = job});
}

static const struct {
        const char *command;
        void (*answer)(Daemon *daemon, ServeAnswer *answer, const JsonNode *request);
} socket_rows[] = {
        {"status", answer_status},
        {"apply", answer_wish},
        {"release", answer_wish},
        {"undo", answer_undo},
};

static void on_request(void *context, ServeAnswer *answer, const JsonNode *request) {
        Daemon *daemon = context;
        const char *command = json_get_text(request, "command");

        if (daemon->is_stopping) {
                answer_error(answer, "the daemon is ending", EXIT_ERROR);
                return;
        }
        for (size_t i = 0; i < sizeof socket_rows / sizeof *socket_rows; i++)
                if (strcmp(socket_rows[i].command, command) == 0) {
                        socket_rows[i].answer(daemon, answer, request);
                        return;
                }
        answer_error(answer, "this daemon knows no such command", EXIT_ERROR);
}

static void write_doing(void *context, Text *text) {
        const Daemon *daemon = context;

        for (size_t i = 0; i < daemon->n_posts; i++)
                progress_line_append(keeper_engine(post_keeper(daemon->posts[i])), text);
}

static void on_http(void *context, int file) {
        Daemon *daemon = context;

        served_take(daemon->served, file);
}

/* --- the service manager -------------------------------------------------------------------------------------------- */

static const char *find_stall(void *context) {
        Daemon *daemon = context;
        int64_t now = clock_monotonic_ms();

        daemon->stall = mem_free(daemon->stall);
        for (size_t i = 0; i < daemon->n_posts && !daemon->stall; i++)
                daemon->stall = keeper_stall(daemon->mem, post_keeper(daemon->posts[i]), now);
        return daemon->stall;
}

static void write_summary(void *context, Text *text) {
        Daemon *daemon = context;
        Standing *standing = standing_new(daemon, daemon->mem);

        summary_write(standing, text);
        mem_free(standing);
}

/* --- signals -------------------------------------------------------------------------------------------------------- */

static void say_mistakes(const DiagList *diags) {
        for (size_t i = 0; i < diags->n; i++)
                if (diags->items[i].level == DIAG_ERROR)
                        log_error(diags->items[i].message, LOG_TEXT("file", diags->items[i].place.file),
                                  LOG_NUMBER("line", diags->items[i].place.line),
                                  LOG_NUMBER("column", diags->items[i].place.column));
}

static void keep_settings_error(Daemon *daemon, const DiagList *diags) {
        mem_free(daemon->settings_error);
        daemon->settings_error = diag_list_tell(daemon->mem, diags);
        if (!daemon->settings_error)
                daemon->settings_error = mem_strdup(daemon->mem, "the settings could not be read");
}

static bool same_text(const char *a, const char *b) {
        return a == b || (a && b && strcmp(a, b) == 0);
}

static void say_settings(const Settings *settings) {
        for (size_t i = 0; i < settings->n_organizations; i++)
                log_info("the settings are in force", LOG_TEXT("organization", settings->organizations[i].url),
                         LOG_TEXT("mode", settings_mode_word(settings->organizations[i].mode)));
}

static void take_settings(Daemon *daemon, Settings *settings) {
        const Settings *old = daemon->settings;

        if (!same_text(old->state_directory, settings->state_directory) || !same_text(old->socket, settings->socket) ||
            !same_text(old->listen_host, settings->listen_host) || old->listen_port != settings->listen_port ||
            !same_text(old->ca_file, settings->ca_file) || !same_text(old->proxy, settings->proxy))
                log_warning("state_directory, socket, listen, ca_file, proxy change at the next start only");
        *mem_push(daemon->mem, daemon->outdated, daemon->n_outdated) = daemon->settings;
        daemon->settings = mem_move(daemon->mem, settings);
        workplace_take_settings(daemon->workplace, settings);
        notify_set_command(daemon->notify, settings->notify_command);
        log_setup(settings->log_format, settings->log_level);
        say_settings(settings);
        ask_turn(daemon);
}

/* The SHA-256 of the settings file; "" when it cannot be read. */
static void digest_settings(Daemon *daemon, char text[static DIGEST_TEXT_SIZE]) {
        DiagList diags;
        char *bytes;
        size_t n;

        diag_list_init(&diags, daemon->mem);
        text[0] = 0;
        if (file_read(daemon->mem, daemon->settings_path, &diags, &bytes, &n) == 0) {
                digest_sha256(bytes, n, text);
                mem_free(bytes);
        }
        diag_list_deinit(&diags);
}

/* Settings that are as they were leave the posts in place; their charters are read again, and what could not be kept is
 * tried again. */
static void read_again(Daemon *daemon) {
        char sha256[DIGEST_TEXT_SIZE];
        Settings *settings;
        DiagList diags;

        digest_settings(daemon, sha256);
        if (sha256[0] && strcmp(sha256, daemon->settings_sha256) == 0) {
                daemon->settings_error = mem_free(daemon->settings_error);
                for (size_t i = 0; i < daemon->n_posts; i++)
                        post_reload_charter(daemon->posts[i]);
                ask_turn(daemon);
                return;
        }
        diag_list_init(&diags, daemon->mem);
        if (settings_load(daemon->mem, daemon->settings_path, &diags, &settings) == 0) {
                memcpy(daemon->settings_sha256, sha256, sizeof daemon->settings_sha256);
                daemon->settings_error = mem_free(daemon->settings_error);
                take_settings(daemon, settings);
        } else {
                keep_settings_error(daemon, &diags);
                log_error("the new settings are not taken; the old ones stay in force");
        }
        say_mistakes(&diags);
        diag_list_deinit(&diags);
}

static void reload(Daemon *daemon) {
        manager_tell(daemon->manager, MANAGER_RELOADING);
        read_again(daemon);
        manager_tell(daemon->manager, MANAGER_READY);
}

static void on_deadline(void *context) {
        Daemon *daemon = context;

        daemon->deadline = NULL;
        loop_stop(daemon->workplace->loop);
}

static void stop(Daemon *daemon) {
        if (daemon->is_stopping)
                return;
        daemon->is_stopping = true;
        manager_tell(daemon->manager, MANAGER_STOPPING);
        for (size_t i = 0; i < daemon->n_posts; i++)
                post_stop(daemon->posts[i]);
        daemon->deadline = loop_alarm(daemon->workplace->loop, daemon->mem, STOP_MS, on_deadline, daemon);
        ask_turn(daemon);
}

static void reconcile(Daemon *daemon) {
        for (size_t i = 0; i < daemon->n_posts; i++)
                post_reconcile(daemon->posts[i], "signal");
}

/* What could not be recorded was not done. */
static void on_ledger(void *context) {
        Daemon *daemon = context;

        for (size_t i = 0; !daemon->is_stopping && i < daemon->n_posts; i++)
                post_reconcile(daemon->posts[i], "ledger");
}

static void reopen(Daemon *daemon) {
        ledger_reopen(daemon->workplace->ledger);
}

static const struct {
        int number;
        const char *name;
        void (*act)(Daemon *daemon);
} signal_rows[] = {
        {SIGTERM, "TERM", stop}, {SIGINT, "INT", stop},     {SIGHUP, "HUP", reload},
        {SIGUSR1, "USR1", reconcile}, {SIGUSR2, "USR2", reopen},
};

static void on_signal(void *context, int number) {
        Daemon *daemon = context;

        for (size_t i = 0; i < sizeof signal_rows / sizeof *signal_rows; i++)
                if (signal_rows[i].number == number) {
                        log_info("signal", LOG_TEXT("signal", signal_rows[i].name));
                        if (!daemon->is_stopping)
                                signal_rows[i].act(daemon);
                }
}

/* --- life ----------------------------------------------------------------------------------------------------------- */

static int serve(Daemon *daemon, const char **reasonp) {
        int r = served_open(daemon->mem,
                            &(ServedSpec){.loop = daemon->workplace->loop,
                                          .settings = daemon->settings,
                                          .standing = standing_new,
                                          .context = daemon},
                            &daemon->served, reasonp);

        if (r < 0)
                return r;
        return serve_open(daemon->mem,
                          &(ServeSpec){.loop = daemon->workplace->loop,
                                       .path = daemon->settings->socket,
                                       .fn = on_request,
                                       .take_http = on_http,
                                       .write_doing = write_doing,
                                       .context = daemon},
                          &daemon->serve, reasonp);
}

static int start(Daemon *daemon) {
        const char *reason = NULL;
        int r = workplace_open(daemon->mem, daemon->settings, WORKPLACE_WRITES, &daemon->workplace, &reason);

        if (r != 0) {
                log_error("charterd cannot start", LOG_TEXT("error", reason));
                return -1;
        }
        daemon->workplace->on_ledger = on_ledger;
        daemon->workplace->context = daemon;
        digest_settings(daemon, daemon->settings_sha256);
        loop_take_signals(daemon->workplace->loop, on_signal, daemon);
        if (serve(daemon, &reason) < 0) {
                log_error("charterd cannot start", LOG_TEXT("error", reason));
                return -1;
        }
        daemon->notify = notify_new(daemon->mem, daemon->workplace->loop);
        notify_set_command(daemon->notify, daemon->settings->notify_command);
        daemon->manager = manager_new(daemon->mem, &(ManagerSpec){.loop = daemon->workplace->loop,
                                                                 .stall = find_stall,
                                                                 .write_status = write_summary,
                                                                 .context = daemon});
        renew_posts(daemon);
        manager_tell(daemon->manager, MANAGER_READY);
        log_notice("charterd runs", LOG_TEXT("version", CHARTERD_VERSION),
                   LOG_NUMBER("organizations", (int64_t)daemon->n_posts));
        say_settings(daemon->settings);
        return 0;
}

static void leave(Daemon *daemon) {
        daemon->turn = mem_free(daemon->turn);
        daemon->look = mem_free(daemon->look);
        daemon->deadline = mem_free(daemon->deadline);
        for (size_t i = 0; i < daemon->n_posts; i++)
                post_free(daemon->posts[i]);
        daemon->serve = daemon->serve ? serve_close(daemon->serve) : NULL;
        daemon->manager = mem_free(daemon->manager);
        daemon->notify = mem_free(daemon->notify);
        daemon->served = served_close(daemon->served);
        workplace_close(daemon->workplace);
        mem_free(daemon->mem);
}

int daemon_run(const char *settings_path, Settings *settings) {
        Daemon daemon = {.mem = mem_new(NULL, char), .settings_path = settings_path, .started = clock_wall_ms()};
        int r;

        daemon.settings = mem_move(daemon.mem, settings);
        r = start(&daemon);
        if (r == 0) {
                loop_run(daemon.workplace->loop);
                log_notice("charterd ends");
        }
        leave(&daemon);
        return r == 0 ? 0 : 1;
}
