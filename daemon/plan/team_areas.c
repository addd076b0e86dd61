/* SPDX-License-Identifier: Apache-2.0 */
/* TeamAreas: the areas on a team's list; the first one owned is its default. */
#include "common/base/text.h"
#include "daemon/plan/draft.h"

typedef struct List {
        TeamArea *items;
        size_t n;
} List;

static bool stands_in(const List *list, const char *path) {
        for (size_t i = 0; i < list->n; i++)
                if (text_equal(list->items[i].path, path))
                        return true;
        return false;
}

/* The live path of an owned area: a rename is governed under its live name. */
static const char *path_of(Draft *draft, const OwnedArtefact *owned) {
        Index entity = draft_find_entity(draft, KIND_AREA, owned->name);

        return entity == INDEX_NONE ? owned->name : draft->live->entities[entity].name;
}

static List owned_areas(Draft *draft, const Holder *holder) {
        List list = {0};

        for (size_t i = 0; i < holder->desired->n_owns; i++) {
                const OwnedArtefact *owned = &holder->desired->owns[i];

                if (owned->kind == KIND_AREA)
                        *mem_push(draft->mem, list.items, list.n) =
                                (TeamArea){path_of(draft, owned), holder->desired->include_sub_areas};
        }
        return list;
}

static void keep_unlisted(Draft *draft, const Holder *holder, const TeamAreas *live, List *wanted) {
        Policy policy = holder->desired->policies.unlisted_areas;

        for (size_t i = 0; live && i < live->n_areas; i++) {
                if (stands_in(wanted, live->areas[i].path))
                        continue;
                if (policy == POLICY_REPORT)
                        draft_find(draft, "unlisted", FINDING_WARNING, holder->desired->place,
                                   "the area `%s` is on the list of %s, which does not own it", live->areas[i].path,
                                   holder->display);
                if (policy != POLICY_REMOVE)
                        *mem_push(draft->mem, wanted->items, wanted->n) = live->areas[i];
        }
}

static bool is_same(const TeamAreas *live, const List *wanted) {
        if (!live || !live->known || live->n_areas != wanted->n || !live->default_path ||
            !text_equal(live->default_path, wanted->items[0].path))
                return false;
        for (size_t i = 0; i < wanted->n; i++) {
                bool found = false;

                for (size_t k = 0; k < live->n_areas && !found; k++)
                        found = text_equal(live->areas[k].path, wanted->items[i].path) &&
                                live->areas[k].include_children == wanted->items[i].include_children;
                if (!found)
                        return false;
        }
        return true;
}

static const char *describe(Draft *draft, const TeamArea *areas, size_t n) {
        Text text;

        text_init(&text, draft->mem);
        for (size_t i = 0; i < n; i++)
                text_appendf(&text, "%s%s%s", i > 0 ? ", " : "", areas[i].path,
                             areas[i].include_children ? " and below" : "");
        return text.n > 0 ? text.data : "none";
}

static void compare_areas(Draft *draft, const Holder *holder) {
        const TeamAreas *live = NULL;
        List wanted = owned_areas(draft, holder);
        Step *step;

        if (wanted.n == 0)
                return;
        if (holder->entity != INDEX_NONE) {
                live = organisation_find_team_areas(draft->live, holder->entity);
                if (!live || !live->known)
                        return;
        }
        keep_unlisted(draft, holder, live, &wanted);
        if (is_same(live, &wanted))
                return;
        step = draft_add_step(draft, RANK_TEAM_SETTINGS, STEP_SET_AREAS);
        step->kind = KIND_TEAM;
        step->name = holder->name;
        step->entity = holder->entity;
        step->after_creation = holder->entity == INDEX_NONE;
        draft_set_principal(draft, step, holder->viewed);
        step->areas = wanted.items;
        step->n_areas = wanted.n;
        step->areas_before = live ? describe(draft, live->areas, live->n_areas) : "none";
        step->areas_after = describe(draft, wanted.items, wanted.n);
        step->why = holder->desired->place;
        step->cause = "not the areas it owns";
}

void draft_team_areas(Draft *draft) {
        for (size_t i = 0; i < draft->n_holders; i++)
                if (draft->holders[i].desired->is_team && draft->holders[i].viewed != INDEX_NONE)
                        compare_areas(draft, &draft->holders[i]);
}
