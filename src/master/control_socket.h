/*
 * The listening socket of the master for prong(1) (control.h): its path, its
 * group and its mode. peer.h tells which clients may ask.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_CONTROL_SOCKET_H
#define PRONG_MASTER_CONTROL_SOCKET_H

#include <sys/types.h>

struct unix_socket_place;

/* Listens at path, for that group too ((gid_t)-1: none). Makes the folder, and
 * removes a socket at which no process listens any more. The descriptor, or -1
 * and errno: EADDRINUSE when a process listens. *place: the file that it has
 * made. */
int control_socket_listen(const char *path, gid_t group,
    struct unix_socket_place *place);

#endif
