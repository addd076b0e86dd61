/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzKnown: known.json that is taken is written so that it is taken again, and says the same. */
#include <assert.h>
#include <string.h>

#include "daemon/engine/known.h"
#include "tests/fuzz/target.h"

/* Entries stand in order, and each is found by its name and, unless another has it too, by its id.
 */
static void check_entries(const Known *known) {
        size_t n = 0;
        const KnownEntry *entries = known_entries(known, &n);

        for (size_t i = 0; i < n; i++) {
                const KnownKey *key = &entries[i].key;
                const KnownEntry *same =
                        known_find_id(known, key->organization, key->kind, entries[i].id);

                assert(known_find(known, key) == &entries[i]);
                assert(same && text_equal(same->id, entries[i].id));
        }
}

/* What is noted is found until it is forgotten, also by its new name. */
static void change(Known *known) {
        const KnownKey own = {"https://dev.azure.com/fuzz", KIND_TEAM, "MLOps", "Ops"};
        size_t n = 0;
        KnownKey key = known_entries(known, &n)[n / 2].key;
        KnownKey renamed = key;

        (void)known_note(known, &own, "1", KNOWN_SEEN, 1);
        assert(known_find(known, &own)->seen_at == 1);
        (void)known_note(known, &key, "2", KNOWN_WRITTEN, 2);
        assert(!known_note(known, &key, "2", KNOWN_SEEN, 3));
        assert(known_note(known, &key, "3", KNOWN_SEEN, 4));
        renamed.name = "another";
        assert(known_rename(known, &key, renamed.name) &&
               known_find(known, &renamed)->seen_at == 4);
        check_entries(known);
        assert(known_forget(known, &renamed) && !known_forget(known, &renamed));
        assert(!known_rename(known, &renamed, "x") && !known_find(known, &renamed));
        check_entries(known);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_new(NULL, char);
        const char *reason = NULL;
        Known *known = NULL;
        Text once, twice;
        size_t n_entries = 0;

        if (known_parse(mem, (const char *)bytes, n, &known, &reason) == 0) {
                text_init(&once, mem);
                text_init(&twice, mem);
                known_write(known, &once);
                assert(known_parse(mem, once.data, once.n, &known, &reason) == 0);
                known_write(known, &twice);
                assert(strcmp(once.data, twice.data) == 0);
                check_entries(known);
                (void)known_entries(known, &n_entries);
                if (n_entries > 0)
                        change(known);
        } else {
                assert(reason && *reason);
        }
        mem_free(mem);
        return 0;
}
