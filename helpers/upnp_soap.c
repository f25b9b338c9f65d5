/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SOAP (UDA 1.1 section 3): envelope in, action by the table, envelope out.
 *
 * What comes is hostile. The parser is expat, fed with one body that has an upper size: a
 * document type stops it at once, so that there are no entities to expand but XML's own five;
 * depth, number and size of arguments are limited, all in memory of this call. Prefixes are cut
 * off and not looked up: clients are careless with name spaces, while the SOAPACTION header
 * says already what is meant. The element in the body has to agree with it.
 *
 * Arguments go by name, each exactly once; the standard wants them in order, clients do not
 * care. Types, allowed values and ranges are the table's, so a description promises what is
 * checked here.
 */
#include "upnp_soap.h"

#include <ctype.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "slice.h"
#include "upnp_desc.h"

#define DEPTH_MAX 8
#define VALUE_MAX 1024 /* bytes of an argument */
#define NAME_MAX_LEN 64

#define ENVELOPE                                                                                   \
	"<?xml version=\"1.0\"?>\n"                                                                \
	"<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "                       \
	"s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">\n<s:Body>\n"
#define ENVELOPE_END "</s:Body>\n</s:Envelope>\n"

/* Where in Envelope/Body/ACTION/ARGUMENT we are. */
enum level {
	OUTSIDE,
	ENVELOPE_LEVEL,
	PART, /* Header or Body */
	ACTION,
	ARGUMENT,
};

struct reading {
	XML_Parser parser;
	unsigned int depth;
	bool in_body, must_understand, done;
	bool strange; /* well-formed, but no request */
	bool bad_args;
	const struct sl_upnp_action *action; /* of the SOAPACTION header */
	bool other_action; /* the body has another one */
	unsigned int arg;
	char value[SL_UPNP_ARGS_MAX][VALUE_MAX + 1];
	size_t len[SL_UPNP_ARGS_MAX];
	bool given[SL_UPNP_ARGS_MAX];
};

static const char *
local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon != NULL ? colon + 1 : name;
}

static void
stop(struct reading *r)
{
	r->strange = true;
	XML_StopParser(r->parser, XML_FALSE);
}

/* ---- expat's calls ---- */

/* There is nothing good about a document type here: it is how entities get in. */
static void
on_doctype(void *arg, const XML_Char *name, const XML_Char *system, const XML_Char *public,
	int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	stop(arg);
}

static void
begin_argument(struct reading *r, const char *name)
{
	const struct sl_upnp_arg *in = r->action->in;
	unsigned int i = 0;

	while (in[i].name != NULL && strcmp(in[i].name, name) != 0)
		i++;
	r->arg = i;
	if (in[i].name == NULL || r->given[i])
		r->bad_args = true;
	else
		r->given[i] = true;
}

static bool
must_understand(const XML_Char **attributes)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(local_name(attributes[0]), "mustUnderstand") == 0 &&
			strcmp(attributes[1], "1") == 0)
			return true;
	return false;
}

static void
on_start(void *arg, const XML_Char *full, const XML_Char **attributes)
{
	const char *name = local_name(full);
	struct reading *r = arg;

	if (++r->depth > DEPTH_MAX) {
		stop(r);
		return;
	}
	if (r->depth == ENVELOPE_LEVEL) {
		if (strcmp(name, "Envelope") != 0)
			stop(r);
	} else if (r->depth == PART) {
		r->in_body = strcmp(name, "Body") == 0;
		if (!r->in_body && strcmp(name, "Header") != 0)
			stop(r);
	} else if (!r->in_body) {
		if (r->depth == ACTION && must_understand(attributes))
			r->must_understand = true;
	} else if (r->depth == ACTION) {
		if (r->done)
			stop(r); /* one action */
		r->done = true;
		r->other_action = strcmp(name, r->action->name) != 0;
	} else if (r->depth == ARGUMENT) {
		begin_argument(r, name);
	} else {
		r->bad_args = true; /* arguments are flat */
	}
}

