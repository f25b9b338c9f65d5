/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SAVE_H
#define SL_SAVE_H

/**
 * @file
 * The state of a gateway as records, to be given to another gateway later: taken piece by piece
 * while workers run (SL_MSG_SAVE) or at once when none does, and put back before any runs. What
 * becomes of the records in between is the caller's; save.c and restore.c say what is in them.
 *
 * Addresses and ports are in network byte order, all else in the machine's; times are in
 * milliseconds. A record has no holes, so equal state gives equal bytes.
 */

#include "sluice.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SL_SAVE_STEP 128 /**< places that one SL_MSG_SAVE looks at, from its cursor on */

/** Kinds of records, in the order in which they are to be saved and put back. */
enum sl_saved_kind {
	SL_SAVED_HOST, /**< IPv6 hosts, and what stands for them */
	SL_SAVED_BLOCK, /**< blocks of ports */
	SL_SAVED_MAP, /**< mappings that are more than the place of their sessions */
	SL_SAVED_FLOW, /**< sessions but those of TCP */
	SL_SAVED_TCP, /**< sessions of TCP */
	SL_SAVED_REST, /**< ports that rest */
	SL_SAVED_KINDS /**< how many there are */
};

/** An IPv6 host, or with nat64 SL_SAVED_SUBSCRIBER a subscriber's network. */
struct sl_saved_host {
	struct sl_ip6 addr; /**< the host, or the network */
	rte_be32_t stand; /**< stands for it in the other records */
	uint16_t tenant; /**< index */
	uint8_t nat64; /**< index of its prefix */
	uint8_t plen; /**< of a subscriber's network, else 128 */
};

#define SL_SAVED_SUBSCRIBER UINT8_MAX /**< no prefix: the record is about a subscriber */

/** A block of ports that a subscriber holds. */
struct sl_saved_block {
	rte_be32_t in_addr; /**< the subscriber */
	rte_be32_t out_addr; /**< whose ports they are */
	uint16_t start; /**< first port, host order */
	uint16_t ports; /**< how many */
	uint16_t tenant; /**< index */
	uint16_t spare; /**< 0 */
};

/** A mapping that is held, or whose filter is not its pool's. */
struct sl_saved_map {
	rte_be32_t in_addr; /**< the inside host */
	rte_be32_t out_addr; /**< its outside address */
	rte_be32_t rem_addr; /**< who may come in, 0: anyone */
	rte_be16_t in_port; /**< of the inside host */
	rte_be16_t out_port; /**< of the outside address */
	rte_be16_t rem_port; /**< who may come in, 0: any */
	uint8_t tenant; /**< index */
	uint8_t proto; /**< IP protocol */
	uint8_t flags; /**< of the library */
	uint8_t filter; /**< enum sl_filter */
	uint16_t spare; /**< 0 */
	uint32_t left; /**< of its own time */
};

/** One end of a TCP connection; fields as in struct sl_tcp_end of flow.h. */
struct sl_saved_end {
	uint32_t end; /**< behind the last byte that it has sent */
	uint32_t limit; /**< behind the last byte that it may send */
	uint32_t win; /**< its largest window, bytes */
	uint8_t scale; /**< shift of its window */
	uint8_t seen; /**< it has sent something */
	uint8_t scale_ok; /**< it has announced a shift */
	uint8_t again; /**< its SYN came after the connection had ended: the ports are used again */
};

/** A session. */
struct sl_saved_flow {
	rte_be32_t in_addr; /**< the inside host */
	rte_be32_t rem_addr; /**< the remote end */
	rte_be32_t out_addr; /**< the outside address */
	rte_be16_t in_port; /**< of the inside host */
	rte_be16_t rem_port; /**< of the remote end */
	rte_be16_t out_port; /**< of the outside address */
	uint8_t tenant; /**< index */
	uint8_t proto; /**< IP protocol */
	uint8_t flags; /**< of the library */
	uint8_t tcp_state; /**< enum sl_tcp_state */
	uint8_t timeout; /**< enum sl_timeout */
	uint8_t helper; /**< number, 0: none */
	rte_be16_t call; /**< of a call the inside host's own id */
	uint16_t spare[3]; /**< 0 */
	uint32_t idle; /**< since the last packet that refreshed it */
	uint32_t age; /**< since it was made */
	uint32_t place; /**< among its worker's, as in struct sl_helper_note */
	uint32_t created; /**< the same */
	uint64_t packets[2]; /**< outbound, inbound */
	uint64_t bytes[2]; /**< the same */
};

/** One of TCP. */
struct sl_saved_tcp {
	struct sl_saved_flow flow; /**< what it has in common with others */
	struct sl_saved_end end[2]; /**< inside, outside */
	/** What a helper's changes add to the sequence numbers of each side, as
	 * sl_helpers_shift() says; zero is what workers write, who do not know. UINT32_MAX twice:
	 * bytes were on their way that only the helper could bring there. */
	uint32_t shift[2];
};

