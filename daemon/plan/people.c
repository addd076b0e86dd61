/* SPDX-License-Identifier: Apache-2.0 */
/* People: whom the steps of a plan give or cost something. */
#include <string.h>

#include "common/access/people.h"
#include "common/model/branch.h"
#include "common/model/token.h"
#include "daemon/plan/planner.h"

typedef struct Looking {
        Planner *planner;
        uint32_t otherwise; /* a draft that was planned */
        uint32_t *draft_of; /* one a live project; UINT32_MAX: none */
        Table places; /* of spots that a step makes, by token */
        const Spot **new_spots;
        uint32_t *new_drafts;
        size_t n_new;
        Table edges; /* of steps about members that are there, by both */
} Looking;

/* --- where ------------------------------------------------------------------------------------ */

static void index_drafts(Looking *looking) {
        Plan *plan = looking->planner->plan;
        size_t n = looking->planner->live->n_projects;

        looking->draft_of = mem_new_array(looking->planner->scratch, uint32_t, n + 1);
        for (size_t i = 0; i < n; i++)
                looking->draft_of[i] = UINT32_MAX;
        looking->otherwise = UINT32_MAX;
        for (size_t i = 0; i < plan->desired->n_projects; i++) {
                const Draft *draft = plan->drafts[i];

                if (draft && draft->project < n)
                        looking->draft_of[draft->project] = (uint32_t)i;
                if (draft && looking->otherwise == UINT32_MAX)
                        looking->otherwise = (uint32_t)i;
        }
}

static uint64_t hash_place(const Planner *planner, uint8_t space, const char *token) {
        return token_hash(token, planner->live->permissions.items[space].separator) ^ space;
}

static void index_new_spots(Looking *looking) {
        Planner *planner = looking->planner;

        table_init(&looking->places, planner->scratch);
        for (size_t i = 0; i < planner->plan->desired->n_projects; i++) {
                const Draft *draft = planner->plan->drafts[i];

                for (size_t k = 0; draft && k < draft->n_spots; k++) {
                        const Spot *spot = draft->spots[k];
                        size_t n = looking->n_new;

                        if (!spot->is_new || !spot->view_token || spot->space < 0)
                                continue;
                        table_add(&looking->places, hash_place(planner, (uint8_t)spot->space, spot->view_token),
                                  (uint32_t)n);
                        *mem_push(planner->scratch, looking->new_spots, looking->n_new) = spot;
                        *mem_push(planner->scratch, looking->new_drafts, n) = (uint32_t)i;
                }
        }
}

static uint32_t find_new_spot(const Looking *looking, uint8_t space, const char *token) {
        const Planner *planner = looking->planner;
        TableCursor cursor = table_find(&looking->places, hash_place(planner, space, token));
        uint32_t row;

        while ((row = table_next(&looking->places, &cursor)) != TABLE_NONE)
                if (looking->new_spots[row]->space == space &&
                    token_compare(looking->new_spots[row]->view_token, token,
                                  planner->live->permissions.items[space].separator) == 0)
                        return row;
        return TABLE_NONE;
}

static const char *name_root(const Planner *planner, Kind kind, const char *project) {
        if (kind == KIND_PROJECT)
                return arena_printf(planner->arena, "project %s", project);
        return arena_printf(planner->arena, "the root of %s", kind_row(kind)->key);
}

static PeopleThing new_thing(const Looking *looking, uint32_t row) {
        const Planner *planner = looking->planner;
        const Spot *spot = looking->new_spots[row];
        const DesiredProject *project = &planner->plan->desired->projects[looking->new_drafts[row]];

        return (PeopleThing){
                .owner = looking->new_drafts[row],
                .kind = spot->kind,
                .is_root = spot->is_root,
                .is_new = true,
                .name = spot->is_root ? name_root(planner, spot->kind, project->name) : spot->name,
                .project = project->name,
        };
}

/* Told by the token as a whole: the organisation's, and what is nothing that is known. */
static PeopleThing other_thing(const Looking *looking, uint8_t space, const char *token) {
        Planner *planner = looking->planner;
        PeopleThing thing = {.owner = looking->otherwise, .kind = kind_of_namespace(space), .is_root = true};
        Text text;

        text_init(&text, planner->scratch);
        access_describe_token(planner->wanted_view, space, token, &text);
        thing.name = arena_strdup(planner->arena, text.data);
        text_deinit(&text);
        return thing;
}

/* A team or group by its storage key, which stands below a project in the tokens of identities. */
static const Identity *find_group(const Planner *planner, uint8_t space, const char *below) {
        Index identity;
        Guid key;

        if (space != NAMESPACE_IDENTITY || guid_parse(&key, below) < 0)
                return NULL;
        identity = organisation_find_identity(planner->live, key);
        return identity != INDEX_NONE && planner->live->identities[identity].name ? &planner->live->identities[identity]
                                                                                  : NULL;
}

/* What lies below a thing is one of its own. */
static void tell_below(const Planner *planner, uint8_t space, const char *below, PeopleThing *thing) {
        const Identity *group = find_group(planner, space, below);
        Text text;

        thing->is_root = false;
        if (group) {
                thing->kind = group->is_team ? KIND_TEAM : KIND_GROUP;
                thing->name = group->name;
                return;
        }
        text_init(&text, planner->scratch);
        text_appendf(&text, "%s:", thing->name);
        if (space == NAMESPACE_GIT)
                thing->kind = KIND_BRANCH;
        if (space != NAMESPACE_GIT || !branch_append_name(&text, below)) {
                text.n = 0;
                text_append(&text, thing->name);
                access_describe_below(space, below, &text);
        }
        thing->name = arena_strdup(planner->arena, text.data);
        text_deinit(&text);
}

