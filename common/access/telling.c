/* SPDX-License-Identifier: Apache-2.0 */
/* Telling: the permissions that tell what a principal is at a thing of a kind. */
#include "common/access/telling.h"

/* Those of one kind follow one another. */
static const AccessTelling tellings[] = {
        {KIND_PROJECT, 'V', "View project-level information"},
        {KIND_REPOSITORY, 'R', "Read"},
        {KIND_REPOSITORY, 'C', "Contribute"},
        {KIND_PIPELINE_FOLDER, 'V', "View builds"},
        {KIND_PIPELINE_FOLDER, 'Q', "Queue builds"},
        {KIND_PIPELINE_FOLDER, 'E', "Edit build pipeline"},
        {KIND_AREA, 'V', "View work items in this node"},
        {KIND_AREA, 'E', "Edit work items in this node"},
        {KIND_ITERATION, 'V', "View permissions for this node"},
        {KIND_ITERATION, 'E', "Edit this node"},
        {KIND_QUERY, 'R', "Read"},
        {KIND_QUERY, 'C', "Contribute"},
        {KIND_BRANCH, 'C', "Contribute"},
        {KIND_PIPELINE, 'V', "View builds"},
        {KIND_PIPELINE, 'Q', "Queue builds"},
        {KIND_PIPELINE, 'E', "Edit build pipeline"},
        {KIND_TAGGING, 'C', "Create tag definition"},
        {KIND_ORGANIZATION, 'V', "View instance-level information"},
        {KIND_ORGANIZATION, 'P', "Create new projects"},
        {KIND_SERVICE_CONNECTION, 'V', "View Service Connection"},
        {KIND_SERVICE_CONNECTION, 'U', "Use"},
        {KIND_SERVICE_CONNECTION, 'A', "Administer"},
        {KIND_ENVIRONMENT, 'V', "View"},
        {KIND_ENVIRONMENT, 'U', "Use"},
        {KIND_ENVIRONMENT, 'A', "Administer"},
        {KIND_VARIABLE_GROUP, 'V', "View"},
        {KIND_VARIABLE_GROUP, 'U', "Use"},
        {KIND_VARIABLE_GROUP, 'A', "Administer"},
        {KIND_SECURE_FILE, 'V', "View"},
        {KIND_SECURE_FILE, 'U', "Use"},
        {KIND_SECURE_FILE, 'A', "Administer"},
        {KIND_AGENT_QUEUE, 'V', "View"},
        {KIND_AGENT_QUEUE, 'U', "Use"},
        {KIND_AGENT_QUEUE, 'A', "AdministerPermissions"},
        {KIND_RELEASE_FOLDER, 'V', "View releases"},
        {KIND_RELEASE_FOLDER, 'C', "Create releases"},
        {KIND_RELEASE_FOLDER, 'E', "Edit release pipeline"},
        {KIND_ANALYTICS_VIEW, 'V', "View shared Analytics views"},
        {KIND_ANALYTICS_VIEW, 'E', "Edit shared Analytics views"},
        {KIND_DELIVERY_PLAN, 'V', "View"},
        {KIND_DELIVERY_PLAN, 'E', "Edit"},
        {KIND_DASHBOARD, 'R', "Read"},
        {KIND_DASHBOARD, 'E', "Edit dashboard"},
};

enum {
        TELLINGS_N = sizeof(tellings) / sizeof(*tellings),
};

const AccessTelling *access_tellings(Kind kind, size_t *np) {
        size_t first = 0, n = 0;

        while (first < TELLINGS_N && tellings[first].kind != kind)
                first++;
        while (first + n < TELLINGS_N && tellings[first + n].kind == kind)
                n++;
        *np = n;
        return n > 0 ? &tellings[first] : NULL;
}
