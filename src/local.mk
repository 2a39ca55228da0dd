# All of the daemon but main.c, for prongd and for the tests to link: a plain
# archive, so that no wrapper script stands between prongd and /proc/self/exe.
#
# Each folder has its list in a local.mk of its own. To add a module, add the line
#	src/FOLDER/NAME.c src/FOLDER/NAME.h \
# to that list.
#
# SPDX-License-Identifier: ISC

noinst_LIBRARIES += src/libprong-core.a

src_libprong_core_a_SOURCES = src/once.c src/once.h \
	src/rehearsal.c src/rehearsal.h
EXTRA_DIST += src/order.ld src/README.md src/DECISIONS.md src/TRACE.md

include $(srcdir)/src/base/local.mk
include $(srcdir)/src/fiber/local.mk
include $(srcdir)/src/http/local.mk
include $(srcdir)/src/config/local.mk
include $(srcdir)/src/sandbox/local.mk
include $(srcdir)/src/plugin/local.mk
include $(srcdir)/src/handover/local.mk
include $(srcdir)/src/message/local.mk
include $(srcdir)/src/accesslog/local.mk
include $(srcdir)/src/connection/local.mk
include $(srcdir)/src/worker/local.mk
include $(srcdir)/src/generation/local.mk
include $(srcdir)/src/master/local.mk
include $(srcdir)/src/cli/local.mk

sbin_PROGRAMS = src/prongd
src_prongd_SOURCES = src/main.c
# The unwinder for last words comes with the program: as a library it would be
# mapped in every process.
src_prongd_LDFLAGS = $(AM_LDFLAGS) $(link_ldflags) $(ORDER_LDFLAGS) \
	-XCClinker -static-libgcc
EXTRA_src_prongd_DEPENDENCIES = src/order.ld
src_prongd_LDADD = $(linked_handlers) $(CORE_LIBS)

# A static prongd has its handlers in it, see plugins/local.mk.
if STATIC
link_ldflags = -XCClinker $(STATIC_LDFLAGS)
src_prongd_DEPENDENCIES = $(own_handlers) src/libprong-core.a
else
link_ldflags = $(PIE_LDFLAGS)
endif

CORE_LIBS = src/libprong-core.a $(DAEMON_LIBS)
DAEMON_LIBS = $(OWN_LIBS) $(FIBER_LIBS)
