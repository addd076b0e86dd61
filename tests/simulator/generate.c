/* SPDX-License-Identifier: Apache-2.0 */
/* Organisations made from numbers. */
#include "tests/simulator/generate.h"

#include <string.h>

int generate_organization(World *world, const char *spec, char **errorp) {
        *errorp = strdup("organisations are not generated yet");
        return -1;
}
