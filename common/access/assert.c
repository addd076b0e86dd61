/* SPDX-License-Identifier: Apache-2.0 */
/* Assert: whether assertions of the charter hold. */
#include "common/access/confine.h"

#include "common/access/evaluate_inside.h"
#include "common/access/verdict.h"
#include "common/base/text.h"
#include "common/model/branch.h"
#include "common/model/organization_permission.h"

typedef struct Asserting {
        Mem *parent;
        AccessView *view;
        const DesiredProject *project;
        const DesiredAssert *assertion;
        const AccessNames *names;
        Kind kind;
        const char *name; /* of the thing at hand */
        Index subject; /* at hand; INDEX_NONE: nobody */
        uint8_t space;
        const char *token;
        uint32_t bit;
        AccessVerdicts verdicts;
} Asserting;

bool access_verdict_breaks(const DesiredAssert *assertion, const AccessVerdict *verdict) {
        return verdict->answer == (assertion->can ? ACCESS_CLOSED : ACCESS_OPEN);
}

/* The thing at hand. */
static const char *describe_thing(const Asserting *asserting) {
        const KindRow *row = kind_row(asserting->kind);

        if (asserting->name[0])
                return mem_printf(asserting->parent, "%s %s", row->noun, asserting->name);
        if (asserting->kind == KIND_PROJECT)
                return mem_printf(asserting->parent, "project %s", asserting->project->name);
        if (asserting->kind == KIND_ORGANIZATION)
                return "the organisation";
        return mem_printf(asserting->parent, "the root of %s", row->key);
}

/* `Data Science A cannot Read`, and why it does not hold, or why that is not known. */
static const char *tell(const Asserting *asserting, AccessAnswer answer, const char *reason) {
        const DesiredAssert *assertion = asserting->assertion;
        const char *can = assertion->can ? "can" : "cannot";

        if (answer == ACCESS_UNKNOWN)
                return mem_printf(asserting->parent,
                                  "whether `%s %s %s` holds at %s is not known: %s",
                                  assertion->name, can, assertion->permission.text,
                                  describe_thing(asserting), reason);
        return mem_printf(asserting->parent, "`%s %s %s` does not hold: %s", assertion->name, can,
                          assertion->permission.text, reason);
}

static void report(Asserting *asserting, const char *principal, AccessAnswer answer,
                   const char *reason, const AccessExplanation *explanation) {
        *mem_push(asserting->parent, asserting->verdicts.items, asserting->verdicts.n) =
                (AccessVerdict){
                        .answer = answer,
                        .principal = principal,
                        .kind = asserting->kind,
                        .name = asserting->name,
                        .permission = asserting->assertion->permission.text,
                        .message = tell(asserting, answer, reason),
                        .path = explanation ? explanation->path : NULL,
                        .n_path = explanation ? explanation->n_path : 0,
                        .place = asserting->assertion->place,
                        .subject = asserting->subject,
                        .space = asserting->space,
                        .asked = asserting->token,
                        .bit = asserting->bit,
                        .holder = explanation ? explanation->holder : INDEX_NONE,
                        .token = explanation ? explanation->token : NULL,
                };
}

static bool is_of_interest(const Asserting *asserting, AccessAnswer answer) {
        return answer == ACCESS_UNKNOWN ||
               answer == (asserting->assertion->can ? ACCESS_CLOSED : ACCESS_OPEN);
}

/* What is decided by an entry is told with its path. */
static const char *reason_of(const Asserting *asserting, const AccessSubject *subject,
                             AccessAnswer answer, const AccessExplanation *explanation) {
        if (answer == ACCESS_UNKNOWN || !explanation->because)
                return explanation->reason;
        return mem_printf(asserting->parent, "%s %s %s at %s: %s",
                          access_view_display(asserting->view, subject->principal),
                          answer == ACCESS_OPEN ? "can" : "cannot",
                          asserting->assertion->permission.text, describe_thing(asserting),
                          explanation->because);
}

static void judge(Asserting *asserting, const AccessSubject *subject, AccessPlace place,
                  uint32_t bit) {
        const AccessExplanation *explanation = NULL;
        AccessAnswer answer = access_answer_of(
                access_evaluate(asserting->view, subject, place.space, place.token), bit);
        const char *visibility = NULL;

        asserting->subject = subject->principal;
        asserting->space = place.space;
        asserting->token = place.token;
        asserting->bit = bit;
        if (answer == ACCESS_CLOSED && (access_read_bits(place.space) & bit))
                visibility = access_tell_visibility(asserting->parent, asserting->view,
                                                    asserting->project);
        if (visibility)
                answer = ACCESS_UNKNOWN;
        if (!is_of_interest(asserting, answer))
                return;
        explanation = access_explain(asserting->parent, asserting->view, subject, place.space,
                                     place.token, bit);
        report(asserting, access_view_display(asserting->view, subject->principal), answer,
               visibility ? visibility : reason_of(asserting, subject, answer, explanation),
               explanation);
}

/* The thing, the word or the principal is not there; what is not there gives nobody anything. */
static void report_missing(Asserting *asserting, AccessAnswer answer, const char *message) {
        asserting->subject = INDEX_NONE;
        if (is_of_interest(asserting, answer))
                report(asserting, asserting->assertion->name, answer, message, NULL);
}

