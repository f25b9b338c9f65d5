/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLUICE_H
#define SLUICE_H

/**
 * @file
 * libsluice: a carrier-grade NAT as a library. Bursts of mbufs in, verdicts out.
 *
 * The library opens no port and no socket, starts no thread and reads no clock:
 * its caller brings packets, the time and a source of random numbers. One
 * struct sl_nat is one gateway with an inside and an outside; it has as many
 * workers as it was created with, and each worker's state is written by one
 * lcore only.
 *
 * Who may call: functions that take a struct sl_worker belong to the lcore that
 * runs this worker; everything else belongs to one control lcore, unless its
 * comment says "any lcore". Addresses and ports are in network byte order where
 * the type is rte_be32_t or rte_be16_t, times in milliseconds unless said.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SL_NAME_MAX 32 /**< a name with its final zero, bytes */
#define SL_WORKERS_MAX 64 /**< workers of one gateway */
#define SL_BURST_MAX 64 /**< most packets taken by one call */
#define SL_OUT_MAX 1024 /**< room for packets that leave by one side */
#define SL_LEASE_FILE_MAX 513 /**< name of a file with its final zero, bytes */
#define SL_LEASE_SECONDS_MAX 2073600 /**< longest lifetime of a lease: 24 days */
#define SL_HELPERS_MAX 15 /**< helpers of a gateway, numbered from 1 */
#define SL_HELPER_SERVERS_MAX 8 /**< server ports of one helper */

/** The two sides of the gateway. */
enum sl_side {
	SL_INSIDE = 0, /**< towards the subscribers */
	SL_OUTSIDE = 1, /**< towards the Internet */
};

/** The side across. */
#define SL_ACROSS(side) ((enum sl_side)(1 - (side)))

/** Timeouts that can be configured, all in seconds (RFC 4787, 5382, 5508, 7857). */
enum sl_timeout {
	SL_TIMEOUT_UDP, /**< UDP mapping and session, RFC 4787 REQ-5 */
	SL_TIMEOUT_TCP_EST, /**< established TCP, RFC 5382 REQ-5 */
	SL_TIMEOUT_TCP_OPENING, /**< handshake not finished, RFC 7857 section 2.1 */
	SL_TIMEOUT_TCP_CLOSING, /**< after FIN both ways or RST, RFC 7857 section 2.1 */
	SL_TIMEOUT_TCP_SYN_IN, /**< unsolicited inbound SYN, RFC 5382 REQ-4 */
	SL_TIMEOUT_ICMP, /**< ICMP query, RFC 5508 REQ-2 */
	SL_TIMEOUT_OTHER, /**< other protocols: GRE, ESP, SCTP, UDP-Lite */
	SL_TIMEOUT_FRAGMENT, /**< an incomplete datagram */
	SL_TIMEOUT_PORT_REST, /**< a freed port rests this long, RFC 6888 REQ-8 */
	SL_TIMEOUT_COUNT
};

/** Filtering of inbound packets towards a mapping (RFC 4787 section 5). */
enum sl_filter {
	SL_FILTER_EI, /**< endpoint-independent: anyone may send */
	SL_FILTER_AD, /**< address-dependent */
	SL_FILTER_APD, /**< address- and port-dependent */
};

/** An address of an interface and the length of its prefix. */
struct sl_ifaddr {
	rte_be32_t addr;
	uint8_t plen; /**< 0..32 */
};

/** An IPv6 address, as on the wire. */
struct sl_ip6 {
	uint8_t b[16];
};

/** An IPv6 address of an interface, or a network. */
struct sl_ifaddr6 {
	struct sl_ip6 addr;
	uint8_t plen; /**< 0..128 */
};

/** A run of consecutive addresses, both ends in it. */
struct sl_range4 {
	rte_be32_t first, last;
};

/** One side's port as the library must know it. */
struct sl_link {
	struct rte_ether_addr mac; /**< source address of what leaves */
	uint16_t mtu; /**< largest IP packet, bytes; 0 is 1500 */
};

/** What one subscriber (tenant and inside address) may hold; 0 is no limit. */
struct sl_limits {
	uint32_t ports; /**< outside ports of one protocol, RFC 6888 REQ-4 */
	uint32_t sessions; /**< sessions of all protocols, RFC 6888 REQ-5 */
	uint32_t rate; /**< new sessions a second */
	uint32_t mapping; /**< sessions behind one mapping, RFC 6888 REQ-5 */
};

/** One helper (helper.h) in the configuration. */
struct sl_helper_config {
	bool on; /**< for tenants and pools that do not say otherwise */
	uint8_t n_ports;
	uint16_t port[SL_HELPER_SERVERS_MAX]; /**< of servers, host order */
};

/** A switch that a tenant may have of its own. */
enum sl_say {
	SL_SAY_NOTHING, /**< as for all */
	SL_SAY_ON,
	SL_SAY_OFF,
};

