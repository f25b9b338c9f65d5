/* SPDX-License-Identifier: BSD-3-Clause
 *
 * An exception TAP: an interface of the Linux kernel that stands for a port of the box.
 *
 * Frames written here are what the kernel receives, frames read here are what it sends.
 * The interface lives as long as its descriptor: whatever ends the process takes it away,
 * and with it every address, route and neighbour that was put there. Its settings make it
 * a host's interface, not a router's: forwarding is done by the workers, and a packet that
 * came by exception must not take a second way through the kernel.
 *
 * Control lcore only. Limits: one system call for each frame, which the policer of punts
 * keeps few; the queue towards us is the kernel's (1000 frames), then it drops.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "log.h"
#include "tap.h"

#define SEGMENTS_MAX 64

/* What differs from the kernel's defaults, below /proc/sys/net. */
static const struct setting {
	const char *family, *key, *value;
} settings[] = {
	/* Forwarding is the workers' business. */
	{ "ipv4", "forwarding", "0" },
	{ "ipv6", "forwarding", "0" },
	/* Answer and ask by ARP only with addresses of the interface itself. */
	{ "ipv4", "arp_ignore", "1" },
	{ "ipv4", "arp_announce", "2" },
	{ "ipv4", "proxy_arp", "0" },
	/* Tell neighbours when the link or the MAC address comes back. */
	{ "ipv4", "arp_notify", "1" },
	/* Loose: the way back may lead through another interface, it must only exist. */
	{ "ipv4", "rp_filter", "2" },
	/* Deleting the first address of a network must not take the others with it. */
	{ "ipv4", "promote_secondaries", "1" },
	/* The box is a router on this link and takes no advice from others. */
	{ "ipv4", "accept_redirects", "0" },
	{ "ipv4", "send_redirects", "0" },
	{ "ipv4", "accept_source_route", "0" },
	/*
	 * No duplicate address detection (RFC 4862 section 5.1 lets it be off): it takes two
	 * seconds in which a client gets no answer, and where a port stands on an interface of
	 * this kernel (net_tap) that has the same MAC and so the same link-local address,
	 * they find each other, and the box would lose its own.
	 */
	{ "ipv6", "accept_dad", "0" },
	{ "ipv6", "accept_ra", "0" },
	{ "ipv6", "accept_redirects", "0" },
};

static int
write_setting(const char *name, const struct setting *s)
{
	char path[128];
	int fd, rc = 0;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", s->family, name, s->key);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, s->value, strlen(s->value)) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

static void
write_settings(const char *name)
{
	const char *key = NULL;
	unsigned int failed = 0;
	int why = 0;

	for (size_t i = 0; i < RTE_DIM(settings); i++) {
		int rc = write_setting(name, &settings[i]);

		/* A kernel without IPv6 has no such directory, and needs no setting. */
		if (rc == 0 || (rc == -ENOENT && settings[i].family[3] == '6'))
			continue;
		failed++;
		key = settings[i].key;
		why = rc;
	}
	if (failed > 0)
		SL_LOG(WARNING,
			"%s: %u of %zu settings below /proc/sys/net not made (%s: %s); make them "
			"by "
			"sysctl, or let sluice write there",
			name, failed, RTE_DIM(settings), key, strerror(-why));
}

static void
log_refusal(const char *name, int error)
{
	switch (error) {
	case EBUSY:
		SL_LOG(ERR,
			"%s: an interface of this name is there already; is another sluice running "
			"in "
			"this network namespace? --tap-prefix chooses another name",
			name);
		break;
	case EPERM:
		SL_LOG(ERR,
			"%s: making a TAP needs root or CAP_NET_ADMIN; without both, --no-kernel "
			"does without TAPs",
			name);
		break;
	default:
		SL_LOG(ERR, "%s: cannot make a TAP: %s", name, strerror(error));
	}
}

int
tap_init(struct tap *tap, const char *name)
{
	struct ifreq ifr = { 0 };
	int rc;

	memset(tap, 0, sizeof(*tap));
	tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->fd < 0) {
		rc = -errno;
		SL_LOG(ERR, "/dev/net/tun: %s (is the kernel module tun loaded?)", strerror(-rc));
		return rc;
	}
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	/* EXCL: never take over a persistent TAP that somebody else has made. */
	ifr.ifr_flags = (short)(IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL);
	if (ioctl(tap->fd, TUNSETIFF, &ifr) < 0) {
		rc = -errno;
		log_refusal(name, -rc);
		tap_fini(tap);
		return rc;
	}
	memcpy(tap->name, ifr.ifr_name, sizeof(tap->name));
	tap->ifindex = if_nametoindex(tap->name);
	write_settings(tap->name);
	return 0;
}

int
tap_write(struct tap *tap, const struct rte_mbuf *m, unsigned int l3)
{
	/* Addresses, then from the innermost EtherType on: this leaves the tags out
	 * without touching a frame that may be shared. */
	unsigned int skip = l3 > sizeof(struct rte_ether_hdr) ? l3 - 2 : 0;
	struct iovec iov[SEGMENTS_MAX + 1];
	int n = 0;

	if (tap->gone)
		return -ENODEV;
	if (skip > 0) {
		if (rte_pktmbuf_data_len(m) < 2 * RTE_ETHER_ADDR_LEN)
			return -EINVAL;
		iov[n].iov_base = rte_pktmbuf_mtod(m, void *);
		iov[n++].iov_len = 2 * RTE_ETHER_ADDR_LEN;
	}
	for (; m != NULL; m = m->next) {
		if (skip >= m->data_len) {
			skip -= m->data_len;
			continue;
		}
		if (n > SEGMENTS_MAX)
			return -EMSGSIZE;
		iov[n].iov_base = rte_pktmbuf_mtod_offset(m, void *, skip);
		iov[n++].iov_len = m->data_len - skip;
		skip = 0;
	}
	return writev(tap->fd, iov, n) < 0 ? -errno : 0;
}

int
tap_read(struct tap *tap, struct rte_mbuf *m)
{
	uint16_t room = rte_pktmbuf_tailroom(m);
	ssize_t got = read(tap->fd, rte_pktmbuf_mtod(m, void *), room);

	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	/* The kernel cuts what is longer without saying so, hence one byte to spare. */
	if (got >= room)
		return -EMSGSIZE;
	m->data_len = (uint16_t)got;
	m->pkt_len = (uint32_t)got;
	return 1;
}

void
tap_skip(struct tap *tap)
{
	char byte;

	/* The kernel drops what does not fit, so one byte takes a whole frame away. */
	if (read(tap->fd, &byte, sizeof(byte)) < 0 && errno != EAGAIN)
		SL_LOG(DEBUG, "%s: %s", tap->name, strerror(errno));
}

void
tap_carrier(struct tap *tap, bool up)
{
	int carrier = up;

	if (tap->gone)
		return;
	if (ioctl(tap->fd, TUNSETCARRIER, &carrier) < 0)
		SL_LOG(WARNING, "%s: the kernel is not told of the port's link: %s", tap->name,
			strerror(errno));
}

void
tap_lost(struct tap *tap)
{
	if (tap->gone)
		return;
	tap->gone = true;
	SL_LOG(ERR,
		"%s: somebody has deleted this interface; ARP, ping and services of the box on "
		"this "
		"side are dead until sluice is started again",
		tap->name);
}

void
tap_fini(struct tap *tap)
{
	if (tap->fd >= 0)
		close(tap->fd);
	tap->fd = -1;
}
