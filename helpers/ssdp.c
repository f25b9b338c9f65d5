/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SSDP (UDA 1.1 section 1): the device makes itself known by multicast when it comes, in good
 * time before the last announcement is too old, and when it goes; and it answers searches.
 *
 * An answer waits for a random part of the time that the searcher gives (MX, at most 5 s), in a
 * queue. Whoever cannot be on the link gets none: the source has to be a host of a network that
 * the box has an address in, so nobody is made to flood somebody else far away. Searches are
 * counted in buckets, one for each source and one for all; what is above is not answered.
 * Sources share 64 buckets by hash: a collision is stricter, never laxer.
 *
 * Each address of the box is announced by itself, since LOCATION must be within reach.
 */
#include "ssdp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "slice.h"
#include "upnp_desc.h"

#define WAITING_MAX 128 /* searches that wait for their answer */
#define BUCKETS 64
#define BUCKET_ALL BUCKETS /* the last one */
#define MX_MAX 5
#define MARGIN_MS 200 /* before the searcher stops listening */
#define ROUNDS_AT_START 3
#define ROUNDS_LATER 2
#define ROUND_MS 300
#define ANNOUNCE_MS (SL_SSDP_MAX_AGE / 2 * 1000)
#define NEVER UINT64_MAX
#define NOTIFY "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"

/* Messages: of what, and in which version. */
struct target {
	unsigned int what; /* 0: root device, then UUIDs, device types, service types */
	unsigned int version;
};

enum {
	ROOT = 0,
	UUIDS = 1,
	DEVICES = 4,
	SERVICES = 7,
};

struct answer {
	uint64_t due;
	rte_be32_t from, to;
	rte_be16_t port;
	struct target next;
	unsigned int left; /* messages */
};

struct bucket {
	uint64_t filled; /* when */
	uint32_t tokens; /* thousandths of a search */
};

struct sl_ssdp {
	const struct sl_igd *igd;
	struct sl_ifaddr *addr;
	unsigned int n_addrs;
	uint16_t http_port;
	uint32_t boot_id;
	struct bucket bucket[BUCKETS + 1];
	struct answer waiting[WAITING_MAX];
	unsigned int n_waiting;
	/* announcing */
	uint64_t round_due;
	unsigned int rounds, said; /* rounds to come; messages of this one that are out */
};

_Static_assert(SERVICES + SL_UPNP_SERVICES == SL_SSDP_TARGETS, "one for each");

struct sl_ssdp *
sl_ssdp_create(const struct sl_igd *igd, const struct sl_ifaddr *addr, unsigned int n_addrs,
	uint16_t http_port, uint32_t boot_id, uint64_t now)
{
	struct sl_ssdp *ssdp = calloc(1, sizeof(*ssdp));

	if (ssdp == NULL)
		return NULL;
	ssdp->addr = calloc(RTE_MAX(n_addrs, 1U), sizeof(*addr));
	if (ssdp->addr == NULL) {
		free(ssdp);
		return NULL;
	}
	memcpy(ssdp->addr, addr, n_addrs * sizeof(*addr));
	ssdp->igd = igd;
	ssdp->n_addrs = n_addrs;
	ssdp->http_port = http_port;
	ssdp->boot_id = boot_id;
	ssdp->rounds = ROUNDS_AT_START;
	ssdp->round_due = now;
	return ssdp;
}

void
sl_ssdp_destroy(struct sl_ssdp *ssdp)
{
	if (ssdp == NULL)
		return;
	free(ssdp->addr);
	free(ssdp);
}

/* ---- messages ---- */

static unsigned int
own_version(const struct sl_igd *igd, unsigned int what)
{
	return what < SERVICES ? igd->version
			       : sl_upnp_version(igd, &sl_upnp_services[what - SERVICES]);
}

/* NT or ST of a target, and whose it is. */
static const char *
name_target(const struct sl_ssdp *ssdp, struct target t, struct sl_text *name)
{
	const struct sl_igd *igd = ssdp->igd;

	if (t.what == ROOT) {
		sl_text_add(name, "upnp:rootdevice");
		return igd->udn[0];
	}
	if (t.what < DEVICES) {
		sl_text_add(name, "uuid:%s", igd->udn[t.what - UUIDS]);
		return igd->udn[t.what - UUIDS];
	}
	if (t.what < SERVICES) {
		sl_upnp_urn(name, false, sl_upnp_devices[t.what - DEVICES], t.version);
		return igd->udn[t.what - DEVICES];
	}
	sl_upnp_urn(name, true, sl_upnp_services[t.what - SERVICES].type, t.version);
	return igd->udn[sl_upnp_services[t.what - SERVICES].device];
}

enum kind {
	ALIVE,
	BYEBYE,
	ANSWER,
};

