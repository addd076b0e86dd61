/* SPDX-License-Identifier: Apache-2.0 */
/* ChangeLine: a change of the ledger in a line for people. */
#include <string.h>

#include "common/base/visible.h"
#include "common/model/desired.h"
#include "daemon/change_line.h"

static void describe_permissions(const JsonNode *step, Text *text) {
        json_each(permission, json_get(step, "permissions")) {
                const char *word = json_get_text(permission, "word");
                const char *before = json_get_text(permission, "before");
                const char *after = json_get_text(permission, "after");

                if (word && before && after && strcmp(before, after) != 0)
                        visible_appendf(text, "; %s: %s -> %s", word, before, after);
        }
}

void change_line_write(const JsonNode *intent, Text *text) {
        const JsonNode *step = json_get(intent, "step");
        const char *name = json_get_text(step, "name"), *principal = json_get_text(intent, "principal");
        const char *container = json_get_text(intent, "container"), *why = json_get_text(step, "why");
        const char *project = json_get_text(intent, "project"), *verb = json_get_text(step, "verb");
        const char *kind = json_get_text(step, "kind");

        visible_appendf(text, "%s: %s %s%s%s", project ? desired_label(project) : "-", verb ? verb : "-",
                        kind ? kind : "", name && name[0] ? " " : "", name ? name : "");
        if (principal)
                visible_appendf(text, ", %s", principal);
        if (container)
                visible_appendf(text, " in %s", container);
        describe_permissions(step, text);
        if (why)
                visible_appendf(text, " (%s)", why);
}
