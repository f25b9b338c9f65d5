/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLUICE_CONTROL_H
#define SLUICE_CONTROL_H

/**
 * @file
 * What the control lcore takes from the workers and gives to them: punted packets, events, records,
 * packets to send, routes and neighbours.
 */

#include <rte_mbuf.h>

#include "sluice_config.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- control: punted and injected packets ---- */

/** A packet for control, and why. */
struct sl_punt {
	struct rte_mbuf *m; /**< the whole frame as received; the taker owns it */
	enum sl_punt_cause cause; /**< why it is here */
	enum sl_side side; /**< where it came in */
	unsigned int tenant; /**< index, for SL_INSIDE */
	unsigned int l3; /**< offset of the network header, after VLAN tags */
};

/**
 * Take punted packets from all workers, in turn.
 * @param nat   the gateway
 * @param punt  n of them, filled; the packets are the caller's
 * @param n     room
 * @return how many
 */
unsigned int sl_control_punts(struct sl_nat *nat, struct sl_punt *punt, unsigned int n);

/**
 * Send a finished frame out of a side through some worker.
 * @param nat   the gateway
 * @param side  the port
 * @param m     a whole Ethernet frame, VLAN tags included; the library's from here
 * @return 0; -ENOBUFS when the ring is full: the caller keeps m
 */
int sl_control_inject(struct sl_nat *nat, enum sl_side side, struct rte_mbuf *m);

/** True when punts, events or replies are waiting; false is a hint only. */
bool sl_control_pending(struct sl_nat *nat);

/**
 * Give a packet of a flow that has a helper back to its worker, which looks up its way.
 * @param nat     the gateway
 * @param worker  the one in the note
 * @param m       begins with its IP header, a struct sl_helper_note before it
 * @return 0; -ENOBUFS when the ring is full: the caller keeps m
 */
int sl_control_return(struct sl_nat *nat, unsigned int worker, struct rte_mbuf *m);

/** Say that control is about to sleep; workers then report by sl_worker_woke_control(). */
void sl_control_asleep(struct sl_nat *nat, bool asleep);

/** What a worker tells control. */
enum sl_event_type {
	SL_EVENT_RESOLVE, /**< a packet waits for the neighbour addr, or addr6, on this side */
	/** A flow that had a helper has ended. Its last packets are among the punts that are
	 * there when this is taken: they come first. */
	SL_EVENT_HELPER_END,
	SL_EVENT_MET, /**< the one flow that a request with `once` let in to addr and port is there */
};

/** One event; plain data. */
struct sl_event {
	enum sl_event_type type; /**< which of the other fields count */
	uint8_t side; /**< enum sl_side */
	uint16_t tenant; /**< index */
	rte_be32_t addr; /**< the neighbour, or the outside address that was met */
	uint32_t worker; /**< of the flow that has ended, as in struct sl_helper_note */
	uint32_t flow; /**< its place there */
	uint32_t created; /**< its birth */
	rte_be16_t port; /**< the outside port that was met */
	uint8_t proto; /**< of that port */
	bool six; /**< addr6 counts, not addr */
	bool scan; /**< no session and no route names the neighbour: others come first */
	struct sl_ip6 addr6; /**< the neighbour */
};

/**
 * Take events from all workers.
 * @param nat    the gateway
 * @param event  n of them, filled
 * @param n      room
 * @return how many
 */
unsigned int sl_control_events(struct sl_nat *nat, struct sl_event *event, unsigned int n);

/** What a record tells of; sl_config.record_mask has bit 1 << type for those wanted. */
enum sl_record_type {
	SL_RECORD_SESSION_ADD, /**< a session was made, RFC 8158 */
	SL_RECORD_SESSION_DEL, /**< a session has ended */
	SL_RECORD_MAPPING_ADD, /**< a mapping was made */
	SL_RECORD_MAPPING_DEL, /**< a mapping has ended */
	SL_RECORD_BLOCK_ADD, /**< a block of ports was given to a subscriber */
	SL_RECORD_BLOCK_DEL, /**< a block was taken back */
	SL_RECORD_PORTS_EXHAUSTED, /**< no port for a subscriber; at most one a second and worker */
	SL_RECORD_SESSIONS_FULL, /**< table full; the same */
	SL_RECORD_LIMIT, /**< a subscriber at a limit of its own; the same */
	SL_RECORD_TYPE_COUNT /**< how many there are */
};

