/* SPDX-License-Identifier: Apache-2.0 */
/* Keeper: one organisation of the settings with its charter, credential, addresses and engine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "daemon/engine/history.h"
#include "daemon/engine/release_record.h"
#include "daemon/commit.h"
#include "daemon/keeper.h"
#include "daemon/net/auth_managed.h"
#include "daemon/net/auth_service_principal.h"
#include "daemon/net/auth_workload.h"
#include "daemon/net/port.h"

#define PAT_VARIABLE "AZURE_DEVOPS_EXT_PAT"

enum {
        AREAS_KEEP_MS = 60 * 60 * 1000, /* product.md, Cost: each team once per max(1 h, interval) */
};

struct Keeper {
        Workplace *workplace;
        const OrganizationSettings *settings;
        Auth *auth;
        WebEndpoint *endpoint;
        Port *port;
        Engine *engine;
        char *charter_error;
        /* of a release on its way to the ledger */
        PortTicket *releasing;
        KeeperReleaseFn release_fn;
        void *release_context;
        char **released;
        size_t n_released;
};

/* --- making --------------------------------------------------------------------------------------------------------- */

static char *folder_of(Mem *parent, const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? mem_strndup(parent, path, (size_t)(slash - path + (slash == path))) : mem_strdup(parent, ".");
}

static SecretReaderSpec secret_place(Keeper *keeper) {
        const SecretSource *secret = &keeper->settings->credential.secret;

        return (SecretReaderSpec){
                .file = secret->file,
                .environment = secret->env,
                .settings_directory = folder_of(keeper, keeper->workplace->settings->path),
                .readability = secret->readable_by_others ? SECRET_READABLE_BY_OTHERS : SECRET_READABLE_BY_OWNER,
        };
}

static TokenSpec token_spec(const Keeper *keeper) {
        return (TokenSpec){.loop = keeper->workplace->loop, .web = keeper->workplace->web};
}

static Auth *make_pat(Keeper *keeper, const char **reasonp) {
        SecretReaderSpec where = secret_place(keeper);

        return auth_pat_new(keeper, &where);
}

static Auth *make_workload(Keeper *keeper, const char **reasonp) {
        TokenSpec token = token_spec(keeper);

        return auth_workload_new(keeper, &token, reasonp);
}

/* None is given in the settings. */
static Auth *make_from_environment(Keeper *keeper, const char **reasonp) {
        if (getenv(PAT_VARIABLE))
                return auth_pat_new(keeper, &(SecretReaderSpec){.environment = PAT_VARIABLE});
        if (auth_workload_is_given())
                return make_workload(keeper, reasonp);
        *reasonp = "there is no credential: neither `credential` in the settings, nor " PAT_VARIABLE
                   ", nor the variables of a workload identity";
        return NULL;
}

static Auth *make_service_principal(Keeper *keeper, const char **reasonp) {
        const CredentialSettings *credential = &keeper->settings->credential;
        TokenSpec token = token_spec(keeper);
        bool is_certificate = credential->kind == CREDENTIAL_SERVICE_PRINCIPAL_CERTIFICATE;

        return auth_service_principal_new(
                keeper, &token,
                &(ServicePrincipalSpec){
                        .client = {.authority = credential->authority,
                                   .tenant = credential->tenant,
                                   .client = credential->client},
                        .proof = is_certificate ? SERVICE_PRINCIPAL_CERTIFICATE : SERVICE_PRINCIPAL_SECRET,
                        .where = secret_place(keeper),
                });
}

static Auth *make_managed(Keeper *keeper, const char **reasonp) {
        TokenSpec token = token_spec(keeper);

        return auth_managed_new(keeper, &token,
                                &(ManagedSpec){.client = keeper->settings->credential.client,
                                               .arc_folder = MANAGED_ARC_FOLDER,
                                               .arc_agent = MANAGED_ARC_AGENT},
                                reasonp);
}

/* NULL with *reasonp: it can never be used. */
static Auth *(*const credential_rows[])(Keeper *keeper, const char **reasonp) = {
        [CREDENTIAL_ENVIRONMENT] = make_from_environment,
        [CREDENTIAL_PAT] = make_pat,
        [CREDENTIAL_SERVICE_PRINCIPAL_SECRET] = make_service_principal,
        [CREDENTIAL_SERVICE_PRINCIPAL_CERTIFICATE] = make_service_principal,
        [CREDENTIAL_WORKLOAD_IDENTITY] = make_workload,
        [CREDENTIAL_MANAGED_IDENTITY] = make_managed,
};

static void on_base(void *context, Base base, const char *url) {
        Keeper *keeper = context;
        const char *reason;

        if (web_endpoint_set_base(keeper->endpoint, base, url, &reason) < 0)
                log_error(base == BASE_GRAPH ? "the address of Graph is not taken" : "the address of the audit log is not taken",
                          LOG_TEXT("url", url), LOG_TEXT("reason", reason));
}

static void on_known(void *context) {
        Keeper *keeper = context;

        workplace_save_known(keeper->workplace);
}

