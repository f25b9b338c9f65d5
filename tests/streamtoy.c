/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A protocol that does everything a helper may do. A message is a line, or "#nnnn" and so many
 * bytes in all, which may have line ends in them. In a message
 *
 *	@d      (d a digit) becomes 5 d copies of the digit, @0 nothing
 *	!...    at the beginning: the whole message becomes nothing
 *	%       it must wait for an answer
 *	~       this is the last one that is looked at
 *	^...    at the beginning: this is another protocol
 */
#include "streamtoy.h"

#include <ctype.h>
#include <string.h>

#include <rte_common.h>

/* Length of the message at the beginning; 0: not whole, not even known; beyond n: known. */
static size_t
message_length(const uint8_t *p, size_t n)
{
	const uint8_t *end;
	size_t len = 0;

	if (n > 0 && p[0] == '#') {
		if (n < 5)
			return 0;
		for (int i = 1; i < 5; i++)
			len = len * 10 + (size_t)(p[i] - '0');
		return len;
	}
	end = n > 0 ? memchr(p, '\n', n) : NULL;
	return end != NULL ? (size_t)(end - p) + 1 : 0;
}

static int
toy_frame(void *arg, enum sl_side from, struct sl_slice data)
{
	struct toy *toy = arg;

	toy->framed[from]++;
	if (data.n > 0 && data.p[0] == '^')
		return -1;
	return (int)message_length(data.p, data.n);
}

static void
toy_edit(struct sl_slice m, struct sl_edits *edits)
{
	uint8_t fill[45];

	if (m.p[0] == '!') {
		sl_edits_add(edits, 0, m.n, NULL, 0);
		return;
	}
	for (size_t i = 0; i + 1 < m.n; i++) {
		if (m.p[i] != '@' || !isdigit(m.p[i + 1]))
			continue;
		memset(fill, m.p[i + 1], sizeof(fill));
		sl_edits_add(edits, i, 2, fill, (size_t)(m.p[i + 1] - '0') * 5);
		i++;
	}
}

static enum sl_stream_verdict
toy_message(void *arg, enum sl_side from, struct sl_slice m, struct sl_edits *edits)
{
	struct toy *toy = arg;

	toy->asked[from]++;
	toy->waiting[from] = memchr(m.p, '%', m.n) != NULL && toy->waits > 0;
	if (toy->waiting[from]) {
		toy->waits--;
		return SL_STREAM_WAIT;
	}
	toy->shown[from]++;
	toy->last[from].n = RTE_MIN(m.n, sizeof(toy->last[from].text));
	memcpy(toy->last[from].text, m.p, toy->last[from].n);
	toy_edit(m, edits);
	return memchr(m.p, '~', m.n) != NULL ? SL_STREAM_PASS : SL_STREAM_GO;
}

static void
toy_begin(void *arg)
{
	struct toy *toy = arg;

	toy->begun++;
}

static void
toy_emit(void *arg, enum sl_side from, struct rte_mbuf *m)
{
	struct toy *toy = arg;

	toy->emit(toy->emit_arg, from, m);
}

const struct sl_stream_ops toy_ops = {
	.begin = toy_begin,
	.frame = toy_frame,
	.message = toy_message,
	.emit = toy_emit,
};

/* One message, letter by letter. */
static size_t
expect_message(const uint8_t *in, size_t n, uint8_t *out)
{
	size_t len = 0, i = 0;

	if (in[0] == '!')
		return 0;
	while (i < n) {
		if (in[i] == '@' && i + 1 < n && isdigit(in[i + 1])) {
			for (int k = 0; k < 5 * (in[i + 1] - '0'); k++)
				out[len++] = in[i + 1];
			i += 2;
		} else {
			out[len++] = in[i++];
		}
	}
	return len;
}

size_t
toy_expect(const uint8_t *in, size_t n, unsigned int messages, uint8_t *out)
{
	size_t at = 0, len = 0;

	while (at < n && messages-- > 0) {
		size_t k = message_length(in + at, n - at);

		if (k == 0 || k > n - at)
			break;
		len += expect_message(in + at, k, out + len);
		at += k;
	}
	memcpy(out + len, in + at, n - at);
	return len + n - at;
}

unsigned int
toy_messages(const uint8_t *in, size_t n)
{
	unsigned int count = 0;
	size_t at = 0, k;

	while (at < n && (k = message_length(in + at, n - at)) > 0 && k <= n - at) {
		at += k;
		count++;
	}
	return count;
}
