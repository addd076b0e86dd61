/* SPDX-License-Identifier: Apache-2.0 */
/* Post: one organisation of the daemon: when its next pass is due, and what waits until it is idle. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "daemon/command.h"
#include "daemon/engine/undo_record.h"
#include "daemon/post.h"

struct Post {
        PostSpec spec;
        Keeper *keeper;
        Watch *watch;
        LoopTicket *alarm;
        const char *wanted; /* the reason of a pass that is wanted; NULL: none is */
        EngineTurns turns;  /* with turns: which one */
        Wish **wishes;      /* in the order they came */
        size_t n_wishes;
        Wish *wish; /* being done */
        bool is_busy;
        bool is_stopping;
        int64_t next_pass;
};

static void post_next(Post *post);

/* --- the charter ---------------------------------------------------------------------------------------------------- */

static void say_diags(const DiagList *diags) {
        for (size_t i = 0; i < diags->n; i++) {
                const Diag *diag = &diags->items[i];

                if (diag->level == DIAG_UNKNOWN_WORD)
                        continue;
                log_event(diag->level == DIAG_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, diag->message,
                          log_fields(LOG_TEXT("file", diag->place.file), LOG_NUMBER("line", diag->place.line),
                                     LOG_NUMBER("column", diag->place.column)));
        }
}

/* A bad one leaves the old one in force; without any the post waits for a change. */
static void load_charter(Post *post) {
        const Engine *engine = keeper_engine(post->keeper);
        const char *url = engine_spec(engine)->url;
        DiagList diags;

        diag_list_init(&diags, post);
        if (keeper_load_charter(post->keeper, NULL, &diags) == 0)
                log_info("the charter is in force", LOG_TEXT("organization", url),
                         LOG_TEXT("charter", keeper_charter_path(post->keeper)),
                         LOG_TEXT("sha256", engine_desired(engine)->sha256));
        else
                log_error(engine_has_charter(engine) ? "the new charter is not taken; the old one stays in force"
                                                     : "there is no charter yet; waiting for one",
                          LOG_TEXT("organization", url), LOG_TEXT("charter", keeper_charter_path(post->keeper)),
                          LOG_TEXT("error", keeper_charter_error(post->keeper)));
        say_diags(&diags);
        diag_list_deinit(&diags);
}

void post_reload_charter(Post *post) {
        load_charter(post);
        if (!keeper_charter_error(post->keeper))
                post_reconcile(post, "charter");
}

static void on_charter_changed(void *context) {
        post_reload_charter(context);
}

/* --- when the next pass is due -------------------------------------------------------------------------------------- */

static void on_due(void *context) {
        Post *post = context;

        post->alarm = NULL;
        if (!post->wanted) {
                post->wanted = "interval";
                post->turns = ENGINE_TURN_NEXT;
        }
        post_next(post);
}

static void await(Post *post, int64_t delay) {
        post->next_pass = clock_wall_ms() + delay;
        mem_free(post->alarm);
        post->alarm = loop_alarm(post->spec.workplace->loop, post, delay, on_due, post);
}

/* The interval counts from the end of a pass; jitter keeps many daemons from asking together. */
static void await_next_pass(Post *post) {
        const Settings *settings = post->spec.workplace->settings;
        Port *port = engine_spec(keeper_engine(post->keeper))->port;
        int64_t width = settings->interval * settings->jitter_percent / 100;
        int64_t delay = settings->interval;

        if (width > 0)
                delay += (int64_t)(port_random(port) % (uint64_t)(2 * width + 1)) - width;
        await(post, delay);
}

/* The rest of a cycle of turns follows as the budget lets it; the interval counts from the end of the last. */
static void await_next_turn(Post *post) {
        if (!engine_has_turns_left(keeper_engine(post->keeper))) {
                await_next_pass(post);
                return;
        }
        if (post->wanted)
                return;
        post->wanted = "turn";
        post->turns = ENGINE_TURN_NEXT;
}

/* --- what is done when idle ----------------------------------------------------------------------------------------- */

