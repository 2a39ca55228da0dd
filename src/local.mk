# All of the daemon but main.c, for prongd and for the tests to link: a plain
# archive, so that no wrapper script stands between prongd and /proc/self/exe.
#
# To add a module, add the line
#	src/NAME.c src/NAME.h \
# to the list below.

noinst_LIBRARIES += src/libprong-core.a

src_libprong_core_a_SOURCES = \
	src/acceptor.c src/acceptor.h \
	src/address.c src/address.h \
	src/children.c src/children.h \
	src/chunked.c src/chunked.h \
	src/conditional.c src/conditional.h \
	src/date.c src/date.h \
	src/fields.c src/fields.h \
	src/generation.c src/generation.h \
	src/handover.c src/handover.h \
	src/http.c src/http.h \
	src/listener.c src/listener.h \
	src/log.c src/log.h \
	src/master.c src/master.h \
	src/notify.c src/notify.h \
	src/once.c src/once.h \
	src/peers.c src/peers.h \
	src/ranges.c src/ranges.h \
	src/refusal.c src/refusal.h \
	src/scoreboard.c src/scoreboard.h \
	src/signals.c src/signals.h \
	src/slice.c src/slice.h \
	src/title.c src/title.h \
	src/uri.c src/uri.h \
	src/uri_host.c \
	src/uri_octets.c src/uri_octets.h \
	src/uri_path.c \
	src/clock.h \
	src/memory.h \
	src/rarely.h

sbin_PROGRAMS = src/prongd
src_prongd_SOURCES = src/main.c
src_prongd_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
src_prongd_LDADD = $(CORE_LIBS)

CORE_LIBS = src/libprong-core.a $(LTDL_LIBS) $(CONFIG_LIBS)
