/* SPDX-License-Identifier: Apache-2.0 */
/* A watch over effective permissions: what they were after each write. */
#include "tests/simulator/watch.h"

#include <stdlib.h>

#include "tests/simulator/answer.h"

/* The answers at one moment. */
typedef struct Note {
        int64_t sequence;
        const char *what;
        uint32_t *masks; /* a question's allow; 0 when its thing or principal is not there */
} Note;

struct Watch {
        Organization *organization;
        cJSON *questions;
        size_t n_questions;
        const Namespace **spaces; /* of each question, once it could be answered */
        Arena arena;
        Array notes; /* Note *; the first is from when the watch began */
};

Watch *watch_new(World *world, Organization *organization, const Written *questions) {
        size_t n_mistakes = questions->mistakes->n_mistakes;
        Watch *watch;

        for (size_t i = 0; i < written_count(questions); i++) {
                static const char *const KEYS[] = {QUESTION_KEYS, NULL};
                Written item = written_item(questions, i);

                if (!written_is_object(&item))
                        continue;
                written_check_keys(&item, KEYS);
                written_need(&item, "principal");
                if (!place_is_named(&item))
                        written_mistake(&item, "lacks \"kind\" or \"namespace\"");
        }
        if (questions->mistakes->n_mistakes > n_mistakes)
                return NULL;
        watch = memory_alloc(sizeof(*watch));
        watch->organization = organization;
        watch->questions = cJSON_Duplicate(questions->value, /* recurse= */ 1);
        watch->n_questions = written_count(questions);
        watch->spaces =
                arena_alloc(&watch->arena, (watch->n_questions + 1) * sizeof(*watch->spaces));
        watch_note(watch, world, 0, "the beginning");
        return watch;
}

Watch *watch_free(Watch *watch) {
        if (!watch)
                return NULL;
        cJSON_Delete(watch->questions);
        array_deinit(&watch->notes);
        arena_deinit(&watch->arena);
        free(watch);
        return NULL;
}

bool watch_is_of(const Watch *watch, const Organization *organization) {
        return watch->organization == organization;
}

void watch_note(Watch *watch, World *world, int64_t sequence, const char *what) {
        Note *note = arena_alloc(&watch->arena, sizeof(*note));
        Mistakes ignored = {.source = ""};
        Written list = written_root(watch->questions, &ignored);

        note->sequence = sequence;
        note->what = arena_copy(&watch->arena, what);
        note->masks = arena_alloc(&watch->arena, (watch->n_questions + 1) * sizeof(*note->masks));
        for (size_t i = 0; i < watch->n_questions; i++) {
                Written question = written_item(&list, i);
                Answer answer;

                if (question_answer(world, watch->organization, &question, &answer) < 0)
                        continue;
                note->masks[i] = answer.allow;
                watch->spaces[i] = answer.place.ns;
        }
        free(ignored.text);
        array_add(&watch->notes, note);
}

static void print_notes(const Watch *watch, Rows *rows) {
        rows_print(rows, ",\n");
        rows_begin_list(rows, "notes");
        for (size_t i = 0; i < watch->notes.n_items; i++) {
                const Note *note = watch->notes.items[i];
                cJSON *tree = cJSON_CreateObject(), *masks;

                json_add_number(tree, "seq", (double)note->sequence);
                json_add_text(tree, "after", note->what);
                masks = cJSON_AddArrayToObject(tree, "masks");
                for (size_t q = 0; q < watch->n_questions; q++)
                        cJSON_AddItemToArray(masks, cJSON_CreateNumber(note->masks[q]));
                rows_add(rows, tree);
        }
        rows_end_list(rows);
}

static void print_loss(const Watch *watch, const Note *note, size_t question, uint32_t lost,
                       Rows *rows) {
        cJSON *tree = cJSON_CreateObject();

        json_add_number(tree, "seq", (double)note->sequence);
        json_add_text(tree, "after", note->what);
        cJSON_AddItemToObject(
                tree, "question",
                cJSON_Duplicate(cJSON_GetArrayItem(watch->questions, (int)question), 1));
        cJSON_AddItemToObject(tree, "lost", place_words(watch->spaces[question], lost));
        rows_add(rows, tree);
}

static void print_losses(const Watch *watch, Rows *rows) {
        const Note *first = watch->notes.items[0],
                   *last = watch->notes.items[watch->notes.n_items - 1];

        rows_print(rows, ",\n");
        rows_begin_list(rows, "losses");
        for (size_t i = 0; i < watch->notes.n_items; i++) {
                const Note *note = watch->notes.items[i];

                for (size_t q = 0; q < watch->n_questions; q++) {
                        uint32_t lost = first->masks[q] & last->masks[q] & ~note->masks[q];

                        if (lost)
                                print_loss(watch, note, q, lost, rows);
                }
        }
        rows_end_list(rows);
}

void watch_print(const Watch *watch, Rows *rows) {
        const cJSON *question;

        rows_print(rows, "{\n");
        rows_begin_list(rows, "questions");
        cJSON_ArrayForEach(question, watch->questions)
                rows_add(rows, cJSON_Duplicate(question, /* recurse= */ 1));
        rows_end_list(rows);
        print_notes(watch, rows);
        print_losses(watch, rows);
        rows_print(rows, "\n}");
}
