/* SPDX-License-Identifier: Apache-2.0 */
/* Identity: people and groups, by descriptor and membership (facts §5). */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/descriptor.h"
#include "daemon/azdo/directory.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/identity_read.h"
#include "daemon/azdo/url.h"

#define BATCH_PATH "/_apis/identitybatch?api-version=7.1-preview.1"

/* --- batches --- */

/* The keys of a batch in the order they are written: first those with an identity descriptor (their
 * own, or the one their subject descriptor spells), then those known by a subject descriptor alone.
 * Facts §12, IdentityBatchInfo, names both lists and no order between them; so an answer to the
 * first list alone is accepted too, and rows of the second then stay what they are. */
typedef struct BatchKey {
        Index row;
        const char *descriptor; /* or NULL */
        const char *subject;    /* when there is no descriptor */
} BatchKey;

typedef struct BatchKeys {
        BatchKey *items;
        size_t n;
        size_t n_by_descriptor;
} BatchKeys;

static BatchKey key_of(Mem *parent, const Organisation *organisation, Index row) {
        const Identity *identity =
                &organisation->identities[organisation_canonical_identity(organisation, row)];
        BatchKey key = {
                .row = row, .descriptor = identity->descriptor, .subject = identity->subject};

        assert(key.descriptor || key.subject);
        if (!key.descriptor)
                key.descriptor = identity_descriptor_of_subject(parent, key.subject);
        return key;
}

static BatchKeys keys_of(Mem *parent, const Organisation *organisation, const Index *identities,
                         size_t n) {
        BatchKeys keys = {.items = mem_new_array(parent, BatchKey, n + 1)};

        for (size_t i = 0; i < n; i++) {
                BatchKey key = key_of(parent, organisation, identities[i]);

                if (key.descriptor)
                        keys.items[keys.n++] = key;
        }
        keys.n_by_descriptor = keys.n;
        for (size_t i = 0; i < n; i++) {
                BatchKey key = key_of(parent, organisation, identities[i]);

                if (!key.descriptor)
                        keys.items[keys.n++] = key;
        }
        return keys;
}

Request identity_batch_request(Mem *parent, const Organisation *organisation,
                               const Index *identities, size_t n_identities,
                               IdentityMembership membership) {
        BatchKeys keys = keys_of(parent, organisation, identities, n_identities);
        Text text;
        JsonWriter writer;

        assert(n_identities <= IDENTITY_BATCH_MAX);
        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        if (keys.n_by_descriptor > 0) {
                json_write_array(&writer, "descriptors");
                for (size_t i = 0; i < keys.n_by_descriptor; i++)
                        json_write_text(&writer, NULL, keys.items[i].descriptor);
                json_write_array_end(&writer);
        }
        if (keys.n > keys.n_by_descriptor) {
                json_write_array(&writer, "subjectDescriptors");
                for (size_t i = keys.n_by_descriptor; i < keys.n; i++)
                        json_write_text(&writer, NULL, keys.items[i].subject);
                json_write_array_end(&writer);
        }
        json_write_text(&writer, "queryMembership",
                        membership == IDENTITY_MEMBERSHIP_DIRECT ? "direct" : "none");
        json_write_object_end(&writer);
        mem_free(keys.items);
        return (Request){.method = METHOD_POST,
                         .base = BASE_GRAPH,
                         .path = BATCH_PATH,
                         .only_asks = true,
                         .body = text.data};
}

typedef enum EdgeWay {
        EDGE_MEMBERS,
        EDGE_CONTAINERS,
} EdgeWay;

/* Rows of a list of identity descriptors; absent is an outcome: 1. */
static int take_edges(Organisation *organisation, Index row, const JsonNode *list, EdgeWay way,
                      const char **reasonp) {
        if (!list || json_count(list) == 0)
                return json_is_array(list) ? 0 : 1;
        if (!json_is_array(list))
                return body_fail(reasonp, "an identity's members are no list");
        json_each(node, list) {
                const char *descriptor = json_value_text(node);
                Index other = INDEX_NONE;

                if (!descriptor || !strchr(descriptor, ';'))
                        return body_fail(reasonp,
                                         "a member of an identity is no identity descriptor");
                other = organisation_descriptor_row(organisation, descriptor);
                if (way == EDGE_MEMBERS)
                        organisation_add_membership(organisation, row, other);
                else
                        organisation_add_membership(organisation, other, row);
        }
        return 0;
}

