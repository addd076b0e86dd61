/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: how this daemon runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/guid.h"
#include "common/base/text.h"
#include "config/bind.h"
#include "config/file.h"
#include "config/settings.h"
#include "config/url.h"

enum {
        SECOND = 1000,
        MINUTE = 60 * SECOND,
        HOUR = 60 * MINUTE,
        KIB = 1024,
        MIB = 1024 * KIB,
};
#define DAY (INT64_C(24) * HOUR)
#define GIB (INT64_C(1024) * MIB)
#define COUNT_MAX INT64_C(1000000)

static const char *resolve_path(Binder *binder, const char *path) {
        const Settings *settings = binder->context;
        char *resolved = file_path_beside(NULL, settings->path, path);
        const char *kept = arena_strdup(binder->arena, resolved);

        mem_free(resolved);
        return kept;
}

static void take_path(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        const char *path = bind_text(binder, value);

        if (path)
                *(const char **)target = resolve_path(binder, path);
}

static void take_guid(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        const char *text = bind_text(binder, value);
        Guid guid;

        if (text && guid_parse(&guid, text) < 0)
                bind_error(binder, value->place, "`%s` is no GUID", text);
        *(const char **)target = text;
}

static const char *const accepted_words[] = {"accepted", NULL};

static void take_accepted(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        *(bool *)target = bind_choice(binder, value, accepted_words) == 0;
}

static const BindRow secret_rows[] = {
        {"file", BIND_TEXT, offsetof(SecretSource, file)},
        {"env", BIND_TEXT, offsetof(SecretSource, env)},
        {"readable_by_others", BIND_CALL, offsetof(SecretSource, readable_by_others),
         .take = take_accepted},
};
static const BindTable secret_table = BIND_TABLE(secret_rows);

static const BindRow certificate_rows[] = {
        {"file", BIND_TEXT, offsetof(SecretSource, file), BIND_REQUIRED},
        {"readable_by_others", BIND_CALL, offsetof(SecretSource, readable_by_others),
         .take = take_accepted},
};
static const BindTable certificate_table = BIND_TABLE(certificate_rows);

static void take_secret(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        SecretSource *source = target;

        source->place = value->place;
        if (!bind_map(binder, value, row->table ? row->table : &secret_table, source))
                return;
        if (!yaml_get(value, "file") == !yaml_get(value, "env"))
                bind_error(binder, value->place,
                           "exactly one of `file` and `env` says where the secret is");
        else if (source->env && source->readable_by_others)
                bind_error(binder, value->place, "`readable_by_others` is said of a file");
}

static void take_authority(Binder *binder, void *target, const YamlNode *value,
                           const BindRow *row) {
        const char *text = bind_text(binder, value);
        Mem *frame = mem_new(NULL, char);
        const char *reason = NULL;
        Url url;

        if (text && url_parse(frame, text, &url, &reason) < 0)
                bind_url_error(binder, value->place, text, reason);
        else if (text && !url.is_https && !url.is_loopback)
                bind_url_error(binder, value->place, text, "plain http only goes to this machine");
        mem_free(frame);
        *(const char **)target = text;
}

static const BindRow principal_rows[] = {
        {"tenant", BIND_CALL, offsetof(CredentialSettings, tenant), BIND_REQUIRED,
         .take = take_guid},
        {"client", BIND_CALL, offsetof(CredentialSettings, client), BIND_REQUIRED,
         .take = take_guid},
        {"secret", BIND_CALL, offsetof(CredentialSettings, secret), .take = take_secret},
        {"certificate", BIND_CALL, offsetof(CredentialSettings, secret), .take = take_secret,
         .table = &certificate_table},
        {"authority", BIND_CALL, offsetof(CredentialSettings, authority), .take = take_authority},
};
static const BindTable principal_table = BIND_TABLE(principal_rows);

