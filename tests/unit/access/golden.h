/* SPDX-License-Identifier: Apache-2.0 */
/* Golden: text compared with a file of the fixtures; UPDATE_GOLDEN=1 rewrites the file. */
#pragma once

#include "common/base/text.h"

/* Folders of the fixtures' folder that hold that file, sorted; below parent. */
const char **golden_list(Mem *parent, const char *file, size_t *np);
void golden_compare(const char *path, const char *text);
