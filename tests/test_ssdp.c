/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SSDP: what is answered and what is not, when, to whom, and how often the device tells of itself.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_byteorder.h>
#include <rte_common.h>

#include "ssdp.h"
#include "upnpkit.h"

#define LAN1 "10.0.0.2"
#define NOW 5000000

struct rig {
	struct kit *kit;
	struct sl_ssdp *ssdp;
	struct sl_ssdp_message m;
	rte_be32_t to; /* where searches are sent */
	uint64_t random;
};

static struct rig *
make_rig(unsigned int version)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	const struct sl_ifaddr addr[2] = { { kit_addr("10.0.0.1"), 24 },
		{ kit_addr("172.16.0.1"), 16 } };

	rig->kit = kit_create(version);
	rig->ssdp = sl_ssdp_create(&rig->kit->igd, addr, 2, 5000, 7, NOW);
	rig->to = RTE_BE32(SL_SSDP_GROUP);
	/* The announcements of the start are out of the way. */
	for (unsigned int i = 0; i < 3; i++)
		while (sl_ssdp_next(rig->ssdp, NOW + i * 1000, &rig->m))
			;
	return rig;
}

static int
version_1(void **state)
{
	*state = make_rig(1);
	return 0;
}

static int
version_2(void **state)
{
	*state = make_rig(2);
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *rig = *state;

	sl_ssdp_destroy(rig->ssdp);
	kit_destroy(rig->kit);
	free(rig);
	return 0;
}

static void
hear(struct rig *rig, const char *from, const char *text, uint64_t now)
{
	struct sl_ssdp_heard heard = {
		.from = kit_addr(from),
		.to = rig->to,
		.port = RTE_BE16(40000),
		.data = text,
		.n = strlen(text),
		.random = rig->random,
	};

	sl_ssdp_hear(rig->ssdp, &heard, now);
}

static void
search(struct rig *rig, const char *from, const char *st, uint64_t now)
{
	char text[512];

	snprintf(text, sizeof(text),
		"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\n"
		"MX: 3\r\nST: %s\r\n\r\n",
		st);
	hear(rig, from, text, now);
}

/* How many answers there are by then; the last one is in rig->m. */
static unsigned int
answers(struct rig *rig, uint64_t now)
{
	unsigned int n = 0;

	while (sl_ssdp_next(rig->ssdp, now, &rig->m))
		n++;
	return n;
}

static bool
says(const struct rig *rig, const char *line)
{
	return strstr(rig->m.text, line) != NULL;
}

/* ---- answers ---- */

static void
search_for_all_has_ten_answers(void **state)
{
	struct rig *rig = *state;

	search(rig, LAN1, "ssdp:all", NOW);
	assert_int_equal(answers(rig, NOW), 10);
	assert_int_equal(strncmp(rig->m.text, "HTTP/1.1 200 OK\r\n", 17), 0);
	assert_int_equal(rig->m.to, kit_addr(LAN1));
	assert_int_equal(rig->m.from, kit_addr("10.0.0.1"));
	assert_int_equal(rig->m.port, RTE_BE16(40000));
	assert_true(says(rig, "\r\nLOCATION: http://10.0.0.1:5000/rootDesc.xml\r\n"));
	assert_true(says(rig, "\r\nCACHE-CONTROL: max-age=1800\r\n"));
	assert_true(says(rig, "\r\nEXT:\r\n"));
	assert_true(says(rig, "\r\nSERVER: "));
	assert_true(says(rig, "\r\nBOOTID.UPNP.ORG: 7\r\n"));
	assert_true(says(rig, "service:WANIPConnection:"));
	assert_string_equal(rig->m.text + rig->m.n - 4, "\r\n\r\n");
}

