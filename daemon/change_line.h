/* SPDX-License-Identifier: Apache-2.0 */
/* ChangeLine: a change of the ledger in a line for people. */
#pragma once

#include "common/base/json.h"

/* Of its intent, without time and result, in the words of a plan: `MLOps: [MLOps]\Red at repository train: Read: not set ->
 * allow (contoso.yaml:12)`. What cannot be seen is shown as `\x1b`. */
void change_line_write(const JsonNode *intent, Text *text);
