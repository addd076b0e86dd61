/* SPDX-License-Identifier: Apache-2.0 */
/* Chance: organisations made from a number. */
#include "common/base/text.h"
#include "tests/unit/plan/chance.h"

Chance chance_of(unsigned seed) {
        return (Chance){(seed + 1) * 0x9E3779B97F4A7C15};
}

unsigned roll(Chance *chance, unsigned sides) {
        chance->state ^= chance->state << 13;
        chance->state ^= chance->state >> 7;
        chance->state ^= chance->state << 17;
        return (unsigned)(chance->state >> 33) % sides;
}

const char *pick(Chance *chance, const char *const *words, size_t n) {
        return words[roll(chance, (unsigned)n)];
}

const char *const repository_words[5] = {"Read", "Contribute", "Create tag", "Create branch",
                                         "ForcePush"};
const char *const folder_words[3] = {"View builds", "Queue builds", "Edit build pipeline"};
const char *const area_words[3] = {"View work items in this node", "Edit work items in this node",
                                   "Delete this node"};
const char *const iteration_words[3] = {"View permissions for this node", "Create child nodes",
                                        "Delete this node"};
const char *const query_words[3] = {"Read", "Contribute", "Manage Permissions"};
const char *const tagging_words[2] = {"Create tag definition", "Delete tag definition"};
const char *const organization_words[2] = {"Create new projects", "Trigger events"};
const char *const project_words[2] = {"View project-level information", "Rename team project"};
const char *const people[3] = {"ana@contoso.com", "ben@contoso.com", "cleo@contoso.com"};
static const char *const strangers[] = {
        "ana@contoso.com",
        "ben@contoso.com",
        "Readers",
        "Contributors",
        "Guests",
        "Shop Build Service",
        "Project Administrators",
        "unresolved S-1-9-9-9",
        "charterd@contoso.com",
        "Team 0",
        "Team 1",
        "Team 2",
};

/* --- an organisation
 * ------------------------------------------------------------------------------------------------
 */

static void put_words(Chance *chance, Text *text, const char *const *words, size_t n) {
        text_append(text, "[");
        for (size_t i = 0, n_put = 0; i < n; i++) {
                unsigned state = roll(chance, 5);

                if (state < 2)
                        text_appendf(text, "%s\"%s%s\"", n_put++ ? ", " : "",
                                     state == 1 && roll(chance, 3) == 0 ? "-" : "", words[i]);
        }
        text_append(text, "]");
}

static void put_list(Chance *chance, Text *text, const char *place, const char *const *words,
                     size_t n) {
        const char *comma = "";

        text_appendf(text, ",\n\"%s\": {\"inherit\": %s, \"entries\": {", place,
                     roll(chance, 6) ? "true" : "false");
        for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
                if (roll(chance, 3))
                        continue;
                text_appendf(text, "%s\"%s\": ", comma, strangers[i]);
                put_words(chance, text, words, n);
                comma = ", ";
        }
        text_append(text, "}}");
}
#define PUT_LIST(chance, text, place, words) \
        put_list((chance), (text), (place), (words), sizeof(words) / sizeof *(words))

static void put_members(Chance *chance, Text *text, unsigned team) {
        text_appendf(text, "{\"name\": \"Team %u\", \"admins\": [%s], \"members\": [", team,
                     roll(chance, 2) ? "\"ana@contoso.com\"" : "\"charterd@contoso.com\"");
        text_appendf(text, "\"%s\"", PICK(chance, people));
        if (roll(chance, 3) == 0)
                text_append(text, ", \"charterd@contoso.com\"");
        if (roll(chance, 4) == 0)
                text_append(text, ", \"Shop Build Service\"");
        if (roll(chance, 4) == 0)
                text_append(text, ", \"unresolved S-1-9-9-9\"");
        if (team < 2 && roll(chance, 3) == 0)
                text_append(text, ", \"Team 2\"");
        text_append(text, "]}");
}

const char *chance_live(Mem *mem, Chance *chance) {
        Text text;

        text_init(&text, mem);
        text_append(
                &text,
                "{\"self\": \"charterd@contoso.com\", \"users\": [\"charterd@contoso.com\", "
                "\"ana@contoso.com\", \"ben@contoso.com\", \"cleo@contoso.com\"],\n"
                "\"services\": [\"Shop Build Service\"], \"groups\": ["
                "{\"name\": \"Project Collection Administrators\", \"members\": [\"charterd@contoso.com\"]}],\n"
                "\"projects\": [{\"name\": \"Shop\", \"groups\": ["
                "{\"name\": \"Project Administrators\", \"members\": [\"charterd@contoso.com\"]}, ");
        text_appendf(
                &text,
                "{\"name\": \"Contributors\", \"members\": [%s]}, {\"name\": \"Readers\", \"members\": [%s]}, ",
                roll(chance, 2) ? "\"Team 0\"" : "",
                roll(chance, 2) ? "\"Team 1\", \"ben@contoso.com\"" : "");
        text_append(
                &text,
                "\"Guests\", {\"name\": \"Project Valid Users\", \"members\": [\"Contributors\", "
                "\"Readers\", \"Guests\", \"Team 0\", \"Team 1\", \"Team 2\"]}],\n\"teams\": [");
        for (unsigned i = 0; i < 3; i++) {
                text_append(&text, i ? ", " : "");
                put_members(chance, &text, i);
        }
        text_appendf(&text, "],\n\"repositories\": [\"one\", \"two\"%s], ",
                     roll(chance, 2) ? ", \"three\"" : "");
        text_append(&text, "\"pipeline_folders\": [\"One\", \"One/Deep\"], "
                           "\"areas\": [\"One\", \"One/Deep\", \"One/Deep/Well\"],\n"
                           "\"pipelines\": [\"One/build\", \"top\"], "
                           "\"iterations\": [\"One\", \"One/Sprint\"], "
                           "\"queries\": [\"One\", \"One/Open\", \"Two\"],\n\"acls\": {"
                           "\"teams\": {\"entries\": {\"Project Administrators\": \"31\"}}");
        PUT_LIST(chance, &text, "project", project_words);
        PUT_LIST(chance, &text, "repositories", repository_words);
        PUT_LIST(chance, &text, "repositories/one", repository_words);
        PUT_LIST(chance, &text, "repositories/two", repository_words);
        PUT_LIST(chance, &text, "repositories/two//refs/heads/6d00", repository_words);
        PUT_LIST(chance, &text, "pipeline_folders", folder_words);
        PUT_LIST(chance, &text, "pipeline_folders/One", folder_words);
        PUT_LIST(chance, &text, "pipeline_folders/One/Deep", folder_words);
        PUT_LIST(chance, &text, "areas/One", area_words);
        PUT_LIST(chance, &text, "areas/One/Deep", area_words);
        PUT_LIST(chance, &text, "areas/One/Deep/Well", area_words);
        PUT_LIST(chance, &text, "branches/two:main", repository_words);
        PUT_LIST(chance, &text, "branches/two:Main", repository_words);
        PUT_LIST(chance, &text, "pipelines/One/build", folder_words);
        PUT_LIST(chance, &text, "pipelines/top", folder_words);
        PUT_LIST(chance, &text, "iterations", iteration_words);
        PUT_LIST(chance, &text, "iterations/One/Sprint", iteration_words);
        PUT_LIST(chance, &text, "queries", query_words);
        PUT_LIST(chance, &text, "queries/One", query_words);
        PUT_LIST(chance, &text, "queries/Two", query_words);
        PUT_LIST(chance, &text, "tagging", tagging_words);
        text_append(&text, "}}]}");
        return text.data;
}
