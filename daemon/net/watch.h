/* SPDX-License-Identifier: Apache-2.0 */
/* Watch: notices when a charter, a file or a folder of *.yaml, has changed. */
#pragma once

#include <stdint.h>

#include "common/base/mem.h"
#include "daemon/net/loop.h"

enum {
        WATCH_QUIET_MS = 2000,
        WATCH_POLL_MS = 5000, /* where the kernel tells nothing: network mounts, a folder moved */
        WATCH_FOLDERS_MAX = 64,
        WATCH_FILES_MAX = 10000,
        WATCH_FILE_SIZE_MAX = 64 * 1024 * 1024, /* of larger ones only size and times count */
        WATCH_LINKS_MAX = 40,
};

typedef struct Watch Watch;

typedef struct WatchSpec {
        Loop *loop;
        const char *path;
        int64_t quiet_ms; /* WATCH_QUIET_MS, WATCH_POLL_MS but in tests */
        int64_t poll_ms;
        LoopFn on_change;
        void *context;
} WatchSpec;

/* What is there now counts as known: start the watch before reading the charter. on_change comes
 * when listing, sizes and times have been the same for quiet_ms, two readings of the bytes agree,
 * and the bytes or names are not what was known; also when the charter went away or came back. It
 * sees edits in place, renaming over, and swaps of symbolic links anywhere in the path. */
Watch *watch_new(Mem *parent, const WatchSpec *spec);
Watch *watch_free(Watch *watch);
