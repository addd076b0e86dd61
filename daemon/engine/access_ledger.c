/* SPDX-License-Identifier: Apache-2.0 */
/* AccessLedger: what the ledger says of stored access. */
#include <string.h>

#include "common/base/clock.h"
#include "daemon/engine/access_ledger.h"
#include "daemon/engine/ledger.h"

typedef struct Asking {
        const AccessStoreQuery *query;
        int64_t wall;
        AccessFound *found;
        size_t n;
} Asking;

/* A pass of the ledger. */
typedef struct PassLine {
        const JsonNode *node;
        const char *pass;
        int64_t wall;
} PassLine;

static bool has_text(const JsonNode *array, const char *text) {
        json_each(item, array) {
                const char *own = json_value_text(item);

                if (own && text_equal(own, text))
                        return true;
        }
        return false;
}

/* What the pass said of its record, of a project by the name it had. */
static const char *digest_of(const PassLine *line, const char *project) {
        json_each(stored, json_get(line->node, "access")) {
                const char *name = json_get_text(stored, "project");

                if (name && text_equal(name, project))
                        return json_get_text(stored, "digest");
        }
        return NULL;
}

/* True when it read the project whole. */
static bool has_read(const PassLine *line, const char *project) {
        const char *only = json_get_text(line->node, "project");

        return !json_get(line->node, "error") && (!only || text_equal(only, project)) &&
               !has_text(json_get(line->node, "unread"), project);
}

static void note_pass(AccessFound *found, const PassLine *line) {
        const AccessRecord *record = found->stored.record;
        const char *project = found->project ? found->project : record->head.project;
        const JsonNode *projects = json_get(line->node, "charter_projects");
        const char *digest = NULL;

        if (strcmp(record->head.pass, line->pass) == 0)
                digest = digest_of(line, record->head.project);
        found->is_altered |= digest && strcmp(digest, record->digest) != 0;
        if (found->stored.until && line->wall >= found->stored.until)
                return;
        if (!projects || has_text(projects, record->head.project) || has_text(projects, project)) {
                found->left = 0;
                if (projects && has_read(line, record->head.project))
                        found->stored.confirmed = line->wall;
        } else if (!found->left) {
                found->left = line->wall;
        }
}

static int on_line(void *context, const JsonNode *node, const char *text) {
        const Asking *asking = context;
        const char *record = json_get_text(node, "record"), *time = json_get_text(node, "time");
        const char *organization = json_get_text(node, "organization");
        PassLine line = {.node = node, .pass = json_get_text(node, "pass")};

        if (!record || strcmp(record, "pass") != 0 || !line.pass || !time || clock_parse(&line.wall, time) < 0 ||
            line.wall > asking->wall || !organization || !text_equal(organization, asking->query->organization))
                return 0;
        for (size_t i = 0; i < asking->n; i++)
                if (asking->found[i].stored.record && line.wall >= asking->found[i].stored.record->head.wall)
                        note_pass(&asking->found[i], &line);
        return 0;
}

int access_ledger_ask(Mem *parent, const AccessStoreQuery *query, int64_t wall, AccessFound *found, size_t n,
                      const char **reasonp) {
        Asking asking = {query, wall, found, n};
        LedgerFilter filter = {.since = INT64_MAX};

        for (size_t i = 0; i < n; i++)
                if (found[i].stored.record && found[i].stored.record->head.wall < filter.since)
                        filter.since = found[i].stored.record->head.wall;
        if (filter.since == INT64_MAX)
                return 0;
        return ledger_each(parent, query->state_directory, &filter, on_line, &asking, reasonp);
}