static int take_memberships(Organisation *organisation, Index row, const JsonNode *node,
                            const char **reasonp) {
        const JsonNode *members = json_get(node, "members");
        int r = take_edges(organisation, row, members, EDGE_MEMBERS, reasonp);

        if (r < 0)
                return r;
        /* From 99 on the list may be cut (facts §5.5); who is in an Entra group is told to nobody
         * here. */
        if (r == 0 && json_count(members) < IDENTITY_MEMBERS_MAX &&
            organisation->identities[row].kind == IDENTITY_GROUP)
                organisation->identities[row].members_known = true;
        r = take_edges(organisation, row, json_get(node, "memberOf"), EDGE_CONTAINERS, reasonp);
        if (r == 0)
                organisation->identities[row].containers_known = true;
        return r < 0 ? r : 0;
}

static int take_answer(Mem *scratch, Organisation *organisation, const BatchKey *key,
                       IdentityMembership membership, const JsonNode *node, const char **reasonp) {
        const char *asked = key->descriptor ? key->descriptor : key->subject;
        Identity identity = {0};
        Index row = INDEX_NONE;
        int r = 0;

        if (json_is_null(node))
                return 0;
        r = identity_read(scratch, organisation, node, &identity, reasonp);
        if (r != 0)
                return r < 0 ? r : 0;
        /* Descriptors come back in other spellings (facts §5.3); subjects do not. */
        if (!key->descriptor && (!identity.subject || !text_equal(identity.subject, asked)))
                return body_fail(reasonp, "an identity stands in another one's place");
        row = organisation_resolve_descriptor(organisation, asked, &identity);
        if (membership == IDENTITY_MEMBERSHIP_NONE)
                return 0;
        return take_memberships(organisation, row, node, reasonp);
}

static int take_batch(Mem *scratch, Organisation *organisation, const BatchKeys *keys,
                      IdentityMembership membership, const Reply *reply, const char **reasonp) {
        const JsonNode *list = NULL;
        size_t i = 0;
        int r = body_list(scratch, reply, &list, reasonp);

        if (r < 0)
                return r;
        if (json_count(list) != keys->n &&
            (json_count(list) != keys->n_by_descriptor || keys->n_by_descriptor == 0))
                return body_fail(reasonp,
                                 "the answer has not one identity for each that was asked for");
        json_each(node, list) {
                r = take_answer(scratch, organisation, &keys->items[i++], membership, node,
                                reasonp);
                if (r < 0)
                        return r;
        }
        return 0;
}

int identity_batch_take(Organisation *organisation, const Index *identities, size_t n_identities,
                        IdentityMembership membership, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        BatchKeys keys = keys_of(scratch, organisation, identities, n_identities);
        int r = take_batch(scratch, organisation, &keys, membership, reply, reasonp);

        mem_free(scratch);
        return r;
}

/* --- by storage key --- */

Request identity_keys_request(Mem *parent, const Guid *keys, size_t n_keys) {
        char id[GUID_TEXT_SIZE];
        JsonWriter writer;
        Text text;

        assert(n_keys <= IDENTITY_BATCH_MAX);
        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_array(&writer, "identityIds");
        for (size_t i = 0; i < n_keys; i++)
                json_write_text(&writer, NULL, guid_format(keys[i], id));
        json_write_array_end(&writer);
        json_write_text(&writer, "queryMembership", "none");
        json_write_object_end(&writer);
        return (Request){.method = METHOD_POST,
                         .base = BASE_GRAPH,
                         .path = BATCH_PATH,
                         .only_asks = true,
                         .body = text.data};
}

static int take_key(Mem *scratch, Organisation *organisation, Guid key, const JsonNode *node,
                    const char **reasonp) {
        Identity identity = {0};
        int r;

        if (json_is_null(node))
                return 0;
        r = identity_read(scratch, organisation, node, &identity, reasonp);
        if (r != 0)
                return r < 0 ? r : 0;
        if (guid_compare(identity.storage_key, key) != 0)
                return body_fail(reasonp, "an identity stands in another one's place");
        organisation_add_identity(organisation, &identity);
        return 0;
}

int identity_keys_take(Organisation *organisation, const Guid *keys, size_t n_keys, const Reply *reply,
                       const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *list = NULL;
        size_t i = 0;
        int r = body_list(scratch, reply, &list, reasonp);

        if (r == 0 && json_count(list) != n_keys)
                r = body_fail(reasonp, "the answer has not one identity for each that was asked for");
        if (r == 0)
                json_each(node, list) {
                        r = take_key(scratch, organisation, keys[i++], node, reasonp);
                        if (r < 0)
                                break;
                }
        mem_free(scratch);
        return r;
}

/* --- members of large groups --- */

