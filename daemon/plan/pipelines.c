/* SPDX-License-Identifier: Apache-2.0 */
/* Pipelines: which pipelines may use things with roles, where the charter says it. */
#include <stdlib.h>
#include <string.h>

#include "daemon/plan/planner.h"

/* Ids of pipelines, ascending. */
typedef struct IdList {
        uint32_t *items;
        size_t n;
} IdList;

/* A pipeline of a team. */
typedef struct Share {
        const DesiredPrincipal *owner;
        uint32_t id;
} Share;

typedef struct Handling {
        Draft *draft;
        Share *shares; /* by owner, id; found when first asked for */
        size_t n_shares;
        bool has_shares;
} Handling;

static int compare_ids(const void *a, const void *b) {
        uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

        return x < y ? -1 : x > y;
}

static bool has(IdList list, uint32_t id) {
        return list.n > 0 && bsearch(&id, list.items, list.n, sizeof *list.items, compare_ids);
}

static void push(Draft *draft, IdList *list, uint32_t id) {
        *mem_push(draft->planner->scratch, list->items, list->n) = id;
}

static void push_once(Draft *draft, IdList *list, uint32_t id) {
        for (size_t i = 0; i < list->n; i++)
                if (list->items[i] == id)
                        return;
        push(draft, list, id);
}

/* What is in one list and not in the other; kept with the plan. */
static IdList minus(Draft *draft, IdList one, IdList other) {
        IdList list = {
                .items = arena_alloc(draft->planner->arena, (one.n + 1) * sizeof *list.items)};

        for (size_t i = 0; i < one.n; i++)
                if (!has(other, one.items[i]))
                        list.items[list.n++] = one.items[i];
        return list;
}

static IdList united(Draft *draft, IdList one, IdList other) {
        IdList list = minus(draft, one, other);
        IdList all = {.items = arena_alloc(draft->planner->arena,
                                           (list.n + other.n + 1) * sizeof *all.items)};

        for (size_t i = 0; i < list.n; i++)
                all.items[all.n++] = list.items[i];
        for (size_t i = 0; i < other.n; i++)
                all.items[all.n++] = other.items[i];
        if (all.n > 1)
                qsort(all.items, all.n, sizeof *all.items, compare_ids);
        return all;
}

static uint32_t id_of(const Entity *pipeline) {
        return (uint32_t)strtoul(pipeline->id, NULL, 10);
}

/* --- what the charter wants ------------------------------------------------------------------- */

/* Whose a pipeline is: the owner of the nearest folder above it that somebody owns, or NULL. */
static const DesiredPrincipal *owner_of(const Draft *draft, const Entity *pipeline) {
        char *path = mem_strdup(draft->planner->scratch, pipeline->name);
        const DesiredPrincipal *owner = NULL;

        for (char *slash = strrchr(path, '/'); slash && !owner; slash = strrchr(path, '/')) {
                const Spot *spot;

                *slash = '\0';
                spot = draft_find_spot(draft, KIND_PIPELINE_FOLDER, path);
                owner = spot && spot->owned ? spot->owner : NULL;
        }
        mem_free(path);
        return owner;
}

static int compare_shares(const void *a_, const void *b_) {
        const Share *a = a_, *b = b_;

        if (a->owner != b->owner)
                return (uintptr_t)a->owner < (uintptr_t)b->owner ? -1 : 1;
        return a->id < b->id ? -1 : a->id > b->id;
}

static void find_shares(Handling *handling) {
        Draft *draft = handling->draft;
        const Organisation *live = draft->planner->live;

        handling->has_shares = true;
        for (size_t i = 0; i < live->n_entities; i++) {
                const Entity *entity = &live->entities[i];
                const DesiredPrincipal *owner;

                if (entity->kind != KIND_PIPELINE || entity->project != draft->project)
                        continue;
                owner = owner_of(draft, entity);
                if (owner)
                        *mem_push(draft->planner->scratch, handling->shares, handling->n_shares) =
                                (Share){owner, id_of(entity)};
        }
        if (handling->n_shares > 1)
                qsort(handling->shares, handling->n_shares, sizeof *handling->shares,
                      compare_shares);
}

