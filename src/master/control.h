/*
 * The control socket: where prong(1) tells the master what to do, in the messages
 * of base/control_protocol.h.
 *
 * A client must be root, the user of the master, or of the group that the
 * setting control_group names, and must not descend from the master: handlers
 * never reach it, as whatever user they run.
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
 * Listens at path, for that group too ((gid_t)-1: none), and no longer where it
 * did; anew, where the socket was removed. Makes the folder of the path when
 * there is none. Where another master listens, and on other errors, the socket
 * of before stays; quiet: then nothing is logged. -1 and errno.
 */
int control_open(struct control *control, const char *path, gid_t group,
    bool quiet);

/* Stops listening, and removes the socket; clients stay. */
void control_close(struct control *control);

/* Closes and frees all that it has in this process; the path stays, since another
 * process may go on with it. */
void control_drop(struct control *control);

#define CONTROL_POLL_MAX 17

/* Fills in at most CONTROL_POLL_MAX; how many. Then, with what poll said of
 * them: takes requests. Call control_take until it says false. */
size_t control_poll_set(struct control *control, struct pollfd *fds);
void control_polled(struct control *control, const struct pollfd *fds);
bool control_take(struct control *control, struct control_request *request);
/* When it is to be polled again although nothing has come, or INT64_MAX. */
int64_t control_deadline(const struct control *control);

/* To every client under that topic: a line; the status, which is the end. */
void control_say(struct control *control, enum control_topic topic,
    const char *format, ...) __attribute__((__format__(__printf__, 3, 4)));
void control_end(struct control *control, enum control_topic topic, int status);

/* Clients under the one topic are under the other from now on. */
void control_move(struct control *control, enum control_topic from,
    enum control_topic to);

/* For an upgrade: writes the lines "control-socket-fd" and "client-fd" of a
 * manifest. Clients that may not ask are left out. The others take over what such
 * a line has. */
void control_save(struct control *control, struct manifest_writer *writer);
bool control_restore_listener(struct control *control, int fd,
    const char *values);
bool control_restore_client(struct control *control, int fd, int topic);

#endif
