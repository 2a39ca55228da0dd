/*
 * The control socket: prong(1) sends its requests to the master here, in the
 * messages of base/control_protocol.h.
 *
 * A client must be root, the user of the master, or of the group that the
 * setting control_group names, and must not descend from the master: handlers
 * never reach the master, whatever user they run as.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_CONTROL_H
#define PRONG_MASTER_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "master/control_request.h"

struct control;
struct manifest_writer;

/* NULL and errno. */
struct control *control_new(void);

/*
 * Listens at path, for that group too ((gid_t)-1: none), instead of at the path
 * before; at the same path again if the socket was removed. Makes the folder of
 * the path when there is none. After an error, such as another master listening
 * there, the socket before stays; the error is logged, as a warning unless quiet is
 * set. -1 and errno.
 */
int control_open(struct control *control, const char *path, gid_t group,
    bool quiet);

/* Stops listening, and removes the socket; clients stay. */
void control_close(struct control *control);

/* Closes and frees everything in this process; the path stays, since another
 * process may still listen there. */
void control_drop(struct control *control);

#define CONTROL_POLL_MAX 17

/* control_poll_set fills in at most CONTROL_POLL_MAX entries and returns their
 * number. control_polled takes the same entries after poll(2) and receives
 * requests; call control_take then until it returns false. */
size_t control_poll_set(struct control *control, struct pollfd *fds);
void control_polled(struct control *control, const struct pollfd *fds);
bool control_take(struct control *control, struct control_request *request);
/* When the sockets are to be polled again although no message has come, of
 * clock_ms, or INT64_MAX. */
int64_t control_deadline(const struct control *control);

/* Sends every client under that topic a line; or the status, and closes the
 * connection. */
void control_say(struct control *control, enum control_topic topic,
    const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));
void control_end(struct control *control, enum control_topic topic, int status);

/* Sends the same clients a message with descriptors, at most FDPASS_MAX. */
void control_pass(struct control *control, enum control_topic topic,
    const char *message, const int *fds, size_t count);

/* Puts the clients under one topic under the other. */
void control_move(struct control *control, enum control_topic from,
    enum control_topic to);

/* For an upgrade: writes the lines "control-socket-fd" and "client-fd" of a
 * manifest. Clients that may not ask are left out. The other two functions take
 * over the descriptor and the values of such a line. */
void control_save(struct control *control, struct manifest_writer *writer);
bool control_restore_listener(struct control *control, int fd,
    const char *values);
bool control_restore_client(struct control *control, int fd, int topic);

#endif
