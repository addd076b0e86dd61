/* SPDX-License-Identifier: Apache-2.0 */
/* Directory by the identity service of an Azure DevOps Server, which has no Graph (facts §1.4). */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/directory.h"
#include "daemon/azdo/identity.h"
#include "daemon/azdo/identity_read.h"
#include "daemon/azdo/url.h"

static const char *storage_key_of(const Organisation *organisation, Index row, char *text) {
        const Identity *identity =
                &organisation->identities[organisation_canonical_identity(organisation, row)];

        assert(!guid_is_null(identity->storage_key));
        return guid_format(identity->storage_key, text);
}

static Request scope(Mem *parent, const Organisation *organisation, Index project) {
        return (Request){
                .method = METHOD_GET,
                .base = BASE_GRAPH,
                .path = url_build(
                        parent, "/_apis/identities/scopes?scopeName={}&api-version=7.1-preview.2",
                        organisation->projects[project].name, NULL)};
}

/* The scope's own id is often another than the project's, which is its local one (facts §5.3). */
static int take_scope(Mem *scratch, Organisation *organisation, Index project, const JsonNode *root,
                      const char **reasonp) {
        char text[GUID_TEXT_SIZE];
        Guid id;
        Guid local;

        if (body_guid(root, "id", &id) < 0)
                return body_fail(reasonp, "the scope has no `id`");
        if (body_guid(root, "localScopeId", &local) < 0)
                local = id;
        if (guid_compare(local, organisation->projects[project].id) != 0)
                return body_fail(reasonp, "the scope is another project's than was asked for");
        organisation->projects[project].scope =
                mem_strdup(organisation->mem, guid_format(id, text));
        return 0;
}

static Request groups(Mem *parent, const Organisation *organisation, Index project) {
        const char *of = organisation->projects[project].scope;

        bool is_all = organisation_scope_of(organisation, project) == INDEX_NONE;

        assert(of || is_all);
        return (Request){.method = METHOD_GET,
                         .base = BASE_GRAPH,
                         .path = is_all ? mem_strdup(parent, "/_apis/groups?recurse=false&deleted=false"
                                                             "&api-version=7.1-preview.1")
                                        : url_build(parent,
                                                    "/_apis/groups?scopeIds={}&recurse=false&deleted=false"
                                                    "&api-version=7.1-preview.1",
                                                    of, NULL)};
}

static Request members(Mem *parent, const Organisation *organisation, Index group) {
        char key[GUID_TEXT_SIZE];

        return (Request){.method = METHOD_GET,
                         .base = BASE_GRAPH,
                         .path = url_build(parent,
                                           "/_apis/identities/{}/members?queryMembership=direct"
                                           "&api-version=7.1-preview.1",
                                           storage_key_of(organisation, group, key), NULL)};
}

/* Identity descriptors. Whether this list is cut as that of a batch is nowhere said; exactly as many as a cut list has
 * are not believed to be all. */
static int take_members(Mem *scratch, Organisation *organisation, Index group, const JsonNode *list,
                        bool *wholep, const char **reasonp) {
        json_each(node, list) {
                const char *descriptor = json_value_text(node);

                if (!descriptor || !strchr(descriptor, ';'))
                        return body_fail(reasonp, "a member of a group is no identity descriptor");
        }
        json_each(node, list) organisation_add_membership(
                organisation, group, organisation_descriptor_row(organisation, json_value_text(node)));
        *wholep = json_count(list) != IDENTITY_MEMBERS_MAX;
        return 0;
}

/* Answered by true, or false when nothing changed: either way it is read back. */
static Request edit_member(Mem *parent, const Organisation *organisation, Method method,
                           Index container, Index member) {
        char container_key[GUID_TEXT_SIZE];
        char member_key[GUID_TEXT_SIZE];

        return (Request){.method = method,
                         .base = BASE_GRAPH,
                         .path = url_build(parent,
                                           "/_apis/identities/{}/members/{}"
                                           "?api-version=7.1-preview.1",
                                           storage_key_of(organisation, container, container_key),
                                           storage_key_of(organisation, member, member_key), NULL),
                         .empty_is_fine = true};
}

const Directory directory_server = {
        .scope = scope,
        .take_scope = take_scope,
        .groups = groups,
        .read_group = identity_read,
        .members = members,
        .take_members = take_members,
        .edit_member = edit_member,
};
