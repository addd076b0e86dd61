/* SPDX-License-Identifier: Apache-2.0 */
/* Attribution: who brought about the drifts of an organisation, asked of its audit log beside the passes. */
#include <string.h>

#include "common/base/log.h"
#include "daemon/azdo/audit.h"
#include "daemon/azdo/judge.h"
#include "daemon/engine/attribution.h"

#define NO_LOG_OF_SERVER "Azure DevOps Server has no audit log"
#define NO_LOG "the service names no address for its audit log that charterd trusts"
#define NO_RIGHT "charterd may not read the audit log; allow its identity `View audit log` in the organization's permissions"
#define NOTHING_YET "nothing in the audit log matches yet"
#define NOTHING "nothing in the audit log matches"
#define IS_EMPTY "the audit log has nothing of that time; auditing may be switched off in the organization's policies"
#define IS_OWN "the audit log has only what charterd itself did"
#define NOT_TOLD "the audit log does not tell such changes"
#define TOO_MANY "more has changed at once than is looked up"

struct Attribution {
        AttributionSpec spec;
        Guid self;
        bool has_place;
        bool is_server;
        AttributionUse use;
        Sought **rows;
        size_t n_rows;
        Sought **owed;
        size_t n_owed;
        KnownFinding *known; /* of the last plans, whether asked for or not */
        size_t n_known;
        bool has_changed; /* charterd did something after the last plan: what is found next follows from it */
        Batch *batch;
        AuditReader *reader; /* of the page at hand, below the batch */
        PortTicket *alarm;
        PortTicket *patience;
        PortTicket *record;
        unsigned n_pages;
        size_t n_entries;  /* that this asking saw */
        const char *error; /* of this asking, or NULL */
        FaultKind fault;
        int64_t delay; /* until the next asking */
        bool told_fault; /* the log was told; until one goes well */
};

Attribution *attribution_new(Mem *parent, const AttributionSpec *spec) {
        Attribution *attribution = mem_new(parent, Attribution);

        attribution->spec = *spec;
        return attribution;
}

void attribution_set_known(Attribution *attribution, const KnownFinding *findings, size_t n) {
        attribution->known = mem_free(attribution->known);
        attribution->known = n > 0 ? mem_memdup(attribution, findings, n * sizeof *findings) : NULL;
        attribution->n_known = n;
}

void attribution_add_owed(Attribution *attribution, Sought *const *rows, size_t n) {
        for (size_t i = 0; i < n; i++)
                *mem_push(attribution, attribution->owed, attribution->n_owed) = mem_move(attribution, rows[i]);
}

void attribution_set_place(Attribution *attribution, bool has_place) {
        attribution->has_place = has_place;
}

bool attribution_is_busy(const Attribution *attribution) {
        return attribution->batch || attribution->record;
}

/* --- telling -------------------------------------------------------------------------------------------------------- */

static void set_author(Attribution *attribution, const Sought *sought, const Author *author) {
        if (sought->has_key)
                authors_set(attribution->spec.authors, sought->key, author);
}

static void log_author(const Attribution *attribution, const Sought *sought, const Author *author) {
        Text words;

        text_init(&words, NULL);
        author_describe(author, &words);
        log_notice(author->state == AUTHOR_KNOWN ? "who changed it" : "who changed it is not known",
                   LOG_TEXT("organization", attribution->spec.url), LOG_TEXT("project", sought->project),
                   LOG_TEXT("what", sought->what), LOG_TEXT("author", words.data), LOG_TEXT("change_id", sought->change_id));
        text_deinit(&words);
}

static void write_record(const Attribution *attribution, const Sought *sought, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "record", "attribution");
        json_write_text(&writer, "change_id", sought->change_id);
        json_write_text(&writer, "organization", attribution->spec.url);
        json_write_text(&writer, "project", sought->project);
        json_write_text(&writer, "what", sought->what);
        author_write_json(sought->author, &writer, "attribution");
        json_write_object_end(&writer);
        text_append(text, "\n");
}

static bool is_to_be_recorded(const Attribution *attribution, const Sought *sought) {
        return attribution->use == ATTRIBUTION_RECORDED && sought->is_settled && sought->change_id &&
               !sought->is_recorded;
}

static void record_settled(Attribution *attribution);

