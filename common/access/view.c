/* SPDX-License-Identifier: Apache-2.0 */
/* View: overlays over an organisation. */
#include <assert.h>
#include <string.h>

#include "common/access/doubt.h"
#include "common/access/evaluate.h"
#include "common/access/view_inside.h"
#include "common/model/token.h"

/* A list laid over the organisation's, or over none: the whole of it. */
typedef struct OverlayList {
        uint8_t space;
        bool inherit;
        const char *token;
        AccessControlEntry *entries;
        size_t n_entries;
} OverlayList;

/* The direct neighbours of a principal, all of them: those of the organisation and what is laid
 * over. */
typedef struct OverlayEdges {
        Index principal;
        Index *items; /* sorted */
        size_t n;
} OverlayEdges;

typedef struct Neighbours {
        OverlayEdges *items;
        size_t n;
        Table table;  /* by principal */
        Index *plain; /* of the organisation's edges alone, the far ends in their order */
} Neighbours;

typedef struct NewPrincipal {
        const char *name;
        const char *display;
} NewPrincipal;

typedef struct TokenName {
        uint8_t space;
        const char *token;
        const char *name;
} TokenName;

struct AccessView {
        const Organisation *live;
        Arena *arena;
        uint64_t version;
        NewPrincipal *principals;
        size_t n_principals;
        OverlayList *lists;
        size_t n_lists;
        Table list_table;
        Neighbours containers;
        Neighbours members;
        TokenName *names;
        size_t n_names;
        Table name_table;
        /* made when first asked for */
        const AccessDoubts *doubts;
        Table entity_tokens;
        bool entities_indexed;
        Arena *node_arena;
        AccessNode **nodes;
        size_t n_nodes;
        Table node_table;
        void *kept;
};

static char separator_of(const AccessView *view, uint8_t space) {
        return view->live->permissions.items[space].separator;
}

AccessView *access_view_new(Mem *parent, const Organisation *live) {
        AccessView *view = mem_new(parent, AccessView);

        view->live = live;
        view->arena = arena_new(view);
        table_init(&view->list_table, view);
        table_init(&view->containers.table, view);
        table_init(&view->members.table, view);
        table_init(&view->entity_tokens, view);
        table_init(&view->node_table, view);
        table_init(&view->name_table, view);
        return view;
}

const Organisation *access_view_organisation(const AccessView *view) {
        return view->live;
}

Mem *access_view_mem(AccessView *view) {
        return view;
}

void **access_view_kept(AccessView *view) {
        return &view->kept;
}

uint64_t access_view_version(const AccessView *view) {
        return view->version;
}

/* What was worked out of the view as it was. */
static void forget_nodes(AccessView *view) {
        view->version++;
        if (view->n_nodes == 0)
                return;
        view->n_nodes = 0;
        view->node_arena = mem_free(view->node_arena);
        mem_free(view->node_table.slots);
        table_init(&view->node_table, view);
}

/* Principals */

static Index settle(const AccessView *view, Index principal) {
        return principal < view->live->n_identities
                       ? organisation_canonical_identity(view->live, principal)
                       : principal;
}

const Identity *access_view_identity(const AccessView *view, Index principal) {
        return principal < view->live->n_identities ? &view->live->identities[principal] : NULL;
}

size_t access_view_count_principals(const AccessView *view) {
        return view->live->n_identities + view->n_principals;
}

static Index find_valid_users(const AccessView *view, Index project) {
        for (Index i = 0; i < view->live->n_identities; i++) {
                const Identity *identity = &view->live->identities[i];

                if (identity->kind == IDENTITY_GROUP && identity->merged == INDEX_NONE &&
                    identity->project == project && identity->role == IDENTITY_ROLE_VALID_USERS)
                        return i;
        }
        return INDEX_NONE;
}

Index access_view_add_principal(AccessView *view, Index project, const char *name,
                                const char *display) {
        NewPrincipal *principal = mem_push(view, view->principals, view->n_principals);
        Index index = (Index)(view->live->n_identities + view->n_principals - 1);
        Index everybody = project == INDEX_NONE ? INDEX_NONE : find_valid_users(view, project);

        principal->name = arena_strdup(view->arena, name);
        principal->display = arena_strdup(view->arena, display);
        view->version++;
        if (everybody != INDEX_NONE)
                access_view_add_member(view, everybody, index);
        return index;
}

const char *access_view_display(const AccessView *view, Index principal) {
        const Identity *identity = access_view_identity(view, principal);

        if (!identity) {
                const NewPrincipal *new = NULL;

                assert(principal - view->live->n_identities < view->n_principals);
                new = &view->principals[principal - view->live->n_identities];
                return new->display ? new->display : new->name;
        }
        if (identity->display)
                return identity->display;
        if (identity->name)
                return identity->name;
        return identity->descriptor ? identity->descriptor : identity->subject;
}

