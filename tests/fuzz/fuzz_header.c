/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzHeader: whatever lines stand before a body, times are none or within bounds. */
#include <assert.h>
#include <string.h>

#include "daemon/net/header.h"
#include "tests/fuzz/target.h"

enum {
        WALL_MS = 1767225600 /* 2026-01-01, in seconds */
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_new(NULL, char);
        Reply reply = {0};

        header_reset(&reply);
        for (size_t at = 0; at < n;) {
                const uint8_t *end = memchr(bytes + at, '\n', n - at);
                size_t length = end ? (size_t)(end - bytes) + 1 - at : n - at;

                header_take(mem, &reply, (const char *)bytes + at, length, (int64_t)WALL_MS * 1000);
                at += length;
        }
        assert(reply.retry_after_ms >= -1 && reply.retry_after_ms <= (int64_t)HEADER_SECONDS_MAX * 1000);
        assert(reply.rate_limit_delay_ms >= -1 &&
               reply.rate_limit_delay_ms <= (int64_t)HEADER_SECONDS_MAX * 1000);
        assert(reply.rate_limit_reset_ms >= -1 &&
               reply.rate_limit_reset_ms <= (int64_t)HEADER_SECONDS_MAX * 1000);
        (void)header_is_json_success(&reply);
        mem_free(mem);
        return 0;
}