static bool
write_message(
	const struct sl_ssdp *ssdp, enum kind kind, struct target t, struct sl_ssdp_message *m)
{
	static const char *const first[] = {
		[ALIVE] = NOTIFY "NTS: ssdp:alive\r\n",
		[BYEBYE] = NOTIFY "NTS: ssdp:byebye\r\n",
		[ANSWER] = "HTTP/1.1 200 OK\r\nEXT:\r\n",
	};
	struct sl_text name = { 0 }, where = { 0 };
	const char *udn = name_target(ssdp, t, &name);
	char addr[INET_ADDRSTRLEN];
	int n = -1;

	inet_ntop(AF_INET, &m->from, addr, sizeof(addr));
	if (kind != BYEBYE)
		sl_text_add(&where,
			"CACHE-CONTROL: max-age=%d\r\nLOCATION: http://%s:%u" SL_UPNP_ROOT
			"\r\nSERVER: " SL_SSDP_SERVER "\r\n",
			SL_SSDP_MAX_AGE, addr, ssdp->http_port);
	if (!name.failed && !where.failed)
		n = snprintf(m->text, sizeof(m->text),
			"%s%s%s: %s\r\nUSN: uuid:%s%s%s\r\nBOOTID.UPNP.ORG: %u\r\n"
			"CONFIGID.UPNP.ORG: %u\r\n\r\n",
			first[kind], where.p != NULL ? where.p : "", kind == ANSWER ? "ST" : "NT",
			name.p, udn, t.what >= UUIDS && t.what < DEVICES ? "" : "::",
			t.what >= UUIDS && t.what < DEVICES ? "" : name.p, ssdp->boot_id,
			ssdp->igd->version);
	sl_text_fini(&name);
	sl_text_fini(&where);
	m->n = n > 0 ? (size_t)n : 0;
	return n > 0 && m->n < sizeof(m->text);
}

/* Number i of those that go to all: each target at each address. */
static bool
write_announcement(
	const struct sl_ssdp *ssdp, enum kind kind, unsigned int i, struct sl_ssdp_message *m)
{
	struct target t = { .what = i % SL_SSDP_TARGETS };

	if (i >= SL_SSDP_TARGETS * ssdp->n_addrs)
		return false;
	t.version = own_version(ssdp->igd, t.what);
	m->from = ssdp->addr[i / SL_SSDP_TARGETS].addr;
	m->to = RTE_BE32(SL_SSDP_GROUP);
	m->port = RTE_BE16(SL_SSDP_PORT);
	return write_message(ssdp, kind, t, m);
}

bool
sl_ssdp_byebye(const struct sl_ssdp *ssdp, unsigned int i, struct sl_ssdp_message *message)
{
	return write_announcement(ssdp, BYEBYE, i, message);
}

/* ---- searches ---- */

/* The address of the box in the network of a host, 0: the host is not on the link. */
static rte_be32_t
facing(const struct sl_ssdp *ssdp, rte_be32_t host)
{
	for (unsigned int i = 0; i < ssdp->n_addrs; i++) {
		const struct sl_ifaddr *a = &ssdp->addr[i];
		uint32_t mask = a->plen == 0 ? 0 : UINT32_MAX << (32 - a->plen);
		uint32_t bits = rte_be_to_cpu_32(host) & ~mask;

		if ((rte_be_to_cpu_32(host ^ a->addr) & mask) != 0)
			continue;
		if (a->plen < 31 && (bits == 0 || bits == ~mask))
			return 0; /* the network, everybody in it */
		return a->addr;
	}
	return 0;
}

static bool
take(struct bucket *b, uint32_t per_second, uint32_t burst, uint64_t now)
{
	uint64_t tokens = b->tokens;

	if (b->filled == 0)
		tokens = burst * 1000;
	else if (now > b->filled)
		tokens += (now - b->filled) * per_second;
	b->filled = RTE_MAX(now, (uint64_t)1);
	b->tokens = (uint32_t)RTE_MIN(tokens, (uint64_t)burst * 1000);
	if (b->tokens < 1000)
		return false;
	b->tokens -= 1000;
	return true;
}

static bool
within_limits(struct sl_ssdp *ssdp, rte_be32_t from, uint64_t now)
{
	unsigned int i = (rte_be_to_cpu_32(from) * 0x9e3779b1U) >> 26;

	return take(&ssdp->bucket[i], 5, 20, now) && take(&ssdp->bucket[BUCKET_ALL], 50, 100, now);
}

static bool
same(struct sl_slice s, const char *text)
{
	struct sl_slice other = { (const uint8_t *)text, strlen(text) };

	return s.n == other.n && sl_slice_starts(s, other);
}

/* A URN without version, and a version that we can be. */
static bool
asks_for(const struct sl_ssdp *ssdp, struct sl_slice st, struct target *t)
{
	struct target unversioned = { .what = t->what };
	struct sl_text name = { 0 };
	bool found;

	name_target(ssdp, unversioned, &name); /* ends in 0 */
	found = !name.failed &&
		sl_slice_starts(st, (struct sl_slice){ (uint8_t *)name.p, name.n - 1 });
	if (found) {
		st = sl_slice_skip(st, name.n - 1);
		found = sl_slice_number(&st, own_version(ssdp->igd, t->what), &t->version) &&
			t->version > 0 && st.n == 0;
	}
	sl_text_fini(&name);
	return found;
}

