/* SPDX-License-Identifier: Apache-2.0 */
/* Taking: the record of a project out of what is live, line by line. */
#include "common/access/taking.h"

#include <assert.h>

#include "common/access/sweep.h"
#include "common/access/telling.h"
#include "common/access/things.h"
#include "common/access/verdict.h"

enum {
        DISTINCT_MAX = 32, /* rights at one thing among which the most frequent is looked for */
};

struct AccessTaking {
        AccessTakingSpec spec;
        bool is_private;  /* else who is not known to may read perhaps can */
        Index *live;      /* the principals that exist */
        uint32_t *places; /* theirs among the project's */
        size_t n_live;
        ThingName *things;
        AccessPlace *tokens;
        size_t n_things;
        AccessSweep *sweep;   /* once it comes to things */
        AccessRights *rights; /* by principals, at one thing */
        AccessRow *rows;
        bool is_begun; /* the next lines */
        int kind;
        size_t principal;
};

AccessTaking *access_taking_new(Mem *parent, const AccessTakingSpec *spec) {
        AccessTaking *taking = mem_new(parent, AccessTaking);
        const DesiredProject *project = spec->project;

        taking->spec = *spec;
        taking->is_private = !access_tell_visibility(taking, spec->live, project);
        taking->things = access_things_of(taking, project, &taking->n_things);
        taking->live = mem_new_array(taking, Index, project->n_principals);
        taking->places = mem_new_array(taking, uint32_t, project->n_principals);
        taking->rights = mem_new_array(taking, AccessRights, project->n_principals);
        taking->rows = mem_new_array(taking, AccessRow, project->n_principals);
        return taking;
}

static const Organisation *live_of(const AccessTaking *taking) {
        return access_view_organisation(taking->spec.live);
}

static bool has_things(const AccessTaking *taking, Kind kind) {
        for (size_t i = 0; i < taking->n_things; i++)
                if (taking->things[i].kind == kind)
                        return true;
        return false;
}

static char mark_of(const PermissionNamespace *permissions, Kind kind, uint32_t bit) {
        size_t n = 0;
        const AccessTelling *tellings = access_tellings(kind, &n);

        for (size_t i = 0; i < n; i++)
                if (permission_bit(permissions, tellings[i].word) == bit)
                        return tellings[i].mark;
        return ACCESS_RECORD_NO_MARK;
}

static void write_kind(const AccessTaking *taking, Kind kind, Text *line) {
        int space = kind_namespace(kind);
        AccessRecordKind row = {.kind = kind, .is_read = access_kind_is_read(live_of(taking), taking->spec.row, kind)};
        AccessWord words[ACCESS_RECORD_WORDS_MAX];
        Mem *mem = mem_new(NULL, char);

        if (space >= 0) {
                const PermissionNamespace *permissions = &live_of(taking)->permissions.items[space];

                for (uint32_t bit = 1; bit != 0; bit <<= 1)
                        if (bit & permission_settable(permissions))
                                words[row.n_words++] = (AccessWord){bit, mark_of(permissions, kind, bit),
                                                                    permission_word(mem, permissions, bit)};
        }
        row.words = words;
        access_record_write_kind(&row, line);
        mem_free(mem);
}

static void write_principal(AccessTaking *taking, size_t at, Text *line) {
        const AccessTakingSpec *spec = &taking->spec;
        const char *name = spec->project->principals[at].name;
        Index principal = spec->names.principal(spec->names.context, spec->project, name);

        if (principal != INDEX_NONE) {
                taking->live[taking->n_live] = principal;
                taking->places[taking->n_live++] = (uint32_t)at;
        }
        access_record_write_principal(&(AccessRecordPrincipal){name, principal != INDEX_NONE}, line);
}

/* --- things --- */

static bool is_same(AccessRights a, AccessRights b) {
        return a.allow == b.allow && a.unknown == b.unknown;
}

