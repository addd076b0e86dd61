/* SPDX-License-Identifier: Apache-2.0 */
/* Sought: a drift whose author is looked for in the audit log. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/model/token.h"
#include "daemon/engine/sought.h"

#define OWN_CLIENT "charterd/" /* as it calls itself */

/* --- what is looked for --------------------------------------------------------------------------------------------- */

static SoughtName name_of(Mem *parent, const Organisation *live, Index identity) {
        const Identity *row = &live->identities[organisation_canonical_identity(live, identity)];

        return (SoughtName){.key = row->storage_key,
                            .descriptor = mem_strdup(parent, row->descriptor),
                            .subject = mem_strdup(parent, row->subject),
                            .display = mem_strdup(parent, row->display)};
}

static void add_membership(Sought *sought, const Organisation *live, Index member, Index group, bool is_added) {
        *mem_push(sought, sought->parts, sought->n_parts) = (SoughtPart){.is_membership = true,
                                                                       .is_added = is_added,
                                                                       .who = name_of(sought, live, member),
                                                                       .group = name_of(sought, live, group)};
}

static SoughtPart *add_token(Sought *sought, const Organisation *live, int space, const char *token) {
        SoughtPart *part = mem_push(sought, sought->parts, sought->n_parts);

        *part = (SoughtPart){.space = live->permissions.items[space].id,
                             .separator = live->permissions.items[space].separator,
                             .token = mem_strdup(sought, token)};
        return part;
}

Sought *sought_of_step(Mem *parent, const Organisation *live, const Step *step) {
        Sought *sought = mem_new(parent, Sought);

        switch (step->verb) {
        case STEP_ADD_MEMBER:
        case STEP_REMOVE_MEMBER:
                if (step->principal.identity != INDEX_NONE && step->container.identity != INDEX_NONE)
                        add_membership(sought, live, step->principal.identity, step->container.identity,
                                       step->verb == STEP_REMOVE_MEMBER);
                break;
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                if (step->token && step->space >= 0 && step->principal.identity != INDEX_NONE)
                        add_token(sought, live, step->space, step->token)->who =
                                name_of(sought, live, step->principal.identity);
                break;
        case STEP_SET_INHERIT:
                if (step->token && step->space >= 0)
                        add_token(sought, live, step->space, step->token)->is_whole = true;
                break;
        case STEP_CREATE:
        case STEP_SET_AREAS:
        case STEP_SET_PIPELINES:
                break;
        }
        sought->key = author_key_of_step(step->id);
        sought->project = mem_strdup(sought, step->project_name);
        return sought;
}

/* Any one of the memberships, or the entry, may be what is new. */
Sought *sought_of_finding(Mem *parent, const Organisation *live, const Finding *finding) {
        Sought *sought;

        if (finding->n_chain == 0 || !finding->project)
                return NULL;
        sought = mem_new(parent, Sought);
        for (size_t i = 0; i + 1 < finding->n_chain; i++)
                add_membership(sought, live, finding->chain[i], finding->chain[i + 1], /* is_added= */ true);
        if (finding->token)
                add_token(sought, live, finding->space, finding->token)->who =
                        name_of(sought, live, finding->chain[finding->n_chain - 1]);
        sought->key = author_key_of_finding(finding->project, finding->kind, finding->message);
        sought->project = mem_strdup(sought, finding->project);
        sought->what = mem_strdup(sought, finding->message);
        return sought;
}

/* --- what an ended process looked for ------------------------------------------------------------------------------- */

static SoughtName read_name(Mem *parent, const JsonNode *intent, const char *key, const char *name) {
        const char *text = json_get_text(intent, key);
        SoughtName read = {.display = mem_strdup(parent, json_get_text(intent, name))};

        if (text && guid_parse(&read.key, text) < 0)
                read.key = (Guid){0};
        return read;
}

static bool read_part(Mem *parent, const JsonNode *intent, SoughtPart *part) {
        const char *verb = json_get_text(json_get(intent, "step"), "verb");
        const char *space = json_get_text(intent, "namespace"), *token = json_get_text(intent, "token");

        *part = (SoughtPart){.who = read_name(parent, intent, "storage_key", "principal")};
        part->is_membership = json_get_text(intent, "container_key") != NULL;
        if (part->is_membership) {
                part->group = read_name(parent, intent, "container_key", "container");
                part->is_added = verb && strcmp(verb, step_verb_word(STEP_REMOVE_MEMBER)) == 0;
                return true;
        }
        if (!space || !token || guid_parse(&part->space, space) < 0)
                return false;
        part->token = mem_strdup(parent, token);
        part->is_whole = verb && strcmp(verb, step_verb_word(STEP_SET_INHERIT)) == 0;
        return true;
}

