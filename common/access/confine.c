/* SPDX-License-Identifier: Apache-2.0 */
/* Confine: what a team can reach of what other teams own. */
#include "common/access/confine.h"

#include <string.h>

#include "common/access/evaluate_inside.h"
#include "common/access/owned.h"
#include "common/access/verdict.h"

/* Verdicts that rest on one entry. */
typedef struct Alike {
        AccessAnswer answer;
        Kind kind;
        Index principal;
        Index holder;
        const char *token;
        size_t n;
        size_t last; /* the last verdict that was given */
} Alike;

typedef enum Whose {
        WHOSE_TEAM,
        WHOSE_MEMBER,
} Whose;

typedef struct Judge {
        Mem *parent;
        AccessView *view;
        const DesiredProject *project;
        const DesiredPrincipal *team;
        OwnedIndex *index;
        uint8_t *open; /* one a thing: the team itself can reach it */
        Alike *alikes;
        size_t n_alikes;
        AccessVerdicts verdicts;
} Judge;

/* What is looked at: a thing at one of its tokens. */
typedef struct Finding {
        const OwnedThing *thing;
        const OwnedNode *node;
        AccessMasks masks;
        AccessAnswer answer;
} Finding;

static Alike *find_alike(Judge *judge, const Alike *wanted) {
        for (size_t i = 0; i < judge->n_alikes; i++) {
                Alike *alike = &judge->alikes[i];

                if (alike->answer == wanted->answer && alike->kind == wanted->kind &&
                    alike->principal == wanted->principal && alike->holder == wanted->holder &&
                    alike->token == wanted->token)
                        return alike;
        }
        *mem_push(judge->parent, judge->alikes, judge->n_alikes) = *wanted;
        return &judge->alikes[judge->n_alikes - 1];
}

/* `; also Contribute, Create branch`: what is open beside the one bit that is told. */
static const char *tell_others(const Judge *judge, uint8_t space, uint32_t open, uint32_t told) {
        const PermissionNamespace *permissions =
                &access_view_organisation(judge->view)->permissions.items[space];
        uint32_t others = open & ~told;
        Text text;

        if (others == 0)
                return "";
        if (open == permissions->all_bits)
                return "; also everything else";
        text_init(&text, judge->parent);
        for (; others; others &= others - 1)
                text_appendf(&text, "%s%s", text.n ? ", " : "; also ",
                             permission_word(judge->parent, permissions, others & -others));
        return text.data;
}

static const char *tell_finding(const Judge *judge, const Finding *finding,
                                const AccessSubject *subject,
                                const AccessExplanation *explanation, uint32_t bit) {
        const OwnedThing *thing = finding->thing;
        uint8_t space = thing->place.space;
        const char *who = access_view_display(judge->view, subject->principal);
        Text where;

        text_init(&where, judge->parent);
        access_describe_token(judge->view, space, finding->node->token, &where);
        if (finding->answer == ACCESS_UNKNOWN)
                return mem_printf(judge->parent,
                                  "whether %s can reach %s, owned by %s, is not known: %s", who,
                                  where.data, thing->owner->name, explanation->reason);
        return mem_printf(
                judge->parent, "%s can %s at %s, owned by %s: %s%s", who,
                permission_word(judge->parent,
                                &access_view_organisation(judge->view)->permissions.items[space],
                                bit),
                where.data, thing->owner->name, explanation->because,
                tell_others(judge, space, finding->masks.allow, bit));
}

static void report(Judge *judge, const AccessSubject *subject, const Finding *finding,
                   Whose whose) {
        uint8_t space = finding->thing->place.space;
        uint32_t bit =
                access_telling_bit(space, finding->answer == ACCESS_OPEN ? finding->masks.allow
                                                                         : finding->masks.unknown);
        AccessGround ground =
                access_find_ground(finding->node->node, subject, bit, finding->answer);
        const Alike wanted = {
                .answer = finding->answer,
                .kind = finding->thing->artefact->kind,
                .principal = subject->principal,
                .holder = ground.holder,
                .token = ground.node ? ground.node->token : NULL,
        };
        Alike *alike = find_alike(judge, &wanted);
        const AccessExplanation *explanation = NULL;
        AccessVerdict *verdict = NULL;

        if (++alike->n > (whose == WHOSE_MEMBER ? 1 : ACCESS_ALIKE_MAX))
                return;
        alike->last = judge->verdicts.n;
        explanation = access_explain(judge->parent, judge->view, subject, space,
                                     finding->node->token, bit);
        verdict = mem_push(judge->parent, judge->verdicts.items, judge->verdicts.n);
        *verdict = (AccessVerdict){
                .answer = finding->answer,
                .principal = access_view_display(judge->view, subject->principal),
                .kind = finding->thing->artefact->kind,
                .name = finding->thing->artefact->name,
                .permission = permission_word(
                        judge->parent,
                        &access_view_organisation(judge->view)->permissions.items[space], bit),
                .message = tell_finding(judge, finding, subject, explanation, bit),
                .path = explanation->path,
                .n_path = explanation->n_path,
                .chain = explanation->chain,
                .n_chain = explanation->n_chain,
                .space = space,
                .token = explanation->token,
                .place = judge->team->place,
                .is_member = whose == WHOSE_MEMBER,
        };
}

/* What a subject has at a node that everybody of the project does not have there, where that is
 * what counts. */
