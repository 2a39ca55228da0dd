# Everything here speaks TAP. tests/README.md says how it is laid out.
#
# SPDX-License-Identifier: ISC

# A check program tests/unit/test_NAME.c: add its name without .c. It is
# linked with all of src but main.c; what it needs of plugins/shared stands
# below.
unit_tests = \
	tests/unit/accesslog/test_accesslog \
	tests/unit/master/test_activation \
	tests/unit/base/test_address \
	tests/unit/base/test_arena \
	tests/unit/base/test_descendants \
	tests/unit/fiber/test_deadlines \
	tests/unit/fiber/test_fiber \
	tests/unit/fiber/test_fiber_portable \
	tests/unit/fiber/test_loop \
	tests/unit/fiber/test_stack \
	tests/unit/generation/test_stillness \
	tests/unit/generation/test_open_numbers \
	tests/unit/generation/test_children \
	tests/unit/generation/test_crowd \
	tests/unit/http/test_chunked \
	tests/unit/http/test_conditional \
	tests/unit/config/test_configuration \
	tests/unit/master/test_control \
	tests/unit/http/test_date \
	tests/unit/plugins/test_cache \
	tests/unit/plugins/test_escape \
	tests/unit/http/test_fields \
	tests/unit/sandbox/test_argument \
	tests/unit/sandbox/test_filter \
	tests/unit/sandbox/test_filter_span \
	tests/unit/handover/test_manifest \
	tests/unit/handover/test_protocol \
	tests/unit/handover/test_snapshot \
	tests/unit/http/test_head \
	tests/unit/master/test_listeners \
	tests/unit/base/test_ledgers \
	tests/unit/base/test_loans \
	tests/unit/base/test_log \
	tests/unit/base/test_logline \
	tests/unit/base/test_ring \
	tests/unit/base/test_rings \
	tests/unit/plugins/test_latency \
	tests/unit/plugins/test_negotiate \
	tests/unit/plugins/test_status \
	tests/unit/master/test_notify \
	tests/unit/plugin/test_option \
	tests/unit/plugin/test_plugin_descriptor \
	tests/unit/base/test_fdpass \
	tests/unit/master/test_peer \
	tests/unit/base/test_peers \
	tests/unit/generation/test_log_lines \
	tests/unit/connection/test_reject \
	tests/unit/generation/test_porter \
	tests/unit/generation/test_porter_outbox \
	tests/unit/generation/test_porter_parcel \
	tests/unit/generation/test_porter_place \
	tests/unit/connection/test_connection \
	tests/unit/connection/test_crash_handler \
	tests/unit/connection/test_handoff \
	tests/unit/connection/test_penalty \
	tests/unit/connection/test_statement \
	tests/unit/connection/test_first_handler \
	tests/unit/sandbox/test_outline \
	tests/unit/sandbox/test_permission \
	tests/unit/http/test_proxy \
	tests/unit/config/test_log_format \
	tests/unit/config/test_place \
	tests/unit/config/test_server_setting \
	tests/unit/base/test_quantity \
	tests/unit/http/test_ranges \
	tests/unit/message/test_netio \
	tests/unit/message/test_request \
	tests/unit/message/test_request_id \
	tests/unit/message/test_response \
	tests/unit/master/test_restart \
	tests/unit/config/test_reduction \
	tests/unit/config/test_host_index \
	tests/unit/config/test_route \
	tests/unit/base/test_nudge \
	tests/unit/base/test_ownership \
	tests/unit/base/test_prefix \
	tests/unit/base/test_pulse \
	tests/unit/base/test_annals \
	tests/unit/base/test_bulletin \
	tests/unit/base/test_scoreboard \
	tests/unit/base/test_scoreboard_look \
	tests/unit/base/test_scoreboard_tally \
	tests/unit/base/test_tally \
	tests/unit/base/test_signals \
	tests/unit/base/test_slice \
	tests/unit/generation/test_watchdog \
	tests/unit/http/test_uri

tests_unit_plugins_test_cache_LDADD = plugins/static/la-cache.lo $(LDADD)
tests_unit_plugins_test_escape_LDADD = plugins/shared/static_la-escape.lo $(LDADD)
tests_unit_plugins_test_latency_LDADD = plugins/status/la-latency.lo $(LDADD)
tests_unit_plugins_test_status_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/plugins
tests_unit_plugins_test_status_LDADD = plugins/status/la-amount.lo \
	plugins/status/la-options.lo plugins/status/la-order.lo $(LDADD)
tests_unit_plugins_test_negotiate_LDADD = plugins/shared/static_la-negotiate.lo $(LDADD)

# Rounding is in libm. The portable switch is for machines without another one.
tests_unit_fiber_test_fiber_LDADD = $(LDADD) -lm
tests_unit_fiber_test_fiber_portable_SOURCES = \
	tests/unit/fiber/test_fiber.c $(fiber_sources)
