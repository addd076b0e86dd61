/* SPDX-License-Identifier: Apache-2.0 */
/* SecretReader: a secret that lies in a file or a variable. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <unistd.h>

#include "daemon/net/secret_reader.h"

struct SecretReader {
        SecretReaderSpec spec;
        Secret *secret;
        char *where;
        char *reason;
};

/* The bytes of a secret while it is being read; wiped on every way out. */
typedef struct SecretBytes {
        char bytes[SECRET_READER_SIZE_MAX + 1];
        size_t n;
} SecretBytes;

static int refuse(SecretReader *reader, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static int refuse(SecretReader *reader, const char *format, ...) {
        va_list arguments;

        mem_free(reader->reason);
        va_start(arguments, format);
        reader->reason = mem_vprintf(reader, format, arguments);
        va_end(arguments);
        reader->secret = secret_free(reader->secret);
        return -EACCES;
}

static bool is_word(const SecretBytes *taken) {
        for (size_t i = 0; i < taken->n; i++)
                if ((unsigned char)taken->bytes[i] <= ' ' || (unsigned char)taken->bytes[i] >= 0x7f)
                        return false;
        return true;
}

static int take(SecretReader *reader, SecretBytes *taken) {
        const char *where = reader->where;
        const char *bytes = NULL;
        size_t n = 0;

        while (taken->n > 0 && strchr("\r\n", taken->bytes[taken->n - 1]))
                taken->n--;
        if (taken->n == 0)
                return refuse(reader, "the %s in %s is empty", reader->spec.noun, where);
        if (reader->spec.form == SECRET_WORD && !is_word(taken))
                return refuse(reader, "the %s in %s holds a blank or a control character, or one beyond ASCII",
                              reader->spec.noun, where);
        bytes = reader->secret ? secret_expose(reader->secret, &n) : NULL;
        if (bytes && n == taken->n && memcmp(bytes, taken->bytes, n) == 0)
                return 0;
        secret_free(reader->secret);
        reader->secret = secret_new(reader, taken->bytes, taken->n);
        assert(reader->secret);
        return 1;
}

static int read_environment(SecretReader *reader) {
        SecretBytes taken = {.n = 0};
        const char *name = reader->spec.environment;
        const char *value = getenv(name);
        int r = 0;

        if (!value)
                return refuse(reader, "the environment variable %s is not set", name);
        secret_reader_where(reader);
        taken.n = strlen(value);
        if (taken.n > SECRET_READER_SIZE_MAX)
                return refuse(reader, "the environment variable %s is longer than %d bytes", name,
                              SECRET_READER_SIZE_MAX);
        memcpy(taken.bytes, value, taken.n);
        r = take(reader, &taken);
        secret_wipe(&taken, sizeof taken);
        return r;
}

/* --- from a file --- */

/* In the service manager's folder; NULL when it is not there. */
static char *find_credential(Mem *parent, const SecretReaderSpec *spec) {
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        char *path = NULL;

        if (spec->file[0] == '/' || !credentials || credentials[0] != '/')
                return NULL;
        path = mem_printf(parent, "%s/%s", credentials, spec->file);
        return access(path, F_OK) == 0 ? path : mem_free(path);
}

static char *find_file(Mem *parent, const SecretReaderSpec *spec) {
        char *path = find_credential(parent, spec);

        if (path)
                return path;
        if (spec->file[0] == '/')
                return mem_strdup(parent, spec->file);
        return mem_printf(parent, "%s/%s",
                          spec->settings_directory ? spec->settings_directory : ".", spec->file);
}

static int read_bytes(int file, SecretBytes *taken) {
        while (taken->n < sizeof taken->bytes) {
                ssize_t n = read(file, taken->bytes + taken->n, sizeof taken->bytes - taken->n);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return 0;
                taken->n += (size_t)n;
        }
        return -EFBIG;
}

static int read_opened(SecretReader *reader, int file) {
        SecretBytes taken = {.n = 0};
        const char *path = reader->where;
        struct stat info;
        int r = 0;

        if (fstat(file, &info) < 0)
                return refuse(reader, "cannot read %s: %s", path, strerror(errno));
        if (!S_ISREG(info.st_mode))
                return refuse(reader, "%s is not a file", path);
        if ((info.st_mode & S_IRWXO) && reader->spec.readability == SECRET_READABLE_BY_OWNER)
                return refuse(reader,
                              "%s can be read by others (mode %04o): take that away (chmod o= %s), "
                              "or accept it beside the file with readable_by_others: accepted",
                              path, (unsigned)info.st_mode & 07777, path);
        r = read_bytes(file, &taken);
        if (r == -EFBIG)
                r = refuse(reader, "%s is larger than %d bytes", path, SECRET_READER_SIZE_MAX);
        else if (r < 0)
                r = refuse(reader, "cannot read %s: %s", path, strerror(-r));
        else
                r = take(reader, &taken);
        secret_wipe(&taken, sizeof taken);
        return r;
}

static int read_file(SecretReader *reader) {
        const char *path = secret_reader_where(reader);
        /* Without O_NONBLOCK a pipe in its place would stop the loop. */
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        int r = 0;

        if (file < 0)
                return refuse(reader, "cannot read %s: %s", path, strerror(errno));
        r = read_opened(reader, file);
        close(file);
        return r;
}

/* --- for everyone --- */

int secret_reader_read(SecretReader *reader, const Secret **secretp, const char **reasonp) {
        int r = reader->spec.file ? read_file(reader) : read_environment(reader);

        *secretp = r < 0 ? NULL : reader->secret;
        *reasonp = r < 0 ? reader->reason : NULL;
        return r;
}

/* A file is looked for each time: it may come to lie in the first of its places. */
const char *secret_reader_where(SecretReader *reader) {
        char *where = NULL;

        if (reader->spec.file)
                where = find_file(reader, &reader->spec);
        else
                where = mem_printf(reader, "the environment variable %s", reader->spec.environment);
        mem_free(reader->where);
        reader->where = where;
        return where;
}

bool secret_reader_needs_restart(SecretReader *reader) {
        char *credential = NULL;
        bool is_there = false;

        if (!reader->spec.file)
                return true;
        credential = find_credential(reader, &reader->spec);
        is_there = credential != NULL;
        mem_free(credential);
        return is_there;
}

SecretReader *secret_reader_new(Mem *parent, const SecretReaderSpec *spec) {
        SecretReader *reader = mem_new(parent, SecretReader);

        assert(!spec->file != !spec->environment);
        reader->spec = *spec;
        reader->spec.file = mem_strdup(reader, spec->file);
        reader->spec.environment = mem_strdup(reader, spec->environment);
        reader->spec.settings_directory = mem_strdup(reader, spec->settings_directory);
        return reader;
}
