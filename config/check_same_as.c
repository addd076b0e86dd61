/* SPDX-License-Identifier: Apache-2.0 */
/* Check: no principal is the same as itself by way of others. */
#include <string.h>

#include "common/base/text.h"
#include "config/loading.h"

typedef enum Mark {
        MARK_NEW,
        MARK_OPEN, /* on the way that is being walked */
        MARK_DONE,
} Mark;

typedef struct Walk {
        Binder *binder;
        const DesiredProject *project;
        Mark *marks;       /* by principal */
        const Rule **way;  /* the rules on the way */
        size_t *way_from;  /* whose they are */
        size_t n_way;
} Walk;

static void tell_cycle(Walk *walk, size_t first) {
        Text text;

        text_init(&text, NULL);
        for (size_t i = first; i < walk->n_way; i++) {
                const SameAs *same_as = walk->way[i]->same_as;

                text_appendf(&text, "%s%s (%s:%u:%u)", i > first ? ", " : "", same_as->group, same_as->place.file,
                             same_as->place.line, same_as->place.column);
        }
        bind_error(walk->binder, walk->way[first]->same_as->place, "`same_as` goes round in a circle: %s", text.data);
        text_deinit(&text);
}

/* The rule is about a group of the charter whose own grants are governed: its wanted state counts. */
static const DesiredPrincipal *governed_source(const Walk *walk, const Rule *rule) {
        const DesiredPrincipal *source;

        if (!rule->same_as || rule->same_as->of_organization)
                return NULL;
        source = desired_find_principal(walk->project, rule->same_as->group);
        return source && source->grants_mentioned ? source : NULL;
}

static void visit(Walk *walk, size_t index) {
        const DesiredPrincipal *principal = &walk->project->principals[index];

        walk->marks[index] = MARK_OPEN;
        for (size_t i = 0; i < principal->n_rules; i++) {
                const DesiredPrincipal *source = governed_source(walk, &principal->rules[i]);
                size_t to = source ? (size_t)(source - walk->project->principals) : 0;
                size_t first = 0;

                if (!source || walk->marks[to] == MARK_DONE)
                        continue;
                walk->way[walk->n_way] = &principal->rules[i];
                walk->way_from[walk->n_way++] = index;
                if (walk->marks[to] == MARK_OPEN) {
                        while (walk->way_from[first] != to)
                                first++;
                        tell_cycle(walk, first);
                } else {
                        visit(walk, to);
                }
                walk->n_way--;
        }
        walk->marks[index] = MARK_DONE;
}

void check_same_as(Binder *binder, const DesiredProject *project) {
        Mem *frame = mem_new(NULL, char);
        Walk walk = {
                .binder = binder,
                .project = project,
                .marks = mem_new_array(frame, Mark, project->n_principals + 1),
                .way = mem_new_array(frame, const Rule *, project->n_principals + 1),
                .way_from = mem_new_array(frame, size_t, project->n_principals + 1),
        };

        for (size_t i = 0; i < project->n_principals; i++)
                if (walk.marks[i] == MARK_NEW)
                        visit(&walk, i);
        mem_free(frame);
}
