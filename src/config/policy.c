/*
 * Policies: reading and applying them. See policy.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/policy.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/prefix.h"
#include "config/configuration.h"
#include "config/report.h"
#include "config/setting.h"
#include "config/sources.h"
#include "http/fields.h"

typedef void read_setting(struct configuration *c, const config_setting_t *s,
    struct policy *policy, struct report *report);

/*
 * Networks.
 */

void
policy_read_prefixes(struct configuration *c, const config_setting_t *setting,
    struct prefix **prefixes, size_t *count, struct report *report)
{
	long i, n = setting_check_strings(setting, report);
	const char *why = "";

	*count = 0;
	if (n <= 0)
		return;
	*prefixes = setting_alloc(&c->arena, setting,
	    (size_t)n * sizeof(**prefixes), report);
	if (!*prefixes)
		return;
	for (i = 0; i < n; i++) {
		const config_setting_t *s = setting_string_at(setting, i);
		const char *text = config_setting_get_string(s);
		char name[SETTING_NAME_BYTES];

		if (prefix_parse(text, &(*prefixes)[*count], &why))
			(*count)++;
		else
			report_error(report, s, "%s: found \"%s\": %s",
			    setting_name(s, name), text, why);
	}
}

/* An empty allow list is an error, as it would allow all clients. */
static void
read_allow(struct configuration *c, const config_setting_t *s,
    struct policy *policy, struct report *report)
{
	unsigned before = report->errors;

	policy_read_prefixes(c, s, &policy->allow, &policy->allow_count,
	    report);
	if (policy->allow_count == 0 && report->errors == before)
		setting_wrong(s, report,
		    "at least one network; everyone is "
		    "[ \"0.0.0.0/0\", \"::/0\", \"unix:\" ]");
}

static void
read_deny(struct configuration *c, const config_setting_t *s,
    struct policy *policy, struct report *report)
{
	policy_read_prefixes(c, s, &policy->deny, &policy->deny_count, report);
}

bool
policy_allows(const struct policy *policy, const struct address *client)
{
	if (prefix_any_contains(policy->deny, policy->deny_count, client))
		return false;
	return policy->allow_count == 0 ||
	    prefix_any_contains(policy->allow, policy->allow_count, client);
}

/*
 * Fields.
 */

/* NULL, or a text with the possible fields. */
static const char *
field_fault(const char *line, size_t name_length, const char *name,
    const char *value)
{
	if (line[name_length] != ':' ||
	    !fields_is_token((struct slice){ line, name_length }) ||
	    !fields_is_value(slice_from_string(value)))
		return "\"Name: value\"";
	if (fields_is_framing(name))
		return "fields other than those of the connection and the "
		       "message's length, which the server alone sets";
	if (fields_is_of_content(name))
		return "fields that suit all answers, errors included; what "
		       "describes a content is set by the handler, as by the "
		       "options of static";
	return NULL;
}

static struct policy_field *
read_field(struct configuration *c, const config_setting_t *s,
    struct report *report)
{
	const char *line = config_setting_get_string(s), *value, *fault;
	struct policy_field *field = setting_alloc(&c->arena, s, sizeof(*field),
	    report);
	size_t length = strcspn(line, ":");

	if (!field)
		return NULL;
	field->name = arena_copy(&c->arena, line, length);
	value = line[length] == ':' ? line + length + 1 : "";
	value += strspn(value, " \t");
	field->value = value;
	fault = field_fault(line, length, field->name, value);
	if (!fault)
		return field;
	setting_wrong(s, report, "%s", fault);
	return NULL;
}

static bool
has_name(const struct policy_field *fields, const char *name)
{
	for (; fields; fields = fields->next)
		if (strcasecmp(fields->name, name) == 0)
			return true;
	return false;
}

/* Copies the inherited fields, but for those of the same name as own ones. */
static const struct policy_field *
inherit_fields(struct configuration *c, const config_setting_t *s,
    const struct policy_field *own, const struct policy_field *inherited,
    struct report *report)
{
	const struct policy_field *copies = NULL, **end = &copies;

	for (; inherited; inherited = inherited->next) {
		struct policy_field *copy;

		if (has_name(own, inherited->name))
			continue;
		copy = setting_alloc(&c->arena, s, sizeof(*copy), report);
		if (!copy)
			break;
		*copy = *inherited;
		copy->next = NULL;
		*end = copy;
		end = &copy->next;
	}
	return copies;
}

static void
read_fields(struct configuration *c, const config_setting_t *s,
    struct policy *policy, struct report *report)
{
	const struct policy_field *inherited = policy->fields;
	const struct policy_field **end = &policy->fields;
	long i, n = setting_check_strings(s, report);

	policy->fields = NULL;
	for (i = 0; i < n; i++) {
		struct policy_field *field;

		field = read_field(c, setting_string_at(s, i), report);
		if (!field)
			continue;
		*end = field;
		end = &field->next;
	}
	*end = inherit_fields(c, s, policy->fields, inherited, report);
}

/*
 * Pages.
 */

