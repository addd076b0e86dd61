/* SPDX-License-Identifier: Apache-2.0 */
/* Notify: a person is told of what machines do not mend, by a program of the settings. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/json.h"
#include "common/base/log.h"
#include "daemon/net/spawn.h"
#include "daemon/notify.h"

/* One event of one organisation. */
typedef struct Subject {
        const char *url;
        const char *event;
        char told[DIGEST_TEXT_SIZE]; /* of what was last told or waits to be; "": nothing is the matter */
        char *line;                  /* waits to be told, or NULL */
        uint64_t number;             /* since when, counted */
} Subject;

struct Notify {
        Loop *loop;
        char *command;
        Subject *subjects;
        size_t n_subjects;
        uint64_t n_noted;
        Spawn *spawn;
        size_t telling;    /* index of the subject the program was started for */
        LoopTicket *pause; /* since the last start */
};

/* --- what is told --------------------------------------------------------------------------------------------------- */

/* What is the matter with an organisation, if anything is. */
typedef enum Matter {
        MATTER_UNKNOWN, /* it could not be read: as before */
        MATTER_NONE,
        MATTER_SOME,
} Matter;

/* Writes members of the line, and into `key` what it is that must change for it to be told again. */
typedef Matter (*MatterFn)(const Engine *engine, const char *event, JsonWriter *writer, Text *key);

/* The plan of the whole organisation, as it is after the last order. */
static const Plan *whole_plan(const Engine *engine) {
        const Plan *plan = engine_plan(engine);

        return plan && !engine_error(engine) && plan_is_whole(plan) ? plan : NULL;
}

static Matter look_held(const Engine *engine, const char *event, JsonWriter *writer, Text *key) {
        const Plan *plan = whole_plan(engine);
        Mem *frame;
        size_t n = 0;

        if (!plan)
                return MATTER_UNKNOWN;
        if (!plan->plan_id[0])
                return MATTER_NONE;
        frame = mem_new(NULL, char);
        text_append(key, plan->plan_id);
        json_write_text(writer, "plan_id", plan->plan_id);
        json_write_text(writer, "release", mem_printf(frame, "charterd release %s --reason \"...\"", plan->plan_id));
        plan_write_reasons(plan, writer);
        for (size_t i = 0; i < plan->n_steps; i++)
                n += plan->steps[i].state == STEP_HELD;
        json_write_int(writer, "count", (int64_t)n);
        mem_free(frame);
        return MATTER_SOME;
}

static Matter look_findings(const Engine *engine, const char *event, JsonWriter *writer, Text *key) {
        const Plan *plan = whole_plan(engine);
        size_t n = 0;

        if (!plan)
                return MATTER_UNKNOWN;
        json_write_array(writer, "findings");
        for (size_t i = 0; i < plan->n_findings; i++) {
                Finding same = finding_without_detail(&plan->findings[i]);
                Text finding;

                if (strcmp(same.kind, event) != 0)
                        continue;
                finding_write_json(&same, key);
                text_init(&finding, NULL);
                finding_write_json(&plan->findings[i], &finding);
                if (n++ < NOTIFY_FINDINGS_MAX)
                        json_write_raw(writer, NULL, finding.data);
                text_deinit(&finding);
        }
        json_write_array_end(writer);
        json_write_int(writer, "count", (int64_t)n);
        return n > 0 ? MATTER_SOME : MATTER_NONE;
}

/* Messages differ from pass to pass (ActivityId): it is one matter until the service answers again. */
static Matter look_credential(const Engine *engine, const char *event, JsonWriter *writer, Text *key) {
        if (!engine_error(engine))
                return MATTER_NONE;
        if (engine_fault(engine) != FAULT_AUTHENTICATION)
                return MATTER_UNKNOWN;
        text_append(key, event);
        json_write_text(writer, "message", engine_error(engine));
        return MATTER_SOME;
}

static const struct {
        const char *event;
        MatterFn look;
} rows[] = {
        {"held", look_held},
        {"leak", look_findings},
        {"fight", look_findings},
        {"vanished", look_findings},
        {"credential", look_credential},
};

/* --- one at a time -------------------------------------------------------------------------------------------------- */

static void tell_next(Notify *notify);

