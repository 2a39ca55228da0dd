/*
 * Opening log files, by the master and with its rights. Whoever can write to a
 * folder can put a link there, and so have root append to a file of his choice:
 * started by root, a log is opened only where none but root may write, the
 * service's own user last of all.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LOGFILE_H
#define PRONG_MASTER_LOGFILE_H

struct identity;

/*
 * Opens the log at that path, for a server that is to run as that user: appended
 * to, made with mode 0640 where it is not there, close-on-exec. A
 * descriptor, or -1 after logging. The same call opens it anew after its file
 * was moved away.
 *
 * access_log may be a file, a device, a pipe or "-". Of a pipe or a terminal
 * the descriptor has an open file description of its own, which does not block,
 * if one can be had: flags are shared by all who have the same, and standard
 * output may be others' too. A pipe needs no reader to be opened.
 *
 * error_log may be a file or a device; not a pipe, since neither waiting for
 * its reader nor losing errors will do.
 */
int logfile_open_access(const char *path, const struct identity *user);
int logfile_open_error(const char *path, const struct identity *user);

#endif
