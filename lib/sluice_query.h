/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLUICE_QUERY_H
#define SLUICE_QUERY_H

/**
 * @file
 * What the control lcore may ask of workers: sessions, mappings and subscribers as copies, mappings
 * on request, the use of pools.
 */

#include "sluice_config.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One session as seen by control; a copy. */
struct sl_session {
	rte_be32_t in_addr; /**< the inside host */
	rte_be32_t out_addr; /**< the outside address that stands for it */
	rte_be32_t rem_addr; /**< the remote end */
	rte_be16_t in_port; /**< of the inside host; for ICMP the query id */
	rte_be16_t out_port; /**< the outside port; for ICMP the query id outside */
	rte_be16_t rem_port; /**< of the remote end; for ICMP 0 */
	uint16_t tenant; /**< index */
	uint8_t proto; /**< IP protocol; IPPROTO_ICMP also for ICMPv6 */
	uint8_t tcp_state; /**< enum sl_tcp_state */
	bool opened_inbound; /**< the first packet came from outside */
	uint32_t age; /**< milliseconds since it was made */
	uint32_t idle; /**< milliseconds since the last packet that refreshed it */
	uint32_t left; /**< milliseconds until it would end */
	uint64_t packets[2]; /**< outbound, inbound */
	uint64_t bytes[2]; /**< the same, IP bytes, counted as IPv4 */
	unsigned int worker; /**< who has it */
	uint8_t helper; /**< number of its helper, 0: none */
	bool forwarded; /**< behind a port forward */
	bool hairpin; /**< its remote end is an outside address of this gateway */
	bool six; /**< NAT64: the inside host is in6, in_addr stands for it */
	unsigned int nat64; /**< index of its prefix */
	struct sl_ip6 in6; /**< the inside host */
};

/** One mapping; a copy. */
struct sl_mapping {
	rte_be32_t in_addr; /**< the inside host */
	rte_be32_t out_addr; /**< its outside address */
	rte_be16_t in_port; /**< of the inside host */
	rte_be16_t out_port; /**< of the outside address */
	uint16_t tenant; /**< index */
	uint8_t proto; /**< IP protocol */
	bool is_static; /**< made by a port forward */
	uint32_t sessions; /**< that go by it */
	unsigned int worker; /**< who has it */
	bool six; /**< NAT64, as in struct sl_session */
	unsigned int nat64; /**< index of its prefix */
	struct sl_ip6 in6; /**< the inside host */
};

/** Why a subscriber's new session was refused. */
enum sl_refusal {
	SL_REFUSED_PORTS, /**< at its limit of ports or blocks */
	SL_REFUSED_SESSIONS, /**< at its limit of sessions, or its mapping at the one behind it */
	SL_REFUSED_RATE, /**< faster than its rate */
	SL_REFUSED_OTHER, /**< by no limit of its own: no port or address is left, a table is full */
	SL_REFUSED_COUNT /**< how many there are */
};

/** One subscriber; a copy. */
struct sl_subscriber {
	rte_be32_t in_addr; /**< the inside address */
	rte_be32_t out_addr; /**< the paired outside address, RFC 4787 REQ-2 */
	uint16_t tenant; /**< index */
	uint32_t sessions; /**< that it has now */
	uint32_t ports[3]; /**< outside ports that it has now: TCP, UDP, ICMP */
	uint32_t blocks; /**< blocks of ports */
	uint64_t refused; /**< new sessions refused, by a limit or for want of something */
	uint32_t refused_by[SL_REFUSED_COUNT]; /**< of them; UINT32_MAX: so many or more */
	unsigned int worker; /**< who owns it */
	bool six; /**< NAT64: it is the hosts of in6, in_addr stands for them */
	struct sl_ifaddr6 in6; /**< their network */
};

/** A block of ports that a subscriber holds; a copy. */
struct sl_block_view {
	rte_be32_t out_addr; /**< the outside address that has them */
	uint16_t start; /**< first port, host order */
	uint16_t size; /**< ports */
	uint32_t used; /**< of all protocols, resting ones included */
	uint32_t idle; /**< milliseconds since when none is used; 0: some are */
};

/** What a session is or is not; bits. */
enum sl_trait {
	SL_TRAIT_SIX = 1 << 0, /**< its inside host is an IPv6 one */
	SL_TRAIT_INBOUND = 1 << 1, /**< opened from outside */
	SL_TRAIT_REPLIED = 1 << 2, /**< packets have gone both ways */
	SL_TRAIT_FORWARDED = 1 << 3, /**< behind a port forward */
	SL_TRAIT_HAIRPIN = 1 << 4, /**< between two inside hosts */
};

/** One end of a tuple; zero means any. */
struct sl_select_end {
	struct sl_ifaddr net; /**< of this network; plen 0: any */
	struct sl_ifaddr6 net6; /**< plen not 0: only IPv6 ends, of NAT64 */
	rte_be16_t port; /**< 0: any */
};

