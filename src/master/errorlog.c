/* SPDX-License-Identifier: ISC */
#include "master/errorlog.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "master/logfile.h"

/* Of the file, at most: what a start that fails has to say is far less. */
#define SHOWN_MAX_BYTES 16384

static int kept = -1;	  /* standard error as it was */
static char starts[4096]; /* the setting; "" once it has started */
static off_t begun_at;	  /* a file's length then */

void
errorlog_init(int original)
{
	kept = original;
	if (original == STDERR_FILENO)
		kept = fcntl(original, F_DUPFD_CLOEXEC, 3);
}

int
errorlog_original(void)
{
	return kept;
}

static bool
is_file(const char *setting)
{
	return setting[0] == '/';
}

int
errorlog_open(const char *setting, const struct identity *user)
{
	int fd;

	if (is_file(setting))
		return logfile_open_error(setting, user);
	/* Who was started without a standard error has nothing to say. */
	if (kept < 0)
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	fd = fcntl(kept, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		log_error("cannot keep standard error: %s", strerror(errno));
	return fd;
}

int
errorlog_take(int fd)
{
	return dup2(fd, STDERR_FILENO) < 0 ? -1 : 0;
}

enum log_style
errorlog_style(const char *setting, enum log_style style)
{
	if (is_file(setting))
		return LOG_STYLE_STAMPED;
	return strcmp(setting, "syslog") == 0 ? LOG_STYLE_SYSLOG : style;
}

void
errorlog_starts(const char *setting)
{
	struct stat st = { 0 };

	if (strcmp(setting, "stderr") == 0)
		return;
	snprintf(starts, sizeof(starts), "%s", setting);
	begun_at = fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode) ?
	    st.st_size :
	    -1;
}

void
errorlog_started(void)
{
	starts[0] = '\0';
}

/* What was logged since errorlog_starts, from the beginning. */
static void
copy_file(void)
{
	char text[SHOWN_MAX_BYTES];
	ssize_t n = -1;
	int fd = -1;

	if (is_file(starts) && begun_at >= 0)
		fd = open("/proc/self/fd/2", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = pread(fd, text, sizeof(text), begun_at);
		close(fd);
	}
	if (n > 0 && write(kept, text, (size_t)n) < 0) {
		/* Nobody to tell. */
	}
}

void
errorlog_failed(void)
{
	if (!starts[0] || kept < 0)
		return;
	copy_file();
	dprintf(kept, "prongd: error: not started; %s says why\n", starts);
	starts[0] = '\0';
}
