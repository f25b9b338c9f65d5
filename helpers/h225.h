/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_H225_H
#define SL_H225_H

#include "per.h"

/*
 * What of ITU-T H.225.0 and H.245 has to do with addresses, as tables for sl_per_walk().
 */

/** What is marked in them. */
enum sl_h323_mark {
	SL_H323_NONE,
	/* alternatives of messages */
	SL_H323_SETUP,
	SL_H323_OPEN, /**< OpenLogicalChannel */
	SL_H323_ACK, /**< its Ack */
	SL_H323_END, /**< EndSessionCommand */
	/* endpoints */
	SL_H323_SIGNAL, /**< of call signalling */
	SL_H323_CONTROL, /**< of H.245 */
	SL_H323_MEDIA, /**< RTP */
	SL_H323_RTCP,
	SL_H323_DATA, /**< T.120 */
	/* numbers */
	SL_H323_CHANNEL /**< of a logical channel */
};

/** What is marked in RAS. The messages are numbered as they are there, from 1 on. */
enum sl_ras_mark {
	SL_RAS_NONE,
	SL_RAS_GRQ = 1,
	SL_RAS_GCF,
	SL_RAS_RRQ = 4,
	SL_RAS_RCF,
	SL_RAS_RRJ,
	SL_RAS_URQ,
	SL_RAS_ARQ = 10,
	SL_RAS_ACF,
	SL_RAS_LRQ = 19,
	SL_RAS_LCF,
	SL_RAS_IRR = 23,
	/* endpoints */
	SL_RAS_SIGNAL = 32, /**< of call signalling */
	SL_RAS_RAS, /**< of RAS itself */
	/* numbers */
	SL_RAS_SEQUENCE, /**< requestSeqNum */
	SL_RAS_TIME /**< timeToLive, seconds */
};

/** H.225.0, in the user-user part of Q.931: H323-UserInformation. */
extern const struct sl_per_type sl_h225_message;

/** H.225.0, in datagrams: RasMessage. */
extern const struct sl_per_type sl_h225_ras;

/** H.245: MultimediaSystemControlMessage. */
extern const struct sl_per_type sl_h245_message;

/** H.245: OpenLogicalChannel by itself, as in fastStart. */
extern const struct sl_per_type sl_h245_open;

#endif /* SL_H225_H */
