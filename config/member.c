/* SPDX-License-Identifier: Apache-2.0 */
/* Member: how the charter names a principal in a list. */
#include <stdlib.h>

#include "common/base/guid.h"
#include "common/base/text.h"
#include "config/loading.h"
#include "config/name.h"

typedef struct MemberKeys {
        const YamlNode *group;
        const YamlNode *of;
        const YamlNode *entra_group;
        const YamlNode *service_principal;
} MemberKeys;

static const char *const of_words[] = {"organization", NULL};

static const BindRow group_rows[] = {
        {"group", BIND_NODE, offsetof(MemberKeys, group)},
        {"of", BIND_NODE, offsetof(MemberKeys, of)},
};
static const BindTable group_table = BIND_TABLE(group_rows);

static const BindRow member_rows[] = {
        {NULL, BIND_INCLUDE, .table = &group_table},
        {"entra_group", BIND_NODE, offsetof(MemberKeys, entra_group)},
        {"service_principal", BIND_NODE, offsetof(MemberKeys, service_principal)},
};
static const BindTable member_table = BIND_TABLE(member_rows);

static bool bind_object_id(Binder *binder, const YamlNode *node, PrincipalName *principal) {
        char text[GUID_TEXT_SIZE];
        Guid id;

        principal->name = bind_text(binder, node);
        if (!principal->name)
                return false;
        if (guid_parse(&id, principal->name) == 0) {
                principal->name = arena_strdup(binder->arena, guid_format(id, text));
                return true;
        }
        if (principal->form == PRINCIPAL_SERVICE_PRINCIPAL) {
                bind_error(binder, node->place, "`%s` is no object id", principal->name);
                return false;
        }
        /* By name only among groups the organisation already has: nothing offline can tell. */
        diag_add(binder->diags, node->place, DIAG_UNKNOWN_WORD,
                 "the Entra group `%s` is named, not given by its object id; a name is found only if the "
                 "organization already has the group",
                 principal->name);
        return true;
}

static bool bind_group(Binder *binder, const MemberKeys *keys, PrincipalName *principal) {
        principal->form = PRINCIPAL_GROUP;
        if (keys->of) {
                if (bind_choice(binder, keys->of, of_words) < 0)
                        return false;
                principal->form = PRINCIPAL_ORGANIZATION_GROUP;
        }
        principal->name = bind_text(binder, keys->group);
        return principal->name != NULL;
}

static bool bind_form(Binder *binder, const YamlNode *node, const BindTable *table,
                      PrincipalName *principal) {
        MemberKeys keys = {0};
        size_t n_forms = 0;

        if (!bind_map(binder, node, table, &keys))
                return false;
        n_forms = (keys.group != NULL) + (keys.entra_group != NULL) + (keys.service_principal != NULL);
        if (n_forms != 1 || (keys.of && !keys.group)) {
                bind_error(binder, node->place, "%s",
                           table == &group_table ? "a group is written NAME or { group: NAME, of: organization }"
                                                 : "one of user@domain, { group: NAME }, { entra_group: ID } and "
                                                   "{ service_principal: ID } is expected");
                return false;
        }
        if (keys.group)
                return bind_group(binder, &keys, principal);
        principal->form = keys.entra_group ? PRINCIPAL_ENTRA_GROUP : PRINCIPAL_SERVICE_PRINCIPAL;
        return bind_object_id(binder, keys.entra_group ? keys.entra_group : keys.service_principal,
                              principal);
}

static bool bind_user(Binder *binder, const YamlNode *node, PrincipalName *principal) {
        principal->form = PRINCIPAL_USER;
        principal->name = bind_text(binder, node);
        if (!principal->name)
                return false;
        if (name_is_user(principal->name))
                return true;
        bind_error(binder, node->place, "`%s` is not user@domain; a group or team is written { group: NAME }",
                   principal->name);
        return false;
}

/* The same names side by side, in the order written. */
static int compare_names(const void *x, const void *y) {
        const PrincipalName *a = *(const PrincipalName *const *)x, *b = *(const PrincipalName *const *)y;
        int r = a->form != b->form ? (a->form < b->form ? -1 : 1) : text_compare(a->name, b->name);

        return r != 0 ? r : (a < b ? -1 : a > b);
}

void principals_drop_repeated(Binder *binder, PrincipalList *list, Repeated repeated) {
        const PrincipalName **sorted = mem_new_array(NULL, const PrincipalName *, list->n + 1);
        bool *is_repeated = mem_new_array(sorted, bool, list->n + 1);
        size_t n = 0;

        for (size_t i = 0; i < list->n; i++)
                sorted[i] = &list->items[i];
        if (list->n > 1)
                qsort(sorted, list->n, sizeof *sorted, compare_names);
        for (size_t i = 1; i < list->n; i++) {
                const PrincipalName *one = sorted[i - 1], *other = sorted[i];

                if (one->form != other->form || !text_equal(one->name, other->name))
                        continue;
                is_repeated[other - list->items] = true;
                if (repeated == REPEATED_IS_A_MISTAKE)
                        bind_error(binder, other->place, "`%s` stands twice in this list", other->name);
        }
        for (size_t i = 0; i < list->n; i++)
                if (!is_repeated[i])
                        list->items[n++] = list->items[i];
        list->n = n;
        mem_free(sorted);
}

static void take_list(Binder *binder, PrincipalList *list, const YamlNode *value, const BindTable *table) {
        Loading *loading = binder->context;

        if (!bind_expect(binder, value, YAML_LIST))
                return;
        list->mentioned = true;
        list->place = value->place;
        list->items = arena_alloc(loading->frame, value->n * sizeof(*list->items));
        for (uint32_t i = 0; i < value->n; i++) {
                const YamlNode *item = value->items[i];
                PrincipalName principal = {.form = PRINCIPAL_GROUP, .place = item->place};
                bool fine = false;

                if (item->type == YAML_MAP)
                        fine = bind_form(binder, item, table, &principal);
                else if (table == &member_table)
                        fine = bind_user(binder, item, &principal);
                else
                        fine = (principal.name = bind_text(binder, item)) != NULL;
                if (fine)
                        list->items[list->n++] = principal;
        }
        principals_drop_repeated(binder, list, REPEATED_IS_A_MISTAKE);
}

void take_principals(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        take_list(binder, target, value, &member_table);
}

void take_groups(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        take_list(binder, target, value, &group_table);
}