/** Which sessions, mappings or subscribers; zero means any. */
struct sl_select {
	struct sl_ifaddr in; /**< inside hosts of this network; plen 0: any */
	struct sl_ifaddr out; /**< outside addresses of this network; plen 0: any */
	struct sl_ifaddr rem; /**< remote ends in this network; plen 0: any */
	struct sl_ifaddr6 in6; /**< NAT64 hosts in this network; plen 0: any */
	rte_be16_t in_port; /**< of the inside host */
	rte_be16_t out_port; /**< of the outside address */
	rte_be16_t rem_port; /**< of the remote end */
	uint8_t proto; /**< IP protocol */
	uint8_t tcp_state; /**< enum sl_tcp_state + 1 */
	uint16_t tenant; /**< index + 1 */
	uint16_t pool; /**< index + 1 of the pool that has the outside address */
	uint8_t helper; /**< sessions only: number of their helper */
	uint8_t with; /**< sessions only: enum sl_trait, they are all of these */
	uint8_t without; /**< sessions only: enum sl_trait, they are none of these */
	bool tuples; /**< sessions only: orig and reply count */
	uint32_t age; /**< sessions only: at least so many milliseconds old */
	uint32_t idle; /**< sessions only: at least so many milliseconds without a packet */
	struct sl_select_end orig[2]; /**< source and destination as the first packet came in */
	struct sl_select_end reply[2]; /**< source and destination as answers to it come in */
	uint32_t least_sessions; /**< subscribers only: with at least so many sessions, or ... */
	uint32_t least_ports; /**< ... so many ports of all protocols; both 0: any */
};

/** TCP states of a session, RFC 6146 section 3.5.2.2 with RFC 7857. */
enum sl_tcp_state {
	SL_TCP_NONE, /**< not TCP */
	SL_TCP_SYN_OUT, /**< SYN from inside seen (V6 INIT) */
	SL_TCP_SYN_IN, /**< SYN from outside seen (V4 INIT) */
	SL_TCP_ESTABLISHED, /**< SYN from both sides seen */
	SL_TCP_FIN_OUT, /**< FIN from inside seen */
	SL_TCP_FIN_IN, /**< FIN from outside seen */
	SL_TCP_FIN_BOTH, /**< FIN from both sides seen */
	SL_TCP_TRANS, /**< after a RST, or without a handshake */
	SL_TCP_STATE_COUNT /**< how many there are */
};

/** Name of a TCP state, as in "ESTABLISHED"; a constant; any lcore. */
const char *sl_tcp_state_name(enum sl_tcp_state state);

/** What control may ask of a worker. */
enum sl_msg_op {
	SL_MSG_SESSIONS, /**< copy selected sessions to buf */
	SL_MSG_MAPPINGS, /**< copy selected mappings to buf */
	SL_MSG_SUBSCRIBERS, /**< copy selected subscribers to buf */
	SL_MSG_BLOCKS, /**< copy the blocks of the subscriber select.tenant, .in.addr to buf */
	SL_MSG_MAPPING_AT, /**< copy the mapping at select.proto, .out.addr, .out_port, if any */
	SL_MSG_MAP_ADD, /**< make the mapping that buf, a struct sl_map_request, asks for */
	SL_MSG_MAP_DEL, /**< end the mapping of that request and its sessions */
	SL_MSG_CLEAR, /**< end the selected sessions */
	SL_MSG_COUNTERS_CLEAR, /**< set the worker's counters to zero */
	SL_MSG_SAVE, /**< copy records of a kind to buf, see save.h */
	SL_MSG_EXPLAIN, /**< tell in buf what would become of the packet that it has, see explain.h */
};

/**
 * A request; the caller owns it and keeps it until it comes back. A worker looks at
 * a bounded number of entries for each request, so a walk takes several: send the
 * message again with the cursor as it came back until it is UINT32_MAX.
 */
struct sl_msg {
	enum sl_msg_op op; /**< what is asked */
	struct sl_select select; /**< of which entries */
	uint32_t cursor; /**< 0 to begin; UINT32_MAX at the end */
	unsigned int max; /**< entries that buf has room for */
	unsigned int n; /**< entries written, or sessions ended */
	uint8_t kind; /**< SL_MSG_SAVE: enum sl_saved_kind */
	/** Array of struct sl_session, sl_mapping, sl_subscriber or sl_block_view, or a request. */
	void *buf;
};

/**
 * A mapping on request: an expectation of a helper, a port opened by its host. It takes a
 * port as any dynamic mapping does, one that the subscriber's worker owns, and counts against
 * the subscriber's limits. An inside endpoint has one mapping: a request for one that is there
 * holds that, and what a port forward serves is answered with the forward's endpoint.
 *
 * With IPPROTO_GRE it is a call of PPTP (RFC 2637) between in_addr and rem_addr: in_port and
 * rem_port are the call ids of both ends, out_addr the address that stands for in_addr already,
 * out_port becomes the id that the remote end shall use. The session is made at once, and a
 * request for the same in_addr, in_port and rem_addr changes it; SL_MSG_MAP_DEL ends it. It goes
 * to the worker that owns rem_addr.
 */
