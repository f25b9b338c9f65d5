/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests to the kernel over rtnetlink: addresses, routes and neighbours of the
 * exception TAPs, and dumps for the mirror.
 *
 * One socket, one request at a time. rtnetlink works inside sendto(): when it returns, the
 * answer is in our socket, so waiting for it never sleeps and the control lcore may call
 * this in between two packets. Events come over a socket of their own (mirror.c), because
 * a request must never be lost behind a storm of them.
 *
 * Control lcore only. Limits: a dump of n routes costs about a microsecond each and holds
 * control up so long. RFC 3549 describes the protocol, the kernel's rtnetlink(7) the rest.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink.h"

struct netlink {
	struct mnl_socket *socket;
	uint32_t seq;
	char why[128];
	char out[512]; /* the largest request is far below */
	char in[NETLINK_BUFFER];
};

struct netlink *
netlink_create(void)
{
	struct netlink *nl = calloc(1, sizeof(*nl));
	int one = 1;

	if (nl == NULL)
		return NULL;
	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (nl->socket == NULL)
		goto free_nl;
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		goto close_socket;
	/* The kernel's own sentence about a refusal; without it there is still errno. */
	mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &one, sizeof(one));
	return nl;

close_socket:
	mnl_socket_close(nl->socket);
free_nl:
	free(nl);
	return NULL;
}

void
netlink_destroy(struct netlink *nl)
{
	if (nl == NULL)
		return;
	mnl_socket_close(nl->socket);
	free(nl);
}

/* Start a request with a zeroed family header of this size behind the netlink header. */
static struct nlmsghdr *
begin(struct netlink *nl, uint16_t type, uint16_t flags, size_t size, void **header)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->out);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	*header = mnl_nlmsg_put_extra_header(nlh, size);
	return nlh;
}

/* Keep the reason of a refusal: errno, and the kernel's message if there is one. */
static int
take_error(struct netlink *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	size_t offset = sizeof(*err);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return -EBADMSG;
	if (err->error == 0)
		return 0;
	snprintf(nl->why, sizeof(nl->why), "%s", strerror(-err->error));
	if ((nlh->nlmsg_flags & NLM_F_ACK_TLVS) == 0)
		return err->error;
	/* Unless capped, the whole request stands between the error and its attributes. */
	if ((nlh->nlmsg_flags & NLM_F_CAPPED) == 0)
		offset += mnl_nlmsg_get_payload_len(&err->msg);
	mnl_attr_for_each(attr, nlh, offset)
	{
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
			mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			snprintf(nl->why, sizeof(nl->why), "%s", mnl_attr_get_str(attr));
	}
	return err->error;
}

/* Read until the request is acknowledged or the dump is done. */
static int
collect(struct netlink *nl, void (*fn)(void *arg, const struct nlmsghdr *nlh), void *arg)
{
	bool interrupted = false;

	for (;;) {
		ssize_t got = mnl_socket_recvfrom(nl->socket, nl->in, sizeof(nl->in));
		const struct nlmsghdr *nlh = (const void *)nl->in;
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		for (; netlink_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_seq != nl->seq)
				continue; /* the rest of a request that was given up */
			interrupted |= (nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
			if (nlh->nlmsg_type == NLMSG_ERROR)
				return take_error(nl, nlh);
			if (nlh->nlmsg_type == NLMSG_DONE)
				return interrupted ? -EINTR : 0;
			if (fn != NULL)
				fn(arg, nlh);
		}
	}
}

static int
request(struct netlink *nl, struct nlmsghdr *nlh)
{
	int rc;

	nlh->nlmsg_flags |= NLM_F_ACK;
	nl->why[0] = '\0';
	if (mnl_socket_sendto(nl->socket, nlh, nlh->nlmsg_len) < 0)
		rc = -errno;
	else
		rc = collect(nl, NULL, NULL);
	if (rc < 0 && nl->why[0] == '\0')
		snprintf(nl->why, sizeof(nl->why), "%s", strerror(-rc));
	return rc;
}

int
netlink_link(
	struct netlink *nl, unsigned int ifindex, const struct rte_ether_addr *mac, uint32_t mtu)
{
	struct ifinfomsg *ifi;
	void *header;
	struct nlmsghdr *nlh = begin(nl, RTM_NEWLINK, 0, sizeof(*ifi), &header);

	ifi = header;
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = (int)ifindex;
	ifi->ifi_flags = IFF_UP;
	ifi->ifi_change = IFF_UP;
	if (mac != NULL)
		mnl_attr_put(nlh, IFLA_ADDRESS, sizeof(*mac), mac);
	if (mtu != 0)
		mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
	return request(nl, nlh);
}

static uint8_t
family_of(const struct addr *addr)
{
	return addr->six != 0 ? AF_INET6 : AF_INET;
}

static void
put_address(struct nlmsghdr *nlh, uint16_t type, const struct addr *addr)
{
	mnl_attr_put(nlh, type, addr_bits(addr) / 8, &addr->v6);
}

