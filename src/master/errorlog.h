/*
 * Where the master's error log goes, and with it everybody's: what the setting
 * error_log names takes the place of standard error, which all that the master
 * executes inherit. Standard error as it was is kept: a reload may want it back,
 * and whoever started prongd must see there why it does not serve.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_ERRORLOG_H
#define PRONG_MASTER_ERRORLOG_H

#include "base/log.h"

struct identity;

/* Keeps standard error, which is at that descriptor: as this process was started
 * (STDERR_FILENO), or as an earlier release kept it, which is taken over. */
void errorlog_init(int original);

/* The descriptor that keeps it; -1 when there was none. */
int errorlog_original(void);

/* Opens the log of that setting, for a server that is to run as that user:
 * "stderr" and "syslog" are standard error as it was. A descriptor, or -1 after
 * logging. */
int errorlog_open(const char *setting, const struct identity *user);

/* Has that descriptor take the place of standard error, in this process. -1 and
 * errno. */
int errorlog_take(int fd);

/* How the lines of that log look, where standard error's look like that. */
enum log_style errorlog_style(const char *setting, enum log_style style);

/* The first log has been taken, and the start may still fail: then this copies
 * what the log got to standard error as it was. */
void errorlog_starts(const char *setting);
void errorlog_started(void);
void errorlog_failed(void);

#endif
