/* SPDX-License-Identifier: Apache-2.0 */
/* Agreement: what charterd works out from the simulator's answers is what the simulator itself
 * answers.
 *
 * usage: test-agreement TELLER [ORGANISATIONS [SEED]] */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/access/evaluate.h"
#include "common/base/json.h"
#include "common/model/token.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/project.h"

enum {
        ORGANISATIONS = 2000,
        QUESTIONS = 50, /* of each */
        LINE_MAX_BYTES = 8192,
        GUID_TEXT = 36,
        /* The mix that is asked for, in a hundred questions. */
        ALLOW_MIN = 25,
        DENY_MIN = 10,
        ABOVE_MIN = 30,
        GROUPS_MIN = 10,
        CUT_MIN = 5,
        UNKNOWN_MAX = 10,
        PATH_THROUGH_TWO = 4, /* the principal, two groups, the entry */
};

/* What was asked, and how it was decided. */
typedef struct Mix {
        size_t organisations;
        size_t questions;
        size_t allow;
        size_t deny;
        size_t above;  /* by an entry above the artefact */
        size_t groups; /* through two or more groups */
        size_t cut;    /* inheritance is off between the artefact and its root */
        size_t unknown;
        size_t batched;  /* asked by their person too */
        size_t extended; /* entries with effectiveAllow and effectiveDeny */
} Mix;

/* An answer with lists, kept until all is known. */
typedef struct Lists {
        uint8_t space;
        const char *body;
} Lists;

typedef struct Told {
        Mem *mem; /* of the organisation at hand */
        FILE *file;
        Organisation *live;
        AccessView *view; /* once questions come */
        bool is_certain;
        int number;
        Lists *lists;
        size_t n_lists;
        Index *rows; /* by key */
        size_t n_rows;
        AccessSubject **subjects; /* by row, when asked for */
        Mix mix;
} Told;

static const char *teller;
static unsigned n_organisations = ORGANISATIONS;
static const char *seed = "1";

static uint8_t space_of(const char *id) {
        const PermissionTable *table = permission_table_builtin();
        const PermissionNamespace *row = NULL;
        Guid guid;

        assert_int_equal(guid_parse(&guid, id), 0);
        row = permission_table_find(table, guid);
        assert_non_null(row);
        assert_true(row - table->items < _NAMESPACE_N);
        return (uint8_t)(row - table->items);
}

/* Reading what is told */

static char *read_bytes(Told *told, size_t n) {
        char *bytes = mem_new_array(told->mem, char, n + 1);

        assert_int_equal(fread(bytes, 1, n, told->file), n);
        assert_int_equal(getc(told->file), '\n');
        return bytes;
}

static void begin_organisation(Told *told, const char *line) {
        char id[GUID_TEXT + 1];
        Project project = {.name = "MLOps"};
        int is_certain = 0;
        Mix mix = told->mix;

        assert_null(told->mem);
        assert_int_equal(sscanf(line, "organization %d %36s %d", &told->number, id, &is_certain),
                         3);
        assert_int_equal(guid_parse(&project.id, id), 0);
        *told = (Told){
                .file = told->file, .number = told->number, .is_certain = is_certain, .mix = mix};
        told->mem = mem_alloc_zero(NULL, 1, "organisation");
        told->live = organisation_new(told->mem, "https://dev.azure.com/contoso");
        organisation_add_project(told->live, &project);
        organization_set_tokens(told->live);
        project_set_tokens(told->live, 0);
        told->mix.organisations++;
}

