/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an rtnetlink message says about the exception TAPs.
 *
 * What counts: unicast routes of the tables main and local whose device is one of the TAPs,
 * without type of service or source, not made by announce.c, and with a gateway of their own family or none; blackhole
 * and unreachable are no routes here, nor are the link-local and multicast prefixes that IPv6
 * has on every interface. Of a multi-path route the first next hop that is not dead is taken, one whose
 * link is up before others; balancing is left to a later issue. Neighbours are those of
 * unicast addresses, of IPv6 the link-local ones too: routers often have no others.
 *
 * No state. Lengths are checked although the kernel is trusted: an attribute that is too
 * short counts as absent.
 */
#include <string.h>

#include <linux/rtnetlink.h>

#include <rte_common.h>

#include "digest.h"
#include "netlink.h"

/* An attribute table that is filled from a message. */
struct attrs {
	const struct nlattr *at[64];
};

static int
keep_attr(const struct nlattr *attr, void *arg)
{
	struct attrs *attrs = arg;
	uint16_t type = mnl_attr_get_type(attr);

	if (type < RTE_DIM(attrs->at))
		attrs->at[type] = attr;
	return MNL_CB_OK;
}

static uint32_t
get_u32(const struct attrs *attrs, uint16_t type)
{
	const struct nlattr *attr = attrs->at[type];

	return attr != NULL && mnl_attr_get_payload_len(attr) >= 4 ? mnl_attr_get_u32(attr) : 0;
}

/* An address of the message's family; false when there is one of another length. */
static bool
get_addr(const struct attrs *attrs, uint16_t type, uint8_t family, struct addr *addr)
{
	const struct nlattr *attr = attrs->at[type];
	size_t len = family == AF_INET6 ? 16 : 4;

	memset(addr, 0, sizeof(*addr));
	addr->six = family == AF_INET6;
	if (attr == NULL)
		return true;
	if (mnl_attr_get_payload_len(attr) != len)
		return false;
	memcpy(&addr->v6, mnl_attr_get_payload(attr), len);
	return true;
}

bool
digest_side(const struct tap *tap, unsigned int ifindex, enum sl_side *side)
{
	for (int s = SL_INSIDE; s <= SL_OUTSIDE; s++) {
		if (ifindex != 0 && tap[s].ifindex == ifindex && !tap[s].gone) {
			*side = (enum sl_side)s;
			return true;
		}
	}
	return false;
}

/* The next hop to use of a multi-path route. */
static bool
pick_nexthop(const struct tap *tap, const struct nlattr *multipath, uint8_t family,
	struct kernel_route *route)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);
	bool found = false;

	while (left >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= left) {
		size_t step = RTE_MIN((size_t)RTNH_ALIGN(hop->rtnh_len), left);
		struct attrs attrs = { 0 };
		enum sl_side side;
		struct addr gw;

		mnl_attr_parse_payload(
			RTNH_DATA(hop), hop->rtnh_len - sizeof(*hop), keep_attr, &attrs);
		if ((hop->rtnh_flags & RTNH_F_DEAD) == 0 && attrs.at[RTA_VIA] == NULL &&
			get_addr(&attrs, RTA_GATEWAY, family, &gw) &&
			digest_side(tap, (unsigned int)hop->rtnh_ifindex, &side)) {
			bool up = (hop->rtnh_flags & RTNH_F_LINKDOWN) == 0;

			if (up || !found) {
				route->side = side;
				route->gw = gw;
				found = true;
			}
			if (up)
				break;
		}
		left -= step;
		hop = RTE_PTR_ADD(hop, step);
	}
	return found;
}

/* True when the message is about a route that leads to a TAP. */
static bool
is_ours(const struct tap *tap, const struct rtmsg *rtm, const struct attrs *attrs,
	struct kernel_route *route)
{
	if (rtm->rtm_type != RTN_UNICAST || attrs->at[RTA_VIA] != NULL)
		return false;
	if (attrs->at[RTA_MULTIPATH] != NULL)
		return pick_nexthop(tap, attrs->at[RTA_MULTIPATH], rtm->rtm_family, route);
	return get_addr(attrs, RTA_GATEWAY, rtm->rtm_family, &route->gw) &&
	       (rtm->rtm_flags & RTNH_F_DEAD) == 0 &&
	       digest_side(tap, get_u32(attrs, RTA_OIF), &route->side);
}

static bool
is_ip(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

bool
digest_route(const struct tap *tap, const struct nlmsghdr *nlh, struct digest_route *d)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	struct attrs attrs = { 0 };
	uint32_t table;

	memset(d, 0, sizeof(*d));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm) || !is_ip(rtm->rtm_family) ||
		rtm->rtm_flags & RTM_F_CLONED || rtm->rtm_tos != 0 || rtm->rtm_src_len != 0 ||
		rtm->rtm_protocol == NETLINK_PROTO_ANNOUNCE)
		return false;
	mnl_attr_parse(nlh, sizeof(*rtm), keep_attr, &attrs);
	table = attrs.at[RTA_TABLE] != NULL ? get_u32(&attrs, RTA_TABLE) : rtm->rtm_table;
	if (table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL)
		return false;
	if (!get_addr(&attrs, RTA_DST, rtm->rtm_family, &d->route.prefix) ||
		rtm->rtm_dst_len > addr_bits(&d->route.prefix) || addr_is_link(&d->route.prefix))
		return false;
	d->route.plen = rtm->rtm_dst_len;
	d->metric = get_u32(&attrs, RTA_PRIORITY);
	d->multipath = attrs.at[RTA_MULTIPATH] != NULL;
	d->ours = is_ours(tap, rtm, &attrs, &d->route);
	return true;
}

bool
digest_neigh(const struct tap *tap, const struct nlmsghdr *nlh, struct kernel_neigh *neigh,
	uint16_t *state)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	struct attrs attrs = { 0 };
	const struct nlattr *mac;

	memset(neigh, 0, sizeof(*neigh));
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ndm) || !is_ip(ndm->ndm_family) ||
		ndm->ndm_flags & NTF_PROXY || ndm->ndm_type != RTN_UNICAST ||
		!digest_side(tap, (unsigned int)ndm->ndm_ifindex, &neigh->side))
		return false;
	mnl_attr_parse(nlh, sizeof(*ndm), keep_attr, &attrs);
	if (!get_addr(&attrs, NDA_DST, ndm->ndm_family, &neigh->addr))
		return false;
	mac = attrs.at[NDA_LLADDR];
	if (mac != NULL && mnl_attr_get_payload_len(mac) == sizeof(neigh->mac)) {
		memcpy(&neigh->mac, mnl_attr_get_payload(mac), sizeof(neigh->mac));
		neigh->resolved = true;
	}
	*state = ndm->ndm_state;
	return true;
}
