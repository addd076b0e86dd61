/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about access: what a principal may do at a place, by evaluation. */
#include "tests/simulator/question.h"

#include "tests/simulator/answer.h"
#include "tests/simulator/evaluation.h"

int question_answer(World *world, Organization *organization, const Written *question,
                    Answer *answerp) {
        static const char *const KEYS[] = {QUESTION_KEYS, NULL};
        size_t n_mistakes = question->mistakes->n_mistakes;
        Project *project = NULL;
        EvaluationResult result;
        Arena scratch = {0};
        Written member;

        *answerp = (Answer){0};
        written_check_keys(question, KEYS);
        if (written_member(question, "project", &member))
                project = place_project(organization, NULL, question);
        answerp->principal = place_principal(organization, project, question, "principal");
        if (place_read(&scratch, organization, project, question, &answerp->place) == 0)
                answerp->asked = place_bits(answerp->place.ns, question, "permissions");
        if (question->mistakes->n_mistakes > n_mistakes) {
                arena_deinit(&scratch);
                return -1;
        }
        result = evaluation_run(world, organization, answerp->place.ns, answerp->place.token,
                                answerp->principal, AS_OF_NOW);
        answerp->allow = result.allow & (answerp->asked ? answerp->asked : UINT32_MAX);
        answerp->deny = result.deny & (answerp->asked ? answerp->asked : UINT32_MAX);
        answerp->place.token = NULL;
        arena_deinit(&scratch);
        return 0;
}

cJSON *question_shape(Organization *organization, const Written *question, const Answer *answer) {
        cJSON *tree = cJSON_Duplicate(question->value, /* recurse= */ 1);

        cJSON_AddItemToObject(tree, "allow", place_words(answer->place.ns, answer->allow));
        cJSON_AddItemToObject(tree, "deny", place_words(answer->place.ns, answer->deny));
        if (answer->asked)
                json_add_bool(tree, "allowed", answer->allow == answer->asked);
        if (evaluation_in_group(organization->world, organization, answer->principal,
                                organization->administrators, AS_OF_NOW))
                json_add_bool(tree, "administrator", true);
        return tree;
}
