/* SPDX-License-Identifier: Apache-2.0 */
/* Errand: a command that works on the organisations of a settings file once and ends. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/live_line.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "common/base/visible.h"
#include "config/url.h"
#include "daemon/errand.h"
#include "daemon/net/client.h"
#include "daemon/report.h"
#include "daemon/ticker.h"
#include "daemon/wish.h"

static int fail(Errand *errand, const char *reason) {
        complain("%s", reason);
        errand->exit_code = exit_code_unite(errand->exit_code, EXIT_ERROR);
        return -1;
}

static int read_settings(Errand *errand) {
        DiagList diags;
        int r;

        diag_list_init(&diags, errand->mem);
        r = settings_load(errand->mem, errand->cli->settings, &diags, &errand->settings);
        print_diags(&diags, WORDS_ARE_SETTLED_LATER);
        if (r < 0) {
                errand->exit_code = EXIT_ERROR;
                return -1;
        }
        log_setup(errand->settings->log_format, errand->settings->log_level);
        return 0;
}

/* The organisation that `--charter` is for: the one it names. */
static const OrganizationSettings *organization_of_charter(Errand *errand, const char *path) {
        const OrganizationSettings *found = NULL;
        Desired *desired = NULL;
        DiagList diags;

        diag_list_init(&diags, errand->mem);
        if (charter_load(errand->mem, path, &(CharterSpec){0}, &diags, &desired) < 0) {
                print_diags(&diags, WORDS_ARE_SETTLED_LATER);
                errand->exit_code = EXIT_ERROR;
                return NULL;
        }
        for (size_t i = 0; i < errand->settings->n_organizations; i++)
                if (text_equal(errand->settings->organizations[i].url, desired->organization))
                        found = &errand->settings->organizations[i];
        if (!found)
                fail(errand, mem_printf(errand->mem, "%s: the charter is for %s, which %s does not have", path,
                                        desired->organization, errand->cli->settings));
        return found;
}

static Keeper *new_keeper(Errand *errand, const OrganizationSettings *organization) {
        const char *reason = NULL;
        Keeper *keeper = keeper_new(errand->mem, errand->workplace, organization, KEEPER_ONE_SHOT, &reason);

        if (!keeper)
                fail(errand, reason);
        return keeper;
}

static void add_keeper(Errand *errand, const OrganizationSettings *organization) {
        Keeper *keeper = new_keeper(errand, organization);
        DiagList diags;
        int r;

        if (!keeper)
                return;
        diag_list_init(&diags, errand->mem);
        r = keeper_load_charter(keeper, errand->cli->charter, &diags);
        print_diags(&diags, WORDS_ARE_SETTLED_LATER);
        if (r == 0) {
                *mem_push(errand->mem, errand->keepers, errand->n_keepers) = keeper;
                return;
        }
        errand->exit_code = exit_code_unite(errand->exit_code, EXIT_ERROR);
        keeper_free(keeper);
}

static int check_project(Errand *errand) {
        const char *reason = NULL;

        if (!errand->cli->project ||
            keeper_check_project(errand->mem, (const Keeper *const *)errand->keepers, errand->n_keepers,
                                 errand->cli->project, &reason) == 0)
                return 0;
        fail(errand, reason);
        errand->exit_code = EXIT_USAGE;
        return -1;
}

int errand_begin(Errand *errand, const Cli *cli, WorkplaceUse use) {
        const OrganizationSettings *only = NULL;
        const char *reason = NULL;
        int r;

        *errand = (Errand){.mem = mem_new(NULL, char), .cli = cli};
        if (read_settings(errand) < 0)
                return -1;
        if (cli->charter) {
                only = organization_of_charter(errand, cli->charter);
                if (!only)
                        return -1;
        }
        r = workplace_open(errand->mem, errand->settings, use, &errand->workplace, &reason);
        if (r == WORKPLACE_TAKEN)
                return r;
        if (r < 0)
                return fail(errand, reason);
        for (size_t i = 0; i < errand->settings->n_organizations; i++)
                if (!only || only == &errand->settings->organizations[i])
                        add_keeper(errand, &errand->settings->organizations[i]);
        return check_project(errand);
}

/* --- one organisation without a charter ------------------------------------------------------------------------------ */

/* Settings that are not where they are by default, and were not asked for, are none. */
static int find_settings(Errand *errand, const char *url) {
        const Cli *cli = errand->cli;

        if (cli->settings_are_given || access(cli->settings, F_OK) == 0 || errno != ENOENT)
                return read_settings(errand);
        errand->settings = settings_new_for(errand->mem, url);
        log_setup(errand->settings->log_format, errand->settings->log_level);
        return 0;
}

static const OrganizationSettings *organization_of_url(Errand *errand, const char *url) {
        const Settings *settings = errand->settings;
        const char **urls = mem_new_array(errand->mem, const char *, settings->n_organizations + 1), *nearest;

        for (size_t i = 0; i < settings->n_organizations; i++) {
                urls[i] = settings->organizations[i].url;
                if (text_equal(urls[i], url))
                        return &settings->organizations[i];
        }
        nearest = text_nearest(url, urls, settings->n_organizations);
        fail(errand, nearest ? mem_printf(errand->mem, "%s has no organization %s; did you mean %s?", settings->path, url,
                                          nearest)
                             : mem_printf(errand->mem, "%s has no organization %s; its first is %s", settings->path, url,
                                          settings->organizations[0].url));
        return NULL;
}

