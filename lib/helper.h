/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_H
#define SL_HELPER_H

/**
 * @file
 * Helpers (application level gateways): protocols that carry addresses in their payload.
 *
 * A helper is one file of helpers/ with one const struct sl_helper_ops at its foot. It sees
 * whole messages of the flows that were bound to it, in order, both directions, on the control
 * lcore only. It acts by the functions below: replaces bytes, expects connections. Headers,
 * checksums, sequence numbers, retransmission and segment boundaries are the framework's.
 *
 * Replay: an expectation takes an outside port from the worker that owns the subscriber, and
 * its answer comes later. sl_helper_expect() then returns -EAGAIN and the helper returns at
 * once; when the answer has come, the same message is given again from its start, with the
 * helper's state as it was before, and the same request is answered at once. A helper
 * therefore makes its requests in an order that depends on nothing but message and state.
 *
 * Everything in a payload is hostile.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>

#include "sluice.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SL_HELPER_STATE_MAX 512 /**< bytes of a helper's state for each flow */
#define SL_HELPER_MESSAGE_MAX 16384 /**< longest message, bytes; longer: hands off */
#define SL_HELPER_EDITS_MAX 64 /**< replacements in one message */
#define SL_HELPER_REQUESTS_MAX 16 /**< expectations that one message may ask for */
#define SL_HELPER_PORTS_MAX 4 /**< default ports of one helper */

/** Bytes of somebody else's: pointer and length, no final zero. */
struct sl_slice {
	const uint8_t *p; /**< first byte; anything when n is 0 */
	size_t n; /**< how many */
};

/** One flow of a helper, as the helper sees it. Valid during a call. */
struct sl_helper {
	void *state; /**< state_size bytes of its own, zero at first */
	void *shared; /**< shared_size bytes of all flows of its helper; see there */
	uint64_t now; /**< milliseconds */
	uint16_t tenant; /**< index */
	uint8_t proto; /**< IPPROTO_TCP or IPPROTO_UDP */
	bool inbound; /**< the flow was opened from outside: the server is inside */
	bool expected; /**< the flow came by an expectation, which had this cookie: */
	uint32_t cookie; /**< as in struct sl_expect */
	rte_be32_t in_addr; /**< inside host */
	rte_be32_t out_addr; /**< its outside address */
	rte_be32_t rem_addr; /**< remote end */
	rte_be16_t in_port; /**< of the inside host */
	rte_be16_t out_port; /**< of the outside address */
	rte_be16_t rem_port; /**< of the remote end */
	bool six; /**< NAT64: the inside host is in6, and what it says are IPv6 addresses */
	struct sl_ip6 in6; /**< in_addr stands for it, for expectations too */
	struct sl_ip6 net6; /**< the prefix by which it sees the outside, */
	uint8_t plen6; /**< and its bits; see sl_helper_join() */
};

/** What a helper expects: a connection that the remote end will open to the inside host. */
struct sl_expect {
	uint8_t proto; /**< IPPROTO_TCP, IPPROTO_UDP; IPPROTO_GRE: see sl_helper_expect() */
	bool pair; /**< also in_port + 1, at an even outside port and the next */
	bool once; /**< one flow, then no more */
	bool stays; /**< does not end with the flow that asked for it */
	bool half; /**< IPPROTO_GRE: the remote end's call id, rem_port, is not known yet */
	/** The other way round: the inside host will open it, to rem_addr and rem_port. Nothing
	 * is opened and no port is taken, in_port means nothing; the flow gets the helper. */
	bool outward;
	uint8_t helper; /**< bind the expected flow to this helper: SL_HELPER_SELF, _OTHER or 0 */
	rte_be32_t in_addr; /**< inside host; only the flow's own unless the helper may `others` */
	rte_be16_t in_port; /**< >= 1024, and no port of a listed service */
	rte_be32_t rem_addr; /**< who may come in; 0: anyone, only where the protocol needs it */
	rte_be16_t rem_port; /**< 0: any */
	uint32_t lifetime; /**< milliseconds until it lapses unused */
	uint32_t cookie; /**< given to the expected flow's helper */
	rte_be32_t out_addr; /**< answer: the outside endpoint that stands for it */
	rte_be16_t out_port; /**< answer; wanted port when not 0 in the question */
};

#define SL_HELPER_SELF 255 /**< the helper itself */
#define SL_HELPER_OTHER 254 /**< the one that the ops' hands_to names; refused while it is off */

