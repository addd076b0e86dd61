/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptor: what the two names of an identity tell by their form (facts §5.3). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "daemon/azdo/descriptor.h"
#include "daemon/azdo/identity.h"

#define TYPE_GROUP "Microsoft.TeamFoundation.Identity;"
#define SID_ENTRA_GROUP "S-1-9-1551374245-1204400969-2402986413-2179408616-3-"
#define SUBJECT_GROUP "vssgp."
#define SUBJECT_ENTRA_GROUP "aadgp."

enum {
        GUID_WORDS = 4,
        SID_LENGTH_MAX = 256, /* of a descriptor's identifier (facts §9) */
};

typedef struct DescriptorKind {
        const char *prefix;
        IdentityKind kind;
} DescriptorKind;

/* Subjects first: they tell a person from a service principal. */
static const DescriptorKind subject_kinds[] = {
        {SUBJECT_GROUP, IDENTITY_GROUP},
        {SUBJECT_ENTRA_GROUP, IDENTITY_ENTRA_GROUP},
        {"aad.", IDENTITY_USER},
        {"msa.", IDENTITY_USER},
        {"aadsp.", IDENTITY_SERVICE_PRINCIPAL},
        {"svc.", IDENTITY_SERVICE},
        {"s2s.", IDENTITY_SERVICE},
};
static const DescriptorKind descriptor_kinds[] = {
        {TYPE_GROUP SID_ENTRA_GROUP, IDENTITY_ENTRA_GROUP},
        {TYPE_GROUP, IDENTITY_GROUP},
        {"Microsoft.IdentityModel.Claims.ClaimsIdentity;", IDENTITY_USER},
        {"Microsoft.TeamFoundation.ServiceIdentity;", IDENTITY_SERVICE},
};

static IdentityKind find_kind(const DescriptorKind *rows, size_t n, const char *text) {
        for (size_t i = 0; text && i < n; i++)
                if (text_has_prefix(text, rows[i].prefix))
                        return rows[i].kind;
        return IDENTITY_UNKNOWN;
}

IdentityKind descriptor_kind(const char *descriptor, const char *subject) {
        IdentityKind kind =
                find_kind(subject_kinds, sizeof subject_kinds / sizeof *subject_kinds, subject);

        if (kind != IDENTITY_UNKNOWN)
                return kind;
        return find_kind(descriptor_kinds, sizeof descriptor_kinds / sizeof *descriptor_kinds,
                         descriptor);
}

/* The SID's words are the GUID's bytes in .NET order, big-endian: the first three fields are turned
 * round. */
