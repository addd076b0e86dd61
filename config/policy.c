/* SPDX-License-Identifier: Apache-2.0 */
/* Policy: the keys that are inherited, the nearest mention wins. */
#include "config/policy.h"

static const char *const mode_words[] = {"observe", "enforce", NULL};
static const char *const policy_words[] = {"ignore", "report", "remove", NULL};

static void take_choice(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        PolicyMention *mention = target;
        int index = bind_choice(binder, value, row->choices);

        if (index >= 0)
                *mention = (PolicyMention){true, index + (int)row->min, value->place};
}

static void take_bool(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        PolicyMention *mention = target;
        bool flag = false;

        if (bind_bool(binder, value, &flag))
                *mention = (PolicyMention){true, flag, value->place};
}

#define AT(key_) BIND_CALL, offsetof(PolicyLayer, keys) + (key_) * sizeof(PolicyMention)

/* clang-format off: one row a line */
static const BindRow policy_rows[_POLICY_KEY_N + 1] = {
        {"mode", AT(POLICY_KEY_MODE), .take = take_choice, .choices = mode_words,
         .min = MODE_OBSERVE},
        {"unlisted_grants", AT(POLICY_KEY_UNLISTED_GRANTS), .take = take_choice,
         .choices = policy_words},
        {"below", AT(POLICY_KEY_BELOW), .take = take_choice, .choices = policy_words},
        {"unlisted_members", AT(POLICY_KEY_UNLISTED_MEMBERS), .take = take_choice,
         .choices = policy_words},
        {"unlisted_memberships", AT(POLICY_KEY_UNLISTED_MEMBERSHIPS), .take = take_choice,
         .choices = policy_words},
        {"unlisted_areas", AT(POLICY_KEY_UNLISTED_AREAS), .take = take_choice,
         .choices = policy_words},
        {"create", AT(POLICY_KEY_CREATE), .take = take_bool},
        {"suspend", BIND_REFUSED},
};
static const int defaults[_POLICY_KEY_N] = {
        [POLICY_KEY_MODE] = MODE_UNSET,
        [POLICY_KEY_UNLISTED_GRANTS] = POLICY_REPORT,
        [POLICY_KEY_BELOW] = POLICY_IGNORE,
        [POLICY_KEY_UNLISTED_MEMBERS] = POLICY_REPORT,
        [POLICY_KEY_UNLISTED_MEMBERSHIPS] = POLICY_REMOVE,
        [POLICY_KEY_UNLISTED_AREAS] = POLICY_REPORT,
        [POLICY_KEY_CREATE] = true,
};
/* clang-format on */
const BindTable policy_table = {policy_rows, _POLICY_KEY_N + 1};

Policies policies_resolve(const PolicyLayer *const *layers, size_t n) {
        int values[_POLICY_KEY_N];

        for (size_t key = 0; key < _POLICY_KEY_N; key++) {
                values[key] = defaults[key];
                for (size_t i = 0; i < n; i++) {
                        if (!layers[i] || !layers[i]->keys[key].mentioned)
                                continue;
                        values[key] = layers[i]->keys[key].value;
                        break;
                }
        }
        return (Policies){
                .mode = (Mode)values[POLICY_KEY_MODE],
                .unlisted_grants = (Policy)values[POLICY_KEY_UNLISTED_GRANTS],
                .below = (Policy)values[POLICY_KEY_BELOW],
                .unlisted_members = (Policy)values[POLICY_KEY_UNLISTED_MEMBERS],
                .unlisted_memberships = (Policy)values[POLICY_KEY_UNLISTED_MEMBERSHIPS],
                .unlisted_areas = (Policy)values[POLICY_KEY_UNLISTED_AREAS],
                .create = values[POLICY_KEY_CREATE],
        };
}

void policies_unite(Binder *binder, PolicyLayer *layer, const PolicyLayer *other) {
        for (size_t key = 0; key < _POLICY_KEY_N; key++) {
                PolicyMention *mine = &layer->keys[key];
                const PolicyMention *theirs = &other->keys[key];

                if (!theirs->mentioned)
                        continue;
                if (!mine->mentioned)
                        *mine = *theirs;
                else if (mine->value != theirs->value)
                        bind_error(binder, mine->place, "`%s` is said differently at %s:%u:%u",
                                   policy_rows[key].key, theirs->place.file, theirs->place.line,
                                   theirs->place.column);
        }
}
