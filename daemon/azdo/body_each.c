/* SPDX-License-Identifier: Apache-2.0 */
/* BodyEach: the elements of a list, one at a time. */
#include "daemon/azdo/acl_scanner.h"
#include "daemon/azdo/body.h"

typedef struct Walk {
        BodyVisitFn visit;
        void *context;
        size_t n;
} Walk;

static int on_element(void *context, const char *bytes, size_t n, const char **reasonp) {
        Walk *walk = context;
        Mem *scratch = mem_new(NULL, char);
        JsonNode *element = NULL;
        int r = json_parse(scratch, bytes, n, &element, reasonp);

        if (r == 0)
                r = walk->visit(walk->context, scratch, element, reasonp);
        mem_free(scratch);
        walk->n++;
        return r;
}

/* The scanner cuts entries out wherever they stand; lists of other things have none. */
static int on_entry(void *context, const char *bytes, size_t n, const char **reasonp) {
        return body_fail(reasonp, "the list is one of access control lists, which was not asked for");
}

static int on_document(void *context, const char *bytes, size_t n, const char **reasonp) {
        const Walk *walk = context;

        return body_check_cut_list(bytes, n, walk->n, reasonp);
}

static const AclScannerEvents events = {
        .entry = on_entry,
        .list = on_element,
        .document = on_document,
};

int body_each(const Reply *reply, BodyVisitFn visit, void *context, size_t *np,
              const char **reasonp) {
        Walk walk = {visit, context, 0};
        AclScanner *scanner = acl_scanner_new(NULL, &events, &walk);
        int r = 0;

        acl_scanner_begin(scanner);
        if (acl_scanner_feed(scanner, reply->body, reply->n_body) < 0 ||
            acl_scanner_end(scanner) < 0)
                r = body_fail(reasonp, acl_scanner_error(scanner));
        mem_free(scanner);
        *np = walk.n;
        return r;
}
