/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SOAP requests that are none: bombs, depth, size, garbage; and those that are a little odd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_common.h>

#include "upnpkit.h"

#define LAN1 "10.0.0.2"
#define HEADER "\"urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInfo\""
#define OPEN "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>"
#define CALL "<u:GetStatusInfo xmlns:u=\"urn:schemas-upnp-org:service:WANIPConnection:1\"/>"
#define CLOSE "</s:Body></s:Envelope>"

static int
set_up(void **state)
{
	*state = kit_create(1);
	return 0;
}

static int
tear_down(void **state)
{
	kit_destroy(*state);
	return 0;
}

static unsigned int
post(struct kit *kit, const char *header, const char *body)
{
	return kit_post(kit, LAN1, KIT_IPC, header, body, strlen(body));
}

static void
header_says_what_is_meant(void **state)
{
	static const char *const good[] = { HEADER,
		"urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInfo",
		"  \"urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInfo\" " };
	static const char *const bad[] = { "", "\"", "\"\"", "#GetStatusInfo", "GetStatusInfo",
		"\"urn:schemas-upnp-org:service:WANIPConnection:2#GetStatusInfo\"",
		"\"urn:schemas-upnp-org:service:WANIPConnection:0#GetStatusInfo\"",
		"\"urn:schemas-upnp-org:service:WANIPConnection:#GetStatusInfo\"",
		"\"urn:schemas-upnp-org:service:WANPPPConnection:1#GetStatusInfo\"",
		"\"urn:schemas-upnp-org:service:WANIPConnection:1#\"",
		"\"urn:schemas-upnp-org:service:WANIPConnection:1\"",
		"\"urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInf\"",
		"\"urn:schemas-upnp-org:service:WANIPConnection:1#GetStatusInfoo\"" };

	for (unsigned int i = 0; i < RTE_DIM(good); i++)
		assert_int_equal(post(*state, good[i], OPEN CALL CLOSE), 200);
	for (unsigned int i = 0; i < RTE_DIM(bad); i++)
		assert_int_equal(post(*state, bad[i], OPEN CALL CLOSE), 401);
	assert_int_equal(post(*state, NULL, OPEN CALL CLOSE), 400);
}

static void
long_action_names_are_401(void **state)
{
	char header[8192] = "\"urn:schemas-upnp-org:service:WANIPConnection:1#";

	memset(header + strlen(header), 'G', sizeof(header) - strlen(header) - 1);
	header[sizeof(header) - 1] = '\0';
	assert_int_equal(post(*state, header, OPEN CALL CLOSE), 401);
}

static void
version_2_answers_in_the_version_that_was_asked(void **state)
{
	struct kit *kit = kit_create(2);

	(void)state;
	assert_int_equal(post(kit, HEADER, OPEN CALL CLOSE), 200);
	assert_non_null(strstr(kit->answer.p, "service:WANIPConnection:1\""));
	kit_destroy(kit);
}

static void
body_has_to_agree(void **state)
{
	assert_int_equal(
		post(*state, HEADER, OPEN "<u:GetNATRSIPStatus xmlns:u=\"x\"/>" CLOSE), 401);
	assert_int_equal(post(*state, HEADER, OPEN CALL CALL CLOSE), 400);
	assert_int_equal(post(*state, HEADER, OPEN CLOSE), 400);
	assert_int_equal(post(*state, HEADER, "<Envelope/>"), 400);
	assert_int_equal(post(*state, HEADER, "<html><body/></html>"), 400);
	assert_int_equal(post(*state, HEADER, ""), 400);
}

static void
odd_requests_of_real_clients_are_read(void **state)
{
	static const char zero[] = "<?xml version=\"1.0\"?>" OPEN CALL CLOSE "\r\n\0";

	/* other prefixes, none, a header, comments, a final zero that was counted */
	assert_int_equal(post(*state, HEADER,
				 "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"x\"><SOAP-ENV:Header>"
				 "<a b=\"1\"/></SOAP-ENV:Header><SOAP-ENV:Body><m:GetStatusInfo "
				 "xmlns:m=\"y\"/></SOAP-ENV:Body></SOAP-ENV:Envelope>"),
		200);
	assert_int_equal(
		post(*state, HEADER, "<Envelope><Body><GetStatusInfo/></Body></Envelope>"), 200);
	assert_int_equal(post(*state, HEADER, "<!-- a -->" OPEN "<!-- b -->" CALL CLOSE), 200);
	assert_int_equal(kit_post(*state, LAN1, KIT_IPC, HEADER, zero, sizeof(zero)), 200);
}

static void
headers_that_must_be_understood_are_not(void **state)
{
	struct kit *kit = *state;

	post(kit, HEADER,
		"<s:Envelope xmlns:s=\"x\"><s:Header><a s:mustUnderstand=\"1\"/></s:Header>"
		"<s:Body>" CALL CLOSE);
	assert_non_null(strstr(kit->answer.p, "s:MustUnderstand"));
}