static void on_told(void *context, const SpawnEnd *end) {
        Notify *notify = context;
        Subject *subject = &notify->subjects[notify->telling];

        notify->spawn = NULL;
        if (end->exit_code != 0 || end->signal != 0) {
                log_error(end->is_too_long ? "the notify command took too long and was ended"
                                           : "the notify command failed",
                          LOG_TEXT("event", subject->event), LOG_TEXT("organization", subject->url),
                          LOG_NUMBER("exit", end->exit_code), LOG_NUMBER("signal", end->signal));
                if (!subject->line)
                        subject->told[0] = 0;
        }
        tell_next(notify);
}

static void on_pause_over(void *context) {
        Notify *notify = context;

        notify->pause = NULL;
        tell_next(notify);
}

static Subject *find_oldest(Notify *notify) {
        Subject *oldest = NULL;

        for (size_t i = 0; i < notify->n_subjects; i++)
                if (notify->subjects[i].line && (!oldest || notify->subjects[i].number < oldest->number))
                        oldest = &notify->subjects[i];
        return oldest;
}

static void tell_next(Notify *notify) {
        Subject *subject = find_oldest(notify);
        const char *reason = NULL;

        if (!subject || notify->spawn || notify->pause || !notify->command)
                return;
        notify->telling = (size_t)(subject - notify->subjects);
        notify->pause = loop_alarm(notify->loop, notify, NOTIFY_PAUSE_MS, on_pause_over, notify);
        notify->spawn = spawn_start(notify,
                                    &(SpawnSpec){.loop = notify->loop,
                                                 .command = notify->command,
                                                 .input = subject->line,
                                                 .limit_ms = NOTIFY_LIMIT_MS,
                                                 .fn = on_told,
                                                 .context = notify},
                                    &reason);
        subject->line = mem_free(subject->line);
        if (notify->spawn) {
                log_info("notified", LOG_TEXT("event", subject->event), LOG_TEXT("organization", subject->url));
                return;
        }
        subject->told[0] = 0;
        log_error("the notify command could not be started", LOG_TEXT("event", subject->event),
                  LOG_TEXT("organization", subject->url), LOG_TEXT("error", reason));
}

/* --- looking -------------------------------------------------------------------------------------------------------- */

static Subject *find_subject(Notify *notify, const char *url, const char *event) {
        Subject *subject;

        for (size_t i = 0; i < notify->n_subjects; i++)
                if (strcmp(notify->subjects[i].event, event) == 0 && strcmp(notify->subjects[i].url, url) == 0)
                        return &notify->subjects[i];
        subject = mem_push(notify, notify->subjects, notify->n_subjects);
        subject->url = mem_strdup(notify, url);
        subject->event = event;
        return subject;
}

static void note(Notify *notify, Subject *subject, const char *key, const char *line) {
        char digest[DIGEST_TEXT_SIZE];

        digest_sha256(key, strlen(key), digest);
        if (strcmp(subject->told, digest) == 0)
                return;
        memcpy(subject->told, digest, sizeof subject->told);
        if (!subject->line)
                subject->number = notify->n_noted++;
        mem_free(subject->line);
        subject->line = mem_strdup(notify, line);
}

static void look(Notify *notify, size_t row, const Engine *engine) {
        Subject *subject = find_subject(notify, engine_spec(engine)->url, rows[row].event);
        char time[CLOCK_TEXT_SIZE];
        JsonWriter writer;
        Text line, key;
        Matter matter;

        text_init(&line, NULL);
        text_init(&key, NULL);
        json_writer_init(&writer, &line, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "event", subject->event);
        json_write_text(&writer, "organization", subject->url);
        matter = rows[row].look(engine, subject->event, &writer, &key);
        json_write_text(&writer, "time", clock_format(clock_wall_ms(), time));
        json_write_object_end(&writer);
        text_append(&line, "\n");
        if (matter == MATTER_SOME) {
                note(notify, subject, key.data, line.data);
        } else if (matter == MATTER_NONE) {
                subject->told[0] = 0;
                subject->line = mem_free(subject->line);
        }
        text_deinit(&line);
        text_deinit(&key);
}

void notify_look(Notify *notify, const Engine *engine) {
        if (!notify->command)
                return;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                look(notify, i, engine);
        tell_next(notify);
}

/* --- life ----------------------------------------------------------------------------------------------------------- */

void notify_set_command(Notify *notify, const char *command) {
        mem_free(notify->command);
        notify->command = mem_strdup(notify, command);
        tell_next(notify);
}

Notify *notify_new(Mem *parent, Loop *loop) {
        Notify *notify = mem_new(parent, Notify);

        notify->loop = loop;
        return notify;
}
