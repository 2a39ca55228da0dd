/*
 * A module of Apache that does what the handlers constant and discard of
 * tests/plugins do: "prong-constant" answers 1 KiB from memory, "prong-discard"
 * reads the content of a request and responds with the number of its octets.
 *
 * SPDX-License-Identifier: ISC
 */
#include <httpd.h>

/* These need the one above. */
#include <http_config.h>
#include <http_protocol.h>
#include <string.h>

#define BYTES 1024

static char content[BYTES];

static int
constant(request_rec *r)
{
	ap_set_content_type(r, "text/plain");
	ap_set_content_length(r, BYTES);
	ap_rwrite(content, BYTES, r);
	return OK;
}

static int
discard(request_rec *r)
{
	static __thread char buffer[65536];
	long n, total = 0;
	int status = ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK);

	if (status != OK)
		return status;
	if (ap_should_client_block(r)) {
		while ((n = ap_get_client_block(r, buffer, sizeof(buffer))) > 0)
			total += n;
		if (n < 0)
			return HTTP_BAD_REQUEST;
	}
	ap_set_content_type(r, "text/plain");
	ap_rprintf(r, "%ld\n", total);
	return OK;
}

static int
handle(request_rec *r)
{
	if (r->handler && strcmp(r->handler, "prong-constant") == 0)
		return constant(r);
	if (r->handler && strcmp(r->handler, "prong-discard") == 0)
		return discard(r);
	return DECLINED;
}

static void
register_hooks(apr_pool_t *pool)
{
	(void)pool;
	memset(content, 'x', sizeof(content));
	ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(prong_bench) = { STANDARD20_MODULE_STUFF, NULL, NULL, NULL,
	NULL, NULL, register_hooks };
