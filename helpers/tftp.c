/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TFTP (RFC 1350, 2347). A client asks port 69 of a server for a file, or offers one. The server
 * answers from a port that it takes for this transfer, and from then on each side has but the
 * one port of the other:
 *
 *	client:p -> server:69    request, with a file's name, a mode and maybe options
 *	server:t -> client:p     data, acknowledgement of options, or error: t holds from here on
 *	client:p -> server:t     and so forth
 *
 * Nothing names an address, but a NAT that looks at remote endpoints takes the answer for a
 * stranger's. So a request of an inside client makes its own outside endpoint, the very one that
 * the request goes out from, an expectation for the server: from any port, and from one alone.
 * The mapping is there already, unless each flow has its own port (shared ports): then the
 * request's port becomes the client's for a while, and if it cannot there is no use in another.
 *
 * Only what is a request opens anything: its opcode, a name, one of the three modes. The transfer
 * itself is a session like any other, and is not looked at.
 *
 * Since nothing names an address, all of this is the same between IPv6 and IPv4 (NAT64).
 *
 * A server inside needs no help. It answers from a mapping of its own, at the outside address that
 * the request came to, where the session leads back.
 */
#include "all.h"
#include "slice.h"

#define ANSWER_MS 30000 /* servers answer at once, clients ask again after seconds */

enum {
	OPCODE_RRQ = 1,
	OPCODE_WRQ = 2,
};

/* Text up to its final zero off the front, and the zero; false when there is none. */
static bool
take_text(struct sl_slice *s, struct sl_slice *text)
{
	size_t n = sl_slice_find(*s, 0);

	if (n == s->n)
		return false;
	*text = sl_slice_head(*s, n);
	*s = sl_slice_skip(*s, n + 1);
	return true;
}

static bool
is_mode(struct sl_slice mode)
{
	static const char *const modes[] = { "octet", "netascii", "mail" };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct sl_slice name = { (const uint8_t *)modes[i], strlen(modes[i]) };

		if (mode.n == name.n && sl_slice_starts(mode, name))
			return true;
	}
	return false;
}

/* Opcode, name, mode; what follows is options (RFC 2347), or padding of old boot ROMs. */
static bool
is_request(struct sl_slice message)
{
	struct sl_slice rest = sl_slice_skip(message, 2), name, mode;

	return message.n > 2 && message.p[0] == 0 &&
	       (message.p[1] == OPCODE_RRQ || message.p[1] == OPCODE_WRQ) &&
	       take_text(&rest, &name) && name.n > 0 && take_text(&rest, &mode) && is_mode(mode);
}

static void
outbound(struct sl_helper *h, struct sl_slice message)
{
	struct sl_expect e = {
		.proto = IPPROTO_UDP,
		.once = true,
		.in_addr = h->in_addr,
		.in_port = h->in_port,
		.rem_addr = h->rem_addr,
		.lifetime = ANSWER_MS,
		.out_port = h->out_port,
	};

	if (h->inbound || !is_request(message) || sl_helper_expect(h, &e) != 0)
		return;
	if (e.out_addr != h->out_addr || e.out_port != h->out_port)
		sl_helper_unexpect(h, e.proto, e.in_addr, e.in_port);
}

const struct sl_helper_ops sl_helper_tftp = {
	.name = "tftp",
	.proto = { IPPROTO_UDP },
	.port = { 69 },
	.six = true,
	.outbound = outbound,
};
