/* SPDX-License-Identifier: Apache-2.0 */
/* Persons: people in records of the ledger, each called by a number instead. */
#pragma once

#include "daemon/engine/account.h"

enum {
        PERSONS_NAMES_MAX = 64 * 1024, /* names, addresses and keys that are told apart; more are `a person` */
};

/* The same person has the same number as long as it lives. Names of groups and teams stay. */
typedef struct Persons Persons;

Persons *persons_new(Mem *parent);
/* The change without people: its principal, whoever brought it about, and whatever looks like an address, wherever it
 * stands in its records. Below mem. */
AccountChange persons_hide(Persons *persons, Mem *mem, const AccountChange *change);
