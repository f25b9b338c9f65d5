/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SLUICE_CONFIG_H
#define SLUICE_CONFIG_H

/**
 * @file
 * The configuration of a gateway as its owner edits it: plain data, of which sl_nat_configure()
 * copies what it needs.
 */

#include <stddef.h>

#include "sluice_types.h"

#ifdef __cplusplus
extern "C" {
#endif

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
	SL_TIMEOUT_COUNT /**< how many there are */
};

/** Filtering of inbound packets towards a mapping (RFC 4787 section 5). */
enum sl_filter {
	SL_FILTER_EI, /**< endpoint-independent: anyone may send */
	SL_FILTER_AD, /**< address-dependent */
	SL_FILTER_APD, /**< address- and port-dependent */
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
	uint8_t n_ports; /**< elements of port in use */
	uint16_t port[SL_HELPER_SERVERS_MAX]; /**< of servers, host order */
};

/** A switch that a tenant may have of its own. */
enum sl_say {
	SL_SAY_NOTHING, /**< as for all */
	SL_SAY_ON, /**< on, whatever holds for all */
	SL_SAY_OFF, /**< off, whatever holds for all */
};

/** What is said of helpers in one place: bit 1 << number of those switched on, and off. */
struct sl_helper_switch {
	uint16_t on; /**< those switched on here */
	uint16_t off; /**< those switched off here; of neither, a wider place decides */
};

/** Outside addresses and the ports that dynamic mappings may take on them. */
struct sl_pool {
	char name[SL_NAME_MAX]; /**< empty: removed, as if absent */
	struct sl_range4 *range; /**< its addresses, owned by the configuration */
	unsigned int n_ranges; /**< elements of range */
	uint16_t port_min; /**< lowest port, host order; both 0: 1024..65535 */
	uint16_t port_max; /**< highest port, host order */
	enum sl_filter filter_udp; /**< who may send to a UDP mapping, RFC 4787 REQ-8 */
	enum sl_filter filter_tcp; /**< who may send to a TCP mapping, RFC 5382 REQ-3 */
	/** Endpoint-dependent mapping of UDP: a port serves many subscribers whose remote endpoints
	 * differ (RFC 7857 section 3). Filtering is then address- and port-dependent. */
	bool shared_udp;
	bool shared_tcp; /**< the same of TCP */
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
	uint8_t proto; /**< IP protocol, 0: any */
	rte_be16_t port; /**< the remote port, 0: any */
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
	unsigned int n_addrs; /**< elements of addr */
	struct sl_ifaddr6 *addr6; /**< the same of IPv6; the first one sends ICMPv6 errors; owned */
	unsigned int n_addrs6; /**< elements of addr6 */
	unsigned int pool; /**< index of its pool */
	struct sl_limits limits; /**< of each of its subscribers */
	struct sl_helper_switch helpers; /**< stronger than the pool's */
	uint8_t upnp; /**< enum sl_say; stronger than the policy's */
	uint8_t pcp; /**< the same of PCP and NAT-PMP */
};

/** A port forward: what arrives at an outside endpoint goes to an inside one. */
struct sl_forward {
	uint8_t proto; /**< IPPROTO_TCP or IPPROTO_UDP */
	rte_be32_t out_addr; /**< an outside or pool address */
	rte_be16_t out_port; /**< the first outside port */
	rte_be16_t in_port; /**< the first inside port */
	uint16_t ports; /**< this many consecutive ports on both ends; 0 is 1 */
	rte_be32_t in_addr; /**< the inside host */
	unsigned int tenant; /**< index of its tenant */
	struct sl_ifaddr from; /**< remote filter, plen 0 is anyone */
	uint64_t expires; /**< milliseconds on the caller's clock, 0: never */
	bool six; /**< NAT64: the inside host is in6, not in_addr */
	struct sl_ip6 in6; /**< that host */
	unsigned int nat64; /**< index of the prefix by which that host sees the outside */
	char description[64]; /**< a note for people; may be empty */
	bool leased; /**< a host has asked for it by UPnP or PCP: not the operator's to write or edit */
	bool unsaved; /**< made while the box runs, in no file */
};

/**
 * A NAT64 prefix (RFC 6052): what hosts of the tenant send to it leaves as IPv4. Hosts refer to
 * prefixes by index: one that is removed leaves an entry with length 0, as if absent.
 */
struct sl_nat64 {
	struct sl_ifaddr6 prefix; /**< of length 32, 40, 48, 56, 64 or 96 */
	unsigned int tenant; /**< index of the tenant whose hosts it serves */
};

/** A service of the box itself that the outside may reach. */
struct sl_service {
	uint8_t proto; /**< IPPROTO_TCP, IPPROTO_UDP, or 0 for any */
	rte_be16_t port; /**< 0 for a protocol without ports */
};

