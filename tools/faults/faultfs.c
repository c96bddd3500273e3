/*
 * A file layer under a real process: loaded with LD_PRELOAD, it stands between the process and the disk for every file below
 * one folder, counts each call that changes something there (a step), and makes one of them fail in the way it is told.
 *
 *   FAULT_ROOT   the folder, absolute
 *   FAULT_TRACE  a file outside of it: one line for each step, "s NUMBER CALL FILE LENGTH"; for each read "r NUMBER read FILE LENGTH";
 *                "! NUMBER FAULT" when the fault was injected
 *   FAULT_KIND   what happens at step FAULT_STEP (eio-read counts reads instead)
 *   FAULT_SEED   chooses sectors
 *   FAULT_KEEP   a folder beside the root: a process that crashes leaves there what is durable, while the root keeps what the system
 *                holds in memory
 *   FAULT_ADOPT  such a folder: the process starts over the root as another one left it, unsynced as that is, and power is lost
 *                when it ends
 *
 * The disk is modelled as pessimistically as POSIX allows. What a file holds is durable when fsync or fdatasync of that file
 * has returned; that a name exists, is gone, or means another file is durable when fsync of its folder has returned; one says
 * nothing about the other. At a loss of power all else is undone (power-before, power-after), or each unsynced sector of 512
 * bytes is the old or the new one, and the unsynced names are kept up to some point (torn).
 *
 *   crash-before, crash-after   the process ends at once; the system lives on and keeps what it was given
 *   power-before, power-after   the same, and what is not durable is lost
 *   torn                        the call is made; then power is lost with the unsynced sectors mixed
 *   sync-lost                   fsync says EIO, and what it should have written never gets to the disk: as Linux does, the pages
 *                               count as clean, so that a later fsync succeeds without them. The process goes on
 *   eio, eio-read               the call fails with EIO once. The process goes on
 *   short                       a write takes half of the bytes, as any write may. The process goes on
 *   enospc                      a write takes half of the bytes, and from then on nothing gets any space
 *   enospc-brief                the same, for three calls; then there is space again
 *
 * Whenever the process goes on, power is lost when it ends, so that nothing counts that was not durable; after sync-lost with an odd
 * seed already when a database itself is written to, so that nothing that only a write-ahead log held is saved by a checkpoint. A
 * process that the fault ended has status 86. Files of SQLite's shared memory (-shm) are left alone: they are rebuilt by whoever
 * opens the database next.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define ENDED 86
#define SECTOR 512
#define PAGE 4096
#define BRIEF_CALLS 3

enum fault { NONE, CRASH_BEFORE, CRASH_AFTER, POWER_BEFORE, POWER_AFTER, TORN, SYNC_LOST, EIO_CALL, EIO_READ, SHORT, FULL, FULL_BRIEF };
static const char *const FAULT_NAMES[] = {"none", "crash-before", "crash-after", "power-before", "power-after", "torn",
                                          "sync-lost", "eio", "eio-read", "short", "enospc", "enospc-brief"};

/* A file or folder below the root. The descriptor is our own and is never closed: closing it would drop the process's locks. */
struct node {
  dev_t dev;
  ino_t ino;
  int fd;
  int is_dir;
  char *path;
  /* What is durable, while that differs from what the process sees; pages that a failed sync lost stay apart for good. */
  int dirty;
  unsigned char *durable;
  size_t durable_size;
  unsigned char *lost;
  size_t lost_pages;
  struct node *next;
};

/* A change of names that no fsync of the folder has made durable. */
enum change { CREATE, RENAME, UNLINK, MKDIR };
struct pending {
  enum change change;
  char *path;
  char *to;
  struct node *node;
  struct node *over;
  int lost;
  struct pending *before;
};

