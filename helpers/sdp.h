/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SDP_H
#define SL_SDP_H

#include "sip_dialog.h"
#include "slice.h"

struct sip_work;

#define SDP_CONNECTIONS 12 /* c= and o= lines that are looked at */

/** An address in the description. */
struct sdp_conn {
	struct sl_slice text; /* from its type on: "IP4 192.0.2.1" */
	rte_be32_t addr; /* as sip_take_addr() has it */
	int media; /* of this m=, or -1 */
	bool origin; /* o= */
};

/** An m= line and what follows. */
struct sdp_media {
	struct sl_slice line; /* with its end */
	struct sl_slice end; /* behind the last line that belongs to it, empty */
	struct sl_slice port, count; /* count with its slash, or empty */
	struct sl_slice rtcp; /* port of a=rtcp, or empty */
	struct sdp_addr {
		struct sl_slice text;
		rte_be32_t addr;
	} rtcp_addr; /* its address, or empty */
	uint32_t number, n, rtcp_number;
	rte_be32_t addr; /* 0: none that is known */
	bool named; /* has a c= of its own */
	bool odd; /* its address is none that we read */
	bool rtp;
	uint8_t proto;
	bool open; /* and this stands for it: */
	rte_be32_t out_addr;
	rte_be16_t out_port;
	uint16_t out_n; /* pairs in a row */
	rte_be16_t out_rtcp; /* 0: next to it */
};

struct sdp {
	unsigned int n_media, n_conn;
	bool ice;
	bool too_long;
	rte_be32_t addr; /* of the session, 0: none that is known */
	bool odd;
	struct sdp_conn conn[SDP_CONNECTIONS];
	struct sdp_media media[SIP_MEDIA];
};

/** Read a description; the slices lie within it. */
void sdp_read(struct sdp *d, const struct sip_work *w, struct sl_slice text);

#endif /* SL_SDP_H */
