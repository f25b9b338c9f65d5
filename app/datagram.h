/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DATAGRAM_H
#define DATAGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** The two ends of a datagram, as the socket's family has them. */
struct datagram {
	void *peer; /**< its socket address */
	size_t peer_size;
	int level, type; /**< of the control message that tells our end: IP_PKTINFO, IPV6_PKTINFO */
	void *info; /**< that message's structure */
	size_t info_size; /**< at most DATAGRAM_INFO_MAX */
};

#define DATAGRAM_INFO_MAX 32

/** Take one; the structures are filled, info with zeros when the kernel tells nothing. Its size,
 * or -errno. */
ssize_t datagram_take(int fd, const struct datagram *d, uint8_t *buf, size_t size);

/** Send one, from our end to the peer; 0 or -errno. */
int datagram_give(int fd, const struct datagram *d, const uint8_t *buf, size_t n);

#endif /* DATAGRAM_H */
