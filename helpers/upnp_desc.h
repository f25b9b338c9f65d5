/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_UPNP_DESC_H
#define SL_UPNP_DESC_H

#include "upnp_table.h"

#define SL_UPNP_ROOT "/rootDesc.xml" /**< path of the device description */

/** The URN of a device or, when service, a service type in the version given. */
void sl_upnp_urn(struct sl_text *t, bool service, const char *type, unsigned int version);

/** The device description. */
void sl_upnp_describe(struct sl_text *t, const struct sl_igd *igd);

/** A service's description (SCPD). */
void sl_upnp_describe_service(
	struct sl_text *t, const struct sl_igd *igd, const struct sl_upnp_service *service);

#endif /* SL_UPNP_DESC_H */
