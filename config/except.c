/* SPDX-License-Identifier: Apache-2.0 */
/* Except: patterns of principals that unlisted handling never changes (charter.md, except). */
#include <ctype.h>
#include <string.h>

#include "config/loading.h"

enum {
        STORAGE_KEY_DIGITS_MIN = 8, /* of a storage key with `*`: fewer are a display name */
};

/* `[Scope]\Name` */
static bool is_of_group(const char *pattern) {
        const char *end = pattern[0] == '[' ? strstr(pattern, "]\\") : NULL;

        return end && end > pattern + 1 && end[2];
}

/* `user@domain`, each part perhaps a `*`. */
static bool is_of_user(const char *pattern) {
        const char *at = strchr(pattern, '@');

        return at && at > pattern && at[1] && !strchr(at + 1, '@');
}

static bool is_of_storage_key(const char *pattern) {
        size_t n_digits = 0;

        for (const char *c = pattern; *c; c++) {
                if (!isxdigit((unsigned char)*c) && *c != '-' && *c != '*')
                        return false;
                n_digits += isxdigit((unsigned char)*c) != 0;
        }
        return n_digits >= STORAGE_KEY_DIGITS_MIN;
}

void take_except(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        Except *except = target;

        if (!bind_expect(binder, value, YAML_LIST))
                return;
        except->items = arena_alloc(binder->arena, value->n * sizeof *except->items);
        for (uint32_t i = 0; i < value->n; i++) {
                const char *pattern = bind_text(binder, value->items[i]);

                if (!pattern)
                        continue;
                if (is_of_group(pattern) || is_of_user(pattern) || is_of_storage_key(pattern))
                        except->items[except->n++] = (Word){pattern, value->items[i]->place};
                else
                        bind_error(binder, value->items[i]->place,
                                   "`%s` is neither user@domain nor [Scope]\\Name nor a storage key, each perhaps with "
                                   "`*`; nobody is told by a display name",
                                   pattern);
        }
}
