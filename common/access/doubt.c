/* SPDX-License-Identifier: Apache-2.0 */
/* Doubt: telling unresolved identities from known ones by their descriptors. */
#include "common/access/doubt.h"

#include <string.h>

#include "common/base/text.h"

#define ENTRA_TAIL "-3-"

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

typedef enum GroupForms {
        FORM_NONE = 0,
        FORM_DEVOPS = 1 << 0,
        FORM_ENTRA = 1 << 1,
} GroupForms;

/* What sort of group an identity is, or may be. */
static unsigned forms_of(const Identity *identity) {
        const char *tail = NULL;

        switch (identity->kind) {
        case IDENTITY_GROUP:
                return FORM_DEVOPS;
        case IDENTITY_ENTRA_GROUP:
                return FORM_ENTRA;
        case IDENTITY_USER:
        case IDENTITY_SERVICE_PRINCIPAL:
        case IDENTITY_SERVICE:
                return FORM_NONE;
        case IDENTITY_UNKNOWN:
                break;
        }
        if (descriptor_class(text_of(identity)) == DESCRIPTOR_PERSON ||
            descriptor_class(text_of(identity)) == DESCRIPTOR_SERVICE)
                return FORM_NONE;
        tail = descriptor_tail(text_of(identity));
        if (!tail)
                return FORM_DEVOPS | FORM_ENTRA;
        return text_has_prefix(tail, ENTRA_TAIL) ? FORM_ENTRA : FORM_DEVOPS;
}

bool access_may_be_in_entra(const Identity *identity) {
        switch (identity->kind) {
        case IDENTITY_USER:
        case IDENTITY_ENTRA_GROUP:
        case IDENTITY_SERVICE_PRINCIPAL:
                return true;
        case IDENTITY_GROUP:
        case IDENTITY_SERVICE:
                return false;
        case IDENTITY_UNKNOWN:
                break;
        }
        if (descriptor_class(text_of(identity)) == DESCRIPTOR_SERVICE)
                return false;
        return forms_of(identity) != FORM_DEVOPS;
}

typedef struct Lists {
        Index *groups;
        Index *entra_groups;
        AccessUnresolved *unresolved;
} Lists;

static void add_row(AccessDoubts *doubts, Lists *lists, const Identity *identity, Index row) {
        unsigned forms = identity->members_known ? FORM_NONE : forms_of(identity);

        if (identity->kind == IDENTITY_UNKNOWN)
                *mem_push(doubts, lists->unresolved, doubts->n_unresolved) = (AccessUnresolved){
                        .row = row,
                        .class = descriptor_class(text_of(identity)),
                        .tail = descriptor_tail(text_of(identity)),
                };
        if (forms & FORM_DEVOPS)
                *mem_push(doubts, lists->groups, doubts->n_groups) = row;
        if (forms & FORM_ENTRA)
                *mem_push(doubts, lists->entra_groups, doubts->n_entra_groups) = row;
        if (identity->role == IDENTITY_ROLE_VALID_USERS && identity->project == INDEX_NONE)
                doubts->valid_users = row;
}

const AccessDoubts *access_doubts_new(Mem *parent, const Organisation *organisation) {
        AccessDoubts *doubts = mem_new(parent, AccessDoubts);
        Lists lists = {0};

        doubts->valid_users = INDEX_NONE;
        for (Index i = 0; i < organisation->n_identities; i++)
                if (organisation->identities[i].merged == INDEX_NONE)
                        add_row(doubts, &lists, &organisation->identities[i], i);
        doubts->groups = lists.groups;
        doubts->entra_groups = lists.entra_groups;
        doubts->unresolved = lists.unresolved;
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
