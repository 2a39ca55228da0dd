# Plugins that only tests load. The scripts copy them from
# tests/plugins/.libs to where they want them. -rpath makes libtool build what
# is not installed as shared objects.
#
# SPDX-License-Identifier: ISC

plugin_test_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared \
	-rpath /nowhere

check_LTLIBRARIES += tests/plugins/act.la
tests_plugins_act_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_act_la_LIBADD =

check_LTLIBRARIES += tests/plugins/clock.la
tests_plugins_clock_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_clock_la_LIBADD =

check_LTLIBRARIES += tests/plugins/constant.la
tests_plugins_constant_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_constant_la_LIBADD =

check_LTLIBRARIES += tests/plugins/discard.la
tests_plugins_discard_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_discard_la_LIBADD =

check_LTLIBRARIES += tests/plugins/extreme.la
tests_plugins_extreme_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_extreme_la_LIBADD =

check_LTLIBRARIES += tests/plugins/landlock_abi.la
tests_plugins_landlock_abi_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_landlock_abi_la_LIBADD =

check_LTLIBRARIES += tests/plugins/layout.la
tests_plugins_layout_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_layout_la_LIBADD =

check_LTLIBRARIES += tests/plugins/layout_free.la
tests_plugins_layout_free_la_SOURCES = tests/plugins/layout.c
tests_plugins_layout_free_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNAME='"layout_free"' -DNEEDS=PRONG_NEEDS_PROCESSES
tests_plugins_layout_free_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_layout_free_la_LIBADD =

check_LTLIBRARIES += tests/plugins/refuse.la
tests_plugins_refuse_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_refuse_la_LIBADD = $(SECCOMP_LIBS)

check_LTLIBRARIES += tests/plugins/reuse.la
tests_plugins_reuse_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_reuse_la_LIBADD =

check_LTLIBRARIES += tests/plugins/share.la
tests_plugins_share_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_share_la_LIBADD =

# Attacks from within a member of a pool, and a shared worker.
check_LTLIBRARIES += tests/plugins/hostile_reuse.la
tests_plugins_hostile_reuse_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_hostile_reuse_la_LIBADD =

check_LTLIBRARIES += tests/plugins/hostile_share.la
tests_plugins_hostile_share_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_hostile_share_la_LIBADD =

check_LTLIBRARIES += tests/plugins/probe.la
tests_plugins_probe_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_probe_la_LIBADD =

# Builds of one handler: what build1.so and its like hold is called "build".

check_LTLIBRARIES += tests/plugins/build1.la
tests_plugins_build1_la_SOURCES = tests/plugins/build.c
tests_plugins_build1_la_CPPFLAGS = $(AM_CPPFLAGS) -DBUILD=1
tests_plugins_build1_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_build1_la_LIBADD =

check_LTLIBRARIES += tests/plugins/build2.la
tests_plugins_build2_la_SOURCES = tests/plugins/build.c
tests_plugins_build2_la_CPPFLAGS = $(AM_CPPFLAGS) -DBUILD=2
tests_plugins_build2_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_build2_la_LIBADD =

check_LTLIBRARIES += tests/plugins/build3.la
tests_plugins_build3_la_SOURCES = tests/plugins/build.c
tests_plugins_build3_la_CPPFLAGS = $(AM_CPPFLAGS) -DBUILD=3
tests_plugins_build3_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_build3_la_LIBADD =

check_LTLIBRARIES += tests/plugins/build4.la
tests_plugins_build4_la_SOURCES = tests/plugins/build.c
tests_plugins_build4_la_CPPFLAGS = $(AM_CPPFLAGS) -DBUILD=4
tests_plugins_build4_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_build4_la_LIBADD =

check_LTLIBRARIES += tests/plugins/build5.la
tests_plugins_build5_la_SOURCES = tests/plugins/build.c
tests_plugins_build5_la_CPPFLAGS = $(AM_CPPFLAGS) -DBUILD=5
tests_plugins_build5_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_build5_la_LIBADD =

# The rest is tests/plugins/fault.c, each with its own fault.

check_LTLIBRARIES += tests/plugins/badmagic.la
tests_plugins_badmagic_la_SOURCES = tests/plugins/fault.c
tests_plugins_badmagic_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"badmagic"' \
	-DMAGIC=1
tests_plugins_badmagic_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_badmagic_la_LIBADD =

check_LTLIBRARIES += tests/plugins/badmajor.la
tests_plugins_badmajor_la_SOURCES = tests/plugins/fault.c
tests_plugins_badmajor_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"badmajor"' \
	-DMAJOR=99
tests_plugins_badmajor_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_badmajor_la_LIBADD =

