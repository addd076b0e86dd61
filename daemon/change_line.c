/* SPDX-License-Identifier: Apache-2.0 */
/* ChangeLine: a change of the ledger in a line for people. */
#include <string.h>

#include "common/base/visible.h"
#include "common/model/desired.h"
#include "common/model/kind.h"
#include "daemon/change_line.h"

/* What a line is made of, in the words of a plan. */
static const struct {
        const char *verb;
        const char *words; /* `{key}`: see fields */
} verb_rows[] = {
        {"add_member", "add {principal} to {container}"},
        {"remove_member", "take {principal} out of {container}"},
        {"set_entry", "{principal} at {place}: {permissions}"},
        {"remove_entry", "{principal} at {place}: {permissions}"},
        {"set_inherit", "inheritance of {place}: {before} -> {after}"},
        {"set_role", "{principal} at {place}: role: {before} -> {after}"},
        {"remove_role", "{principal} at {place}: role: {before} -> {after}"},
        {"set_areas", "areas of {principal}: {before} -> {after}"},
        {"set_pipelines", "pipelines that may use {place}: {before} -> {after}"},
        {"set_admin", "make {principal} an administrator of team {name}"},
        {"remove_admin", "{principal} no longer administers team {name}"},
};
enum { N_VERBS = sizeof verb_rows / sizeof *verb_rows };

static const char *text_or_dash(const JsonNode *object, const char *key) {
        const char *text = json_get_text(object, key);

        return text ? text : "-";
}

static void append_place(const JsonNode *intent, Text *text) {
        const JsonNode *step = json_get(intent, "step");
        const char *key = text_or_dash(step, "kind"), *name = json_get_text(step, "name");
        const char *below = json_get_text(step, "below");
        Kind kind = kind_by_key(key);

        if (kind == KIND_PROJECT)
                text_appendf(text, "project %s", text_or_dash(intent, "project"));
        else if (kind == KIND_ORGANIZATION)
                text_append(text, "the organisation");
        else if (!name || !*name)
                text_appendf(text, "the root of %s", key);
        else
                text_appendf(text, "%s %s", kind == _KIND_N ? key : kind_row(kind)->noun, name);
        if (below)
                text_appendf(text, ", below it: %s", below);
}

/* Words that go the same way stand together: `Read, Contribute: not set -> allow`. */
static void append_permissions(const JsonNode *intent, Text *text) {
        const char *way_before = NULL, *way_after = NULL;

        json_each(permission, json_get(json_get(intent, "step"), "permissions")) {
                const char *before = text_or_dash(permission, "before"), *after = text_or_dash(permission, "after");
                bool goes_on = way_before && strcmp(before, way_before) == 0 && strcmp(after, way_after) == 0;

                if (way_before && !goes_on)
                        text_appendf(text, ": %s -> %s; ", way_before, way_after);
                text_appendf(text, "%s%s", goes_on ? ", " : "", text_or_dash(permission, "word"));
                way_before = before;
                way_after = after;
        }
        if (way_before)
                text_appendf(text, ": %s -> %s", way_before, way_after);
        else
                text_append(text, "how much is not known");
}

static void append_field(const JsonNode *intent, const char *key, size_t n, Text *text) {
        static const struct {
                const char *key;
                void (*append)(const JsonNode *intent, Text *text);
        } fields[] = {{"place", append_place}, {"permissions", append_permissions}};
        char *name;

        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
                if (strlen(fields[i].key) == n && memcmp(fields[i].key, key, n) == 0) {
                        fields[i].append(intent, text);
                        return;
                }
        }
        name = mem_strndup(NULL, key, n);
        text_append(text, json_get_text(intent, name) ? json_get_text(intent, name)
                                                      : text_or_dash(json_get(intent, "step"), name));
        mem_free(name);
}

static const char *find_words(const JsonNode *intent, const char *verb) {
        if (strcmp(verb, "create") == 0)
                return json_get_text(intent, "principal") ? "bring in {principal}" : "create {place}";
        for (size_t i = 0; i < N_VERBS; i++)
                if (strcmp(verb_rows[i].verb, verb) == 0)
                        return verb_rows[i].words;
        return "{verb} {place}, {principal}"; /* of a later version */
}

void change_line_write(const JsonNode *intent, Text *text) {
        const JsonNode *step = json_get(intent, "step");
        const char *words = find_words(intent, text_or_dash(step, "verb"));
        const char *why = json_get_text(step, "why"), *project = json_get_text(intent, "project");
        Text line;

        text_init(&line, NULL);
        text_appendf(&line, "%s: ", project ? desired_label(project) : "-");
        while (*words) {
                size_t n = strcspn(words, *words == '{' ? "}" : "{");

                if (*words == '{')
                        append_field(intent, words + 1, n - 1, &line);
                else
                        text_append_bytes(&line, words, n);
                words += n + (*words == '{');
        }
        if (why)
                text_appendf(&line, " (%s)", why);
        visible_append(text, line.data);
        text_deinit(&line);
}
