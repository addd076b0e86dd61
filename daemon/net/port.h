/* SPDX-License-Identifier: Apache-2.0 */
/* NetPort: the door to the real world, for one organisation. */
#pragma once

#include "daemon/flow/port.h"
#include "daemon/net/journal.h"
#include "daemon/net/loop.h"
#include "daemon/net/web.h"

typedef struct NetPortSpec {
        Loop *loop;
        WebEndpoint *endpoint;
        Journal *journal; /* NULL: nothing is ever recorded (plan); recording fails with -EROFS */
} NetPortSpec;

/* Everything asked for through it must be cancelled or ended before it is freed. */
Port *net_port_new(Mem *parent, const NetPortSpec *spec);
