/* SPDX-License-Identifier: Apache-2.0 */
/* Persons: people in records of the ledger, each called by a number instead. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "common/base/guid.h"
#include "common/model/table.h"
#include "daemon/persons.h"

#define GROUP_START "["                              /* of `[MLOps]\Data Science A` */
#define GROUP_DESCRIPTOR "Microsoft.TeamFoundation." /* of groups and of the service's own identities */
#define NOT_SHOWN "(not shown)"

typedef struct Alias {
        const char *text;
        uint32_t person; /* 0: one of too many */
} Alias;

struct Persons {
        Alias *aliases;
        size_t n_aliases;
        Table index; /* of aliases by their first word */
        uint32_t n;
};

Persons *persons_new(Mem *parent) {
        Persons *persons = mem_new(parent, Persons);

        table_init(&persons->index, persons);
        return persons;
}

/* --- who is known --------------------------------------------------------------------------------------------------- */

/* Of addresses, names and keys; those beyond ASCII are letters. */
static bool is_of_word(char c) {
        return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || (c && strchr("._%+-'", c));
}

static size_t word_length(const char *at) {
        size_t n = 0;

        while (is_of_word(at[n]))
                n++;
        while (n > 0 && !isalnum((unsigned char)at[n - 1]) && (unsigned char)at[n - 1] < 0x80)
                n--; /* the end of a sentence */
        return n;
}

/* `user@domain`; 0: it is none. */
static size_t address_length(const char *at) {
        size_t n = 0, n_domain;

        while (is_of_word(at[n]))
                n++;
        if (n == 0 || at[n] != '@')
                return 0;
        n_domain = word_length(at + n + 1);
        return n_domain > 0 ? n + 1 + n_domain : 0;
}

static uint64_t hash_word(const char *at) {
        size_t n = address_length(at);
        char *word = mem_strndup(NULL, at, n > 0 ? n : word_length(at));
        uint64_t hash = text_hash(word);

        mem_free(word);
        return hash;
}

/* The longest one that stands there whole; NULL: none. */
static const Alias *find_alias(const Persons *persons, const char *at) {
        TableCursor cursor = table_find(&persons->index, hash_word(at));
        const Alias *longest = NULL;
        uint32_t number;

        while ((number = table_next(&persons->index, &cursor)) != TABLE_NONE) {
                const Alias *alias = &persons->aliases[number];
                size_t n = strlen(alias->text);

                if (strlen(at) >= n && text_equal_n(alias->text, at, n) && !(is_of_word(at[n]) && word_length(at + n) > 0) &&
                    (!longest || n > strlen(longest->text)))
                        longest = alias;
        }
        return longest;
}

static const Alias *find_exact(const Persons *persons, const char *text) {
        TableCursor cursor = table_find(&persons->index, hash_word(text));
        uint32_t number;

        while ((number = table_next(&persons->index, &cursor)) != TABLE_NONE)
                if (text_equal(persons->aliases[number].text, text))
                        return &persons->aliases[number];
        return NULL;
}

/* Names of one person; NULL among them are none. Whoever is known by one of them is it. */
static uint32_t learn(Persons *persons, const char *const *names, size_t n_names) {
        uint32_t person = 0;

        for (size_t i = 0; i < n_names && person == 0; i++) {
                const Alias *alias = names[i] && names[i][0] ? find_exact(persons, names[i]) : NULL;

                person = alias ? alias->person : 0;
        }
        for (size_t i = 0; i < n_names; i++) {
                if (!names[i] || !names[i][0] || find_exact(persons, names[i]))
                        continue;
                if (persons->n_aliases == PERSONS_NAMES_MAX)
                        return person;
                if (person == 0)
                        person = ++persons->n;
                table_add(&persons->index, hash_word(names[i]), (uint32_t)persons->n_aliases);
                *mem_push(persons, persons->aliases, persons->n_aliases) = (Alias){mem_strdup(persons, names[i]), person};
        }
        return person;
}

/* Groups have their scope in front; a record that says so itself is believed. */
static bool is_person(const JsonNode *intent, const char *principal) {
        bool says = false;

        if (json_get_bool(intent, "person", &says) == 0)
                return says;
        return strncmp(principal, GROUP_START, sizeof GROUP_START - 1) != 0;
}

static const char *key_of(const JsonNode *object, const char *name) {
        const char *text = json_get_text(object, name);
        Guid id;

        return text && guid_parse(&id, text) == 0 && !guid_is_null(id) ? text : NULL;
}

static void learn_author(Persons *persons, const JsonNode *author) {
        const char *const names[] = {json_get_text(author, "account"), key_of(author, "actor_id"),
                                     json_get_text(author, "actor")};

        learn(persons, names, sizeof names / sizeof *names);
}

static void learn_principal(Persons *persons, const JsonNode *intent) {
        const char *principal = json_get_text(intent, "principal");
        const char *const names[] = {principal, key_of(intent, "storage_key")};

        if (principal && is_person(intent, principal))
                learn(persons, names, sizeof names / sizeof *names);
}

