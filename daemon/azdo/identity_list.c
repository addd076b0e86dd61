/* SPDX-License-Identifier: Apache-2.0 */
/* IdentityList: principals of Entra that the organisation has met, for those whom nothing else showed (facts §5.2). */
#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/descriptor.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/identity_read.h"

typedef struct Listing {
        Organisation *organisation;
        IdentityKind kind;
        bool (*is_wanted)(void *context, const Identity *identity);
        void *context;
} Listing;

Request identity_list_request(Mem *parent, IdentityKind kind) {
        return (Request){.method = METHOD_GET,
                         .base = BASE_GRAPH,
                         .path = mem_strdup(parent, kind == IDENTITY_ENTRA_GROUP
                                                            ? "/_apis/graph/groups?subjectTypes=aadgp"
                                                              "&api-version=7.1-preview.1"
                                                            : "/_apis/graph/serviceprincipals"
                                                              "?api-version=7.1-preview.1"),
                         .paging = PAGING_CONTINUATION};
}

static int read_service_principal(const JsonNode *node, Identity *identity, const char **reasonp) {
        *identity = (Identity){
                .kind = IDENTITY_SERVICE_PRINCIPAL,
                .project = INDEX_NONE,
                .merged = INDEX_NONE,
                .subject = body_text(node, "descriptor"),
                .name = body_text(node, "displayName"),
                .display = body_text(node, "displayName"),
                .origin_id = body_text(node, "originId"),
        };
        if (!identity->subject || !identity->name)
                return body_fail(reasonp, "a service principal has no `descriptor` or no `displayName`");
        return 0;
}

static int take_element(void *context, Mem *scratch, const JsonNode *element, const char **reasonp) {
        const Listing *listing = context;
        Identity identity = {0};
        int r = listing->kind == IDENTITY_ENTRA_GROUP
                        ? identity_read_group(scratch, listing->organisation, element, &identity, reasonp)
                        : read_service_principal(element, &identity, reasonp);

        if (r == 0 && identity.kind == listing->kind && listing->is_wanted(listing->context, &identity))
                organisation_add_identity(listing->organisation, &identity);
        return r < 0 ? r : 0;
}

int identity_list_take(Organisation *organisation, IdentityKind kind,
                       bool (*is_wanted)(void *context, const Identity *identity), void *context,
                       const Reply *reply, const char **reasonp, size_t *rowsp) {
        Listing listing = {organisation, kind, is_wanted, context};

        return body_each(reply, take_element, &listing, rowsp, reasonp);
}
