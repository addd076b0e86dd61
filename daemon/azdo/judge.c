/* SPDX-License-Identifier: Apache-2.0 */
/* Judge: what a reply means: done, again later, or failed. Pure. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "common/base/text.h"
#include "daemon/azdo/fault.h"
#include "daemon/azdo/judge.h"

enum {
        JUDGE_MALFORMED_TRIES_MAX =
                3,              /* what is malformed three times will be so the eighth time */
        JUDGE_PATH_SAFE = 2000, /* bytes; longer addresses may be answered 404 (facts §1.8) */
        MS_PER_S = 1000,
};

typedef struct Judging {
        Mem *parent;
        const Request *request;
        const Reply *reply;
        unsigned tries;
        uint64_t random;
        ErrorBody error;
} Judging;

/* --- verdicts --- */

static Verdict done(void) {
        return (Verdict){.kind = VERDICT_DONE};
}

static Verdict fail_as(const Judging *judging, FaultKind kind, const char *what,
                       const char *advice) {
        const Reply *reply = judging->reply;
        Verdict verdict = {.kind = VERDICT_FAIL};

        verdict.fault = (Fault){
                .kind = kind,
                .status = reply->failure == REPLY_ANSWERED ? reply->status : 0,
                .type_key = judging->error.type_key,
                .message = fault_text(judging->parent, judging->request, reply, &judging->error,
                                      what, advice),
                .activity_id = mem_strdup(judging->parent, reply->activity_id),
        };
        return verdict;
}

static Verdict again_in(int64_t delay_ms) {
        return (Verdict){.kind = VERDICT_AGAIN, .delay_ms = delay_ms};
}

/* Doubles from try to try; half of it is jitter. */
static int64_t backoff(const Judging *judging) {
        int64_t longest = JUDGE_BACKOFF_FIRST_MS;

        for (unsigned i = 1; i < judging->tries && longest < JUDGE_BACKOFF_MAX_MS; i++)
                longest *= 2;
        if (longest > JUDGE_BACKOFF_MAX_MS)
                longest = JUDGE_BACKOFF_MAX_MS;
        return longest / 2 + (int64_t)(judging->random % (uint64_t)(longest / 2 + 1));
}

static const char *advice_after_tries(const Judging *judging, const char *advice) {
        if (judging->tries < 2)
                return advice;
        return mem_printf(judging->parent, "tried %u times; %s", judging->tries, advice);
}

/* Of a write that may have been done in spite of its answer. */
static FaultKind lost(const Judging *judging, FaultKind of_reads) {
        return request_is_read(judging->request) ? of_reads : FAULT_UNKNOWN_RESULT;
}

/* --- no answer --- */

typedef struct FailureRow {
        const char *what; /* when the transport says nothing itself */
        const char *advice;
} FailureRow;

static const FailureRow failure_rows[] = {
        [REPLY_NO_CREDENTIAL] = {"there is no usable credential", "mend the credential of the settings"},
        [REPLY_NO_CONNECTION] = {"no connection",
                                 "check the network, the proxy, `organizations: url`"},
        [REPLY_NOT_BELIEVED] = {"the certificate is not believed",
                                "nothing was sent; if the service has a CA of its own, name its "
                                "certificate in `ca_file`, else check `organizations: url`, the "
                                "proxy, the clock"},
        [REPLY_BROKEN] = {"the answer broke off", "check the network and the proxy"},
        [REPLY_TIMEOUT] = {"no answer in time",
                           "check the network, or raise `limits: request_timeout`"},
        [REPLY_TOO_LARGE] = {"the answer is too large",
                             "raise `limits: response_size` (`stream_size` for permissions)"},
        [REPLY_SINK_REFUSED] = {"the answer is malformed or cut",
                                "if it stays so, report it with this line"},
        [REPLY_CANCELLED] = {"charterd stops", "nothing is to be done"},
        [REPLY_ANSWERED] = {"", ""},
};

static const char *failure_text(const Judging *judging) {
        const char *text = judging->reply->failure_text;

        return text && *text ? text : failure_rows[judging->reply->failure].what;
}

static Verdict fail_unanswered(const Judging *judging, FaultKind kind) {
        const char *advice = failure_rows[judging->reply->failure].advice;

        if (kind == FAULT_UNKNOWN_RESULT)
                advice = "it may have been done; charterd reads again what is there";
        return fail_as(judging, kind, failure_text(judging), advice_after_tries(judging, advice));
}

