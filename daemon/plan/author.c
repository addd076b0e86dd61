/* SPDX-License-Identifier: Apache-2.0 */
/* Author: who brought about a drift, as far as the audit log tells. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "daemon/plan/author.h"

typedef struct AuthorRow {
        AuthorKey key;
        Author *author; /* with its texts below it */
} AuthorRow;

struct Authors {
        AuthorRow *rows; /* by key */
        size_t n_rows;
};

static const char *const state_words[] = {
        [AUTHOR_ASKED] = "asked",
        [AUTHOR_KNOWN] = "known",
        [AUTHOR_UNKNOWN] = "unknown",
};

const char *author_state_word(AuthorState state) {
        return state_words[state];
}

/* --- told ----------------------------------------------------------------------------------------------------------- */

void author_write_json(const Author *author, JsonWriter *writer, const char *key) {
        char time[CLOCK_TEXT_SIZE];

        if (!author) {
                json_write_null(writer, key);
                return;
        }
        json_write_object(writer, key);
        json_write_text(writer, "state", author_state_word(author->state));
        if (author->state == AUTHOR_KNOWN) {
                json_write_text(writer, "actor", author->actor);
                json_write_text(writer, "account", author->account);
                json_write_text(writer, "actor_id", author->key);
                json_write_text(writer, "address", author->address);
                json_write_text(writer, "client", author->client);
                json_write_text(writer, "mechanism", author->mechanism);
                json_write_text(writer, "action", author->action);
                json_write_text(writer, "time", clock_format(author->wall, time));
        } else {
                json_write_text(writer, "reason", author->reason);
        }
        json_write_object_end(writer);
}

int author_read_json(const JsonNode *node, Author *author) {
        const char *word = json_get_text(node, "state"), *time = json_get_text(node, "time");

        *author = (Author){.actor = json_get_text(node, "actor"),
                           .account = json_get_text(node, "account"),
                           .key = json_get_text(node, "actor_id"),
                           .address = json_get_text(node, "address"),
                           .client = json_get_text(node, "client"),
                           .mechanism = json_get_text(node, "mechanism"),
                           .action = json_get_text(node, "action"),
                           .reason = json_get_text(node, "reason")};
        for (size_t i = 0; word && i < sizeof state_words / sizeof *state_words; i++) {
                if (strcmp(state_words[i], word) != 0)
                        continue;
                author->state = (AuthorState)i;
                return author->state == AUTHOR_KNOWN && (!time || clock_parse(&author->wall, time) < 0) ? -EBADMSG : 0;
        }
        return -EBADMSG;
}

static void describe_known(const Author *author, Text *text) {
        const char *who = author->actor ? author->actor : author->account ? author->account : author->key;
        char time[CLOCK_TEXT_SIZE];

        text_appendf(text, "by %s", who ? who : "somebody whom the audit log does not name");
        if (author->account && who != author->account)
                text_appendf(text, " (%s)", author->account);
        text_appendf(text, " at %s", clock_format(author->wall, time));
        if (author->address)
                text_appendf(text, ", from %s", author->address);
        if (author->client)
                text_appendf(text, ", with %s", author->client);
}

void author_describe(const Author *author, Text *text) {
        if (author->state == AUTHOR_KNOWN)
                describe_known(author, text);
        else
                text_appendf(text, "by whom is not known%s: %s", author->state == AUTHOR_ASKED ? " yet" : "",
                             author->reason ? author->reason : "the audit log was not asked");
}

/* --- kept ----------------------------------------------------------------------------------------------------------- */

AuthorKey author_key_of_step(const char *step_id) {
        return text_hash(step_id);
}

AuthorKey author_key_of_finding(const char *project, const char *kind, const char *message) {
        char *line = mem_printf(NULL, "%s\n%s\n%s", project ? project : "", kind, message);
        AuthorKey key = text_hash(line);

        mem_free(line);
        return key;
}

Authors *authors_new(Mem *parent) {
        return mem_new(parent, Authors);
}

/* The first row that is not before the key. */
static size_t place_of(const Authors *authors, AuthorKey key) {
        size_t from = 0, to = authors->n_rows;

        while (from < to) {
                size_t middle = from + (to - from) / 2;

                if (authors->rows[middle].key < key)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from;
}

static AuthorRow *find(const Authors *authors, AuthorKey key) {
        size_t at = place_of(authors, key);

        return at < authors->n_rows && authors->rows[at].key == key ? &authors->rows[at] : NULL;
}

const Author *authors_find(const Authors *authors, AuthorKey key) {
        const AuthorRow *row = authors ? find(authors, key) : NULL;

        return row ? row->author : NULL;
}

Author *author_copy(Mem *parent, const Author *author) {
        Author *copy = mem_memdup(parent, author, sizeof *author);
        const char **const texts[] = {&copy->actor,  &copy->account,   &copy->key,    &copy->address,
                                      &copy->client, &copy->mechanism, &copy->action, &copy->reason};

        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
                *texts[i] = mem_strdup(copy, *texts[i]);
        return copy;
}

void authors_set(Authors *authors, AuthorKey key, const Author *author) {
        AuthorRow *row = find(authors, key);
        Author *copy = author_copy(authors, author);

        if (!row) {
                size_t at = place_of(authors, key);

                (void)mem_push(authors, authors->rows, authors->n_rows);
                row = &authors->rows[at];
                memmove(row + 1, row, (authors->n_rows - 1 - at) * sizeof *row);
                *row = (AuthorRow){.key = key};
        }
        mem_free(row->author);
        row->author = copy;
}

void authors_remove(Authors *authors, AuthorKey key) {
        AuthorRow *row = find(authors, key);

        if (!row)
                return;
        mem_free(row->author);
        authors->n_rows--;
        memmove(row, row + 1, (authors->n_rows - (size_t)(row - authors->rows)) * sizeof *row);
}
