/* Faults between a program and its files, preloaded into it: the test that uses it says which.
 *
 * FAULT_AT     the number of the call (from 1) to a regular file at which it happens
 * FAULT_KIND   kill: the process is killed instead of the call
 *              half: half of a write is done, then the process is killed
 *              full: the disk is full from that call on
 *              sync: that call, if it is a sync, fails
 * FAULT_COUNT  a file that is told the number of calls when the program ends
 * FAULT_SYNCED a folder that keeps each file as it was when it was last synced: what a disk may
 *              hold after a power loss
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;
static long fault_at = -1;
static const char *kind = "kill";
static const char *synced;

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("FAULT_AT");
    if (at) fault_at = atol(at);
    if (getenv("FAULT_KIND")) kind = getenv("FAULT_KIND");
    synced = getenv("FAULT_SYNCED");
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAULT_COUNT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld", atomic_load(&calls));
        fclose(file);
    }
}

static int is(const char *name) { return strcmp(kind, name) == 0; }

static int is_file(int fd) {
    struct stat about;
    return fd > 2 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Counts a call; says whether the disk is full for it. */
static int counted(void) {
    long call = atomic_fetch_add(&calls, 1) + 1;
    if (call == fault_at && is("kill")) die();
    return fault_at > 0 && call >= fault_at && is("full");
}

static int now(void) { return atomic_load(&calls) == fault_at; }

static void copy_synced(int fd) {
    char link[64], path[4096], copy[8192], buffer[65536];
    if (!synced) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    snprintf(copy, sizeof copy, "%s/%s", synced, basename(path));
    int out = open(copy, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    off_t at = 0;
    while ((length = pread(fd, buffer, sizeof buffer, at)) > 0) {
        syscall(SYS_write, out, buffer, length);
        at += length;
    }
    close(out);
}

static void forget_synced(const char *path) {
    char name[4096], copy[8192];
    if (!synced) return;
    snprintf(name, sizeof name, "%s", path);
    snprintf(copy, sizeof copy, "%s/%s", synced, basename(name));
    syscall(SYS_unlink, copy);
}

#define REAL(type, name, ...)                                   \
    static type (*real)(__VA_ARGS__);                           \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (is_file(fd)) {
        if (counted()) { errno = ENOSPC; return -1; }
        if (now() && is("half")) { real(fd, bytes, length / 2); die(); }
    }
    return real(fd, bytes, length);
}

static ssize_t written_at(ssize_t (*real)(int, const void *, size_t, off_t), int fd,
                          const void *bytes, size_t length, off_t at) {
    if (is_file(fd)) {
        if (counted()) { errno = ENOSPC; return -1; }
        if (now() && is("half")) { real(fd, bytes, length / 2, at); die(); }
    }
    return real(fd, bytes, length, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
    return written_at(real, fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at) {
    REAL(ssize_t, "pwrite64", int, const void *, size_t, off_t);
    return written_at(real, fd, bytes, length, at);
}

static int synced_by(int (*real)(int), int fd) {
    if (!is_file(fd)) return real(fd);
    counted();
    if (now() && is("sync")) { errno = EIO; return -1; }
    int result = real(fd);
    if (result == 0) copy_synced(fd);
    return result;
}

int fsync(int fd) {
    REAL(int, "fsync", int);
    return synced_by(real, fd);
}

int fdatasync(int fd) {
    REAL(int, "fdatasync", int);
    return synced_by(real, fd);
}

int ftruncate(int fd, off_t length) {
    REAL(int, "ftruncate", int, off_t);
    if (is_file(fd)) counted();
    return real(fd, length);
}

int ftruncate64(int fd, off_t length) {
    REAL(int, "ftruncate64", int, off_t);
    if (is_file(fd)) counted();
    return real(fd, length);
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    counted();
    int result = real(path);
    if (result == 0) forget_synced(path);
    return result;
}

/* A renamed file keeps what was last synced of it. */
int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    char name[4096], copy[8192], renamed[8192];
    counted();
    int result = real(from, to);
    if (result == 0 && synced) {
        snprintf(name, sizeof name, "%s", to);
        snprintf(renamed, sizeof renamed, "%s/%s", synced, basename(name));
        snprintf(name, sizeof name, "%s", from);
        snprintf(copy, sizeof copy, "%s/%s", synced, basename(name));
        if (syscall(SYS_rename, copy, renamed) != 0) syscall(SYS_unlink, renamed);
    }
    return result;
}
