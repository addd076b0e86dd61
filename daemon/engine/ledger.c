/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger: the append-only record of what charterd did, each line chained to the one before. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/text.h"
#include "daemon/engine/ledger.h"

enum {
        CHUNK_SIZE = 64 * 1024,
        TORN_FILES_MAX = 1000,
        PATH_SIZE = 4096,
};

/* Up to where it is written. */
typedef struct LedgerEnd {
        off_t size;
        uint64_t seq;
        char head[DIGEST_TEXT_SIZE];
} LedgerEnd;

typedef struct OpenIntentLine {
        char *change_id;
        char *line;
} OpenIntentLine;

struct Ledger {
        char *directory;
        int lock;
        int file;
        LedgerEnd end;     /* as written */
        LedgerEnd durable; /* as known to be on disk */
        bool needs_cut;    /* what lies behind `end` could not be taken back yet */
        bool wants_reopen;
        char *torn_file;
        const char **intents;
        size_t n_intents;
};

/* Reads whole lines, of bounded length, from the beginning of a file. */
typedef struct LineReader {
        int file;
        char *bytes;
        size_t start, n; /* of what is not yet given out */
        size_t capacity;
        off_t offset; /* in the file, of `start` */
} LineReader;

static char *path_in(Mem *parent, const char *directory, const char *name) {
        return mem_printf(parent, "%s/%s", directory, name);
}

static int fail(Mem *parent, const char **reasonp, const char *path, int error) {
        *reasonp = mem_printf(parent, "%s: %s", path, strerror(error < 0 ? -error : error));
        return error < 0 ? error : -error;
}

/* --- lines of a file --- */

static void reader_init(LineReader *reader, Mem *parent, int file) {
        *reader = (LineReader){.file = file, .capacity = CHUNK_SIZE};
        reader->bytes = mem_alloc_array(parent, 1, reader->capacity, "LineReader");
}

static void reader_deinit(LineReader *reader) {
        reader->bytes = mem_free(reader->bytes);
}

/* More bytes behind those that are there: the number, 0 at the end, -EFBIG when a line is too long.
 */
static ssize_t reader_fill(LineReader *reader) {
        ssize_t n = 0;

        if (reader->start > 0)
                memmove(reader->bytes, reader->bytes + reader->start, reader->n);
        reader->start = 0;
        if (reader->n > LEDGER_LINE_SIZE_MAX)
                return -EFBIG;
        if (reader->n == reader->capacity) {
                reader->capacity *= 2;
                reader->bytes = mem_resize_array(NULL, reader->bytes, 1, reader->capacity);
        }
        do {
                n = read(reader->file, reader->bytes + reader->n, reader->capacity - reader->n);
        } while (n < 0 && errno == EINTR);
        if (n < 0)
                return -errno;
        reader->n += (size_t)n;
        return n;
}

/* 1 with a line, its end cut and terminated; 0 at the end (a torn one is not given out, it lies at
 * reader->offset); negative errno. */
static int reader_next(LineReader *reader, char **linep, size_t *n_linep) {
        size_t searched = 0;

        for (;;) {
                char *line = reader->bytes + reader->start;
                char *end = memchr(line + searched, '\n', reader->n - searched);
                ssize_t n = 0;

                if (end) {
                        *end = '\0';
                        *linep = line;
                        *n_linep = (size_t)(end - line);
                        reader->start += *n_linep + 1;
                        reader->n -= *n_linep + 1;
                        reader->offset += (off_t)*n_linep + 1;
                        return 1;
                }
                searched = reader->n;
                n = reader_fill(reader);
                if (n <= 0)
                        return (int)n;
        }
}

/* --- what a line says --- */

/* The number of a line that is a record; 0: it is none. */
static uint64_t record_seq(const JsonNode *record) {
        int64_t seq = 0;

        if (!json_is_object(record) || json_get_int(record, "seq", 1, INT64_MAX, &seq) < 0)
                return 0;
        return (uint64_t)seq;
}

