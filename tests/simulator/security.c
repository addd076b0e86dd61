/* SPDX-License-Identifier: Apache-2.0 */
/* Access control lists of an organisation, by namespace (facts §3). */
#include "tests/simulator/security.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tests/simulator/audit.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/world.h"

enum {
        SLOTS_FIRST = 64,
        KEY_BUFFER_BYTES = 1024,
        /* Former states of a list are kept at least this long for stale reads. */
        HISTORY_MS = 10 * 60 * 1000,
};

/* The table. */

#define ACTION_ROW(bit, name, display_name, namespace_id) {bit, name, display_name, namespace_id},
#define ACTION_TABLE(constant, ...) \
        static const NamespaceAction TABLE_##constant[] = {ACTIONS_##constant(ACTION_ROW)};
/* clang-format off */
#define ACTION_TABLES(N) NAMESPACE_ROWS(N)
ACTION_TABLES(ACTION_TABLE)
/* clang-format on */

#define NAMESPACE_ROW(constant, id, name, display_name, separator, length, write, read, dataspace, structure,          \
                      extension, remotable, translator, system_bits)                                                   \
        {NAMESPACE_##constant,                                                                                         \
         id,                                                                                                           \
         name,                                                                                                         \
         display_name,                                                                                                 \
         separator,                                                                                                    \
         length,                                                                                                       \
         write,                                                                                                        \
         read,                                                                                                         \
         dataspace,                                                                                                    \
         structure,                                                                                                    \
         extension,                                                                                                    \
         remotable,                                                                                                    \
         translator,                                                                                                   \
         system_bits,                                                                                                  \
         TABLE_##constant,                                                                                             \
         sizeof(TABLE_##constant) / sizeof(TABLE_##constant[0])},

static const Namespace NAMESPACES[N_NAMESPACES] = {NAMESPACE_ROWS(NAMESPACE_ROW)};

const Namespace *namespace_get(NamespaceIndex index) {
        return &NAMESPACES[index];
}

const Namespace *namespace_find(const char *id) {
        for (size_t i = 0; i < N_NAMESPACES; i++) {
                if (strcasecmp(NAMESPACES[i].id, id) == 0)
                        return &NAMESPACES[i];
        }
        return NULL;
}

char namespace_separator(const Namespace *ns) {
        return ns->structure == 1 ? ns->separator[0] : '\0';
}

uint32_t namespace_find_bit(const Namespace *ns, const char *word) {
        for (size_t i = 0; i < ns->n_actions; i++) {
                if (text_same(ns->actions[i].name, word) || text_same(ns->actions[i].display_name, word))
                        return ns->actions[i].bit;
        }
        return 0;
}

/* Keys. */

static void trim_key(char *key, char separator) {
        size_t length = strlen(key);

        if (separator && length > 0 && key[length - 1] == separator)
                key[length - 1] = '\0';
}

char *token_key(Arena *arena, const Namespace *ns, const char *token) {
        char *key = text_fold(arena, token);

        trim_key(key, namespace_separator(ns));
        return key;
}

/* The store. */

void acl_store_deinit(AclStore *store) {
        for (size_t i = 0; i < store->lists.n_items; i++) {
                Acl *acl = store->lists.items[i];

                while (acl->state) {
                        AclState *previous = acl->state->previous;

                        free(acl->state->aces);
                        free(acl->state);
                        acl->state = previous;
                }
        }
        array_deinit(&store->lists);
        free(store->slots);
        *store = (AclStore){0};
}

static Acl **store_slot(Acl **slots, size_t n_slots, const char *key) {
        size_t at = text_hash(key) & (n_slots - 1);

        while (slots[at] && strcmp(slots[at]->key, key) != 0)
                at = (at + 1) & (n_slots - 1);
        return &slots[at];
}

static Acl *store_get_key(const AclStore *store, const char *key) {
        return store->n_slots ? *store_slot(store->slots, store->n_slots, key) : NULL;
}

/* Where key stands, or would, in the order of keys. */
static size_t store_place(const AclStore *store, const char *key) {
        size_t low = 0, high = store->lists.n_items;

        while (low < high) {
                size_t middle = (low + high) / 2;
                const Acl *acl = store->lists.items[middle];

                if (strcmp(acl->key, key) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static void store_grow(AclStore *store) {
        size_t n_slots = store->n_slots ? store->n_slots * 2 : SLOTS_FIRST;
        Acl **slots = memory_alloc(n_slots * sizeof(*slots));

        for (size_t i = 0; i < store->lists.n_items; i++) {
                Acl *acl = store->lists.items[i];

                *store_slot(slots, n_slots, acl->key) = acl;
        }
        free(store->slots);
        store->slots = slots;
        store->n_slots = n_slots;
}

static Acl *store_make(const AclTarget *target) {
        AclStore *store = &target->organization->stores[target->ns->index];
        Arena *arena = &target->world->arena;
        char *key = token_key(arena, target->ns, target->token);
        Acl *acl = store_get_key(store, key);

        if (acl)
                return acl;
        if ((store->lists.n_items + 1) * 2 > store->n_slots)
                store_grow(store);
        acl = arena_alloc(arena, sizeof(*acl));
        acl->key = key;
        acl->token = arena_copy(arena, target->token);
        array_insert(&store->lists, store_place(store, key), acl);
        *store_slot(store->slots, store->n_slots, key) = acl;
        return acl;
}

static Acl *store_find(const AclTarget *target) {
        const AclStore *store = &target->organization->stores[target->ns->index];
        char buffer[KEY_BUFFER_BYTES];
        char *key = text_fold_into(target->token, buffer, sizeof(buffer));
        Acl *acl;

        trim_key(key, namespace_separator(target->ns));
        acl = store_get_key(store, key);
        if (key != buffer)
                free(key);
        return acl;
}

static const AclState *state_at(const AclState *state, int64_t as_of) {
        while (state && state->since > as_of)
                state = state->previous;
        return state && state->exists ? state : NULL;
}

const AclState *acl_find(const AclStore *store, const Namespace *ns, const char *token, int64_t as_of) {
        char buffer[KEY_BUFFER_BYTES];
        char *key = text_fold_into(token, buffer, sizeof(buffer));
        const Acl *acl;

        trim_key(key, namespace_separator(ns));
        acl = store_get_key(store, key);
        if (key != buffer)
                free(key);
        return acl ? state_at(acl->state, as_of) : NULL;
}

const AclState *acl_find_key(const AclStore *store, const char *key, int64_t as_of) {
        const Acl *acl = store_get_key(store, key);

        return acl ? state_at(acl->state, as_of) : NULL;
}

const Ace *acl_state_find(const AclState *state, const Identity *identity) {
        for (size_t i = 0; state && i < state->n_aces; i++) {
                if (state->aces[i].identity == identity)
                        return &state->aces[i];
        }
        return NULL;
}

/* History. */

static void forget_history(AclState *state, int64_t before) {
        while (state->previous && state->since > before)
                state = state->previous;
        while (state->previous) {
                AclState *former = state->previous;

                state->previous = former->previous;
                free(former->aces);
                free(former);
        }
}

/* A fresh state that copies the present one and takes its place. */
static AclState *begin_change(World *world, Acl *acl) {
        AclState *former = acl->state;
        AclState *state = memory_alloc(sizeof(*state));

        *state = (AclState){.since = world->now, .exists = true, .inherit = true, .previous = former};
        if (former && former->exists) {
                state->inherit = former->inherit;
                state->n_aces = former->n_aces;
                state->aces = memory_alloc(former->n_aces * sizeof(Ace));
                if (former->n_aces)
                        memcpy(state->aces, former->aces, former->n_aces * sizeof(Ace));
        }
        acl->state = state;
        forget_history(state, world->now - HISTORY_MS);
        return state;
}

/* Entries. */

static bool ace_is(const Ace *ace, const Identity *identity, const char *descriptor) {
        if (identity || ace->identity)
                return ace->identity == identity;
        return text_same(ace->descriptor, descriptor);
}

static Ace *state_find(AclState *state, const Identity *identity, const char *descriptor) {
        for (size_t i = 0; i < state->n_aces; i++) {
                if (ace_is(&state->aces[i], identity, descriptor))
                        return &state->aces[i];
        }
        return NULL;
}

static Ace *state_make(World *world, AclState *state, Identity *identity, const char *descriptor) {
        Ace *ace = state_find(state, identity, descriptor);

        if (ace)
                return ace;
        state->aces = memory_resize(state->aces, (state->n_aces + 1) * sizeof(Ace));
        ace = &state->aces[state->n_aces++];
        *ace = (Ace){.identity = identity,
                     .descriptor = identity ? identity->descriptor : arena_copy(&world->arena, descriptor)};
        return ace;
}

static void state_remove(AclState *state, Ace *ace) {
        size_t at = (size_t)(ace - state->aces);

        state->n_aces--;
        memmove(ace, ace + 1, (state->n_aces - at) * sizeof(Ace));
}

static void drop_empty(World *world, AclState *state) {
        if (world->options.keep_zero_aces)
                return;
        for (size_t i = state->n_aces; i-- > 0;) {
                if (state->aces[i].allow == 0 && state->aces[i].deny == 0)
                        state_remove(state, &state->aces[i]);
        }
}

static bool names_reserved(const Namespace *ns, const AceSpec *entries, size_t n_entries) {
        for (size_t i = 0; i < n_entries; i++) {
                if ((entries[i].allow | entries[i].deny) & ns->system_bits)
                        return true;
        }
        return false;
}

static void apply_entry(const AclTarget *target, AclState *state, const AceSpec *entry, AceMode mode) {
        Identity *identity = directory_known_descriptor(target->organization, entry->descriptor);
        Ace *ace = state_make(target->world, state, identity, entry->descriptor);

        switch (mode) {
        case ACE_MERGE:
                ace->allow = (ace->allow & ~entry->deny) | entry->allow;
                ace->deny = (ace->deny & ~entry->allow) | entry->deny;
                break;
        case ACE_REPLACE:
                ace->allow = entry->allow;
                ace->deny = entry->deny;
                break;
        }
}

static AuditMasks masks_in(const AclTarget *target, AclState *state, const char *descriptor) {
        const Ace *ace = state && state->exists
                                 ? state_find(state, directory_known_descriptor(target->organization, descriptor), descriptor)
                                 : NULL;

        return ace ? (AuditMasks){ace->allow, ace->deny} : (AuditMasks){0};
}

/* What became of somebody's entry by the latest change of a list. */
static void note_entry(const AclTarget *target, AuditAction action, AclState *state, const char *descriptor) {
        audit_note_entry(target, action, descriptor, masks_in(target, state->previous, descriptor),
                         masks_in(target, state, descriptor));
}

int acl_set_entries(const AclTarget *target, const AceSpec *entries, size_t n_entries, AceMode mode) {
        AclState *state;

        if (names_reserved(target->ns, entries, n_entries))
                return ACL_RESERVED_BITS;
        if (n_entries == 0)
                return 0;
        state = begin_change(target->world, store_make(target));
        for (size_t i = 0; i < n_entries; i++)
                apply_entry(target, state, &entries[i], mode);
        drop_empty(target->world, state);
        for (size_t i = 0; i < n_entries; i++)
                note_entry(target, AUDIT_MODIFY_PERMISSION, state, entries[i].descriptor);
        return 0;
}

/* Who has another entry than before, or none any more. */
static void note_replaced(const AclTarget *target, AclState *state) {
        const AclState *former = state->previous;

        for (size_t i = 0; i < state->n_aces; i++)
                note_entry(target, AUDIT_MODIFY_LISTS, state, state->aces[i].descriptor);
        for (size_t i = 0; former && former->exists && i < former->n_aces; i++)
                if (!state_find(state, former->aces[i].identity, former->aces[i].descriptor))
                        note_entry(target, AUDIT_MODIFY_LISTS, state, former->aces[i].descriptor);
        if (state->inherit != (!former || !former->exists || former->inherit))
                audit_note_list(target, AUDIT_MODIFY_LISTS);
}

int acl_replace(const AclTarget *target, AclInherit inherit, const AceSpec *entries, size_t n_entries) {
        AclState *state;

        if (names_reserved(target->ns, entries, n_entries))
                return ACL_RESERVED_BITS;
        state = begin_change(target->world, store_make(target));
        state->n_aces = 0;
        state->inherit = inherit == ACL_INHERIT_ON;
        for (size_t i = 0; i < n_entries; i++)
                apply_entry(target, state, &entries[i], ACE_REPLACE);
        drop_empty(target->world, state);
        note_replaced(target, state);
        return 0;
}

size_t acl_remove_entries(const AclTarget *target, const char *const *descriptors, size_t n_descriptors) {
        Acl *acl = store_find(target);
        AclState *state;
        size_t n_removed = 0;

        if (!acl || !acl->state || !acl->state->exists)
                return 0;
        state = begin_change(target->world, acl);
        for (size_t i = 0; i < n_descriptors; i++) {
                Identity *identity = directory_known_descriptor(target->organization, descriptors[i]);
                Ace *ace = state_find(state, identity, descriptors[i]);

                if (ace) {
                        state_remove(state, ace);
                        n_removed++;
                        note_entry(target, AUDIT_REMOVE_PERMISSION, state, descriptors[i]);
                }
        }
        return n_removed;
}

/* The range of lists below a key: [*firstp, *endp). */
static void descendants(const AclStore *store, const Namespace *ns, const char *key, size_t range[2]) {
        char separator = namespace_separator(ns);
        size_t length = strlen(key);
        char *prefix = memory_alloc(length + 2);

        memcpy(prefix, key, length);
        if (length > 0)
                prefix[length++] = separator;
        range[0] = store_place(store, prefix);
        for (range[1] = range[0]; range[1] < store->lists.n_items; range[1]++) {
                const Acl *acl = store->lists.items[range[1]];

                if (strncmp(acl->key, prefix, length) != 0)
                        break;
        }
        free(prefix);
}

static bool remove_list(World *world, Acl *acl) {
        AclState *state;

        if (!acl || !acl->state || !acl->state->exists)
                return false;
        state = begin_change(world, acl);
        state->exists = false;
        state->n_aces = 0;
        return true;
}

size_t acl_remove(const AclTarget *target, AclScope scope) {
        AclStore *store = &target->organization->stores[target->ns->index];
        Acl *acl = store_find(target);
        size_t n_removed = remove_list(target->world, acl) ? 1 : 0;
        Arena scratch = {0};
        size_t range[2];

        audit_note_list(target, AUDIT_REMOVE_LISTS);
        if (scope == ACL_EXACT || !namespace_separator(target->ns))
                return n_removed;
        descendants(store, target->ns, token_key(&scratch, target->ns, target->token), range);
        for (size_t i = range[0]; i < range[1]; i++) {
                if (store->lists.items[i] != acl && remove_list(target->world, store->lists.items[i]))
                        n_removed++;
        }
        arena_deinit(&scratch);
        return n_removed;
}

void acl_clear_bits(const AclTarget *target, const char *descriptor, uint32_t bits, Ace *after) {
        Identity *identity = directory_known_descriptor(target->organization, descriptor);
        Acl *acl = store_find(target);
        AclState *state;
        Ace *ace;

        *after = (Ace){.identity = identity, .descriptor = identity ? identity->descriptor : descriptor};
        if (!acl || !acl->state || !state_find(acl->state, identity, descriptor))
                return;
        state = begin_change(target->world, acl);
        ace = state_find(state, identity, descriptor);
        ace->allow &= ~bits;
        ace->deny &= ~bits;
        *after = *ace;
        drop_empty(target->world, state);
        note_entry(target, AUDIT_MODIFY_PERMISSION, state, descriptor);
}

void acl_grant(const AclTarget *target, const Identity *identity, uint32_t allow, uint32_t deny) {
        AclState *state = begin_change(target->world, store_make(target));
        Ace *ace = state_make(target->world, state, (Identity *)identity, identity->descriptor);

        ace->allow = (ace->allow & ~deny) | allow;
        ace->deny = (ace->deny & ~allow) | deny;
        note_entry(target, AUDIT_MODIFY_PERMISSION, state, identity->descriptor);
}

void acl_set_inherit(const AclTarget *target, AclInherit inherit) {
        begin_change(target->world, store_make(target))->inherit = inherit == ACL_INHERIT_ON;
        audit_note_list(target, AUDIT_MODIFY_LISTS);
}

static void visit_one(const Acl *acl, int64_t as_of, AclVisit *visit, void *context) {
        const AclState *state = acl ? state_at(acl->state, as_of) : NULL;

        if (state)
                visit(context, acl, state);
}

void acl_visit(const AclQuery *query, AclVisit *visit, void *context) {
        const AclStore *store = query->store;
        size_t range[2] = {0, store->lists.n_items};
        Arena scratch = {0};
        const char *key = query->token ? token_key(&scratch, query->ns, query->token) : NULL;
        const Acl *exact = key ? store_get_key(store, key) : NULL;

        if (key && (query->scope == ACL_EXACT || !namespace_separator(query->ns)))
                range[1] = 0;
        else if (key)
                descendants(store, query->ns, key, range);
        visit_one(exact, query->as_of, visit, context);
        for (size_t i = range[0]; i < range[1]; i++) {
                if (store->lists.items[i] != exact)
                        visit_one(store->lists.items[i], query->as_of, visit, context);
        }
        arena_deinit(&scratch);
}