static void
every_target_has_its_answer(void **state)
{
	static const char *const good[] = { "upnp:rootdevice",
		"urn:schemas-upnp-org:device:InternetGatewayDevice:1",
		"urn:schemas-upnp-org:device:WANDevice:1",
		"urn:schemas-upnp-org:device:WANConnectionDevice:1",
		"urn:schemas-upnp-org:service:Layer3Forwarding:1",
		"urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1",
		"urn:schemas-upnp-org:service:WANIPConnection:1" };
	static const char *const bad[] = { "upnp:rootdevic", "upnp:rootdevice2",
		"ssdp:", "uuid:", "uuid:00000000-0000-0000-0000-000000000000",
		"urn:schemas-upnp-org:device:InternetGatewayDevice:",
		"urn:schemas-upnp-org:device:InternetGatewayDevice:0",
		"urn:schemas-upnp-org:device:InternetGatewayDevice:3",
		"urn:schemas-upnp-org:device:InternetGatewayDevice:1x",
		"urn:schemas-upnp-org:device:MediaServer:1",
		"urn:schemas-upnp-org:service:WANPPPConnection:1" };
	struct rig *rig = *state;
	uint64_t now = NOW;
	char line[128];

	for (unsigned int i = 0; i < RTE_DIM(good); i++) {
		search(rig, LAN1, good[i], now += 1000);
		assert_int_equal(answers(rig, now), 1);
		snprintf(line, sizeof(line), "\r\nST: %s\r\n", good[i]);
		assert_true(says(rig, line));
		snprintf(line, sizeof(line), "::%s\r\n", good[i]);
		assert_true(says(rig, line));
	}
	for (unsigned int i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "uuid:%s", rig->kit->igd.udn[i]);
		search(rig, LAN1, line, now += 1000);
		assert_int_equal(answers(rig, now), 1);
		assert_true(says(rig, line));
	}
	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		search(rig, LAN1, bad[i], now += 1000);
		assert_int_equal(answers(rig, now), 0);
	}
}

static void
only_version_2_answers_for_it(void **state)
{
	struct rig *rig = *state;
	bool v2 = rig->kit->igd.version == 2;

	search(rig, LAN1, "urn:schemas-upnp-org:device:InternetGatewayDevice:2", NOW);
	search(rig, LAN1, "urn:schemas-upnp-org:service:WANIPConnection:2", NOW);
	assert_int_equal(answers(rig, NOW), v2 ? 2 : 0);
}

static void
requests_that_are_no_search_stay_unanswered(void **state)
{
	static const char *const bad[] = { "", "\r\n", "M-SEARCH * HTTP/1.1",
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: ssdp:all\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nMX: 1\r\nST: ssdp:all\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:other\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: a\r\nST: ssdp:all\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: \r\nST: ssdp:all\r\n\r\n",
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: -1\r\nST: ssdp:all\r\n\r\n",
		"NOTIFY * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n",
		"HTTP/1.1 200 OK\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n",
		"M-SEARCH /x HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n" };
	struct rig *rig = *state;

	for (unsigned int i = 0; i < RTE_DIM(bad); i++) {
		hear(rig, LAN1, bad[i], NOW + i * 1000);
		assert_int_equal(answers(rig, NOW + i * 1000), 0);
	}
	/* lower case, blanks, line feeds alone: that is one */
	hear(rig, LAN1,
		"M-SEARCH * HTTP/1.1\nman:\"ssdp:discover\"\nmx:1 \nst:  upnp:rootdevice  \n\n",
		NOW);
	assert_int_equal(answers(rig, NOW), 1);
}

static void
unicast_search_needs_no_mx(void **state)
{
	struct rig *rig = *state;

	rig->to = kit_addr("10.0.0.1");
	rig->random = 4999;
	hear(rig, LAN1,
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: upnp:rootdevice\r\n\r\n",
		NOW);
	assert_int_equal(answers(rig, NOW), 1);
}

static void
delay_is_within_mx_and_five_seconds(void **state)
{
	struct rig *rig = *state;

	rig->random = 1700;
	search(rig, LAN1, "upnp:rootdevice", NOW);
	assert_int_equal(sl_ssdp_due(rig->ssdp), NOW + 1700);
	assert_int_equal(answers(rig, NOW + 1699), 0);
	assert_int_equal(answers(rig, NOW + 1700), 1);
	rig->random = UINT64_MAX;
	hear(rig, LAN1,
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 1200\r\nST: "
		"upnp:rootdevice\r\n\r\n",
		NOW);
	assert_int_equal(answers(rig, NOW + 5000), 1);
	hear(rig, LAN1,
		"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: "
		"upnp:rootdevice\r\n\r\n",
		NOW);
	assert_int_equal(answers(rig, NOW + 1000), 1);
}

static void
location_faces_the_searcher(void **state)
{
	struct rig *rig = *state;

	search(rig, "172.16.3.4", "upnp:rootdevice", NOW);
	assert_int_equal(answers(rig, NOW), 1);
	assert_true(says(rig, "LOCATION: http://172.16.0.1:5000/"));
	assert_int_equal(rig->m.from, kit_addr("172.16.0.1"));
}

