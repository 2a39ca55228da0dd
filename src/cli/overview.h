/*
 * The figures of a server as a picture: lines about the whole, a table of handlers,
 * and a table of connections, with as many columns as there is room for.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_OVERVIEW_H
#define PRONG_CLI_OVERVIEW_H

struct figures;
struct screen;

/* Lines about the whole. before: the figures of the last look, for what comes in a
 * second; NULL: none. */
void overview_put_server(struct screen *screen, const struct figures *before,
    const struct figures *now);

/* The handlers that have had requests, at most as many as that. */
void overview_put_handlers(struct screen *screen, const struct figures *before,
    const struct figures *now, unsigned rows);

/* The connections, in their order, as far as there are rows; those alone in whose
 * client, request, handler or state the filter occurs ("": all). */
void overview_put_connections(struct screen *screen, const struct figures *now,
    const char *filter, unsigned rows);

#endif
