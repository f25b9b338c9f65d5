/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Data connections of FTP, and how their addresses and ports are written.
 */
#include <stdio.h>

#include <rte_byteorder.h>

#include "ftp.h"

#define DATA_MS 120000 /* until a data connection must have come */

bool
sl_ftp_take_six(struct sl_slice *s, rte_be32_t *addr, rte_be16_t *port)
{
	struct sl_slice rest = *s;
	uint64_t six = 0;

	for (int i = 0; i < 6; i++) {
		uint32_t part;

		if (i > 0 && (rest.n == 0 || rest.p[0] != ','))
			return false;
		if (i > 0)
			rest = sl_slice_skip(rest, 1);
		if (!sl_slice_number(&rest, 255, &part))
			return false;
		six = six << 8 | part;
	}
	*addr = rte_cpu_to_be_32((uint32_t)(six >> 16));
	*port = rte_cpu_to_be_16((uint16_t)six);
	*s = rest;
	return true;
}

void
sl_ftp_put_six(struct sl_helper *h, size_t at, size_t n, rte_be32_t addr, rte_be16_t port)
{
	uint32_t a = rte_be_to_cpu_32(addr), p = rte_be_to_cpu_16(port);
	char six[32];
	int len = snprintf(six, sizeof(six), "%u,%u,%u,%u,%u,%u", a >> 24, a >> 16 & 255,
		a >> 8 & 255, a & 255, p >> 8, p & 255);

	sl_helper_replace(h, at, n, six, (size_t)len);
}

bool
sl_ftp_take_byte(struct sl_slice *s, uint8_t c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = sl_slice_skip(*s, 1);
	return true;
}

bool
sl_ftp_expect(struct sl_helper *h, rte_be16_t port, struct sl_expect *e)
{
	struct sl_ftp *ftp = h->state;

	if (ftp->data_port != 0 && ftp->data_port != port)
		sl_helper_unexpect(h, IPPROTO_TCP, h->in_addr, ftp->data_port);
	*e = (struct sl_expect){
		.proto = IPPROTO_TCP,
		.once = true,
		.in_addr = h->in_addr,
		.in_port = port,
		.rem_addr = h->rem_addr,
		.lifetime = DATA_MS,
	};
	if (sl_helper_expect(h, e) != 0)
		return false;
	ftp->data_port = port;
	return true;
}

bool
sl_ftp_is_private(rte_be32_t addr)
{
	uint32_t a = rte_be_to_cpu_32(addr);

	return a >> 24 == 0 || a >> 24 == 10 || a >> 24 == 127 || a >> 20 == 0xac1 ||
	       a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe || a >> 22 == 0x191;
}

/* Whatever is around the six numbers is free (RFC 1123 section 4.1.2.6). */
bool
sl_ftp_find_six(struct sl_slice text, struct sl_slice *at, struct sl_slice *rest, rte_be32_t *addr,
	rte_be16_t *port)
{
	for (text = sl_slice_skip(text, 4); text.n > 0; text = sl_slice_skip(text, 1)) {
		*at = *rest = text;
		if (sl_ftp_take_six(rest, addr, port))
			return true;
		/* The next number, not the rest of this one. */
		while (text.n > 1 && text.p[0] >= '0' && text.p[0] <= '9' && text.p[1] >= '0' &&
			text.p[1] <= '9')
			text = sl_slice_skip(text, 1);
	}
	return false;
}

/* RFC 2428 section 3. */
bool
sl_ftp_find_port(struct sl_slice text, struct sl_slice *at, struct sl_slice *rest, uint32_t *port)
{
	uint8_t d;

	*rest = sl_slice_skip(text, sl_slice_find(text, '(') + 1);
	d = rest->n > 0 ? rest->p[0] : 0;
	for (int i = 0; i < 3; i++)
		if (!sl_ftp_take_byte(rest, d))
			return false;
	*at = *rest;
	return sl_slice_number(rest, UINT16_MAX, port) && rest->n > 0 && rest->p[0] == d;
}
