/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sums over whole packets, for what is too rare to be worth an incremental update.
 */
#include <rte_ip.h>

#include "csum.h"

/* rte_raw_cksum_mbuf() of 22.11 forgets carries when a segment begins at an odd byte. */
uint16_t
sl_icmp_sum(const struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	uint32_t done = 0, sum = 0;

	for (; m != NULL && done < len; m = m->next) {
		uint32_t n;
		uint16_t part;

		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		n = RTE_MIN(len - done, m->data_len - off);
		part = rte_raw_cksum(rte_pktmbuf_mtod_offset(m, const char *, off), n);
		sum += done & 1 ? rte_bswap16(part) : part;
		done += n;
		off = 0;
	}
	return sl_fold(sum);
}
