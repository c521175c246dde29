#define _GNU_SOURCE
#include "CPlatform.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <unistd.h>

int switchback_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void switchback_name_thread(const char *name) {
    char kept[16];
    strncpy(kept, name, sizeof kept - 1);
    kept[sizeof kept - 1] = 0;
    pthread_setname_np(pthread_self(), kept);
}

uint64_t switchback_resident_bytes(void) {
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) return 0;
    unsigned long long total = 0, resident = 0;
    int fields = fscanf(file, "%llu %llu", &total, &resident);
    fclose(file);
    return fields == 2 ? (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

int switchback_memory_file(void) { return memfd_create("switchback", MFD_CLOEXEC); }

int switchback_inotify(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

int switchback_inotify_watch(int descriptor, const char *path, uint32_t mask) {
    return inotify_add_watch(descriptor, path, mask | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK);
}

int switchback_inotify_forget(int descriptor, int watch) { return inotify_rm_watch(descriptor, watch); }

long switchback_inotify_event(const void *bytes, long count, int *watch, uint32_t *mask, const char **name) {
    // The kernel pads events so that each begins aligned; the buffer's own beginning is the caller's.
    struct inotify_event event;
    if (count < (long)sizeof event) return 0;
    memcpy(&event, bytes, sizeof event);
    long size = (long)sizeof event + (long)event.len;
    if (count < size) return 0;
    *watch = event.wd;
    *mask = event.mask;
    *name = event.len ? (const char *)bytes + sizeof event : "";
    return size;
}
