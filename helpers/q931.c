/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TPKT (RFC 1006 section 6) and Q.931 as H.225.0 section 7.2 uses it:
 *
 *	03 00 length      length of all, header included
 *	08                protocol discriminator
 *	02 call call      call reference; the top bit is set by who has not chosen it
 *	type
 *	elements          80-ff: one byte; others: type, length, value
 *	7e length length 05 ...     user-user: two bytes of length, here lies H.225.0
 *
 * Only codeset 0 is known, so a shift to another one (Q.931 section 4.5.3) ends the reading.
 */
#include "q931.h"

#define DISCRIMINATOR 0x08
#define USER_USER 0x7e
#define USER_ASN1 0x05 /* X.680, X.690 coded user information */
#define IS_SHIFT(type) (((type)&0xf0) == 0x90)

int
sl_tpkt_length(struct sl_slice data)
{
	static const uint8_t start[] = { 3, 0 };
	int n;

	for (size_t i = 0; i < sizeof(start) && i < data.n; i++)
		if (data.p[i] != start[i])
			return -1;
	if (data.n < SL_TPKT_HEADER)
		return 0;
	n = data.p[2] << 8 | data.p[3];
	return n < SL_TPKT_HEADER ? -1 : n;
}

/* Where the element at `at` ends; 0: nowhere in here. */
static size_t
element_end(struct sl_slice m, size_t at)
{
	size_t length = m.p[at] == USER_USER ? 2 : 1, n = 0;

	if (m.p[at] & 0x80)
		return at + 1;
	if (m.n - at < 1 + length)
		return 0;
	for (size_t i = 0; i < length; i++)
		n = n << 8 | m.p[at + 1 + i];
	at += 1 + length;
	return m.n - at < n ? 0 : at + n;
}

bool
sl_q931_read(struct sl_slice message, struct sl_q931 *q)
{
	size_t at = SL_TPKT_HEADER, end, octets;

	*q = (struct sl_q931){ .user = 0 };
	if (message.n < at + 2 || message.p[at] != DISCRIMINATOR)
		return false;
	octets = message.p[at + 1];
	at += 2;
	if (octets > 2 || message.n < at + octets + 1)
		return false;
	for (size_t i = 0; i < octets; i++)
		q->call = (uint16_t)(q->call << 8 |
				     (i == 0 ? message.p[at] & 0x7f : message.p[at + i]));
	at += octets;
	q->type = message.p[at++];
	for (; at < message.n && !IS_SHIFT(message.p[at]); at = end) {
		end = element_end(message, at);
		if (end == 0)
			return false;
		if (message.p[at] != USER_USER)
			continue;
		if (end - at > 4 && message.p[at + 3] == USER_ASN1) {
			q->user = at + 4;
			q->end = end;
		}
		break;
	}
	return true;
}