static void on_recorded(void *context, int result) {
        Attribution *attribution = context;

        attribution->record = NULL;
        if (result < 0)
                log_warning("who changed what could not be recorded", LOG_TEXT("organization", attribution->spec.url),
                            LOG_TEXT("reason", strerror(-result)));
        record_settled(attribution);
        if (!attribution->record)
                attribution->spec.on_idle(attribution->spec.context);
}

static void record_settled(Attribution *attribution) {
        Text text;

        if (attribution->record)
                return;
        text_init(&text, attribution);
        for (size_t i = 0; i < attribution->n_rows; i++) {
                Sought *sought = attribution->rows[i];

                if (!is_to_be_recorded(attribution, sought))
                        continue;
                write_record(attribution, sought, &text);
                sought->is_recorded = true;
        }
        if (text.n > 0)
                attribution->record = port_record(attribution->spec.port, attribution, text.data, on_recorded, attribution);
        text_deinit(&text);
}

static void settle(Attribution *attribution, Sought *sought, const Author *author) {
        sought->is_settled = true;
        sought->author = author_copy(sought, author);
        set_author(attribution, sought, author);
        log_author(attribution, sought, author);
}

static void settle_unknown(Attribution *attribution, Sought *sought, const char *reason) {
        settle(attribution, sought, &(Author){.state = AUTHOR_UNKNOWN, .reason = reason});
}

/* --- asking --------------------------------------------------------------------------------------------------------- */

static void ask(Attribution *attribution);

static bool is_open(const Sought *sought) {
        return !sought->is_settled;
}

static int64_t earliest_since(const Attribution *attribution) {
        int64_t since = INT64_MAX;

        for (size_t i = 0; i < attribution->n_rows; i++)
                if (is_open(attribution->rows[i]) && attribution->rows[i]->since < since)
                        since = attribution->rows[i]->since;
        return since;
}

static bool has_open(const Attribution *attribution) {
        for (size_t i = 0; i < attribution->n_rows; i++)
                if (is_open(attribution->rows[i]))
                        return true;
        return false;
}

static bool has_more_to_find(const Attribution *attribution) {
        for (size_t i = 0; i < attribution->n_rows; i++)
                if (is_open(attribution->rows[i]) && !attribution->rows[i]->is_barred)
                        return true;
        return false;
}

static void take_found(Attribution *attribution, Sought *sought, const AuditEntry *entry) {
        char key[GUID_TEXT_SIZE];

        settle(attribution, sought,
               &(Author){.state = AUTHOR_KNOWN,
                         .wall = entry->wall,
                         .actor = entry->actor_name,
                         .account = entry->actor_account,
                         .key = guid_is_null(entry->actor) ? NULL : guid_format(entry->actor, key),
                         .address = entry->address,
                         .client = entry->client,
                         .mechanism = entry->mechanism,
                         .action = entry->action});
}

static void on_entry(void *context, const AuditEntry *entry) {
        Attribution *attribution = context;

        attribution->n_entries += strcmp(entry->action, "AuditLog.AccessLog") != 0;
        for (size_t i = 0; i < attribution->n_rows; i++) {
                Sought *sought = attribution->rows[i];

                if (!is_open(sought) || sought->is_barred)
                        continue;
                switch (sought_match(sought, attribution->self, entry)) {
                case SOUGHT_FOUND:
                        take_found(attribution, sought, entry);
                        break;
                case SOUGHT_BARRED:
                        sought->is_barred = true;
                        break;
                case SOUGHT_OTHER:
                case SOUGHT_OWN:
                        break;
                }
        }
}

static void ask_page(Attribution *attribution, const char *continuation);

static int take_page(void *context, Call *call, const Reply *reply, const char **reasonp, size_t *rowsp) {
        Attribution *attribution = context;
        AuditReader *reader = attribution->reader;

        *reasonp = audit_reader_error(reader);
        if (*reasonp)
                return -1;
        if (audit_reader_continuation(reader) && ++attribution->n_pages < ATTRIBUTION_PAGES_MAX &&
            has_more_to_find(attribution))
                ask_page(attribution, audit_reader_continuation(reader));
        return 0;
}

static void ask_page(Attribution *attribution, const char *continuation) {
        Request request = audit_request(attribution->batch, earliest_since(attribution) - SOUGHT_SKEW_MS, continuation);

        attribution->reader = audit_reader_new(attribution->batch, on_entry, attribution);
        request.sink = audit_reader_sink(attribution->reader);
        batch_add(attribution->batch, &request, take_page, attribution);
}

