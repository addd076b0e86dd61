/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: who can reach what in each project, drawn slice by slice. */
#pragma once

#include "daemon/page.h"
#include "daemon/standing.h"

enum {
        PICTURES_PROJECTS_MAX = 10, /* of an organisation */
        PICTURES_SIZE_MAX = 1024 * 1024, /* of all of them; a project that would be beyond it has none */
        PICTURES_SLICE_MS = 20,
};

typedef struct Pictures Pictures;

Pictures *pictures_new(Mem *parent, const Standing *standing);
/* Works for some PICTURES_SLICE_MS. The standing is of this moment: what was looked at may be gone by now, and then there is
 * no picture of it. False: it was the last one. */
bool pictures_step(Pictures *pictures, const Standing *standing);
/* What is not drawn yet will not be. */
void pictures_stop(Pictures *pictures);
/* By organisation, in the charter's order; they live as long as the pictures. */
const PagePicture *pictures_list(const Pictures *pictures, size_t *np);
