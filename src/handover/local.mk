# Runs in: the master and its generations, on either side.
# Includes: plugin, sandbox, config, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/handover/command.c src/handover/command.h \
	src/handover/handover.c src/handover/handover.h \
	src/handover/identity_line.c src/handover/identity_line.h \
	src/handover/manifest.c src/handover/manifest.h \
	src/handover/manifest_io.c src/handover/manifest_io.h \
	src/handover/protocol.c src/handover/protocol.h \
	src/handover/snapshot.c src/handover/snapshot.h
