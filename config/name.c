/* SPDX-License-Identifier: Apache-2.0 */
/* Name: what the service lets a thing be called. */
#include <string.h>
#include <strings.h>

#include "common/base/guid.h"
#include "common/base/text.h"
#include "common/base/visible.h"
#include "config/name.h"

enum {
        PATH_LENGTH_MAX = 4000,
        PATH_LEVELS_MAX = 13, /* fewer than 14 */
        USER_LENGTH_MAX = 256,
        ELLIPSIS = 0x2026,
};

typedef enum NameTrait {
        NAME_NO_UNDERSCORE_FIRST = 1 << 0,
        NAME_NO_DOT_FIRST = 1 << 1,
        NAME_NO_DOT_LAST = 1 << 2,
        NAME_NO_DOTS = 1 << 3,     /* `..` and `…` anywhere */
        NAME_NOT_DOTS = 1 << 4,    /* not `.` or `..` whole */
        NAME_NOT_DEVICE = 1 << 5,  /* the reserved names of DOS */
        NAME_NOT_RESERVED = 1 << 6 /* those of web servers too */
} NameTrait;

typedef struct NameRule {
        size_t length_max; /* UTF-16 code units */
        const char *forbidden;
        unsigned traits;
} NameRule;

#define ARTEFACT_FORBIDDEN "/:\\~&%;@'\"?<>|#$*}{,+=[]"
#define GROUP_FORBIDDEN "\"/\\[]:|<>+=;?*,"
#define NODE_FORBIDDEN "\\/:*?\"<>|#$&+"
#define EDGES (NAME_NO_UNDERSCORE_FIRST | NAME_NO_DOT_FIRST | NAME_NO_DOT_LAST)

/* clang-format off: one row a line */
static const NameRule rules[_KIND_N] = {
        [KIND_PROJECT] = {64, ARTEFACT_FORBIDDEN, EDGES | NAME_NOT_DEVICE | NAME_NOT_RESERVED},
        [KIND_REPOSITORY] = {64, ARTEFACT_FORBIDDEN, EDGES},
        [KIND_TEAM] = {64, ARTEFACT_FORBIDDEN, EDGES | NAME_NO_DOTS | NAME_NOT_DEVICE},
        [KIND_GROUP] = {256, GROUP_FORBIDDEN, NAME_NO_DOT_LAST},
        [KIND_AREA] = {255, NODE_FORBIDDEN, NAME_NOT_DOTS | NAME_NOT_DEVICE},
        [KIND_PIPELINE_FOLDER] = {255, "/\\", NAME_NOT_DOTS},
        [KIND_ITERATION] = {255, NODE_FORBIDDEN, NAME_NOT_DOTS | NAME_NOT_DEVICE},
        [KIND_QUERY] = {255, "/\\", 0},
        [KIND_PIPELINE] = {260, "/\\", 0},
        [KIND_BRANCH] = {400, " ~^:?[\\", 0},
        [KIND_RELEASE_FOLDER] = {255, "/\\", NAME_NOT_DOTS},
        [KIND_SERVICE_CONNECTION] = {255, "", 0},
};
/* clang-format on */
/* Of ids, where the kind has no rule of its own. */
static const NameRule id_rule = {36, "/\\", 0};

static const NameRule *rule_of(Kind kind) {
        return !rules[kind].forbidden && kind_has(kind, KIND_IS_NAMED_BY_ID) ? &id_rule : &rules[kind];
}

static const char *const device_names[] = {
        "PRN",  "COM1", "COM2",  "COM3", "COM4", "COM5", "COM6", "COM7",
        "COM8", "COM9", "COM10", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5",
        "LPT6", "LPT7", "LPT8",  "LPT9", "NUL",  "CON",  "AUX",
};
static const char *const reserved_names[] = {
        "SERVER",
        "SignalR",
        "DefaultCollection",
        "Web",
        "App_Browsers",
        "App_code",
        "App_Data",
        "App_GlobalResources",
        "App_LocalResources",
        "App_Themes",
        "App_WebResources",
        "bin",
        "web.config",
};

static const char *const builtin_groups[] = {
        "Build Administrators",    "Contributors",      "Deployment Group Administrators",
        "Endpoint Administrators", "Endpoint Creators", "Project Administrators",
        "Project Valid Users",     "Readers",           "Release Administrators",
};
static const char *const administrators_groups[] = {
        "Build Administrators",   "Deployment Group Administrators",   "Endpoint Administrators",
        "Project Administrators", "Project Collection Administrators", "Release Administrators",
};

#define is_one_of(name, list) is_listed((name), (list), sizeof(list) / sizeof(*(list)))

static bool is_listed(const char *name, const char *const *list, size_t n) {
        for (size_t i = 0; i < n; i++) {
                if (text_equal(list[i], name))
                        return true;
        }
        return false;
}

bool name_is_builtin_group(const char *project, const char *name) {
        size_t n = strlen(project);

        return is_one_of(name, builtin_groups) ||
               (text_has_prefix(name, project) && strlen(name) > n &&
                text_equal(name + n, " Team"));
}

bool name_is_administrators_group(const char *name) {
        return is_one_of(name, administrators_groups);
}

static bool is_visible(const char *name) {
        size_t n = strlen(name);

        for (size_t at = 0, length = 0; at < n; at += length)
                if (!visible_is(text_code_point(name + at, n - at, &length)))
                        return false;
        return true;
}

/* Two words with the separator between them, and without what neither may have. */
static bool is_two_words(const char *name, char separator, const char *forbidden) {
        const char *at = strchr(name, separator);

        return at && at > name && at[1] && !strchr(at + 1, separator) && is_visible(name) &&
               text_utf16_length(name) <= USER_LENGTH_MAX && !strpbrk(name, forbidden);
}

