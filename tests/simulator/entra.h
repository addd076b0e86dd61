/* SPDX-License-Identifier: Apache-2.0 */
/* Entra: applications with what they are known by, and the tokens given to them. */
#pragma once

#include "tests/simulator/http.h"

/* What the service asks tokens for (facts §2.2). */
#define ENTRA_RESOURCE "499b84ac-1321-427f-aa17-267ca6975798"

typedef struct EntraToken {
        const char *text;
        const char *application_id;
        int64_t given, ends; /* ms */
} EntraToken;

/* Text is the world's; NULL: it has none of it. */
typedef struct EntraClient {
        const char *application_id;
        const char *tenant_id;
        const char *secret;
        const char *certificate; /* PEM */
        const char *issuer;      /* of federated tokens: with a subject and the issuer's certificate */
        const char *subject;
        const char *issuer_certificate;
        bool managed;                /* the identity of the machine */
        const char *identity_header; /* App Service: who knows it is the app */
        const char *arc_folder;      /* Azure Arc: where keys are put */
        const char *arc_key;         /* the one that was put there last and is not used yet */
        const EntraToken *token;     /* managed: the last one */
} EntraClient;

typedef struct Entra Entra;

/* Copies; text must live as long as the world. */
EntraClient *entra_add(World *world, const EntraClient *client);
EntraClient *entra_find(const World *world, const char *application_id);
/* By number; NULL after the last. */
EntraClient *entra_client(const World *world, size_t index);
bool entra_has_tenant(const World *world, const char *tenant_id);
/* A new token, which lives as long as the option token_life_s says. */
const EntraToken *entra_give(World *world, const EntraClient *client);
const EntraToken *entra_find_token(const World *world, const char *text);
/* False when this was used before. */
bool entra_use_once(World *world, const char *id);
void entra_deinit(World *world); /* for world_free() */

/* Whether the request is for it: its answer is there then. Below /_token/{tenant}/, as
 * login.microsoftonline.com; /metadata/identity/oauth2/token, as the instance metadata service and
 * Azure Arc; /msi/token, as App Service. */
bool entra_answer(World *world, Request *request, Response *response);
/* entra_managed.c */
void entra_answer_machine(World *world, Request *request, Response *response);
void entra_answer_app(World *world, Request *request, Response *response);