static struct {
  char root[PATH_MAX];
  size_t root_length;
  int trace;
  enum fault fault;
  long at;
  uint64_t seed;
  long step;
  long reads;
  long full;
  int injected;
  int over;
  struct node *nodes;
  struct pending *last;
} disk;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define REAL(name, result, arguments) static result(*real_##name) arguments
REAL(open, int, (const char *, int, ...));
REAL(openat, int, (int, const char *, int, ...));
REAL(write, ssize_t, (int, const void *, size_t));
REAL(pwrite, ssize_t, (int, const void *, size_t, off_t));
REAL(writev, ssize_t, (int, const struct iovec *, int));
REAL(pwritev, ssize_t, (int, const struct iovec *, int, off_t));
REAL(read, ssize_t, (int, void *, size_t));
REAL(pread, ssize_t, (int, void *, size_t, off_t));
REAL(readv, ssize_t, (int, const struct iovec *, int));
REAL(preadv, ssize_t, (int, const struct iovec *, int, off_t));
REAL(ftruncate, int, (int, off_t));
REAL(fsync, int, (int));
REAL(fdatasync, int, (int));
REAL(rename, int, (const char *, const char *));
REAL(unlink, int, (const char *));
REAL(unlinkat, int, (int, const char *, int));
REAL(mkdir, int, (const char *, mode_t));

static void adopt(const char *now, const char *durable);

static void find(void *target, const char *name) { *(void **)target = dlsym(RTLD_NEXT, name); }

static void start(void) {
  find(&real_open, "open64");
  find(&real_openat, "openat64");
  find(&real_write, "write");
  find(&real_pwrite, "pwrite64");
  find(&real_writev, "writev");
  find(&real_pwritev, "pwritev64");
  find(&real_read, "read");
  find(&real_pread, "pread64");
  find(&real_readv, "readv");
  find(&real_preadv, "preadv64");
  find(&real_ftruncate, "ftruncate64");
  find(&real_fsync, "fsync");
  find(&real_fdatasync, "fdatasync");
  find(&real_rename, "rename");
  find(&real_unlink, "unlink");
  find(&real_unlinkat, "unlinkat");
  find(&real_mkdir, "mkdir");
  const char *root = getenv("FAULT_ROOT"), *trace = getenv("FAULT_TRACE"), *kind = getenv("FAULT_KIND"), *at = getenv("FAULT_STEP"),
             *seed = getenv("FAULT_SEED");
  disk.trace = -1;
  if (root == NULL || strlen(root) >= PATH_MAX) return;
  strcpy(disk.root, root);
  disk.root_length = strlen(root);
  if (trace != NULL) disk.trace = real_open(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  disk.at = at == NULL ? 0 : atol(at);
  disk.seed = seed == NULL ? 1 : strtoull(seed, NULL, 10);
  for (int i = 0; kind != NULL && i <= FULL_BRIEF; i++)
    if (strcmp(kind, FAULT_NAMES[i]) == 0) disk.fault = (enum fault)i;
  const char *durable = getenv("FAULT_ADOPT");
  if (durable == NULL) return;
  disk.injected = 1;
  adopt(disk.root, durable);
}

static void enter(void) {
  pthread_once(&once, start);
  pthread_mutex_lock(&mutex);
}
static void leave(void) {
  int error = errno;
  pthread_mutex_unlock(&mutex);
  errno = error;
}

/* ---- files and names ------------------------------------------------------------------------------------------------- */

static char *copy_text(const char *text) {
  char *copy = strdup(text);
  if (copy == NULL) abort();
  return copy;
}

/* The absolute path; 0 when it is not below the root, or not looked at. */
static int path_below(int folder, const char *path, char *result) {
  if (disk.root_length == 0 || path == NULL) return 0;
  char base[PATH_MAX] = "";
  if (path[0] != '/') {
    if (folder == AT_FDCWD) {
      if (getcwd(base, sizeof base) == NULL) return 0;
    } else {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
      ssize_t length = readlink(link, base, sizeof base - 1);
      if (length < 0) return 0;
      base[length] = 0;
    }
    strncat(base, "/", sizeof base - strlen(base) - 1);
  }
  if (strlen(base) + strlen(path) >= PATH_MAX) return 0;
  strcpy(result, base);
  strcat(result, path);
  size_t length = strlen(result);
  while (length > 1 && result[length - 1] == '/') result[--length] = 0;
  if (strncmp(result, disk.root, disk.root_length) != 0 || (result[disk.root_length] != '/' && result[disk.root_length] != 0)) return 0;
  return length < 4 || strcmp(result + length - 4, "-shm") != 0;
}

static const char *shown(const char *path) { return path[disk.root_length] == '/' ? path + disk.root_length + 1 : "."; }

static struct node *node_of(int fd) {
  struct stat info;
  if (disk.nodes == NULL || fstat(fd, &info) != 0) return NULL;
  for (struct node *node = disk.nodes; node != NULL; node = node->next)
    if (node->dev == info.st_dev && node->ino == info.st_ino) return node;
  return NULL;
}

static struct node *node_at(const char *path) {
  struct stat info;
  if (lstat(path, &info) != 0 || !(S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))) return NULL;
  for (struct node *node = disk.nodes; node != NULL; node = node->next)
    if (node->dev == info.st_dev && node->ino == info.st_ino) return node;
  struct node *node = calloc(1, sizeof *node);
  if (node == NULL) abort();
  node->dev = info.st_dev;
  node->ino = info.st_ino;
  node->is_dir = S_ISDIR(info.st_mode);
  node->fd = real_open(path, (node->is_dir ? O_RDONLY : O_RDWR) | O_CLOEXEC);
  node->path = copy_text(path);
  node->next = disk.nodes;
  disk.nodes = node;
  return node;
}

static unsigned char *whole(int fd, size_t *size) {
  struct stat info;
  if (fstat(fd, &info) != 0) abort();
  unsigned char *bytes = malloc((size_t)info.st_size + 1);
  if (bytes == NULL) abort();
  size_t got = 0;
  while (got < (size_t)info.st_size) {
    ssize_t count = real_pread(fd, bytes + got, (size_t)info.st_size - got, (off_t)got);
    if (count <= 0) break;
    got += (size_t)count;
  }
  *size = got;
  return bytes;
}

/* Before a file changes: keeps what is durable of it. */
static void before_change(struct node *node) {
  if (node->durable == NULL) node->durable = whole(node->fd, &node->durable_size);
  node->dirty = 1;
}

/* Pages that are written again are dirty again, and a later sync takes them along. */
static void written(struct node *node, size_t from, size_t length) {
  if (node->lost == NULL || length == 0) return;
  for (size_t page = from / PAGE; page <= (from + length - 1) / PAGE && page < node->lost_pages; page++) node->lost[page] = 0;
}

static void forget_lost(struct node *node) {
  free(node->lost);
  free(node->durable);
  node->lost = NULL;
  node->durable = NULL;
  node->lost_pages = node->durable_size = 0;
}

static void synced(struct node *node) {
  node->dirty = 0;
  if (node->durable == NULL) return;
  int any = 0;
  for (size_t page = 0; page < node->lost_pages; page++) any |= node->lost[page];
  if (!any) return forget_lost(node);
  size_t size;
  unsigned char *now = whole(node->fd, &size);
  for (size_t page = 0; page < node->lost_pages; page++) {
    if (!node->lost[page]) continue;
    size_t from = page * PAGE;
    for (size_t i = from; i < from + PAGE && i < size; i++) now[i] = i < node->durable_size ? node->durable[i] : 0;
  }
  free(node->durable);
  node->durable = now;
  node->durable_size = size;
}

static void sync_lost(struct node *node) {
  node->dirty = 0;
  if (node->durable == NULL) return;
  size_t size;
  unsigned char *now = whole(node->fd, &size);
  size_t pages = ((size > node->durable_size ? size : node->durable_size) + PAGE - 1) / PAGE;
  unsigned char *lost = calloc(pages + 1, 1);
  if (lost == NULL) abort();
  for (size_t i = 0; i < pages * PAGE; i++) {
    int is_new = i < size, is_old = i < node->durable_size;
    if (is_new != is_old || (is_new && now[i] != node->durable[i])) lost[i / PAGE] = 1;
  }
  free(now);
  free(node->lost);
  node->lost = lost;
  node->lost_pages = pages;
}

static int in_folder(const char *path, const char *folder) {
  const char *slash = strrchr(path, '/');
  return slash != NULL && (size_t)(slash - path) == strlen(folder) && strncmp(path, folder, strlen(folder)) == 0;
}

/* A folder that has changed again is written as a whole, with what an earlier sync lost. */
static void folder_synced(const char *folder, int is_lost) {
  int has_changed = 0;
  for (struct pending *one = disk.last; one != NULL; one = one->before) has_changed |= !one->lost && in_folder(one->path, folder);
  if (!has_changed) return;
  for (struct pending **link = &disk.last; *link != NULL;) {
    struct pending *one = *link;
    if (!in_folder(one->path, folder)) {
      link = &one->before;
    } else if (is_lost) {
      one->lost = 1;
      link = &one->before;
    } else {
      *link = one->before;
      free(one);
    }
  }
}

static void changed(enum change change, const char *path, const char *to, struct node *node, struct node *over) {
  struct pending *one = calloc(1, sizeof *one);
  if (one == NULL) abort();
  *one = (struct pending){change, copy_text(path), to == NULL ? NULL : copy_text(to), node, over, 0, disk.last};
  disk.last = one;
}

/* ---- loss of power --------------------------------------------------------------------------------------------------- */

static int coin(const char *name, size_t number) {
  uint64_t mixed = disk.seed * 0x9e3779b97f4a7c15u + number;
  for (; *name; name++) mixed = (mixed ^ (unsigned char)*name) * 0x100000001b3u;
  mixed ^= mixed >> 33;
  mixed *= 0xff51afd7ed558ccdu;
  mixed ^= mixed >> 33;
  return (int)(mixed & 1);
}

static void write_whole(int fd, const unsigned char *bytes, size_t size) {
  real_ftruncate(fd, (off_t)size);
  for (size_t done = 0; done < size;) {
    ssize_t count = real_pwrite(fd, bytes + done, size - done, (off_t)done);
    if (count <= 0) abort();
    done += (size_t)count;
  }
}

static void settle_content(struct node *node, int mixed) {
  if (node->durable == NULL || node->is_dir) return;
  if (!mixed || !node->dirty) return write_whole(node->fd, node->durable, node->durable_size);
  size_t size;
  unsigned char *now = whole(node->fd, &size);
  size_t end = coin(node->path, SIZE_MAX) ? size : node->durable_size;
  unsigned char *after = calloc(end + 1, 1);
  if (after == NULL) abort();
  for (size_t i = 0; i < end; i++) {
    int take_new = i < size && coin(node->path, i / SECTOR);
    after[i] = take_new ? now[i] : i < node->durable_size ? node->durable[i] : 0;
  }
  write_whole(node->fd, after, end);
  free(now);
  free(after);
}

static void put_back(const struct node *node, const char *path) {
  size_t size;
  unsigned char *bytes = whole(node->fd, &size);
  int fd = real_open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd >= 0) write_whole(fd, bytes, size);
  free(bytes);
}

