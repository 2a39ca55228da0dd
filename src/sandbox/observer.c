/* SPDX-License-Identifier: ISC */
#include "sandbox/observer.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/fdpass.h"
#include "base/log.h"
#include "base/title.h"
#include "sandbox/argument.h"
#include "sandbox/program.h"
#include "sandbox/syscalls.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* No kernel has so many calls: a connection tells its rules by this one. */
#define TELL_CALL 1000000

/* Processes are kept by their number modulo this. A process that pushed another
 * one out makes its calls count for nobody. */
#define PROCESSES     65536
#define ANCESTORS_MAX 16

/* Each call is logged once for the rules. */
#define CALLS_MAX 1024
#define RULES_MAX 256

/* Calls with conditions of their own in the filter; they are not looked at. */
static const char *const conditional[] = { "clone", "ioctl", "mremap",
	"prlimit64", "socketpair" };

struct observer {
	const struct observer_rules *rules;
	size_t count;
	int listener;
	struct process {
		uint32_t pid;
		uint32_t rules;
	} processes[PROCESSES];
	bool logged[RULES_MAX][CALLS_MAX];
};

/*
 * The filter.
 */

static void
put_allowed(struct program *p, const char *name)
{
	const int number = seccomp_syscall_resolve_name(name);
	const struct sock_filter code[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	if (number >= 0)
		program_put(p, code, COUNT(code));
}

static void
put_list(struct program *p, const struct syscalls *calls)
{
	size_t i;

	for (i = 0; i < calls->count; i++)
		put_allowed(p, calls->names[i]);
}

/* common: what all handlers have declared. Returns the descriptor by which the
 * kernel asks. */
static int
load(uint64_t common)
{
	static const struct sock_filter ask = BPF_STMT(BPF_RET | BPF_K,
	    SECCOMP_RET_USER_NOTIF);
	struct program p;
	struct sock_fprog program = { .filter = p.code };
	size_t i;

	p.length = 0;
	argument_ask(&p, common);
	put_list(&p, &syscalls_base);
	for (i = 0; i < COUNT(conditional); i++)
		put_allowed(&p, conditional[i]);
	for (i = 0; i < SYSCALLS_GROUPS; i++)
		if (syscalls_groups[i].need & common)
			put_list(&p, &syscalls_groups[i].calls);
	program_put(&p, &ask, 1);
	program.len = p.length;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/*
 * The process.
 */

/* 0: unknown. */
static uint32_t
parent_of(uint32_t pid)
{
	char path[32], text[512];
	const char *end;
	ssize_t n;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	file = fopen(path, "re");
	n = file ? (ssize_t)fread(text, 1, sizeof(text) - 1, file) : 0;
	if (file)
		fclose(file);
	text[n] = '\0';
	/* The name, in brackets, may hold anything. */
	end = strrchr(text, ')');
	return end && strlen(end) > 4 ? (uint32_t)strtoul(end + 4, NULL, 10) :
					0;
}

/* The rules of the process, or of the connection that it comes from. */
static size_t
rules_of(const struct observer *w, uint32_t pid)
{
	const struct process *p;
	int i;

	for (i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		p = &w->processes[pid % PROCESSES];
		if (p->pid == pid)
			return p->rules;
		pid = parent_of(pid);
	}
	return w->count;
}

static const struct syscalls_group *
group_of(const char *name)
{
	size_t i, j;

	for (i = 0; i < SYSCALLS_GROUPS; i++)
		for (j = 0; j < syscalls_groups[i].calls.count; j++)
			if (strcmp(syscalls_groups[i].calls.names[j], name) ==
			    0)
				return &syscalls_groups[i];
	return NULL;
}

static bool
is_forbidden(const char *name)
{
	size_t i;

	for (i = 0; i < syscalls_forbidden.count; i++)
		if (strcmp(syscalls_forbidden.names[i], name) == 0)
			return true;
	return false;
}

/* Says what the sandbox would do to the call, in result. False: nothing. */
static bool
judge(const struct seccomp_data *call, const char *name, uint64_t needs,
    char *result, size_t size)
{
	const struct syscalls_group *group = group_of(name);
	const uint64_t a[6] = { call->args[0], call->args[1], call->args[2],
		call->args[3], call->args[4], call->args[5] };
	int error = argument_error(call->nr, a, needs);
	const char *of_call = "", *permit = NULL, *what;

	if (group && !(group->need & needs)) {
		snprintf(result, size,
		    "would end the process: it is not declared; %s in the "
		    "handler's descriptor would permit it",
		    group->name);
	} else if (error) {
		what = argument_explain(call->nr, error, &of_call, &permit);
		snprintf(result, size, "would fail with %s: %s %s%s",
		    strerrorname_np(error), what,
		    permit ? "needs " : "is permitted to no handler",
		    permit ? permit : "");
	} else if (is_forbidden(name)) {
		snprintf(result, size,
		    "would end the process: it is permitted to no handler");
	} else if (!group) {
		snprintf(result, size, "would fail with ENOSYS");
	} else {
		return false;
	}
	return true;
}

static void
log_call(struct observer *w, const struct seccomp_notif *n)
{
	const struct seccomp_data *call = &n->data;
	size_t rules = rules_of(w, n->pid);
	char result[256];
	char *name;

	if (rules >= w->count || rules >= RULES_MAX || call->nr < 0 ||
	    call->nr >= CALLS_MAX || w->logged[rules][call->nr])
		return;
	name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call->nr);
	if (judge(call, name ? name : "", w->rules[rules].needs, result,
		sizeof(result))) {
		w->logged[rules][call->nr] = true;
		log_warning("sandbox = \"log\": process %u of route %s: the "
			    "system call %s(0x%llx, 0x%llx, 0x%llx, 0x%llx) "
			    "%s",
		    n->pid, w->rules[rules].route, name ? name : "unknown",
		    call->args[0], call->args[1], call->args[2], call->args[3],
		    result);
	}
	free(name);
}

static void
respond(struct observer *w, const struct seccomp_notif *n)
{
	struct seccomp_notif_resp response = {
		.id = n->id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	if (n->data.nr == TELL_CALL) {
		w->processes[n->pid % PROCESSES] = (struct process){ n->pid,
			(uint32_t)n->data.args[0] };
		response.flags = 0;
	} else {
		log_call(w, n);
	}
	/* The process may have been killed meanwhile. */
	ioctl(w->listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* Until no process with the filter is left. */
static void
watch(struct observer *w)
{
	struct pollfd listener = { .fd = w->listener, .events = POLLIN };
	struct seccomp_notif n;

	while (poll(&listener, 1, -1) >= 0 || errno == EINTR) {
		if (!(listener.revents & POLLIN)) {
			if (listener.revents & (POLLHUP | POLLERR))
				return;
			continue;
		}
		memset(&n, 0, sizeof(n));
		if (ioctl(w->listener, SECCOMP_IOCTL_NOTIF_RECV, &n) == 0)
			respond(w, &n);
	}
}

/* The observer keeps the log, and the socket by which it gets the listener. */
static _Noreturn void
become_observer(int socket, const struct observer_rules *rules, size_t count)
{
	struct observer *w = calloc(1, sizeof(*w));
	int fds[FDPASS_MAX];
	char octet;

	title_set("sandbox log");
	if (!w)
		_exit(1);
	w->rules = rules;
	w->count = count;
	socket = dup2(socket, STDERR_FILENO + 1);
	descriptor_close_range((unsigned)socket + 1, ~0U);
	if (socket >= 0 && fdpass_receive(socket, &octet, 1, fds, 0) == 1 &&
	    fds[0] >= 0) {
		w->listener = fds[0];
		watch(w);
	}
	_exit(0);
}

static uint64_t
common_needs(const struct observer_rules *rules, size_t count)
{
	uint64_t common = ~UINT64_C(0);
	size_t i;

	for (i = 0; i < count; i++)
		common &= rules[i].needs;
	return count > 0 ? common : 0;
}

static int
hand_over(int socket, uint64_t common)
{
	const struct iovec octet = { (char[]){ "x" }, 1 };
	int listener = load(common);
	int result = -1;

	if (listener >= 0 &&
	    fdpass_send(socket, &octet, 1, &listener, 1, 0) > 0)
		result = 0;
	descriptor_close(listener);
	return result;
}

/* The generation ends children that it does not know, so the observer is to be
 * the master's. */
static bool
fork_observer(int socket, const struct observer_rules *rules, size_t count)
{
	int adopts = 0;
	pid_t pid;

	prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			become_observer(socket, rules, count);
		_exit(pid < 0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	prctl(PR_SET_CHILD_SUBREAPER, adopts, 0, 0, 0);
	return pid > 0;
}

int
observer_start(const struct observer_rules *rules, size_t count)
{
	int sockets[2], result = -1;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return -1;
	if (fork_observer(sockets[1], rules, count))
		result = hand_over(sockets[0], common_needs(rules, count));
	descriptor_close(sockets[0]);
	descriptor_close(sockets[1]);
	return result;
}

void
observer_tell(size_t rules)
{
	syscall(TELL_CALL, rules);
}
