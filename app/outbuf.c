/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Output that never makes control wait: what the descriptor does not take now stays
 * here until it does. Whoever makes the output looks at outbuf_waiting() before the next
 * piece, so a buffer holds one piece more than OUTBUF_HIGH at most. Memory that a big
 * piece needed is given back when it is gone.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "outbuf.h"

void
outbuf_add(struct outbuf *buf, const void *data, size_t len)
{
	size_t room = buf->room > 0 ? buf->room : 4096;
	char *more;

	if (len == 0 || buf->lost)
		return;
	if (buf->head > 0 && buf->len + len > buf->room) {
		buf->len -= buf->head;
		memmove(buf->data, buf->data + buf->head, buf->len);
		buf->head = 0;
	}
	while (buf->len + len > room)
		room *= 2;
	if (room != buf->room) {
		more = realloc(buf->data, room);
		if (more == NULL) {
			buf->lost = true;
			return;
		}
		buf->data = more;
		buf->room = room;
	}
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

int
outbuf_flush(struct outbuf *buf, int fd)
{
	ssize_t n;

	while (buf->head < buf->len) {
		n = send(fd, buf->data + buf->head, buf->len - buf->head,
			MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == ENOTSOCK)
			n = write(fd, buf->data + buf->head, buf->len - buf->head);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 1 : -errno;
		buf->head += n;
	}
	if (buf->room > OUTBUF_HIGH)
		outbuf_fini(buf);
	buf->head = buf->len = 0;
	return 0;
}

size_t
outbuf_waiting(const struct outbuf *buf)
{
	return buf->len - buf->head;
}

void
outbuf_fini(struct outbuf *buf)
{
	bool lost = buf->lost;

	free(buf->data);
	*buf = (struct outbuf){ .lost = lost };
}
