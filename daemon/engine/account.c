/* SPDX-License-Identifier: Apache-2.0 */
/* Account: the changes of a ledger, each put together of its intent, its outcome and its attribution while it is read. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/model/table.h"
#include "daemon/engine/account.h"

enum {
        INDEX_SPARE = 1024, /* entries of changes that were given, before the index is made anew */
};

typedef enum AccountPart {
        PART_INTENT,
        PART_OUTCOME,
        PART_ATTRIBUTION,
        _PART_N,
} AccountPart;

/* Where its lines are: a great application has many under way. */
typedef struct Waiting {
        uint64_t id;                /* hash of the change's */
        LedgerPlace places[_PART_N]; /* `n` is 0 where there is none */
        int64_t wall;               /* of the intent */
        bool may_be_attributed;
} Waiting;

typedef struct Account {
        const AccountSpec *spec;
        const LedgerFiles *files;
        Mem *mem;
        Waiting *rows; /* a ring, as large as a power of two */
        size_t n_room;
        uint32_t first, end; /* numbers of the oldest one and of the next one */
        Mem *index_mem;
        Table index; /* their numbers by id */
        int64_t wall; /* of the last record */
        uint64_t n_early;
        Text lines[_PART_N];
        int error; /* of reading a line again */
} Account;

static Waiting *row_at(const Account *account, uint32_t number) {
        return &account->rows[number & (account->n_room - 1)];
}

static uint32_t n_waiting(const Account *account) {
        return account->end - account->first;
}

/* --- those that wait ------------------------------------------------------------------------------------------------ */

static void make_index(Account *account) {
        mem_free(account->index_mem);
        account->index_mem = mem_new(account->mem, char);
        table_init(&account->index, account->index_mem);
        for (uint32_t i = account->first; i < account->end; i++)
                table_add(&account->index, row_at(account, i)->id, i);
}

static void grow(Account *account) {
        size_t n_room = account->n_room > 0 ? account->n_room * 2 : 64;
        Waiting *rows = mem_new_array(account->mem, Waiting, n_room);

        for (uint32_t i = account->first; i < account->end; i++)
                rows[i & (n_room - 1)] = *row_at(account, i);
        mem_free(account->rows);
        account->rows = rows;
        account->n_room = n_room;
}

static void add_row(Account *account, const Waiting *row) {
        if (n_waiting(account) == account->n_room)
                grow(account);
        if (account->index.n > 2 * n_waiting(account) + INDEX_SPARE)
                make_index(account);
        table_add(&account->index, row->id, account->end);
        *row_at(account, account->end++) = *row;
}

static Waiting *find_row(const Account *account, uint64_t id) {
        TableCursor cursor = table_find(&account->index, id);
        uint32_t number;

        while ((number = table_next(&account->index, &cursor)) != TABLE_NONE)
                if (number >= account->first && row_at(account, number)->id == id)
                        return row_at(account, number);
        return NULL;
}

/* --- giving --------------------------------------------------------------------------------------------------------- */

static int read_part(Account *account, Mem *mem, const LedgerPlace *place, AccountPart part, JsonNode **nodep) {
        const char *reason = NULL;
        int r;

        *nodep = NULL;
        if (place->n == 0)
                return 0;
        r = ledger_read_line(account->files, place, &account->lines[part]);
        if (r == 0)
                r = json_parse(mem, account->lines[part].data, account->lines[part].n, nodep, &reason);
        if (r < 0)
                account->error = r;
        return r;
}

static const char *line_of(const Account *account, JsonNode *const parts[static _PART_N], AccountPart part) {
        return parts[part] ? account->lines[part].data : NULL;
}

