/*
 * confine: executes a program under what the unit's settings become in the
 * kernel: SystemCallFilter= with an error number, MemoryDenyWriteExecute=,
 * RestrictAddressFamilies= (Unix, IPv4, IPv6, netlink), RestrictNamespaces=,
 * NoNewPrivileges=. The calls that are allowed come from a file, a name a line;
 * names that this machine does not have are left out, as systemd leaves them.
 *
 *	confine FILE PROGRAM [ARGUMENT...]
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void
fail(const char *what, int error)
{
	fprintf(stderr, "confine: %s: %s\n", what, strerror(error));
	exit(126);
}

static void
check(const char *what, int result)
{
	if (result < 0)
		fail(what, -result);
}

static scmp_filter_ctx
begin(uint32_t action)
{
	scmp_filter_ctx filter = seccomp_init(action);

	if (!filter)
		fail("seccomp_init", ENOMEM);
	return filter;
}

static void
load(scmp_filter_ctx filter)
{
	check("seccomp_load", seccomp_load(filter));
	seccomp_release(filter);
}

static void
deny_masked(scmp_filter_ctx filter, int call, unsigned argument, uint64_t bits)
{
	const struct scmp_arg_cmp has = SCMP_CMP64(argument, SCMP_CMP_MASKED_EQ,
	    bits, bits);

	check("a rule",
	    seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), call, 1,
		&has));
}

static void
deny_family(scmp_filter_ctx filter, enum scmp_compare compare, int family)
{
	const struct scmp_arg_cmp is = { 0, compare, (scmp_datum_t)family, 0 };

	check("a rule",
	    seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT),
		SCMP_SYS(socket), 1, &is));
}

static void
deny_arguments(void)
{
	static const uint64_t namespaces[] = { CLONE_NEWCGROUP, CLONE_NEWIPC,
		CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER,
		CLONE_NEWUTS };
	scmp_filter_ctx filter = begin(SCMP_ACT_ALLOW);
	size_t i;
	int family;

	deny_masked(filter, SCMP_SYS(mmap), 2, PROT_WRITE | PROT_EXEC);
	deny_masked(filter, SCMP_SYS(mprotect), 2, PROT_EXEC);
	deny_masked(filter, SCMP_SYS(pkey_mprotect), 2, PROT_EXEC);
	deny_masked(filter, SCMP_SYS(shmat), 2, SHM_EXEC);
	for (i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++) {
		deny_masked(filter, SCMP_SYS(clone), 0, namespaces[i]);
		deny_masked(filter, SCMP_SYS(unshare), 0, namespaces[i]);
	}
	check("a rule",
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3),
		0));
	for (family = AF_INET6 + 1; family < AF_NETLINK; family++)
		deny_family(filter, SCMP_CMP_EQ, family);
	deny_family(filter, SCMP_CMP_GT, AF_NETLINK);
	load(filter);
}

static void
allow_calls(const char *path)
{
	scmp_filter_ctx filter = begin(SCMP_ACT_ERRNO(EPERM));
	FILE *file = fopen(path, "re");
	char name[128];
	int number;

	if (!file)
		fail(path, errno);
	while (fscanf(file, "%127s", name) == 1) {
		number = seccomp_syscall_resolve_name(name);
		if (number >= 0)
			check(name,
			    seccomp_rule_add(filter, SCMP_ACT_ALLOW, number,
				0));
	}
	fclose(file);
	load(filter);
}

int
main(int argc, char *argv[])
{
	if (argc < 3) {
		fputs("usage: confine FILE PROGRAM [ARGUMENT...]\n", stderr);
		return 2;
	}
	deny_arguments();
	allow_calls(argv[1]);
	execv(argv[2], argv + 2);
	fail(argv[2], errno);
}