/* Somebody or something asks for it: with turns a new cycle begins. */
static void want(Post *post, const char *reason) {
        post->wanted = reason;
        post->turns = ENGINE_TURN_FIRST;
}

static void end_part(Post *post) {
        Wish *wish = post->wish;

        post->wish = NULL;
        post->spec.on_part(post->spec.context, wish);
}

static void end_wish(Post *post, const Engine *engine) {
        Wish *wish = post->wish;
        int exit_code = wish->stage == WISH_UNDO ? engine_undone_exit_code(engine) : engine_exit_code(engine, PLAN_LENIENT);

        report_write(engine, &wish->report, &wish->text);
        wish->exit_code = exit_code_unite(wish->exit_code, exit_code);
        end_part(post);
}

static void on_undo_released(void *context, Keeper *keeper, int result);

/* What an undo holds is planned before it is let go. */
static bool has_to_release(const Wish *wish) {
        return wish->stage == WISH_UNDO && wish->plan_id && !wish->is_released;
}

static void on_order_done(void *context, Engine *engine) {
        Post *post = context;

        if (post->wish && has_to_release(post->wish) && !post->is_stopping) {
                keeper_release(post->keeper, post->wish->plan_id, post->wish->reason, on_undo_released, post);
                return;
        }
        post->is_busy = false;
        if (post->wish)
                end_wish(post, engine);
        if (!post->is_stopping)
                await_next_turn(post);
        post->spec.on_idle(post->spec.context, post);
        post_next(post);
}

static void order(Post *post, const EngineOrder *order) {
        EngineOrder own = *order;

        own.on_done = on_order_done;
        own.context = post;
        post->is_busy = true;
        post->alarm = mem_free(post->alarm);
        post->next_pass = 0;
        engine_order(keeper_engine(post->keeper), &own);
        post->spec.on_busy(post->spec.context, post);
}

static void on_released(void *context, Keeper *keeper, int result) {
        Post *post = context;

        post->is_busy = false;
        post->wish->is_released |= result == 0;
        post->wish->is_unwritten |= result < 0;
        if (result == 0)
                want(post, "release");
        end_part(post);
        post->spec.on_idle(post->spec.context, post);
        post_next(post);
}

static void order_undo(Post *post) {
        const Wish *wish = post->wish;

        order(post, &(EngineOrder){.purpose = has_to_release(wish) ? PASS_PLAN : PASS_APPLY,
                                   .undo = wish->undo,
                                   .only_project = wish->undo->project,
                                   .reason = "undo"});
}

static void on_undo_released(void *context, Keeper *keeper, int result) {
        Post *post = context;
        Wish *wish = post->wish;

        wish->is_released = result == 0;
        if (result == 0 && !post->is_stopping) {
                order_undo(post);
                return;
        }
        wish_fail(wish, result < 0 ? "the release could not be recorded in the ledger"
                                   : mem_printf(wish, "nothing is held under %s; see `charterd undo %s`", wish->plan_id,
                                                wish->change_id));
        post->is_busy = false;
        end_part(post);
        if (!post->is_stopping)
                await_next_turn(post);
        post->spec.on_idle(post->spec.context, post);
        post_next(post);
}

/* Why the wish cannot be done here now, below it; or NULL. */
static const char *obstacle(const Post *post, Wish *wish) {
        const Engine *engine = keeper_engine(post->keeper);

        if (!engine_has_charter(engine))
                return mem_printf(wish, "%s: there is no charter: %s", post->spec.settings->url,
                                  keeper_charter_error(post->keeper));
        return wish->stage == WISH_UNDO ? undo_record_obstacle(wish, wish->undo, engine_desired(engine)) : NULL;
}

