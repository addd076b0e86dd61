/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: a standing as Prometheus reads it. */
#pragma once

#include "common/base/text.h"
#include "daemon/standing.h"

void metrics_write(const Standing *standing, Text *text);
/* For people and the manual page: what there is, whatever the standing. */
void metrics_print(Text *text);
