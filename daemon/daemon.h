/* SPDX-License-Identifier: Apache-2.0 */
/* Daemon: organisations kept side by side until a signal ends the process. */
#pragma once

#include "config/settings.h"

/* Runs until SIGTERM or SIGINT. The exit code; 1 when it cannot start, which is said in the log. Takes over the settings. */
int daemon_run(const char *settings_path, Settings *settings);
