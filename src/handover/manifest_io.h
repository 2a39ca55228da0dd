/*
 * The transport of manifests: in a memfd, with the numbers of descriptors that
 * survive an exec; or as messages over a socket, each with its descriptor.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_HANDOVER_MANIFEST_IO_H
#define PRONG_HANDOVER_MANIFEST_IO_H

#include <stdbool.h>
#include <stdio.h>

#include "handover/manifest.h"

/*
 * Writing a memfd. After an error nothing more is written, and
 * manifest_writer_finish returns that error.
 */
struct manifest_writer {
	struct manifest manifest;
	int fd;
	FILE *file;
	int error; /* errno; 0: none */
};

/* Makes an empty memfd; its name is only visible in /proc. */
void manifest_writer_init(struct manifest_writer *writer, const char *name,
    enum manifest_audience audience);

/* Writes a line; makes its descriptor (-1: none) survive an exec. */
void manifest_write(struct manifest_writer *writer,
    enum manifest_keyword keyword, int fd, const char *value);
void manifest_printf(struct manifest_writer *writer,
    enum manifest_keyword keyword, int fd, const char *format, ...)
    __attribute__((__format__(__printf__, 4, 5)));

/* Writes the last line. The memfd, at offset 0, which survives an exec, too; -1
 * and errno. */
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
	MANIFEST_LINE,	   /* a line; its value lives until the next one */
	MANIFEST_COMPLETE, /* the last line was read */
	MANIFEST_REFUSED,  /* the line in text is wrong: see error */
	MANIFEST_FAILED,   /* reading fails, errno says why */
	MANIFEST_CUT	   /* the text ends before the last line does */
};

/* Owns fd from here on. -1 and errno; call manifest_reader_close also then. */
int manifest_reader_open(struct manifest_reader *reader, int fd,
    enum manifest_audience audience);

/* Reads the next line. The caller owns its descriptor, which was made
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
