/* SPDX-License-Identifier: Apache-2.0 */
/* Identity: what an identity's role says of how it may be treated. */
#include "common/base/text.h"
#include "common/model/identity.h"

bool identity_is_administrators(const Identity *identity) {
        return identity->role == IDENTITY_ROLE_ADMINISTRATORS ||
               identity->role == IDENTITY_ROLE_SERVICE_ACCOUNTS ||
               identity->role == IDENTITY_ROLE_KIND_ADMINISTRATORS;
}

bool identity_is_computed(const Identity *identity) {
        return identity->role == IDENTITY_ROLE_VALID_USERS ||
               identity->role == IDENTITY_ROLE_PROJECT_SCOPED_USERS ||
               identity->role == IDENTITY_ROLE_SECURITY_SERVICE;
}

const char *identity_exemption(const Identity *identity) {
        if (identity_is_administrators(identity))
                return "administrators";
        if (identity->kind == IDENTITY_UNKNOWN)
                return "unresolved";
        if (identity->kind == IDENTITY_SERVICE)
                return "the service's own";
        switch (identity->role) {
        case IDENTITY_ROLE_VALID_USERS:
        case IDENTITY_ROLE_SECURITY_SERVICE:
        case IDENTITY_ROLE_PROJECT_SCOPED_USERS:
                return "the service's own";
        case IDENTITY_ROLE_OTHER_BUILTIN:
                return identity->project == INDEX_NONE ? "the service's own" : NULL;
        case IDENTITY_ROLE_NONE:
        case IDENTITY_ROLE_ADMINISTRATORS:
        case IDENTITY_ROLE_SERVICE_ACCOUNTS:
        case IDENTITY_ROLE_KIND_ADMINISTRATORS:
                break;
        }
        return NULL;
}

bool group_is_builtin_of_organisation(const char *name) {
        static const char *const names[] = {
                "Project Collection Administrators",          "Project Collection Build Administrators",
                "Project Collection Build Service Accounts",  "Project Collection Proxy Service Accounts",
                "Project Collection Service Accounts",        "Project Collection Test Service Accounts",
                "Project Collection Valid Users",             "Project-Scoped Users",
                "Security Service Group",
        };

        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
                if (text_equal(names[i], name))
                        return true;
        return false;
}