tests_unit_fiber_test_fiber_portable_CPPFLAGS = $(AM_CPPFLAGS) \
	-DPRONG_PORTABLE_SWITCH
tests_unit_fiber_test_fiber_portable_LDADD = $(LDADD) -lm

# These have clients, and a porter.
porter = tests/unit/generation/client.c tests/unit/generation/client.h \
	tests/unit/generation/fixture.c tests/unit/generation/fixture.h
tests_unit_generation_test_porter_SOURCES = \
	tests/unit/generation/test_porter.c $(porter)
tests_unit_generation_test_porter_outbox_SOURCES = \
	tests/unit/generation/test_porter_outbox.c $(porter)
tests_unit_generation_test_porter_parcel_SOURCES = \
	tests/unit/generation/test_porter_parcel.c $(porter)
tests_unit_generation_test_porter_place_SOURCES = \
	tests/unit/generation/test_porter_place.c $(porter)

# These have inputs that end at an unreadable page.
guard = tests/unit/guard.c tests/unit/guard.h
tests_unit_base_test_address_SOURCES = tests/unit/base/test_address.c $(guard)
tests_unit_http_test_chunked_SOURCES = tests/unit/http/test_chunked.c $(guard)
tests_unit_http_test_conditional_SOURCES = tests/unit/http/test_conditional.c $(guard)
tests_unit_http_test_date_SOURCES = tests/unit/http/test_date.c $(guard)
tests_unit_http_test_fields_SOURCES = tests/unit/http/test_fields.c $(guard)
tests_unit_http_test_head_SOURCES = tests/unit/http/test_head.c $(guard)
tests_unit_http_test_proxy_SOURCES = tests/unit/http/test_proxy.c $(guard)
tests_unit_http_test_ranges_SOURCES = tests/unit/http/test_ranges.c $(guard)
tests_unit_base_test_prefix_SOURCES = tests/unit/base/test_prefix.c $(guard)
tests_unit_base_test_slice_SOURCES = tests/unit/base/test_slice.c $(guard)
tests_unit_http_test_uri_SOURCES = tests/unit/http/test_uri.c $(guard)

# A Perl script tests/server/NAME.t: add its name. A module that scripts
# share (tests/server/NAME.pm) goes into server_modules.
server_tests = \
	tests/server/access-log.t \
	tests/server/every-response.t \
	tests/server/adversity.t \
	tests/server/activation.t \
	tests/server/alternate.t \
	tests/server/body.t \
	tests/server/cache.t \
	tests/server/ceiling.t \
	tests/server/cold.t \
	tests/server/conditional.t \
	tests/server/counters.t \
	tests/server/control.t \
	tests/server/crashes.t \
	tests/server/complaints.t \
	tests/server/config-errors.t \
	tests/server/debuglog.t \
	tests/server/defer.t \
	tests/server/descriptors.t \
	tests/server/drain.t \
	tests/server/echo.t \
	tests/server/environment.t \
	tests/server/error-log.t \
	tests/server/exhaustion.t \
	tests/server/fair.t \
	tests/server/flag.t \
	tests/server/folders.t \
	tests/server/framing.t \
	tests/server/fresh.t \
	tests/server/hammer.t \
	tests/server/haproxy-check.t \
	tests/server/haproxy.t \
	tests/server/hardening.t \
	tests/server/head.t \
	tests/server/hello.t \
	tests/server/hostile-guardian.t \
	tests/server/hostile.t \
	tests/server/hostile-channel.t \
	tests/server/hostile-pools.t \
	tests/server/hostile-shared.t \
	tests/server/hostile-core.t \
	tests/server/undisturbed.t \
	tests/server/hostile-rest.t \
	tests/server/hostile-second.t \
	tests/server/hostile-many.t \
	tests/server/hostile-third.t \
	tests/server/hostile-filter.t \
	tests/server/hostile-known.t \
	tests/server/hostile-time.t \
	tests/server/hostile-watch.t \
	tests/server/idle-ends.t \
	tests/server/hostile-penalty.t \
	tests/server/hostile-logs.t \
	tests/server/keepalive.t \
	tests/server/kept-files.t \
	tests/server/kill.t \
	tests/server/listen.t \
	tests/server/listing.t \
	tests/server/log-format.t \
	tests/server/log-suffix.t \
	tests/server/loans.t \
	tests/server/lossless.t \
	tests/server/many-routes.t \
	tests/server/many-rules.t \
	tests/server/manual.t \
	tests/server/methods.t \
	tests/server/metrics.t \
	tests/server/missing-root.t \
	tests/server/monitoring.t \
	tests/server/moving.t \
	tests/server/notify.t \
	tests/server/pages.t \
	tests/server/overlap.t \
	tests/server/parking.t \
	tests/server/plain-folder.t \
	tests/server/plugins.t \
	tests/server/pools.t \
	tests/server/postgres.t \
	tests/server/process-max.t \
	tests/server/policy.t \
	tests/server/prepared.t \
	tests/server/privileges.t \
	tests/server/processes.t \
	tests/server/prometheus.t \
	tests/server/proxy.t \
	tests/server/pulse.t \
	tests/server/quota.t \
	tests/server/ranges.t \
	tests/server/rehearsal.t \
	tests/server/reload.t \
	tests/server/request-id.t \
	tests/server/reopen.t \
	tests/server/sandbox.t \
	tests/server/slow-log.t \
	tests/server/shared-workers.t \
	tests/server/site.t \
	tests/server/soak.t \
	tests/server/static.t \
	tests/server/static-build.t \
	tests/server/status-access.t \
	tests/server/status-page.t \
	tests/server/status.t \
	tests/server/status-crashes.t \
	tests/server/status-listen.t \
	tests/server/stop.t \
	tests/server/stuck.t \
	tests/server/storm.t \
	tests/server/stray.t \
	tests/server/stream.t \
	tests/server/sweep.t \
	tests/server/syslog.t \
	tests/server/terminal.t \
	tests/server/target.t \
	tests/server/template.t \
	tests/server/time.t \
	tests/server/top.t \
	tests/server/tls-proxy.t \
	tests/server/turn.t \
	tests/server/types.t \
	tests/server/units.t \
	tests/server/unix-paths.t \
	tests/server/unread.t \
	tests/server/upgrade.t \
	tests/server/worker-limits.t \
	tests/server/workers.t \
	tests/server/workers-beside.t \
	tests/server/workers-killed.t \
	tests/server/validators.t \
	tests/server/wire.t
