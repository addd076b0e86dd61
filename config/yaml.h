/* SPDX-License-Identifier: Apache-2.0 */
/* Yaml: a tree of text, lists and maps, each with its place. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/diag.h"
#include "common/base/mem.h"

enum {
        YAML_DEPTH_MAX = 24,
        YAML_NODES_MAX = 500 * 1000, /* of a file, each alias counted as what it stands for */
        YAML_ANCHORS_MAX = 1000,
};

typedef enum YamlType {
        YAML_NULL, /* nothing, `~` or `null`, unquoted */
        YAML_TEXT,
        YAML_LIST,
        YAML_MAP,
} YamlType;

typedef struct YamlNode YamlNode;
struct YamlNode {
        Place place;
        YamlType type;
        bool plain;       /* of text: neither quoted nor a block */
        uint32_t n;       /* of a list or map */
        uint32_t n_nodes; /* with everything below, aliases expanded */
        const char *text; /* of text; of nothing as it was written */
        YamlNode **items; /* of a list; the values of a map */
        YamlNode **keys;  /* of a map: text; in the order written */
};

/* Parses one document. `name` is the file of all places and lives as long as they do. Nodes live below `parent`; an
 * alias is the node it stands for. 0: a tree, and mistakes that do not hinder reading are in
 * `diags`; -EBADMSG: the rest cannot be read, the diagnostic says so. */
int yaml_parse(Mem *parent, const char *bytes, size_t n, const char *name, DiagList *diags,
               YamlNode **nodep);
/* The value of a key, compared byte by byte, or NULL. */
const YamlNode *yaml_get(const YamlNode *map, const char *key);
/* `text`, `a list`, `a mapping`, `nothing`: for diagnostics. */
const char *yaml_type_words(const YamlNode *node);
