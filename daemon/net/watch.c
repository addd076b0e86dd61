/* SPDX-License-Identifier: Apache-2.0 */
/* Watch: notices when a charter, a file or a folder of *.yaml, has changed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "common/base/digest.h"
#include "common/base/text.h"
#include "daemon/net/watch.h"

enum {
        GATHER_MS = 20, /* one writing makes many events */
};

/* What is seen of the path at one moment. */
typedef struct Reading {
        char listing[DIGEST_TEXT_SIZE]; /* names, files, sizes, times */
        char content[DIGEST_TEXT_SIZE]; /* names, bytes */
} Reading;

typedef struct FolderWatch FolderWatch;

struct Watch {
        WatchSpec spec;
        Reading known;
        Reading candidate; /* has changed, not yet quiet */
        LoopTicket *gather, *quiet, *poll;
        FolderWatch *folders[WATCH_FOLDERS_MAX];
        size_t n_folders;
};

/* Frees itself when libuv has let go of it. */
struct FolderWatch {
        uv_fs_event_t event;
        Watch *watch;
        char *path;
};

/* The folders in which something can change what the path means. */
typedef struct FolderList {
        Mem *mem;
        char *paths[WATCH_FOLDERS_MAX];
        size_t n;
} FolderList;

/* --- readings --- */

typedef struct NameList {
        char **names;
        size_t n;
} NameList;

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_charter_name(const char *name) {
        size_t n = strlen(name);

        return n > 5 && name[0] != '.' && strcmp(name + n - 5, ".yaml") == 0;
}

/* Sorted; false when it is no folder. */
static bool list_folder(Mem *mem, const char *path, NameList *list) {
        DIR *directory = opendir(path);
        struct dirent *entry = NULL;

        *list = (NameList){0};
        if (!directory)
                return false;
        while (list->n < WATCH_FILES_MAX && (entry = readdir(directory)))
                if (is_charter_name(entry->d_name))
                        *mem_push(mem, list->names, list->n) = mem_strdup(mem, entry->d_name);
        closedir(directory);
        if (list->n > 1)
                qsort(list->names, list->n, sizeof *list->names, compare_names);
        return true;
}

static void add_listing(Text *text, const char *name, const char *path) {
        struct stat info;

        if (stat(path, &info) < 0) {
                text_appendf(text, "%s: %d\n", name, errno);
                return;
        }
        text_appendf(text, "%s: %ju %ju %jd %jd.%ld %o\n", name, (uintmax_t)info.st_dev,
                     (uintmax_t)info.st_ino, (intmax_t)info.st_size, (intmax_t)info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec, (unsigned)info.st_mode);
}

/* The bytes of a file; NULL when they cannot be had, errno says why. */
static char *read_bytes(Mem *mem, const char *path, size_t *np) {
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        struct stat info;
        char *bytes = NULL;
        ssize_t n = 0;

        *np = 0;
        if (file < 0)
                return NULL;
        errno = EFBIG;
        if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) &&
            info.st_size <= WATCH_FILE_SIZE_MAX) {
                bytes = mem_alloc_array(mem, 1, (size_t)info.st_size + 1, "file");
                while (*np < (size_t)info.st_size &&
                       (n = read(file, bytes + *np, (size_t)info.st_size - *np)) > 0)
                        *np += (size_t)n;
        }
        close(file);
        return bytes;
}

static void add_content(Text *text, const char *name, const char *path) {
        char digest[DIGEST_TEXT_SIZE];
        size_t n = 0;
        char *bytes = read_bytes(text->parent, path, &n);

        if (bytes)
                text_appendf(text, "%s: %s\n", name, digest_sha256(bytes, n, digest));
        else if (errno == EFBIG)
                add_listing(text, name, path);
        else
                text_appendf(text, "%s: %d\n", name, errno);
        mem_free(bytes);
}

typedef void (*AddFn)(Text *text, const char *name, const char *path);

