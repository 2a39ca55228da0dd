/* SPDX-License-Identifier: ISC */
#include "master/holder.h"

#include <dirent.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/address_scope.h"

/* As in the column st of /proc/net/tcp. */
#define STATE_LISTEN	  0x0a

#define SOCKET_NAME_BYTES 32

struct row {
	struct address address;
	uid_t uid;
	unsigned long inode;
};

/*
 * The socket.
 */

/* Words of 32 bits in the order of this machine, each as eight digits. */
static bool
read_octets(const char *digits, unsigned char octets[16], size_t words)
{
	size_t i;

	for (i = 0; i < words; i++) {
		uint32_t word;

		if (sscanf(digits + 8 * i, "%8" SCNx32, &word) != 1)
			return false;
		memcpy(octets + 4 * i, &word, 4);
	}
	return true;
}

/* A line of /proc/net/tcp or tcp6 (proc(5)); false for one that is not of a
 * socket that listens. */
static bool
read_row(const char *line, int family, struct row *row)
{
	const size_t words = family == AF_INET ? 1 : 4;
	unsigned char octets[16];
	unsigned port, state, uid;
	char local[33];

	if (sscanf(line, " %*u: %32[0-9A-F]:%4x %*s %2x %*s %*s %*s %u %*s %lu",
		local, &port, &state, &uid, &row->inode) != 5 ||
	    state != STATE_LISTEN || strlen(local) != 8 * words ||
	    !read_octets(local, octets, words))
		return false;
	address_set_ip(&row->address, family, octets, (uint16_t)port);
	row->uid = uid;
	return true;
}

static bool
find_row(const char *table, int family, const struct address *wanted,
    struct row *row)
{
	FILE *in = fopen(table, "re");
	bool found = false;
	char line[512];

	while (in && !found && fgets(line, sizeof(line), in))
		found = read_row(line, family, row) &&
		    address_scope_overlaps(&row->address, wanted);
	if (in)
		fclose(in);
	return found;
}

/*
 * The process.
 */

/* As readlink(2) tells it of a descriptor. */
static const char *
socket_name(unsigned long inode, char name[SOCKET_NAME_BYTES])
{
	snprintf(name, SOCKET_NAME_BYTES, "socket:[%lu]", inode);
	return name;
}

static bool
has_socket(pid_t pid, const char *socket)
{
	char path[64], target[64];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	folder = opendir(path);
	while (folder && !found && (entry = readdir(folder))) {
		ssize_t n = readlinkat(dirfd(folder), entry->d_name, target,
		    sizeof(target) - 1);

		target[n > 0 ? n : 0] = '\0';
		found = strcmp(target, socket) == 0;
	}
	if (folder)
		closedir(folder);
	return found;
}

/* The lowest of the numbers: a server's first process is in most cases older
 * than those that have its socket, too. */
static pid_t
find_process(unsigned long inode)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	char socket[SOCKET_NAME_BYTES];
	long found = 0;

	socket_name(inode, socket);
	while (folder && (entry = readdir(folder))) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid > 0 && (found == 0 || pid < found) &&
		    has_socket((pid_t)pid, socket))
			found = pid;
	}
	if (folder)
		closedir(folder);
	return (pid_t)found;
}

/* Anybody can name his processes as he likes. */
static void
read_name(pid_t pid, char *name, size_t size)
{
	char path[64];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)pid);
	in = fopen(path, "re");
	if (!in || !fgets(name, (int)size, in))
		name[0] = '\0';
	if (in)
		fclose(in);
	name[strcspn(name, "\n")] = '\0';
	for (; *name != '\0'; name++)
		if (*name < 0x20 || *name > 0x7e)
			*name = '?';
}

static bool
find_socket(const struct address *wanted, struct row *row)
{
	return find_row("/proc/net/tcp", AF_INET, wanted, row) ||
	    find_row("/proc/net/tcp6", AF_INET6, wanted, row);
}

bool
holder_is(const struct address *wanted, pid_t pid)
{
	char socket[SOCKET_NAME_BYTES];
	struct row row;

	return find_socket(wanted, &row) &&
	    has_socket(pid, socket_name(row.inode, socket));
}

bool
holder_find(const struct address *wanted, struct holder *holder)
{
	struct row row;

	*holder = (struct holder){ .pid = 0 };
	if (!find_socket(wanted, &row))
		return false;
	holder->uid = row.uid;
	holder->pid = find_process(row.inode);
	if (holder->pid > 0)
		read_name(holder->pid, holder->name, sizeof(holder->name));
	return true;
}

const char *
holder_describe(const struct address *address, char text[HOLDER_TEXT_BYTES])
{
	struct holder holder;

	if (!holder_find(address, &holder)) {
		snprintf(text, HOLDER_TEXT_BYTES,
		    "another process listens there");
		return text;
	}
	if (holder.pid > 0)
		snprintf(text, HOLDER_TEXT_BYTES,
		    "%s (process %ld) listens there", holder.name,
		    (long)holder.pid);
	else
		snprintf(text, HOLDER_TEXT_BYTES,
		    "a process of user id %ju listens there",
		    (uintmax_t)holder.uid);
	return text;
}