static void on_call(void *context, Call *call) {
        Attribution *attribution = context;

        if (call->fault.kind == FAULT_NONE)
                return;
        attribution->fault = call->fault.kind;
        attribution->error = call->fault.kind == FAULT_FORBIDDEN ? NO_RIGHT : mem_strdup(attribution->batch, call->fault.message);
}

/* Why it is not found so far. */
static const char *reason_of(const Attribution *attribution, const Sought *sought, bool is_last) {
        if (attribution->error)
                return attribution->error;
        if (attribution->n_entries == 0)
                return IS_EMPTY;
        if (sought->is_barred)
                return IS_OWN;
        return is_last ? NOTHING : NOTHING_YET;
}

static void tell_fault(Attribution *attribution) {
        if (attribution->error && !attribution->told_fault)
                log_warning("the audit log cannot be read; repairs go on", LOG_TEXT("organization", attribution->spec.url),
                            LOG_TEXT("reason", attribution->error));
        attribution->told_fault = attribution->error != NULL;
}

static void settle_rest(Attribution *attribution) {
        int64_t wall = port_wall(attribution->spec.port);

        for (size_t i = 0; i < attribution->n_rows; i++) {
                Sought *sought = attribution->rows[i];
                bool is_last = attribution->fault == FAULT_FORBIDDEN || wall - sought->seen >= ATTRIBUTION_KEEP_MS;
                const char *reason = reason_of(attribution, sought, is_last);

                if (!is_open(sought))
                        continue;
                if (is_last)
                        settle_unknown(attribution, sought, reason);
                else
                        set_author(attribution, sought, &(Author){.state = AUTHOR_ASKED, .reason = reason});
        }
}

static void on_alarm(void *context) {
        Attribution *attribution = context;

        attribution->alarm = NULL;
        ask(attribution);
}

static void ask_later(Attribution *attribution) {
        if (!has_open(attribution) || attribution->use == ATTRIBUTION_SHOWN)
                return;
        attribution->alarm = port_alarm(attribution->spec.port, attribution, attribution->delay, on_alarm, attribution);
        attribution->delay += attribution->delay / 2;
        if (attribution->delay > ATTRIBUTION_LAST_MS)
                attribution->delay = ATTRIBUTION_LAST_MS;
}

static void finish(Attribution *attribution) {
        tell_fault(attribution);
        settle_rest(attribution);
        attribution->patience = mem_free(attribution->patience);
        attribution->batch = mem_free(attribution->batch);
        ask_later(attribution);
        record_settled(attribution);
        if (!attribution->record)
                attribution->spec.on_idle(attribution->spec.context);
}

static void on_asked(void *context, Batch *batch) {
        finish(context);
}

static void on_patience(void *context) {
        Attribution *attribution = context;

        attribution->patience = NULL;
        attribution->fault = FAULT_NETWORK;
        attribution->error = "the audit log did not answer in time";
        finish(attribution);
}

static bool has_to_wait(const Attribution *attribution) {
        return attribution->spec.throttle->not_before > port_now(attribution->spec.port);
}

static void ask(Attribution *attribution) {
        if (attribution->batch || !has_open(attribution))
                return;
        attribution->alarm = mem_free(attribution->alarm);
        if (has_to_wait(attribution)) {
                ask_later(attribution);
                return;
        }
        for (size_t i = 0; i < attribution->n_rows; i++)
                attribution->rows[i]->is_barred = false;
        attribution->n_pages = 0;
        attribution->n_entries = 0;
        attribution->error = NULL;
        attribution->fault = FAULT_NONE;
        attribution->batch = batch_new(attribution, &(BatchSpec){.port = attribution->spec.port,
                                                                 .throttle = attribution->spec.throttle,
                                                                 .judge = judge_reply,
                                                                 .on_done = on_asked,
                                                                 .on_call = on_call,
                                                                 .context = attribution});
        ask_page(attribution, /* continuation= */ NULL);
        attribution->patience = port_alarm(attribution->spec.port, attribution, ATTRIBUTION_PATIENCE_MS, on_patience,
                                           attribution);
        batch_start(attribution->batch);
}

/* --- plans ---------------------------------------------------------------------------------------------------------- */

/* What is taken over from a plan. */
typedef struct Taking {
        Attribution *attribution;
        const AttributionPlan *plan;
        KnownFinding *findings;
        size_t n_findings;
        bool has_drift; /* a step drifted: its leaks are asked for with it */
        bool is_asked;
} Taking;