static Verdict judge_unanswered(const Judging *judging) {
        bool may_repeat = judging->request->repeat == REPEAT_SAFE;

        switch (judging->reply->failure) {
        case REPLY_NO_CREDENTIAL:
                return fail_unanswered(judging, FAULT_AUTHENTICATION);
        case REPLY_NOT_BELIEVED:
                return fail_unanswered(judging, FAULT_NETWORK);
        case REPLY_NO_CONNECTION:
                if (judging->tries < JUDGE_TRIES_MAX)
                        return again_in(backoff(judging));
                return fail_unanswered(judging, FAULT_NETWORK);
        case REPLY_BROKEN:
        case REPLY_TIMEOUT:
                if (may_repeat && judging->tries < JUDGE_TRIES_MAX)
                        return again_in(backoff(judging));
                return fail_unanswered(judging, lost(judging, FAULT_NETWORK));
        case REPLY_SINK_REFUSED:
                if (may_repeat && judging->tries < JUDGE_MALFORMED_TRIES_MAX)
                        return again_in(backoff(judging));
                return fail_unanswered(judging, lost(judging, FAULT_MALFORMED));
        case REPLY_TOO_LARGE:
                return fail_unanswered(judging, lost(judging, FAULT_MALFORMED));
        case REPLY_CANCELLED:
                return fail_unanswered(judging, judging->tries > 0 ? lost(judging, FAULT_NETWORK)
                                                                   : FAULT_NETWORK);
        case REPLY_ANSWERED:
                break;
        }
        return done();
}

/* --- known errors --- */

typedef struct ErrorRow {
        const char *code;     /* at the front of the message, or NULL */
        const char *type_key; /* or NULL */
        FaultKind kind;
        const char *advice;
} ErrorRow;

#define ADVICE_CREDENTIAL \
        "renew the credential, or check that it is the right one for this organisation"

/* facts §1.8. Decided on the number or the type, never on words: they are translated. */
static const ErrorRow error_rows[] = {
        {"VS800075", NULL, FAULT_NOT_FOUND, "the project is not there, or hidden from charterd"},
        {"VS402806", NULL, FAULT_NOT_FOUND, "what was asked for is not there"},
        {"VS403284", NULL, FAULT_REFUSED,
         "the service reserves a bit that was sent, and did nothing of the request; report it with this line"},
        {"TF400898", NULL, FAULT_REFUSED,
         "the service does not take the security token; report it with this line"},
        {"TF400049", NULL, FAULT_REFUSED,
         "more was asked for at once than the service takes; report it with "
         "this line"},
        {"TF200019", NULL, FAULT_EXISTS, "the name of the project is taken"},
        {"TF400948", NULL, FAULT_EXISTS, "the name of the repository is taken"},
        {"TF400813", NULL, FAULT_AUTHENTICATION, ADVICE_CREDENTIAL},
        {"VS30063", NULL, FAULT_AUTHENTICATION,
         "the scope of the token is too small, or a policy of the organisation forbids it"},
        {"VS403363", NULL, FAULT_AUTHENTICATION, ADVICE_CREDENTIAL},
        {NULL, "VssInvalidPreviewVersionException", FAULT_REFUSED,
         "the service speaks another version of its API than charterd; a newer charterd is needed"},
        {NULL, "VssVersionOutOfRangeException", FAULT_REFUSED,
         "the service does not speak the version of its API that charterd needs"},
};

static const ErrorRow *find_error(const ErrorBody *error) {
        for (size_t i = 0; i < sizeof error_rows / sizeof *error_rows; i++) {
                const ErrorRow *row = &error_rows[i];

                if (row->code && fault_has_code(error, row->code))
                        return row;
                if (row->type_key && error->type_key && text_equal(error->type_key, row->type_key))
                        return row;
        }
        return NULL;
}

/* The kinds of exception by which the service says that a name is taken: the bodies are not
 * recorded (facts §1.8). */
static const char *const taken_patterns[] = {"*AlreadyExists*", "*ExistsException",
                                             "*Duplicate*Name*", "*NameConflict*",
                                             "*AlreadyInUse*"};

static bool says_taken(const ErrorBody *error) {
        for (size_t i = 0; error->type_key && i < sizeof taken_patterns / sizeof *taken_patterns;
             i++)
                if (text_matches(taken_patterns[i], error->type_key))
                        return true;
        return false;
}

/* --- success or what looks like one (facts §2.7) --- */

