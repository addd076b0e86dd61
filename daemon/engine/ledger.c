/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: the append-only record of what charterd did, each line chained to the one before. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "daemon/engine/disk.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/ledger_event.h"
#include "daemon/engine/ledger_settled.h"
#include "daemon/engine/line_reader.h"

enum {
        TORN_FILES_MAX = 1000,
};

#define NEXT_FILE "ledger.next"
#define OUTCOME_START "{\"record\": \"outcome\"" /* as the writers of records write it */

/* Up to where it is written. */
typedef struct LedgerEnd {
        off_t size; /* of the current file */
        uint64_t first_seq; /* of its first line; 0: it has none */
        int64_t first_time; /* when that was written, wall ms; 0: unknown */
        ChainEnd chain;
} LedgerEnd;

/* The file before the current one, of which the first line of this one tells. */
typedef struct FileBefore {
        bool is_there;
        LedgerEventKind kind;
        char *name; /* or NULL */
} FileBefore;

/* The oldest file on its way out: looked into, then recorded, then unlinked. */
typedef struct Removal {
        char *name; /* NULL: none is */
        Text line;  /* that tells of it */
        bool is_settled;  /* every change that it began has ended */
        bool is_kept;     /* one has not, or that could not be told */
        bool is_recorded; /* the line is written */
        bool is_gone;     /* the file is unlinked */
} Removal;

typedef enum RoomUse {
        ROOM_LEFT_FOR_OUTCOMES,
        ROOM_MAY_BE_TAKEN,
} RoomUse;

struct Ledger {
        char *directory;
        int lock;
        int file;
        LedgerEnd end;     /* as written */
        LedgerEnd durable; /* as known to be on disk */
        LedgerLimits limits;
        off_t room;        /* the file system holds blocks ready up to here */
        bool needs_cut;    /* what lies behind `end` could not be taken back yet */
        bool wants_reopen;
        bool is_directory_new; /* a file's name is not known to be on disk */
        FileBefore before;
        Text owed;    /* outcomes that could not be written */
        Text written; /* outcomes since `durable` */
        Removal removal;
        int64_t checked_at; /* when old files were last looked at, wall ms */
        int64_t last_wall;  /* when the last line was written */
        char *torn_file;
        int error;
        int rotation_error;
};

static char *path_in(Mem *parent, const char *directory, const char *name) {
        return mem_printf(parent, "%s/%s", directory, name);
}

static int fail(Mem *parent, const char **reasonp, const char *path, int error) {
        *reasonp = mem_printf(parent, "%s: %s; `state_directory` of the settings says where charterd keeps what it writes", path,
                              strerror(error < 0 ? -error : error));
        return error < 0 ? error : -error;
}

/* --- opening --- */

static int take_lock(Mem *parent, Ledger *ledger, const char **reasonp) {
        char *path = path_in(ledger, ledger->directory, LEDGER_LOCK_FILE);
        char holder[32] = "";
        ssize_t n = 0;
        int r = 0;

        ledger->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LEDGER_FILE_MODE);
        if (ledger->lock < 0)
                return fail(parent, reasonp, path, errno);
        if (flock(ledger->lock, LOCK_EX | LOCK_NB) < 0) {
                r = -errno;
                if (r != -EWOULDBLOCK)
                        return fail(parent, reasonp, path, r);
                n = read(ledger->lock, holder, sizeof holder - 1);
                while (n > 0 && (holder[n - 1] < '0' || holder[n - 1] > '9'))
                        n--;
                holder[n > 0 ? n : 0] = '\0';
                *reasonp =
                        mem_printf(parent,
                                   "another charterd (process %s) works on %s: only one may at a "
                                   "time",
                                   n > 0 ? holder : "unknown", ledger->directory);
                return r;
        }
        /* Who holds it is for people alone: a full disk does not matter. */
        n = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
        if (ftruncate(ledger->lock, 0) < 0 || pwrite(ledger->lock, holder, (size_t)n, 0) < 0)
                return 0;
        return 0;
}

