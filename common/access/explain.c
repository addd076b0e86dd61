/* SPDX-License-Identifier: Apache-2.0 */
/* Explain: one answer with the path that makes it so. */
#include "common/access/evaluate_inside.h"

/* What is asked. */
typedef struct Question {
        AccessView *view;
        const AccessSubject *subject;
        const char *token;
        const AccessNode *node;
        uint8_t space;
        uint32_t bit;
} Question;

enum {
        EFFECT_ALLOW = 1 << 0,
        EFFECT_DENY = 1 << 1,
};

typedef enum Certainty {
        SURE,
        PERHAPS, /* of an identity that the subject may be, or may be in */
} Certainty;

static size_t place_of(const AccessSubject *subject, Index identity) {
        size_t at = 0;

        while (subject->items[at] != identity)
                at++;
        return at;
}

/* Memberships between the subject and one of its groups. */
static size_t count_steps(const AccessSubject *subject, Index identity) {
        size_t at = place_of(subject, identity);
        size_t n = 0;

        for (; subject->via[at] != at; at = subject->via[at])
                n++;
        return n;
}

/* The nearest holder of an entry with the bit at one level. */
static AccessGround find_holder(const AccessNode *node, const AccessSubject *subject, uint32_t bit,
                                unsigned effect, Certainty certainty) {
        AccessGround ground = {.holder = INDEX_NONE};
        size_t best = SIZE_MAX;

        for (size_t i = 0; i < node->n_entries; i++) {
                const AccessControlEntry *entry = &node->entries[i];
                bool counts = certainty == PERHAPS
                                      ? access_subject_may_have(subject, entry->identity)
                                      : access_subject_has(subject, entry->identity);
                size_t steps = 0;

                if (!counts || !((effect == EFFECT_DENY ? entry->deny : entry->allow) & bit))
                        continue;
                steps = certainty == PERHAPS ? 0 : count_steps(subject, entry->identity);
                if (steps >= best)
                        continue;
                best = steps;
                ground = (AccessGround){node, entry->identity, effect == EFFECT_DENY};
        }
        return ground;
}

/* The first level before `end` at which one of the effects is said, for sure or perhaps. */
static AccessGround find_first(const AccessNode *node, const AccessNode *end,
                               const AccessSubject *subject, uint32_t bit, unsigned effects,
                               Certainty certainty) {
        for (; node && node != end && !node->is_cut; node = node->up) {
                AccessBits bits = access_bits_at(node, subject);
                uint32_t deny = certainty == PERHAPS ? bits.maybe_deny : bits.deny;
                uint32_t allow = certainty == PERHAPS ? bits.maybe_allow : bits.allow;

                if ((effects & EFFECT_DENY) && (deny & bit))
                        return find_holder(node, subject, bit, EFFECT_DENY, certainty);
                if ((effects & EFFECT_ALLOW) && (allow & bit))
                        return find_holder(node, subject, bit, EFFECT_ALLOW, certainty);
        }
        return (AccessGround){.holder = INDEX_NONE};
}

AccessGround access_find_ground(const AccessNode *node, const AccessSubject *subject, uint32_t bit,
                                AccessAnswer answer) {
        AccessGround sure =
                find_first(node, /* end= */ NULL, subject, bit, EFFECT_ALLOW | EFFECT_DENY, SURE);

        if (answer != ACCESS_UNKNOWN)
                return sure;
        /* Before a sure Deny, or before nothing at all, an Allow that perhaps counts. */
        if (!sure.node || sure.is_deny)
                return find_first(node, sure.node, subject, bit, EFFECT_ALLOW, PERHAPS);
        /* Not behind a sure Allow, but beside it, a Deny that perhaps counts. */
        return find_first(node, sure.node->up, subject, bit, EFFECT_DENY, PERHAPS);
}

AccessAnswer access_answer_of(AccessMasks masks, uint32_t bit) {
        if (masks.allow & bit)
                return ACCESS_OPEN;
        return masks.unknown & bit ? ACCESS_UNKNOWN : ACCESS_CLOSED;
}

static void push_path(AccessExplanation *explanation, const char *text) {
        *mem_push(explanation, explanation->path, explanation->n_path) = text;
}

/* The subject, then group by group up to the holder. */
static void push_groups(AccessExplanation *explanation, const Question *question, Index holder) {
        const AccessSubject *subject = question->subject;
        size_t n = count_steps(subject, holder) + 1;
        size_t at = place_of(subject, holder);
        const char **groups = mem_new_array(explanation, const char *, n);
        Index *chain = mem_new_array(explanation, Index, n);

        for (size_t i = n; i > 0; at = subject->via[at]) {
                chain[--i] = subject->items[at];
                groups[i] = access_view_display(question->view, chain[i]);
        }
        explanation->chain = chain;
        explanation->n_chain = n;
        for (size_t i = 0; i < n; i++)
                push_path(explanation, groups[i]);
        mem_free(groups);
}

static const char *describe(AccessExplanation *explanation, const Question *question,
                            const char *token) {
        Text text;

        text_init(&text, explanation);
        access_describe_token(question->view, question->space, token, &text);
        return text.data;
}

