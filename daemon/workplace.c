/* SPDX-License-Identifier: Apache-2.0 */
/* Workplace: what the commands of one settings file share: loop, connections, the state directory. */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "daemon/workplace.h"

/* Files of the state directory must stay its owner's, whoever runs a command. */
static int become_owner(Mem *parent, const char *directory, const char **reasonp) {
        struct stat status;

        if (geteuid() != 0 || stat(directory, &status) < 0 || status.st_uid == 0)
                return 0;
        if (setgroups(0, NULL) == 0 && setresgid(status.st_gid, status.st_gid, status.st_gid) == 0 &&
            setresuid(status.st_uid, status.st_uid, status.st_uid) == 0) {
                (void)prctl(PR_SET_DUMPABLE, 0); /* the kernel sets it anew with the user */
                return 0;
        }
        *reasonp = mem_printf(parent, "%s belongs to user %u, and charterd cannot become that user: %s", directory,
                              (unsigned)status.st_uid, strerror(errno));
        return -EPERM;
}

static int open_ledger(Workplace *workplace, Mem *parent, const char **reasonp) {
        int r = become_owner(parent, workplace->state_directory, reasonp);

        if (r < 0)
                return r;
        r = ledger_open(workplace, workplace->state_directory, &workplace->ledger, reasonp);
        if (r == -EWOULDBLOCK)
                r = WORKPLACE_TAKEN;
        if (r != 0) {
                *reasonp = mem_strdup(parent, *reasonp);
                return r;
        }
        if (ledger_torn_file(workplace->ledger))
                log_warning("the ledger ended in the middle of a line, which is kept aside",
                            LOG_TEXT("file", ledger_torn_file(workplace->ledger)));
        return 0;
}

/* --- the ledger ----------------------------------------------------------------------------------------------------- */

static void try_later(Workplace *workplace);

/* What the ledger owes is written first; the rest is to be planned and asked for anew. */
static void on_tried(void *context, int result) {
        Workplace *workplace = context;

        workplace->trying = NULL;
        if (result < 0)
                try_later(workplace);
        else
                workplace->on_ledger(workplace->context);
}

static void try_again(void *context) {
        Workplace *workplace = context;

        workplace->trying = journal_record(workplace->journal, workplace, "", on_tried, workplace);
}

static void try_later(Workplace *workplace) {
        if (workplace->on_ledger && !workplace->trying)
                workplace->trying = loop_alarm(workplace->loop, workplace, WORKPLACE_TRY_MS, try_again, workplace);
}

/* Said once, and once more when it is over. */
static void note_ledger(Workplace *workplace) {
        int error = ledger_error(workplace->ledger);

        if (error < 0 && error != workplace->ledger_error)
                log_error("the ledger cannot be written: until it can, nothing is changed in the service",
                          LOG_TEXT("directory", workplace->state_directory), LOG_TEXT("error", strerror(-error)));
        if (error == 0 && workplace->ledger_error < 0)
                log_notice("the ledger is written again", LOG_TEXT("directory", workplace->state_directory));
        workplace->ledger_error = error;
        if (error < 0)
                try_later(workplace);
}

static int journal_append(void *writer, const char *lines) {
        Workplace *workplace = writer;
        int r = ledger_append(workplace->ledger, lines);

        if (r < 0)
                note_ledger(workplace);
        return r;
}

static int journal_sync(void *writer) {
        const Workplace *workplace = writer;

        return ledger_sync(workplace->ledger);
}

static void journal_finish(void *writer, int result) {
        Workplace *workplace = writer;

        ledger_finish(workplace->ledger, result);
        note_ledger(workplace);
}

static void set_limits(Workplace *workplace) {
        int64_t keep = workplace->settings->ledger_keep, part = keep / LEDGER_KEEP_PARTS;

        if (workplace->ledger)
                ledger_set_limits(workplace->ledger,
                                  &(LedgerLimits){.keep_ms = keep,
                                                  .age_ms = part < LEDGER_FILE_AGE_MS ? part : LEDGER_FILE_AGE_MS});
}

void workplace_take_settings(Workplace *workplace, const Settings *settings) {
        workplace->settings = settings;
        set_limits(workplace);
}

/* --- opening -------------------------------------------------------------------------------------------------------- */

