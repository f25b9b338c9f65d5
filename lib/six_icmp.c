/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ICMP errors from one version to the other: the tables of RFC 7915 sections 4.2 and 5.2, MTUs
 * included, and the packet that an error quotes, which is translated as it would have been
 * itself (sections 4.3 and 5.3), as far as it is there. What quotes an error is no error.
 *
 * Errors with extensions (RFC 4884) tell how long the quote is. That is kept right and the
 * extensions behind it go along, where the message in the other version may have some; else
 * they are cut off. What claims less than the RFC's 128 bytes, or more than is there, has none.
 *
 * An MTU below 1280 is told to nobody: an IPv6 host need not go lower (RFC 8200 section 5), and
 * sends no atomic fragments any more (RFC 8021); its packets of up to 1280 bytes may be cut on
 * the IPv4 side (six_down.c).
 */
#include "six_xlat.h"

#define EXT_LEAST 128 /* RFC 4884 section 5: bytes of the quote before extensions */
#define NO 255 /* no pointer in the other version */

/* ---- heads ---- */

bool
sl_six_head_down(struct sl_icmp_head *h, const struct sl_xlat *with)
{
	static const uint8_t unreach[] = { 1, 10, 1, 1, 3 };
	static const uint8_t pointer[] = { 0, 1, NO, NO, 2, 2, 9, 8 };
	uint32_t at = h->word, mtu = h->word;
	uint8_t code = h->code;

	h->word = 0;
	switch (h->type) {
	case SL_ICMP6_UNREACH:
		if (code >= RTE_DIM(unreach))
			return false;
		h->type = 3;
		h->code = unreach[code];
		return true;
	case SL_ICMP6_TOO_BIG:
		h->type = 3;
		h->code = 4;
		mtu = RTE_MAX(mtu, 68u + 20) - 20;
		mtu = RTE_MIN(mtu, RTE_MIN((uint32_t)with->mtu4, with->mtu6 - 20u));
		h->word = mtu;
		return true;
	case SL_ICMP6_TIME:
		h->type = 11;
		return code <= 1;
	case SL_ICMP6_PARAM:
		h->type = code == 0 ? 12 : 3;
		h->code = code == 0 ? 0 : 2;
		if (code != 0)
			return code == 1;
		h->word = at < RTE_DIM(pointer) ? pointer[at] : at < 24 ? 12 : at < 40 ? 16 : NO;
		return h->word != NO;
	default:
		return false;
	}
}

/* RFC 1191 section 7.1: the next lower of the usual sizes. */
static uint32_t
plateau(uint16_t total)
{
	static const uint16_t size[] = { 65535, 32000, 17914, 8166, 4352, 2002, 1492, 1006, 508,
		296 };

	for (unsigned int i = 0; i < RTE_DIM(size); i++)
		if (size[i] < total)
			return size[i];
	return 68;
}

bool
sl_six_head_up(struct sl_icmp_head *h, uint16_t total, const struct sl_xlat *with)
{
	/* by code: 1/0 unless said otherwise */
	static const struct {
		uint8_t type, code;
	} unreach[] = { { 1, 0 }, { 1, 0 }, { 4, 1 }, { 1, 4 }, { 2, 0 }, { 1, 0 }, { 1, 0 },
		{ 1, 0 }, { 1, 0 }, { 1, 1 }, { 1, 1 }, { 1, 0 }, { 1, 0 }, { 1, 1 }, { 0, 0 },
		{ 1, 1 } };
	static const uint8_t pointer[] = { 0, 1, 4, 4, NO, NO, NO, NO, 7, 6, NO, NO, 8, 8, 8, 8, 24,
		24, 24, 24 };
	uint32_t word = h->word, mtu;
	uint8_t code = h->code;

	h->word = 0;
	switch (h->type) {
	case 3:
		if (code >= RTE_DIM(unreach))
			return false;
		h->type = unreach[code].type;
		h->code = unreach[code].code;
		if (h->type == SL_ICMP6_PARAM)
			h->word = 6; /* the next header field */
		if (h->type == SL_ICMP6_TOO_BIG) {
			mtu = (word != 0 ? word : plateau(total)) + 20;
			mtu = RTE_MIN(mtu, RTE_MIN((uint32_t)with->mtu6, with->mtu4 + 20u));
			h->word = RTE_MAX(mtu, 1280u);
		}
		return h->type != 0;
	case 11:
		h->type = SL_ICMP6_TIME;
		return code <= 1;
	case 12:
		h->type = SL_ICMP6_PARAM;
		h->code = 0;
		if ((code != 0 && code != 2) || word >= RTE_DIM(pointer))
			return false;
		h->word = pointer[word];
		return h->word != NO;
	default:
		return false;
	}
}

/* ---- quotes ---- */