int
netlink_addr(struct netlink *nl, uint16_t type, unsigned int ifindex, const struct addr *addr,
	uint8_t plen)
{
	uint16_t flags = type == RTM_NEWADDR ? NLM_F_CREATE | NLM_F_EXCL : 0;
	struct ifaddrmsg *ifa;
	void *header;
	struct nlmsghdr *nlh = begin(nl, type, flags, sizeof(*ifa), &header);

	ifa = header;
	ifa->ifa_family = family_of(addr);
	ifa->ifa_prefixlen = plen;
	ifa->ifa_scope = RT_SCOPE_UNIVERSE;
	ifa->ifa_index = ifindex;
	put_address(nlh, IFA_LOCAL, addr);
	put_address(nlh, IFA_ADDRESS, addr);
	return request(nl, nlh);
}

int
netlink_route(struct netlink *nl, uint16_t type, unsigned int ifindex, const struct addr *prefix,
	uint8_t plen, const struct addr *gw, bool replace)
{
	uint16_t flags =
		type == RTM_NEWROUTE ? NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL) : 0;
	struct rtmsg *rtm;
	void *header;
	struct nlmsghdr *nlh = begin(nl, type, flags, sizeof(*rtm), &header);

	rtm = header;
	rtm->rtm_family = family_of(prefix);
	rtm->rtm_dst_len = plen;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = NETLINK_PROTO;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	rtm->rtm_type = RTN_UNICAST;
	put_address(nlh, RTA_DST, prefix);
	put_address(nlh, RTA_GATEWAY, gw);
	mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	mnl_attr_put_u32(nlh, RTA_PRIORITY, NETLINK_METRIC);
	return request(nl, nlh);
}

int
netlink_announce(
	struct netlink *nl, uint16_t type, unsigned int ifindex, rte_be32_t prefix, uint8_t plen)
{
	uint16_t flags = type == RTM_NEWROUTE ? NLM_F_CREATE | NLM_F_EXCL : 0;
	struct addr addr = addr_of4(prefix);
	struct rtmsg *rtm;
	void *header;
	struct nlmsghdr *nlh = begin(nl, type, flags, sizeof(*rtm), &header);

	rtm = header;
	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = plen;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = NETLINK_PROTO_ANNOUNCE;
	rtm->rtm_scope = RT_SCOPE_LINK;
	rtm->rtm_type = RTN_UNICAST;
	put_address(nlh, RTA_DST, &addr);
	mnl_attr_put_u32(nlh, RTA_OIF, ifindex);
	mnl_attr_put_u32(nlh, RTA_PRIORITY, NETLINK_METRIC + 1);
	return request(nl, nlh);
}

static struct nlmsghdr *
begin_neigh(struct netlink *nl, uint16_t type, unsigned int ifindex, const struct addr *addr,
	uint16_t state, uint8_t flags)
{
	struct ndmsg *ndm;
	void *header;
	struct nlmsghdr *nlh = begin(nl, type,
		type == RTM_NEWNEIGH ? NLM_F_CREATE | NLM_F_REPLACE : 0, sizeof(*ndm), &header);

	ndm = header;
	ndm->ndm_family = family_of(addr);
	ndm->ndm_ifindex = (int)ifindex;
	ndm->ndm_state = state;
	ndm->ndm_flags = flags;
	put_address(nlh, NDA_DST, addr);
	return nlh;
}

int
netlink_neigh(struct netlink *nl, uint16_t type, unsigned int ifindex, const struct addr *addr,
	const struct rte_ether_addr *mac)
{
	struct nlmsghdr *nlh = begin_neigh(nl, type, ifindex, addr, NUD_PERMANENT, 0);

	if (type == RTM_NEWNEIGH)
		mnl_attr_put(nlh, NDA_LLADDR, sizeof(*mac), mac);
	return request(nl, nlh);
}

int
netlink_neigh_use(struct netlink *nl, unsigned int ifindex, const struct addr *addr)
{
	/* On a permanent entry NTF_USE would take its permanence away: the caller knows
	 * which those are. On any other it is what a packet sent by the kernel would do:
	 * NONE and FAILED are asked for at once, STALE after delay_first_probe_time. */
	return request(nl, begin_neigh(nl, RTM_NEWNEIGH, ifindex, addr, NUD_NONE, NTF_USE));
}

int
netlink_dump(struct netlink *nl, uint16_t type, uint8_t family,
	void (*fn)(void *arg, const struct nlmsghdr *nlh), void *arg)
{
	size_t size = type == RTM_GETNEIGH ? sizeof(struct ndmsg) : sizeof(struct rtmsg);
	void *header;
	struct nlmsghdr *nlh = begin(nl, type, NLM_F_DUMP, size, &header);

	*(uint8_t *)header = family; /* the family is the first byte of every header */
	if (mnl_socket_sendto(nl->socket, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	return collect(nl, fn, arg);
}

const char *
netlink_why(const struct netlink *nl)
{
	return nl->why;
}
