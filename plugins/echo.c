/*
 * echo - sends the request back: a body octet for octet, a request without a
 * body as text. For tests of clients, proxies and the server itself.
 *
 * A body that is sent back must not become a page of this site: browsers must
 * not guess its type, and no script in a page may run.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <string.h>

#include <prong/handler.h>

/* A piece lies on the stack, so a body of any length needs no more memory. */
#define PIECE_BYTES 16384

static int
echo_body(struct prong_request *request)
{
	const char *type = prong_request_field(request, "Content-Type");
	int64_t length = prong_body_length(request), n;
	char piece[PIECE_BYTES];

	prong_field(request, "Content-Type",
	    type ? type : "application/octet-stream");
	if (length >= 0)
		prong_length(request, (uint64_t)length);
	while ((n = prong_read(request, piece, sizeof(piece))) > 0)
		if (prong_write(request, piece, (uint64_t)n) < 0)
			break;
	return PRONG_DONE;
}

/* Sends the head of the request back, with line ends of a text. */
static int
echo_request(struct prong_request *request)
{
	const char *name, *value;
	uint64_t i;

	prong_field(request, "Content-Type", "text/plain; charset=utf-8");
	prong_printf(request, "%s %s %s\n", prong_method(request),
	    prong_target(request), prong_protocol(request));
	for (i = 0; prong_request_field_at(request, i, &name, &value); i++)
		prong_printf(request, "%s: %s\n", name, value);
	return PRONG_DONE;
}

static int
handle(struct prong_request *request, const void *config)
{
	(void)config;
	prong_field(request, "Cache-Control", "no-store");
	prong_field(request, "X-Content-Type-Options", "nosniff");
	prong_field(request, "Content-Security-Policy",
	    "default-src 'none'; sandbox");
	if (strcmp(prong_method(request), "GET") == 0 ||
	    strcmp(prong_method(request), "HEAD") == 0)
		return echo_request(request);
	return echo_body(request);
}

PRONG_HANDLER(.name = "echo", .summary = "sends the request back",
    .methods = PRONG_GET | PRONG_POST | PRONG_PUT | PRONG_PATCH | PRONG_DELETE,
    .handle = handle, .promises = PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS);
