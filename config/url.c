/* SPDX-License-Identifier: Apache-2.0 */
/* Url: the address of an organisation, in one spelling. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <stdio.h>
#include <strings.h>

#include "common/base/text.h"
#include "config/url.h"

enum {
        URL_LENGTH_MAX = 2048,
        PORT_HTTP = 80,
        PORT_HTTPS = 443,
        LOOPBACK_NETWORK = 127,
};

#define HOST_SERVICES "dev.azure.com"
#define HOST_LEGACY ".visualstudio.com"
#define LEGACY_COLLECTION "/DefaultCollection"

static const char host_characters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
static const char path_characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "-._~!$&'()*+,;=:@%/";

static bool host_is_loopback(const char *host) {
        struct in_addr four;
        struct in6_addr six;

        if (strcmp(host, "localhost") == 0)
                return true;
        if (inet_pton(AF_INET, host, &four) == 1)
                return ntohl(four.s_addr) >> 24 == LOOPBACK_NETWORK;
        return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static int fail(const char **reasonp, const char *reason) {
        *reasonp = reason;
        return -EINVAL;
}

static int parse_scheme(const char **at, Url *url, const char **reasonp) {
        if (strncasecmp(*at, "https://", 8) == 0) {
                *url = (Url){.is_https = true, .port = PORT_HTTPS};
                *at += 8;
                return 0;
        }
        if (strncasecmp(*at, "http://", 7) == 0) {
                *url = (Url){.port = PORT_HTTP};
                *at += 7;
                return 0;
        }
        return fail(reasonp, "an address begins with https://");
}

static int parse_port(const char *text, size_t n, uint16_t *portp, const char **reasonp) {
        unsigned long port = 0;

        if (n == 0 || n > 5 || strspn(text, "0123456789") < n)
                return fail(reasonp, "the port is no number");
        for (size_t i = 0; i < n; i++)
                port = port * 10 + (unsigned long)(text[i] - '0');
        if (port == 0 || port > UINT16_MAX)
                return fail(reasonp, "the port is out of range");
        *portp = (uint16_t)port;
        return 0;
}

/* `host`, `host:port`, `[address]:port`, n bytes. */
static int parse_authority(Mem *parent, const char *text, size_t n, Url *url,
                           const char **reasonp) {
        bool bracketed = n > 0 && text[0] == '[';
        const char *end = bracketed ? memchr(text, ']', n) : memchr(text, ':', n);
        const char *host = text + bracketed;
        struct in6_addr six;
        size_t n_host = 0;

        if (memchr(text, '@', n))
                return fail(reasonp, "an address carries no name and no password");
        if (bracketed && !end)
                return fail(reasonp, "the host has no closing bracket");
        n_host = end ? (size_t)(end - host) : n;
        url->host = mem_strndup(parent, host, n_host);
        for (char *c = url->host; *c; c++) {
                if (*c >= 'A' && *c <= 'Z')
                        *c += 'a' - 'A';
        }
        if (bracketed ? inet_pton(AF_INET6, url->host, &six) != 1
                      : n_host == 0 || url->host[strspn(url->host, host_characters)] != '\0')
                return fail(reasonp, "the host is no name and no address");
        url->is_loopback = host_is_loopback(url->host);
        if (bracketed)
                end++;
        if (!end || end == text + n)
                return 0;
        if (*end != ':')
                return fail(reasonp, "something stands between host and port");
        return parse_port(end + 1, (size_t)(text + n - end - 1), &url->port, reasonp);
}

int url_parse(Mem *parent, const char *text, Url *urlp, const char **reasonp) {
        const char *at = text;
        size_t n = 0;
        int r = 0;

        *reasonp = NULL;
        if (strlen(text) > URL_LENGTH_MAX)
                return fail(reasonp, "an address is at most 2048 bytes long");
        r = parse_scheme(&at, urlp, reasonp);
        if (r < 0)
                return r;
        if (strpbrk(at, "?#"))
                return fail(reasonp, "an address ends before `?` and `#`");
        n = strcspn(at, "/");
        r = parse_authority(parent, at, n, urlp, reasonp);
        if (r < 0)
                return r;
        at += n;
        if (at[strspn(at, path_characters)] != '\0')
                return fail(reasonp, "a character that an address does not have; a blank is %20");
        n = strlen(at);
        while (n > 0 && at[n - 1] == '/')
                n--;
        urlp->path = mem_strndup(parent, at, n);
        if (strstr(urlp->path, "//") || strstr(urlp->path, "/../") || strstr(urlp->path, "/./"))
                return fail(reasonp, "the path has an empty segment or dots");
        return 0;
}

static bool ends_with(const char *text, const char *end) {
        size_t n = strlen(text);
        size_t n_end = strlen(end);

        return n > n_end && strcmp(text + n - n_end, end) == 0;
}

/* `contoso.visualstudio.com`: the organisation's name is the host's first word. */
static const char *rewrite_legacy_host(Mem *parent, Url *url) {
        size_t n = strlen(url->host) - strlen(HOST_LEGACY);

        if (memchr(url->host, '.', n))
                return "this is a sister host; name the organisation's own address";
        if (*url->path && !text_equal(url->path, LEGACY_COLLECTION))
                return "an organisation's address ends after its name";
        url->path = mem_printf(parent, "/%.*s", (int)n, url->host);
        url->host = mem_strdup(parent, HOST_SERVICES);
        return NULL;
}

static const char *check_organization(Mem *parent, Url *url) {
        if (!url->is_https && !url->is_loopback)
                return "plain http only goes to this machine; use https";
        if (ends_with(url->host, HOST_LEGACY)) {
                const char *reason = rewrite_legacy_host(parent, url);

                if (reason)
                        return reason;
        }
        if (ends_with(url->host, "." HOST_SERVICES))
                return "this is a sister host; name the organisation's own address";
        if (!*url->path)
                return "the organisation's name is missing after the host";
        if (strcmp(url->host, HOST_SERVICES) == 0 && strchr(url->path + 1, '/'))
                return "an organisation's address ends after its name";
        return NULL;
}

char *url_normalise_organization(Mem *parent, const char *text, const char **reasonp) {
        Mem *frame = mem_new(NULL, char);
        char *result = NULL;
        char port[8] = "";
        Url url;

        if (url_parse(frame, text, &url, reasonp) == 0)
                *reasonp = check_organization(frame, &url);
        if (!*reasonp) {
                bool six = strchr(url.host, ':') != NULL;

                if (url.port != (url.is_https ? PORT_HTTPS : PORT_HTTP))
                        (void)snprintf(port, sizeof(port), ":%u", url.port);
                result = mem_printf(parent, "%s://%s%s%s%s%s", url.is_https ? "https" : "http",
                                    six ? "[" : "", url.host, six ? "]" : "", port, url.path);
        }
        mem_free(frame);
        return result;
}

char *url_without_secret(Mem *parent, const char *text) {
        const char *scheme_end = strstr(text, "://");
        const char *begin = scheme_end ? scheme_end + strlen("://") : text;
        const char *at = strrchr(begin, '@');

        return at ? mem_printf(parent, "%.*s***%s", (int)(begin - text), text, at) : mem_strdup(parent, text);
}

const char *url_organization_name(const char *url) {
        const char *slash = strrchr(url, '/');

        return slash ? slash + 1 : url;
}
