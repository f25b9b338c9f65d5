/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Interfaces of the kernel that ports stand on: net_tap, net_af_packet, net_af_xdp, and
 * NICs whose kernel driver stays in charge. The drivers know little of them: net_af_packet
 * calls every link up and every MTU 1500, so whoever wants the truth asks the kernel.
 *
 * By name, in the network namespace of the caller; an interface that was moved elsewhere is
 * not there. Any lcore; one socket for each question, which are few.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netdev.h"

static int
request(const char *name, unsigned long what, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (fd < 0)
		return -errno;
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	if (ioctl(fd, what, ifr) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int
netdev_is_up(const char *name)
{
	struct ifreq ifr = { 0 };
	int rc = request(name, SIOCGIFFLAGS, &ifr);

	if (rc == -ENODEV)
		return 0;
	return rc == 0 ? (ifr.ifr_flags & IFF_RUNNING) != 0 : rc;
}

uint16_t
netdev_mtu(const char *name)
{
	struct ifreq ifr = { 0 };

	if (request(name, SIOCGIFMTU, &ifr) < 0 || ifr.ifr_mtu < 0)
		return 0;
	return ifr.ifr_mtu < UINT16_MAX ? (uint16_t)ifr.ifr_mtu : UINT16_MAX;
}

int
netdev_set_mtu(const char *name, uint16_t mtu)
{
	struct ifreq ifr = { .ifr_mtu = mtu };

	return request(name, SIOCSIFMTU, &ifr);
}
