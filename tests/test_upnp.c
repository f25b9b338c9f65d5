/* SPDX-License-Identifier: BSD-3-Clause
 *
 * UPnP's actions against what the service descriptions promise: the descriptions are read as a
 * control point reads them, every action in them is called, and names, order, types and values
 * of its results are held against them.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <expat.h>
#include <rte_common.h>

#include "upnp_desc.h"
#include "upnpkit.h"

#define LAN1 "10.0.0.2"

/* ---- a description as read ---- */

struct argument {
	char name[64], var[64];
	bool out;
};

struct action {
	char name[64];
	struct argument arg[16];
	unsigned int n;
};

struct variable {
	char name[64], type[16], allowed[12][64], least[16], most[16];
	unsigned int n_allowed;
	bool events;
};

struct scpd {
	struct action action[20];
	struct variable var[24];
	unsigned int n_actions, n_vars, depth;
	bool in_actions, in_argument;
	char text[256];
	size_t len;
};

static void
on_start(void *arg, const XML_Char *name, const XML_Char **atts)
{
	struct scpd *s = arg;

	s->len = 0;
	if (strcmp(name, "action") == 0)
		s->in_actions = true, s->n_actions++;
	if (strcmp(name, "argument") == 0)
		s->in_argument = true, s->action[s->n_actions - 1].n++;
	if (strcmp(name, "stateVariable") == 0) {
		s->in_actions = false;
		s->n_vars++;
		assert_string_equal(atts[0], "sendEvents");
		s->var[s->n_vars - 1].events = strcmp(atts[1], "yes") == 0;
	}
}

static void
on_end(void *arg, const XML_Char *name)
{
	struct scpd *s = arg;
	struct action *a = &s->action[s->n_actions > 0 ? s->n_actions - 1 : 0];
	struct argument *g = &a->arg[a->n > 0 ? a->n - 1 : 0];
	struct variable *v = &s->var[s->n_vars > 0 ? s->n_vars - 1 : 0];

	s->text[s->len] = '\0';
	if (strcmp(name, "argument") == 0)
		s->in_argument = false;
	else if (strcmp(name, "name") == 0)
		strcpy(s->in_argument ? g->name : s->in_actions ? a->name : v->name, s->text);
	else if (strcmp(name, "direction") == 0)
		g->out = strcmp(s->text, "out") == 0;
	else if (strcmp(name, "relatedStateVariable") == 0)
		strcpy(g->var, s->text);
	else if (strcmp(name, "dataType") == 0)
		strcpy(v->type, s->text);
	else if (strcmp(name, "allowedValue") == 0)
		strcpy(v->allowed[v->n_allowed++], s->text);
	else if (strcmp(name, "minimum") == 0)
		strcpy(v->least, s->text);
	else if (strcmp(name, "maximum") == 0)
		strcpy(v->most, s->text);
	s->len = 0;
}

static void
on_text(void *arg, const XML_Char *text, int n)
{
	struct scpd *s = arg;

	assert_true(s->len + (size_t)n < sizeof(s->text));
	memcpy(s->text + s->len, text, (size_t)n);
	s->len += (size_t)n;
}

static struct scpd *
read_scpd(struct kit *kit, unsigned int service)
{
	struct scpd *s = calloc(1, sizeof(*s));
	XML_Parser parser = XML_ParserCreate(NULL);
	struct sl_text text = { 0 };

	sl_upnp_describe_service(&text, &kit->igd, &sl_upnp_services[service]);
	assert_false(text.failed);
	XML_SetUserData(parser, s);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	assert_int_equal(XML_Parse(parser, text.p, (int)text.n, 1), XML_STATUS_OK);
	XML_ParserFree(parser);
	sl_text_fini(&text);
	return s;
}

static const struct variable *
find_var(const struct scpd *s, const char *name)
{
	for (unsigned int i = 0; i < s->n_vars; i++)
		if (strcmp(s->var[i].name, name) == 0)
			return &s->var[i];
	fail_msg("no variable %s", name);
	return NULL;
}

