/* SPDX-License-Identifier: Apache-2.0 */
/* Policy: the keys that are inherited, the nearest mention wins. */
#include <string.h>

#include "common/base/clock.h"
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

typedef struct SuspendKeys {
        const YamlNode *until;
        const char *reason;
} SuspendKeys;

static const BindRow suspend_rows[] = {
        {"until", BIND_NODE, offsetof(SuspendKeys, until), BIND_REQUIRED},
        {"reason", BIND_TEXT, offsetof(SuspendKeys, reason), BIND_REQUIRED},
};
static const BindTable suspend_table = BIND_TABLE(suspend_rows);

/* A day as it is written, 2026-12-31; nothing of a time beside it. */
static bool bind_day(Binder *binder, const YamlNode *node, Suspension *suspension) {
        char again[CLOCK_TEXT_SIZE];

        suspension->day = bind_text(binder, node);
        if (!suspension->day)
                return false;
        if (clock_parse(&suspension->until_ms, suspension->day) == 0 && strlen(suspension->day) == CLOCK_DAY_LENGTH &&
            strncmp(clock_format(suspension->until_ms, again), suspension->day, CLOCK_DAY_LENGTH) == 0)
                return true;
        bind_error(binder, node->place, "`%s` is no day; one is written 2026-12-31", suspension->day);
        return false;
}

static void take_suspension(Binder *binder, void *target, const YamlNode *value, const BindRow *row) {
        Suspension *suspension = arena_new_object(binder->arena, Suspension);
        const Suspension **mention = target;
        SuspendKeys keys = {0};

        if (!bind_map(binder, value, &suspend_table, &keys) || !keys.until || !keys.reason)
                return;
        suspension->reason = keys.reason;
        suspension->place = value->place;
        if (bind_day(binder, keys.until, suspension))
                *mention = suspension;
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
        {"suspend", BIND_CALL, offsetof(PolicyLayer, suspend), .take = take_suspension},
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
        const Suspension *suspend = NULL;
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
        for (size_t i = 0; i < n && !suspend; i++)
                suspend = layers[i] ? layers[i]->suspend : NULL;
        return (Policies){
                .mode = (Mode)values[POLICY_KEY_MODE],
                .unlisted_grants = (Policy)values[POLICY_KEY_UNLISTED_GRANTS],
                .below = (Policy)values[POLICY_KEY_BELOW],
                .unlisted_members = (Policy)values[POLICY_KEY_UNLISTED_MEMBERS],
                .unlisted_memberships = (Policy)values[POLICY_KEY_UNLISTED_MEMBERSHIPS],
                .unlisted_areas = (Policy)values[POLICY_KEY_UNLISTED_AREAS],
                .create = values[POLICY_KEY_CREATE],
                .suspend = suspend,
        };
}

static bool is_same_suspension(const Suspension *a, const Suspension *b) {
        return a->until_ms == b->until_ms && strcmp(a->reason, b->reason) == 0;
}

void policies_unite(Binder *binder, PolicyLayer *layer, const PolicyLayer *other) {
        if (!layer->suspend)
                layer->suspend = other->suspend;
        else if (other->suspend && !is_same_suspension(layer->suspend, other->suspend))
                bind_error(binder, layer->suspend->place, "`suspend` is said differently at %s:%u:%u",
                           other->suspend->place.file, other->suspend->place.line, other->suspend->place.column);
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