static void read_path(const char *path, AddFn add, char digest[static DIGEST_TEXT_SIZE]) {
        Mem *mem = mem_alloc_zero(NULL, 1, "reading");
        NameList list;
        Text text;

        text_init(&text, mem);
        if (list_folder(mem, path, &list)) {
                text_append(&text, "a folder\n");
                for (size_t i = 0; i < list.n; i++)
                        add(&text, list.names[i], mem_printf(mem, "%s/%s", path, list.names[i]));
        } else {
                add(&text, "", path);
        }
        digest_sha256(text.data, text.n, digest);
        mem_free(mem);
}

static Reading read_now(const char *path) {
        Reading reading;

        read_path(path, add_listing, reading.listing);
        read_path(path, add_content, reading.content);
        return reading;
}

static bool reading_equal(const Reading *a, const Reading *b) {
        return strcmp(a->listing, b->listing) == 0 && strcmp(a->content, b->content) == 0;
}

/* --- folders to listen to --- */

static void folder_add(FolderList *list, const char *path) {
        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->paths[i], path) == 0)
                        return;
        if (list->n < WATCH_FOLDERS_MAX)
                list->paths[list->n++] = mem_strdup(list->mem, path);
}

static char *folder_of(Mem *mem, const char *path) {
        const char *slash = strrchr(path, '/');

        if (!slash)
                return mem_strdup(mem, ".");
        return slash == path ? mem_strdup(mem, "/")
                             : mem_strndup(mem, path, (size_t)(slash - path));
}

/* Length of the first part of path, from its start, that is a symbolic link; 0: none is. */
static size_t find_link(Mem *mem, const char *path, char target[static PATH_MAX]) {
        for (size_t end = 1; path[end - 1]; end++) {
                ssize_t n = 0;
                char *part = NULL;

                if (path[end] != '/' && path[end] != '\0')
                        continue;
                part = mem_strndup(mem, path, end);
                n = readlink(part, target, PATH_MAX - 1);
                mem_free(part);
                if (n > 0) {
                        target[n] = '\0';
                        return end;
                }
                if (path[end] == '\0')
                        break;
        }
        return 0;
}

/* The folder of each link in the path, link after link, then the folder it ends in. */
static void add_folders_of(FolderList *list, const char *path) {
        char *at = mem_strdup(list->mem, path);

        for (int i = 0; i < WATCH_LINKS_MAX; i++) {
                char target[PATH_MAX];
                size_t n = find_link(list->mem, at, target);
                char *folder = NULL;

                if (n == 0)
                        break;
                folder = folder_of(list->mem, mem_strndup(list->mem, at, n));
                folder_add(list, folder);
                if (target[0] == '/')
                        at = mem_printf(list->mem, "%s%s", target, at + n);
                else
                        at = mem_printf(list->mem, "%s/%s%s", folder, target, at + n);
        }
        folder_add(list, folder_of(list->mem, at));
}

static FolderList list_folders(Mem *mem, const char *path) {
        FolderList list = {.mem = mem};
        NameList names;

        add_folders_of(&list, path);
        if (!list_folder(mem, path, &names))
                return list;
        folder_add(&list, path);
        for (size_t i = 0; i < names.n && list.n < WATCH_FOLDERS_MAX; i++) {
                char *name = mem_printf(mem, "%s/%s", path, names.names[i]);
                char target[PATH_MAX];

                if (readlink(name, target, sizeof target) > 0)
                        add_folders_of(&list, name);
        }
        return list;
}

static void on_folder_closed(uv_handle_t *handle) {
        FolderWatch *folder = handle->data;

        free(folder->path);
        free(folder);
}

static void folder_close(FolderWatch *folder) {
        folder->watch = NULL;
        uv_close((uv_handle_t *)&folder->event, on_folder_closed);
}

static void watch_gather(Watch *watch);

