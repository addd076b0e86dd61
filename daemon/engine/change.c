/* SPDX-License-Identifier: Apache-2.0 */
/* Change: a step being carried out, from intent to outcome. */
#include <assert.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/engine/change.h"

const char *change_result(ChangeState state) {
        switch (state) {
        case CHANGE_DONE:
                return "done";
        case CHANGE_OPEN:
        case CHANGE_NOT_DONE:
        case CHANGE_DROPPED:
        case CHANGE_WAITING:
                return "not done";
        case CHANGE_FAILED:
                return "failed";
        case CHANGE_SENT:
        case CHANGE_UNCONFIRMED:
                return "unconfirmed";
        case CHANGE_UNKNOWN:
                return "unknown";
        }
        assert(!"a state of a change without a result");
        return "unknown";
}

typedef struct Masks {
        bool exists;
        uint32_t allow, deny;
} Masks;

static Masks live_masks(const Step *step, const Organisation *live) {
        const AccessControlEntry *entry;
        Index acl;

        if (!step->token || step->space < 0)
                return (Masks){0};
        acl = organisation_find_acl(live, (uint8_t)step->space, step->token);
        if (acl == INDEX_NONE)
                return (Masks){0};
        entry = acl_find_entry(&live->acls[acl], step->principal.identity);
        if (!entry || (entry->allow == 0 && entry->deny == 0))
                return (Masks){0};
        return (Masks){.exists = true, .allow = entry->allow, .deny = entry->deny};
}

static bool live_inherit(const Step *step, const Organisation *live) {
        Index acl = organisation_find_acl(live, (uint8_t)step->space, step->token);

        return acl == INDEX_NONE || live->acls[acl].inherit;
}

static bool is_member(const Step *step, const Organisation *live) {
        return organisation_is_member(live, step->container.identity, step->principal.identity);
}

/* A list of areas is compared as a set with its default. */
static bool areas_are_seen(const Step *step, const Organisation *live) {
        const TeamAreas *areas = organisation_find_team_areas(live, step->entity);

        if (!areas || !areas->known || areas->n_areas != step->n_areas)
                return false;
        if (step->n_areas > 0 &&
            (!areas->default_path || !text_equal(areas->default_path, step->areas[0].path)))
                return false;
        for (size_t i = 0; i < step->n_areas; i++) {
                bool found = false;

                for (size_t k = 0; k < areas->n_areas && !found; k++)
                        found = text_equal(areas->areas[k].path, step->areas[i].path) &&
                                areas->areas[k].include_children == step->areas[i].include_children;
                if (!found)
                        return false;
        }
        return true;
}

static bool is_among(const PipelineUsers *users, uint32_t id) {
        for (size_t i = 0; i < users->n_ids; i++)
                if (users->ids[i] == id)
                        return true;
        return false;
}

/* Each pipeline of the step, and all at once where it says so, may use the thing, or may not. */
static bool pipelines_are(const Step *step, const Organisation *live, bool authorized) {
        const PipelineUsers *users = organisation_find_pipeline_users(live, step->entity);

        if (!users || (step->all_pipelines && users->all != authorized))
                return false;
        for (size_t i = 0; i < step->n_pipelines; i++)
                if (is_among(users, step->pipelines[i]) != authorized)
                        return false;
        return true;
}

static bool masks_hold(const Step *step, const Organisation *live) {
        Masks masks = live_masks(step, live);

        return masks.allow == step->allow_before && masks.deny == step->deny_before;
}

bool change_still_holds(const Step *step, const Organisation *live) {
        switch (step->verb) {
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                return masks_hold(step, live);
        case STEP_ADD_MEMBER:
                return !is_member(step, live);
        case STEP_REMOVE_MEMBER:
                return is_member(step, live);
        case STEP_SET_INHERIT:
                return live_inherit(step, live) == step->inherit_before;
        case STEP_SET_PIPELINES:
                return pipelines_are(step, live, /* authorized= */ step->rank != RANK_GIVE);
        case STEP_CREATE:
        case STEP_SET_AREAS:
                return true;
        }
        assert(!"a verb without a check");
        return false;
}