static void judge_all(Asserting *asserting, AccessPlace place, uint32_t bit) {
        const DesiredAssert *assertion = asserting->assertion;
        Index principal = asserting->names->principal(asserting->names->context, asserting->project,
                                                      assertion->name);
        AccessSubject *subject = NULL;
        const Index *persons = NULL;
        size_t n = 0;

        if (principal == INDEX_NONE) {
                report_missing(asserting,
                               assertion->subject == ASSERT_USER ? ACCESS_UNKNOWN : ACCESS_CLOSED,
                               mem_printf(asserting->parent, "%s is not in the organisation",
                                          assertion->name));
                return;
        }
        subject = access_subject_new(asserting->parent, asserting->view, principal);
        judge(asserting, subject, place, bit);
        mem_free(subject);
        if (assertion->subject != ASSERT_TEAM)
                return;
        persons = access_persons_of(asserting->parent, asserting->view, principal, &n);
        for (size_t i = 0; i < n; i++) {
                size_t first = asserting->verdicts.n;

                subject = access_subject_new(asserting->parent, asserting->view, persons[i]);
                judge(asserting, subject, place, bit);
                mem_free(subject);
                if (asserting->verdicts.n > first)
                        asserting->verdicts.items[first].is_member = true;
        }
        mem_free((void *)persons);
}

static void judge_at(Asserting *asserting, Kind kind, const char *name) {
        const char *word = asserting->assertion->permission.text;
        int space = kind_namespace(kind);
        AccessPlace place = {0};
        uint32_t bit = 0;

        asserting->kind = kind;
        asserting->name = name;
        if (space < 0 || !kind_has(kind, KIND_IS_BUILT)) {
                report_missing(asserting, ACCESS_UNKNOWN,
                               mem_printf(asserting->parent, "entries of %s are not read",
                                          kind_row(kind)->key));
                return;
        }
        bit = permission_bit(&access_view_organisation(asserting->view)->permissions.items[space],
                             word);
        place = access_place_of(asserting->parent, asserting->names, asserting->project, kind, name);
        if (bit == 0)
                report_missing(asserting, ACCESS_UNKNOWN,
                               mem_printf(asserting->parent,
                                          "the service knows no permission `%s` of %s", word,
                                          kind_row(kind)->key));
        else if (!place.token)
                report_missing(asserting, ACCESS_CLOSED,
                               mem_printf(asserting->parent, "%s does not exist",
                                          describe_thing(asserting)));
        else
                judge_all(asserting, place, bit);
}

/* The word tells in which of the organisation's namespaces. */
static void judge_organization(Asserting *asserting) {
        const Organisation *live = access_view_organisation(asserting->view);
        OrganizationPermission found[_NAMESPACE_N];
        const char *word = asserting->assertion->permission.text;
        size_t n = organization_permission_find(&live->permissions, word, found);
        AccessPlace place = {0};

        asserting->kind = KIND_ORGANIZATION;
        asserting->name = "";
        if (n != 1) {
                report_missing(asserting, ACCESS_UNKNOWN,
                               mem_printf(asserting->parent,
                                          n ? "`%s` is a permission of several namespaces of the organisation"
                                            : "the service knows no permission `%s` of the organisation",
                                          word));
                return;
        }
        place = (AccessPlace){found[0].space, live->root_token[found[0].space]};
        if (!place.token)
                report_missing(asserting, ACCESS_UNKNOWN, "entries of the organisation are not read");
        else
                judge_all(asserting, place, found[0].bit);
}

static void judge_branches(Asserting *asserting, const char *repository, const At *at) {
        for (size_t i = 0; i < at->n_names; i++)
                judge_at(asserting, KIND_BRANCH,
                         mem_printf(asserting->parent, BRANCH_NAME_FORMAT, repository, at->names[i].text));
}

static void judge_branches_at(Asserting *asserting, const At *at) {
        const DesiredPrincipal *owner =
                desired_find_principal(asserting->project, asserting->assertion->name);

        if (at->repository) {
                judge_branches(asserting, at->repository, at);
                return;
        }
        for (size_t i = 0; owner && i < owner->n_owns; i++)
                if (owner->owns[i].kind == KIND_REPOSITORY)
                        judge_branches(asserting, owner->owns[i].name, at);
}

/* Everything a team owns of a kind; _KIND_N: of every kind with permissions. */
static void judge_owned(Asserting *asserting, const char *team, Kind kind) {
        const DesiredPrincipal *owner = desired_find_principal(asserting->project, team);

        for (size_t i = 0; owner && i < owner->n_owns; i++) {
                const OwnedArtefact *artefact = &owner->owns[i];

                if (kind == _KIND_N ? !kind_has(artefact->kind, KIND_HAS_PERMISSIONS)
                                    : artefact->kind != kind)
                        continue;
                /* The root stays everybody's (charter.md, owns). */
                if (!text_equal(artefact->name, "/"))
                        judge_at(asserting, artefact->kind, artefact->name);
        }
}

AccessVerdicts access_assert(Mem *parent, AccessView *view, const DesiredProject *project,
                             const DesiredAssert *assertion, const AccessNames *names) {
        const At *at = &assertion->at;
        Asserting asserting = {
                .parent = parent,
                .view = view,
                .project = project,
                .assertion = assertion,
                .names = names,
        };

        switch (at->form) {
        case AT_PROJECT:
                judge_at(&asserting, KIND_PROJECT, "");
                break;
        case AT_OWN:
                judge_owned(&asserting, assertion->name, _KIND_N);
                break;
        case AT_KIND_OWN:
                judge_owned(&asserting, assertion->name, at->kind);
                break;
        case AT_KIND_OWNED_BY:
                judge_owned(&asserting, at->team, at->kind);
                break;
        case AT_KIND_ROOT:
                judge_at(&asserting, at->kind, "");
                break;
        case AT_KIND_NAMES:
                for (size_t i = 0; i < at->n_names; i++)
                        judge_at(&asserting, at->kind, at->names[i].text);
                break;
        case AT_ORGANIZATION:
                judge_organization(&asserting);
                break;
        case AT_BRANCHES:
                judge_branches_at(&asserting, at);
                break;
        }
        return asserting.verdicts;
}