/* What is searched for: the first answer and how many there are. */
static unsigned int
search_target(const struct sl_ssdp *ssdp, struct sl_slice st, struct target *t)
{
	*t = (struct target){ 0 };
	if (same(st, "ssdp:all"))
		return SL_SSDP_TARGETS;
	if (same(st, "upnp:rootdevice"))
		return 1;
	for (t->what = UUIDS; t->what < DEVICES; t->what++)
		if (sl_slice_starts(st, SL_SLICE("uuid:")) &&
			same(sl_slice_skip(st, 5), ssdp->igd->udn[t->what - UUIDS]))
			return 1;
	for (t->what = DEVICES; t->what < SL_SSDP_TARGETS; t->what++)
		if (asks_for(ssdp, st, t))
			return 1;
	return 0;
}

struct search {
	struct sl_slice man, mx, st;
};

/* Name and value of a header line into what we look for; the first of a kind counts. */
static void
read_line(struct search *s, struct sl_slice line)
{
	size_t colon = sl_slice_find(line, ':');
	struct sl_slice name = sl_slice_trim(sl_slice_head(line, colon));
	struct sl_slice value = sl_slice_trim(sl_slice_skip(line, colon + 1));

	if (colon == line.n)
		return;
	if (same(name, "man") && s->man.n == 0)
		s->man = value;
	else if (same(name, "mx") && s->mx.n == 0)
		s->mx = value;
	else if (same(name, "st") && s->st.n == 0)
		s->st = value;
}

static bool
read_search(struct search *s, struct sl_slice data)
{
	bool first = true;

	while (data.n > 0) {
		size_t end = sl_slice_find(data, '\n');
		struct sl_slice line = sl_slice_head(data, end);

		data = sl_slice_skip(data, end + 1);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (first && !sl_slice_is(line, SL_SLICE("M-SEARCH * HTTP/1.1")))
			return false;
		if (!first)
			read_line(s, line);
		first = false;
	}
	return sl_slice_is(s->man, SL_SLICE("\"ssdp:discover\"")) && s->st.n > 0;
}

void
sl_ssdp_hear(struct sl_ssdp *ssdp, const struct sl_ssdp_heard *heard, uint64_t now)
{
	struct answer *a = &ssdp->waiting[ssdp->n_waiting];
	struct search s = { 0 };
	uint32_t mx = 0, span;

	if (!read_search(&s, (struct sl_slice){ heard->data, heard->n }) || heard->port == 0)
		return;
	/* Section 1.3.3: a search by unicast has no MX and wants to be answered soon. */
	if (s.mx.n == 0 && heard->to == RTE_BE32(SL_SSDP_GROUP))
		return;
	if (s.mx.n > 0 && (!sl_slice_number(&s.mx, 65535, &mx) || s.mx.n > 0))
		return;
	if (ssdp->n_waiting == WAITING_MAX)
		return;
	a->from = facing(ssdp, heard->from);
	a->left = search_target(ssdp, s.st, &a->next);
	if (a->from == 0 || a->left == 0 || !within_limits(ssdp, heard->from, now))
		return;
	span = RTE_MIN(mx, (uint32_t)MX_MAX) * 1000;
	a->due = now + (span > MARGIN_MS ? heard->random % (span - MARGIN_MS) : 0);
	a->to = heard->from;
	a->port = heard->port;
	ssdp->n_waiting++;
}

/* ---- what is due ---- */

static bool
next_answer(struct sl_ssdp *ssdp, uint64_t now, struct sl_ssdp_message *m)
{
	for (unsigned int i = 0; i < ssdp->n_waiting; i++) {
		struct answer *a = &ssdp->waiting[i];
		bool all = a->left > 1 || a->next.version == 0;
		struct target t = a->next;

		if (a->due > now)
			continue;
		if (all)
			t.version = own_version(ssdp->igd, t.what);
		m->from = a->from;
		m->to = a->to;
		m->port = a->port;
		a->next.what++;
		if (--a->left == 0)
			*a = ssdp->waiting[--ssdp->n_waiting];
		return write_message(ssdp, ANSWER, t, m);
	}
	return false;
}

static bool
next_announcement(struct sl_ssdp *ssdp, uint64_t now, struct sl_ssdp_message *m)
{
	if (now < ssdp->round_due)
		return false;
	if (write_announcement(ssdp, ALIVE, ssdp->said, m)) {
		ssdp->said++;
		return true;
	}
	ssdp->said = 0;
	if (--ssdp->rounds > 0) {
		ssdp->round_due = now + ROUND_MS;
	} else {
		ssdp->rounds = ROUNDS_LATER;
		ssdp->round_due = now + ANNOUNCE_MS;
	}
	return false;
}

bool
sl_ssdp_next(struct sl_ssdp *ssdp, uint64_t now, struct sl_ssdp_message *message)
{
	return next_answer(ssdp, now, message) || next_announcement(ssdp, now, message);
}

uint64_t
sl_ssdp_due(const struct sl_ssdp *ssdp)
{
	uint64_t due = ssdp->n_addrs > 0 ? ssdp->round_due : NEVER;

	for (unsigned int i = 0; i < ssdp->n_waiting; i++)
		due = RTE_MIN(due, ssdp->waiting[i].due);
	return due;
}