static const char *
type_by_extension(const char *path)
{
	static const struct {
		const char *extension, *type;
	} types[] = {
		{ ".html", "text/html; charset=utf-8" },
		{ ".htm", "text/html; charset=utf-8" },
		{ ".txt", "text/plain; charset=utf-8" },
		{ ".json", "application/json" },
		{ ".xml", "application/xml" },
		{ ".xhtml", "application/xhtml+xml" },
		{ ".svg", "image/svg+xml" },
	};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(dot, types[i].extension) == 0)
			return types[i].type;
	return NULL;
}

static void
read_page_type(const config_setting_t *group, const config_setting_t *file,
    struct policy_page *page, struct report *report)
{
	const config_setting_t *s = config_setting_get_member(group, "type");

	if (!s) {
		page->type = type_by_extension(config_setting_get_string(file));
		if (!page->type)
			setting_wrong(file, report,
			    "a name that ends in "
			    ".html, .txt, .json, .xml, .xhtml or .svg, or the "
			    "type beside it: type = \"text/html\";");
		return;
	}
	page->type = setting_string(s, report);
	if (page->type &&
	    (!strchr(page->type, '/') ||
		!fields_is_value(slice_from_string(page->type))))
		setting_wrong(s, report,
		    "a media type, such as "
		    "\"text/html; charset=utf-8\"");
}

static void
read_page_file(struct configuration *c, const config_setting_t *group,
    struct policy_page *page, struct report *report)
{
	const config_setting_t *s = config_setting_get_member(group, "file");
	const char *path;

	if (!s) {
		report_error(report, group,
		    "error_pages: found no file; "
		    "possible: file = \"/path\";");
		return;
	}
	path = setting_path(s, report);
	if (!path)
		return;
	read_page_type(group, s, page, report);
	page->content = sources_page(c->sources, path, &page->length);
	if (!page->content)
		setting_wrong(s, report,
		    "a file that can be read: this "
		    "cannot (%s)",
		    errno == EFBIG ? "more than 1 MiB" : strerror(errno));
}

static void
add_page(struct configuration *c, const config_setting_t *s,
    const struct policy_page *model, struct policy *policy,
    struct report *report)
{
	struct policy_page *page;
	int64_t status;

	if (setting_integer(s, 400, 599, &status, report) < 0)
		return;
	page = setting_alloc(&c->arena, s, sizeof(*page), report);
	if (!page)
		return;
	*page = *model;
	page->status = (int)status;
	page->next = policy->pages;
	policy->pages = page;
}

static void
read_page_status(struct configuration *c, const config_setting_t *group,
    const struct policy_page *model, struct policy *policy,
    struct report *report)
{
	const config_setting_t *s = config_setting_get_member(group, "status");

	if (!s) {
		report_error(report, group,
		    "error_pages: found no status; "
		    "possible: status = 404; or status = [ 500, 503 ];");
		return;
	}
	if (!config_setting_is_aggregate(s)) {
		add_page(c, s, model, policy, report);
		return;
	}
	for (int i = 0; i < config_setting_length(s); i++)
		add_page(c, config_setting_get_elem(s, (unsigned)i), model,
		    policy, report);
}

static void
read_page(struct configuration *c, const config_setting_t *group,
    struct policy *policy, struct report *report)
{
	static const char *const names[] = { "status", "file", "type" };
	struct policy_page model = { .next = NULL };

	if (!config_setting_is_group(group)) {
		setting_wrong(group, report,
		    "a group, as in { status = 404; "
		    "file = \"/path\"; }");
		return;
	}
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s;
		const char *name;

		s = config_setting_get_elem(group, (unsigned)i);
		name = config_setting_name(s);
		if (strcmp(name, "status") != 0 && strcmp(name, "file") != 0 &&
		    strcmp(name, "type") != 0)
			setting_unknown(s, report, names, 3, NULL);
	}
	read_page_file(c, group, &model, report);
	read_page_status(c, group, &model, policy, report);
}

static void
read_pages(struct configuration *c, const config_setting_t *s,
    struct policy *policy, struct report *report)
{
	if (!config_setting_is_list(s)) {
		setting_wrong(s, report,
		    "a list of groups, as in ( { status = "
		    "404; file = \"/path\"; } )");
		return;
	}
	for (int i = 0; i < config_setting_length(s); i++)
		read_page(c, config_setting_get_elem(s, (unsigned)i), policy,
		    report);
}

const struct policy_page *
policy_find_page(const struct policy *policy, int status)
{
	const struct policy_page *page = policy->pages;

	while (page && page->status != status)
		page = page->next;
	return page;
}

static const struct {
	const char *name;
	read_setting *read;
} settings[POLICY_NAMES] = {
	{ "allow", read_allow },
	{ "deny", read_deny },
	{ "fields", read_fields },
	{ "error_pages", read_pages },
};

bool
policy_knows(const char *name)
{
	for (size_t i = 0; i < POLICY_NAMES; i++)
		if (strcmp(settings[i].name, name) == 0)
			return true;
	return false;
}

size_t
policy_names(const char *names[POLICY_NAMES])
{
	for (size_t i = 0; i < POLICY_NAMES; i++)
		names[i] = settings[i].name;
	return POLICY_NAMES;
}

void
policy_read(struct configuration *c, const config_setting_t *s,
    struct policy *policy, struct report *report)
{
	for (size_t i = 0; i < POLICY_NAMES; i++)
		if (strcmp(settings[i].name, config_setting_name(s)) == 0)
			settings[i].read(c, s, policy, report);
}