/* Makes it when there is none. */
static int open_named(const Ledger *ledger, const char *name, int extra_flags, int *filep) {
        char *path = path_in(NULL, ledger->directory, name);
        int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | extra_flags;
        int file = open(path, flags, LEDGER_FILE_MODE);
        int r = file < 0 ? -errno : 0;

        mem_free(path);
        *filep = file;
        return r;
}

/* The end from `offset` on goes into a file of its own. */
static int keep_torn(Ledger *ledger, off_t offset, size_t n) {
        char *bytes = mem_alloc_array(ledger, 1, n ? n : 1, "torn");
        ssize_t n_read = pread(ledger->file, bytes, n, offset);
        int file = -1;
        int r = n_read == (ssize_t)n ? 0 : n_read < 0 ? -errno : -EIO;

        for (int i = 1; r == 0 && file < 0 && i <= TORN_FILES_MAX; i++) {
                mem_free(ledger->torn_file);
                ledger->torn_file = mem_printf(ledger, "%s/ledger.torn-%d", ledger->directory, i);
                file = open(ledger->torn_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                            LEDGER_FILE_MODE);
                if (file < 0 && errno != EEXIST)
                        r = -errno;
        }
        if (r == 0 && file < 0)
                r = -EEXIST;
        if (r == 0)
                r = disk_write(file, bytes, n);
        if (r == 0 && fsync(file) < 0)
                r = -errno;
        if (file >= 0)
                close(file);
        mem_free(bytes);
        return r == 0 ? disk_sync_folder(ledger->directory) : r;
}

static int cut_torn(Ledger *ledger, off_t size_before) {
        off_t n = size_before - ledger->end.size;
        int r = 0;

        if (n == 0)
                return 0;
        if (n > LEDGER_TORN_SIZE_MAX)
                return -EBADMSG;
        r = keep_torn(ledger, ledger->end.size, (size_t)n);
        if (r < 0)
                return r;
        if (ftruncate(ledger->file, ledger->end.size) < 0 || fsync(ledger->file) < 0)
                return -errno;
        return 0;
}

/* Finds the end of the last line that is a record. */
static int read_whole(Ledger *ledger, int file, off_t *size_readp) {
        LineReader reader;
        char *line = NULL;
        size_t n_line = 0;
        int r = 0;

        line_reader_init(&reader, file, LEDGER_LINE_SIZE_MAX);
        while ((r = line_reader_next(&reader, &line, &n_line)) > 0) {
                uint64_t seq = chain_line_seq(line, n_line);

                if (seq == 0)
                        continue; /* counts as torn unless a record follows */
                ledger->last_wall = chain_line_time(line, n_line);
                if (ledger->end.first_seq == 0) {
                        ledger->end.first_seq = seq;
                        ledger->end.first_time = ledger->last_wall;
                }
                ledger->end.size = reader.offset;
                chain_end_at(&ledger->end.chain, seq, line, n_line);
        }
        *size_readp = reader.offset + (off_t)line_reader_rest(&reader);
        line_reader_deinit(&reader);
        return r;
}

/* The chain goes on from the file before: the process ended when that one had just been moved away. */
static int read_file_before(Mem *parent, Ledger *ledger, const char **reasonp) {
        LedgerFiles *files = NULL;
        const LedgerFile *last = NULL;
        off_t size = 0;
        int r = ledger_files_open(parent, ledger->directory, &files, reasonp);

        if (r < 0)
                return r;
        for (size_t i = 0; i < files->n; i++)
                if (files->items[i].origin != LEDGER_FILE_CURRENT && files->items[i].first_seq > 0)
                        last = &files->items[i];
        if (last) {
                r = read_whole(ledger, last->file, &size);
                ledger->before = (FileBefore){
                        .is_there = true,
                        .kind = last->origin == LEDGER_FILE_ROTATED ? LEDGER_EVENT_ROTATED
                                                                    : LEDGER_EVENT_REOPENED,
                        .name = mem_strdup(ledger, last->name)};
                ledger->end.size = 0;
                ledger->end.first_seq = 0;
        ledger->end.first_time = 0;
                if (r < 0)
                        *reasonp = mem_printf(parent, "%s/%s: %s", ledger->directory, last->name, strerror(-r));
        }
        mem_free(files);
        return r;
}

