/* SPDX-License-Identifier: Apache-2.0 */
/* SecretReader: a secret that lies in a file or a variable. */
#pragma once

#include <stdbool.h>

#include "common/base/mem.h"
#include "common/base/secret.h"

enum {
        SECRET_READER_SIZE_MAX = 16 * 1024, /* of the file or variable */
};

typedef enum SecretReadability {
        SECRET_READABLE_BY_OWNER,  /* a file that others can read is refused */
        SECRET_READABLE_BY_OTHERS, /* said to be accepted, beside the file in the settings */
} SecretReadability;

typedef enum SecretForm {
        SECRET_WORD, /* of visible ASCII: it goes into a header or a form */
        SECRET_TEXT, /* PEM */
} SecretForm;

/* Where a secret is: exactly one of file and environment. */
typedef struct SecretReaderSpec {
        const char *file; /* relative: in $CREDENTIALS_DIRECTORY, then in settings_directory */
        const char *environment;        /* name of the variable */
        const char *settings_directory; /* or NULL */
        SecretReadability readability;
        SecretForm form;
        const char *noun; /* what messages call it, a constant */
} SecretReaderSpec;

typedef struct SecretReader SecretReader;

/* Nothing is read before it is asked for. Strings are copied. */
SecretReader *secret_reader_new(Mem *parent, const SecretReaderSpec *spec);
/* Without the line end; a file is read each time. 0: as it was; 1: another than at the call before;
 * negative: there is no usable one, *reasonp says why and what to do, without its bytes. Both live
 * until the next call. */
int secret_reader_read(SecretReader *reader, const Secret **secretp, const char **reasonp);
/* Where it is, for messages: a path, or the name of a variable. Lives until the next call. */
const char *secret_reader_where(SecretReader *reader);
/* True when another secret only shows after a restart: it is a variable, or lies in the service
 * manager's own folder. */
bool secret_reader_needs_restart(SecretReader *reader);
