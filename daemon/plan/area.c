/* SPDX-License-Identifier: Apache-2.0 */
/* Area: the areas of teams, a setting that is replaced as a whole (facts §6.4). */
#include <string.h>

#include "daemon/plan/planner.h"

/* A list of areas being put together; the first is the default. */
typedef struct AreaList {
        TeamArea *items;
        size_t n;
} AreaList;

static void push(Draft *draft, AreaList *list, TeamArea area) {
        *mem_push(draft->planner->plan, list->items, list->n) = area;
}

static bool has(const AreaList *list, const char *path) {
        for (size_t i = 0; i < list->n; i++)
                if (text_equal(list->items[i].path, path))
                        return true;
        return false;
}

/* One that has another name than the charter's is set by that name. */
static const char *live_path(const Draft *draft, const Spot *spot, const OwnedArtefact *owned) {
        if (spot->is_root || spot->entity == INDEX_NONE)
                return owned->name;
        return draft->planner->live->entities[spot->entity].name;
}

/* What the team owns and exists or will. */
static AreaList wanted_areas(Draft *draft, const DesiredPrincipal *team) {
        AreaList list = {0};

        for (size_t i = 0; i < team->n_owns; i++) {
                const OwnedArtefact *owned = &team->owns[i];
                const Spot *spot;

                if (owned->kind != KIND_AREA)
                        continue;
                spot = draft_find_spot(draft, KIND_AREA, owned->name);
                if (spot && spot->view_token)
                        push(draft, &list, (TeamArea){live_path(draft, spot, owned), team->include_sub_areas});
        }
        return list;
}

static bool is_new_area(const Draft *draft, const AreaList *list) {
        for (size_t i = 0; i < list->n; i++) {
                const Spot *spot = draft_find_spot(draft, KIND_AREA, list->items[i].path);

                if (spot && spot->is_new)
                        return true;
        }
        return false;
}

static const TeamArea *find_area(const TeamAreas *areas, const char *path) {
        for (size_t i = 0; areas && i < areas->n_areas; i++)
                if (text_equal(areas->areas[i].path, path))
                        return &areas->areas[i];
        return NULL;
}

static bool is_short(const TeamAreas *areas, const AreaList *list) {
        if (!areas || !areas->default_path || !text_equal(areas->default_path, list->items[0].path))
                return true;
        for (size_t i = 0; i < list->n; i++) {
                const TeamArea *area = find_area(areas, list->items[i].path);

                if (!area || area->include_children != list->items[i].include_children)
                        return true;
        }
        return false;
}

static const char *tell_paths(const Draft *draft, const AreaList *list) {
        Text text;

        text_init(&text, draft->planner->scratch);
        for (size_t i = 0; i < list->n; i++)
                text_appendf(&text, "%s%s%s", i > 0 ? ", " : "", list->items[i].path,
                             list->items[i].include_children ? "" : " (without sub-areas)");
        return arena_strdup(draft->planner->arena, list->n > 0 ? text.data : "none");
}

static const char *tell_before(Draft *draft, const TeamAreas *areas) {
        AreaList list = {0};

        if (areas && areas->default_path) {
                const TeamArea *first = find_area(areas, areas->default_path);

                push(draft, &list,
                     (TeamArea){areas->default_path, !first || first->include_children});
        }
        for (size_t i = 0; areas && i < areas->n_areas; i++)
                if (!has(&list, areas->areas[i].path))
                        push(draft, &list, areas->areas[i]);
        return tell_paths(draft, &list);
}

/* Areas beyond what the team owns; true: some are to go. */
static bool handle_surplus(Draft *draft, const Party *party, const TeamAreas *areas,
                           AreaList *list) {
        size_t n_wanted = list->n;
        bool goes = false;
        NameList reported;

        name_list_init(&reported, draft->planner->scratch);
        for (size_t i = 0; areas && i < areas->n_areas; i++) {
                const TeamArea *area = &areas->areas[i];
                AreaList wanted = {list->items, n_wanted};

                if (has(&wanted, area->path))
                        continue;
                switch (party->desired->policies.unlisted_areas) {
                case POLICY_REMOVE:
                        goes = true;
                        continue;
                case POLICY_REPORT:
                        name_list_add(&reported, area->path);
                        break;
                case POLICY_IGNORE:
                        break;
                }
                push(draft, list, *area);
        }
        if (reported.n > 0)
                planner_add_finding(draft->planner, "unlisted", FINDING_WARNING,
                                    draft->desired->name, party->desired->place,
                                    "areas of team %s beyond what it owns: %s",
                                    party->desired->name, name_list_end(&reported));
        return goes;
}

