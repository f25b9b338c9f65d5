/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Port mappings by UPnP: whose they are, what is refused with which error, in both versions.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <rte_byteorder.h>
#include <rte_common.h>

#include "upnpkit.h"

#define LAN1 "10.0.0.2"
#define LAN2 "10.0.0.3"

static int
version_1(void **state)
{
	*state = kit_create(1);
	return 0;
}

static int
version_2(void **state)
{
	*state = kit_create(2);
	return 0;
}

static int
tear_down(void **state)
{
	kit_destroy(*state);
	return 0;
}

/* AddPortMapping or AddAnyPortMapping with one argument otherwise. */
static unsigned int
add_with(struct kit *kit, const char *action, const char *name, const char *value)
{
	static const char *const usual[][2] = { { "NewRemoteHost", "" },
		{ "NewExternalPort", "6000" }, { "NewProtocol", "TCP" },
		{ "NewInternalPort", "6000" }, { "NewInternalClient", LAN1 }, { "NewEnabled", "1" },
		{ "NewPortMappingDescription", "test" }, { "NewLeaseDuration", "600" } };
	char args[4096] = "";

	for (unsigned int i = 0; i < RTE_DIM(usual); i++) {
		bool this = strcmp(usual[i][0], name) == 0;
		size_t n = strlen(args);

		if (!this || value != NULL)
			snprintf(args + n, sizeof(args) - n, "%s=%s\n", usual[i][0],
				this ? value : usual[i][1]);
	}
	return kit_call(kit, LAN1, KIT_IPC, action, args);
}

static unsigned int
specific(struct kit *kit, const char *client, const char *remote, unsigned int port)
{
	char args[256];

	snprintf(args, sizeof(args), "NewRemoteHost=%s\nNewExternalPort=%u\nNewProtocol=TCP",
		remote, port);
	return kit_call(kit, client, KIT_IPC, "GetSpecificPortMappingEntry", args);
}

static unsigned int
delete_it(struct kit *kit, const char *client, const char *remote, unsigned int port)
{
	char args[256];

	snprintf(args, sizeof(args), "NewRemoteHost=%s\nNewExternalPort=%u\nNewProtocol=TCP",
		remote, port);
	return kit_call(kit, client, KIT_IPC, "DeletePortMapping", args);
}

static unsigned int
generic(struct kit *kit, const char *client, unsigned int i)
{
	char args[64];

	snprintf(args, sizeof(args), "NewPortMappingIndex=%u", i);
	return kit_call(kit, client, KIT_IPC, "GetGenericPortMappingEntry", args);
}

static struct sl_lease
lease_at(struct kit *kit, unsigned int port)
{
	struct sl_lease lease = { 0 };

	sl_lease_at(kit->leases, 0, IPPROTO_TCP, 0, rte_cpu_to_be_16((uint16_t)port), &lease);
	return lease;
}

/* ---- adding ---- */

static void
mapping_is_made_looked_at_and_deleted(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 7000, 600), 200);
	assert_int_equal(lease_at(kit, 6000).in_port, RTE_BE16(7000));
	assert_int_equal(specific(kit, LAN1, "", 6000), 200);
	assert_string_equal(kit_value(kit, "NewInternalPort"), "7000");
	assert_string_equal(kit_value(kit, "NewInternalClient"), LAN1);
	assert_string_equal(kit_value(kit, "NewEnabled"), "1");
	assert_string_equal(kit_value(kit, "NewPortMappingDescription"), "test");
	assert_string_equal(kit_value(kit, "NewLeaseDuration"), "600");
	kit->now += 1500;
	specific(kit, LAN1, "", 6000);
	assert_string_equal(kit_value(kit, "NewLeaseDuration"), "599");
	assert_int_equal(delete_it(kit, LAN1, "", 6000), 200);
	assert_int_equal(delete_it(kit, LAN1, "", 6000), 714);
	assert_int_equal(specific(kit, LAN1, "", 6000), 714);
	assert_int_equal(sl_lease_count(kit->leases, 0), 0);
}

