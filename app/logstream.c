/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where log lines go: standard output and the local syslog, as EAL sends them, but nobody
 * waits. EAL's own stream blocks when a pipe is full that nobody reads, or when syslogd has
 * stopped, and with it control would: no route, no neighbour, no helper any more, for the sake of
 * a line of text. Here a line that is not taken at once is lost for that place, and counted;
 * when lines are taken again, the first one says how many were lost.
 *
 * A pipe that poll(2) calls writable takes PIPE_BUF bytes whole, a socket is written to without
 * waiting, a full disk refuses. A terminal that is stopped (Ctrl-S) refuses as a full pipe does.
 *
 * Where standard output is the journal of systemd(1), which reads syslog as well, a line goes by
 * syslog alone, which tells its severity.
 *
 * Any thread may log: DPDK's have their own, and stdio's lock on the stream is between them.
 * Facility is daemon, severity that of the line.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syslog.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_log.h>

#include "logstream.h"

#define LOCAL_SOCKET "/dev/log"
#define LINE_MAX_SENT 1024

static struct {
	FILE *stream;
	int local; /* connected to syslogd, or -1 */
	bool journal; /* standard output ends where syslog does */
	uint64_t lost; /* lines that some place did not take; w: under the stream's lock */
	uint64_t told; /* of them, those that standard output knows of */
} out = { .local = -1 };

/* All of it, now; false when that cannot be. */
static bool
write_now(int fd, const char *text, size_t size)
{
	while (size > 0) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };
		size_t piece = RTE_MIN(size, (size_t)PIPE_BUF);
		ssize_t n;

		if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0)
			return false;
		n = send(fd, text, piece, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, text, piece);
		if (n <= 0)
			return false;
		text += n;
		size -= (size_t)n;
	}
	return true;
}

static bool
connect_local(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = LOCAL_SOCKET };

	if (out.local >= 0)
		return true;
	out.local = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (out.local < 0 || connect(out.local, (struct sockaddr *)&to, sizeof(to)) == 0)
		return out.local >= 0;
	close(out.local);
	out.local = -1;
	return false;
}

/* A syslogd that is not there has no say; one that does not take the line has lost it. */
static bool
send_local(const char *text, size_t size)
{
	char line[LINE_MAX_SENT];
	int level = rte_log_cur_msg_loglevel(), len;

	if (!connect_local())
		return true;
	level = level > 0 ? level - 1 : LOG_INFO;
	len = snprintf(line, sizeof(line), "<%d>sluice[%d]: %.*s", LOG_DAEMON | level,
		(int)getpid(), (int)size, text);
	len = (int)RTE_MIN((size_t)len, sizeof(line) - 1);
	if (send(out.local, line, (size_t)len, MSG_NOSIGNAL) >= 0 || errno == EMSGSIZE)
		return true;
	if (errno != EAGAIN && errno != ENOBUFS) {
		close(out.local); /* it has gone; the next line looks for another one */
		out.local = -1;
	}
	return false;
}

static ssize_t
on_write(void *arg, const char *text, size_t size)
{
	uint64_t lost = out.lost - out.told;
	char line[64];
	bool here = true;
	int len;

	RTE_SET_USED(arg);
	if (lost > 0) {
		len = snprintf(line, sizeof(line), "sluice: %llu lines of the log were lost\n",
			(unsigned long long)lost);
		here = write_now(STDOUT_FILENO, line, (size_t)len);
		out.told += here ? lost : 0;
	}
	if (!out.journal || !connect_local())
		here = here && write_now(STDOUT_FILENO, text, size);
	if (!send_local(text, size) || !here)
		__atomic_fetch_add(&out.lost, 1, __ATOMIC_RELAXED);
	return (ssize_t)size;
}

/* systemd.exec(5): device and inode of the stream that it has made. */
static bool
is_journal(int fd)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream != NULL && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(fd, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

int
logstream_create(void)
{
	const cookie_io_functions_t functions = { .write = on_write };

	out.stream = fopencookie(NULL, "w", functions);
	if (out.stream == NULL)
		return -ENOMEM;
	fflush(stdout);
	out.journal = is_journal(STDOUT_FILENO);
	return rte_openlog_stream(out.stream);
}

uint64_t
logstream_lost(void)
{
	return __atomic_load_n(&out.lost, __ATOMIC_RELAXED);
}

void
logstream_destroy(void)
{
	if (out.stream == NULL)
		return;
	rte_openlog_stream(NULL);
	fclose(out.stream);
	out.stream = NULL;
	if (out.local >= 0)
		close(out.local);
	out.local = -1;
}