#define RECORD_START "{\"seq\":"

/* The same by the form alone, which is enough to find the end of a ledger: no line of ours looks so
 * that is not whole. */
static uint64_t line_seq(const char *line, size_t n) {
        size_t n_start = sizeof RECORD_START - 1;
        char *end = NULL;
        uint64_t seq = 0;

        if (n <= n_start || memcmp(line, RECORD_START, n_start) != 0 || line[n - 1] != '}')
                return 0;
        errno = 0;
        seq = strtoull(line + n_start, &end, 10);
        return errno == 0 && *end == ',' ? seq : 0;
}

static void intent_opened(Mem *parent, OpenIntentLine **intentsp, size_t *np, const char *change_id,
                          const char *line) {
        OpenIntentLine *intent = mem_push(parent, *intentsp, *np);

        intent->change_id = mem_strdup(parent, change_id);
        intent->line = mem_strdup(parent, line);
}

/* Outcomes come in the order of their intents, so the search is short. */
static void intent_closed(OpenIntentLine *intents, size_t *np, const char *change_id) {
        for (size_t i = 0; i < *np; i++) {
                if (strcmp(intents[i].change_id, change_id) != 0)
                        continue;
                mem_free(intents[i].change_id);
                mem_free(intents[i].line);
                memmove(&intents[i], &intents[i + 1], (--*np - i) * sizeof *intents);
                return;
        }
}

static void note_intent(Mem *parent, OpenIntentLine **intentsp, size_t *np, const char *line,
                        size_t n_line) {
        JsonNode *record = NULL;
        const char *reason = NULL, *type = NULL, *change_id = NULL;
        Mem *mem = NULL;

        /* Most lines are neither: they are not worth being parsed. */
        if (!memmem(line, n_line, "\"intent\"", 8) && !memmem(line, n_line, "\"outcome\"", 9))
                return;
        mem = mem_alloc_zero(NULL, 1, "line");
        if (json_parse(mem, line, n_line, &record, &reason) == 0) {
                type = json_get_text(record, "record");
                change_id = json_get_text(record, "change_id");
        }
        if (type && change_id && strcmp(type, "intent") == 0)
                intent_opened(parent, intentsp, np, change_id, line);
        else if (type && change_id && strcmp(type, "outcome") == 0)
                intent_closed(*intentsp, np, change_id);
        mem_free(mem);
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

static int sync_directory(const char *directory) {
        int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = 0;

        if (file < 0)
                return -errno;
        if (fsync(file) < 0)
                r = -errno;
        close(file);
        return r;
}

static int open_file(Ledger *ledger, int *filep) {
        char *path = path_in(ledger, ledger->directory, LEDGER_FILE);
        int file =
                open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, LEDGER_FILE_MODE);
        int r = file < 0 ? -errno : sync_directory(ledger->directory);

        mem_free(path);
        if (r < 0 && file >= 0)
                close(file);
        if (r == 0)
                *filep = file;
        return r;
}

