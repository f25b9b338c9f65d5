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

/** H.225.0, in the user-user part of Q.931: H323-UserInformation. */
extern const struct sl_per_type sl_h225_message;

/** H.245: MultimediaSystemControlMessage. */
extern const struct sl_per_type sl_h245_message;

/** H.245: OpenLogicalChannel by itself, as in fastStart. */
extern const struct sl_per_type sl_h245_open;

#endif /* SL_H225_H */
