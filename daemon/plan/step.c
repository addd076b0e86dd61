/* SPDX-License-Identifier: Apache-2.0 */
/* Step: one change that would bring the live organisation nearer to its charter. */
#include <stdio.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "daemon/plan/draft.h"

static const char *const verb_words[] = {
        [STEP_CREATE] = "create",         [STEP_ADD_MEMBER] = "add_member",     [STEP_REMOVE_MEMBER] = "remove_member",
        [STEP_SET_ENTRY] = "set_entry",   [STEP_REMOVE_ENTRY] = "remove_entry", [STEP_SET_INHERIT] = "set_inherit",
        [STEP_SET_ROLE] = "set_role",     [STEP_REMOVE_ROLE] = "remove_role",   [STEP_SET_AREAS] = "set_areas",
        [STEP_SET_ADMIN] = "set_admin",   [STEP_REMOVE_ADMIN] = "remove_admin",
};

const char *step_verb_word(StepVerb verb) {
        return verb_words[verb];
}

static const char *text(const char *value) {
        return value ? value : "";
}

/* Kind, project, names, principal, before, after: no id that a creation gives, so it stays while the step does. */
void step_make_id(const Draft *draft, Step *step) {
        char digest[DIGEST_TEXT_SIZE];
        Text all;

        text_init(&all, NULL);
        text_appendf(&all, "%s\n%s\n%s\n%s\n%s\n", verb_words[step->verb], kind_row(step->kind)->key,
                     text(step->project_name), text(step->name), text(step->below));
        text_appendf(&all, "%s\n%s\n%d\n%d\n", text(step->principal.display), text(step->container.display),
                     step->at_root, step->space);
        text_appendf(&all, "%x %x %x %x %d %d\n%s\n%s\n", step->allow_before, step->deny_before, step->allow_after,
                     step->deny_after, step->inherit_before, step->inherit_after, text(step->areas_before),
                     text(step->areas_after));
        digest_sha256(all.data, all.n, digest);
        memcpy(step->id, digest, sizeof step->id - 1);
        text_deinit(&all);
}

static int compare_texts(const char *a, const char *b) {
        return text_compare(text(a), text(b));
}

int step_compare(const void *x, const void *y) {
        const Step *a = x, *b = y;
        int r = (int)a->rank - (int)b->rank;

        if (r == 0)
                r = compare_texts(a->project_name, b->project_name);
        if (r == 0)
                r = (int)a->kind - (int)b->kind;
        if (r == 0)
                r = compare_texts(a->name, b->name);
        if (r == 0)
                r = compare_texts(a->below, b->below);
        if (r == 0)
                r = compare_texts(a->principal.display, b->principal.display);
        if (r == 0)
                r = (int)a->verb - (int)b->verb;
        return r != 0 ? r : strcmp(a->id, b->id);
}