static int write_all(int file, const char *bytes, size_t n) {
        while (n > 0) {
                ssize_t written = write(file, bytes, n);

                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return -errno;
                if (written == 0)
                        return -ENOSPC;
                bytes += written;
                n -= (size_t)written;
        }
        return 0;
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
                r = write_all(file, bytes, n);
        if (r == 0 && fsync(file) < 0)
                r = -errno;
        if (file >= 0)
                close(file);
        mem_free(bytes);
        return r == 0 ? sync_directory(ledger->directory) : r;
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

/* Finds the end of the last line that is a record, and the intents that are open. */
static int read_whole(Ledger *ledger, OpenIntentLine **intentsp, size_t *n_intentsp,
                      off_t *size_readp) {
        LineReader reader;
        char *line = NULL;
        size_t n_line = 0;
        int r = 0;

        reader_init(&reader, NULL, ledger->file);
        while ((r = reader_next(&reader, &line, &n_line)) > 0) {
                uint64_t seq = line_seq(line, n_line);

                if (seq == 0)
                        continue; /* counts as torn unless a record follows */
                ledger->end.seq = seq;
                ledger->end.size = reader.offset;
                digest_sha256(line, n_line, ledger->end.head);
                note_intent(ledger, intentsp, n_intentsp, line, n_line);
        }
        *size_readp = reader.offset + (off_t)reader.n;
        reader_deinit(&reader);
        return r;
}

static int read_opened(Mem *parent, Ledger *ledger, const char **reasonp) {
        char *path = path_in(ledger, ledger->directory, LEDGER_FILE);
        OpenIntentLine *intents = NULL;
        size_t n_intents = 0;
        off_t size = 0;
        int r = open_file(ledger, &ledger->file);

        if (r < 0)
                return fail(parent, reasonp, path, r);
        r = read_whole(ledger, &intents, &n_intents, &size);
        if (r == 0)
                r = cut_torn(ledger, size);
        if (r == -EFBIG || r == -EBADMSG) {
                *reasonp = mem_printf(parent,
                                      "%s is damaged: what follows line %" PRIu64 " is not a "
                                      "record; see `charterd history --verify`, then move it away",
                                      path, ledger->end.seq);
                return r;
        }
        if (r < 0)
                return fail(parent, reasonp, path, r);
        for (size_t i = 0; i < n_intents; i++)
                *mem_push(ledger, ledger->intents, ledger->n_intents) = intents[i].line;
        mem_free(intents);
        ledger->durable = ledger->end;
        return 0;
}

static int ledger_destroy(void *object) {
        Ledger *ledger = object;

        if (ledger->file >= 0)
                close(ledger->file);
        if (ledger->lock >= 0)
                close(ledger->lock);
        return 0;
}

int ledger_open(Mem *parent, const char *directory, Ledger **ledgerp, const char **reasonp) {
        Ledger *ledger = mem_new(parent, Ledger);
        int r = 0;

        ledger->lock = ledger->file = -1;
        ledger->directory = mem_strdup(ledger, directory);
        mem_on_free(ledger, ledger_destroy);
        if (mkdir(directory, LEDGER_DIRECTORY_MODE) < 0 && errno != EEXIST)
                r = fail(parent, reasonp, directory, errno);
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

Ledger *ledger_close(Ledger *ledger) {
        return mem_free(ledger);
}

/* --- writing --- */

/* Takes back what lies behind the end. */
static int cut_back(Ledger *ledger) {
        if (ftruncate(ledger->file, ledger->end.size) < 0) {
                ledger->needs_cut = true;
                return -errno;
        }
        ledger->needs_cut = false;
        return 0;
}

static int reopen(Ledger *ledger) {
        struct stat info;
        int file = -1;
        int r = open_file(ledger, &file);

        if (r < 0)
                return r;
        if (fstat(file, &info) < 0) {
                r = -errno;
                close(file);
                return r;
        }
        close(ledger->file);
        ledger->file = file;
        ledger->end.size = ledger->durable.size = info.st_size;
        ledger->wants_reopen = false;
        return 0;
}

static void chain_line(Text *text, LedgerEnd *end, const char *line, size_t n, const char *time) {
        size_t start = text->n;

        assert(n >= 2 && line[0] == '{' && line[n - 1] == '}');
        end->seq++;
        text_appendf(text, "{\"seq\":%" PRIu64 ",\"time\":\"%s\",\"previous\":", end->seq, time);
        if (end->head[0])
                text_appendf(text, "\"%s\"", end->head);
        else
                text_append(text, "null");
        text_append(text, n > 2 ? "," : "");
        text_append_bytes(text, line + 1, n - 1);
        digest_sha256(text->data + start, text->n - start, end->head);
        text_append(text, "\n");
        end->size += (off_t)(text->n - start);
}

/* Negative when a line is longer than a reader would take. */
static int chain_lines(Text *text, LedgerEnd *end, const char *lines) {
        char time[CLOCK_TEXT_SIZE];

        clock_format(clock_wall_ms(), time);
        while (*lines) {
                size_t n = strcspn(lines, "\n");

                if (n > LEDGER_LINE_SIZE_MAX - CHUNK_SIZE)
                        return -EFBIG;
                if (n > 0)
                        chain_line(text, end, lines, n, time);
                lines += n + (lines[n] == '\n');
        }
        return 0;
}

int ledger_append(Ledger *ledger, const char *lines) {
        LedgerEnd end;
        Text text;
        int r = 0;

        if (ledger->needs_cut)
                r = cut_back(ledger);
        if (r == 0 && ledger->wants_reopen && ledger->end.seq == ledger->durable.seq)
                r = reopen(ledger);
        if (r < 0)
                return r;
        end = ledger->end;
        text_init(&text, NULL);
        r = chain_lines(&text, &end, lines);
        if (r == 0) {
                r = write_all(ledger->file, text.data, text.n);
                if (r < 0)
                        (void)cut_back(ledger); /* else before the next append */
        }
        text_deinit(&text);
        if (r == 0)
                ledger->end = end;
        return r;
}

int ledger_sync(Ledger *ledger) {
        return fdatasync(ledger->file) < 0 ? -errno : 0;
}

void ledger_finish(Ledger *ledger, int result) {
        if (result == 0) {
                ledger->durable = ledger->end;
                return;
        }
        ledger->end = ledger->durable;
        (void)cut_back(ledger);
}

void ledger_reopen(Ledger *ledger) {
        ledger->wants_reopen = true;
}

const char *ledger_head(const Ledger *ledger) {
        return ledger->end.head;
}

uint64_t ledger_last_seq(const Ledger *ledger) {
        return ledger->end.seq;
}

const char *ledger_torn_file(const Ledger *ledger) {
        return ledger->torn_file;
}

const char *const *ledger_open_intents(const Ledger *ledger, size_t *np) {
        *np = ledger->n_intents;
        return ledger->intents;
}

/* --- reading --- */

/* -1 with errno ENOENT there is none. */
static int open_to_read(const char *directory) {
        char path[PATH_SIZE];
        int n = snprintf(path, sizeof path, "%s/%s", directory, LEDGER_FILE);

        if (n >= (int)sizeof path) {
                errno = ENAMETOOLONG;
                return -1;
        }
        return open(path, O_RDONLY | O_CLOEXEC);
}

static bool filter_passes(const LedgerFilter *filter, const JsonNode *record) {
        const char *time = json_get_text(record, "time");
        const char *project = json_get_text(record, "project");
        int64_t wall = 0;

        if (!filter)
                return true;
        if (filter->since && (!time || clock_parse(&wall, time) < 0 || wall < filter->since))
                return false;
        return !filter->project || !project || text_equal(project, filter->project);
}

typedef struct EachLine {
        const LedgerFilter *filter;
        LedgerFn fn;
        void *context;
} EachLine;

static int give_line(const EachLine *each, const char *line, size_t n_line, const char **reasonp) {
        Mem *mem = mem_alloc_zero(NULL, 1, "line");
        JsonNode *record = NULL;
        int r = json_parse(mem, line, n_line, &record, reasonp);

        if (r == 0 && record_seq(record) == 0) {
                *reasonp = "not a record";
                r = -EBADMSG;
        }
        if (r == 0 && filter_passes(each->filter, record))
                r = each->fn(each->context, record, line);
        mem_free(mem);
        return r;
}

int ledger_each(Mem *parent, const char *directory, const LedgerFilter *filter, LedgerFn fn,
                void *context, const char **reasonp) {
        const EachLine each = {.filter = filter, .fn = fn, .context = context};
        const char *reason = NULL;
        uint64_t number = 0;
        LineReader reader;
        char *line = NULL;
        size_t n_line = 0;
        int file = open_to_read(directory);
        int r = 0;

        *reasonp = NULL;
        if (file < 0)
                return errno == ENOENT ? 0 : fail(parent, reasonp, directory, errno);
        reader_init(&reader, NULL, file);
        while ((r = reader_next(&reader, &line, &n_line)) > 0) {
                number++;
                r = give_line(&each, line, n_line, &reason);
                if (r < 0)
                        break;
        }
        if (reason)
                *reasonp = mem_printf(parent,
                                      "%s/" LEDGER_FILE " is damaged in line %" PRIu64
                                      ": %s; see `charterd history --verify`",
                                      directory, number, reason);
        else if (r == -EFBIG)
                *reasonp = mem_printf(parent,
                                      "%s/" LEDGER_FILE " is damaged behind line %" PRIu64
                                      ": a line is too long",
                                      directory, number);
        reader_deinit(&reader);
        close(file);
        return r;
}

/* Why a line does not continue the chain, or NULL. */
static const char *check_link(const JsonNode *record, uint64_t seq_before,
                              const char *head_before) {
        const char *previous = json_get_text(record, "previous");
        uint64_t seq = record_seq(record);

        if (seq == 0)
                return "it has no number";
        if (seq_before == 0 && seq == 1 && previous)
                return "the first record names one before it";
        if (seq_before ==
            0) /* the file before was moved away: its end is not here to be compared */
                return seq > 1 && !previous ? "it does not name the record before" : NULL;
        if (seq != seq_before + 1)
                return "its number does not follow: records are missing or were added";
        if (!previous || strcmp(previous, head_before) != 0)
                return "the record before was changed";
        return NULL;
}

static const char *check_line(const char *line, size_t n_line, uint64_t *seqp,
                              const char *head_before) {
        Mem *mem = mem_alloc_zero(NULL, 1, "line");
        JsonNode *record = NULL;
        const char *reason = NULL;

        if (json_parse(mem, line, n_line, &record, &reason) < 0)
                reason = "it is not a record";
        else
                reason = check_link(record, *seqp, head_before);
        *seqp = reason ? 0 : record_seq(record);
        mem_free(mem);
        return reason;
}

static int verify_lines(LineReader *reader, const char *expected, LedgerVerdict *verdict) {
        uint64_t seq = 0;
        char *line = NULL;
        size_t n_line = 0;
        int r = 0;

        while ((r = reader_next(reader, &line, &n_line)) > 0) {
                verdict->reason = check_line(line, n_line, &seq, verdict->head);
                verdict->n_lines++;
                if (verdict->reason) {
                        verdict->bad_line = verdict->n_lines;
                        return 1;
                }
                digest_sha256(line, n_line, verdict->head);
                if (expected && strcasecmp(expected, verdict->head) == 0)
                        verdict->expected_line = verdict->n_lines;
        }
        if (r == -EFBIG) {
                verdict->bad_line = verdict->n_lines + 1;
                verdict->reason = "it is too long";
                return 1;
        }
        if (r == 0 && expected && !verdict->expected_line) {
                verdict->reason = "no record has the expected hash: the ledger was cut or replaced";
                return 1;
        }
        return r;
}

int ledger_verify(Mem *parent, const char *directory, const char *expected, LedgerVerdict *verdict,
                  const char **reasonp) {
        LineReader reader;
        int file = open_to_read(directory);
        int r = 0;

        *verdict = (LedgerVerdict){0};
        *reasonp = NULL;
        if (file < 0)
                return fail(parent, reasonp, directory, errno);
        reader_init(&reader, NULL, file);
        r = verify_lines(&reader, expected, verdict);
        if (r < 0)
                fail(parent, reasonp, directory, r);
        reader_deinit(&reader);
        close(file);
        return r;
}
