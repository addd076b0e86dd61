/* SPDX-License-Identifier: Apache-2.0 */
/* Id: what steps and plans are called, the same as long as they say the same (product.md, Brakes).
 */
#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "daemon/plan/planner.h"

enum {
        ID_SIZE = 13
};

static void shorten(const Text *text, char id[static ID_SIZE]) {
        char digest[DIGEST_TEXT_SIZE];

        digest_sha256(text->data, text->n, digest);
        memcpy(id, digest, ID_SIZE - 1);
        id[ID_SIZE - 1] = '\0';
}

static void append_part(Text *text, const char *part) {
        text_append(text, part ? part : "");
        text_append(text, "\n");
}

/* Verb, kind, project, names, principal, before, after; no token and no id, which a creation would
 * give. */
void step_identify(Step *step, Text *text) {
        text->n = 0;
        text_appendf(text, "%d\n%s\n", (int)step->verb, kind_row(step->kind)->key);
        append_part(text, step->project_name);
        append_part(text, step->name);
        append_part(text, step->below);
        append_part(text, step->principal.display);
        append_part(text, step->container.display);
        text_appendf(text, "%d\n%u %u %u %u\n%d %d\n", step->space, step->allow_before,
                     step->deny_before, step->allow_after, step->deny_after, step->inherit_before,
                     step->inherit_after);
        append_part(text, step->list_before);
        append_part(text, step->list_after);
        for (size_t i = 0; i < step->n_pipelines; i++)
                text_appendf(text, "%u ", step->pipelines[i]);
        shorten(text, step->id);
}

static int compare_ids(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void plan_identify(Plan *plan) {
        const char **ids = NULL;
        size_t n = 0;
        Text text;

        for (size_t i = 0; i < plan->n_steps; i++)
                if (plan->steps[i].state == STEP_HELD)
                        *mem_push(plan, ids, n) = plan->steps[i].id;
        if (plan->shrank)
                *mem_push(plan, ids, n) = plan->shrank_id;
        if (n == 0)
                return;
        qsort(ids, n, sizeof *ids, compare_ids);
        text_init(&text, plan);
        for (size_t i = 0; i < n; i++)
                append_part(&text, ids[i]);
        shorten(&text, plan->plan_id);
        text_deinit(&text);
        mem_free(ids);
}

void sentence_identify(const char *sentence, char id[static ID_SIZE]) {
        Text text;

        text_init(&text, NULL);
        text_append(&text, sentence);
        shorten(&text, id);
        text_deinit(&text);
}
