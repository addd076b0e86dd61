/* SPDX-License-Identifier: Apache-2.0 */
/* AccessStore: what was stored of access over time, as somebody asks for it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/engine/access_files.h"
#include "daemon/engine/access_store.h"
#include "daemon/engine/line_reader.h"

/* A project's files, one after another. */
typedef struct Walk {
        Mem *mem; /* what is found lives below it */
        const char *folder;
        const AccessFile *files;
        size_t n_files;
        AccessReader *reader;
        const char *torn_file; /* the last one read ends in the middle of a record */
        const char **reasonp;
} Walk;

/* True: that is enough. */
typedef bool (*RecordFn)(void *context, Walk *walk);

static int refuse(const Walk *walk, const char *path, uint64_t line, const char *reason) {
        *walk->reasonp =
                mem_printf(walk->mem,
                           "%s:%llu: %s: what was stored there cannot be used, up to the next file; put back a "
                           "copy, or move it away",
                           path, (unsigned long long)line, reason);
        return -EBADMSG;
}

/* 0: to its end; 1: fn had enough. */
static int read_lines(Walk *walk, LineReader *lines, const char *path, RecordFn fn, void *context) {
        const char *reason = NULL;
        uint64_t number = 0;
        char *line = NULL;
        size_t n = 0;
        int r = 0;

        while ((r = line_reader_next(lines, &line, &n)) == 1) {
                number++;
                r = access_reader_take(walk->reader, line, n, &reason);
                if (r < 0)
                        return refuse(walk, path, number, reason);
                if (r == 1 && fn(context, walk))
                        return 1;
        }
        if (r == -EFBIG)
                return refuse(walk, path, number + 1, "a line is too long");
        if (r < 0)
                *walk->reasonp = mem_printf(walk->mem, "%s: %s", path, strerror(-r));
        return r;
}

static int walk_file(Walk *walk, size_t at, RecordFn fn, void *context) {
        const char *path = mem_printf(walk->mem, "%s/%s", walk->folder, walk->files[at].name);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        LineReader lines;
        int r = 0;

        if (file < 0) {
                r = -errno;
                *walk->reasonp = mem_printf(walk->mem, "%s: %s", path, strerror(-r));
                return r;
        }
        line_reader_init(&lines, file, ACCESS_RECORD_LINE_MAX);
        r = read_lines(walk, &lines, path, fn, context);
        walk->torn_file = NULL;
        if (r == 0 && (access_reader_is_open(walk->reader) || line_reader_rest(&lines) > 0)) {
                walk->torn_file = path;
                access_reader_abandon(walk->reader);
        }
        line_reader_deinit(&lines);
        close(file);
        return r;
}

/* --- one moment ------------------------------------------------------------------------------------------------------
 */

typedef struct Moment {
        int64_t wall;
        AccessFound *found;
} Moment;

static bool on_moment(void *context, Walk *walk) {
        Moment *moment = context;
        const AccessRecord *record = access_reader_record(walk->reader);

        if (record->head.wall > moment->wall) {
                moment->found->stored.until = record->head.wall;
                moment->found->stored.record = access_reader_before(walk->reader);
                return true;
        }
        moment->found->stored.record = record;
        return false;
}

static bool on_first(void *context, Walk *walk) {
        *(const AccessRecord **)context = access_reader_record(walk->reader);
        return true;
}

/* The first record of a file, whole; NULL: it has none. */
static int read_first(Walk *walk, size_t at, const AccessRecord **recordp) {
        int r = 0;

        *recordp = NULL;
        walk->reader = access_reader_new(walk->mem);
        r = walk_file(walk, at, on_first, recordp);
        return r < 0 ? r : 0;
}

/* When the files behind one begin. */
static int find_until(Walk *walk, size_t at, AccessFound *found) {
        for (size_t i = at + 1; i < walk->n_files && found->stored.until == 0; i++) {
                const AccessRecord *first = NULL;
                int r = read_first(walk, i, &first);

                if (r < 0 && r != -EBADMSG)
                        return r;
                /* It is behind the moment by its name, whatever stands in it. */
                found->stored.until = first ? first->head.wall : walk->files[i].began;
        }
        return 0;
}

/* From the file in which the moment is to be looked for back to the one that has a record of it. */
static int find_moment(Walk *walk, Moment *moment) {
        size_t at = walk->n_files;
        int r = 0;

        while (at > 0 && walk->files[at - 1].began > moment->wall)
                at--;
        while (at-- > 0) {
                moment->found->stored = (AccessStored){0};
                walk->reader = access_reader_new(walk->mem);
                r = walk_file(walk, at, on_moment, moment);
                if (r < 0)
                        return r;
                if (!moment->found->stored.record)
                        continue;
                if (r == 1)
                        return 0;
                moment->found->torn_file = walk->torn_file;
                return find_until(walk, at, moment->found);
        }
        return 0;
}

