/* SPDX-License-Identifier: Apache-2.0 */
/* Fixture: recorded answers as replies, and a small organisation to take them into. */
#pragma once

#include "common/model/organisation.h"
#include "daemon/flow/request.h"

/* tests/fixtures/azdo/NAME.json: {"request": {"method", "url"}, "response": {"status", "headers", "bom", "body"}}, the
 * body last. Ends the test when it is not there. */
Reply *fixture_reply(Mem *parent, const char *name);
/* 200 with JSON. */
Reply *reply_json(Mem *parent, const char *body);
/* An answer without anything: no header, no body. */
Reply *reply_status(Mem *parent, int status);
/* The same answer with a piece of its body replaced; the piece must be there. */
Reply *reply_edit(Mem *parent, const Reply *reply, const char *from, const char *to);

/* An organisation with one project of that name and id, its root tokens set. Index 0. */
Organisation *world_new(Mem *parent, const char *project, const char *id);

/* Asserts by text. */
void expect_path(const Request *request, const char *path);
void expect_body(const Request *request, const char *body);