static int append_lines(Ledger *ledger, const char *lines, RoomUse use);

/* A crash in the middle of a write is told by a record. */
static int tell_torn(Ledger *ledger, off_t n) {
        const char *slash = ledger->torn_file ? strrchr(ledger->torn_file, '/') : NULL;
        Text text;
        int r = 0;

        if (!slash)
                return 0;
        text_init(&text, NULL);
        ledger_event_write(&(LedgerEvent){.kind = LEDGER_EVENT_TORN, .file = slash + 1, .bytes = n}, &text);
        r = append_lines(ledger, text.data, ROOM_MAY_BE_TAKEN);
        text_deinit(&text);
        if (r == 0) {
                r = ledger_sync(ledger);
                ledger_finish(ledger, r);
        }
        return r;
}

static int read_opened(Mem *parent, Ledger *ledger, const char **reasonp) {
        char *path = path_in(ledger, ledger->directory, LEDGER_FILE);
        off_t size = 0;
        int r = open_named(ledger, LEDGER_FILE, 0, &ledger->file);

        ledger->is_directory_new = true;
        if (r < 0)
                return fail(parent, reasonp, path, r);
        r = read_whole(ledger, ledger->file, &size);
        if (r == 0)
                r = cut_torn(ledger, size);
        if (r == -EFBIG || r == -EBADMSG) {
                *reasonp = mem_printf(parent,
                                      "%s is damaged: what follows record %" PRIu64 " is not a "
                                      "record; see `charterd history --verify`, then move it away",
                                      path, ledger->end.chain.seq);
                return r;
        }
        if (r < 0)
                return fail(parent, reasonp, path, r);
        size -= ledger->end.size;
        if (ledger->end.chain.seq == 0)
                r = read_file_before(parent, ledger, reasonp);
        if (r < 0)
                return r;
        ledger->durable = ledger->end;
        ledger->room = ledger->end.size;
        r = tell_torn(ledger, size);
        return r < 0 ? fail(parent, reasonp, path, r) : 0;
}

static int ledger_destroy(void *object) {
        Ledger *ledger = object;

        if (ledger->file >= 0)
                close(ledger->file);
        if (ledger->lock >= 0)
                close(ledger->lock);
        return 0;
}

static int make_directory(const Ledger *ledger) {
        char *above = NULL;
        int r = 0;

        if (mkdir(ledger->directory, LEDGER_DIRECTORY_MODE) < 0)
                return errno == EEXIST ? 0 : -errno;
        above = path_in(NULL, ledger->directory, "..");
        r = disk_sync_folder(above);
        mem_free(above);
        return r;
}

int ledger_open(Mem *parent, const char *directory, Ledger **ledgerp, const char **reasonp) {
        Ledger *ledger = mem_new(parent, Ledger);
        int r = 0;

        ledger->lock = ledger->file = -1;
        ledger->directory = mem_strdup(ledger, directory);
        text_init(&ledger->owed, ledger);
        text_init(&ledger->written, ledger);
        text_init(&ledger->removal.line, ledger);
        mem_on_free(ledger, ledger_destroy);
        r = make_directory(ledger);
        if (r < 0)
                fail(parent, reasonp, directory, r);
        if (r == 0)
                r = take_lock(parent, ledger, reasonp);
        if (r == 0)
                r = read_opened(parent, ledger, reasonp);
        if (r < 0) {
                mem_free(ledger);
                return r;
        }
        *ledgerp = ledger;
        return 0;
}

void ledger_set_limits(Ledger *ledger, const LedgerLimits *limits) {
        ledger->limits = *limits;
        ledger->checked_at = 0;
}

/* --- room --- */

static int hold_room(int file, off_t from, off_t to) {
        int r = 0;

        do {
                r = fallocate(file, FALLOC_FL_KEEP_SIZE, from, to - from) < 0 ? -errno : 0;
        } while (r == -EINTR);
        return r;
}

static bool cannot_be_held(int result) {
        return result == -EOPNOTSUPP || result == -ENOSYS;
}

