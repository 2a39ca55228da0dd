/* SPDX-License-Identifier: ISC */
#include "handover/manifest_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fdpass.h"

/*
 * Writing.
 */

void
manifest_writer_init(struct manifest_writer *w, const char *name,
    enum manifest_audience audience)
{
	int copy = -1;

	*w = (struct manifest_writer){ .manifest.audience = audience };
	w->fd = memfd_create(name, 0);
	if (w->fd >= 0)
		copy = dup(w->fd);
	w->file = copy < 0 ? NULL : fdopen(copy, "w");
	if (!w->file)
		w->error = errno;
}

void
manifest_write(struct manifest_writer *w, enum manifest_keyword keyword, int fd,
    const char *value)
{
	char text[MANIFEST_LINE_BYTES];

	if (w->error)
		return;
	if (manifest_format(&w->manifest, text, keyword, fd, value) !=
	    MANIFEST_OK)
		w->error = EINVAL;
	else if (fprintf(w->file, "%s\n", text) < 0 ||
	    (fd >= 0 && fcntl(fd, F_SETFD, 0) < 0))
		w->error = errno;
}

void
manifest_printf(struct manifest_writer *w, enum manifest_keyword keyword,
    int fd, const char *format, ...)
{
	char value[MANIFEST_VALUE_BYTES];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(value, sizeof(value), format, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof(value))
		manifest_write(w, keyword, fd, value);
	else if (!w->error)
		w->error = EINVAL;
}

int
manifest_writer_finish(struct manifest_writer *w)
{
	manifest_write(w, MANIFEST_END, -1, "");
	if (w->file && fclose(w->file) != 0 && !w->error)
		w->error = errno;
	if (!w->error && lseek(w->fd, 0, SEEK_SET) < 0)
		w->error = errno;
	if (!w->error)
		return w->fd;
	if (w->fd >= 0)
		close(w->fd);
	errno = w->error;
	return -1;
}

/*
 * Reading.
 */

int
manifest_reader_open(struct manifest_reader *r, int fd,
    enum manifest_audience audience)
{
	*r = (struct manifest_reader){ .manifest.audience = audience };
	r->file = fdopen(fd, "r");
	return r->file ? 0 : -1;
}

enum manifest_event
manifest_read(struct manifest_reader *r, struct manifest_line *line)
{
	ssize_t n = getline(&r->text, &r->size, r->file);

	if (n <= 0 || r->text[n - 1] != '\n')
		return ferror(r->file) ? MANIFEST_FAILED : MANIFEST_CUT;
	r->text[n - 1] = '\0';
	r->error = manifest_parse(&r->manifest, line, r->text);
	if (r->error == MANIFEST_OK && line->fd >= 0 &&
	    fcntl(line->fd, F_SETFD, FD_CLOEXEC) < 0)
		r->error = MANIFEST_CLOSED_DESCRIPTOR;
	if (r->error != MANIFEST_OK)
		return MANIFEST_REFUSED;
	return line->keyword == MANIFEST_END ? MANIFEST_COMPLETE :
					       MANIFEST_LINE;
}

void
manifest_reader_close(struct manifest_reader *r)
{
	free(r->text);
	if (r->file)
		fclose(r->file);
}

/*
 * Messages.
 */

int
manifest_send(struct manifest *m, int socket, enum manifest_keyword keyword,
    int fd, const char *value)
{
	char text[MANIFEST_LINE_BYTES];
	struct iovec iov = { text, 0 };

	if (manifest_format_message(m, text, keyword, fd, value) !=
	    MANIFEST_OK) {
		errno = EINVAL;
		return -1;
	}
	iov.iov_len = strlen(text);
	return fdpass_send(socket, &iov, 1, &fd, fd >= 0, 0) < 0 ? -1 : 0;
}
