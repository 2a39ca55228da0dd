/*
 * The settings of the server itself. See server_setting.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/server_setting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/control_protocol.h"
#include "config/configuration.h"
#include "config/internal.h"
#include "config/log_format.h"
#include "config/report.h"
#include "config/setting.h"

#define CONNECTIONS_MAX 65536

#define SECOND		INT64_C(1000)
#define MINUTE		(60 * SECOND)
#define HOUR		(60 * MINUTE)
#define DAY		(24 * HOUR)

typedef void read_kind(const struct server_setting *row,
    struct configuration *c, const config_setting_t *s, struct report *report);

static void *
member(const struct server_setting *row, struct configuration *c)
{
	return (char *)c + row->offset;
}

/*
 * Readers of the kinds of settings.
 */

static void
read_name(const struct server_setting *row, struct configuration *c,
    const config_setting_t *s, struct report *report)
{
	const char **text = member(row, c);

	*text = setting_string(s, report);
	if (*text && **text == '\0')
		setting_wrong(s, report, "a name, or no such setting");
}

static void
read_path(const struct server_setting *row, struct configuration *c,
    const config_setting_t *s, struct report *report)
{
	const char **path = member(row, c);

	*path = setting_path(s, report);
}

static void
set_number(const struct server_setting *row, struct configuration *c,
    int64_t value)
{
	void *to = member(row, c);
	size_t *count = to;
	int64_t *time_ms = to;
	unsigned *choice = to;

	if (row->kind == SERVER_COUNT)
		*count = (size_t)value;
	else if (row->kind == SERVER_TIME)
		*time_ms = value;
	else
		*choice = (unsigned)value;
}

static void
read_number(const struct server_setting *row, struct configuration *c,
    const config_setting_t *s, struct report *report)
{
	int64_t value;
	int (*read)(const config_setting_t *s, int64_t minimum, int64_t maximum,
	    int64_t *value, struct report *report);

	read = row->kind == SERVER_COUNT ? setting_integer : setting_time;
	if (read(s, row->minimum, row->maximum, &value, report) == 0)
		set_number(row, c, value);
}

static void
read_choice(const struct server_setting *row, struct configuration *c,
    const config_setting_t *s, struct report *report)
{
	size_t count = 0, choice = 0;

	while (row->choices[count])
		count++;
	if (setting_choice(s, row->choices, count, &choice, report) == 0)
		set_number(row, c, (int64_t)choice);
}

static void
read_own(const struct server_setting *row, struct configuration *c,
    const config_setting_t *s, struct report *report)
{
	row->read(c, s, report);
}

/*
 * Settings with a reader of their own.
 */

static void
set_control(struct configuration *c, const char *path,
    const config_setting_t *s, struct report *report)
{
	c->control = NULL;
	c->control_is_default = false;
	if (strcmp(path, "off") == 0)
		return;
	c->control = path;
	if (path[0] != '/' || strlen(path) >= CONTROL_PATH_BYTES)
		report_error(report, s,
		    "control: found \"%s\"; possible: "
		    "\"off\", or a path that begins with \"/\" and has at "
		    "most %d octets",
		    path, CONTROL_PATH_BYTES - 1);
}

static void
read_control(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	const char *path = setting_string(s, report);

	if (path)
		set_control(c, path, s, report);
}

int
configuration_replace_control(struct configuration *c, const char *path,
    struct report *report)
{
	unsigned before = report->errors;

	set_control(c, path, NULL, report);
	return report->errors == before ? 0 : -1;
}

static void
read_trusted_proxies(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	policy_read_prefixes(c, s, &c->trusted_proxies, &c->trusted_proxy_count,
	    report);
}

static void
read_proxy_protocol(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	if (setting_bool(s, &c->proxy_protocol, report) == 0 &&
	    c->proxy_protocol &&
	    !config_setting_get_member(config_setting_parent(s),
		"trusted_proxies"))
		report_error(report, s,
		    "proxy_protocol: found true without "
		    "trusted_proxies; possible: trusted_proxies = "
		    "[ \"192.0.2.7\" ]; with the addresses of the proxies "
		    "that send it");
}