static void
arguments_nobody_knows_are_402(void **state)
{
	const char *header =
		"\"urn:schemas-upnp-org:service:WANIPConnection:1#GetGenericPortMappingEntry\"";
	static const char *const args[] = { "",
		"<NewPortMappingIndex>0</NewPortMappingIndex><X>1</X>",
		"<NewPortMappingIndex>0</NewPortMappingIndex>"
		"<NewPortMappingIndex>1</NewPortMappingIndex>",
		"<NewPortMappingIndex><a>0</a></NewPortMappingIndex>",
		"<NewPortMappingIndex></NewPortMappingIndex>" };
	char body[1024];

	for (unsigned int i = 0; i < RTE_DIM(args); i++) {
		snprintf(body, sizeof(body),
			OPEN "<GetGenericPortMappingEntry>%s"
			     "</GetGenericPortMappingEntry>" CLOSE,
			args[i]);
		assert_int_equal(post(*state, header, body), 402);
	}
}

/* ---- hostile ---- */

static void
document_types_and_entities_are_refused(void **state)
{
	static const char bomb[] =
		"<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a "
		"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\">"
		"<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">"
		"<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;\">"
		"]>" OPEN "<GetStatusInfo>&e;</GetStatusInfo>" CLOSE;

	assert_int_equal(post(*state, HEADER, bomb), 400);
	assert_int_equal(
		post(*state, HEADER, "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">" OPEN CALL CLOSE),
		400);
	assert_int_equal(post(*state, HEADER, "<!DOCTYPE x>" OPEN CALL CLOSE), 400);
	assert_int_equal(
		post(*state, HEADER, OPEN "<GetStatusInfo>&e;</GetStatusInfo>" CLOSE), 400);
}

static void
depth_and_size_are_limited(void **state)
{
	struct kit *kit = *state;
	char *body = malloc(SL_SOAP_BODY_MAX + 1);
	size_t n = 0;

	while (n + 3 < SL_SOAP_BODY_MAX) {
		memcpy(body + n, "<a>", 3);
		n += 3;
	}
	assert_int_equal(kit_post(kit, LAN1, KIT_IPC, HEADER, body, n), 400);
	n = (size_t)snprintf(body, SL_SOAP_BODY_MAX, "%s", OPEN "<GetStatusInfo>");
	while (n + 3 < SL_SOAP_BODY_MAX) {
		memcpy(body + n, "<a>", 3);
		n += 3;
	}
	assert_int_equal(kit_post(kit, LAN1, KIT_IPC, HEADER, body, n), 400);
	memset(body, ' ', SL_SOAP_BODY_MAX + 1);
	assert_int_equal(kit_post(kit, LAN1, KIT_IPC, HEADER, body, SL_SOAP_BODY_MAX + 1), 413);
	free(body);
}

static void
long_values_are_402(void **state)
{
	const char *header =
		"\"urn:schemas-upnp-org:service:WANIPConnection:1#GetGenericPortMappingEntry\"";
	char body[4096], zeros[1030];

	memset(zeros, '0', sizeof(zeros));
	zeros[1025] = '\0';
	snprintf(body, sizeof(body),
		OPEN "<GetGenericPortMappingEntry><NewPortMappingIndex>%s"
		     "</NewPortMappingIndex></GetGenericPortMappingEntry>" CLOSE,
		zeros);
	assert_int_equal(post(*state, header, body), 402);
}

static void
garbage_is_400(void **state)
{
	struct kit *kit = *state;
	unsigned char body[512];
	unsigned int seed = 1;

	for (unsigned int i = 0; i < 2000; i++) {
		for (unsigned int b = 0; b < sizeof(body); b++)
			body[b] = (unsigned char)((seed = seed * 1103515245 + 12345) >> 16);
		assert_int_equal(
			kit_post(kit, LAN1, KIT_IPC, HEADER, (char *)body, sizeof(body)), 400);
	}
	assert_int_equal(kit->answer.n, 0);
}

/* What a client says must not leave with the answer as markup. */
static void
answers_are_text_that_xml_knows(void **state)
{
	struct sl_text t = { 0 };

	(void)state;
	sl_text_xml(&t, "a\x01<\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82\xac\xef\xbf\xbf");
	assert_string_equal(t.p, "a?&lt;??????????\xe2\x82\xac???");
	sl_text_fini(&t);
	while (!t.failed)
		sl_text_add(&t, "%01000d", 0);
	assert_true(t.n <= SL_TEXT_MAX);
	sl_text_fini(&t);
}

#define with_kit(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_kit(header_says_what_is_meant),
		with_kit(long_action_names_are_401),
		with_kit(version_2_answers_in_the_version_that_was_asked),
		with_kit(body_has_to_agree),
		with_kit(odd_requests_of_real_clients_are_read),
		with_kit(headers_that_must_be_understood_are_not),
		with_kit(arguments_nobody_knows_are_402),
		with_kit(document_types_and_entities_are_refused),
		with_kit(depth_and_size_are_limited),
		with_kit(long_values_are_402),
		with_kit(garbage_is_400),
		with_kit(answers_are_text_that_xml_knows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