check_LTLIBRARIES += tests/plugins/badminor.la
tests_plugins_badminor_la_SOURCES = tests/plugins/fault.c
tests_plugins_badminor_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"badminor"' \
	-DMINOR=99
tests_plugins_badminor_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_badminor_la_LIBADD =

check_LTLIBRARIES += tests/plugins/badsize.la
tests_plugins_badsize_la_SOURCES = tests/plugins/fault.c
tests_plugins_badsize_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"badsize"' \
	-DSIZE=8
tests_plugins_badsize_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_badsize_la_LIBADD =

check_LTLIBRARIES += tests/plugins/badname.la
tests_plugins_badname_la_SOURCES = tests/plugins/fault.c
tests_plugins_badname_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"another"'
tests_plugins_badname_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_badname_la_LIBADD =

check_LTLIBRARIES += tests/plugins/badtable.la
tests_plugins_badtable_la_SOURCES = tests/plugins/fault.c
tests_plugins_badtable_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"badtable"' \
	-DOPTIONS=wrong_options
tests_plugins_badtable_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_badtable_la_LIBADD =

check_LTLIBRARIES += tests/plugins/noend.la
tests_plugins_noend_la_SOURCES = tests/plugins/fault.c
tests_plugins_noend_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"noend"' \
	-DOPTIONS='&endless_options.option'
tests_plugins_noend_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_noend_la_LIBADD =

check_LTLIBRARIES += tests/plugins/badbits.la
tests_plugins_badbits_la_SOURCES = tests/plugins/fault.c
tests_plugins_badbits_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"badbits"' \
	-DMETHODS='(1u << 20 | PRONG_GET)' -DNEEDS='(1u << 4)' \
	-DPROMISES='(1u << 2 | PRONG_SHARES_PROCESS)'
tests_plugins_badbits_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_badbits_la_LIBADD =

# No fault, but a handler that is not prong's own and promises what it can.
check_LTLIBRARIES += tests/plugins/promising.la
tests_plugins_promising_la_SOURCES = tests/plugins/fault.c
tests_plugins_promising_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"promising"' \
	-DPROMISES=PRONG_SHARES_PROCESS
tests_plugins_promising_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_promising_la_LIBADD =

# As a plugin that was built for ABI 1.0: what follows its descriptor is not read.
check_LTLIBRARIES += tests/plugins/oldminor.la
tests_plugins_oldminor_la_SOURCES = tests/plugins/fault.c
tests_plugins_oldminor_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"oldminor"' \
	-DMINOR=0 -DSIZE='offsetof(struct prong_handler, promises)' \
	-DPROMISES=PRONG_SHARES_PROCESS
tests_plugins_oldminor_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_oldminor_la_LIBADD =

check_LTLIBRARIES += tests/plugins/nohandle.la
tests_plugins_nohandle_la_SOURCES = tests/plugins/fault.c
tests_plugins_nohandle_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"nohandle"' \
	-DHANDLE=NULL
tests_plugins_nohandle_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_nohandle_la_LIBADD =

check_LTLIBRARIES += tests/plugins/nosymbol.la
tests_plugins_nosymbol_la_SOURCES = tests/plugins/fault.c
tests_plugins_nosymbol_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"nosymbol"' \
	-DSYMBOL=another
tests_plugins_nosymbol_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_nosymbol_la_LIBADD =

check_LTLIBRARIES += tests/plugins/undefined.la
tests_plugins_undefined_la_SOURCES = tests/plugins/fault.c
tests_plugins_undefined_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"undefined"' \
	-DCALL_NOBODY -DOPEN=call
tests_plugins_undefined_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_undefined_la_LIBADD =

check_LTLIBRARIES += tests/plugins/crashload.la
tests_plugins_crashload_la_SOURCES = tests/plugins/fault.c
tests_plugins_crashload_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"crashload"' \
	-DCRASH_WHEN_LOADED
tests_plugins_crashload_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_crashload_la_LIBADD =

check_LTLIBRARIES += tests/plugins/crashopen.la
tests_plugins_crashopen_la_SOURCES = tests/plugins/fault.c
tests_plugins_crashopen_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"crashopen"' \
	-DOPEN=crash
tests_plugins_crashopen_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_crashopen_la_LIBADD =

check_LTLIBRARIES += tests/plugins/exitopen.la
tests_plugins_exitopen_la_SOURCES = tests/plugins/fault.c
tests_plugins_exitopen_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"exitopen"' \
	-DOPEN=leave
tests_plugins_exitopen_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_exitopen_la_LIBADD =