static void
read_route_metrics(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	setting_bool(s, &c->route_metrics, report);
}

static void
read_defer_accept(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	setting_bool(s, &c->defer_accept, report);
}

static void
read_workers(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	const bool is_text = config_setting_type(s) == CONFIG_TYPE_STRING;
	int64_t number;

	if (is_text && strcmp(config_setting_get_string(s), "auto") == 0)
		c->workers = CONFIGURATION_WORKERS_AUTO;
	else if (is_text)
		setting_wrong(s, report,
		    "a whole number from 0 to %d without quotes, or \"auto\" "
		    "for the number of processors",
		    CONFIGURATION_WORKERS_MAX);
	else if (setting_integer(s, 0, CONFIGURATION_WORKERS_MAX, &number,
		     report) == 0)
		c->workers = (size_t)number;
}

static const char *const log_levels[] = { [LEVEL_ERROR] = "error",
	[LEVEL_WARNING] = "warning",
	[LEVEL_INFO] = "info",
	[LEVEL_DEBUG] = "debug",
	NULL };

static const char *const sandbox_modes[] = { [SANDBOX_OFF] = "off",
	[SANDBOX_ON] = "on",
	[SANDBOX_LOG] = "log",
	[SANDBOX_REQUIRED] = "required",
	NULL };

static const char *const target_modes[] = {
	[TARGET_STRICT] = "strict", [TARGET_USUAL] = "usual", NULL
};

static const char *const missing_root_modes[] = {
	[MISSING_ROOT_WAIT] = "wait", [MISSING_ROOT_ERROR] = "error", NULL
};

#define AT(member)   offsetof(struct configuration, member)

#define OWN(reader)  .kind = SERVER_OWN, .read = (reader)
#define NAME(member) .kind = SERVER_NAME, .offset = AT(member)
#define PATH(member) .kind = SERVER_PATH, .offset = AT(member)
#define COUNT(member, least, most, standard) \
	.kind = SERVER_COUNT, .offset = AT(member), .minimum = (least), \
	.maximum = (most), .value = (standard)
#define TIME(member, least, most, standard) \
	.kind = SERVER_TIME, .offset = AT(member), .minimum = (least), \
	.maximum = (most), .value = (standard)
#define CHOICE(member, names, standard) \
	.kind = SERVER_CHOICE, .offset = AT(member), .choices = (names), \
	.value = (standard)

/* Messages name the settings in this order. */
static const struct server_setting table[] = {
	{ "listen", OWN(configuration_read_listen) },
	{ "user", NAME(user) },
	{ "group", NAME(group) },
	{ "error_log", OWN(configuration_read_error_log) },
	{ "log_level", CHOICE(log_level, log_levels, LEVEL_INFO),
	    .keyword = "log-level" },
	{ "control", OWN(read_control) },
	{ "control_group", NAME(control_group_name) },
	{ "access_log", OWN(configuration_read_access_log),
	    .offset = AT(access_log), .text = "-" },
	{ "access_log_format", OWN(configuration_read_access_log_format) },
	{ "request_id_field", OWN(configuration_read_request_id_field) },
	{ "plugin_dir", PATH(plugin_folder), .text = PLUGINDIR },
	{ "sandbox", CHOICE(sandbox, sandbox_modes, SANDBOX_ON) },
	{ "core_dir", PATH(core_folder) },
	{ "workers", OWN(read_workers) },
	{ "max_connections", COUNT(max_connections, 1, CONNECTIONS_MAX, 2048) },
	{ "max_connections_per_client",
	    COUNT(max_connections_per_client, 0, CONNECTIONS_MAX, 256) },
	{ "max_connections_per_network",
	    COUNT(max_connections_per_network, 0, CONNECTIONS_MAX, 1024) },
	{ "defer_accept", OWN(read_defer_accept) },
	{ "route_metrics", OWN(read_route_metrics) },
	{ "status_listen", OWN(configuration_read_status_listen) },
	{ "trusted_proxies", OWN(read_trusted_proxies) },
	{ "proxy_protocol", OWN(read_proxy_protocol) },
	{ "target", CHOICE(target, target_modes, TARGET_USUAL) },
	{ "missing_root",
	    CHOICE(missing_root, missing_root_modes, MISSING_ROOT_WAIT) },
	{ "queue_timeout", TIME(queue_timeout_ms, 1, HOUR, 5 * SECOND) },
	{ "park_after", TIME(park_after_ms, 0, HOUR, SECOND) },
	{ "stop_grace", TIME(stop_grace_ms, 0, DAY, 10 * SECOND),
	    .keyword = "stop-grace" },
	{ "drain_timeout", TIME(drain_timeout_ms, 0, DAY, MINUTE),
	    .keyword = "drain-timeout" },
	{ "max_crashes", COUNT(max_crashes, 0, CONNECTIONS_MAX, 20) },
	{ "crash_penalty", TIME(crash_penalty_ms, 0, HOUR, SECOND) },
	{ "open_timeout", TIME(open_timeout_ms, 1, HOUR, 10 * SECOND),
	    .keyword = "open-timeout" },
	{ .name = "sites", .kind = SERVER_SITES },
};