server_modules = \
	tests/server/Prong.pm \
	tests/server/Prong/Act.pm \
	tests/server/Prong/Answer.pm \
	tests/server/Prong/Balancer.pm \
	tests/server/Prong/Client.pm \
	tests/server/Prong/Daemon.pm \
	tests/server/Prong/Errnos.pm \
	tests/server/Prong/Fuse.pm \
	tests/server/Prong/Gate.pm \
	tests/server/Prong/Hammer.pm \
	tests/server/Prong/Hostile.pm \
	tests/server/Prong/Load.pm \
	tests/server/Prong/Postgres.pm \
	tests/server/Prong/Process.pm \
	tests/server/Prong/Refuse.pm \
	tests/server/Prong/Trace.pm \
	tests/server/Prong/Workers.pm

# What units.t starts the daemon with.
check_PROGRAMS += tests/server/confine
tests_server_confine_SOURCES = tests/server/confine.c
tests_server_confine_LDADD = $(SECCOMP_LIBS)

# Other files that tests read.
test_data = tests/README.md tests/leaks.supp

# What a static prongd is tested with: no other handlers than prong's own.
static_server_tests = \
	tests/server/activation.t \
	tests/server/drain.t \
	tests/server/echo.t \
	tests/server/flag.t \
	tests/server/kept-files.t \
	tests/server/listing.t \
	tests/server/reopen.t \
	tests/server/site.t \
	tests/server/static.t \
	tests/server/static-build.t \
	tests/server/status.t

if UNIT_TESTS
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
if STATIC
TESTS += $(static_server_tests)
else
TESTS += $(server_tests)
endif
EXTRA_DIST += $(server_tests) $(server_modules) $(test_data)

AM_CPPFLAGS += -iquote $(top_srcdir)/tests $(CHECK_CPPFLAGS)
LDADD = $(CORE_LIBS) $(CHECK_LIBS)

# check gives a test four seconds, which a busy machine or a sanitizer may need.
AM_TESTS_ENVIRONMENT = \
	CK_DEFAULT_TIMEOUT=60; export CK_DEFAULT_TIMEOUT; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/leaks.supp'; \
	LSAN_OPTIONS="$$LSAN_OPTIONS:print_suppressions=0"; \
	export LSAN_OPTIONS; \
	PRONGD='$(abs_top_builddir)/src/prongd$(EXEEXT)'; \
	PRONG_PLUGINS='$(abs_top_builddir)/plugins/.libs'; \
	PRONG_SRCDIR='$(abs_top_srcdir)'; \
	PRONG_BUILDDIR='$(abs_top_builddir)'; \
	export PRONGD PRONG_PLUGINS PRONG_SRCDIR PRONG_BUILDDIR;

tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
TEST_EXTENSIONS = .t
T_LOG_DRIVER = $(tap_driver)
T_LOG_COMPILER = $(PERL)
AM_T_LOG_FLAGS = -w -I $(top_srcdir)/tests/server

if !STATIC
include $(srcdir)/tests/plugins/local.mk
endif
include $(srcdir)/tests/house/local.mk
include $(srcdir)/tests/bench/local.mk
include $(srcdir)/tests/boot/local.mk
include $(srcdir)/tests/browser/local.mk
include $(srcdir)/tests/operations/local.mk
include $(srcdir)/tests/fuzz/local.mk