/** A record for the logs that the law or the operator wants; plain data. */
struct sl_record {
	uint64_t when; /**< milliseconds on the caller's clock */
	uint8_t type; /**< enum sl_record_type */
	uint8_t proto; /**< IP protocol, 0 for blocks */
	uint16_t tenant; /**< index */
	rte_be32_t in_addr; /**< the inside host */
	rte_be32_t out_addr; /**< its outside address; 0 when something other than ports ran out */
	rte_be32_t rem_addr; /**< sessions only */
	rte_be16_t in_port; /**< of the inside host */
	rte_be16_t out_port; /**< of the outside address, for blocks the first port */
	rte_be16_t rem_port; /**< sessions only */
	uint16_t block_size; /**< ports, for blocks */
	uint16_t limit; /**< enum sl_counter of the drop, for SL_RECORD_LIMIT */
	uint16_t worker; /**< who tells it */
	bool six; /**< NAT64: the inside is in6, in_addr stands for it */
	uint8_t plen6; /**< 128 for a host, less for a subscriber's prefix */
	uint16_t nat64; /**< index of its prefix; of a subscriber nothing */
	struct sl_ip6 in6; /**< the inside host, or a subscriber's prefix */
};

/**
 * Records wanted from now on beside those of sl_config.record_mask, whatever the configuration:
 * somebody looks on. Control lcore.
 * @param nat   the gateway
 * @param mask  bit 1 << enum sl_record_type
 */
void sl_nat_listen(struct sl_nat *nat, uint32_t mask);

/**
 * Take records from all workers. A full ring loses records and counts them in records_lost;
 * packets never wait for a log.
 * @param nat     the gateway
 * @param record  n of them, filled
 * @param n       room
 * @return how many
 */
unsigned int sl_control_records(struct sl_nat *nat, struct sl_record *record, unsigned int n);

/* ---- control: routes and neighbours, as the kernel has them ---- */

/**
 * Add or replace an IPv4 route.
 * @param nat     the gateway
 * @param tenant  index; the outside and tenant 0 share one table, each further tenant has one
 *                of its own, all inside: there a destination without a route is not reached, and
 *                a source without one is not the tenant's (sl_config.source_check). Routes and
 *                neighbours stay until they are removed, also when the tenant is
 * @param prefix  network, host bits are ignored
 * @param plen    0..32
 * @param side    where it leads
 * @param gw      next router, or 0 when the prefix is on the link
 * @return 0, -ENOSPC, -EINVAL
 */
int sl_route_add(struct sl_nat *nat, unsigned int tenant, rte_be32_t prefix, uint8_t plen,
	enum sl_side side, rte_be32_t gw);

/** Remove an IPv4 route, arguments as for sl_route_add(); 0 or -ENOENT. */
int sl_route_del(struct sl_nat *nat, unsigned int tenant, rte_be32_t prefix, uint8_t plen);

/**
 * Tell of a neighbour on a side's link. Packets that wait for it leave at the workers' next turn.
 * @param nat     the gateway
 * @param tenant  index, for SL_INSIDE
 * @param side    on whose link it is
 * @param addr    its address
 * @param mac     its MAC address, or NULL when it is gone or unreachable
 * @return 0, -ENOSPC
 */
int sl_neigh_set(struct sl_nat *nat, unsigned int tenant, enum sl_side side, rte_be32_t addr,
	const struct rte_ether_addr *mac);

/**
 * Add or replace an IPv6 route, as sl_route_add(). By these routes IPv6 is routed natively as well:
 * what comes from outside goes to the tenant with the longest prefix.
 * @param nat     the gateway
 * @param tenant  index, as for sl_route_add()
 * @param prefix  network, host bits are ignored
 * @param plen    0..128
 * @param side    where it leads
 * @param gw      next router, or NULL when the prefix is on the link
 * @return 0, -ENOSPC, -EINVAL
 */
int sl_route6_add(struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *prefix,
	uint8_t plen, enum sl_side side, const struct sl_ip6 *gw);

/** Remove an IPv6 route, as sl_route_del(). */
int sl_route6_del(
	struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *prefix, uint8_t plen);

/** Tell of an IPv6 neighbour, as sl_neigh_set(). */
int sl_neigh6_set(struct sl_nat *nat, unsigned int tenant, enum sl_side side,
	const struct sl_ip6 *addr, const struct rte_ether_addr *mac);

/** The IPv6 address of an IPv4 one behind a NAT64 prefix (RFC 6052 section 2.2); any lcore. */
struct sl_ip6 sl_nat64_embed(const struct sl_ifaddr6 *prefix, rte_be32_t addr);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_CONTROL_H */
