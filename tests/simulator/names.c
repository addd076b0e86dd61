/* SPDX-License-Identifier: Apache-2.0 */
/* Which names the service accepts (facts §9). */
#include "tests/simulator/names.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include <unictype.h>
#include <unistr.h>

enum {
        FIRST_SUPPLEMENTARY = 0x10000, /* from here on UTF-16 needs surrogates, which are forbidden */
        FIRST_PRINTABLE = 0x20,
};

#define FORBIDDEN_COMMON "/:\\~&%;@'\"?<>|#$*}{,+=[]"

static const char *const RESERVED_DEVICES[] = {
        "PRN",  "NUL",  "CON",  "AUX",  "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8",
        "COM9", "COM10", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", NULL,
};

static const char *const RESERVED_PROJECTS[] = {
        "SERVER",   "SignalR",             "DefaultCollection",  "Web",        "App_Browsers",
        "App_code", "App_Data",            "App_GlobalResources", "App_LocalResources",
        "App_Themes", "App_WebResources", "bin",                "web.config", NULL,
};

static const char *const RESERVED_NODES[] = {".", "..", NULL};
static const char *const RESERVED_GROUPS[] = {"$NAMESPACE", NULL};
static const char *const RESERVED_NONE[] = {NULL};

typedef struct NameRule {
        size_t length_max; /* in UTF-16 units */
        const char *too_long;
        const char *forbidden;
        bool devices;           /* names of DOS devices are reserved */
        bool plain_start;       /* may not begin with "_" or "." */
        bool plain_end;         /* may not end with "." */
        bool no_ellipsis;       /* neither ".." nor "…" */
        bool no_surrogates;
        const char *const *reserved;
} NameRule;

#define TOO_LONG(n) "is longer than " #n " characters"

static const NameRule RULES[N_NAME_KINDS] = {
        [NAME_PROJECT] = {64, TOO_LONG(64), FORBIDDEN_COMMON, true, true, true, false, true, RESERVED_PROJECTS},
        [NAME_REPOSITORY] = {64, TOO_LONG(64), FORBIDDEN_COMMON, false, true, true, false, true, RESERVED_NONE},
        [NAME_TEAM] = {64, TOO_LONG(64), FORBIDDEN_COMMON, true, true, true, true, true, RESERVED_NONE},
        [NAME_GROUP] = {256, TOO_LONG(256), "\"/\\[]:|<>+=;?*,", false, false, true, false, false, RESERVED_GROUPS},
        [NAME_NODE] = {255, TOO_LONG(255), "\\/:*?\"<>|#$&*+", true, false, false, false, true, RESERVED_NODES},
        [NAME_QUERY] = {255, TOO_LONG(255), "\\/:*?\"<>|#$&*+", false, false, false, false, true, RESERVED_NODES},
};

static bool listed(const char *const *names, const char *name) {
        for (; *names; names++) {
                if (strcasecmp(*names, name) == 0)
                        return true;
        }
        return false;
}

static const char *characters_refusal(const NameRule *rule, const char *name, size_t *lengthp) {
        const uint8_t *at = (const uint8_t *)name;
        ucs4_t point;

        *lengthp = 0;
        while ((at = u8_next(&point, at))) {
                *lengthp += point >= FIRST_SUPPLEMENTARY ? 2 : 1;
                if (point < FIRST_PRINTABLE || uc_is_general_category(point, UC_CATEGORY_Cc))
                        return "contains a control character";
                if (rule->no_surrogates && point >= FIRST_SUPPLEMENTARY)
                        return "contains a surrogate character";
                if (point < 0x80 && strchr(rule->forbidden, (int)point))
                        return "contains a character that is not allowed";
        }
        return NULL;
}

static const char *edges_refusal(const NameRule *rule, const char *name, size_t size) {
        if (rule->plain_start && (name[0] == '_' || name[0] == '.'))
                return "begins with a character that is not allowed there";
        if (rule->plain_end && name[size - 1] == '.')
                return "ends with a full stop";
        if (rule->no_ellipsis && (strstr(name, "..") || strstr(name, "\xe2\x80\xa6")))
                return "contains an ellipsis";
        return NULL;
}

const char *name_refusal(NameKind kind, const char *name) {
        const NameRule *rule = &RULES[kind];
        const char *refusal;
        size_t length, size = name ? strlen(name) : 0;

        if (size == 0 || strspn(name, " ") == size)
                return "is empty";
        if (u8_check((const uint8_t *)name, size))
                return "is not valid Unicode";
        refusal = characters_refusal(rule, name, &length);
        if (refusal)
                return refusal;
        if (length > rule->length_max)
                return rule->too_long;
        if ((rule->devices && listed(RESERVED_DEVICES, name)) || listed(rule->reserved, name))
                return "is reserved by the system";
        return edges_refusal(rule, name, size);
}
