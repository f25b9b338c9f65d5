/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Eventing (GENA, UDA 1.1 section 4): who subscribes is told all values of a service at once,
 * and later those that have changed, as the subscriber's host sees them.
 *
 * The place that is told is the subscriber itself and nobody else: an address in CALLBACK that
 * is not the one the request came from counts as none, and names are not looked up (CallStranger,
 * CVE-2020-12695). A subscription is renewed and ended from the same address too.
 *
 * Nothing waits. Each subscription has at most one connection, with a deadline; what changes
 * meanwhile makes one more message afterwards, with the values of then. Changes are collected
 * for a moment. Whoever cannot be told several times in a row is forgotten before its time.
 */
#include "upnp_event.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "slice.h"

#define SECONDS_MIN 60
#define PATH_MAX_LEN 256
#define VALUES_MAX 8 /* evented variables of a service */
#define VALUE_MAX 160
#define FIRST_MS 50 /* after the answer to SUBSCRIBE, which has the SID */
#define COLLECT_MS 200
#define SEND_MS 5000
#define FAILURES_MAX 5

struct subscription {
	struct sl_events *events;
	const struct sl_upnp_service *service; /* NULL: free */
	rte_be32_t client;
	rte_be16_t port;
	char path[PATH_MAX_LEN + 1];
	char sid[SL_EVENT_SID];
	uint32_t seq;
	uint64_t expires;
	uint64_t due; /* when to tell, 0: nothing to tell */
	unsigned int failures;
	char told[VALUES_MAX][VALUE_MAX];
	/* the message on its way */
	int fd; /* -1: none */
	uint64_t deadline;
	struct sl_text message;
	size_t sent;
};

struct sl_events {
	const struct sl_upnp_params *params;
	struct sl_igd *igd;
	void (*wake)(void *arg);
	void *wake_arg;
	struct subscription subscription[SL_EVENT_MAX];
};

struct sl_events *
sl_events_create(
	const struct sl_upnp_params *params, struct sl_igd *igd, void (*wake)(void *arg), void *arg)
{
	struct sl_events *events = calloc(1, sizeof(*events));

	if (events == NULL)
		return NULL;
	events->params = params;
	events->igd = igd;
	events->wake = wake;
	events->wake_arg = arg;
	for (unsigned int i = 0; i < SL_EVENT_MAX; i++) {
		events->subscription[i].events = events;
		events->subscription[i].fd = -1;
	}
	return events;
}

static void
hang_up(struct subscription *s)
{
	const struct sl_upnp_params *p = s->events->params;

	if (s->fd < 0)
		return;
	p->unwatch(p->arg, s->fd);
	close(s->fd);
	s->fd = -1;
	sl_text_fini(&s->message);
}

static void
forget(struct subscription *s)
{
	struct sl_events *events = s->events;

	hang_up(s);
	*s = (struct subscription){ .events = events, .fd = -1 };
}

void
sl_events_destroy(struct sl_events *events)
{
	if (events == NULL)
		return;
	for (unsigned int i = 0; i < SL_EVENT_MAX; i++)
		forget(&events->subscription[i]);
	free(events);
}

unsigned int
sl_events_count(const struct sl_events *events)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < SL_EVENT_MAX; i++)
		n += events->subscription[i].service != NULL;
	return n;
}

/* ---- telling ---- */

/* What has changed since the last time, all the first time; how many values. */
static unsigned int
write_properties(struct subscription *s, struct sl_text *body)
{
	unsigned int version = sl_upnp_version(s->events->igd, s->service), n = 0, i = 0;

	sl_text_add(body, "<?xml version=\"1.0\"?>\n"
			  "<e:propertyset xmlns:e=\"urn:schemas-upnp-org:event-1-0\">\n");
	for (const struct sl_upnp_var *v = s->service->vars; v->name != NULL; v++) {
		struct sl_text value = { 0 };

		if (v->value == NULL || !sl_upnp_has(v->since, version) || i == VALUES_MAX)
			continue;
		v->value(s->events->igd, s->client, &value);
		if (!value.failed && value.n < VALUE_MAX &&
			(s->seq == 0 || strcmp(s->told[i], value.p) != 0)) {
			memcpy(s->told[i], value.p, value.n + 1);
			sl_text_add(body, "<e:property><%s>", v->name);
			sl_text_xml(body, value.p);
			sl_text_add(body, "</%s></e:property>\n", v->name);
			n++;
		}
		sl_text_fini(&value);
		i++;
	}
	sl_text_add(body, "</e:propertyset>\n");
	return n;
}