/* ---- calling everything ---- */

static const char *
good_input(const struct kit *kit, const char *action, const char *name)
{
	static char text[128];

	if (strcmp(name, "NewDefaultConnectionService") == 0) {
		snprintf(text, sizeof(text),
			"uuid:%s:WANConnectionDevice:%u,urn:upnp-org:serviceId:WANIPConn1",
			kit->igd.udn[2], kit->igd.version);
		return text;
	}
	if (strcmp(name, "NewInternalPort") == 0)
		return strcmp(action, "AddAnyPortMapping") == 0 ? "6001" : "6000";
	return strcmp(name, "NewInternalClient") == 0     ? LAN1
	       : strcmp(name, "NewProtocol") == 0         ? "TCP"
	       : strcmp(name, "NewConnectionType") == 0   ? "IP_Routed"
	       : strcmp(name, "NewExternalPort") == 0     ? "6000"
	       : strcmp(name, "NewStartPort") == 0        ? "5000"
	       : strcmp(name, "NewEndPort") == 0          ? "7000"
	       : strcmp(name, "NewPortMappingIndex") == 0 ? "0"
	       : strcmp(name, "NewEnabled") == 0          ? "1"
	       : strcmp(name, "NewManage") == 0           ? "0"
	       : strcmp(name, "NewNumberOfPorts") == 0    ? "0"
	       : strcmp(name, "NewLeaseDuration") == 0    ? "600"
							  : "";
}

static bool
fits(const struct variable *v, const char *value)
{
	unsigned long long most = strcmp(v->type, "ui2") == 0 ? UINT16_MAX : UINT32_MAX;
	char *end;

	for (unsigned int i = 0; i < v->n_allowed; i++)
		if (strcmp(v->allowed[i], value) == 0)
			return true;
	if (v->n_allowed > 0)
		return false;
	if (strcmp(v->type, "string") == 0)
		return true;
	if (strcmp(v->type, "boolean") == 0)
		return strcmp(value, "0") == 0 || strcmp(value, "1") == 0;
	if (!isdigit((unsigned char)*value) || strtoull(value, &end, 10) > most || *end != '\0')
		return false;
	return v->most[0] == '\0' ||
	       (atoll(value) >= atoll(v->least) && atoll(value) <= atoll(v->most));
}

/* Each result in its place, and nothing else. */
static void
check_results(struct kit *kit, const struct scpd *s, const struct action *a)
{
	const char *at = strstr(kit->answer.p, "Response xmlns:u=\"");

	assert_non_null(at);
	at = strchr(at, '\n') + 1;
	for (unsigned int i = 0; i < a->n; i++) {
		const char *end;
		char tag[80], value[4096];
		int n;

		if (!a->arg[i].out)
			continue;
		n = snprintf(tag, sizeof(tag), "<%s>", a->arg[i].name);
		assert_int_equal(strncmp(at, tag, (size_t)n), 0);
		end = strstr(at, "</");
		assert_true((size_t)(end - at) < sizeof(value));
		snprintf(value, sizeof(value), "%.*s", (int)(end - at - n), at + n);
		assert_int_equal(strncmp(end + 2, tag + 1, (size_t)n - 1), 0);
		if (!fits(find_var(s, a->arg[i].var), value))
			fail_msg("%s: %s is \"%s\"", a->name, a->arg[i].name, value);
		at = strchr(end, '\n') + 1;
	}
	assert_int_equal(strncmp(at, "</u:", 4), 0);
}

static void
call_as_described(
	struct kit *kit, unsigned int service, const struct scpd *s, const struct action *a)
{
	char args[1024] = "";
	unsigned int status;

