/* SPDX-License-Identifier: Apache-2.0 */
/* The command charterd-simulator: a stand-in for Azure DevOps on this machine. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/simulator/artefact.h"
#include "tests/simulator/directory.h"
#include "tests/simulator/fault.h"
#include "tests/simulator/generate.h"
#include "tests/simulator/route.h"
#include "tests/simulator/seed.h"

enum {
        EXIT_USAGE = 2,
        PORT_MAX = 65535,
        /* What is loaded at the start is this much older than the first request, so that stale
         * views see it. */
        LOADED_BEFORE_MS = 24 * 60 * 60 * 1000,
};

typedef struct CommandLine {
        int port;
        int graph_port;
        int audit_port;
        uint64_t seed_number;
        const char *ready_file;
        const char *certificate; /* files of --tls; NULL: plain HTTP */
        const char *key;
        const char *address; /* of --address */
        const char *graph_address;
        const char *audit_address;
        bool server; /* an Azure DevOps Server */
        bool quiet;
        Array seeds;    /* const char * */
        Array specs;    /* const char * of --generate */
        Array settings; /* const char * "key=value" */
        Array faults;   /* const char * of --fault */
} CommandLine;

#define VIRTUAL_DIRECTORY "tfs"          /* as most servers have it */
#define COLLECTION "DefaultCollection" /* as a new server has it */

static const char USAGE[] =
        "usage: charterd-simulator [--port N] [--graph-port N] [--audit-port N] [--seed FILE]... [--generate SPEC]...\n"
        "                          [--fault RULE]... [--latency MS] [--option KEY=VALUE]...\n"
        "                          [--server] [--tls CERT KEY] [--address URL] [--graph-address URL] [--audit-address URL]\n"
        "                          [--ready-file FILE] [--seed-number N] [--quiet]\n"
        "Serves stand-ins of Azure DevOps organisations on 127.0.0.1 until SIGTERM. See tests/simulator/README.md.\n";

