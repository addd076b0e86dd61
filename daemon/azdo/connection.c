/* SPDX-License-Identifier: Apache-2.0 */
/* Connection: who charterd is and what it may do, as the organisation tells. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "common/base/text.h"
#include "config/url.h"
#include "daemon/azdo/body.h"
#include "daemon/azdo/connection.h"
#include "daemon/azdo/identity_read.h"

#define AREA_GRAPH "bb1e7ec9-e901-4b68-999a-de7012b920f8"
#define AREA_IDENTITIES "8a3d49b8-91f0-46ef-b33d-dda338c25db3"
#define AREA_AUDIT "94ff054d-5ee1-413d-9341-3f4a7827de2e"
#define ANONYMOUS "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa" /* facts §1.6 */

/* --- who am I --- */

Request connection_data_request(Mem *parent) {
        return (Request){.method = METHOD_GET,
                         .path = "/_apis/connectionData?connectOptions=none&lastChangeId=-1"
                                 "&lastChangeId64=-1&api-version=7.1-preview.1"};
}

static int take_data(Mem *scratch, Organisation *organisation, const Reply *reply,
                     const char **reasonp) {
        const JsonNode *root = NULL;
        Identity identity = {0};
        Guid anonymous;
        int r = body_object(scratch, reply, &root, reasonp);

        if (r < 0)
                return r;
        r = identity_read(scratch, organisation, json_get(root, "authenticatedUser"), &identity,
                          reasonp);
        if (r < 0)
                return r;
        if (r > 0)
                return body_fail(
                        reasonp,
                        "the identity of the credential is inactive in this organisation; add "
                        "it to the organisation, or use another credential");
        r = guid_parse(&anonymous, ANONYMOUS);
        assert(r == 0);
        if (guid_compare(identity.storage_key, anonymous) == 0)
                return body_fail(
                        reasonp,
                        "the service took the request for nobody's; the credential was not "
                        "accepted: renew it");
        organisation->is_server = text_equal(
                body_text(root, "deploymentType") ? body_text(root, "deploymentType") : "", "onPremises");
        organisation->self = identity.storage_key;
        organisation->self_identity = organisation_add_identity(organisation, &identity);
        return 0;
}

int connection_data_take(Organisation *organisation, const Reply *reply, const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        int r = take_data(scratch, organisation, reply, reasonp);

        mem_free(scratch);
        return r;
}

/* --- where are Graph and the audit log --- */

Request connection_areas_request(Mem *parent) {
        return (Request){.method = METHOD_GET,
                         .path = "/_apis/resourceAreas?api-version=7.1-preview.1"};
}

static int take_area(const JsonNode *area, const char *id, const char **locationp,
                     const char **reasonp) {
        Guid wanted;
        Guid guid;

        if (body_guid(area, "id", &guid) < 0)
                return body_fail(reasonp, "a resource area has no `id`");
        if (guid_parse(&wanted, id) < 0 || guid_compare(guid, wanted) != 0)
                return 0;
        if (*locationp)
                return body_fail(reasonp, "a resource area stands twice in the list");
        *locationp = body_text(area, "locationUrl");
        return *locationp ? 0 : body_fail(reasonp, "a resource area has no `locationUrl`");
}

static size_t length_without_slash(const char *url) {
        size_t n = strlen(url);

        return n > 0 && url[n - 1] == '/' ? n - 1 : n;
}

static bool is_same_address(const char *a, const char *b) {
        size_t n = length_without_slash(a);

        return n == length_without_slash(b) && strncasecmp(a, b, n) == 0;
}

static int take_areas(Mem *scratch, Mem *parent, const Reply *reply, const char *bases[static _BASE_N],
                      const char **reasonp) {
        const JsonNode *areas = NULL;
        const char *graph = NULL;
        const char *identities = NULL;
        const char *audit = NULL;
        int r = body_list(scratch, reply, &areas, reasonp);

        for (size_t i = 0; i < _BASE_N; i++)
                bases[i] = NULL;
        json_each(area, areas) {
                if (r == 0)
                        r = take_area(area, AREA_GRAPH, &graph, reasonp);
                if (r == 0)
                        r = take_area(area, AREA_IDENTITIES, &identities, reasonp);
                if (r == 0)
                        r = take_area(area, AREA_AUDIT, &audit, reasonp);
        }
        if (r < 0 || !json_first(areas))
                return r;
        if (!graph)
                return body_fail(reasonp, "the list of resource areas has no Graph");
        if (identities && !is_same_address(graph, identities))
                return body_fail(reasonp, "Graph and the identities have two different addresses");
        bases[BASE_GRAPH] = mem_strndup(parent, graph, length_without_slash(graph));
        if (audit)
                bases[BASE_AUDIT] = mem_strndup(parent, audit, length_without_slash(audit));
        return 0;
}

int connection_areas_take(Mem *parent, const Reply *reply, const char *bases[static _BASE_N],
                          const char **reasonp) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        int r = take_areas(scratch, parent, reply, bases, reasonp);

        mem_free(scratch);
        return r;
}

typedef struct HostRow {
        const char *host; /* a leading dot stands for one label in front */
} HostRow;

enum {
        HOSTS_MAX = 2
};

/* The sister hosts of dev.azure.com and of *.visualstudio.com (facts §1.1). */
static const HostRow hosts[_BASE_N][HOSTS_MAX] = {
        [BASE_CORE] = {{"dev.azure.com"}, {".visualstudio.com"}},
        [BASE_GRAPH] = {{"vssps.dev.azure.com"}, {".vssps.visualstudio.com"}},
        [BASE_AUDIT] = {{"auditservice.dev.azure.com"}, {".auditservice.visualstudio.com"}},
};

static bool is_host(const char *host, Base base) {
        const HostRow *rows = hosts[base];

        for (size_t i = 0; i < HOSTS_MAX; i++) {
                const char *label_end = strchr(host, '.');

                if (rows[i].host[0] != '.' && strcmp(host, rows[i].host) == 0)
                        return true;
                if (rows[i].host[0] == '.' && label_end && label_end > host &&
                    strcmp(label_end, rows[i].host) == 0)
                        return true;
        }
        return false;
}

bool connection_base_is_trusted(const char *organization_url, Base base_of, const char *base_url) {
        enum {
                PORT_HTTPS = 443
        };
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const char *reason = NULL;
        Url organization;
        Url base;
        bool is_trusted = false;

        if (url_parse(scratch, organization_url, &organization, &reason) == 0 &&
            url_parse(scratch, base_url, &base, &reason) == 0) {
                if (organization.is_loopback)
                        is_trusted = base.is_loopback;
                else
                        is_trusted = base.is_https && base.port == PORT_HTTPS &&
                                     is_host(organization.host, BASE_CORE) && is_host(base.host, base_of);
        }
        mem_free(scratch);
        return is_trusted;
}

bool connection_is_hosted(const char *organization_url) {
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        const char *reason = NULL;
        Url url;
        bool is_hosted = url_parse(scratch, organization_url, &url, &reason) == 0 &&
                         is_host(url.host, BASE_CORE);

        mem_free(scratch);
        return is_hosted;
}