/* What is most frequent need not be told of each who has it. */
static AccessRights most_frequent(const AccessRights *rights, size_t n) {
        AccessRights found[DISTINCT_MAX];
        size_t counts[DISTINCT_MAX] = {0};
        size_t n_found = 0, best = 0;

        for (size_t i = 0; i < n; i++) {
                size_t k = 0;

                while (k < n_found && !is_same(found[k], rights[i]))
                        k++;
                if (k == DISTINCT_MAX)
                        continue;
                if (k == n_found)
                        found[n_found++] = rights[i];
                counts[k]++;
                if (counts[k] > counts[best])
                        best = k;
        }
        return n_found > 0 ? found[best] : (AccessRights){0};
}

/* What is not read has no place. */
static void begin_things(AccessTaking *taking) {
        const AccessTakingSpec *spec = &taking->spec;

        taking->tokens = mem_new_array(taking, AccessPlace, taking->n_things);
        for (size_t i = 0; i < taking->n_things; i++)
                taking->tokens[i] = access_thing_place(taking, &spec->names, spec->project, taking->things[i].kind,
                                                       taking->things[i].name);
        taking->sweep = access_sweep_new(taking, &(AccessSweepSpec){.view = spec->live,
                                                                    .principals = taking->live,
                                                                    .n_principals = taking->n_live,
                                                                    .things = taking->tokens,
                                                                    .n_things = taking->n_things});
}

static void spread(AccessTaking *taking, const AccessSweepRow *row) {
        AccessPlace place = taking->tokens[row->thing];
        uint32_t bits = permission_settable(&live_of(taking)->permissions.items[place.space]);
        uint32_t readable = taking->is_private ? 0 : access_read_bits(place.space) & bits;

        for (size_t i = 0; i < taking->spec.project->n_principals; i++)
                taking->rights[i] = (AccessRights){0};
        for (size_t i = 0; i < taking->n_live; i++)
                taking->rights[taking->places[i]].unknown = readable;
        for (size_t i = 0; i < row->n_cells; i++) {
                AccessMasks masks = row->cells[i].masks;
                AccessRights *rights = &taking->rights[taking->places[row->cells[i].principal]];

                rights->allow = masks.allow & bits;
                rights->unknown = (rights->unknown | (masks.unknown & bits)) & ~masks.allow;
        }
}

static void write_thing(AccessTaking *taking, const AccessSweepRow *swept, Text *line) {
        const DesiredProject *project = taking->spec.project;
        const ThingName *thing = &taking->things[swept->thing];
        AccessRecordThing row = {.kind = thing->kind,
                                 .name = thing->name,
                                 .owner = thing->owner,
                                 .exists = taking->tokens[swept->thing].token != NULL,
                                 .rows = taking->rows};

        if (row.exists && access_kind_is_read(live_of(taking), taking->spec.row, thing->kind)) {
                spread(taking, swept);
                row.others = most_frequent(taking->rights, project->n_principals);
                for (size_t i = 0; i < project->n_principals; i++)
                        if (!is_same(taking->rights[i], row.others))
                                taking->rows[row.n_rows++] =
                                        (AccessRow){project->principals[i].name, taking->rights[i]};
        }
        access_record_write_thing(&row, line);
}

static AccessTakingState next_thing(AccessTaking *taking, Text *line) {
        AccessSweepRow row = {0};

        if (!taking->sweep)
                begin_things(taking);
        switch (access_sweep_step(taking->sweep, &row)) {
        case ACCESS_SWEEP_WORKING:
                return TAKING_WORKING;
        case ACCESS_SWEEP_ROW:
                write_thing(taking, &row, line);
                return TAKING_LINE;
        case ACCESS_SWEEP_END:
                return TAKING_END;
        }
        assert(!"a state of a sweep that nobody knows");
        return TAKING_END;
}

AccessTakingState access_taking_step(AccessTaking *taking, Text *line) {
        const DesiredProject *project = taking->spec.project;

        if (!taking->is_begun) {
                taking->is_begun = true;
                access_record_write_project(project->name, line);
                return TAKING_LINE;
        }
        while (taking->kind < _KIND_N && !has_things(taking, (Kind)taking->kind))
                taking->kind++;
        if (taking->kind < _KIND_N) {
                write_kind(taking, (Kind)taking->kind++, line);
                return TAKING_LINE;
        }
        if (taking->principal == project->n_principals)
                return next_thing(taking, line);
        write_principal(taking, taking->principal++, line);
        return TAKING_LINE;
}
