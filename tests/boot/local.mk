# The packages under systemd: needs root and Debian's mirror. Not part of
# "make check".
#
# SPDX-License-Identifier: ISC

EXTRA_DIST += tests/boot/boot tests/boot/checks.t

boot-check: distdir
	$(AM_V_at)$(srcdir)/tests/boot/boot "$(abs_builddir)/$(distdir)"
	$(AM_V_at)$(am__remove_distdir)

.PHONY: boot-check