static void
bad_arguments_are_402(void **state)
{
	static const char *const bad[][2] = { { "NewRemoteHost", NULL },
		{ "NewExternalPort", NULL }, { "NewProtocol", NULL }, { "NewInternalPort", NULL },
		{ "NewInternalClient", NULL }, { "NewEnabled", NULL },
		{ "NewPortMappingDescription", NULL }, { "NewLeaseDuration", NULL },
		{ "NewRemoteHost", "example.com" }, { "NewRemoteHost", "1.2.3" },
		{ "NewRemoteHost", "1.2.3.4.5" }, { "NewExternalPort", "65536" },
		{ "NewExternalPort", "-1" }, { "NewExternalPort", "6000x" },
		{ "NewExternalPort", "" }, { "NewProtocol", "SCTP" }, { "NewProtocol", "" },
		{ "NewProtocol", "T" }, { "NewInternalPort", "99999" }, { "NewInternalClient", "" },
		{ "NewInternalClient", "myhost" }, { "NewInternalClient", "10.0.0" },
		{ "NewEnabled", "2" }, { "NewEnabled", "" }, { "NewLeaseDuration", "4294967296" },
		{ "NewLeaseDuration", "soon" } };

	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		unsigned int status = add_with(*state, "AddPortMapping", bad[i][0], bad[i][1]);

		if (status != 402)
			fail_msg("%s=%s: %u", bad[i][0], bad[i][1], status);
	}
	assert_int_equal(((struct kit *)*state)->changes, 0);
}

static void
arguments_are_taken_as_clients_send_them(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(add_with(kit, "AddPortMapping", "NewExternalPort", " 6000 "), 200);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewEnabled", "true"), 200);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewEnabled", "Yes"), 200);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewRemoteHost", "*"), 200);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewRemoteHost", "0.0.0.0"), 200);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewPortMappingDescription", ""), 200);
	/* in another order */
	assert_int_equal(kit_call(kit, LAN1, KIT_IPC, "DeletePortMapping",
				 "NewProtocol=TCP\nNewExternalPort=6000\nNewRemoteHost="),
		200);
}

static void
wildcard_ports_are_refused(void **state)
{
	struct kit *kit = *state;
	bool v2 = kit->igd.version == 2;

	assert_int_equal(add_with(kit, "AddPortMapping", "NewExternalPort", "0"), 716);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewInternalPort", "0"), v2 ? 732 : 402);
}

static void
another_hosts_address_is_606(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(add_with(kit, "AddPortMapping", "NewInternalClient", LAN2), 606);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewInternalClient", "192.0.2.1"), 606);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewInternalClient", "127.0.0.1"), 606);
	assert_int_equal(kit->changes, 0);
}

static void
low_ports_are_606_unless_allowed(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(add_with(kit, "AddPortMapping", "NewExternalPort", "1023"), 606);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewInternalPort", "22"), 606);
	kit->policy.port_min = 80;
	kit->policy.port_max = 65535;
	kit_configure(kit);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewExternalPort", "79"), 606);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewExternalPort", "80"), 200);
}

static void
ports_out_of_the_policys_range_are_606(void **state)
{
	struct kit *kit = *state;

	kit->policy.port_min = 6001;
	kit->policy.port_max = 7000;
	kit_configure(kit);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewExternalPort", "6000"), 606);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewExternalPort", "6001"), 200);
}

static void
denied_host_is_606(void **state)
{
	struct kit *kit = *state;
	struct sl_ifaddr deny = { kit_addr("10.0.0.0"), 30 };

	kit->policy.deny = &deny;
	kit->policy.n_deny = 1;
	kit_configure(kit);
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 0), 606);
	assert_int_equal(kit_add(kit, "10.0.0.5", 6000, "10.0.0.5", 6000, 0), 200);
}

