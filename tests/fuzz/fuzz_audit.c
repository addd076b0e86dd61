/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzAudit: any answer whatever of the audit log is taken or refused with a sentence; what is taken is told in one
 * visible line. */
#include <assert.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/visible.h"
#include "daemon/azdo/audit.h"
#include "daemon/plan/author.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/world.h"

enum {
        ENTRIES_MAX = 1 << 20,
};

static void check_texts(const AuditEntry *entry) {
        assert(entry->action && entry->action[0]);
        assert(entry->n_tokens <= AUDIT_PARTS_MAX && entry->n_subjects <= AUDIT_PARTS_MAX);
        assert(entry->n_memberships <= AUDIT_PARTS_MAX);
        for (size_t i = 0; i < entry->n_tokens; i++)
                assert(entry->tokens[i]);
        for (size_t i = 0; i < entry->n_subjects; i++)
                assert(entry->subjects[i].descriptor || entry->subjects[i].name);
        assert(entry->kind != AUDIT_OTHER || entry->n_tokens + entry->n_subjects + entry->n_memberships == 0);
}

static void visit(void *context, const AuditEntry *entry) {
        Author author = {.state = AUTHOR_KNOWN,
                         .wall = entry->wall,
                         .actor = entry->actor_name,
                         .account = entry->actor_account,
                         .address = entry->address,
                         .client = entry->client};
        size_t *np = context;
        Text words, line;

        assert(++*np < ENTRIES_MAX);
        check_texts(entry);
        text_init(&words, NULL);
        text_init(&line, NULL);
        author_describe(&author, &words);
        visible_append(&line, words.data);
        for (const char *at = line.data; *at; at++)
                assert((unsigned char)*at >= 0x20 && *at != 0x7f);
        text_deinit(&words);
        text_deinit(&line);
}

/* What a record of the ledger tells of who did it comes back as it was. */
static void run_record(Mem *mem, const char *bytes, size_t n) {
        const char *reason = NULL;
        JsonNode *node = NULL, *again = NULL;
        Author author, back;
        JsonWriter writer;
        Text text;

        if (json_parse(mem, bytes, n, &node, &reason) < 0 || author_read_json(node, &author) < 0)
                return;
        text_init(&text, mem);
        json_writer_init(&writer, &text, /* indent= */ 0);
        author_write_json(&author, &writer, NULL);
        assert(json_parse(mem, text.data, text.n, &again, &reason) == 0);
        assert(author_read_json(again, &back) == 0);
        assert(back.state == author.state);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        size_t n_entries = 0, half = n / 2;
        AuditReader *reader = audit_reader_new(mem, visit, &n_entries);
        const Sink *sink = audit_reader_sink(reader);
        const char *text = (const char *)bytes, *reason;
        int r;

        sink->begin(sink->context);
        r = sink->feed(sink->context, text, half);
        if (r == 0)
                r = sink->feed(sink->context, text + half, n - half);
        if (r == 0)
                r = sink->end(sink->context);
        reason = audit_reader_error(reader);
        world_check_taken(r, &reason);
        if (r == 0 && audit_reader_continuation(reader)) {
                const Request request = audit_request(mem, 0, audit_reader_continuation(reader));

                world_check_request(mem, &request);
        }
        run_record(mem, (const char *)bytes, n);
        mem_free(mem);
        return 0;
}
