// The supervisor is a fork of its owner that never returns to the owner's code. It is C, and does not exec, so that it
// needs no program beside the one that uses it. Between fork and exit it calls system calls and those parts of the C
// library that its fork leaves in order (the allocator is one); nothing of Swift runs here.
//
// PR_SET_PDEATHSIG alone would not do: it is cleared when the server changes its account, and it follows the thread that
// forked, not the process. The end of a socket follows the process, whatever killed it.
#define _GNU_SOURCE
#include "CSupervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PACKET_BYTES_MAX = 65536, ARGUMENTS_MAX = 256, QUIT_MILLISECONDS_MAX = 8000 };

typedef struct {
    const switchback_supervision *what;
    int control, signals;
    pid_t program;  // 0 when none runs
} supervisor;

static char *path_join(const char *folder, const char *name) {
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static void report(const supervisor *s, int32_t kind, int32_t value) {
    switchback_supervisor_event event = {kind, value};
    while (send(s->control, &event, sizeof event, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno == EINTR) {}
}

// MARK: Starting programs

// Runs in the program's process, and does not return.
static void become(const supervisor *s, char **arguments) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    umask(077);
    if (s->what->gid >= 0) {
        gid_t group = (gid_t)s->what->gid;
        if (setgroups(1, &group) || setresgid(group, group, group)) _exit(126);
    }
    if (s->what->uid >= 0) {
        uid_t user = (uid_t)s->what->uid;
        if (setresuid(user, user, user)) _exit(126);
    }
    // After the change of account, which would clear it: should the supervisor itself be killed, the server stops too.
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
    if (chdir(s->what->folder)) _exit(126);
    char *log = path_join(s->what->folder, "log");
    int out = log ? open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (out < 0) _exit(126);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);

    // The owner's environment can hold PGDATA, PGOPTIONS, passwords; a server needs none of it.
    char *environment[6] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"};
    int count = 2;
    const char *kept[] = {"TZ", "LD_LIBRARY_PATH"};
    for (int i = 0; i < 2; i++) {
        const char *value = getenv(kept[i]);
        char *entry = NULL;
        if (value && asprintf(&entry, "%s=%s", kept[i], value) >= 0) environment[count++] = entry;
    }
    environment[count] = NULL;
    execve(arguments[0], arguments, environment);
    dprintf(STDERR_FILENO, "could not run %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

static void run(supervisor *s, char *packed, size_t bytes) {
    char *arguments[ARGUMENTS_MAX + 1];
    int count = 0;
    for (size_t at = 0; at < bytes && count < ARGUMENTS_MAX; at += strlen(packed + at) + 1) {
        arguments[count++] = packed + at;
    }
    arguments[count] = NULL;
    if (count == 0 || s->program != 0) {
        report(s, SWITCHBACK_SPAWNED, -EBUSY);
        return;
    }
    pid_t pid = fork();
    if (pid == 0) become(s, arguments);
    if (pid > 0) s->program = pid;
    report(s, SWITCHBACK_SPAWNED, pid < 0 ? -errno : pid);
}

// MARK: Ending programs

// Collects the dead, and says whether anything is left alive below this process.
static bool reap(supervisor *s) {
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == 0) return true;
        if (pid < 0 && errno == EINTR) continue;
        if (pid < 0) return false;
        if (pid == s->program) {
            s->program = 0;
            report(s, SWITCHBACK_EXITED, status);
        }
    }
}

static pid_t parent_of(pid_t pid) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return -1;
    ssize_t bytes = read(file, text, sizeof text - 1);
    close(file);
    if (bytes <= 0) return -1;
    text[bytes] = 0;
    // The name, in parentheses, can hold anything; the parent is the second field after its end.
    const char *name_end = strrchr(text, ')');
    int parent = -1;
    return name_end && sscanf(name_end + 1, " %*c %d", &parent) == 1 ? parent : -1;
}

// Sends a signal to the children of a process. Those of this process are not reaped between the look and the signal, so
// that no number can have passed to another process; the server reaps its own only when it runs.
static void signal_children(pid_t parent, int number) {
    DIR *all = opendir("/proc");
    if (!all) return;
    struct dirent *entry;
    while ((entry = readdir(all))) {
        pid_t pid = atoi(entry->d_name);
        if (pid > 0 && parent_of(pid) == parent) kill(pid, number);
    }
    closedir(all);
}

static void wait_milliseconds(long milliseconds) {
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
}

// This process is the subreaper: the children of a killed child become its own, and the next round kills them.
static void kill_all(supervisor *s) {
    while (reap(s)) {
        signal_children(getpid(), SIGKILL);
        wait_milliseconds(5);
    }
}

// MARK: Cleaning up

