/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd access --when, --since`: who could do what, and what changed for whom, as passes stored it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/access/shifts.h"
#include "common/base/clock.h"
#include "config/settings.h"
#include "daemon/command_access.h"
#include "daemon/engine/access_ledger.h"
#include "daemon/since.h"

typedef struct Question {
        Mem *mem;
        const Cli *cli;
        const AccessAt *at;
        const Settings *settings;
        const char *directory;
        int64_t now;
        int64_t when;  /* --when, or now */
        int64_t since; /* --since */
        size_t n_shown; /* matrices */
} Question;

static int read_time(const char *option, const char *text, int64_t now, int64_t *wallp) {
        if (!text || since_parse(text, now, wallp) == 0)
                return 0;
        complain("%s: `%s` is no time; write " SINCE_FORMS, option, text);
        return EXIT_USAGE;
}

static int read_times(Question *question) {
        const Cli *cli = question->cli;
        int r = 0;

        question->now = question->when = clock_wall_ms();
        r = read_time("--when", cli->when, question->now, &question->when);
        if (r == 0)
                r = read_time("--since", cli->since, question->now, &question->since);
        if (r == 0 && cli->since && question->since > question->when) {
                complain("--since is later than %s", cli->when ? "--when" : "now");
                return EXIT_USAGE;
        }
        return r;
}

static AccessStoreQuery query_of(const Question *question, const OrganizationSettings *organization) {
        return (AccessStoreQuery){.state_directory = question->directory,
                                  .organization = organization->url,
                                  .project = question->cli->project};
}

static void print(const Text *text) {
        fputs(text->data, stdout);
}

/* --- one moment ------------------------------------------------------------------------------------------------------
 */

static void tell_nothing_before(const AccessFound *found, int64_t when) {
        char first[CLOCK_TEXT_SIZE], then[CLOCK_TEXT_SIZE];

        complain("%s: nothing is stored of %s; the first pass that stored its access did so at %s",
                 found->project ? found->project : "a project", clock_format(when, then),
                 clock_format(found->first, first));
}

static void tell_left(const AccessFound *found) {
        char left[CLOCK_TEXT_SIZE];

        complain("project %s is not in the charter since %s: nobody looked at it then",
                 found->stored.record->head.project, clock_format(found->left, left));
}

static void tell_torn(const char *file) {
        complain("%s ends in the middle of a record, of a pass that did not end: what that pass saw is not known",
                 file);
}

/* Negative: what is stored is not to be answered from. */
static int find(const Question *question, const OrganizationSettings *organization, AccessFound **foundp, size_t *np) {
        AccessStoreQuery query = query_of(question, organization);
        const char *reason = NULL;
        int r = access_store_find(question->mem, &query, question->when, foundp, np, &reason);

        if (r == 0)
                r = access_ledger_ask(question->mem, &query, question->when, *foundp, *np, &reason);
        if (r < 0) {
                complain("%s", reason);
                return r;
        }
        for (size_t i = 0; i < *np; i++) {
                const AccessRecord *record = (*foundp)[i].stored.record;

                if (!(*foundp)[i].is_altered)
                        continue;
                complain("%s: what is stored of %s is not what pass %s stored: the ledger has another digest of it",
                         organization->url, record->head.project, record->head.pass);
                r = -EBADMSG;
        }
        return r;
}

/* The records that are there; the others are complained of. */
static AccessStored *keep_found(const Question *question, const AccessFound *found, size_t n, size_t *n_storedp) {
        AccessStored *stored = NULL;

        *n_storedp = 0;
        for (size_t i = 0; i < n; i++) {
                if (!found[i].stored.record)
                        tell_nothing_before(&found[i], question->when);
                else if (found[i].left)
                        tell_left(&found[i]);
                else
                        *mem_push(question->mem, stored, *n_storedp) = found[i].stored;
                if (found[i].torn_file)
                        tell_torn(found[i].torn_file);
        }
        return stored;
}

static int show_matrix(Question *question, const AccessStored *stored, size_t n) {
        const AccessMatrix *matrix = access_matrix_of_records(
                question->mem, stored, n,
                &(AccessStoredFilter){question->cli->team, question->at->kind, question->at->name});
        Text text;

        if (matrix->error) {
                complain("%s", matrix->error);
                return EXIT_USAGE;
        }
        text_init(&text, question->mem);
        if (question->cli->output == OUTPUT_JSON) {
                access_matrix_print_json(matrix, &text);
        } else if (question->cli->output == OUTPUT_CSV) {
                if (question->n_shown == 0)
                        access_matrix_print_csv_head(&text);
                access_matrix_print_csv(matrix, &text);
        } else {
                access_matrix_print_text(matrix, stdout_has_colour() ? ACCESS_COLOUR : ACCESS_PLAIN, &text);
        }
        question->n_shown++;
        print(&text);
        return EXIT_IN_SYNC;
}

static int tell_nothing(const Question *question, const OrganizationSettings *organization) {
        if (question->cli->project)
                complain("%s: no access of a project `%s` is stored in %s", organization->url, question->cli->project,
                         question->directory);
        else
                complain("%s: no access is stored in %s; each pass of `run` and `apply` stores what it sees changed",
                         organization->url, question->directory);
        return EXIT_ERROR;
}

static int show_then(Question *question, const OrganizationSettings *organization) {
        AccessStored *stored = NULL;
        AccessFound *found = NULL;
        size_t n = 0, n_stored = 0;

        if (find(question, organization, &found, &n) < 0)
                return EXIT_ERROR;
        if (n == 0)
                return tell_nothing(question, organization);
        stored = keep_found(question, found, n, &n_stored);
        if (n_stored == 0)
                return EXIT_ERROR;
        return show_matrix(question, stored, n_stored);
}

/* --- what changed ----------------------------------------------------------------------------------------------------
 */

typedef struct Collection {
        AccessShifts *shifts;
        AccessRecordFilter filter;
} Collection;

static void on_change(void *context, const AccessRecord *before, const AccessRecord *after) {
        const Collection *collection = context;

        access_shifts_add(collection->shifts, before, after, &collection->filter);
}

static void print_changes(Question *question, const AccessShifts *shifts) {
        Text text;

        text_init(&text, question->mem);
        if (question->cli->output == OUTPUT_JSON) {
                access_shifts_print_json(shifts, &text);
        } else if (question->cli->output == OUTPUT_CSV) {
                if (question->n_shown == 0)
                        access_shifts_print_csv_head(&text);
                access_shifts_print_csv(shifts, &text);
                if (shifts->n_left_out > 0)
                        complain("%zu more changes are left out; --project, --team and --at narrow the question",
                                 shifts->n_left_out);
        } else {
                access_shifts_print_text(shifts, &text);
        }
        question->n_shown++;
        print(&text);
}

static int show_changes(Question *question, const OrganizationSettings *organization) {
        AccessStoreQuery query = query_of(question, organization);
        Collection collection = {access_shifts_new(question->mem),
                                 {question->cli->team, question->at->kind, question->at->name}};
        AccessFound *found = NULL;
        const char *reason = NULL;
        size_t n = 0;

        if (find(question, organization, &found, &n) < 0)
                return EXIT_ERROR;
        if (access_store_find(question->mem, &query, question->since, &found, &n, &reason) < 0 ||
            access_store_each(question->mem, &query, question->since, question->when, on_change, &collection, &reason) <
                    0) {
                complain("%s", reason);
                return EXIT_ERROR;
        }
        if (n == 0)
                return tell_nothing(question, organization);
        for (size_t i = 0; i < n; i++)
                if (!found[i].stored.record)
                        tell_nothing_before(&found[i], question->since);
        access_shifts_sort(collection.shifts);
        print_changes(question, collection.shifts);
        return EXIT_IN_SYNC;
}

int command_access_stored(const Cli *cli, const AccessAt *at) {
        Question question = {.mem = mem_new(NULL, char), .cli = cli, .at = at};
        int exit_code = read_times(&question);
        Settings *settings = NULL;
        DiagList diags;

        diag_list_init(&diags, question.mem);
        if (exit_code == 0 && settings_load(question.mem, cli->settings, &diags, &settings) < 0) {
                print_diags(&diags, WORDS_ARE_SETTLED_LATER);
                exit_code = EXIT_ERROR;
        }
        if (exit_code == 0) {
                question.settings = settings;
                question.directory = settings->state_directory ? settings->state_directory
                                                               : settings_default_state_directory(question.mem);
                for (size_t i = 0; i < settings->n_organizations; i++)
                        exit_code = exit_code_unite(exit_code,
                                                    cli->since ? show_changes(&question, &settings->organizations[i])
                                                               : show_then(&question, &settings->organizations[i]));
        }
        mem_free(question.mem);
        return exit_code;
}
