/* SPDX-License-Identifier: Apache-2.0 */
/* FuzzAclScanner: cut anywhere, the same pieces; and what JSON's own reader accepts, no more, no
 * less. */
#include <assert.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/text.h"
#include "daemon/azdo/acl.h"
#include "daemon/azdo/acl_scanner.h"
#include "tests/fuzz/target.h"

typedef struct Record {
        uint64_t hash;
        size_t n;
} Record;

static int note(void *context, const char *bytes, size_t n, const char **reasonp) {
        Record *record = context;
        Mem *scratch = mem_alloc_zero(NULL, 1, "scratch");
        JsonNode *node = NULL;
        int r = json_parse(scratch, bytes, n, &node, reasonp);

        mem_free(scratch);
        for (size_t i = 0; i < n; i++)
                record->hash = (record->hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
        record->n++;
        return r;
}

static const AclScannerEvents events = {note, note, note};

static int scan(const uint8_t *bytes, size_t n, size_t chunk, Record *record) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        AclScanner *scanner = acl_scanner_new(mem, &events, record);
        int r = 0;

        *record = (Record){0};
        acl_scanner_begin(scanner);
        for (size_t at = 0; at < n && r == 0; at += chunk)
                r = acl_scanner_feed(scanner, (const char *)bytes + at,
                                     n - at < chunk ? n - at : chunk);
        if (r == 0)
                r = acl_scanner_end(scanner);
        assert((r < 0) == (acl_scanner_error(scanner) != NULL));
        mem_free(mem);
        return r < 0 ? -1 : 0;
}

/* Keys that stand in different pieces are compared by who reads the pieces. */
static void compare_with_json(const uint8_t *bytes, size_t n, int scanned) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        JsonNode *node = NULL;
        const char *reason = NULL;
        int r = json_parse(mem, (const char *)bytes, n, &node, &reason);

        if (r == 0)
                assert(scanned == 0);
        else if (scanned == 0)
                assert(strcmp(reason, "a key stands twice in an object") == 0);
        mem_free(mem);
}

static int read_lists(const Sink *sink, const uint8_t *bytes, size_t n, size_t chunk) {
        int r = 0;

        sink->begin(sink->context);
        for (size_t at = 0; at < n && r == 0; at += chunk)
                r = sink->feed(sink->context, (const char *)bytes + at,
                               n - at < chunk ? n - at : chunk);
        return r < 0 ? -1 : sink->end(sink->context) < 0 ? -1 : 0;
}

/* 0, or -1 with a sentence. */
static int run_reader(Mem *mem, Organisation *organisation, const uint8_t *bytes, size_t n,
                      AclDepth depth) {
        AclReader *reader = acl_reader_new(mem, &(AclReaderSpec){.organisation = organisation,
                                                                 .space = NAMESPACE_GIT,
                                                                 .project = INDEX_NONE,
                                                                 .token = "repoV2",
                                                                 .depth = depth});
        const Sink *sink = acl_reader_sink(reader);
        int first = read_lists(sink, bytes, n, n + 1);
        size_t n_lists = organisation->n_acls;
        int second = read_lists(sink, bytes, n, 3);

        assert(first == second && n_lists == organisation->n_acls);
        assert((first < 0) == (acl_reader_error(reader) != NULL));
        return first;
}

/* A reader comes to the same result twice, a refused answer leaves no list where there was none,
 * and what was read once is read the same when it is known. */
static void run_readers(const uint8_t *bytes, size_t n) {
        Mem *mem = mem_alloc_zero(NULL, 1, "fuzz");
        Organisation *organisation = organisation_new(mem, "https://dev.azure.com/contoso");
        int first = run_reader(mem, organisation, bytes, n, ACL_RECURSE);
        size_t n_lists = organisation->n_acls;

        assert(run_reader(mem, organisation, bytes, n, ACL_RECURSE) == first);
        assert(organisation->n_acls == n_lists);
        if (run_reader(mem, organisation, bytes, n, ACL_TOKEN) == 0)
                assert(first == 0);
        organisation_seal(organisation);
        assert(organisation->n_acl_order == (first < 0 ? 0 : n_lists));
        mem_free(mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
        Record whole;
        Record parts;
        int result = scan(bytes, n, n + 1, &whole);

        for (size_t chunk = 1; chunk < 8; chunk++) {
                assert(scan(bytes, n, chunk, &parts) == result);
                assert(parts.hash == whole.hash && parts.n == whole.n);
        }
        compare_with_json(bytes, n, result);
        run_readers(bytes, n);
        return 0;
}
