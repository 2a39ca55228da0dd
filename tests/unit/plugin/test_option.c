/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/report.h"
#include "plugin/option.h"
#include "prong/handler.h"

struct inner {
	int64_t number;
	const char *name;
};

struct outer {
	const char *text;
	int32_t sure, colour, unset;
	int64_t number, bytes, ms;
	struct prong_strings words;
	struct inner inner;
	struct prong_groups rules;
};

static const struct prong_option inner_options[] = {
	PRONG_INT(struct inner, number, 5, 0, 9, "a number"),
	PRONG_STRING_REQUIRED(struct inner, name, "a name"),
	PRONG_END,
};

static const char *const colours[] = { "red", "green", NULL };

static const struct prong_option outer_options[] = {
	PRONG_STRING(struct outer, text, "t", "a text"),
	PRONG_BOOL(struct outer, sure, 1, "a truth"),
	PRONG_CHOICE(struct outer, colour, colours, "green", "a colour"),
	PRONG_CHOICE(struct outer, unset, colours, NULL, "no colour"),
	PRONG_INT(struct outer, number, -3, 0, 0, "unbounded"),
	PRONG_SIZE(struct outer, bytes, NULL, 0, 100, "a size"),
	PRONG_TIME(struct outer, ms, "1 s", 0, 0, "a time"),
	PRONG_STRINGS(struct outer, words, "words"),
	PRONG_GROUP(struct outer, inner, struct inner, inner_options, "one"),
	PRONG_GROUPS(struct outer, rules, struct inner, inner_options, "more"),
	PRONG_END,
};

static const struct option_table table = { outer_options,
	sizeof(struct prong_option), sizeof(struct outer) };

static max_align_t block[256];
static struct arena arena;
static config_t tree;

static const config_setting_t *
parse(const char *text)
{
	arena_init(&arena, block, sizeof(block));
	config_init(&tree);
	ck_assert_msg(config_read_string(&tree, text), "%s: %s", text,
	    config_error_text(&tree));
	return config_lookup(&tree, "h");
}

static void
fill(struct outer *o, const char *text)
{
	struct report report = { 0 };

	memset(o, 0, sizeof(*o));
	ck_assert_int_eq(option_fill(parse(text), &table, o, &arena, NULL,
			     &report),
	    0);
	ck_assert_uint_eq(report.errors, 0);
}

START_TEST(defaults)
{
	struct outer o;

	fill(&o, "h = { };");
	ck_assert_str_eq(o.text, "t");
	ck_assert_int_eq(o.sure, 1);
	ck_assert_int_eq(o.colour, 1);
	ck_assert_int_eq(o.unset, -1);
	ck_assert_int_eq(o.number, -3);
	ck_assert_int_eq(o.bytes, 0);
	ck_assert_int_eq(o.ms, 1000);
	ck_assert_uint_eq(o.words.count, 0);
	ck_assert_int_eq(o.inner.number, 5);
	ck_assert_ptr_null(o.inner.name);
	ck_assert_uint_eq(o.rules.count, 0);
	config_destroy(&tree);
}
END_TEST

START_TEST(what_is_set)
{
	const struct inner *rules;
	struct outer o;

	fill(&o,
	    "h = { text = \"\"; sure = \"off\"; colour = \"red\"; unset = "
	    "\"red\"; number = -9000000000L; bytes = 100; ms = \"0 s\"; words "
	    "= ( ); inner = { number = 9; name = \"n\"; }; rules = ( { name ="
	    " \"a\"; }, { name = \"b\"; number = 0; } ); };");
	ck_assert_str_eq(o.text, "");
	ck_assert_int_eq(o.sure, 0);
	ck_assert_int_eq(o.colour, 0);
	ck_assert_int_eq(o.unset, 0);
	ck_assert_int_eq(o.number, INT64_C(-9000000000));
	ck_assert_int_eq(o.bytes, 100);
	ck_assert_int_eq(o.ms, 0);
	ck_assert_uint_eq(o.words.count, 0);
	ck_assert_int_eq(o.inner.number, 9);
	ck_assert_str_eq(o.inner.name, "n");
	ck_assert_uint_eq(o.rules.count, 2);
	rules = o.rules.items;
	ck_assert_str_eq(rules[0].name, "a");
	ck_assert_int_eq(rules[0].number, 5);
	ck_assert_str_eq(rules[1].name, "b");
	ck_assert_int_eq(rules[1].number, 0);
	config_destroy(&tree);
}
END_TEST

static const struct {
	const char *text;
	unsigned errors;
} bad[] = {
	{ "h = { texts = \"\"; };", 1 },
	{ "h = { text = 1; sure = 1; colour = 1; number = true; };", 4 },
	{ "h = { bytes = 101; ms = -1; };", 2 },
	{ "h = { bytes = -1; };", 1 },
	{ "h = { inner = { }; };", 1 },
	{ "h = { inner = { number = 10; x = 1; }; };", 3 },
	{ "h = { rules = ( { name = \"a\"; }, { }, 1, { number = -1; } ); };",
	    4 },
	{ "h = { words = [ 1, 2, 3 ]; };", 3 },
	{ "h = { rules = [ 1 ]; inner = ( ); };", 2 },
};

