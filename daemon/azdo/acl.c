/* SPDX-License-Identifier: Apache-2.0 */
/* Acl: access control lists on the wire (facts §3.3 to §3.6). */
#include <assert.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/url.h"

static const PermissionNamespace *namespace_of(const Organisation *organisation, uint8_t space) {
        assert(space < _NAMESPACE_N);
        return &organisation->permissions.items[space];
}

static const char *namespace_id(Mem *parent, const Organisation *organisation, uint8_t space) {
        char id[GUID_TEXT_SIZE];

        return mem_strdup(parent, guid_format(namespace_of(organisation, space)->id, id));
}

/* The descriptor by which entries are written; a group's follows from its subject descriptor. */
static const char *descriptor_of(Mem *parent, const Organisation *organisation, Index row) {
        const Identity *identity =
                &organisation->identities[organisation_canonical_identity(organisation, row)];
        const char *descriptor = identity->descriptor;

        if (!descriptor && identity->subject)
                descriptor = identity_descriptor_of_subject(parent, identity->subject);
        assert(descriptor);
        return descriptor;
}

Request acl_query_request(Mem *parent, const Organisation *organisation, uint8_t space,
                          const char *token, AclDepth depth) {
        return (Request){.method = METHOD_GET,
                         .path = url_build(parent,
                                           "/_apis/accesscontrollists/{}?token={}&recurse={}"
                                           "&api-version=7.1",
                                           namespace_id(parent, organisation, space), token,
                                           depth == ACL_RECURSE ? "true" : "false", NULL)};
}

/* Masks are signed on the wire (facts §3.1). */
static void write_masks(JsonWriter *writer, const PermissionNamespace *space,
                        const AccessControlEntry *entry, const char *descriptor) {
        assert(((entry->allow | entry->deny) & space->system_mask) == 0);
        json_write_text(writer, "descriptor", descriptor);
        json_write_int(writer, "allow", (int32_t)entry->allow);
        json_write_int(writer, "deny", (int32_t)entry->deny);
}

Request acl_set_entries_request(Mem *parent, const Organisation *organisation, uint8_t space,
                                const char *token, AceMerge merge,
                                const AccessControlEntry *entries, size_t n_entries) {
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "token", token);
        json_write_bool(&writer, "merge", merge == ACE_MERGE);
        json_write_array(&writer, "accessControlEntries");
        for (size_t i = 0; i < n_entries; i++) {
                json_write_object(&writer, NULL);
                write_masks(&writer, namespace_of(organisation, space), &entries[i],
                            descriptor_of(parent, organisation, entries[i].identity));
                json_write_object_end(&writer);
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        return (Request){.method = METHOD_POST,
                         .path = url_build(parent, "/_apis/accesscontrolentries/{}?api-version=7.1",
                                           namespace_id(parent, organisation, space), NULL),
                         .body = text.data,
                         .empty_is_fine = true};
}

Request acl_remove_entries_request(Mem *parent, const Organisation *organisation, uint8_t space,
                                   const char *token, const Index *identities,
                                   size_t n_identities) {
        Text descriptors;

        text_init(&descriptors, parent);
        for (size_t i = 0; i < n_identities; i++) {
                if (i > 0)
                        text_append(&descriptors, ",");
                text_append(&descriptors, descriptor_of(parent, organisation, identities[i]));
        }
        return (Request){.method = METHOD_DELETE,
                         .path = url_build(parent,
                                           "/_apis/accesscontrolentries/{}?token={}&descriptors={}"
                                           "&api-version=7.1",
                                           namespace_id(parent, organisation, space), token,
                                           descriptors.data, NULL),
                         .empty_is_fine = true};
}

Request acl_clear_bits_request(Mem *parent, const Organisation *organisation, uint8_t space,
                               const char *token, Index identity, uint32_t bits) {
        assert((bits & namespace_of(organisation, space)->system_mask) == 0);
        return (Request){.method = METHOD_DELETE,
                         .path = url_build(parent,
                                           "/_apis/permissions/{}/{}?descriptor={}&token={}"
                                           "&api-version=7.1",
                                           namespace_id(parent, organisation, space),
                                           mem_printf(parent, "%d", (int32_t)bits),
                                           descriptor_of(parent, organisation, identity), token,
                                           NULL),
                         .empty_is_fine = true};
}

Request acl_replace_request(Mem *parent, const Organisation *organisation,
                            const AccessControlList *acl, size_t *bytesp) {
        const PermissionNamespace *space = namespace_of(organisation, acl->namespace);
        Text text;
        JsonWriter writer;

        text_init(&text, parent);
        json_writer_init(&writer, &text, 0);
        json_write_object(&writer, NULL);
        json_write_int(&writer, "count", 1);
        json_write_array(&writer, "value");
        json_write_object(&writer, NULL);
        json_write_bool(&writer, "inheritPermissions", acl->inherit);
        json_write_text(&writer, "token", acl->token);
        json_write_object(&writer, "acesDictionary");
        for (size_t i = 0; i < acl->n_entries; i++) {
                const char *descriptor =
                        descriptor_of(parent, organisation, acl->entries[i].identity);

                json_write_object(&writer, descriptor);
                write_masks(&writer, space, &acl->entries[i], descriptor);
                json_write_object_end(&writer);
        }
        json_write_object_end(&writer);
        json_write_object_end(&writer);
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        *bytesp = text.n;
        return (Request){.method = METHOD_POST,
                         .path = url_build(parent, "/_apis/accesscontrollists/{}?api-version=7.1",
                                           namespace_id(parent, organisation, acl->namespace),
                                           NULL),
                         .body = text.data,
                         .empty_is_fine = true};
}
