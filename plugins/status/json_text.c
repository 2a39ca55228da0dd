/* SPDX-License-Identifier: ISC */
#include "status/json_text.h"

#include <prong/handler.h>

#include "shared/escape.h"

int
json_text(struct prong_request *request, const char *name, const char *text)
{
	if (prong_printf(request, ",\"%s\":", name) < 0)
		return -1;
	return escape_json(request, text);
}
