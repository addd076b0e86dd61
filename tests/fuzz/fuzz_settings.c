/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzSettings: any bytes are settings in order or are refused with the place of each mistake. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "config/settings.h"
#include "config/url.h"
#include "tests/fuzz/target.h"

/* A normalised address is its own normal form, and goes by TLS or not beyond this machine. */
static void check_address(Mem *mem, const char *address) {
        const char *reason = NULL;
        char *again = url_normalise_organization(mem, address, &reason);
        Url url;

        assert(again && strcmp(again, address) == 0);
        assert(url_parse(mem, address, &url, &reason) == 0);
        assert(url.is_https || url.is_loopback);
}

static void check_settings(Mem *mem, const Settings *settings) {
        assert(settings->n_organizations > 0 && settings->n_organizations <= SETTINGS_ORGANIZATIONS_MAX);
        for (size_t i = 0; i < settings->n_organizations; i++) {
                const OrganizationSettings *one = &settings->organizations[i];

                check_address(mem, one->url);
                assert(one->charter && one->mode != MODE_UNSET);
                assert(!(one->credential.secret.file && one->credential.secret.env));
        }
        assert(settings->socket && strlen(settings->socket) <= SETTINGS_SOCKET_PATH_MAX);
        assert(settings->interval >= 30000 && settings->limits.settle >= 1000);
        assert(settings->limits.request_timeout <= settings->limits.request_total);
        assert(!settings->page || settings->listen_host);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Settings *settings = NULL;
        DiagList diags;
        int r;

        diag_list_init(&diags, mem);
        r = settings_parse(mem, (const char *)bytes, n, "/etc/charterd/charterd.yaml", &diags, &settings);
        assert((r == 0) == (settings != NULL));
        assert((r == 0) == (diags.n_errors == 0));
        for (size_t i = 0; i < diags.n; i++)
                assert(diags.items[i].place.line > 0 && diags.items[i].place.column > 0);
        if (settings)
                check_settings(mem, settings);
        mem_free(mem);
        return 0;
}
