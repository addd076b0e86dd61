/* SPDX-License-Identifier: Apache-2.0 */
/* Manager: what the service manager of the machine is told of this process. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#if HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "common/base/log.h"
#include "daemon/net/manager.h"

enum {
        US_PER_MS = 1000,
        US_PER_S = 1000 * 1000,
        NS_PER_US = 1000,
        PINGS = 2, /* in the watchdog's time */
};

struct Manager {
        ManagerSpec spec;
        LoopTicket *alarm;
        int64_t ping_ms; /* 0: there is no watchdog */
        int64_t turn_ms; /* from one alarm to the next */
        char *status;    /* as last told */
        char *stall;     /* as last logged */
};

static void notify(const char *state) {
#if HAVE_SYSTEMD
        (void)sd_notify(/* unset_environment= */ 0, state);
#endif
}

static int64_t watchdog_ms(void) {
#if HAVE_SYSTEMD
        uint64_t microseconds = 0;

        if (sd_watchdog_enabled(/* unset_environment= */ 0, &microseconds) > 0 && microseconds / US_PER_MS < INT64_MAX / 2)
                return (int64_t)(microseconds / US_PER_MS);
#endif
        return 0;
}

/* --- the status line ------------------------------------------------------------------------------------------------ */

void manager_look(Manager *manager) {
        Text text;

        text_init(&text, manager);
        manager->spec.write_status(manager->spec.context, &text);
        if (!manager->status || strcmp(manager->status, text.data) != 0) {
                char *line = mem_printf(manager, "STATUS=%s", text.data);

                notify(line);
                mem_free(line);
                mem_free(manager->status);
                manager->status = mem_strdup(manager, text.data);
        }
        text_deinit(&text);
}

/* --- the watchdog --------------------------------------------------------------------------------------------------- */

/* That this is called says that the loop turns. */
static void ping(Manager *manager) {
        const char *stall = manager->spec.stall(manager->spec.context);

        if (!stall) {
                manager->stall = mem_free(manager->stall);
                notify("WATCHDOG=1");
                return;
        }
        if (manager->stall && strcmp(manager->stall, stall) == 0)
                return;
        log_error("charterd does not move on; its watchdog is to start it anew", LOG_TEXT("reason", stall));
        mem_free(manager->stall);
        manager->stall = mem_strdup(manager, stall);
}

static void on_alarm(void *context) {
        Manager *manager = context;

        manager->alarm = loop_alarm(manager->spec.loop, manager, manager->turn_ms, on_alarm, manager);
        if (manager->ping_ms > 0)
                ping(manager);
        manager_look(manager);
}

/* --- news ----------------------------------------------------------------------------------------------------------- */

/* Type=notify-reload of systemd 253 asks for the time at which reloading began. */
static void tell_reloading(void) {
        struct timespec now;
        char text[64];

        clock_gettime(CLOCK_MONOTONIC, &now);
        snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
                 (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US);
        notify(text);
}

void manager_tell(Manager *manager, ManagerNews news) {
        switch (news) {
        case MANAGER_READY:
                manager_look(manager);
                notify("READY=1");
                return;
        case MANAGER_RELOADING:
                tell_reloading();
                return;
        case MANAGER_STOPPING:
                notify("STOPPING=1");
                return;
        }
}

Manager *manager_new(Mem *parent, const ManagerSpec *spec) {
        Manager *manager = mem_new(parent, Manager);

        manager->spec = *spec;
        manager->ping_ms = watchdog_ms() / PINGS;
        manager->turn_ms = MANAGER_LOOK_MS;
        if (manager->ping_ms > 0 && manager->ping_ms < manager->turn_ms)
                manager->turn_ms = manager->ping_ms;
        manager->alarm = loop_alarm(spec->loop, manager, manager->turn_ms, on_alarm, manager);
        return manager;
}
