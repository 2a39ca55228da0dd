/* SPDX-License-Identifier: ISC */
#include "sandbox/program.h"

#include <assert.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void
program_put(struct program *p, const struct sock_filter *code, size_t count)
{
	static const struct sock_filter number = BPF_STMT(BPF_LD | BPF_W |
		BPF_ABS,
	    offsetof(struct seccomp_data, nr));

	if (p->length == 0)
		p->code[p->length++] = number;
	/* The last step must fit, too. */
	assert(count < PROGRAM_STEPS - (size_t)p->length);
	memcpy(p->code + p->length, code, count * sizeof(*code));
	p->length += (unsigned short)count;
}

int
program_load(struct program *p)
{
	static const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .filter = p->code };

	if (p->length == 0)
		return 0;
	program_put(p, &allow, 1);
	program.len = p->length;
	/* Kernels before 4.17 do not know the flag (filter_load). */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0)
		return 0;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
