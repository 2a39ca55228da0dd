# Yardsticks: not part of make check. Their programs are EXTRA_PROGRAMS, so that
# only their target builds them, but for load, which tests use too.
#
# SPDX-License-Identifier: ISC

check_PROGRAMS += tests/bench/load
EXTRA_PROGRAMS = tests/bench/bare_fork tests/bench/bare_echo tests/bench/idle

# What every client here is made of.
client_sources = \
	tests/bench/answer.c tests/bench/answer.h \
	tests/bench/chunks.c tests/bench/chunks.h \
	tests/bench/latency.h \
	tests/bench/loopback.c tests/bench/loopback.h

tests_bench_load_SOURCES = tests/bench/load.c tests/bench/load_run.c \
	tests/bench/load.h $(client_sources)
tests_bench_load_LDADD =
tests_bench_idle_SOURCES = tests/bench/idle.c $(client_sources)
tests_bench_idle_LDADD =

# The daemon's libraries are mapped, and not used: what fork costs depends on
# them.
bare_ldflags = $(AM_LDFLAGS) $(link_ldflags) -Wl,--no-as-needed
bare_ldadd = $(OWN_LIBS)
bare = tests/bench/bare.c tests/bench/bare.h

tests_bench_bare_fork_SOURCES = tests/bench/bare_fork.c $(bare)
tests_bench_bare_fork_LDFLAGS = $(bare_ldflags)
tests_bench_bare_fork_LDADD = $(bare_ldadd)
tests_bench_bare_echo_SOURCES = tests/bench/bare_echo.c $(bare)
tests_bench_bare_echo_LDFLAGS = $(bare_ldflags)
tests_bench_bare_echo_LDADD = $(bare_ldadd)

# The pure parts of make bench have tests, which are part of make check.
bench_tests = tests/bench/statistics.t tests/bench/table.t \
	tests/bench/workloads.t
TESTS += $(bench_tests)

bench_modules = \
	tests/bench/Bench.pm \
	tests/bench/Bench/Build.pm \
	tests/bench/Bench/Group.pm \
	tests/bench/Bench/Measure.pm \
	tests/bench/Bench/Peers.pm \
	tests/bench/Bench/Report.pm \
	tests/bench/Bench/Server.pm \
	tests/bench/Bench/Statistics.pm \
	tests/bench/Bench/Table.pm \
	tests/bench/Bench/Workloads.pm

# Configurations of the peers, and what is compiled for them.
bench_peers = \
	tests/bench/peers/apache.conf \
	tests/bench/peers/fcgi_bench.c \
	tests/bench/peers/h2o.conf \
	tests/bench/peers/lighttpd.conf \
	tests/bench/peers/mini_httpd.conf \
	tests/bench/peers/mod_prong_bench.c \
	tests/bench/peers/nginx.conf \
	tests/bench/peers/prong.conf

EXTRA_DIST += BENCHMARKS.md tests/bench/README.md tests/bench/bench-peers \
	tests/bench/bench-quick tests/bench/bench-sandbox \
	tests/bench/bench-sites $(bench_tests) $(bench_modules) $(bench_peers)
CLEANFILES += $(EXTRA_PROGRAMS)

bench_programs = tests/bench/load tests/bench/bare_fork tests/bench/bare_echo \
	tests/plugins/constant.la

# The rows of a static prongd have a build of their own, in the folder static. Where
# there are no archives, they are missing.
static-program:
	@$(MKDIR_P) static
	@(test -f static/Makefile || { cd static && \
	    '$(abs_top_srcdir)/configure' --quiet --disable-shared \
	    --disable-unit-tests CC='$(CC)' CFLAGS='$(CFLAGS)'; }) && \
	    $(MAKE) -C static src/prongd tests/bench/bare_fork \
	    tests/bench/bare_echo || echo 'there is no static program' >&2

# BENCH_FLAGS="--quick", for example; bench-peers says what else there is.
bench: all static-program tests/bench/load tests/bench/idle tests/plugins/constant.la \
    tests/plugins/discard.la
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) \
	$(PERL) -w -I $(top_srcdir)/tests/bench \
	    $(top_srcdir)/tests/bench/bench-peers $(BENCH_FLAGS)

# For a machine that does nothing else.
bench-update:
	@$(MAKE) $(AM_MAKEFLAGS) bench \
	BENCH_FLAGS='$(BENCH_FLAGS) --write $(abs_top_srcdir)/BENCHMARKS.md'

bench-quick: all static-program $(bench_programs)
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) \
	$(PERL) -I $(top_srcdir)/tests/bench $(top_srcdir)/tests/bench/bench-quick

bench-sandbox: all tests/bench/load tests/plugins/constant.la
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) \
	$(PERL) -I $(top_srcdir)/tests/bench \
	    $(top_srcdir)/tests/bench/bench-sandbox

bench-sites: all
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) \
	$(PERL) -I $(top_srcdir)/tests/bench \
	    $(top_srcdir)/tests/bench/bench-sites

bench-clean:
	rm -rf bench-results static
clean-local: bench-clean

.PHONY: static-program bench bench-update bench-quick bench-sandbox bench-sites bench-clean
