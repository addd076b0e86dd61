/* SPDX-License-Identifier: Apache-2.0 */
/* Which names the service accepts (facts §9). */
#pragma once

typedef enum NameKind {
        NAME_PROJECT,
        NAME_REPOSITORY,
        NAME_TEAM,
        NAME_GROUP,
        NAME_NODE, /* an area or iteration */
        NAME_QUERY, /* or a folder of them; documented nowhere, as nodes are */
        N_NAME_KINDS
} NameKind;

/* What is wrong with a name, as the end of a sentence ("is longer than 64 characters"); NULL when nothing is.
 * Whether it is taken is the caller's question. name may be NULL. */
const char *name_refusal(NameKind kind, const char *name);