static const uint8_t written[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

char *identity_descriptor_of_entra_group(Mem *parent, Guid object_id) {
        uint32_t words[GUID_WORDS] = {0};

        for (size_t i = 0; i < sizeof object_id.bytes; i++)
                words[i / 4] = words[i / 4] << 8 | object_id.bytes[written[i]];
        return mem_printf(parent,
                          TYPE_GROUP SID_ENTRA_GROUP "%" PRIu32 "-%" PRIu32 "-%" PRIu32 "-%" PRIu32,
                          words[0], words[1], words[2], words[3]);
}

char *descriptor_object_id(Mem *parent, const char *descriptor) {
        uint32_t words[GUID_WORDS];
        char text[GUID_TEXT_SIZE];
        Guid guid;
        int end = 0;

        if (!descriptor || !text_has_prefix(descriptor, TYPE_GROUP SID_ENTRA_GROUP))
                return NULL;
        descriptor += strlen(TYPE_GROUP SID_ENTRA_GROUP);
        if (strlen(descriptor) > SID_LENGTH_MAX ||
            sscanf(descriptor, "%10" SCNu32 "-%10" SCNu32 "-%10" SCNu32 "-%10" SCNu32 "%n",
                   &words[0], &words[1], &words[2], &words[3], &end) != GUID_WORDS ||
            descriptor[end] != '\0')
                return NULL;
        for (size_t i = 0; i < sizeof guid.bytes; i++)
                guid.bytes[written[i]] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
        return mem_strdup(parent, guid_format(guid, text));
}

static int base64_value(char c) {
        static const char digits[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const char *digit = c ? strchr(digits, c) : NULL;

        return digit ? (int)(digit - digits) : -1;
}

/* The text of base64url without padding, or NULL. */
static char *decode(Mem *parent, const char *text) {
        size_t n = strlen(text);
        char *decoded = mem_new_array(parent, char, n * 3 / 4 + 1);
        uint32_t bits = 0;
        size_t length = 0;

        for (size_t i = 0; i < n; i++) {
                int value = base64_value(text[i]);

                if (value < 0)
                        return mem_free(decoded);
                bits = bits << 6 | (uint32_t)value;
                if (i % 4 != 0)
                        decoded[length++] = (char)(bits >> (6 - 2 * (i % 4)));
        }
        decoded[length] = '\0';
        return decoded;
}

static char *encode(Mem *parent, const char *text) {
        static const char digits[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        size_t n = strlen(text);
        char *encoded = mem_new_array(parent, char, n * 4 / 3 + 4);
        size_t length = 0;

        for (size_t i = 0; i < n; i += 3) {
                uint32_t bits = 0;
                size_t left = n - i < 3 ? n - i : 3;

                for (size_t k = 0; k < 3; k++)
                        bits = bits << 8 | (k < left ? (unsigned char)text[i + k] : 0);
                for (size_t k = 0; k <= left; k++)
                        encoded[length++] = digits[bits >> (18 - 6 * k) & 0x3F];
        }
        encoded[length] = '\0';
        return encoded;
}

static bool is_sid(const char *text) {
        return strncmp(text, "S-1-9-", 6) == 0 && strlen(text) <= SID_LENGTH_MAX &&
               text[2 + strspn(text + 2, "0123456789-")] == '\0';
}

char *identity_descriptor_of_subject(Mem *parent, const char *subject) {
        const char *payload = strchr(subject, '.');
        char *sid = NULL;
        char *descriptor = NULL;

        if (!text_has_prefix(subject, SUBJECT_GROUP) &&
            !text_has_prefix(subject, SUBJECT_ENTRA_GROUP))
                return NULL;
        sid = decode(parent, payload + 1);
        if (sid && is_sid(sid))
                descriptor = mem_printf(parent, TYPE_GROUP "%s", sid);
        mem_free(sid);
        return descriptor;
}

char *descriptor_subject(Mem *parent, const char *descriptor) {
        bool is_entra = text_has_prefix(descriptor, TYPE_GROUP SID_ENTRA_GROUP);
        char *payload = NULL;
        char *subject = NULL;

        if (!text_has_prefix(descriptor, TYPE_GROUP) || !is_sid(descriptor + strlen(TYPE_GROUP)))
                return NULL;
        payload = encode(parent, descriptor + strlen(TYPE_GROUP));
        subject =
                mem_printf(parent, "%s%s", is_entra ? SUBJECT_ENTRA_GROUP : SUBJECT_GROUP, payload);
        mem_free(payload);
        return subject;
}

typedef struct RoleRow {
        const char *words; /* the end of a SID, or a name */
        IdentityRole role;
} RoleRow;

/* facts §5.3; a tail that is not listed here is some other group of the service's own. */
static const RoleRow tails[] = {
        {"-0-0-0-0-1", IDENTITY_ROLE_ADMINISTRATORS},
        {"-0-0-0-0-2", IDENTITY_ROLE_SERVICE_ACCOUNTS},
        {"-0-0-0-0-3", IDENTITY_ROLE_VALID_USERS},
        {"-0-0-0-0-5", IDENTITY_ROLE_SECURITY_SERVICE},
        {"-0-0-0-1-2", IDENTITY_ROLE_KIND_ADMINISTRATORS},
};
/* Of a project: some have a random SID, by year and by way of making (facts §0.13, §4.4, §5.4). */
static const RoleRow project_names[] = {
        {"Build Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS},
        {"Release Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS},
        {"Endpoint Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS},
        {"Deployment Group Administrators", IDENTITY_ROLE_KIND_ADMINISTRATORS},
        {"Contributors", IDENTITY_ROLE_OTHER_BUILTIN},
        {"Readers", IDENTITY_ROLE_OTHER_BUILTIN},
        {"Endpoint Creators", IDENTITY_ROLE_OTHER_BUILTIN},
};
static const RoleRow organisation_names[] = {
        {"Project-Scoped Users", IDENTITY_ROLE_PROJECT_SCOPED_USERS},
};

static bool has_tail(const char *text, const char *tail) {
        size_t n = strlen(text);
        size_t n_tail = strlen(tail);

        return n >= n_tail && strcmp(text + n - n_tail, tail) == 0;
}

/* Its last five numbers begin with three zeros: no ordinary group, whose words are random. */
static bool is_wellknown(const char *sid) {
        const char *end = sid + strlen(sid);

        for (int i = 0; i < 5; i++) {
                while (end > sid && end[-1] != '-')
                        end--;
                if (end == sid)
                        return false;
                end--;
        }
        return strncmp(end, "-0-0-0-", 7) == 0;
}

IdentityRole identity_role(const char *descriptor, const char *name, Index project) {
        bool in_project = project != INDEX_NONE;
        const RoleRow *rows = in_project ? project_names : organisation_names;
        size_t n = in_project ? sizeof project_names / sizeof *project_names
                              : sizeof organisation_names / sizeof *organisation_names;

        if (!descriptor || descriptor_kind(descriptor, NULL) != IDENTITY_GROUP)
                return IDENTITY_ROLE_NONE;
        for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
                if (has_tail(descriptor, tails[i].words))
                        return tails[i].role;
        for (size_t i = 0; name && i < n; i++)
                if (text_equal(name, rows[i].words))
                        return rows[i].role;
        return is_wellknown(descriptor) ? IDENTITY_ROLE_OTHER_BUILTIN : IDENTITY_ROLE_NONE;
}
