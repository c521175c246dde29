// System calls that the Glibc module does not expose to Swift.
#ifndef SWITCHBACK_CPLATFORM_H
#define SWITCHBACK_CPLATFORM_H

#include <stdint.h>

/// A non-blocking, close-on-exec eventfd with a count of zero; -1 with errno set when it cannot be made.
int switchback_eventfd(void);

/// Names the calling thread, for debuggers and `top -H`. At most 15 bytes are kept.
void switchback_name_thread(const char *name);

/// A close-on-exec file that is in memory only and has no name; -1 with errno set when it cannot be made.
int switchback_memory_file(void);

/// Resident memory of this process in bytes, from /proc; 0 when it cannot be read.
uint64_t switchback_resident_bytes(void);

/// A non-blocking, close-on-exec inotify descriptor; -1 with errno set when there are too many.
int switchback_inotify(void);

/// Watches a folder, which must be one and no link; the number of the watch, or -1 with errno set.
int switchback_inotify_watch(int descriptor, const char *path, uint32_t mask);

/// Ends a watch.
int switchback_inotify_forget(int descriptor, int watch);

/// Takes one event out of bytes that were read from the descriptor.
/// Returns how many bytes it took; 0 when there is no whole event.
long switchback_inotify_event(const void *bytes, long count, int *watch, uint32_t *mask, const char **name);

#endif
