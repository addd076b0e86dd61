/* SPDX-License-Identifier: Apache-2.0 */
/* Commit: where git keeps what is checked out, in each of its forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/commit.h"
#include "tests/unit/ledger/folder.h"

#define FIRST "1111111111111111111111111111111111111111"
#define SECOND "2222222222222222222222222222222222222222"

static Mem *mem;
static char *folder;

static void make(const char *name) {
        assert_int_equal(mkdir(mem_printf(mem, "%s/%s", folder, name), 0700), 0);
}

static void put(const char *name, const char *text) {
        folder_write(folder, name, text, strlen(text));
}

static const char *commit(const char *name) {
        return commit_of(mem, mem_printf(mem, "%s/%s", folder, name));
}

static int setup(void **state) {
        mem = mem_new(NULL, char);
        folder = folder_new(mem);
        make("charters");
        put("charters/contoso.yaml", "charter: 1\n");
        return 0;
}

static int teardown(void **state) {
        mem_free(mem);
        return 0;
}

static void test_outside_of_git(void **state) {
        assert_null(commit("charters/contoso.yaml"));
        assert_null(commit("nowhere.yaml"));
}

static void test_branch(void **state) {
        make(".git");
        make(".git/refs");
        make(".git/refs/heads");
        put(".git/HEAD", "ref: refs/heads/main\n");
        assert_null(commit("charters/contoso.yaml")); /* no commit yet */
        put(".git/packed-refs", "# pack-refs with: peeled\n" SECOND " refs/heads/old\n" FIRST " refs/heads/main\n");
        assert_string_equal(commit("charters/contoso.yaml"), FIRST);
        put(".git/refs/heads/main", SECOND "\n");
        assert_string_equal(commit("charters/contoso.yaml"), SECOND);
        assert_string_equal(commit("charters"), SECOND);
}

static void test_detached(void **state) {
        make(".git");
        put(".git/HEAD", FIRST "\n");
        assert_string_equal(commit("charters/contoso.yaml"), FIRST);
        put(".git/HEAD", "something else\n");
        assert_null(commit("charters/contoso.yaml"));
}

/* As git-sync lays it out: a link to a work tree whose .git is a file. */
static void test_linked_work_tree(void **state) {
        make("git");
        make("git/worktrees");
        make("git/worktrees/a");
        make("tree");
        put("tree/charter.yaml", "charter: 1\n");
        put("tree/.git", "gitdir: ../git/worktrees/a\n");
        put("git/worktrees/a/commondir", "../..\n");
        put("git/worktrees/a/HEAD", "ref: refs/heads/main\n");
        put("git/packed-refs", FIRST " refs/heads/main\n");
        assert_int_equal(symlink("tree", mem_printf(mem, "%s/current", folder)), 0);
        assert_string_equal(commit("current/charter.yaml"), FIRST);
}

#define test_of(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
        const struct CMUnitTest tests[] = {
                test_of(test_outside_of_git),
                test_of(test_branch),
                test_of(test_detached),
                test_of(test_linked_work_tree),
        };

        return cmocka_run_group_tests_name("commit", tests, NULL, NULL);
}
