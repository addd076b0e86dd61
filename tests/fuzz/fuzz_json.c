/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzJson: what is read strictly is written as JSON that reads the same. */
#include <assert.h>
#include <string.h>

#include "common/base/json.h"
#include "tests/fuzz/target.h"

static void write_value(JsonWriter *writer, const char *key, const JsonNode *node) {
        const char *text = json_value_text(node);
        int64_t number = 0;
        bool truth = false;

        if (json_is_object(node)) {
                json_write_object(writer, key);
                json_each(member, node) {
                        /* No key stands twice, so each leads to its own member. */
                        assert(json_get(node, json_key(member)) == member);
                        assert(json_get_text(node, json_key(member)) == json_value_text(member));
                        if (json_get_int(node, json_key(member), INT64_MIN, INT64_MAX, &number) ==
                            0)
                                json_write_int(writer, json_key(member), number);
                        else if (json_get_bool(node, json_key(member), &truth) == 0)
                                json_write_bool(writer, json_key(member), truth);
                        else
                                write_value(writer, json_key(member), member);
                }
                json_write_object_end(writer);
        } else if (json_is_array(node)) {
                json_write_array(writer, key);
                json_each(item, node) write_value(writer, NULL, item);
                json_write_array_end(writer);
        } else if (text) {
                json_write_text(writer, key, text);
        } else {
                assert(json_count(node) == 0);
                json_write_null(writer, key);
        }
}

static char *write_again(Mem *mem, const char *bytes, size_t n) {
        JsonNode *node = NULL;
        const char *reason = NULL;
        JsonWriter writer;
        Text text;

        if (json_parse(mem, bytes, n, &node, &reason) < 0) {
                assert(reason);
                return NULL;
        }
        text_init(&text, mem);
        json_writer_init(&writer, &text, /* indent= */ 0);
        write_value(&writer, NULL, node);
        return text.data;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_new(NULL, char);
        char *once = write_again(mem, (const char *)bytes, n);
        char *twice = once ? write_again(mem, once, strlen(once)) : NULL;

        assert(!once || (twice && strcmp(once, twice) == 0));
        mem_free(mem);
        return 0;
}
