/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PER_H
#define SL_PER_H

#include <rte_common.h>

#include "helper.h"

/*
 * ASN.1 in its packed encoding rules, aligned (ITU-T X.691). A protocol is described by constant
 * tables; sl_per_walk() goes along an encoding by them and tells where what was marked lies.
 */

/** What a type is. */
enum sl_per_kind {
	SL_PER_NULL,
	SL_PER_BITS, /**< hi bits; a BOOLEAN, or several in a row that none is optional of */
	SL_PER_INT, /**< lo..hi */
	SL_PER_OCTETS, /**< size lo..hi; hi 0: any; OBJECT IDENTIFIER, too */
	SL_PER_STRING, /**< size lo..hi, characters of n bits each */
	SL_PER_ENDPOINT, /**< OCTET STRING (SIZE (4)), INTEGER (0..65535): address and port */
	SL_PER_SEQUENCE, /**< n fields, and more that are additions */
	SL_PER_OF, /**< size lo..hi of field[0]; hi 0: any */
	SL_PER_CHOICE, /**< one of n fields, or of the additions behind them */
	SL_PER_WRAP /**< OCTET STRING that has an encoding of field[0] in it */
};

struct sl_per_field;

struct sl_per_type {
	enum sl_per_kind kind;
	bool ext; /**< has an extension marker */
	uint8_t n, more;
	uint32_t lo, hi;
	const struct sl_per_field *field;
};

/**
 * Part of a type. Without a type it is not described: as an addition it is skipped; elsewhere
 * nobody knows what follows, up to the end of what it lies in.
 */
struct sl_per_field {
	const struct sl_per_type *type;
	uint8_t mark; /**< 0: none; it holds for everything inside without a mark of its own */
	bool optional;
};

/* clang-format off */
#define SL_PER_FLAGS(count) { .kind = SL_PER_BITS, .hi = (count) }
#define SL_PER_RANGE(least, most) { .kind = SL_PER_INT, .lo = (least), .hi = (most) }
#define SL_PER_SIZE(least, most) { .kind = SL_PER_OCTETS, .lo = (least), .hi = (most) }
#define SL_PER_CHARS(bits, least, most) \
	{ .kind = SL_PER_STRING, .n = (bits), .lo = (least), .hi = (most) }
#define SL_PER_LIST(element) { .kind = SL_PER_OF, .field = (element) }
#define SL_PER_IN_OCTETS(element) { .kind = SL_PER_WRAP, .field = (element) }
/* Sequences and choices: with an extension marker behind so many fields, and without one. */
#define SL_PER_PARTS(kind_, ext_, root, fields) \
	{ .kind = (kind_), .ext = (ext_), .n = (root), .more = RTE_DIM(fields) - (root), \
	  .field = (fields) }
#define SL_PER_SEQ(root, fields) SL_PER_PARTS(SL_PER_SEQUENCE, true, root, fields)
#define SL_PER_SEQ_ALL(fields) SL_PER_PARTS(SL_PER_SEQUENCE, false, RTE_DIM(fields), fields)
#define SL_PER_ALT(root, fields) SL_PER_PARTS(SL_PER_CHOICE, true, root, fields)
#define SL_PER_ALT_ALL(fields) SL_PER_PARTS(SL_PER_CHOICE, false, RTE_DIM(fields), fields)
/* One of so many alternatives without a value, and others to come. */
#define SL_PER_ONE_OF(root) \
	{ .kind = SL_PER_CHOICE, .ext = true, .n = (root), .field = sl_per_nulls }
/* Fields. */
#define SL_PER_F(type_) { .type = &(type_) }
#define SL_PER_OPT(type_) { .type = &(type_), .optional = true }
#define SL_PER_MARK(mark_, type_) { .type = &(type_), .mark = (mark_) }
#define SL_PER_MARK_OPT(mark_, type_) { .type = &(type_), .mark = (mark_), .optional = true }
/* clang-format on */

extern const struct sl_per_field sl_per_nulls[16];

enum sl_per_found {
	SL_PER_CHOSEN, /**< a marked alternative; at: where it begins */
	SL_PER_NUMBER, /**< a marked integer */
	SL_PER_ADDRESS /**< a marked endpoint: six bytes at `at` */
};

/** Something marked. */
struct sl_per_hit {
	enum sl_per_found what;
	uint8_t mark;
	uint16_t at; /**< byte offset in the message */
	uint32_t value; /**< of a number */
};

#define SL_PER_HITS 192

/** What a walk has found, in the order of the bytes. */
struct sl_per_hits {
	unsigned int n;
	struct sl_per_hit hit[SL_PER_HITS];
};

/**
 * Walk along one encoding of a type, from offset `at` of a message on; hits are added.
 * @return where the encoding ends, or the message when it is not described to its end;
 *         0: this is no such encoding, or too much of one
 */
size_t sl_per_walk(const struct sl_per_type *type, struct sl_slice message, size_t at,
	struct sl_per_hits *hits);

#endif /* SL_PER_H */
