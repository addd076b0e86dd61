/* SPDX-License-Identifier: Apache-2.0 */
/* Log: a constant sentence with fields, as journal fields, a JSON line or text. */
#pragma once

#include <stdint.h>

typedef enum LogLevel {
        LOG_LEVEL_ERROR,
        LOG_LEVEL_WARNING,
        LOG_LEVEL_NOTICE,
        LOG_LEVEL_INFO,
        LOG_LEVEL_DEBUG,
} LogLevel;

typedef enum LogFormat {
        LOG_FORMAT_AUTO,
        LOG_FORMAT_JOURNAL,
        LOG_FORMAT_JSON,
        LOG_FORMAT_TEXT,
} LogFormat;

typedef struct LogField {
        const char *name; /* lower_case; NULL ends the list */
        const char *text; /* NULL: the number counts */
        int64_t number;
} LogField;

/* AUTO: journal when $JOURNAL_STREAM names stderr, text on a terminal, JSON otherwise. */
void log_setup(LogFormat format, LogLevel level);
void log_event(LogLevel level, const char *sentence, const LogField *fields);

#define LOG_TEXT(name_, text_) ((LogField){.name = (name_), .text = (text_) ? (text_) : ""})
#define LOG_NUMBER(name_, number_) ((LogField){.name = (name_), .number = (number_)})
#define log_fields(...) ((const LogField[]){__VA_ARGS__ __VA_OPT__(, ){0}})
#define log_error(sentence, ...) log_event(LOG_LEVEL_ERROR, (sentence), log_fields(__VA_ARGS__))
#define log_warning(sentence, ...) log_event(LOG_LEVEL_WARNING, (sentence), log_fields(__VA_ARGS__))
#define log_notice(sentence, ...) log_event(LOG_LEVEL_NOTICE, (sentence), log_fields(__VA_ARGS__))
#define log_info(sentence, ...) log_event(LOG_LEVEL_INFO, (sentence), log_fields(__VA_ARGS__))
#define log_debug(sentence, ...) log_event(LOG_LEVEL_DEBUG, (sentence), log_fields(__VA_ARGS__))
