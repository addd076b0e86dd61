/* SPDX-License-Identifier: Apache-2.0 */
/* Target: what a fuzz target offers; libFuzzer and corpus_main.c call it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Ends the process by assert when something is wrong; always answers 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