static AccessMasks beyond_everybody(const OwnedIndex *index, const OwnedThing *thing,
                                    const OwnedNode *node, AccessMasks masks) {
        AccessMasks common;

        if (!index->everybody || !kind_has(thing->artefact->kind, KIND_HAS_ROLES))
                return masks;
        common = access_evaluate_node(node->node, index->everybody);
        masks.allow &= ~common.allow;
        masks.unknown &= ~common.allow;
        return masks;
}

/* The most telling of a thing's tokens: one that is open, else one that is not known. *atp: behind
 * the thing. */
static Finding judge_thing(Judge *judge, const AccessSubject *subject, size_t *atp) {
        const OwnedIndex *index = judge->index;
        uint32_t thing = index->nodes[*atp].thing;
        Finding finding = {.thing = &index->things[thing], .answer = ACCESS_CLOSED};

        for (; *atp < index->n_nodes && index->nodes[*atp].thing == thing; (*atp)++) {
                const OwnedNode *node = &index->nodes[*atp];
                AccessMasks masks = {0};
                AccessAnswer answer = ACCESS_CLOSED;

                if (!index->marks[*atp] || finding.answer == ACCESS_OPEN ||
                    finding.thing->owner == judge->team)
                        continue;
                masks = beyond_everybody(index, finding.thing, node,
                                         access_evaluate_node(node->node, subject));
                if (masks.allow)
                        answer = ACCESS_OPEN;
                else if (masks.unknown)
                        answer = ACCESS_UNKNOWN;
                if (answer == ACCESS_CLOSED ||
                    (answer == ACCESS_UNKNOWN && finding.answer == ACCESS_UNKNOWN))
                        continue;
                finding.node = node;
                finding.masks = masks;
                finding.answer = answer;
        }
        return finding;
}

static void judge_team(Judge *judge, Index principal) {
        AccessSubject *subject = access_subject_new(judge->parent, judge->view, principal);
        OwnedIndex *index = judge->index;

        access_owned_mark(index, subject);
        for (size_t at = access_owned_next(index, 0); at < index->n_nodes;
             at = access_owned_next(index, at)) {
                uint32_t thing = index->nodes[at].thing;
                Finding finding = judge_thing(judge, subject, &at);

                if (finding.answer == ACCESS_CLOSED)
                        continue;
                judge->open[thing] = finding.answer == ACCESS_OPEN;
                report(judge, subject, &finding, WHOSE_TEAM);
        }
        access_owned_clear(index);
        mem_free(subject);
}

/* What a member can reach by another way than the team's; only what is known. */
static void judge_member(Judge *judge, Index person) {
        AccessSubject *subject = access_subject_new(judge->parent, judge->view, person);
        OwnedIndex *index = judge->index;
        size_t most = judge->n_alikes + ACCESS_GROUNDS_MAX;

        access_owned_mark(index, subject);
        for (size_t at = access_owned_next(index, 0); at < index->n_nodes;
             at = access_owned_next(index, at)) {
                uint32_t thing = index->nodes[at].thing;
                Finding finding = judge_thing(judge, subject, &at);

                if (finding.answer == ACCESS_OPEN && !judge->open[thing] && judge->n_alikes < most)
                        report(judge, subject, &finding, WHOSE_MEMBER);
        }
        access_owned_clear(index);
        mem_free(subject);
}

static void report_whole(Judge *judge, Kind kind, const char *message) {
        *mem_push(judge->parent, judge->verdicts.items, judge->verdicts.n) = (AccessVerdict){
                .answer = ACCESS_UNKNOWN,
                .principal = judge->team->name,
                .kind = kind,
                .name = "",
                .permission = "",
                .message = message,
                .place = judge->team->place,
        };
}

static void count_alike(Judge *judge) {
        for (size_t i = 0; i < judge->n_alikes; i++) {
                const Alike *alike = &judge->alikes[i];
                AccessVerdict *verdict = &judge->verdicts.items[alike->last];
                size_t given = verdict->is_member ? 1 : ACCESS_ALIKE_MAX;

                if (alike->n > given)
                        verdict->message =
                                mem_printf(judge->parent, "%s; and %zu more by the same entry",
                                           verdict->message, alike->n - given);
        }
        mem_free(judge->alikes);
}

AccessVerdicts access_confine(Mem *parent, AccessView *view, const DesiredProject *project,
                              const DesiredPrincipal *team, const AccessNames *names) {
        Index principal = names->principal(names->context, project, team->name);
        Judge judge = {
                .parent = parent,
                .view = view,
                .project = project,
                .team = team,
        };
        const char *visibility = access_tell_visibility(parent, view, project);
        const Index *persons = NULL;
        size_t n = 0;

        judge.index = access_owned_index(view, project, names);
        judge.open = mem_new_array(parent, uint8_t, judge.index->n_things);
        if (principal != INDEX_NONE) {
                judge_team(&judge, principal);
                persons = access_persons_of(parent, view, principal, &n);
        }
        /* charterd reaches everything by its task: a team it has just made is no way of its own. */
        for (size_t i = 0; i < n; i++)
                if (persons[i] != access_view_organisation(view)->self_identity)
                        judge_member(&judge, persons[i]);
        count_alike(&judge);
        if (visibility)
                report_whole(
                        &judge, KIND_PROJECT,
                        mem_printf(
                                parent,
                                "whether [%s]\\%s can reach what other teams own is not known: %s",
                                project->name, team->name, visibility));
        mem_free(judge.open);
        mem_free((void *)persons);
        return judge.verdicts;
}
