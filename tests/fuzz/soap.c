/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of SOAP requests, down to the store. The input: a byte (bit 0: version 2; bits 1 and 2:
 * the service), the SOAPACTION header up to a line feed, the body. What is answered has to be
 * XML whatever was asked.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "../upnpkit.h"
#include "fuzz.h"

static void
check_answer(const struct kit *kit)
{
	XML_Parser parser = XML_ParserCreate(NULL);
	enum XML_Status status = XML_Parse(parser, kit->answer.p, (int)kit->answer.n, 1);

	XML_ParserFree(parser);
	assert(status == XML_STATUS_OK);
	(void)status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kit *kits[2];
	const uint8_t *end = size > 0 ? memchr(data + 1, '\n', size - 1) : NULL;
	unsigned int service, status;
	char *header, *body;
	struct kit *kit;
	size_t n;

	if (end == NULL)
		return 0;
	service = (data[0] >> 1 & 3) % SL_UPNP_SERVICES;
	if (kits[data[0] & 1] == NULL)
		kits[data[0] & 1] = kit_create((data[0] & 1) + 1U);
	kit = kits[data[0] & 1];
	kit->now += 1000;
	sl_leases_poll(kit->leases, kit->now);
	header = strndup((const char *)data + 1, (size_t)(end - data - 1));
	n = (size_t)(data + size - end - 1);
	body = malloc(n > 0 ? n : 1);
	assert(header != NULL && body != NULL);
	memcpy(body, end + 1, n);
	status = kit_post(kit, "10.0.0.2", service, header, body, n);
	assert(status == 0 || (status >= 200 && status < 800)); /* 0: MustUnderstand has none */
	if (kit->answer.n > 0)
		check_answer(kit);
	free(header);
	free(body);
	return 0;
}