static void remove_folder(const char *path) {
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    char inner[PATH_MAX + 260];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    if (entry->d_type == DT_DIR) remove_folder(inner);
    else real_unlink(inner);
  }
  rmdir(path);
}

static void undo(const struct pending *one) {
  switch (one->change) {
    case CREATE:
      real_unlink(one->path);
      return;
    case MKDIR:
      remove_folder(one->path);
      return;
    case UNLINK:
      put_back(one->node, one->path);
      return;
    case RENAME:
      real_rename(one->to, one->path);
      if (one->over != NULL) put_back(one->over, one->to);
  }
}

static void lose_power(int mixed) {
  if (disk.over) return;
  disk.over = 1;
  for (struct node *node = disk.nodes; node != NULL; node = node->next) settle_content(node, mixed);
  size_t kept = 0, count = 0;
  for (struct pending *one = disk.last; one != NULL; one = one->before) count++;
  if (mixed && count > 0) kept = (size_t)(disk.seed * 2654435761u >> 7) % (count + 1);
  for (struct pending *one = disk.last; one != NULL && count > kept; one = one->before, count--) undo(one);
}

/* A process that went on under a fault: when it ends, so does the power. */
__attribute__((destructor)) static void ended(void) {
  pthread_once(&once, start);
  if (disk.root_length == 0 || !disk.injected) return;
  enter();
  lose_power(0);
  leave();
}

