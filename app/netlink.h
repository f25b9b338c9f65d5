/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef NETLINK_H
#define NETLINK_H

#include <stdbool.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "addr.h"

/** Marks the routes that sluice made: `ip route show proto 200`. */
#define NETLINK_PROTO 200

/** Marks the routes that tell a routing daemon of the pools; they lead nowhere (announce.c). */
#define NETLINK_PROTO_ANNOUNCE 201

/**
 * Metric of the routes that sluice made. High, so that a static default route of the
 * configuration never takes the way of the box's own management away; for forwarding
 * only routes on the TAPs count and the metric compares those alone.
 */
#define NETLINK_METRIC 2048

/** Room for one datagram of netlink; the kernel fills up to this much in a dump. */
#define NETLINK_BUFFER 32768

/** Is there a whole message in the `left` bytes? libmnl takes a length of 2^31 and more for one. */
static inline bool
netlink_ok(const struct nlmsghdr *nlh, int left)
{
	return mnl_nlmsg_ok(nlh, left) && nlh->nlmsg_len <= (uint32_t)left;
}

/** A socket for requests, each of them answered before the call returns. */
struct netlink;

/** A request socket in the network namespace of the caller; NULL with errno. */
struct netlink *netlink_create(void);

/** Close it; NULL is fine. */
void netlink_destroy(struct netlink *nl);

/** Set what is not 0 or NULL of a link's address and MTU, and bring it up; 0 or -errno. */
int netlink_link(
	struct netlink *nl, unsigned int ifindex, const struct rte_ether_addr *mac, uint32_t mtu);

/** RTM_NEWADDR (-EEXIST when it is there) or RTM_DELADDR; 0 or -errno. */
int netlink_addr(struct netlink *nl, uint16_t type, unsigned int ifindex, const struct addr *addr,
	uint8_t plen);

/**
 * RTM_NEWROUTE or RTM_DELROUTE of a route with NETLINK_PROTO and NETLINK_METRIC.
 * @param replace  RTM_NEWROUTE may take the place of the one with this prefix
 * @return 0 or -errno; -EEXIST without replace
 */
int netlink_route(struct netlink *nl, uint16_t type, unsigned int ifindex,
	const struct addr *prefix, uint8_t plen, const struct addr *gw, bool replace);

/**
 * RTM_NEWROUTE or RTM_DELROUTE of an IPv4 route on a link with NETLINK_PROTO_ANNOUNCE, beside any
 * that netlink_route() makes.
 * @return 0 or -errno; -EEXIST when there is one
 */
int netlink_announce(
	struct netlink *nl, uint16_t type, unsigned int ifindex, rte_be32_t prefix, uint8_t plen);

/** RTM_NEWNEIGH (permanent) or RTM_DELNEIGH; 0 or -errno. */
int netlink_neigh(struct netlink *nl, uint16_t type, unsigned int ifindex, const struct addr *addr,
	const struct rte_ether_addr *mac);

/** Use a neighbour: the kernel asks for it by ARP or ND when it is unknown or stale; 0 or -errno. */
int netlink_neigh_use(struct netlink *nl, unsigned int ifindex, const struct addr *addr);

/**
 * Call fn for every message of a dump.
 * @param type    RTM_GETROUTE, RTM_GETNEIGH
 * @param family  AF_INET or AF_INET6
 * @return 0 or -errno; -EINTR: the table changed meanwhile, the dump may be incomplete
 */
int netlink_dump(struct netlink *nl, uint16_t type, uint8_t family,
	void (*fn)(void *arg, const struct nlmsghdr *nlh), void *arg);

/** Why the last request was refused, in the kernel's words where it gave any. */
const char *netlink_why(const struct netlink *nl);

#endif /* NETLINK_H */