static const BindRow managed_rows[] = {
        {"client", BIND_CALL, offsetof(CredentialSettings, client), .take = take_guid},
};
static const BindTable managed_table = BIND_TABLE(managed_rows);
static const BindTable empty_table = {NULL, 0};

static void take_pat(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        CredentialSettings *credential = target;

        credential->kind = CREDENTIAL_PAT;
        take_secret(binder, &credential->secret, value, row);
}

static void take_principal(Binder *binder, void *target, const YamlNode *value,
                           const BindRow *row) {
        CredentialSettings *credential = target;
        const YamlNode *secret = yaml_get(value, "secret");
        const YamlNode *certificate = yaml_get(value, "certificate");

        credential->kind = certificate ? CREDENTIAL_SERVICE_PRINCIPAL_CERTIFICATE
                                       : CREDENTIAL_SERVICE_PRINCIPAL_SECRET;
        if (bind_map(binder, value, &principal_table, credential) && !secret == !certificate)
                bind_error(binder, value->place,
                           "exactly one of `secret` and `certificate` is given");
}

static void take_workload(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        CredentialSettings *credential = target;

        credential->kind = CREDENTIAL_WORKLOAD_IDENTITY;
        (void)bind_map(binder, value, &empty_table, credential);
}

static void take_managed(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        CredentialSettings *credential = target;

        credential->kind = CREDENTIAL_MANAGED_IDENTITY;
        (void)bind_map(binder, value, &managed_table, credential);
}

static const BindRow credential_rows[] = {
        {"pat", BIND_CALL, .take = take_pat},
        {"service_principal", BIND_CALL, .take = take_principal},
        {"workload_identity", BIND_CALL, .take = take_workload},
        {"managed_identity", BIND_CALL, .take = take_managed},
};
static const BindTable credential_table = BIND_TABLE(credential_rows);

static void take_credential(Binder *binder, void *target, const YamlNode *value,
                            const BindRow *row) {
        CredentialSettings *credential = target;

        credential->place = value->place;
        if (bind_map(binder, value, &credential_table, credential) && value->n != 1)
                bind_error(binder, value->place,
                           "exactly one kind of credential is given, found %u", value->n);
}

static void take_may_projects(Binder *binder, void *target, const YamlNode *value,
                              const BindRow *row) {
        MaySettings *may = target;

        if (value->type == YAML_TEXT && strcmp(value->text, "all") == 0)
                return;
        may->all_projects = false;
        if (value->type == YAML_TEXT) {
                bind_error(binder, value->place, "`all` or a list of names expected, found `%s`",
                           value->text);
                return;
        }
        if (!bind_expect(binder, value, YAML_LIST))
                return;
        may->projects = arena_alloc(binder->arena, (value->n + 1) * sizeof(*may->projects));
        for (uint32_t i = 0; i < value->n; i++) {
                const char *name = bind_text(binder, value->items[i]);

                if (name)
                        may->projects[may->n_projects++] = (Word){name, value->items[i]->place};
        }
}

static const BindRow may_rows[] = {
        {"projects", BIND_CALL, .take = take_may_projects},
        {"organization", BIND_BOOL, offsetof(MaySettings, organization)},
        {"administrators", BIND_BOOL, offsetof(MaySettings, administrators)},
        {"create", BIND_BOOL, offsetof(MaySettings, create)},
};
static const BindTable may_table = BIND_TABLE(may_rows);

static void take_url(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        const char *text = bind_text(binder, value);
        const char *reason = NULL;
        char *url = NULL;

        if (!text)
                return;
        url = url_normalise_organization(NULL, text, &reason);
        if (!url)
                bind_url_error(binder, value->place, text, reason);
        *(const char **)target = arena_strdup(binder->arena, url);
        mem_free(url);
}

