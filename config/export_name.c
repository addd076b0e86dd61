/* SPDX-License-Identifier: Apache-2.0 */
/* ExportName: names and words as the text of a charter. */
#include <ctype.h>
#include <string.h>

#include "common/model/organization_permission.h"
#include "config/export_inside.h"

/* --- text --------------------------------------------------------------------------------------------------------- */

static void append_literal(Text *text, const char *bytes, size_t n) {
        for (size_t i = 0; i < n; i++) {
                if (bytes[i] == '{')
                        text_append(text, "{");
                text_append_bytes(text, &bytes[i], 1);
        }
}

const char *export_key(Mem *mem, const char *text) {
        Text key;

        text_init(&key, mem);
        append_literal(&key, text, strlen(text));
        return text_end(&key);
}

YamlOut *export_text(Mem *mem, const char *text) {
        return yaml_out_text(mem, export_key(mem, text));
}

/* --- variables ---------------------------------------------------------------------------------------------------- */

typedef struct Variable {
        const char *written;
        const char *value;
} Variable;

enum {
        VARIABLES = 3,
};

static bool is_part_of_word(char c) {
        return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* The first variable whose value stands there as words of their own. */
static const Variable *variable_at(const char *text, const char *at, const Variable variables[static VARIABLES]) {
        if (at > text && is_part_of_word(at[-1]))
                return NULL;
        for (size_t i = 0; i < VARIABLES; i++) {
                size_t n = variables[i].value ? strlen(variables[i].value) : 0;

                if (n > 0 && strncmp(at, variables[i].value, n) == 0 && !is_part_of_word(at[n]))
                        return &variables[i];
        }
        return NULL;
}

/* Things with paths are called as teams are, others by what is left of that in an address. */
static void set_variables(Mem *mem, const ExportProject *project, const ExportPrincipal *principal, Kind kind,
                          Variable variables[static VARIABLES]) {
        Variable name = {"{team}", principal->name}, slug = {"{team:slug}", text_slug(mem, principal->name)};
        bool is_nested = kind_has(kind, KIND_IS_NESTED);

        variables[0] = is_nested ? name : slug;
        variables[1] = is_nested ? slug : name;
        variables[2] = (Variable){"{project}", project->name};
}

YamlOut *export_name(const ExportProject *project, const ExportPrincipal *principal, ExportNaming naming, Kind kind,
                     const char *name) {
        Mem *mem = project->export->mem;
        Variable variables[VARIABLES];
        YamlOut *node;
        Text text;

        if (naming == EXPORT_NAMES_LITERAL)
                return export_text(mem, name);
        set_variables(mem, project, principal, kind, variables);
        text_init(&text, NULL);
        for (const char *at = name; *at;) {
                const Variable *variable = variable_at(name, at, variables);

                if (variable)
                        text_append(&text, variable->written);
                else
                        append_literal(&text, at, 1);
                at += variable ? strlen(variable->value) : 1;
        }
        node = yaml_out_text(mem, text.data);
        text_deinit(&text);
        return node;
}

/* --- words -------------------------------------------------------------------------------------------------------- */

static const char *word_of(const PermissionNamespace *from, const PermissionNamespace *other, uint32_t bit) {
        for (size_t i = 0; i < from->n_permissions; i++) {
                const char *words[] = {from->permissions[i].display, from->permissions[i].name};

                for (size_t k = 0; k < sizeof words / sizeof *words && from->permissions[i].bit == bit; k++)
                        if (words[k] && words[k][0] && permission_bit(from, words[k]) == bit &&
                            permission_bit(other, words[k]) == bit)
                                return words[k];
        }
        return NULL;
}

/* It means that bit alone, in that namespace alone. */
static bool is_clear(const PermissionTable *table, const char *word, uint8_t space, uint32_t bit) {
        OrganizationPermission found[_NAMESPACE_N];

        return organization_permission_find(table, word, found) == 1 && found[0].space == space && found[0].bit == bit;
}

/* A word at the organisation, with its namespace before it where another has the same. */
static const char *organization_word(const Export *export, uint8_t space, uint32_t bit) {
        const PermissionTable *tables[] = {&export->live->permissions, permission_table_builtin()};
        const PermissionNamespace *live = &tables[0]->items[space];

        for (size_t i = 0; i < live->n_permissions; i++) {
                const Permission *row = &live->permissions[i];
                const char *words[] = {row->display, row->name,
                                       arena_printf(export->arena, "%s/%s", live->name, row->name)};

                for (size_t k = 0; row->bit == bit && k < sizeof words / sizeof *words; k++)
                        if (words[k] && words[k][0] && is_clear(tables[0], words[k], space, bit) &&
                            is_clear(tables[1], words[k], space, bit))
                                return words[k];
        }
        return NULL;
}

const char *export_word(const Export *export, Kind kind, uint8_t space, uint32_t bit) {
        const PermissionNamespace *offline = kind_permissions(kind);
        const PermissionNamespace *live = &export->live->permissions.items[space];
        const char *word;

        if (kind == KIND_ORGANIZATION)
                return organization_word(export, space, bit);
        if (!offline || offline->system_mask & bit)
                return NULL;
        word = word_of(live, offline, bit);
        return word ? word : word_of(offline, live, bit);
}