static void add_own(Handling *handling, const Spot *spot, IdList *list) {
        const Share wanted = {spot->owner, 0};
        size_t low = 0, high;

        if (!handling->has_shares)
                find_shares(handling);
        for (high = handling->n_shares; low < high;) {
                size_t middle = low + (high - low) / 2;

                if (compare_shares(&handling->shares[middle], &wanted) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (; low < handling->n_shares && handling->shares[low].owner == spot->owner; low++)
                push(handling->draft, list, handling->shares[low].id);
}

static void add_named(Draft *draft, const Spot *spot, IdList *list) {
        const DesiredPipelines *pipelines = spot->owned->pipelines;
        const Organisation *live = draft->planner->live;

        for (size_t i = 0; i < pipelines->n_names; i++) {
                Index entity = organisation_find_entity(live, draft->project, KIND_PIPELINE,
                                                        pipelines->names[i].text);

                if (entity != INDEX_NONE)
                        push_once(draft, list, id_of(&live->entities[entity]));
                else
                        planner_add_finding(
                                draft->planner, "missing", FINDING_WARNING, draft->desired->name,
                                pipelines->names[i].place,
                                "pipeline %s is not there, so %s %s is not opened to it",
                                pipelines->names[i].text, kind_row(spot->kind)->noun, spot->name);
        }
}

static IdList wanted_ids(Handling *handling, const Spot *spot) {
        Draft *draft = handling->draft;
        IdList list = {0};

        switch (spot->owned->pipelines->use) {
        case PIPELINE_USE_OWN:
                add_own(handling, spot, &list);
                break;
        case PIPELINE_USE_NAMED:
                add_named(draft, spot, &list);
                break;
        case PIPELINE_USE_NONE:
        case PIPELINE_USE_ALL:
                break;
        }
        if (list.n > 1)
                qsort(list.items, list.n, sizeof *list.items, compare_ids);
        return list;
}

/* --- against what is live --------------------------------------------------------------------- */

static const char *name_of(const Draft *draft, uint32_t id) {
        const Organisation *live = draft->planner->live;
        const char *text = mem_printf(draft->planner->scratch, "%u", id);
        Index entity = organisation_find_entity_id(live, KIND_PIPELINE, text);

        if (entity != INDEX_NONE && live->entities[entity].project == draft->project)
                return live->entities[entity].name;
        return mem_printf(draft->planner->scratch, "pipeline %u", id);
}

static const char *tell(const Draft *draft, bool all, IdList list) {
        NameList names;

        if (list.n == 0)
                return all ? "all" : "none";
        name_list_init(&names, draft->planner->scratch);
        for (size_t i = 0; i < list.n; i++)
                name_list_add(&names, name_of(draft, list.items[i]));
        return arena_printf(draft->planner->arena, "%s%s", all ? "all, by themselves " : "",
                            name_list_end(&names));
}

/* Some pipelines, or all at once. */
typedef struct Users {
        bool all;
        IdList list;
} Users;

/* False: nothing changes. */
static bool add_change(Draft *draft, Step step, Users before, Users after) {
        IdList changed = step.rank == RANK_GIVE ? minus(draft, after.list, before.list)
                                                : minus(draft, before.list, after.list);

        if (changed.n == 0 && before.all == after.all)
                return false;
        step.all_pipelines = before.all != after.all;
        step.pipelines = changed.items;
        step.n_pipelines = changed.n;
        step.list_before = tell(draft, before.all, before.list);
        step.list_after = tell(draft, after.all, after.list);
        draft_add_step(draft, &step);
        return true;
}

static void add_step(Draft *draft, const Spot *spot, Rank rank, Users before, Users after) {
        Step step = step_begin(draft, STEP_SET_PIPELINES, rank);

        step.kind = spot->kind;
        step.name = spot->name;
        step.entity = spot->entity;
        draft_restrain(draft, &step, &spot->owned->policies);
        step.why = spot->owned->pipelines->place;
        step.cause = rank == RANK_GIVE ? "the charter opens it to them"
                                       : "the charter does not open it to them";
        step.waits_for = draft_missing_right(draft, draft->project, spot->space);
        add_change(draft, step, before, after);
}

/* Whoever was let in or shut out by others since stays so. */
int draft_undo_pipelines(Draft *draft, Step step, const UndoRecord *record, const PipelineUsers *live) {
        Users now = {live->all, {live->ids, live->n_ids}}, then = now;
        IdList turned = {0};

        for (size_t i = 0; i < record->n_pipelines; i++)
                push(draft, &turned, record->pipelines[i]);
        if (turned.n > 1)
                qsort(turned.items, turned.n, sizeof *turned.items, compare_ids);
        step.rank = record->is_opening ? RANK_TAKE : RANK_GIVE;
        then.list = record->is_opening ? minus(draft, now.list, turned) : united(draft, now.list, turned);
        if (record->all_pipelines)
                then.all = !record->is_opening;
        return add_change(draft, step, now, then) ? 0 : 1;
}

/* What is open to all is closed when those that stay are let in by themselves. */
static void plan_users(Handling *handling, const Spot *spot, const PipelineUsers *users) {
        Draft *draft = handling->draft;
        Users now = {users->all, {users->ids, users->n_ids}}, then = now;

        if (spot->owned->pipelines->use == PIPELINE_USE_ALL) {
                then.all = true;
                add_step(draft, spot, RANK_GIVE, now, then);
                return;
        }
        then.list = wanted_ids(handling, spot);
        now.list = united(draft, now.list, then.list);
        add_step(draft, spot, RANK_GIVE, (Users){users->all, {users->ids, users->n_ids}}, now);
        then.all = false;
        add_step(draft, spot, RANK_TAKE, now, then);
}

/* --- what nobody said --------------------------------------------------------------------------
 */

static bool confines_somebody(const Draft *draft) {
        for (size_t i = 0; i < draft->desired->n_principals; i++)
                if (draft->desired->principals[i].confined)
                        return true;
        return false;
}

/* `environment red of Red` */
static const char *tell_owned(const Draft *draft, const Spot *spot) {
        return mem_printf(draft->planner->scratch, "%s %s of %s", kind_row(spot->kind)->noun,
                          spot->name, spot->owner->name);
}

/* Whatever runs in a pipeline reaches it then, whoever is confined (charter.md, confined). */
static void tell_open(Draft *draft) {
        const Organisation *live = draft->planner->live;
        NameList names, unknown;

        name_list_init(&names, draft->planner->scratch);
        name_list_init(&unknown, draft->planner->scratch);
        for (size_t i = 0; i < draft->n_spots; i++) {
                const Spot *spot = draft->spots[i];
                const PipelineUsers *users;

                if (!spot->owner || spot->entity == INDEX_NONE || spot->owned->pipelines ||
                    !kind_has(spot->kind, KIND_HAS_ROLES))
                        continue;
                users = organisation_find_pipeline_users(live, spot->entity);
                if (!users || users->all)
                        name_list_add(users ? &names : &unknown, tell_owned(draft, spot));
        }
        if (names.n > 0)
                planner_add_finding(
                        draft->planner, "open_to_pipelines", FINDING_WARNING, draft->desired->name,
                        draft->desired->place,
                        "open to all pipelines of the project, those of confined teams too: %s",
                        name_list_end(&names));
        if (unknown.n > 0)
                planner_add_finding(
                        draft->planner, "not_known", FINDING_WARNING, draft->desired->name,
                        draft->desired->place,
                        "whether all pipelines may use it is not known, the service does not tell: %s",
                        name_list_end(&unknown));
}

void draft_plan_pipelines(Draft *draft) {
        Handling handling = {.draft = draft};

        for (size_t i = 0; i < draft->n_spots; i++) {
                const Spot *spot = draft->spots[i];
                const PipelineUsers *users;

                if (!spot->owned || !spot->owned->pipelines || spot->entity == INDEX_NONE)
                        continue;
                users = organisation_find_pipeline_users(draft->planner->live, spot->entity);
                if (users) /* read in this pass, or not long ago */
                        plan_users(&handling, spot, users);
        }
        if (confines_somebody(draft))
                tell_open(draft);
}
