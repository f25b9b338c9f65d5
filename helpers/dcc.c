/* SPDX-License-Identifier: BSD-3-Clause
 *
 * CTCP and DCC as text. A CTCP message lies between two bytes 0x01 in the text of a PRIVMSG or
 * NOTICE; the last one may be missing at the end of the line. There may be several in a row, and
 * the first one begins the text: what somebody quotes amid other words is no request.
 *
 *	DCC SEND <name> <address> <port> [size [token]]       also TSEND, SSEND, TSSEND
 *	DCC CHAT <name> <address> <port> [token]              also SCHAT
 *	DCC RESUME|ACCEPT <name> <port> <position> [token]
 *
 * The address is a decimal number of 32 bits; some clients write it dotted. One of IPv6 is text,
 * without brackets (WeeChat, irssi). A name with blanks in it stands in quotes, or does not: then what follows it is
 * known by its form, numbers up to the end.
 */
#include "dcc.h"

#include <arpa/inet.h>

#include <rte_byteorder.h>

#define DELIMITER 1

bool
sl_ctcp_next(struct sl_slice *text, struct sl_slice *ctcp)
{
	struct sl_slice rest = sl_slice_trim(*text);

	if (rest.n == 0 || rest.p[0] != DELIMITER)
		return false;
	rest = sl_slice_skip(rest, 1);
	*ctcp = sl_slice_head(rest, sl_slice_find(rest, DELIMITER));
	*text = sl_slice_skip(rest, ctcp->n + 1);
	return true;
}

/* A word and the blanks behind it off the front; empty at the end. */
static struct sl_slice
take_word(struct sl_slice *s)
{
	struct sl_slice word = sl_slice_head(*s, sl_slice_find(*s, ' '));

	*s = sl_slice_skip(*s, word.n);
	while (s->n > 0 && s->p[0] == ' ')
		*s = sl_slice_skip(*s, 1);
	return word;
}

static bool
is_word(struct sl_slice word, struct sl_slice name)
{
	return word.n == name.n && sl_slice_starts(word, name);
}

bool
sl_ctcp_is_dcc(struct sl_slice ctcp)
{
	return is_word(take_word(&ctcp), SL_SLICE("DCC"));
}

static enum sl_dcc_kind
kind_of(struct sl_slice verb)
{
	static const struct {
		const char *name;
		enum sl_dcc_kind kind;
	} verbs[] = {
		{ "SEND", SL_DCC_OFFER },
		{ "TSEND", SL_DCC_OFFER },
		{ "SSEND", SL_DCC_OFFER },
		{ "TSSEND", SL_DCC_OFFER },
		{ "CHAT", SL_DCC_OFFER },
		{ "SCHAT", SL_DCC_OFFER },
		{ "RESUME", SL_DCC_RESUME },
		{ "ACCEPT", SL_DCC_ACCEPT },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		struct sl_slice name = { (const uint8_t *)verbs[i].name, strlen(verbs[i].name) };

		if (is_word(verb, name))
			return verbs[i].kind;
	}
	return SL_DCC_OTHER;
}

/* A word that is a number, and nothing but that. */
static bool
is_number(struct sl_slice word, uint32_t most, uint32_t *number)
{
	return sl_slice_number(&word, most, number) && word.n == 0;
}

static bool
is_six(struct sl_slice word, struct sl_ip6 *six)
{
	char text[INET6_ADDRSTRLEN];

	if (word.n >= sizeof(text) || sl_slice_find(word, ':') == word.n)
		return false;
	memcpy(text, word.p, word.n);
	text[word.n] = '\0';
	return inet_pton(AF_INET6, text, six) == 1;
}

static bool
is_address(struct sl_slice word, struct sl_dcc *d)
{
	struct sl_slice rest = word;
	uint32_t number;

	d->addr = word;
	d->form = SL_DCC_DOTTED;
	if (sl_slice_ipv4(&rest, &d->at) && rest.n == 0)
		return true;
	d->form = SL_DCC_SIX;
	if (is_six(word, &d->six))
		return true;
	d->form = SL_DCC_NUMBER;
	if (!is_number(word, UINT32_MAX, &number))
		return false;
	d->at = rte_cpu_to_be_32(number);
	return true;
}

/* What follows a name: two words of the right form, and up to `more` others. */
static bool
read_tail(struct sl_slice tail, struct sl_dcc *d, unsigned int more)
{
	struct sl_slice word = take_word(&tail);
	uint32_t number, position;

	if (d->kind == SL_DCC_OFFER) {
		if (!is_address(word, d))
			return false;
		word = take_word(&tail);
	}
	d->port = word;
	if (!is_number(word, UINT16_MAX, &number))
		return false;
	d->number = (uint16_t)number;
	if (d->kind != SL_DCC_OFFER) {
		/* Of files beyond 4 GB, too. */
		word = sl_slice_head(take_word(&tail), 9);
		if (!is_number(word, UINT32_MAX, &position))
			return false;
	}
	while (more > 0 && tail.n > 0) {
		take_word(&tail);
		more--;
	}
	return tail.n == 0;
}

static bool
read_args(struct sl_slice args, struct sl_dcc *d)
{
	unsigned int more = d->kind == SL_DCC_OFFER ? 2 : 1;

	if (args.n > 0 && args.p[0] == '"') {
		args = sl_slice_skip(args, 1);
		args = sl_slice_skip(args, sl_slice_find(args, '"') + 1);
		if (args.n == 0 || args.p[0] != ' ')
			return false;
	}
	/* A name in quotes leaves nothing of itself but the blank. */
	for (take_word(&args); args.n > 0; take_word(&args)) {
		if (read_tail(args, d, more))
			return true;
	}
	return false;
}

struct sl_dcc
sl_dcc_read(struct sl_slice ctcp)
{
	struct sl_slice rest = sl_slice_trim(ctcp);
	struct sl_dcc d = { .kind = SL_DCC_OTHER };

	if (!is_word(take_word(&rest), SL_SLICE("DCC")))
		return d;
	d.kind = kind_of(take_word(&rest));
	if (d.kind == SL_DCC_OTHER || !read_args(rest, &d))
		d.kind = SL_DCC_OTHER;
	return d;
}
