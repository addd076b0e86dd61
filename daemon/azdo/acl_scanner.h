/* SPDX-License-Identifier: Apache-2.0 */
/* AclScanner: cuts an answer of access control lists, or of another list, into pieces as its bytes arrive. */
#pragma once

#include <stddef.h>

#include "common/base/mem.h"

/* It knows strings, escapes, depth: nothing else. Each piece is a document of its own, to be read
 * strictly; what is cut out of a document leaves an empty container behind, so nothing goes unread.
 * Each answers 0, or negative with *reasonp a constant sentence. */
typedef struct AclScannerEvents {
        /* One member of `acesDictionary`, in braces. */
        int (*entry)(void *context, const char *bytes, size_t n, const char **reasonp);
        /* One element of `value`, without those. After its entries. */
        int (*list)(void *context, const char *bytes, size_t n, const char **reasonp);
        /* What stands around: `{"count":N,"value":[]}`. Last. */
        int (*document)(void *context, const char *bytes, size_t n, const char **reasonp);
} AclScannerEvents;

typedef struct AclScanner AclScanner;

AclScanner *acl_scanner_new(Mem *parent, const AclScannerEvents *events, void *context);
/* The elements are those of the array `key`, in the document's object or, up to so deep, in one within; they have no
 * entries to be cut out. */
void acl_scanner_set_list(AclScanner *scanner, const char *key, unsigned depth_max);
/* Forgets all that came before. */
void acl_scanner_begin(AclScanner *scanner);
/* 0, or negative: see acl_scanner_error(). Nothing more is taken then. */
int acl_scanner_feed(AclScanner *scanner, const char *bytes, size_t n);
int acl_scanner_end(AclScanner *scanner);
/* A constant sentence, or NULL. */
const char *acl_scanner_error(const AclScanner *scanner);