/** A helper. Constant; the functions run on the control lcore only and must not block. */
struct sl_helper_ops {
	const char *name; /**< as in the configuration: "ftp" */
	uint8_t proto[2]; /**< IPPROTO_TCP, IPPROTO_UDP, 0: none */
	uint16_t port[SL_HELPER_PORTS_MAX]; /**< default server ports, host order, 0 ends */
	bool on; /**< bound by default (RFC 4787 REQ-10, RFC 5382 REQ-6: FTP only) */
	bool six; /**< also reads flows of IPv6 hosts (NAT64); else they have no helper */
	bool others; /**< may expect connections to other inside hosts of the same tenant */
	bool mutual; /**< both ends serve: may expect its remote end at the service's own port */
	/** Name of the helper that reads what this one expects with SL_HELPER_OTHER; NULL: none. May
	 * expect the remote end of its flow at that one's service ports. */
	const char *hands_to;
	uint16_t state_size; /**< at most SL_HELPER_STATE_MAX */
	/** Bytes for what outlives a flow, one block for all of them, zero at first. It is not put
	 * back for a replay: a helper writes to it when nothing of its message is to be answered. */
	uint32_t shared_size;
	/**
	 * TCP only: length of the message at the start of data.
	 * @return its length in bytes, possibly more than data.n: how many it will need;
	 *         0: cannot be told yet; negative: this is not the protocol, hands off
	 */
	int (*frame)(struct sl_helper *h, enum sl_side from, struct sl_slice data);
	/** A whole message from the inside host. May be NULL. */
	void (*outbound)(struct sl_helper *h, struct sl_slice message);
	/** A whole message from the remote end. May be NULL. */
	void (*inbound)(struct sl_helper *h, struct sl_slice message);
	/** A datagram for the box itself on one of the helper's ports; true: taken, not for the
	 * kernel. NULL: none. */
	bool (*local)(struct sl_helper *h, struct sl_slice message);
	/** The flow has ended; expectations without `stays` are gone. May be NULL. */
	void (*flow_end)(struct sl_helper *h);
};

/** All helpers, NULL at the end; number i is element i - 1. helpers/all.c */
extern const struct sl_helper_ops *const sl_helpers[];

/* ---- what a helper may do, during one of its calls ---- */

/**
 * Replace n bytes of the message at offset `at` by len others, which are copied. Replacements
 * must come in ascending order and not overlap.
 * @param h      as given to the call
 * @param at     offset in the message as it came
 * @param n      bytes that go, may be 0
 * @param bytes  what comes instead; copied
 * @param len    its bytes, may be 0
 * @return 0, -EINVAL, -ENOSPC: then nothing of the message is replaced
 */
int sl_helper_replace(struct sl_helper *h, size_t at, size_t n, const void *bytes, size_t len);

/**
 * Expect a connection. For IPPROTO_GRE it is a call (RFC 2637) between the two ends of the flow:
 * in_port is the inside host's call id, rem_port the remote end's (with `half` not known yet, to
 * be told by asking again), out_port the answered call id that the remote end shall use. The
 * session is there from then on, and ends with what was expected, at the latest when either end
 * closes the flow that asked for it.
 * @param h       as given to the call
 * @param expect  the question, and the answer
 * @return 0 with the answer filled in; -EAGAIN: return at once, the message comes again;
 *         -EPERM: refused (address, port, service); -EDQUOT, -ENOSPC, -EADDRINUSE
 */
int sl_helper_expect(struct sl_helper *h, struct sl_expect *expect);

/** End what sl_helper_expect() made for this inside endpoint, and its sessions. */
void sl_helper_unexpect(struct sl_helper *h, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port);

/** Make an expectation live on, lifetime milliseconds from now: for one that is there already. */
void sl_helper_prolong(struct sl_helper *h, uint8_t proto, rte_be32_t in_addr, rte_be16_t in_port,
	uint32_t lifetime);

/** Look no further at this flow: its bytes pass as they are from the next message on. */
void sl_helper_pass(struct sl_helper *h);

/** Discard this message instead of passing it on (UDP), or end the inspection (TCP). */
void sl_helper_refuse(struct sl_helper *h);

/** The outside address and port that an inside endpoint of this tenant has now by an earlier
 * expectation of this flow; false: none. */
bool sl_helper_expected(const struct sl_helper *h, uint8_t proto, rte_be32_t in_addr,
	rte_be16_t in_port, rte_be32_t *out_addr, rte_be16_t *out_port);

/** The other way round: the inside endpoint of this flow's host that an outside endpoint stands
 * for by an expectation of the same helper; false: none. */
bool sl_helper_inside(const struct sl_helper *h, uint8_t proto, rte_be32_t out_addr,
	rte_be16_t out_port, rte_be16_t *in_port);

/** NAT64: the address by which the inside host of this flow knows an IPv4 one. */
struct sl_ip6 sl_helper_join(const struct sl_helper *h, rte_be32_t addr);

/** NAT64: the IPv4 address behind one of the flow's prefix; false when it is none of that. */
bool sl_helper_split(const struct sl_helper *h, const struct sl_ip6 *six, rte_be32_t *addr);

#ifdef __cplusplus
}
#endif

#endif /* SL_HELPER_H */
