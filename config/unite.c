/* SPDX-License-Identifier: Apache-2.0 */
/* Unite: the files of a folder as one mapping. */
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "config/loading.h"

/* How far down mappings are united: to the single team, group, kit or artefact, which stands in one file. */
typedef enum Level {
        LEVEL_TOP,
        LEVEL_PROJECTS,
        LEVEL_PROJECT,
        LEVEL_NAMES,
        LEVEL_NONE,
} Level;

static const struct {
        Level level;
        const char *key; /* NULL: any */
        Level below;
} levels[] = {
        {LEVEL_TOP, "defaults", LEVEL_NAMES},
        {LEVEL_TOP, "vars", LEVEL_NAMES},
        {LEVEL_TOP, "kits", LEVEL_NAMES},
        {LEVEL_TOP, "groups", LEVEL_NAMES},
        {LEVEL_TOP, "projects", LEVEL_PROJECTS},
        {LEVEL_PROJECTS, NULL, LEVEL_PROJECT},
        {LEVEL_PROJECT, "teams", LEVEL_NAMES},
        {LEVEL_PROJECT, "groups", LEVEL_NAMES},
        {LEVEL_PROJECT, "repositories", LEVEL_NAMES},
        {LEVEL_PROJECT, "pipeline_folders", LEVEL_NAMES},
        {LEVEL_PROJECT, "areas", LEVEL_NAMES},
        {LEVEL_PROJECT, "service_connections", LEVEL_NAMES},
};

static Level level_below(Level level, const char *key) {
        for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++) {
                if (levels[i].level == level && (!levels[i].key || strcmp(levels[i].key, key) == 0))
                        return levels[i].below;
        }
        return LEVEL_NONE;
}

static uint32_t find_key(const YamlNode *map, const char *key, Level level) {
        bool are_names = level == LEVEL_NAMES || level == LEVEL_PROJECTS;

        for (uint32_t i = 0; i < map->n; i++) {
                if (are_names ? text_equal(map->keys[i]->text, key)
                              : strcmp(map->keys[i]->text, key) == 0)
                        return i;
        }
        return UINT32_MAX;
}

static YamlNode *copy_map(Binder *binder, const YamlNode *map, uint32_t n_more) {
        const Loading *loading = binder->context;
        YamlNode *copy = arena_memdup(loading->frame, map, sizeof(*map));

        copy->keys = arena_alloc(loading->frame, ((size_t)map->n + n_more) * sizeof(*copy->keys));
        copy->items = arena_alloc(loading->frame, ((size_t)map->n + n_more) * sizeof(*copy->items));
        if (map->n > 0) {
                memcpy(copy->keys, map->keys, map->n * sizeof(*copy->keys));
                memcpy(copy->items, map->items, map->n * sizeof(*copy->items));
        }
        return copy;
}

static YamlNode *unite_two(Binder *binder, const YamlNode *a, const YamlNode *b, Level level) {
        YamlNode *both = copy_map(binder, a, b->n);

        for (uint32_t i = 0; i < b->n; i++) {
                YamlNode *key = b->keys[i];
                Level below = level_below(level, key->text);
                uint32_t found = find_key(a, key->text, level);

                if (level == LEVEL_TOP && strcmp(key->text, "charter") == 0)
                        continue;
                if (found == UINT32_MAX) {
                        both->keys[both->n] = key;
                        both->items[both->n++] = b->items[i];
                } else if (below != LEVEL_NONE && a->items[found]->type == YAML_MAP &&
                           b->items[i]->type == YAML_MAP) {
                        both->items[found] =
                                unite_two(binder, a->items[found], b->items[i], below);
                } else {
                        const Place *first = &a->keys[found]->place;

                        bind_error(binder, key->place,
                                   "the key `%s` stands twice; also at %s:%u:%u", key->text,
                                   first->file, first->line, first->column);
                }
        }
        return both;
}

/* By halves: each key is copied as often as the number of files can be halved. */
YamlNode *unite_files(Binder *binder, YamlNode *const *roots, size_t n) {
        if (n == 1)
                return roots[0];
        return unite_two(binder, unite_files(binder, roots, n / 2), unite_files(binder, roots + n / 2, n - n / 2),
                         LEVEL_TOP);
}

static int compare_names(const void *x, const void *y) {
        const YamlNode *const *a = x;
        const YamlNode *const *b = y;

        return text_compare((*a)->text, (*b)->text);
}

void check_names_differ(Binder *binder, const YamlNode *map) {
        YamlNode **sorted = NULL;

        if (map->type != YAML_MAP || map->n < 2)
                return;
        sorted = mem_memdup(NULL, map->keys, map->n * sizeof(*sorted));
        qsort(sorted, map->n, sizeof(*sorted), compare_names);
        for (uint32_t i = 1; i < map->n; i++) {
                const YamlNode *one = sorted[i - 1];
                const YamlNode *other = sorted[i];

                /* The same bytes were told already. */
                if (!text_equal(one->text, other->text) || strcmp(one->text, other->text) == 0)
                        continue;
                if (one->place.line > other->place.line) {
                        one = sorted[i];
                        other = sorted[i - 1];
                }
                bind_error(binder, other->place, "`%s` and `%s` are one name to the service; first at %s:%u:%u",
                           other->text, one->text, one->place.file, one->place.line, one->place.column);
        }
        mem_free(sorted);
}
