/* SPDX-License-Identifier: Apache-2.0 */
/* Managed: the identity that a machine or an app of Azure has by itself. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include <unistd.h>

#include "daemon/net/auth_managed.h"
#include "daemon/net/form.h"

#define IMDS_URL "http://169.254.169.254/metadata/identity/oauth2/token"
#define ARC_URL "http://127.0.0.1:40342/metadata/identity/oauth2/token"
#define ARC_KEY_END ".key"
#define KEY_NAME_BYTES \
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
#define CHALLENGE_START "Basic realm="

enum {
        STATUS_UNAUTHORIZED = 401,
};

typedef enum Place {
        PLACE_SERVICE_FABRIC,
        PLACE_APP_SERVICE,
        PLACE_AZURE_ML,
        PLACE_CLOUD_SHELL,
        PLACE_ARC,
        PLACE_IMDS,
} Place;

/* Facts §2.4. */
static const struct {
        const char *name;
        const char *version;
        const char *header;  /* or NULL */
        const char *refusal; /* NULL: it is asked */
} places[] = {
        [PLACE_SERVICE_FABRIC] =
                {"Service Fabric", NULL, NULL,
                 "managed_identity: that of Service Fabric is not supported; use a service principal"},
        [PLACE_APP_SERVICE] = {"App Service", "2019-08-01", NULL, NULL},
        [PLACE_AZURE_ML] =
                {"Azure Machine Learning", NULL, NULL,
                 "managed_identity: that of Azure Machine Learning is not supported; use a service "
                 "principal"},
        [PLACE_CLOUD_SHELL] =
                {"Cloud Shell", NULL, NULL,
                 "managed_identity: that of Cloud Shell is a person's and is not supported; use a service "
                 "principal"},
        [PLACE_ARC] = {"Azure Arc", "2020-06-01", "Metadata: true", NULL},
        [PLACE_IMDS] = {"the instance metadata service", "2018-02-01", "Metadata: true", NULL},
};

typedef struct Managed {
        Place place;
        const char *url;
        const char *query;
        const char *client;
        const char *arc_folder;
        Secret *secret_header; /* App Service */
} Managed;

/* --- which place it is --- */

static bool is_set(const char *variable) {
        const char *value = getenv(variable);

        return value && *value;
}

static Place find_place(const ManagedSpec *spec) {
        if (is_set("IDENTITY_ENDPOINT") && is_set("IDENTITY_HEADER"))
                return is_set("IDENTITY_SERVER_THUMBPRINT") ? PLACE_SERVICE_FABRIC
                                                            : PLACE_APP_SERVICE;
        if (is_set("MSI_ENDPOINT"))
                return is_set("MSI_SECRET") ? PLACE_AZURE_ML : PLACE_CLOUD_SHELL;
        if ((is_set("IDENTITY_ENDPOINT") && is_set("IMDS_ENDPOINT")) ||
            access(spec->arc_agent, F_OK) == 0)
                return PLACE_ARC;
        return PLACE_IMDS;
}

static const char *url_of(Place place) {
        if (place == PLACE_IMDS)
                return IMDS_URL;
        return is_set("IDENTITY_ENDPOINT") ? getenv("IDENTITY_ENDPOINT") : ARC_URL;
}

/* --- the question --- */

static int ask(Mem *source, Mem *parent, WebQuestion *question, const char **reasonp) {
        const Managed *managed = source;

        *question = (WebQuestion){.url = managed->url,
                                  .query = managed->query,
                                  .header = places[managed->place].header,
                                  .secret_header = managed->secret_header,
                                  .reach = WEB_REACH_LINK_LOCAL};
        return 0;
}

/* --- Azure Arc: a key that only who may read a file knows --- */

/* The last part of a path that may be read; NULL: it is somewhere else, or no name of a key. */
static const char *key_name(const Managed *managed, const char *path) {
        size_t n_folder = strlen(managed->arc_folder);
        const char *name = path + n_folder + 1;
        size_t n = 0;

        if (strncmp(path, managed->arc_folder, n_folder) != 0 || path[n_folder] != '/')
                return NULL;
        n = strlen(name);
        /* The name goes into messages too. */
        if (strspn(name, KEY_NAME_BYTES) < n || n <= sizeof ARC_KEY_END - 1 ||
            strcmp(name + n - (sizeof ARC_KEY_END - 1), ARC_KEY_END) != 0)
                return NULL;
        return name;
}