bool change_is_seen(const Step *step, ChangeExactness exactness, const Organisation *live) {
        Masks masks;

        switch (step->verb) {
        case STEP_SET_ENTRY:
        case STEP_REMOVE_ENTRY:
        case STEP_SET_ROLE:
        case STEP_REMOVE_ROLE:
        case STEP_SET_ADMIN:
        case STEP_REMOVE_ADMIN:
                masks = live_masks(step, live);
                if (exactness == CHANGE_EXACT)
                        return masks.allow == step->allow_after && masks.deny == step->deny_after;
                return (masks.allow & step->allow_after) == step->allow_after &&
                       (masks.deny & step->deny_after) == step->deny_after;
        case STEP_ADD_MEMBER:
                return is_member(step, live);
        case STEP_REMOVE_MEMBER:
                return !is_member(step, live) &&
                       live->identities[step->container.identity].members_known;
        case STEP_SET_INHERIT:
                return live_inherit(step, live) == step->inherit_after;
        case STEP_SET_AREAS:
                return areas_are_seen(step, live);
        case STEP_SET_PIPELINES:
                return pipelines_are(step, live, /* authorized= */ step->rank == RANK_GIVE);
        case STEP_CREATE:
                return true;
        }
        assert(!"a verb without a proof");
        return false;
}

static void write_masks(JsonWriter *writer, const char *key, uint32_t allow, uint32_t deny) {
        json_write_object(writer, key);
        json_write_int(writer, "allow", allow);
        json_write_int(writer, "deny", deny);
        json_write_object_end(writer);
}

static void write_list(JsonWriter *writer, const Organisation *live, const AccessControlList *list) {
        json_write_object(writer, "list");
        json_write_bool(writer, "inherit", list->inherit);
        json_write_array(writer, "entries");
        for (size_t i = 0; i < list->n_entries; i++) {
                const Identity *identity = &live->identities[list->entries[i].identity];

                json_write_object(writer, NULL);
                json_write_text(writer, "descriptor", identity->descriptor);
                json_write_int(writer, "allow", list->entries[i].allow);
                json_write_int(writer, "deny", list->entries[i].deny);
                json_write_object_end(writer);
        }
        json_write_array_end(writer);
        json_write_object_end(writer);
}

static void write_token(JsonWriter *writer, const Organisation *live, const Change *change) {
        const Step *step = change->step;
        char id[GUID_TEXT_SIZE];

        if (step->space < 0)
                return;
        json_write_text(writer, "namespace",
                        guid_format(live->permissions.items[step->space].id, id));
        json_write_text(writer, "token", step->token);
        write_masks(writer, "masks_before", step->allow_before, step->deny_before);
        write_masks(writer, "masks_after", step->allow_after, step->deny_after);
        if (change->list)
                write_list(writer, live, change->list);
}

static void write_area(JsonWriter *writer, const TeamArea *area) {
        json_write_object(writer, NULL);
        json_write_text(writer, "path", area->path);
        json_write_bool(writer, "include_children", area->include_children);
        json_write_object_end(writer);
}

/* Lists of areas, the default first, before and after; that is what an undo goes by. */
static void write_areas(JsonWriter *writer, const Organisation *live, const Step *step) {
        const TeamAreas *before = organisation_find_team_areas(live, step->entity);

        json_write_array(writer, "areas_before");
        for (int is_rest = 0; before && is_rest < 2; is_rest++)
                for (size_t i = 0; i < before->n_areas; i++) {
                        bool is_default = before->default_path && text_equal(before->areas[i].path, before->default_path);

                        if (is_default == !is_rest)
                                write_area(writer, &before->areas[i]);
                }
        json_write_array_end(writer);
        json_write_array(writer, "areas_after");
        for (size_t i = 0; i < step->n_areas; i++)
                write_area(writer, &step->areas[i]);
        json_write_array_end(writer);
}

/* Those that are let in, or shut out: the rank says which. */
static void write_pipelines(JsonWriter *writer, const Step *step) {
        json_write_object(writer, "pipelines");
        json_write_bool(writer, "all", step->all_pipelines);
        json_write_array(writer, "ids");
        for (size_t i = 0; i < step->n_pipelines; i++)
                json_write_int(writer, NULL, step->pipelines[i]);
        json_write_array_end(writer);
        json_write_object_end(writer);
}

