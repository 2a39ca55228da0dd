/*
 * A handler that names its build, BUILD, in a field and in every line of its
 * content, so that a client sees when an answer is of more than one. The query
 * says more:
 *
 *	kib=N		so long is the content
 *	chunked		its length is not told
 *	ms=N		it takes so long at least
 *	fault=NAME	see faults; each is one that a client must notice
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define STRING_(text) #text
#define STRING(text)  STRING_(text)

#define KIB_MAX	      (1 << 20)
#define PIECE_BYTES   65536

/* Lines are of one length, so that the next is made of the one before. */
struct lines {
	char line[64];
	size_t length, at;
};

static void
begin_lines(struct lines *lines)
{
	lines->length = (size_t)snprintf(lines->line, sizeof(lines->line),
	    "build %d line %08d\n", BUILD, 0);
	lines->at = 0;
}

static void
next_line(struct lines *lines)
{
	char *digit = lines->line + lines->length - 2;

	lines->at = 0;
	while (*digit == '9')
		*digit-- = '0';
	++*digit;
}

static void
fill(struct lines *lines, char *out, size_t length)
{
	size_t n;

	for (; length > 0; out += n, length -= n) {
		n = lines->length - lines->at;
		if (n > length)
			n = length;
		memcpy(out, lines->line + lines->at, n);
		lines->at += n;
		if (lines->at == lines->length)
			next_line(lines);
	}
}

static uint64_t
number(struct prong_request *r, const char *name, uint64_t otherwise)
{
	const char *text = prong_query(r, name);

	return !text ? otherwise : strtoull(text, NULL, 10);
}

static int
is_fault(struct prong_request *r, const char *name)
{
	const char *fault = prong_query(r, "fault");

	return fault && strcmp(fault, name) == 0;
}

static void
pause_us(uint64_t us)
{
	struct timespec time = { .tv_sec = (time_t)(us / 1000000),
		.tv_nsec = (long)(us % 1000000) * 1000 };

	if (us > 0)
		nanosleep(&time, NULL);
}

/* What goes wrong half-way. */
static void
spoil(struct prong_request *r, char *piece)
{
	if (is_fault(r, "mixed"))
		memcpy(strstr(piece, "\nbuild ") + 7, "9", 1);
	else if (is_fault(r, "octet"))
		*strstr(piece, "line ") ^= 1;
	else if (is_fault(r, "exit"))
		_exit(0);
	else if (is_fault(r, "silence"))
		pause_us(UINT64_C(3600) * 1000000);
}

static int
write_content(struct prong_request *r, uint64_t bytes)
{
	uint64_t pieces = (bytes + PIECE_BYTES - 1) / PIECE_BYTES, i;
	uint64_t us = number(r, "ms", 0) * 1000 / pieces;
	char piece[PIECE_BYTES + 1] = "";
	struct lines lines;

	begin_lines(&lines);
	for (i = 0; i < pieces; i++) {
		uint64_t left = bytes - i * PIECE_BYTES;

		fill(&lines, piece, PIECE_BYTES);
		if (i == pieces / 2)
			spoil(r, piece);
		if (i > 0 && i == pieces / 2 && is_fault(r, "short"))
			break;
		if (prong_write(r, piece,
			left < PIECE_BYTES ? left : PIECE_BYTES) < 0)
			break;
		pause_us(us);
	}
	return PRONG_DONE;
}

static int
build(struct prong_request *r, const void *config)
{
	uint64_t kib = number(r, "kib", 1024);

	(void)config;
	if (kib == 0 || kib > KIB_MAX)
		return 400;
	if (is_fault(r, "status"))
		return 503;
	prong_field(r, "Content-Type", "text/plain; charset=utf-8");
	prong_field(r, "X-Build", STRING(BUILD));
	if (!prong_query(r, "chunked"))
		prong_length(r, kib * 1024);
	return write_content(r, kib * 1024);
}

PRONG_HANDLER(.name = "build", .summary = "tells which build it is",
    .promises = PRONG_REUSES_PROCESS, .handle = build);