static int give_first(Account *account) {
        const Waiting *row = row_at(account, account->first);
        Mem *mem = mem_new(NULL, char);
        JsonNode *parts[_PART_N] = {0};
        int r = 0;

        for (int part = 0; r == 0 && part < _PART_N; part++)
                r = read_part(account, mem, &row->places[part], (AccountPart)part, &parts[part]);
        account->first++;
        if (r == 0)
                r = account->spec->on_change(
                        account->spec->context,
                        &(AccountChange){.intent = parts[PART_INTENT],
                                         .outcome = parts[PART_OUTCOME],
                                         .attribution = parts[PART_ATTRIBUTION],
                                         .line = line_of(account, parts, PART_INTENT),
                                         .outcome_line = line_of(account, parts, PART_OUTCOME),
                                         .attribution_line = line_of(account, parts, PART_ATTRIBUTION)});
        mem_free(mem);
        return r;
}

static bool is_complete(const Account *account, const Waiting *row) {
        if (row->places[PART_OUTCOME].n == 0)
                return false;
        return row->places[PART_ATTRIBUTION].n > 0 || !row->may_be_attributed ||
               account->wall - row->wall > ACCOUNT_ATTRIBUTION_MS;
}

static int give_complete(Account *account) {
        int r = 0;

        while (r == 0 && n_waiting(account) > 0 && is_complete(account, row_at(account, account->first)))
                r = give_first(account);
        while (r == 0 && n_waiting(account) >= ACCOUNT_WAITING_MAX) {
                account->n_early++;
                r = give_first(account);
        }
        return r;
}

/* --- taking --------------------------------------------------------------------------------------------------------- */

static void take_intent(Account *account, const JsonNode *record, const LedgerPlace *place) {
        const char *id = json_get_text(record, "change_id"), *origin = json_get_text(record, "origin");
        Waiting row = {.wall = account->wall};

        if (!id)
                return;
        row.id = text_hash(id);
        row.places[PART_INTENT] = *place;
        row.may_be_attributed = origin && strcmp(origin, "drift") == 0;
        add_row(account, &row);
}

static void take_part(Account *account, const JsonNode *record, const LedgerPlace *place, AccountPart part) {
        const char *id = json_get_text(record, "change_id");
        Waiting *row = id ? find_row(account, text_hash(id)) : NULL;

        if (row)
                row->places[part] = *place;
}

static int on_record(void *context, const JsonNode *record, const char *line, const LedgerPlace *place) {
        Account *account = context;
        const char *name = json_get_text(record, "record"), *time = json_get_text(record, "time");
        int r = 0;

        if (time)
                (void)clock_parse(&account->wall, time);
        if (account->spec->on_record)
                r = account->spec->on_record(account->spec->context, record);
        if (r < 0 || !name)
                return r;
        if (strcmp(name, "intent") == 0)
                take_intent(account, record, place);
        else if (strcmp(name, "outcome") == 0)
                take_part(account, record, place, PART_OUTCOME);
        else if (strcmp(name, "attribution") == 0)
                take_part(account, record, place, PART_ATTRIBUTION);
        else
                return 0;
        return give_complete(account);
}

static int read_all(Account *account, Mem *parent, const char **reasonp) {
        int r = ledger_each_file(parent, account->spec->directory, account->files,
                                 &(LedgerEach){account->spec->filter, on_record, account}, reasonp);

        while (r == 0 && n_waiting(account) > 0)
                r = give_first(account);
        if (account->error < 0)
                *reasonp = mem_printf(parent, "%s: a record could not be read again: %s", account->spec->directory,
                                      strerror(-account->error));
        return r;
}

int account_read(Mem *parent, const AccountSpec *spec, uint64_t *n_earlyp, const char **reasonp) {
        Account account = {.spec = spec, .mem = mem_new(NULL, char)};
        LedgerFiles *files = NULL;
        int r;

        *reasonp = NULL;
        r = ledger_files_open(parent, spec->directory, &files, reasonp);
        if (r == 0) {
                account.files = files;
                make_index(&account);
                for (int part = 0; part < _PART_N; part++)
                        text_init(&account.lines[part], account.mem);
                r = read_all(&account, parent, reasonp);
        }
        *n_earlyp = account.n_early;
        mem_free(account.mem);
        mem_free(files);
        return r;
}
