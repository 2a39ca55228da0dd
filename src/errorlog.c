/* SPDX-License-Identifier: ISC */
#include "errorlog.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "configuration.h"
#include "logfile.h"

/* Of the file, at most: what a start that fails has to say is far less. */
#define SHOWN_MAX_BYTES	16384

static int original = -1;		/* standard error as it was */
static off_t begun_at = -1;		/* a file's length then */
static char name[256];			/* of the log */

/* Where there is none, nobody looks at it. */
static void
put_aside(const char *log)
{
	snprintf(name, sizeof(name), "%s", log);
	original = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

static int
take_place(const struct configuration *c)
{
	int fd = logfile_open_error(c);
	struct stat st = { 0 };

	if (fd < 0)
		return -1;
	put_aside(c->error_log);
	begun_at = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ?
	    st.st_size : -1;
	dup2(fd, STDERR_FILENO);
	close(fd);
	return 0;
}

int
errorlog_open(const struct configuration *c, enum log_style *style)
{
	*style = log_style_stderr();
	log_open(*style, c->log_level);
	if (c->log_to_syslog) {
		*style = LOG_STYLE_SYSLOG;
		put_aside("syslog");
	} else if (c->error_log) {
		if (take_place(c) < 0)
			return -1;
		*style = LOG_STYLE_STAMPED;
	}
	log_open(*style, c->log_level);
	return 0;
}

void
errorlog_started(void)
{
	if (original >= 0)
		close(original);
	original = -1;
}

/* What was logged since errorlog_open, from the beginning. */
static void
copy_file(void)
{
	char text[SHOWN_MAX_BYTES];
	ssize_t n = -1;
	int fd = -1;

	if (begun_at >= 0)
		fd = open("/proc/self/fd/2", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = pread(fd, text, sizeof(text), begun_at);
		close(fd);
	}
	if (n > 0 && write(original, text, (size_t)n) < 0) {
		/* Nobody to tell. */
	}
}

void
errorlog_failed(void)
{
	if (original < 0)
		return;
	copy_file();
	dprintf(original, "prongd: error: not started; %s says why\n", name);
	errorlog_started();
}