static void take_lists(Told *told, const char *line) {
        char id[GUID_TEXT + 1];
        size_t n = 0;
        int at = 0;
        AclReaderSpec spec = {.organisation = told->live, .depth = ACL_RECURSE};
        AclReader *reader = NULL;
        const Sink *sink = NULL;
        char *body = NULL;

        assert_int_equal(sscanf(line, "lists %36s %zu %n", id, &n, &at), 2);
        body = read_bytes(told, n);
        spec.space = space_of(id);
        spec.token = line + at;
        reader = acl_reader_new(told->mem, &spec);
        sink = acl_reader_sink(reader);
        sink->begin(sink->context);
        if (sink->feed(sink->context, body, n) < 0 || sink->end(sink->context) < 0)
                fail_msg("organisation %d: %s", told->number, acl_reader_error(reader));
        *mem_push(told->mem, told->lists, told->n_lists) = (Lists){spec.space, body};
}

static void take_identities(Told *told, const char *line) {
        size_t n = 0;
        const char *reason = NULL;
        Reply reply = {.status = 200, .content_type = "application/json", .retry_after_ms = -1};

        assert_int_equal(sscanf(line, "identities %zu %zu", &told->n_rows, &n), 2);
        told->rows = mem_new_array(told->mem, Index, told->n_rows);
        for (size_t i = 0; i < told->n_rows; i++) {
                char descriptor[LINE_MAX_BYTES];

                assert_non_null(fgets(descriptor, sizeof(descriptor), told->file));
                descriptor[strcspn(descriptor, "\n")] = '\0';
                told->rows[i] = organisation_descriptor_row(told->live, descriptor);
        }
        reply.body = read_bytes(told, n);
        reply.n_body = n;
        if (identity_batch_take(told->live, told->rows, told->n_rows, IDENTITY_MEMBERSHIP_DIRECT,
                                &reply, &reason) < 0)
                fail_msg("organisation %d: %s", told->number, reason);
}

/* Comparing */

typedef struct Answer {
        uint32_t allow;
        uint32_t deny;
        uint32_t bits; /* that were answered */
} Answer;

/* What is not known is neither open nor closed; that must be for a reason. */
static void compare(const Told *told, const AccessSubject *subject, AccessMasks masks,
                    Answer answer, const char *token) {
        uint32_t known = answer.bits & ~masks.unknown;
        uint32_t firm = subject->is_administrator ? ~answer.deny : UINT32_MAX;

        if ((masks.allow & known) != (answer.allow & known) ||
            (masks.deny & known) != (answer.deny & known))
                fail_msg(
                        "organisation %d of seed %s: %s at %s: allow %x, deny %x, not known %x; the simulator: allow %x, deny %x",
                        told->number, seed, access_view_display(told->view, subject->principal),
                        token, masks.allow & answer.bits, masks.deny & answer.bits,
                        masks.unknown & answer.bits, answer.allow, answer.deny);
        if (told->is_certain && (masks.unknown & answer.bits & firm))
                fail_msg("organisation %d of seed %s: %s at %s: %x is not known", told->number,
                         seed, access_view_display(told->view, subject->principal), token,
                         masks.unknown & answer.bits & firm);
}

/* A subject each, made when first asked for. */
static const AccessSubject *subject_of(Told *told, Index row) {
        if (!told->subjects[row])
                told->subjects[row] = access_subject_new(told->mem, told->view, row);
        return told->subjects[row];
}

static uint32_t mask_of(const JsonNode *node, const char *key) {
        int64_t value = 0;

        return json_get_int(node, key, INT32_MIN, UINT32_MAX, &value) == 0 ? (uint32_t)value : 0;
}

static void compare_extended(Told *told, uint8_t space, const char *token, const JsonNode *entry) {
        const JsonNode *info = json_get(entry, "extendedInfo");
        Index row = organisation_find_descriptor(told->live, json_get_text(entry, "descriptor"));
        const AccessSubject *subject = NULL;

        assert_non_null(info);
        assert_int_not_equal(row, INDEX_NONE);
        subject = subject_of(told, row);
        compare(told, subject, access_evaluate(told->view, subject, space, token),
                (Answer){mask_of(info, "effectiveAllow"), mask_of(info, "effectiveDeny"),
                         UINT32_MAX},
                token);
        told->mix.extended++;
}