/* --- texts ---------------------------------------------------------------------------------------------------------- */

static void append_person(Text *text, uint32_t person) {
        if (person > 0)
                text_appendf(text, "person %" PRIu32, person);
        else
                text_append(text, "a person");
}

static uint32_t learn_address(Persons *persons, const char *at, size_t n) {
        char *address = mem_strndup(NULL, at, n);
        uint32_t person = learn(persons, (const char *const[]){address}, 1);

        mem_free(address);
        return person;
}

static void hide_in_text(Persons *persons, const char *at, Text *text) {
        while (*at) {
                const Alias *alias = is_of_word(*at) ? find_alias(persons, at) : NULL;
                size_t n = alias ? strlen(alias->text) : address_length(at);

                if (n > 0) {
                        append_person(text, alias ? alias->person : learn_address(persons, at, n));
                        at += n;
                        continue;
                }
                n = is_of_word(*at) ? word_length(at) : 0;
                n = n > 0 ? n : 1;
                text_append_bytes(text, at, n);
                at += n;
        }
}

/* What says no more of people than that they are there. */
static bool is_kept(const char *key) {
        static const char *const keys[] = {
                "record",   "time",   "previous",  "change_id", "pass", "organization", "project",   "team", "seen",
                "origin",   "result", "namespace", "id",        "verb", "kind",         "word",      "why",  "state",
                "mechanism", "action", "activity_id", "undo",
        };

        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
                if (strcmp(keys[i], key) == 0)
                        return true;
        return false;
}

static void hide_value(Persons *persons, const char *key, const char *value, Text *text) {
        if (is_kept(key))
                text_append(text, value);
        else if (strcmp(key, "address") == 0 || strcmp(key, "client") == 0)
                text_append(text, NOT_SHOWN);
        else if (strcmp(key, "descriptor") == 0 && strncmp(value, GROUP_DESCRIPTOR, sizeof GROUP_DESCRIPTOR - 1) != 0)
                append_person(text, learn(persons, &value, 1));
        else
                hide_in_text(persons, value, text);
}

/* --- lines ---------------------------------------------------------------------------------------------------------- */

/* Bytes of the string that begins there, with its quotes. */
static size_t string_length(const char *at) {
        size_t n = 1;

        while (at[n] && at[n] != '"')
                n += at[n] == '\\' && at[n + 1] ? 2 : 1;
        return at[n] ? n + 1 : n;
}

static bool is_key(const char *end) {
        return end[strspn(end, " ")] == ':';
}

/* The value becomes another one; it is valid JSON, or stays as it is. */
static void hide_string(Persons *persons, Mem *mem, const char *key, const char *at, size_t n, Text *text) {
        const char *reason = NULL;
        JsonNode *node = NULL;
        JsonWriter writer;
        Text hidden;

        if (json_parse(mem, at, n, &node, &reason) < 0) {
                text_append_bytes(text, at, n);
                return;
        }
        text_init(&hidden, mem);
        hide_value(persons, key, json_value_text(node), &hidden);
        json_writer_init(&writer, text, /* indent= */ 0);
        json_write_text(&writer, NULL, hidden.data);
}

/* A record as it is written, but for the texts that are its values. */
static char *hide_line(Persons *persons, Mem *mem, const char *line) {
        char *key = mem_strdup(mem, "");
        Text text;
        size_t n;

        text_init(&text, mem);
        for (const char *at = line; *at; at += n) {
                n = strcspn(at, "\"");
                if (n == 0) {
                        n = string_length(at);
                        if (!is_key(at + n)) {
                                hide_string(persons, mem, key, at, n, &text);
                                continue;
                        }
                        key = mem_strndup(mem, at + 1, n - 2);
                }
                text_append_bytes(&text, at, n);
        }
        return text.data;
}

static const JsonNode *hide_record(Persons *persons, Mem *mem, const char *line, const char **hiddenp) {
        char *hidden = line ? hide_line(persons, mem, line) : NULL;
        const char *reason = NULL;
        JsonNode *node = NULL;

        *hiddenp = hidden;
        return hidden && json_parse(mem, hidden, strlen(hidden), &node, &reason) == 0 ? node : NULL;
}

AccountChange persons_hide(Persons *persons, Mem *mem, const AccountChange *change) {
        AccountChange hidden = {0};

        learn_principal(persons, change->intent);
        learn_author(persons, json_get(json_get(change->intent, "step"), "attribution"));
        learn_author(persons, json_get(change->attribution, "attribution"));
        hidden.intent = hide_record(persons, mem, change->line, &hidden.line);
        hidden.outcome = hide_record(persons, mem, change->outcome_line, &hidden.outcome_line);
        hidden.attribution = hide_record(persons, mem, change->attribution_line, &hidden.attribution_line);
        return hidden;
}