static void
write_message(struct subscription *s, const struct sl_text *body)
{
	char host[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &s->client, host, sizeof(host));
	sl_text_add(&s->message,
		"NOTIFY %s HTTP/1.1\r\nHOST: %s:%u\r\n"
		"CONTENT-TYPE: text/xml; charset=\"utf-8\"\r\nCONTENT-LENGTH: %zu\r\n"
		"NT: upnp:event\r\nNTS: upnp:propchange\r\nSID: %s\r\nSEQ: %u\r\n"
		"CONNECTION: close\r\n\r\n%s",
		s->path, host, rte_be_to_cpu_16(s->port), body->n, s->sid, s->seq, body->p);
}

/* What could not be said is lost; SEQ tells the subscriber so. */
static void
failed(struct subscription *s)
{
	hang_up(s);
	if (++s->failures >= FAILURES_MAX)
		forget(s);
}

/* Section 4.3.2: 412 says that it does not know the subscription any more. */
static void
hear_answer(struct subscription *s)
{
	char line[32] = "";
	ssize_t n = recv(s->fd, line, sizeof(line) - 1, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 12 && strncmp(line, "HTTP/1.", 7) == 0 && strncmp(line + 8, " 412", 4) == 0) {
		forget(s);
		return;
	}
	if (n <= 0) {
		failed(s);
		return;
	}
	s->failures = 0;
	hang_up(s);
}

static void
say(struct subscription *s)
{
	const struct sl_upnp_params *p = s->events->params;

	while (s->sent < s->message.n) {
		ssize_t n =
			send(s->fd, s->message.p + s->sent, s->message.n - s->sent, MSG_NOSIGNAL);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			failed(s);
			return;
		}
		s->sent += (size_t)n;
	}
	if (p->rewatch(p->arg, s->fd, EPOLLIN) != 0)
		failed(s);
}

static void
on_ready(void *arg, uint32_t ready)
{
	struct subscription *s = arg;

	(void)ready; /* errors show in what is tried */
	if (s->fd < 0)
		return;
	if (s->sent < s->message.n)
		say(s);
	else
		hear_answer(s);
	/* The next message may have waited for this one. */
	if (s->fd < 0 && s->due != 0)
		s->events->wake(s->events->wake_arg);
}

static int
call(struct subscription *s)
{
	const struct sl_upnp_params *p = s->events->params;
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = s->port, .sin_addr.s_addr = s->client
	};
	int rc;

	s->fd = p->socket(p->arg, AF_INET, SOCK_STREAM, 0);
	if (s->fd < 0)
		return s->fd;
	rc = connect(s->fd, (struct sockaddr *)&to, sizeof(to));
	if (rc < 0 && errno != EINPROGRESS)
		rc = -errno;
	else
		rc = p->watch(p->arg, s->fd, EPOLLOUT, on_ready, s);
	if (rc != 0) {
		close(s->fd);
		s->fd = -1;
	}
	return rc;
}

static void
tell(struct subscription *s, uint64_t now)
{
	struct sl_text body = { 0 };

	s->due = 0;
	if (write_properties(s, &body) == 0) {
		sl_text_fini(&body);
		return;
	}
	sl_text_clear(&s->message);
	s->sent = 0;
	s->deadline = now + SEND_MS;
	if (!body.failed)
		write_message(s, &body);
	sl_text_fini(&body);
	/* Section 4.3.1: 0 is the first message alone. */
	s->seq = s->seq == UINT32_MAX ? 1 : s->seq + 1;
	if (s->message.n == 0 || s->message.failed || call(s) != 0) {
		sl_text_fini(&s->message);
		failed(s);
	}
}

/* ---- subscribing ---- */

/* "<http://ADDRESS:PORT/PATH>", one after the other; the first at the subscriber itself. */
static bool
read_url(struct sl_slice url, rte_be32_t client, struct subscription *s)
{
	uint32_t port = 80;
	rte_be32_t addr;

	if (!sl_slice_starts(url, SL_SLICE("http://")))
		return false;
	url = sl_slice_skip(url, 7);
	if (!sl_slice_ipv4(&url, &addr) || addr != client)
		return false;
	if (url.n > 0 && url.p[0] == ':') {
		url = sl_slice_skip(url, 1);
		if (!sl_slice_number(&url, 65535, &port) || port == 0)
			return false;
	}
	if (url.n > PATH_MAX_LEN || (url.n > 0 && url.p[0] != '/'))
		return false;
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] > '~')
			return false;
	if (url.n == 0)
		url = SL_SLICE("/");
	memcpy(s->path, url.p, url.n);
	s->path[url.n] = '\0';
	s->client = client;
	s->port = rte_cpu_to_be_16((uint16_t)port);
	return true;
}

