/* SPDX-License-Identifier: Apache-2.0 */
/* File: the bytes of a file an operator wrote. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/file.h"

static int refuse(DiagList *diags, const char *path, const char *why, int error) {
        diag_add(diags, (Place){.file = path}, DIAG_ERROR, "cannot be read: %s", why);
        return error;
}

static int read_all(int fd, char *bytes, size_t size, size_t *np) {
        *np = 0;
        while (*np < size) {
                ssize_t r = read(fd, bytes + *np, size - *np);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r < 0)
                        return -errno;
                if (r == 0)
                        break;
                *np += (size_t)r;
        }
        return 0;
}

int file_read(Mem *parent, const char *path, DiagList *diags, char **bytesp, size_t *np) {
        /* Without O_NONBLOCK opening a FIFO would wait for its writer. */
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        struct stat status;
        char *bytes = NULL;
        size_t n = 0;
        int r = 0;

        if (fd < 0)
                return refuse(diags, path, strerror(errno), -errno);
        if (fstat(fd, &status) < 0)
                r = -errno;
        else if (!S_ISREG(status.st_mode))
                r = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
        else if (status.st_size > FILE_SIZE_MAX)
                r = -EFBIG;
        if (r == 0) {
                /* One byte more than it had, to see that it grew meanwhile. */
                size_t size = (size_t)status.st_size + 1;

                bytes = mem_new_array(parent, char, size + 1);
                r = read_all(fd, bytes, size, &n);
                if (r == 0 && n == size)
                        r = -EAGAIN;
        }
        close(fd);
        if (r < 0) {
                mem_free(bytes);
                return refuse(diags, path,
                              r == -EINVAL   ? "it is no regular file"
                              : r == -EAGAIN ? "it changes while it is read"
                              : r == -EFBIG  ? "it is larger than 4 MiB"
                                             : strerror(-r),
                              r);
        }
        *bytesp = bytes;
        *np = n;
        return 0;
}

char *file_path_beside(Mem *parent, const char *from, const char *path) {
        const char *slash = strrchr(from, '/');

        if (path[0] == '/' || !slash)
                return mem_strdup(parent, path);
        return mem_printf(parent, "%.*s/%s", (int)(slash - from), from, path);
}

char *file_path_absolute(Mem *parent, const char *path) {
        char folder[PATH_MAX];

        if (path[0] == '/' || !getcwd(folder, sizeof folder))
                return mem_strdup(parent, path);
        return mem_printf(parent, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, path);
}

bool file_is_same(const char *a, const char *b) {
        struct stat first, second;

        if (strcmp(a, b) == 0)
                return true;
        return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
               first.st_ino == second.st_ino;
}