START_TEST(every_error_is_counted)
{
	struct report report = { 0 };
	struct outer o = { 0 };

	ck_assert_int_eq(option_fill(parse(bad[_i].text), &table, &o, &arena,
			     NULL, &report),
	    -1);
	ck_assert_msg(report.errors == bad[_i].errors, "%s: %u", bad[_i].text,
	    report.errors);
	config_destroy(&tree);
}
END_TEST

/* Options of a later minor are longer. */
START_TEST(the_plugins_stride_is_used)
{
	struct {
		struct prong_option option;
		char later[24];
	} options[3];
	struct option_table later = { &options[0].option, sizeof(options[0]),
		sizeof(struct outer) };
	struct report report = { 0 };
	struct outer o = { 0 };
	const config_setting_t *group;

	memset(options, 0xff, sizeof(options));
	options[0].option = outer_options[0];
	options[1].option = outer_options[4];
	memset(&options[2].option, 0, sizeof(options[2].option));
	group = parse("h = { number = 4; };");
	ck_assert_int_eq(option_check(&later, "x", group, &report), 0);
	ck_assert_int_eq(option_fill(group, &later, &o, &arena, NULL, &report),
	    0);
	ck_assert_str_eq(o.text, "t");
	ck_assert_int_eq(o.number, 4);
	config_destroy(&tree);
}
END_TEST

START_TEST(a_good_table_passes)
{
	struct option_table none = { NULL, sizeof(struct prong_option), 0 };
	struct report report = { 0 };
	struct outer o = { 0 };
	const config_setting_t *group = parse("h = { };");

	ck_assert_int_eq(option_check(&table, "x", group, &report), 0);
	ck_assert_int_eq(option_check(&none, "x", group, &report), 0);
	ck_assert_int_eq(option_fill(group, &none, &o, &arena, NULL, &report),
	    0);
	config_destroy(&tree);
	group = parse("h = { x = 1; };");
	ck_assert_int_eq(option_fill(group, &none, &o, &arena, NULL, &report),
	    -1);
	config_destroy(&tree);
}
END_TEST

struct loop {
	struct prong_groups loops;
};

static const struct prong_option loop_options[] = {
	PRONG_GROUPS(struct loop, loops, struct loop, loop_options, "itself"),
	PRONG_END,
};

#define NUMBER(member, text, number, min, max) \
	{ \
#member, PRONG_TYPE_SIZE, 0, offsetof(struct outer, member), \
		    8, text, "", NULL, 0, NULL, number, min, max \
	}

static const struct prong_option bad_tables[][2] = {
	{ NUMBER(bytes, "5 x", 0, 0, 9), PRONG_END },
	{ NUMBER(bytes, NULL, 0, 9, 0), PRONG_END },
	{ PRONG_CHOICE(struct outer, colour, colours, "blue", ""), PRONG_END },
	{ PRONG_CHOICE(struct outer, colour, NULL, NULL, ""), PRONG_END },
	{ PRONG_PATH(struct outer, text, PRONG_READ, "relative", ""),
	    PRONG_END },
	{ PRONG_INT(struct outer, sure, 0, 0, 0, ""), PRONG_END },
	{ PRONG_GROUP(struct outer, inner, struct outer, outer_options, ""),
	    PRONG_END },
	{ { "", PRONG_TYPE_INT, 0, 0, 8, NULL, "", NULL, 0, NULL, 0, 0, 0 },
	    PRONG_END },
};

START_TEST(a_bad_table_is_found)
{
	struct option_table t = { bad_tables[_i], sizeof(struct prong_option),
		sizeof(struct outer) };
	struct report report = { 0 };

	ck_assert_int_eq(option_check(&t, "x", parse("h = { };"), &report), -1);
	config_destroy(&tree);
}
END_TEST

START_TEST(endless_and_oversized_tables_are_found)
{
	static struct prong_option many[OPTIONS_MAX + 2];
	static char names[OPTIONS_MAX + 2][8];
	struct option_table loop = { loop_options, sizeof(*loop_options),
		sizeof(struct loop) };
	struct option_table large = { NULL, sizeof(*loop_options),
		OPTION_CONFIG_MAX_BYTES + 1 };
	struct option_table all = { many, sizeof(many[0]),
		sizeof(struct outer) };
	const config_setting_t *group = parse("h = { };");
	struct report report = { 0 };
	size_t i;

	ck_assert_int_eq(option_check(&loop, "x", group, &report), -1);
	ck_assert_int_eq(option_check(&large, "x", group, &report), -1);
	large.config_size--;
	ck_assert_int_eq(option_check(&large, "x", group, &report), 0);
	for (i = 0; i <= OPTIONS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
		many[i] = outer_options[4];
		many[i].name = names[i];
	}
	ck_assert_int_eq(option_check(&all, "x", group, &report), -1);
	many[OPTIONS_MAX].name = NULL;
	ck_assert_int_eq(option_check(&all, "x", group, &report), 0);
	config_destroy(&tree);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("option");
	Suite *s = suite_create("option");
	SRunner *r;

	tcase_add_test(t, defaults);
	tcase_add_test(t, what_is_set);
	tcase_add_loop_test(t, every_error_is_counted, 0,
	    sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, the_plugins_stride_is_used);
	tcase_add_test(t, a_good_table_passes);
	tcase_add_loop_test(t, a_bad_table_is_found, 0,
	    sizeof(bad_tables) / sizeof(bad_tables[0]));
	tcase_add_test(t, endless_and_oversized_tables_are_found);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
