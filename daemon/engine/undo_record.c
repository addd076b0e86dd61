/* SPDX-License-Identifier: Apache-2.0 */
/* UndoRecord: a change that is to be undone, as the ledger tells it. */
#include <errno.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/engine/account.h"
#include "daemon/engine/undo_record.h"

enum {
        FOUND_MAX = 4, /* that are named when the beginning of an id is that of several */
};

typedef struct Found {
        char *id;
        char *line; /* of the intent */
        char *result; /* NULL: it is open */
} Found;

typedef struct Finder {
        Mem *mem;
        const char *wanted;
        Found found[FOUND_MAX];
        size_t n; /* all that begin so */
        Found exact;
} Finder;

static int on_change(void *context, const AccountChange *change) {
        Finder *finder = context;
        const char *id = json_get_text(change->intent, "change_id");
        Found *found = &finder->exact;

        if (!id || strncmp(id, finder->wanted, strlen(finder->wanted)) != 0)
                return 0;
        if (strcmp(id, finder->wanted) != 0) {
                if (finder->n++ >= FOUND_MAX)
                        return 0;
                found = &finder->found[finder->n - 1];
        }
        *found = (Found){.id = mem_strdup(finder->mem, id),
                         .line = mem_strdup(finder->mem, change->line),
                         .result = mem_strdup(finder->mem, json_get_text(change->outcome, "result"))};
        return 0;
}

static const Found *choose(Mem *parent, const Finder *finder, const char **reasonp) {
        Text text;

        if (finder->exact.id)
                return &finder->exact;
        if (finder->n == 1)
                return &finder->found[0];
        if (finder->n == 0) {
                *reasonp = mem_printf(parent, "the ledger has no change `%s`; `charterd history` shows those it has",
                                      finder->wanted);
                return NULL;
        }
        text_init(&text, parent);
        text_appendf(&text, "`%s` is the beginning of %zu changes: ", finder->wanted, finder->n);
        for (size_t i = 0; i < finder->n && i < FOUND_MAX; i++)
                text_appendf(&text, "%s%s", i > 0 ? ", " : "", finder->found[i].id);
        if (finder->n > FOUND_MAX)
                text_appendf(&text, " and %zu more", finder->n - FOUND_MAX);
        text_append(&text, "; write more of it");
        *reasonp = text.data;
        return NULL;
}

static const struct {
        const char *result;
        int end; /* UndoEnd, -1: there is nothing to undo */
} ends[] = {
        {"done", UNDO_DONE},
        {"unknown", UNDO_UNCERTAIN},
        {"unconfirmed", UNDO_UNCERTAIN},
        {"not done", -1},
        {"failed", -1},
};

static int read_end(Mem *parent, const Found *found, UndoRecord *record, const char **reasonp) {
        int end = -1;

        if (!found->result) {
                *reasonp = mem_printf(parent,
                                      "%s is still open: it is being made, or the process ended in between, and the next "
                                      "pass tells what became of it",
                                      found->id);
                return -EBUSY;
        }
        for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
                if (strcmp(ends[i].result, found->result) == 0)
                        end = ends[i].end;
        record->end = end == UNDO_UNCERTAIN ? UNDO_UNCERTAIN : UNDO_DONE;
        if (end >= 0)
                return 0;
        *reasonp = mem_printf(parent, "%s was not made (%s), so there is nothing to undo", found->id, found->result);
        return -ENOENT;
}

/* --- the record --------------------------------------------------------------------------------------------------------- */

static const char *copy(UndoRecord *record, const JsonNode *object, const char *key) {
        return mem_strdup(record, json_get_text(object, key));
}

static Guid copy_guid(const JsonNode *object, const char *key) {
        const char *text = json_get_text(object, key);
        Guid id = {0};

        return text && guid_parse(&id, text) == 0 ? id : (Guid){0};
}

static int read_verb(const JsonNode *step, StepVerb *verb) {
        const char *word = json_get_text(step, "verb");

        for (int i = STEP_CREATE; word && i <= STEP_SET_PIPELINES; i++)
                if (strcmp(word, step_verb_word((StepVerb)i)) == 0) {
                        *verb = (StepVerb)i;
                        return 0;
                }
        return -EBADMSG;
}

static int read_masks(const JsonNode *intent, const char *key, UndoMasks *masks) {
        const JsonNode *node = json_get(intent, key);
        int64_t allow, deny;

        if (json_get_int(node, "allow", 0, UINT32_MAX, &allow) < 0 || json_get_int(node, "deny", 0, UINT32_MAX, &deny) < 0)
                return -EBADMSG;
        *masks = (UndoMasks){(uint32_t)allow, (uint32_t)deny};
        return 0;
}

static int read_space(const JsonNode *intent, int *space) {
        Guid id = copy_guid(intent, "namespace");

        *space = -1;
        if (guid_is_null(id))
                return 0;
        for (int i = 0; i < _NAMESPACE_N; i++)
                if (guid_compare(permission_table_builtin()->items[i].id, id) == 0)
                        *space = i;
        return *space < 0 ? -EBADMSG : 0;
}

