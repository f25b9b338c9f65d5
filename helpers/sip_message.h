/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIP_MESSAGE_H
#define SL_SIP_MESSAGE_H

#include "slice.h"

/** What a request asks for, as far as it matters here. */
enum sip_method {
	SIP_OTHER,
	SIP_INVITE,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_REGISTER,
	SIP_SUBSCRIBE,
	SIP_UPDATE,
	SIP_PRACK
};

/** Header fields that matter here. */
enum sip_field {
	SIP_FIELD_OTHER,
	SIP_FIELD_VIA,
	SIP_FIELD_CONTACT,
	SIP_FIELD_ROUTE, /* and Record-Route, Path, Service-Route */
	SIP_FIELD_FROM,
	SIP_FIELD_TO,
	SIP_FIELD_PERSON, /* others that say who somebody is */
	SIP_FIELD_CALL_ID,
	SIP_FIELD_CSEQ,
	SIP_FIELD_LENGTH,
	SIP_FIELD_TYPE,
	SIP_FIELD_ENCODING,
	SIP_FIELD_EXPIRES,
	SIP_FIELD_SESSION
};

/** A header field; the value may be folded. */
struct sip_header {
	enum sip_field field;
	struct sl_slice value;
};

/** A message, taken apart. Slices lie within it. */
struct sip_message {
	bool request;
	enum sip_method method; /* of a response: that it answers */
	unsigned int status; /* of a response */
	struct sl_slice uri; /* of a request */
	struct sl_slice headers; /* all of them, without the start line */
	struct sl_slice body; /* as long as it says */
	struct sl_slice length; /* the number of Content-Length, empty without one */
	struct sl_slice type, encoding; /* of the body */
	uint64_t call; /* a hash of Call-ID */
	uint32_t
		tags; /* a hash of both tags, the same in both directions; 0 while one is missing */
	uint32_t sequence; /* CSeq of a response */
	uint32_t expires; /* seconds, UINT32_MAX when it does not say */
	uint32_t session; /* Session-Expires, 0 when it does not say */
	bool torn; /* the body is shorter than it says */
};

/** Take the next header field off the front. False at the end, which leaves the body. */
bool sip_header_next(struct sl_slice *rest, struct sip_header *header);

/** Take white space off the front, folds too. */
struct sl_slice sip_space(struct sl_slice s);

/** Take a parameter off the front, with the semicolon before it; false when there is none. */
bool sip_param(struct sl_slice *rest, struct sl_slice *name, struct sl_slice *value);

/** Is it this word, letters in either case? */
static inline bool
sip_is(struct sl_slice s, struct sl_slice word)
{
	return s.n == word.n && sl_slice_starts(s, word);
}

/** Take a message apart; false: it is none of SIP. */
bool sip_message_read(struct sl_slice text, struct sip_message *m);

/** Length of the message at the start of a stream, as struct sl_helper_ops.frame. */
int sip_message_length(struct sl_slice data);

#endif /* SL_SIP_MESSAGE_H */