/** What is said of helpers in one place: bit 1 << number of those switched on, and off. */
struct sl_helper_switch {
	uint16_t on, off;
};

/** Outside addresses and the ports that dynamic mappings may take on them. */
struct sl_pool {
	char name[SL_NAME_MAX];
	struct sl_range4 *range; /**< owned by the configuration */
	unsigned int n_ranges;
	uint16_t port_min, port_max; /**< host order, both included; 0,0 is 1024..65535 */
	enum sl_filter filter_udp, filter_tcp;
	/** Endpoint-dependent mapping: a port serves many subscribers whose remote endpoints
	 * differ (RFC 7857 section 3). Filtering is then address- and port-dependent. */
	bool shared_udp, shared_tcp;
	uint16_t block_size; /**< port blocks: ports of one, 64..16384, power of two; 0: none */
	uint8_t blocks_max; /**< blocks that a subscriber may hold; 0 is 1 */
	/** Deterministic NAT (RFC 7422): this inside network (plen > 0) gets fixed ports. */
	struct sl_ifaddr fixed;
	bool drain; /**< no new mappings, those there go on */
	struct sl_helper_switch helpers; /**< of the subscribers that use it */
};

/** Destinations that are routed without translation (RFC 6888 REQ-6). */
struct sl_bypass {
	struct sl_ifaddr to; /**< outside network */
	uint8_t proto; /**< 0: any */
	rte_be16_t port; /**< 0: any */
};

/**
 * A tenant: subscribers with an address space of their own, told apart by VLAN.
 * Sessions refer to tenants and pools by index: one that is removed leaves an entry with an
 * empty name, which is as if absent.
 */
struct sl_tenant {
	char name[SL_NAME_MAX]; /**< entry 0 is "default" */
	uint16_t vlan; /**< outer VLAN id, 0: untagged */
	uint16_t vlan_inner; /**< inner id for QinQ, 0: single tag */
	struct sl_ifaddr *addr; /**< the gateway's inside addresses, owned */
	unsigned int n_addrs;
	struct sl_ifaddr6 *addr6; /**< the same of IPv6; the first one sends ICMPv6 errors; owned */
	unsigned int n_addrs6;
	unsigned int pool; /**< index of its pool */
	struct sl_limits limits;
	struct sl_helper_switch helpers; /**< stronger than the pool's */
	uint8_t upnp, pcp; /**< enum sl_say; stronger than the policy's */
};

/** A port forward: what arrives at an outside endpoint goes to an inside one. */
struct sl_forward {
	uint8_t proto; /**< IPPROTO_TCP or IPPROTO_UDP */
	rte_be32_t out_addr; /**< an outside or pool address */
	rte_be16_t out_port;
	rte_be16_t in_port;
	uint16_t ports; /**< this many consecutive ports on both ends; 0 is 1 */
	rte_be32_t in_addr;
	unsigned int tenant;
	struct sl_ifaddr from; /**< remote filter, plen 0 is anyone */
	uint64_t expires; /**< milliseconds on the caller's clock, 0: never */
	bool six; /**< NAT64: the inside host is in6, not in_addr */
	struct sl_ip6 in6;
	unsigned int nat64; /**< index of the prefix by which that host sees the outside */
	char description[64];
	bool leased; /**< a host has asked for it (lease.h): not the operator's to write or edit */
	bool unsaved; /**< made while the box runs, in no file */
};

/**
 * A NAT64 prefix (RFC 6052): what hosts of the tenant send to it leaves as IPv4. Hosts refer to
 * prefixes by index: one that is removed leaves an entry with length 0, as if absent.
 */
struct sl_nat64 {
	struct sl_ifaddr6 prefix; /**< of length 32, 40, 48, 56, 64 or 96 */
	unsigned int tenant; /**< index */
};

/** A service of the box itself that the outside may reach. */
struct sl_service {
	uint8_t proto; /**< IPPROTO_TCP, IPPROTO_UDP, or 0 for any */
	rte_be16_t port; /**< 0 for a protocol without ports */
};

/** A static route. The library only keeps it: whoever owns routes (app: the kernel) adds it. */
struct sl_static_route {
	struct sl_ifaddr prefix;
	rte_be32_t gw;
	unsigned int tenant; /**< index; for others than 0 the gateway is an inside router */
	bool six; /**< prefix6 and gw6 count, not prefix and gw */
	struct sl_ifaddr6 prefix6;
	struct sl_ip6 gw6;
};

/** A static neighbour, kept like a static route. */
struct sl_static_neigh {
	enum sl_side side;
	rte_be32_t addr;
	struct rte_ether_addr mac;
	bool six; /**< addr6 counts, not addr */
	struct sl_ip6 addr6;
};

/** A run of consecutive ports, host order, both ends in it. */
struct sl_port_range {
	uint16_t first, last;
};