/* ---- a process that was killed, and the one that comes after ------------------------------------------------------------ */

static void copy_folder(const char *from, const char *to) {
  real_mkdir(to, 0700);
  DIR *folder = opendir(from);
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    char source[PATH_MAX + 260], target[PATH_MAX + 260];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
    snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
    if (entry->d_type == DT_DIR) {
      copy_folder(source, target);
      continue;
    }
    int in = real_open(source, O_RDONLY | O_CLOEXEC), out = real_open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    size_t size;
    unsigned char *bytes = whole(in, &size);
    write_whole(out, bytes, size);
    free(bytes);
    close(in);
    close(out);
  }
  if (folder != NULL) closedir(folder);
}

/* Where the durable bytes of a file are kept apart from its name. */
static void kept_content(char *result, const char *kept, const char *path) {
  size_t length = (size_t)snprintf(result, PATH_MAX, "%s.content", kept);
  snprintf(result + length, PATH_MAX, "/%s", shown(path));
  for (char *at = result + length + 1; *at; at++)
    if (*at == '/') *at = '%';
}

static void keep_contents(const char *kept) {
  char path[2 * PATH_MAX];
  snprintf(path, sizeof path, "%s.content", kept);
  real_mkdir(path, 0700);
  for (struct node *node = disk.nodes; node != NULL; node = node->next) {
    struct stat info;
    if (node->is_dir || fstat(node->fd, &info) != 0 || info.st_nlink == 0) continue;
    size_t size = node->durable_size;
    unsigned char *bytes = node->durable != NULL ? node->durable : whole(node->fd, &size);
    kept_content(path, kept, node->path);
    write_whole(real_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), bytes, size);
  }
}