/* Where the file system cannot hold blocks ready, it must do that they are free now. */
static int find_room(const Ledger *ledger, off_t n) {
        struct statvfs info;

        if (fstatvfs(ledger->file, &info) < 0)
                return -errno;
        return (uint64_t)info.f_bavail * info.f_frsize >= (uint64_t)n ? 0 : -ENOSPC;
}

/* Blocks for so many bytes behind the end, which nobody else can take. */
static int keep_room(Ledger *ledger, off_t n) {
        off_t from = ledger->end.size, to = from + n;
        int r = 0;

        if (to <= ledger->room)
                return 0;
        r = hold_room(ledger->file, from, to);
        if (r == 0)
                ledger->room = to;
        return cannot_be_held(r) ? find_room(ledger, n) : r;
}

/* --- one file after the other --- */

/* What was held ready behind the end of the old one is given back. */
static void begin_file(Ledger *ledger, int file, const FileBefore *before) {
        if (ftruncate(ledger->file, ledger->end.size) < 0)
                log_warning("the room behind the ledger's old file is not given back", LOG_TEXT("error", strerror(errno)));
        close(ledger->file);
        ledger->file = file;
        ledger->end.size = ledger->room = 0;
        ledger->end.first_seq = 0;
        ledger->end.first_time = 0;
        ledger->durable = ledger->end;
        ledger->is_directory_new = true;
        mem_free(ledger->before.name);
        ledger->before = *before;
}

/* What the file is called now, when it still lies in the folder; else NULL. */
static char *find_name(Ledger *ledger, int file) {
        LedgerFiles *files = NULL;
        const char *reason = NULL;
        struct stat wanted, info;
        char *name = NULL;

        if (fstat(file, &wanted) < 0 || ledger_files_open(ledger, ledger->directory, &files, &reason) < 0)
                return NULL;
        for (size_t i = 0; i < files->n && !name; i++)
                if (fstat(files->items[i].file, &info) == 0 && info.st_dev == wanted.st_dev &&
                    info.st_ino == wanted.st_ino)
                        name = mem_strdup(ledger, files->items[i].name);
        mem_free(files);
        return name;
}

static int reopen(Ledger *ledger) {
        struct stat before, after;
        int file = -1;
        int r = open_named(ledger, LEDGER_FILE, 0, &file);

        if (r < 0)
                return r;
        if (fstat(ledger->file, &before) < 0 || fstat(file, &after) < 0) {
                r = -errno;
        } else if (before.st_dev == after.st_dev && before.st_ino == after.st_ino) {
                close(file);
                ledger->wants_reopen = false;
                return 0;
        } else if (after.st_size > 0) {
                r = -EEXIST; /* whose it is cannot be told: nothing is added to it */
        }
        if (r < 0) {
                close(file);
                return r;
        }
        begin_file(ledger, file, &(FileBefore){true, LEDGER_EVENT_REOPENED, find_name(ledger, ledger->file)});
        ledger->wants_reopen = false;
        return 0;
}

/* The full file goes by a name of its own, and the new one, with its room, by the old name. */
static int rename_files(const Ledger *ledger, const char *name) {
        Mem *mem = mem_new(NULL, char);
        const char *current = path_in(mem, ledger->directory, LEDGER_FILE);
        const char *next = path_in(mem, ledger->directory, NEXT_FILE), *full = path_in(mem, ledger->directory, name);
        int r = access(full, F_OK) == 0 ? -EEXIST : 0;

        if (r == 0 && rename(current, full) < 0)
                r = -errno;
        if (r == 0 && rename(next, current) < 0) {
                r = -errno;
                if (rename(full, current) < 0)
                        r = -errno;
        }
        if (r < 0)
                unlink(next);
        mem_free(mem);
        return r;
}

static int rotate(Ledger *ledger) {
        char name[LEDGER_FILE_NAME_SIZE];
        off_t room = LEDGER_RESERVE_SIZE;
        int file = -1;
        int r = open_named(ledger, NEXT_FILE, O_TRUNC, &file);

        if (r < 0)
                return r;
        ledger_files_name(ledger->end.first_seq, name);
        r = hold_room(file, 0, room);
        if (cannot_be_held(r)) {
                r = 0;
                room = 0;
        }
        if (r == 0)
                r = rename_files(ledger, name);
        if (r < 0) {
                close(file);
                return r;
        }
        begin_file(ledger, file, &(FileBefore){true, LEDGER_EVENT_ROTATED, mem_strdup(ledger, name)});
        ledger->room = room;
        return 0;
}

