/*
 * A handler that reads the content of a request and responds with the number
 * of its octets. For the benchmarks.
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

static int
discard(struct prong_request *request, const void *config)
{
	static char buffer[65536];
	int64_t n, total = 0;

	(void)config;
	while ((n = prong_read(request, buffer, sizeof(buffer))) > 0)
		total += n;
	if (n < 0)
		return PRONG_DONE;
	prong_printf(request, "%lld\n", (long long)total);
	return PRONG_DONE;
}

PRONG_HANDLER(.name = "discard", .summary = "reads and forgets",
    .methods = PRONG_POST, .handle = discard);