/** A port that nobody may have yet. */
struct sl_saved_rest {
	rte_be32_t out_addr; /**< whose port it is */
	uint32_t left; /**< until it has rested */
	uint16_t port; /**< host order */
	uint16_t kind; /**< 0 TCP, 1 UDP, 2 ICMP */
};

#ifndef __cplusplus
_Static_assert(sizeof(struct sl_saved_host) == 24 && sizeof(struct sl_saved_block) == 16 &&
		       sizeof(struct sl_saved_map) == 28 && sizeof(struct sl_saved_end) == 16 &&
		       sizeof(struct sl_saved_flow) == 80 && sizeof(struct sl_saved_tcp) == 120 &&
		       sizeof(struct sl_saved_rest) == 12,
	"records have no holes");
#endif

/** Size of a record of a kind. */
size_t sl_saved_size(enum sl_saved_kind kind);

/** Answer a request here and now. Only while no worker runs; any request will do. */
void sl_worker_answer(struct sl_worker *w, struct sl_msg *msg);

/** Who owns which subscriber, as far as that was left to chance. */
struct sl_owners {
	uint64_t six[4]; /**< key of the hash of IPv6 hosts */
	uint32_t four; /**< key of the hash of IPv4 subscribers */
	uint32_t n_workers; /**< among which they are shared */
};

/** How this gateway shares subscribers out. */
struct sl_owners sl_owners_get(const struct sl_nat *nat);

/**
 * Share them out as another gateway did, so that nothing has to change its owner. Before the first
 * configuration.
 * @param nat     the gateway
 * @param owners  from sl_owners_get() of the other one
 * @return 0; -EINVAL: that one had another number of workers; -EBUSY: too late
 */
int sl_owners_set(struct sl_nat *nat, const struct sl_owners *owners);

/** What became of a record. */
enum sl_saved_fate {
	SL_SAVED_BACK, /**< it is back */
	SL_SAVED_OVER, /**< its time was over */
	SL_SAVED_NO_TENANT, /**< its tenant is gone */
	SL_SAVED_NO_HOST, /**< its IPv6 host or the host's prefix is gone */
	SL_SAVED_NO_ADDRESS, /**< its outside address is in no pool */
	SL_SAVED_NO_FORWARD, /**< it was behind a forward that is gone */
	SL_SAVED_NO_PORT, /**< its port is not for it any more */
	SL_SAVED_OTHER_WORKER, /**< its two directions belong to two workers now */
	SL_SAVED_LIMIT, /**< its subscriber has enough */
	SL_SAVED_FULL, /**< a table is full */
	SL_SAVED_HELPER, /**< a helper was about to change it, or cannot shift its numbers now */
	SL_SAVED_CLASH, /**< what it needs has been taken by another record */
	SL_SAVED_NONSENSE, /**< no gateway has written this */
	SL_SAVED_FATES /**< how many there are */
};

/** What became of a record, as in "its time was over"; a constant. */
const char *sl_saved_fate_text(enum sl_saved_fate fate);

struct sl_helpers;

/** How the saved gateway's indices translate into this one's; -1: gone. */
struct sl_saved_names {
	const int *tenant; /**< this one's index of each tenant there */
	const int *nat64; /**< this one's index of each prefix there */
	unsigned int n_tenants; /**< elements of tenant */
	unsigned int n_nat64; /**< elements of nat64 */
	uint8_t helper[SL_HELPERS_MAX + 1]; /**< number to number, 0: none */
	struct sl_helpers *helpers; /**< who is to shift numbers; NULL: nobody can */
};

/** A restoration under way. */
struct sl_restore;

/**
 * Begin to put state back, into a configured gateway that is empty and whose workers do not run.
 * @param nat      the gateway
 * @param names    used as long as the restoration lasts
 * @param n_hosts  records of hosts that will come
 * @param elapsed  milliseconds since they were taken
 * @param now      as for the workers
 * @return NULL without memory, or when there is no configuration
 */
struct sl_restore *sl_restore_begin(struct sl_nat *nat, const struct sl_saved_names *names,
	uint32_t n_hosts, uint64_t elapsed, uint64_t now);

/**
 * Put n records of one kind back, kinds in the order of enum sl_saved_kind. Records are looked at
 * as if an enemy had written them.
 * @param r       the restoration
 * @param kind    of all n
 * @param n       how many
 * @param record  array of the kind's structure, aligned to 8
 */
void sl_restore_put(
	struct sl_restore *r, enum sl_saved_kind kind, const void *record, unsigned int n);

/** How many records of a kind met this fate so far. */
uint64_t sl_restore_count(
	const struct sl_restore *r, enum sl_saved_kind kind, enum sl_saved_fate fate);

/** The end; the gateway keeps what is back. NULL is fine. */
void sl_restore_end(struct sl_restore *r);

#ifdef __cplusplus
}
#endif

#endif /* SL_SAVE_H */
