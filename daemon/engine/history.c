/* SPDX-License-Identifier: Apache-2.0 */
/* History: what the ledger tells of one organisation when a process starts. */
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/engine/attribution.h"
#include "daemon/engine/history.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/sought.h"

typedef struct Reader {
        Mem *parent;
        const char *url;
        const Known *known;
        EngineHistory *history;
        /* in lines before the one of their pass */
        char held_pass[64];
        int64_t n_held_lines;
        HeldBefore *held;
        size_t n_held;
} Reader;

static const char *copy_text(Mem *parent, const JsonNode *object, const char *key) {
        return mem_strdup(parent, json_get_text(object, key));
}

static void forget_held(HeldBefore **heldp, size_t *np) {
        *heldp = mem_free(*heldp);
        *np = 0;
}

static void add_held(Reader *reader, const JsonNode *list, HeldBefore **heldp, size_t *np) {
        json_each(node, list) {
                const char *id = json_get_text(node, "step"), *brake = json_get_text(node, "brake");
                const char *project = json_get_text(node, "project");
                HeldBefore *held;

                if (!id || !brake || !project)
                        continue;
                held = mem_push(reader->parent, *heldp, *np);
                *held = (HeldBefore){.brake = strcmp(brake, "changes") == 0 ? BRAKE_CHANGES : BRAKE_REMOVALS,
                                     .project = mem_strdup(*heldp, project)};
                snprintf(held->id, sizeof held->id, "%s", id);
        }
}

/* Of many held steps, some: they count once the line of their pass comes. */
static void take_held_line(Reader *reader, const JsonNode *record) {
        const char *pass = json_get_text(record, "pass");

        if (!pass)
                return;
        if (strcmp(reader->held_pass, pass) != 0) {
                snprintf(reader->held_pass, sizeof reader->held_pass, "%s", pass);
                forget_held(&reader->held, &reader->n_held);
                reader->n_held_lines = 0;
        }
        reader->n_held_lines++;
        add_held(reader, json_get(record, "held"), &reader->held, &reader->n_held);
}

/* A line that says nothing of them leaves them as they were. */
static void take_held(Reader *reader, const JsonNode *record) {
        EngineHistory *history = reader->history;
        const char *pass = json_get_text(record, "pass");
        const JsonNode *list = json_get(record, "held");
        int64_t n_lines = 0;

        if (list) {
                forget_held(&history->held, &history->n_held);
                add_held(reader, list, &history->held, &history->n_held);
        } else if (json_get_int(record, "held_lines", 1, INT64_MAX, &n_lines) == 0 && pass &&
                   strcmp(reader->held_pass, pass) == 0 && n_lines == reader->n_held_lines) {
                forget_held(&history->held, &history->n_held);
                history->held = reader->held;
                history->n_held = reader->n_held;
                reader->held = NULL;
                reader->n_held = 0;
        }
}

static void note_turned(Reader *reader, const char *project, int64_t wall) {
        EngineHistory *history = reader->history;

        for (size_t i = 0; i < history->n_turned; i++)
                if (text_equal(history->turned[i].project, project)) {
                        history->turned[i].wall = wall;
                        return;
                }
        *mem_push(reader->parent, history->turned, history->n_turned) =
                (Turned){mem_strdup(reader->parent, project), wall};
}

/* A pass was of one project, or of all. */
static void take_turn(Reader *reader, const JsonNode *record) {
        const char *time = json_get_text(record, "time"), *own = json_get_text(record, "project");
        int64_t wall;

        if (!time || clock_parse(&wall, time) < 0 || json_get_text(record, "error"))
                return;
        if (own)
                note_turned(reader, own, wall);
        json_each(project, json_get(record, "charter_projects")) {
                const char *name = own ? NULL : json_value_text(project);

                if (name)
                        note_turned(reader, name, wall);
        }
}