#define ROWS (sizeof(table) / sizeof(table[0]))

static_assert(sizeof(enum log_level) == sizeof(unsigned) &&
	sizeof(enum sandbox_mode) == sizeof(unsigned) &&
	sizeof(enum target_mode) == sizeof(unsigned) &&
	sizeof(enum missing_root_mode) == sizeof(unsigned),
    "choices are set as unsigned");

const struct server_setting *
server_setting_at(size_t index)
{
	return index < ROWS ? &table[index] : NULL;
}

int64_t
server_setting_number(const struct server_setting *row,
    const struct configuration *c)
{
	const void *from = (const char *)c + row->offset;
	const size_t *count = from;
	const int64_t *time_ms = from;
	const unsigned *choice = from;

	if (row->kind == SERVER_COUNT)
		return (int64_t)*count;
	if (row->kind == SERVER_TIME)
		return *time_ms;
	assert(row->kind == SERVER_CHOICE);
	return *choice;
}

static void
set_default(const struct server_setting *row, struct configuration *c)
{
	const char **text = member(row, c);

	if (row->text)
		*text = row->text;
	else if (row->kind == SERVER_COUNT || row->kind == SERVER_TIME ||
	    row->kind == SERVER_CHOICE)
		set_number(row, c, row->value);
}

void
server_setting_defaults(struct configuration *c)
{
	for (size_t i = 0; i < ROWS; i++)
		set_default(&table[i], c);
	c->access_log_format = log_format_parse(LOG_FORMAT_COMBINED, &c->arena);
	c->control = control_protocol_default_path(c->default_control);
	c->control_is_default = true;
	c->control_group = (gid_t)-1;
	c->defer_accept = true;
	limits_set_defaults(&c->limits);
}

static const struct server_setting *
find(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static void
report_unknown(const config_setting_t *s, struct report *report)
{
	const char *names[ROWS + POLICY_NAMES + LIMITS_MAX];
	size_t i;

	for (i = 0; i < ROWS; i++)
		names[i] = table[i].name;
	i += policy_names(names + i);
	i += limits_names(names + i, true);
	setting_unknown(s, report, names, i, NULL);
}

void
server_setting_read(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	static read_kind *const readers[] = {
		[SERVER_OWN] = read_own,
		[SERVER_NAME] = read_name,
		[SERVER_PATH] = read_path,
		[SERVER_COUNT] = read_number,
		[SERVER_TIME] = read_number,
		[SERVER_CHOICE] = read_choice,
	};
	const char *name = config_setting_name(s);
	const struct server_setting *row = find(name);

	if (limits_know(name))
		limits_read(s, &c->limits, report);
	else if (policy_knows(name))
		policy_read(c, s, &c->policy, report);
	else if (!row)
		report_unknown(s, report);
	else if (row->kind != SERVER_SITES)
		readers[row->kind](row, c, s, report);
}
