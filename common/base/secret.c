/* SPDX-License-Identifier: Apache-2.0 */
/* Secret: bytes that are never printed, kept out of core dumps, wiped when freed. */
#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#include <unistd.h>

#include "common/base/secret.h"

struct Secret {
        char *bytes; /* pages of its own */
        size_t n;
        size_t n_mapped;
};

void secret_wipe(void *bytes, size_t n) {
        if (n > 0)
                explicit_bzero(bytes, n);
}

static int destroy(void *object) {
        Secret *secret = object;
        int r = 0;

        secret_wipe(secret->bytes, secret->n_mapped);
        r = munmap(secret->bytes, secret->n_mapped);
        assert(r == 0);
        return 0;
}

Secret *secret_new(Mem *parent, const char *bytes, size_t n) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        Secret *secret = NULL;

        while (n > 0 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
                n--;
        if (n == 0 || n > SECRET_SIZE_MAX)
                return NULL;
        secret = mem_new(parent, Secret);
        secret->n = n;
        secret->n_mapped = (n + 1 + page - 1) / page * page;
        secret->bytes = mmap(NULL, secret->n_mapped, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (secret->bytes == MAP_FAILED)
                mem_exhausted();
        mem_on_free(secret, destroy);
        /* Both as far as the system lets us: not in a core dump, not on a swap disk. */
        (void)madvise(secret->bytes, secret->n_mapped, MADV_DONTDUMP);
        (void)mlock(secret->bytes, secret->n_mapped);
        memcpy(secret->bytes, bytes, n);
        return secret;
}

Secret *secret_free(Secret *secret) {
        return mem_free(secret);
}

bool secret_equal(const Secret *a, const Secret *b) {
        unsigned char differ = 0;

        if (!a || !b)
                return a == b;
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                differ |= (unsigned char)(a->bytes[i] ^ b->bytes[i]);
        return differ == 0;
}

const char *secret_expose(const Secret *secret, size_t *np) {
        if (np)
                *np = secret->n;
        return secret->bytes;
}
