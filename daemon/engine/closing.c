/* SPDX-License-Identifier: Apache-2.0 */
/* Closing: what an ended process left open, settled by what is seen now. */
#include <string.h>

#include "common/base/json.h"
#include "daemon/engine/closing.h"
#include "daemon/engine/remembrance.h"

typedef enum Sighting {
        SIGHTING_AFTER,  /* as the intent wanted it */
        SIGHTING_BEFORE, /* as it was */
        SIGHTING_NEITHER,
} Sighting;

static Index find_principal(const Organisation *live, const char *key) {
        Guid id;

        return key && guid_parse(&id, key) == 0 ? organisation_find_identity(live, id) : INDEX_NONE;
}

static bool is_creation(const OpenIntent *intent) {
        return intent->verb && strcmp(intent->verb, "create") == 0;
}

static Sighting see_creation(const Organisation *live, const OpenIntent *intent, Index project) {
        Kind kind = kind_by_key(intent->kind);

        if (kind == KIND_PROJECT)
                return project != INDEX_NONE ? SIGHTING_AFTER : SIGHTING_BEFORE;
        if (kind == _KIND_N || !intent->name || project == INDEX_NONE)
                return SIGHTING_NEITHER;
        return organisation_find_entity(live, project, kind, intent->name) != INDEX_NONE ? SIGHTING_AFTER
                                                                                        : SIGHTING_BEFORE;
}

static Sighting see_membership(const Organisation *live, const OpenIntent *intent, Sighting when_member,
                               Sighting when_not) {
        Index member = find_principal(live, intent->storage_key);
        Index container = find_principal(live, intent->container_key);

        if (member == INDEX_NONE || container == INDEX_NONE)
                return SIGHTING_NEITHER;
        if (organisation_is_member(live, container, member))
                return when_member;
        return live->identities[container].members_known ? when_not : SIGHTING_NEITHER;
}

static int find_space(const Organisation *live, const OpenIntent *intent) {
        Guid id;

        if (!intent->namespace || !intent->token || guid_parse(&id, intent->namespace) < 0)
                return -1;
        for (int space = 0; space < _NAMESPACE_N; space++)
                if (guid_compare(live->permissions.items[space].id, id) == 0)
                        return space;
        return -1;
}

static Sighting see_entry(const Organisation *live, const OpenIntent *intent) {
        Index principal = find_principal(live, intent->storage_key);
        const AccessControlEntry *entry = NULL;
        int space = find_space(live, intent);
        int64_t allow, deny;
        Index acl;

        if (space < 0 || principal == INDEX_NONE || intent->allow_after < 0)
                return SIGHTING_NEITHER;
        acl = organisation_find_acl(live, (uint8_t)space, intent->token);
        if (acl != INDEX_NONE)
                entry = acl_find_entry(&live->acls[acl], principal);
        allow = entry ? entry->allow : 0;
        deny = entry ? entry->deny : 0;
        if (allow == intent->allow_after && deny == intent->deny_after)
                return SIGHTING_AFTER;
        return allow == intent->allow_before && deny == intent->deny_before ? SIGHTING_BEFORE : SIGHTING_NEITHER;
}

static Sighting see_inherit(const Organisation *live, const OpenIntent *intent) {
        int space = find_space(live, intent);
        bool inherit;
        Index acl;

        if (space < 0 || intent->inherit_after == TRISTATE_UNSET)
                return SIGHTING_NEITHER;
        acl = organisation_find_acl(live, (uint8_t)space, intent->token);
        inherit = acl == INDEX_NONE || live->acls[acl].inherit;
        return inherit == (intent->inherit_after == TRISTATE_TRUE) ? SIGHTING_AFTER : SIGHTING_BEFORE;
}

static Sighting see(const Organisation *live, const OpenIntent *intent, Index project) {
        const char *verb = intent->verb ? intent->verb : "";

        if (is_creation(intent))
                return see_creation(live, intent, project);
        if (strcmp(verb, "add_member") == 0)
                return see_membership(live, intent, SIGHTING_AFTER, SIGHTING_BEFORE);
        if (strcmp(verb, "remove_member") == 0)
                return see_membership(live, intent, SIGHTING_BEFORE, SIGHTING_AFTER);
        if (strcmp(verb, "set_inherit") == 0)
                return see_inherit(live, intent);
        return see_entry(live, intent); /* a list of areas has no masks: neither */
}