#define SL_LEASE_RANGES 16 /**< runs of ports that hosts may open */

/** Ports that hosts open by themselves (UPnP IGD, NAT-PMP, PCP), kept like a static route. */
struct sl_lease_policy {
	bool upnp, pcp; /**< for tenants that do not say otherwise; pcp is NAT-PMP as well */
	uint8_t igd; /**< version of the IGD, 1 or 2; 0 is 1 */
	uint16_t http_port; /**< of UPnP's description and control, host order; 0 is 5000 */
	struct sl_port_range ports[SL_LEASE_RANGES]; /**< outside ports that may be opened */
	unsigned int n_ports; /**< of them; 0 is 1024..65535 */
	uint32_t max; /**< leases of all hosts; 0 is 4096 */
	uint32_t max_host; /**< of one host; 0 is 64 */
	uint32_t seconds; /**< longest lifetime; 0 is 7 days (UPnP), PCP at most 24 h */
	struct sl_ifaddr *deny; /**< hosts that get none, owned */
	unsigned int n_deny;
	struct sl_ifaddr *third_party; /**< hosts that may ask for others, owned */
	unsigned int n_third_party;
	char file[SL_LEASE_FILE_MAX]; /**< where leases outlive a restart; empty: nowhere */
};

/** State that outlives the process, kept like a static route. */
struct sl_state_policy {
	char file[SL_LEASE_FILE_MAX]; /**< where; empty: nowhere */
	uint32_t interval; /**< seconds between saves, 0: at the end only */
};

/** What kind of place records go to. */
enum sl_log_kind {
	SL_LOG_SYSLOG, /**< RFC 5424 over UDP */
	SL_LOG_SYSLOG_LOCAL, /**< RFC 5424 to the local syslog socket */
	SL_LOG_IPFIX, /**< RFC 7011 over UDP */
};

/** A place for records, kept like a static route: whoever takes records sends them there. */
struct sl_log_sink {
	enum sl_log_kind kind;
	rte_be32_t addr; /**< of the collector; 0 for the local one */
	rte_be16_t port;
	uint32_t domain; /**< IPFIX observation domain */
	uint32_t mask; /**< records it wants, bit 1 << enum sl_record_type */
};

/** Why a packet goes to control. Each cause has a rate limit of its own. */
enum sl_punt_cause {
	SL_PUNT_ARP, /**< ARP */
	SL_PUNT_ND, /**< IPv6 neighbour discovery and other IPv6 for the box */
	SL_PUNT_LOCAL, /**< IPv4 for an address of the box */
	SL_PUNT_MULTICAST, /**< multicast and broadcast on the link */
	SL_PUNT_HELPER, /**< translated, of a flow that has a helper */
	SL_PUNT_COUNT
};

/** Established TCP sessions whose inside host is asked when their time runs out. */
enum sl_probe {
	SL_PROBE_OFF,
	SL_PROBE_NAT64, /**< those of IPv6 hosts, RFC 6146 section 3.5.2.2 */
	SL_PROBE_ALL,
};

