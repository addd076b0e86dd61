/* SPDX-License-Identifier: Apache-2.0 */
/* Charter: the desired state as an operator writes it. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "config/charter.h"
#include "config/file.h"
#include "config/loading.h"
#include "config/url.h"

#define CHARTER_VERSION "1"

/* One file of a charter. */
typedef struct Source {
        const char *path;
        char *bytes;
        size_t n;
} Source;

typedef struct CharterKeys {
        const YamlNode *charter;
        const YamlNode *organization;
        PolicyLayer defaults;
        const YamlNode *vars;
        const YamlNode *kits;
        const YamlNode *groups;
        const YamlNode *projects;
        const YamlNode *asserts;
} CharterKeys;

/* clang-format off: one row a line */
static const BindRow charter_rows[] = {
        {"charter", BIND_NODE, offsetof(CharterKeys, charter)}, /* looked at in each file, see check_version() */
        {"organization", BIND_NODE, offsetof(CharterKeys, organization), BIND_REQUIRED},
        {"defaults", BIND_MAP, offsetof(CharterKeys, defaults), .table = &policy_table},
        {"vars", BIND_NODE, offsetof(CharterKeys, vars)},
        {"kits", BIND_NODE, offsetof(CharterKeys, kits)},
        {"groups", BIND_NODE, offsetof(CharterKeys, groups)},
        {"projects", BIND_NODE, offsetof(CharterKeys, projects)},
        {"asserts", BIND_NODE, offsetof(CharterKeys, asserts)},
};
static const BindTable charter_table = BIND_TABLE(charter_rows);
/* clang-format on */

/* --- the parts ------------------------------------------------------------------------------------------------------ */

static void check_version(Binder *binder, const YamlNode *root) {
        const YamlNode *version = yaml_get(root, "charter");

        if (root->type != YAML_MAP)
                return;
        if (!version)
                bind_error(binder, root->place, "`charter: " CHARTER_VERSION "` is missing");
        else if (version->type != YAML_TEXT || !version->plain || strcmp(version->text, CHARTER_VERSION) != 0)
                bind_error(binder, version->place, "this charterd reads `charter: " CHARTER_VERSION "`");
}

static void load_organization(Binder *binder, const YamlNode *node, const CharterSpec *spec) {
        Loading *loading = binder->context;
        const char *text, *reason = NULL;
        char *url;

        if (!node)
                return;
        text = bind_text(binder, node);
        if (!text)
                return;
        url = url_normalise_organization(loading->desired, text, &reason);
        if (!url)
                bind_url_error(binder, node->place, text, reason);
        else if (spec->organization && !text_equal(spec->organization, url))
                bind_error(binder, node->place, "this charter is for %s, the settings are for %s", url,
                           spec->organization);
        else
                loading->desired->organization = url;
}

static void load_variables(Binder *binder, const YamlNode *node, Variables *variables) {
        Variable *items;

        if (!node || !bind_expect(binder, node, YAML_MAP))
                return;
        items = arena_alloc(binder->arena, node->n * sizeof *items);
        for (uint32_t i = 0; i < node->n; i++) {
                const YamlNode *key = node->keys[i];
                const char *value = bind_text(binder, node->items[i]);

                if (!variables_name_is_free(key->text))
                        bind_error(binder, key->place, "`%s` " VARIABLES_NAME_RULE, key->text);
                else if (value)
                        items[variables->n++] = (Variable){key->text, value};
        }
        variables->items = items;
}

static int compare_projects(const void *a, const void *b) {
        return text_compare(((const DesiredProject *)a)->name, ((const DesiredProject *)b)->name);
}

static uint32_t count_keys(const YamlNode *node) {
        return node && node->type == YAML_MAP ? node->n : 0;
}

static void load_groups(Binder *binder, const YamlNode *node, Desired *desired) {
        DesiredProject *organization;

        if (!node || !bind_expect(binder, node, YAML_MAP) || node->n == 0)
                return;
        organization = &desired->projects[desired->n_projects++];
        organization_load(binder, organization, node);
        desired->groups = organization->principals;
        desired->n_groups = organization->n_principals;
}

static void load_projects(Binder *binder, const YamlNode *groups, const YamlNode *node) {
        Desired *desired = ((Loading *)binder->context)->desired;

        desired->projects =
                arena_alloc(binder->arena, ((size_t)count_keys(node) + 1) * sizeof *desired->projects);
        load_groups(binder, groups, desired);
        if (!node || !bind_expect(binder, node, YAML_MAP))
                return;
        check_names_differ(binder, node);
        for (uint32_t i = 0; i < node->n; i++)
                project_load(binder, &desired->projects[desired->n_projects++], node->keys[i], node->items[i]);
        if (desired->n_projects > 1)
                qsort(desired->projects, desired->n_projects, sizeof *desired->projects, compare_projects);
}

