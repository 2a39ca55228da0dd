/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <string.h>
#include <time.h>

/* The whole library is in the header: a shared library would be mapped in every
 * process, and each fork would copy its maps. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <prong/handler.h>

#include "static/at_once.h"
#include "static/config.h"
#include "static/validators.h"

#define SETTLED_S 2

/* A fiber of a worker has a small stack. */
#define PIECE_BYTES 16384

/* Digested within some 50 microseconds. */
#define TURN_BYTES (256 * 1024)

/* Two halves: 128 bits of a digest, or 64 bits and 0. */
struct tag {
	uint64_t high, low;
	bool has_high;
	bool weak;
};

bool
validators_has_settled(const struct timespec *changed)
{
	return time(NULL) - changed->tv_sec > SETTLED_S;
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
validators_is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_mode == b->st_mode && a->st_size == b->st_size &&
	    same_time(&a->st_ctim, &b->st_ctim) &&
	    same_time(&a->st_mtim, &b->st_mtim);
}

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9fb21c651e98df25);
	return hash ^ (hash >> 29);
}

static uint64_t
mix_time(uint64_t hash, const struct timespec *when)
{
	hash = mix(hash, (uint64_t)when->tv_sec);
	return mix(hash, (uint64_t)when->tv_nsec);
}

/* The same on every machine to which the file was copied with its time. */
static struct tag
tag_of_mtime(const struct stat *st)
{
	uint64_t hash = mix(UINT64_C(0x6d74696d65), (uint64_t)st->st_size);

	return (struct tag){ .low = mix_time(hash, &st->st_mtim),
		.weak = !validators_has_settled(&st->st_mtim) };
}

/*
 * A change of the content changes the time, which nobody can set. While it may
 * be changed twice in what the clock takes for one moment, the tag is weak, and
 * another one than afterwards: so a client that has got content then will
 * compare it with a strong tag.
 */
static struct tag
tag_of_ctime(const struct stat *st)
{
	uint64_t hash = mix(UINT64_C(0x70726f6e67), (uint64_t)st->st_ino);
	bool weak = !validators_has_settled(&st->st_ctim);

	hash = mix(hash, (uint64_t)st->st_size);
	hash = mix_time(hash, &st->st_mtim);
	hash = mix_time(hash, &st->st_ctim);
	/* The numbers are mixed, so that the tag does not show the inode. */
	return (struct tag){ .low = mix(hash, weak), .weak = weak };
}

/* The digest of size octets. -1 and errno; ENODATA: the file has fewer. Others that
 * share the process have their turn between the pieces. */
static int
digest_file(struct prong_request *request, int fd, uint64_t size,
    XXH128_hash_t *digest)
{
	char piece[PIECE_BYTES];
	XXH3_state_t state;
	uint64_t at = 0;
	ssize_t n;

	XXH3_128bits_reset(&state);
	while (at < size) {
		n = at_once_read(request, fd, piece, sizeof(piece), at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENODATA;
		if (n <= 0)
			return -1;
		XXH3_128bits_update(&state, piece, (size_t)n);
		at += (uint64_t)n;
		if (at % TURN_BYTES < (uint64_t)n &&
		    prong_pause(request, 0) < 0)
			return -1;
	}
	*digest = XXH3_128bits_digest(&state);
	if (at == size)
		return 0;
	errno = ENODATA;
	return -1;
}

static int
digest(struct prong_request *request, int fd, const char *content,
    uint64_t size, XXH128_hash_t *result)
{
	if (!content)
		return digest_file(request, fd, size, result);
	*result = XXH3_128bits(content, size);
	return 0;
}

/* The tag of the content, or where it cannot be read that of the time. -1 and EAGAIN
 * or ETIME. */
static int
tag_of_content(struct tag *tag, struct prong_request *request, int fd,
    const char *content, const struct stat *st)
{
	uint64_t size = (uint64_t)st->st_size;
	XXH128_hash_t of;

	*tag = tag_of_ctime(st);
	if (!content && size > VALIDATORS_CONTENT_BYTES)
		return 0;
	if (digest(request, fd, content, size, &of) < 0)
		return errno == EAGAIN || errno == ETIME ? -1 : 0;
	*tag = (struct tag){ .high = of.high64,
		.low = of.low64,
		.has_high = true,
		.weak = !validators_has_settled(&st->st_ctim) };
	return 0;
}

/* Not snprintf(3): it would touch six further pages of libc in a fresh
 * process. */
static char *
put_hex(char *out, uint64_t number)
{
	unsigned i;

	for (i = 0; i < 16; i++)
		out[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15];
	return out + 16;
}

static void
put_tag(struct validators *validators, const struct tag *tag)
{
	char *end = validators->tag;

	if (tag->has_high)
		end = put_hex(end, tag->high);
	end = put_hex(end, tag->low);
	*end = '\0';
	validators->weak = tag->weak;
}

int
validators_make(struct validators *validators, struct prong_request *request,
    int32_t etag, int fd, const char *content, const struct stat *st)
{
	struct tag tag;

	if (etag == ETAG_MTIME)
		tag = tag_of_mtime(st);
	else if (etag != ETAG_CONTENT)
		tag = tag_of_ctime(st);
	else if (tag_of_content(&tag, request, fd, content, st) < 0)
		return -1;
	put_tag(validators, &tag);
	validators->modified = st->st_mtim.tv_sec;
	/* Builds set 0 or 1 where they have no time: it says nothing. */
	validators->has_modified = validators->modified != 0 &&
	    validators->modified != 1;
	return 0;
}

/* The server sees to it that nothing was modified later than the response (RFC
 * 9110 8.8.2.1). */
void
validators_set(struct prong_request *request,
    const struct validators *validators)
{
	prong_etag(request, validators->tag, validators->weak);
	if (validators->has_modified)
		prong_last_modified(request, validators->modified);
}
