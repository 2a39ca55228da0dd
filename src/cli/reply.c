/* SPDX-License-Identifier: ISC */
#include "cli/reply.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/printable.h"

void
reply_print_json_outcome(const struct reply *r)
{
	size_t i;

	printf("{\"done\":%s,\"messages\":[",
	    r->status == 0 ? "true" : "false");
	for (i = 0; i < r->count; i++) {
		if (i > 0)
			putchar(',');
		printable_print_json(stdout, r->lines[i]);
	}
	puts("]}");
}

/* Status: each line is a keyword and a value (master/status.c). */

struct generation {
	unsigned long long number;
	long pid, connections; /* connections -1: unknown */
	long long age_s;
	char phase[16];
};

struct worker {
	unsigned long long generation;
	unsigned long number, age_s, connections, requests;
	long pid;
};

static bool
read_worker(const char *line, struct worker *w)
{
	return sscanf(line, "worker %llu %lu %ld %lu %lu %lu", &w->generation,
		   &w->number, &w->pid, &w->age_s, &w->connections,
		   &w->requests) == 6;
}

static bool
read_generation(const char *line, struct generation *g)
{
	return sscanf(line, "generation %llu %ld %15s %lld %ld", &g->number,
		   &g->pid, g->phase, &g->age_s, &g->connections) == 5;
}

const char *
reply_next_value(const struct reply *r, const char *keyword, size_t *cursor)
{
	size_t length = strlen(keyword);

	while (*cursor < r->count) {
		const char *line = r->lines[(*cursor)++];

		if (strncmp(line, keyword, length) == 0 && line[length] == ' ')
			return line + length + 1;
	}
	return NULL;
}

static const char *
value(const struct reply *r, const char *keyword)
{
	size_t cursor = 0;
	const char *found = reply_next_value(r, keyword, &cursor);

	return found ? found : "";
}

static void
print_json_list(const struct reply *r, const char *keyword, const char *name)
{
	size_t cursor = 0;
	const char *found, *comma = "";

	printf(",\"%s\":[", name);
	while ((found = reply_next_value(r, keyword, &cursor))) {
		fputs(comma, stdout);
		printable_print_json(stdout, found);
		comma = ",";
	}
	putchar(']');
}

static void
print_json_workers(const struct reply *r, unsigned long long generation)
{
	const char *comma = "";
	struct worker w;
	size_t i;

	printf(",\"workers\":[");
	for (i = 0; i < r->count; i++) {
		if (!read_worker(r->lines[i], &w) || w.generation != generation)
			continue;
		printf("%s{\"number\":%lu,\"pid\":%ld,\"age\":%lu,"
		       "\"connections\":%lu,\"requests\":%lu}",
		    comma, w.number, w.pid, w.age_s, w.connections, w.requests);
		comma = ",";
	}
	putchar(']');
}

static void
print_json_generations(const struct reply *r)
{
	const char *comma = "";
	struct generation g;
	size_t i;

	printf(",\"generations\":[");
	for (i = 0; i < r->count; i++) {
		if (!read_generation(r->lines[i], &g))
			continue;
		printf("%s{\"number\":%llu,\"pid\":%ld,\"phase\":", comma,
		    g.number, g.pid);
		printable_print_json(stdout, g.phase);
		printf(",\"age\":%lld,\"connections\":", g.age_s);
		if (g.connections < 0)
			printf("null");
		else
			printf("%ld", g.connections);
		print_json_workers(r, g.number);
		putchar('}');
		comma = ",";
	}
	putchar(']');
}

void
reply_print_json_status(const struct reply *r)
{
	const char *reload = value(r, "reload"), *space = strchr(reload, ' ');

	printf("{\"version\":");
	printable_print_json(stdout, value(r, "version"));
	printf(",\"pid\":%ld,\"started\":%lld,\"state\":",
	    atol(value(r, "pid")), atoll(value(r, "started")));
	printable_print_json(stdout, value(r, "state"));
	print_json_list(r, "configuration", "configuration");
	print_json_list(r, "listener", "listeners");
	print_json_generations(r);
	printf(",\"missing\":%lld,\"hung\":%lld,\"reload\":",
	    atoll(value(r, "missing")), atoll(value(r, "hung")));
	if (space)
		printf("{\"time\":%lld,\"done\":%s}", atoll(reload),
		    strcmp(space, " done") == 0 ? "true" : "false");
	else
		printf("null");
}

static void
print_time(const char *label, const char *seconds)
{
	time_t t = (time_t)atoll(seconds);
	struct tm tm;
	char text[64];

	if (!localtime_r(&t, &tm) ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return;
	printf("%-15s%s", label, text);
}

static void
print_list(const struct reply *r, const char *keyword, const char *label)
{
	size_t cursor = 0;
	const char *found;

	while ((found = reply_next_value(r, keyword, &cursor))) {
		printf("%-15s", label);
		printable_print(stdout, found);
		putchar('\n');
		label = "";
	}
}

static const char *
plural(unsigned long count)
{
	return count == 1 ? "" : "s";
}

static void
print_generations(const struct reply *r)
{
	const char *label = "generations";
	struct generation g;
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (!read_generation(r->lines[i], &g))
			continue;
		printf("%-15s%llu, process %ld, ", label, g.number, g.pid);
		printable_print(stdout, g.phase);
		printf(", %lld s old", g.age_s);
		if (g.connections >= 0)
			printf(", %ld connection%s", g.connections,
			    plural((unsigned long)g.connections));
		putchar('\n');
		label = "";
	}
}

static void
print_workers(const struct reply *r)
{
	const char *label = "workers";
	struct worker w;
	size_t i;

	for (i = 0; i < r->count; i++) {
		if (!read_worker(r->lines[i], &w))
			continue;
		printf("%-15s%lu of generation %llu, process %ld, %lu s old, "
		       "%lu connection%s, %lu request%s\n",
		    label, w.number, w.generation, w.pid, w.age_s,
		    w.connections, plural(w.connections), w.requests,
		    plural(w.requests));
		label = "";
	}
}

void
reply_print_status(const struct reply *r)
{
	const char *reload = value(r, "reload"), *space = strchr(reload, ' ');

	printf("%-15s", "prongd");
	printable_print(stdout, value(r, "version"));
	printf(", process %ld, ", atol(value(r, "pid")));
	printable_print(stdout, value(r, "state"));
	putchar('\n');
	print_time("started", value(r, "started"));
	putchar('\n');
	print_list(r, "configuration", "configuration");
	print_list(r, "listener", "listening at");
	print_list(r, "access-log", "access log");
	print_list(r, "error-log", "error log");
	print_generations(r);
	print_workers(r);
	if (atoll(value(r, "missing")) > 0)
		printf("%-15s%s without their folder: 503, see the log\n",
		    "handlers", value(r, "missing"));
	if (atoll(value(r, "hung")) > 0)
		printf("%-15s%s, replaced\n", "hung", value(r, "hung"));
	if (!space)
		return;
	print_time("last reload", reload);
	putchar(',');
	printable_print(stdout, space);
	putchar('\n');
}
