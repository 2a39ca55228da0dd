/*
 * The porter: a helper that keeps a descriptor of each client's socket, if routes
 * have different rules. It has them from the generation, so a connection sends
 * no descriptor when it is handed off: the kernel counts descriptors in flight
 * for a user as a whole, and would refuse them to one process because of others.
 *
 *	generation ──a client's socket──▶ porter
 *	generation ──fork──▶ connection, with the same socket
 *	next process of the connection ──claim──▶ porter ──the socket──▶
 *	generation ──drop, when the last process has ended──▶ porter
 *
 * The limit of descriptors in flight is that of the sender (RLIMIT_NOFILE): it is
 * that of the server here, and connections have at most one half of it when
 * handlers run (sandbox/bounds.h).
 *
 * As the porter may be the last one that closes a socket, a connection that ends
 * shuts its socket first.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PORTER_H
#define PRONG_GENERATION_PORTER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct porter;

/* Starts the helper, for that many connections at a time. Descriptors of the
 * porter that stay in this process have numbers from private_base on. NULL and
 * errno. */
struct porter *porter_start(const char *title, int private_base,
    size_t connections);

pid_t porter_pid(const struct porter *porter);

/* The socket for porter_claim. It stays open for the life of the porter. */
int porter_socket(const struct porter *porter);

/* Gives the porter a descriptor of a client's socket. Never waits. The number by
 * which it is claimed and dropped, or 0 and errno: the porter has ended, or does
 * not keep up. */
uint64_t porter_keep(struct porter *porter, int socket);

/* Nobody will claim that socket any more: the porter closes it. */
void porter_drop(struct porter *porter, uint64_t number);

/* Sends the orders to close that a busy porter has left no room for. Returns the
 * time of the next call (clock_ms), INT64_MAX when none is needed. */
int64_t porter_catch_up(struct porter *porter);

/* Called in the next process of a connection: takes a descriptor of the socket,
 * which the porter keeps, too. -1: the porter has none of that number, or has
 * ended. */
int porter_claim(int porter_socket, uint64_t number);

#endif
