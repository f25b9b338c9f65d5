/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_RESTORE_H
#define SL_RESTORE_H

#include "map.h"
#include "save.h"
#include "snap.h"
#include "sub.h"

#define SL_RESTORE_AHEAD 32u /**< sessions whose memory is fetched at once */

struct sl_worker;

/** A stand-in of the saved gateway and that of this one. */
struct sl_stand_pair {
	rte_be32_t was, is; /* was 0: free */
};

/** A restoration under way; control's, and so is the gateway while it lasts. */
struct sl_restore {
	struct sl_nat *nat;
	const struct sl_snap *snap;
	const struct sl_saved_names *names;
	uint32_t now;
	uint64_t elapsed;
	struct sl_stand_pair *stand; /* by hash, half of it free */
	uint32_t stand_mask, n_stands;
	uint64_t count[SL_SAVED_KINDS][SL_SAVED_FATES];
};

/** From here on this stand-in of the records is that one. */
void sl_restore_stand(struct sl_restore *r, rte_be32_t was, rte_be32_t is);

/** The inside address of a record in this gateway. */
enum sl_saved_fate sl_restore_inside(const struct sl_restore *r, rte_be32_t was, rte_be32_t *is);

/** The tenant of a record in this gateway. */
enum sl_saved_fate sl_restore_tenant(const struct sl_restore *r, unsigned int was, uint8_t *is);

/** The pool address of a record; SL_SAVED_NO_ADDRESS when no mapping may be there. */
enum sl_saved_fate sl_restore_address(
	const struct sl_restore *r, rte_be32_t addr, const struct sl_addr **a);

/** The worker of an inside address. */
struct sl_worker *sl_restore_worker(const struct sl_restore *r, rte_be32_t inside);

/** A subscriber's outside address is this one, if its pool has it and it has none yet. */
void sl_restore_pair(const struct sl_restore *r, struct sl_sub *sub, const struct sl_addr *a);

/** Take an outside port (host order) for a subscriber, wherever it is. */
enum sl_saved_fate sl_restore_port(const struct sl_restore *r, struct sl_worker *w,
	struct sl_sub *sub, const struct sl_addr *a, uint8_t proto, uint16_t port);

/** Put one record back. */
enum sl_saved_fate sl_restore_host(struct sl_restore *r, const struct sl_saved_host *h);
enum sl_saved_fate sl_restore_block(struct sl_restore *r, const struct sl_saved_block *b);
enum sl_saved_fate sl_restore_rest(struct sl_restore *r, const struct sl_saved_rest *e);
enum sl_saved_fate sl_restore_map(struct sl_restore *r, const struct sl_saved_map *m);
/** @param t  of TCP the whole of it, else NULL */
enum sl_saved_fate sl_restore_flow(
	struct sl_restore *r, const struct sl_saved_flow *f, const struct sl_saved_tcp *t);

/** Fetch what putting back n sessions will read, which are `size` bytes apart. */
void sl_restore_ahead(const struct sl_restore *r, const void *records, size_t size, unsigned int n);

#endif /* SL_RESTORE_H */
