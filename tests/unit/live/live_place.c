/* SPDX-License-Identifier: Apache-2.0 */
/* Live places: principals and tokens by the names a test writes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/model/branch.h"
#include "tests/unit/live/live.h"
#include "tests/unit/live/live_mistake.h"

/* Namespaces by the word in front of a raw token. */
static const char *const space_words[_NAMESPACE_N] = {
        [NAMESPACE_PROJECT] = "project",   [NAMESPACE_GIT] = "git",
        [NAMESPACE_BUILD] = "build",       [NAMESPACE_CSS] = "css",
        [NAMESPACE_IDENTITY] = "identity", [NAMESPACE_SERVICE_ENDPOINTS] = "endpoints",
        [NAMESPACE_ITERATION] = "iteration",
        [NAMESPACE_QUERIES] = "queries",
        [NAMESPACE_TAGGING] = "tagging",
        [NAMESPACE_ENVIRONMENT] = "environment",
        [NAMESPACE_LIBRARY] = "library",
        [NAMESPACE_DISTRIBUTED_TASK] = "task",
        [NAMESPACE_COLLECTION] = "collection",
        [NAMESPACE_SERVER] = "server",
        [NAMESPACE_PROCESS] = "process",
        [NAMESPACE_VERSION_CONTROL] = "version_control",
        [NAMESPACE_BUILD_ADMINISTRATION] = "build_administration",
        [NAMESPACE_AUDIT_LOG] = "audit_log",
        [NAMESPACE_RELEASE] = "release",
        [NAMESPACE_ANALYTICS_VIEWS] = "analytics_views",
        [NAMESPACE_PLAN] = "plan",
        [NAMESPACE_DASHBOARDS] = "dashboards",
};

void live_mistake(const char *format, ...) {
        va_list arguments;

        va_start(arguments, format);
        fputs("live: ", stderr);
        vfprintf(stderr, format, arguments);
        fputc('\n', stderr);
        va_end(arguments);
        exit(EXIT_FAILURE);
}

Guid live_guid(const char *name) {
        uint64_t halves[2];
        Guid guid;

        halves[0] = text_hash(name);
        halves[1] = halves[0] * 0x9E3779B97F4A7C15 ^ strlen(name);
        memcpy(guid.bytes, halves, sizeof(guid.bytes));
        return guid;
}

char *live_file(Mem *parent, const char *path, size_t *np) {
        FILE *file = fopen(path, "rb");
        char *bytes = NULL;
        size_t n = 0;
        size_t got = 0;

        if (!file)
                live_mistake("%s: cannot be opened", path);
        do {
                bytes = mem_resize_array(parent, bytes, 1, n + 4097);
                got = fread(bytes + n, 1, 4096, file);
                n += got;
        } while (got > 0);
        if (ferror(file))
                live_mistake("%s: cannot be read", path);
        fclose(file);
        bytes[n] = '\0';
        if (np)
                *np = n;
        return bytes;
}

/* `[MLOps]\Readers`, `[contoso]\Project Collection Administrators`. */
static Index find_scoped(const Organisation *organisation, const char *name) {
        const char *end = strstr(name, "]\\");
        Mem *mem = NULL;
        const char *scope = NULL;
        Index project = INDEX_NONE;
        Index found = INDEX_NONE;

        if (name[0] != '[' || !end)
                return INDEX_NONE;
        mem = mem_alloc_zero(NULL, 1, "scope");
        scope = mem_strndup(mem, name + 1, (size_t)(end - name - 1));
        project = organisation_find_project(organisation, scope);
        if (project != INDEX_NONE || text_equal(scope, organisation->name))
                found = organisation_find_group(organisation, project, end + 2);
        mem_free(mem);
        return found;
}

static Index find_by_name(const Organisation *organisation, const char *name) {
        for (Index i = 0; i < organisation->n_identities; i++)
                if (organisation->identities[i].name &&
                    organisation->identities[i].kind != IDENTITY_GROUP &&
                    text_equal(organisation->identities[i].name, name))
                        return organisation_canonical_identity(organisation, i);
        return INDEX_NONE;
}

