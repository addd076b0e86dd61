/* SPDX-License-Identifier: Apache-2.0 */
/* Permission: a bit found by its word, a word by its bit. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "common/model/permission.h"

typedef enum PortalAge {
        PORTAL_TODAY,  /* shown instead of the service's display name */
        PORTAL_BEFORE, /* shown once; still understood */
} PortalAge;

/* What the portal calls a bit where that differs from the namespace's display name (facts §10). */
typedef struct PortalWord {
        const char *namespace;
        uint32_t bit;
        const char *word;
        PortalAge age;
} PortalWord;

#define COLLECTION "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
#define GIT "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"
#define PROJECT "52d39943-cb85-4d7f-8fa8-c6baac873819"

/* clang-format off: one row a line */
static const PortalWord portal_words[] = {
        {COLLECTION, 1, "View instance-level information", PORTAL_TODAY},
        {COLLECTION, 2, "Edit instance-level information", PORTAL_TODAY},
        {GIT, 512, "Delete repository", PORTAL_BEFORE},
        {PROJECT, 33554432, "Agile plans.", PORTAL_BEFORE},
};
/* clang-format on */

enum {
        PORTAL_WORDS_N = sizeof(portal_words) / sizeof(*portal_words),
        PERMISSION_BITS = 32,
        PERMISSION_CANDIDATES_MAX = PERMISSION_BITS * 2 + PORTAL_WORDS_N,
};

static bool is_of(const PortalWord *word, const PermissionNamespace *space) {
        Guid id;

        if (guid_parse(&id, word->namespace) < 0)
                return false;
        return guid_compare(id, space->id) == 0;
}

/* Some display names of the service end in blanks. */
static size_t trimmed_length(const char *text) {
        size_t n = strlen(text);

        while (n > 0 && text[n - 1] == ' ')
                n--;
        return n;
}

static bool is_word(const char *offered, const char *word) {
        return offered && text_equal_n(word, offered, trimmed_length(offered));
}

const PermissionNamespace *permission_table_find(const PermissionTable *table, Guid id) {
        for (size_t i = 0; i < table->n; i++)
                if (guid_compare(table->items[i].id, id) == 0)
                        return &table->items[i];
        return NULL;
}

uint32_t permission_bit(const PermissionNamespace *space, const char *word) {
        for (size_t i = 0; i < space->n_permissions; i++)
                if (is_word(space->permissions[i].name, word) ||
                    is_word(space->permissions[i].display, word))
                        return space->permissions[i].bit;
        for (size_t i = 0; i < PORTAL_WORDS_N; i++)
                if (is_of(&portal_words[i], space) && is_word(portal_words[i].word, word))
                        return portal_words[i].bit & space->all_bits;
        return 0;
}

static const Permission *find_bit(const PermissionNamespace *space, uint32_t bit) {
        for (size_t i = 0; i < space->n_permissions; i++)
                if (space->permissions[i].bit == bit)
                        return &space->permissions[i];
        return NULL;
}

const char *permission_word(Mem *parent, const PermissionNamespace *space, uint32_t bit) {
        const Permission *permission = find_bit(space, bit);
        size_t n = 0;

        if (!permission)
                return mem_printf(parent, "bit %u", bit);
        for (size_t i = 0; i < PORTAL_WORDS_N; i++)
                if (portal_words[i].bit == bit && portal_words[i].age == PORTAL_TODAY &&
                    is_of(&portal_words[i], space))
                        return portal_words[i].word;
        if (!permission->display)
                return permission->name;
        n = trimmed_length(permission->display);
        if (n == 0)
                return permission->name;
        if (permission->display[n])
                return mem_strndup(parent, permission->display, n);
        return permission->display;
}

const char *permission_nearest(const PermissionNamespace *space, const char *word) {
        const char *candidates[PERMISSION_CANDIDATES_MAX];
        size_t n = 0;

        for (size_t i = 0; i < space->n_permissions && i < PERMISSION_BITS; i++) {
                candidates[n++] = space->permissions[i].name;
                if (space->permissions[i].display)
                        candidates[n++] = space->permissions[i].display;
        }
        for (size_t i = 0; i < PORTAL_WORDS_N; i++)
                if (is_of(&portal_words[i], space))
                        candidates[n++] = portal_words[i].word;
        return text_nearest(word, candidates, n);
}
