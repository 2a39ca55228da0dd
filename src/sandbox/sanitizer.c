/* SPDX-License-Identifier: ISC */
#include "sandbox/sanitizer.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER
#endif
#endif

#ifdef HAS_ADDRESS_SANITIZER

static int is_sandboxed;

/* The sanitizer finds this function by its name, and calls it when a process
 * ends. */
__attribute__((__visibility__("default"))) int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	return is_sandboxed;
}

void
sanitizer_note_sandbox(void)
{
	is_sandboxed = 1;
}

#else

void
sanitizer_note_sandbox(void)
{
}

#endif