static void take_experimental(Binder *binder, void *target, const YamlNode *value,
                              const BindRow *row) {
        size_t n = 0;
        const char *const *words = kind_keys(KIND_IS_EXPERIMENTAL, &n);
        unsigned *experimental = target;

        if (!bind_expect(binder, value, YAML_LIST))
                return;
        for (uint32_t i = 0; i < value->n; i++) {
                int index = bind_choice(binder, value->items[i], words);

                if (index >= 0)
                        *experimental |= 1U << kind_by_key(words[index]);
        }
}

static const char *const mode_words[] = {"observe", "enforce", NULL};

const char *settings_mode_word(Mode mode) {
        return mode_words[mode - MODE_OBSERVE];
}

static const char *const first_pass_words[] = {"hold", "apply", NULL};

static const BindRow organization_rows[] = {
        {"url", BIND_CALL, offsetof(OrganizationSettings, url), BIND_REQUIRED, .take = take_url},
        {"charter", BIND_CALL, offsetof(OrganizationSettings, charter), BIND_REQUIRED,
         .take = take_path},
        {"mode", BIND_CHOICE, offsetof(OrganizationSettings, mode), BIND_REQUIRED,
         .min = MODE_OBSERVE, .choices = mode_words},
        {"credential", BIND_CALL, offsetof(OrganizationSettings, credential),
         .take = take_credential},
        {"may", BIND_MAP, offsetof(OrganizationSettings, may), .table = &may_table},
        {"first_pass", BIND_CHOICE, offsetof(OrganizationSettings, first_pass),
         .min = FIRST_PASS_HOLD, .choices = first_pass_words},
        {"experimental", BIND_CALL, offsetof(OrganizationSettings, experimental),
         .take = take_experimental},
};
static const BindTable organization_table = BIND_TABLE(organization_rows);

static const OrganizationSettings *find_organization(const Settings *settings, const char *url) {
        for (size_t i = 0; i < settings->n_organizations; i++) {
                const OrganizationSettings *other = &settings->organizations[i];

                if (other->url && text_equal(other->url, url))
                        return other;
        }
        return NULL;
}

static void take_organizations(Binder *binder, void *target, const YamlNode *value,
                               const BindRow *row) {
        Settings *settings = target;

        if (!bind_expect(binder, value, YAML_LIST))
                return;
        if (value->n == 0 || value->n > SETTINGS_ORGANIZATIONS_MAX) {
                bind_error(binder, value->place, "1 to %d organizations are listed, found %u",
                           SETTINGS_ORGANIZATIONS_MAX, value->n);
                return;
        }
        settings->organizations =
                arena_alloc(binder->arena, value->n * sizeof(*settings->organizations));
        for (uint32_t i = 0; i < value->n; i++) {
                OrganizationSettings *organization =
                        &settings->organizations[settings->n_organizations];
                const OrganizationSettings *same = NULL;

                organization->place = value->items[i]->place;
                organization->may = (MaySettings){.all_projects = true, .create = true};
                (void)bind_map(binder, value->items[i], &organization_table, organization);
                if (organization->url)
                        same = find_organization(settings, organization->url);
                if (same)
                        bind_error(binder, organization->place,
                                   "the organization %s stands twice; first at line %u", same->url,
                                   same->place.line);
                settings->n_organizations++;
        }
}

static bool host_is_ours(const char *host) {
        return strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 ||
               strcmp(host, "::1") == 0;
}

static void take_listen(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        Settings *settings = target;
        const char *text = bind_text(binder, value);
        Mem *frame = mem_new(NULL, char);
        const char *reason = NULL;
        const char *colon = NULL;
        Url url;

        settings->listen_host = NULL;
        colon = text ? strrchr(text, ':') : NULL;
        if (text && strcmp(text, "none") != 0) {
                /* The same grammar as an address has after `http://`. */
                if (!colon || strchr(colon, ']'))
                        reason = "an address with a port expected, as 127.0.0.1:9469";
                else if (url_parse(frame, mem_printf(frame, "http://%s", text), &url, &reason) ==
                                 0 &&
                         *url.path)
                        reason = "nothing stands after the port";
                if (reason) {
                        bind_url_error(binder, value->place, text, reason);
                } else {
                        settings->listen_host = arena_strdup(binder->arena, url.host);
                        settings->listen_port = url.port;
                }
        }
        mem_free(frame);
}

