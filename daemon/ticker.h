/* SPDX-License-Identifier: Apache-2.0 */
/* Ticker: what a person who waits for a command sees meanwhile. */
#pragma once

#include "daemon/keeper.h"

enum {
        TICKER_FIRST_MS = 500, /* what is quicker shows nothing */
        TICKER_MS = 200,
};

typedef enum TickerForm {
        TICKER_LINE, /* on the terminal, erased at the end */
        TICKER_LOG,  /* that a service does not answer is a line of the log */
} TickerForm;

typedef struct TickerSpec {
        Loop *loop;
        Keeper *const *keepers; /* as long as the ticker lives */
        size_t n_keepers;
        TickerForm form;
} TickerSpec;

typedef struct Ticker Ticker;

Ticker *ticker_new(Mem *parent, const TickerSpec *spec);
/* Nothing of it is left on the terminal. NULL is fine; always returns NULL. */
Ticker *ticker_free(Ticker *ticker);