int errand_begin_alone(Errand *errand, const Cli *cli, const char *url) {
        const OrganizationSettings *organization;
        const char *reason = NULL;
        Keeper *keeper;
        char *normal;

        *errand = (Errand){.mem = mem_new(NULL, char), .cli = cli};
        normal = url_normalise_organization(errand->mem, url, &reason);
        if (!normal)
                return fail(errand, mem_printf(errand->mem, "`%s`: %s", url_without_secret(errand->mem, url), reason));
        if (find_settings(errand, normal) < 0)
                return -1;
        organization = organization_of_url(errand, normal);
        if (!organization)
                return -1;
        if (workplace_open(errand->mem, errand->settings, WORKPLACE_ALONE, &errand->workplace, &reason) < 0)
                return fail(errand, reason);
        keeper = new_keeper(errand, organization);
        if (!keeper)
                return -1;
        *mem_push(errand->mem, errand->keepers, errand->n_keepers) = keeper;
        return 0;
}

PrintColour stdout_colour(void) {
        return stdout_has_colour() ? PRINT_COLOUR : PRINT_PLAIN;
}

static void on_done(void *context, Engine *engine) {
        Errand *errand = context;

        if (--errand->n_busy == 0)
                loop_stop(errand->workplace->loop);
}

/* What a program reads is asked for by one, even at a terminal. */
static TickerForm ticker_form(const Errand *errand) {
        return errand->cli->output == OUTPUT_TEXT && live_line_is_possible() ? TICKER_LINE : TICKER_LOG;
}

void errand_order(Errand *errand, const EngineOrder *order) {
        EngineOrder own = *order;
        Ticker *ticker;

        own.on_done = on_done;
        own.context = errand;
        if (!own.only_project)
                own.only_project = errand->cli->project;
        errand->n_busy = errand->n_keepers;
        for (size_t i = 0; i < errand->n_keepers; i++)
                engine_order(keeper_engine(errand->keepers[i]), &own);
        if (errand->n_keepers == 0)
                return;
        ticker = ticker_new(errand->mem, &(TickerSpec){.loop = errand->workplace->loop,
                                                       .keepers = errand->keepers,
                                                       .n_keepers = errand->n_keepers,
                                                       .form = ticker_form(errand)});
        loop_run(errand->workplace->loop);
        ticker_free(ticker);
}

/* --- by the daemon, where one works on the state directory ---------------------------------------------------------- */

static void on_line(void *context, const JsonNode *value, const char *line) {
        const char *out = json_get_text(value, "out");

        live_line_erase();
        if (out)
                fputs(out, stdout);
}

/* The daemon's passes are other people's too: what it is at is all that can be said. */
static void on_alive(void *context, const JsonNode *value, const char *line) {
        const Errand *errand = context;
        const char *doing = json_get_text(value, "doing");
        Text text;

        if (!doing || ticker_form(errand) != TICKER_LINE)
                return;
        text_init(&text, NULL);
        visible_append(&text, doing);
        live_line_show(text.data);
        text_deinit(&text);
}

void errand_ask_daemon(Errand *errand) {
        const char *socket = errand->settings->socket, *reason = NULL;
        ClientCall call = {.path = socket,
                           .request = wish_request(errand->mem, errand->cli, stdout_colour()),
                           .on_line = on_line,
                           .on_alive = on_alive,
                           .context = errand};
        int r = client_call(errand->mem, &call, &errand->exit_code, &reason);

        live_line_erase();
        if (r > 0)
                complain("another charterd works on the state directory, and no daemon answers at %s", socket);
        else if (reason)
                complain("%s", reason);
        if (r != 0)
                errand->exit_code = EXIT_ERROR;
}

/* --- releases ------------------------------------------------------------------------------------------------------- */

typedef struct Releasing {
        Errand *errand;
        size_t n_left;
        size_t n_released;
        bool is_unwritten;
} Releasing;

static void on_released(void *context, Keeper *keeper, int result) {
        Releasing *releasing = context;

        releasing->n_released += result == 0;
        releasing->is_unwritten |= result < 0;
        if (--releasing->n_left == 0)
                loop_stop(releasing->errand->workplace->loop);
}

static void say_what_is_held(const Errand *errand, const char *plan_id) {
        Text text;

        text_init(&text, NULL);
        text_appendf(&text, "nothing is held under %s", plan_id);
        for (size_t i = 0; i < errand->n_keepers; i++) {
                const Engine *engine = keeper_engine(errand->keepers[i]);
                const Plan *undone = engine_undone(engine).plan, *plan = undone ? undone : engine_plan(engine);

                if (plan && plan->plan_id[0])
                        text_appendf(&text, "; %s holds %s", engine_spec(engine)->url, plan->plan_id);
                else if (engine_error(engine))
                        text_appendf(&text, "; %s: %s", engine_spec(engine)->url, engine_error(engine));
        }
        complain("%s; see `charterd plan`", text.data);
        text_deinit(&text);
}

int errand_release(Errand *errand, const char *plan_id) {
        Releasing releasing = {.errand = errand, .n_left = errand->n_keepers};

        for (size_t i = 0; i < errand->n_keepers; i++)
                keeper_release(errand->keepers[i], plan_id, errand->cli->reason, on_released, &releasing);
        loop_run(errand->workplace->loop);
        if (releasing.is_unwritten)
                complain("the release could not be recorded in %s", errand->workplace->state_directory);
        else if (releasing.n_released == 0)
                say_what_is_held(errand, plan_id);
        if (!releasing.is_unwritten && releasing.n_released > 0)
                return 0;
        errand->exit_code = EXIT_ERROR;
        return -1;
}

int errand_end(Errand *errand) {
        int exit_code = errand->exit_code;

        for (size_t i = 0; i < errand->n_keepers; i++)
                keeper_free(errand->keepers[i]);
        workplace_close(errand->workplace);
        mem_free(errand->mem);
        return exit_code;
}
