/* SPDX-License-Identifier: Apache-2.0 */
/* AclCreators: lists of branches that say of their repository what another one has said. */
#include <string.h>

#include "common/base/arena.h"
#include "common/base/text.h"
#include "common/model/table.h"
#include "common/model/token.h"
#include "daemon/azdo/acl_creators.h"
#include "daemon/azdo/descriptor.h"

#define SEPARATOR '/'
#define BRANCHES "refs/heads/"

enum {
        REPOSITORY_PARTS = 3, /* repoV2/{project}/{repository} */
};

typedef struct Said {
        const char *repository; /* its token */
        AccessControlEntry entry;
} Said;

struct AclCreators {
        Arena *arena;
        Table table; /* of said, by repository and person */
        Said *said;
        size_t n_said;
};

AclCreators *acl_creators_new(Mem *parent) {
        AclCreators *creators = mem_new(parent, AclCreators);

        creators->arena = arena_new(creators);
        table_init(&creators->table, creators);
        return creators;
}

/* Bytes of the repository's token in front of that of a branch; 0: it is no branch's. */
static size_t repository_length(const char *token) {
        const char *at = token;

        for (int part = 0; part < REPOSITORY_PARTS; part++) {
                at = strchr(at, SEPARATOR);
                if (!at)
                        return 0;
                at++;
        }
        return text_has_prefix(at, BRANCHES) && at[strlen(BRANCHES)] ? (size_t)(at - 1 - token) : 0;
}

static bool is_person(const Organisation *organisation, Index row) {
        const Identity *identity =
                &organisation->identities[organisation_canonical_identity(organisation, row)];

        if (identity->kind != IDENTITY_UNKNOWN)
                return identity->kind == IDENTITY_USER;
        return descriptor_kind(identity->descriptor, identity->subject) == IDENTITY_USER;
}

static bool is_creators(const Organisation *organisation, const AccessControlEntry *entry) {
        return entry->deny == 0 && (entry->allow & ~(uint32_t)GIT_BRANCH_CREATOR_BITS) == 0 &&
               is_person(organisation, entry->identity);
}

static bool is_said(const AclCreators *creators, uint64_t hash, const Said *wanted) {
        TableCursor cursor = table_find(&creators->table, hash);
        uint32_t row = 0;

        while ((row = table_next(&creators->table, &cursor)) != TABLE_NONE) {
                const Said *said = &creators->said[row];

                if (said->entry.identity == wanted->entry.identity &&
                    said->entry.allow == wanted->entry.allow &&
                    text_equal(said->repository, wanted->repository))
                        return true;
        }
        return false;
}

/* Copied only when it is another repository than the last one's: a repository's come together. */
static const char *keep_repository(AclCreators *creators, const char *token) {
        const char *last =
                creators->n_said > 0 ? creators->said[creators->n_said - 1].repository : NULL;

        return last && text_equal(last, token) ? last : arena_strdup(creators->arena, token);
}

/* True: it had been said before. */
static bool say(AclCreators *creators, const char *repository, const AccessControlEntry *entry) {
        Said said = {repository, *entry};
        uint64_t hash = token_hash(repository, SEPARATOR) * 31 + entry->identity;

        if (is_said(creators, hash, &said))
                return true;
        said.repository = keep_repository(creators, repository);
        table_add(&creators->table, hash, (uint32_t)creators->n_said);
        *mem_push(creators, creators->said, creators->n_said) = said;
        return false;
}

bool acl_creators_has_said(AclCreators *creators, const Organisation *organisation,
                           const AccessControlList *list) {
        size_t n = list->namespace == NAMESPACE_GIT ? repository_length(list->token) : 0;
        char *repository = NULL;
        bool has_said = true;

        if (n == 0 || !list->inherit)
                return false;
        for (size_t i = 0; i < list->n_entries; i++)
                if (!is_creators(organisation, &list->entries[i]))
                        return false;
        repository = mem_strndup(creators, list->token, n);
        for (size_t i = 0; i < list->n_entries; i++)
                has_said &= say(creators, repository, &list->entries[i]);
        mem_free(repository);
        return has_said;
}