static void check_together(Binder *binder, Desired *desired, const CharterSpec *spec) {
        for (size_t i = 0; i < desired->n_projects; i++) {
                DesiredProject *project = &desired->projects[i];

                desired_index_owners(desired, project);
                check_owners(binder, project);
                check_was(binder, project);
                check_memberships(binder, project);
                check_grants(binder, project);
                check_same_as(binder, project);
        }
        check_may(binder, desired, spec);
}

static void load_kits(Binder *binder, const YamlNode *kits) {
        Loading *loading = binder->context;

        if (!kits || !bind_expect(binder, kits, YAML_MAP))
                return;
        loading->kits = kits;
        loading->kit_is_used = arena_alloc(binder->arena, (kits->n + 1) * sizeof(bool));
        loading->kit_names = arena_alloc(binder->arena, (kits->n + 1) * sizeof *loading->kit_names);
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static void load_root(Binder *binder, const YamlNode *root, const CharterSpec *spec) {
        Loading *loading = binder->context;
        Variable names[1] = {{"organization", NULL}};
        Variables outer = {.items = names, .n = 1}, variables = {.outer = &outer};
        CharterKeys keys = {0};

        if (!bind_map(binder, root, &charter_table, &keys))
                return;
        loading->defaults = keys.defaults;
        loading->desired->place = root->place;
        load_organization(binder, keys.organization, spec);
        if (loading->desired->organization)
                names[0].value = url_organization_name(loading->desired->organization);
        binder->variables = &outer;
        load_variables(binder, keys.vars, &variables);
        binder->variables = &variables;
        load_kits(binder, keys.kits);
        load_projects(binder, keys.groups, keys.projects);
        if (keys.asserts)
                asserts_load(binder, loading->desired, keys.asserts);
        kits_check_unused(binder);
        check_together(binder, loading->desired, spec);
        binder->variables = NULL;
}

/* The roots that are mappings; each carries the version. 0: none can be used. */
static size_t parse_sources(Binder *binder, Mem *frame, const Source *sources, size_t n, YamlNode **roots) {
        size_t n_roots = 0;

        for (size_t i = 0; i < n; i++) {
                const char *path = arena_strdup(binder->arena, sources[i].path);
                YamlNode *root;

                if (yaml_parse(frame, sources[i].bytes, sources[i].n, path, binder->diags, &root) < 0 ||
                    !bind_expect(binder, root, YAML_MAP))
                        continue;
                check_version(binder, root);
                roots[n_roots++] = root;
        }
        return n_roots;
}

static void digest_sources(const Source *sources, size_t n, char text[static DIGEST_TEXT_SIZE]) {
        Text all;

        text_init(&all, NULL);
        for (size_t i = 0; i < n; i++)
                text_append_bytes(&all, sources[i].bytes, sources[i].n);
        digest_sha256(all.data, all.n, text);
        text_deinit(&all);
}

static int load_sources(Mem *parent, const Source *sources, size_t n, const CharterSpec *spec, DiagList *diags,
                        Desired **desiredp) {
        Desired *desired = mem_new(parent, Desired);
        Mem *frame = mem_new(NULL, char);
        Loading loading = {.arena = arena_new(desired), .frame = arena_new(frame), .spec = spec, .desired = desired};
        Binder binder = {
                .arena = loading.arena, .diags = diags, .n_text = &loading.n_text, .context = &loading};
        YamlNode **roots = mem_new_array(frame, YamlNode *, n);
        size_t n_errors = diags->n_errors;
        size_t n_roots = parse_sources(&binder, frame, sources, n, roots);

        digest_sources(sources, n, desired->sha256);
        if (n_roots > 0)
                load_root(&binder, unite_files(&binder, roots, n_roots), spec);
        mem_free(frame);
        if (n_roots < n || diags->n_errors > n_errors || !desired->organization) {
                mem_free(desired);
                return -EBADMSG;
        }
        *desiredp = desired;
        return 0;
}

int charter_parse(Mem *parent, const char *bytes, size_t n, const char *path, const CharterSpec *spec,
                  DiagList *diags, Desired **desiredp) {
        Source source = {.path = path, .bytes = (char *)bytes, .n = n};

        *desiredp = NULL;
        return load_sources(parent, &source, 1, spec, diags, desiredp);
}

/* --- files ---------------------------------------------------------------------------------------------------------- */

static int refuse(DiagList *diags, const char *path, const char *why) {
        diag_add(diags, (Place){.file = path}, DIAG_ERROR, "%s", why);
        return -EINVAL;
}

static bool ends_in(const char *name, const char *end) {
        size_t n = strlen(name), n_end = strlen(end);

        return name[0] != '.' && n > n_end && strcmp(name + n - n_end, end) == 0;
}

static int is_yaml_file(const struct dirent *entry) {
        return ends_in(entry->d_name, ".yaml") || ends_in(entry->d_name, ".yml");
}

static int compare_entries(const struct dirent **a, const struct dirent **b) {
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int list_folder(Mem *frame, const char *path, DiagList *diags, Source **sourcesp, size_t *np) {
        struct dirent **entries;
        int n = scandir(path, &entries, is_yaml_file, compare_entries);

        if (n < 0)
                return refuse(diags, path, mem_printf(frame, "cannot be listed: %s", strerror(errno)));
        for (int i = 0; i < n; i++) {
                char *file = mem_printf(frame, "%s/%s", path, entries[i]->d_name);

                if (ends_in(entries[i]->d_name, ".yaml"))
                        mem_push(frame, *sourcesp, *np)->path = file;
                else
                        diag_add(diags, (Place){.file = file}, DIAG_WARNING,
                                 "not read: the files of a charter end in .yaml");
                free(entries[i]);
        }
        free(entries);
        if (*np == 0)
                return refuse(diags, path, "the folder has no *.yaml file");
        if (*np > CHARTER_FILES_MAX)
                return refuse(diags, path, "the folder has more than 4096 *.yaml files");
        return 0;
}

static int read_sources(Mem *frame, Source *sources, size_t n, DiagList *diags) {
        size_t size = 0;
        int r = 0;

        for (size_t i = 0; i < n; i++) {
                int one = file_read(frame, sources[i].path, diags, &sources[i].bytes, &sources[i].n);

                if (one < 0)
                        r = one;
                size += sources[i].n;
                if (size > CHARTER_SIZE_MAX)
                        return refuse(diags, sources[i].path, "the charter is larger than 32 MiB");
        }
        return r;
}

int charter_load(Mem *parent, const char *path, const CharterSpec *spec, DiagList *diags, Desired **desiredp) {
        Mem *frame = mem_new(NULL, char);
        Source *sources = NULL;
        struct stat status;
        size_t n = 0;
        int r = 0;

        *desiredp = NULL;
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
                r = list_folder(frame, path, diags, &sources, &n);
        else
                mem_push(frame, sources, n)->path = path;
        if (r == 0)
                r = read_sources(frame, sources, n, diags);
        if (r == 0)
                r = load_sources(parent, sources, n, spec, diags, desiredp);
        mem_free(frame);
        return r;
}

/* --- which it is ---------------------------------------------------------------------------------------------------- */

static const struct {
        const char *key;
        ConfigKind kind;
} first_keys[] = {
        {"charter", CONFIG_CHARTER},    {"organization", CONFIG_CHARTER}, {"defaults", CONFIG_CHARTER},
        {"vars", CONFIG_CHARTER},       {"kits", CONFIG_CHARTER},         {"projects", CONFIG_CHARTER},
        {"asserts", CONFIG_CHARTER},    {"groups", CONFIG_CHARTER},       {"organizations", CONFIG_SETTINGS},
        {"interval", CONFIG_SETTINGS},  {"jitter", CONFIG_SETTINGS},      {"state_directory", CONFIG_SETTINGS},
        {"listen", CONFIG_SETTINGS},    {"socket", CONFIG_SETTINGS},      {"page", CONFIG_SETTINGS},
        {"limits", CONFIG_SETTINGS},    {"notify", CONFIG_SETTINGS},      {"ledger_keep", CONFIG_SETTINGS},
        {"log", CONFIG_SETTINGS},       {"ca_file", CONFIG_SETTINGS},     {"proxy", CONFIG_SETTINGS},
};

static ConfigKind kind_of_root(const YamlNode *root) {
        if (root->type != YAML_MAP || root->n == 0)
                return CONFIG_UNKNOWN;
        for (size_t i = 0; i < sizeof first_keys / sizeof *first_keys; i++)
                if (strcmp(first_keys[i].key, root->keys[0]->text) == 0)
                        return first_keys[i].kind;
        return CONFIG_UNKNOWN;
}

int config_tell_kind(const char *path, DiagList *diags, ConfigKind *kindp) {
        Mem *frame = mem_new(NULL, char);
        YamlNode *root = NULL;
        struct stat status;
        DiagList own; /* mistakes are told when the file is loaded as what it is */
        char *bytes;
        size_t n;
        int r = 0;

        *kindp = CONFIG_UNKNOWN;
        diag_list_init(&own, frame);
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
                *kindp = CONFIG_CHARTER;
        else if ((r = file_read(frame, path, diags, &bytes, &n)) == 0) {
                r = yaml_parse(frame, bytes, n, path, &own, &root);
                for (size_t i = 0; r < 0 && i < own.n; i++)
                        diag_add(diags, own.items[i].place, own.items[i].level, "%s", own.items[i].message);
                if (r == 0)
                        *kindp = kind_of_root(root);
                if (r == 0 && *kindp == CONFIG_UNKNOWN)
                        r = refuse(diags, path,
                                   "neither settings nor a charter: the first key of a charter is `charter`, of "
                                   "settings `organizations`");
        }
        diag_list_deinit(&own);
        mem_free(frame);
        return r;
}