/** The whole configuration. Plain data; sl_nat_configure() copies what it needs. */
struct sl_config {
	struct sl_link link[2]; /**< by enum sl_side */
	struct sl_ifaddr *outside; /**< the box's own outside addresses, owned */
	unsigned int n_outside;
	struct sl_tenant *tenant; /**< entry 0 exists always, owned */
	unsigned int n_tenants;
	struct sl_pool *pool; /**< without one, the outside addresses are the pool; owned */
	unsigned int n_pools;
	struct sl_forward *forward; /**< owned */
	unsigned int n_forwards;
	struct sl_service *service; /**< owned */
	unsigned int n_services;
	struct sl_bypass *bypass; /**< owned */
	unsigned int n_bypasses;
	struct sl_ifaddr6 *outside6; /**< the box's own IPv6 addresses outside; owned */
	unsigned int n_outside6;
	struct sl_nat64 *nat64; /**< without one there is no NAT64; owned */
	unsigned int n_nat64;
	uint8_t nat64_subscriber; /**< hosts of a prefix of this length, 48..128, are one subscriber; 0 is 64 */
	uint32_t nat64_hosts; /**< IPv6 hosts with state that one subscriber may have; 0 is 256 */
	/** IPv4 packets that may be cut leave as IPv6 ones of this size at most (RFC 7915 section
	 * 4, lowest IPv6 MTU), 1280 at least; 0 is 1280. */
	uint16_t nat64_mtu;
	/** Whole UDP packets from outside that have no checksum get one; else they are dropped. */
	bool nat64_checksum;
	/** The differentiated services of translated packets, in the upper six bits of the byte, if
	 * they are set and not copied; ECN is copied always. TOS of IPv4, traffic class of IPv6. */
	bool nat64_tos_set, nat64_class_set;
	uint8_t nat64_tos, nat64_class;
	bool ipv6_route; /**< route IPv6 that no NAT64 prefix claims; else it is dropped */
	uint32_t block_idle; /**< seconds after which a block without used ports goes back */
	uint16_t mss; /**< largest TCP MSS that a SYN may announce either way; 0: leave as is */
	bool other_protocols; /**< GRE, ESP, SCTP and UDP-Lite by address alone */
	struct sl_static_route *route; /**< owned */
	unsigned int n_routes;
	struct sl_static_neigh *neigh; /**< owned */
	unsigned int n_neighs;
	struct sl_log_sink *sink; /**< owned */
	unsigned int n_sinks;
	struct sl_helper_config helper[SL_HELPERS_MAX]; /**< helper number i is element i - 1 */
	struct sl_lease_policy lease;
	struct sl_state_policy state;
	uint32_t timeout[SL_TIMEOUT_COUNT]; /**< seconds, by enum sl_timeout */
	/** Ports (host order) that the kernel uses on the box's own outside
	 * addresses for its own connections: never given to a mapping, punted. */
	uint16_t kernel_port_min, kernel_port_max;
	uint32_t punt_rate[SL_PUNT_COUNT]; /**< packets a second and worker, by cause */
	uint32_t icmp_rate; /**< ICMP errors the box itself makes, a second and worker */
	uint8_t icmp_refusal_code; /**< ICMP type 3 code when a limit refuses; 255: silent */
	bool icmp_mute[2]; /**< make no ICMP errors towards this side, RFC 5508 REQ-9 */
	/** A SYN from outside that nobody asked for is answered by ICMP after its timeout, unless the
	 * inside has opened that connection (RFC 5382 REQ-4). */
	bool syn_answer;
	enum sl_probe probe; /**< which established TCP sessions are probed before they end */
	uint32_t record_mask; /**< records wanted, bit 1 << enum sl_record_type */
	bool port_parity; /**< outside ports are even where inside ones are, RFC 4787 REQ-4 */
	bool hairpin; /**< inside to inside through outside addresses */
	bool inbound_refresh; /**< inbound packets refresh a UDP mapping, RFC 4787 REQ-6 */
	bool source_check; /**< drop inside sources that no inside route claims */
	bool performance; /**< time the stages of the path, see sl_stage_get() */
};

/** A configuration with the defaults of the RFCs and tenant "default"; NULL without memory. */
struct sl_config *sl_config_create(void);

/** A deep copy; NULL without memory. */
struct sl_config *sl_config_clone(const struct sl_config *config);

/** Free it and all that it owns; NULL is fine. */
void sl_config_destroy(struct sl_config *config);

/**
 * Say what is wrong with a configuration.
 * @param why   buffer for one sentence that names the offending value
 * @param size  its size
 * @return 0, or -EINVAL with the sentence in why
 */
int sl_config_check(const struct sl_config *config, char *why, size_t size);

/** The plan of a deterministic pool; all in host order. */
struct sl_plan {
	uint32_t base; /**< first address of the inside network */
	uint32_t n_inside; /**< its addresses */
	uint32_t per_addr; /**< subscribers on one outside address */
	uint32_t port_min; /**< first port of the first subscriber of an address */
	uint32_t each; /**< ports of one subscriber */
};

/** Addresses of a pool; any lcore. */
uint32_t sl_pool_size(const struct sl_pool *pool);

/** The plan of a pool; false when it is not deterministic or has no room. Any lcore. */
bool sl_pool_plan(const struct sl_pool *pool, struct sl_plan *plan);

/**
 * Who had an outside port by the plans of the configuration (RFC 7422); any lcore.
 * @return the inside address, or 0: no deterministic pool has this port
 */
rte_be32_t sl_config_lookup(const struct sl_config *config, rte_be32_t addr, uint16_t port,
	const struct sl_pool **pool);

#define SL_STEERING_KEY_MIN 16 /**< bytes of an RSS key that matter here */

/**
 * How a NIC spreads what it receives on one side over its queues: the Toeplitz hash of source
 * address, destination address, source and destination port is an index into a table of
 * queues, and worker i polls queue i. Subscribers (inside) or outside ports (outside) then
 * belong to the worker whose queue their packets get, and TCP and UDP need no hand-off.
 */
struct sl_steering {
	const uint8_t *key; /**< RSS key, SL_STEERING_KEY_MIN bytes at least; NULL: no steering */
	const uint16_t *reta; /**< a worker for each of the last bits of the hash */
	uint32_t reta_size; /**< power of two, at most 32768 */
};

/**
 * Make a key by which only the source address (inside) or the destination port (outside)
 * decides about the queue; any lcore.
 * @param reta_size  entries of the NIC's table
 * @param random     64 random bits
 * @return 0, or -EINVAL: the table or the key is too small, or no power of two
 */
