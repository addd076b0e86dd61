/* SPDX-License-Identifier: Apache-2.0 */
/* SheetFold: which principals and which things of a sheet are alike. */
#include <stdlib.h>
#include <string.h>

#include "common/access/sheet_work.h"

enum {
        ROWS_FOLDED_MAX = 300, /* beyond them things of one kind and owner are one, whatever they grant */
};

/* Marks. What somebody has at a thing adds a number made of that and of what the thing is to them, so that their order
 * says nothing. */

static uint64_t mix(uint64_t hash, uint64_t value) {
        hash = (hash ^ value) * 0x9E3779B97F4A7C15;
        return hash ^ (hash >> 29);
}

static uint32_t asked_bits(const SheetWork *work, Kind kind) {
        uint32_t bits = 0;

        for (size_t i = 0; i < work->asked[kind].n; i++)
                bits |= work->asked[kind].items[i].bit;
        return bits;
}

static uint64_t mark_of(const SheetWork *work, size_t who, uint32_t bits) {
        const AccessMasks *live = &work->live.masks[who];
        uint64_t mark = mix(live->allow & bits, live->unknown & bits);

        if (!work->wanted.view)
                return mark;
        return mix(mix(mark, work->wanted.masks[who].allow & bits), work->wanted.masks[who].unknown & bits);
}

static bool are_of_one_kit(const SheetWho *a, const SheetWho *b) {
        return a->kit == b->kit || (a->kit && b->kit && strcmp(a->kit, b->kit) == 0);
}

/* What a thing is to somebody. */
static uint64_t relation_of(const SheetWork *work, size_t who, size_t thing) {
        const SheetThing *it = &work->things[thing];
        uint64_t kind = (uint64_t)it->name.kind << 32;

        if (it->owner == who)
                return mix(1, kind | it->ordinal);
        if (it->owner != INDEX_NONE && are_of_one_kit(&work->who[who], &work->who[it->owner]))
                return mix(2, kind | it->ordinal);
        return mix(3, thing);
}

void sheet_mark_thing(SheetWork *work, size_t thing) {
        SheetThing *it = &work->things[thing];
        uint32_t bits = asked_bits(work, it->name.kind);
        uint64_t nothing = mix(mix(mix(0, 0), 0), 0);

        if (!work->wanted.view)
                nothing = mix(0, 0);
        for (size_t i = 0; i < work->n_who; i++) {
                uint64_t mark = mark_of(work, i, bits);

                if (mark == nothing)
                        continue;
                work->who[i].mark += mix(relation_of(work, i, thing), mark);
                it->mark += mix(i + 1, mark);
        }
        if (it->owner != INDEX_NONE)
                work->who[it->owner].mark += relation_of(work, it->owner, thing);
}

/* Principals */

static uint32_t add_group(AccessSheet *sheet, const SheetWho *who) {
        *mem_push(sheet, sheet->groups, sheet->n_groups) =
                (AccessSheetGroup){.name = who->name, .kit = who->kit, .n = 1, .is_alike = true};
        return (uint32_t)sheet->n_groups - 1;
}

typedef bool Alike(const SheetWho *a, const SheetWho *b);

static bool have_the_same(const SheetWho *a, const SheetWho *b) {
        return a->mark == b->mark && are_of_one_kit(a, b);
}

/* Each joins the first that is like it. False: there are more groups than can be shown, and it stopped there. */
static bool group_by(AccessSheet *sheet, SheetWork *work, Alike *are_alike) {
        uint32_t first[ACCESS_SHEET_TEAMS_MAX];

        sheet->n_groups = 0;
        for (size_t i = 0; i < work->n_who; i++) {
                SheetWho *who = &work->who[i];
                size_t at = 0;

                while (at < sheet->n_groups && !are_alike(&work->who[first[at]], who))
                        at++;
                if (at == ACCESS_SHEET_TEAMS_MAX)
                        return false;
                who->group = (uint32_t)at;
                if (at < sheet->n_groups) {
                        AccessSheetGroup *group = &sheet->groups[at];

                        group->n++;
                        if (!are_of_one_kit(&work->who[first[at]], who))
                                group->kit = NULL;
                        group->is_alike = group->is_alike && who->mark == work->who[first[at]].mark;
                        continue;
                }
                first[at] = (uint32_t)i;
                add_group(sheet, who);
        }
        return true;
}

