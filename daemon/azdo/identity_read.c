/* SPDX-License-Identifier: Apache-2.0 */
/* IdentityRead: one identity out of an answer. */
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/descriptor.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/identity_read.h"

#define PROPERTY_OBJECT_ID "http://schemas.microsoft.com/identity/claims/objectidentifier"
#define PROPERTY_TEAM "Microsoft.TeamFoundation.Team"
#define DOMAIN_PROJECT "vstfs:///Classification/TeamProject/"
#define ORIGIN_DEVOPS "vsts"
#define ORIGIN_ENTRA "aad"

/* A property is written with its type (facts §5.5). */
static const JsonNode *property(const JsonNode *node, const char *key) {
        return json_get(json_get(json_get(node, "properties"), key), "$value");
}

static const char *property_text(const JsonNode *node, const char *key) {
        const char *text = json_value_text(property(node, key));

        return text && *text ? text : NULL;
}

static bool is_team(const JsonNode *node) {
        bool value = false;
        const char *text = property_text(node, PROPERTY_TEAM);

        if (text)
                return text_equal(text, "true");
        return json_get_bool(json_get(json_get(node, "properties"), PROPERTY_TEAM), "$value",
                             &value) == 0 &&
               value;
}

typedef enum Scope {
        SCOPE_ORGANISATION,
        SCOPE_PROJECT,
        SCOPE_ELSEWHERE, /* a project that is not seen */
} Scope;

static Scope scope_of_domain(const Organisation *organisation, const char *domain,
                             Index *projectp) {
        Guid id;

        *projectp = INDEX_NONE;
        if (!domain || !text_has_prefix(domain, DOMAIN_PROJECT))
                return SCOPE_ORGANISATION;
        if (guid_parse(&id, domain + strlen(DOMAIN_PROJECT)) < 0)
                return SCOPE_ELSEWHERE;
        *projectp = organisation_find_project_id(organisation, id);
        return *projectp == INDEX_NONE ? SCOPE_ELSEWHERE : SCOPE_PROJECT;
}

/* `[MLOps]\Contributors` -> `Contributors`. */
static const char *name_in_scope(const char *display) {
        const char *end = display && display[0] == '[' ? strstr(display, "]\\") : NULL;

        return end && end[2] ? end + 2 : display;
}

static IdentityKind kind_of(const JsonNode *node, const Identity *identity) {
        IdentityKind kind = descriptor_kind(identity->descriptor, identity->subject);
        const char *schema = property_text(node, "SchemaClassName");

        if (kind != IDENTITY_UNKNOWN || !schema)
                return kind;
        if (text_equal(schema, "User"))
                return IDENTITY_USER;
        /* A group of Active Directory: who is in it is told to nobody here, as with those of Entra. */
        return text_equal(schema, "Group") ? IDENTITY_ENTRA_GROUP : kind;
}

/* `ana@contoso.com`. An account of Active Directory has its domain beside it, and often an address too: then either
 * names it. */
static void name_user(Mem *scratch, const JsonNode *node, Identity *identity) {
        const char *account = property_text(node, "Account");
        const char *domain = property_text(node, "Domain");
        const char *mail = property_text(node, "Mail");

        identity->name = account ? account : identity->display;
        identity->display = identity->name;
        if (!account || strchr(account, '@') || !domain)
                return;
        identity->display = mem_printf(scratch, "%s\\%s", domain, account);
        identity->name = mail && strchr(mail, '@') ? mail : identity->display;
}

static void name_identity(Mem *scratch, const Organisation *organisation, const JsonNode *node,
                          Identity *identity) {
        const char *account = property_text(node, "Account");
        const char *display = body_text(node, "providerDisplayName");
        Scope scope = SCOPE_ORGANISATION;

        identity->display = display ? display : account;
        switch (identity->kind) {
        case IDENTITY_USER:
                name_user(scratch, node, identity);
                break;
        case IDENTITY_GROUP:
                scope = scope_of_domain(organisation, property_text(node, "Domain"),
                                        &identity->project);
                identity->name = account ? account : name_in_scope(display);
                /* A group of a project that is not seen must not pass for one of the organisation.
                 */
                if (scope == SCOPE_ELSEWHERE)
                        identity->name = display;
                break;
        case IDENTITY_ENTRA_GROUP:
                identity->name = display ? name_in_scope(display) : account;
                break;
        case IDENTITY_SERVICE_PRINCIPAL:
        case IDENTITY_SERVICE:
        case IDENTITY_UNKNOWN:
                identity->name = identity->display;
                break;
        }
}