int sl_steering_key(
	enum sl_side side, uint32_t reta_size, uint64_t random, uint8_t *key, size_t key_len);

/**
 * Make the table for such a key; any lcore.
 * @param block  outside: ports of the largest block that pools will have, 0: none
 * @param reta   reta_size entries, filled
 * @return 0, or -EINVAL: no power of two, or too short to be even, less than 4 n_workers
 */
int sl_steering_reta(enum sl_side side, const uint8_t *key, unsigned int n_workers, uint32_t block,
	uint16_t *reta, uint32_t reta_size);

struct sl_helper_ops; /**< a helper, see helper.h */

/** What a gateway is made of; fixed for its life. */
struct sl_params {
	unsigned int n_workers; /**< 1..SL_WORKERS_MAX */
	int socket[SL_WORKERS_MAX]; /**< NUMA node of each worker's state, or SOCKET_ID_ANY */
	struct rte_mempool *pool[SL_WORKERS_MAX]; /**< for packets that a worker makes itself */
	uint32_t max_sessions; /**< all workers together; 0 is 262144 */
	uint32_t max_subscribers; /**< all workers together; 0 is max_sessions / 8 */
	/** Sessions of all workers whose outside port is not their mapping's (shared pools, GRE,
	 * ESP, SCTP, UDP-Lite, hairpinned queries), and contacts of address-dependent filters;
	 * 0 is max_sessions / 16. Beyond it such sessions are refused as if the table were full. */
	uint32_t max_own_ports;
	uint32_t
		max_hosts6; /**< IPv6 hosts with NAT64 state, all workers; 0 is as max_subscribers, at most 65536 */
	/** IPv4 routes of all tenants, as many of IPv6, as many neighbours of both; 0 is 65536 */
	uint32_t max_routes;
	uint32_t
		record_ring_size; /**< records a worker may have waiting, power of two; 0 is 16384 */
	uint32_t ring_size; /**< punt, inject and handoff rings, power of two; 0 is 2048 */
	/** Random 64-bit numbers, unpredictable ones in production: ports and hash keys
	 * come from here. NULL: seeded from the kernel by getrandom(2). */
	uint64_t (*random)(void *arg);
	void *random_arg;
	/** All helpers, NULL at the end, for the gateway's life; NULL: none. */
	const struct sl_helper_ops *const *helpers;
	/** A counter of cycles that any lcore may read, as rte_rdtsc(); NULL: nothing is timed. */
	uint64_t (*cycles)(void);
	/** By enum sl_side, each independent of the other; read by sl_nat_create() alone. */
	struct sl_steering steering[2];
};

struct sl_nat; /**< a gateway */
struct sl_worker; /**< one worker of it */

/** Packets that leave; filled by the library, emptied by the caller, who then owns them. */
struct sl_out {
	unsigned int n[2]; /**< by enum sl_side */
	struct rte_mbuf *m[2][SL_OUT_MAX];
};

/**
 * Create a gateway. All memory for sessions is taken here.
 * @return NULL with rte_errno: EINVAL (also when the outside steering parts an even port from
 *         the next odd one), ENOMEM
 */
struct sl_nat *sl_nat_create(const struct sl_params *params);

/** Free it; no worker may run any more. Packets still in it are freed. NULL is fine. */
void sl_nat_destroy(struct sl_nat *nat);

/**
 * Put a configuration into force. The old one stays until all workers have left
 * it; sessions that the new one still permits go on untouched.
 * @return 0, -EINVAL (see sl_config_check()), -ENOMEM: then nothing has changed
 */
int sl_nat_configure(struct sl_nat *nat, const struct sl_config *config);

/** Worker number i; any lcore. */
struct sl_worker *sl_nat_worker(struct sl_nat *nat, unsigned int i);

/* ---- workers: each function only on the lcore that runs this worker ---- */

/** From here on configuration changes wait for this worker's sl_worker_poll(). */
void sl_worker_online(struct sl_worker *w);

/** The worker will not be polled until it is online again. */
void sl_worker_offline(struct sl_worker *w);

/**
 * Take a burst that was received on one side.
 * @param m    the packets, whole Ethernet frames; the library owns them from here
 * @param n    at most SL_BURST_MAX
 * @param now  monotonic time in milliseconds
 * @param out  packets to send are added here; room for n is enough for forwarding,
 *             what finds none is dropped and counted
 */
void sl_worker_receive(struct sl_worker *w, enum sl_side side, struct rte_mbuf **m, unsigned int n,
	uint64_t now, struct sl_out *out);

/**
 * Everything else a worker does, once a loop: packets handed over by other workers,
 * packets from control, messages, waiting packets, a bounded slice of ageing.
 * @return how much was done; 0 when idle
 */
unsigned int sl_worker_poll(struct sl_worker *w, uint64_t now, struct sl_out *out);

