/* SPDX-License-Identifier: Apache-2.0 */
/* ServicePrincipal: an application of Entra as a credential, known by a secret or a certificate. */
#pragma once

#include "daemon/net/authority.h"

typedef enum ServicePrincipalProof {
        SERVICE_PRINCIPAL_SECRET,
        SERVICE_PRINCIPAL_CERTIFICATE, /* PEM: a certificate with its RSA key */
} ServicePrincipalProof;

typedef struct ServicePrincipalSpec {
        AuthorityClient client;
        ServicePrincipalProof proof;
        SecretReaderSpec where; /* of the proof; form and noun are set here */
} ServicePrincipalSpec;

/* Facts §2.2, §2.3. Nothing is read or asked before it is needed. */
Auth *auth_service_principal_new(Mem *parent, const TokenSpec *token,
                                 const ServicePrincipalSpec *spec);
