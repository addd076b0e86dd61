/* SPDX-License-Identifier: Apache-2.0 */
/* Export: a live organisation as a charter that changes nothing of it. */
#pragma once

#include "common/base/text.h"
#include "common/model/organisation.h"
#include "config/settings.h"

/* What of a principal is not written, because its plan showed a change. */
typedef enum ExportPart {
        EXPORT_FOLDING,     /* `same_as`, kits: everything of it is written out */
        EXPORT_GRANTS,      /* its permissions are not governed */
        EXPORT_MEMBERS,     /* its members are not */
        EXPORT_MEMBERSHIPS, /* the groups it is in are not */
        EXPORT_ADMINS,
        EXPORT_OWNED, /* it owns nothing */
        _EXPORT_PART_N,
} ExportPart;

typedef struct ExportOmission {
        const char *project;
        const char *principal;
        unsigned parts; /* 1 << ExportPart */
} ExportOmission;

/* A project of which only the kinds by which people work could be read. */
typedef struct ExportGap {
        const char *project;
        const char *reason;
} ExportGap;

typedef struct ExportSpec {
        const Organisation *live;    /* sealed; a project that is not is told in a comment */
        const MaySettings *may;      /* beyond that nothing is written */
        const char *only_project;    /* or NULL */
        const ExportOmission *omissions;
        size_t n_omissions;
        const ExportGap *gaps;
        size_t n_gaps;
} ExportSpec;

/* The same organisation gives the same text, in whatever order it was read. */
void export_charter(const ExportSpec *spec, Text *text);
