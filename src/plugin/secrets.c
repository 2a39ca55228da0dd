/* SPDX-License-Identifier: ISC */
#include "plugin/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/memfd.h"
#include "config/report.h"
#include "config/setting.h"

int
secrets_find(const struct secrets *secrets, const char *path)
{
	size_t i;

	for (i = 0; i < secrets->count; i++)
		if (strcmp(secrets->items[i].path, path) == 0)
			return secrets->items[i].fd;
	return -1;
}

int
secrets_add(struct secrets *secrets, const char *path, int fd)
{
	struct secret *items;
	char *copy = strdup(path);

	items = reallocarray(secrets->items, secrets->count + 1,
	    sizeof(*items));
	if (items)
		secrets->items = items;
	if (!items || !copy) {
		free(copy);
		close(fd);
		errno = ENOMEM;
		return -1;
	}
	items[secrets->count].path = copy;
	items[secrets->count++].fd = fd;
	return 0;
}

static int
copy_file(const char *path)
{
	int fd, copy = -1;
	struct stat st;

	/* O_NONBLOCK: a FIFO must not block the server. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EINVAL;
	else
		copy = memfd_copy("prong-secret", fd, SECRET_MAX_BYTES);
	descriptor_close(fd);
	return copy;
}

int
secrets_read(struct secrets *secrets, const char *path,
    const config_setting_t *setting, struct report *report)
{
	char name[SETTING_NAME_BYTES];
	int copy = copy_file(path);

	if (copy >= 0 && secrets_add(secrets, path, copy) == 0)
		return 0;
	report_error(report, setting,
	    "%s: found \"%s\", which cannot be "
	    "read: %s; possible: a regular file of at most %zu KiB that the "
	    "user who starts prongd can read",
	    setting_name(setting, name), path, strerror(errno),
	    SECRET_MAX_BYTES / 1024);
	return -1;
}

int
secrets_open(struct secrets *secrets, const char *path,
    const config_setting_t *setting, struct report *report)
{
	char name[SETTING_NAME_BYTES], proc[40];
	int fd = !secrets ? -1 : secrets_find(secrets, path);

	if (secrets && secrets->is_withheld)
		return -1;
	if (fd < 0 && secrets && secrets->ask) {
		fd = secrets->ask(secrets->context, path);
		if (fd < 0 || secrets_add(secrets, path, fd) < 0) {
			/* The process with privileges has logged the reason. */
			report->errors++;
			return -1;
		}
	}
	if (fd >= 0) {
		snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
		fd = open(proc, O_RDONLY | O_CLOEXEC);
	} else {
		errno = ENOENT;
	}
	if (fd < 0)
		report_error(report, setting,
		    "%s: the secret \"%s\" is not "
		    "at hand: %s",
		    setting_name(setting, name), path, strerror(errno));
	return fd;
}

void
secrets_free(struct secrets *secrets)
{
	size_t i;

	for (i = 0; i < secrets->count; i++) {
		close(secrets->items[i].fd);
		free(secrets->items[i].path);
	}
	free(secrets->items);
	secrets->items = NULL;
	secrets->count = 0;
}