static void keep_durable(const char *kept) {
  char now[PATH_MAX + 8];
  keep_contents(kept);
  snprintf(now, sizeof now, "%s.now", kept);
  copy_folder(disk.root, now);
  lose_power(0);
  real_rename(disk.root, kept);
  real_rename(now, disk.root);
}

static int same(const unsigned char *a, size_t a_size, const unsigned char *b, size_t b_size) {
  return a_size == b_size && memcmp(a, b, a_size) == 0;
}

/* Everything in which the folder differs from what is durable of it counts as unsynced. */
static void adopt(const char *now, const char *durable) {
  struct stat info;
  DIR *folder = opendir(now);
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    char here[PATH_MAX + 260], there[2 * PATH_MAX];
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(here, sizeof here, "%s/%s", now, entry->d_name);
    snprintf(there, sizeof there, "%s/%s", durable, entry->d_name);
    char below[PATH_MAX];
    if (!path_below(AT_FDCWD, here, below)) continue;
    struct node *node = node_at(here);
    int is_durable = lstat(there, &info) == 0;
    if (!is_durable) changed(entry->d_type == DT_DIR ? MKDIR : CREATE, here, NULL, node, NULL);
    if (entry->d_type == DT_DIR) {
      adopt(here, there);
    } else {
      size_t size, old_size = 0;
      unsigned char *bytes = whole(node->fd, &size), *old = NULL;
      /* A name that is not durable may stand for bytes that are. */
      if (!is_durable) {
        kept_content(there, getenv("FAULT_ADOPT"), here);
        is_durable = lstat(there, &info) == 0;
      }
      if (is_durable) old = whole(real_open(there, O_RDONLY | O_CLOEXEC), &old_size);
      if (old == NULL || !same(bytes, size, old, old_size)) {
        node->durable = old == NULL ? calloc(1, 1) : old;
        node->durable_size = old_size;
        node->dirty = 1;
      }
      free(bytes);
    }
  }
  if (folder != NULL) closedir(folder);
  folder = opendir(durable);
  for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
    char here[PATH_MAX + 260], there[PATH_MAX + 260];
    snprintf(here, sizeof here, "%s/%s", now, entry->d_name);
    snprintf(there, sizeof there, "%s/%s", durable, entry->d_name);
    if (entry->d_type == DT_REG && lstat(here, &info) != 0) changed(UNLINK, here, NULL, node_at(there), NULL);
  }
  if (folder != NULL) closedir(folder);
}

