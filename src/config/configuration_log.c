/*
 * Reads the settings of the logs, and of the ids of requests.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/configuration.h"

#include <stddef.h>
#include <string.h>

#include "config/internal.h"
#include "config/log_format.h"
#include "config/report.h"
#include "config/setting.h"
#include "http/fields.h"

void
configuration_read_error_log(struct configuration *c, const config_setting_t *s,
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

void
configuration_read_access_log(struct configuration *c,
    const config_setting_t *s, struct report *report)
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

void
configuration_read_access_log_format(struct configuration *c,
    const config_setting_t *s, struct report *report)
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
		c->access_log_format = log_format_parse(text, &c->arena);
}

void
configuration_read_request_id_field(struct configuration *c,
    const config_setting_t *s, struct report *report)
{
	const char *name = setting_string(s, report);

	if (!name)
		return;
	if (strcmp(name, "off") == 0)
		c->request_id_field = NULL;
	else if (!fields_is_token(slice_from_string(name)) ||
	    fields_is_framing(name) || fields_is_of_content(name))
		setting_wrong(s, report,
		    "the name of a response field, as \"X-Request-Id\", or "
		    "\"off\"");
	else
		c->request_id_field = name;
}
