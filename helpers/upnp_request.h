/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_REQUEST_H
#define SL_UPNP_REQUEST_H

#include <microhttpd.h>

#include "upnp_event.h"

#define SL_HTTP_HEADER_MAX 8192 /**< bytes of a request's header */

/** What requests are about. */
struct sl_request_env {
	const struct sl_upnp_params *params;
	struct sl_igd *igd;
	struct sl_events *events;
	void (*wake)(void *arg); /**< after what has to be polled */
	void *wake_arg;
};

/** MHD_AccessHandlerCallback; arg is a struct sl_request_env. */
enum MHD_Result sl_request_on(void *arg, struct MHD_Connection *c, const char *url,
	const char *method, const char *version, const char *data, size_t *n, void **state);

/** MHD_RequestCompletedCallback. */
void sl_request_done(
	void *arg, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why);

#endif /* SL_UPNP_REQUEST_H */
