/* SPDX-License-Identifier: Apache-2.0 */
/* Probe: tries what the unit file of charterd forbids. A line "NAME WORD" for each NAME it is given: WORD is "done",
 * the name of the error, or of the signal that ended the try, or what was seen.
 *
 * Some calls get arguments that the kernel refuses by itself: it looks at them after the filters, so EFAULT and EINVAL
 * are calls that came through, and nothing is changed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
        SHARED_KEY = 0x43480000, /* of the segment all may open; plus its user: of one that is left behind */
        SHARED_SIZE = 4096,
        STRANGER = 4711,
        DYNAMIC_FIRST = 61184, /* systemd's range for DynamicUser= */
        DYNAMIC_LAST = 65519,
        TASKS = 72,       /* more than TasksMax=, fewer than anything else allows */
        MEMORY_MIB = 288, /* more than MemoryMax= */
        DESCRIPTORS_MAX = 1 << 20,
        PATH_SIZE = 4096,
        WORD_SIZE = 64,
};

static char word[WORD_SIZE];

static const char *answer(long result) {
        return result >= 0 ? "done" : strerrorname_np(errno);
}

static const char *print(const char *format, long value) {
        snprintf(word, sizeof word, format, value);
        return word;
}

/* --- files --- */

static const char *open_read(const char *path) {
        return answer(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

static const char *open_write(const char *path) {
        return answer(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
}

static const char *see(const char *path) {
        struct stat info;
        return answer(stat(path, &info));
}

static const char *see_owner(const char *path) {
        struct stat info;
        if (stat(path, &info) < 0)
                return strerrorname_np(errno);
        return print("%ld", info.st_uid);
}

/* A file in the folder that this variable names. */
static int create_in(const char *variable, char path[PATH_SIZE]) {
        const char *folder = getenv(variable);
        errno = ENOENT;
        if (!folder)
                return -1;
        snprintf(path, PATH_SIZE, "%s/probe-%d", folder, getpid());
        return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

static const char *create(const char *variable) {
        char path[PATH_SIZE];
        return answer(create_in(variable, path));
}

static const char *create_beside(const char *path) {
        char name[PATH_SIZE];
        snprintf(name, sizeof name, "%s/probe-%d", path, getpid());
        return answer(open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
}

static const char *see_mode(const char *variable) {
        struct stat info;
        const char *folder = getenv(variable);
        if (!folder || stat(folder, &info) < 0)
                return "none";
        return print("%lo", info.st_mode & 07777);
}

static const char *see_file_mode(const char *variable) {
        char path[PATH_SIZE];
        struct stat info;
        int file = create_in(variable, path);
        if (file < 0 || fstat(file, &info) < 0)
                return strerrorname_np(errno);
        return print("%lo", info.st_mode & 07777);
}

static const char *make_suid(const char *variable) {
        char path[PATH_SIZE];
        int file = create_in(variable, path);
        if (file < 0)
                return "no file";
        return answer(fchmod(file, 04700));
}

static const char *give_away(const char *variable) {
        char path[PATH_SIZE];
        int file = create_in(variable, path);
        if (file < 0)
                return "no file";
        return answer(fchown(file, STRANGER, (gid_t)-1));
}

static const char *read_credential(const char *name) {
        char path[PATH_SIZE];
        const char *folder = getenv("CREDENTIALS_DIRECTORY");
        if (!folder)
                return "none";
        snprintf(path, sizeof path, "%s/%s", folder, name);
        return open_read(path);
}

/* The cgroup this process is in, of systemd's own hierarchy. */
static const char *write_cgroup(const char *unused) {
        (void)unused;
        struct stat info;
        const char *root = "/sys/fs/cgroup/systemd";
        if (stat(root, &info) < 0)
                root = "/sys/fs/cgroup";
        char path[PATH_SIZE];
        snprintf(path, sizeof path, "%s/probe-%d", root, getpid());
        return answer(mkdir(path, 0700));
}

/* --- who it is --- */

static const char *is_root(const char *unused) {
        (void)unused;
        return geteuid() == 0 ? "root" : "another";
}

static const char *is_root_group(const char *unused) {
        (void)unused;
        return getegid() == 0 ? "root" : "another";
}

static const char *is_dynamic(const char *unused) {
        (void)unused;
        return getuid() >= DYNAMIC_FIRST && getuid() <= DYNAMIC_LAST ? "dynamic" : "static";
}

static const char *run_suid(const char *path) {
        execl(path, path, "--who", (char *)NULL);
        return strerrorname_np(errno);
}

static const char *ambient(const char *unused) {
        (void)unused;
        char line[256];
        FILE *file = fopen("/proc/self/status", "re");
        while (file && fgets(line, sizeof line, file))
                if (strncmp(line, "CapAmb:", 7) == 0)
                        return strtoull(line + 7, NULL, 16) ? "some" : "none";
        return "unknown";
}

static const char *mount_namespace(const char *path) {
        char theirs[WORD_SIZE] = "";
        FILE *file = fopen(path, "re");
        struct stat info;
        if (!file || !fgets(theirs, sizeof theirs, file) || stat("/proc/self/ns/mnt", &info) < 0)
                return "unknown";
        return strtoull(theirs, NULL, 10) == info.st_ino ? "shared" : "own";
}

/* --- limits --- */

static const char *raise_core(const char *unused) {
        (void)unused;
        struct rlimit limit;
        if (prlimit(0, RLIMIT_CORE, NULL, &limit) < 0)
                return strerrorname_np(errno);
        return limit.rlim_max == 0 ? "never" : "may be";
}

static const char *descriptors(const char *unused) {
        (void)unused;
        for (int i = 3; i < DESCRIPTORS_MAX; i++)
                if (dup2(0, i) < 0)
                        return print("%ld", i);
        return "no end";
}

static const char *start_tasks(const char *unused) {
        (void)unused;
        int hold[2];
        if (pipe(hold) < 0)
                return strerrorname_np(errno);
        for (int i = 0; i < TASKS; i++) {
                pid_t process = fork();
                if (process < 0)
                        return strerrorname_np(errno);
                if (process == 0) { /* until the one that tries ends */
                        char byte;
                        close(hold[1]);
                        _exit(read(hold[0], &byte, 1) < 0);
                }
        }
        return "done";
}

static const char *take_memory(const char *unused) {
        (void)unused;
        size_t n = (size_t)MEMORY_MIB << 20;
        char *bytes = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (bytes == MAP_FAILED)
                return strerrorname_np(errno);
        memset(bytes, 1, n);
        long n_pages = 0, n_resident = 0;
        FILE *file = fopen("/proc/self/statm", "re");
        if (!file || fscanf(file, "%ld %ld", &n_pages, &n_resident) != 2)
                return "unknown";
        return n_resident * getpagesize() >= (long)n ? "done" : "swapped out";
}

/* --- calls --- */

static const char *set_clock(const char *unused) {
        (void)unused;
        return answer(syscall(SYS_clock_settime, CLOCK_REALTIME, NULL));
}

static const char *set_hostname(const char *unused) {
        (void)unused;
        char name[WORD_SIZE] = "";
        gethostname(name, sizeof name - 1);
        return answer(sethostname(name, strlen(name)));
}

static const char *open_packet_socket(const char *unused) {
        (void)unused;
        return answer(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
}

static const char *make_namespace(const char *unused) {
        (void)unused;
        return answer(unshare(CLONE_NEWUTS));
}

static const char *be_realtime(const char *unused) {
        (void)unused;
        return answer(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, NULL));
}

static const char *set_personality(const char *unused) {
        (void)unused;
        return answer(personality(ADDR_NO_RANDOMIZE));
}

static const char *write_and_execute(const char *unused) {
        (void)unused;
        void *bytes = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return answer(bytes == MAP_FAILED ? -1 : 0);
}

/* getpid() as a 32-bit program asks for it. */
static const char *call_as_32_bit(const char *unused) {
        (void)unused;
#ifdef __x86_64__
        long result = 20;
        __asm__ volatile("int $0x80" : "+a"(result) : : "r8", "r9", "r10", "r11", "memory");
        if (result < 0)
                errno = (int)-result;
        return answer(result < 0 ? -1 : 0);
#else
        return "no such processor";
#endif
}

static const char *call_unlisted(const char *unused) {
        (void)unused;
        static unsigned char resident[1];
        return answer(mincore((void *)((uintptr_t)resident & ~((uintptr_t)getpagesize() - 1)), 1, resident));
}

static const char *call_privileged(const char *unused) {
        (void)unused;
        return answer(syscall(SYS_chroot, NULL));
}

static const char *call_resources(const char *unused) {
        (void)unused;
        return answer(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0)));
}

static const char *call_mount(const char *unused) {
        (void)unused;
        return answer(mount(NULL, NULL, NULL, 0, NULL));
}

static const char *call_debug(const char *unused) {
        (void)unused;
        return answer(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

/* The manager puts the invocation's id into a keyring that it made for the service. */
static const char *find_keyring(const char *unused) {
        (void)unused;
        long found = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "invocation_id", 0);
        return found >= 0 ? "own" : strerrorname_np(errno);
}

/* Whether a key that this user keeps for all its processes is at hand. */
static const char *find_user_key(const char *name) {
        long key = syscall(SYS_add_key, "user", name, "x", 1, KEY_SPEC_USER_KEYRING);
        if (key < 0)
                return "no key";
        return answer(syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", name, 0));
}

/* --- shared memory --- */

static const char *make_shared(const char *unused) {
        (void)unused;
        return answer(shmget(SHARED_KEY, SHARED_SIZE, IPC_CREAT | 0666));
}

static const char *open_shared(const char *unused) {
        (void)unused;
        return answer(shmget(SHARED_KEY, SHARED_SIZE, 0));
}

/* Says the key: whether it is left is seen once the unit has stopped. */
static const char *leave_shared(const char *unused) {
        (void)unused;
        int shared = shmget(SHARED_KEY + (key_t)getuid(), SHARED_SIZE, IPC_CREAT | IPC_EXCL | 0600);
        return shared < 0 ? strerrorname_np(errno) : print("%ld", SHARED_KEY + (long)getuid());
}

/* clang-format off: one row a line */
static const struct {
        const char *name;
        const char *(*try)(const char *argument);
        const char *argument;
} tries[] = {
        {"write-machine", create_beside, "/srv/charterd-probe"},
        {"read-home", open_read, "/home/charterd-probe"},
        {"read-tmp", open_read, "/tmp/charterd-probe"},
        {"read-device", open_read, "/dev/charterd-probe"},
        {"open-device", open_read, "/dev/net/tun"},
        {"read-module", open_read, "/usr/lib/modules/charterd-probe"},
        {"read-kernel-log", open_read, "/proc/kmsg"},
        {"read-machine", open_read, "/proc/cpuinfo"},
        {"see-process", see, "/proc/1"},
        {"see-owner", see_owner, "/srv/charterd-probe/stranger"},
        {"write-tunable", open_write, "/proc/sys/net/ipv4/ip_forward"},
        {"write-cgroup", write_cgroup, NULL},
        {"read-secret", open_read, "/etc/charterd/ado-pat"},
        {"read-credential", read_credential, "ado-pat"},
        {"write-state", create, "STATE_DIRECTORY"},
        {"write-runtime", create, "RUNTIME_DIRECTORY"},
        {"mode-of-state", see_mode, "STATE_DIRECTORY"},
        {"mode-of-runtime", see_mode, "RUNTIME_DIRECTORY"},
        {"mode-of-file", see_file_mode, "STATE_DIRECTORY"},
        {"make-suid", make_suid, "STATE_DIRECTORY"},
        {"give-away", give_away, "STATE_DIRECTORY"},
        {"is-root", is_root, NULL},
        {"is-root-group", is_root_group, NULL},
        {"is-dynamic", is_dynamic, NULL},
        {"run-suid", run_suid, "/srv/charterd-probe/suid"},
        {"ambient", ambient, NULL},
        {"mounts", mount_namespace, "/srv/charterd-probe/mounts"},
        {"core", raise_core, NULL},
        {"descriptors", descriptors, NULL},
        {"tasks", start_tasks, NULL},
        {"memory", take_memory, NULL},
        {"clock", set_clock, NULL},
        {"hostname", set_hostname, NULL},
        {"packet-socket", open_packet_socket, NULL},
        {"namespace", make_namespace, NULL},
        {"realtime", be_realtime, NULL},
        {"personality", set_personality, NULL},
        {"write-and-execute", write_and_execute, NULL},
        {"32-bit", call_as_32_bit, NULL},
        {"call-unlisted", call_unlisted, NULL},
        {"call-privileged", call_privileged, NULL},
        {"call-resources", call_resources, NULL},
        {"call-mount", call_mount, NULL},
        {"call-debug", call_debug, NULL},
        {"keyring", find_keyring, NULL},
        {"user-key", find_user_key, "charterd-probe"},
        {"make-shared", make_shared, NULL},
        {"open-shared", open_shared, NULL},
        {"leave-shared", leave_shared, NULL},
};
/* clang-format on */

/* In a process of its own: a try may end it. */
static int try_one(const char *name, const char *(*try)(const char *), const char *argument) {
        printf("%s ", name);
        fflush(stdout);
        pid_t process = fork();
        if (process < 0)
                return -1;
        if (process == 0) {
                const char *word_of = try(argument);
                dprintf(STDOUT_FILENO, "%s", word_of ? word_of : "unknown");
                _exit(0);
        }
        int status = 0;
        while (waitpid(process, &status, 0) < 0 && errno == EINTR)
                ;
        if (WIFSIGNALED(status))
                printf("SIG%s", sigabbrev_np(WTERMSIG(status)));
        putchar('\n');
        return fflush(stdout);
}

int main(int n_words, char **words) {
        size_t n_tries = sizeof tries / sizeof *tries;
        if (n_words == 2 && strcmp(words[1], "--who") == 0) /* the copy with the rights of its owner */
                return printf("%s", is_root(NULL)) < 0;
        for (int i = 1; i < n_words; i++) {
                size_t row = 0;
                while (row < n_tries && strcmp(tries[row].name, words[i]) != 0)
                        row++;
                if (row == n_tries) {
                        fprintf(stderr, "probe: there is no %s\n", words[i]);
                        return 1;
                }
                if (try_one(tries[row].name, tries[row].try, tries[row].argument) < 0)
                        return 1;
        }
        return 0;
}