/** A static route. The library only keeps it: whoever owns routes (app: the kernel) adds it. */
struct sl_static_route {
	struct sl_ifaddr prefix; /**< destination */
	rte_be32_t gw; /**< next router */
	unsigned int tenant; /**< index; for others than 0 the gateway is an inside router */
	bool six; /**< prefix6 and gw6 count, not prefix and gw */
	struct sl_ifaddr6 prefix6; /**< destination */
	struct sl_ip6 gw6; /**< next router */
};

/** A static neighbour, kept like a static route. */
struct sl_static_neigh {
	enum sl_side side; /**< on whose link it is */
	rte_be32_t addr; /**< its address */
	struct rte_ether_addr mac; /**< its MAC address */
	bool six; /**< addr6 counts, not addr */
	struct sl_ip6 addr6; /**< its address */
};

#define SL_LEASE_RANGES 16 /**< runs of ports that hosts may open */

/** Ports that hosts open by themselves (UPnP IGD, NAT-PMP, PCP), kept like a static route. */
struct sl_lease_policy {
	bool upnp; /**< UPnP IGD, for tenants that do not say otherwise */
	bool pcp; /**< PCP and NAT-PMP, the same */
	uint8_t igd; /**< version of the IGD, 1 or 2; 0 is 1 */
	uint16_t http_port; /**< of UPnP's description and control, host order; 0 is 5000 */
	struct sl_port_range ports[SL_LEASE_RANGES]; /**< outside ports that may be opened */
	unsigned int n_ports; /**< of them; 0 is 1024..65535 */
	uint32_t max; /**< leases of all hosts; 0 is 4096 */
	uint32_t max_host; /**< of one host; 0 is 64 */
	uint32_t seconds; /**< longest lifetime; 0 is 7 days (UPnP), PCP at most 24 h */
	struct sl_ifaddr *deny; /**< hosts that get none, owned */
	unsigned int n_deny; /**< elements of deny */
	struct sl_ifaddr *third_party; /**< hosts that may ask for others, owned */
	unsigned int n_third_party; /**< elements of third_party */
	char file[SL_LEASE_FILE_MAX]; /**< where leases outlive a restart; empty: nowhere */
};

/** State that outlives the process, kept like a static route. */
struct sl_state_policy {
	char file[SL_LEASE_FILE_MAX]; /**< where; empty: nowhere */
	uint32_t interval; /**< seconds between saves, 0: at the end only */
};

#define SL_LOG_TYPE_MAX 48 /**< name of a log type with its final zero, bytes */

/** How much a part of the program says of itself, kept like a static route. */
struct sl_log_level {
	char type[SL_LOG_TYPE_MAX]; /**< name, or a pattern of several */
	uint8_t level; /**< of rte_log, 1 to 8 */
};

/** Who is told of the pools while the box is healthy, kept like a static route. */
struct sl_announce_policy {
	bool on; /**< the kernel has routes of the pools, for a routing daemon */
	uint32_t hold; /**< seconds that the box must have been healthy before */
};

/** Where figures are served over HTTP, kept like a static route. */
struct sl_metrics_policy {
	bool on; /**< they are served */
	bool six; /**< addr6 counts, not addr */
	rte_be32_t addr; /**< address to listen at, 0: any */
	struct sl_ip6 addr6; /**< the same of IPv6 */
	rte_be16_t port; /**< to listen at */
};

/** What kind of place records go to. */
enum sl_log_kind {
	SL_LOG_SYSLOG, /**< RFC 5424 over UDP */
	SL_LOG_SYSLOG_LOCAL, /**< RFC 5424 to the local syslog socket */
	SL_LOG_IPFIX, /**< RFC 7011 over UDP */
};

/** A place for records, kept like a static route: whoever takes records sends them there. */
struct sl_log_sink {
	enum sl_log_kind kind; /**< what is spoken there */
	rte_be32_t addr; /**< of the collector; 0 for the local one */
	rte_be16_t port; /**< of the collector, UDP */
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
	SL_PUNT_COUNT /**< how many there are */
};

/** Established TCP sessions whose inside host is asked when their time runs out. */
enum sl_probe {
	SL_PROBE_OFF, /**< none */
	SL_PROBE_NAT64, /**< those of IPv6 hosts, RFC 6146 section 3.5.2.2 */
	SL_PROBE_ALL, /**< all */
};