bool name_is_user(const char *name) {
        /* Of an address `+` is a part: people of Microsoft accounts and guests have such. */
        return is_two_words(name, '@', " \"/\\[]:|<>=;?*,") ||
               is_two_words(name, '\\', " \"/[]:|<>+=;?*,@");
}

static const char *find_bad_character(Arena *arena, const char *name, const NameRule *rule) {
        size_t n = strlen(name);

        for (size_t at = 0, length = 0; at < n; at += length) {
                uint32_t c = text_code_point(name + at, n - at, &length);

                if (c < 0x20 || (c >= 0x7F && c < 0xA0))
                        return "has a control character";
                if (c < 0x80 && strchr(rule->forbidden, (int)c))
                        return arena_printf(
                                arena, "has the character `%c`, which the service refuses", (int)c);
                if (c == ELLIPSIS && rule->traits & NAME_NO_DOTS)
                        return "has the character `…`, which the service refuses";
        }
        return NULL;
}

static const char *find_bad_form(const char *name, unsigned traits) {
        size_t n = strlen(name);

        if (name[0] == ' ' || name[n - 1] == ' ')
                return "begins or ends with a blank";
        if (traits & NAME_NO_UNDERSCORE_FIRST && name[0] == '_')
                return "begins with `_`, which the service refuses";
        if (traits & NAME_NO_DOT_FIRST && name[0] == '.')
                return "begins with a dot, which the service refuses";
        if (traits & NAME_NO_DOT_LAST && name[n - 1] == '.')
                return "ends with a dot, which the service refuses";
        if (traits & NAME_NO_DOTS && strstr(name, ".."))
                return "has two dots in a row, which the service refuses";
        if (traits & NAME_NOT_DOTS && (strcmp(name, ".") == 0 || strcmp(name, "..") == 0))
                return "is made of dots alone";
        if (traits & NAME_NOT_DEVICE && is_one_of(name, device_names))
                return "is a name the service reserves";
        if (traits & NAME_NOT_RESERVED && is_one_of(name, reserved_names))
                return "is a name the service reserves";
        return NULL;
}

static const char *check_segment(Arena *arena, const char *name, const NameRule *rule) {
        const char *problem = NULL;

        if (!*name)
                return "is empty, or a part of it is";
        if (text_utf16_length(name) > rule->length_max)
                return arena_printf(arena, "is longer than the service's %zu characters",
                                    rule->length_max);
        problem = find_bad_character(arena, name, rule);
        return problem ? problem : find_bad_form(name, rule->traits);
}

/* What the service would keep in the place of something else, or nowhere. */
static const char *find_foreign_token(Kind kind, const char *segment) {
        Guid id;

        if (kind == KIND_PIPELINE_FOLDER && segment[strspn(segment, "0123456789")] == '\0')
                return "has a number for a folder: the service keeps its permissions where those of the pipeline "
                       "with that id are; call the folder something else";
        if (rule_of(kind) == &id_rule && guid_parse(&id, segment) < 0)
                return "is no id: this kind is experimental, and its things are named by their ids";
        return NULL;
}

static const char *check_path(Arena *arena, Kind kind, const char *name, const NameRule *rule) {
        size_t n_levels = 1;

        if (strcmp(name, "/") == 0)
                return kind == KIND_AREA ? NULL : "is the root, which nobody owns";
        if (text_utf16_length(name) > PATH_LENGTH_MAX)
                return "is longer than the service's 4000 characters";
        for (const char *at = name;; n_levels++) {
                size_t n = strcspn(at, "/");
                const char *segment = at == name && !at[n] ? name : arena_strndup(arena, at, n);
                const char *problem = check_segment(arena, segment, rule);

                if (!problem)
                        problem = find_foreign_token(kind, segment);
                if (problem)
                        return problem;
                if (!at[n])
                        break;
                at += n + 1;
        }
        return n_levels > PATH_LEVELS_MAX ? "is nested deeper than the service's 13 levels" : NULL;
}

/* What git does not take for a branch, and what this program does not understand. */
static const char *check_branch(Arena *arena, const char *name, const NameRule *rule) {
        size_t n = strlen(name);

        if (strchr(name, '*'))
                return "has a `*`: there are no patterns; a folder is written with a / at its end, as `release/`";
        if (text_has_prefix(name, "refs/"))
                return "begins with `refs/`; write the branch alone, as `main`";
        if (n == 0 || name[0] == '/' || strstr(name, "//"))
                return "is empty, or a part of it is";
        if (strstr(name, "..") || strstr(name, "@{") || strstr(name, "/.") || name[0] == '.' ||
            name[n - 1] == '.')
                return "is no name that git takes for a branch";
        return check_segment(arena, name, rule);
}

const char *name_problem(Arena *arena, Kind kind, const char *name) {
        const NameRule *rule = rule_of(kind);
        const char *problem = NULL;

        if (!rule->forbidden)
                return NULL;
        if (kind == KIND_BRANCH)
                return check_branch(arena, name, rule);
        if (kind_has(kind, KIND_IS_NESTED))
                return check_path(arena, kind, name, rule);
        problem = check_segment(arena, name, rule);
        return problem ? problem : find_foreign_token(kind, name);
}

const char *name_normalise_path(Arena *arena, const char *name) {
        char *path = arena_strdup(arena, name);

        for (char *c = path; *c; c++) {
                if (*c == '\\')
                        *c = '/';
        }
        return path[0] == '/' && path[1] && path[1] != '/' ? path + 1 : path;
}
