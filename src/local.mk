# All of the daemon but main.c, for prongd and for the tests to link: a plain
# archive, so that no wrapper script stands between prongd and /proc/self/exe.
#
# To add a module, add the line
#	src/NAME.c src/NAME.h \
# to the list below.

noinst_LIBRARIES += src/libprong-core.a

src_libprong_core_a_SOURCES = \
	src/acceptor.c src/acceptor.h \
	src/accesslog.c src/accesslog.h src/accesslog_parts.h \
	src/accesslog_format.c \
	src/accesslog_json.c \
	src/accesslog_line.c \
	src/activation.c src/activation.h \
	src/address.c src/address.h \
	src/arena.c src/arena.h \
	src/batch.c src/batch.h \
	src/body.c src/body.h \
	src/children.c src/children.h \
	src/chunked.c src/chunked.h \
	src/command.c src/command.h \
	src/conditional.c src/conditional.h \
	src/configuration.c src/configuration.h src/configuration_parts.h \
	src/configuration_listen.c \
	src/configuration_server.c \
	src/connection.c src/connection.h src/connection_state.h \
	src/connection_head.c \
	src/connection_proxy.c \
	src/content.c src/content.h \
	src/contract.c src/contract.h \
	src/control.c src/control.h \
	src/control_socket.c src/control_socket.h \
	src/core.c src/core.h \
	src/crashes.c src/crashes.h \
	src/date.c src/date.h \
	src/descendant.c src/descendant.h \
	src/dispatch.c src/dispatch.h \
	src/dropped.c src/dropped.h \
	src/errorlog.c src/errorlog.h \
	src/errorpage.c src/errorpage.h \
	src/fields.c src/fields.h \
	src/filter.c src/filter.h \
	src/generation.c src/generation.h \
	src/goodset.c src/goodset.h \
	src/guest.c src/guest.h \
	src/handback.c src/handback.h \
	src/handler_file.c src/handler_file.h \
	src/handler_log.c src/handler_log.h \
	src/handler_state.c src/handler_state.h \
	src/handover.c src/handover.h \
	src/http.c src/http.h src/http_write.c \
	src/input.c src/input.h \
	src/landlock.c src/landlock.h \
	src/lastwords.c src/lastwords.h \
	src/limit.c src/limit.h \
	src/leftover.c src/leftover.h \
	src/lineage.c src/lineage.h \
	src/listener.c src/listener.h \
	src/listeners.c src/listeners.h \
	src/log.c src/log.h \
	src/logfile.c src/logfile.h \
	src/logline.c src/logline.h \
	src/master.c src/master.h src/master_state.c src/master_state.h \
	src/master_command.c \
	src/master_generation.c \
	src/master_reload.c \
	src/master_reopen.c \
	src/master_upgrade.c \
	src/memfd.c src/memfd.h \
	src/methods.c src/methods.h \
	src/netio.c src/netio.h \
	src/notify.c src/notify.h \
	src/object.c src/object.h \
	src/once.c src/once.h \
	src/opening.c src/opening.h \
	src/option.c src/option.h \
	src/option_check.c \
	src/overdue.c src/overdue.h \
	src/passing.c src/passing.h \
	src/peers.c src/peers.h \
	src/penalty.c src/penalty.h \
	src/permission.c src/permission.h \
	src/plugin.c src/plugin.h \
	src/policy.c src/policy.h \
	src/privilege.c src/privilege.h \
	src/processes.c src/processes.h \
	src/proxy.c src/proxy.h \
	src/quantity.c src/quantity.h \
	src/quota.c src/quota.h \
	src/ranges.c src/ranges.h \
	src/reading.c src/reading.h \
	src/refusal.c src/refusal.h \
	src/report.c src/report.h \
	src/request.c src/request.h \
	src/response.c src/response.h \
	src/responsehead.c src/responsehead.h \
	src/route.c src/route.h \
	src/sandbox.c src/sandbox.h \
	src/sandbox_print.c \
	src/sanitizer.c src/sanitizer.h \
	src/scoreboard.c src/scoreboard.h \
	src/secrets.c src/secrets.h \
	src/selection.c src/selection.h \
	src/sender.c src/sender.h \
	src/service.c src/service.h \
	src/setting.c src/setting.h \
	src/signals.c src/signals.h \
	src/site.c src/site.h \
	src/site_route.c src/site_route.h \
	src/slice.c src/slice.h \
	src/sources.c src/sources.h \
	src/stall.c src/stall.h \
	src/status.c src/status.h \
	src/syntax.c src/syntax.h \
	src/title.c src/title.h \
	src/trial.c src/trial.h \
	src/uri.c src/uri.h \
	src/uri_host.c \
	src/uri_octets.c src/uri_octets.h \
	src/uri_path.c \
	src/clock.h \
	src/unforked.h \
	src/pace.h \
	src/rarely.h

sbin_PROGRAMS = src/prongd
src_prongd_SOURCES = src/main.c
# The unwinder for last words comes with the program: as a library it would be
# mapped in every process.
src_prongd_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS) -XCClinker -static-libgcc
src_prongd_LDADD = $(CORE_LIBS)

bin_PROGRAMS = src/prong
src_prong_SOURCES = src/prong.c src/prong_answer.c src/prong_answer.h
src_prong_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
src_prong_LDADD = src/libprong-core.a

CORE_LIBS = src/libprong-core.a $(LTDL_LIBS) $(CONFIG_LIBS) $(SECCOMP_LIBS)