/* ---- steps ----------------------------------------------------------------------------------------------------------- */

static void trace(const char *line, long number, const char *call, const char *path, size_t length) {
  char text[PATH_MAX + 100];
  int size = snprintf(text, sizeof text, "%s %ld %s %s %zu\n", line, number, call, path, length);
  if (disk.trace >= 0 && size > 0) real_write(disk.trace, text, (size_t)size);
}

static _Noreturn void end(int power, int mixed) {
  const char *kept = getenv("FAULT_KEEP");
  if (power) lose_power(mixed);
  else if (kept != NULL) keep_durable(kept);
  _exit(ENDED);
}

static int is_database(const char *path) {
  size_t length = strlen(path);
  return length > 7 && strcmp(path + length - 7, ".sqlite") == 0;
}

enum verdict { GO, FAIL, HALF };

/* Counts the step, and says what becomes of the call; `takes_space` when it needs some. */
static enum verdict begin(const char *call, const char *path, size_t length, int takes_space) {
  if (disk.over) return GO;
  disk.step++;
  trace("s", disk.step, call, shown(path), length);
  if (disk.full > 0 && takes_space) {
    disk.full--;
    errno = ENOSPC;
    return FAIL;
  }
  if (disk.fault == SYNC_LOST && disk.injected && disk.seed % 2 == 1 && is_database(path)) end(1, 0);
  if (disk.step != disk.at || disk.fault == NONE || disk.fault == EIO_READ) return GO;
  disk.injected = 1;
  trace("!", disk.step, FAULT_NAMES[disk.fault], shown(path), length);
  switch (disk.fault) {
    case CRASH_BEFORE:
      end(0, 0);
    case POWER_BEFORE:
      end(1, 0);
    case EIO_CALL:
      errno = EIO;
      return FAIL;
    case SHORT:
      return HALF;
    case FULL:
    case FULL_BRIEF:
      if (!takes_space) return GO;
      disk.full = disk.fault == FULL ? LONG_MAX : BRIEF_CALLS;
      errno = ENOSPC;
      return length > 1 ? HALF : FAIL;
    default:
      return GO;
  }
}

static void finish(void) {
  if (disk.over || disk.step != disk.at) return;
  if (disk.fault == CRASH_AFTER) end(0, 0);
  if (disk.fault == POWER_AFTER) end(1, 0);
  if (disk.fault == TORN) end(1, 1);
}

static int is_file(const struct node *node) { return node != NULL && !node->is_dir; }

static int reading(int fd, size_t length) {
  struct node *node = disk.root_length == 0 ? NULL : node_of(fd);
  if (!is_file(node) || disk.over) return 0;
  disk.reads++;
  trace("r", disk.reads, "read", shown(node->path), length);
  if (disk.fault != EIO_READ || disk.reads != disk.at) return 0;
  disk.injected = 1;
  trace("!", disk.reads, FAULT_NAMES[EIO_READ], shown(node->path), length);
  errno = EIO;
  return 1;
}