struct sl_map_request {
	uint16_t tenant; /**< index */
	uint8_t proto; /**< IPPROTO_TCP, IPPROTO_UDP; IPPROTO_GRE: a call, see above */
	bool once; /**< one session from outside, then no more */
	bool half; /**< a call: rem_port is not known yet */
	bool pair; /**< also in_port + 1: an even port and the next (RTP and RTCP) */
	bool exact; /**< out_port or nothing; else it is a wish */
	/** Of the host itself, which decides who may come in, also to a mapping that was open to
	 * all (without this only time is added to such a one). */
	bool lease;
	bool six; /**< the inside host is the IPv6 one in6, and in_addr is answered; not of calls */
	unsigned int nat64; /**< index of the prefix that it is behind */
	struct sl_ip6 in6; /**< the IPv6 host */
	rte_be32_t in_addr; /**< the inside host, of NAT64 what stands for it */
	rte_be16_t in_port; /**< its port, or call id */
	rte_be16_t out_port; /**< wanted, 0: any; when answered, what was given */
	/** When answered, the outside address, for -EADDRINUSE the one that has no such port; of a
	 * call it is given. */
	rte_be32_t out_addr;
	rte_be32_t rem_addr; /**< who may come in, 0: anyone */
	rte_be16_t rem_port; /**< 0: any */
	/** No mapping: the inside host will open a flow to rem_addr and rem_port, and that gets the
	 * helper. */
	bool outward;
	uint8_t helper; /**< number of the helper of the flow that is expected, 0: none */
	/** Milliseconds, at most 2^31 - 1; the mapping lives longer while it has sessions. */
	uint32_t lifetime;
	/** The answer: 0; -EADDRINUSE, -EDQUOT at a limit, -ENOSPC, -EINVAL, -ENOENT for SL_MSG_MAP_DEL. */
	int status;
};

/** The worker that owns a subscriber: requests about it go there. Any lcore. */
unsigned int sl_subscriber_worker(const struct sl_nat *nat, rte_be32_t in_addr);

/** The same of an IPv6 host; also for an address of a prefix that is one subscriber. */
unsigned int sl_subscriber_worker6(
	const struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *addr);

/**
 * The outside address that a subscriber without mappings gets, as long as that has ports left;
 * 0: its pool has none.
 */
rte_be32_t sl_subscriber_outside(const struct sl_nat *nat, unsigned int tenant, rte_be32_t in_addr);

/** Can this be a subscriber: an inside host of the tenant, by the routes of this moment? */
bool sl_subscriber_possible(const struct sl_nat *nat, unsigned int tenant, rte_be32_t in_addr);

/** The same for an IPv6 host behind a NAT64 prefix. */
bool sl_subscriber_possible6(
	const struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *addr);

/**
 * Send a request to a worker, which answers at its next sl_worker_poll().
 * @param nat     the gateway
 * @param worker  which one
 * @param msg     the worker's until sl_msg_recv() gives it back, with buf and all
 * @return 0; -ENOBUFS when too many are on their way: msg stays the caller's
 */
int sl_msg_send(struct sl_nat *nat, unsigned int worker, struct sl_msg *msg);

/** An answered request of this worker, the caller's again; NULL: none has come back yet. */
struct sl_msg *sl_msg_recv(struct sl_nat *nat, unsigned int worker);

/** What the subscribers of a tenant have at this moment. */
struct sl_tenant_use {
	uint32_t sessions; /**< sessions */
	uint32_t subscribers; /**< subscribers that have any */
};

/**
 * Read it, summed over workers; any lcore.
 * @param nat     the gateway
 * @param tenant  index
 * @param use     gets it; zero for a tenant that there is not
 */
void sl_tenant_use(const struct sl_nat *nat, unsigned int tenant, struct sl_tenant_use *use);

/** What is configured and used of one pool address, summed over workers; any lcore. */
struct sl_pool_use {
	rte_be32_t addr; /**< the address */
	unsigned int pool; /**< index */
	uint32_t ports; /**< ports of one protocol that may be used */
	uint32_t used[3]; /**< in use or resting: TCP, UDP, ICMP */
};

/**
 * Copy the use of pool addresses, in the order of pools and their ranges.
 * @param nat    the gateway
 * @param first  number of the address to begin with, from 0
 * @param use    n of them, filled
 * @param n      room
 * @return how many; less than n: these were the last
 */
unsigned int sl_pool_use(
	struct sl_nat *nat, unsigned int first, struct sl_pool_use *use, unsigned int n);

/** The same of one pool's, counted from its own first. */
unsigned int sl_pool_use_of(struct sl_nat *nat, unsigned int pool, unsigned int first,
	struct sl_pool_use *use, unsigned int n);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_QUERY_H */
