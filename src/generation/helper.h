/*
 * Helpers: processes of a generation beside its connections. A helper runs the
 * code of prong alone, and ends with its generation.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_HELPER_H
#define PRONG_GENERATION_HELPER_H

#include <stddef.h>
#include <sys/types.h>

/* The helpers of a generation. */
enum { HELPER_PORTER, HELPER_LOGS, HELPER_FOLDERS, HELPERS_MAX };

/*
 * Forks a helper. In the helper 0 is returned: signals for the whole process
 * group are ignored, standard output and error are standard input (/dev/null),
 * and of the descriptors above these only the count ones of kept are left, as
 * 3, 4 and so on; their numbers in kept change. Otherwise as fork(2).
 */
pid_t helper_fork(const char *title, int *kept, size_t count);

#endif