	for (unsigned int i = 0; i < a->n; i++) {
		const char *name = a->arg[i].name;
		size_t n = strlen(args);

		find_var(s, a->arg[i].var);
		if (!a->arg[i].out)
			snprintf(args + n, sizeof(args) - n, "%s=%s\n", name,
				good_input(kit, a->name, name));
	}
	status = kit_call(kit, LAN1, service, a->name, args);
	if (strcmp(a->name, "SetConnectionType") == 0)
		assert_int_equal(status, kit->igd.version == 2 ? 606 : 703);
	else if (strcmp(a->name, "ForceTermination") == 0)
		assert_int_equal(status, kit->igd.version == 2 ? 606 : 501);
	else if (status != 200)
		fail_msg("%s: %u", a->name, status);
	else
		check_results(kit, s, a);
}

static void
check_version(unsigned int version)
{
	static const unsigned int actions[3][3] = { { 0 }, { 2, 5, 11 }, { 2, 5, 14 } };

	for (unsigned int i = 0; i < SL_UPNP_SERVICES; i++) {
		struct kit *kit = kit_create(version);
		struct scpd *s = read_scpd(kit, i);

		assert_int_equal(s->n_actions, actions[version][i]);
		assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), 200);
		for (unsigned int n = 0; n < s->n_actions; n++) {
			call_as_described(kit, i, s, &s->action[n]);
			/* whatever was deleted is needed again */
			assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), 200);
		}
		free(s);
		kit_destroy(kit);
	}
}

static void
every_action_of_version_1_answers_as_described(void **state)
{
	(void)state;
	check_version(1);
}

static void
every_action_of_version_2_answers_as_described(void **state)
{
	(void)state;
	check_version(2);
}

/* What each description must have, by the standards and not by our table. */
static void
required_variables_are_evented(void **state)
{
	static const char *const evented[] = { "PossibleConnectionTypes", "ConnectionStatus",
		"ExternalIPAddress", "PortMappingNumberOfEntries", "SystemUpdateID" };

	(void)state;
	for (unsigned int version = 1; version <= 2; version++) {
		struct kit *kit = kit_create(version);
		struct scpd *s = read_scpd(kit, KIT_IPC);
		unsigned int n = 0;

		for (unsigned int i = 0; i < s->n_vars; i++)
			n += s->var[i].events;
		assert_int_equal(n, version == 2 ? 5 : 4);
		for (unsigned int i = 0; i < n; i++)
			assert_true(find_var(s, evented[i])->events);
		free(s);
		kit_destroy(kit);
	}
}

static void
every_variable_of_a_description_is_used(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < SL_UPNP_SERVICES; i++) {
		struct kit *kit = kit_create(2);
		struct scpd *s = read_scpd(kit, i);

		for (unsigned int v = 0; v < s->n_vars; v++) {
			bool used = s->var[v].events;

			for (unsigned int a = 0; a < s->n_actions; a++)
				for (unsigned int g = 0; g < s->action[a].n; g++)
					used |= strcmp(s->action[a].arg[g].var, s->var[v].name) ==
						0;
			if (!used)
				fail_msg("%s is of no use", s->var[v].name);
		}
		free(s);
		kit_destroy(kit);
	}
}

static void
device_description_is_xml_and_names_everything(void **state)
{
	(void)state;
	for (unsigned int version = 1; version <= 2; version++) {
		struct kit *kit = kit_create(version);
		XML_Parser parser = XML_ParserCreate(NULL);
		struct sl_text t = { 0 };
		char urn[80];

		sl_upnp_describe(&t, &kit->igd);
		assert_int_equal(XML_Parse(parser, t.p, (int)t.n, 1), XML_STATUS_OK);
		for (unsigned int i = 0; i < 3; i++) {
			snprintf(urn, sizeof(urn), "urn:schemas-upnp-org:device:%s:%u<",
				sl_upnp_devices[i], version);
			assert_non_null(strstr(t.p, urn));
			assert_non_null(strstr(t.p, kit->igd.udn[i]));
		}
		snprintf(urn, sizeof(urn), "service:WANIPConnection:%u<", version);
		assert_non_null(strstr(t.p, urn));
		assert_non_null(strstr(t.p, "service:WANCommonInterfaceConfig:1<"));
		assert_non_null(strstr(t.p, "service:Layer3Forwarding:1<"));
		XML_ParserFree(parser);
		sl_text_fini(&t);
		kit_destroy(kit);
	}
}

