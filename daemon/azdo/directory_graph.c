/* SPDX-License-Identifier: Apache-2.0 */
/* Directory by Graph (facts §5.2). */
#include <assert.h>

#include "common/base/text.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/descriptor.h"
#include "daemon/azdo/directory.h"
#include "daemon/azdo/identity_read.h"
#include "daemon/azdo/url.h"

/* The subject descriptor of a row; a group's follows from its SID. */
static const char *subject_of(Mem *parent, const Organisation *organisation, Index row) {
        const Identity *identity =
                &organisation->identities[organisation_canonical_identity(organisation, row)];
        const char *subject = identity->subject;

        if (!subject && identity->descriptor)
                subject = descriptor_subject(parent, identity->descriptor);
        assert(subject);
        return subject;
}

static Request scope(Mem *parent, const Organisation *organisation, Index project) {
        char id[GUID_TEXT_SIZE];

        return (Request){
                .method = METHOD_GET,
                .base = BASE_GRAPH,
                .path = url_build(parent, "/_apis/graph/descriptors/{}?api-version=7.1-preview.1",
                                  guid_format(organisation->projects[project].id, id), NULL)};
}

static int take_scope(Mem *scratch, Organisation *organisation, Index project, const JsonNode *root,
                      const char **reasonp) {
        const char *value = body_text(root, "value");

        if (!value || !text_has_prefix(value, "scp."))
                return body_fail(reasonp, "the answer names no scope in `value`");
        organisation->projects[project].scope = mem_strdup(organisation->mem, value);
        return 0;
}

static Request groups(Mem *parent, const Organisation *organisation, Index project) {
        const char *of = organisation->projects[project].scope;

        bool is_all = organisation_scope_of(organisation, project) == INDEX_NONE;

        assert(of || is_all);
        return (Request){.method = METHOD_GET,
                         .base = BASE_GRAPH,
                         .path = is_all ? mem_strdup(parent, "/_apis/graph/groups?subjectTypes=vssgp&api-version=7.1-preview.1")
                                        : url_build(
                                 parent,
                                 "/_apis/graph/groups?scopeDescriptor={}&api-version=7.1-preview.1",
                                 of, NULL),
                         .paging = PAGING_CONTINUATION};
}

static Request members(Mem *parent, const Organisation *organisation, Index group) {
        return (Request){.method = METHOD_GET,
                         .base = BASE_GRAPH,
                         .path = url_build(parent,
                                           "/_apis/graph/memberships/{}?direction=down"
                                           "&api-version=7.1-preview.1",
                                           subject_of(parent, organisation, group), NULL)};
}

static int take_members(Mem *scratch, Organisation *organisation, Index group, const JsonNode *list,
                        bool *wholep, const char **reasonp) {
        const char *subject = subject_of(scratch, organisation, group);

        json_each(node, list) {
                const char *container = body_text(node, "containerDescriptor");
                const char *member = body_text(node, "memberDescriptor");

                if (!container || !member)
                        return body_fail(reasonp,
                                         "a membership does not name container and member");
                if (!text_equal(container, subject))
                        return body_fail(reasonp,
                                         "a membership is of another group than was asked for");
        }
        json_each(node, list) organisation_add_membership(
                organisation, group,
                organisation_descriptor_row(organisation, body_text(node, "memberDescriptor")));
        *wholep = true;
        return 0;
}

static Request edit_member(Mem *parent, const Organisation *organisation, Method method,
                           Index container, Index member) {
        return (Request){.method = method,
                         .base = BASE_GRAPH,
                         .path = url_build(
                                 parent, "/_apis/graph/memberships/{}/{}?api-version=7.1-preview.1",
                                 subject_of(parent, organisation, member),
                                 subject_of(parent, organisation, container), NULL),
                         .empty_is_fine = true};
}

const Directory directory_graph = {
        .scope = scope,
        .take_scope = take_scope,
        .groups = groups,
        .read_group = identity_read_group,
        .members = members,
        .take_members = take_members,
        .edit_member = edit_member,
        .makes_groups = true,
};