static void on_event(uv_fs_event_t *event, const char *name, int events, int status) {
        FolderWatch *folder = event->data;

        if (folder->watch)
                watch_gather(folder->watch);
}

static void folder_open(Watch *watch, const char *path) {
        FolderWatch *folder = calloc(1, sizeof *folder);

        if (!folder || !(folder->path = strdup(path)))
                mem_exhausted();
        folder->watch = watch;
        folder->event.data = folder;
        uv_fs_event_init(loop_uv(watch->spec.loop), &folder->event);
        /* Without it (no such folder yet, no more watches to be had) the poll remains. */
        if (uv_fs_event_start(&folder->event, on_event, path, 0) < 0) {
                folder_close(folder);
                return;
        }
        uv_unref((uv_handle_t *)&folder->event);
        watch->folders[watch->n_folders++] = folder;
}

/* Listens anew each time: a folder of the same name may be another one. */
static void listen_to_folders(Watch *watch) {
        Mem *mem = mem_alloc_zero(NULL, 1, "folders");
        FolderList list = list_folders(mem, watch->spec.path);

        for (size_t i = 0; i < watch->n_folders; i++)
                folder_close(watch->folders[i]);
        watch->n_folders = 0;
        for (size_t i = 0; i < list.n; i++)
                folder_open(watch, list.paths[i]);
        mem_free(mem);
}

/* --- from an event to a change --- */

static void on_quiet(void *context);

static void wait_for_quiet(Watch *watch) {
        mem_free(watch->quiet);
        watch->quiet = loop_alarm(watch->spec.loop, watch, watch->spec.quiet_ms, on_quiet, watch);
}

static void on_quiet(void *context) {
        Watch *watch = context;
        Reading reading = read_now(watch->spec.path);
        bool is_other = false;

        watch->quiet = NULL;
        if (!reading_equal(&reading, &watch->candidate)) {
                watch->candidate = reading;
                wait_for_quiet(watch);
                return;
        }
        is_other = strcmp(reading.content, watch->known.content) != 0;
        watch->known = reading;
        listen_to_folders(watch);
        if (is_other)
                watch->spec.on_change(watch->spec.context);
}

/* Looks at listing, sizes and times, which costs little. */
static void watch_look(Watch *watch) {
        const Reading *last = watch->quiet ? &watch->candidate : &watch->known;
        char listing[DIGEST_TEXT_SIZE];

        read_path(watch->spec.path, add_listing, listing);
        if (strcmp(listing, last->listing) == 0)
                return;
        watch->candidate = read_now(watch->spec.path);
        listen_to_folders(watch);
        wait_for_quiet(watch);
}

static void on_gathered(void *context) {
        Watch *watch = context;

        watch->gather = NULL;
        watch_look(watch);
}

static void watch_gather(Watch *watch) {
        if (!watch->gather)
                watch->gather = loop_alarm(watch->spec.loop, watch, GATHER_MS, on_gathered, watch);
}

static void on_poll(void *context) {
        Watch *watch = context;

        watch->poll = loop_alarm(watch->spec.loop, watch, watch->spec.poll_ms, on_poll, watch);
        watch_look(watch);
}

static int watch_destroy(void *object) {
        Watch *watch = object;

        for (size_t i = 0; i < watch->n_folders; i++)
                folder_close(watch->folders[i]);
        return 0;
}

Watch *watch_new(Mem *parent, const WatchSpec *spec) {
        Watch *watch = mem_new(parent, Watch);

        watch->spec = *spec;
        watch->spec.path = mem_strdup(watch, spec->path);
        mem_on_free(watch, watch_destroy);
        listen_to_folders(watch);
        watch->known = read_now(watch->spec.path);
        watch->poll = loop_alarm(spec->loop, watch, spec->poll_ms, on_poll, watch);
        return watch;
}

Watch *watch_free(Watch *watch) {
        return mem_free(watch);
}