Request identity_members_request(Mem *parent, const Organisation *organisation, Index group) {
        return directory_of(organisation)->members(parent, organisation, group);
}

int identity_members_take(Organisation *organisation, Index group, const Reply *reply,
                          const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *list = NULL;
        bool is_whole = false;
        int r = body_list(scratch, reply, &list, reasonp);

        if (r == 0)
                r = directory_of(organisation)
                            ->take_members(scratch, organisation, group, list, &is_whole, reasonp);
        if (r == 0 && is_whole) {
                group = organisation_canonical_identity(organisation, group);
                organisation->identities[group].members_known = true;
        }
        mem_free(scratch);
        return r;
}

/* --- people by name --- */

Request identity_search_request(Mem *parent, const char *name) {
        return (Request){.method = METHOD_GET,
                         .base = BASE_GRAPH,
                         .path = url_build(parent,
                                           "/_apis/identities?searchFilter=General&filterValue={}"
                                           "&queryMembership=none&api-version=7.1",
                                           name, NULL)};
}

/* General matches display names too (facts §5.5): only the principal name counts. */
static int take_search(Mem *scratch, Organisation *organisation, const char *name,
                       const Reply *reply, Index *identityp, const char **reasonp) {
        const JsonNode *list = NULL;
        Identity found = {0};
        size_t n_found = 0;
        int r = body_list(scratch, reply, &list, reasonp);

        if (r < 0)
                return r;
        json_each(node, list) {
                Identity identity = {0};

                if (json_is_null(node))
                        continue;
                r = identity_read(scratch, organisation, node, &identity, reasonp);
                if (r < 0)
                        return r;
                if (r > 0 || identity.kind != IDENTITY_USER || !identity.name ||
                    !(text_equal(identity.name, name) || text_equal(identity.display, name)))
                        continue;
                if (n_found == 0 || guid_compare(found.storage_key, identity.storage_key) != 0)
                        n_found++;
                found = identity;
        }
        if (n_found != 1)
                return 1;
        *identityp = organisation_add_identity(organisation, &found);
        return 0;
}

int identity_search_take(Organisation *organisation, const char *name, const Reply *reply,
                         Index *identityp, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        int r = take_search(scratch, organisation, name, reply, identityp, reasonp);

        mem_free(scratch);
        return r;
}

/* --- the scope of a project --- */

const Directory *directory_of(const Organisation *organisation) {
        return organisation->is_server ? &directory_server : &directory_graph;
}

Request identity_scope_request(Mem *parent, const Organisation *organisation, Index project) {
        return directory_of(organisation)->scope(parent, organisation, project);
}

int identity_scope_take(Organisation *organisation, Index project, const Reply *reply,
                        const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = directory_of(organisation)->take_scope(scratch, organisation, project, root, reasonp);
        mem_free(scratch);
        return r;
}

/* --- Entra groups --- */

Request identity_materialise_request(Mem *parent, const char *object_id) {
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "originId", object_id);
        json_write_object_end(&writer);
        /* Said twice it says the same: an Entra group is one by its object id. 503 comes for as long as charterd's
         * identity may not read the directory (facts §1.8): it is of no use to go on for long. */
        return (Request){.method = METHOD_POST,
                         .base = BASE_GRAPH,
                         .path = "/_apis/graph/groups?api-version=7.1-preview.1",
                         .tries_max = IDENTITY_MATERIALISE_TRIES_MAX,
                         .body = text.data};
}

int identity_materialise_take(Organisation *organisation, const Reply *reply, Index *identityp,
                              const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const JsonNode *root = NULL;
        Identity identity = {0};
        int r = body_object(scratch, reply, &root, reasonp);

        if (r == 0)
                r = identity_read_group(scratch, organisation, root, &identity, reasonp);
        if (r > 0 || (r == 0 && identity.kind != IDENTITY_ENTRA_GROUP))
                r = body_fail(reasonp, "the answer is no Entra group");
        if (r == 0) {
                identity.assumed = true;
                *identityp = organisation_add_identity(organisation, &identity);
        }
        mem_free(scratch);
        return r;
}

/* --- memberships --- */

Request identity_add_member_request(Mem *parent, const Organisation *organisation, Index container,
                                    Index member) {
        return directory_of(organisation)
                ->edit_member(parent, organisation, METHOD_PUT, container, member);
}

Request identity_remove_member_request(Mem *parent, const Organisation *organisation,
                                       Index container, Index member) {
        return directory_of(organisation)
                ->edit_member(parent, organisation, METHOD_DELETE, container, member);
}
