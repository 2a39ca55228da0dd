/* SPDX-License-Identifier: ISC */
#include "handover/identity_line.h"

#include <stdio.h>

/* The name ends the line; an ordinary user has none and needs none. */
const char *
identity_line_format(const struct identity *identity,
    char text[IDENTITY_LINE_BYTES])
{
	snprintf(text, IDENTITY_LINE_BYTES, "%ju %ju %d %s",
	    (uintmax_t)identity->uid, (uintmax_t)identity->gid,
	    identity->by_default, identity->name);
	return text;
}

bool
identity_line_parse(struct identity *identity, const char *value)
{
	uintmax_t uid, gid;
	int by_default, end = 0;

	if (sscanf(value, "%ju %ju %d %n", &uid, &gid, &by_default, &end) < 3)
		return false;
	identity->is_known = true;
	identity->uid = (uid_t)uid;
	identity->gid = (gid_t)gid;
	identity->by_default = by_default;
	snprintf(identity->name, sizeof(identity->name), "%s", value + end);
	return true;
}

bool
identity_line_add_group(struct identity *identity, int64_t gid)
{
	if (identity->group_count == IDENTITY_GROUPS_MAX)
		return false;
	identity->groups[identity->group_count++] = (gid_t)gid;
	return true;
}
