/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_H323_H
#define SL_H323_H

#include "h225.h"

/*
 * A call of H.323 between h323.c, which reads what both ends say, and h323_open.c, which does what
 * the endpoints in it ask for.
 */

#define SL_H323_H245 0x245 /**< cookie of a connection of H.245 */
#define SL_H323_CALLS 16 /**< in one connection */
#define SL_H323_CHANNELS 24 /**< without an answer, of each end */
#define SL_H323_OPENED 32
#define SL_H323_ASKED 16 /**< in one message */

/** A call in a connection for call signalling. */
struct sl_h323_call {
	uint16_t reference;
	bool used;
	uint8_t caller; /**< enum sl_side */
};

/** What was opened, and for which call. */
struct sl_h323_opened {
	uint16_t call;
	rte_be16_t port;
	uint8_t proto;
};

/** State of a flow. */
struct sl_h323 {
	bool begun; /**< there was a Setup */
	uint8_t n_opened, next_call;
	uint8_t next_channel[2];
	struct sl_h323_call call[SL_H323_CALLS];
	uint16_t channel[2][SL_H323_CHANNELS]; /**< asked for by each side, 0: none */
	struct sl_h323_opened opened[SL_H323_OPENED];
};

_Static_assert(sizeof(struct sl_h323) <= SL_HELPER_STATE_MAX, "fits a flow's state");

/** A message in our hands. */
struct sl_h323_message {
	struct sl_helper *h;
	enum sl_side from;
	struct sl_slice bytes;
	uint16_t call;
	bool over; /**< it ends the call */
	unsigned int n_asked;
	struct sl_h323_asked {
		struct sl_expect e;
		int rc;
	} asked[SL_H323_ASKED]; /**< the same endpoint stands in many proposals */
};

/** Do what an endpoint in a message asks for; -EAGAIN: the message comes again. */
int sl_h323_endpoint(struct sl_h323_message *m, const struct sl_per_hit *hit);

/** End what was opened for a call. */
void sl_h323_end_call(struct sl_helper *h, uint16_t call);

#endif /* SL_H323_H */
