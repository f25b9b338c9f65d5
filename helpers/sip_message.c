/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SIP messages (RFC 3261 section 7): a start line, header fields that may be folded and whose
 * names have short forms, an empty line, a body. In a stream Content-Length says where one ends;
 * what contradicts itself there, or begins in another way than SIP does, is not looked at any
 * more, so HTTP with SIP in its body is none.
 */
#include "sip_message.h"

#include <rte_common.h>

#define START_MAX 2048 /* bytes of a start line */
#define METHOD_MAX 32

/* ---- words ---- */

static const struct {
	struct sl_slice name;
	uint8_t shorter; /* compact form, 0: none */
	enum sip_field field;
} fields[] = {
#define FIELD(text, c, f)                                                                          \
	{                                                                                          \
		{ (const uint8_t *)(text), sizeof(text) - 1 }, c, f                                \
	}
	FIELD("via", 'v', SIP_FIELD_VIA),
	FIELD("contact", 'm', SIP_FIELD_CONTACT),
	FIELD("route", 0, SIP_FIELD_ROUTE),
	FIELD("record-route", 0, SIP_FIELD_ROUTE),
	FIELD("path", 0, SIP_FIELD_ROUTE),
	FIELD("service-route", 0, SIP_FIELD_ROUTE),
	FIELD("from", 'f', SIP_FIELD_FROM),
	FIELD("to", 't', SIP_FIELD_TO),
	FIELD("call-id", 'i', SIP_FIELD_CALL_ID),
	FIELD("cseq", 0, SIP_FIELD_CSEQ),
	FIELD("content-length", 'l', SIP_FIELD_LENGTH),
	FIELD("content-type", 'c', SIP_FIELD_TYPE),
	FIELD("content-encoding", 'e', SIP_FIELD_ENCODING),
	FIELD("expires", 0, SIP_FIELD_EXPIRES),
	FIELD("session-expires", 'x', SIP_FIELD_SESSION),
	FIELD("refer-to", 'r', SIP_FIELD_PERSON),
	FIELD("referred-by", 'b', SIP_FIELD_PERSON),
	FIELD("reply-to", 0, SIP_FIELD_PERSON),
	FIELD("diversion", 0, SIP_FIELD_PERSON),
	FIELD("p-asserted-identity", 0, SIP_FIELD_PERSON),
	FIELD("p-preferred-identity", 0, SIP_FIELD_PERSON),
	FIELD("remote-party-id", 0, SIP_FIELD_PERSON),
#undef FIELD
};

static enum sip_field
field_of(struct sl_slice name)
{
	for (size_t i = 0; i < RTE_DIM(fields); i++)
		if (name.n == 1 ? sl_slice_lower(name.p[0]) == fields[i].shorter
				: sip_is(name, fields[i].name))
			return fields[i].field;
	return SIP_FIELD_OTHER;
}