/** Report n packets of a side as sent and the rest as refused by the port; frees nothing. */
void sl_worker_sent(struct sl_worker *w, enum sl_side side, unsigned int n, unsigned int refused);

/** True once after something was put on this worker's way to control: wake it. */
bool sl_worker_woke_control(struct sl_worker *w);

/* ---- counters: any lcore ---- */

/** Every counter: SL_COUNTER_<ID>. */
enum sl_counter {
#define SL_COUNTER(id, name, sentence) SL_COUNTER_##id,
#include "counters.def"
#undef SL_COUNTER
	SL_COUNTER_COUNT
};

/** Name of a counter, as in "drop_ttl"; a constant. */
const char *sl_counter_name(enum sl_counter c);

/** What it counts, one sentence; a constant. */
const char *sl_counter_text(enum sl_counter c);

/** Its value at one worker. */
uint64_t sl_counter_get(const struct sl_nat *nat, unsigned int worker, enum sl_counter c);

/** The sum over all workers. */
uint64_t sl_counter_sum(const struct sl_nat *nat, enum sl_counter c);

/** True for drop_*: exactly one of them moves for each packet that is discarded. */
bool sl_counter_is_drop(enum sl_counter c);

/* ---- what the stages of the path cost: any lcore ---- */

/** Stages of the packet path, and the rest of a worker's loop. */
enum sl_stage {
	SL_STAGE_PARSE,
	SL_STAGE_FRAGMENTS,
	SL_STAGE_STEER,
	SL_STAGE_LOOKUP,
	SL_STAGE_SETTLE, /**< translation, opening of sessions */
	SL_STAGE_FINISH, /**< Ethernet header, hand-off, punts */
	SL_STAGE_POLL, /**< sl_worker_poll() without the packets that it brings: ageing, messages */
	SL_STAGE_COUNT
};

/** What a stage has cost at one worker in the calls that were timed, a share of all. */
struct sl_stage_use {
	uint64_t calls; /**< timed ones */
	uint64_t packets; /**< in them */
	uint64_t cycles; /**< of sl_params.cycles */
};

/** Name of a stage, as in "lookup"; a constant. */
const char *sl_stage_name(enum sl_stage stage);

/** Read one; since sl_config.performance was set, or since SL_MSG_COUNTERS_CLEAR. */
struct sl_stage_use sl_stage_get(
	const struct sl_nat *nat, unsigned int worker, enum sl_stage stage);

/* ---- control: punted and injected packets ---- */

/** A packet for control, and why. */
struct sl_punt {
	struct rte_mbuf *m; /**< the whole frame as received; the taker owns it */
	enum sl_punt_cause cause;
	enum sl_side side; /**< where it came in */
	unsigned int tenant; /**< index, for SL_INSIDE */
	unsigned int l3; /**< offset of the network header, after VLAN tags */
};

/** Take up to n punted packets from all workers; returns how many. */
unsigned int sl_control_punts(struct sl_nat *nat, struct sl_punt *punt, unsigned int n);

/**
 * Send a finished frame out of a side through some worker.
 * @return 0; -ENOBUFS when the ring is full: the caller keeps m
 */
int sl_control_inject(struct sl_nat *nat, enum sl_side side, struct rte_mbuf *m);

/** True when punts, events or replies are waiting; false is a hint only. */
bool sl_control_pending(struct sl_nat *nat);

/**
 * Give a packet of a flow that has a helper back to its worker, which looks up its way.
 * @param m  begins with its IP header, a struct sl_helper_note before it
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
	enum sl_event_type type;
	uint8_t side; /**< enum sl_side */
	uint16_t tenant;
	rte_be32_t addr;
	uint32_t worker, flow, created; /**< which one, as in struct sl_helper_note */
	rte_be16_t port;
	uint8_t proto;
	bool six; /**< addr6 counts, not addr */
	struct sl_ip6 addr6;
};

/** Take up to n events from all workers; returns how many. */
unsigned int sl_control_events(struct sl_nat *nat, struct sl_event *event, unsigned int n);

/** What a record tells of; sl_config.record_mask has bit 1 << type for those wanted. */
enum sl_record_type {
	SL_RECORD_SESSION_ADD,
	SL_RECORD_SESSION_DEL,
	SL_RECORD_MAPPING_ADD,
	SL_RECORD_MAPPING_DEL,
	SL_RECORD_BLOCK_ADD, /**< a block of ports was given to a subscriber */
	SL_RECORD_BLOCK_DEL,
	SL_RECORD_PORTS_EXHAUSTED, /**< no port for a subscriber; at most one a second and worker */
	SL_RECORD_SESSIONS_FULL, /**< table full; the same */
	SL_RECORD_LIMIT, /**< a subscriber at a limit of its own; the same */
	SL_RECORD_TYPE_COUNT
};

