/* SPDX-License-Identifier: Apache-2.0 */
/* Token: a bearer token as a credential, asked for when needed, renewed before it ends. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/base/guid.h"
#include "common/base/json.h"
#include "common/base/log.h"
#include "daemon/net/token.h"

#define HEADER_START "Authorization: Bearer "
#define CODE_START "AADSTS"

enum {
        MS_PER_S = 1000,
        ERROR_WORD_MAX = 64,
        RETRY_AFTER_MAX_MS = 5 * 60 * 1000,
        SECONDS_DIGITS_MAX = 12,
        STATUS_OK = 200,
};

struct AuthTicket {
        AuthTicket *previous, *next; /* in its Token's list */
        struct Token *token;
        AuthReadyFn fn;
        void *context;
        unsigned round;
};

/* One request for a token, with all that hangs on it. */
typedef struct Asking {
        char *address;     /* for messages */
        bool has_followed; /* this is the second question */
} Asking;

/* What came of it. */
typedef struct Outcome {
        int failure; /* 0, or as auth_header() gives it */
        int64_t retry_after_ms;
        const char *reason;
} Outcome;

typedef struct Token {
        Auth auth;
        TokenSpec spec;
        const TokenOperations *operations;
        Mem *source;
        /* the token */
        Secret *header;
        int64_t asked_at, renew_at, ends_at; /* monotonic */
        int64_t ends_at_wall;                /* when this machine slept, that clock went on */
        /* the request for the next */
        Asking *asking; /* NULL: nothing is under way */
        int64_t sent_at;
        /* the last one failed */
        int failure; /* 0: it did not */
        char *reason;
        unsigned n_failures;
        int64_t retry_at;
        /* who waits */
        AuthTicket *first, *last;
        unsigned round;
} Token;

/* --- waiting --- */

static int ticket_destroy(void *object) {
        AuthTicket *ticket = object;
        Token *token = ticket->token;

        *(ticket->previous ? &ticket->previous->next : &token->first) = ticket->next;
        *(ticket->next ? &ticket->next->previous : &token->last) = ticket->previous;
        return 0;
}

/* Who begins to wait meanwhile waits for the next answer. */
static void call_waiters(Token *token) {
        unsigned round = token->round++;

        while (token->first && token->first->round == round) {
                AuthTicket *ticket = token->first;
                AuthReadyFn fn = ticket->fn;
                void *context = ticket->context;

                mem_free(ticket);
                fn(context);
        }
}

/* --- the end of a request --- */

static int64_t pause_of(const Token *token, int64_t first, int64_t longest) {
        int64_t pause = first;

        for (unsigned i = 1; i < token->n_failures && pause < longest; i++)
                pause *= 2;
        return pause < longest ? pause : longest;
}

static void note_failure(Token *token, const Outcome *outcome) {
        int64_t wait = outcome->retry_after_ms;
        int64_t pause = 0;

        token->n_failures = token->failure == outcome->failure ? token->n_failures + 1 : 1;
        token->failure = outcome->failure;
        pause = outcome->failure == -EACCES
                        ? pause_of(token, TOKEN_REFUSED_PAUSE_FIRST_MS, TOKEN_REFUSED_PAUSE_MAX_MS)
                        : pause_of(token, TOKEN_PAUSE_FIRST_MS, TOKEN_PAUSE_MAX_MS);
        if (wait > pause)
                pause = wait < RETRY_AFTER_MAX_MS ? wait : RETRY_AFTER_MAX_MS;
        token->retry_at = clock_monotonic_ms() + pause;
        mem_free(token->reason);
        token->reason = mem_strdup(token, outcome->reason);
        /* Nobody waits, so nobody else would hear of it. */
        if (!token->first && token->header)
                log_warning("the token could not be renewed; the old one is used until it ends",
                            LOG_TEXT("error", outcome->reason));
}

static void end(Token *token, const Outcome *outcome) {
        if (outcome->failure) {
                note_failure(token, outcome);
        } else {
                token->failure = 0;
                token->n_failures = 0;
        }
        token->asking = mem_free(token->asking);
        call_waiters(token);
}

static Outcome refused(const char *reason) {
        return (Outcome){-EACCES, -1, reason};
}

static Outcome unreachable(const char *reason) {
        return (Outcome){-EHOSTUNREACH, -1, reason};
}

/* --- what an answer says --- */

/* A number, or one written as text (facts §2.4). */
static bool get_seconds(const JsonNode *root, const char *key, int64_t *secondsp) {
        const char *text = json_get_text(root, key);
        size_t n = text ? strspn(text, "0123456789") : 0;

        if (!text)
                return json_get_int(root, key, 0, INT64_C(1000000000000), secondsp) == 0;
        if (n == 0 || n > SECONDS_DIGITS_MAX || text[n])
                return false;
        *secondsp = strtoll(text, NULL, 10);
        return true;
}

static int64_t life_of(const JsonNode *root) {
        int64_t seconds = 0;

        if (get_seconds(root, "expires_in", &seconds))
                return seconds;
        if (get_seconds(root, "expires_on", &seconds))
                return seconds - clock_wall_ms() / MS_PER_S;
        return TOKEN_LIFE_UNKNOWN_S;
}

