/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Datagrams whose answer must come from the address that was asked: recvmsg(2) and sendmsg(2)
 * with the control message that tells it, for both families. Any thread.
 */
#include "datagram.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* Room for one control message. */
union control {
	char room[CMSG_SPACE(DATAGRAM_INFO_MAX)];
	struct cmsghdr align;
};

static struct msghdr
message(const struct datagram *d, struct iovec *iov, union control *control, size_t control_size)
{
	return (struct msghdr){
		.msg_name = d->peer,
		.msg_namelen = (socklen_t)d->peer_size,
		.msg_iov = iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = control_size,
	};
}

ssize_t
datagram_take(int fd, const struct datagram *d, uint8_t *buf, size_t size)
{
	union control control;
	struct iovec iov = { buf, size };
	struct msghdr msg = message(d, &iov, &control, sizeof(control));
	ssize_t n = recvmsg(fd, &msg, 0);

	if (n < 0)
		return -errno;
	memset(d->info, 0, d->info_size);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == d->level && c->cmsg_type == d->type)
			memcpy(d->info, CMSG_DATA(c), d->info_size);
	return n;
}

int
datagram_give(int fd, const struct datagram *d, const uint8_t *buf, size_t n)
{
	union control control;
	struct iovec iov = { (void *)(uintptr_t)buf, n };
	struct msghdr msg = message(d, &iov, &control, CMSG_SPACE(d->info_size));
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	memset(&control, 0, sizeof(control));
	c->cmsg_level = d->level;
	c->cmsg_type = d->type;
	c->cmsg_len = CMSG_LEN(d->info_size);
	memcpy(CMSG_DATA(c), d->info, d->info_size);
	return sendmsg(fd, &msg, 0) < 0 ? -errno : 0;
}