/** A record for the logs that the law or the operator wants; plain data. */
struct sl_record {
	uint64_t when; /**< milliseconds on the caller's clock */
	uint8_t type; /**< enum sl_record_type */
	uint8_t proto; /**< 0 for blocks */
	uint16_t tenant; /**< index */
	rte_be32_t in_addr, out_addr; /**< out_addr is 0 when something other than ports ran out */
	rte_be32_t rem_addr; /**< sessions only */
	rte_be16_t in_port, out_port, rem_port; /**< for blocks out_port is the first port */
	uint16_t block_size; /**< ports, for blocks */
	uint16_t limit; /**< enum sl_counter of the drop, for SL_RECORD_LIMIT */
	uint16_t worker;
	bool six; /**< NAT64: the inside is in6, in_addr stands for it */
	uint8_t plen6; /**< 128 for a host, less for a subscriber's prefix */
	uint16_t nat64; /**< index of its prefix; of a subscriber nothing */
	struct sl_ip6 in6;
};

/**
 * Take up to n records from all workers; returns how many. A full ring loses records and
 * counts them in records_lost; packets never wait for a log.
 */
unsigned int sl_control_records(struct sl_nat *nat, struct sl_record *record, unsigned int n);

/* ---- control: routes and neighbours, as the kernel has them ---- */

/**
 * Add or replace an IPv4 route.
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

/** Remove an IPv4 route; 0 or -ENOENT. */
int sl_route_del(struct sl_nat *nat, unsigned int tenant, rte_be32_t prefix, uint8_t plen);

/**
 * Tell of a neighbour on a side's link.
 * @param mac  its address, or NULL when it is gone or unreachable
 * @return 0, -ENOSPC
 */
int sl_neigh_set(struct sl_nat *nat, unsigned int tenant, enum sl_side side, rte_be32_t addr,
	const struct rte_ether_addr *mac);

/**
 * The same for IPv6, as sl_route_add(), sl_route_del() and sl_neigh_set(). By these routes IPv6
 * is routed natively as well: what comes from outside goes to the tenant with the longest prefix.
 * @param gw  next router, or NULL when the prefix is on the link
 */
int sl_route6_add(struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *prefix,
	uint8_t plen, enum sl_side side, const struct sl_ip6 *gw);
int sl_route6_del(
	struct sl_nat *nat, unsigned int tenant, const struct sl_ip6 *prefix, uint8_t plen);
int sl_neigh6_set(struct sl_nat *nat, unsigned int tenant, enum sl_side side,
	const struct sl_ip6 *addr, const struct rte_ether_addr *mac);

/** The IPv6 address of an IPv4 one behind a NAT64 prefix (RFC 6052 section 2.2); any lcore. */
struct sl_ip6 sl_nat64_embed(const struct sl_ifaddr6 *prefix, rte_be32_t addr);

/* ---- control: requests to workers ---- */

/** One session as seen by control; a copy. */
struct sl_session {
	rte_be32_t in_addr, out_addr, rem_addr;
	rte_be16_t in_port, out_port, rem_port; /**< for ICMP the query id, rem_port 0 */
	uint16_t tenant; /**< index */
	uint8_t proto;
	uint8_t tcp_state; /**< enum sl_tcp_state */
	bool opened_inbound; /**< the first packet came from outside */
	uint32_t age; /**< milliseconds since it was made */
	uint32_t idle; /**< milliseconds since the last packet that refreshed it */
	uint32_t left; /**< milliseconds until it would end */
	uint64_t packets[2]; /**< outbound, inbound */
	uint64_t bytes[2]; /**< the same, IP bytes, counted as IPv4 */
	unsigned int worker;
	bool six; /**< NAT64: the inside host is in6, in_addr stands for it */
	unsigned int nat64; /**< index of its prefix */
	struct sl_ip6 in6;
};

/** One mapping; a copy. */
struct sl_mapping {
	rte_be32_t in_addr, out_addr;
	rte_be16_t in_port, out_port;
	uint16_t tenant;
	uint8_t proto;
	bool is_static; /**< made by a port forward */
	uint32_t sessions;
	unsigned int worker;
	bool six; /**< NAT64, as in struct sl_session */
	unsigned int nat64;
	struct sl_ip6 in6;
};

/** One subscriber; a copy. */
struct sl_subscriber {
	rte_be32_t in_addr, out_addr; /**< out_addr: the paired outside address */
	uint16_t tenant;
	uint32_t sessions;
	uint32_t ports[3]; /**< TCP, UDP, ICMP */
	uint64_t refused; /**< new sessions refused by a limit */
	unsigned int worker;
	bool six; /**< NAT64: it is the hosts of in6, in_addr stands for them */
	struct sl_ifaddr6 in6;
};

