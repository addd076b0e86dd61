/* SPDX-License-Identifier: Apache-2.0 */
/* Message: which sentences of the log are explained by the journal's catalogue. */
#include <stddef.h>
#include <string.h>

#include "common/base/message.h"

/* clang-format off: one row a line */
static const struct {
        const char *sentence;
        const char *id;
} rows[] = {
        {"steps are held", "6eb4612aecf54141adcb991df58f512d"},
        {"pass failed", "8342e3d9e45c4fb48e26092c82c2ed07"},
        {"project not planned", "e0798a8d4a3d43828a619e37c5700e32"},
        {"not changed", "f9d4c8e768f947df85082e4deed90e73"},
        {"finding", "a99de97ef5e648e983497547e5c5aa1f"},
        {"the ledger cannot be written: until it can, nothing is changed in the service", "70ac4767ef1347b69f7a00ccae8a46c0"},
        {"the new settings are not taken; the old ones stay in force", "f86df9a3d9024a3c9e2df237264e2b67"},
        {"the new charter is not taken; the old one stays in force", "b7ae2b50cd764233ab3819d41f721731"},
        {"there is no charter yet; waiting for one", "4581ab11a5e948b2aabb4e4cd3fc47b7"},
        {"charterd cannot start", "1894f7706d8741d5b4f7bf9facff560f"},
        {"charterd does not move on; its watchdog is to start it anew", "a0b0f200aca8459c8e6eb12970a86751"},
};
/* clang-format on */

const char *message_id(const char *sentence) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (strcmp(rows[i].sentence, sentence) == 0)
                        return rows[i].id;
        return NULL;
}
