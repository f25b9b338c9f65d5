/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HTTP requests of a device: checked, sent to description, control or eventing, answered.
 *
 * The Host header must name an address of this box: a web page whose name was bound to that
 * address anew (DNS rebinding) names itself there. SOAPACTION must be there, too, which a page
 * of another origin cannot send without being allowed to. Sizes are limited before anything is
 * kept.
 */
#include "upnp_request.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>

#include "slice.h"
#include "ssdp.h"
#include "upnp_desc.h"
#include "upnp_soap.h"

/* A request while its body comes in. */
struct exchange {
	size_t n;
	char body[SL_SOAP_BODY_MAX];
};

/* An answer to be. */
struct answer {
	unsigned int status;
	struct sl_text text;
	const char *allow; /* methods, of 405 */
	const struct sl_event_answer *event;
	bool control;
};

/* ---- answering ---- */

static void
add_header(struct MHD_Response *response, const char *name, const char *value)
{
	(void)MHD_add_response_header(response, name, value);
}

static void
add_headers(struct MHD_Response *response, const struct answer *a)
{
	char seconds[32];

	add_header(response, "Connection", "close");
	add_header(response, "Server", SL_SSDP_SERVER);
	if (a->text.n > 0)
		add_header(response, "Content-Type", "text/xml; charset=\"utf-8\"");
	if (a->control)
		add_header(response, "EXT", " "); /* the library takes none that is empty */
	if (a->allow != NULL)
		add_header(response, "Allow", a->allow);
	if (a->event != NULL) {
		snprintf(seconds, sizeof(seconds), "Second-%u", a->event->seconds);
		add_header(response, "SID", a->event->sid);
		add_header(response, "TIMEOUT", seconds);
	}
}

static enum MHD_Result
send_answer(struct MHD_Connection *c, struct answer *a)
{
	struct MHD_Response *response;
	enum MHD_Result rc;

	if (a->text.failed) {
		sl_text_fini(&a->text);
		a->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
	}
	response = MHD_create_response_from_buffer(
		a->text.n, a->text.n > 0 ? a->text.p : NULL, MHD_RESPMEM_MUST_COPY);
	if (response != NULL)
		add_headers(response, a);
	sl_text_fini(&a->text);
	if (response == NULL)
		return MHD_NO;
	rc = MHD_queue_response(c, a->status, response);
	MHD_destroy_response(response);
	return rc;
}

static enum MHD_Result
refuse(struct MHD_Connection *c, unsigned int status)
{
	struct answer a = { .status = status };

	return send_answer(c, &a);
}

/* ---- requests ---- */

