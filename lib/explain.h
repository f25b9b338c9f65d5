/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_EXPLAIN_H
#define SL_EXPLAIN_H

#include "sluice.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SL_EXPLAIN_FRAME 10240 /**< longest frame that is explained, bytes */
#define SL_EXPLAIN_MOVED 16 /**< counters that are told */

/** How far a worker could tell. */
enum sl_explain_end {
	SL_EXPLAIN_VERDICT, /**< to the end: see verdict */
	SL_EXPLAIN_HANDOFF, /**< it belongs to worker `to`: ask that one, with the frame as it is */
	SL_EXPLAIN_TURN, /**< it turns round (hairpin): ask `to` once more */
	SL_EXPLAIN_UNSAID, /**< a fragment: that depends on the others of its datagram */
};

/**
 * What would become of a packet, if it were the next one. Control fills in the first part and
 * sends it with SL_MSG_EXPLAIN; the worker fills in the rest. Nothing else is changed: the packet
 * is run through the path on a shadow of the worker (dry_shadow.c). Ports in network byte order.
 */
struct sl_explain {
	/* asked */
	uint8_t side; /**< enum sl_side, where it comes in */
	bool turned; /**< after SL_EXPLAIN_TURN */
	uint32_t len; /**< bytes of the frame; 0 in the answer when it leaves in fragments */
	/** The whole Ethernet frame as received; in the answer as it would leave by a port. */
	uint8_t frame[SL_EXPLAIN_FRAME];

	/* answered */
	uint8_t end; /**< enum sl_explain_end */
	uint16_t worker, to;
	uint16_t verdict; /**< enum sl_counter: the one that the packet would end in */
	uint16_t tenant; /**< index */
	uint16_t n_moved; /**< what else would be counted, at most SL_EXPLAIN_MOVED */
	uint16_t moved[SL_EXPLAIN_MOVED]; /**< enum sl_counter */

	bool hit; /**< it belongs to the session `session` */
	bool opens; /**< it would make that session; its outside port is one that it might get */
	bool shares_port; /**< its outside port serves other sessions as well */
	struct sl_session session;

	bool mapping; /**< inbound, or a session: `at` counts */
	bool mapping_new; /**< it would be made */
	bool mapping_forward; /**< made by a port forward */
	uint8_t filter; /**< enum sl_filter of it */
	struct sl_mapping at;
	bool forward; /**< inbound: a port forward serves its destination */

	bool subscriber; /**< `sub` counts */
	bool subscriber_new;
	struct sl_subscriber sub; /**< as it is now */
	struct sl_limits limits; /**< of its tenant */

	bool address; /**< a new mapping would be on this pool address: */
	uint16_t pool; /**< index */
	rte_be32_t out_addr;
	uint8_t mode; /**< 0: port by port, 1: blocks, 2: deterministic */
	bool block_new; /**< it would take one more block */
	uint32_t ports, ports_used; /**< of this address and protocol at this worker */

	uint8_t helper; /**< number of the helper that reads the session, 0: none */
	uint8_t cause; /**< enum sl_punt_cause, when it goes to control */
	bool error; /**< its sender gets an ICMP error: */
	bool error_six; /**< by ICMPv6 */
	uint8_t error_type, error_code;

	bool way; /**< its next hop is known: */
	uint8_t way_side; /**< enum sl_side */
	bool way_six; /**< hop6 counts, not hop */
	bool resolved; /**< mac counts */
	rte_be32_t hop;
	struct sl_ip6 hop6;
	struct rte_ether_addr mac;
	uint16_t mtu; /**< of the link, bytes */
	uint16_t ip_len; /**< of the IP packet, before it becomes IPv6 */
	bool cut; /**< it would leave in fragments */
};

#ifdef __cplusplus
}
#endif

struct sl_worker;

/** For query.c: tell what would become of the packet, on the worker's lcore. */
void sl_explain(struct sl_worker *w, struct sl_explain *x);

#endif /* SL_EXPLAIN_H */
