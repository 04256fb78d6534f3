#include <errno.h>
#include <libssh2.h>
#include <libssh2_publickey.h>
#include <pthread.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

// What glibc shows only under _GNU_SOURCE, which the Glibc module is built without.
void *memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);
int pipe2(int ends[2], int flags);
int pthread_setname_np(pthread_t thread, const char *name);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
static const short drover_spawn_setsid = 0x80;

static inline int drover_epoll_control(int poller, int operation, int descriptor, uint32_t events, uint64_t number) {
    struct epoll_event event = {.events = events, .data.u64 = number};
    return epoll_ctl(poller, operation, descriptor, &event);
}

/// Who is at the other end of a Unix socket: `struct ucred`, which glibc shows only under _GNU_SOURCE.
struct drover_peer {
    int32_t process;
    uint32_t user;
    uint32_t group;
};

static inline int drover_peer_of(int socket, struct drover_peer *peer) {
    socklen_t length = sizeof *peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, peer, &length);
}

/// Keeps other processes of the same user from reading this one's memory, and the memory out of core files.
static inline void drover_hide_memory(void) {
    extern int prctl(int option, ...);
    prctl(4 /* PR_SET_DUMPABLE */, 0, 0, 0, 0);
}

/// What went over a session's socket or tunnel. The session's abstract pointer points at one of these.
struct drover_meter {
    uint64_t received;
    uint64_t sent;
    /// The errno that ended it; 0 while it lives.
    int error;
    /// Whether the other end has said that nothing more comes, as TCP or SSH say it.
    int is_ended;
    /// What to answer the next question of keyboard-interactive authentication that hides what is typed; once.
    const char *answer;
    /// What the session's bytes go through instead of a socket, and how; NULL for a socket.
    void *tunnel;
    /// Both return a count, or an errno below zero.
    ssize_t (*take)(void *tunnel, void *buffer, size_t length);
    ssize_t (*give)(void *tunnel, const void *buffer, size_t length);
    /// What the other end said first: its greeting, or why it turns us away.
    char greeting[64];
};

static inline ssize_t drover_failed(struct drover_meter *meter, int error) {
    if (error != EAGAIN && !meter->error) meter->error = error;
    return -error;
}

static inline void drover_keep_greeting(struct drover_meter *meter, const char *bytes, size_t count) {
    if (meter->received >= sizeof meter->greeting) return;
    size_t room = sizeof meter->greeting - meter->received;
    memcpy(meter->greeting + meter->received, bytes, count < room ? count : room);
}

static inline ssize_t drover_receive(libssh2_socket_t socket, void *buffer, size_t length, int flags, void **abstract) {
    struct drover_meter *meter = *abstract;
    ssize_t count = meter->tunnel ? meter->take(meter->tunnel, buffer, length) : recv(socket, buffer, length, flags);
    if (count < 0) return drover_failed(meter, meter->tunnel ? (int)-count : errno);
    if (count == 0) meter->is_ended = 1;
    drover_keep_greeting(meter, buffer, (size_t)count);
    meter->received += (uint64_t)count;
    return count;
}

/// Keeps what a server said before it hung up, which nobody reads once sending has failed.
static inline void drover_hear_out(struct drover_meter *meter, libssh2_socket_t socket) {
    char bytes[sizeof meter->greeting];
    ssize_t count = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count <= 0) return;
    drover_keep_greeting(meter, bytes, (size_t)count);
    meter->received += (uint64_t)count;
}

static inline ssize_t drover_send(libssh2_socket_t socket, const void *buffer, size_t length, int flags, void **abstract) {
    struct drover_meter *meter = *abstract;
    ssize_t count = meter->tunnel ? meter->give(meter->tunnel, buffer, length)
                                  : send(socket, buffer, length, flags | MSG_NOSIGNAL);
    if (count < 0) {
        int error = meter->tunnel ? (int)-count : errno;
        if (error != EAGAIN && !meter->tunnel) drover_hear_out(meter, socket);
        return drover_failed(meter, error);
    }
    meter->sent += (uint64_t)count;
    return count;
}

static inline void drover_answer(
    const char *name, int name_length, const char *instruction, int instruction_length, int count,
    const LIBSSH2_USERAUTH_KBDINT_PROMPT *questions, LIBSSH2_USERAUTH_KBDINT_RESPONSE *answers, void **abstract) {
    struct drover_meter *meter = *abstract;
    (void)name, (void)name_length, (void)instruction, (void)instruction_length;
    for (int index = 0; index < count; index++) {
        const char *text = "";
        if (!questions[index].echo && meter->answer) {
            text = meter->answer;
            meter->answer = NULL;
        }
        answers[index].text = strdup(text);
        answers[index].length = answers[index].text ? (unsigned int)strlen(text) : 0;
    }
}

/// Keyboard-interactive authentication with the meter's answer.
static inline int drover_keyboard_interactive(LIBSSH2_SESSION *session, const char *user, unsigned int length) {
    return libssh2_userauth_keyboard_interactive_ex(session, user, length, drover_answer);
}

/// What the host says last when it ends the connection itself; libssh2's calls tell that from a refusal by no code.
static inline void drover_disconnected(
    LIBSSH2_SESSION *session, int reason, const char *message, int message_length, const char *language,
    int language_length, void **abstract) {
    struct drover_meter *meter = *abstract;
    (void)session, (void)reason, (void)message, (void)message_length, (void)language, (void)language_length;
    meter->is_ended = 1;
}

/// A session that counts its bytes in `meter`, which must outlive it.
static inline LIBSSH2_SESSION *drover_session(struct drover_meter *meter) {
    LIBSSH2_SESSION *session = libssh2_session_init_ex(NULL, NULL, NULL, meter);
    if (!session) return NULL;
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, (void *)drover_receive);
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, (void *)drover_send);
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_DISCONNECT, (void *)drover_disconnected);
    return session;
}