static void plan_team(Draft *draft, const Party *party) {
        AreaList list = wanted_areas(draft, party->desired);
        const TeamAreas *areas = NULL;
        bool goes;
        Step step;

        if (list.n == 0 || party->actor.index == INDEX_NONE ||
            (party->identity != INDEX_NONE && party->team == INDEX_NONE))
                return;
        if (party->team != INDEX_NONE)
                areas = organisation_find_team_areas(draft->planner->live, party->team);
        if (party->team != INDEX_NONE && (!areas || !areas->known))
                return; /* not read in this pass, or the team does not go by areas */
        goes = handle_surplus(draft, party, areas, &list);
        if (!goes && !is_short(areas, &list))
                return;
        step = step_begin(draft, STEP_SET_AREAS, RANK_TEAM_SETTINGS);
        step.kind = KIND_TEAM;
        step.name = party->desired->name;
        step.entity = party->team;
        step.principal = party->actor.principal;
        step.areas = list.items;
        step.n_areas = list.n;
        step.list_before = tell_before(draft, areas);
        step.list_after = tell_paths(draft, &list);
        step.after_creation = party->team == INDEX_NONE || is_new_area(draft, &list);
        if (step.after_creation)
                step.entity = INDEX_NONE;
        draft_restrain(draft, &step, &party->desired->policies);
        step.why = party->desired->place;
        step.cause = "the team's areas are what it owns";
        draft_add_step(draft, &step);
}

void draft_plan_areas(Draft *draft) {
        for (size_t i = 0; i < draft->desired->n_principals; i++)
                if (draft->parties[i].desired->is_team && !draft->parties[i].desired->retired)
                        plan_team(draft, &draft->parties[i]);
}

/* --- taken back --------------------------------------------------------------------------------- */

static const TeamArea *find_in(UndoAreas areas, const char *path) {
        for (size_t i = 0; i < areas.n; i++)
                if (text_equal(areas.items[i].path, path))
                        return &areas.items[i];
        return NULL;
}

static bool is_same_area(const TeamArea *a, const TeamArea *b) {
        return a && b ? a->include_children == b->include_children : a == b;
}

static bool is_there(const Draft *draft, const char *path) {
        return strcmp(path, "/") == 0 ||
               organisation_find_entity(draft->planner->live, draft->project, KIND_AREA, path) != INDEX_NONE;
}

/* What the change turned and is still so becomes what it was; the rest is as it is live. */
static AreaList areas_taken_back(Draft *draft, const UndoRecord *record, const TeamAreas *live) {
        AreaList list = {0};

        for (size_t i = 0; i < live->n_areas; i++) {
                const TeamArea *area = &live->areas[i];
                const TeamArea *before = find_in(record->areas_before, area->path);
                const TeamArea *after = find_in(record->areas_after, area->path);

                if (!is_same_area(before, after) && is_same_area(area, after))
                        area = before;
                if (area)
                        push(draft, &list, *area);
        }
        for (size_t i = 0; i < record->areas_before.n; i++) {
                const TeamArea *before = &record->areas_before.items[i];

                if (!find_in(record->areas_after, before->path) && !find_area(live, before->path) &&
                    is_there(draft, before->path))
                        push(draft, &list, *before);
        }
        return list;
}

/* The default comes first: the one before the change, where nobody chose another since. */
static void put_default_first(const UndoRecord *record, const TeamAreas *live, AreaList *list) {
        const char *before = record->areas_before.n > 0 ? record->areas_before.items[0].path : NULL;
        const char *after = record->areas_after.n > 0 ? record->areas_after.items[0].path : NULL;
        bool is_as_left = live->default_path && after && text_equal(live->default_path, after);
        const char *wanted = is_as_left && before && has(list, before) ? before : live->default_path;

        for (size_t i = 1; wanted && i < list->n; i++)
                if (text_equal(list->items[i].path, wanted)) {
                        TeamArea first = list->items[i];

                        memmove(list->items + 1, list->items, i * sizeof *list->items);
                        list->items[0] = first;
                }
}

int draft_undo_areas(Draft *draft, Step step, const UndoRecord *record, const TeamAreas *live, const char **reasonp) {
        AreaList list = areas_taken_back(draft, record, live);

        if (list.n == 0) {
                *reasonp = "the team would be left without any area, and the service lets no team be without one; set it "
                           "by hand";
                return -1;
        }
        put_default_first(record, live, &list);
        if (list.n == live->n_areas && !is_short(live, &list))
                return 1;
        step.areas = list.items;
        step.n_areas = list.n;
        step.list_before = tell_before(draft, live);
        step.list_after = tell_paths(draft, &list);
        draft_add_step(draft, &step);
        return 0;
}
