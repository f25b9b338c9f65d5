/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Datagrams through a gateway on the bench, one by one.
 */
#include "dgram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "csum.h"

static unsigned int turn;

/* The IP header of a packet that came out; returns where UDP is and its length. */
static const uint8_t *
read_ip(const uint8_t *ip, uint32_t there, struct dgram *d, uint32_t *len)
{
	bool six = ip[0] >> 4 == 6;
	const uint8_t *udp = ip + (six ? 40 : 20);
	uint16_t sum;

	*len = six ? (uint32_t)ip[4] << 8 | ip[5] : ((uint32_t)ip[2] << 8 | ip[3]) - 20;
	assert_int_equal(*len + (six ? 40 : 20), there);
	assert_int_equal(ip[six ? 6 : 9], IPPROTO_UDP);
	if (six) {
		d->src.addr = talk_stands_for(ip + 8);
		d->dst.addr = talk_stands_for(ip + 24);
		sum = csum_l4_6(ip, udp, *len, IPPROTO_UDP, 6);
	} else {
		assert_int_equal(ip[0], 0x45);
		assert_int_equal(ip[10] << 8 | ip[11], csum_ip4(ip));
		memcpy(&d->src.addr, ip + 12, 4);
		memcpy(&d->dst.addr, ip + 16, 4);
		sum = csum_l4(ip, udp, *len, IPPROTO_UDP, 6);
	}
	assert_int_equal(udp[6] << 8 | udp[7], sum);
	return udp;
}

static void
read_dgram(const struct pipe_packet *got, struct dgram *d)
{
	static uint8_t flat[16384];
	const uint8_t *ip =
		(const uint8_t *)rte_pktmbuf_read(got->m, 0, got->m->pkt_len, flat) + 14;
	uint32_t len;
	const uint8_t *udp = read_ip(ip, got->m->pkt_len - 14, d, &len);

	assert_int_equal(udp[4] << 8 | udp[5], len);
	d->src.port = (uint16_t)(udp[0] << 8 | udp[1]);
	d->dst.port = (uint16_t)(udp[2] << 8 | udp[3]);
	d->side = got->side;
	d->n = len - 8;
	assert_int_equal(ip[0] >> 4 == 6,
		got->side == SL_INSIDE && (talk_is_six(d->dst) || talk_is_six(d->src)));
	assert_true(d->n < sizeof(d->text));
	memcpy(d->text, udp + 8, d->n);
	d->text[d->n] = 0;
}

bool
dgram_pass(struct pipe *p, enum sl_side side, struct talk_end from, struct talk_end to,
	const char *text, struct dgram *out)
{
	return dgram_send(p, side, from, to, text, strlen(text), out);
}

bool
dgram_send(struct pipe *p, enum sl_side side, struct talk_end from, struct talk_end to,
	const void *bytes, size_t n_bytes, struct dgram *out)
{
	static struct pt_frame f;
	static char line[3 * DGRAM_MAX];
	bool six = side == SL_INSIDE && talk_is_six(from);
	char src[64], dst[64], why[128];
	struct pt_default def;
	struct rte_mbuf *m;
	unsigned int n_got;
	size_t n;

	talk_end_text(from, six, src, sizeof(src));
	talk_end_text(to, six, dst, sizeof(dst));
	n = (size_t)snprintf(line, sizeof(line), "udp%s %s > %s hex=", six ? "6" : "", src, dst);
	for (size_t i = 0; i < n_bytes; i++)
		n += (size_t)snprintf(
			line + n, sizeof(line) - n, "%02x", ((const uint8_t *)bytes)[i]);
	def = pipe_default_in(p, side, NULL, 0);
	if (pt_build(line, &def, &f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", line, why);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, turn++ % p->n_workers, side, &m, 1);
	pipe_settle(p);
	n_got = p->n_got;
	assert_true(n_got <= 1);
	if (n_got == 1) {
		assert_false(p->got[0].punt);
		read_dgram(&p->got[0], out);
	}
	pipe_discard(p);
	return n_got == 1;
}

struct talk_end
dgram_knock(struct pipe *p, const char *remote, struct talk_end at)
{
	static struct dgram d;

	if (dgram_pass(p, SL_OUTSIDE, talk_end(remote), at, "knock", &d) && d.side == SL_INSIDE)
		return d.dst;
	return (struct talk_end){ .port = 0 };
}
