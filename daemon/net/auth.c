/* SPDX-License-Identifier: Apache-2.0 */
/* Auth: the credential of one organisation, as the header that carries it. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>
#include <unistd.h>

#include "daemon/net/auth.h"

#define HEADER_START "Authorization: Basic "

enum {
        BASE64_SIZE_MAX = (AUTH_SECRET_SIZE_MAX + 1 + 2) / 3 * 4,
        HEADER_SIZE_MAX = sizeof HEADER_START + BASE64_SIZE_MAX,
};

/* What tells that a file is another one than before. */
typedef struct FileState {
        dev_t device;
        ino_t inode;
        off_t size;
        struct timespec changed;
        mode_t mode;
} FileState;

typedef struct PatAuth {
        Auth auth;
        AuthPatSpec spec;
        FileState state; /* of the file that header was read from */
        Secret *header;
        char *reason;
} PatAuth;

/* The bytes of a secret while it is being read; wiped on every way out. */
typedef struct SecretBytes {
        char bytes[AUTH_SECRET_SIZE_MAX + 1];
        size_t n;
} SecretBytes;

static int refuse(PatAuth *pat, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int refuse(PatAuth *pat, const char *format, ...) {
        va_list arguments;

        mem_free(pat->reason);
        va_start(arguments, format);
        pat->reason = mem_vprintf(pat, format, arguments);
        va_end(arguments);
        pat->header = secret_free(pat->header);
        return -EACCES;
}

/* Basic, with an empty user (facts §2.1). */
static int set_header(PatAuth *pat, const char *where, const SecretBytes *secret) {
        unsigned char plain[AUTH_SECRET_SIZE_MAX + 1];
        char line[HEADER_SIZE_MAX] = HEADER_START;
        size_t n = secret->n;
        int n_encoded = 0;

        while (n > 0 && strchr("\r\n", secret->bytes[n - 1]))
                n--;
        if (n == 0)
                return refuse(pat, "the personal access token in %s is empty", where);
        for (size_t i = 0; i < n; i++)
                if ((unsigned char)secret->bytes[i] <= ' ' || secret->bytes[i] == 0x7f)
                        return refuse(pat,
                                      "the personal access token in %s holds a blank or a control "
                                      "character",
                                      where);
        plain[0] = ':';
        memcpy(plain + 1, secret->bytes, n);
        n_encoded =
                EVP_EncodeBlock((unsigned char *)line + sizeof HEADER_START - 1, plain, (int)n + 1);
        secret_free(pat->header);
        pat->header = secret_new(pat, line, sizeof HEADER_START - 1 + (size_t)n_encoded);
        assert(pat->header);
        secret_wipe(plain, sizeof plain);
        secret_wipe(line, sizeof line);
        return 0;
}

/* --- from the environment --- */

static int read_environment(PatAuth *pat) {
        SecretBytes secret = {.n = 0};
        const char *name = pat->spec.environment;
        const char *value = getenv(name);
        char where[256];
        int r = 0;

        if (pat->header)
                return 0;
        if (!value)
                return refuse(pat, "the environment variable %s is not set", name);
        secret.n = strlen(value);
        if (secret.n > AUTH_SECRET_SIZE_MAX)
                return refuse(pat, "the environment variable %s is longer than %d bytes", name,
                              AUTH_SECRET_SIZE_MAX);
        memcpy(secret.bytes, value, secret.n);
        snprintf(where, sizeof where, "the environment variable %s", name);
        r = set_header(pat, where, &secret);
        secret_wipe(&secret, sizeof secret);
        return r;
}

/* --- from a file --- */

static char *find_file(Mem *parent, const AuthPatSpec *spec) {
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        char *path = NULL;

        if (spec->file[0] == '/')
                return mem_strdup(parent, spec->file);
        if (credentials && credentials[0] == '/') {
                path = mem_printf(parent, "%s/%s", credentials, spec->file);
                if (access(path, F_OK) == 0)
                        return path;
                mem_free(path);
        }
        return mem_printf(parent, "%s/%s",
                          spec->settings_directory ? spec->settings_directory : ".", spec->file);
}

static FileState state_of(const struct stat *info) {
        FileState state;

        /* Compared by bytes, so what lies between the fields counts too. */
        memset(&state, 0, sizeof state);
        state.device = info->st_dev;
        state.inode = info->st_ino;
        state.size = info->st_size;
        state.changed.tv_sec = info->st_ctim.tv_sec;
        state.changed.tv_nsec = info->st_ctim.tv_nsec;
        state.mode = info->st_mode;
        return state;
}

static int read_bytes(int file, SecretBytes *secret) {
        while (secret->n < sizeof secret->bytes) {
                ssize_t n = read(file, secret->bytes + secret->n, sizeof secret->bytes - secret->n);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return 0;
                secret->n += (size_t)n;
        }
        return -EFBIG;
}

static int read_opened(PatAuth *pat, const char *path, int file) {
        SecretBytes secret = {.n = 0};
        struct stat info;
        FileState state;
        int r = 0;

        if (fstat(file, &info) < 0)
                return refuse(pat, "cannot read %s: %s", path, strerror(errno));
        if (!S_ISREG(info.st_mode))
                return refuse(pat, "%s is not a file", path);
        if ((info.st_mode & S_IRWXO) && pat->spec.readability == AUTH_READABLE_BY_OWNER)
                return refuse(pat,
                              "%s can be read by others (mode %04o): take that away (chmod o= %s), "
                              "or accept it beside the file with readable_by_others: accepted",
                              path, (unsigned)info.st_mode & 07777, path);
        state = state_of(&info);
        if (pat->header && memcmp(&state, &pat->state, sizeof state) == 0)
                return 0;
        r = read_bytes(file, &secret);
        if (r == -EFBIG)
                r = refuse(pat, "%s is larger than %d bytes", path, AUTH_SECRET_SIZE_MAX);
        else if (r < 0)
                r = refuse(pat, "cannot read %s: %s", path, strerror(-r));
        else
                r = set_header(pat, path, &secret);
        secret_wipe(&secret, sizeof secret);
        if (r == 0)
                pat->state = state;
        return r;
}

static int read_file(PatAuth *pat) {
        char *path = find_file(pat, &pat->spec);
        /* Without O_NONBLOCK a pipe in its place would stop the loop. */
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        int r = 0;

        if (file < 0)
                r = refuse(pat, "cannot read %s: %s", path, strerror(errno));
        else
                r = read_opened(pat, path, file);
        if (file >= 0)
                close(file);
        mem_free(path);
        return r;
}

static int pat_header(Auth *auth, const Secret **headerp, const char **reasonp) {
        PatAuth *pat = (PatAuth *)auth;
        int r = pat->spec.file ? read_file(pat) : read_environment(pat);

        *headerp = r < 0 ? NULL : pat->header;
        *reasonp = r < 0 ? pat->reason : NULL;
        return r;
}

static const AuthOperations pat_operations = {.header = pat_header};

Auth *auth_pat_new(Mem *parent, const AuthPatSpec *spec) {
        PatAuth *pat = mem_new(parent, PatAuth);

        assert(!spec->file != !spec->environment);
        pat->auth.operations = &pat_operations;
        pat->spec = *spec;
        pat->spec.file = mem_strdup(pat, spec->file);
        pat->spec.environment = mem_strdup(pat, spec->environment);
        pat->spec.settings_directory = mem_strdup(pat, spec->settings_directory);
        return &pat->auth;
}
