/*
 * Where the master's error log goes, and with it everybody's: a file takes the
 * place of standard error, which all that the master executes inherit. Until
 * the first generation is ready, standard error as it was is kept aside: whoever
 * started prongd must see there why it does not serve.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_ERRORLOG_H
#define PRONG_ERRORLOG_H

#include "log.h"

struct configuration;

/* Opens the log that the configuration names, at its level; *style becomes how
 * its lines look. 0, or -1 after logging to standard error. */
int errorlog_open(const struct configuration *configuration,
    enum log_style *style);

/* The first generation is ready: standard error as it was is let go. */
void errorlog_started(void);

/* It will not be: says so there, with what the file has about it. Nothing after
 * errorlog_started, or when the log is standard error itself. */
void errorlog_failed(void);

#endif
