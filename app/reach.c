/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How sluicectl reaches a box: the client's end of what stands at the head of ctl.c.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "reach.h"

int
reach_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "sluicectl: %s: the name is too long for a socket\n", path);
	} else if (fd >= 0) {
		memcpy(addr.sun_path, path, strlen(path));
		if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
			return fd;
		fprintf(stderr, "sluicectl: %s: %s\n", path,
			errno == ECONNREFUSED ? "the sluice that made it is gone"
					      : strerror(errno));
	} else {
		fprintf(stderr, "sluicectl: %s\n", strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool
send_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

/* Copy len bytes of an answer. */
static bool
copy(FILE *from, size_t len, FILE *to)
{
	char buf[16384];

	while (len > 0) {
		size_t n = fread(buf, 1, len < sizeof(buf) ? len : sizeof(buf), from);

		if (n == 0)
			return false;
		fwrite(buf, 1, n, to);
		len -= n;
	}
	fflush(to);
	return true;
}

int
reach_answer(FILE *from)
{
	char line[64];
	size_t n;

	while (fgets(line, sizeof(line), from) != NULL) {
		if (sscanf(line, "s %zu", &n) == 1)
			return (int)n;
		if (sscanf(line, "%*1[oe] %zu", &n) != 1)
			break;
		if (!copy(from, n, line[0] == 'o' ? stdout : stderr))
			break;
		/* Nobody reads: the rest is not worth waiting for. */
		if (ferror(stdout))
			return EPIPE;
	}
	fprintf(stderr,
		"sluicectl: the connection broke off: sluice has ended, its log tells why\n");
	return -1;
}

bool
reach_send(int fd, const char *flags, const char *name, const char *text, size_t len)
{
	char head[640];

	snprintf(head, sizeof(head), "sluice1 %s %zu %.512s\n", flags, len, name);
	return send_all(fd, head, strlen(head)) && send_all(fd, text, len);
}

int
reach_ask(int fd, FILE *from, const char *flags, const char *name, const char *text, size_t len)
{
	if (len > REACH_MAX) {
		fprintf(stderr, "sluicectl: %s: too long, at most 4 MiB are taken\n", name);
		return EFBIG;
	}
	/* When sending fails, the answer, if there is one, tells why. */
	reach_send(fd, flags, name, text, len);
	return reach_answer(from);
}