/* Else what it holds of people would stay as long as the file has room. */
static bool is_old(const Ledger *ledger) {
        return ledger->limits.age_ms > 0 && ledger->end.first_time > 0 &&
               clock_wall_ms() - ledger->end.first_time > ledger->limits.age_ms;
}

/* The old file goes on to be written when there is no new one. */
static void rotate_when_full(Ledger *ledger, size_t n) {
        int64_t limit = ledger->limits.file_size > 0 ? ledger->limits.file_size : LEDGER_FILE_SIZE;
        int r = 0;

        if (ledger->end.size == 0 || (ledger->end.size + (int64_t)n <= limit && !is_old(ledger)))
                return;
        r = rotate(ledger);
        if (r < 0 && r != ledger->rotation_error)
                log_warning("the ledger's file is full or old, but a new one cannot be begun",
                            LOG_TEXT("directory", ledger->directory), LOG_TEXT("error", strerror(-r)));
        ledger->rotation_error = r;
}

/* --- old files --- */

static void plan_removal(Ledger *ledger, const LedgerFile *file, const LedgerFile *next) {
        Removal *removal = &ledger->removal;

        removal->name = mem_strdup(ledger, file->name);
        ledger_event_write(&(LedgerEvent){.kind = LEDGER_EVENT_REMOVED,
                                          .file = file->name,
                                          .first = file->first_seq,
                                          .last = next->first_seq - 1,
                                          .head = next->previous},
                           &removal->line);
}

/* The oldest goes first, when all its records are too old: so says the first record after them. A clock that is wrong
 * since the last record removes nothing. */
static void check_old_files(Ledger *ledger) {
        int64_t wall = clock_wall_ms();
        int64_t oldest = (wall < ledger->last_wall ? wall : ledger->last_wall) - ledger->limits.keep_ms;
        const LedgerFile *first, *next;
        LedgerFiles *files = NULL;
        const char *reason = NULL;

        if (ledger->limits.keep_ms <= 0 || ledger->removal.name ||
            (ledger->checked_at <= wall && wall - ledger->checked_at < LEDGER_KEEP_CHECK_MS))
                return;
        ledger->checked_at = wall;
        if (ledger_files_open(ledger, ledger->directory, &files, &reason) < 0)
                return;
        first = files->items;
        next = first + 1;
        if (files->n > 1 && first->origin == LEDGER_FILE_ROTATED && next->previous && next->first_time != 0 &&
            next->first_time < oldest)
                plan_removal(ledger, first, next);
        mem_free(files);
}

/* All of the file is read: not while the loop waits. */
static void look_into_old_file(Ledger *ledger) {
        Removal *removal = &ledger->removal;
        LedgerFiles *files = NULL;
        const char *reason = NULL;
        Mem *mem = mem_new(NULL, char);

        if (ledger_files_open(mem, ledger->directory, &files, &reason) == 0)
                for (size_t i = 0; i < files->n && !removal->is_settled; i++)
                        removal->is_settled = strcmp(files->items[i].name, removal->name) == 0 &&
                                              ledger_file_is_settled(files, i) > 0;
        removal->is_kept = !removal->is_settled;
        mem_free(mem);
}

static void remove_old_file(Ledger *ledger) {
        char *path = path_in(NULL, ledger->directory, ledger->removal.name);

        ledger->removal.is_gone = unlink(path) == 0 || errno == ENOENT;
        mem_free(path);
}

static void text_empty(Text *text) {
        Mem *parent = text->parent;

        text_deinit(text);
        text_init(text, parent);
}

/* With the next append it is looked for another one. When this one stays all after it stay too, for a while. */
static void end_removal(Ledger *ledger) {
        Removal *removal = &ledger->removal;

        if (removal->is_kept)
                log_warning("an old file of the ledger stays: a change in it has not ended",
                            LOG_TEXT("directory", ledger->directory), LOG_TEXT("file", removal->name));
        if (removal->is_gone)
                ledger->checked_at = 0;
        removal->name = mem_free(removal->name);
        removal->is_settled = removal->is_kept = removal->is_recorded = removal->is_gone = false;
        text_empty(&removal->line);
}