static bool
read_callback(const char *header, rte_be32_t client, struct subscription *s)
{
	struct sl_slice rest = { (const uint8_t *)header, strlen(header) };

	for (;;) {
		size_t start = sl_slice_find(rest, '<'), n;

		rest = sl_slice_skip(rest, start + 1);
		n = sl_slice_find(rest, '>');
		if (n == rest.n)
			return false;
		if (read_url(sl_slice_head(rest, n), client, s))
			return true;
		rest = sl_slice_skip(rest, n + 1);
	}
}

/* "Second-1800"; "infinite", and what is not understood, is the longest. */
static uint32_t
read_timeout(const char *header)
{
	struct sl_slice s = { (const uint8_t *)header, header != NULL ? strlen(header) : 0 };
	uint32_t seconds;

	s = sl_slice_trim(s);
	if (!sl_slice_starts(s, SL_SLICE("Second-")))
		return SL_EVENT_SECONDS;
	s = sl_slice_skip(s, 7);
	if (!sl_slice_number(&s, SL_EVENT_SECONDS, &seconds))
		return SL_EVENT_SECONDS;
	return RTE_MAX(seconds, (uint32_t)SECONDS_MIN);
}

static struct subscription *
find(struct sl_events *events, const struct sl_event_request *r)
{
	for (unsigned int i = 0; i < SL_EVENT_MAX; i++) {
		struct subscription *s = &events->subscription[i];

		if (s->service == r->service && s->client == r->client &&
			strcmp(s->sid, r->sid) == 0)
			return s;
	}
	return NULL;
}

/* A free place, unless this host has enough. */
static struct subscription *
find_place(struct sl_events *events, rte_be32_t client)
{
	struct subscription *place = NULL;
	unsigned int n = 0;

	for (unsigned int i = 0; i < SL_EVENT_MAX; i++) {
		struct subscription *s = &events->subscription[i];

		if (s->service == NULL)
			place = s;
		else if (s->client == client)
			n++;
	}
	return n < SL_EVENT_MAX_HOST ? place : NULL;
}

static unsigned int
subscribe(struct sl_events *events, const struct sl_event_request *r, uint64_t now,
	struct subscription **made)
{
	struct subscription *s = find_place(events, r->client), where;
	uint8_t random[16];

	if (r->callback == NULL || r->nt == NULL || strcmp(r->nt, "upnp:event") != 0 ||
		!read_callback(r->callback, r->client, &where))
		return 412;
	if (s == NULL || getrandom(random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		return 503;
	s->client = where.client;
	s->port = where.port;
	memcpy(s->path, where.path, sizeof(s->path));
	memcpy(s->sid, "uuid:", 5);
	sl_uuid_random(random, s->sid + 5);
	s->service = r->service;
	s->due = now + FIRST_MS;
	*made = s;
	return 200;
}

unsigned int
sl_events_subscribe(struct sl_events *events, const struct sl_event_request *r, uint64_t now,
	struct sl_event_answer *answer)
{
	struct subscription *s = NULL;
	unsigned int status = 200;

	if (r->sid != NULL && (r->callback != NULL || r->nt != NULL))
		return 400; /* section 4.1.2: one or the other */
	if (r->sid == NULL)
		status = subscribe(events, r, now, &s);
	else
		s = find(events, r);
	if (status != 200 || s == NULL)
		return status != 200 ? status : 412;
	answer->seconds = read_timeout(r->timeout);
	s->expires = now + (uint64_t)answer->seconds * 1000;
	memcpy(answer->sid, s->sid, sizeof(answer->sid));
	return 200;
}

unsigned int
sl_events_unsubscribe(struct sl_events *events, const struct sl_event_request *r)
{
	struct subscription *s;

	if (r->callback != NULL || r->nt != NULL)
		return 400;
	s = r->sid != NULL ? find(events, r) : NULL;
	if (s == NULL)
		return 412;
	forget(s);
	return 200;
}

/* ---- time ---- */

void
sl_events_changed(struct sl_events *events, uint64_t now)
{
	for (unsigned int i = 0; i < SL_EVENT_MAX; i++) {
		struct subscription *s = &events->subscription[i];

		if (s->service != NULL && s->due == 0)
			s->due = now + COLLECT_MS;
	}
}

uint64_t
sl_events_poll(struct sl_events *events, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (unsigned int i = 0; i < SL_EVENT_MAX; i++) {
		struct subscription *s = &events->subscription[i];

		if (s->service == NULL)
			continue;
		if (now >= s->expires)
			forget(s);
		else if (s->fd >= 0 && now >= s->deadline)
			failed(s);
		else if (s->fd < 0 && s->due != 0 && now >= s->due)
			tell(s, now);
		if (s->service == NULL)
			continue;
		next = RTE_MIN(next, s->expires);
		if (s->fd >= 0)
			next = RTE_MIN(next, s->deadline);
		else if (s->due != 0)
			next = RTE_MIN(next, s->due);
	}
	return next;
}