static bool are_anything(const SheetWho *a, const SheetWho *b) {
        return true;
}

void sheet_fold_who(AccessSheet *sheet, SheetWork *work) {
        static Alike *const ways[] = {have_the_same, are_of_one_kit, are_anything};

        for (size_t i = 0; !work->folds_who && i < work->n_who; i++)
                work->who[i].group = add_group(sheet, &work->who[i]);
        for (size_t i = 0; work->folds_who && !group_by(sheet, work, ways[i]); i++)
                ;
}

/* Things */

static uint32_t group_of_owner(const SheetWork *work, const SheetThing *thing) {
        return thing->owner == INDEX_NONE ? INDEX_NONE : work->who[thing->owner].group;
}

/* Whether the thing at a place belongs to what stands for a row. */
typedef struct RowKey {
        Kind kind;
        uint32_t group;
        uint32_t ordinal; /* of things whose owners are several */
        uint64_t mark;    /* of others */
} RowKey;

static RowKey key_of(const AccessSheet *sheet, const SheetWork *work, const SheetThing *thing) {
        RowKey key = {.kind = thing->name.kind, .group = group_of_owner(work, thing)};

        if (key.group != INDEX_NONE && sheet->groups[key.group].n > 1)
                key.ordinal = thing->ordinal + 1;
        else
                key.mark = thing->mark;
        return key;
}

static bool is_of(const RowKey *a, const RowKey *b, bool by_mark) {
        return a->kind == b->kind && a->group == b->group && a->ordinal == b->ordinal &&
               (!by_mark || a->mark == b->mark);
}

static void add_row(AccessSheet *sheet, const SheetThing *thing, const RowKey *key,
                    AccessRelation relation) {
        *mem_push(sheet, sheet->rows, sheet->n_rows) = (AccessSheetRow){
                .kind = thing->name.kind,
                .relation = relation,
                .name = thing->name.name,
                .owner = thing->name.owner,
                .owner_group = key->group,
        };
}

/* A thing's row, and the one of its owner's neighbours; made where they are not yet. */
static void place_thing(AccessSheet *sheet, SheetWork *work, SheetThing *thing, RowKey **keysp,
                        bool by_mark) {
        RowKey key = key_of(sheet, work, thing);
        uint32_t at = 0;

        while (at < sheet->n_rows &&
               !(work->folds_things && is_of(&(*keysp)[at], &key, by_mark)))
                at++;
        thing->row = at;
        thing->other_row = key.ordinal ? at + 1 : INDEX_NONE;
        if (at == sheet->n_rows) {
                size_t n = sheet->n_rows;

                *mem_push(work, *keysp, n) = key;
                add_row(sheet, thing, &key, key.ordinal ? ACCESS_RELATION_OWN : ACCESS_RELATION_ANY);
                if (key.ordinal) {
                        *mem_push(work, *keysp, n) = (RowKey){.kind = _KIND_N};
                        add_row(sheet, thing, &key, ACCESS_RELATION_OTHERS);
                }
        }
        sheet->rows[thing->row].n++;
        if (thing->other_row != INDEX_NONE)
                sheet->rows[thing->other_row].n++;
}

void sheet_fold_things(AccessSheet *sheet, SheetWork *work) {
        RowKey *keys = NULL;

        for (size_t i = 0; i < work->n_things; i++)
                place_thing(sheet, work, &work->things[i], &keys, /* by_mark= */ true);
        if (work->folds_things && sheet->n_rows > ROWS_FOLDED_MAX) {
                sheet->n_rows = 0;
                keys = mem_free(keys);
                for (size_t i = 0; i < work->n_things; i++)
                        place_thing(sheet, work, &work->things[i], &keys, /* by_mark= */ false);
        }
        mem_free(keys);
}
