/*
 * The error log of the master and of all its processes. The log that the
 * setting error_log names takes the place of standard error, which every
 * process that the master executes inherits. Standard error as it was is kept:
 * a reload may need it again, and the user who starts prongd must see there why
 * it does not serve.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_ERRORLOG_H
#define PRONG_MASTER_ERRORLOG_H

#include "base/log.h"

struct identity;

/* Keeps standard error as it was. The descriptor is STDERR_FILENO in a process
 * that was just started, or the one that an earlier release kept, which is
 * taken over. */
void errorlog_init(int original);

/* The descriptor that keeps standard error; -1 when there was none. */
int errorlog_original(void);

/* Opens the log of that setting, for a server that is to run as that user:
 * "stderr" and "syslog" are standard error as it was. A descriptor, or -1 after
 * logging. */
int errorlog_open(const char *setting, const struct identity *user);

/* Puts that descriptor in the place of standard error of this process. -1 and
 * errno. */
int errorlog_take(int fd);

/* The style of that log's lines, where style is that of standard error. */
enum log_style errorlog_style(const char *setting, enum log_style style);

/* errorlog_starts notes that the first log was taken while the start may still
 * fail. errorlog_failed then copies the lines of the log since to standard
 * error as it was; after errorlog_started it copies nothing. */
void errorlog_starts(const char *setting);
void errorlog_started(void);
void errorlog_failed(void);

#endif
