/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzIdentity: answers about identities are taken or refused with a sentence, and leave rows that
 * hold together. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/codec.h"
#include "daemon/azdo/connection.h"
#include "daemon/azdo/descriptor.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/project.h"
#include "tests/fuzz/target.h"

#define PROJECT "11111111-2222-4333-8444-555555555555"

static Organisation *world_new(Mem *mem) {
        Organisation *organisation = organisation_new(mem, "https://dev.azure.com/contoso");
        Project project = {.name = "MLOps"};

        assert(guid_parse(&project.id, PROJECT) == 0);
        (void)organisation_add_project(organisation, &project);
        project_set_tokens(organisation, 0);
        return organisation;
}

/* The sentence's place, not the sentence: it is written while the first argument is made. */
static void check_result(int r, const char **reasonp) {
        assert(r >= 0 || *reasonp);
        assert(r < 0 || r <= 1);
        *reasonp = NULL;
}

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
                check_result(identity_batch_take(organisation, rows, n, membership, reply, &reason),
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

        check_result(identity_members_take(organisation, group, reply, &reason), &reason);
        check_result(identity_search_take(organisation, "ana@contoso.com", reply, &row, &reason),
                     &reason);
        check_result(identity_scope_take(organisation, 0, reply, &reason), &reason);
        check_result(identity_materialise_take(organisation, reply, &row, &reason), &reason);
        check_result(connection_data_take(organisation, reply, &reason), &reason);
        check_result(codec_of(KIND_GROUP)->take_list(organisation, 0, reply, &reason, &n), &reason);
        check_result(codec_of(KIND_GROUP)->take_get(organisation, 0, "Readers", reply, &reason),
                     &reason);
        check_result(codec_of(KIND_TEAM)->take_list(organisation, 0, reply, &reason, &n), &reason);
        check_rows(organisation);
        mem_free(mem);
}

/* What a subject descriptor spells is spelled back the same, but for how it was encoded. */
static void run_descriptor(const char *text) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        char *descriptor = identity_descriptor_of_subject(mem, text);

        (void)descriptor_object_id(mem, text);
        (void)identity_role(text, text, 0);
        (void)identity_role(text, text, INDEX_NONE);
        if (descriptor) {
                char *subject = descriptor_subject(mem, descriptor);

                assert(subject);
                assert(strcmp(identity_descriptor_of_subject(mem, subject), descriptor) == 0);
        }
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
        run_descriptor(text);
        mem_free(mem);
        return 0;
}
