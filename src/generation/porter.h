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
 * A worker, which serves many clients, sends it the sockets of those that go on in
 * a process of their own, or in another worker (porter_parcel.h).
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct connection_facts;
struct porter;

/* Workers have places, from 0 on. What those in the first ones say of a client is
 * believed: they run no handlers but prong's own. */
struct porter_workers {
	size_t count; /* at most PORTER_PLACES_MAX (porter_messages.h) */
	size_t believed;
	size_t members; /* the last ones, which have a connection at a time */
};

/* Starts the helper, for that many connections at a time, and for these workers.
 * Descriptors of the porter that stay in this process have numbers from private_base
 * on. NULL and errno. */
struct porter *porter_start(const char *title, int private_base,
    size_t connections, const struct porter_workers *workers);

pid_t porter_pid(const struct porter *porter);

/* The socket for porter_claim. It stays open for the life of the porter. */
int porter_socket(const struct porter *porter);

/*
 * The socket of the worker in that place, from 0 on, for porter_send_parcel
 * (porter_parcel.h). It stays open until porter_forget. The worker inherits it, and
 * closes those of other places; to be asked for before the fork, as the worker does
 * not inherit the memory of the structure.
 */
int porter_worker_socket(const struct porter *porter, size_t place);

/* Gives the porter a descriptor of a client's socket. Never waits. The number by
 * which it is claimed and dropped, or 0 and errno: the porter has ended, or does
 * not keep up. */
uint64_t porter_keep(struct porter *porter, int socket);

/* A process is about to be forked for a parcel of a worker: the parcel outlives
 * the worker. From then on its number is like one of porter_keep. */
void porter_adopt(struct porter *porter, uint64_t number);

/* The parcel goes on in the worker of that place, which gets it from the porter.
 * is_refused: it is served there for a 503 at first. False, and nothing has changed:
 * there is no room for the order. */
bool porter_pass(struct porter *porter, uint64_t number, size_t place,
    bool is_refused);

/* A socket that was kept or adopted goes on in the worker of that place, with these
 * facts. It is not dropped then. False, and nothing has changed: the porter does not
 * keep up. */
bool porter_pass_kept(struct porter *porter, uint64_t number, size_t place,
    const struct connection_facts *facts);

/* No process will be forked for a parcel, which was not adopted: the porter closes
 * it, at the latest when its worker has ended. */
void porter_refuse(struct porter *porter, uint64_t number);

/* Nobody will claim that socket any more: the porter closes it. To be called once
 * for each socket that was kept or adopted. */
void porter_drop(struct porter *porter, uint64_t number);

/*
 * The worker in that place has ended: the porter closes all its parcels that were
 * not adopted, also those that it has not read yet, and the place gets another
 * socket. What the worker before has done to its own is not the next worker's.
 * Never waits. 0, or -1 and errno, and nothing has changed: EAGAIN (the porter has
 * not kept up for several workers), EMFILE. To be called again before the place has
 * another worker.
 */
int porter_forget(struct porter *porter, size_t place);

/* Sends the orders for which a busy porter has left no room. Returns the time of
 * the next call (clock_ms), INT64_MAX when none is needed. */
int64_t porter_catch_up(struct porter *porter);

/* Called in the next process of a connection: takes a descriptor of the socket,
 * which the porter keeps, too. -1: the porter has none of that number, or has
 * ended. */
int porter_claim(int porter_socket, uint64_t number);

#endif
