/* SPDX-License-Identifier: Apache-2.0 */
/* ExportKit: principals as mappings; what several have alike becomes a kit. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config/export_inside.h"

enum {
        KIT_LINES_MIN = 3,  /* a shorter one is no gain */
        KIT_USERS_MIN = 2,
        NOTES_MAX = 40,     /* of one principal, of one project; the rest is counted */
};

/* What is alike of principals that may share a kit. */
typedef struct Shape {
        YamlOut *body; /* names as variables */
        const char *key;
        const char *name;   /* of the kit */
        bool is_of_teams;
        const char *begin; /* what the names of all its principals begin with, in whole words */
        const char *end;   /* and end with */
        size_t n;
        bool is_kit;
} Shape;

/* A principal with the shape it has. */
typedef struct Shaped {
        ExportProject *project;
        ExportPrincipal *principal;
        Shape *shape; /* NULL: everything of it is written out */
        const Shape *kit; /* it uses; or NULL */
        YamlOut *own;     /* beyond its kit, or everything */
} Shaped;

typedef struct Shaping {
        Export *export;
        Shape **shapes;
        size_t n_shapes;
        Table shape_keys;
        Shaped *all;
        size_t n_all;
} Shaping;

/* --- the mapping of one ------------------------------------------------------------------------------------------- */

static YamlOut *write_owned(const ExportProject *project, const ExportPrincipal *principal, ExportNaming naming,
                            const ExportThing *thing) {
        Mem *mem = project->export->mem;
        YamlOut *name = export_name(project, principal, naming, thing->kind, thing->name);
        YamlOut *map;

        if (!thing->inherit_is_off)
                return name;
        map = yaml_out_map(mem);
        yaml_out_set(map, "name", name);
        yaml_out_set(map, "inherit", yaml_out_word(mem, "false"));
        return map;
}

static YamlOut *list_of_kind(YamlOut *owns, Mem *mem, Kind kind) {
        const char *key = kind_row(kind)->key;

        for (size_t i = 0; i < owns->n; i++)
                if (strcmp(owns->keys[i], key) == 0)
                        return owns->items[i];
        return yaml_out_set(owns, key, yaml_out_list(mem));
}

static YamlOut *write_owns(const ExportProject *project, const ExportPrincipal *principal, ExportNaming naming) {
        Mem *mem = project->export->mem;
        YamlOut *owns = yaml_out_map(mem);

        for (size_t i = 0; i < principal->n_owned; i++)
                yaml_out_add(list_of_kind(owns, mem, principal->owned[i]->kind),
                             write_owned(project, principal, naming, principal->owned[i]));
        return owns;
}

/* What may stand in a kit. */
static YamlOut *write_body(const ExportProject *project, ExportPrincipal *principal, ExportNaming naming) {
        Mem *mem = project->export->mem;
        YamlOut *body = yaml_out_map(mem), *owns = write_owns(project, principal, naming);

        if (principal->member_of)
                yaml_out_set(body, "member_of", principal->member_of);
        if (principal->member_of && principal->has_groups_left)
                yaml_out_set(body, "unlisted_memberships", yaml_out_text(mem, "report"));
        if (owns->n > 0)
                yaml_out_set(body, "owns", owns);
        if (owns->n > 0 && !principal->include_sub_areas)
                yaml_out_set(body, "include_sub_areas", yaml_out_word(mem, "false"));
        if (export_is_omitted(principal, EXPORT_GRANTS) || (principal->is_builtin && principal->n_entries == 0))
                return body;
        if (principal->is_surplus_left && !principal->is_builtin)
                yaml_out_set(body, "grants_policy", yaml_out_text(mem, "report"));
        yaml_out_set(body, "grants", export_grants(project, principal, naming));
        return body;
}

static void add_notes(YamlOut *node, const ExportNotes *notes) {
        for (size_t i = 0; i < notes->n && i < NOTES_MAX; i++)
                yaml_out_comment(node, "%s", notes->items[i]);
        if (notes->n > NOTES_MAX)
                yaml_out_comment(node, "and %zu remarks more", notes->n - NOTES_MAX);
}

static YamlOut *write_principal(const Shaped *shaped) {
        ExportPrincipal *principal = shaped->principal;
        Mem *mem = shaped->project->export->mem;
        YamlOut *map = yaml_out_map(mem);

        add_notes(map, &principal->notes);
        if (shaped->kit)
                yaml_out_set(map, "kit", yaml_out_text(mem, shaped->kit->name));
        if (principal->members)
                yaml_out_set(map, "members", principal->members);
        if (principal->admins)
                yaml_out_set(map, "admins", principal->admins);
        for (size_t i = 0; i < shaped->own->n; i++)
                yaml_out_set(map, shaped->own->keys[i], shaped->own->items[i]);
        return map;
}

