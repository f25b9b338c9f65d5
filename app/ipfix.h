/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef IPFIX_H
#define IPFIX_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"

#define IPFIX_MESSAGE_MAX 1400 /* bytes of a message; RFC 7011 section 10.3.3: below the MTU */
#define IPFIX_PORT 4739

/** A message that is being filled, and the stream it belongs to. */
struct ipfix {
	uint32_t domain; /**< observation domain */
	uint32_t sequence; /**< data records of the stream before this message */
	unsigned int n; /**< records in the message */
	size_t len; /**< bytes of it */
	size_t set; /**< where the open set begins; 0: none is */
	uint16_t set_id; /**< template of the open set */
	uint8_t buf[IPFIX_MESSAGE_MAX];
};

/** Begin a stream. */
void ipfix_init(struct ipfix *x, uint32_t domain);

/**
 * Add a record to the message.
 * @return 1; 0 when RFC 8158 has no event for it; -ENOSPC when the message is full
 */
int ipfix_add(struct ipfix *x, const struct record_view *view);

/** Complete the message in x->buf; seconds since 1970; returns its length. */
size_t ipfix_finish(struct ipfix *x, uint32_t seconds);

/** The message is gone, sent or lost: begin the next one. */
void ipfix_next(struct ipfix *x);

/** Write a message with all templates; returns its length, 0 when size is too small. */
size_t ipfix_templates(const struct ipfix *x, uint32_t seconds, uint8_t *buf, size_t size);

#endif /* IPFIX_H */