static void
third_party_hosts_act_for_others(void **state)
{
	struct kit *kit = *state;
	struct sl_ifaddr third = { kit_addr(LAN2), 32 };

	kit->policy.third_party = &third;
	kit->policy.n_third_party = 1;
	kit_configure(kit);
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN2, 6000, 600), 606);
	assert_int_equal(kit_add(kit, LAN2, 6000, LAN1, 6000, 600), 200);
	assert_int_equal(lease_at(kit, 6000).in_addr, kit_addr(LAN1));
	assert_int_equal(generic(kit, LAN2, 0), 200);
	assert_int_equal(generic(kit, LAN1, 0), 200);
	assert_int_equal(delete_it(kit, LAN2, "", 6000), 200);
	assert_int_equal(sl_lease_count(kit->leases, 0), 0);
}

static void
port_of_somebody_else_is_a_conflict(void **state)
{
	struct kit *kit = *state;
	bool v2 = kit->igd.version == 2;

	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), 200);
	assert_int_equal(kit_add(kit, LAN2, 6000, LAN2, 6000, 600), 718);
	assert_int_equal(kit_add(kit, LAN2, KIT_TAKEN, LAN2, 6000, 600), v2 ? 729 : 718);
	/* another outside port for the same inside endpoint, of which the store has one */
	assert_int_equal(kit_add(kit, LAN1, 6001, LAN1, 6000, 600), 718);
	assert_int_equal(lease_at(kit, 6000).in_addr, kit_addr(LAN1));
	assert_int_equal(sl_lease_count(kit->leases, 0), 1);
}

static void
what_pcp_made_is_left_to_pcp(void **state)
{
	struct kit *kit = *state;
	bool v2 = kit->igd.version == 2;
	struct sl_lease_request r = {
		.lease = { .origin = SL_LEASE_PCP,
			.proto = IPPROTO_TCP,
			.enabled = true,
			.in_addr = kit_addr(LAN1),
			.in_port = RTE_BE16(6000),
			.out_port = RTE_BE16(6000),
			.nonce = "abc" },
		.client = kit_addr(LAN1),
		.exact = true,
		.seconds = 600,
	};
	struct sl_lease lease;

	assert_int_equal(sl_lease_open(kit->leases, &r, kit->now, &lease), 0);
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), v2 ? 729 : 718);
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 7000, 600), v2 ? 729 : 718);
	assert_int_equal(generic(kit, LAN1, 0), 200);
	assert_int_equal(delete_it(kit, LAN1, "", 6000), 606);
	assert_memory_equal(lease_at(kit, 6000).nonce, "abc", 4);
}

static void
refresh_of_ones_own_is_always_allowed(void **state)
{
	struct kit *kit = *state;

	kit->policy.max_host = 1;
	kit_configure(kit);
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), 200);
	kit->now += 300000;
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), 200);
	specific(kit, LAN1, "", 6000);
	assert_string_equal(kit_value(kit, "NewLeaseDuration"), "600");
	/* one more is one too many */
	assert_int_equal(
		kit_add(kit, LAN1, 6001, LAN1, 6001, 600), kit->igd.version == 2 ? 728 : 501);
	assert_int_equal(sl_lease_count(kit->leases, 0), 1);
}

static void
ones_own_entry_moves_to_another_inside_port(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), 200);
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6500, 600), 200);
	assert_int_equal(lease_at(kit, 6000).in_port, RTE_BE16(6500));
	assert_int_equal(sl_lease_count(kit->leases, 0), 1);
	/* what cannot be had leaves what was there: 6001 has an outside port already */
	assert_int_equal(kit_add(kit, LAN1, 6001, LAN1, 6001, 600), 200);
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6001, 600), 718);
	assert_int_equal(lease_at(kit, 6000).in_port, RTE_BE16(6500));
	assert_int_equal(lease_at(kit, 6001).in_port, RTE_BE16(6001));
}

