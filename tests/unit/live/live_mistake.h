/* SPDX-License-Identifier: Apache-2.0 */
/* Live mistake: what is wrong with a test's file. */
#pragma once

#define LIVE_UNRESOLVED "unresolved "
#define LIVE_GROUP_DESCRIPTOR "Microsoft.TeamFoundation.Identity;"

/* Says it on standard error and ends the test. */
void live_mistake(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
