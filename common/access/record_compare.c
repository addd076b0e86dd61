/* SPDX-License-Identifier: Apache-2.0 */
/* RecordCompare: what is otherwise in one record than in another: who can do what where. */
#include "common/access/record_compare.h"

#include <string.h>

typedef struct Comparison {
        Mem *parent;
        const AccessRecord *before;
        const AccessRecord *after;
        const AccessRecordFilter *filter;
        AccessDifference *items;
        size_t n;
} Comparison;

/* A thing on both sides; NULL: the charter did not name it. */
typedef struct Pair {
        const AccessRecordThing *before;
        const AccessRecordThing *after;
        const AccessRecordKind *words_before;
        const AccessRecordKind *words_after;
        bool is_same_kind; /* the same words, and both were read or none */
} Pair;

bool access_record_filter_thing(const AccessRecordFilter *filter, const AccessRecord *record,
                                const AccessRecordThing *thing) {
        if (!filter->name)
                return true;
        if (thing->kind != filter->kind)
                return false;
        if (thing->kind == KIND_PROJECT && text_equal(filter->name, record->head.project))
                return true;
        return text_equal(thing->name, filter->name);
}

static bool has_bit(const AccessRecordKind *kind, uint32_t bit) {
        for (size_t i = 0; kind && i < kind->n_words; i++)
                if (kind->words[i].bit == bit)
                        return true;
        return false;
}

/* What was not yet a permission was not asked about. */
static AccessThen answer_of(const AccessRecordKind *kind, const AccessRights *rights, uint32_t bit) {
        if (!rights || !has_bit(kind, bit))
                return ACCESS_THEN_NOT_ASKED;
        return rights->allow & bit     ? ACCESS_THEN_OPEN
               : rights->unknown & bit ? ACCESS_THEN_UNKNOWN
                                       : ACCESS_THEN_CLOSED;
}

static bool is_told(AccessThen before, AccessThen after) {
        if (before == after)
                return false;
        if (before == ACCESS_THEN_NOT_ASKED)
                return after != ACCESS_THEN_CLOSED;
        return after != ACCESS_THEN_NOT_ASKED || before != ACCESS_THEN_CLOSED;
}

static void compare_bits(Comparison *comparison, const Pair *pair, const AccessDifference *who,
                         const AccessRights *before, const AccessRights *after) {
        const AccessRecordKind *sides[] = {pair->words_after, pair->words_before};

        for (size_t side = 0; side < 2; side++)
                for (size_t i = 0; sides[side] && i < sides[side]->n_words; i++) {
                        const AccessWord *word = &sides[side]->words[i];
                        AccessDifference difference = *who;

                        if (side == 1 && has_bit(pair->words_after, word->bit))
                                continue;
                        difference.permission = word->word;
                        difference.before = answer_of(pair->words_before, before, word->bit);
                        difference.after = answer_of(pair->words_after, after, word->bit);
                        if (is_told(difference.before, difference.after))
                                *mem_push(comparison->parent, comparison->items, comparison->n) = difference;
                }
}

/* Of a principal; each side may lack it, or the thing. */
static void compare_principal(Comparison *comparison, const Pair *pair, const char *principal, bool is_before,
                              bool is_after) {
        const AccessRecordThing *thing = pair->after ? pair->after : pair->before;
        AccessDifference who = {.principal = principal, .kind = thing->kind, .name = thing->name};
        AccessRights before = {0}, after = {0};

        if (comparison->filter->principal && !text_equal(comparison->filter->principal, principal))
                return;
        is_before &= pair->before != NULL;
        is_after &= pair->after != NULL;
        if (is_before)
                before = access_record_rights(comparison->before, pair->before, principal);
        if (is_after)
                after = access_record_rights(comparison->after, pair->after, principal);
        if (is_before && is_after && pair->is_same_kind && before.allow == after.allow &&
            before.unknown == after.unknown)
                return;
        compare_bits(comparison, pair, &who, is_before ? &before : NULL, is_after ? &after : NULL);
}

static void compare_principals(Comparison *comparison, const Pair *pair) {
        const AccessRecord *a = comparison->before, *b = comparison->after;
        size_t i = 0, j = 0;

        while (i < a->n_principals || j < b->n_principals) {
                int order = i == a->n_principals   ? 1
                            : j == b->n_principals ? -1
                                                   : text_compare(a->principals[i].name, b->principals[j].name);

                compare_principal(comparison, pair, order < 0 ? a->principals[i].name : b->principals[j].name,
                                  order <= 0, order >= 0);
                i += order <= 0;
                j += order >= 0;
        }
}

/* Records of one chain share what did not change. */
static bool is_untouched(const Comparison *comparison, const Pair *pair) {
        return pair->before && pair->after && pair->before->rows == pair->after->rows && pair->is_same_kind &&
               pair->before->others.allow == pair->after->others.allow &&
               pair->before->others.unknown == pair->after->others.unknown &&
               comparison->before->n_principals == comparison->after->n_principals;
}

static bool is_same_kind(const AccessRecordKind *a, const AccessRecordKind *b) {
        if (!a || !b || a->is_read != b->is_read || a->n_words != b->n_words)
                return false;
        for (size_t i = 0; i < a->n_words && a->words != b->words; i++)
                if (a->words[i].bit != b->words[i].bit || strcmp(a->words[i].word, b->words[i].word) != 0)
                        return false;
        return true;
}

static void compare_thing(Comparison *comparison, const AccessRecordThing *before, const AccessRecordThing *after) {
        Kind kind = after ? after->kind : before->kind;
        Pair pair = {before, after, access_record_find_kind(comparison->before, kind),
                     access_record_find_kind(comparison->after, kind)};

        pair.is_same_kind = is_same_kind(pair.words_before, pair.words_after);
        if (!access_record_filter_thing(comparison->filter, comparison->after, after ? after : before) ||
            is_untouched(comparison, &pair))
                return;
        compare_principals(comparison, &pair);
}

static int order_of(const AccessRecordThing *a, const AccessRecordThing *b) {
        if (a->kind != b->kind)
                return a->kind < b->kind ? -1 : 1;
        return text_compare(a->name, b->name);
}

AccessDifference *access_record_compare(Mem *parent, const AccessRecord *before, const AccessRecord *after,
                                        const AccessRecordFilter *filter, size_t *np) {
        Comparison comparison = {parent, before, after, filter, NULL, 0};
        size_t i = 0, j = 0;

        while (i < before->n_things || j < after->n_things) {
                int order = i == before->n_things  ? 1
                            : j == after->n_things ? -1
                                                   : order_of(&before->things[i], &after->things[j]);

                compare_thing(&comparison, order <= 0 ? &before->things[i] : NULL,
                              order >= 0 ? &after->things[j] : NULL);
                i += order <= 0;
                j += order >= 0;
        }
        *np = comparison.n;
        return comparison.items;
}