static int read_key(Mem *parent, const char *path, Secret **headerp) {
        static const char start[] = "Authorization: Basic ";
        char line[sizeof start + MANAGED_ARC_KEY_SIZE_MAX + 1];
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
        struct stat info;
        ssize_t n = -1;

        if (file < 0)
                return -errno;
        memcpy(line, start, sizeof start - 1);
        if (fstat(file, &info) == 0 && S_ISREG(info.st_mode))
                n = read(file, line + sizeof start - 1, MANAGED_ARC_KEY_SIZE_MAX + 1);
        close(file);
        if (n > 0 && n <= MANAGED_ARC_KEY_SIZE_MAX &&
            !memchr(line + sizeof start - 1, '\n', (size_t)n - 1) &&
            !memchr(line + sizeof start - 1, '\0', (size_t)n))
                *headerp = secret_new(parent, line, sizeof start - 1 + (size_t)n);
        secret_wipe(line, sizeof line);
        return *headerp ? 0 : -EINVAL;
}

static int follow(Mem *source, Mem *parent, const Reply *reply, WebQuestion *question,
                  const char **reasonp) {
        const Managed *managed = source;
        const char *path = NULL;
        Secret *header = NULL;
        int r = 0;

        if (managed->place != PLACE_ARC || reply->status != STATUS_UNAUTHORIZED)
                return 0;
        if (!reply->challenge ||
            strncasecmp(reply->challenge, CHALLENGE_START, sizeof CHALLENGE_START - 1) != 0) {
                *reasonp = "Azure Arc answers 401 without naming a key";
                return -EINVAL;
        }
        path = reply->challenge + sizeof CHALLENGE_START - 1;
        if (!key_name(managed, path)) {
                *reasonp = mem_printf(
                        parent, "Azure Arc names a key that does not lie in %s, which is not read",
                        managed->arc_folder);
                return -EINVAL;
        }
        r = read_key(parent, path, &header);
        if (r < 0) {
                *reasonp = mem_printf(
                        parent,
                        "cannot read the key of Azure Arc, %s: %s; charterd's user must be in "
                        "the group himds",
                        path, strerror(-r));
                return r;
        }
        (void)ask(source, parent, question, reasonp);
        question->secret_header = header;
        return 1;
}

/* --- refusals --- */

static const char *explain(Mem *source, Mem *parent, const TokenRefusal *refusal) {
        const Managed *managed = source;

        return mem_printf(
                parent, "%s gives no token: %d%s%s: %s", places[managed->place].name,
                refusal->status, refusal->error ? " " : "", refusal->error ? refusal->error : "",
                managed->client
                        ? "check that the identity `client` is assigned here"
                        : "check that an identity is assigned here; of several, one is named by "
                          "`client`");
}

static const TokenOperations operations = {
        .ask = ask,
        .follow = follow,
        .explain = explain,
        .missing = TOKEN_MISSING_PASSES,
};

static Secret *identity_header(Mem *parent) {
        char *line = mem_printf(parent, "X-IDENTITY-HEADER: %s", getenv("IDENTITY_HEADER"));
        bool is_one_line = !strpbrk(line, "\r\n");
        Secret *header = is_one_line ? secret_new(parent, line, strlen(line)) : NULL;

        secret_wipe(line, strlen(line));
        mem_free(line);
        return header;
}

static const char *check(const Managed *managed) {
        if (places[managed->place].refusal)
                return places[managed->place].refusal;
        if (managed->place == PLACE_ARC && managed->client)
                return "managed_identity: a machine of Azure Arc has one identity only; leave `client` out";
        if (managed->place == PLACE_APP_SERVICE && !managed->secret_header)
                return "managed_identity: IDENTITY_HEADER is longer than a header, or more than one line";
        return NULL;
}

Auth *auth_managed_new(Mem *parent, const TokenSpec *token, const ManagedSpec *spec,
                       const char **reasonp) {
        Managed *managed = mem_new(parent, Managed);
        Place place = find_place(spec);

        managed->place = place;
        managed->url = mem_strdup(managed, url_of(place));
        managed->client = mem_strdup(managed, spec->client);
        managed->arc_folder = mem_strdup(managed, spec->arc_folder);
        if (place == PLACE_APP_SERVICE)
                managed->secret_header = identity_header(managed);
        *reasonp = check(managed);
        if (*reasonp)
                return mem_free(managed);
        managed->query = mem_printf(managed, "?api-version=%s&resource=" TOKEN_RESOURCE "%s%s",
                                    places[place].version, spec->client ? "&client_id=" : "",
                                    spec->client ? form_encode(managed, spec->client) : "");
        return token_new(parent, token, &operations, managed);
}