static void
remote_host_is_part_of_the_name(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(add_with(kit, "AddPortMapping", "NewRemoteHost", "198.51.100.7"), 200);
	assert_int_equal(lease_at(kit, 6000).rem_addr, kit_addr("198.51.100.7"));
	assert_int_equal(generic(kit, LAN1, 0), 200);
	assert_string_equal(kit_value(kit, "NewRemoteHost"), "198.51.100.7");
	assert_int_equal(specific(kit, LAN1, "", 6000), 714);
	assert_int_equal(specific(kit, LAN1, "198.51.100.7", 6000), 200);
	assert_int_equal(specific(kit, LAN1, "nobody", 6000), 402);
	assert_int_equal(add_with(kit, "AddPortMapping", "NewRemoteHost", "198.51.100.8"), 718);
	assert_int_equal(delete_it(kit, LAN1, "198.51.100.8", 6000), 714);
	assert_int_equal(delete_it(kit, LAN1, "198.51.100.7", 6000), 200);
}

static void
entry_that_is_not_enabled_stays_in_the_list(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(add_with(kit, "AddPortMapping", "NewEnabled", "0"), 200);
	assert_false(lease_at(kit, 6000).enabled);
	assert_int_equal(specific(kit, LAN1, "", 6000), 200);
	assert_string_equal(kit_value(kit, "NewEnabled"), "0");
}

static void
descriptions_are_escaped_and_cut_between_characters(void **state)
{
	struct kit *kit = *state;
	char text[256];

	assert_int_equal(add_with(kit, "AddPortMapping", "NewPortMappingDescription",
				 "&lt;b&gt; &amp; \"q\" &#x27; &#9;x"),
		200);
	assert_string_equal(lease_at(kit, 6000).description, "<b> & \"q\" '  x");
	specific(kit, LAN1, "", 6000);
	assert_string_equal(kit_value(kit, "NewPortMappingDescription"),
		"&lt;b&gt; &amp; &quot;q&quot; &apos;  x");
	memset(text, 'a', sizeof(text));
	memcpy(text + 62, "\xc3\xa4\xc3\xa4", 4);
	text[100] = '\0';
	assert_int_equal(add_with(kit, "AddPortMapping", "NewPortMappingDescription", text), 200);
	assert_int_equal(strlen(lease_at(kit, 6000).description), 62);
}

static void
lease_of_0_is_as_long_as_the_policy(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 0), 200);
	specific(kit, LAN1, "", 6000);
	assert_string_equal(kit_value(kit, "NewLeaseDuration"), "604800");
	kit->policy.seconds = 120;
	kit_configure(kit);
	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 0), 200);
	specific(kit, LAN1, "", 6000);
	assert_string_equal(kit_value(kit, "NewLeaseDuration"), "120");
	assert_int_equal(
		kit_add(kit, LAN1, 6000, LAN1, 6000, 604801), kit->igd.version == 2 ? 402 : 200);
}

static void
lease_is_over_to_the_second(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 60), 200);
	kit->now += 59999;
	sl_leases_poll(kit->leases, kit->now);
	assert_int_equal(specific(kit, LAN1, "", 6000), 200);
	assert_string_equal(kit_value(kit, "NewLeaseDuration"), "1");
	sl_leases_poll(kit->leases, ++kit->now);
	assert_int_equal(specific(kit, LAN1, "", 6000), 714);
}

/* ---- looking ---- */

static void
lists_are_ones_own_in_stable_order(void **state)
{
	struct kit *kit = *state;
	char port[8];

	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(kit_add(kit, LAN1, 6000 + i, LAN1, 6000 + i, 600), 200);
		assert_int_equal(kit_add(kit, LAN2, 7000 + i, LAN2, 6000 + i, 600), 200);
	}
	kit_add(kit, LAN1, 6002, LAN1, 6002, 600); /* renewed: same place */
	for (unsigned int i = 0; i < 5; i++) {
		snprintf(port, sizeof(port), "%u", 6000 + i);
		assert_int_equal(generic(kit, LAN1, i), 200);
		assert_string_equal(kit_value(kit, "NewExternalPort"), port);
	}
	assert_int_equal(generic(kit, LAN1, 5), 713);
	assert_int_equal(generic(kit, "10.0.0.9", 0), 713);
	assert_int_equal(delete_it(kit, LAN1, "", 6001), 200);
	assert_int_equal(generic(kit, LAN1, 1), 200);
	assert_string_equal(kit_value(kit, "NewExternalPort"), "6002");
	assert_int_equal(generic(kit, LAN1, 4), 713);
	assert_int_equal(generic(kit, LAN1, 65535), 713);
}

