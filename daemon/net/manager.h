/* SPDX-License-Identifier: Apache-2.0 */
/* Manager: what the service manager of the machine is told of this process (sd_notify(3)). */
#pragma once

#include "common/base/text.h"
#include "daemon/net/loop.h"

enum {
        MANAGER_LOOK_MS = 30 * 1000, /* the status line is that old at most */
};

/* Where $NOTIFY_SOCKET is not set nobody is told anything. */
typedef struct Manager Manager;

typedef struct ManagerSpec {
        Loop *loop;
        /* Why the process will never move on; NULL: it does. Then the watchdog is not kept quiet any more. */
        const char *(*stall)(void *context);
        void (*write_status)(void *context, Text *text); /* one line for people */
        void *context;
} ManagerSpec;

typedef enum ManagerNews {
        MANAGER_READY,
        MANAGER_RELOADING, /* READY is to follow */
        MANAGER_STOPPING,
} ManagerNews;

/* Keeps the watchdog quiet from now on, when the service manager has one for this process ($WATCHDOG_USEC): twice in
 * its time, as long as the loop turns and nothing stalls. */
Manager *manager_new(Mem *parent, const ManagerSpec *spec);
void manager_tell(Manager *manager, ManagerNews news);
/* Something may have changed: tells the status line when it did. */
void manager_look(Manager *manager);