Sought *sought_of_intent(Mem *parent, const JsonNode *intent) {
        const char *state = json_get_text(json_get(json_get(intent, "step"), "attribution"), "state");
        const char *since = json_get_text(intent, "since"), *seen = json_get_text(intent, "seen");
        const char *project = json_get_text(intent, "project"), *id = json_get_text(intent, "change_id");
        Sought *sought;

        if (!state || strcmp(state, author_state_word(AUTHOR_ASKED)) != 0 || !since || !seen || !project || !id)
                return NULL;
        sought = mem_new(parent, Sought);
        if (clock_parse(&sought->since, since) < 0 || clock_parse(&sought->seen, seen) < 0)
                return mem_free(sought);
        sought->begun = sought->seen;
        sought->project = mem_strdup(sought, project);
        sought->what = mem_strdup(sought, json_get_text(intent, "description"));
        sought->change_id = mem_strdup(sought, id);
        if (!read_part(sought, intent, mem_push(sought, sought->parts, sought->n_parts)))
                return mem_free(sought);
        return sought;
}

static void resolve_name(Mem *parent, SoughtName *name, const Organisation *live) {
        Index identity = guid_is_null(name->key) ? INDEX_NONE : organisation_find_identity(live, name->key);

        if (identity != INDEX_NONE)
                *name = name_of(parent, live, identity);
}

void sought_resolve(Sought *sought, const Organisation *live) {
        for (size_t i = 0; i < sought->n_parts; i++) {
                SoughtPart *part = &sought->parts[i];

                resolve_name(sought, &part->who, live);
                resolve_name(sought, &part->group, live);
                for (size_t k = 0; k < live->permissions.n; k++)
                        if (guid_compare(live->permissions.items[k].id, part->space) == 0)
                                part->separator = live->permissions.items[k].separator;
        }
}

/* --- what is found -------------------------------------------------------------------------------------------------- */

static bool is_same_text(const char *a, const char *b) {
        return a && b && text_equal(a, b);
}

static bool is_called(const SoughtName *who, const char *word) {
        return is_same_text(who->descriptor, word) || is_same_text(who->subject, word) || is_same_text(who->display, word);
}

/* By its key where both have one, else by name. */
static bool is_keyed(const SoughtName *who, Guid key, const char *name) {
        if (!guid_is_null(key) && !guid_is_null(who->key))
                return guid_compare(key, who->key) == 0;
        return is_same_text(who->display, name);
}

static bool is_membership_in(const SoughtPart *part, const AuditEntry *entry) {
        for (size_t i = 0; i < entry->n_memberships; i++) {
                const AuditMembership *one = &entry->memberships[i];

                if (one->is_added == part->is_added && is_keyed(&part->who, one->member, one->member_name) &&
                    is_keyed(&part->group, one->group, one->group_name))
                        return true;
        }
        return false;
}

static bool is_token_in(const SoughtPart *part, const AuditEntry *entry) {
        if (guid_compare(part->space, entry->space) != 0)
                return false;
        for (size_t i = 0; i < entry->n_tokens; i++)
                if (token_compare(part->token, entry->tokens[i], part->separator) == 0 ||
                    (entry->is_below_too && token_is_within(part->token, entry->tokens[i], part->separator)))
                        return true;
        return entry->n_tokens == 0;
}

static bool is_subject_in(const SoughtPart *part, const AuditEntry *entry) {
        if (part->is_whole)
                return entry->n_tokens > 0;
        for (size_t i = 0; i < entry->n_subjects; i++) {
                const AuditSubject *one = &entry->subjects[i];

                if ((one->descriptor && is_called(&part->who, one->descriptor)) ||
                    (one->name && is_called(&part->who, one->name)))
                        return true;
        }
        return false;
}

static bool is_part_in(const SoughtPart *part, const AuditEntry *entry) {
        switch (entry->kind) {
        case AUDIT_OTHER:
                return false;
        case AUDIT_MEMBERSHIPS:
                return part->is_membership && is_membership_in(part, entry);
        case AUDIT_SUBJECTS:
                return !part->is_membership && is_token_in(part, entry) && is_subject_in(part, entry);
        case AUDIT_LISTS:
                return !part->is_membership && is_token_in(part, entry);
        }
        return false;
}

/* By charterd's identity, and by no other program that calls itself otherwise. */
static bool is_own(Guid self, const AuditEntry *entry) {
        return !guid_is_null(self) && guid_compare(self, entry->actor) == 0 &&
               (!entry->client || strncmp(entry->client, OWN_CLIENT, strlen(OWN_CLIENT)) == 0);
}

SoughtMatch sought_match(const Sought *sought, Guid self, const AuditEntry *entry) {
        bool is_in = false;

        for (size_t i = 0; i < sought->n_parts && !is_in; i++)
                is_in = is_part_in(&sought->parts[i], entry);
        if (!is_in)
                return SOUGHT_OTHER;
        if (is_own(self, entry))
                return entry->wall < sought->begun - SOUGHT_SETTLED_MS ? SOUGHT_BARRED : SOUGHT_OWN;
        if (entry->wall < sought->since - SOUGHT_SKEW_MS || entry->wall > sought->seen + SOUGHT_SKEW_MS)
                return SOUGHT_OTHER;
        return SOUGHT_FOUND;
}