static void
on_end(void *arg, const XML_Char *name)
{
	struct reading *r = arg;

	(void)name;
	r->depth--;
}

static void
on_text(void *arg, const XML_Char *text, int n)
{
	struct reading *r = arg;
	size_t *len;

	if (!r->in_body || r->depth != ARGUMENT || r->bad_args)
		return;
	len = &r->len[r->arg];
	if ((size_t)n > VALUE_MAX - *len) {
		r->bad_args = true;
		return;
	}
	memcpy(r->value[r->arg] + *len, text, (size_t)n);
	*len += (size_t)n;
}

/* False: no XML, or none that is a request. */
static bool
read_body(struct reading *r, const char *body, size_t n)
{
	enum XML_Status status;

	/* Some clients count a final zero or line end into the length. */
	while (n > 0 && (body[n - 1] == '\0' || isspace((unsigned char)body[n - 1])))
		n--;
	r->parser = XML_ParserCreate(NULL);
	if (r->parser == NULL)
		return false;
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	status = XML_Parse(r->parser, body, (int)n, 1);
	XML_ParserFree(r->parser);
	return status == XML_STATUS_OK && !r->strange && r->done;
}

/* ---- arguments ---- */

static void
trim(char *s)
{
	size_t n = strlen(s), skip = 0;

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		s[--n] = '\0';
	while (isspace((unsigned char)s[skip]))
		skip++;
	memmove(s, s + skip, n - skip + 1);
}

static bool
read_number(const char *s, uint32_t most, uint32_t *number)
{
	struct sl_slice text = { (const uint8_t *)s, strlen(s) };

	return sl_slice_number(&text, most, number) && text.n == 0;
}

/* UDA 1.1 section 2.5: 0 and 1, but these as well. */
static bool
read_boolean(const char *s, uint32_t *number)
{
	*number =
		strcasecmp(s, "1") == 0 || strcasecmp(s, "true") == 0 || strcasecmp(s, "yes") == 0;
	return *number != 0 || strcasecmp(s, "0") == 0 || strcasecmp(s, "false") == 0 ||
	       strcasecmp(s, "no") == 0;
}

static bool
is_allowed(const struct sl_upnp_var *var, const char *s)
{
	if (var->allowed == NULL)
		return true;
	for (unsigned int i = 0; var->allowed[i] != NULL; i++)
		if (strcmp(var->allowed[i], s) == 0)
			return true;
	return false;
}

static int
check_argument(struct sl_upnp_call *call, unsigned int i)
{
	const struct sl_upnp_var *var = sl_upnp_var(call->service, call->action->in[i].var);
	uint32_t *number = &call->number[i];
	bool good;

	/* A description keeps its blanks, nothing else has any. */
	if (var->type != SL_UPNP_STRING || var->allowed != NULL)
		trim(call->in[i]);
	if (var->type == SL_UPNP_STRING)
		good = is_allowed(var, call->in[i]);
	else if (var->type == SL_UPNP_BOOLEAN)
		good = read_boolean(call->in[i], number);
	else
		good = read_number(
			call->in[i], var->type == SL_UPNP_UI2 ? UINT16_MAX : UINT32_MAX, number);
	if (!good)
		return SL_UPNP_INVALID_ARGS;
	if (var->max != 0 && sl_upnp_has(var->range_since, call->version) &&
		(*number < var->min || *number > var->max))
		return call->version >= 2 && var->error != 0 ? var->error : SL_UPNP_INVALID_ARGS;
	return 0;
}

