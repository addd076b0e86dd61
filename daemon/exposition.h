/* SPDX-License-Identifier: Apache-2.0 */
/* Exposition: lines of the text that Prometheus reads. */
#pragma once

#include "common/base/text.h"

#define EXPOSITION_MEDIA_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef struct Label {
        const char *name; /* NULL: no more of them */
        const char *value;
} Label;

enum {
        EXPOSITION_LABELS_MAX = 3, /* of a sample */
};

/* Stands once before the samples of that name. */
void exposition_write_head(Text *text, const char *name, const char *type, const char *help);
/* NAN is not known yet: nothing is written. */
void exposition_write_sample(Text *text, const char *name, const Label labels[static EXPOSITION_LABELS_MAX], double value);
