/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Bodies of SIP's messages: a session description alone, or as a part of a multipart one (RFC
 * 2046 section 5.1, RFC 5621). What is encoded or incomplete is left alone.
 */
#include "sip_work.h"

static bool
is_sdp(struct sl_slice type)
{
	struct sl_slice sdp = SL_SLICE("application/sdp");

	return sl_slice_starts(type, sdp) &&
	       (type.n == sdp.n || memchr("; \t\r\n", type.p[sdp.n], 5) != NULL);
}

/* One part of a multipart body: headers, an empty line, content. */
static void
read_part(struct sip_work *w, struct sl_slice part)
{
	struct sip_header header = { .field = SIP_FIELD_OTHER };
	struct sl_slice rest = part;
	bool sdp = false;

	while (sip_header_next(&rest, &header)) {
		sdp |= header.field == SIP_FIELD_TYPE && is_sdp(header.value);
		if (header.field == SIP_FIELD_ENCODING)
			return;
		/* Its length is said twice; who says so is left alone. */
		if (header.field == SIP_FIELD_LENGTH)
			return;
	}
	if (sdp)
		sip_media_read(w, rest);
}

/* Offset of the next line that begins with "--" and the boundary, or text.n. */
static size_t
find_boundary(struct sl_slice text, struct sl_slice boundary)
{
	struct sl_slice rest = text;

	while (rest.n > 0) {
		if (rest.n >= boundary.n + 2 && rest.p[0] == '-' && rest.p[1] == '-' &&
			memcmp(rest.p + 2, boundary.p, boundary.n) == 0)
			return text.n - rest.n;
		rest = sl_slice_skip(rest, sl_slice_find(rest, '\n') + 1);
	}
	return text.n;
}

/* RFC 2046 section 5.1. */
static void
read_parts(struct sip_work *w, struct sl_slice type, struct sl_slice body)
{
	struct sl_slice name, value, boundary = { NULL, 0 };

	type = sl_slice_skip(type, sl_slice_find(type, ';'));
	while (sip_param(&type, &name, &value))
		if (sip_is(name, SL_SLICE("boundary")))
			boundary = value;
	if (boundary.n >= 2 && boundary.p[0] == '"') {
		boundary = sl_slice_skip(boundary, 1);
		boundary.n--;
	}
	if (boundary.n == 0)
		return;
	body = sl_slice_skip(body, find_boundary(body, boundary));
	while (body.n > 0 && !w->again) {
		size_t n;

		body = sl_slice_skip(body, sl_slice_find(body, '\n') + 1);
		n = find_boundary(body, boundary);
		if (n < body.n && !w->described)
			read_part(w, sl_slice_head(body, n));
		body = sl_slice_skip(body, n);
	}
}

void
sip_body_read(struct sip_work *w)
{
	const struct sip_message *m = &w->m;

	/* Of another encoding than none nothing can be read. */
	if (m->body.n == 0 || m->torn ||
		(m->encoding.n > 0 && !sip_is(m->encoding, SL_SLICE("identity"))))
		return;
	if (is_sdp(m->type))
		sip_media_read(w, m->body);
	else if (sl_slice_starts(m->type, SL_SLICE("multipart/")))
		read_parts(w, m->type, m->body);
}
