/* SPDX-License-Identifier: Apache-2.0 */
/* Mention: places that rules name and nobody owns. */
#include <string.h>

#include "common/model/branch.h"
#include "common/model/token.h"
#include "daemon/plan/planner.h"

/* --- branches, which need not exist ----------------------------------------------------------- */

Spot *draft_find_branch(const Draft *draft, const char *repository, const char *branch) {
        const Spot *above = draft_find_spot(draft, KIND_REPOSITORY, repository);
        Mem *scratch = mem_alloc_zero(NULL, 1, "branch");
        Spot *found = above ? draft_find_spot(draft, KIND_BRANCH,
                                              mem_printf(scratch, BRANCH_NAME_FORMAT, above->name,
                                                         branch))
                            : NULL;

        mem_free(scratch);
        return found;
}

static void add_branch(Draft *draft, const Spot *above, const Word *branch) {
        Arena *arena = draft->planner->arena;
        Spot *spot = draft_add_spot(draft, KIND_BRANCH,
                                    arena_printf(arena, BRANCH_NAME_FORMAT, above->name, branch->text));
        const char *token = NULL;
        Text text;

        if (spot->resolved)
                return;
        spot->resolved = true;
        spot->is_new = above->is_new;
        spot->waits_for = above->waits_for;
        if (!above->view_token)
                return; /* the repository is missing, which is told */
        text_init(&text, draft->planner->scratch);
        text_append(&text, above->view_token);
        branch_append_token(&text, branch->text);
        token = arena_strdup(arena, text.data);
        if (above->token)
                draft_note_token(draft, spot, token);
        spot->view_token = token;
        access_view_name_token(draft->planner->wanted_view, (uint8_t)spot->space, token,
                               arena_printf(arena, "[%s] %s %s",
                                            draft->row ? draft->row->name : draft->desired->name,
                                            kind_row(KIND_BRANCH)->noun, spot->name));
        text_deinit(&text);
}

static void add_branches_of(Draft *draft, const char *repository, const At *at) {
        const Spot *above = draft_resolve(draft, draft_add_spot(draft, KIND_REPOSITORY, repository),
                                          NULL, at->place);

        for (size_t i = 0; i < at->n_names; i++)
                add_branch(draft, above, &at->names[i]);
}

static void add_branches(Draft *draft, const DesiredPrincipal *principal, const At *at) {
        if (at->repository) {
                add_branches_of(draft, at->repository, at);
                return;
        }
        for (size_t i = 0; i < principal->n_owns; i++)
                if (principal->owns[i].kind == KIND_REPOSITORY)
                        add_branches_of(draft, principal->owns[i].name, at);
}

/* --- pipelines -------------------------------------------------------------------------------- */

/* A folder called like a number has the token of the pipeline with that id (facts §0.17). */
static void refuse_collision(Draft *draft, Spot *spot, Place place) {
        const Organisation *live = draft->planner->live;
        char separator = live->permissions.items[NAMESPACE_BUILD].separator;
        TableCursor cursor = table_find(&draft->entity_tokens,
                                        token_hash(spot->token, separator) ^ NAMESPACE_BUILD);
        uint32_t row;

        while ((row = table_next(&draft->entity_tokens, &cursor)) != TABLE_NONE) {
                const Entity *entity = &live->entities[row];

                if (entity->kind != KIND_PIPELINE_FOLDER ||
                    token_compare(entity->token, spot->token, separator) != 0)
                        continue;
                planner_add_finding(
                        draft->planner, "collision", FINDING_WARNING, draft->desired->name, place,
                        "pipeline %s has the id of the pipeline folder %s, and the service keeps the "
                        "permissions of both in one place: neither is governed until the folder is called "
                        "something else",
                        spot->name, entity->name);
                spot->token = spot->view_token = NULL;
                return;
        }
}

/* --- things known by id alone ----------------------------------------------------------------- */

static void name_by_id(Draft *draft, Spot *spot) {
        const Spot *root = draft_find_spot(draft, spot->kind, "");
        char separator = draft->planner->live->permissions.items[spot->space].separator;
        const char *token;

        if (spot->resolved)
                return;
        spot->resolved = true;
        spot->is_new = root->is_new;
        if (!root->view_token)
                return;
        token = arena_printf(draft->planner->arena, "%s%c%s", root->view_token, separator, spot->name);
        if (root->token)
                draft_note_token(draft, spot, token);
        spot->view_token = token;
}

/* --- all of them ------------------------------------------------------------------------------ */

static void resolve_name(Draft *draft, Kind kind, const Word *name) {
        Spot *spot = draft_add_spot(draft, kind, name->text);
        bool is_first = !spot->resolved;

        if (kind_has(kind, KIND_IS_NAMED_BY_ID)) {
                name_by_id(draft, spot);
                return;
        }
        draft_resolve(draft, spot, NULL, name->place);
        if (is_first && kind == KIND_PIPELINE && spot->token)
                refuse_collision(draft, spot, name->place);
}

void draft_resolve_mentioned(Draft *draft) {
        const DesiredProject *desired = draft->desired;

        for (size_t i = 0; i < desired->n_principals; i++)
                for (size_t k = 0; k < desired->principals[i].n_rules; k++) {
                        const At *at = &desired->principals[i].rules[k].at;

                        if (at->form == AT_BRANCHES)
                                add_branches(draft, &desired->principals[i], at);
                        for (size_t m = 0; at->form == AT_KIND_NAMES && m < at->n_names; m++)
                                resolve_name(draft, at->kind, &at->names[m]);
                }
}
