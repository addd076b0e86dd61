/* SPDX-License-Identifier: Apache-2.0 */
/* Journal: lines made durable in groups, away from the loop's thread. */
#include <assert.h>

#include "common/base/text.h"
#include "daemon/net/journal.h"

struct JournalTicket {
        Journal *journal;
        JournalTicket *next;
        const char *lines;
        PortRecordFn fn;
        void *context;
        int result;
};

/* The writer as the other thread sees it. */
typedef struct SyncJob {
        int (*sync)(void *writer);
        void *writer;
} SyncJob;

struct Journal {
        JournalSpec spec;
        JournalTicket *waiting; /* in the order asked */
        JournalTicket *writing; /* of the group under way; ended ones await their call back */
        LoopTicket *turn;       /* a step is due */
        bool is_syncing;
};

static void list_add(JournalTicket **list, JournalTicket *ticket) {
        while (*list)
                list = &(*list)->next;
        ticket->next = NULL;
        *list = ticket;
}

static bool list_remove(JournalTicket **list, JournalTicket *ticket) {
        for (; *list; list = &(*list)->next)
                if (*list == ticket) {
                        *list = ticket->next;
                        return true;
                }
        return false;
}

static int ticket_destroy(void *object) {
        JournalTicket *ticket = object;

        if (ticket->journal && !list_remove(&ticket->journal->waiting, ticket))
                list_remove(&ticket->journal->writing, ticket);
        return 0;
}

static void journal_turn(Journal *journal);

/* Calls back one after the other: any of them may cancel others or record anew. */
static void journal_finish(Journal *journal, int result) {
        for (JournalTicket *ticket = journal->writing; ticket; ticket = ticket->next)
                if (ticket->result == 0)
                        ticket->result = result;
        while (journal->writing) {
                JournalTicket *ticket = journal->writing;
                PortRecordFn fn = ticket->fn;
                void *context = ticket->context;
                int own = ticket->result;

                mem_free(ticket);
                fn(context, own);
        }
        journal_turn(journal);
}

static int sync_work(void *job) {
        SyncJob *sync = job;

        return sync->sync(sync->writer);
}

static void on_synced(void *context, void *job, int result) {
        Journal *journal = context;

        journal->is_syncing = false;
        journal->spec.finish(journal->spec.writer, result);
        journal_finish(journal, result);
}

/* Writes what waits as one group, each with a result of its own. */
static void on_turn(void *context) {
        Journal *journal = context;
        SyncJob *job = NULL;
        size_t n_appended = 0;

        journal->turn = NULL;
        journal->writing = journal->waiting;
        journal->waiting = NULL;
        for (JournalTicket *ticket = journal->writing; ticket; ticket = ticket->next) {
                ticket->result = journal->spec.append(journal->spec.writer, ticket->lines);
                n_appended += ticket->result == 0;
        }
        if (n_appended == 0) {
                journal_finish(journal, /* result= */ 0);
                return;
        }
        job = mem_new(NULL, SyncJob);
        job->sync = journal->spec.sync;
        job->writer = journal->spec.writer;
        journal->is_syncing = true;
        loop_work(
                journal->spec.loop, journal,
                &(LoopWork){.work = sync_work, .done = on_synced, .context = journal, .job = job});
}

static void journal_turn(Journal *journal) {
        if (!journal->waiting || journal->turn || journal->is_syncing)
                return;
        journal->turn = loop_defer(journal->spec.loop, journal, on_turn, journal);
}

static int journal_destroy(void *object) {
        Journal *journal = object;

        for (JournalTicket *ticket = journal->waiting; ticket; ticket = ticket->next)
                ticket->journal = NULL;
        for (JournalTicket *ticket = journal->writing; ticket; ticket = ticket->next)
                ticket->journal = NULL;
        return 0;
}

Journal *journal_new(Mem *parent, const JournalSpec *spec) {
        Journal *journal = mem_new(parent, Journal);

        journal->spec = *spec;
        mem_on_free(journal, journal_destroy);
        return journal;
}

JournalTicket *journal_record(Journal *journal, Mem *owner, const char *lines, PortRecordFn fn,
                              void *context) {
        JournalTicket *ticket = mem_new(owner, JournalTicket);

        ticket->journal = journal;
        ticket->lines = mem_strdup(ticket, lines);
        ticket->fn = fn;
        ticket->context = context;
        list_add(&journal->waiting, ticket);
        mem_on_free(ticket, ticket_destroy);
        journal_turn(journal);
        return ticket;
}
