/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: a standing as Prometheus reads it. */
#pragma once

#include "common/base/text.h"
#include "daemon/standing.h"

#define METRICS_MEDIA_TYPE "text/plain; version=0.0.4; charset=utf-8"

void metrics_write(const Standing *standing, Text *text);
