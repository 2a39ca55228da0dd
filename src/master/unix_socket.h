/*
 * The path of a Unix socket. It stays when the socket is closed, and bind(2)
 * fails then.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_UNIX_SOCKET_H
#define PRONG_MASTER_UNIX_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The file that bind(2) has made, by which it is told from another's of the same
 * name. The number of the inode is not used again as long as a socket is bound
 * to it. inode 0: none, or unknown. */
struct unix_socket_place {
	dev_t device;
	ino_t inode;
};

/*
 * Clients of a listening socket can send no descriptors from now on (Linux 6.16).
 * No request has any. Who drops the last reference to a socket with SO_LINGER, or
 * to a file of FUSE, waits as long as its maker likes; and where nobody takes
 * descriptors, that is whoever reads or closes. Accepted sockets inherit it.
 */
void unix_socket_refuse_descriptors(int fd);

/* Whether a socket could be made at that absolute path, with the folders that are
 * missing: 0 or an errno. ENOTSOCK: something else is there. */
int unix_socket_try(const char *path);

/* The path of that address; NULL when it is not a Unix socket's; "" for an
 * abstract one. */
const char *unix_socket_path(const struct sockaddr *address);

/* Makes the folder of that absolute path, and those above, if they are missing.
 * False and errno. */
bool unix_socket_make_folder(const char *path);

/*
 * Removes the socket at that address when a connection of that type
 * (SOCK_STREAM, SOCK_SEQPACKET) is refused, because no process listens there
 * any more. The connection does not wait: a server whose backlog is full is
 * alive. 1: removed; 0: no file is there, or the address is not a Unix
 * socket's; -1 and errno: EADDRINUSE when a process listens, ENOTSOCK when the
 * file is not a socket.
 */
int unix_socket_remove_stale(const struct sockaddr *address, socklen_t length,
    int type);

/* The place of the socket that was bound to that address a moment ago. */
struct unix_socket_place unix_socket_place(const struct sockaddr *address);

/* Whether that file is what the path names now. */
bool unix_socket_is_in_place(const char *path, struct unix_socket_place place);

/*
 * Removes the path that a socket is bound to, if it still names the file of that
 * place: call it before the socket is closed. Another's file stays, except one
 * that comes there between the comparison and the removal. Linux cannot remove a
 * file by its inode, so this moment remains; only a user who may write to the
 * folder can use it.
 */
void unix_socket_remove(int fd, struct unix_socket_place place);

#endif
