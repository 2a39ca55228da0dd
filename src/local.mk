# All of the daemon but main.c, for prongd and for the tests to link: a plain
# archive, so that no wrapper script stands between prongd and /proc/self/exe.
#
# To add a module, add the line
#	src/NAME.c src/NAME.h \
# to the list below.

noinst_LIBRARIES += src/libprong-core.a

src_libprong_core_a_SOURCES =

sbin_PROGRAMS = src/prongd
src_prongd_SOURCES = src/main.c
src_prongd_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
src_prongd_LDADD = $(CORE_LIBS)

CORE_LIBS = src/libprong-core.a $(LTDL_LIBS) $(CONFIG_LIBS)
