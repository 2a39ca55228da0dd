/*
 * The settings of limits. See limit.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/limit.h"

#include <assert.h>
#include <string.h>

#include "config/setting.h"

#define KIB    INT64_C(1024)
#define MIB    (1024 * KIB)
#define TIB    (1024 * 1024 * MIB)
#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

typedef int read_number(const config_setting_t *setting, int64_t minimum,
    int64_t maximum, int64_t *value, struct report *report);

#define AT(member) offsetof(struct limits, member)

/* The default values keep a slow or greedy client from holding a process for
 * long, and accept all requests that browsers send and nginx accepts by
 * default. */
static const struct limit {
	const char *name;
	size_t offset;
	read_number *read;
	int64_t value, minimum, maximum;
	bool of_server;
} table[] = {
	{ "max_request_line", AT(max_request_line_bytes), setting_size, 8 * KIB,
	    64, MIB, true },
	{ "max_head", AT(max_head_bytes), setting_size, 32 * KIB, 256, 16 * MIB,
	    true },
	{ "max_fields", AT(max_fields), setting_integer, 100, 1, 10000, true },
	{ "max_body", AT(max_body_bytes), setting_size, MIB, 0, 1024 * TIB,
	    false },
	{ "head_timeout", AT(head_timeout_ms), setting_time, 10 * SECOND, 1,
	    HOUR, true },
	{ "body_timeout", AT(body_timeout_ms), setting_time, 20 * SECOND, 1,
	    DAY, false },
	{ "min_body_rate", AT(min_body_rate), setting_size, 500, 0, TIB,
	    false },
	{ "send_timeout", AT(send_timeout_ms), setting_time, 30 * SECOND, 1,
	    DAY, false },
	{ "idle_timeout", AT(idle_timeout_ms), setting_time, 15 * SECOND, 1,
	    DAY, false },
	{ "max_requests", AT(max_requests), setting_integer, 1000, 0,
	    1000000000, false },
	{ "max_request_time", AT(max_request_time_ms), setting_time,
	    60 * SECOND, 0, DAY, false },
	{ "max_request_total", AT(max_request_total_ms), setting_time, 0, 0,
	    DAY, false },
	{ "gone_grace", AT(gone_grace_ms), setting_time, 10 * SECOND, 0, DAY,
	    false },
	{ "max_cpu_time", AT(max_cpu_time_ms), setting_time, 0, 0, DAY, false },
	{ "max_memory", AT(max_memory_bytes), setting_size, 0, 0, TIB, false },
	{ "max_open_files", AT(max_open_files), setting_integer, 0, 0, 1000000,
	    false },
	{ "max_processes", AT(max_processes), setting_integer, 64, 0, 1000000,
	    false },
};

#define COUNT (sizeof(table) / sizeof(table[0]))

static_assert(COUNT <= LIMITS_MAX, "room for all names");
static_assert(sizeof(struct limits) == COUNT * sizeof(int64_t),
    "all members are of 64 bits and in the table");

static const struct limit *
find(const char *name)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static void
set(struct limits *limits, const struct limit *limit, int64_t value)
{
	memcpy((char *)limits + limit->offset, &value, sizeof(value));
}

void
limits_set_defaults(struct limits *limits)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		set(limits, &table[i], table[i].value);
}

bool
limits_know(const char *name)
{
	return find(name);
}

bool
limits_know_below_server(const char *name)
{
	const struct limit *limit = find(name);

	return limit && !limit->of_server;
}

int
limits_read(const config_setting_t *setting, struct limits *limits,
    struct report *report)
{
	const struct limit *limit = find(config_setting_name(setting));
	int64_t value;

	assert(limit);
	if (limit->read(setting, limit->minimum, limit->maximum, &value,
		report) < 0)
		return -1;
	set(limits, limit, value);
	return 0;
}

size_t
limits_names(const char *names[LIMITS_MAX], bool of_server)
{
	size_t i, count = 0;

	for (i = 0; i < COUNT; i++)
		if (of_server || !table[i].of_server)
			names[count++] = table[i].name;
	return count;
}