static void take_pass(Reader *reader, const JsonNode *record) {
        EngineHistory *history = reader->history;
        const JsonNode *projects = json_get(record, "charter_projects");
        bool applied = false;
        int64_t teams = -1;

        if (json_get_text(record, "undo"))
                return; /* somebody's, not the charter's */
        if (json_get_bool(record, "applied", &applied) == 0)
                history->has_applied |= applied;
        take_held(reader, record);
        take_turn(reader, record);
        /* A pass before the charter's size was known has none. */
        if (json_get_int(record, "charter_teams", 0, INT64_MAX / 2, &teams) < 0 || !json_is_array(projects))
                return;
        history->charter_teams = teams;
        history->charter_projects = mem_free(history->charter_projects);
        history->n_charter_projects = 0;
        json_each(project, projects) {
                const char **name = mem_push(reader->parent, history->charter_projects, history->n_charter_projects);

                *name = mem_strdup(history->charter_projects, json_value_text(project));
        }
}

static void take_release(Reader *reader, const JsonNode *record) {
        const char *time = json_get_text(record, "time");
        bool is_partial = false;
        int64_t wall;

        if (!time || clock_parse(&wall, time) < 0)
                return;
        /* What was let go before every project had its turn says nothing of those that had none. */
        json_get_bool(record, "partial", &is_partial);
        reader->history->has_applied |= !is_partial;
        json_each(step, json_get(record, "steps")) {
                const char *id = json_value_text(step);
                Release *release;

                if (!id)
                        continue;
                release = mem_push(reader->parent, reader->history->releases, reader->history->n_releases);
                snprintf(release->step_id, sizeof release->step_id, "%s", id);
                release->wall = wall;
        }
}

static int64_t mask_of(const JsonNode *record, const char *masks, const char *key) {
        int64_t value;

        return json_get_int(json_get(record, masks), key, 0, UINT32_MAX, &value) < 0 ? -1 : value;
}

static Tristate switch_of(const JsonNode *record) {
        bool inherit;

        if (json_get_bool(json_get(record, "list"), "inherit", &inherit) < 0)
                return TRISTATE_UNSET;
        return inherit ? TRISTATE_TRUE : TRISTATE_FALSE;
}

/* Those of the last hour are few; of more, the last ones. */
static void take_owed(Reader *reader, const JsonNode *record) {
        EngineHistory *history = reader->history;
        Sought *sought = sought_of_intent(reader->parent, record);

        if (!sought)
                return;
        if (history->n_owed < ATTRIBUTION_SOUGHT_MAX) {
                *mem_push(reader->parent, history->owed, history->n_owed) = sought;
                return;
        }
        mem_free(history->owed[0]);
        memmove(history->owed, history->owed + 1, (history->n_owed - 1) * sizeof *history->owed);
        history->owed[history->n_owed - 1] = sought;
}

static void take_attribution(Reader *reader, const JsonNode *record) {
        EngineHistory *history = reader->history;
        const char *id = json_get_text(record, "change_id");

        for (size_t i = 0; id && i < history->n_owed; i++) {
                if (strcmp(history->owed[i]->change_id, id) != 0)
                        continue;
                mem_free(history->owed[i]);
                history->owed[i] = history->owed[--history->n_owed];
                return;
        }
}

static void take_intent(Reader *reader, const JsonNode *record) {
        EngineHistory *history = reader->history;
        const JsonNode *step = json_get(record, "step");
        const char *time = json_get_text(record, "time");
        OpenIntent *intent = mem_push(reader->parent, history->intents, history->n_intents);
        Mem *texts = mem_new(reader->parent, char);

        *intent = (OpenIntent){
                .texts = texts,
                .change_id = copy_text(texts, record, "change_id"),
                .pass = copy_text(texts, record, "pass"),
                .verb = copy_text(texts, step, "verb"),
                .project = copy_text(texts, record, "project"),
                .kind = copy_text(texts, step, "kind"),
                .name = copy_text(texts, step, "name"),
                .token = copy_text(texts, record, "token"),
                .namespace = copy_text(texts, record, "namespace"),
                .storage_key = copy_text(texts, record, "storage_key"),
                .container_key = copy_text(texts, record, "container_key"),
                .allow_before = mask_of(record, "masks_before", "allow"),
                .deny_before = mask_of(record, "masks_before", "deny"),
                .allow_after = mask_of(record, "masks_after", "allow"),
                .deny_after = mask_of(record, "masks_after", "deny"),
                .inherit_after = switch_of(record),
        };
        if (!time || clock_parse(&intent->wall, time) < 0)
                intent->wall = 0;
        intent->is_repair = repair_of_intent(record, &intent->repair);
        take_owed(reader, record);
        intent->repair.project = intent->project;
        intent->repair.what = copy_text(texts, record, "what");
        intent->repair.description = copy_text(texts, record, "description");
}