static const struct option LONG_OPTIONS[] = {
        {"port", required_argument, NULL, 'p'},
        {"graph-port", required_argument, NULL, 'g'},
        {"audit-port", required_argument, NULL, 'u'},
        {"seed", required_argument, NULL, 's'},
        {"generate", required_argument, NULL, 'G'},
        {"latency", required_argument, NULL, 'l'},
        {"option", required_argument, NULL, 'o'},
        {"ready-file", required_argument, NULL, 'r'},
        {"seed-number", required_argument, NULL, 'n'},
        {"fault", required_argument, NULL, 'f'},
        {"tls", required_argument, NULL, 't'},
        {"address", required_argument, NULL, 'a'},
        {"graph-address", required_argument, NULL, 'A'},
        {"audit-address", required_argument, NULL, 'U'},
        {"server", no_argument, NULL, 'S'},
        {"quiet", no_argument, NULL, 'q'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
};

static int parse_number(const char *text, uint64_t maximum, uint64_t *numberp) {
        char *end;

        errno = 0;
        *numberp = strtoull(text, &end, 0);
        if (errno || end == text || *end || *text == '-' || *numberp > maximum) {
                fprintf(stderr, "charterd-simulator: \"%s\" is not a number up to %llu\n", text,
                        (unsigned long long)maximum);
                return -1;
        }
        return 0;
}

static int parse_port(const char *text, int *portp) {
        uint64_t number;

        if (parse_number(text, PORT_MAX, &number) < 0)
                return -1;
        *portp = (int)number;
        return 0;
}

static int take_option(CommandLine *line, int option, char *value) {
        switch (option) {
        case 'p':
                return parse_port(value, &line->port);
        case 'g':
                return parse_port(value, &line->graph_port);
        case 'u':
                return parse_port(value, &line->audit_port);
        case 'n':
                return parse_number(value, UINT64_MAX, &line->seed_number);
        case 's':
                array_add(&line->seeds, value);
                return 0;
        case 'G':
                array_add(&line->specs, value);
                return 0;
        case 'o':
                array_add(&line->settings, value);
                return 0;
        case 'f':
                array_add(&line->faults, value);
                return 0;
        case 'r':
                line->ready_file = value;
                return 0;
        case 't':
                line->certificate = value;
                return 0;
        case 'a':
                line->address = value;
                return 0;
        case 'A':
                line->graph_address = value;
                return 0;
        case 'U':
                line->audit_address = value;
                return 0;
        case 'S':
                line->server = true;
                return 0;
        case 'q':
                line->quiet = true;
                return 0;
        default:
                return -1;
        }
}

/* The second word of --tls. */
static int take_key(CommandLine *line, int argc, char **argv) {
        if (optind >= argc || argv[optind][0] == '-') {
                fputs("charterd-simulator: --tls wants two files, a certificate and its key, both PEM\n", stderr);
                return -1;
        }
        line->key = argv[optind++];
        return 0;
}

static int set_option(World *world, const char *text) {
        const char *equals = strchr(text, '='), *error = "--option wants KEY=VALUE";
        int result = -1;

        if (equals) {
                char *key = arena_copy_length(&world->arena, text, (size_t)(equals - text));

                result = world_set_option(world, key, equals + 1, &error);
        }
        if (result < 0)
                fprintf(stderr, "charterd-simulator: %s\n", error);
        return result;
}

static int load_one(World *world, const char *what, int (*load)(World *, const char *, char **)) {
        char *error = NULL;

        if (load(world, what, &error) < 0) {
                fprintf(stderr, "charterd-simulator: cannot load\n%s\n", error ? error : what);
                free(error);
                return -1;
        }
        return 0;
}

static const char *load_pem(World *world, const char *path) {
        char *text = text_read_file(path);
        const char *kept = text ? arena_copy(&world->arena, text) : NULL;

        if (!text)
                fprintf(stderr, "charterd-simulator: %s: %s\n", path, strerror(errno));
        free(text);
        return kept;
}

static int load_tls(World *world, const CommandLine *line) {
        if (!line->certificate)
                return 0;
        world->certificate = load_pem(world, line->certificate);
        world->key = load_pem(world, line->key);
        return world->certificate && world->key ? 0 : -1;
}

/* With nothing to load there is an organisation "contoso", a server's "DefaultCollection", with one
 * administrator, whose token is "admin". */
static void make_default(World *world) {
        OrganizationSpec spec = {.name = world_is_server(world) ? COLLECTION : "contoso"};
        Organization *organization = organization_new(world, &spec);
        IdentitySpec person = {.kind = IDENTITY_USER,
                               .name = "Contoso Administrator",
                               .unique_name = "admin@contoso.com",
                               .pat = "admin"};

        membership_add(organization, directory_add(organization, &person),
                       organization->administrators);
}

static int load_world(World *world, const CommandLine *line) {
        world->now -= LOADED_BEFORE_MS;
        for (size_t i = 0; i < line->settings.n_items; i++) {
                if (set_option(world, line->settings.items[i]) < 0)
                        return -1;
        }
        for (size_t i = 0; i < line->seeds.n_items; i++) {
                if (load_one(world, line->seeds.items[i], seed_load) < 0)
                        return -1;
        }
        for (size_t i = 0; i < line->specs.n_items; i++) {
                if (load_one(world, line->specs.items[i], generate_organization) < 0)
                        return -1;
        }
        for (size_t i = 0; i < line->faults.n_items; i++) {
                if (load_one(world, line->faults.items[i], fault_add_text) < 0)
                        return -1;
        }
        if (line->seeds.n_items == 0 && line->specs.n_items == 0)
                make_default(world);
        return 0;
}

/* Written under another name first: who waits for the file finds it whole. */
static int write_ready_file(const char *path, const char *text) {
        char fresh[4096];
        FILE *file;

        if (snprintf(fresh, sizeof(fresh), "%s.tmp", path) >= (int)sizeof(fresh))
                return -1;
        file = fopen(fresh, "w");
        if (!file)
                return -1;
        fputs(text, file);
        if (fclose(file) != 0)
                return -1;
        return rename(fresh, path);
}

static int announce(const World *world, const CommandLine *line) {
        const char *below = world_is_server(world) ? "/" VIRTUAL_DIRECTORY : "", *scheme = world_scheme(world);
        char text[192];
        int n = snprintf(text, sizeof(text), "listening %s://127.0.0.1:%d%s graph %s://127.0.0.1:%d%s", scheme,
                         world->port, below, scheme, world->graph_port, below);

        if (world_is_server(world))
                snprintf(text + n, sizeof(text) - (size_t)n, "\n");
        else
                snprintf(text + n, sizeof(text) - (size_t)n, " audit %s://127.0.0.1:%d\n", scheme, world->audit_port);
        fputs(text, stdout);
        fflush(stdout);
        if (line->ready_file && write_ready_file(line->ready_file, text) < 0) {
                fprintf(stderr, "charterd-simulator: %s: %s\n", line->ready_file, strerror(errno));
                return -1;
        }
        return 0;
}

static int serve(World *world, const CommandLine *line, const sigset_t *signals) {
        Server *server = server_start(world, route_answer);
        int result = EXIT_SUCCESS, received;

        if (!server) {
                fprintf(stderr, "charterd-simulator: cannot listen: %s\n", strerror(errno));
                return EXIT_FAILURE;
        }
        if (announce(world, line) < 0)
                result = EXIT_FAILURE;
        else
                sigwait(signals, &received);
        server_stop(server);
        if (!line->quiet)
                fprintf(stderr, "charterd-simulator: ended\n");
        return result;
}

static int run(const CommandLine *line) {
        World *world = world_new(line->seed_number);
        int result = EXIT_FAILURE;
        sigset_t signals;

        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals, NULL);
        signal(SIGPIPE, SIG_IGN);
        world->port = line->port;
        world->graph_port = line->graph_port;
        world->audit_port = line->audit_port;
        world->virtual_directory = line->server ? VIRTUAL_DIRECTORY : NULL;
        world->address = line->address;
        world->graph_address = line->graph_address;
        world->audit_address = line->audit_address;
        if (load_tls(world, line) == 0 && load_world(world, line) == 0)
                result = serve(world, line, &signals);
        world_free(world);
        return result;
}

static void command_line_deinit(CommandLine *line) {
        array_deinit(&line->seeds);
        array_deinit(&line->specs);
        array_deinit(&line->settings);
        array_deinit(&line->faults);
}

int main(int argc, char **argv) {
        CommandLine line = {.seed_number = 1};
        char *latency = NULL;
        int option, result = EXIT_SUCCESS;

        while (result == EXIT_SUCCESS &&
               (option = getopt_long(argc, argv, "", LONG_OPTIONS, NULL)) != -1) {
                if (option == 'h') {
                        fputs(USAGE, stdout);
                        command_line_deinit(&line);
                        return EXIT_SUCCESS;
                }
                if (option == 'l' && asprintf(&latency, "latency_ms=%s", optarg) >= 0)
                        array_add(&line.settings, latency);
                else if (take_option(&line, option, optarg) < 0 ||
                         (option == 't' && take_key(&line, argc, argv) < 0))
                        result = EXIT_USAGE;
        }
        if (result == EXIT_SUCCESS && optind < argc) {
                fputs(USAGE, stderr);
                result = EXIT_USAGE;
        }
        if (result == EXIT_SUCCESS)
                result = run(&line);
        command_line_deinit(&line);
        free(latency);
        return result;
}
