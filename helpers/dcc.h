/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_DCC_H
#define SL_DCC_H

#include "slice.h"

/** What a DCC request names. */
enum sl_dcc_kind {
	SL_DCC_OTHER, /**< nothing that is of interest here */
	SL_DCC_OFFER, /**< SEND, CHAT and their kind: where the sender listens */
	SL_DCC_RESUME, /**< the port of the receiver's own offer */
	SL_DCC_ACCEPT, /**< the port of the sender's own offer */
};

/** A DCC request; the slices are parts of it. */
struct sl_dcc {
	enum sl_dcc_kind kind;
	struct sl_slice addr; /**< of an offer, in one of three forms: */
	enum sl_dcc_form {
		SL_DCC_NUMBER,
		SL_DCC_DOTTED,
		SL_DCC_SIX, /**< text of IPv6 */
	} form;
	struct sl_slice port;
	rte_be32_t at; /**< the address, */
	struct sl_ip6 six; /**< or this one */
	uint16_t number; /**< the port, host order */
};

/**
 * Take the next CTCP message off the front of the text of a PRIVMSG or a NOTICE.
 * @param ctcp  gets what is between its delimiters
 * @return false when something else comes next
 */
bool sl_ctcp_next(struct sl_slice *text, struct sl_slice *ctcp);

/** Is it a DCC request at all, of whatever kind? */
bool sl_ctcp_is_dcc(struct sl_slice ctcp);

/** Read a DCC request; one that is not understood is SL_DCC_OTHER. */
struct sl_dcc sl_dcc_read(struct sl_slice ctcp);

#endif /* SL_DCC_H */
