/* SPDX-License-Identifier: ISC */
#include "guard.h"

#include <check.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *ends[GUARD_COPIES];

static char *
map_end(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, GUARD_MAX_BYTES + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(map, MAP_FAILED);
	ck_assert_int_eq(mprotect(map + GUARD_MAX_BYTES, page, PROT_NONE), 0);
	return map + GUARD_MAX_BYTES;
}

char *
guard_room(size_t length)
{
	static unsigned next;
	unsigned i = next++ % GUARD_COPIES;

	ck_assert_uint_le(length, GUARD_MAX_BYTES);
	if (!ends[i])
		ends[i] = map_end();
	return ends[i] - length;
}

char *
guard_copy(const char *bytes, size_t length)
{
	char *copy = guard_room(length);

	memcpy(copy, bytes, length);
	return copy;
}

struct slice
guard_slice(const char *bytes, size_t length)
{
	return (struct slice){ guard_copy(bytes, length), length };
}

struct slice
guard_text(const char *text)
{
	return guard_slice(text, strlen(text));
}
