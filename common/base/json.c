/* SPDX-License-Identifier: Apache-2.0 */
/* Json: strict reading over cJSON. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "common/base/json.h"

/* cJSON reads what it should not: control characters as blanks, `01`, `1.`, unpaired surrogates,
 * text after the document; and cuts numbers. So the grammar is checked before it sees the bytes. */
enum {
        NUMBER_LENGTH_MAX = 62, /* more would be cut by cJSON */
        SURROGATE_HIGH_FIRST = 0xD800,
        SURROGATE_LOW_FIRST = 0xDC00,
        SURROGATE_END = 0xE000,
};
#define INTEGER_EXACT_MAX 9007199254740992.0 /* 2^53: a double holds no larger one exactly */

typedef struct Scan {
        const char *at;
        const char *end;
        const char *reason;
} Scan;

static bool fail(Scan *scan, const char *reason) {
        if (!scan->reason)
                scan->reason = reason;
        return false;
}

static char look(const Scan *scan) {
        if (scan->at < scan->end)
                return *scan->at;
        return '\0';
}

static void skip_blanks(Scan *scan) {
        while (scan->at < scan->end && strchr(" \t\r\n", *scan->at))
                scan->at++;
}

static bool scan_hex(Scan *scan, unsigned *valuep) {
        *valuep = 0;
        for (int i = 0; i < 4; i++, scan->at++) {
                char c = look(scan);
                const char *digits = "0123456789abcdef";
                const char *digit =
                        c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

                if (!digit)
                        return fail(scan, "a bad \\u escape");
                *valuep = *valuep * 16 + (unsigned)(digit - digits);
        }
        return true;
}

/* After `\u`. */
static bool scan_code_point(Scan *scan) {
        unsigned value = 0;

        if (!scan_hex(scan, &value))
                return false;
        if (value == 0)
                return fail(scan, "\\u0000 in text");
        if (value < SURROGATE_HIGH_FIRST || value >= SURROGATE_END)
                return true;
        if (value >= SURROGATE_LOW_FIRST)
                return fail(scan, "half a surrogate pair");
        if (look(scan) != '\\' || scan->end - scan->at < 2 || scan->at[1] != 'u')
                return fail(scan, "half a surrogate pair");
        scan->at += 2;
        if (!scan_hex(scan, &value))
                return false;
        if (value < SURROGATE_LOW_FIRST || value >= SURROGATE_END)
                return fail(scan, "half a surrogate pair");
        return true;
}

static bool scan_string(Scan *scan) {
        if (look(scan) != '"')
                return fail(scan, "text expected");
        scan->at++;
        while (scan->at < scan->end) {
                unsigned char c = (unsigned char)*scan->at++;

                if (c == '"')
                        return true;
                if (c < 0x20)
                        return fail(scan, "a control character in text");
                if (c != '\\')
                        continue;
                c = (unsigned char)look(scan);
                scan->at += scan->at < scan->end;
                if (c == 'u') {
                        if (!scan_code_point(scan))
                                return false;
                } else if (c == '\0' || !strchr("\"\\/bfnrt", c)) {
                        return fail(scan, "an unknown escape");
                }
        }
        return fail(scan, "the document is cut");
}

static bool scan_digits(Scan *scan) {
        const char *start = scan->at;

        while (look(scan) >= '0' && look(scan) <= '9')
                scan->at++;
        return scan->at > start || fail(scan, "a bad number");
}

static bool scan_number(Scan *scan) {
        const char *start = scan->at;

        if (look(scan) == '-')
                scan->at++;
        if (look(scan) == '0')
                scan->at++;
        else if (!scan_digits(scan))
                return false;
        if (look(scan) == '.') {
                scan->at++;
                if (!scan_digits(scan))
                        return false;
        }
        if (look(scan) == 'e' || look(scan) == 'E') {
                scan->at++;
                if (look(scan) == '+' || look(scan) == '-')
                        scan->at++;
                if (!scan_digits(scan))
                        return false;
        }
        return scan->at - start <= NUMBER_LENGTH_MAX || fail(scan, "a number too long");
}

static bool scan_word(Scan *scan, const char *word) {
        size_t n = strlen(word);

        if ((size_t)(scan->end - scan->at) < n || memcmp(scan->at, word, n) != 0)
                return fail(scan,
                            scan->at == scan->end ? "the document is cut" : "a value expected");
        scan->at += n;
        return true;
}

static bool scan_value(Scan *scan, int depth);

/* The inside of an object or array up to its end. */
static bool scan_members(Scan *scan, char close, int depth) {
        scan->at++;
        skip_blanks(scan);
        if (look(scan) == close) {
                scan->at++;
                return true;
        }
        for (;;) {
                skip_blanks(scan);
                if (close == '}') {
                        if (!scan_string(scan))
                                return false;
                        skip_blanks(scan);
                        if (look(scan) != ':')
                                return fail(scan, "a colon expected");
                        scan->at++;
                        skip_blanks(scan);
                }
                if (!scan_value(scan, depth))
                        return false;
                skip_blanks(scan);
                if (look(scan) != ',' && look(scan) != close)
                        return fail(scan, scan->at == scan->end ? "the document is cut"
                                                                : "a comma expected");
                if (*scan->at++ == close)
                        return true;
        }
}