static void write_setting(JsonWriter *writer, const Organisation *live, const Step *step) {
        if (step->verb == STEP_SET_AREAS)
                write_areas(writer, live, step);
        if (step->verb == STEP_SET_PIPELINES)
                write_pipelines(writer, step);
}

/* What a later process counts repairs by, and tells of them. */
static void write_words(JsonWriter *writer, const ChangeRecord *record, const Step *step) {
        Text words;

        if (!step_is_repair(step))
                return;
        text_init(&words, NULL);
        step_describe_what(step, &words);
        json_write_text(writer, "what", words.data);
        words.n = 0;
        step_describe(record->plan, step, &words);
        json_write_text(writer, "description", words.data);
        text_deinit(&words);
}

const char *change_team(const Plan *plan, const Step *step) {
        const DesiredProject *project =
                plan->desired && step->project_name ? desired_find_project(plan->desired, step->project_name) : NULL;

        return project ? step_team(project, step) : NULL;
}

/* Whose it is, and since when and why it is seen. */
static void write_sight(JsonWriter *writer, const ChangeRecord *record, const Step *step) {
        const char *team = change_team(record->plan, step);
        Sight sight = record->sights ? sights_find(record->sights, step) : (Sight){0};
        char time[CLOCK_TEXT_SIZE];

        if (team)
                json_write_text(writer, "team", team);
        if (sight.seen > 0)
                json_write_text(writer, "seen", clock_format(sight.seen, time));
        if (sight.origin == SIGHT_DRIFT && sights_since(record->sights, step->project_name) > 0)
                json_write_text(writer, "since", clock_format(sights_since(record->sights, step->project_name), time));
        if (sight.origin != SIGHT_UNKNOWN)
                json_write_text(writer, "origin", sight_origin_word(sight.origin));
}

void change_write_intent(const ChangeRecord *record, const Change *change, Text *text) {
        const Organisation *live = record->plan->live;
        const Step *step = change->step;
        char id[GUID_TEXT_SIZE];
        JsonWriter writer;
        Text inner;

        text_init(&inner, NULL);
        step_write_json(record->plan, step, &inner);
        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "record", "intent");
        json_write_text(&writer, "change_id", change->id);
        json_write_text(&writer, "pass", record->pass_id);
        json_write_text(&writer, "organization", record->organization);
        json_write_text(&writer, "project", step->project_name);
        json_write_text(&writer, "principal", step->principal.display);
        if (step->undoes)
                json_write_text(&writer, "undo", step->undoes);
        write_sight(&writer, record, step);
        write_words(&writer, record, step);
        if (step->principal.identity != INDEX_NONE) {
                const Identity *identity = &live->identities[step->principal.identity];

                json_write_bool(&writer, "person",
                                identity->kind == IDENTITY_USER || identity->kind == IDENTITY_UNKNOWN);
                json_write_text(&writer, "storage_key", guid_format(identity->storage_key, id));
        }
        if (step->container.identity != INDEX_NONE && step->container.name) {
                json_write_text(&writer, "container", step->container.display);
                json_write_text(&writer, "container_key",
                                guid_format(live->identities[step->container.identity].storage_key, id));
        }
        write_token(&writer, live, change);
        write_setting(&writer, live, step);
        json_write_raw(&writer, "step", inner.data);
        json_write_object_end(&writer);
        text_append(text, "\n");
        text_deinit(&inner);
}

void change_write_outcome(const ChangeRecord *record, const Change *change, Text *text) {
        JsonWriter writer;

        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "record", "outcome");
        json_write_text(&writer, "change_id", change->id);
        json_write_text(&writer, "pass", record->pass_id);
        json_write_text(&writer, "organization", record->organization);
        json_write_text(&writer, "result", change_result(change->state));
        if (change->message)
                json_write_text(&writer, "message", change->message);
        if (change->activity_id)
                json_write_text(&writer, "activity_id", change->activity_id);
        json_write_object_end(&writer);
        text_append(text, "\n");
}
