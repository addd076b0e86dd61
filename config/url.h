/* SPDX-License-Identifier: Apache-2.0 */
/* Url: the address of an organisation, in one spelling. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/mem.h"

typedef struct Url {
        bool is_https;
        bool is_loopback;
        char *host; /* lower case; of an IPv6 address without brackets */
        uint16_t port;
        char *path; /* "" or from the first slash on, without one at the end */
} Url;

/* 0, or -EINVAL with *reasonp a constant sentence. Name and password, a query, a fragment are
 * refused. */
int url_parse(Mem *parent, const char *text, Url *urlp, const char **reasonp);
/* The organisation's address as charterd writes it: lower-case scheme and host, no default port, no
 * trailing slash, `https://{name}.visualstudio.com` as `https://dev.azure.com/{name}`. Plain http
 * only to loopback (product.md, Addresses). NULL with *reasonp. */
char *url_normalise_organization(Mem *parent, const char *text, const char **reasonp);
/* An address as it can be shown in a message, whether it is one or not: `***` for all between the scheme and the last `@`,
 * where people put passwords and tokens. */
char *url_without_secret(Mem *parent, const char *text);
/* The last segment of a normalised address: the name of the organisation or collection. */
const char *url_organization_name(const char *url);