static void take_repair(Reader *reader, OpenIntent *intent, const JsonNode *record) {
        const char *time = json_get_text(record, "time");

        if (intent->is_repair && time && clock_parse(&intent->repair.wall, time) == 0)
                fights_note(reader->history->fights, &intent->repair);
}

/* One that is known to be charterd's own has nothing left to tell. */
static void take_creation(Reader *reader, const OpenIntent *intent) {
        EngineHistory *history = reader->history;
        Kind kind = intent->kind ? kind_by_key(intent->kind) : _KIND_N;
        KnownKey key = {reader->url, kind, kind == KIND_PROJECT ? "" : intent->project, intent->name};
        const KnownEntry *entry = NULL;
        MadeBefore *made;

        if (kind == _KIND_N || !intent->project || !intent->name)
                return;
        if (reader->known)
                entry = known_find(reader->known, &key);
        if (entry && entry->written_at > 0)
                return;
        made = mem_push(reader->parent, history->made, history->n_made);
        *made = (MadeBefore){mem_strdup(history->made, intent->project), kind,
                             mem_strdup(history->made, intent->name), intent->wall};
}

/* Outcomes follow their intents soon: the list of open ones stays short. */
static void take_outcome(Reader *reader, const JsonNode *record) {
        EngineHistory *history = reader->history;
        const char *id = json_get_text(record, "change_id"), *result = json_get_text(record, "result");

        for (size_t i = 0; id && i < history->n_intents; i++) {
                OpenIntent intent = history->intents[i];

                if (!intent.change_id || strcmp(intent.change_id, id) != 0)
                        continue;
                if (result && strcmp(result, "done") == 0) {
                        take_repair(reader, &intent, record);
                        if (intent.verb && strcmp(intent.verb, "create") == 0)
                                take_creation(reader, &intent);
                }
                mem_free(intent.texts);
                history->intents[i] = history->intents[--history->n_intents];
                return;
        }
}

/* Of more than are kept, each new one takes the place of another. */
static void take_finding(Reader *reader, const JsonNode *record) {
        EngineHistory *history = reader->history;
        const char *project = json_get_text(record, "project"), *kind = json_get_text(record, "kind");
        const char *message = json_get_text(record, "message");
        KnownFinding finding = {0};

        if (!project || !kind || !message)
                return;
        finding = (KnownFinding){author_key_of_finding(project, kind, message), text_hash(project)};
        if (history->n_findings < ATTRIBUTION_FINDINGS_MAX)
                *mem_push(reader->parent, history->findings, history->n_findings) = finding;
        else
                history->findings[finding.key % ATTRIBUTION_FINDINGS_MAX] = finding;
}

static const struct {
        const char *record;
        void (*take)(Reader *reader, const JsonNode *record);
} rows[] = {
        {"finding", take_finding},
        {"held", take_held_line},
        {"pass", take_pass},
        {"release", take_release},
        {"intent", take_intent},
        {"attribution", take_attribution},
        {"outcome", take_outcome},
};

static int on_record(void *context, const JsonNode *record, const char *line) {
        Reader *reader = context;
        const char *name = json_get_text(record, "record");
        const char *url = json_get_text(record, "organization");

        if (!name || !url || !text_equal(url, reader->url))
                return 0;
        sights_restore(reader->history->sights, record);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (strcmp(rows[i].record, name) == 0)
                        rows[i].take(reader, record);
        return 0;
}

EngineHistory engine_history_none(Mem *parent) {
        return (EngineHistory){.charter_teams = -1, .fights = fights_new(parent), .sights = sights_new(parent)};
}

int engine_history_read(Mem *parent, const char *directory, const char *url, const Known *known,
                        EngineHistory *history, const char **reasonp) {
        Reader reader = {.parent = parent, .url = url, .known = known, .history = history};
        int r;

        *history = engine_history_none(parent);
        r = ledger_each(parent, directory, &(LedgerFilter){0}, on_record, &reader, reasonp);
        /* A great application had many open at once. */
        history->intents = mem_resize_array(parent, history->intents, sizeof *history->intents, history->n_intents);
        return r;
}