static bool scan_value(Scan *scan, int depth) {
        char c = look(scan);

        if (c == '{' || c == '[') {
                if (depth == JSON_DEPTH_MAX)
                        return fail(scan, "nested too deep");
                return scan_members(scan, c == '{' ? '}' : ']', depth + 1);
        }
        if (c == '"')
                return scan_string(scan);
        if (c == '-' || (c >= '0' && c <= '9'))
                return scan_number(scan);
        return scan_word(scan, c == 't' ? "true" : c == 'f' ? "false" : "null");
}

static int compare_keys(const void *x, const void *y) {
        const char *const *a = x;
        const char *const *b = y;

        return strcmp(*a, *b);
}

static bool has_duplicate_key(const cJSON *object) {
        size_t n = json_count(object);
        const char **keys = NULL;
        bool duplicate = false;
        size_t i = 0;

        if (n < 2)
                return false;
        keys = mem_new_array(NULL, const char *, n);
        json_each(item, object) keys[i++] = item->string;
        qsort(keys, n, sizeof(*keys), compare_keys);
        for (i = 1; i < n && !duplicate; i++)
                duplicate = strcmp(keys[i - 1], keys[i]) == 0;
        mem_free(keys);
        return duplicate;
}

static bool any_duplicate_key(const cJSON *node) {
        if (cJSON_IsObject(node) && has_duplicate_key(node))
                return true;
        json_each(item, node) {
                if (any_duplicate_key(item))
                        return true;
        }
        return false;
}

typedef struct JsonTree {
        cJSON *root;
} JsonTree;

static int destroy(void *object) {
        JsonTree *tree = object;

        cJSON_Delete(tree->root);
        return 0;
}

int json_parse(Mem *parent, const char *bytes, size_t n, JsonNode **nodep, const char **reasonp) {
        Scan scan = {.at = bytes, .end = bytes + n};
        JsonTree *tree = NULL;

        if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
                scan.at += 3;
        *reasonp = NULL;
        if (!text_is_utf8(scan.at, (size_t)(scan.end - scan.at)))
                *reasonp = "not valid UTF-8";
        if (*reasonp)
                return -EBADMSG;
        bytes = scan.at;
        skip_blanks(&scan);
        if (scan_value(&scan, 0)) {
                skip_blanks(&scan);
                if (scan.at < scan.end)
                        (void)fail(&scan, "bytes after the document");
        }
        *reasonp = scan.reason;
        if (*reasonp)
                return -EBADMSG;
        tree = mem_new(parent, JsonTree);
        tree->root = cJSON_ParseWithLength(bytes, (size_t)(scan.end - bytes));
        if (!tree->root) /* the grammar is right, so only memory can be short */
                mem_exhausted();
        mem_on_free(tree, destroy);
        if (any_duplicate_key(tree->root)) {
                mem_free(tree);
                *reasonp = "a key stands twice in an object";
                return -EBADMSG;
        }
        *nodep = tree->root;
        return 0;
}

bool json_is_object(const JsonNode *node) {
        return cJSON_IsObject(node);
}

bool json_is_array(const JsonNode *node) {
        return cJSON_IsArray(node);
}

bool json_is_null(const JsonNode *node) {
        return cJSON_IsNull(node);
}

const JsonNode *json_get(const JsonNode *object, const char *key) {
        return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

const char *json_get_text(const JsonNode *object, const char *key) {
        return json_value_text(json_get(object, key));
}

const char *json_value_text(const JsonNode *node) {
        return node && cJSON_IsString(node) ? node->valuestring : NULL;
}

int json_value_int(const JsonNode *node, int64_t min, int64_t max, int64_t *valuep) {
        int64_t value = 0;

        if (!node || !cJSON_IsNumber(node) || trunc(node->valuedouble) != node->valuedouble ||
            fabs(node->valuedouble) > INTEGER_EXACT_MAX)
                return -EBADMSG;
        value = (int64_t)node->valuedouble;
        if (value < min || value > max)
                return -EBADMSG;
        *valuep = value;
        return 0;
}

int json_get_int(const JsonNode *object, const char *key, int64_t min, int64_t max,
                 int64_t *valuep) {
        return json_value_int(json_get(object, key), min, max, valuep);
}

int json_get_bool(const JsonNode *object, const char *key, bool *valuep) {
        const cJSON *node = json_get(object, key);

        if (!cJSON_IsBool(node))
                return -EBADMSG;
        *valuep = cJSON_IsTrue(node);
        return 0;
}

const JsonNode *json_first(const JsonNode *container) {
        return cJSON_IsObject(container) || cJSON_IsArray(container) ? container->child : NULL;
}

const JsonNode *json_next(const JsonNode *node) {
        return node->next;
}

const char *json_key(const JsonNode *node) {
        return node->string;
}

size_t json_count(const JsonNode *container) {
        size_t n = 0;

        json_each(item, container) n++;
        return n;
}
