/*
 * What the master enters into its bulletin (base/bulletin.h).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_SERVER_BULLETIN_H
#define PRONG_MASTER_SERVER_BULLETIN_H

#include <stdbool.h>

struct generation_process;
struct server;

/* The generations that there are now. */
void server_bulletin_tell(struct server *server);

/* A reload, start or upgrade has ended; this generation replaces one that has
 * ended, or was worn. */
void server_bulletin_enter(struct server *server, bool has_failed);
void server_bulletin_enter_replacement(struct server *server,
    const struct generation_process *generation);

#endif
