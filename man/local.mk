# SPDX-License-Identifier: ISC

# To add a page, add its name: man/prongd.8, man/prongd.conf.5 ...
dist_man_MANS = \
	man/prong.1 \
	man/prong-drain.7 \
	man/prong-echo.5 \
	man/prong-flag.5 \
	man/prong-handler.7 \
	man/prong-static.5 \
	man/prong-status.5 \
	man/prongd.8 \
	man/prongd.conf.5

# The pages name the paths of a distribution: see service/local.mk.
.PHONY: install-pages-hook
install-pages-hook:
	$(AM_V_at)for page in $(dist_man_MANS); do \
	  $(with_paths) "$(srcdir)/$$page" \
	    >"$(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/}" || exit; \
	done