static void
entries_of_others_are_606(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), 200);
	assert_int_equal(specific(kit, LAN2, "", 6000), 606);
	assert_int_equal(delete_it(kit, LAN2, "", 6000), 606);
	assert_int_equal(sl_lease_count(kit->leases, 0), 1);
}

static void
other_tenants_ports_are_not_there(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(kit_add(kit, LAN1, 6000, LAN1, 6000, 600), 200);
	kit->igd.tenant = 1;
	assert_int_equal(generic(kit, LAN1, 0), 713);
	assert_int_equal(specific(kit, LAN1, "", 6000), 714);
	assert_int_equal(delete_it(kit, LAN1, "", 6000), 714);
}

/* ---- the rest ---- */

static void
actions_of_version_2_are_not_in_version_1(void **state)
{
	assert_int_equal(add_with(*state, "AddAnyPortMapping", "NewLeaseDuration", "60"), 401);
	assert_int_equal(kit_call(*state, LAN1, KIT_IPC, "GetListOfPortMappings", NULL), 401);
	assert_int_equal(kit_call(*state, LAN1, KIT_IPC, "NoSuchAction", NULL), 401);
	assert_int_equal(kit_call(*state, LAN1, KIT_CIF, "GetExternalIPAddress", NULL), 401);
}

static void
default_connection_cannot_be_another(void **state)
{
	struct kit *kit = *state;
	char args[256];

	assert_int_equal(kit_call(kit, LAN1, KIT_L3F, "SetDefaultConnectionService",
				 "NewDefaultConnectionService="),
		720);
	snprintf(
		args, sizeof(args), "NewDefaultConnectionService=uuid:%s:x,urn:y", kit->igd.udn[2]);
	assert_int_equal(kit_call(kit, LAN1, KIT_L3F, "SetDefaultConnectionService", args), 721);
	snprintf(args, sizeof(args),
		"NewDefaultConnectionService=uuid:%s:x,urn:upnp-org:serviceId:WANIPConn1",
		kit->igd.udn[2]);
	assert_int_equal(kit_call(kit, LAN1, KIT_L3F, "SetDefaultConnectionService", args), 723);
}

static void
any_port_is_found_when_the_wish_is_taken(void **state)
{
	struct kit *kit = *state;

	assert_int_equal(kit_add(kit, LAN2, 6000, LAN2, 6000, 600), 200);
	assert_int_equal(add_with(kit, "AddAnyPortMapping", "NewLeaseDuration", "600"), 200);
	assert_string_equal(kit_value(kit, "NewReservedPort"), "20001");
	assert_int_equal(lease_at(kit, 20001).in_addr, kit_addr(LAN1));
	/* asked once more, the same one again */
	assert_int_equal(add_with(kit, "AddAnyPortMapping", "NewLeaseDuration", "700"), 200);
	assert_string_equal(kit_value(kit, "NewReservedPort"), "20001");
	assert_int_equal(add_with(kit, "AddAnyPortMapping", "NewExternalPort", "0"), 716);
	assert_int_equal(add_with(kit, "AddAnyPortMapping", "NewInternalPort", "0"), 732);
	assert_int_equal(add_with(kit, "AddAnyPortMapping", "NewInternalPort", "1023"), 606);
	assert_int_equal(add_with(kit, "AddAnyPortMapping", "NewInternalClient", LAN2), 606);
}

static unsigned int
range(struct kit *kit, const char *client, const char *action, const char *ports, const char *more)
{
	char args[256];

	snprintf(args, sizeof(args), "%s\nNewProtocol=TCP\nNewManage=0\n%s", ports, more);
	return kit_call(kit, client, KIT_IPC, action, args);
}

