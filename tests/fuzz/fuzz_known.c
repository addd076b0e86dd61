/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzKnown: known.json that is taken is written so that it is taken again, and says the same. */
#include <assert.h>
#include <string.h>

#include "daemon/engine/known.h"
#include "tests/fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_new(NULL, char);
        const char *reason = NULL;
        Known *known = NULL;
        Text once, twice;

        if (known_parse(mem, (const char *)bytes, n, &known, &reason) == 0) {
                text_init(&once, mem);
                text_init(&twice, mem);
                known_write(known, &once);
                assert(known_parse(mem, once.data, once.n, &known, &reason) == 0);
                known_write(known, &twice);
                assert(strcmp(once.data, twice.data) == 0);
        } else {
                assert(reason && *reason);
        }
        mem_free(mem);
        return 0;
}