/* Of the service's own groups only those of which there is something to say. */
static void add_principal(YamlOut *map, const Shaped *shaped) {
        YamlOut *node = write_principal(shaped);

        if (node->n > 0 || node->n_comments > 0 || !shaped->principal->is_builtin)
                yaml_out_set(map, shaped->principal->name, node);
}

/* --- shapes ------------------------------------------------------------------------------------------------------- */

static bool is_part_of_word(char c) {
        return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static const char *common_begin(Mem *mem, const char *a, const char *b) {
        size_t n = 0;

        while (a[n] && a[n] == b[n])
                n++;
        if (a[n] || b[n])
                while (n > 0 && is_part_of_word(a[n - 1]))
                        n--;
        return mem_strndup(mem, a, n);
}

static const char *common_end(Mem *mem, const char *a, const char *b) {
        const char *at = a + strlen(a), *other = b + strlen(b);

        while (at > a && other > b && at[-1] == other[-1]) {
                at--;
                other--;
        }
        if (at > a || other > b)
                while (is_part_of_word(*at))
                        at++;
        return mem_strdup(mem, at);
}

static Shape *find_shape(Shaping *shaping, const char *key) {
        TableCursor cursor = table_find(&shaping->shape_keys, text_hash(key));

        for (uint32_t row; (row = table_next(&shaping->shape_keys, &cursor)) != TABLE_NONE;)
                if (strcmp(shaping->shapes[row]->key, key) == 0)
                        return shaping->shapes[row];
        return NULL;
}

static Shape *add_shape(Shaping *shaping, YamlOut *body, const char *key, const ExportPrincipal *principal) {
        Shape *shape = mem_new(shaping->export->mem, Shape);

        *shape = (Shape){.body = body,
                         .key = key,
                         .is_of_teams = principal->is_team,
                         .begin = principal->name,
                         .end = principal->name};
        table_add(&shaping->shape_keys, text_hash(key), (uint32_t)shaping->n_shapes);
        *mem_push(shaping->export->mem, shaping->shapes, shaping->n_shapes) = shape;
        return shape;
}

static void shape_principal(Shaping *shaping, ExportProject *project, ExportPrincipal *principal) {
        Mem *mem = shaping->export->mem;
        Shaped *shaped = mem_push(mem, shaping->all, shaping->n_all);
        YamlOut *body;
        Text key;

        *shaped = (Shaped){.project = project, .principal = principal};
        if (principal->is_builtin || export_is_omitted(principal, EXPORT_FOLDING))
                return;
        body = write_body(project, principal, EXPORT_NAMES_VARIABLE);
        text_init(&key, mem);
        text_append(&key, principal->is_team ? "team\n" : "group\n");
        yaml_write(body, &key);
        shaped->shape = find_shape(shaping, key.data);
        if (!shaped->shape)
                shaped->shape = add_shape(shaping, body, text_end(&key), principal);
        shaped->shape->begin = common_begin(mem, shaped->shape->begin, principal->name);
        shaped->shape->end = common_end(mem, shaped->shape->end, principal->name);
        shaped->shape->n++;
}

static int compare_shapes(const void *a_, const void *b_) {
        const Shape *a = *(const Shape *const *)a_, *b = *(const Shape *const *)b_;

        if (a->n != b->n)
                return a->n > b->n ? -1 : 1;
        return strcmp(a->key, b->key);
}

static bool is_taken(const Shaping *shaping, const char *name) {
        for (size_t i = 0; i < shaping->n_shapes; i++)
                if (shaping->shapes[i]->name && strcmp(shaping->shapes[i]->name, name) == 0)
                        return true;
        return false;
}

static const char *name_kit(const Shaping *shaping, const Shape *shape) {
        Mem *mem = shaping->export->mem;
        const char *begin = text_slug(mem, shape->begin), *end = text_slug(mem, shape->end);
        const char *base = begin ? begin : end ? end : "kit", *name = base;

        for (size_t number = 2; is_taken(shaping, name); number++)
                name = mem_printf(mem, "%s-%zu", base, number);
        return name;
}

/* Those that most have get their names first. */
static void choose_kits(Shaping *shaping) {
        Mem *mem = shaping->export->mem;
        Shape **sorted = mem_new_array(mem, Shape *, shaping->n_shapes + 1);

        for (size_t i = 0; i < shaping->n_shapes; i++)
                sorted[i] = shaping->shapes[i];
        if (shaping->n_shapes > 1)
                qsort(sorted, shaping->n_shapes, sizeof *sorted, compare_shapes);
        for (size_t i = 0; i < shaping->n_shapes && sorted[i]->n >= KIT_USERS_MIN; i++) {
                sorted[i]->is_kit = yaml_write_lines(sorted[i]->body) >= KIT_LINES_MIN;
                if (sorted[i]->is_kit)
                        sorted[i]->name = name_kit(shaping, sorted[i]);
        }
}

/* --- who uses which kit ------------------------------------------------------------------------------------------- */

static char *flow_of(const YamlOut *node) {
        YamlOut flat = *node;
        Text text;

        flat.is_apart = false;
        text_init(&text, NULL);
        yaml_write(&flat, &text);
        return text_end(&text);
}

static bool is_same_node(const YamlOut *a, const YamlOut *b) {
        char *x = flow_of(a), *y = flow_of(b);
        bool same = strcmp(x, y) == 0;

        mem_free(x);
        mem_free(y);
        return same;
}

static const YamlOut *find_key(const YamlOut *map, const char *key) {
        for (size_t i = 0; i < map->n; i++)
                if (strcmp(map->keys[i], key) == 0)
                        return map->items[i];
        return NULL;
}

static bool has_item(const YamlOut *list, const YamlOut *item) {
        for (size_t i = 0; list && i < list->n; i++)
                if (is_same_node(list->items[i], item))
                        return true;
        return false;
}

/* What the kit has and one has too; what is beyond is taken from `literal`, which has the same items in the same order.
 * NULL: the kit has more. */
static YamlOut *beyond_list(Mem *mem, const YamlOut *kit, const YamlOut *one, const YamlOut *literal) {
        YamlOut *beyond = yaml_out_list(mem);

        for (size_t i = 0; kit && i < kit->n; i++)
                if (!has_item(one, kit->items[i]))
                        return NULL;
        for (size_t i = 0; i < one->n; i++)
                if (!has_item(kit, one->items[i]))
                        yaml_out_add(beyond, literal->items[i]);
        beyond->style = one->style;
        return beyond;
}

/* The first area is the default one: the kit's, where it has areas. */
static bool begins_alike(const YamlOut *kit, const YamlOut *one) {
        const YamlOut *areas = find_key(kit, kind_row(KIND_AREA)->key);
        const YamlOut *own = find_key(one, kind_row(KIND_AREA)->key);

        return !areas || (own && is_same_node(areas->items[0], own->items[0]));
}

static YamlOut *beyond_owns(Mem *mem, const YamlOut *kit, const YamlOut *one, const YamlOut *literal) {
        YamlOut *beyond = yaml_out_map(mem);

        if (!begins_alike(kit, one))
                return NULL;
        for (size_t i = 0; i < kit->n; i++)
                if (!find_key(one, kit->keys[i]))
                        return NULL;
        for (size_t i = 0; i < one->n; i++) {
                YamlOut *list = beyond_list(mem, find_key(kit, one->keys[i]), one->items[i], literal->items[i]);

                if (!list)
                        return NULL;
                if (list->n > 0)
                        yaml_out_set(beyond, one->keys[i], list);
        }
        return beyond;
}

/* What the one has beyond the kit, names as they are; NULL: it cannot use the kit. Lists of what is owned and of rules
 * unite, all else must be the same. */
static YamlOut *beyond_kit(Mem *mem, const YamlOut *kit, const YamlOut *one, const YamlOut *literal) {
        YamlOut *beyond = yaml_out_map(mem);

        for (size_t i = 0; i < kit->n; i++)
                if (!find_key(one, kit->keys[i]))
                        return NULL;
        for (size_t i = 0; i < one->n; i++) {
                const YamlOut *theirs = find_key(kit, one->keys[i]);
                YamlOut *rest;

                if (theirs && is_same_node(theirs, one->items[i]))
                        continue;
                if (strcmp(one->keys[i], "owns") == 0)
                        rest = beyond_owns(mem, theirs ? theirs : yaml_out_map(mem), one->items[i], literal->items[i]);
                else if (strcmp(one->keys[i], "grants") == 0)
                        rest = beyond_list(mem, theirs, one->items[i], literal->items[i]);
                else
                        return NULL;
                if (!rest)
                        return NULL;
                yaml_out_set(beyond, one->keys[i], rest);
        }
        return beyond;
}

/* The kit by which least of it is left to write. */
static void choose_kit(const Shaping *shaping, Shaped *shaped) {
        Mem *mem = shaping->export->mem;
        YamlOut *literal;
        size_t n_least;

        if (shaped->shape && shaped->shape->is_kit) {
                shaped->kit = shaped->shape;
                shaped->own = yaml_out_map(mem);
                return;
        }
        literal = write_body(shaped->project, shaped->principal, EXPORT_NAMES_LITERAL);
        n_least = yaml_write_lines(literal);
        shaped->own = literal;
        for (size_t i = 0; shaped->shape && i < shaping->n_shapes; i++) {
                const Shape *kit = shaping->shapes[i];
                YamlOut *beyond = kit->is_kit && kit->is_of_teams == shaped->principal->is_team
                                          ? beyond_kit(mem, kit->body, shaped->shape->body, literal)
                                          : NULL;
                size_t n = beyond ? yaml_write_lines(beyond) + 1 : SIZE_MAX;

                if (n >= n_least)
                        continue;
                n_least = n;
                shaped->kit = kit;
                shaped->own = beyond;
        }
}

static int compare_names(const void *a_, const void *b_) {
        const Shape *a = *(const Shape *const *)a_, *b = *(const Shape *const *)b_;

        return a->is_kit != b->is_kit ? (a->is_kit ? -1 : 1) : a->is_kit ? strcmp(a->name, b->name) : 0;
}

static void write_kits(const Shaping *shaping, YamlOut *root) {
        Mem *mem = shaping->export->mem;
        YamlOut *kits = yaml_out_map(mem);

        kits->style = YAML_WRITE_BLOCK;
        if (shaping->n_shapes > 1)
                qsort(shaping->shapes, shaping->n_shapes, sizeof *shaping->shapes, compare_names);
        for (size_t i = 0; i < shaping->n_shapes && shaping->shapes[i]->is_kit; i++)
                yaml_out_set(kits, shaping->shapes[i]->name, shaping->shapes[i]->body)->style = YAML_WRITE_BLOCK;
        if (kits->n > 0)
                yaml_out_set(root, "kits", kits)->is_apart = true;
}

/* --- projects ----------------------------------------------------------------------------------------------------- */

/* What is said of things that nobody owns. */
static void write_things(const ExportProject *project, YamlOut *map) {
        Mem *mem = project->export->mem;

        for (size_t i = 0; i < project->n_things; i++) {
                const ExportThing *thing = &project->things[i];
                const char *key = kind_row(thing->kind)->key;
                YamlOut *things, *said;

                if (!thing->inherit_is_off || thing->owner || thing->has_own)
                        continue;
                if (map->n > 0 && strcmp(map->keys[map->n - 1], key) == 0)
                        things = map->items[map->n - 1];
                else
                        things = yaml_out_set(map, key, yaml_out_map(mem));
                things->style = YAML_WRITE_BLOCK;
                said = yaml_out_set(things, export_key(mem, thing->name), yaml_out_map(mem));
                yaml_out_set(said, "inherit", yaml_out_word(mem, "false"));
        }
}

static void write_project(const Shaping *shaping, ExportProject *project, YamlOut *projects) {
        Mem *mem = project->export->mem;
        YamlOut *map = yaml_out_set(projects, project->name, yaml_out_map(mem));
        YamlOut *teams = yaml_out_map(mem), *groups = yaml_out_map(mem);

        add_notes(map, &project->notes);
        map->style = teams->style = groups->style = YAML_WRITE_BLOCK;
        for (size_t i = 0; i < shaping->n_all; i++)
                if (shaping->all[i].project == project)
                        add_principal(shaping->all[i].principal->is_team ? teams : groups, &shaping->all[i]);
        if (teams->n > 0)
                yaml_out_set(map, "teams", teams);
        if (groups->n > 0)
                yaml_out_set(map, "groups", groups);
        write_things(project, map);
}

void export_write_projects(Export *export, YamlOut *root) {
        Shaping shaping = {.export = export};
        YamlOut *projects = yaml_out_map(export->mem);

        table_init(&shaping.shape_keys, export->mem);
        for (size_t i = 0; i < export->n_projects; i++)
                for (size_t k = 0; k < export->projects[i].n_principals; k++)
                        shape_principal(&shaping, &export->projects[i], &export->projects[i].principals[k]);
        choose_kits(&shaping);
        write_kits(&shaping, root);
        projects->style = YAML_WRITE_BLOCK;
        for (size_t i = 0; i < shaping.n_all; i++)
                choose_kit(&shaping, &shaping.all[i]);
        for (size_t i = 0; i < export->n_projects; i++)
                write_project(&shaping, &export->projects[i], projects);
        yaml_out_set(root, "projects", projects)->is_apart = true;
}
