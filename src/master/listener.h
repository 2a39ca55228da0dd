/*
 * Listeners: sockets that the master opens once, or gets from the service
 * manager, and keeps, so that no client is refused while generations come and
 * go.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LISTENER_H
#define PRONG_MASTER_LISTENER_H

#include <stdint.h>

struct activation;
struct listen_setting;

/*
 * What an entry of the setting listen means: the sockets of a name that were
 * passed; or one for an address, passed or else opened, or none when one that
 * was found before gets its connections. Where another process listens at an IP
 * address it is tried again until until_ms of clock_ms: one that was killed may
 * have left some that are about to notice. Writes the descriptors to fds, which
 * has room for each that was passed and one more. Their number, or -1 after
 * logging.
 */
int listener_take(struct activation *activation,
    const struct listen_setting *setting, int *fds, int64_t until_ms);

/* Closes it, and unlinks the path of a Unix socket; a socket that was passed is
 * left to activation_free. */
void listener_close(const struct activation *activation, int fd);

#endif