static int note_ends(Walk *walk, AccessFound *found) {
        const AccessRecord *first = NULL, *last = NULL;
        int r = read_first(walk, 0, &first);

        if (r == 0 || r == -EBADMSG)
                r = read_first(walk, walk->n_files - 1, &last);
        if (r < 0 && r != -EBADMSG)
                return r;
        *walk->reasonp = NULL; /* what is damaged there matters to whom it is needed by */
        found->first = first ? first->head.wall : walk->files[0].began;
        found->project = last ? last->head.project : NULL;
        return 0;
}

/* --- all projects ----------------------------------------------------------------------------------------------------
 */

typedef int (*FolderFn)(void *context, Walk *walk);

static int each_folder(Mem *parent, const AccessStoreQuery *query, FolderFn fn, void *context, const char **reasonp) {
        char *folder = access_folder_of(parent, query->state_directory, query->organization);
        char **names = NULL;
        size_t n = 0;
        int r = access_folders_list(parent, folder, &names, &n);

        for (size_t i = 0; i < n && r == 0; i++) {
                AccessFile *files = NULL;
                Walk walk = {
                        .mem = parent, .folder = mem_printf(parent, "%s/%s", folder, names[i]), .reasonp = reasonp};

                r = access_files_list(parent, walk.folder, &files, &walk.n_files);
                walk.files = files;
                if (r == 0 && walk.n_files > 0)
                        r = fn(context, &walk);
        }
        if (r < 0 && !*reasonp)
                *reasonp = mem_printf(parent, "%s: %s", folder, strerror(-r));
        return r;
}

typedef struct Finding {
        const AccessStoreQuery *query;
        int64_t wall;
        AccessFound *items;
        size_t n;
} Finding;

static bool is_asked(const AccessStoreQuery *query, const AccessFound *found) {
        const AccessRecord *record = found->stored.record;

        if (!query->project || (found->project && text_equal(query->project, found->project)))
                return true;
        return record && text_equal(query->project, record->head.project);
}

static int find_in_folder(void *context, Walk *walk) {
        Finding *finding = context;
        AccessFound found = {0};
        Moment moment = {finding->wall, &found};
        int r = note_ends(walk, &found);

        if (r == 0)
                r = find_moment(walk, &moment);
        if (r == 0 && is_asked(finding->query, &found))
                *mem_push(walk->mem, finding->items, finding->n) = found;
        return r;
}

int access_store_find(Mem *parent, const AccessStoreQuery *query, int64_t wall, AccessFound **foundp, size_t *np,
                      const char **reasonp) {
        Finding finding = {.query = query, .wall = wall};
        int r = 0;

        *reasonp = NULL;
        r = each_folder(parent, query, find_in_folder, &finding, reasonp);
        *foundp = finding.items;
        *np = finding.n;
        return r;
}

/* --- what changed ----------------------------------------------------------------------------------------------------
 */

typedef struct Span {
        const AccessStoreQuery *query;
        int64_t since, until;
        AccessStoreFn fn;
        void *context;
} Span;

static bool on_change(void *context, Walk *walk) {
        const Span *span = context;
        const AccessRecord *record = access_reader_record(walk->reader);
        const AccessRecord *before = access_reader_before(walk->reader);

        if (record->head.wall > span->until)
                return true;
        if (before && record->head.wall > span->since)
                span->fn(span->context, before, record);
        return false;
}

static int span_folder(void *context, Walk *walk) {
        const Span *span = context;
        AccessFound found = {0};
        size_t first = walk->n_files - 1;
        int r = note_ends(walk, &found);

        if (r < 0 || !is_asked(span->query, &found))
                return r;
        while (first > 0 && walk->files[first].began > span->since)
                first--;
        first -= first > 0; /* what the first one of that file is held against */
        walk->reader = access_reader_new(walk->mem);
        for (size_t i = first; i < walk->n_files && r == 0; i++)
                r = walk_file(walk, i, on_change, context);
        return r < 0 ? r : 0;
}

int access_store_each(Mem *parent, const AccessStoreQuery *query, int64_t since, int64_t until, AccessStoreFn fn,
                      void *context, const char **reasonp) {
        Span span = {query, since, until, fn, context};

        *reasonp = NULL;
        return each_folder(parent, query, span_folder, &span, reasonp);
}