static bool is_token(const char *text) {
        if (!text || !*text)
                return false;
        for (const char *at = text; *at; at++)
                if (*at <= ' ' || *at >= 0x7f)
                        return false;
        return true;
}

static Secret *header_of(Token *token, const char *text) {
        size_t n = sizeof HEADER_START - 1 + strlen(text);
        char *line = mem_new_array(token, char, n + 1);
        Secret *header = NULL;

        memcpy(line, HEADER_START, sizeof HEADER_START - 1);
        /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): bytes with a length, no string */
        memcpy(line + sizeof HEADER_START - 1, text, strlen(text));
        header = secret_new(token, line, n);
        secret_wipe(line, n + 1);
        mem_free(line);
        return header;
}

static int64_t shorter(int64_t a, int64_t b) {
        return a < b ? a : b;
}

static void set_times(Token *token, int64_t life_s) {
        int64_t life = shorter(life_s, TOKEN_LIFE_MAX_S) * MS_PER_S;
        int64_t usable = life - shorter(life / TOKEN_END_SHARE, TOKEN_END_MS);

        token->asked_at = token->sent_at;
        token->renew_at = token->sent_at + life - shorter(life / TOKEN_RENEW_SHARE, TOKEN_RENEW_MS);
        token->ends_at = token->sent_at + usable;
        token->ends_at_wall = clock_wall_ms() - (clock_monotonic_ms() - token->sent_at) + usable;
}

static bool is_over(const Token *token) {
        return clock_monotonic_ms() >= token->ends_at || clock_wall_ms() >= token->ends_at_wall;
}

/* NULL, or why there is no usable token in it. */
static const char *take_token(Token *token, const JsonNode *root) {
        const char *text = json_get_text(root, "access_token");
        const char *type = json_get_text(root, "token_type");
        Secret *header = NULL;

        if (type && strcasecmp(type, "Bearer") != 0)
                return "the token is of a type that Azure DevOps does not take";
        if (!is_token(text))
                return "the answer has no access_token";
        header = header_of(token, text);
        if (!header)
                return "the token is too long";
        secret_free(token->header);
        token->header = header;
        set_times(token, life_of(root));
        if (!is_over(token))
                return NULL;
        token->header = secret_free(token->header);
        return "the token had ended when it came";
}

/* The numbers and words of a refusal that nobody can put a secret into. */
static const char *error_word(const JsonNode *root) {
        const char *text = json_get_text(root, "error");
        size_t n = text ? strspn(text, "abcdefghijklmnopqrstuvwxyz_") : 0;

        return n > 0 && n <= ERROR_WORD_MAX && !text[n] ? text : NULL;
}

static int64_t error_code(const JsonNode *root) {
        const char *text = json_get_text(root, "error_description");
        size_t n = 0;

        if (!text || strncmp(text, CODE_START, sizeof CODE_START - 1) != 0)
                return 0;
        text += sizeof CODE_START - 1;
        n = strspn(text, "0123456789");
        return n > 0 && n <= SECONDS_DIGITS_MAX ? strtoll(text, NULL, 10) : 0;
}

static TokenRefusal read_refusal(const Reply *reply, const JsonNode *root) {
        const char *correlation = json_get_text(root, "correlation_id");
        Guid guid;

        return (TokenRefusal){
                .status = reply->status,
                .error = error_word(root),
                .code = error_code(root),
                .correlation =
                        correlation && guid_parse(&guid, correlation) == 0 ? correlation : NULL,
        };
}

/* The parser's copies of what the answer says go before they are given back. */
static void wipe_texts(const JsonNode *root) {
        json_each(member, root) {
                char *text = (char *)json_value_text(member);

                if (text)
                        secret_wipe(text, strlen(text));
        }
}

static bool passes(const Token *token, int status) {
        if (status == 404 || status == 410)
                return token->operations->missing == TOKEN_MISSING_PASSES;
        return status == 408 || status == 429 || status >= 500;
}

static Outcome judge_status(const Token *token, const Reply *reply, const JsonNode *root) {
        Mem *frame = token->asking;
        const char *address = token->asking->address;
        TokenRefusal refusal = read_refusal(reply, root);
        Outcome outcome = {0};

        if (reply->status == STATUS_OK)
                return unreachable(mem_printf(frame, "%s answers, but with no token", address));
        if (reply->status >= 300 && reply->status < 400)
                return refused(mem_printf(
                        frame, "%s answers %d to another address; redirects are not followed",
                        address, reply->status));
        if (!passes(token, reply->status))
                return refused(token->operations->explain(token->source, frame, &refusal));
        outcome = unreachable(mem_printf(frame, "%s gives no token just now: %d%s%s", address,
                                         reply->status, refusal.error ? " " : "",
                                         refusal.error ? refusal.error : ""));
        outcome.retry_after_ms = reply->retry_after_ms;
        return outcome;
}

static Outcome judge_json(Token *token, const Reply *reply, const JsonNode *root) {
        const char *reason = NULL;

        if (!json_is_object(root) || reply->status != STATUS_OK)
                return judge_status(token, reply, root);
        reason = take_token(token, root);
        if (!reason)
                return (Outcome){0};
        return unreachable(mem_printf(token->asking, "%s: %s", token->asking->address, reason));
}

