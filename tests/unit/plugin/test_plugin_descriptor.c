/*
 * Descriptors of plugins: each row spoils one member, at its limit and beyond.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stddef.h>
#include <string.h>

#include <prong/handler.h>

#include "base/log.h"
#include "config/handler.h"
#include "config/report.h"
#include "plugin/plugin_descriptor.h"

static int
handle(struct prong_request *request, const void *config)
{
	(void)request;
	(void)config;
	return PRONG_DONE;
}

#define SIZE	    sizeof(struct prong_handler)
#define SIZE_OF_1_0 offsetof(struct prong_handler, promises)
#define OPTION_SIZE sizeof(struct prong_option)
#define STATE_MAX   (UINT64_C(64) << 20)

static const struct row {
	uint64_t magic;
	uint32_t abi_major, abi_minor;
	uint64_t size, option_size;
	const char *name;
	int (*handle)(struct prong_request *request, const void *config);
	uint64_t state_size, promises;
	const char *error; /* NULL: it can be used */
} rows[] = {
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE, "good", handle, 0, 0, NULL },
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE, "good", handle, STATE_MAX, 0,
	    NULL },
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE, "good", handle, STATE_MAX + 1,
	    0, "has a state_size above 64 MiB in /p/good.so" },
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE, "good", NULL, 0, 0,
	    "has no function handle in /p/good.so" },
	{ PRONG_MAGIC + 1, 1, 1, SIZE, OPTION_SIZE, "good", handle, 0, 0,
	    "good: found the magic number " },
	{ PRONG_MAGIC, 2, 0, SIZE, OPTION_SIZE, "good", handle, 0, 0,
	    "good: found ABI 2.0 in /p/good.so" },
	{ PRONG_MAGIC, 0, 0, SIZE, OPTION_SIZE, "good", handle, 0, 0,
	    "good: found ABI 0.0 in /p/good.so" },
	{ PRONG_MAGIC, 1, 2, SIZE, OPTION_SIZE, "good", handle, 0, 0, NULL },
	{ PRONG_MAGIC, 1, 4, SIZE, OPTION_SIZE, "good", handle, 0, 0,
	    "good: found ABI 1.4 in /p/good.so" },
	{ PRONG_MAGIC, 1, 1, SIZE - 1, OPTION_SIZE, "good", handle, 0, 0,
	    "good: found sizes of " },
	{ PRONG_MAGIC, 1, 1, SIZE + 1, OPTION_SIZE, "good", handle, 0, 0,
	    "good: found sizes of " },
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE + 1, "good", handle, 0, 0,
	    "good: found sizes of " },
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE, NULL, handle, 0, 0,
	    "good: found the handler \"\" in /p/good.so" },
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE, "goods", handle, 0, 0,
	    "good: found the handler \"goods\" in /p/good.so" },
	/* Members behind the sizes of another release are not looked at. */
	{ PRONG_MAGIC, 1, 1, SIZE - 8, OPTION_SIZE, (const char *)8, handle, 0,
	    0, "good: found sizes of " },
	/* Promises, and plugins that were built before there were any. */
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE, "good", handle, 0,
	    PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS, NULL },
	{ PRONG_MAGIC, 1, 1, SIZE, OPTION_SIZE, "good", handle, 0,
	    PRONG_REUSES_PROCESS << 1,
	    "good: found the bits 0x4 in .promises of prong_handler in " },
	{ PRONG_MAGIC, 1, 0, SIZE_OF_1_0, OPTION_SIZE, "good", handle, 0,
	    UINT64_MAX, NULL },
	{ PRONG_MAGIC, 1, 0, SIZE, OPTION_SIZE, "good", handle, 0, 0,
	    "good: found sizes of " },
	{ PRONG_MAGIC, 1, 1, SIZE_OF_1_0, OPTION_SIZE, "good", handle, 0, 0,
	    "good: found sizes of " },
};

START_TEST(a_descriptor_is_used_or_its_first_fault_is_reported)
{
	const struct row *row = &rows[_i];
	const struct prong_handler descriptor = { .magic = row->magic,
		.abi_major = row->abi_major,
		.abi_minor = row->abi_minor,
		.size = row->size,
		.option_size = row->option_size,
		.name = row->name,
		.handle = row->handle,
		.state_size = row->state_size,
		.promises = row->promises };
	struct handler handler = { .name = "good" };
	struct report report = { 0 };
	bool good = plugin_descriptor_check(&descriptor, "/p/good.so", &handler,
	    &report);

	ck_assert_int_eq(good, !row->error);
	ck_assert_uint_eq(report.errors, row->error ? 1 : 0);
	if (row->error)
		ck_assert_msg(strstr(log_last_error(), row->error),
		    "row %d: %s", _i, log_last_error());
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("plugin_descriptor");
	Suite *s = suite_create("plugin_descriptor");
	SRunner *r;

	tcase_add_loop_test(t,
	    a_descriptor_is_used_or_its_first_fault_is_reported, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