// A killed server leaves its interlock behind: a small System V segment, whose id is in the seventh line of postmaster.pid.
static void remove_interlock(const char *folder) {
    char *path = path_join(folder, "data/postmaster.pid");
    FILE *file = path ? fopen(path, "re") : NULL;
    if (!file) return;
    char line[1024];
    int segment = -1;
    for (int number = 1; number <= 7 && fgets(line, sizeof line, file); number++) {
        if (number == 7 && sscanf(line, "%*d %d", &segment) != 1) segment = -1;
    }
    fclose(file);
    struct shmid_ds state;
    if (segment >= 0 && shmctl(segment, IPC_STAT, &state) == 0 && state.shm_nattch == 0) {
        shmctl(segment, IPC_RMID, NULL);
    }
}

static void remove_tree(const char *folder) {
    if (!folder) return;
    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/rm", "rm", "-rf", "--one-file-system", "--", folder, (char *)NULL);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
}

static void clean_up(supervisor *s) {
    // SIGQUIT lets the server remove its shared memory; SIGKILL is for one that does not answer.
    // One that was frozen takes no signal but those until it is told to go on.
    if (s->program) {
        kill(s->program, SIGQUIT);
        signal_children(s->program, SIGCONT);
        kill(s->program, SIGCONT);
    }
    for (long waited = 0; reap(s) && waited < QUIT_MILLISECONDS_MAX; waited += 5) {
        if (!s->program) break;
        wait_milliseconds(5);
    }
    kill_all(s);
    remove_interlock(s->what->folder);
    remove_tree(s->what->folder);
    remove_tree(s->what->socket_folder);
    if (s->what->parent) rmdir(s->what->parent);
}

// MARK: The loop

// Serves one request. False when the owner is gone.
static bool serve(supervisor *s) {
    static char packet[PACKET_BYTES_MAX + 1];
    ssize_t bytes = recv(s->control, packet, PACKET_BYTES_MAX, MSG_DONTWAIT);
    if (bytes < 0) return errno == EAGAIN || errno == EINTR;
    if (bytes == 0) return false;
    packet[bytes] = 0;
    switch (packet[0]) {
        case SWITCHBACK_RUN: run(s, packet + 1, (size_t)bytes - 1); break;
        case SWITCHBACK_SIGNAL:
            if (s->program && bytes == 2) kill(s->program, packet[1]);
            break;
        case SWITCHBACK_KILL_ALL: kill_all(s); report(s, SWITCHBACK_EMPTY, 0); break;
    }
    return true;
}

// Takes one signal. False when it asks the supervisor to end.
static bool take_signal(supervisor *s) {
    struct signalfd_siginfo info;
    if (read(s->signals, &info, sizeof info) != sizeof info) return true;
    if (info.ssi_signo != SIGCHLD) return false;
    if (!reap(s)) report(s, SWITCHBACK_EMPTY, 0);
    return true;
}

static void supervise(supervisor *s) {
    for (;;) {
        struct pollfd watched[] = {{s->control, POLLIN, 0}, {s->signals, POLLIN, 0}};
        if (poll(watched, 2, -1) < 0 && errno != EINTR) return;
        if (watched[1].revents && !take_signal(s)) return;
        if (watched[0].revents && !serve(s)) return;
    }
}

// Lets go of all that the owner had: its files (a supervisor that held another's control socket would keep that
// supervisor from seeing its owner's death), its terminal, its signal handlers.
static int forget_owner(int control) {
    setsid();
    for (int signal_number = 1; signal_number < NSIG; signal_number++) signal(signal_number, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    int kept = 3;
    if (control != kept && dup3(control, kept, O_CLOEXEC) < 0) _exit(1);
    if (syscall(SYS_close_range, kept + 1, ~0u, 0) < 0) {
        for (long fd = sysconf(_SC_OPEN_MAX); fd > kept; fd--) close((int)fd);
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    if (chdir("/")) _exit(1);
    prctl(PR_SET_NAME, "sb-supervisor");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return kept;
}

// The rest stays blocked: nothing but these, SIGKILL and a fault of its own ends a supervisor.
static int open_signals(void) {
    sigset_t heeded;
    sigemptyset(&heeded);
    const int numbers[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) sigaddset(&heeded, numbers[i]);
    return signalfd(-1, &heeded, SFD_CLOEXEC | SFD_NONBLOCK);
}

pid_t switchback_supervise(const switchback_supervision *what, int *control) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) return -1;
    // Signals wait until the child has its own handling of them: a handler of the owner's must not run in it.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        supervisor s = {.what = what, .control = forget_owner(ends[1])};
        s.signals = open_signals();
        supervise(&s);
        clean_up(&s);
        _exit(0);
    }
    int reason = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        errno = reason;
        return -1;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *control = ends[0];
    return pid;
}
