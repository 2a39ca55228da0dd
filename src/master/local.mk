# Runs in: the master.
# Includes: handover, plugin, sandbox, config, base.
#
# SPDX-License-Identifier: ISC

src_libprong_core_a_SOURCES += \
	src/master/activation.c src/master/activation.h \
	src/master/child.c src/master/child.h \
	src/master/control.c src/master/control.h \
	src/master/control_client.c src/master/control_client.h \
	src/master/control_request.c src/master/control_request.h \
	src/master/control_socket.c src/master/control_socket.h \
	src/master/errorlog.c src/master/errorlog.h \
	src/master/figures.c src/master/figures.h \
	src/master/generation_inputs.c src/master/generation_inputs.h \
	src/master/generation_message.c src/master/generation_message.h \
	src/master/generations.c src/master/generations.h \
	src/master/handshakes.c src/master/handshakes.h \
	src/master/holder.c src/master/holder.h \
	src/master/launch.c src/master/launch.h \
	src/master/listener.c src/master/listener.h \
	src/master/listeners.c src/master/listeners.h \
	src/master/loader.c src/master/loader.h \
	src/master/log_folder.c src/master/log_folder.h \
	src/master/logfile.c src/master/logfile.h \
	src/master/master.c src/master/master.h \
	src/master/master_state.c src/master/master_state.h \
	src/master/notify.c src/master/notify.h \
	src/master/peer.c src/master/peer.h \
	src/master/program.c src/master/program.h \
	src/master/proof.c src/master/proof.h \
	src/master/reload.c src/master/reload.h \
	src/master/reopening.c src/master/reopening.h \
	src/master/restart.c src/master/restart.h \
	src/master/server.c src/master/server.h \
	src/master/server_bulletin.c src/master/server_bulletin.h \
	src/master/server_generation.c src/master/server_generation.h \
	src/master/server_reload.c src/master/server_reload.h \
	src/master/status.c src/master/status.h \
	src/master/stop.c src/master/stop.h \
	src/master/unix_socket.c src/master/unix_socket.h \
	src/master/upgrade.c src/master/upgrade.h
