/* SPDX-License-Identifier: Apache-2.0 */
/* Disk: what files of the state directory need to be there for good. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "daemon/engine/disk.h"

int disk_write(int file, const char *bytes, size_t n) {
        while (n > 0) {
                ssize_t written = write(file, bytes, n);

                if (written < 0 && errno == EINTR)
                        continue;
                if (written <= 0)
                        return written < 0 ? -errno : -ENOSPC;
                bytes += written;
                n -= (size_t)written;
        }
        return 0;
}

static int sync_at(const char *path, int flags) {
        int file = open(path, flags | O_CLOEXEC);
        int r = 0;

        if (file < 0)
                return -errno;
        if (fsync(file) < 0)
                r = -errno;
        close(file);
        return r;
}

int disk_sync_file(const char *path) {
        return sync_at(path, O_WRONLY | O_NOFOLLOW);
}

int disk_sync_folder(const char *folder) {
        return sync_at(folder, O_RDONLY | O_DIRECTORY);
}
