/*
 * The end of log files, for prong logs: tail(1), whose output is made printable,
 * since a log may have lines that a handler has written.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_CLI_LOG_VIEW_H
#define PRONG_CLI_LOG_VIEW_H

/* Runs tail(1) with these arguments, the first of them its name, until it ends.
 * The exit status for prong. */
int log_view_run(char *const *arguments);

#endif