/** The whole configuration. Plain data; sl_nat_configure() copies what it needs. */
struct sl_config {
	struct sl_link link[2]; /**< by enum sl_side */
	struct sl_ifaddr *outside; /**< the box's own outside addresses, owned */
	unsigned int n_outside; /**< elements of outside */
	struct sl_tenant *tenant; /**< entry 0 exists always, owned */
	unsigned int n_tenants; /**< elements of tenant */
	struct sl_pool *pool; /**< without one, the outside addresses are the pool; owned */
	unsigned int n_pools; /**< elements of pool */
	struct sl_forward *forward; /**< port forwards, owned */
	unsigned int n_forwards; /**< elements of forward */
	struct sl_service *service; /**< what of the box the outside may reach, owned */
	unsigned int n_services; /**< elements of service */
	struct sl_bypass *bypass; /**< destinations without translation, owned */
	unsigned int n_bypasses; /**< elements of bypass */
	struct sl_ifaddr6 *outside6; /**< the box's own IPv6 addresses outside; owned */
	unsigned int n_outside6; /**< elements of outside6 */
	struct sl_nat64 *nat64; /**< without one there is no NAT64; owned */
	unsigned int n_nat64; /**< elements of nat64 */
	uint8_t nat64_subscriber; /**< hosts of a prefix of this length, 48..128, are one subscriber; 0 is 64 */
	uint32_t nat64_hosts; /**< IPv6 hosts with state that one subscriber may have; 0 is 256 */
	/** IPv4 packets that may be cut leave as IPv6 ones of this size at most (RFC 7915 section
	 * 4, lowest IPv6 MTU), 1280 at least; 0 is 1280. */
	uint16_t nat64_mtu;
	/** Whole UDP packets from outside that have no checksum get one; else they are dropped. */
	bool nat64_checksum;
	bool nat64_tos_set; /**< the TOS of packets that become IPv4 is set, not copied */
	bool nat64_class_set; /**< the traffic class of packets that become IPv6 is set, not copied */
	uint8_t nat64_tos; /**< its differentiated services, the upper six bits; ECN is copied */
	uint8_t nat64_class; /**< the same of the traffic class */
	bool ipv6_route; /**< route IPv6 that no NAT64 prefix claims; else it is dropped */
	uint32_t block_idle; /**< seconds after which a block without used ports goes back */
	uint16_t mss; /**< largest TCP MSS that a SYN may announce either way; 0: leave as is */
	bool other_protocols; /**< GRE, ESP, SCTP and UDP-Lite by address alone */
	struct sl_static_route *route; /**< kept for whoever owns routes; owned */
	unsigned int n_routes; /**< elements of route */
	struct sl_static_neigh *neigh; /**< the same of neighbours; owned */
	unsigned int n_neighs; /**< elements of neigh */
	struct sl_log_sink *sink; /**< where records go, kept for whoever takes them; owned */
	unsigned int n_sinks; /**< elements of sink */
	struct sl_log_level *log_level; /**< levels of log types; owned */
	unsigned int n_log_levels; /**< entries of log_level */
	struct sl_helper_config helper[SL_HELPERS_MAX]; /**< helper number i is element i - 1 */
	struct sl_lease_policy lease; /**< ports that hosts open by themselves */
	struct sl_metrics_policy metrics; /**< where figures are served */
	struct sl_announce_policy announce; /**< who is told of the pools */
	struct sl_state_policy state; /**< what outlives the process */
	uint32_t timeout[SL_TIMEOUT_COUNT]; /**< seconds, by enum sl_timeout */
	/** Lowest port (host order) that the kernel uses on the box's own outside
	 * addresses for its own connections: never given to a mapping, punted. */
	uint16_t kernel_port_min;
	uint16_t kernel_port_max; /**< the highest of them, host order */
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

/**
 * A configuration with the defaults of the RFCs and tenant "default"; the caller owns it. Any
 * lcore, as all functions of this header: they touch nothing but their arguments.
 * @return NULL without memory
 */
struct sl_config *sl_config_create(void);

/** A deep copy, which the caller owns; NULL without memory. Any lcore, while nobody edits it. */
struct sl_config *sl_config_clone(const struct sl_config *config);

/** Free it and all that it owns, which must be from malloc(3); NULL is fine. */
void sl_config_destroy(struct sl_config *config);

/**
 * Say what is wrong with a configuration.
 * @param config  what sl_nat_configure() is to get
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

/** Number of a pool's addresses; any lcore. */
uint32_t sl_pool_size(const struct sl_pool *pool);

/**
 * The plan of a pool (RFC 7422); any lcore.
 * @param pool  a pool of a configuration that sl_config_check() accepts
 * @param plan  filled in
 * @return false when it is not deterministic or has no room
 */
bool sl_pool_plan(const struct sl_pool *pool, struct sl_plan *plan);

/**
 * Who had an outside port by the plans of the configuration (RFC 7422); any lcore.
 * @param config  with the pools as they were then
 * @param addr    the outside address
 * @param port    the outside port, host order
 * @param pool    gets the pool that has the address, which the configuration owns; may be NULL
 * @return the inside address, or 0: no deterministic pool has this port
 */
rte_be32_t sl_config_lookup(const struct sl_config *config, rte_be32_t addr, uint16_t port,
	const struct sl_pool **pool);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_CONFIG_H */