check_LTLIBRARIES += tests/plugins/endless.la
tests_plugins_endless_la_SOURCES = tests/plugins/fault.c
tests_plugins_endless_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"endless"' \
	-DOPEN=stay
tests_plugins_endless_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_endless_la_LIBADD =

check_LTLIBRARIES += tests/plugins/slowopen.la
tests_plugins_slowopen_la_SOURCES = tests/plugins/fault.c
tests_plugins_slowopen_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"slowopen"' \
	-DOPEN=rest
tests_plugins_slowopen_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_slowopen_la_LIBADD =

check_LTLIBRARIES += tests/plugins/ask_secret.la
tests_plugins_ask_secret_la_SOURCES = tests/plugins/ask_secret.c
tests_plugins_ask_secret_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_ask_secret_la_LIBADD =

check_LTLIBRARIES += tests/plugins/lingers.la
tests_plugins_lingers_la_SOURCES = tests/plugins/fault.c
tests_plugins_lingers_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"lingers"' \
	-DOPEN=linger
tests_plugins_lingers_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_lingers_la_LIBADD =

# Does harm, as hostile.t says; and the same with every need declared, or threads
# alone.

hostile_sources = \
	tests/plugins/hostile/answer.c \
	tests/plugins/hostile/attempt.c \
	tests/plugins/hostile/borrowed.c \
	tests/plugins/hostile/busy.c \
	tests/plugins/hostile/channel.c \
	tests/plugins/hostile/argument.c \
	tests/plugins/hostile/consume.c \
	tests/plugins/hostile/crash.c \
	tests/plugins/hostile/escape.c \
	tests/plugins/hostile/file.c \
	tests/plugins/hostile/group.c \
	tests/plugins/hostile/hostile.c tests/plugins/hostile/hostile.h \
	tests/plugins/hostile/known.c \
	tests/plugins/hostile/memory.c \
	tests/plugins/hostile/logs.c \
	tests/plugins/hostile/network.c \
	tests/plugins/hostile/penalty.c \
	tests/plugins/hostile/process.c \
	tests/plugins/hostile/shared.c \
	tests/plugins/hostile/text.c \
	tests/plugins/hostile/time.c \
	tests/plugins/hostile/watch.c

check_LTLIBRARIES += tests/plugins/hostile.la
tests_plugins_hostile_la_SOURCES = $(hostile_sources)
tests_plugins_hostile_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_hostile_la_LIBADD =

check_LTLIBRARIES += tests/plugins/hostile_free.la
tests_plugins_hostile_free_la_SOURCES = $(hostile_sources)
tests_plugins_hostile_free_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNAME='"hostile_free"' -DNEEDS='PRONG_NEEDS_NETWORK | \
	PRONG_NEEDS_PROCESSES | PRONG_NEEDS_THREADS'
tests_plugins_hostile_free_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_hostile_free_la_LIBADD =

check_LTLIBRARIES += tests/plugins/hostile_threads.la
tests_plugins_hostile_threads_la_SOURCES = $(hostile_sources)
tests_plugins_hostile_threads_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNAME='"hostile_threads"' -DNEEDS=PRONG_NEEDS_THREADS
tests_plugins_hostile_threads_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_hostile_threads_la_LIBADD =

check_LTLIBRARIES += tests/plugins/hostile_net.la
tests_plugins_hostile_net_la_SOURCES = $(hostile_sources)
tests_plugins_hostile_net_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNAME='"hostile_net"' -DNEEDS=PRONG_NEEDS_NETWORK
tests_plugins_hostile_net_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_hostile_net_la_LIBADD =

check_LTLIBRARIES += tests/plugins/hostile_jit.la
tests_plugins_hostile_jit_la_SOURCES = $(hostile_sources)
tests_plugins_hostile_jit_la_CPPFLAGS = $(AM_CPPFLAGS) \
	-DNAME='"hostile_jit"' -DNEEDS=PRONG_NEEDS_EXECUTABLE_MEMORY
tests_plugins_hostile_jit_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_hostile_jit_la_LIBADD =

# Goes astray; and the same with the network declared.

check_LTLIBRARIES += tests/plugins/stray.la
tests_plugins_stray_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_stray_la_LIBADD =

check_LTLIBRARIES += tests/plugins/stray_net.la
tests_plugins_stray_net_la_SOURCES = tests/plugins/stray.c
tests_plugins_stray_net_la_CPPFLAGS = $(AM_CPPFLAGS) -DNAME='"stray_net"' \
	-DNEEDS=PRONG_NEEDS_NETWORK
tests_plugins_stray_net_la_LDFLAGS = $(plugin_test_ldflags)
tests_plugins_stray_net_la_LIBADD =