/* The groups of the path as it is so far, then the entry, in words. */
static void tell_because(AccessExplanation *explanation, const Question *question,
                         const AccessGround *ground, const char *word) {
        Text text;

        text_init(&text, explanation);
        for (size_t i = 1; i < explanation->n_path; i++)
                text_appendf(&text, "member of %s -> ", explanation->path[i]);
        text_appendf(&text, "%s %s on ", ground->is_deny ? "Deny" : "Allow", word);
        access_describe_extent(question->view, question->space, ground->node->token, &text);
        explanation->because = text.data;
}

static void push_entry(AccessExplanation *explanation, const Question *question,
                       const AccessGround *ground, const char *word) {
        tell_because(explanation, question, ground, word);
        push_path(explanation, mem_printf(explanation, "%s: %s %s",
                                          describe(explanation, question, ground->node->token),
                                          ground->is_deny ? "Deny" : "Allow", word));
}

/* Of a doubtful ground: why it is not known whether it counts. */
static const char *tell_doubt(AccessExplanation *explanation, const Question *question,
                              const AccessGround *ground) {
        const Identity *identity = NULL;

        if (!ground->node)
                return "the token has more levels than are looked at";
        identity = access_view_identity(question->view, ground->holder);
        if (identity && identity->kind == IDENTITY_UNKNOWN)
                return mem_printf(
                        explanation,
                        "nobody could resolve %s, which has an entry at %s; it may be %s or a group of its",
                        access_view_display(question->view, ground->holder),
                        describe(explanation, question, ground->node->token),
                        access_view_display(question->view, question->subject->principal));
        return mem_strdup(explanation, question->subject->unknown); /* it may outlive the subject */
}

/* A Deny that an administrator of the organisation may not feel. */
static bool explain_administrator(AccessExplanation *explanation, const Question *question,
                                  const char *word) {
        AccessGround ground =
                access_find_ground(question->node, question->subject, question->bit, ACCESS_CLOSED);

        if (!question->subject->is_administrator || !ground.node || !ground.is_deny)
                return false;
        explanation->holder = ground.holder;
        explanation->token = ground.node->token;
        push_groups(explanation, question, ground.holder);
        push_entry(explanation, question, &ground, word);
        explanation->reason = mem_printf(
                explanation,
                "%s is in the organisation's administrators, who keep most permissions in spite of a Deny",
                access_view_display(question->view, question->subject->principal));
        return true;
}

static void explain_unknown(AccessExplanation *explanation, const Question *question,
                            const char *word) {
        AccessGround ground = access_find_ground(question->node, question->subject, question->bit,
                                                 ACCESS_UNKNOWN);

        if (!ground.node && explain_administrator(explanation, question, word))
                return;
        explanation->reason = tell_doubt(explanation, question, &ground);
        if (!ground.node)
                return;
        explanation->holder = ground.holder;
        explanation->token = ground.node->token;
        push_path(explanation, access_view_display(question->view, question->subject->principal));
        push_path(explanation, mem_printf(explanation, "perhaps %s",
                                          access_view_display(question->view, ground.holder)));
        push_entry(explanation, question, &ground, word);
}

/* `through X` when the entry is not the subject's own. */
static const char *through(AccessExplanation *explanation, const Question *question, Index holder) {
        if (holder == question->subject->principal)
                return "";
        return mem_printf(explanation, " through %s", access_view_display(question->view, holder));
}

static void explain_known(AccessExplanation *explanation, const Question *question,
                          const char *word) {
        AccessGround ground = access_find_ground(question->node, question->subject, question->bit,
                                                 explanation->answer);
        const char *who = access_view_display(question->view, question->subject->principal);
        const char *where = describe(explanation, question, question->token);

        if (!ground.node || ground.is_deny != (explanation->answer == ACCESS_CLOSED)) {
                explanation->reason =
                        mem_printf(explanation, "nothing gives %s %s at %s", who, word, where);
                return;
        }
        explanation->holder = ground.holder;
        explanation->token = ground.node->token;
        push_groups(explanation, question, ground.holder);
        push_entry(explanation, question, &ground, word);
        explanation->reason = mem_printf(explanation, "%s %s %s at %s%s", who,
                                         ground.is_deny ? "is denied" : "has", word, where,
                                         through(explanation, question, ground.holder));
}

AccessExplanation *access_explain(Mem *parent, AccessView *view, const AccessSubject *subject,
                                  uint8_t space, const char *token, uint32_t bit) {
        AccessExplanation *explanation = mem_new(parent, AccessExplanation);
        const Question question = {view,  subject, token, access_view_node(view, space, token),
                                   space, bit};
        const PermissionNamespace *permissions =
                &access_view_organisation(view)->permissions.items[space];
        const char *word = permission_word(explanation, permissions, bit);

        explanation->holder = INDEX_NONE;
        explanation->answer = access_answer_of(access_evaluate_node(question.node, subject), bit);
        if (explanation->answer == ACCESS_UNKNOWN)
                explain_unknown(explanation, &question, word);
        else
                explain_known(explanation, &question, word);
        return explanation;
}