static int
check_arguments(struct sl_upnp_call *call, struct reading *r)
{
	if (r->bad_args)
		return SL_UPNP_INVALID_ARGS;
	for (unsigned int i = 0; call->action->in[i].name != NULL; i++) {
		int rc;

		call->in[i] = r->value[i];
		rc = r->given[i] ? check_argument(call, i) : SL_UPNP_INVALID_ARGS;
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* ---- answers ---- */

static unsigned int
fault(struct sl_text *answer, int error)
{
	sl_text_clear(answer);
	sl_text_add(answer,
		ENVELOPE "<s:Fault>\n<faultcode>s:Client</faultcode>\n"
			 "<faultstring>UPnPError</faultstring>\n<detail>\n"
			 "<UPnPError xmlns=\"urn:schemas-upnp-org:control-1-0\">\n"
			 "<errorCode>%d</errorCode>\n<errorDescription>%s</errorDescription>\n"
			 "</UPnPError>\n</detail>\n</s:Fault>\n" ENVELOPE_END,
		error, sl_upnp_error_text(error));
	return 500;
}

/* SOAP 1.1 section 4.4.1. */
static unsigned int
fault_not_understood(struct sl_text *answer)
{
	sl_text_add(answer,
		ENVELOPE "<s:Fault>\n<faultcode>s:MustUnderstand</faultcode>\n"
			 "<faultstring>MustUnderstand</faultstring>\n</s:Fault>\n" ENVELOPE_END);
	return 500;
}

/* "urn:schemas-upnp-org:service:TYPE:VERSION#ACTION", with the quotes or without. */
static const struct sl_upnp_action *
read_header(const struct sl_soap_request *request, unsigned int version, unsigned int *asked)
{
	struct sl_slice s = { (const uint8_t *)request->header, strlen(request->header) };
	const struct sl_upnp_service *service = request->service;
	struct sl_text urn = { 0 };
	const struct sl_upnp_action *action = NULL;
	char name[NAME_MAX_LEN] = "";
	bool good;

	s = sl_slice_trim(s);
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		s = sl_slice_skip(sl_slice_head(s, s.n - 1), 1);
	sl_text_add(&urn, "urn:schemas-upnp-org:service:%s:", service->type);
	good = !urn.failed && sl_slice_starts(s, (struct sl_slice){ (uint8_t *)urn.p, urn.n });
	s = sl_slice_skip(s, urn.n);
	sl_text_fini(&urn);
	if (good && sl_slice_number(&s, version, asked) && *asked > 0 && s.n > 1 && s.p[0] == '#' &&
		s.n - 1 < sizeof(name)) {
		memcpy(name, s.p + 1, s.n - 1);
		action = sl_upnp_action(service, version, name);
	}
	return action;
}

static unsigned int
run(struct sl_upnp_call *call, struct reading *r, unsigned int asked)
{
	int rc = check_arguments(call, r);

	if (rc != 0)
		return fault(call->out, rc);
	sl_text_add(call->out, ENVELOPE "<u:%sResponse xmlns:u=\"", call->action->name);
	sl_upnp_urn(call->out, true, call->service->type, asked);
	sl_text_add(call->out, "\">\n");
	rc = call->action->run(call);
	if (rc != 0)
		return fault(call->out, rc);
	sl_text_add(call->out, "</u:%sResponse>\n" ENVELOPE_END, call->action->name);
	return call->out->failed ? fault(call->out, SL_UPNP_ACTION_FAILED) : 200;
}

unsigned int
sl_soap_answer(struct sl_igd *igd, const struct sl_soap_request *request, struct sl_text *answer)
{
	unsigned int version = sl_upnp_version(igd, request->service), asked = version, status;
	struct sl_upnp_call call = {
		.igd = igd,
		.service = request->service,
		.version = version,
		.client = request->client,
		.now = request->now,
		.out = answer,
	};
	struct reading *r;

	if (request->header == NULL || request->n > SL_SOAP_BODY_MAX)
		return request->header == NULL ? 400 : 413;
	call.action = read_header(request, version, &asked);
	if (call.action == NULL)
		return fault(answer, SL_UPNP_INVALID_ACTION);
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return 503;
	r->action = call.action;
	if (!read_body(r, request->body, request->n))
		status = 400;
	else if (r->must_understand)
		status = fault_not_understood(answer);
	else if (r->other_action)
		status = fault(answer, SL_UPNP_INVALID_ACTION);
	else
		status = run(&call, r, asked);
	free(r);
	return status;
}