/* RFC 4122 appendix B with the erratum: www.widgets.com in the name space of DNS names. */
static void
names_become_uuids_as_in_rfc4122(void **state)
{
	static const uint8_t dns[16] = { 0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4,
		0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8 };
	char text[SL_UUID_TEXT];

	(void)state;
	sl_uuid_name(dns, "www.widgets.com", 15, text);
	assert_string_equal(text, "21f7f8de-8051-5b89-8680-0195ef798b6a");
	/* and a name that fills its block */
	sl_uuid_name(dns, "0123456789012345678901234567890123456789", 40, text);
	assert_string_equal(text, "145078fe-b833-5436-962b-68058bcd2299");
}

/* ---- values ---- */

static void
counters_wrap_and_uptime_is_told(void **state)
{
	struct kit *kit = kit_create(1);

	(void)state;
	kit->figures.bytes_sent = (UINT64_C(1) << 32) + 17;
	kit->figures.bytes_received = 2;
	kit->figures.packets_sent = 3;
	kit->figures.packets_received = (UINT64_C(5) << 32) - 1;
	kit->figures.bits = UINT64_C(100000000000);
	assert_int_equal(kit_call(kit, LAN1, KIT_CIF, "GetTotalBytesSent", NULL), 200);
	assert_string_equal(kit_value(kit, "NewTotalBytesSent"), "17");
	kit_call(kit, LAN1, KIT_CIF, "GetTotalBytesReceived", NULL);
	assert_string_equal(kit_value(kit, "NewTotalBytesReceived"), "2");
	kit_call(kit, LAN1, KIT_CIF, "GetTotalPacketsSent", NULL);
	assert_string_equal(kit_value(kit, "NewTotalPacketsSent"), "3");
	kit_call(kit, LAN1, KIT_CIF, "GetTotalPacketsReceived", NULL);
	assert_string_equal(kit_value(kit, "NewTotalPacketsReceived"), "4294967295");
	kit_call(kit, LAN1, KIT_CIF, "GetCommonLinkProperties", NULL);
	assert_string_equal(kit_value(kit, "NewLayer1UpstreamMaxBitRate"), "4294967295");
	assert_string_equal(kit_value(kit, "NewPhysicalLinkStatus"), "Up");
	kit_call(kit, LAN1, KIT_IPC, "GetStatusInfo", NULL);
	assert_string_equal(kit_value(kit, "NewUptime"), "77");
	assert_string_equal(kit_value(kit, "NewConnectionStatus"), "Connected");
	kit->figures.up = false;
	kit_call(kit, LAN1, KIT_IPC, "GetStatusInfo", NULL);
	assert_string_equal(kit_value(kit, "NewConnectionStatus"), "Disconnected");
	assert_int_equal(kit_call(kit, LAN1, KIT_IPC, "RequestConnection", NULL), 704);
	kit_destroy(kit);
}

static void
outside_address_is_the_asking_hosts(void **state)
{
	struct kit *kit = kit_create(1);

	(void)state;
	assert_int_equal(kit_call(kit, LAN1, KIT_IPC, "GetExternalIPAddress", NULL), 200);
	assert_string_equal(kit_value(kit, "NewExternalIPAddress"), "192.0.2.1");
	assert_int_equal(kit_call(kit, "10.9.0.1", KIT_IPC, "GetExternalIPAddress", NULL), 200);
	assert_string_equal(kit_value(kit, "NewExternalIPAddress"), "");
	kit_destroy(kit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action_of_version_1_answers_as_described),
		cmocka_unit_test(every_action_of_version_2_answers_as_described),
		cmocka_unit_test(required_variables_are_evented),
		cmocka_unit_test(every_variable_of_a_description_is_used),
		cmocka_unit_test(device_description_is_xml_and_names_everything),
		cmocka_unit_test(names_become_uuids_as_in_rfc4122),
		cmocka_unit_test(counters_wrap_and_uptime_is_told),
		cmocka_unit_test(outside_address_is_the_asking_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
