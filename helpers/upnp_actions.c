/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Actions that tell of the link and of the connection. The connection is the gateway's, shared
 * by all: nobody changes it from here. Byte and packet counters are ui4 and wrap at 2^32, as
 * WANCommonInterfaceConfig:1 section 2.3 wants them. The outside address is the asking host's
 * own one, since a carrier has many.
 */
#include "upnp_actions.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

unsigned int
sl_upnp_arg(const struct sl_upnp_call *call, const char *name)
{
	unsigned int i = 0;

	while (i + 1 < SL_UPNP_ARGS_MAX && strcmp(call->action->in[i].name, name) != 0)
		i++;
	return i;
}

void
sl_upnp_give(struct sl_upnp_call *call, const char *format, ...)
{
	const char *name = call->action->out[call->n_out].name;
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	call->n_out++;
	sl_text_add(call->out, "<%s>", name);
	sl_text_xml(call->out, text);
	sl_text_add(call->out, "</%s>\n", name);
}

static struct sl_upnp_figures
figures_of(const struct sl_igd *igd)
{
	struct sl_upnp_figures f = { 0 };

	igd->figures(igd->arg, &f);
	return f;
}

/* ---- Layer3Forwarding ---- */

void
sl_upnp_value_default_service(struct sl_igd *igd, rte_be32_t client, struct sl_text *out)
{
	(void)client;
	sl_text_add(out, "uuid:%s:WANConnectionDevice:%u,urn:upnp-org:serviceId:WANIPConn1",
		igd->udn[2], igd->version);
}

int
sl_upnp_get_default_service(struct sl_upnp_call *call)
{
	struct sl_text value = { 0 };

	sl_upnp_value_default_service(call->igd, call->client, &value);
	if (!value.failed)
		sl_upnp_give(call, "%s", value.p);
	sl_text_fini(&value);
	return 0;
}

/* There is one connection, and it is the default: only saying so again succeeds. */
int
sl_upnp_set_default_service(struct sl_upnp_call *call)
{
	const char *want = call->in[0], *comma = strchr(want, ',');
	struct sl_text value = { 0 };
	int rc = SL_UPNP_INVALID_SELECTION;

	sl_upnp_value_default_service(call->igd, call->client, &value);
	if (value.failed)
		rc = SL_UPNP_ACTION_FAILED;
	else if (strcmp(want, value.p) == 0)
		rc = 0;
	else if (strncmp(want, "uuid:", 5) != 0 || strncmp(want + 5, call->igd->udn[2], 36) != 0)
		rc = SL_UPNP_INVALID_DEVICE;
	else if (comma == NULL || strcmp(comma, strchr(value.p, ',')) != 0)
		rc = SL_UPNP_INVALID_SERVICE;
	sl_text_fini(&value);
	return rc;
}

/* ---- WANCommonInterfaceConfig ---- */

void
sl_upnp_value_link(struct sl_igd *igd, rte_be32_t client, struct sl_text *out)
{
	(void)client;
	sl_text_add(out, "%s", figures_of(igd).up ? "Up" : "Down");
}

int
sl_upnp_get_link(struct sl_upnp_call *call)
{
	struct sl_upnp_figures f = figures_of(call->igd);
	uint32_t bits = (uint32_t)RTE_MIN(f.bits, (uint64_t)UINT32_MAX);

	sl_upnp_give(call, "Ethernet");
	sl_upnp_give(call, "%u", bits);
	sl_upnp_give(call, "%u", bits);
	sl_upnp_give(call, "%s", f.up ? "Up" : "Down");
	return 0;
}

int
sl_upnp_get_bytes_sent(struct sl_upnp_call *call)
{
	sl_upnp_give(call, "%u", (uint32_t)figures_of(call->igd).bytes_sent);
	return 0;
}

int
sl_upnp_get_bytes_received(struct sl_upnp_call *call)
{
	sl_upnp_give(call, "%u", (uint32_t)figures_of(call->igd).bytes_received);
	return 0;
}

int
sl_upnp_get_packets_sent(struct sl_upnp_call *call)
{
	sl_upnp_give(call, "%u", (uint32_t)figures_of(call->igd).packets_sent);
	return 0;
}

int
sl_upnp_get_packets_received(struct sl_upnp_call *call)
{
	sl_upnp_give(call, "%u", (uint32_t)figures_of(call->igd).packets_received);
	return 0;
}

/* ---- WANIPConnection: the connection ---- */

void
sl_upnp_value_types(struct sl_igd *igd, rte_be32_t client, struct sl_text *out)
{
	(void)igd;
	(void)client;
	sl_text_add(out, "IP_Routed");
}

int
sl_upnp_get_type(struct sl_upnp_call *call)
{
	sl_upnp_give(call, "IP_Routed");
	sl_upnp_give(call, "IP_Routed");
	return 0;
}

/* Version 1 section 2.4.1: only while there is no connection; version 2 asks for a login. */
int
sl_upnp_set_type(struct sl_upnp_call *call)
{
	return call->version >= 2 ? SL_UPNP_NOT_AUTHORIZED : SL_UPNP_INACTIVE_REQUIRED;
}

int
sl_upnp_request_connection(struct sl_upnp_call *call)
{
	return figures_of(call->igd).up ? 0 : SL_UPNP_SETUP_FAILED;
}

int
sl_upnp_force_termination(struct sl_upnp_call *call)
{
	return call->version >= 2 ? SL_UPNP_NOT_AUTHORIZED : SL_UPNP_ACTION_FAILED;
}

void
sl_upnp_value_status(struct sl_igd *igd, rte_be32_t client, struct sl_text *out)
{
	(void)client;
	sl_text_add(out, "%s", figures_of(igd).up ? "Connected" : "Disconnected");
}

int
sl_upnp_get_status(struct sl_upnp_call *call)
{
	struct sl_upnp_figures f = figures_of(call->igd);

	sl_upnp_give(call, "%s", f.up ? "Connected" : "Disconnected");
	sl_upnp_give(call, "ERROR_NONE");
	sl_upnp_give(call, "%u", f.up ? (uint32_t)f.uptime : 0);
	return 0;
}

int
sl_upnp_get_nat(struct sl_upnp_call *call)
{
	sl_upnp_give(call, "0");
	sl_upnp_give(call, "1");
	return 0;
}

void
sl_upnp_value_address(struct sl_igd *igd, rte_be32_t client, struct sl_text *out)
{
	rte_be32_t addr = sl_lease_outside(igd->leases, igd->tenant, client);
	char text[INET_ADDRSTRLEN] = "";

	if (addr != 0)
		inet_ntop(AF_INET, &addr, text, sizeof(text));
	sl_text_add(out, "%s", text);
}

int
sl_upnp_get_address(struct sl_upnp_call *call)
{
	struct sl_text value = { 0 };

	sl_upnp_value_address(call->igd, call->client, &value);
	if (!value.failed)
		sl_upnp_give(call, "%s", value.p);
	sl_text_fini(&value);
	return 0;
}

void
sl_upnp_value_update_id(struct sl_igd *igd, rte_be32_t client, struct sl_text *out)
{
	(void)client;
	sl_text_add(out, "%u", igd->update_id);
}
