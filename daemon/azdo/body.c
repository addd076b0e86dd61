/* SPDX-License-Identifier: Apache-2.0 */
/* Body: the JSON of an answer, taken apart with one constant sentence for what is wrong. */
#include <errno.h>
#include <stdint.h>

#include "daemon/azdo/body.h"

int body_fail(const char **reasonp, const char *sentence) {
        *reasonp = sentence;
        return -EBADMSG;
}

int body_parse(Mem *scratch, const Reply *reply, const JsonNode **rootp, const char **reasonp) {
        JsonNode *root = NULL;
        int r = json_parse(scratch, reply->body, reply->n_body, &root, reasonp);

        *rootp = root;
        return r;
}

int body_object(Mem *scratch, const Reply *reply, const JsonNode **objectp, const char **reasonp) {
        int r = body_parse(scratch, reply, objectp, reasonp);

        if (r < 0)
                return r;
        return json_is_object(*objectp) ? 0 : body_fail(reasonp, "the answer is no object");
}

static int check_list(const JsonNode *root, size_t n, const char **reasonp) {
        int64_t count = 0;

        if (!json_is_array(json_get(root, "value")))
                return body_fail(reasonp, "the answer has no list in `value`");
        if (!json_get(root, "count"))
                return 0;
        if (json_get_int(root, "count", 0, INT64_MAX, &count) < 0 || (size_t)count != n)
                return body_fail(reasonp, "the answer's `count` is not the number of its elements");
        return 0;
}

int body_list(Mem *scratch, const Reply *reply, const JsonNode **valuep, const char **reasonp) {
        const JsonNode *root = NULL;
        int r = body_parse(scratch, reply, &root, reasonp);

        if (r < 0)
                return r;
        *valuep = json_get(root, "value");
        return check_list(root, json_count(*valuep), reasonp);
}

int body_check_cut_list(const char *bytes, size_t n_bytes, size_t n, const char **reasonp) {
        Mem *scratch = mem_new(NULL, char);
        JsonNode *root = NULL;
        int r = json_parse(scratch, bytes, n_bytes, &root, reasonp);

        if (r == 0)
                r = check_list(root, n, reasonp);
        if (r == 0 && json_first(json_get(root, "value")))
                r = body_fail(reasonp, "the answer writes the name of its list in an unusual way");
        mem_free(scratch);
        return r;
}

int body_guid(const JsonNode *object, const char *key, Guid *guidp) {
        const char *text = json_get_text(object, key);

        return text && guid_parse(guidp, text) == 0 && !guid_is_null(*guidp) ? 0 : -EBADMSG;
}

const char *body_text(const JsonNode *object, const char *key) {
        const char *text = json_get_text(object, key);

        return text && *text ? text : NULL;
}
