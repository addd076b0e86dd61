/* SPDX-License-Identifier: Apache-2.0 */
/* Auth: the credential of one organisation, as the header that carries it. */
#pragma once

#include "common/base/mem.h"
#include "common/base/secret.h"

enum {
        AUTH_SECRET_SIZE_MAX = 16 * 1024, /* of the file or variable */
};

typedef struct Auth Auth;

/* One row for each kind of credential. */
typedef struct AuthOperations {
        /* See auth_header(). */
        int (*header)(Auth *auth, const Secret **headerp, const char **reasonp);
} AuthOperations;

/* Implementations embed it as their first member. */
struct Auth {
        const AuthOperations *operations;
};

typedef enum AuthReadability {
        AUTH_READABLE_BY_OWNER,  /* a file that others can read is refused */
        AUTH_READABLE_BY_OTHERS, /* said to be accepted, beside the file in the settings */
} AuthReadability;

/* Where a personal access token is read from: exactly one of file and environment. */
typedef struct AuthPatSpec {
        const char *file; /* relative: in $CREDENTIALS_DIRECTORY, then in settings_directory */
        const char *environment;        /* name of the variable */
        const char *settings_directory; /* or NULL */
        AuthReadability readability;
} AuthPatSpec;

/* A personal access token (facts §2.1). Nothing is read before it is asked for. */
Auth *auth_pat_new(Mem *parent, const AuthPatSpec *spec);

/* The whole header line. A file is read again when it changed. 0; or negative: there is no usable
 * credential, *reasonp says why and what to do, without its bytes. Both live until the next call.
 */
static inline int auth_header(Auth *auth, const Secret **headerp, const char **reasonp) {
        return auth->operations->header(auth, headerp, reasonp);
}
