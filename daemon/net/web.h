/* SPDX-License-Identifier: Apache-2.0 */
/* Web: HTTP requests of all organisations, over kept connections. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "daemon/flow/port.h"
#include "daemon/flow/request.h"
#include "daemon/net/auth.h"
#include "daemon/net/loop.h"

enum {
        WEB_HEADERS_SIZE_MAX = 64 * 1024, /* of one answer */
        WEB_CONNECTIONS_KEPT = 64,
        WEB_CONNECTION_IDLE_S = 100, /* older idle connections are not used again */
        WEB_URL_SIZE_MAX = 64 * 1024,
        WEB_QUESTION_ANSWER_SIZE_MAX = 64 * 1024,
        WEB_QUESTION_TOTAL_MS = 60 * 1000,
        WEB_QUESTION_NEAR_SILENCE_MS = 5 * 1000, /* where nobody listens packets may vanish */
        WEB_WAITS_MAX = 3, /* of one request, for a credential that ends as soon as it is there */
};

typedef struct Web Web;
/* The addresses of one organisation with the one credential that may go there. */
typedef struct WebEndpoint WebEndpoint;
/* Of a request under way; freeing it cancels. Gone before the call back begins. */
typedef struct WebTicket WebTicket;

typedef struct WebSpec {
        Loop *loop;
        const char *version;   /* of charterd, for User-Agent */
        const char *ca_file;   /* or NULL: the system's */
        const char *proxy;     /* or NULL: the usual environment variables */
        int64_t silence_ms;    /* longest silence: limits.request_timeout */
        int64_t total_ms;      /* limits.request_total */
        int64_t response_size; /* bytes of an answer that is held */
        int64_t stream_size;   /* bytes of one that goes into a sink */
} WebSpec;

/* Counted over the life of an endpoint; bytes as on the wire, without headers. */
typedef struct WebStatistics {
        uint64_t n_requests;
        uint64_t n_connections; /* opened */
        uint64_t bytes_in, bytes_out;
} WebStatistics;

Web *web_new(Mem *parent, const WebSpec *spec);
/* All its tickets are cancelled. Not from a call back of its own. */
Web *web_free(Web *web);

/* `url` of the organisation becomes BASE_CORE. NULL with *reasonp when it may not be asked, see
 * web_endpoint_set_base(). `auth` outlives the endpoint; NULL: no credential is sent. */
WebEndpoint *web_endpoint_new(Mem *parent, Web *web, const char *url, Auth *auth,
                              const char **reasonp);
/* https:// anywhere; http:// only to loopback (product.md, Addresses). 0, or -EINVAL with *reasonp
 * a constant sentence. */
int web_endpoint_set_base(WebEndpoint *endpoint, Base base, const char *url, const char **reasonp);
const WebStatistics *web_endpoint_statistics(const WebEndpoint *endpoint);

/* Never calls back from inside. The request's strings are copied; its sink must live as long as
 * owner. Headers as facts §1.7; a reply as facts §2.7 is told from success by the judge, not here.
 * A body goes into the sink only when the status is 2xx and the content type is JSON. A sink must
 * not free what owns the request from inside `feed`.
 * An answer that was lost after a request of REPEAT_NEVER had left is REPLY_BROKEN or
 * REPLY_TIMEOUT, never silently asked again. */
WebTicket *web_send(WebEndpoint *endpoint, Mem *owner, const Request *request, PortReplyFn fn,
                    void *context);

/* Where plain http may go. */
typedef enum WebReach {
        WEB_REACH_LOOPBACK,
        WEB_REACH_LINK_LOCAL, /* and to 169.254.0.0/16: who gives a machine its identity */
} WebReach;

/* What is asked of those who give out tokens. It and its answer are wiped when they are done with;
 * an organisation's credential never goes along. */
typedef struct WebQuestion {
        const char *url;             /* without a query */
        const char *query;           /* from ? on, or NULL */
        const Secret *form;          /* goes by POST; NULL: GET */
        const char *header;          /* a whole line, or NULL */
        const Secret *secret_header; /* likewise */
        WebReach reach;
} WebQuestion;

/* Never calls back from inside; nothing of the question needs to live on. An address that may not
 * be asked is REPLY_NO_CREDENTIAL. No proxy is used to link-local addresses. */
WebTicket *web_ask(Web *web, Mem *owner, const WebQuestion *question, PortReplyFn fn,
                   void *context);
