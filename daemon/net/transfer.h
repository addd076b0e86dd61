/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer: one request on its way, up to its reply. */
#pragma once

#include <stdbool.h>

#include <curl/curl.h>

#include "common/base/secret.h"
#include "daemon/flow/request.h"
#include "daemon/net/web.h"

typedef struct Transfer Transfer;

/* What a body does when it comes. */
typedef enum TransferBody {
        TRANSFER_BODY_UNDECIDED, /* no byte yet */
        TRANSFER_BODY_HELD,
        TRANSFER_BODY_STREAMED,
} TransferBody;

enum {
        TRANSFER_HEADERS_MAX = 8, /* of a request */
};

struct Transfer {
        Transfer *previous, *next; /* in its Web's list */
        CURL *easy;
        WebTicket *ticket; /* of who waits, NULL: nobody any more */
        const WebSpec *spec;
        WebStatistics *statistics;
        /* the request */
        const char *url;
        const char *body;
        bool is_near, is_tls; /* is_near: no proxy lies between */
        Method method;
        Repeat repeat;
        Sink sink;
        bool has_sink;
        const char *media_type;
        Secret *credential;
        bool is_question;   /* of a WebQuestion: it and its answer are wiped */
        Secret *form;       /* its body */
        const char *header; /* its line, or NULL */
        struct curl_slist headers[TRANSFER_HEADERS_MAX];
        char error[CURL_ERROR_SIZE];
        /* the answer so far */
        Reply reply;
        char *held;
        size_t n_held, capacity;
        int64_t n_streamed;
        size_t n_headers_size;
        bool has_whole_headers; /* of the last block */
        TransferBody body_state;
        ReplyFailure stopped; /* why a call back of ours stopped it; REPLY_ANSWERED: it did not */
        bool is_started;      /* curl has it */
        bool is_sent;         /* the service may have seen the request */
        bool is_abandoned;    /* nobody waits for the reply any more */
        int64_t started_at, heard_at;
};

/* Sets everything that says what is asked, how, and what happens with the answer. */
void transfer_prepare(Transfer *transfer);
/* The moment (monotonic) at which it has taken too long. */
int64_t transfer_deadline(const Transfer *transfer);
/* Its reply after curl has ended with `code`. Lives as long as the transfer. */
const Reply *transfer_finish(Transfer *transfer, CURLcode code);
/* Its reply when its deadline has passed. */
const Reply *transfer_expire(Transfer *transfer, int64_t now);
