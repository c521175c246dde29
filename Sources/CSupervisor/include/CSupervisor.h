// A process that looks after the server programs of one throw-away cluster, and cleans up when its owner is gone.
#ifndef SWITCHBACK_CSUPERVISOR_H
#define SWITCHBACK_CSUPERVISOR_H

#include <stdint.h>
#include <sys/types.h>

/// What a supervisor works with. The strings are read in the child; they need to live for the call only.
typedef struct {
    /// The account of the server programs; -1 for both leaves the supervisor's own.
    int64_t uid, gid;
    /// The cluster's folder: `data` and `log` are in it. Removed with all it holds when the owner is gone.
    const char *folder;
    /// A second folder to remove, or null: the sockets', where the cluster's own path is too long for one.
    const char *socket_folder;
    /// A folder to remove if it is empty by then, or null.
    const char *parent;
} switchback_supervision;

/// Requests: the first byte of a packet.
enum {
    /// Run a program: the NUL-terminated arguments follow. Answered by SWITCHBACK_SPAWNED.
    SWITCHBACK_RUN = 'R',
    /// Send a signal to the program that runs: the signal's number in one byte follows. Not answered.
    SWITCHBACK_SIGNAL = 'S',
    /// SIGKILL every process that descends from the supervisor. Not answered.
    SWITCHBACK_KILL_ALL = 'K',
};

/// Events, in this order of fields: the kind, then what the comment says.
enum {
    /// value: the program's process id, or -errno.
    SWITCHBACK_SPAWNED = 'P',
    /// value: the wait status of the program.
    SWITCHBACK_EXITED = 'X',
    /// No process is left below the supervisor. value: 0.
    SWITCHBACK_EMPTY = 'E',
};

typedef struct {
    int32_t kind, value;
} switchback_supervisor_event;

/// Forks a supervisor. *control becomes the owner's end of a socket (SOCK_SEQPACKET, non-blocking, close-on-exec): when
/// every copy of it is closed, which the death of the owner does too, the supervisor stops what runs, removes the
/// folders and exits. Returns its process id, or -1 with errno set.
pid_t switchback_supervise(const switchback_supervision *what, int *control);

#endif
