# Runs in: the master.
# Includes: handover, plugin, sandbox, config, base.

src_libprong_core_a_SOURCES += \
	src/master/activation.c src/master/activation.h \
	src/master/control.c src/master/control.h \
	src/master/control_socket.c src/master/control_socket.h \
	src/master/descendant.c src/master/descendant.h \
	src/master/errorlog.c src/master/errorlog.h \
	src/master/generations.c src/master/generations.h \
	src/master/listener.c src/master/listener.h \
	src/master/listeners.c src/master/listeners.h \
	src/master/loader.c src/master/loader.h \
	src/master/logfile.c src/master/logfile.h \
	src/master/master.c src/master/master.h \
	src/master/master_command.c \
	src/master/master_generation.c \
	src/master/master_reload.c \
	src/master/master_reopen.c \
	src/master/master_state.c src/master/master_state.h \
	src/master/master_upgrade.c \
	src/master/notify.c src/master/notify.h