static void
list_holds_what_is_in_the_range(void **state)
{
	static const char *const list = "GetListOfPortMappings";
	struct kit *kit = *state;

	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(kit_add(kit, LAN1, 6000 + i, LAN1, 6000 + i, 600), 200);
	assert_int_equal(kit_add(kit, LAN2, 6010, LAN2, 6000, 600), 200);
	assert_int_equal(
		range(kit, LAN1, list, "NewStartPort=6001\nNewEndPort=6010", "NewNumberOfPorts=0"),
		200);
	assert_null(strstr(kit->answer.p, "&lt;p:NewExternalPort&gt;6000&lt;"));
	assert_non_null(strstr(kit->answer.p, "&lt;p:NewExternalPort&gt;6001&lt;"));
	assert_non_null(strstr(kit->answer.p, "&lt;p:NewExternalPort&gt;6003&lt;"));
	assert_null(strstr(kit->answer.p, "&lt;p:NewExternalPort&gt;6010&lt;"));
	assert_int_equal(
		range(kit, LAN1, list, "NewStartPort=6000\nNewEndPort=6010", "NewNumberOfPorts=1"),
		200);
	assert_null(strstr(kit->answer.p, "&lt;p:NewExternalPort&gt;6001&lt;"));
	assert_int_equal(
		range(kit, LAN1, list, "NewStartPort=6004\nNewEndPort=6010", "NewNumberOfPorts=0"),
		730);
	assert_int_equal(
		range(kit, LAN1, list, "NewStartPort=7\nNewEndPort=6", "NewNumberOfPorts=0"), 733);
	assert_int_equal(
		range(kit, LAN1, list, "NewStartPort=0\nNewEndPort=0", "NewNumberOfPorts=0"), 730);
}

static void
range_is_deleted_but_for_what_is_others(void **state)
{
	static const char *const del = "DeletePortMappingRange";
	struct kit *kit = *state;

	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(kit_add(kit, LAN1, 6000 + i, LAN1, 6000 + i, 600), 200);
	assert_int_equal(kit_add(kit, LAN2, 6010, LAN2, 6000, 600), 200);
	assert_int_equal(range(kit, LAN1, del, "NewStartPort=6001\nNewEndPort=6010", ""), 200);
	assert_int_equal(sl_lease_count(kit->leases, 0), 2);
	assert_int_equal(range(kit, LAN1, del, "NewStartPort=6001\nNewEndPort=6010", ""), 730);
	assert_int_equal(range(kit, LAN1, del, "NewStartPort=9\nNewEndPort=6", ""), 733);
}

#define both(test)                                                                                 \
	cmocka_unit_test_setup_teardown(test, version_1, tear_down),                               \
		cmocka_unit_test_setup_teardown(test, version_2, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		both(mapping_is_made_looked_at_and_deleted),
		both(bad_arguments_are_402),
		both(arguments_are_taken_as_clients_send_them),
		both(wildcard_ports_are_refused),
		both(another_hosts_address_is_606),
		both(low_ports_are_606_unless_allowed),
		both(ports_out_of_the_policys_range_are_606),
		both(denied_host_is_606),
		both(third_party_hosts_act_for_others),
		both(port_of_somebody_else_is_a_conflict),
		both(what_pcp_made_is_left_to_pcp),
		both(refresh_of_ones_own_is_always_allowed),
		both(ones_own_entry_moves_to_another_inside_port),
		both(remote_host_is_part_of_the_name),
		both(entry_that_is_not_enabled_stays_in_the_list),
		both(descriptions_are_escaped_and_cut_between_characters),
		both(lease_of_0_is_as_long_as_the_policy),
		both(lease_is_over_to_the_second),
		both(lists_are_ones_own_in_stable_order),
		both(entries_of_others_are_606),
		both(other_tenants_ports_are_not_there),
		both(default_connection_cannot_be_another),
		cmocka_unit_test_setup_teardown(
			actions_of_version_2_are_not_in_version_1, version_1, tear_down),
		cmocka_unit_test_setup_teardown(
			any_port_is_found_when_the_wish_is_taken, version_2, tear_down),
		cmocka_unit_test_setup_teardown(
			list_holds_what_is_in_the_range, version_2, tear_down),
		cmocka_unit_test_setup_teardown(
			range_is_deleted_but_for_what_is_others, version_2, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
