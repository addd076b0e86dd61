/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzIdentity: answers about identities are taken or refused with a sentence, and leave rows that
 * hold together. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/codec.h"
#include "daemon/azdo/descriptor.h"
#include "daemon/azdo/identity.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/world.h"

/* Every row names rows that are there, and who stands for another stands for itself. */
static void check_rows(Organisation *organisation) {
        organisation_seal(organisation);
        for (Index i = 0; i < organisation->n_identities; i++) {
                Index row = organisation_canonical_identity(organisation, i);

                assert(row < organisation->n_identities);
                assert(organisation->identities[row].merged == INDEX_NONE);
                if (organisation->identities[i].members_known)
                        assert(organisation->identities[i].kind == IDENTITY_GROUP ||
                               organisation->identities[i].kind == IDENTITY_UNKNOWN);
        }
        for (size_t i = 0; i < organisation->n_memberships; i++)
                assert(organisation->memberships[i].container < organisation->n_identities &&
                       organisation->memberships[i].member < organisation->n_identities);
}

static void run_batch(const Reply *reply, IdentityMembership membership) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = world_new(mem);
        const Index rows[] = {
                organisation_descriptor_row(
                        organisation,
                        "Microsoft.TeamFoundation.Identity;S-1-9-1551374245-1-2-3-4-0-0-0-0-1"),
                organisation_descriptor_row(organisation, "aad.a"),
        };
        const char *reason = NULL;

        for (size_t n = 1; n <= 2; n++) {
                world_check_taken(
                        identity_batch_take(organisation, rows, n, membership, reply, &reason),
                        &reason);
                check_rows(organisation);
        }
        mem_free(mem);
}

static void run_others(const Reply *reply) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = world_new(mem);
        Index group = organisation_descriptor_row(organisation, "vssgp.a");
        const char *reason = NULL;
        Index row = INDEX_NONE;
        size_t n = 0;

        world_check_taken(identity_members_take(organisation, group, reply, &reason), &reason);
        world_check_taken(
                identity_search_take(organisation, "ana@contoso.com", reply, &row, &reason),
                &reason);
        world_check_taken(identity_scope_take(organisation, 0, reply, &reason), &reason);
        world_check_taken(identity_materialise_take(organisation, reply, &row, &reason), &reason);
        world_check_taken(codec_of(KIND_GROUP)->take_list(organisation, 0, reply, &reason, &n),
                          &reason);
        world_check_taken(
                codec_of(KIND_GROUP)->take_get(organisation, 0, "Readers", reply, &reason),
                &reason);
        world_check_taken(
                codec_of(KIND_GROUP)->take_create(organisation, 0, "Readers", reply, &row, &reason),
                &reason);
        world_check_taken(codec_of(KIND_TEAM)->take_list(organisation, 0, reply, &reason, &n),
                          &reason);
        check_rows(organisation);
        /* The same answer from an Azure DevOps Server. */
        organisation->is_server = true;
        world_check_taken(identity_members_take(organisation, group, reply, &reason), &reason);
        world_check_taken(identity_scope_take(organisation, 0, reply, &reason), &reason);
        world_check_taken(codec_of(KIND_GROUP)->take_list(organisation, 0, reply, &reason, &n),
                          &reason);
        check_rows(organisation);
        mem_free(mem);
}

/* --- the text itself as a descriptor --- */

/* What a subject descriptor spells is spelled back the same, but for how it was encoded. */
static void check_descriptor(Mem *mem, const char *text) {
        char *descriptor = identity_descriptor_of_subject(mem, text);
        char *object_id = descriptor_object_id(mem, text);
        char *subject = NULL;
        Guid guid;

        (void)identity_role(text, text, 0);
        (void)identity_role(text, text, INDEX_NONE);
        if (descriptor) {
                subject = descriptor_subject(mem, descriptor);
                assert(subject);
                assert(strcmp(identity_descriptor_of_subject(mem, subject), descriptor) == 0);
        }
        if (object_id) {
                assert(guid_parse(&guid, object_id) == 0);
                object_id =
                        descriptor_object_id(mem, identity_descriptor_of_entra_group(mem, guid));
                assert(object_id && guid_parse(&guid, object_id) == 0);
        }
}

/* Everything that is asked about an identity and about what it may. */
static void check_requests(Mem *mem, const Organisation *organisation, Index row,
                           const char *text) {
        const AccessControlEntry entry = {.identity = row, .allow = 1, .deny = 2};
        const AccessControlList list = {.namespace = NAMESPACE_GIT,
                                        .token = text,
                                        .entries = (AccessControlEntry *)&entry,
                                        .n_entries = 1};
        size_t size = 0;
        const Request requests[] = {
                identity_batch_request(mem, organisation, &row, 1, IDENTITY_MEMBERSHIP_DIRECT),
                acl_query_request(mem, organisation, NAMESPACE_GIT, text, ACL_RECURSE),
                acl_set_entries_request(mem, organisation, NAMESPACE_GIT, text, ACE_MERGE, &entry,
                                        1),
                acl_remove_entries_request(mem, organisation, NAMESPACE_GIT, text, &row, 1),
                acl_clear_bits_request(mem, organisation, NAMESPACE_GIT, text, row, 2),
                acl_replace_request(mem, organisation, &list, &size),
        };

        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
                world_check_request(mem, &requests[i]);
        assert(size == strlen(requests[5].body));
}

static void check_member_requests(Mem *mem, const Organisation *organisation, Index row,
                                  const char *text) {
        const Request requests[] = {
                identity_batch_request(mem, organisation, &row, 1, IDENTITY_MEMBERSHIP_NONE),
                identity_members_request(mem, organisation, row),
                identity_add_member_request(mem, organisation, row, row),
                identity_remove_member_request(mem, organisation, row, row),
                identity_search_request(mem, text),
                identity_scope_request(mem, organisation, 0),
                identity_materialise_request(mem, text),
                codec_of(KIND_GROUP)->list(mem, organisation, 0),
                codec_of(KIND_GROUP)->get(mem, organisation, 0, text),
                codec_of(KIND_GROUP)->create(mem, organisation, 0, text),
        };

        for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
                world_check_request(mem, &requests[i]);
}

static void run_text(const char *text) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = world_new(mem);

        check_descriptor(mem, text);
        /* What comes from JSON or YAML is text, and a descriptor without its type is refused. */
        if (text_is_utf8(text, strlen(text)) && strchr(text, ';'))
                check_requests(mem, organisation, organisation_descriptor_row(organisation, text),
                               text);
        if (text_is_utf8(text, strlen(text)) && *text)
                check_member_requests(
                        mem, organisation,
                        organisation_add_identity(organisation, &(Identity){.subject = text,
                                                                            .project = INDEX_NONE,
                                                                            .merged = INDEX_NONE}),
                        text);
        mem_free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        char *text = mem_strndup(mem, (const char *)bytes, n);
        Reply reply = {.status = 200,
                       .content_type = "application/json",
                       .body = text,
                       .n_body = strlen(text)};

        run_batch(&reply, IDENTITY_MEMBERSHIP_NONE);
        run_batch(&reply, IDENTITY_MEMBERSHIP_DIRECT);
        run_others(&reply);
        if (n <= WORLD_NAME_MAX)
                run_text(text);
        mem_free(mem);
        return 0;
}
