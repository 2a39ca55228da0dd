/*
 * Log files, which the master opens with its own rights. A user who can write
 * to a folder can put a link there, and root would append to a file of his
 * choice. A master started by root therefore opens a log only in folders where
 * no other user may write. If such a folder belongs to the user of the service,
 * and to nobody else, the master opens the log with the rights of that user.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_LOGFILE_H
#define PRONG_MASTER_LOGFILE_H

struct identity;

/*
 * Opens the log at that path, for a server that is to run as that user, to
 * append to it; makes it with mode 0640 when there is none. A descriptor,
 * close-on-exec, or -1 after logging. After the file was moved away the same
 * call opens a new one.
 *
 * access_log may be a file, a device, a pipe or "-". For a pipe or a terminal
 * the descriptor has an open file description of its own, which does not block,
 * if that is possible: processes that share a description share its flags, and
 * other processes may have this standard output. A pipe can be opened without a
 * reader.
 *
 * error_log may be a file or a device; not a pipe: the master must not wait for
 * its reader, and errors must not be lost.
 */
int logfile_open_access(const char *path, const struct identity *user);
int logfile_open_error(const char *path, const struct identity *user);

/* Whether the log of that name ("access log", "error log") could be opened so; no
 * file is made. user NULL: it is not known. 0, or -1 after logging. */
int logfile_try(const char *what, const char *path,
    const struct identity *user);

#endif