static int read_names(const JsonNode *node, Identity *identity, const char **reasonp) {
        if (body_guid(node, "id", &identity->storage_key) < 0)
                return body_fail(reasonp, "an identity has no `id`");
        identity->descriptor = body_text(node, "descriptor");
        if (!identity->descriptor || !strchr(identity->descriptor, ';'))
                return body_fail(reasonp, "an identity has no `descriptor`");
        identity->subject = body_text(node, "subjectDescriptor");
        return 0;
}

int identity_read(Mem *scratch, const Organisation *organisation, const JsonNode *node,
                  Identity *identityp, const char **reasonp) {
        Identity identity = {.project = INDEX_NONE, .merged = INDEX_NONE};
        bool is_active = true;

        if (read_names(node, &identity, reasonp) < 0)
                return -1;
        if (json_get(node, "isActive") && json_get_bool(node, "isActive", &is_active) < 0)
                return body_fail(reasonp, "an identity's `isActive` is neither true nor false");
        if (!is_active)
                return 1;
        if (!identity.subject)
                identity.subject = descriptor_subject(scratch, identity.descriptor);
        identity.kind = kind_of(node, &identity);
        name_identity(scratch, organisation, node, &identity);
        identity.is_team = identity.kind == IDENTITY_GROUP && is_team(node);
        identity.role = identity_role(identity.descriptor, identity.name, identity.project);
        identity.origin_id = property_text(node, PROPERTY_OBJECT_ID);
        if (!identity.origin_id)
                identity.origin_id = descriptor_object_id(scratch, identity.descriptor);
        *identityp = identity;
        return 0;
}

/* originId is the storage key of a DevOps group, the object id of an Entra group (facts §5.2). */
static int read_origin(const JsonNode *node, Identity *identity, const char **reasonp) {
        const char *origin = body_text(node, "origin");
        const char *id = body_text(node, "originId");
        Guid guid;

        if (!origin || !id || guid_parse(&guid, id) < 0)
                return body_fail(reasonp, "a group has no `origin` or no `originId`");
        if (text_equal(origin, ORIGIN_DEVOPS)) {
                identity->storage_key = guid;
        } else if (text_equal(origin, ORIGIN_ENTRA)) {
                identity->kind = IDENTITY_ENTRA_GROUP;
                identity->origin_id = id;
        }
        return 0;
}

int identity_read_group(Mem *scratch, const Organisation *organisation, const JsonNode *node,
                        Identity *identityp, const char **reasonp) {
        Identity identity = {.project = INDEX_NONE, .merged = INDEX_NONE};
        bool is_deleted = false;
        Scope scope = SCOPE_ORGANISATION;

        identity.subject = body_text(node, "descriptor");
        identity.name = body_text(node, "displayName");
        identity.display = body_text(node, "principalName");
        if (!identity.subject || !identity.name)
                return body_fail(reasonp, "a group has no `descriptor` or no `displayName`");
        identity.descriptor = identity_descriptor_of_subject(scratch, identity.subject);
        identity.kind = descriptor_kind(identity.descriptor, identity.subject);
        if (read_origin(node, &identity, reasonp) < 0)
                return -1;
        if (json_get_bool(node, "isDeleted", &is_deleted) == 0 && is_deleted)
                return 1;
        if (identity.kind == IDENTITY_GROUP)
                scope = scope_of_domain(organisation, body_text(node, "domain"), &identity.project);
        if (scope == SCOPE_ELSEWHERE)
                return 1;
        identity.role = identity_role(identity.descriptor, identity.name, identity.project);
        *identityp = identity;
        return 0;
}
