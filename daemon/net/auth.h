/* SPDX-License-Identifier: Apache-2.0 */
/* Auth: the credential of one organisation, as the header that carries it. */
#pragma once

#include "common/base/mem.h"
#include "common/base/secret.h"
#include "daemon/net/secret_reader.h"

typedef struct Auth Auth;
/* Of a wait for a credential; freeing it cancels. Gone before the call back begins. */
typedef struct AuthTicket AuthTicket;

enum {
        AUTH_MUST_WAIT = 1, /* of auth_header() */
};

typedef void (*AuthReadyFn)(void *context);

/* One row for each kind of credential. */
typedef struct AuthOperations {
        /* See auth_header(), auth_wait(), auth_note_refused(). */
        int (*header)(Auth *auth, const Secret **headerp, const char **reasonp);
        AuthTicket *(*wait)(Auth *auth, Mem *owner, AuthReadyFn fn,
                            void *context); /* NULL: header never waits */
        void (*note_refused)(Auth *auth);   /* or NULL */
} AuthOperations;

/* Implementations embed it as their first member. */
struct Auth {
        const AuthOperations *operations;
};

/* A personal access token (facts §2.1) that lies there. Nothing is read before it is asked for. */
Auth *auth_pat_new(Mem *parent, const SecretReaderSpec *spec);

/* The whole header line. 0; AUTH_MUST_WAIT: ask again after auth_wait(); or negative, *reasonp says
 * why and what to do, without secrets: -EACCES, there is no usable credential; -EHOSTUNREACH, who
 * gives it out could not be asked just now. All live until the next call. */
static inline int auth_header(Auth *auth, const Secret **headerp, const char **reasonp) {
        return auth->operations->header(auth, headerp, reasonp);
}

/* Calls back once, never from inside, when auth_header() has an answer. */
static inline AuthTicket *auth_wait(Auth *auth, Mem *owner, AuthReadyFn fn, void *context) {
        return auth->operations->wait(auth, owner, fn, context);
}

/* The service did not take the header: what can be had anew is not used again. */
static inline void auth_note_refused(Auth *auth) {
        if (auth->operations->note_refused)
                auth->operations->note_refused(auth);
}