static void take_proxy(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        const char *text = bind_text(binder, value);
        Mem *frame = mem_new(NULL, char);
        const char *reason = NULL;
        Url url;

        if (text && url_parse(frame, text, &url, &reason) == 0 && *url.path)
                reason = "a proxy's address ends after the port";
        if (reason)
                bind_url_error(binder, value->place, text, reason);
        mem_free(frame);
        *(const char **)target = text;
}

static void take_socket(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        take_path(binder, target, value, row);
        if (*(const char **)target && strlen(*(const char **)target) > SETTINGS_SOCKET_PATH_MAX)
                bind_error(binder, value->place, "the path of a socket has at most %d bytes",
                           SETTINGS_SOCKET_PATH_MAX);
}

#define LIMIT(key_, type_, flags_, min_, max_) \
        { #key_, type_, offsetof(LimitSettings, key_), flags_, .min = (min_), .max = (max_) }

static const BindRow limit_rows[] = {
        LIMIT(changes, BIND_INTEGER, BIND_OR_NONE, 0, COUNT_MAX),
        {"removals", BIND_PERCENT, offsetof(LimitSettings, removals_percent), BIND_OR_NONE,
         .max = 100},
        LIMIT(removals_floor, BIND_INTEGER, 0, 0, COUNT_MAX),
        LIMIT(people_losing, BIND_INTEGER, BIND_OR_NONE, 0, COUNT_MAX),
        LIMIT(requests_in_flight, BIND_INTEGER, 0, 1, 64),
        LIMIT(requests_per_5_minutes, BIND_INTEGER, BIND_OR_NONE, 10, COUNT_MAX),
        LIMIT(request_timeout, BIND_DURATION, 0, SECOND, 10 * MINUTE),
        LIMIT(request_total, BIND_DURATION, 0, SECOND, 24 * HOUR),
        LIMIT(response_size, BIND_SIZE, 0, 64 * KIB, GIB),
        LIMIT(stream_size, BIND_SIZE, 0, MIB, 1024 * GIB),
        LIMIT(settle, BIND_DURATION, 0, SECOND, 10 * MINUTE),
};
static const BindTable limit_table = BIND_TABLE(limit_rows);

static const BindRow notify_rows[] = {
        {"command", BIND_CALL, offsetof(Settings, notify_command), BIND_REQUIRED,
         .take = take_path},
};
static const BindTable notify_table = BIND_TABLE(notify_rows);

static const char *const format_words[] = {"auto", "journal", "json", "text", NULL};
static const char *const level_words[] = {"error", "warning", "notice", "info", "debug", NULL};

static const BindRow log_rows[] = {
        {"format", BIND_CHOICE, offsetof(Settings, log_format), .min = LOG_FORMAT_AUTO,
         .choices = format_words},
        {"level", BIND_CHOICE, offsetof(Settings, log_level), .min = LOG_LEVEL_ERROR,
         .choices = level_words},
};
static const BindTable log_table = BIND_TABLE(log_rows);

static const BindRow settings_rows[] = {
        {"organizations", BIND_CALL, .flags = BIND_REQUIRED, .take = take_organizations},
        {"interval", BIND_DURATION, offsetof(Settings, interval), .min = 30 * SECOND,
         .max = 24 * HOUR},
        {"jitter", BIND_PERCENT, offsetof(Settings, jitter_percent), .max = 100},
        {"state_directory", BIND_CALL, offsetof(Settings, state_directory), .take = take_path},
        {"listen", BIND_CALL, .take = take_listen},
        {"socket", BIND_CALL, offsetof(Settings, socket), .take = take_socket},
        {"page", BIND_BOOL, offsetof(Settings, page)},
        {"limits", BIND_MAP, offsetof(Settings, limits), .table = &limit_table},
        {"notify", BIND_MAP, .table = &notify_table},
        {"ledger_keep", BIND_DURATION, offsetof(Settings, ledger_keep), .min = DAY,
         .max = 36500 * DAY},
        {"log", BIND_MAP, .table = &log_table},
        {"ca_file", BIND_CALL, offsetof(Settings, ca_file), .take = take_path},
        {"proxy", BIND_CALL, offsetof(Settings, proxy), .take = take_proxy},
};
static const BindTable settings_table = BIND_TABLE(settings_rows);

static const Settings defaults = {
        .interval = 5 * MINUTE,
        .jitter_percent = 10,
        .listen_host = "127.0.0.1",
        .listen_port = 9469,
        .socket = SETTINGS_SOCKET_DEFAULT,
        .limits =
                {
                        .changes = 200,
                        .removals_percent = 25,
                        .removals_floor = 3,
                        .people_losing = 25,
                        .requests_in_flight = 8,
                        .requests_per_5_minutes = 300,
                        .request_timeout = 30 * SECOND,
                        .request_total = 10 * MINUTE,
                        .response_size = 64 * MIB,
                        .stream_size = 4 * GIB,
                        .settle = 60 * SECOND,
                },
        .ledger_keep = 400 * DAY,
        .log_format = LOG_FORMAT_AUTO,
        .log_level = LOG_LEVEL_INFO,
};

/* What one key alone does not tell. */
static void check_together(Binder *binder, const YamlNode *root, const Settings *settings) {
        const YamlNode *page = yaml_get(root, "page");

        if (settings->page && (!settings->listen_host || !host_is_ours(settings->listen_host)))
                bind_error(
                        binder, page ? page->place : root->place,
                        "`page: true` is served to this machine alone: `listen` must be a loopback address");
        if (settings->limits.request_timeout > settings->limits.request_total)
                bind_error(binder, yaml_get(root, "limits")->place,
                           "`request_timeout` is longer than `request_total`");
}

Settings *settings_new_for(Mem *parent, const char *url) {
        Settings *settings = mem_new(parent, Settings);
        OrganizationSettings *organization = mem_new(settings, OrganizationSettings);

        *settings = defaults;
        settings->path = "";
        settings->organizations = organization;
        settings->n_organizations = 1;
        *organization = (OrganizationSettings){
                .url = mem_strdup(settings, url),
                .mode = MODE_OBSERVE,
                .credential = {.kind = CREDENTIAL_ENVIRONMENT},
                .may = {.all_projects = true, .create = true},
        };
        return settings;
}

int settings_parse(Mem *parent, const char *bytes, size_t n, const char *path, DiagList *diags,
                   Settings **settingsp) {
        Settings *settings = mem_new(parent, Settings);
        Mem *frame = mem_new(NULL, char);
        Binder binder = {.arena = arena_new(settings), .diags = diags, .context = settings};
        size_t n_errors = diags->n_errors;
        YamlNode *root = NULL;
        int r = 0;

        *settingsp = NULL;
        *settings = defaults;
        settings->path = arena_strdup(binder.arena, path);
        r = yaml_parse(frame, bytes, n, settings->path, diags, &root);
        if (r == 0 && bind_map(&binder, root, &settings_table, settings))
                check_together(&binder, root, settings);
        mem_free(frame);
        if (diags->n_errors > n_errors) {
                mem_free(settings);
                return -EBADMSG;
        }
        *settingsp = settings;
        return 0;
}

int settings_load(Mem *parent, const char *path, DiagList *diags, Settings **settingsp) {
        char *bytes = NULL;
        size_t n = 0;
        int r;

        *settingsp = NULL;
        if (access(path, F_OK) < 0 && errno == ENOENT) {
                diag_add(diags, (Place){.file = path}, DIAG_ERROR,
                         "there are no settings here; -c FILE names them where they are, charterd.yaml(5) tells how to write some");
                return -ENOENT;
        }
        r = file_read(NULL, path, diags, &bytes, &n);
        if (r < 0)
                return r;
        r = settings_parse(parent, bytes, n, path, diags, settingsp);
        mem_free(bytes);
        return r;
}

/* --- where a daemon may listen -------------------------------------------------------------------------------------- */

typedef struct SocketPaths {
        Mem *mem;
        const char **paths;
        size_t n;
} SocketPaths;

static void add_socket(SocketPaths *sockets, const char *path) {
        for (size_t i = 0; i < sockets->n; i++)
                if (strcmp(sockets->paths[i], path) == 0)
                        return;
        *mem_push(sockets->mem, sockets->paths, sockets->n) = mem_strdup(sockets->mem, path);
}

/* What is wrong beside it does not matter. */
static void add_socket_of_file(SocketPaths *sockets, Mem *frame, const char *path) {
        const YamlNode *socket = NULL;
        YamlNode *root = NULL;
        DiagList diags;
        char *bytes;
        size_t n;

        diag_list_init(&diags, frame);
        if (file_read(frame, path, &diags, &bytes, &n) == 0 && yaml_parse(frame, bytes, n, path, &diags, &root) == 0 &&
            root->type == YAML_MAP)
                socket = yaml_get(root, "socket");
        if (socket && socket->type == YAML_TEXT && socket->text[0])
                add_socket(sockets, file_path_beside(frame, path, socket->text));
}

/* systemd gives several folders with colons between. */
static void add_runtime_sockets(SocketPaths *sockets, Mem *frame) {
        const char *at = getenv("RUNTIME_DIRECTORY");

        while (at && *at) {
                size_t n = strcspn(at, ":");

                if (n > 0)
                        add_socket(sockets, mem_printf(frame, "%.*s/" SETTINGS_SOCKET_NAME, (int)n, at));
                at += n + (at[n] == ':');
        }
}

/* charterd@NAME.service reads NAME.yaml. */
static void add_socket_of_instance(SocketPaths *sockets, Mem *frame, const char *path) {
        const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
        size_t n = strcspn(name, ".");

        if (n > 0 && strcmp(name + n, ".yaml") == 0 && strcmp(name, "charterd.yaml") != 0)
                add_socket(sockets, mem_printf(frame, "/run/charterd-%.*s/" SETTINGS_SOCKET_NAME, (int)n, name));
}

const char *const *settings_sockets(Mem *parent, const char *path, size_t *np) {
        SocketPaths sockets = {.mem = parent};
        Mem *frame = mem_new(NULL, char);

        add_socket_of_file(&sockets, frame, path);
        add_runtime_sockets(&sockets, frame);
        add_socket_of_instance(&sockets, frame, path);
        add_socket(&sockets, SETTINGS_SOCKET_DEFAULT);
        mem_free(frame);
        *np = sockets.n;
        return sockets.paths;
}

char *settings_default_state_directory(Mem *parent) {
        const char *folder = getenv("STATE_DIRECTORY");

        if (folder && *folder) /* systemd gives several with colons between */
                return mem_strndup(parent, folder, strcspn(folder, ":"));
        folder = getenv("XDG_STATE_HOME");
        if (folder && *folder)
                return mem_printf(parent, "%s/charterd", folder);
        return mem_strdup(parent, "/var/lib/charterd");
}

char *settings_find_secret_file(Mem *parent, const Settings *settings, const char *file) {
        const char *folder = getenv("CREDENTIALS_DIRECTORY");
        char *path = NULL;

        if (file[0] != '/' && folder && *folder) {
                path = mem_printf(parent, "%s/%s", folder, file);
                if (access(path, F_OK) == 0)
                        return path;
                mem_free(path);
        }
        return file_path_beside(parent, settings->path, file);
}
