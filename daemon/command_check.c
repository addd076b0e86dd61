/* SPDX-License-Identifier: Apache-2.0 */
/* `charterd check`: settings and charters, offline; every mistake at once. */
#include <stdio.h>

#include "config/charter.h"
#include "config/settings.h"
#include "daemon/command.h"

static void check_charters(Mem *mem, const Settings *settings, DiagList *diags) {
        for (size_t i = 0; i < settings->n_organizations; i++) {
                const OrganizationSettings *organization = &settings->organizations[i];
                CharterSpec spec = {.organization = organization->url, .may = &organization->may,
                                    .experimental = organization->experimental};
                Desired *desired;

                charter_load(mem, organization->charter, &spec, diags, &desired);
        }
}

static void check_file(Mem *mem, const char *path, DiagList *diags) {
        ConfigKind kind;
        Settings *settings;
        Desired *desired;

        if (config_tell_kind(path, diags, &kind) < 0)
                return;
        switch (kind) {
        case CONFIG_SETTINGS:
                settings_load(mem, path, diags, &settings);
                break;
        case CONFIG_CHARTER:
                charter_load(mem, path, &(CharterSpec){0}, diags, &desired);
                break;
        case CONFIG_UNKNOWN:
                break;
        }
}

int command_check(const Cli *cli) {
        Settings *settings = NULL;
        DiagList diags;
        size_t n;
        Mem *mem;

        if (cli->only_settings && cli->n_arguments > 0) {
                complain("--settings is about the settings that -c FILE names; without it each FILE is told by its first key");
                return EXIT_USAGE;
        }
        mem = mem_new(NULL, char);
        diag_list_init(&diags, mem);
        for (size_t i = 0; i < cli->n_arguments; i++)
                check_file(mem, cli->arguments[i], &diags);
        if (cli->n_arguments == 0 && settings_load(mem, cli->settings, &diags, &settings) == 0 &&
            !cli->only_settings)
                check_charters(mem, settings, &diags);
        n = print_diags(&diags, WORDS_ARE_ERRORS);
        mem_free(mem);
        return n > 0 ? EXIT_ERROR : EXIT_IN_SYNC;
}