/* It may be recorded now. */
static bool is_removal_due(const Ledger *ledger, RoomUse use) {
        return use == ROOM_LEFT_FOR_OUTCOMES && ledger->removal.is_settled && !ledger->removal.is_recorded;
}

/* --- writing --- */

/* Takes back what lies behind the end, and with it the room held there. */
static int cut_back(Ledger *ledger) {
        ledger->room = ledger->end.size;
        if (ftruncate(ledger->file, ledger->end.size) < 0) {
                ledger->needs_cut = true;
                return -errno;
        }
        ledger->needs_cut = false;
        return 0;
}

/* The file must be as it was left: another program may have moved, removed, emptied or changed it. */
static int check_place(Ledger *ledger) {
        struct stat info;

        if (fstat(ledger->file, &info) < 0)
                return -errno;
        if (info.st_nlink == 0)
                ledger->wants_reopen = true;
        if (ledger->wants_reopen)
                return reopen(ledger);
        if (info.st_size == ledger->end.size)
                return 0;
        if (info.st_size > 0)
                return -ESTALE;
        ledger->end.size = ledger->room = 0; /* a copy may hold what it had */
        ledger->end.first_seq = 0;
        ledger->end.first_time = 0;
        ledger->durable = ledger->end;
        mem_free(ledger->before.name);
        ledger->before = (FileBefore){.is_there = true, .kind = LEDGER_EVENT_REOPENED};
        return 0;
}

static int prepare(Ledger *ledger, size_t n, RoomUse use) {
        int r = ledger->needs_cut ? cut_back(ledger) : 0;

        /* While some are on their way to the disk the file stays. */
        if (r < 0 || ledger->end.chain.seq != ledger->durable.chain.seq)
                return r;
        r = check_place(ledger);
        if (r == 0 && use == ROOM_LEFT_FOR_OUTCOMES) {
                rotate_when_full(ledger, n);
                check_old_files(ledger);
        }
        return r;
}

static int chain_lines(Text *text, LedgerEnd *end, const char *lines, const char *time) {
        int r = 0;

        while (r == 0 && *lines) {
                size_t n = strcspn(lines, "\n");

                if (n > 0)
                        r = chain_add(&end->chain, lines, n, time, text);
                if (r == 0 && n > 0 && end->first_seq == 0) {
                        end->first_seq = end->chain.seq;
                        (void)clock_parse(&end->first_time, time);
                }
                lines += n + (lines[n] == '\n');
        }
        return r;
}

/* The lines with what the ledger tells of itself in front. */
static int chain_all(const Ledger *ledger, const char *lines, RoomUse use, LedgerEnd *end, Text *text) {
        char time[CLOCK_TEXT_SIZE];
        Text own;
        int r = 0;

        clock_format(clock_wall_ms(), time);
        text_init(&own, NULL);
        if (end->first_seq == 0 && ledger->before.is_there)
                ledger_event_write(&(LedgerEvent){.kind = ledger->before.kind, .file = ledger->before.name}, &own);
        if (is_removal_due(ledger, use))
                text_append(&own, ledger->removal.line.data);
        r = chain_lines(text, end, own.data, time);
        text_deinit(&own);
        return r == 0 ? chain_lines(text, end, lines, time) : r;
}

static int append_lines(Ledger *ledger, const char *lines, RoomUse use) {
        LedgerEnd end = ledger->end;
        Text text;
        int r = 0;

        text_init(&text, NULL);
        r = chain_all(ledger, lines, use, &end, &text);
        /* The outcome of an intent is as long at most, but for what the service said. */
        if (r == 0 && use == ROOM_LEFT_FOR_OUTCOMES)
                r = keep_room(ledger, (off_t)(2 * text.n) + LEDGER_RESERVE_SIZE);
        if (r == 0) {
                r = disk_write(ledger->file, text.data, text.n);
                if (r < 0)
                        (void)cut_back(ledger); /* else before the next append */
        }
        if (r == 0) {
                end.size += (off_t)text.n;
                ledger->end = end;
                ledger->removal.is_recorded |= is_removal_due(ledger, use);
        }
        text_deinit(&text);
        return r;
}

