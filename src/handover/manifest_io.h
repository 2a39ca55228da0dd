/*
 * Manifests on their way: in a memfd, whose descriptors go by number through an
 * exec, and as messages of a socket, each with its descriptor.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_MANIFEST_IO_H
#define PRONG_HANDOVER_MANIFEST_IO_H

#include <stdbool.h>
#include <stdio.h>

#include "handover/manifest.h"

/*
 * Writing a memfd. The first error stays, and manifest_writer_finish tells it.
 */
struct manifest_writer {
	struct manifest manifest;
	int fd;
	FILE *file;
	int error; /* errno; 0: none */
};

/* An empty one, under a name that is only seen in /proc. */
void manifest_writer_init(struct manifest_writer *writer, const char *name,
    enum manifest_audience audience);

/* A line; a descriptor (-1: none) will survive an exec from here on. */
void manifest_write(struct manifest_writer *writer,
    enum manifest_keyword keyword, int fd, const char *value);
void manifest_printf(struct manifest_writer *writer,
    enum manifest_keyword keyword, int fd, const char *format, ...)
    __attribute__((__format__(__printf__, 4, 5)));

/* Writes the last line. The memfd, at its beginning, which survives an exec,
 * too; -1 and errno. */
int manifest_writer_finish(struct manifest_writer *writer);

/*
 * Reading such a memfd.
 */
struct manifest_reader {
	struct manifest manifest;
	FILE *file;
	char *text; /* the line that was read last */
	size_t size;
	enum manifest_error error; /* of MANIFEST_REFUSED */
};

enum manifest_event {
	MANIFEST_LINE,	   /* another one; its value lives until the next */
	MANIFEST_COMPLETE, /* that was the last line */
	MANIFEST_REFUSED,  /* the line in text is wrong: see error */
	MANIFEST_CUT	   /* the text ends before the last line does */
};

/* Takes over the descriptor. -1 and errno; then, too, call close. */
int manifest_reader_open(struct manifest_reader *reader, int fd,
    enum manifest_audience audience);

/* The next line. Its descriptor, which is the caller's, has been made
 * close-on-exec again. */
enum manifest_event manifest_read(struct manifest_reader *reader,
    struct manifest_line *line);

void manifest_reader_close(struct manifest_reader *reader);

/*
 * Messages.
 */

/* Sends a line; the descriptor (-1: none) stays open here. -1 and errno. */
int manifest_send(struct manifest *manifest, int socket,
    enum manifest_keyword keyword, int fd, const char *value);

#endif
