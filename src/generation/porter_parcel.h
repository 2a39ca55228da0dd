/*
 * A parcel: the connection of a worker whose next request needs a process of its
 * own. It is the client's socket, the facts of the connection, and the octets that
 * the worker has read of the client and not used. The worker sends it to the porter,
 * and its number to the generation, which never receives a descriptor or an octet
 * of a client; the process that the generation forks claims it.
 *
 *	worker ──parcel──▶ porter
 *	worker ──number──▶ generation ──adopt──▶ porter
 *	generation ──fork──▶ connection ──claim──▶ porter ──parcel──▶
 *
 * If it belongs into a worker of another kind, the generation has the porter send it
 * there instead:
 *
 *	generation ──pass──▶ porter ──parcel──▶ worker
 *
 * A worker that was broken into can send whatever it likes. It fills its own place
 * alone, and harms the clients that it has.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_PORTER_PARCEL_H
#define PRONG_GENERATION_PORTER_PARCEL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "worker/worker.h"

struct connection_facts;

/* The most pieces of octets, and the highest sequence. */
#define PORTER_PIECES_MAX   4
#define PORTER_SEQUENCE_MAX (((uint64_t)1 << 48) - 1)

/* The number of a parcel, from the place of its worker and the worker's sequence,
 * which is 1 to PORTER_SEQUENCE_MAX. */
uint64_t porter_parcel_number(size_t place, uint64_t sequence);

/*
 * Called in a worker, with its socket (porter_worker_socket). All workers that a
 * place has in the life of the porter use a sequence but once. The worker may close
 * the client's socket afterwards. Up to 72 KiB of octets are in the message,
 * more are copied to memory of their own.
 * Never waits. 0, or -1 and errno: EAGAIN (the porter does not keep up),
 * ETOOMANYREFS (descriptors in flight), EPIPE (the porter has ended, or has
 * forgotten this worker).
 */
int porter_send_parcel(int socket, const struct worker_label *label,
    int client_socket, const struct connection_facts *facts,
    const struct iovec *unread, size_t count);

/* Called there: a connection that was passed to this worker has ended. Never waits.
 * 0, or -1 and errno: EAGAIN, EPIPE. */
int porter_send_done(int socket, uint64_t number);

/* Called there, before that: the porter has a descriptor of its socket until then. So
 * the worker, who closes its own before porter_send_done, is not the last one that does,
 * who may have to wait (closer.h). */
int porter_send_socket(int socket, uint64_t number, int client_socket);

/* Called there: receives a connection that was passed to this worker. Never waits.
 * The socket, or -1 and errno: EAGAIN (there is none), ENOENT (what was passed is not
 * there), EMFILE, ENOMEM, EMSGSIZE (more than size octets), EBADMSG, EPIPE (the porter
 * has ended). */
int porter_receive_parcel(int socket, size_t size,
    struct worker_arrival *arrival);

/*
 * Called in the process for a parcel, with the porter's socket (porter_socket):
 * takes it. The porter has a descriptor of the client's socket still, for a next
 * process and porter_claim; the facts and the octets are taken but once. They
 * are of the worker's making, as is the socket: a stream socket that does not
 * listen, and no more is certain.
 * Returns the socket, with at most size octets in unread, or -1 and errno: ENOENT
 * (the porter has no such parcel, or has ended), EMSGSIZE (more than size octets),
 * EBADMSG (no facts of a connection).
 */
int porter_claim_parcel(int porter_socket, uint64_t number,
    struct connection_facts *facts, char *unread, size_t size, size_t *length);

#endif
