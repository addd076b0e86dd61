/* SPDX-License-Identifier: Apache-2.0 */
/* Words: the permission words that a charter can say, as this program knows them. */
#pragma once

#include "common/base/text.h"

/* A block a kind: its key, then a line a permission with the portal's word before the API's. Kinds with roles are
 * named with that. */
void words_print(Text *text);
