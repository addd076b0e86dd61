/* SPDX-License-Identifier: Apache-2.0 */
/* Exposition: lines of the text that Prometheus reads. */
#include <math.h>

#include "daemon/exposition.h"

void exposition_write_head(Text *text, const char *name, const char *type, const char *help) {
        text_appendf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* name="value" with what the format wants escaped. */
static void write_label(Text *text, const Label *label) {
        text_appendf(text, "%s=\"", label->name);
        for (const char *at = label->value; *at; at++) {
                if (*at == '\n')
                        text_append(text, "\\n");
                else if (*at == '"' || *at == '\\')
                        text_appendf(text, "\\%c", *at);
                else
                        text_append_bytes(text, at, 1);
        }
        text_append(text, "\"");
}

void exposition_write_sample(Text *text, const char *name, const Label labels[static EXPOSITION_LABELS_MAX],
                             double value) {
        if (isnan(value))
                return;
        text_append(text, name);
        for (size_t i = 0; i < EXPOSITION_LABELS_MAX && labels[i].name; i++) {
                text_append(text, i == 0 ? "{" : ",");
                write_label(text, &labels[i]);
        }
        text_appendf(text, "%s %.15g\n", labels[0].name ? "}" : "", value);
}