#define ADVICE_SIGN_IN                                                                                       \
        "this is a sign-in page: the credential is missing, expired or wrong; renew it (or a proxy answers " \
        "in the service's place)"

/* Brackets close as often as they open: what is cut is told from what is whole without being read.
 */
static bool is_whole(const Reply *reply) {
        size_t depth = 0;
        bool in_text = false;
        bool has_any = false;

        for (size_t i = 0; i < reply->n_body; i++) {
                char c = reply->body[i];

                if (in_text) {
                        if (c == '\\')
                                i++;
                        else if (c == '"')
                                in_text = false;
                        continue;
                }
                if (c == '"')
                        in_text = true;
                else if (c == '{' || c == '[')
                        depth++;
                else if ((c == '}' || c == ']') && depth-- == 0)
                        return false;
                has_any |= c != ' ' && c != '\t' && c != '\r' && c != '\n';
        }
        return has_any && depth == 0 && !in_text;
}

static Verdict judge_malformed(const Judging *judging, const char *what) {
        if (judging->request->repeat == REPEAT_SAFE && judging->tries < JUDGE_MALFORMED_TRIES_MAX)
                return again_in(backoff(judging));
        return fail_as(judging, lost(judging, FAULT_MALFORMED),
                       mem_printf(judging->parent, "%d, but %s", judging->reply->status, what),
                       advice_after_tries(
                               judging, "something between charterd and the service may answer in "
                                        "its place; check the proxy and `organizations: url`"));
}

static Verdict judge_success(const Judging *judging) {
        const Request *request = judging->request;
        const Reply *reply = judging->reply;

        if (reply->status == 203 || judging->error.is_html)
                return fail_as(judging, FAULT_AUTHENTICATION, NULL, ADVICE_SIGN_IN);
        if (fault_is_json(reply) && request->sink)
                return done();
        if (reply->n_body == 0)
                return request->empty_is_fine ? done()
                                              : judge_malformed(judging, "the answer is empty");
        if (!fault_is_json(reply))
                return judge_malformed(judging,
                                       mem_printf(judging->parent, "the answer is %s, not JSON",
                                                  reply->content_type ? reply->content_type
                                                                      : "of no declared type"));
        if (!is_whole(reply))
                return judge_malformed(judging, "the answer is cut");
        return done();
}

/* --- redirects: never followed, a credential goes to one address only --- */

static bool is_sign_in(const char *location) {
        return !location || text_matches("*/_signin*", location) ||
               text_matches("*login.microsoftonline.*", location) ||
               text_matches("*login.live.com*", location);
}

/* Only the host: the rest of such an address may carry what is nobody's business. NULL: none, or
 * one behind a name and a password. */
static const char *host_of(Mem *parent, const char *location) {
        static const char characters[] =
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
        const char *host = location ? strstr(location, "://") : NULL;
        size_t n = host ? strspn(host + 3, characters) : 0;

        return n > 0 && strchr("/?#", host[3 + n]) ? mem_strndup(parent, host + 3, n) : NULL;
}

static Verdict judge_redirect(const Judging *judging) {
        const char *host = host_of(judging->parent, judging->reply->location);

        if (is_sign_in(judging->reply->location))
                return fail_as(
                        judging, FAULT_AUTHENTICATION,
                        mem_printf(judging->parent, "%d to a sign-in page", judging->reply->status),
                        ADVICE_CREDENTIAL);
        return fail_as(
                judging, FAULT_REFUSED,
                mem_printf(judging->parent, "%d to another address%s%s", judging->reply->status,
                           host ? ", at " : "", host ? host : ""),
                "redirects are not followed; write the organisation's own address in `organizations: url`");
}

/* --- refusals --- */

static Verdict judge_missing(const Judging *judging) {
        const Reply *reply = judging->reply;

        /* The service says so in JSON, or has no body to say it in (HEAD). A page or a plain text
         * comes from a route that does not exist, or from something in between: not a word about
         * what was asked for. */
        if (reply->n_body > 0 && !fault_is_json(reply))
                return fail_as(
                        judging, FAULT_REFUSED, NULL,
                        "no such address at the service; check `organizations: url` and the proxy");
        if (reply->n_body == 0 && strlen(judging->request->path) > JUDGE_PATH_SAFE)
                return fail_as(judging, FAULT_REFUSED, NULL,
                               "the address may be too long for the service");
        return fail_as(judging, FAULT_NOT_FOUND, NULL, "it is not there, or hidden from charterd");
}

