/* SPDX-License-Identifier: Apache-2.0 */
/* Log: a constant sentence with fields, as journal fields, a JSON line or text. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#if HAVE_SYSTEMD
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#endif

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/live_line.h"
#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/base/message.h"
#include "common/base/visible.h"

static LogFormat log_format = LOG_FORMAT_TEXT;
static LogLevel log_level = LOG_LEVEL_INFO;

static const struct {
        const char *name;
        int priority; /* of syslog and the journal */
} levels[] = {
        [LOG_LEVEL_ERROR] = {"error", LOG_ERR},      [LOG_LEVEL_WARNING] = {"warning", LOG_WARNING},
        [LOG_LEVEL_NOTICE] = {"notice", LOG_NOTICE}, [LOG_LEVEL_INFO] = {"info", LOG_INFO},
        [LOG_LEVEL_DEBUG] = {"debug", LOG_DEBUG},
};

/* $JOURNAL_STREAM is the device and inode of the stream that systemd gave us as stderr. */
static bool stderr_is_journal(void) {
        const char *stream = getenv("JOURNAL_STREAM");
        uintmax_t device = 0;
        uintmax_t inode = 0;
        struct stat status;

        if (!HAVE_SYSTEMD || !stream || sscanf(stream, "%ju:%ju", &device, &inode) != 2)
                return false;
        return fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device &&
               status.st_ino == inode;
}

void log_setup(LogFormat format, LogLevel level) {
        if (format == LOG_FORMAT_AUTO) {
                format = LOG_FORMAT_JSON;
                if (stderr_is_journal())
                        format = LOG_FORMAT_JOURNAL;
                else if (isatty(STDERR_FILENO))
                        format = LOG_FORMAT_TEXT;
        }
        log_format = format;
        log_level = level;
}

/* A line goes out in one write, so that lines of several processes do not mix. */
static void write_line(const Text *line) {
        size_t at = 0;

        live_line_erase();
        while (at < line->n) {
                ssize_t r = write(STDERR_FILENO, line->data + at, line->n - at);

                if (r < 0 && errno == EINTR)
                        continue;
                if (r <= 0) /* there is nowhere left to say so */
                        return;
                at += (size_t)r;
        }
}

/* Nothing in a value may end it. */
static void append_quoted(Text *text, const char *value) {
        text_append(text, "\"");
        while (*value) {
                size_t n = strcspn(value, "\"\\");
                char *piece = mem_strndup(NULL, value, n);

                visible_append(text, piece);
                mem_free(piece);
                if (value[n])
                        text_appendf(text, "\\%c", value[n++]);
                value += n;
        }
        text_append(text, "\"");
}

static void append_field(Text *text, const LogField *field) {
        bool quoted = field->text && (!*field->text || strpbrk(field->text, " \"="));

        text_appendf(text, " %s=", field->name);
        if (quoted)
                append_quoted(text, field->text);
        else if (field->text)
                visible_append(text, field->text);
        else
                text_appendf(text, "%" PRId64, field->number);
}

static void write_text(LogLevel level, const char *sentence, const LogField *fields) {
        char when[CLOCK_TEXT_SIZE];
        Text line;

        text_init(&line, NULL);
        visible_appendf(&line, "%s %s: %s", clock_format(clock_wall_ms(), when), levels[level].name,
                        sentence);
        for (const LogField *field = fields; field->name; field++)
                append_field(&line, field);
        text_append(&line, "\n");
        write_line(&line);
        text_deinit(&line);
}

static void write_json(LogLevel level, const char *sentence, const LogField *fields) {
        char when[CLOCK_TEXT_SIZE];
        JsonWriter writer;
        Text line;

        text_init(&line, NULL);
        json_writer_init(&writer, &line, /* indent= */ 0);
        json_write_object(&writer, NULL);
        json_write_text(&writer, "time", clock_format(clock_wall_ms(), when));
        json_write_text(&writer, "level", levels[level].name);
        json_write_text(&writer, "message", sentence);
        for (const LogField *field = fields; field->name; field++) {
                if (field->text)
                        json_write_text(&writer, field->name, field->text);
                else
                        json_write_int(&writer, field->name, field->number);
        }
        json_write_object_end(&writer);
        text_append(&line, "\n");
        write_line(&line);
        text_deinit(&line);
}

#if HAVE_SYSTEMD
static char *journal_field(Mem *parent, const LogField *field) {
        Text text;
        size_t n_name = strlen(field->name);

        text_init(&text, parent);
        text_appendf(&text, "CHARTERD_%s=", field->name);
        for (size_t i = 0; i < sizeof("CHARTERD_") - 1 + n_name; i++) {
                if (text.data[i] >= 'a' && text.data[i] <= 'z')
                        text.data[i] -= 'a' - 'A';
        }
        if (field->text)
                text_append(&text, field->text);
        else
                text_appendf(&text, "%" PRId64, field->number);
        return text.data;
}

static int write_journal(LogLevel level, const char *sentence, const LogField *fields) {
        Mem *frame = mem_new(NULL, char);
        struct iovec *vectors = NULL;
        size_t n = 0;
        int r = 0;
        Text message;

        text_init(&message, frame);
        visible_appendf(&message, "MESSAGE=%s", sentence);
        for (const LogField *field = fields; field->name; field++)
                append_field(&message, field);
        *mem_push(frame, vectors, n) = (struct iovec){message.data, message.n};
        const char *id = message_id(sentence);
        char *message_field = id ? mem_printf(frame, "MESSAGE_ID=%s", id) : NULL;
        char *priority = mem_printf(frame, "PRIORITY=%d", levels[level].priority);
        *mem_push(frame, vectors, n) = (struct iovec){priority, strlen(priority)};
        if (message_field)
                *mem_push(frame, vectors, n) = (struct iovec){message_field, strlen(message_field)};
        for (const LogField *field = fields; field->name; field++) {
                char *text = journal_field(frame, field);

                *mem_push(frame, vectors, n) = (struct iovec){text, strlen(text)};
        }
        r = sd_journal_sendv(vectors, (int)n);
        mem_free(frame);
        return r;
}
#else
static int write_journal(LogLevel level, const char *sentence, const LogField *fields) {
        return -ENOTSUP;
}
#endif

void log_event(LogLevel level, const char *sentence, const LogField *fields) {
        if (level > log_level)
                return;
        switch (log_format) {
        case LOG_FORMAT_JOURNAL:
                if (write_journal(level, sentence, fields) == 0)
                        return;
                write_json(level, sentence, fields); /* no journal: the line is not lost */
                return;
        case LOG_FORMAT_JSON:
                write_json(level, sentence, fields);
                return;
        case LOG_FORMAT_AUTO:
        case LOG_FORMAT_TEXT:
                write_text(level, sentence, fields);
                return;
        }
        assert(!"no such format");
}
