/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens in words: what thing each of an organisation's tokens stands for. */
#pragma once

#include "tests/simulator/world.h"

typedef struct Label {
        const char *words;      /* "repository train-models", "area \\Data\\A" */
        const Project *project; /* NULL: of the organisation */
} Label;

typedef struct Labels {
        Arena arena;
        Organization *organization;
        Table *by_key[N_NAMESPACES];
        Table *names; /* of ids that stand in tokens, for those no thing is known for */
} Labels;

/* The labels of all things there are and were; release with labels_deinit(). */
void labels_init(Labels *labels, Organization *organization);
void labels_deinit(Labels *labels);
/* Of a token; never without words: a token of nothing known is "token …", its known ids replaced by
 * names. The result lives as long as the labels. */
Label labels_get(Labels *labels, const Namespace *ns, const char *token);
