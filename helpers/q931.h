/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_Q931_H
#define SL_Q931_H

#include "helper.h"

/*
 * What carries H.323's messages on TCP: TPKT (RFC 1006), and Q.931 in it for call signalling.
 */

#define SL_TPKT_HEADER 4

/** Message types of Q.931 (ITU-T Q.931 table 4-2). */
enum sl_q931_type {
	SL_Q931_ALERTING = 0x01,
	SL_Q931_CALL_PROCEEDING = 0x02,
	SL_Q931_PROGRESS = 0x03,
	SL_Q931_SETUP = 0x05,
	SL_Q931_CONNECT = 0x07,
	SL_Q931_SETUP_ACK = 0x0d,
	SL_Q931_RELEASE_COMPLETE = 0x5a
};

/** A message of Q.931. */
struct sl_q931 {
	uint16_t call; /**< call reference, without the flag that tells whose it is */
	uint8_t type;
	size_t user, end; /**< what H.225.0 put into it: from, up to; 0: nothing */
};

/** Length of the TPKT at the start; as sl_helper_ops.frame has it. */
int sl_tpkt_length(struct sl_slice data);

/** Read the Q.931 message in a whole TPKT; false: it is none. */
bool sl_q931_read(struct sl_slice message, struct sl_q931 *q);

#endif /* SL_Q931_H */