static Outcome judge_answer(Token *token, const Reply *reply) {
        Mem *frame = mem_new(token->asking, char);
        JsonNode *root = NULL;
        const char *reason = NULL;
        Outcome outcome = {0};

        if (json_parse(frame, reply->body, reply->n_body, &root, &reason) < 0)
                root = NULL;
        outcome = judge_json(token, reply, root);
        wipe_texts(root);
        return outcome;
}

/* --- the request --- */

static void on_reply(void *context, const Reply *reply);

static void send_question(Token *token, const WebQuestion *question) {
        mem_free(token->asking->address);
        token->asking->address = mem_strdup(token->asking, question->url);
        web_ask(token->spec.web, token->asking, question, on_reply, token);
}

static Outcome judge(Token *token, const Reply *reply) {
        Asking *asking = token->asking;

        if (reply->failure == REPLY_ANSWERED)
                return judge_answer(token, reply);
        if (reply->failure == REPLY_NO_CREDENTIAL)
                return refused(mem_printf(asking, "%s: %s", asking->address, reply->failure_text));
        return unreachable(
                mem_printf(asking, "no token from %s: %s", asking->address, reply->failure_text));
}

static void on_reply(void *context, const Reply *reply) {
        Token *token = context;
        const TokenOperations *operations = token->operations;
        WebQuestion question = {0};
        const char *reason = NULL;
        Outcome outcome = {0};
        int r = 0;

        if (reply->failure == REPLY_ANSWERED && operations->follow && !token->asking->has_followed)
                r = operations->follow(token->source, token->asking, reply, &question, &reason);
        if (r > 0) {
                token->asking->has_followed = true;
                send_question(token, &question);
                return;
        }
        outcome = r < 0 ? refused(reason) : judge(token, reply);
        end(token, &outcome);
}

typedef struct Unaskable {
        Token *token;
        const char *reason;
} Unaskable;

static void on_unaskable(void *context) {
        Unaskable *unaskable = context;
        Outcome outcome = refused(unaskable->reason);

        end(unaskable->token, &outcome);
}

/* Nothing is called back from inside. */
static void begin(Token *token) {
        WebQuestion question = {0};
        const char *reason = NULL;
        Unaskable *unaskable = NULL;

        assert(!token->asking);
        token->asking = mem_new(token, Asking);
        token->sent_at = clock_monotonic_ms();
        if (token->operations->ask(token->source, token->asking, &question, &reason) == 0) {
                send_question(token, &question);
                return;
        }
        unaskable = mem_new(token->asking, Unaskable);
        unaskable->token = token;
        unaskable->reason = mem_strdup(unaskable, reason);
        loop_defer(token->spec.loop, token->asking, on_unaskable, unaskable);
}

/* --- as a credential --- */

static bool may_ask(Token *token) {
        if (!token->failure || clock_monotonic_ms() >= token->retry_at)
                return true;
        if (!token->operations->has_changed || !token->operations->has_changed(token->source))
                return false;
        token->n_failures = 0;
        token->retry_at = 0;
        return true;
}

static int token_header(Auth *auth, const Secret **headerp, const char **reasonp) {
        Token *token = (Token *)auth;

        *headerp = NULL;
        *reasonp = NULL;
        if (token->header && is_over(token))
                token->header = secret_free(token->header);
        if (token->header) {
                if (!token->asking && clock_monotonic_ms() >= token->renew_at && may_ask(token))
                        begin(token);
                *headerp = token->header;
                return 0;
        }
        if (token->asking || may_ask(token))
                return AUTH_MUST_WAIT;
        *reasonp = token->reason;
        return token->failure;
}

static AuthTicket *token_wait(Auth *auth, Mem *owner, AuthReadyFn fn, void *context) {
        Token *token = (Token *)auth;
        AuthTicket *ticket = mem_new(owner, AuthTicket);

        ticket->token = token;
        ticket->fn = fn;
        ticket->context = context;
        ticket->round = token->round;
        ticket->previous = token->last;
        *(token->last ? &token->last->next : &token->first) = ticket;
        token->last = ticket;
        mem_on_free(ticket, ticket_destroy);
        if (!token->asking)
                begin(token);
        return ticket;
}

/* Also seen where only a right is missing (facts §2.7): no reason to ask again and again. */
static void token_note_refused(Auth *auth) {
        Token *token = (Token *)auth;

        if (token->header && clock_monotonic_ms() - token->asked_at >= TOKEN_YOUNG_MS)
                token->header = secret_free(token->header);
}

static const AuthOperations operations_of_tokens = {
        .header = token_header,
        .wait = token_wait,
        .note_refused = token_note_refused,
};

Auth *token_new(Mem *parent, const TokenSpec *spec, const TokenOperations *operations,
                Mem *source) {
        Token *token = mem_new(parent, Token);

        token->auth.operations = &operations_of_tokens;
        token->spec = *spec;
        token->operations = operations;
        token->source = mem_move(token, source);
        return &token->auth;
}