/* Put the transport header of a quote right; n bytes of it are there, len it had. */
static bool
quote_l4(uint8_t *l4, uint32_t n, uint8_t proto, uint32_t delta, uint16_t pseudo)
{
	uint16_t sum, old, type;

	if (proto == IPPROTO_TCP || proto == IPPROTO_UDP) {
		uint32_t at = proto == IPPROTO_TCP ? 16 : 6;

		if (n < at + 2)
			return true;
		memcpy(&sum, l4 + at, sizeof(sum));
		if (proto == IPPROTO_UDP && sum == 0)
			return true;
		sum = sl_csum_fix(sum, delta);
		if (proto == IPPROTO_UDP && sum == 0)
			sum = 0xffff;
		memcpy(l4 + at, &sum, sizeof(sum));
		return true;
	}
	memcpy(&old, l4, sizeof(old));
	switch (l4[0]) {
	case 8:
		l4[0] = SL_ICMP6_ECHO;
		break;
	case 0:
		l4[0] = SL_ICMP6_ECHO_REPLY;
		break;
	case SL_ICMP6_ECHO:
		l4[0] = 8;
		break;
	case SL_ICMP6_ECHO_REPLY:
		l4[0] = 0;
		break;
	default:
		return false;
	}
	memcpy(&type, l4, sizeof(type));
	memcpy(&sum, l4 + 2, sizeof(sum));
	sum = sl_csum_fix(sum, sl_fold((uint64_t)sl_delta16(old, type) + pseudo));
	memcpy(l4 + 2, &sum, sizeof(sum));
	return true;
}

/* The part of an ICMPv6 pseudo header's sum that does not depend on the length. */
static uint64_t
pseudo6(const struct sl_host *h, rte_be32_t remote)
{
	struct sl_ip6 far = sl_prefix_join(&h->prefix, remote);

	return (uint64_t)sl_ip6_sum(&h->addr) + sl_ip6_sum(&far) + RTE_BE16(IPPROTO_ICMPV6);
}

/* A quoted IPv6 packet of `len` bytes becomes IPv4: its length, or 0. */
static uint32_t
quote_down(
	const uint8_t *q, uint32_t len, uint8_t *out, rte_be32_t remote, const struct sl_xlat *with)
{
	uint32_t payload = (uint32_t)(q[4] << 8 | q[5]), n, l4_len;
	struct rte_ipv4_hdr ip;
	struct sl_six_walk walk;
	uint16_t pseudo;

	if (sl_six_walk(q, len, &walk) != SL_WALK_OK || walk.l4 + 8u > len ||
		payload + 40 < walk.l4 + 8u || payload + 60 - walk.l4 > UINT16_MAX)
		return 0;
	l4_len = payload + 40 - walk.l4;
	n = RTE_MIN(len - walk.l4, l4_len);
	sl_six_header4(&ip, q, (uint16_t)(l4_len + sizeof(ip)), walk.frag, walk.id, walk.fragment);
	ip.next_proto_id = walk.proto == IPPROTO_ICMPV6 ? IPPROTO_ICMP : walk.proto;
	ip.src_addr = remote;
	ip.dst_addr = with->host->stand;
	ip.hdr_checksum = (uint16_t)~sl_sum_words(&ip, sizeof(ip));
	memcpy(out, &ip, sizeof(ip));
	memcpy(out + sizeof(ip), q + walk.l4, n);
	pseudo = (uint16_t)~sl_fold(
		pseudo6(with->host, remote) + rte_cpu_to_be_16((uint16_t)l4_len));
	if (!quote_l4(out + sizeof(ip), n, walk.proto, sl_host_delta(with->host, remote), pseudo))
		return 0;
	return n + (uint32_t)sizeof(ip);
}

/* And the other way. */
static uint32_t
quote_up(const uint8_t *q, uint32_t len, uint8_t *out, const struct sl_xlat *with)
{
	const struct rte_ipv4_hdr *ip = (const void *)q;
	uint32_t hlen = (ip->version_ihl & 15) * 4u, total = rte_be_to_cpu_16(ip->total_length);
	bool fragment = ip->fragment_offset & RTE_BE16(0x3fff);
	uint32_t head = sizeof(struct rte_ipv6_hdr) + fragment * 8u, n, l4_len;
	uint8_t proto = ip->next_proto_id == IPPROTO_ICMP ? IPPROTO_ICMPV6 : ip->next_proto_id;
	rte_be32_t remote = ip->dst_addr;
	struct rte_ipv6_hdr six;
	struct sl_ip6 far;
	uint16_t pseudo;

	if (hlen < sizeof(*ip) || hlen + 8 > len || total < hlen + 8)
		return 0;
	l4_len = total - hlen;
	n = RTE_MIN(len - hlen, l4_len);
	n = RTE_MIN(n, SL_ICMP6_MAX - 8 - head);
	far = sl_prefix_join(&with->host->prefix, remote);
	six = (struct rte_ipv6_hdr){
		.vtc_flow = rte_cpu_to_be_32(6u << 28 | (uint32_t)ip->type_of_service << 20),
		.payload_len = rte_cpu_to_be_16((uint16_t)(l4_len + fragment * 8u)),
		.proto = fragment ? IPPROTO_FRAGMENT : proto,
		.hop_limits = ip->time_to_live,
	};
	memcpy(six.src_addr, &with->host->addr, 16);
	memcpy(six.dst_addr, &far, 16);
	memcpy(out, &six, sizeof(six));
	if (fragment) {
		uint8_t f[8] = { proto, 0, 0, 1 }; /* the first one: others are not quoted */

		memcpy(f + 6, &ip->packet_id, 2);
		memcpy(out + sizeof(six), f, sizeof(f));
	}
	memcpy(out + head, q + hlen, n);
	pseudo = sl_fold(pseudo6(with->host, remote) + rte_cpu_to_be_16((uint16_t)l4_len));
	if (!quote_l4(out + head, n, proto, (uint16_t)~sl_host_delta(with->host, remote), pseudo))
		return 0;
	return head + n;
}