static PeopleThing find_thing(void *context, uint8_t space, const char *token) {
        const Looking *looking = context;
        const Planner *planner = looking->planner;
        uint32_t spot = find_new_spot(looking, space, token);
        PeopleThing thing = {.kind = kind_of_namespace(space), .owner = looking->otherwise};
        AccessLocation at;

        if (spot != TABLE_NONE)
                return new_thing(looking, spot);
        at = access_locate(planner->wanted_view, space, token);
        if (at.project == INDEX_NONE)
                return other_thing(looking, space, token);
        if (looking->draft_of[at.project] != UINT32_MAX)
                thing.owner = looking->draft_of[at.project];
        thing.project = planner->live->projects[at.project].name;
        thing.is_root = at.is_root;
        if (!at.is_root) {
                thing.kind = planner->live->entities[at.entity].kind;
                thing.name = planner->live->entities[at.entity].name;
        } else {
                thing.name = name_root(planner, thing.kind, thing.project);
        }
        if (at.below)
                tell_below(planner, space, at.below, &thing);
        return thing;
}

/* --- whose membership ------------------------------------------------------------------------- */

static uint64_t hash_edge(Index container, Index member) {
        return (uint64_t)container << 32 | member;
}

static void index_edges(Looking *looking) {
        const Plan *plan = looking->planner->plan;

        table_init(&looking->edges, looking->planner->scratch);
        for (size_t i = 0; i < plan->n_steps; i++) {
                const Step *step = &plan->steps[i];

                if ((step->verb == STEP_ADD_MEMBER || step->verb == STEP_REMOVE_MEMBER) &&
                    step->container.identity != INDEX_NONE && step->principal.identity != INDEX_NONE)
                        table_add(&looking->edges, hash_edge(step->container.identity, step->principal.identity),
                                  (uint32_t)i);
        }
}

static uint32_t find_owner_of_member(void *context, Index container, Index member) {
        const Looking *looking = context;
        const Planner *planner = looking->planner;
        TableCursor cursor = table_find(&looking->edges, hash_edge(container, member));
        uint32_t row;

        while ((row = table_next(&looking->edges, &cursor)) != TABLE_NONE) {
                const Step *step = &planner->plan->steps[row];

                if (step->container.identity == container && step->principal.identity == member)
                        return (uint32_t)planner_find_draft(planner, step);
        }
        return UINT32_MAX;
}

/* --- what is not told of ---------------------------------------------------------------------- */

/* What the making of a thing gave by itself and goes again, and what is suspended, costs nobody anything. */
static bool is_apart(const Planner *planner, const Step *step) {
        return step->suspended ||
               (step->rank >= RANK_DENY && (step->is_own_trace || planner_is_of_made(planner, step)));
}

static void lay(AccessView *view, const Step *step) {
        switch (step->verb) {
        case STEP_ADD_MEMBER:
        case STEP_REMOVE_MEMBER:
                if (step->container.identity == INDEX_NONE || step->principal.identity == INDEX_NONE)
                        return;
                if (step->verb == STEP_ADD_MEMBER)
                        access_view_add_member(view, step->container.identity, step->principal.identity);
                else
                        access_view_remove_member(view, step->container.identity, step->principal.identity);
                return;
        case STEP_SET_INHERIT:
                if (step->token)
                        access_view_set_inherit(view, (uint8_t)step->space, step->token, step->inherit_after);
                return;
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                if (step->token && step->principal.identity != INDEX_NONE)
                        access_view_set_entry(view, (uint8_t)step->space, step->token,
                                              (AccessControlEntry){step->principal.identity, step->allow_after,
                                                                   step->deny_after});
                return;
        case STEP_CREATE:
        case STEP_SET_AREAS:
        case STEP_SET_PIPELINES:
                return;
        }
}

/* The organisation as it is, but for such steps; NULL: there are none. */
static AccessView *view_apart(Planner *planner) {
        AccessView *view = NULL;

        for (size_t i = 0; i < planner->plan->n_steps; i++) {
                const Step *step = &planner->plan->steps[i];

                if (!is_apart(planner, step))
                        continue;
                if (!view)
                        view = access_view_new(planner->scratch, planner->live);
                lay(view, step);
        }
        return view;
}

/* --- all -------------------------------------------------------------------------------------- */

void planner_find_people(Planner *planner) {
        Plan *plan = planner->plan;
        Looking looking = {.planner = planner};
        AccessView *apart;
        PeopleSpec spec = {
                .before = plan->current,
                .after = plan->wanted,
                .except = planner->live->self_identity,
                .n_owners = (uint32_t)plan->desired->n_projects,
                .thing = find_thing,
                .owner_of_member = find_owner_of_member,
                .context = &looking,
        };
        Index *closed = NULL;

        if (plan->n_steps == 0)
                return;
        index_drafts(&looking);
        index_new_spots(&looking);
        index_edges(&looking);
        for (size_t i = 0; i < planner->n_entra; i++)
                *mem_push(planner->scratch, closed, spec.n_closed_groups) = planner->entra[i].index;
        spec.closed_groups = closed;
        apart = view_apart(planner);
        if (apart)
                spec.before = apart;
        plan->people = access_people_new(plan, &spec);
        mem_free(apart);
}

/* --- the brake -------------------------------------------------------------------------------- */

bool plan_loses_too_many(const Plan *plan, uint32_t owner) {
        const PeopleLosing *losing;

        if (plan->people_losing < 0 || !plan->people)
                return false;
        losing = &plan->people->losing[owner];
        return plan->people->n_uncompared > 0 ||
               (uint64_t)losing->n_known + losing->n_everyone > (uint64_t)plan->people_losing;
}
