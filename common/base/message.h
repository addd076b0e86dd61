/* SPDX-License-Identifier: Apache-2.0 */
/* Message: which sentences of the log are explained by the journal's catalogue. */
#pragma once

/* MESSAGE_ID (systemd.journal-fields(7)) of what an operator acts on; NULL: the sentence speaks for itself. What to do
 * stands in systemd/charterd.catalog. */
const char *message_id(const char *sentence);