static Verdict judge_wait(const Judging *judging, FaultKind kind) {
        int64_t wait = judging->reply->retry_after_ms;

        if (wait > JUDGE_RETRY_AFTER_MAX_MS)
                return fail_as(judging, kind, NULL,
                               mem_printf(judging->parent,
                                          "the service asks to wait %" PRId64
                                          " s, longer than charterd does "
                                          "within a pass",
                                          wait / MS_PER_S));
        if (judging->tries >= JUDGE_TRIES_MAX)
                return fail_as(judging, kind, NULL,
                               advice_after_tries(judging, "lower `limits: requests_in_flight` and "
                                                           "`requests_per_5_minutes`, or wait"));
        return again_in(wait > 0 ? wait : backoff(judging));
}

static bool is_gateway(int status) {
        return status == 502 || status == 504 || status == 408;
}

static const char *advice_of_broken_service(const ErrorBody *error) {
        if (fault_has_code(error, "TF24668"))
                return "the organisation is stopped; its owner must start it";
        return "the service is out of order; charterd tries again in its next pass";
}

static unsigned tries_max(const Request *request) {
        return request->tries_max ? request->tries_max : JUDGE_TRIES_MAX;
}

/* 5xx: what the request did is not known. */
static Verdict judge_broken_service(const Judging *judging) {
        const Reply *reply = judging->reply;

        if (reply->status == 501 || reply->status == 505)
                return fail_as(judging, FAULT_REFUSED, NULL, "the service does not offer this");
        if (reply->status == 503 && reply->retry_after_ms >= 0)
                return judge_wait(judging, FAULT_UNAVAILABLE);
        if (judging->request->repeat == REPEAT_NEVER)
                return fail_as(judging, FAULT_UNKNOWN_RESULT, NULL,
                               "it may have been done; charterd reads again what is there");
        if (judging->tries < tries_max(judging->request) && reply->retry_after_ms <= JUDGE_RETRY_AFTER_MAX_MS) {
                int64_t delay = backoff(judging);

                return again_in(reply->retry_after_ms > delay ? reply->retry_after_ms : delay);
        }
        return fail_as(
                judging,
                is_gateway(reply->status) ? lost(judging, FAULT_UNAVAILABLE) : FAULT_UNAVAILABLE,
                NULL, advice_after_tries(judging, advice_of_broken_service(&judging->error)));
}

static Verdict judge_refusal(const Judging *judging) {
        const ErrorBody *error = &judging->error;

        if (judging->reply->status == 409 && judging->request->repeat == REPEAT_NEVER)
                return fail_as(judging, FAULT_EXISTS, NULL, "the name is taken");
        if (says_taken(error) && !request_is_read(judging->request))
                return fail_as(judging, FAULT_EXISTS, NULL, "the name is taken");
        return fail_as(judging, FAULT_REFUSED, NULL,
                       "the service refuses this; report it with this line");
}

static Verdict judge_status(const Judging *judging) {
        int status = judging->reply->status;

        if (status == 401)
                return fail_as(judging, FAULT_AUTHENTICATION, NULL, ADVICE_CREDENTIAL);
        if (status == 403)
                return fail_as(
                        judging, FAULT_FORBIDDEN, NULL,
                        "charterd's identity lacks a permission; grant it what the message names (charterd-guide(7), LEAST RIGHTS)");
        if (status == 404 || status == 410)
                return judge_missing(judging);
        if (status == 429)
                return judge_wait(judging, FAULT_THROTTLED);
        if (status >= 500 || status == 408)
                return judge_broken_service(judging);
        if (status >= 400)
                return judge_refusal(judging);
        if (status >= 300 && status != 304)
                return judge_redirect(judging);
        return fail_as(judging, lost(judging, FAULT_MALFORMED), NULL,
                       "no such answer was asked for; check the proxy");
}

Verdict judge_reply(Mem *parent, const Request *request, const Reply *reply, unsigned tries,
                    int64_t now, uint64_t random) {
        Judging judging = {parent, request, reply, tries, random, {0}};
        const ErrorRow *row = NULL;

        if (reply->failure != REPLY_ANSWERED)
                return judge_unanswered(&judging);
        judging.error = fault_read_body(parent, reply);
        if (reply->status >= 200 && reply->status < 300)
                return judge_success(&judging);
        row = find_error(&judging.error);
        if (row && reply->status != 429)
                return fail_as(&judging, row->kind, NULL, row->advice);
        return judge_status(&judging);
}