static void compare_lists(Told *told) {
        for (size_t i = 0; i < told->n_lists; i++) {
                const Lists *lists = &told->lists[i];
                Mem *scratch = mem_alloc_zero(NULL, 1, "lists");
                const char *reason = NULL;
                JsonNode *root = NULL;

                assert_int_equal(
                        json_parse(scratch, lists->body, strlen(lists->body), &root, &reason), 0);
                json_each(list, json_get(root, "value")) json_each(entry,
                                                                   json_get(list, "acesDictionary"))
                        compare_extended(told, lists->space, json_get_text(list, "token"), entry);
                mem_free(scratch);
        }
}

static void begin_questions(Told *told) {
        if (told->view)
                return;
        organisation_seal(told->live);
        told->view = access_view_new(told->mem, told->live);
        told->subjects = mem_new_array(told->mem, AccessSubject *, told->live->n_identities);
        compare_lists(told);
}

/* True when the walk up from the token is cut off from what is above it. */
static bool is_cut(const Told *told, uint8_t space, const char *token) {
        char separator = told->live->permissions.items[space].separator;
        char above[LINE_MAX_BYTES];
        ssize_t n = (ssize_t)strlen(token);

        strcpy(above, token);
        while (n >= 0) {
                above[n] = '\0';
                n = token_parent_length(above, (size_t)n, separator);
                if (n >= 0 && !access_view_level(told->view, space, above).inherit)
                        return true;
        }
        return false;
}

static void count(Told *told, uint8_t space, const char *token,
                  const AccessExplanation *explanation) {
        Mix *mix = &told->mix;
        char separator = told->live->permissions.items[space].separator;

        mix->unknown += explanation->answer == ACCESS_UNKNOWN;
        mix->cut += is_cut(told, space, token);
        if (explanation->answer == ACCESS_UNKNOWN || !explanation->token)
                return;
        mix->above += token_compare(explanation->token, token, separator) != 0;
        mix->groups += explanation->n_path >= PATH_THROUGH_TWO;
}

/* What a person is told of themselves is what is told of them. */
static void compare_batch(Told *told, char batch, int allow) {
        if (batch == '-')
                return;
        assert_int_equal(batch == '1', allow);
        told->mix.batched++;
}

static void take_question(Told *told, const char *line) {
        char id[GUID_TEXT + 1];
        char batch = 0;
        uint32_t bit = 0;
        int allow = 0;
        int deny = 0;
        int at = 0;
        size_t key = 0;
        uint8_t space = 0;
        const AccessSubject *subject = NULL;
        AccessExplanation *explanation = NULL;
        AccessMasks masks;

        assert_int_equal(sscanf(line, "question %36s %u %d %d %c %zu %n", id, &bit, &allow, &deny,
                                &batch, &key, &at),
                         6);
        begin_questions(told);
        space = space_of(id);
        subject = subject_of(told, told->rows[key]);
        masks = access_evaluate(told->view, subject, space, line + at);
        compare(told, subject, masks, (Answer){allow ? bit : 0, deny ? bit : 0, bit}, line + at);
        compare_batch(told, batch, allow);
        explanation = access_explain(told->mem, told->view, subject, space, line + at, bit);
        assert_int_equal(explanation->answer == ACCESS_OPEN, (masks.allow & bit) != 0);
        assert_int_equal(explanation->answer == ACCESS_UNKNOWN, (masks.unknown & bit) != 0);
        told->mix.questions++;
        told->mix.allow += allow;
        told->mix.deny += deny;
        count(told, space, line + at, explanation);
        mem_free(explanation);
}

typedef void TakeLine(Told *told, const char *line);

static void end_organisation(Told *told, const char *line) {
        told->mem = mem_free(told->mem);
}

