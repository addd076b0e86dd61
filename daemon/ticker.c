/* SPDX-License-Identifier: Apache-2.0 */
/* Ticker: what a person who waits for a command sees meanwhile. */
#include "common/base/live_line.h"
#include "daemon/progress_line.h"
#include "daemon/ticker.h"

struct Ticker {
        TickerSpec spec;
        LoopTicket *alarm;
};

static void show(const Ticker *ticker) {
        Text text;

        text_init(&text, NULL);
        for (size_t i = 0; i < ticker->spec.n_keepers; i++)
                progress_line_append(keeper_engine(ticker->spec.keepers[i]), &text);
        if (text.n > 0)
                live_line_show(text.data);
        else
                live_line_erase();
        text_deinit(&text);
}

static void on_tick(void *context) {
        Ticker *ticker = context;

        ticker->alarm = loop_alarm(ticker->spec.loop, ticker, TICKER_MS, on_tick, ticker);
        if (ticker->spec.form == TICKER_LINE)
                show(ticker);
        for (size_t i = 0; i < ticker->spec.n_keepers && ticker->spec.form == TICKER_LOG; i++)
                engine_look(keeper_engine(ticker->spec.keepers[i]));
}

Ticker *ticker_new(Mem *parent, const TickerSpec *spec) {
        Ticker *ticker = mem_new(parent, Ticker);

        ticker->spec = *spec;
        ticker->alarm = loop_alarm(spec->loop, ticker, TICKER_FIRST_MS, on_tick, ticker);
        return ticker;
}

Ticker *ticker_free(Ticker *ticker) {
        if (!ticker)
                return NULL;
        live_line_erase();
        return mem_free(ticker);
}
