/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_SOAP_H
#define SL_UPNP_SOAP_H

#include "upnp_table.h"

#define SL_SOAP_BODY_MAX 16384 /**< bytes of a request's body */

/** A request to a service's control URL. */
struct sl_soap_request {
	const struct sl_upnp_service *service;
	const char *header; /**< SOAPACTION, or NULL */
	const char *body;
	size_t n; /**< bytes of the body */
	rte_be32_t client;
	uint64_t now;
};

/**
 * Do what a request asks for and write the answer, an envelope.
 * @return the HTTP status: 200, 500 with a fault in the answer, or another one without answer
 */
unsigned int sl_soap_answer(
	struct sl_igd *igd, const struct sl_soap_request *request, struct sl_text *answer);

#endif /* SL_UPNP_SOAP_H */
