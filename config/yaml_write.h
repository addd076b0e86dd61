/* SPDX-License-Identifier: Apache-2.0 */
/* YamlWrite: YAML for people, from a tree of text, lists and maps, that reads back as what it was. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/text.h"
#include "config/yaml.h"

enum {
        YAML_WRITE_WIDTH = 120, /* columns; longer than that is only what cannot be broken */
};

typedef enum YamlWriteStyle {
        YAML_WRITE_SHORT, /* in one line where it fits */
        YAML_WRITE_FILL,  /* in one line, else as much in each line as fits */
        YAML_WRITE_BLOCK, /* an entry a line, whatever its length */
} YamlWriteStyle;

/* What is to be written; nodes, keys and texts live below whatever they were made below. */
typedef struct YamlOut YamlOut;
struct YamlOut {
        YamlType type; /* not YAML_NULL */
        YamlWriteStyle style;
        const char *text; /* valid UTF-8 without NUL */
        bool is_word;     /* of text: never quoted */
        const char **keys; /* of a map */
        YamlOut **items;
        size_t n, n_keys;
        const char **comments; /* lines before it, at its own column */
        size_t n_comments;
        const char *remark; /* a comment behind it; or NULL */
        bool is_apart;      /* an empty line before it */
};

YamlOut *yaml_out_text(Mem *parent, const char *text);
/* `true`, `1`: what is not quoted, though a reader may take it for something else than text. */
YamlOut *yaml_out_word(Mem *parent, const char *word);
YamlOut *yaml_out_list(Mem *parent);
YamlOut *yaml_out_map(Mem *parent);
/* Adds to a list, to a map; answers the item. */
YamlOut *yaml_out_add(YamlOut *list, YamlOut *item);
YamlOut *yaml_out_set(YamlOut *map, const char *key, YamlOut *item);
/* A line of its own before the node; what cannot be seen of it is escaped. */
void yaml_out_comment(YamlOut *node, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One scalar as it may stand anywhere: plain where nobody takes it for anything but text, else quoted. */
void yaml_write_text(Text *text, const char *scalar);
/* The document. */
void yaml_write(const YamlOut *root, Text *text);
/* Lines that yaml_write() makes of it. */
size_t yaml_write_lines(const YamlOut *root);
