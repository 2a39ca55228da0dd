/* SPDX-License-Identifier: ISC */
#include "sandbox/argument.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <prong/handler.h>

#include "sandbox/argument_table.h"
#include "sandbox/program.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Whether a rule makes a signal, which has the error as si_errno; whether it
 * only asks the observer. */
static enum { ERRNO, SIGNALS, ASKS } way;

enum argument_memory
argument_memory(uint64_t needs)
{
	if (needs & (PRONG_NEEDS_EXECUTABLE_MEMORY | PRONG_NEEDS_PROCESSES))
		return ARGUMENT_MEMORY_ANY;
	if (needs & PRONG_NEEDS_NETWORK)
		return ARGUMENT_MEMORY_LIBRARIES;
	return ARGUMENT_MEMORY_NONE;
}

static void
put_return(struct program *p, uint32_t action)
{
	program_put(p,
	    &(const struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action), 1);
}

/* The number of steps of a pattern without its end. */
static uint8_t
steps_of(const struct argument_pattern *pattern)
{
	size_t i;

	for (i = 0; i < ARGUMENT_CHECKS && pattern->checks[i].mask; i++)
		;
	return (uint8_t)(3 * i);
}

/* Returns the action when all checks of the pattern hold. */
static void
put_pattern(struct program *p, const struct argument_pattern *pattern,
    uint32_t action)
{
	uint8_t left = steps_of(pattern);
	const struct argument_check *check = pattern->checks;

	for (; left > 0; left -= 3, check++) {
		const struct sock_filter code[] = {
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			    PROGRAM_ARGUMENT(check->argument)),
			BPF_STMT(BPF_ALU | BPF_AND | BPF_K, check->mask),
			/* The action is one step, behind the last check. */
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, check->value, 0,
			    (uint8_t)(left - 2)),
		};

		program_put(p, code, COUNT(code));
	}
	put_return(p, action);
}

/* Whether the call has no further rule. */
static bool
is_last(const struct argument_rule *rule)
{
	const struct argument_rule *next = rule + 1;

	while (next < argument_rules + argument_rule_count &&
	    next->number != rule->number)
		next++;
	return next == argument_rules + argument_rule_count;
}

static uint32_t
refusal_of(const struct argument_rule *rule)
{
	if (way == ASKS)
		return SECCOMP_RET_USER_NOTIF;
	if (way == SIGNALS && !rule->is_quiet)
		return SECCOMP_RET_TRAP | (uint32_t)rule->error;
	return SECCOMP_RET_ERRNO | (uint32_t)rule->error;
}

static void
put_rule(struct program *p, const struct argument_rule *rule)
{
	const uint32_t refuse = refusal_of(rule);
	const uint32_t action = rule->permits ? SECCOMP_RET_ALLOW : refuse;
	const struct sock_filter select[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)rule->number, 1,
		    0),
		BPF_STMT(BPF_JMP | BPF_JA, 0),
	};
	static const struct sock_filter number = BPF_STMT(BPF_LD | BPF_W |
		BPF_ABS,
	    offsetof(struct seccomp_data, nr));
	size_t i, jump;

	program_put(p, select, COUNT(select));
	jump = p->length - 1U;
	for (i = 0; i < rule->count; i++)
		put_pattern(p, &rule->patterns[i], action);
	if (rule->permits)
		put_return(p, refuse);
	else if (is_last(rule))
		put_return(p, SECCOMP_RET_ALLOW);
	else
		program_put(p, &number, 1);
	/* Over this rule: a conditional jump would not reach that far. */
	p->code[jump].k = (uint32_t)(p->length - jump - 1);
}

static bool
holds(const struct argument_rule *rule, uint64_t needs)
{
	return argument_memory(needs) >= rule->memory;
}

/* An observer has to hear of all sockets where some handler may have none. */
static bool
is_declared(const struct argument_rule *rule, uint64_t needs)
{
	return rule->number != SYS_socket || (needs & PRONG_NEEDS_NETWORK);
}

static void
put_rules(struct program *p, uint64_t needs)
{
	size_t i;

	for (i = 0; i < argument_rule_count; i++)
		if (holds(&argument_rules[i], needs) &&
		    (way != ASKS || is_declared(&argument_rules[i], needs)))
			put_rule(p, &argument_rules[i]);
}

int
argument_load(struct program *p, uint64_t needs, bool signals)
{
	way = ARGUMENT_CAN_SIGNAL && signals ? SIGNALS : ERRNO;
	put_rules(p, needs);
	return program_load(p);
}

void
argument_ask(struct program *p, uint64_t needs)
{
	way = ASKS;
	put_rules(p, needs);
}

static bool
matches(const struct argument_pattern *pattern, const uint64_t *arguments)
{
	const struct argument_check *c = pattern->checks;
	size_t i;

	for (i = 0; i < ARGUMENT_CHECKS && c[i].mask; i++)
		if (((uint32_t)arguments[c[i].argument] & c[i].mask) !=
		    c[i].value)
			return false;
	return true;
}

static bool
is_broken(const struct argument_rule *rule, const uint64_t *arguments)
{
	size_t i;

	for (i = 0; i < rule->count; i++)
		if (matches(&rule->patterns[i], arguments))
			return !rule->permits;
	return rule->permits;
}

int
argument_error(int number, const uint64_t arguments[6], uint64_t needs)
{
	size_t i;

	for (i = 0; i < argument_rule_count; i++)
		if (argument_rules[i].number == number &&
		    holds(&argument_rules[i], needs) &&
		    is_broken(&argument_rules[i], arguments))
			return argument_rules[i].error;
	return 0;
}

const char *
argument_explain(int number, int error, const char **name, const char **permit)
{
	size_t i;

	for (i = 0; i < argument_rule_count; i++) {
		if (argument_rules[i].number != number ||
		    argument_rules[i].error != error)
			continue;
		*name = argument_rules[i].name;
		*permit = argument_rules[i].permit;
		return argument_rules[i].what;
	}
	return NULL;
}
