/* SPDX-License-Identifier: Apache-2.0 */
/* Draft: a plan in the making; what its parts share. */
#include <stdarg.h>

#include "common/base/text.h"
#include "daemon/plan/draft.h"

Step *draft_add_step(Draft *draft, Rank rank, StepVerb verb) {
        Step *step = mem_push(draft->mem, draft->plan->steps, draft->plan->n_steps);

        *step = (Step){
                .rank = rank,
                .verb = verb,
                .project = draft->live_project,
                .project_name = draft->project->name,
                .entity = INDEX_NONE,
                .space = -1,
                .principal = {.identity = INDEX_NONE},
                .container = {.identity = INDEX_NONE},
        };
        return step;
}

void draft_set_spot(Step *step, const Spot *spot) {
        step->kind = spot->kind;
        step->name = spot->name;
        step->at_root = spot->at_root;
        step->entity = spot->entity;
        step->space = spot->space;
        step->token = spot->is_new ? NULL : spot->token;
        step->after_creation |= spot->is_new;
        step->below = spot->below;
}

void draft_set_principal(const Draft *draft, Step *step, Index viewed) {
        const Organisation *live = draft->live;
        uint32_t holder;

        if (viewed >= live->n_identities) {
                for (holder = 0; holder < draft->n_holders; holder++)
                        if (draft->holders[holder].viewed == viewed)
                                break;
                step->principal = (StepPrincipal){.identity = INDEX_NONE,
                                                  .name = draft->holders[holder].name,
                                                  .display = draft->holders[holder].display};
                step->after_creation = true;
                return;
        }
        step->principal = (StepPrincipal){.identity = viewed,
                                          .name = live->identities[viewed].name,
                                          .display = access_view_display(draft->wanted, viewed)};
}

void draft_find(Draft *draft, const char *kind, FindingLevel level, Place place, const char *format, ...) {
        Finding *finding = mem_push(draft->mem, draft->plan->findings, draft->plan->n_findings);
        va_list arguments;

        va_start(arguments, format);
        *finding = (Finding){.kind = kind,
                             .level = level,
                             .project = draft->project ? draft->project->name : NULL,
                             .message = mem_vprintf(draft->mem, format, arguments),
                             .place = place};
        va_end(arguments);
}

const PermissionNamespace *draft_space(const Draft *draft, int space) {
        return &draft->live->permissions.items[space];
}

static uint64_t known_hash(Kind kind, const char *name) {
        return text_hash(name) ^ (uint64_t)kind << 56;
}

void draft_index_known(Draft *draft) {
        table_init(&draft->known_table, draft->mem);
        for (size_t i = 0; i < draft->spec->n_known; i++)
                if (text_equal(draft->spec->known[i].project, draft->project->name))
                        table_add(&draft->known_table,
                                  known_hash(draft->spec->known[i].kind, draft->spec->known[i].name), (uint32_t)i);
}

const KnownThing *draft_known(const Draft *draft, Kind kind, const char *name) {
        TableCursor cursor = table_find(&draft->known_table, known_hash(kind, name));

        for (uint32_t row; (row = table_next(&draft->known_table, &cursor)) != TABLE_NONE;)
                if (draft->spec->known[row].kind == kind && text_equal(draft->spec->known[row].name, name))
                        return &draft->spec->known[row];
        return NULL;
}

const char *draft_words(const Draft *draft, int space, uint32_t bits) {
        const PermissionNamespace *names = draft_space(draft, space);
        Text text;

        text_init(&text, draft->mem);
        for (uint32_t bit = 1; bit; bit <<= 1) {
                if (!(bits & bit))
                        continue;
                if (text.n > 0)
                        text_append(&text, ", ");
                text_append(&text, permission_word(draft->mem, names, bit));
        }
        return text.data;
}