/** Which sessions, mappings or subscribers; zero means any. */
struct sl_select {
	struct sl_ifaddr in, out, rem; /**< plen 0: any */
	struct sl_ifaddr6 in6; /**< NAT64 hosts in this network; plen 0: any */
	rte_be16_t in_port, out_port, rem_port;
	uint8_t proto;
	uint8_t tcp_state; /**< enum sl_tcp_state + 1 */
	uint16_t tenant; /**< index + 1 */
};

/** TCP states of a session, RFC 6146 section 3.5.2.2 with RFC 7857. */
enum sl_tcp_state {
	SL_TCP_NONE, /**< not TCP */
	SL_TCP_SYN_OUT, /**< SYN from inside seen (V6 INIT) */
	SL_TCP_SYN_IN, /**< SYN from outside seen (V4 INIT) */
	SL_TCP_ESTABLISHED,
	SL_TCP_FIN_OUT, /**< FIN from inside seen */
	SL_TCP_FIN_IN, /**< FIN from outside seen */
	SL_TCP_FIN_BOTH,
	SL_TCP_TRANS, /**< after a RST, or without a handshake */
	SL_TCP_STATE_COUNT
};

/** Name of a TCP state, as in "ESTABLISHED"; a constant; any lcore. */
const char *sl_tcp_state_name(enum sl_tcp_state state);

/** What control may ask of a worker. */
enum sl_msg_op {
	SL_MSG_SESSIONS, /**< copy selected sessions to buf */
	SL_MSG_MAPPINGS, /**< copy selected mappings to buf */
	SL_MSG_SUBSCRIBERS, /**< copy selected subscribers to buf */
	SL_MSG_MAPPING_AT, /**< copy the mapping at select.proto, .out.addr, .out_port, if any */
	SL_MSG_MAP_ADD, /**< make the mapping that buf, a struct sl_map_request, asks for */
	SL_MSG_MAP_DEL, /**< end the mapping of that request and its sessions */
	SL_MSG_CLEAR, /**< end the selected sessions */
	SL_MSG_COUNTERS_CLEAR, /**< set the worker's counters to zero */
	SL_MSG_SAVE, /**< copy records of a kind to buf, see save.h */
};

/**
 * A request; the caller owns it and keeps it until it comes back. A worker looks at
 * a bounded number of entries for each request, so a walk takes several: send the
 * message again with the cursor as it came back until it is UINT32_MAX.
 */
struct sl_msg {
	enum sl_msg_op op;
	struct sl_select select;
	uint32_t cursor; /**< 0 to begin; UINT32_MAX at the end */
	unsigned int max; /**< entries that buf has room for */
	unsigned int n; /**< entries written, or sessions ended */
	uint8_t kind; /**< SL_MSG_SAVE: enum sl_saved_kind */
	void *buf; /**< array of struct sl_session, sl_mapping or sl_subscriber, or a request */
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
	uint8_t proto; /**< IPPROTO_TCP, IPPROTO_UDP; IPPROTO_GRE: a call, see below */
	bool once; /**< one session from outside, then no more */
	bool half; /**< a call: rem_port is not known yet */
	bool pair; /**< also in_port + 1: an even port and the next (RTP and RTCP) */
	bool exact; /**< out_port or nothing; else it is a wish */
	/** Of the host itself, which decides who may come in, also to a mapping that was open to
	 * all (without this only time is added to such a one). */
	bool lease;
	/** The inside host is an IPv6 one, in6, behind the NAT64 prefix of that index; in_addr is
	 * answered. Not for calls. */
	bool six;
	unsigned int nat64;
	struct sl_ip6 in6;
	rte_be32_t in_addr;
	rte_be16_t in_port;
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
	/** 0; -EADDRINUSE, -EDQUOT at a limit, -ENOSPC, -EINVAL, -ENOENT for SL_MSG_MAP_DEL. */
	int status;
};

/** The worker that owns a subscriber: requests about it go there. */
unsigned int sl_subscriber_worker(const struct sl_nat *nat, rte_be32_t in_addr);

/** The same for an IPv6 host. */
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

/** Send a request to a worker; 0, or -ENOBUFS. */
int sl_msg_send(struct sl_nat *nat, unsigned int worker, struct sl_msg *msg);

/** An answered request of this worker, or NULL. */
struct sl_msg *sl_msg_recv(struct sl_nat *nat, unsigned int worker);

/** What is configured and used of one pool address, summed over workers; any lcore. */
struct sl_pool_use {
	rte_be32_t addr;
	unsigned int pool; /**< index */
	uint32_t ports; /**< ports of one protocol that may be used */
	uint32_t used[3]; /**< in use or resting: TCP, UDP, ICMP */
};

/** Copy the use of up to n pool addresses, starting with number first; returns how many. */
unsigned int sl_pool_use(
	struct sl_nat *nat, unsigned int first, struct sl_pool_use *use, unsigned int n);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_H */
