/* SPDX-License-Identifier: Apache-2.0 */
/* AccessShelf: the records of one project, to which a pass adds what changed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/engine/access_files.h"
#include "daemon/engine/access_shelf.h"
#include "daemon/engine/disk.h"
#include "daemon/engine/line_reader.h"

/* What is on the disk. */
typedef struct Standing {
        AccessLineMark *lines; /* by `about` */
        size_t n;
        char *file; /* the newest; NULL: there is none */
        int64_t began;
        off_t whole_size; /* of its whole record */
        off_t size;
        char digest[DIGEST_TEXT_SIZE]; /* of its last record */
        bool is_full;                  /* it takes no more records: it ends in the middle of one, or is damaged */
} Standing;

/* The newest file as it is read, and the record in it whose lines come. */
typedef struct Coming {
        int file;
        LineReader reader;
        bool is_open; /* a record is */
        bool is_whole;
        AccessLineMark *lines;
        size_t n;
        char digest[DIGEST_TEXT_SIZE];
} Coming;

struct AccessShelf {
        char *folder;
        Coming *coming; /* NULL: nothing is being read */
        Standing standing;
        /* the record that is being taken */
        AccessRecordHead head;
        AccessRecordWriter writer;
        Text text;       /* of it, not written yet */
        bool is_again;   /* all of it is to be written */
        bool is_large;   /* there are too many changes */
        uint8_t *is_met; /* of each line of the standing */
        int file;        /* of a whole one, -1: none */
        char *new_name, *new_path;
};

static void end_reading(AccessShelf *shelf);

static int close_shelf(void *object) {
        AccessShelf *shelf = object;

        end_reading(shelf);
        if (shelf->file >= 0) {
                close(shelf->file);
                (void)unlink(shelf->new_path);
        }
        return 0;
}

AccessShelf *access_shelf_new(Mem *parent, const char *organization_folder, const char *project_id) {
        AccessShelf *shelf = mem_new(parent, AccessShelf);

        shelf->folder = mem_printf(shelf, "%s/%s", organization_folder, project_id);
        shelf->file = -1;
        mem_on_free(shelf, close_shelf);
        return shelf;
}

/* --- what is on the disk --------------------------------------------------------------------------------------------
 */

static int compare_lines(const void *a, const void *b) {
        const AccessLineMark *x = a;
        const AccessLineMark *y = b;

        return x->about == y->about ? 0 : x->about < y->about ? -1 : 1;
}

static AccessLineMark *find_line(AccessLineMark *lines, size_t n, uint64_t about) {
        const AccessLineMark wanted = {.about = about};

        return n > 0 ? bsearch(&wanted, lines, n, sizeof *lines, compare_lines) : NULL;
}

static void sort_lines(Standing *standing) {
        if (standing->n > 1)
                qsort(standing->lines, standing->n, sizeof *standing->lines, compare_lines);
}

/* The lines of a whole record, with no room for more. */
static void set_lines(AccessShelf *shelf, AccessLineMark *lines, size_t n) {
        Standing *standing = &shelf->standing;

        mem_free(standing->lines);
        standing->lines = n > 0 ? mem_resize_array(shelf, lines, sizeof *lines, n) : NULL;
        standing->n = n;
        sort_lines(standing);
}

static void take_record(AccessShelf *shelf, Coming *coming) {
        Standing *standing = &shelf->standing;
        size_t n_known = standing->n;

        for (size_t i = 0; i < coming->n && !coming->is_whole; i++) {
                AccessLineMark *known = find_line(standing->lines, n_known, coming->lines[i].about);

                if (known)
                        known->says = coming->lines[i].says;
                else
                        *mem_push(shelf, standing->lines, standing->n) = coming->lines[i];
        }
        standing->size = coming->reader.offset;
        if (coming->is_whole) {
                standing->whole_size = standing->size;
                set_lines(shelf, coming->lines, coming->n);
                coming->lines = NULL;
        } else {
                sort_lines(standing);
        }
        memcpy(standing->digest, coming->digest, sizeof standing->digest);
        coming->is_open = false;
}

static bool take_head(const AccessShelf *shelf, Coming *coming, AccessLineSort sort) {
        coming->is_whole = sort == ACCESS_LINE_HEAD_WHOLE;
        coming->is_open = true;
        coming->n = 0;
        coming->digest[0] = '\0';
        return coming->is_whole || shelf->standing.size > 0;
}

