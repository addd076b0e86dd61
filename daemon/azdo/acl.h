/* SPDX-License-Identifier: Apache-2.0 */
/* Acl: access control lists on the wire (facts §3.3 to §3.6). */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

enum {
        ACL_ELEMENT_MAX = 1024 * 1024, /* bytes of one access control list */
        ACL_POST_ENTRIES_MAX = 500,
        ACL_POST_BYTES_MAX = 256 * 1024,
};

typedef enum AclDepth {
        ACL_TOKEN,   /* that list alone */
        ACL_RECURSE, /* and all below it */
} AclDepth;

/* GET accesscontrollists/{namespace}?token=&recurse=. Read through acl_reader_sink(). */
Request acl_query_request(Mem *parent, const Organisation *organisation, uint8_t space, const char *token,
                          AclDepth depth);

/* Cuts the answer into its lists as the bytes arrive and adds them to the organisation. */
typedef struct AclReader AclReader;
typedef struct AclReaderSpec {
        Organisation *organisation;
        uint8_t space;
        Index project;     /* INDEX_NONE: a root above all projects */
        const char *token; /* what is asked; what is there below it is forgotten in begin */
        AclDepth depth;
        int64_t now;
} AclReaderSpec;
AclReader *acl_reader_new(Mem *parent, const AclReaderSpec *spec);
const Sink *acl_reader_sink(AclReader *reader);
const char *acl_reader_error(const AclReader *reader); /* or NULL */

typedef enum AceMerge {
        ACE_REPLACE, /* merge:false */
        ACE_MERGE,   /* merge:true: can only add, and moves a bit between allow and deny */
} AceMerge;

/* POST accesscontrolentries: many principals of one token in one request. Reserved bits must not be in the masks
 * (asserted). */
Request acl_set_entries_request(Mem *parent, const Organisation *organisation, uint8_t space, const char *token,
                                AceMerge merge, const AccessControlEntry *entries, size_t n_entries);
/* DELETE accesscontrolentries. */
Request acl_remove_entries_request(Mem *parent, const Organisation *organisation, uint8_t space,
                                   const char *token, const Index *identities, size_t n_identities);
/* DELETE permissions/{namespace}/{bits}: clears the bits from both masks of one principal. */
Request acl_clear_bits_request(Mem *parent, const Organisation *organisation, uint8_t space, const char *token,
                               Index identity, uint32_t bits);
/* POST accesscontrollists: replaces the whole list with its inherit flag. *bytesp the size of the body. */
Request acl_replace_request(Mem *parent, const Organisation *organisation, const AccessControlList *acl,
                            size_t *bytesp);
