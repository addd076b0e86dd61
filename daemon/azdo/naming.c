/* SPDX-License-Identifier: Apache-2.0 */
/* Naming: the body by which a thing is made that needs a name alone. */
#include <string.h>

#include "common/base/json.h"
#include "daemon/azdo/naming.h"

char *naming_body(Mem *parent, const char *name) {
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "name", name);
        json_write_object_end(&writer);
        return text.data;
}

const char *naming_leaf(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

char *naming_above(Mem *parent, const char *path) {
        const char *slash = strrchr(path, '/');

        return slash ? mem_strndup(parent, path, (size_t)(slash - path)) : NULL;
}