static Sought *find_sought(const Attribution *attribution, AuthorKey key) {
        for (size_t i = 0; i < attribution->n_rows; i++)
                if (attribution->rows[i]->has_key && attribution->rows[i]->key == key)
                        return attribution->rows[i];
        return NULL;
}

static bool is_planned(const Plan *plan, const char *project) {
        for (size_t i = 0; i < plan->n_projects; i++)
                if (text_equal(plan->projects[i].name, project))
                        return plan->projects[i].state != PLAN_FAILED && plan->projects[i].state != PLAN_UNREAD;
        return false;
}

static void forget(Attribution *attribution, Sought *sought) {
        if (sought->has_key)
                authors_remove(attribution->spec.authors, sought->key);
        mem_free(sought);
}

/* What is answered and no longer planned has nothing left to tell. */
static void forget_over(Taking *taking) {
        Attribution *attribution = taking->attribution;
        size_t n = 0;

        for (size_t i = 0; i < attribution->n_rows; i++) {
                Sought *sought = attribution->rows[i];
                bool is_over = sought->is_settled && !sought->is_in_plan && !is_to_be_recorded(attribution, sought);

                if (is_over)
                        forget(attribution, sought);
                else
                        attribution->rows[n++] = sought;
        }
        attribution->n_rows = n;
}

/* Why it is not asked for; NULL: it is. */
static const char *why_not(const Attribution *attribution, const Sought *sought) {
        if (attribution->is_server)
                return NO_LOG_OF_SERVER;
        if (!attribution->has_place)
                return NO_LOG;
        if (sought->n_parts == 0)
                return NOT_TOLD;
        return attribution->n_rows >= ATTRIBUTION_SOUGHT_MAX ? TOO_MANY : NULL;
}

static int64_t since_of(const Taking *taking, const char *project) {
        int64_t since = sights_since(taking->plan->sights, project);

        return since > 0 ? since : taking->plan->wall - ATTRIBUTION_UNKNOWN_SINCE_MS;
}

static void add_sought(Taking *taking, Sought *sought, AuthorKey key, const char *project) {
        Attribution *attribution = taking->attribution;
        const char *reason = why_not(attribution, sought);

        if (attribution->n_rows >= ATTRIBUTION_SOUGHT_MAX + ATTRIBUTION_OLD_MAX) { /* not even that it is not looked up is told */
                mem_free(sought);
                return;
        }
        sought->has_key = true;
        sought->is_in_plan = true;
        sought->since = since_of(taking, project);
        sought->begun = taking->plan->begun;
        sought->seen = taking->plan->wall;
        *mem_push(attribution, attribution->rows, attribution->n_rows) = sought;
        if (reason) {
                settle_unknown(attribution, sought, reason);
                return;
        }
        authors_set(attribution->spec.authors, key, &(Author){.state = AUTHOR_ASKED, .reason = NOTHING_YET});
        taking->is_asked = true;
}

static void take_step(Taking *taking, const Step *step) {
        Attribution *attribution = taking->attribution;
        const Plan *plan = taking->plan->plan;
        AuthorKey key = author_key_of_step(step->id);
        Sought *sought = find_sought(attribution, key);
        Sight sight = sights_find(taking->plan->sights, step);
        bool is_new = sight.origin == SIGHT_DRIFT && sight.seen == taking->plan->wall;
        Text words;

        if (sought)
                sought->is_in_plan = !is_new;
        if (!is_new || !step_is_repair(step))
                return;
        if (sought)
                sought->has_key = false; /* it came back: what was asked before is asked on for its own change */
        taking->has_drift = true;
        sought = sought_of_step(attribution, plan->live, step);
        if (sought) {
                text_init(&words, sought);
                step_describe(plan, step, &words);
                sought->what = words.data;
        }
        add_sought(taking, sought, key, step->project_name);
}

static bool is_about_access(const Finding *finding) {
        return finding->n_chain > 0 && finding->project;
}

static bool was_known(const Attribution *attribution, AuthorKey key) {
        for (size_t i = 0; i < attribution->n_known; i++)
                if (attribution->known[i].key == key)
                        return true;
        return false;
}

static void note_finding(Taking *taking, KnownFinding finding) {
        if (taking->n_findings < ATTRIBUTION_FINDINGS_MAX)
                *mem_push(taking->attribution, taking->findings, taking->n_findings) = finding;
}