static void add_lines(Text *text, const char *lines) {
        text_append(text, lines);
        if (text->n > 0 && text->data[text->n - 1] != '\n')
                text_append(text, "\n");
}

static int append_owed(Ledger *ledger) {
        int r = 0;

        if (ledger->owed.n == 0)
                return 0;
        r = append_lines(ledger, ledger->owed.data, ROOM_MAY_BE_TAKEN);
        if (r == 0) {
                add_lines(&ledger->written, ledger->owed.data);
                text_empty(&ledger->owed);
        }
        return r;
}

static bool are_outcomes(const char *lines) {
        bool any = false;

        for (; *lines; lines += *lines == '\n') {
                if (strncmp(lines, OUTCOME_START, sizeof OUTCOME_START - 1) != 0)
                        return false;
                any = true;
                lines += strcspn(lines, "\n");
        }
        return any;
}

int ledger_append(Ledger *ledger, const char *lines) {
        bool is_outcomes = are_outcomes(lines);
        RoomUse use = is_outcomes ? ROOM_MAY_BE_TAKEN : ROOM_LEFT_FOR_OUTCOMES;
        bool is_first = ledger->end.chain.seq == ledger->durable.chain.seq; /* since the last sync */
        int r = prepare(ledger, strlen(lines), use);

        if (r == 0)
                r = append_owed(ledger);
        if (r == 0)
                r = append_lines(ledger, lines, use);
        /* The caller of a refused append has nothing to sync: what was owed, and could be written, is made durable here. */
        if (r < 0 && is_first && ledger->end.chain.seq != ledger->durable.chain.seq)
                ledger_finish(ledger, ledger_sync(ledger));
        if (r == 0)
                ledger->last_wall = clock_wall_ms();
        if (is_outcomes && r != -EMSGSIZE) /* which it never would be */
                add_lines(r == 0 ? &ledger->written : &ledger->owed, lines);
        if (r < 0 || !is_outcomes)
                ledger->error = r;
        return r;
}

/* Outcomes that are owed are tried once more: who starts next would have to find them by reading. */
Ledger *ledger_close(Ledger *ledger) {
        if (ledger && ledger->owed.n > 0 && prepare(ledger, 0, ROOM_MAY_BE_TAKEN) == 0 && append_owed(ledger) == 0)
                ledger_finish(ledger, ledger_sync(ledger));
        return mem_free(ledger);
}

int ledger_sync(Ledger *ledger) {
        int r = fdatasync(ledger->file) < 0 ? -errno : 0;

        if (r == 0 && ledger->is_directory_new)
                r = disk_sync_folder(ledger->directory);
        if (r == 0 && ledger->removal.is_recorded)
                remove_old_file(ledger);
        else if (r == 0 && ledger->removal.name && !ledger->removal.is_settled && !ledger->removal.is_kept)
                look_into_old_file(ledger);
        return r;
}

void ledger_finish(Ledger *ledger, int result) {
        if (result == 0) {
                ledger->durable = ledger->end;
                ledger->is_directory_new = false;
                text_empty(&ledger->written);
                if (ledger->removal.is_recorded || ledger->removal.is_kept)
                        end_removal(ledger);
                return;
        }
        ledger->error = result;
        add_lines(&ledger->written, ledger->owed.data);
        text_empty(&ledger->owed);
        add_lines(&ledger->owed, ledger->written.data);
        text_empty(&ledger->written);
        ledger->removal.is_recorded = false;
        ledger->end = ledger->durable;
        (void)cut_back(ledger);
}

void ledger_reopen(Ledger *ledger) {
        ledger->wants_reopen = true;
}

const char *ledger_head(const Ledger *ledger) {
        return ledger->durable.chain.head;
}

uint64_t ledger_last_seq(const Ledger *ledger) {
        return ledger->durable.chain.seq;
}

const char *ledger_torn_file(const Ledger *ledger) {
        return ledger->torn_file;
}

int ledger_error(const Ledger *ledger) {
        return ledger->error;
}