/* False: it cannot follow what came before it. */
static bool take_line(AccessShelf *shelf, Coming *coming, const char *line, size_t n) {
        AccessLineSort sort = access_line_sort(line);

        if (sort == ACCESS_LINE_END) {
                if (!coming->is_open || !access_line_ends(line, coming->n, coming->digest))
                        return false;
                take_record(shelf, coming);
                return true;
        }
        if (coming->is_open != (sort == ACCESS_LINE_ITEM) || coming->n == ACCESS_RECORD_LINES_MAX)
                return false;
        if (sort == ACCESS_LINE_ITEM)
                *mem_push(shelf, coming->lines, coming->n) = access_line_mark(line, n);
        else if (!take_head(shelf, coming, sort))
                return false;
        access_line_fold(coming->digest, line, n);
        return true;
}

/* What a crash left half made. */
static void remove_unfinished(const char *folder) {
        char **names = NULL;
        size_t n = 0;
        Mem *mem = mem_new(NULL, char);

        (void)access_folders_list(mem, folder, &names, &n);
        for (size_t i = 0; i < n; i++) {
                size_t length = strlen(names[i]), end = strlen(ACCESS_FILE_NEW);

                if (length > end && strcmp(names[i] + length - end, ACCESS_FILE_NEW) == 0)
                        (void)unlink(mem_printf(mem, "%s/%s", folder, names[i]));
        }
        mem_free(mem);
}

static void end_reading(AccessShelf *shelf) {
        Coming *coming = shelf->coming;

        if (!coming)
                return;
        if (coming->file >= 0) {
                line_reader_deinit(&coming->reader);
                close(coming->file);
        }
        mem_free(coming->lines);
        shelf->coming = mem_free(coming);
}

static void set_standing(AccessShelf *shelf, const Standing *standing) {
        mem_free(shelf->standing.lines);
        mem_free(shelf->standing.file);
        shelf->standing = *standing;
}

