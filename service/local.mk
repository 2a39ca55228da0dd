# What a service manager and logrotate read. Each file is installed into the
# folder that --with-... of configure names, if it names one.
#
# SPDX-License-Identifier: ISC

EXTRA_DIST += \
	service/prong.logrotate \
	service/prong.service \
	service/prong.socket \
	service/prong.sysusers \
	service/prong.tmpfiles

# The sources have the paths of a distribution. What is installed has those of
# this build.
with_paths = sed \
	-e 's,/etc/prong,$(sysconfdir)/prong,g' \
	-e 's,/run/prong,$(runstatedir)/prong,g' \
	-e 's,/usr/bin/prong,$(bindir)/prong,g' \
	-e 's,/usr/sbin/prongd,$(sbindir)/prongd,g' \
	-e 's,/var/lib/prong,$(localstatedir)/lib/prong,g' \
	-e 's,/var/log/prong,$(localstatedir)/log/prong,g'

# SOURCE:FOLDER:NAME, for each of them.
service_targets = \
	'logrotate:$(logrotatedir):prong' \
	'service:$(systemdsystemunitdir):prong.service' \
	'socket:$(systemdsystemunitdir):prong.socket' \
	'sysusers:$(sysusersdir):prong.conf' \
	'tmpfiles:$(tmpfilesdir):prong.conf'
split_target = from=$${target%%:*}; folder=$${target%:*}; \
	folder=$${folder\#*:}; to=$${target\#\#*:}; \
	test -n "$$folder" || continue

.PHONY: install-service-hook uninstall-service-hook
install-service-hook:
	$(AM_V_at)for target in $(service_targets); do \
	  $(split_target); \
	  $(MKDIR_P) "$(DESTDIR)$$folder" || exit; \
	  $(with_paths) "$(srcdir)/service/prong.$$from" \
	    >"$(DESTDIR)$$folder/$$to" || exit; \
	  chmod 644 "$(DESTDIR)$$folder/$$to" || exit; \
	done
uninstall-service-hook:
	$(AM_V_at)for target in $(service_targets); do \
	  $(split_target); \
	  rm -f "$(DESTDIR)$$folder/$$to" || exit; \
	done