/* ---- extensions ---- */

/* Bytes of a quote when extensions follow it, else 0. */
static uint32_t
quote_end(uint32_t claimed, uint32_t len)
{
	return claimed >= EXT_LEAST && claimed + 8 < len ? claimed : 0;
}

/* Put extensions behind a quote of n bytes; returns bytes up to their end, the quote's in *quote. */
static uint32_t
put_extensions(uint8_t *out, uint32_t n, const uint8_t *ext, uint32_t ext_len, uint32_t unit,
	uint32_t most, uint32_t *quote)
{
	uint32_t to = RTE_MAX(RTE_ALIGN_CEIL(n, unit), (uint32_t)EXT_LEAST);

	if (EXT_LEAST + ext_len > most) {
		*quote = 0;
		return n;
	}
	to = RTE_MIN(to, RTE_ALIGN_FLOOR(RTE_MIN(most - ext_len, unit * 255), unit));
	if (to > n)
		memset(out + n, 0, to - n);
	memcpy(out + to, ext, ext_len);
	*quote = to;
	return to + ext_len;
}

/* ---- whole messages ---- */

uint32_t
sl_six_error_down(const uint8_t *msg, uint32_t len, uint8_t *out, rte_be32_t remote,
	const struct sl_xlat *with)
{
	struct sl_icmp_head h = { msg[0], msg[1],
		(uint32_t)msg[4] << 24 | (uint32_t)msg[5] << 16 | (uint32_t)msg[6] << 8 | msg[7] };
	bool may = h.type == SL_ICMP6_UNREACH || h.type == SL_ICMP6_TIME;
	uint32_t end = may ? quote_end(msg[4] * 8u, len) : 0, n, quote = 0;
	uint16_t sum, word;

	if (!sl_six_head_down(&h, with))
		return 0;
	n = quote_down(msg + 8, end ? end : len - 8, out + 8, remote, with);
	if (n == 0)
		return 0;
	if (end)
		n = put_extensions(
			out + 8, n, msg + 8 + end, len - 8 - end, 4, SL_ICMP_ERROR_MAX - 8, &quote);
	memset(out, 0, 8);
	out[0] = h.type;
	out[1] = h.code;
	out[5] = (uint8_t)(quote / 4);
	word = rte_cpu_to_be_16((uint16_t)h.word);
	if (h.type == 12)
		out[4] = (uint8_t)h.word;
	else
		memcpy(out + 6, &word, sizeof(word));
	sum = (uint16_t)~rte_raw_cksum(out, n + 8);
	memcpy(out + 2, &sum, sizeof(sum));
	return n + 8;
}

uint32_t
sl_six_error_up(const uint8_t *msg, uint32_t len, uint8_t *out, const struct sl_xlat *with)
{
	struct sl_icmp_head h = { msg[0], msg[1],
		msg[0] == 12 ? msg[4] : (uint32_t)(msg[6] << 8 | msg[7]) };
	uint32_t end = quote_end(msg[5] * 4u, len), n, quote = 0;
	rte_be32_t word;

	if (len < 8 + sizeof(struct rte_ipv4_hdr) + 8 ||
		!sl_six_head_up(&h, (uint16_t)(msg[10] << 8 | msg[11]), with))
		return 0;
	n = quote_up(msg + 8, end ? end : len - 8, out + 8, with);
	if (n == 0)
		return 0;
	if (end && (h.type == SL_ICMP6_UNREACH || h.type == SL_ICMP6_TIME))
		n = put_extensions(
			out + 8, n, msg + 8 + end, len - 8 - end, 8, SL_ICMP6_MAX - 8, &quote);
	word = rte_cpu_to_be_32(h.word);
	out[0] = h.type;
	out[1] = h.code;
	memset(out + 2, 0, 2);
	memcpy(out + 4, &word, sizeof(word));
	if (quote != 0)
		out[4] = (uint8_t)(quote / 8);
	return n + 8;
}