static Index find_unresolved(const Organisation *organisation, const char *name) {
        Mem *mem = mem_alloc_zero(NULL, 1, "descriptor");
        Index found = organisation_find_descriptor(
                organisation, mem_printf(mem, LIVE_GROUP_DESCRIPTOR "%s", name));

        mem_free(mem);
        return found;
}

Index live_principal(const Organisation *organisation, Index project, const char *name) {
        Index found = find_scoped(organisation, name);

        if (found == INDEX_NONE && project != INDEX_NONE)
                found = organisation_find_group(organisation, project, name);
        if (found == INDEX_NONE)
                found = organisation_find_group(organisation, INDEX_NONE, name);
        if (found == INDEX_NONE)
                found = organisation_find_person(organisation, name);
        if (found == INDEX_NONE)
                found = find_by_name(organisation, name);
        if (found == INDEX_NONE && text_has_prefix(name, LIVE_UNRESOLVED))
                found = find_unresolved(organisation, name + strlen(LIVE_UNRESOLVED));
        if (found == INDEX_NONE)
                live_mistake("no principal is named `%s`", name);
        return found;
}

static bool is_raw_of(const char *place, uint8_t space) {
        size_t n = space_words[space] ? strlen(space_words[space]) : 0;

        return n > 0 && strncmp(place, space_words[space], n) == 0 && place[n] == ' ';
}

static bool is_raw(const char *place) {
        for (uint8_t space = 0; space < _NAMESPACE_N; space++)
                if (is_raw_of(place, space))
                        return true;
        return false;
}

static const char *raw_token(const char *place, uint8_t *spacep) {
        uint8_t space = 0;

        while (!is_raw_of(place, space))
                space++;
        *spacep = space;
        return place + strlen(space_words[space]) + 1;
}

/* `ops:main` */
static const char *branch_token(Mem *parent, const Organisation *organisation, Index project,
                                const char *name) {
        size_t n = strcspn(name, ":");
        Index repository = organisation_find_entity(organisation, project, KIND_REPOSITORY,
                                                    mem_strndup(parent, name, n));
        Text text;

        if (repository == INDEX_NONE || !name[n])
                live_mistake("`%s` is no branch of a repository of %s", name,
                             organisation->projects[project].name);
        text_init(&text, parent);
        text_append(&text, organisation->entities[repository].token);
        branch_append_token(&text, name + n + 1);
        return text_end(&text);
}

/* The token of `kind` or `kind/NAME` in a project. */
static const char *artefact_token(Mem *parent, const Organisation *organisation, Index project,
                                  const char *place, uint8_t *spacep) {
        const char *slash = strchr(place, '/');
        const char *key = slash ? mem_strndup(parent, place, (size_t)(slash - place)) : place;
        Kind kind = kind_by_key(key);
        int space = kind == _KIND_N ? -1 : kind_namespace(kind);
        Index entity = INDEX_NONE;

        if (kind == KIND_TEAM && !slash)
                space = NAMESPACE_IDENTITY; /* who administers teams */
        if (space < 0)
                live_mistake("`%s`: `%s` is not a kind with permissions", place, key);
        *spacep = (uint8_t)space;
        if (!slash)
                return organisation->projects[project].root_token[space];
        if (kind == KIND_BRANCH)
                return branch_token(parent, organisation, project, slash + 1);
        if (kind_has(kind, KIND_IS_NAMED_BY_ID))
                return mem_printf(parent, "%s/%s", organisation->projects[project].root_token[space],
                                  slash + 1);
        entity = organisation_find_entity(organisation, project, kind, slash + 1);
        if (entity == INDEX_NONE)
                live_mistake("`%s` names nothing in %s", place,
                             organisation->projects[project].name);
        return organisation->entities[entity].token;
}

const char *live_token(Mem *parent, const Organisation *organisation, Index project,
                       const char *place, uint8_t *spacep) {
        const char *below = strstr(place, "//");
        const char *at = NULL;

        if (is_raw(place))
                return raw_token(place, spacep);
        if (project == INDEX_NONE)
                live_mistake("`%s` is not a namespace and a token", place);
        if (!below)
                return artefact_token(parent, organisation, project, place, spacep);
        at = artefact_token(parent, organisation, project,
                            mem_strndup(parent, place, (size_t)(below - place)), spacep);
        return mem_printf(parent, "%s%c%s", at, organisation->permissions.items[*spacep].separator,
                          below + 2);
}