static void read_told(Told *told) {
        static const struct {
                const char *word;
                TakeLine *take;
        } rows[] = {
                {"organization ", begin_organisation},
                {"lists ", take_lists},
                {"identities ", take_identities},
                {"question ", take_question},
                {"end", end_organisation},
        };
        char line[LINE_MAX_BYTES];

        while (fgets(line, sizeof(line), told->file)) {
                size_t at = 0;

                line[strcspn(line, "\n")] = '\0';
                while (at < sizeof(rows) / sizeof(*rows) &&
                       strncmp(line, rows[at].word, strlen(rows[at].word)) != 0)
                        at++;
                if (at == sizeof(rows) / sizeof(*rows))
                        fail_msg("not understood: %s", line);
                rows[at].take(told, line);
        }
}

/* The teller's standard output. */
static FILE *start_teller(pid_t *pidp) {
        char organisations[16];
        char questions[16];
        int ends[2];

        snprintf(organisations, sizeof(organisations), "%u", n_organisations);
        snprintf(questions, sizeof(questions), "%d", QUESTIONS);
        assert_int_equal(pipe(ends), 0);
        *pidp = fork();
        assert_true(*pidp >= 0);
        if (*pidp == 0) {
                dup2(ends[1], STDOUT_FILENO);
                close(ends[0]);
                close(ends[1]);
                execl(teller, teller, organisations, questions, seed, NULL);
                perror(teller);
                _exit(127);
        }
        close(ends[1]);
        return fdopen(ends[0], "r");
}

/* False when the share is too small. */
static bool print_share(const char *what, size_t n, size_t of, unsigned least) {
        print_message("  %-42s %6zu  %5.1f %%, at least %u %%\n", what, n,
                      100.0 * (double)n / (double)of, least);
        return n * 100 >= (size_t)least * of;
}

static void check_mix(const Mix *mix) {
        size_t n = mix->questions;
        bool is_fine = true;

        print_message(
                "%zu questions in %zu organisations agree, and %zu entries with their extended information:\n",
                n, mix->organisations, mix->extended);
        is_fine &= print_share("answered by Allow", mix->allow, n, ALLOW_MIN);
        is_fine &= print_share("answered by Deny", mix->deny, n, DENY_MIN);
        is_fine &= print_share("decided above the artefact", mix->above, n, ABOVE_MIN);
        is_fine &= print_share("decided through two or more groups", mix->groups, n, GROUPS_MIN);
        is_fine &= print_share("with inheritance off on the way up", mix->cut, n, CUT_MIN);
        print_message("  %-42s %6zu  %5.1f %%, at most %d %%\n",
                      "not known, groups of Entra being about", mix->unknown,
                      100.0 * (double)mix->unknown / (double)n, UNKNOWN_MAX);
        print_message("  %-42s %6zu\n", "asked by the person too", mix->batched);
        assert_true(is_fine);
        assert_true(mix->unknown > 0 && mix->unknown * 100 < UNKNOWN_MAX * n);
        assert_true(mix->batched > 0);
}

static void test_agrees_with_the_simulator(void **state) {
        Told told = {0};
        pid_t pid = 0;
        int status = 0;

        told.file = start_teller(&pid);
        assert_non_null(told.file);
        read_told(&told);
        fclose(told.file);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
        assert_null(told.mem);
        assert_int_equal(told.mix.organisations, n_organisations);
        assert_int_equal(told.mix.questions, (size_t)n_organisations * QUESTIONS);
        check_mix(&told.mix);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_agrees_with_the_simulator),
        };

        if (argc < 2 || argc > 4) {
                fputs("usage: test-agreement TELLER [ORGANISATIONS [SEED]]\n", stderr);
                return 64;
        }
        teller = argv[1];
        if (argc > 2)
                n_organisations = (unsigned)strtoul(argv[2], NULL, 10);
        if (argc > 3)
                seed = argv[3];
        return cmocka_run_group_tests_name("access-agreement", tests, NULL, NULL);
}
