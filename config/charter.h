/* SPDX-License-Identifier: Apache-2.0 */
/* Charter: the desired state as an operator writes it (charter.md). */
#pragma once

#include <stddef.h>

#include "common/base/diag.h"
#include "common/base/mem.h"
#include "common/model/desired.h"
#include "config/settings.h"

enum {
        CHARTER_FILES_MAX = 4096,
        CHARTER_SIZE_MAX = 32 * 1024 * 1024, /* of all files */
        CHARTER_KITS_OF_ONE_MAX = 16,
        CHARTER_KIT_NODES_MAX = 1000 * 1000, /* values of kits, once for each use */
};

/* What the settings say of this charter; without settings they are NULL. */
typedef struct CharterSpec {
        const char *organization; /* normalised URL: the charter must be for the same */
        const MaySettings *may;   /* what goes beyond is an error */
        unsigned experimental;    /* 1 << Kind: of experimental kinds those the settings name; looked at with `may` */
} CharterSpec;

/* Reads a file, or the *.yaml files of a folder as one charter, and checks all that can be checked offline. 0; or
 * negative when there is no usable one, with errors in `diags` (all of them). Words the built-in permission table
 * does not know are DIAG_UNKNOWN_WORD and do not make it fail. A file that is missing or cannot be read is an error,
 * never an empty charter. */
int charter_load(Mem *parent, const char *path, const CharterSpec *spec, DiagList *diags,
                 Desired **desiredp);
/* The same from the bytes of one file; `path` is for places. */
int charter_parse(Mem *parent, const char *bytes, size_t n, const char *path, const CharterSpec *spec,
                  DiagList *diags, Desired **desiredp);

typedef enum ConfigKind {
        CONFIG_UNKNOWN,
        CONFIG_SETTINGS,
        CONFIG_CHARTER,
} ConfigKind;

/* Tells settings from a charter by the first key; a folder is a charter. 0, or negative with a diagnostic when the
 * file cannot be read or its first key belongs to neither. */
int config_tell_kind(const char *path, DiagList *diags, ConfigKind *kindp);
