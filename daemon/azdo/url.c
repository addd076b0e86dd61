/* SPDX-License-Identifier: Apache-2.0 */
/* Url: paths below a base address, percent-encoded. */
#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/azdo/url.h"

static bool is_plain(unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c != '\0' && strchr("-._~", c));
}

void url_append_encoded(Text *text, const char *value) {
        bool is_dots = strcmp(value, ".") == 0 || strcmp(value, "..") == 0;

        for (const char *at = value; *at; at++) {
                if (is_plain((unsigned char)*at) && !is_dots)
                        text_append_bytes(text, at, 1);
                else
                        text_appendf(text, "%%%02X", (unsigned char)*at);
        }
}

char *url_build(Mem *parent, const char *pattern, ...) {
        Text text;
        va_list arguments;
        const char *at = pattern;
        const char *argument = NULL;

        text_init(&text, parent);
        va_start(arguments, pattern);
        for (const char *hole = strstr(at, "{}"); hole; hole = strstr(at, "{}")) {
                argument = va_arg(arguments, const char *);
                assert(argument);
                text_append_bytes(&text, at, (size_t)(hole - at));
                url_append_encoded(&text, argument);
                at = hole + 2;
        }
        argument = va_arg(arguments, const char *);
        assert(!argument);
        va_end(arguments);
        text_append(&text, at);
        return text_end(&text);
}