/* Methods are in capitals (RFC 3261 section 7.1). */
static enum sip_method
method_of(struct sl_slice word)
{
	static const struct {
		struct sl_slice word;
		enum sip_method method;
	} methods[] = {
#define METHOD(m) { { (const uint8_t *)#m, sizeof(#m) - 1 }, SIP_##m }
		METHOD(INVITE),
		METHOD(ACK),
		METHOD(BYE),
		METHOD(CANCEL),
		METHOD(REGISTER),
		METHOD(SUBSCRIBE),
		METHOD(UPDATE),
		METHOD(PRACK),
#undef METHOD
	};

	for (size_t i = 0; i < RTE_DIM(methods); i++)
		if (sl_slice_is(word, methods[i].word))
			return methods[i].method;
	return SIP_OTHER;
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct sl_slice
sip_space(struct sl_slice s)
{
	while (s.n > 0 && is_space(s.p[0]))
		s = sl_slice_skip(s, 1);
	return s;
}

static struct sl_slice
trim(struct sl_slice s)
{
	s = sip_space(s);
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* ---- lines ---- */

/* The line at the front without its end, which is taken off with it. */
static struct sl_slice
take_line(struct sl_slice *rest)
{
	size_t end = sl_slice_find(*rest, '\n');
	struct sl_slice line = sl_slice_head(*rest, end);

	*rest = sl_slice_skip(*rest, end + 1);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

bool
sip_header_next(struct sl_slice *rest, struct sip_header *header)
{
	struct sl_slice line = take_line(rest);
	size_t colon;

	if (line.n == 0)
		return false;
	/* Folded: the next line begins with white space (RFC 3261 section 7.3.1). */
	while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t')) {
		struct sl_slice more = take_line(rest);

		line.n = (size_t)(more.p + more.n - line.p);
	}
	colon = sl_slice_find(line, ':');
	header->field = field_of(sl_slice_trim(sl_slice_head(line, colon)));
	header->value = trim(sl_slice_skip(line, colon + 1));
	return true;
}

/* Length of a string in quotes at the front, with both. */
static size_t
quoted(struct sl_slice s)
{
	size_t i = 1;

	while (i < s.n && s.p[i] != '"')
		i += s.p[i] == '\\' ? 2 : 1;
	return i < s.n ? i + 1 : s.n;
}

bool
sip_param(struct sl_slice *rest, struct sl_slice *name, struct sl_slice *value)
{
	struct sl_slice s = sip_space(*rest);
	size_t n = 0;

	if (s.n == 0 || s.p[0] != ';')
		return false;
	s = sl_slice_skip(s, 1);
	while (n < s.n && s.p[n] != ';' && s.p[n] != ',' && s.p[n] != '=' && s.p[n] != '?' &&
		s.p[n] != '>')
		n++;
	*name = trim(sl_slice_head(s, n));
	*value = (struct sl_slice){ s.p, 0 };
	s = sl_slice_skip(s, n);
	if (s.n > 0 && s.p[0] == '=') {
		s = sip_space(sl_slice_skip(s, 1));
		if (s.n > 0 && s.p[0] == '"') {
			n = quoted(s);
		} else {
			for (n = 0; n < s.n && s.p[n] != ';' && s.p[n] != ',' && s.p[n] != '?' &&
				    s.p[n] != '>';)
				n++;
		}
		*value = trim(sl_slice_head(s, n));
		s = sl_slice_skip(s, n);
	}
	*rest = s;
	return true;
}

/* ---- what is said ---- */

/* FNV-1a; what collides belongs to one host, which can only spoil its own calls. */
static uint64_t
hash(struct sl_slice s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 0x100000001b3u;
	return h ^ h >> 29;
}

/* The tag of a From or To: behind the URI, which has parameters of its own. */
static struct sl_slice
tag_of(struct sl_slice value)
{
	struct sl_slice name, tag;

	while (value.n > 0 && value.p[0] != ';') {
		if (value.p[0] == '"')
			value = sl_slice_skip(value, quoted(value));
		else if (value.p[0] == '<')
			value = sl_slice_skip(value, sl_slice_find(value, '>') + 1);
		else
			value = sl_slice_skip(value, 1);
	}
	while (sip_param(&value, &name, &tag))
		if (sip_is(name, SL_SLICE("tag")))
			return tag;
	return (struct sl_slice){ value.p, 0 };
}

static void
read_start(struct sl_slice line, struct sip_message *m)
{
	size_t space = sl_slice_find(line, ' ');
	struct sl_slice first = sl_slice_head(line, space);
	struct sl_slice rest = sip_space(sl_slice_skip(line, space));

	m->request = !sl_slice_starts(line, SL_SLICE("SIP/2.0 "));
	if (m->request) {
		m->method = method_of(first);
		m->uri = sl_slice_head(rest, sl_slice_find(rest, ' '));
	} else {
		uint32_t status = 0;

		sl_slice_number(&rest, 999, &status);
		m->status = status;
	}
}

static void
read_number(struct sl_slice value, uint32_t *number)
{
	uint32_t v;

	if (sl_slice_number(&value, UINT32_MAX - 1, &v))
		*number = v;
}

struct tags {
	struct sl_slice from, to;
};

static void
read_header(const struct sip_header *header, struct sip_message *m, struct tags *tags)
{
	struct sl_slice value = header->value, rest = value;

	switch (header->field) {
	case SIP_FIELD_CALL_ID:
		m->call = hash(value);
		break;
	case SIP_FIELD_CSEQ:
		if (!m->request && sl_slice_number(&rest, UINT32_MAX, &m->sequence))
			m->method = method_of(trim(rest));
		break;
	case SIP_FIELD_FROM:
		tags->from = tag_of(value);
		break;
	case SIP_FIELD_TO:
		tags->to = tag_of(value);
		break;
	case SIP_FIELD_LENGTH:
		m->length = value;
		break;
	case SIP_FIELD_TYPE:
		m->type = value;
		break;
	case SIP_FIELD_ENCODING:
		m->encoding = value;
		break;
	case SIP_FIELD_EXPIRES:
		read_number(value, &m->expires);
		break;
	case SIP_FIELD_SESSION:
		read_number(value, &m->session);
		break;
	default:
		break;
	}
}

/* ---- start lines ---- */

static bool
is_token(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       memchr("-.!%*_+`'~", c, 10) != NULL;
}

/* May this, perhaps the beginning of a line only, be a start line of SIP? */
static bool
may_start(struct sl_slice line, bool whole)
{
	struct sl_slice version = SL_SLICE("SIP/2.0 ");
	size_t n = RTE_MIN(line.n, version.n), i = 0;

	if (sl_slice_starts(line, sl_slice_head(version, n)))
		return !whole || line.n > version.n;
	while (i < line.n && is_token(line.p[i]))
		i++;
	if (i == 0 || i > METHOD_MAX || (i < line.n && line.p[i] != ' '))
		return false;
	if (!whole)
		return true;
	if (line.n < i + 10) /* a URI between two blanks, the version */
		return false;
	return sip_is(sl_slice_skip(line, line.n - 8), SL_SLICE(" SIP/2.0"));
}

bool
sip_message_read(struct sl_slice text, struct sip_message *m)
{
	struct sl_slice rest = text, line = take_line(&rest);
	struct tags tags = { .from = { NULL, 0 } };
	struct sip_header header;
	uint32_t length;

	*m = (struct sip_message){ .expires = UINT32_MAX };
	if (line.n > START_MAX || !may_start(line, true))
		return false;
	read_start(line, m);
	m->headers = rest;
	while (sip_header_next(&rest, &header))
		read_header(&header, m, &tags);
	m->headers.n -= rest.n;
	m->body = rest;
	if (tags.from.n > 0 && tags.to.n > 0)
		m->tags = (uint32_t)(hash(tags.from) + hash(tags.to)) | 1;
	if (m->length.n > 0) {
		struct sl_slice digits = m->length;

		if (!sl_slice_number(&digits, UINT32_MAX, &length) || digits.n > 0)
			return false;
		m->torn = length > m->body.n;
		m->body.n = RTE_MIN(m->body.n, (size_t)length);
	}
	return true;
}

/* ---- framing ---- */

/* Where the headers end, with the empty line; 0: not yet. */
static size_t
find_end(struct sl_slice data)
{
	struct sl_slice rest = data;

	for (;;) {
		size_t end = sl_slice_find(rest, '\n');

		rest = sl_slice_skip(rest, end + 1);
		if (rest.n >= 1 && rest.p[0] == '\n')
			return data.n - rest.n + 1;
		if (rest.n >= 2 && rest.p[0] == '\r' && rest.p[1] == '\n')
			return data.n - rest.n + 2;
		if (rest.n == 0)
			return 0;
	}
}

/* Content-Length, 0 without one: RFC 3261 section 18.3 wants it in a stream. Several that
 * differ, or none that is a number, end the looking: -1. */
static int
body_length(struct sl_slice headers)
{
	struct sip_header header;
	bool known = false;
	uint32_t length = 0, v;

	while (sip_header_next(&headers, &header)) {
		struct sl_slice digits = header.value;

		if (header.field != SIP_FIELD_LENGTH)
			continue;
		if (!sl_slice_number(&digits, SL_HELPER_MESSAGE_MAX, &v) || digits.n > 0 ||
			(known && v != length))
			return -1;
		length = v;
		known = true;
	}
	return (int)length;
}

int
sip_message_length(struct sl_slice data)
{
	struct sl_slice line, rest;
	size_t i = 0, end;
	int length;

	/* Between messages there may be empty lines, to keep the flow (RFC 5626 section 3.5.1). */
	while (i < data.n && (data.p[i] == '\r' || data.p[i] == '\n'))
		i++;
	if (i > 0)
		return (int)RTE_MIN(i, (size_t)SL_HELPER_MESSAGE_MAX);
	end = sl_slice_find(data, '\n');
	line = sl_slice_head(data, end);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n > START_MAX || (line.n > 0 && !may_start(line, end < data.n)))
		return -1;
	if (end == data.n)
		return 0;
	end = find_end(data);
	if (end == 0)
		return 0;
	rest = sl_slice_head(data, end);
	take_line(&rest);
	length = body_length(rest);
	return length < 0 ? -1 : (int)end + length;
}
