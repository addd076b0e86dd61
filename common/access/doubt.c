/* SPDX-License-Identifier: Apache-2.0 */
/* Doubt: telling unresolved identities from known ones by their descriptors. */
#include "common/access/doubt.h"

#include <string.h>

#include "common/base/text.h"

enum {
        SID_TAIL_PARTS = 5, /* -0-0-0-0-1, -1-w-w-w-w, -3-w-w-w-w */
};

typedef struct ClassRow {
        const char *prefix;
        DescriptorClass class;
} ClassRow;

/* facts §5.3 */
static const ClassRow classes[] = {
        {"Microsoft.TeamFoundation.Identity;", DESCRIPTOR_GROUP},
        {"Microsoft.IdentityModel.Claims.ClaimsIdentity;", DESCRIPTOR_PERSON},
        {"Microsoft.TeamFoundation.BindPendingIdentity;", DESCRIPTOR_PERSON},
        {"Microsoft.VisualStudio.Services.Claims.AadServicePrincipal;", DESCRIPTOR_PERSON},
        {"Microsoft.TeamFoundation.ServiceIdentity;", DESCRIPTOR_SERVICE},
        {"vssgp.", DESCRIPTOR_GROUP},
        {"aadgp.", DESCRIPTOR_GROUP},
        {"aad.", DESCRIPTOR_PERSON},
        {"msa.", DESCRIPTOR_PERSON},
        {"aadsp.", DESCRIPTOR_PERSON},
        {"svc.", DESCRIPTOR_SERVICE},
};

DescriptorClass descriptor_class(const char *descriptor) {
        for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
                if (text_has_prefix(descriptor, classes[i].prefix))
                        return classes[i].class;
        return DESCRIPTOR_ANY;
}

const char *descriptor_tail(const char *descriptor) {
        const char *sid = strchr(descriptor, ';');
        const char *at = descriptor + strlen(descriptor);
        int parts = 0;

        if (!sid || !text_has_prefix(sid, ";S-1-9-"))
                return NULL;
        while (at > sid)
                if (*--at == '-' && ++parts == SID_TAIL_PARTS)
                        return at;
        return NULL;
}

static const char *text_of(const Identity *identity) {
        return identity->descriptor ? identity->descriptor : identity->subject;
}

const AccessDoubts *access_doubts_new(Mem *parent, const Organisation *organisation) {
        AccessDoubts *doubts = mem_new(parent, AccessDoubts);
        Index *groups = NULL;
        Index *entra_groups = NULL;
        AccessUnresolved *unresolved = NULL;

        for (Index i = 0; i < organisation->n_identities; i++) {
                const Identity *identity = &organisation->identities[i];
                bool is_entra = identity->kind == IDENTITY_ENTRA_GROUP;
                bool is_unknown = identity->kind == IDENTITY_UNKNOWN;

                if (identity->merged != INDEX_NONE)
                        continue;
                if (is_unknown)
                        *mem_push(doubts, unresolved, doubts->n_unresolved) = (AccessUnresolved){
                                .row = i,
                                .class = descriptor_class(text_of(identity)),
                                .tail = descriptor_tail(text_of(identity)),
                        };
                if (identity->members_known ||
                    !(identity->kind == IDENTITY_GROUP || is_entra || is_unknown))
                        continue;
                *mem_push(doubts, groups, doubts->n_groups) = i;
                if (is_entra)
                        *mem_push(doubts, entra_groups, doubts->n_entra_groups) = i;
        }
        doubts->groups = groups;
        doubts->entra_groups = entra_groups;
        doubts->unresolved = unresolved;
        return doubts;
}

static DescriptorClass class_of(const Identity *identity) {
        switch (identity->kind) {
        case IDENTITY_GROUP:
        case IDENTITY_ENTRA_GROUP:
                return DESCRIPTOR_GROUP;
        case IDENTITY_USER:
        case IDENTITY_SERVICE_PRINCIPAL:
                return DESCRIPTOR_PERSON;
        case IDENTITY_SERVICE:
                return DESCRIPTOR_SERVICE;
        case IDENTITY_UNKNOWN:
                break;
        }
        return DESCRIPTOR_ANY;
}

bool access_may_be(const AccessUnresolved *unresolved, const Identity *identity) {
        DescriptorClass class = class_of(identity);
        const char *tail = NULL;

        if (unresolved->class != DESCRIPTOR_ANY && class != DESCRIPTOR_ANY &&
            unresolved->class != class)
                return false;
        if (!unresolved->tail || !identity->descriptor)
                return true;
        tail = descriptor_tail(identity->descriptor);
        return !tail || text_equal(tail, unresolved->tail);
}
