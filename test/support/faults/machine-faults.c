/*
 * What a machine does to a process: its wall clock jumps, its disk fails, stalls or forgets. Loaded before the process
 * by LD_PRELOAD; told what to do by the test through a shared page (machine.ts writes it):
 *
 *   offset 0   8 bytes   nanoseconds that the wall clock is ahead
 *          8   4 bytes   0 sync is sync, 1 sync fails with EIO, 2 sync is skipped and said to have worked
 *         12   4 bytes   milliseconds that each sync takes longer
 *         16   4 bytes   dies at this sync, counted from the start of the process; 0 never
 *         20   4 bytes   0 dies before it is done, 1 right after
 *         24   4 bytes   syncs begun so far: the one number that goes the other way
 *         28   4 bytes   thousandths by which all clocks run faster; below 0: slower
 *
 * The ledger says how long each file was when it was last synced: device, inode and size, 8 bytes each. A power cut is
 * made from it: whatever a file has beyond that is gone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SYNC_WORKS = 0, SYNC_FAILS = 1, SYNC_LIES = 2 };

struct orders {
  volatile int64_t clock_ahead_ns;
  volatile int32_t sync;
  volatile int32_t stall_ms;
  volatile int32_t dies_at;
  volatile int32_t dies_after;
  volatile int32_t begun;
  volatile int32_t faster;
};

static struct orders none;
static struct orders *orders = &none;
static int ledger = -1;

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static int (*real_gettimeofday)(struct timeval *, void *);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void) {
  real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  real_gettimeofday = dlsym(RTLD_NEXT, "gettimeofday");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  const char *page = getenv("QUORATE_TEST_MACHINE");
  int file = page == NULL ? -1 : open(page, O_RDWR | O_CLOEXEC);
  if (file >= 0) {
    void *shared = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (shared != MAP_FAILED) orders = shared;
    close(file);
  }
  orders->begun = 0;
  const char *path = getenv("QUORATE_TEST_LEDGER");
  if (path != NULL) ledger = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

/* What the clocks have gained so far: a monotonic one never goes back, so a change of pace keeps it. */
static pthread_mutex_t pace = PTHREAD_MUTEX_INITIALIZER;
static int64_t gained_ns, since_ns, faster_since;

static int64_t gain(void) {
  struct timespec at;
  real_clock_gettime(CLOCK_MONOTONIC, &at);
  int64_t now_ns = at.tv_sec * 1000000000LL + at.tv_nsec;
  pthread_mutex_lock(&pace);
  int64_t gained = gained_ns + (now_ns - since_ns) / 1000 * faster_since;
  if (orders->faster != faster_since) {
    gained_ns = gained;
    since_ns = now_ns;
    faster_since = orders->faster;
  }
  pthread_mutex_unlock(&pace);
  return gained;
}

static void move(int64_t *seconds, int64_t *nanoseconds, int64_t by_ns) {
  int64_t total = *nanoseconds + by_ns % 1000000000;
  *seconds += by_ns / 1000000000;
  if (total < 0) { total += 1000000000; *seconds -= 1; }
  if (total >= 1000000000) { total -= 1000000000; *seconds += 1; }
  *nanoseconds = total;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
  int result = real_clock_gettime(clock, at);
  int wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  int monotonic = clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME;
  if (result != 0 || (!wall && !monotonic)) return result;
  int64_t seconds = at->tv_sec, nanoseconds = at->tv_nsec;
  move(&seconds, &nanoseconds, gain() + (wall ? orders->clock_ahead_ns : 0));
  at->tv_sec = seconds;
  at->tv_nsec = nanoseconds;
  return 0;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
  int result = real_gettimeofday(at, zone);
  if (result != 0) return result;
  int64_t seconds = at->tv_sec, nanoseconds = (int64_t)at->tv_usec * 1000;
  move(&seconds, &nanoseconds, gain() + orders->clock_ahead_ns);
  at->tv_sec = seconds;
  at->tv_usec = nanoseconds / 1000;
  return 0;
}

/* The first process of a container is deaf to its own signals: then it ends as if killed, and cleans up nothing either. */
static void die(void) {
  kill(getpid(), SIGKILL);
  _exit(128 + SIGKILL);
}

static int sync_file(int file, int (*real)(int)) {
  int dies = __atomic_add_fetch(&orders->begun, 1, __ATOMIC_SEQ_CST) == orders->dies_at;
  if (dies && !orders->dies_after) die();
  if (orders->stall_ms > 0) usleep((useconds_t)orders->stall_ms * 1000);
  if (orders->sync == SYNC_FAILS) { errno = EIO; return -1; }
  if (orders->sync == SYNC_LIES) return 0;
  struct stat before;
  int known = fstat(file, &before);
  int result = real(file);
  if (result == 0 && known == 0 && ledger >= 0) {
    int64_t line[3] = {(int64_t)before.st_dev, (int64_t)before.st_ino, (int64_t)before.st_size};
    if (write(ledger, line, sizeof line) != sizeof line) abort();
  }
  if (dies) die();
  return result;
}

int fsync(int file) { return sync_file(file, real_fsync); }
int fdatasync(int file) { return sync_file(file, real_fdatasync); }
