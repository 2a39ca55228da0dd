/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/control_protocol.h"
#include "handover/manifest_io.h"
#include "master/control.h"

static char folder[32], path[64];

static void
make_folder(void)
{
	strcpy(folder, "/tmp/prong-control-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/run/control", folder);
}

static void
remove_folder(void)
{
	char run[64];

	unlink(path);
	snprintf(run, sizeof(run), "%s/run", folder);
	ck_assert_int_eq(rmdir(run), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}

static int
connect_to(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	strcpy(un.sun_path, path);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	return fd;
}

/* Once round, as the master's loop goes. */
static void
turn(struct control *c)
{
	struct pollfd fds[CONTROL_POLL_MAX];
	size_t n = control_poll_set(c, fds);

	ck_assert_int_ge(poll(fds, n, 10000), 0);
	control_polled(c, fds);
}

static const char *
saved(struct control *c)
{
	static char text[4096];
	struct manifest_writer w;
	ssize_t n;
	int fd;

	manifest_writer_init(&w, "saved", MANIFEST_FOR_UPGRADE);
	control_save(c, &w);
	fd = manifest_writer_finish(&w);
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

static const char *
hear(int fd)
{
	static char message[CONTROL_MESSAGE_BYTES];
	ssize_t n = recv(fd, message, sizeof(message) - 1, 0);

	message[n > 0 ? n : 0] = '\0';
	return message;
}

/* This process is one of the master's own. */
START_TEST(who_is_refused_is_so_after_an_upgrade)
{
	struct control *c = control_new();
	struct control_request request;
	int fd;

	make_folder();
	ck_assert_int_eq(control_open(c, path, (gid_t)-1, false), 0);
	ck_assert_ptr_nonnull(strstr(saved(c), "control-socket-fd "));
	fd = connect_to();
	turn(c);
	ck_assert_ptr_null(strstr(saved(c), "client"));
	ck_assert_int_eq(send(fd, "stop", 4, 0), 4);
	turn(c);
	ck_assert(!control_take(c, &request));
	ck_assert_str_eq(hear(fd),
	    "say error: no process of prongd's own may ask");
	ck_assert_str_eq(hear(fd), "end 1");
	control_close(c);
	control_drop(c);
	remove_folder();
}
END_TEST

/* The master is a child of this one, which may ask therefore. */
static pid_t
start_master(int *told)
{
	int ends[2];
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		struct control *c = control_new();
		struct control_request request;

		if (control_open(c, path, (gid_t)-1, false) < 0 ||
		    write(ends[1], "x", 1) != 1)
			_exit(1);
		do
			turn(c);
		while (!control_take(c, &request));
		dprintf(ends[1], "%d %lld\n%s", (int)request.topic,
		    (long long)request.time_ms, saved(c));
		control_end(c, request.topic, 7);
		control_close(c);
		_exit(0);
	}
	close(ends[1]);
	*told = ends[0];
	return pid;
}

static const struct {
	const char *request;
	enum control_topic topic; /* NOTHING: refused */
	int64_t time_ms;
} requests[] = {
	{ "status", CONTROL_STATUS, 0 },
	{ "reload", CONTROL_NEXT_RELOAD, 0 },
	{ "upgrade", CONTROL_UPGRADE, 0 },
	{ "reopen", CONTROL_REOPEN, 0 },
	{ "stop", CONTROL_STOP, 0 },
	{ "stop now", CONTROL_STOP_NOW, 0 },
	{ "drain 0", CONTROL_DRAIN, 0 },
	{ "drain 10000", CONTROL_DRAIN, 10000 },
	{ "drain 9223372036854775807", CONTROL_NOTHING, 0 },
	{ "drain 99999999999999999999", CONTROL_NOTHING, 0 },
	{ "drain -1", CONTROL_NOTHING, 0 },
	{ "drain 10 s", CONTROL_NOTHING, 0 },
	{ "drain x", CONTROL_NOTHING, 0 },
	{ "stop  now", CONTROL_NOTHING, 0 },
	{ "reload\n", CONTROL_NOTHING, 0 },
	{ "x", CONTROL_NOTHING, 0 },
};

START_TEST(requests_are_understood)
{
	const char *request = requests[_i].request;
	char text[4096], want[64];
	int told, fd, status;
	pid_t pid;
	ssize_t n;

	make_folder();
	pid = start_master(&told);
	ck_assert_int_eq(read(told, text, 1), 1);
	fd = connect_to();
	ck_assert_int_eq(send(fd, request, strlen(request), 0),
	    strlen(request));
	if (requests[_i].topic == CONTROL_NOTHING) {
		ck_assert_str_eq(hear(fd),
		    "say error: this prongd does not know that request");
		ck_assert_str_eq(hear(fd), "end 2");
		/* It goes on. */
		fd = connect_to();
		ck_assert_int_eq(send(fd, "status", 6, 0), 6);
		ck_assert_str_eq(hear(fd), "end 7");
	} else {
		ck_assert_str_eq(hear(fd), "end 7");
		n = read(told, text, sizeof(text) - 1);
		ck_assert_int_gt(n, 0);
		text[n] = '\0';
		snprintf(want, sizeof(want), "%d %lld\n",
		    (int)requests[_i].topic, (long long)requests[_i].time_ms);
		ck_assert_int_eq(strncmp(text, want, strlen(want)), 0);
		/* Another release would go on with it. */
		ck_assert_ptr_nonnull(strstr(text, "\nclient-fd "));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	remove_folder();
}
END_TEST

static ino_t
inode(void)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

START_TEST(a_socket_that_was_removed_is_made_again)
{
	struct control *c = control_new();
	ino_t before;

	make_folder();
	ck_assert_int_eq(control_open(c, path, (gid_t)-1, false), 0);
	before = inode();
	ck_assert_int_eq(control_open(c, path, (gid_t)-1, false), 0);
	ck_assert_int_eq(inode(), before);
	remove_folder();
	ck_assert_int_eq(mkdir(folder, 0700), 0);
	ck_assert_int_eq(control_open(c, path, (gid_t)-1, false), 0);
	ck_assert_int_ne(inode(), 0);
	close(connect_to());
	turn(c);
	control_close(c);
	ck_assert_int_eq(inode(), 0);
	control_drop(c);
	remove_folder();
}
END_TEST

START_TEST(another_ones_socket_stays)
{
	struct control *first = control_new(), *second = control_new();

	make_folder();
	ck_assert_int_eq(control_open(first, path, (gid_t)-1, false), 0);
	ck_assert_int_lt(control_open(second, path, (gid_t)-1, true), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(control_open(second, path, (gid_t)-1, false), 0);
	/* What stands there is not the first one's any more. */
	ck_assert_int_lt(control_open(first, path, (gid_t)-1, true), 0);
	control_close(first);
	ck_assert_int_ne(inode(), 0);
	close(connect_to());
	control_close(second);
	ck_assert_int_eq(inode(), 0);
	control_drop(first);
	control_drop(second);
	remove_folder();
}
END_TEST

/* Whoever reads or closes them would wait as long as their maker likes. */
START_TEST(descriptors_are_refused)
{
	static const int option = 83; /* SO_PASSRIGHTS, since Linux 6.16 */
	struct control *c = control_new();
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} rights = { .header = { .cmsg_level = SOL_SOCKET,
			 .cmsg_type = SCM_RIGHTS,
			 .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec request = { (char[]){ "status" }, 6 };
	struct msghdr message = { .msg_iov = &request,
		.msg_iovlen = 1,
		.msg_control = &rights,
		.msg_controllen = sizeof(rights) };
	int fd, on = 0;
	socklen_t length = sizeof(on);

	make_folder();
	ck_assert_int_eq(control_open(c, path, (gid_t)-1, false), 0);
	fd = connect_to();
	memcpy(CMSG_DATA(&rights.header), &fd, sizeof(fd));
	if (getsockopt(fd, SOL_SOCKET, option, &on, &length) == 0) {
		ck_assert_int_lt(sendmsg(fd, &message, MSG_NOSIGNAL), 0);
		ck_assert_int_eq(errno, EPERM);
		turn(c);
		ck_assert_int_lt(sendmsg(fd, &message, MSG_NOSIGNAL), 0);
		ck_assert_int_eq(errno, EPERM);
	}
	close(fd);
	control_close(c);
	control_drop(c);
	remove_folder();
}
END_TEST

START_TEST(what_was_saved_is_restored)
{
	static const char *const wrong[] = { "", "/path", "1 2 /path",
		"-2 1 2 /path", "x 1 2 /path" };
	struct control *c = control_new(), *next = control_new();
	char values[256];
	size_t i;
	int fd;

	make_folder();
	ck_assert_int_eq(control_open(c, path, (gid_t)-1, false), 0);
	ck_assert_int_eq(sscanf(saved(c), "control-socket-fd %d %255[^\n]", &fd,
			     values),
	    2);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert(!control_restore_listener(next, fd, wrong[i]));
	ck_assert(control_restore_listener(next, fd, values));
	/* Nothing is to be made anew. */
	ck_assert_int_eq(control_open(next, path, (gid_t)-1, false), 0);
	ck_assert_str_eq(strchr(saved(next), ' ') + 1,
	    strchr(saved(c), ' ') + 1);
	ck_assert(!control_restore_client(next, 0, -1));
	ck_assert(!control_restore_client(next, 0, CONTROL_FIGURES + 1));
	control_close(next);
	ck_assert_int_eq(inode(), 0);
	free(c);
	control_drop(next);
	remove_folder();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("control");
	TCase *tests = tcase_create("control");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tests, who_is_refused_is_so_after_an_upgrade);
	tcase_add_loop_test(tests, requests_are_understood, 0,
	    sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(tests, a_socket_that_was_removed_is_made_again);
	tcase_add_test(tests, another_ones_socket_stays);
	tcase_add_test(tests, descriptors_are_refused);
	tcase_add_test(tests, what_was_saved_is_restored);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