/* 1: the newest file is open; 0: there is none. */
static int begin_reading(AccessShelf *shelf) {
        Mem *mem = mem_new(NULL, char);
        Standing standing = {0};
        AccessFile *files = NULL;
        size_t n = 0;
        int r = access_files_list(mem, shelf->folder, &files, &n);

        set_standing(shelf, &standing);
        if (r == 0 && n > 0) {
                remove_unfinished(shelf->folder);
                shelf->standing.file = mem_strdup(shelf, files[n - 1].name);
                shelf->standing.began = files[n - 1].began;
                shelf->coming = mem_new(shelf, Coming);
                shelf->coming->file = open(mem_printf(mem, "%s/%s", shelf->folder, files[n - 1].name),
                                           O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
                r = shelf->coming->file < 0 ? -errno : 1;
        }
        if (r == 1)
                line_reader_init(&shelf->coming->reader, shelf->coming->file, ACCESS_RECORD_LINE_MAX);
        mem_free(mem);
        return r;
}

/* 1: there is more. */
static int read_lines(AccessShelf *shelf) {
        Coming *coming = shelf->coming;
        Standing *standing = &shelf->standing;
        char *line = NULL;
        size_t n = 0;
        int r = 1;

        for (int i = 0; i < ACCESS_SHELF_LINES && r == 1 && !standing->is_full; i++) {
                r = line_reader_next(&coming->reader, &line, &n);
                if (r == 1)
                        standing->is_full = !take_line(shelf, coming, line, n);
        }
        if (r == -EFBIG || (r == 0 && (coming->is_open || line_reader_rest(&coming->reader) > 0)))
                standing->is_full = true;
        return standing->is_full ? 0 : r;
}

int access_shelf_read(AccessShelf *shelf) {
        int r = shelf->coming ? 1 : begin_reading(shelf);

        if (r == 1)
                r = read_lines(shelf);
        if (r == 1)
                return 1;
        end_reading(shelf);
        return r;
}

/* --- a record ------------------------------------------------------------------------------------------------------
 */

/* All of it: what stands there is of no use any more. */
static void begin_again(AccessShelf *shelf) {
        shelf->standing.lines = mem_free(shelf->standing.lines);
        shelf->standing.n = 0;
        shelf->head.is_whole = true;
        access_record_begin(&shelf->writer, &shelf->head, &shelf->text);
}

void access_shelf_begin(AccessShelf *shelf, const AccessRecordHead *head) {
        shelf->head = *head;
        text_init(&shelf->text, shelf);
        if (shelf->is_again || !shelf->standing.file) {
                shelf->is_again = true;
                begin_again(shelf);
                return;
        }
        shelf->head.previous = shelf->standing.digest;
        shelf->is_met = mem_new_array(shelf, uint8_t, shelf->standing.n);
}

static int make_folders(const char *folder) {
        char *path = mem_strdup(NULL, folder);
        size_t n = strlen(path);
        int r = 0;

        /* The state directory is there: the last three are not. */
        for (int i = 0; i < 2; i++) {
                while (n > 0 && path[n] != '/')
                        n--;
                path[n] = '\0';
        }
        for (int i = 0; i < 3 && r == 0; i++) {
                if (mkdir(path, ACCESS_DIRECTORY_MODE) < 0 && errno != EEXIST)
                        r = -errno;
                path[strlen(path)] = folder[strlen(path)];
        }
        mem_free(path);
        return r;
}

static int open_new(AccessShelf *shelf) {
        int r = make_folders(shelf->folder);

        shelf->new_name = access_file_name(shelf, shelf->head.pass, shelf->standing.file);
        shelf->new_path = mem_printf(shelf, "%s/%s" ACCESS_FILE_NEW, shelf->folder, shelf->new_name);
        if (r < 0)
                return r;
        shelf->file = open(shelf->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, ACCESS_FILE_MODE);
        return shelf->file < 0 ? -errno : 0;
}

static int flush(AccessShelf *shelf) {
        int r = shelf->file < 0 ? open_new(shelf) : 0;

        if (r == 0)
                r = disk_write(shelf->file, shelf->text.data, shelf->text.n);
        text_deinit(&shelf->text);
        text_init(&shelf->text, shelf);
        return r;
}

static void offer_change(AccessShelf *shelf, const char *line) {
        if (shelf->is_large)
                return;
        if (shelf->text.n == 0)
                access_record_begin(&shelf->writer, &shelf->head, &shelf->text);
        access_record_add(&shelf->writer, line, &shelf->text);
        shelf->is_large = shelf->text.n > ACCESS_SHELF_CHANGES_SIZE;
}

/* True: it says something else than what stands there. */
static bool is_changed(AccessShelf *shelf, const AccessLineMark *mark) {
        const AccessLineMark *line = find_line(shelf->standing.lines, shelf->standing.n, mark->about);

        if (!line)
                return true;
        shelf->is_met[line - shelf->standing.lines] = true;
        return line->says != mark->says;
}

int access_shelf_offer(AccessShelf *shelf, const char *line, size_t n) {
        AccessLineMark mark;

        if (n > ACCESS_RECORD_LINE_MAX)
                return -EMSGSIZE;
        if (!shelf->is_again) {
                mark = access_line_mark(line, n);
                if (is_changed(shelf, &mark))
                        offer_change(shelf, line);
                return 0;
        }
        access_record_add(&shelf->writer, line, &shelf->text);
        return shelf->text.n > ACCESS_SHELF_CHUNK_SIZE ? flush(shelf) : 0;
}

/* --- its end -------------------------------------------------------------------------------------------------------
 */

typedef struct WriteJob {
        char *folder;
        char *name;     /* of the file */
        char *new_path; /* of a whole one, which is renamed to that */
        int file;       /* of it */
        int error;      /* why there is none */
        off_t size;     /* of the file before */
        char *bytes;
        size_t n;
        AccessShelfKeep keep;
} WriteJob;

static int close_job(void *object) {
        const WriteJob *job = object;

        if (job->file >= 0)
                close(job->file);
        return 0;
}

/* The project's, and those it may be the first in. */
static int sync_folders(const char *folder) {
        char *path = mem_strdup(NULL, folder);
        int r = disk_sync_folder(path);

        for (int i = 0; i < 3 && r == 0; i++) {
                char *slash = strrchr(path, '/');

                if (!slash || slash == path)
                        break;
                *slash = '\0';
                r = disk_sync_folder(path);
        }
        mem_free(path);
        return r;
}

/* The last record before a time says what was so until the next one: a file goes when the next one is that old. A clock
 * that is wrong since the file before the new one removes nothing. */
static void remove_old(const WriteJob *job) {
        Mem *mem = mem_new(NULL, char);
        AccessFile *files = NULL;
        int64_t wall = job->keep.wall;
        size_t n = 0;

        if (job->keep.keep_ms > 0)
                (void)access_files_list(mem, job->folder, &files, &n);
        if (n > 1 && files[n - 2].began < wall)
                wall = files[n - 2].began;
        for (size_t i = 0; i + 1 < n && files[i + 1].began < wall - job->keep.keep_ms; i++)
                (void)unlink(mem_printf(mem, "%s/%s", job->folder, files[i].name)); /* else with the next file */
        mem_free(mem);
}

static int write_whole(void *context) {
        WriteJob *job = context;
        char *path = mem_printf(job, "%s/%s", job->folder, job->name);
        int r = job->error;

        if (r == 0)
                r = disk_write(job->file, job->bytes, job->n);
        if (r == 0 && fsync(job->file) < 0)
                r = -errno;
        if (r == 0 && rename(job->new_path, path) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlink(job->new_path);
                return r;
        }
        r = sync_folders(job->folder);
        remove_old(job);
        return r;
}

/* At the place where the file ended when it was read: another end is not what the changes are to. */
static int write_changes(void *context) {
        WriteJob *job = context;
        struct stat info;
        int r = 0;

        job->file =
                open(mem_printf(job, "%s/%s", job->folder, job->name), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
        if (job->file < 0 || fstat(job->file, &info) < 0)
                return -errno;
        if (info.st_size != job->size)
                return -ESTALE;
        r = disk_write(job->file, job->bytes, job->n);
        if (r == 0 && fsync(job->file) < 0)
                r = -errno;
        if (r < 0 && ftruncate(job->file, job->size) < 0)
                return r; /* it is read again, and its end found torn */
        return r;
}

/* What was made of the record is the job's from now on. */
static AccessShelfWork work_of(AccessShelf *shelf, const AccessShelfKeep *keep) {
        WriteJob *job = mem_new(NULL, WriteJob);

        if (shelf->is_again && shelf->file < 0)
                job->error = open_new(shelf);
        job->folder = mem_strdup(job, shelf->folder);
        job->keep = *keep;
        job->n = shelf->text.n;
        job->bytes = text_end(&shelf->text);
        mem_move(job, job->bytes);
        text_init(&shelf->text, shelf);
        job->file = shelf->file;
        shelf->file = -1;
        mem_on_free(job, close_job);
        if (shelf->is_again) {
                job->name = mem_strdup(job, shelf->new_name);
                job->new_path = mem_strdup(job, shelf->new_path);
                return (AccessShelfWork){job, write_whole};
        }
        job->name = mem_strdup(job, shelf->standing.file);
        job->size = shelf->standing.size;
        return (AccessShelfWork){job, write_changes};
}

static bool lacks_lines(const AccessShelf *shelf) {
        for (size_t i = 0; i < shelf->standing.n; i++)
                if (!shelf->is_met[i])
                        return true;
        return false;
}

/* Changes have no words for what is gone; and a file is not to become longer than what it begins with several times. */
static bool has_to_be_whole(const AccessShelf *shelf, int64_t file_ms) {
        const Standing *standing = &shelf->standing;
        off_t changes = standing->size - standing->whole_size + (off_t)shelf->text.n;
        off_t room =
                standing->whole_size > ACCESS_SHELF_CHANGES_SIZE ? standing->whole_size : ACCESS_SHELF_CHANGES_SIZE;

        return standing->is_full || shelf->is_large || changes > room || shelf->head.wall - standing->began > file_ms ||
               lacks_lines(shelf);
}

AccessShelfEnd access_shelf_end(AccessShelf *shelf, const AccessShelfKeep *keep, AccessShelfWork *workp) {
        int64_t file_ms = keep->keep_ms > 0 && keep->keep_ms / 4 < ACCESS_SHELF_FILE_MS ? keep->keep_ms / 4
                                                                                        : ACCESS_SHELF_FILE_MS;

        if (!shelf->is_again) {
                if (shelf->text.n == 0 && !lacks_lines(shelf) && !shelf->standing.is_full)
                        return ACCESS_SHELF_SAME;
                if (has_to_be_whole(shelf, file_ms)) {
                        text_deinit(&shelf->text);
                        shelf->is_again = true;
                        return ACCESS_SHELF_AGAIN;
                }
        }
        access_record_end(&shelf->writer, &shelf->text);
        *workp = work_of(shelf, keep);
        return ACCESS_SHELF_CHANGED;
}

const char *access_shelf_digest(const AccessShelf *shelf) {
        return shelf->writer.digest;
}