static const char *ledger_head_now(void *context) {
        const Keeper *keeper = context;

        return keeper->workplace->ledger ? ledger_head(keeper->workplace->ledger) : NULL;
}

/* --- access over time ----------------------------------------------------------------------------------------------- */

static Mem *work_apart(void *context, Mem *owner, const EngineWork *work) {
        Keeper *keeper = context;

        LoopTicket *ticket = loop_work(
                keeper->workplace->loop, owner,
                &(LoopWork){.work = work->work, .done = work->done, .context = work->context, .job = work->job});

        net_port_await_work(keeper->port, ticket);
        return ticket;
}

static int64_t ledger_keep_now(void *context) {
        const Keeper *keeper = context;

        return keeper->workplace->settings->ledger_keep;
}

static int64_t areas_keep(const Settings *settings, KeeperUse use) {
        if (use == KEEPER_ONE_SHOT)
                return INT64_MAX / 4;
        return settings->interval > AREAS_KEEP_MS ? settings->interval : AREAS_KEEP_MS;
}

static void make_engine(Keeper *keeper, KeeperUse use, const EngineHistory *history) {
        const Settings *settings = keeper->workplace->settings;
        const LimitSettings *limits = &settings->limits;
        const MaySettings *may = &keeper->settings->may;

        keeper->engine = engine_new(
                keeper,
                &(EngineSpec){
                        .port = keeper->port,
                        .url = keeper->settings->url,
                        .mode = keeper->settings->mode,
                        .limits = {.changes = limits->changes,
                                   .removals_percent = limits->removals_percent,
                                   .removals_floor = limits->removals_floor,
                                   .people_losing = limits->people_losing},
                        .may_create = may->create,
                        .may_administrators = may->administrators,
                        .may_organization = may->organization,
                        .holds_first_pass = use == KEEPER_DAEMON &&
                                            keeper->settings->first_pass == FIRST_PASS_HOLD,
                        .requests_in_flight = (unsigned)limits->requests_in_flight,
                        .requests_per_5_minutes = limits->requests_per_5_minutes == SETTINGS_NONE
                                                          ? 0
                                                          : limits->requests_per_5_minutes,
                        .settle_ms = limits->settle,
                        .areas_keep_ms = areas_keep(settings, use),
                        .known = keeper->workplace->known,
                        .history = *history,
                        .on_base = on_base,
                        .on_known = on_known,
                        .ledger_head = ledger_head_now,
                        .state_directory = keeper->workplace->ledger ? keeper->workplace->state_directory : NULL,
                        .work = work_apart,
                        .keep_ms = ledger_keep_now,
                        .context = keeper,
                });
}

static int make(Keeper *keeper, KeeperUse use, const char **reasonp) {
        EngineHistory history;
        int r = 0;

        if (keeper->workplace->state_directory)
                r = engine_history_read(keeper, keeper->workplace->state_directory, keeper->settings->url,
                                        keeper->workplace->known, &history, reasonp);
        else
                history = engine_history_none(keeper);
        if (r < 0)
                return r;
        keeper->auth = credential_rows[keeper->settings->credential.kind](keeper, reasonp);
        if (!keeper->auth)
                return -1;
        keeper->endpoint = web_endpoint_new(keeper, keeper->workplace->web, keeper->settings->url, keeper->auth,
                                            reasonp);
        if (!keeper->endpoint)
                return -1;
        keeper->port = net_port_new(keeper, &(NetPortSpec){.loop = keeper->workplace->loop,
                                                           .endpoint = keeper->endpoint,
                                                           .journal = keeper->workplace->journal,
                                                           .total_ms = keeper->workplace->settings->limits.request_total});
        make_engine(keeper, use, &history);
        return 0;
}

Keeper *keeper_new(Mem *parent, Workplace *workplace, const OrganizationSettings *settings, KeeperUse use,
                   const char **reasonp) {
        Keeper *keeper = mem_new(parent, Keeper);
        const char *reason = NULL;

        keeper->workplace = workplace;
        keeper->settings = settings;
        if (make(keeper, use, &reason) == 0)
                return keeper;
        *reasonp = mem_printf(parent, "%s: %s", settings->url, reason);
        return mem_free(keeper);
}

/* The engine goes first: what it asked for is cancelled while the port and the endpoint still stand. */
Keeper *keeper_free(Keeper *keeper) {
        if (!keeper)
                return NULL;
        keeper->releasing = mem_free(keeper->releasing);
        keeper->engine = mem_free(keeper->engine);
        keeper->port = mem_free(keeper->port);
        keeper->endpoint = mem_free(keeper->endpoint);
        return mem_free(keeper);
}

Engine *keeper_engine(const Keeper *keeper) {
        return keeper->engine;
}

char *keeper_stall(Mem *parent, const Keeper *keeper, int64_t now) {
        const char *late = net_port_late(keeper->port, now);

        if (late)
                return mem_printf(parent, "%s: %s is past its deadline", keeper->settings->url, late);
        if (engine_is_busy(keeper->engine) && net_port_n_open(keeper->port) == 0)
                return mem_printf(parent, "%s: a pass waits for nothing", keeper->settings->url);
        return NULL;
}