/* Lists */

static OverlayList *find_list(const AccessView *view, uint8_t space, const char *token) {
        char separator = separator_of(view, space);
        TableCursor cursor;
        uint32_t row = 0;

        if (view->n_lists == 0)
                return NULL;
        cursor = table_find(&view->list_table, token_hash(token, separator) ^ space);
        while ((row = table_next(&view->list_table, &cursor)) != TABLE_NONE)
                if (view->lists[row].space == space &&
                    token_compare(view->lists[row].token, token, separator) == 0)
                        return &view->lists[row];
        return NULL;
}

bool access_view_has_list(const AccessView *view, uint8_t space, const char *token) {
        return find_list(view, space, token);
}

static OverlayList *make_list(AccessView *view, uint8_t space, const char *token) {
        OverlayList *list = find_list(view, space, token);
        Index row = INDEX_NONE;

        assert(space < _NAMESPACE_N && token);
        forget_nodes(view);
        if (list)
                return list;
        table_add(&view->list_table, token_hash(token, separator_of(view, space)) ^ space,
                  (uint32_t)view->n_lists);
        list = mem_push(view, view->lists, view->n_lists);
        list->space = space;
        list->token = arena_strdup(view->arena, token);
        list->inherit = true;
        row = organisation_find_acl(view->live, space, token);
        if (row == INDEX_NONE)
                return list;
        list->inherit = view->live->acls[row].inherit;
        for (size_t i = 0; i < view->live->acls[row].n_entries; i++)
                *mem_push(view, list->entries, list->n_entries) = view->live->acls[row].entries[i];
        return list;
}

