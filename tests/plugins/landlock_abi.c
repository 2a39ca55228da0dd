/*
 * Preloaded by tests (LD_PRELOAD), so that a server runs as on an older kernel:
 * its Landlock has at most the version of PRONG_LANDLOCK_ABI. The server itself
 * knows no such variable.
 *
 * SPDX-License-Identifier: ISC
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARGUMENTS	       6
#define CREATE_RULESET_VERSION 1

typedef long function(long number, ...);

/* It reads more arguments than there may be, so no sanitizer looks at it. */
__attribute__((__visibility__("default"),
    __no_sanitize__("address", "undefined"))) long
syscall(long number, ...)
{
	const char *cap = getenv("PRONG_LANDLOCK_ABI");
	function *next = (function *)dlsym(RTLD_NEXT, "syscall");
	long a[ARGUMENTS], result;
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < ARGUMENTS; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	result = next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (cap && number == SYS_landlock_create_ruleset && a[0] == 0 &&
	    a[2] == CREATE_RULESET_VERSION && result > atoi(cap))
		return atoi(cap);
	return result;
}