/* ---- the calls ------------------------------------------------------------------------------------------------------- */

static int open_below(const char *path, int flags, mode_t mode) {
  struct stat info;
  int is_there = lstat(path, &info) == 0;
  struct node *node = is_there ? node_at(path) : NULL;
  int creates = !is_there && (flags & O_CREAT) != 0;
  int empties = is_there && S_ISREG(info.st_mode) && (flags & O_TRUNC) != 0 && info.st_size > 0;
  if (creates && begin("create", path, 0, 1) == FAIL) return -1;
  if (empties) {
    if (begin("truncate", path, 0, 0) == FAIL) return -1;
    before_change(node);
  }
  int fd = real_open(path, flags, mode);
  if (fd >= 0 && creates) changed(CREATE, path, NULL, node_at(path), NULL);
  if (creates || empties) finish();
  return fd;
}

static int open_any(int folder, const char *path, int flags, mode_t mode) {
  char absolute[PATH_MAX];
  enter();
  int fd = path_below(folder, path, absolute) ? open_below(absolute, flags, mode) : real_openat(folder, path, flags, mode);
  leave();
  return fd;
}

#define MODE(flags)                             \
  mode_t mode = 0;                              \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) { \
    va_list list;                               \
    va_start(list, flags);                      \
    mode = (mode_t)va_arg(list, int);           \
    va_end(list);                               \
  }

