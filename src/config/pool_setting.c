/* SPDX-License-Identifier: ISC */
#include "config/pool_setting.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "config/report.h"
#include "config/setting.h"

#define SECOND INT64_C(1000)
#define DAY    (24 * 3600 * SECOND)

/* As many as may wait for workers of one kind (generation/porter_place.h), together
 * with those of other routes. */
#define QUEUE_MAX 512

typedef int read_number(const config_setting_t *setting, int64_t minimum,
    int64_t maximum, int64_t *value, struct report *report);

#define AT(member) offsetof(struct pool_setting, member)

/* In the order in which they are documented. */
static const struct member {
	const char *name;
	size_t offset;
	read_number *read;
	int64_t value, minimum, maximum;
} members[] = {
	{ "max", AT(max), setting_integer, 16, 1, POOL_PROCESSES_MAX },
	{ "spare", AT(spare), setting_integer, 1, 0, POOL_PROCESSES_MAX },
	{ "requests", AT(requests), setting_integer, 0, 1, 1000000000 },
	{ "idle", AT(idle_ms), setting_time, 10 * SECOND, 1, DAY },
	{ "queue", AT(queue), setting_integer, 64, 0, QUEUE_MAX },
	{ "queue_timeout", AT(queue_timeout_ms), setting_time, SECOND, 1, DAY },
};

#define COUNT (sizeof(members) / sizeof(members[0]))

static_assert(sizeof(struct pool_setting) == COUNT * sizeof(int64_t),
    "all members are of 64 bits and in the table");

static void
set(struct pool_setting *pool, const struct member *member, int64_t value)
{
	memcpy((char *)pool + member->offset, &value, sizeof(value));
}

static int
read_member(const config_setting_t *s, struct pool_setting *pool,
    struct report *report)
{
	const char *names[COUNT];
	int64_t value;
	size_t i;

	for (i = 0; i < COUNT; i++) {
		const struct member *m = &members[i];

		names[i] = m->name;
		if (strcmp(m->name, config_setting_name(s)) != 0)
			continue;
		if (m->read(s, m->minimum, m->maximum, &value, report) < 0)
			return -1;
		set(pool, m, value);
		return 0;
	}
	setting_unknown(s, report, names, COUNT, NULL);
	return -1;
}

/* Settings of processes that are used again. */
static int
check_without_reuse(const config_setting_t *group, struct report *report)
{
	static const char *const names[] = { "spare", "idle" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const config_setting_t *s = config_setting_get_member(group,
		    names[i]);

		if (!s)
			continue;
		report_error(report, s,
		    "processes.%s: found without requests, so that each "
		    "process serves "
		    "one connection; possible: requests = 1000; beside it",
		    names[i]);
		return -1;
	}
	return 0;
}

static int
check(const config_setting_t *group, const struct pool_setting *pool,
    struct report *report)
{
	if (pool->requests == 0)
		return check_without_reuse(group, report);
	if (pool->spare <= pool->max)
		return 0;
	report_error(report, group,
	    "processes: found spare = %" PRIu64 " with max = %" PRIu64
	    "; possible: no more spare processes than max",
	    pool->spare, pool->max);
	return -1;
}

int
pool_setting_read(const config_setting_t *group, struct pool_setting *pool,
    struct report *report)
{
	const unsigned before = report->errors;
	unsigned i;

	for (i = 0; i < COUNT; i++)
		set(pool, &members[i], members[i].value);
	if (!config_setting_is_group(group)) {
		setting_wrong(group, report,
		    "a group, as in processes = { max = 16; requests = 1000; "
		    "}");
		return -1;
	}
	for (i = 0; i < (unsigned)config_setting_length(group); i++)
		read_member(config_setting_get_elem(group, i), pool, report);
	return report->errors == before ? check(group, pool, report) : -1;
}