static const char *result_of(const ClosingSpec *spec, const OpenIntent *intent, Sighting sighting) {
        if (sighting == SIGHTING_AFTER)
                return "done";
        return sighting == SIGHTING_BEFORE && spec->wall - intent->wall > spec->settle_ms ? "not done" : "unknown";
}

static void write_outcome(const ClosingSpec *spec, const OpenIntent *intent, const char *result, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "record", "outcome");
        json_write_text(&writer, "change_id", intent->change_id);
        json_write_text(&writer, "pass", intent->pass);
        json_write_text(&writer, "organization", spec->live->url);
        json_write_text(&writer, "result", result);
        json_write_text(&writer, "message", "the process ended in between; read back at the next start");
        json_write_object_end(&writer);
        text_append(text, "\n");
}

/* What is no longer in the charter is never read whole again: there is no use in waiting for it. */
static bool can_be_told(const ClosingSpec *spec, const OpenIntent *intent, Index project) {
        if (!intent->project || !desired_find_project(spec->desired, intent->project))
                return true;
        if (spec->only_project && !text_equal(spec->only_project, intent->project))
                return false;
        if (project == INDEX_NONE)
                return true;
        return spec->live->projects[project].state == PROJECT_SEALED;
}

static void note_repair(const ClosingSpec *spec, const OpenIntent *intent, const char *result, Fights *fights) {
        Repair repair = intent->repair;

        if (!fights || !intent->is_repair || strcmp(result, "done") != 0)
                return;
        repair.wall = spec->wall;
        fights_note(fights, &repair);
}

size_t closing_settle(const ClosingSpec *spec, EngineHistory *history, Text *text) {
        size_t n_left = 0, n_settled = 0;

        for (size_t i = 0; i < history->n_intents; i++) {
                OpenIntent intent = history->intents[i];
                Index project = intent.project ? organisation_find_project(spec->live, intent.project) : INDEX_NONE;
                const char *result;

                if (!can_be_told(spec, &intent, project)) {
                        history->intents[n_left++] = intent;
                        continue;
                }
                result = result_of(spec, &intent, see(spec->live, &intent, project));
                write_outcome(spec, &intent, result, text);
                note_repair(spec, &intent, result, history->fights);
                n_settled++;
        }
        history->n_intents = n_left;
        return n_settled;
}

/* --- what it made --------------------------------------------------------------------------------------------------- */

/* False: it is not seen, and nothing is known of it. */
static bool note_made(const ClosingSpec *spec, const MadeBefore *made, Known *known, bool *is_changedp) {
        const DesiredProject *project = made->project ? desired_find_project(spec->desired, made->project) : NULL;
        GovernedThing thing = {project, made->kind,
                               made->kind == KIND_PROJECT && project ? project->name : made->name};
        KnownKey key = {.kind = thing.kind, .project = made->project, .name = thing.name};
        const KnownEntry *entry;

        if (!project || thing.kind == _KIND_N || !thing.name || !remembrance_is_governed(spec->desired, &key))
                return true; /* not of the charter any more */
        entry = remembrance_find(known, spec->desired, &thing);
        if (entry && entry->written_at > 0)
                return true;
        if (!remembrance_note_written(known, spec->desired, spec->live, &thing, made->wall))
                return false;
        *is_changedp = true;
        return true;
}

bool closing_note_made(const ClosingSpec *spec, EngineHistory *history, Known *known) {
        bool is_changed = false;
        size_t n_left = 0;

        for (size_t i = 0; i < history->n_intents; i++) {
                const OpenIntent *intent = &history->intents[i];
                MadeBefore made = {intent->project, intent->kind ? kind_by_key(intent->kind) : _KIND_N, intent->name,
                                   intent->wall};

                if (is_creation(intent))
                        note_made(spec, &made, known, &is_changed);
        }
        for (size_t i = 0; i < history->n_made; i++)
                if (!note_made(spec, &history->made[i], known, &is_changed))
                        history->made[n_left++] = history->made[i];
        history->n_made = n_left;
        return is_changed;
}