int open(const char *path, int flags, ...) {
  MODE(flags)
  return open_any(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE(flags)
  return open_any(AT_FDCWD, path, flags | O_LARGEFILE, mode);
}
int openat(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return open_any(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return open_any(folder, path, flags | O_LARGEFILE, mode);
}
int creat(const char *path, mode_t mode) { return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

/* All writes: `at` below 0 is the descriptor's own place. */
static ssize_t write_any(int fd, const struct iovec *parts, int count, off_t at) {
  enter();
  struct node *node = disk.root_length == 0 ? NULL : node_of(fd);
  if (!is_file(node) || disk.over) {
    leave();
    return at < 0 ? real_writev(fd, parts, count) : real_pwritev(fd, parts, count, at);
  }
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  unsigned char *bytes = malloc(length + 1);
  if (bytes == NULL) abort();
  size_t filled = 0;
  for (int i = 0; i < count; i++) {
    memcpy(bytes + filled, parts[i].iov_base, parts[i].iov_len);
    filled += parts[i].iov_len;
  }
  ssize_t result = -1;
  enum verdict verdict = begin("write", node->path, length, 1);
  if (verdict != FAIL) {
    before_change(node);
    size_t wanted = verdict == HALF && length > 1 ? length / 2 : length;
    off_t from = at < 0 ? lseek(fd, 0, SEEK_CUR) : at;
    result = at < 0 ? real_write(fd, bytes, wanted) : real_pwrite(fd, bytes, wanted, at);
    if (result > 0) written(node, (size_t)from, (size_t)result);
    finish();
  }
  free(bytes);
  leave();
  return result;
}

ssize_t write(int fd, const void *bytes, size_t length) { return write_any(fd, &(struct iovec){(void *)bytes, length}, 1, -1); }
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return write_any(fd, &(struct iovec){(void *)bytes, length}, 1, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return pwrite(fd, bytes, length, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_any(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return write_any(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return write_any(fd, parts, count, at); }

#define READ(length, call)           \
  enter();                           \
  int fails = reading(fd, (length)); \
  leave();                           \
  return fails ? -1 : (call);

ssize_t read(int fd, void *bytes, size_t length) { READ(length, real_read(fd, bytes, length)) }
ssize_t pread(int fd, void *bytes, size_t length, off_t at) { READ(length, real_pread(fd, bytes, length, at)) }
ssize_t pread64(int fd, void *bytes, size_t length, off64_t at) { READ(length, real_pread(fd, bytes, length, at)) }
ssize_t readv(int fd, const struct iovec *parts, int count) { READ(parts[0].iov_len, real_readv(fd, parts, count)) }
ssize_t preadv(int fd, const struct iovec *parts, int count, off_t at) { READ(parts[0].iov_len, real_preadv(fd, parts, count, at)) }
ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t at) { READ(parts[0].iov_len, real_preadv(fd, parts, count, at)) }

int ftruncate(int fd, off_t size) {
  enter();
  struct node *node = disk.root_length == 0 ? NULL : node_of(fd);
  int result = -1;
  if (!is_file(node) || disk.over) {
    result = real_ftruncate(fd, size);
  } else if (begin("truncate", node->path, (size_t)size, 0) != FAIL) {
    before_change(node);
    result = real_ftruncate(fd, size);
    finish();
  }
  leave();
  return result;
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

/* No real sync is made: this layer decides what survives. */
static int sync_any(int fd, int (*real)(int)) {
  enter();
  struct node *node = disk.root_length == 0 ? NULL : node_of(fd);
  if (node == NULL || disk.over) {
    leave();
    return real(fd);
  }
  int result = begin(node->is_dir ? "sync-folder" : "sync", node->path, 0, 0) == FAIL ? -1 : 0;
  int is_lost = disk.fault == SYNC_LOST && disk.step == disk.at;
  if (result == 0) {
    if (node->is_dir) folder_synced(node->path, is_lost);
    else if (is_lost) sync_lost(node);
    else synced(node);
    if (is_lost) {
      errno = EIO;
      result = -1;
    }
    finish();
  }
  leave();
  return result;
}
int fsync(int fd) {
  pthread_once(&once, start);
  return sync_any(fd, real_fsync);
}
int fdatasync(int fd) {
  pthread_once(&once, start);
  return sync_any(fd, real_fdatasync);
}

int rename(const char *from, const char *to) {
  char a[PATH_MAX], b[PATH_MAX];
  enter();
  int result = -1;
  if (!path_below(AT_FDCWD, from, a) || !path_below(AT_FDCWD, to, b)) {
    result = real_rename(from, to);
  } else if (begin("rename", b, 0, 0) != FAIL) {
    struct node *node = node_at(a), *over = node_at(b);
    result = real_rename(a, b);
    if (result == 0) {
      changed(RENAME, a, b, node, over);
      if (node != NULL) node->path = copy_text(b);
    }
    finish();
  }
  leave();
  return result;
}

static int unlink_below(const char *path) {
  struct node *node = node_at(path);
  if (node == NULL || node->is_dir) return real_unlink(path);
  if (begin("unlink", path, 0, 0) == FAIL) return -1;
  int result = real_unlink(path);
  if (result == 0) changed(UNLINK, path, NULL, node, NULL);
  finish();
  return result;
}
int unlink(const char *path) {
  char absolute[PATH_MAX];
  enter();
  int result = path_below(AT_FDCWD, path, absolute) ? unlink_below(absolute) : real_unlink(path);
  leave();
  return result;
}
int unlinkat(int folder, const char *path, int flags) {
  char absolute[PATH_MAX];
  enter();
  int result = (flags & AT_REMOVEDIR) == 0 && path_below(folder, path, absolute) ? unlink_below(absolute) : real_unlinkat(folder, path, flags);
  leave();
  return result;
}
int remove(const char *path) {
  struct stat info;
  if (lstat(path, &info) == 0 && S_ISDIR(info.st_mode)) return rmdir(path);
  return unlink(path);
}

int mkdir(const char *path, mode_t mode) {
  char absolute[PATH_MAX];
  struct stat info;
  enter();
  int result = -1;
  if (!path_below(AT_FDCWD, path, absolute) || lstat(absolute, &info) == 0) {
    result = real_mkdir(path, mode);
  } else if (begin("mkdir", absolute, 0, 1) != FAIL) {
    result = real_mkdir(absolute, mode);
    if (result == 0) changed(MKDIR, absolute, NULL, node_at(absolute), NULL);
    finish();
  }
  leave();
  return result;
}
