/* SPDX-License-Identifier: Apache-2.0 */
/* Settings: how this daemon runs (charterd.yaml; product.md, Settings). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/diag.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/model/desired.h"

enum {
        SETTINGS_ORGANIZATIONS_MAX = 64,
        SETTINGS_SOCKET_PATH_MAX = 107, /* sun_path of a unix socket */
};

/* Of numbers that `none` switches off. */
#define SETTINGS_NONE INT64_C(-1)

typedef enum CredentialKind {
        CREDENTIAL_ENVIRONMENT, /* none given: AZURE_DEVOPS_EXT_PAT, then the workload-identity
                                   variables */
        CREDENTIAL_PAT,
        CREDENTIAL_SERVICE_PRINCIPAL_SECRET,
        CREDENTIAL_SERVICE_PRINCIPAL_CERTIFICATE,
        CREDENTIAL_WORKLOAD_IDENTITY,
        CREDENTIAL_MANAGED_IDENTITY,
} CredentialKind;

/* Where a secret is read from: exactly one of file and env. A relative file is looked up in
 * $CREDENTIALS_DIRECTORY, then beside the settings file (settings_find_secret_file). */
typedef struct SecretSource {
        const char *file;
        const char *env;
        bool readable_by_others; /* said to be accepted */
        Place place;
} SecretSource;

typedef struct CredentialSettings {
        CredentialKind kind;
        SecretSource secret;   /* the PAT, the client's secret, or the certificate's file */
        const char *tenant;    /* service principal */
        const char *client;    /* service principal, managed identity (there it may be NULL) */
        const char *authority; /* normalised, or NULL: $AZURE_AUTHORITY_HOST, then the public one */
        Place place;
} CredentialSettings;

/* What this organisation's charter may reach. */
typedef struct MaySettings {
        bool all_projects;
        Word *projects; /* else these */
        size_t n_projects;
        bool organization;
        bool administrators;
        bool create;
} MaySettings;

typedef enum FirstPass {
        FIRST_PASS_HOLD,
        FIRST_PASS_APPLY,
} FirstPass;

typedef struct OrganizationSettings {
        const char *url;     /* normalised, see url_normalise_organization() */
        const char *charter; /* path of a file or folder, seen from the settings file */
        Mode mode;           /* MODE_OBSERVE or MODE_ENFORCE */
        CredentialSettings credential;
        MaySettings may;
        FirstPass first_pass;
        unsigned experimental; /* 1 << Kind */
        Place place;
} OrganizationSettings;

/* Durations in ms; counts of -1 are `none`. */
typedef struct LimitSettings {
        int64_t changes;
        int64_t removals_percent;
        int64_t removals_floor;
        int64_t people_losing;
        int64_t requests_in_flight;
        int64_t requests_per_5_minutes;
        int64_t request_timeout;
        int64_t request_total;
        int64_t response_size; /* bytes */
        int64_t stream_size;   /* bytes */
        int64_t settle;
} LimitSettings;

#define SETTINGS_SOCKET_NAME "charterd.sock"
#define SETTINGS_SOCKET_DEFAULT "/run/charterd/" SETTINGS_SOCKET_NAME

typedef struct Settings {
        const char *path; /* of the settings file */
        OrganizationSettings *organizations;
        size_t n_organizations;
        int64_t interval; /* ms, from the end of a pass to the next */
        int64_t jitter_percent;
        const char *state_directory; /* NULL: settings_default_state_directory() */
        const char *listen_host;     /* NULL: not served; without brackets */
        uint16_t listen_port;
        const char *socket;
        bool page;
        LimitSettings limits;
        const char *notify_command; /* or NULL */
        int64_t ledger_keep;        /* ms */
        LogFormat log_format;
        LogLevel log_level;
        const char *ca_file; /* or NULL */
        const char *proxy;   /* or NULL */
} Settings;

/* Reads and checks the settings file; paths in them are seen from its folder. 0; or negative when
 * there is no usable one, with errors in `diags` (all of them). */
int settings_load(Mem *parent, const char *path, DiagList *diags, Settings **settingsp);
/* The same from bytes; `path` is for places and relative paths. */
int settings_parse(Mem *parent, const char *bytes, size_t n, const char *path, DiagList *diags,
                   Settings **settingsp);
/* Without a file: the defaults, and one organisation (a normalised url) that is only read, with the environment's
 * credential. */
Settings *settings_new_for(Mem *parent, const char *url);
/* As the settings say it: `observe`, `enforce`. */
const char *settings_mode_word(Mode mode);
/* Where a daemon that was started with this settings file may listen, whatever mistakes the file has by now; the likeliest
 * first, each once: the file's own `socket` as far as it can be read, $RUNTIME_DIRECTORY, the folder of a unit's instance of
 * that name, the default. *np paths below parent. */
const char *const *settings_sockets(Mem *parent, const char *path, size_t *np);
/* $STATE_DIRECTORY, else charterd in $XDG_STATE_HOME, else /var/lib/charterd. */
char *settings_default_state_directory(Mem *parent);
/* The path of a secret's file: absolute as it is, else in $CREDENTIALS_DIRECTORY when it is there,
 * else beside the settings file. */
char *settings_find_secret_file(Mem *parent, const Settings *settings, const char *file);