static const char *
header_of(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static enum MHD_Result
count_host(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	(void)value;
	*(unsigned int *)arg += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0;
	return MHD_YES;
}

/* 0, or the status that refuses: RFC 7230 section 5.4 wants exactly one. */
static unsigned int
check_host(const struct sl_request_env *env, struct MHD_Connection *c)
{
	const struct sl_upnp_params *p = env->params;
	const char *host = header_of(c, MHD_HTTP_HEADER_HOST);
	struct sl_slice s = { (const uint8_t *)host, host != NULL ? strlen(host) : 0 };
	unsigned int hosts = 0;
	uint32_t port = 80;
	rte_be32_t addr;

	MHD_get_connection_values(c, MHD_HEADER_KIND, count_host, &hosts);
	if (host == NULL || hosts != 1)
		return MHD_HTTP_BAD_REQUEST;
	if (!sl_slice_ipv4(&s, &addr))
		return MHD_HTTP_FORBIDDEN;
	if (s.n > 0 && s.p[0] == ':') {
		s = sl_slice_skip(s, 1);
		if (!sl_slice_number(&s, UINT16_MAX, &port))
			return MHD_HTTP_FORBIDDEN;
	}
	if (s.n > 0 || port != p->port)
		return MHD_HTTP_FORBIDDEN;
	for (unsigned int i = 0; i < p->n_addrs; i++)
		if (p->addr[i].addr == addr)
			return 0;
	return MHD_HTTP_FORBIDDEN;
}

static unsigned int
check_size(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	const char *length = header_of(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
	struct sl_slice s = { (const uint8_t *)length, length != NULL ? strlen(length) : 0 };
	uint32_t n;

	if (info == NULL || info->header_size > SL_HTTP_HEADER_MAX)
		return MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
	if (length != NULL && !sl_slice_number(&s, SL_SOAP_BODY_MAX, &n))
		return MHD_HTTP_CONTENT_TOO_LARGE;
	return 0;
}

static rte_be32_t
client_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr_in *sin =
		info != NULL ? (const struct sockaddr_in *)(const void *)info->client_addr : NULL;

	return sin != NULL ? sin->sin_addr.s_addr : 0;
}

/* The service whose path follows a prefix, with a suffix. */
static const struct sl_upnp_service *
find_service(const char *url, const char *prefix, const char *suffix)
{
	size_t n = strlen(prefix);

	if (strncmp(url, prefix, n) != 0)
		return NULL;
	for (unsigned int i = 0; i < SL_UPNP_SERVICES; i++) {
		const char *path = sl_upnp_services[i].path;
		size_t len = strlen(path);

		if (strncmp(url + n, path, len) == 0 && strcmp(url + n + len, suffix) == 0)
			return &sl_upnp_services[i];
	}
	return NULL;
}

static void
control(const struct sl_request_env *env, struct MHD_Connection *c,
	const struct sl_upnp_service *service, const struct exchange *x, struct answer *a)
{
	struct sl_soap_request request = {
		.service = service,
		.header = header_of(c, "SOAPACTION"),
		.body = x->body,
		.n = x->n,
		.client = client_of(c),
		.now = env->params->now(env->params->arg),
	};

	a->status = sl_soap_answer(env->igd, &request, &a->text);
	a->control = true;
}

static void
eventing(const struct sl_request_env *env, struct MHD_Connection *c,
	const struct sl_upnp_service *service, bool subscribe, struct answer *a,
	struct sl_event_answer *told)
{
	struct sl_event_request request = {
		.service = service,
		.client = client_of(c),
		.callback = header_of(c, "CALLBACK"),
		.nt = header_of(c, "NT"),
		.sid = header_of(c, "SID"),
		.timeout = header_of(c, "TIMEOUT"),
	};

	if (!subscribe) {
		a->status = sl_events_unsubscribe(env->events, &request);
		return;
	}
	a->status = sl_events_subscribe(
		env->events, &request, env->params->now(env->params->arg), told);
	if (a->status == 200)
		a->event = told;
	env->wake(env->wake_arg);
}

static enum MHD_Result
route(const struct sl_request_env *env, struct MHD_Connection *c, const char *url,
	const char *method, const struct exchange *x)
{
	bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	bool subscribe = strcmp(method, "SUBSCRIBE") == 0;
	struct answer a = { .status = MHD_HTTP_OK };
	const struct sl_upnp_service *service;
	struct sl_event_answer told;

	if (strcmp(url, SL_UPNP_ROOT) == 0) {
		a.allow = "GET, HEAD";
		if (get)
			sl_upnp_describe(&a.text, env->igd);
	} else if ((service = find_service(url, "/", ".xml")) != NULL) {
		a.allow = "GET, HEAD";
		if (get)
			sl_upnp_describe_service(&a.text, env->igd, service);
	} else if ((service = find_service(url, "/ctl/", "")) != NULL) {
		a.allow = "POST";
		get = strcmp(method, "POST") == 0;
		if (get)
			control(env, c, service, x, &a);
	} else if ((service = find_service(url, "/evt/", "")) != NULL) {
		a.allow = "SUBSCRIBE, UNSUBSCRIBE";
		get = subscribe || strcmp(method, "UNSUBSCRIBE") == 0;
		if (get)
			eventing(env, c, service, subscribe, &a, &told);
	} else {
		a.status = MHD_HTTP_NOT_FOUND;
	}
	if (a.allow != NULL && get)
		a.allow = NULL;
	else if (a.allow != NULL)
		a.status = MHD_HTTP_METHOD_NOT_ALLOWED;
	return send_answer(c, &a);
}

/* Once with the header alone, then for pieces of the body, then at its end. */
enum MHD_Result
sl_request_on(void *arg, struct MHD_Connection *c, const char *url, const char *method,
	const char *version, const char *data, size_t *n, void **state)
{
	struct exchange *x = *state;
	const struct sl_request_env *env = arg;
	unsigned int status;

	(void)version;
	if (x == NULL) {
		status = check_size(c);
		if (status == 0)
			status = check_host(env, c);
		if (status != 0)
			return refuse(c, status);
		*state = malloc(sizeof(*x));
		if (*state == NULL)
			return MHD_NO;
		((struct exchange *)*state)->n = 0;
		return MHD_YES;
	}
	if (*n == 0)
		return route(env, c, url, method, x);
	/* In chunks nobody tells before how much it is; to answer now is too early for the
	 * library, so the connection ends. */
	if (*n > sizeof(x->body) - x->n)
		return MHD_NO;
	memcpy(x->body + x->n, data, *n);
	x->n += *n;
	*n = 0;
	return MHD_YES;
}

void
sl_request_done(
	void *arg, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	(void)arg;
	(void)c;
	(void)why;
	free(*state);
	*state = NULL;
}
