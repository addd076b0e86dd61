/* SPDX-License-Identifier: Apache-2.0 */
/* Permissions that appear in a namespace while the service runs. */
#include "tests/simulator/permission.h"

#include <string.h>

const Namespace *permission_namespace(const World *world, NamespaceIndex index) {
        return world->namespaces[index] ? world->namespaces[index] : namespace_get(index);
}

static bool is_one_bit(double bit) {
        uint64_t whole = bit >= 1 && bit <= INT32_MAX ? (uint64_t)bit : 0;

        return whole > 0 && (double)whole == bit && (whole & (whole - 1)) == 0;
}

static const char *mistake_in(const Namespace *ns, const PermissionSpec *spec) {
        if (!is_one_bit(spec->bit))
                return "\"bit\" is to be a power of two up to 1073741824";
        for (size_t i = 0; i < ns->n_actions; i++) {
                if (ns->actions[i].bit == (uint32_t)spec->bit)
                        return "the namespace has this bit already";
        }
        if (namespace_find_bit(ns, spec->name))
                return "the namespace has this name already";
        return NULL;
}

int permission_add(World *world, const PermissionSpec *spec, const char **errorp) {
        const Namespace *former = permission_namespace(world, spec->ns);
        uint32_t bit = (uint32_t)spec->bit;
        Namespace *ns;
        NamespaceAction *actions;
        size_t at = 0;

        *errorp = mistake_in(former, spec);
        if (*errorp)
                return -1;
        ns = arena_alloc(&world->arena, sizeof(*ns));
        actions = arena_alloc(&world->arena, (former->n_actions + 1) * sizeof(*actions));
        *ns = *former;
        /* In order of bits, as the service lists them (clients §1.9). */
        while (at < former->n_actions && former->actions[at].bit < bit)
                at++;
        memcpy(actions, former->actions, at * sizeof(*actions));
        memcpy(actions + at + 1, former->actions + at, (former->n_actions - at) * sizeof(*actions));
        actions[at] = (NamespaceAction){
                .bit = bit,
                .name = arena_copy(&world->arena, spec->name),
                .display_name = arena_copy(&world->arena,
                                           spec->display_name ? spec->display_name : spec->name),
                .namespace_id = former->n_actions ? former->actions[0].namespace_id : "",
        };
        ns->actions = actions;
        ns->n_actions = former->n_actions + 1;
        if (spec->reserved)
                ns->system_bits |= bit;
        world->namespaces[spec->ns] = ns;
        return 0;
}