static void do_wish(Post *post) {
        Wish *wish = post->wish = post->wishes[0];
        const char *reason = wish->stage == WISH_RELEASE ? NULL : obstacle(post, wish);

        memmove(post->wishes, post->wishes + 1, --post->n_wishes * sizeof *post->wishes);
        if (reason) {
                wish_fail(wish, reason);
                end_part(post);
                return;
        }
        switch (wish->stage) {
        case WISH_RELEASE:
                post->is_busy = true;
                keeper_release(post->keeper, wish->plan_id, wish->reason, on_released, post);
                break;
        case WISH_APPLY:
                if (!wish->project)
                        post->wanted = NULL;
                order(post, &(EngineOrder){.purpose = PASS_APPLY,
                                           .turns = ENGINE_TURNS_ALL,
                                           .only_project = wish->project,
                                           .until_in_sync = true,
                                           .reason = "command"});
                break;
        case WISH_UNDO:
                order_undo(post);
                break;
        }
}

/* What is not done when the daemon ends is told so. */
static void give_up_wish(Post *post) {
        wish_fail(post->wish, mem_printf(post->wish, "%s: the daemon was stopped before it was done",
                                         post->spec.settings->url));
        end_part(post);
}

static void give_up_wishes(Post *post) {
        while (post->n_wishes > 0) {
                post->wish = post->wishes[0];
                memmove(post->wishes, post->wishes + 1, --post->n_wishes * sizeof *post->wishes);
                give_up_wish(post);
        }
}

static void post_next(Post *post) {
        int64_t delay;

        if (post->is_stopping && !post->is_busy)
                give_up_wishes(post);
        while (!post->is_busy && !post->is_stopping && post->n_wishes > 0)
                do_wish(post);
        if (post->is_busy || post->is_stopping || !post->wanted || !engine_has_charter(keeper_engine(post->keeper)))
                return;
        /* Meanwhile others may ask for something: the budget is waited for here. */
        delay = engine_turn_delay(keeper_engine(post->keeper));
        if (delay > 0) {
                await(post, delay);
                return;
        }
        order(post, &(EngineOrder){
                            .purpose = PASS_APPLY, .turns = post->turns, .until_in_sync = true, .reason = post->wanted});
        post->wanted = NULL;
}

void post_reconcile(Post *post, const char *reason) {
        want(post, reason);
        post_next(post);
}

void post_wish(Post *post, Wish *wish) {
        *mem_push(post, post->wishes, post->n_wishes) = wish;
        post_next(post);
}

/* --- life ----------------------------------------------------------------------------------------------------------- */

Post *post_new(Mem *parent, const PostSpec *spec, const char **reasonp) {
        Post *post = mem_new(parent, Post);

        post->spec = *spec;
        post->keeper = keeper_new(post, spec->workplace, spec->settings, KEEPER_DAEMON, reasonp);
        if (!post->keeper) {
                *reasonp = mem_strdup(parent, *reasonp);
                return mem_free(post);
        }
        /* The watch first: what changes while the charter is read is seen. */
        post->watch = watch_new(post, &(WatchSpec){.loop = spec->workplace->loop,
                                                   .path = spec->settings->charter,
                                                   .quiet_ms = WATCH_QUIET_MS,
                                                   .poll_ms = WATCH_POLL_MS,
                                                   .on_change = on_charter_changed,
                                                   .context = post});
        load_charter(post);
        if (engine_has_charter(keeper_engine(post->keeper)))
                post->alarm = loop_alarm(spec->workplace->loop, post, 0, on_due, post);
        return post;
}

Post *post_free(Post *post) {
        if (!post)
                return NULL;
        post->alarm = mem_free(post->alarm);
        post->watch = watch_free(post->watch);
        post->keeper = keeper_free(post->keeper);
        return mem_free(post);
}

void post_stop(Post *post) {
        Engine *engine = keeper_engine(post->keeper);

        post->is_stopping = true;
        post->alarm = mem_free(post->alarm);
        if (!engine_is_busy(engine))
                return; /* idle, or a release is on its way to the disk */
        engine_stop(engine);
        post->is_busy = engine_is_busy(engine);
        if (post->is_busy)
                return;
        if (post->wish)
                give_up_wish(post);
        give_up_wishes(post);
}

bool post_is_idle(const Post *post) {
        return !post->is_busy;
}

const Keeper *post_keeper(const Post *post) {
        return post->keeper;
}

int64_t post_next_pass(const Post *post) {
        return post->next_pass;
}