const WebStatistics *keeper_statistics(const Keeper *keeper) {
        return web_endpoint_statistics(keeper->endpoint);
}

const OrganizationSettings *keeper_settings(const Keeper *keeper) {
        return keeper->settings;
}

/* --- the charter ---------------------------------------------------------------------------------------------------- */

static void keep_charter_error(Keeper *keeper, const DiagList *diags) {
        keeper->charter_error = diag_list_tell(keeper, diags);
        if (!keeper->charter_error)
                keeper->charter_error = mem_strdup(keeper, "the charter could not be read");
}

int keeper_load_charter(Keeper *keeper, const char *path, DiagList *diags) {
        CharterSpec spec = {.organization = keeper->settings->url, .may = &keeper->settings->may,
                            .experimental = keeper->settings->experimental};
        Desired *desired = NULL;
        DiagList own;
        int r;

        diag_list_init(&own, keeper);
        keeper->charter_error = mem_free(keeper->charter_error);
        r = charter_load(keeper, path ? path : keeper->settings->charter, &spec, &own, &desired);
        diag_list_sort(&own);
        if (r < 0) {
                keep_charter_error(keeper, &own);
        } else {
                desired->commit = commit_of(desired, path ? path : keeper->settings->charter);
                engine_set_charter(keeper->engine, desired);
        }
        for (size_t i = 0; i < own.n; i++)
                diag_add(diags, own.items[i].place, own.items[i].level, "%s", own.items[i].message);
        diag_list_deinit(&own);
        return r;
}

const char *keeper_charter_error(const Keeper *keeper) {
        return keeper->charter_error;
}

const char *keeper_charter_path(const Keeper *keeper) {
        return keeper->settings->charter;
}

int keeper_check_project(Mem *parent, const Keeper *const *keepers, size_t n_keepers, const char *project,
                         const char **reasonp) {
        const char **names = NULL, *nearest;
        bool has_charter = false;
        size_t n = 0;

        for (size_t i = 0; i < n_keepers; i++) {
                const Desired *desired = engine_desired(keepers[i]->engine);

                if (desired && desired_find_project(desired, project))
                        return 0;
                for (size_t k = 0; desired && k < desired->n_projects; k++)
                        if (!desired_is_organization(&desired->projects[k]))
                                *mem_push(parent, names, n) = desired->projects[k].name;
                has_charter |= desired != NULL;
        }
        if (!has_charter)
                return 0;
        nearest = text_nearest(project, names, n);
        *reasonp = nearest ? mem_printf(parent, "the charter has no project `%s`; did you mean `%s`?", project, nearest)
                           : mem_printf(parent, "the charter has no project `%s`", project);
        mem_free(names);
        return -ENOENT;
}

/* --- releases ------------------------------------------------------------------------------------------------------- */

static void end_release(Keeper *keeper, int result) {
        KeeperReleaseFn fn = keeper->release_fn;

        keeper->releasing = NULL;
        keeper->release_fn = NULL;
        fn(keeper->release_context, keeper, result);
}

static void on_refused(void *context) {
        end_release(context, 1);
}

static void on_recorded(void *context, int result) {
        Keeper *keeper = context;

        for (size_t i = 0; i < keeper->n_released && result == 0; i++)
                engine_add_release(keeper->engine, keeper->released[i], clock_wall_ms());
        end_release(keeper, result);
}

static void add_released(Keeper *keeper, const char *step_id) {
        char **id = mem_push(keeper, keeper->released, keeper->n_released);

        *id = mem_strdup(keeper->released, step_id); /* goes with the list */
}

static void note_released(Keeper *keeper, const Plan *plan) {
        keeper->released = mem_free(keeper->released);
        keeper->n_released = 0;
        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].state == STEP_HELD)
                        add_released(keeper, plan->steps[i].id);
        if (plan->shrank)
                add_released(keeper, plan->shrank_id);
}

/* Of the charter's last plan and of an undo the one that has that id, or NULL. */
static const Plan *find_held(const Keeper *keeper, const char *plan_id) {
        const Plan *const plans[] = {engine_plan(keeper->engine), engine_undone(keeper->engine).plan};

        for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
                if (plans[i] && strcmp(plans[i]->plan_id, plan_id) == 0)
                        return plans[i];
        return NULL;
}

void keeper_release(Keeper *keeper, const char *plan_id, const char *reason, KeeperReleaseFn fn, void *context) {
        const Plan *plan = find_held(keeper, plan_id);
        Text text;

        keeper->release_fn = fn;
        keeper->release_context = context;
        if (!plan) {
                keeper->releasing = port_alarm(keeper->port, keeper, 0, on_refused, keeper);
                return;
        }
        note_released(keeper, plan);
        text_init(&text, keeper);
        release_record_write(&(ReleaseRecord){.organization = keeper->settings->url,
                                              .plan_id = plan->plan_id,
                                              .reason = reason,
                                              .steps = keeper->released,
                                              .n_steps = keeper->n_released,
                                              .is_partial = plan_n_unread(plan) > 0},
                             &text);
        keeper->releasing = port_record(keeper->port, keeper, text.data, on_recorded, keeper);
        text_deinit(&text);
}
