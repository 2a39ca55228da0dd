/*
 * What a start opens beside configuration and handlers, tried for prongd -t: the
 * logs, the listeners and the socket of prong(1). Nothing of it stays, and a
 * server that runs does not notice.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_REHEARSAL_H
#define PRONG_REHEARSAL_H

struct configuration;
struct report;

/*
 * Reports what cannot be opened: errors for logs and listeners, a warning for the
 * control socket, without which a server serves. An address at which the server
 * of this control socket listens is no error.
 *
 * Root may start a server, or a service manager may start it as the user of the
 * configuration. So a file is no error if one of the two can open it; a line of
 * the log tells when root cannot.
 */
void rehearsal_run(const struct configuration *configuration,
    struct report *report);

#endif
