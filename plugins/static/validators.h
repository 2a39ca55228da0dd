/*
 * Validators of a file: the entity tag and the time of the last change (RFC
 * 9110 8.8). The option etag says what the tag is made of.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef VALIDATORS_H
#define VALIDATORS_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;
struct prong_request;
struct static_config;

#define VALIDATORS_DIGESTS 8

/* What ETAG_CONTENT reads at most; a larger file has the tag of ETAG_CTIME.
 * Reading so much takes a few milliseconds. */
#define VALIDATORS_CONTENT_BYTES (16 * 1024 * 1024)

/* The digest of a file's content, for as long as the file stays the same. */
struct validators_digest {
	struct stat st;
	int64_t read_ms;
	uint64_t low, high;
};

/* The digests that a connection has computed; all zero is none. */
struct validators_digests {
	struct validators_digest items[VALIDATORS_DIGESTS];
	size_t next; /* the one to be overwritten next */
};

/*
 * Whether the time is so long ago that a change from now on gets another one:
 * the times of a file are as coarse as a kernel tick, or as a second or two.
 */
bool validators_has_settled(const struct timespec *changed);

/* Whether both are the same file, with the same content and permissions: a
 * change would have changed st_ctim, which no user can set. */
bool validators_is_unchanged(const struct stat *a, const struct stat *b);

/* Sets the validators of the response that will have the file. */
void validators_set(struct prong_request *request,
    const struct static_config *config, const struct file *file);

#endif
