/* SPDX-License-Identifier: Apache-2.0 */
/* LedgerSettled: whether every change that a file of the ledger began has ended. */
#include <string.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/engine/chain.h"
#include "daemon/engine/ledger_settled.h"
#include "daemon/engine/line_reader.h"

typedef struct Settling {
        uint64_t *open; /* hashes of changes without an outcome */
        size_t n_open;
        bool takes_intents; /* it is the file that is asked about */
} Settling;

/* Most records are neither, which their front tells. */
static bool may_count(const char *line, size_t n) {
        size_t n_front = n < 2 * CHAIN_FRONT_SIZE_MAX ? n : 2 * CHAIN_FRONT_SIZE_MAX;

        return memmem(line, n_front, "\"intent\"", sizeof "\"intent\"" - 1) ||
               memmem(line, n_front, "\"outcome\"", sizeof "\"outcome\"" - 1);
}

static void close_change(Settling *settling, uint64_t id) {
        for (size_t i = 0; i < settling->n_open; i++)
                if (settling->open[i] == id) {
                        settling->open[i] = settling->open[--settling->n_open];
                        return;
                }
}

static int take_line(Settling *settling, const char *line, size_t n) {
        Mem *mem = mem_new(NULL, char);
        const char *reason = NULL, *name, *id;
        JsonNode *record = NULL;
        int r = json_parse(mem, line, n, &record, &reason);

        name = r == 0 ? json_get_text(record, "record") : NULL;
        id = r == 0 ? json_get_text(record, "change_id") : NULL;
        if (name && id && strcmp(name, "outcome") == 0)
                close_change(settling, text_hash(id));
        else if (name && id && settling->takes_intents && strcmp(name, "intent") == 0)
                *mem_push(NULL, settling->open, settling->n_open) = text_hash(id);
        mem_free(mem);
        return r;
}

static int take_file(Settling *settling, int file) {
        LineReader reader;
        char *line = NULL;
        size_t n = 0;
        int r;

        line_reader_init(&reader, file, CHAIN_LINE_SIZE_MAX);
        while ((r = line_reader_next(&reader, &line, &n)) > 0) {
                r = may_count(line, n) ? take_line(settling, line, n) : 0;
                if (r < 0)
                        break;
        }
        line_reader_deinit(&reader);
        return r;
}

int ledger_file_is_settled(const LedgerFiles *files, size_t file) {
        Settling settling = {0};
        size_t n_open;
        int r = 0;

        for (size_t i = file; r == 0 && i < files->n && (i == file || settling.n_open > 0); i++) {
                settling.takes_intents = i == file;
                r = take_file(&settling, files->items[i].file);
        }
        n_open = settling.n_open;
        mem_free(settling.open);
        return r < 0 ? r : n_open == 0;
}
