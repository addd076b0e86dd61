/* SPDX-License-Identifier: Apache-2.0 */
/* Known: the governed things as they were last seen, kept over restarts. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/json.h"
#include "daemon/engine/disk.h"
#include "daemon/engine/known.h"

enum {
        KNOWN_VERSION = 1,
        KNOWN_FILE_MODE = 0640,
        PATH_SIZE = 4096,
        PIECE_SIZE = 32 * 1024, /* of the file, held at a time */
};

struct Known {
        Arena *strings; /* entries come by the thousand; what is replaced stays until all goes */
        KnownEntry *entries;
        size_t n;
};

Known *known_new(Mem *parent) {
        Known *known = mem_new(parent, Known);

        known->strings = arena_new(known);
        return known;
}

/* --- finding --- */

static int compare_keys(const KnownKey *a, const KnownKey *b) {
        int order = text_compare(a->organization, b->organization);

        if (order == 0)
                order = (a->kind > b->kind) - (a->kind < b->kind);
        if (order == 0)
                order = text_compare(a->project, b->project);
        return order ? order : text_compare(a->name, b->name);
}

/* Where the key is, or would be. */
static bool find(const Known *known, const KnownKey *key, size_t *indexp) {
        size_t low = 0, high = known->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = compare_keys(&known->entries[middle].key, key);

                if (order == 0) {
                        *indexp = middle;
                        return true;
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        *indexp = low;
        return false;
}

const KnownEntry *known_entries(const Known *known, size_t *np) {
        *np = known->n;
        return known->entries;
}

const KnownEntry *known_find(const Known *known, const KnownKey *key) {
        size_t index = 0;

        return find(known, key, &index) ? &known->entries[index] : NULL;
}

const KnownEntry *known_find_id(const Known *known, const char *organization, Kind kind,
                                const char *id) {
        KnownKey first = {.organization = organization, .kind = kind, .project = "", .name = ""};
        size_t i = 0;

        for (find(known, &first, &i); i < known->n; i++) {
                const KnownEntry *entry = &known->entries[i];

                if (entry->key.kind != kind || !text_equal(entry->key.organization, organization))
                        return NULL;
                if (text_equal(entry->id, id))
                        return entry;
        }
        return NULL;
}

/* --- changing --- */

/* Neighbours are of the same organisation and project as a rule. */
static const char *share_text(Known *known, const char *before, const char *after, const char *text) {
        if (before && strcmp(before, text) == 0)
                return before;
        if (after && strcmp(after, text) == 0)
                return after;
        return arena_strdup(known->strings, text);
}

static KnownEntry *insert(Known *known, size_t index, const KnownKey *key) {
        KnownKey before = index > 0 ? known->entries[index - 1].key : (KnownKey){0};
        KnownKey after = index < known->n ? known->entries[index].key : (KnownKey){0};
        KnownEntry *entry = NULL;

        (void)mem_push(known, known->entries, known->n);
        entry = &known->entries[index];
        memmove(entry + 1, entry, (known->n - 1 - index) * sizeof *entry);
        *entry = (KnownEntry){
                .key = {.organization = share_text(known, before.organization, after.organization,
                                                   key->organization),
                        .kind = key->kind,
                        .project = share_text(known, before.project, after.project, key->project),
                        .name = arena_strdup(known->strings, key->name)}};
        return entry;
}

static void remove_at(Known *known, size_t index) {
        known->n--;
        memmove(&known->entries[index], &known->entries[index + 1],
                (known->n - index) * sizeof *known->entries);
}

bool known_note(Known *known, const KnownKey *key, const char *id, KnownEvent event, int64_t wall) {
        size_t index = 0;
        bool is_new = !find(known, key, &index);
        KnownEntry *entry = is_new ? insert(known, index, key) : &known->entries[index];

        if (!is_new && !text_equal(entry->id, id)) {
                /* Another thing by the old name: what was said of the first says nothing of it. */
                entry->seen_at = entry->written_at = 0;
                is_new = true;
        }
        if (is_new)
                entry->id = arena_strdup(known->strings, id);
        *(event == KNOWN_SEEN ? &entry->seen_at : &entry->written_at) = wall;
        return is_new;
}

static bool rewind_moment(int64_t *moment, int64_t wall) {
        if (*moment <= wall)
                return false;
        *moment = wall;
        return true;
}

bool known_rewind(Known *known, int64_t wall) {
        bool is_changed = false;

        for (size_t i = 0; i < known->n; i++) {
                is_changed |= rewind_moment(&known->entries[i].seen_at, wall);
                is_changed |= rewind_moment(&known->entries[i].written_at, wall);
        }
        return is_changed;
}

bool known_rename(Known *known, const KnownKey *key, const char *name) {
        KnownKey renamed = *key;
        KnownEntry entry;
        size_t index = 0;

        if (!find(known, key, &index))
                return false;
        entry = known->entries[index];
        remove_at(known, index);
        renamed.name = name;
        if (find(known, &renamed, &index))
                remove_at(known, index);
        renamed = entry.key;
        renamed.name = name;
        entry.key = insert(known, index, &renamed)->key;
        known->entries[index] = entry;
        return true;
}

bool known_forget(Known *known, const KnownKey *key) {
        size_t index = 0;

        if (!find(known, key, &index))
                return false;
        remove_at(known, index);
        return true;
}

/* --- as text --- */

typedef int (*PieceFn)(void *context, const char *bytes, size_t n);

static void write_entry(JsonWriter *writer, const KnownEntry *entry) {
        json_write_object(writer, NULL);
        json_write_text(writer, "organization", entry->key.organization);
        json_write_text(writer, "kind", kind_row(entry->key.kind)->key);
        json_write_text(writer, "project", entry->key.project);
        json_write_text(writer, "name", entry->key.name);
        json_write_text(writer, "id", entry->id);
        json_write_int(writer, "seen_at", entry->seen_at);
        json_write_int(writer, "written_at", entry->written_at);
        json_write_object_end(writer);
}

/* Piece by piece: the whole is as large as everything that is known. What `fn` gives, negative at once. */
static int write_pieces(const Known *known, PieceFn fn, void *context) {
        JsonWriter writer;
        Text text;
        int r = 0;

        text_init(&text, NULL);
        json_writer_init(&writer, &text, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_int(&writer, "version", KNOWN_VERSION);
        json_write_array(&writer, "things");
        for (size_t i = 0; i < known->n && r == 0; i++) {
                text_append(&text, i > 0 ? ",\n" : "\n");
                writer.comma = false;
                write_entry(&writer, &known->entries[i]);
                if (text.n < PIECE_SIZE)
                        continue;
                r = fn(context, text.data, text.n);
                text.n = 0;
                text.data[0] = 0;
        }
        json_write_array_end(&writer);
        json_write_object_end(&writer);
        text_append(&text, "\n");
        if (r == 0)
                r = fn(context, text.data, text.n);
        text_deinit(&text);
        return r;
}

static int append_piece(void *context, const char *bytes, size_t n) {
        text_append_bytes(context, bytes, n);
        return 0;
}

void known_write(const Known *known, Text *text) {
        write_pieces(known, append_piece, text);
}

/* NULL, or what is wrong. */
static const char *read_entry(Known *known, const JsonNode *node) {
        KnownEntry entry = {.key = {.organization = json_get_text(node, "organization"),
                                    .project = json_get_text(node, "project"),
                                    .name = json_get_text(node, "name")},
                            .id = json_get_text(node, "id")};
        const char *kind = json_get_text(node, "kind");
        size_t index = 0;

        if (!entry.key.organization || !entry.key.project || !entry.key.name || !entry.id || !kind)
                return "lacks a text";
        if (!entry.key.name[0]) /* a folder has no id */
                return "has an empty name";
        entry.key.kind = kind_by_key(kind);
        if (entry.key.kind == _KIND_N)
                return "is of an unknown kind";
        if (json_get_int(node, "seen_at", 0, INT64_MAX, &entry.seen_at) < 0 ||
            json_get_int(node, "written_at", 0, INT64_MAX, &entry.written_at) < 0)
                return "lacks a time";
        if (find(known, &entry.key, &index))
                return "stands twice";
        if (known->n == KNOWN_ENTRIES_MAX)
                return "is one too many";
        entry.key = insert(known, index, &entry.key)->key;
        entry.id = arena_strdup(known->strings, entry.id);
        known->entries[index] = entry;
        return NULL;
}

static const char *read_document(Mem *parent, Known *known, const JsonNode *document) {
        const JsonNode *things = json_get(document, "things");
        int64_t version = 0;
        size_t number = 0;

        if (json_get_int(document, "version", 1, INT64_MAX, &version) < 0 || !json_is_array(things))
                return mem_strdup(parent, "it lacks `version` or `things`");
        if (version != KNOWN_VERSION)
                return mem_strdup(parent, "it was written by another version of charterd");
        json_each(node, things) {
                const char *wrong = read_entry(known, node);

                number++;
                if (wrong)
                        return mem_printf(parent, "thing %zu %s", number, wrong);
        }
        return NULL;
}

int known_parse(Mem *parent, const char *bytes, size_t n, Known **knownp, const char **reasonp) {
        Known *known = known_new(parent);
        Mem *mem = mem_alloc_zero(NULL, 1, "known.json");
        JsonNode *document = NULL;
        int r = json_parse(mem, bytes, n, &document, reasonp);

        if (r == 0) {
                *reasonp = read_document(parent, known, document);
                r = *reasonp ? -EBADMSG : 0;
        }
        mem_free(mem);
        *knownp = r < 0 ? mem_free(known) : known;
        return r;
}

/* --- the file --- */

/* The whole file; *bytesp NULL when there is none. */
static int read_whole(Mem *parent, const char *path, char **bytesp, size_t *np) {
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        struct stat info;
        size_t n = 0;
        int r = 0;

        *bytesp = NULL;
        if (file < 0)
                return errno == ENOENT ? 0 : -errno;
        if (fstat(file, &info) < 0)
                r = -errno;
        else if (!S_ISREG(info.st_mode))
                r = -EINVAL;
        else if (info.st_size > KNOWN_SIZE_MAX)
                r = -EFBIG;
        if (r == 0)
                *bytesp = mem_alloc_array(parent, 1, (size_t)info.st_size + 1, "known.json");
        while (r == 0 && n < (size_t)info.st_size) {
                ssize_t n_read = read(file, *bytesp + n, (size_t)info.st_size - n);

                if (n_read < 0 && errno == EINTR)
                        continue;
                if (n_read <= 0)
                        r = n_read < 0 ? -errno : -EIO;
                else
                        n += (size_t)n_read;
        }
        close(file);
        *np = n;
        return r;
}

int known_load(Mem *parent, const char *directory, Known **knownp, const char **reasonp) {
        char *path = mem_printf(parent, "%s/%s", directory, KNOWN_FILE);
        const char *reason = NULL;
        char *bytes = NULL;
        size_t n = 0;
        int r = read_whole(parent, path, &bytes, &n);

        *knownp = NULL;
        *reasonp = NULL;
        if (r < 0) {
                *reasonp = mem_printf(parent, "%s: %s", path, strerror(-r));
        } else if (!bytes) {
                *knownp = known_new(parent);
        } else {
                r = known_parse(parent, bytes, n, knownp, &reason);
                if (r < 0)
                        *reasonp =
                                mem_printf(parent,
                                           "%s is damaged: %s. Put back a copy; or, when what is "
                                           "live now is to be taken as it is, move it away",
                                           path, reason);
        }
        mem_free(bytes);
        mem_free(path);
        return r;
}

static int write_piece(void *context, const char *bytes, size_t n) {
        return disk_write(*(const int *)context, bytes, n);
}

static int staged_path(const char *directory, char path[static PATH_SIZE]) {
        int n = snprintf(path, PATH_SIZE, "%s/%s.new", directory, KNOWN_FILE);

        return n < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

int known_stage(const Known *known, const char *directory) {
        char path[PATH_SIZE];
        int r = staged_path(directory, path), file;

        if (r < 0)
                return r;
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, KNOWN_FILE_MODE);
        if (file < 0)
                return -errno;
        r = write_pieces(known, write_piece, &file);
        close(file);
        if (r < 0)
                unlink(path);
        return r;
}

int known_save(const char *directory) {
        char path[PATH_SIZE], staged[PATH_SIZE];
        int r = staged_path(directory, staged);

        if (r < 0)
                return r;
        snprintf(path, sizeof path, "%s/%s", directory, KNOWN_FILE);
        r = disk_sync_file(staged);
        if (r == 0 && rename(staged, path) < 0)
                r = -errno;
        if (r < 0) {
                unlink(staged);
                return r;
        }
        return disk_sync_folder(directory);
}
