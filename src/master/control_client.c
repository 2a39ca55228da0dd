/* SPDX-License-Identifier: ISC */
#include "master/control_client.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fdpass.h"
#include "base/log.h"

/*
 * Before Linux 6.16 a message can have descriptors (unix_socket.h), and the last
 * reference to a socket with SO_LINGER ends a read or a close of this process in a
 * wait. A signal ends that wait.
 */

#define HURRY_US 5000

static void
do_nothing(int signal)
{
	(void)signal;
}

static void
set_hurry(void (*handler)(int), int us)
{
	const struct sigaction action = { .sa_handler = handler };
	const struct timeval interval = { 0, us };
	const struct itimerval timer = { interval, interval };

	if (us > 0)
		sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	if (us == 0)
		sigaction(SIGALRM, &action, NULL);
}

void
control_client_close(int fd)
{
	set_hurry(do_nothing, HURRY_US);
	close(fd);
	set_hurry(SIG_DFL, 0);
}

static ssize_t
receive_at_once(int fd, char *message, size_t size)
{
	ssize_t n;
	int saved;

	set_hurry(do_nothing, HURRY_US);
	n = recv(fd, message, size, MSG_DONTWAIT);
	saved = errno;
	set_hurry(SIG_DFL, 0);
	errno = saved;
	return n;
}

void
control_client_drop(struct control_client *client)
{
	control_client_close(client->fd);
	*client = CONTROL_CLIENT_FREE;
}

bool
control_client_pass(struct control_client *client, const char *message,
    const int *fds, size_t count)
{
	const struct iovec iov = { (void *)(uintptr_t)message,
		strlen(message) };

	if (fdpass_send(client->fd, &iov, 1, fds, count, MSG_DONTWAIT) >= 0)
		return true;
	control_client_drop(client);
	return false;
}

bool
control_client_tell(struct control_client *client, const char *message)
{
	return control_client_pass(client, message, NULL, 0);
}

void
control_client_end(struct control_client *client, int status)
{
	char message[32];

	snprintf(message, sizeof(message), "end %d", status);
	if (control_client_tell(client, message))
		control_client_drop(client);
}

void
control_client_tell_and_end(struct control_client *client, const char *message,
    int status)
{
	if (control_client_tell(client, message))
		control_client_end(client, status);
}

/* Once it has asked: what is left unread would end the connection before the
 * message is read. */
static void
refuse(struct control_client *client)
{
	char message[128];

	log_warning("control socket: a request is refused: %s",
	    client->refusal);
	snprintf(message, sizeof(message), "say error: %s", client->refusal);
	control_client_tell_and_end(client, message, 1);
}

static bool
take_request(struct control_client *client, char *message)
{
	client->request = control_request_parse(message);
	client->has_asked = client->request.topic != CONTROL_NOTHING;
	if (!client->has_asked)
		control_client_tell_and_end(client,
		    "say error: this prongd does not know that request", 2);
	return client->has_asked;
}

bool
control_client_receive(struct control_client *client)
{
	char message[128];
	ssize_t n = receive_at_once(client->fd, message, sizeof(message) - 1);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		control_client_drop(client);
		return false;
	}
	if (client->refusal) {
		refuse(client);
		return false;
	}
	if (client->request.topic != CONTROL_NOTHING)
		return false;
	message[n] = '\0';
	return take_request(client, message);
}