static int read_areas(UndoRecord *record, const JsonNode *list, UndoAreas *areas) {
        TeamArea *items = NULL;

        if (!json_is_array(list))
                return -EBADMSG;
        json_each(node, list) {
                TeamArea *area = mem_push(record, items, areas->n);

                *area = (TeamArea){.path = copy(record, node, "path")};
                if (!area->path || json_get_bool(node, "include_children", &area->include_children) < 0)
                        return -EBADMSG;
        }
        areas->items = items;
        return 0;
}

static int read_pipelines(UndoRecord *record, const JsonNode *node, const JsonNode *step) {
        uint32_t *ids = NULL;
        int64_t rank;

        if (json_get_bool(node, "all", &record->all_pipelines) < 0 ||
            json_get_int(step, "rank", RANK_CREATE, RANK_TEAM_SETTINGS, &rank) < 0)
                return -EBADMSG;
        json_each(item, json_get(node, "ids")) {
                int64_t id;

                if (json_value_int(item, 0, UINT32_MAX, &id) < 0)
                        return -EBADMSG;
                *mem_push(record, ids, record->n_pipelines) = (uint32_t)id;
        }
        record->pipelines = ids;
        record->is_opening = rank == RANK_GIVE;
        return 0;
}

/* What older records do not have is told when it is needed. */
static int read_setting(UndoRecord *record, const JsonNode *intent) {
        const JsonNode *before = json_get(intent, "areas_before"), *pipelines = json_get(intent, "pipelines");

        record->has_areas = before != NULL;
        record->has_pipelines = pipelines != NULL;
        if (before && (read_areas(record, before, &record->areas_before) < 0 ||
                       read_areas(record, json_get(intent, "areas_after"), &record->areas_after) < 0))
                return -EBADMSG;
        return pipelines ? read_pipelines(record, pipelines, json_get(intent, "step")) : 0;
}

static int read_record(UndoRecord *record, const JsonNode *intent) {
        const JsonNode *step = json_get(intent, "step");
        const char *kind = json_get_text(step, "kind"), *before = json_get_text(step, "before");

        record->change_id = copy(record, intent, "change_id");
        record->organization = copy(record, intent, "organization");
        record->project = copy(record, intent, "project");
        record->time = copy(record, intent, "time");
        record->name = copy(record, step, "name");
        record->principal = copy(record, intent, "principal");
        record->container = copy(record, intent, "container");
        record->token = copy(record, intent, "token");
        record->principal_key = copy_guid(intent, "storage_key");
        record->container_key = copy_guid(intent, "container_key");
        record->kind = kind ? kind_by_key(kind) : _KIND_N;
        record->inherit_before = before && strcmp(before, "inherits") == 0;
        if (!record->name)
                record->name = "";
        if (!record->organization || !record->project || record->kind == _KIND_N || read_verb(step, &record->verb) < 0 ||
            read_space(intent, &record->space) < 0)
                return -EBADMSG;
        if (record->space >= 0 && (read_masks(intent, "masks_before", &record->before) < 0 ||
                                   read_masks(intent, "masks_after", &record->after) < 0))
                return -EBADMSG;
        return read_setting(record, intent);
}

static UndoRecord *record_new(Mem *parent, const Found *found, const char **reasonp) {
        UndoRecord *record = mem_new(parent, UndoRecord);
        const char *reason = NULL;
        JsonNode *intent = NULL;

        if (json_parse(record, found->line, strlen(found->line), &intent, &reason) == 0 &&
            read_record(record, intent) == 0)
                return record;
        *reasonp = mem_printf(parent, "what the ledger says of %s is not understood by this charterd", found->id);
        return mem_free(record);
}

int undo_record_find(Mem *parent, const char *directory, const char *change_id, UndoRecord **recordp,
                     const char **reasonp) {
        Finder finder = {.mem = mem_new(parent, char), .wanted = change_id};
        const Found *found = NULL;
        UndoRecord *record = NULL;
        uint64_t n_early = 0;
        int r;

        *reasonp = NULL;
        r = account_read(parent, &(AccountSpec){.directory = directory, .on_change = on_change, .context = &finder},
                         &n_early, reasonp);
        if (r == 0)
                found = choose(parent, &finder, reasonp);
        if (found)
                record = record_new(parent, found, reasonp);
        if (record && read_end(parent, found, record, reasonp) < 0)
                record = mem_free(record);
        mem_free(finder.mem);
        if (!record)
                return r < 0 ? r : -ENOENT;
        *recordp = record;
        return 0;
}

const char *undo_record_obstacle(Mem *parent, const UndoRecord *record, const Desired *desired) {
        if (desired_find_project(desired, record->project))
                return NULL;
        return mem_printf(parent,
                          "%s was made in %s, which the charter does not have any more, so it is not read; put back by "
                          "hand what `charterd history` tells of it",
                          record->change_id, desired_label(record->project));
}
