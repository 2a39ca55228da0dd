/*
 * The settings of the server itself, each with its own reader. Limits are read
 * in limit.c, rules for clients in policy.c, sites in site.c.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/configuration.h"

#include <string.h>

#include "config/internal.h"
#include "config/log_format.h"
#include "config/report.h"
#include "config/setting.h"
#include "master/control.h"

#define CONNECTIONS_MAX 65536

typedef void read_setting(struct configuration *c, const config_setting_t *s,
    struct report *report);

void
configuration_set_defaults(struct configuration *c)
{
	c->log_level = LEVEL_INFO;
	c->control = control_default_path(c->default_control);
	c->control_is_default = true;
	c->control_group = (gid_t)-1;
	c->access_log = "-";
	c->access_log_format = LOG_FORMAT_COMBINED;
	c->plugin_folder = PLUGINDIR;
	c->sandbox = SANDBOX_ON;
	c->max_connections = 2048;
	c->max_connections_per_client = 1024;
	c->queue_timeout_ms = 5000;
	c->stop_grace_ms = 10000;
	c->drain_timeout_ms = 60000;
	c->max_crashes = 20;
	c->crash_penalty_ms = 1000;
	c->open_timeout_ms = 10000;
	limits_set_defaults(&c->limits);
}

static const char *
read_name(const config_setting_t *s, struct report *report)
{
	const char *text = setting_string(s, report);

	if (text && text[0] == '\0') {
		setting_wrong(s, report, "a name, or no such setting");
		return NULL;
	}
	return text;
}

static void
read_user(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	c->user = read_name(s, report);
}

static void
read_group(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	c->group = read_name(s, report);
}

static void
read_error_log(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	const char *text = setting_string(s, report);

	if (!text)
		return;
	c->log_to_syslog = strcmp(text, "syslog") == 0;
	if (c->log_to_syslog || strcmp(text, "stderr") == 0)
		return;
	if (text[0] != '/')
		setting_wrong(s, report,
		    "an absolute path in quotes, "
		    "\"stderr\" or \"syslog\"");
	else
		c->error_log = setting_path(s, report);
}

static void
read_log_level(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	static const char *const choices[] = { [LEVEL_ERROR] = "error",
		[LEVEL_WARNING] = "warning",
		[LEVEL_INFO] = "info",
		[LEVEL_DEBUG] = "debug" };
	size_t choice;

	if (setting_choice(s, choices, 4, &choice, report) == 0)
		c->log_level = (enum log_level)choice;
}

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
read_control_group(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	c->control_group_name = read_name(s, report);
}

static void
read_access_log(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	const char *text = NULL;

	if (config_setting_type(s) == CONFIG_TYPE_STRING)
		text = config_setting_get_string(s);
	if (text && strcmp(text, "off") == 0)
		c->access_log = NULL;
	else if (text && strcmp(text, "-") == 0)
		c->access_log = text;
	else if (!text || text[0] != '/')
		setting_wrong(s, report,
		    "an absolute path in quotes, \"-\" "
		    "for standard output, or \"off\"");
	else
		c->access_log = setting_path(s, report);
}

static void
read_access_log_format(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	const char *text = setting_string(s, report), *wrong;

	if (!text)
		return;
	text = log_format_named(text);
	wrong = log_format_check(text);
	if (wrong && *wrong == '%')
		setting_wrong(s, report, "%s; not \"%.*s\"",
		    log_format_directives(), (int)strcspn(wrong, " \""), wrong);
	else if (wrong)
		setting_wrong(s, report, "printable ASCII without backslashes");
	else if (strcmp(text, LOG_FORMAT_JSON) != 0 && !strchr(text, '%'))
		setting_wrong(s, report,
		    "\"combined\", \"common\", "
		    "\"json\", or text with %s",
		    log_format_directives());
	else
		c->access_log_format = text;
}

static void
read_plugin_folder(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	c->plugin_folder = setting_path(s, report);
}

static void
read_count(const config_setting_t *s, int64_t minimum, size_t *count,
    struct report *report)
{
	int64_t value;

	if (setting_integer(s, minimum, CONNECTIONS_MAX, &value, report) == 0)
		*count = (size_t)value;
}

static void
read_core_folder(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	c->core_folder = setting_path(s, report);
}

static void
read_sandbox(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	static const char *const choices[] = { [SANDBOX_OFF] = "off",
		[SANDBOX_ON] = "on",
		[SANDBOX_REQUIRED] = "required" };
	size_t choice;

	if (setting_choice(s, choices, 3, &choice, report) == 0)
		c->sandbox = (enum sandbox_mode)choice;
}

static void
read_max_connections(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	read_count(s, 1, &c->max_connections, report);
}

static void
read_max_per_client(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	read_count(s, 0, &c->max_connections_per_client, report);
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
		    "[ \"192.0.2.7\" ]; with the addresses of those who "
		    "speak it");
}

static void
read_queue_timeout(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	setting_time(s, 1, 3600000, &c->queue_timeout_ms, report);
}

static void
read_stop_grace(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	setting_time(s, 0, 86400000, &c->stop_grace_ms, report);
}

static void
read_open_timeout(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	setting_time(s, 1, 3600000, &c->open_timeout_ms, report);
}

static void
read_drain_timeout(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	setting_time(s, 0, 86400000, &c->drain_timeout_ms, report);
}

static void
read_max_crashes(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	read_count(s, 0, &c->max_crashes, report);
}

static void
read_crash_penalty(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	setting_time(s, 0, 3600000, &c->crash_penalty_ms, report);
}

static const struct {
	const char *name;
	read_setting *read;
} settings[] = {
	{ "listen", configuration_read_listen }, { "user", read_user },
	{ "group", read_group }, { "error_log", read_error_log },
	{ "log_level", read_log_level }, { "control", read_control },
	{ "control_group", read_control_group },
	{ "access_log", read_access_log },
	{ "access_log_format", read_access_log_format },
	{ "plugin_dir", read_plugin_folder }, { "sandbox", read_sandbox },
	{ "core_dir", read_core_folder },
	{ "max_connections", read_max_connections },
	{ "max_connections_per_client", read_max_per_client },
	{ "trusted_proxies", read_trusted_proxies },
	{ "proxy_protocol", read_proxy_protocol },
	{ "queue_timeout", read_queue_timeout },
	{ "stop_grace", read_stop_grace },
	{ "drain_timeout", read_drain_timeout },
	{ "max_crashes", read_max_crashes },
	{ "crash_penalty", read_crash_penalty },
	{ "open_timeout", read_open_timeout },
	{ "sites", NULL }, /* after all that they inherit */
};

#define SETTING_COUNT (sizeof(settings) / sizeof(settings[0]))

static void
report_unknown(const config_setting_t *s, struct report *report)
{
	const char *names[SETTING_COUNT + POLICY_NAMES + LIMITS_MAX];
	size_t i;

	for (i = 0; i < SETTING_COUNT; i++)
		names[i] = settings[i].name;
	i += policy_names(names + i);
	i += limits_names(names + i, true);
	setting_unknown(s, report, names, i, NULL);
}

void
configuration_read_setting(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	const char *name = config_setting_name(s);
	size_t i;

	if (limits_know(name)) {
		limits_read(s, &c->limits, report);
		return;
	}
	if (policy_knows(name)) {
		policy_read(c, s, &c->policy, report);
		return;
	}
	for (i = 0; i < SETTING_COUNT; i++) {
		if (strcmp(settings[i].name, name) == 0) {
			if (settings[i].read)
				settings[i].read(c, s, report);
			return;
		}
	}
	report_unknown(s, report);
}
