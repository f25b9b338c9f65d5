/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_H323MAKE_H
#define TEST_H323MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "q931.h"

#define H323_MAX 2048
#define H323_LIST 8

#define Q931_INFORMATION 0x7b
#define Q931_FACILITY 0x62

/** Something encoded in aligned PER. */
struct bits {
	size_t n; /* bits */
	uint8_t b[H323_MAX];
};

/** A message of call signalling: what is NULL or 0 is not in it. Endpoints as "10.0.0.2:5000". */
struct h323_make {
	uint8_t type; /* of Q.931 */
	uint16_t call;
	const char *source, *dest; /* sourceCallSignalAddress, destCallSignalAddress of Setup */
	const char *other; /* alternativeAddress of Facility */
	const char *alias; /* transportID in sourceAddress of Setup */
	const char *h245;
	const char *decoy; /* these six bytes stand wherever bytes are free */
	const struct bits *fast[H323_LIST]; /* OpenLogicalChannel by itself */
	const struct bits *control[H323_LIST]; /* H.245 within */
};

/** Kinds of media whose description stands before the addresses. */
enum h323_media {
	H323_G711,
	H323_G7231,
	H323_GSM, /* an addition */
	H323_H261,
	H323_H263,
	H323_T120, /* data, with `media` in separateStack */
	H323_PRIVATE, /* nonStandard */
	H323_NULL, /* nullData: the media are those of the reverse channel */
	H323_MEDIA_KINDS
};

/** An OpenLogicalChannel, by itself; media and rtcp may be NULL. */
struct bits h323_open(uint16_t channel, enum h323_media kind, const char *media, const char *rtcp);

/** The same as a message of H.245; its Ack; EndSessionCommand; and one that says nothing here. */
struct bits h245_open(uint16_t channel, enum h323_media kind, const char *media, const char *rtcp);
struct bits h245_ack(uint16_t channel, const char *media, const char *rtcp);
struct bits h245_end(void);
struct bits h245_determination(void);

/** Whole TPKTs; their length. */
size_t h323_make(const struct h323_make *make, uint8_t *out);
size_t h323_tpkt(const struct bits *h245, uint8_t *out);

/** What other messages are made of: bits, aligned octets, the same with their length, parts. */
void h323_put(struct bits *p, uint32_t v, unsigned int n);
void h323_octets(struct bits *p, const void *b, size_t n);
void h323_string(struct bits *p, const void *b, size_t n);
void h323_address(struct bits *p, const char *endpoint);
void h323_endpoint_type(struct bits *p);

/** Where an endpoint's six bytes are from `from` on; n: nowhere. */
size_t h323_find(const uint8_t *b, size_t n, size_t from, const char *endpoint);

#endif