static int open_state(Workplace *workplace, Mem *parent, WorkplaceUse use, const char **reasonp) {
        const Settings *settings = workplace->settings;
        const char *reason = NULL;
        int r = 0;

        if (use == WORKPLACE_ALONE) {
                workplace->known = known_new(workplace);
                return 0;
        }
        /* A reload replaces the settings; the place stays. */
        workplace->state_directory = settings->state_directory ? mem_strdup(workplace, settings->state_directory)
                                                               : settings_default_state_directory(workplace);
        if (use == WORKPLACE_WRITES)
                r = open_ledger(workplace, parent, reasonp);
        if (r != 0)
                return r;
        r = known_load(workplace, workplace->state_directory, &workplace->known, &reason);
        if (r < 0)
                *reasonp = mem_strdup(parent, reason);
        return r;
}

int workplace_open(Mem *parent, const Settings *settings, WorkplaceUse use, Workplace **workplacep,
                   const char **reasonp) {
        Workplace *workplace = mem_new(parent, Workplace);
        int r;

        workplace->settings = settings;
        r = open_state(workplace, parent, use, reasonp);
        if (r != 0) {
                workplace_close(workplace);
                return r;
        }
        set_limits(workplace);
        workplace->loop = loop_new(workplace);
        if (workplace->ledger)
                workplace->journal = journal_new(workplace, &(JournalSpec){.loop = workplace->loop,
                                                                           .writer = workplace,
                                                                           .append = journal_append,
                                                                           .sync = journal_sync,
                                                                           .finish = journal_finish});
        workplace->web = web_new(workplace, &(WebSpec){.loop = workplace->loop,
                                                       .version = CHARTERD_VERSION,
                                                       .ca_file = settings->ca_file,
                                                       .proxy = settings->proxy,
                                                       .silence_ms = settings->limits.request_timeout,
                                                       .total_ms = settings->limits.request_total,
                                                       .response_size = settings->limits.response_size,
                                                       .stream_size = settings->limits.stream_size});
        *workplacep = workplace;
        return 0;
}

/* --- known.json ----------------------------------------------------------------------------------------------------- */

typedef struct Saving {
        char *directory;
        int staged; /* as known_stage() */
} Saving;

static Saving *saving_new(Workplace *workplace) {
        Saving *saving = mem_new(NULL, Saving);

        saving->directory = mem_strdup(saving, workplace->state_directory);
        saving->staged = known_stage(workplace->known, saving->directory);
        return saving;
}

static int save(void *job) {
        Saving *saving = job;

        return saving->staged < 0 ? saving->staged : known_save(saving->directory);
}

static void say_unsaved(const Workplace *workplace, int result) {
        log_error("known.json could not be written", LOG_TEXT("directory", workplace->state_directory),
                  LOG_TEXT("error", strerror(-result)));
}

static void save_again(void *context) {
        Workplace *workplace = context;

        workplace->saving_again = NULL;
        workplace_save_known(workplace);
}

static void on_saved(void *context, void *job, int result) {
        Workplace *workplace = context;

        workplace->saving = NULL;
        if (result < 0) {
                say_unsaved(workplace, result);
                workplace->is_unsaved = true;
                workplace->saving_again =
                        loop_alarm(workplace->loop, workplace, WORKPLACE_TRY_MS, save_again, workplace);
        } else if (workplace->is_unsaved) {
                workplace_save_known(workplace);
        }
}

void workplace_save_known(Workplace *workplace) {
        if (!workplace->ledger)
                return;
        workplace->is_unsaved = workplace->saving || workplace->saving_again;
        if (!workplace->is_unsaved)
                workplace->saving = loop_work(workplace->loop, workplace,
                                              &(LoopWork){.work = save,
                                                          .done = on_saved,
                                                          .context = workplace,
                                                          .job = saving_new(workplace)});
}

/* What the loop has not written to its end is written here; nothing else writes any more. */
static void save_what_is_left(Workplace *workplace) {
        Saving *saving = saving_new(workplace);
        int r = save(saving);

        if (r < 0)
                say_unsaved(workplace, r);
        mem_free(saving);
}

Workplace *workplace_close(Workplace *workplace) {
        bool is_left;

        if (!workplace)
                return NULL;
        is_left = workplace->saving || workplace->is_unsaved;
        workplace->web = workplace->web ? web_free(workplace->web) : NULL;
        workplace->trying = mem_free(workplace->trying);
        workplace->saving_again = mem_free(workplace->saving_again);
        workplace->journal = mem_free(workplace->journal);
        workplace->saving = mem_free(workplace->saving);
        /* Waits for what the other threads have begun. */
        workplace->loop = workplace->loop ? loop_free(workplace->loop) : NULL;
        if (is_left)
                save_what_is_left(workplace);
        workplace->ledger = workplace->ledger ? ledger_close(workplace->ledger) : NULL;
        return mem_free(workplace);
}