/* Reflection: a source that cannot be on this link. */
static void
whoever_is_not_on_the_link_gets_nothing(void **state)
{
	static const char *const from[] = { "10.0.1.2", "198.51.100.7", "10.0.0.255", "10.0.0.0",
		"172.16.255.255", "255.255.255.255", "0.0.0.0", "239.255.255.250", "127.0.0.1" };
	struct rig *rig = *state;

	for (unsigned int i = 0; i < RTE_DIM(from); i++)
		search(rig, from[i], "ssdp:all", NOW + i);
	assert_int_equal(answers(rig, NOW + 5000), 0);
}

static void
searches_are_limited_by_source_and_in_all(void **state)
{
	struct rig *rig = *state;
	unsigned int n;
	char from[32];

	for (unsigned int i = 0; i < 1000; i++)
		search(rig, LAN1, "upnp:rootdevice", NOW);
	assert_int_equal(answers(rig, NOW), 20);
	search(rig, LAN1, "upnp:rootdevice", NOW + 1000);
	search(rig, "10.0.0.77", "upnp:rootdevice", NOW + 1000);
	assert_int_equal(answers(rig, NOW + 1000), 2);
	for (unsigned int i = 0; i < 5000; i++) {
		snprintf(from, sizeof(from), "172.16.%u.%u", i / 200, 1 + i % 200);
		search(rig, from, "upnp:rootdevice", NOW + 60000);
	}
	n = answers(rig, NOW + 60000);
	assert_true(n >= 90 && n <= 100);
}

static void
flood_does_not_overflow_what_waits(void **state)
{
	struct rig *rig = *state;
	unsigned int n = 0;
	char from[32];

	rig->random = 2500;
	for (unsigned int i = 0; i < 20000; i++) {
		snprintf(from, sizeof(from), "172.16.%u.%u", i / 200, 1 + i % 200);
		search(rig, from, "upnp:rootdevice", NOW + i);
		n += answers(rig, NOW + i);
	}
	n += answers(rig, NOW + 30000);
	assert_true(n > 100 && n <= 100 + 20 * 50);
}

/* ---- announcements ---- */

static void
device_is_announced_at_start_and_in_time(void **state)
{
	const struct sl_ifaddr addr = { kit_addr("10.0.0.1"), 24 };
	struct kit *kit = kit_create(1);
	struct sl_ssdp *ssdp = sl_ssdp_create(&kit->igd, &addr, 1, 5000, 7, NOW);
	unsigned int n = 0, rounds = 0;
	struct sl_ssdp_message m;
	uint64_t now, last = 0;

	(void)state;
	for (now = NOW; now < NOW + 1800 * 1000; now = sl_ssdp_due(ssdp)) {
		if (now - last > 300)
			assert_true(last == 0 || now - last <= 900 * 1000);
		for (n = 0; sl_ssdp_next(ssdp, now, &m); n++) {
			assert_int_equal(strncmp(m.text, "NOTIFY * HTTP/1.1\r\n", 19), 0);
			assert_non_null(strstr(m.text, "\r\nNTS: ssdp:alive\r\n"));
			assert_non_null(strstr(m.text, "\r\nHOST: 239.255.255.250:1900\r\n"));
			assert_non_null(strstr(m.text, "\r\nLOCATION: http://10.0.0.1:5000/"));
			assert_int_equal(m.to, RTE_BE32(SL_SSDP_GROUP));
			assert_int_equal(m.port, RTE_BE16(1900));
			assert_int_equal(m.from, addr.addr);
		}
		assert_int_equal(n, 10);
		rounds++;
		last = now;
		assert_true(sl_ssdp_due(ssdp) > now);
	}
	assert_int_equal(rounds, 3 + 2);
	for (n = 0; sl_ssdp_byebye(ssdp, n, &m); n++) {
		assert_non_null(strstr(m.text, "\r\nNTS: ssdp:byebye\r\n"));
		assert_null(strstr(m.text, "LOCATION"));
	}
	assert_int_equal(n, 10);
	sl_ssdp_destroy(ssdp);
	kit_destroy(kit);
}

#define both(test)                                                                                 \
	cmocka_unit_test_setup_teardown(test, version_1, tear_down),                               \
		cmocka_unit_test_setup_teardown(test, version_2, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		both(search_for_all_has_ten_answers),
		both(every_target_has_its_answer),
		both(only_version_2_answers_for_it),
		both(requests_that_are_no_search_stay_unanswered),
		both(unicast_search_needs_no_mx),
		both(delay_is_within_mx_and_five_seconds),
		both(location_faces_the_searcher),
		both(whoever_is_not_on_the_link_gets_nothing),
		both(searches_are_limited_by_source_and_in_all),
		both(flood_does_not_overflow_what_waits),
		cmocka_unit_test(device_is_announced_at_start_and_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