/* The first entry that is not before the identity. */
static size_t lower_entry(const OverlayList *list, Index identity) {
        size_t low = 0;
        size_t high = list->n_entries;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (list->entries[middle].identity < identity)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

void access_view_set_entry(AccessView *view, uint8_t space, const char *token,
                           AccessControlEntry entry) {
        OverlayList *list = make_list(view, space, token);
        size_t at = 0;
        bool there = false;

        entry.identity = settle(view, entry.identity);
        at = lower_entry(list, entry.identity);
        there = at < list->n_entries && list->entries[at].identity == entry.identity;
        if (entry.allow == 0 && entry.deny == 0) {
                if (!there)
                        return;
                list->n_entries--;
                memmove(&list->entries[at], &list->entries[at + 1],
                        (list->n_entries - at) * sizeof(entry));
                return;
        }
        if (!there) {
                (void)mem_push(view, list->entries, list->n_entries);
                memmove(&list->entries[at + 1], &list->entries[at],
                        (list->n_entries - 1 - at) * sizeof(entry));
        }
        list->entries[at] = entry;
}

void access_view_set_inherit(AccessView *view, uint8_t space, const char *token, bool inherit) {
        make_list(view, space, token)->inherit = inherit;
}

/* The list that counts at a token; *keyp a number of its own. */
static bool find_level(const AccessView *view, uint8_t space, const char *token, AccessLevel *level,
                       uint32_t *keyp, const char **tokenp) {
        const OverlayList *list = find_list(view, space, token);
        Index row = INDEX_NONE;

        if (list) {
                *level = (AccessLevel){list->inherit, list->entries, list->n_entries};
                *keyp = (uint32_t)(view->live->n_acls + (size_t)(list - view->lists));
                *tokenp = list->token;
                return true;
        }
        row = organisation_find_acl(view->live, space, token);
        if (row == INDEX_NONE)
                return false;
        *level = (AccessLevel){view->live->acls[row].inherit, view->live->acls[row].entries,
                               view->live->acls[row].n_entries};
        *keyp = row;
        *tokenp = view->live->acls[row].token;
        return true;
}

AccessLevel access_view_level(AccessView *view, uint8_t space, const char *token) {
        AccessLevel level = {.inherit = true};
        const char *spelling = NULL;
        uint32_t key = 0;

        find_level(view, space, token, &level, &key, &spelling);
        return level;
}

size_t access_view_count_lists(const AccessView *view) {
        return view->n_lists;
}

const char *access_view_list(const AccessView *view, size_t list, uint8_t *spacep) {
        *spacep = view->lists[list].space;
        return view->lists[list].token;
}

/* Memberships */

size_t access_view_count_groups(const AccessView *view) {
        return view->members.n;
}

Index access_view_group(const AccessView *view, size_t group) {
        return view->members.items[group].principal;
}

static bool is_container_side(const AccessView *view, const Neighbours *neighbours) {
        return neighbours == &view->containers;
}

/* The organisation's own, as a run of `plain`. */
static const Index *plain_edges(AccessView *view, Neighbours *neighbours, Index principal,
                                size_t *np) {
        const Organisation *live = view->live;
        bool up = is_container_side(view, neighbours);
        const Membership *edges = up ? live->member_of : live->memberships;
        size_t n_edges = up ? live->n_member_of : live->n_memberships;
        const Membership *first = NULL;

        *np = 0;
        if (principal >= live->n_identities || n_edges == 0)
                return NULL;
        if (!neighbours->plain) {
                neighbours->plain = mem_new_array(view, Index, n_edges);
                for (size_t i = 0; i < n_edges; i++)
                        neighbours->plain[i] = up ? edges[i].container : edges[i].member;
        }
        first = up ? organisation_containers(live, principal, np)
                   : organisation_members(live, principal, np);
        return &neighbours->plain[first - edges];
}

static OverlayEdges *find_edges(const Neighbours *neighbours, Index principal) {
        TableCursor cursor = table_find(&neighbours->table, principal);
        uint32_t row = 0;

        while ((row = table_next(&neighbours->table, &cursor)) != TABLE_NONE)
                if (neighbours->items[row].principal == principal)
                        return &neighbours->items[row];
        return NULL;
}

static OverlayEdges *make_edges(AccessView *view, Neighbours *neighbours, Index principal) {
        OverlayEdges *edges = find_edges(neighbours, principal);
        const Index *plain = NULL;
        size_t n = 0;

        if (edges)
                return edges;
        table_add(&neighbours->table, principal, (uint32_t)neighbours->n);
        edges = mem_push(view, neighbours->items, neighbours->n);
        edges->principal = principal;
        plain = plain_edges(view, neighbours, principal, &n);
        for (size_t i = 0; i < n; i++)
                *mem_push(view, edges->items, edges->n) = plain[i];
        return edges;
}

/* The first neighbour that is not before the other. */
static size_t lower_edge(const OverlayEdges *edges, Index other) {
        size_t low = 0;
        size_t high = edges->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (edges->items[middle] < other)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static void add_edge(AccessView *view, Neighbours *neighbours, Index principal, Index other) {
        OverlayEdges *edges = make_edges(view, neighbours, principal);
        size_t at = lower_edge(edges, other);

        if (at < edges->n && edges->items[at] == other)
                return;
        (void)mem_push(view, edges->items, edges->n);
        memmove(&edges->items[at + 1], &edges->items[at], (edges->n - 1 - at) * sizeof(Index));
        edges->items[at] = other;
}

static void remove_edge(AccessView *view, Neighbours *neighbours, Index principal, Index other) {
        OverlayEdges *edges = make_edges(view, neighbours, principal);
        size_t at = lower_edge(edges, other);

        if (at >= edges->n || edges->items[at] != other)
                return;
        edges->n--;
        memmove(&edges->items[at], &edges->items[at + 1], (edges->n - at) * sizeof(Index));
}

void access_view_add_member(AccessView *view, Index container, Index member) {
        container = settle(view, container);
        member = settle(view, member);
        add_edge(view, &view->containers, member, container);
        add_edge(view, &view->members, container, member);
        view->version++;
}

void access_view_remove_member(AccessView *view, Index container, Index member) {
        container = settle(view, container);
        member = settle(view, member);
        remove_edge(view, &view->containers, member, container);
        remove_edge(view, &view->members, container, member);
        view->version++;
}

static const Index *neighbours_of(AccessView *view, Neighbours *neighbours, Index principal,
                                  size_t *np) {
        const OverlayEdges *edges = NULL;

        if (neighbours->n > 0)
                edges = find_edges(neighbours, principal);
        if (!edges)
                return plain_edges(view, neighbours, principal, np);
        *np = edges->n;
        return edges->items;
}

const Index *access_view_containers(AccessView *view, Index principal, size_t *np, bool *knownp) {
        const Identity *identity = NULL;

        principal = settle(view, principal);
        identity = access_view_identity(view, principal);
        /* Of what does not exist yet everything is known. */
        *knownp = !identity || identity->containers_known;
        return neighbours_of(view, &view->containers, principal, np);
}

const Index *access_view_members(AccessView *view, Index container, size_t *np, bool *knownp) {
        const Identity *identity = NULL;

        container = settle(view, container);
        identity = access_view_identity(view, container);
        *knownp = !identity || identity->members_known;
        return neighbours_of(view, &view->members, container, np);
}

const AccessDoubts *access_view_doubts(AccessView *view) {
        if (!view->doubts)
                view->doubts = access_doubts_new(view, view->live);
        return view->doubts;
}

/* Tokens by name */

static TokenName *find_name(const AccessView *view, uint8_t space, const char *token) {
        char separator = separator_of(view, space);
        TableCursor cursor;
        uint32_t row = 0;

        if (view->n_names == 0)
                return NULL;
        cursor = table_find(&view->name_table, token_hash(token, separator) ^ space);
        while ((row = table_next(&view->name_table, &cursor)) != TABLE_NONE)
                if (view->names[row].space == space &&
                    token_compare(view->names[row].token, token, separator) == 0)
                        return &view->names[row];
        return NULL;
}

void access_view_name_token(AccessView *view, uint8_t space, const char *token, const char *name) {
        TokenName *row = find_name(view, space, token);

        if (!row) {
                table_add(&view->name_table, token_hash(token, separator_of(view, space)) ^ space,
                          (uint32_t)view->n_names);
                row = mem_push(view, view->names, view->n_names);
                row->space = space;
                row->token = arena_strdup(view->arena, token);
        }
        row->name = arena_strdup(view->arena, name);
}

const char *access_view_token_name(const AccessView *view, uint8_t space, const char *token) {
        const TokenName *row = find_name(view, space, token);

        return row ? row->name : NULL;
}

static void index_entities(AccessView *view) {
        for (size_t i = 0; i < view->live->n_entities; i++) {
                const Entity *entity = &view->live->entities[i];
                int space = kind_namespace(entity->kind);

                if (space >= 0 && entity->token)
                        table_add(&view->entity_tokens,
                                  token_hash(entity->token, separator_of(view, (uint8_t)space)) ^
                                          (uint64_t)space,
                                  (uint32_t)i);
        }
        view->entities_indexed = true;
}

Index access_view_entity(AccessView *view, uint8_t space, const char *token) {
        char separator = separator_of(view, space);
        TableCursor cursor;
        uint32_t row = 0;

        if (!view->entities_indexed)
                index_entities(view);
        cursor = table_find(&view->entity_tokens, token_hash(token, separator) ^ space);
        while ((row = table_next(&view->entity_tokens, &cursor)) != TABLE_NONE)
                if (kind_namespace(view->live->entities[row].kind) == space &&
                    token_compare(view->live->entities[row].token, token, separator) == 0)
                        return row;
        return INDEX_NONE;
}

/* Nodes */

static AccessNode *find_node(const AccessView *view, uint32_t key) {
        TableCursor cursor = table_find(&view->node_table, key);
        uint32_t row = 0;

        /* The hash of a number below 2^32 is its own; two never meet. */
        while ((row = table_next(&view->node_table, &cursor)) != TABLE_NONE)
                if (view->nodes[row]->key == key)
                        return view->nodes[row];
        return NULL;
}

static AccessNode *new_node(AccessView *view, uint32_t key, uint8_t space, const char *token,
                            const AccessLevel *level) {
        AccessNode *node = NULL;

        if (!view->node_arena)
                view->node_arena = arena_new(view);
        node = arena_new_object(view->node_arena, AccessNode);
        node->key = key;
        node->token = token;
        node->space = space;
        node->entries = level->entries;
        node->n_entries = (uint32_t)level->n_entries;
        table_add(&view->node_table, key, (uint32_t)view->n_nodes);
        *mem_push(view, view->nodes, view->n_nodes) = node;
        return node;
}

static size_t count_levels(const char *token, char separator) {
        ssize_t n = (ssize_t)strlen(token);
        size_t n_levels = 0;

        while (n >= 0 && n_levels <= ACCESS_LEVELS_MAX) {
                n = token_parent_length(token, (size_t)n, separator);
                n_levels++;
        }
        return n_levels;
}

const AccessNode *access_view_node(AccessView *view, uint8_t space, const char *token) {
        static const AccessNode beyond = {.token = "", .is_cut = true};
        char separator = separator_of(view, space);
        char cut[ACCESS_TOKEN_MAX + 1];
        ssize_t n = (ssize_t)strlen(token);
        const AccessNode *first = NULL;
        AccessNode *last = NULL;

        if (n > ACCESS_TOKEN_MAX || count_levels(token, separator) > ACCESS_LEVELS_MAX)
                return &beyond;
        memcpy(cut, token, (size_t)n + 1);
        for (; n >= 0; n = token_parent_length(cut, (size_t)n, separator)) {
                AccessLevel level;
                AccessNode *node = NULL;
                const char *spelling = NULL;
                uint32_t key = 0;
                bool is_old = false;

                cut[n] = '\0';
                if (!find_level(view, space, cut, &level, &key, &spelling))
                        continue;
                node = find_node(view, key);
                is_old = node != NULL;
                if (!node)
                        node = new_node(view, key, space, spelling, &level);
                if (last)
                        last->up = node;
                if (!first)
                        first = node;
                if (is_old || !level.inherit)
                        break;
                last = node;
        }
        return first;
}