/* Of projects that this plan says nothing of. */
static void keep_findings(Taking *taking) {
        const Attribution *attribution = taking->attribution;
        const Plan *plan = taking->plan->plan;

        for (size_t i = 0; i < attribution->n_known; i++) {
                bool is_over = false;

                for (size_t k = 0; k < plan->n_projects && !is_over; k++)
                        is_over = text_hash(plan->projects[k].name) == attribution->known[i].project &&
                                  is_planned(plan, plan->projects[k].name);
                if (!is_over)
                        note_finding(taking, attribution->known[i]);
        }
}

static void take_finding(Taking *taking, const Finding *finding) {
        Attribution *attribution = taking->attribution;
        AuthorKey key = author_key_of_finding(finding->project, finding->kind, finding->message);
        Sought *sought = find_sought(attribution, key);
        bool is_new = sights_has_drifted(taking->plan->sights, finding->project) && !attribution->has_changed &&
                      !was_known(attribution, key);

        note_finding(taking, (KnownFinding){key, text_hash(finding->project)});
        if (sought)
                sought->is_in_plan = true;
        if (!sought && (is_new || taking->has_drift))
                add_sought(taking, sought_of_finding(attribution, taking->plan->plan->live, finding), key, finding->project);
}

/* What is owed for longer than an hour stays unknown. */
static void take_owed(Taking *taking) {
        Attribution *attribution = taking->attribution;

        for (size_t i = 0; i < attribution->n_owed; i++) {
                Sought *sought = attribution->owed[i];

                if (why_not(attribution, sought) || taking->plan->wall - sought->seen >= ATTRIBUTION_KEEP_MS) {
                        mem_free(sought);
                        continue;
                }
                sought_resolve(sought, taking->plan->plan->live);
                *mem_push(attribution, attribution->rows, attribution->n_rows) = sought;
                taking->is_asked = true;
        }
        attribution->owed = mem_free(attribution->owed);
        attribution->n_owed = 0;
}

static Sought *oldest_open(const Attribution *attribution) {
        Sought *oldest = NULL;

        for (size_t i = 0; i < attribution->n_rows; i++)
                if (is_open(attribution->rows[i]) && (!oldest || attribution->rows[i]->seen < oldest->seen))
                        oldest = attribution->rows[i];
        return oldest;
}

/* What the log never tells is not kept at the expense of what is new. */
static void make_room(Attribution *attribution) {
        size_t n_open = 0;

        for (size_t i = 0; i < attribution->n_rows; i++)
                n_open += is_open(attribution->rows[i]);
        for (; n_open > ATTRIBUTION_OLD_MAX; n_open--)
                settle_unknown(attribution, oldest_open(attribution), NOTHING);
        record_settled(attribution);
}

void attribution_take_plan(Attribution *attribution, const AttributionPlan *spec) {
        const Plan *plan = spec->plan;
        Taking taking = {.attribution = attribution, .plan = spec};

        attribution->use = spec->use;
        attribution->self = plan->live->self;
        attribution->is_server = plan->live->is_server;
        make_room(attribution);
        for (size_t i = 0; i < attribution->n_rows; i++)
                attribution->rows[i]->is_in_plan &= !is_planned(plan, attribution->rows[i]->project);
        for (size_t i = 0; i < plan->n_steps; i++)
                take_step(&taking, &plan->steps[i]);
        for (size_t i = 0; i < plan->n_findings; i++)
                if (is_about_access(&plan->findings[i]))
                        take_finding(&taking, &plan->findings[i]);
        keep_findings(&taking);
        attribution->has_changed = false;
        mem_free(attribution->known);
        attribution->known = taking.findings;
        attribution->n_known = taking.n_findings;
        forget_over(&taking);
        if (spec->use == ATTRIBUTION_RECORDED)
                take_owed(&taking);
        if (taking.is_asked)
                attribution->delay = ATTRIBUTION_FIRST_MS;
        if (taking.is_asked || !attribution->alarm)
                ask(attribution);
}

void attribution_note_change(Attribution *attribution, const Change *change) {
        Sought *sought = find_sought(attribution, author_key_of_step(change->step->id));

        attribution->has_changed |= change->has_intent;
        if (!sought || !change->has_intent || sought->change_id)
                return;
        sought->change_id = mem_strdup(sought, change->id);
        if (is_to_be_recorded(attribution, sought))
                record_settled(attribution);
}
