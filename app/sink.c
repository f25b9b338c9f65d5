/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where records leave the box: a connected datagram socket, UDP to a collector or the local
 * syslog socket. Nothing here waits. What the socket does not take at once is lost, and
 * counted as lost: a law that wants every record is served by a collector that is there, not
 * by a box that stops forwarding.
 *
 * Life: sink_init() opens; when that fails, or when sending fails in a way that only a new
 * socket mends (the source address is gone, syslogd was restarted), sink_tick() opens it again,
 * once a second. Trouble is remembered for CALM_S seconds: that a datagram was taken proves
 * nothing.
 *
 * An error that arrives later (ICMP: nobody listens, no route) is told by the next send()
 * instead of sending. It is about the datagram before, whose records turn from sent to lost,
 * and this one is sent again. The kernel limits how often it is told, so with an absent
 * collector most records still count as sent: UDP knows no better, IPFIX sequence numbers do.
 *
 * Path MTU: the kernel may fragment, a log in two pieces is better than none.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sink.h"

#define SEND_BUFFER (1 << 20) /* bytes; the kernel cuts it to net.core.wmem_max */
#define LOCAL_SOCKET "/dev/log"
#define CALM_S 10

static int
connect_local(int fd)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = LOCAL_SOCKET };

	return connect(fd, (struct sockaddr *)&to, sizeof(to));
}

static int
connect_udp(int fd, const struct sl_log_sink *sink)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = sink->port, .sin_addr.s_addr = sink->addr
	};
	int fragment = IP_PMTUDISC_DONT;

	setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &fragment, sizeof(fragment));
	return connect(fd, (struct sockaddr *)&to, sizeof(to));
}

static void
open_socket(struct sink *sink)
{
	bool local = sink->to.kind == SL_LOG_SYSLOG_LOCAL;
	int size = SEND_BUFFER, rc;

	sink->fd = socket(local ? AF_UNIX : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sink->fd < 0) {
		sink->error = errno;
		return;
	}
	setsockopt(sink->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	rc = local ? connect_local(sink->fd) : connect_udp(sink->fd, &sink->to);
	if (rc == 0) {
		sink->error = 0;
		return;
	}
	sink->error = errno;
	sink_fini(sink);
}

void
sink_init(struct sink *sink, const struct sl_log_sink *to)
{
	*sink = (struct sink){ .to = *to, .fd = -1 };
	open_socket(sink);
}

void
sink_fini(struct sink *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	sink->fd = -1;
	sink->last = 0;
}

bool
sink_tick(struct sink *sink)
{
	if (sink->fd >= 0) {
		if (++sink->calm >= CALM_S)
			sink->error = 0;
		return false;
	}
	open_socket(sink);
	return sink->fd >= 0;
}

/* Is the error about a datagram that left earlier? */
static bool
is_late(const struct sink *sink, int error)
{
	return sink->to.kind != SL_LOG_SYSLOG_LOCAL &&
	       (error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH);
}

/* Is the socket as good as before? */
static bool
is_passing(const struct sink *sink, int error)
{
	return error == EAGAIN || error == ENOBUFS || error == ENOMEM || error == EMSGSIZE ||
	       error == EINTR || error == EPERM || is_late(sink, error);
}

static void
note_trouble(struct sink *sink, int error)
{
	sink->error = error;
	sink->calm = 0;
}

void
sink_send(struct sink *sink, const void *data, size_t len, unsigned int n)
{
	ssize_t rc = -1;

	if (sink->fd >= 0)
		rc = send(sink->fd, data, len, MSG_NOSIGNAL);
	if (rc < 0 && sink->fd >= 0 && is_late(sink, errno)) {
		note_trouble(sink, errno);
		sink->sent -= sink->last;
		sink->lost += sink->last;
		rc = send(sink->fd, data, len, MSG_NOSIGNAL);
	}
	if (rc >= 0) {
		sink->sent += n;
		sink->last = n;
		return;
	}
	sink->lost += n;
	sink->last = 0;
	if (sink->fd < 0)
		return;
	note_trouble(sink, errno);
	if (!is_passing(sink, sink->error))
		sink_fini(sink);
}
